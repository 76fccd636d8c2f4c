"""How do tracking calls become facts? Whose they are, which events they tell, what stays a view or a stranger's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.intake.capture import Door
from leadloom.domain.intake.meanings import Meanings
from leadloom.domain.intake.tracked import Drop, Dropped, Reason, Tracked, data_of, drop
from leadloom.domain.intake.traits import told_by
from leadloom.domain.intake.whose import Known, Person, Sorted, asked_about, sort_out
from leadloom.domain.lead import EventDraft, LeadDraft, Verdict
from leadloom.domain.model import LeadId
from leadloom.store import events, leads, visitors
from leadloom.store.events import Happening
from leadloom.store.published import Book
from leadloom.store.tx import Tx
from leadloom.store.visitors import KeptEvent, Settled

ACTOR = "lead"
DOOR = "tracking"


async def take(tx: Tx, calls: Sequence[Tracked], *, book: Book, meanings: Meanings, at: datetime) -> list[Drop]:
    """Take a page of calls, in their order; answers those that can't be taken.

    Safe to repeat: a call has its key, an event of a lead and a visitor's has it too. Holds the leads it names until
    the transaction ends. Raises BadInput never for what one call says: that one is dropped.
    """
    drops: list[Drop] = []
    for public in (False, True):
        some = [call for call in calls if call.sender.public is public]
        if some:
            page = _Page(tx, book, meanings, at)
            await page.take(some, public=public)
            drops += page.dropped
    return drops


class _Page:
    """Calls of keys that are all public, or all not."""

    def __init__(self, tx: Tx, book: Book, meanings: Meanings, at: datetime) -> None:
        self._tx, self._book, self._meanings, self._at = tx, book, meanings, at
        self.dropped: list[Drop] = []
        self._kept: list[KeptEvent] = []

    async def take(self, calls: Sequence[Tracked], *, public: bool) -> None:
        known = await visitors.known(self._tx, *asked_about(calls))
        out = sort_out(calls, known, public=public)
        self.dropped += [drop(call, why) for call, why in out.dropped]
        history = await visitors.take_history(self._tx, _with_history(out, known))
        homes = await self._record(out.people, history, keep_existing=public)
        for person, lead_id in zip(out.people, homes, strict=True):
            self._views(person, lead_id)
        await self._strangers(out)
        await visitors.keep(self._tx, self._kept, heard_at=self._at)
        await visitors.settle(self._tx, list(_settled(out, known, homes)), at=self._at)

    async def _record(
        self, people: Sequence[Person], history: dict[str, list[EventDraft]], *, keep_existing: bool
    ) -> list[LeadId]:
        """Find or make whom something was told about, and write what happened to all; whose lead each is."""
        drafts: list[tuple[int, LeadDraft]] = []
        happenings: list[Happening] = []
        homes = [person.lead_id for person in people]
        for place, person in enumerate(people):
            before = [draft for name in person.visitors for draft in history.get(name, ())]
            happened = tuple(sorted([*before, *self._events(person.calls)], key=lambda draft: draft.at))
            if person.lead_id is None or person.is_told:
                drafts.append((place, _draft(person, happened, self._book.definition, self._at)))
            elif happened:
                happenings.append(Happening(person.lead_id, happened))
        if drafts:
            told = [draft for _, draft in drafts]
            captured = await leads.capture_all(
                self._tx, told, book=self._book, at=self._at, actor=ACTOR, keep_existing=keep_existing
            )
            for (place, _), one in zip(drafts, captured, strict=True):
                homes[place] = one.lead_id
        if happenings:
            await events.record_all(self._tx, happenings, book=self._book, at=self._at)
        return [_sure(lead_id) for lead_id in homes]

    def _events(self, calls: Iterable[Tracked]) -> Iterable[EventDraft]:
        """The calls that are events; those that can't be are dropped."""
        for call in calls:
            kind = self._kind(call)
            if kind is not None:
                verdict = Verdict.MACHINE if call.sender.machine else Verdict.HUMAN
                data = {**data_of(call), "verdict_why": call.sender.machine} if call.sender.machine else data_of(call)
                # Unvalidated: each word was read from the call.
                yield EventDraft.built(
                    kind=kind, at=call.at, key=call.key, channel=call.sender.source, verdict=verdict, data=data
                )

    def _kind(self, call: Tracked) -> str | None:
        try:
            return call.kind(self._meanings)
        except Dropped as why:
            self.dropped.append(drop(call, why))
            return None

    def _views(self, person: Person, lead_id: LeadId) -> None:
        for call in person.calls:
            if call.type in ("page", "screen") and not call.sender.machine and self._is_view(call):
                self._keep(call, None, lead_id=lead_id, visitor=_browser(call))

    def _is_view(self, call: Tracked) -> bool:
        try:
            return call.kind(self._meanings) is None
        except Dropped:
            return False

    async def _strangers(self, out: Sorted) -> None:
        busy = await visitors.too_busy(self._tx, [name for name, one in out.strangers.items() if one.calls])
        for name, stranger in out.strangers.items():
            for call in stranger.calls:
                if name in busy:
                    why = f"So much is kept of one visitor, and no more: {visitors.MOST_OF_ONE} events."
                    self.dropped.append(drop(call, Dropped(Reason.TOO_MANY, why)))
                elif call.type in ("track", "page", "screen") and not call.sender.machine:
                    try:
                        self._keep(call, call.kind(self._meanings), lead_id=None, visitor=name)
                    except Dropped as dropped_why:
                        self.dropped.append(drop(call, dropped_why))

    def _keep(self, call: Tracked, kind: str | None, *, lead_id: LeadId | None, visitor: str | None) -> None:
        self._kept.append(KeptEvent(call.key, visitor, lead_id, kind, call.at, call.sender.source, data_of(call)))


def _with_history(out: Sorted, known: Known) -> list[str]:
    """Visitors that become somebody's now, and of whom there are rows."""
    names = (name for person in out.people for name in person.visitors)
    return [name for name in names if (row := known.visitors.get(name)) is not None and row.lead_id is None]


def _settled(out: Sorted, known: Known, homes: Sequence[LeadId]) -> Iterable[Settled]:
    """What changes about visitors, each once."""
    rows: defaultdict[str, Settled] = defaultdict(lambda: Settled(""))
    for name in out.shared:
        rows[name] = Settled(name, shared=True)
    for person, lead_id in zip(out.people, homes, strict=True):
        for name in person.visitors:
            row = known.visitors.get(name)
            is_news = row is None if name.startswith("a:") else row is not None
            if is_news or (row is not None and row.lead_id is None):
                rows[name] = Settled(name, lead_id, shared=name in out.shared)
    for name, stranger in out.strangers.items():
        row = known.visitors.get(name)
        same_as = stranger.same_as if row is None or row.same_as != stranger.same_as else None
        if row is None or same_as or stranger.traits:
            rows[name] = Settled(name, None, same_as, told=stranger.traits, shared=name in out.shared)
    return rows.values()


def _draft(person: Person, happened: tuple[EventDraft, ...], definition: Definition, at: datetime) -> LeadDraft:
    email, external_id = person.email, person.external_id
    if person.known_by is not None:
        # One key that is theirs for sure, besides what was told.
        if person.known_by.kind == "email":
            email = email or person.known_by.value
        else:
            external_id = external_id or person.known_by.value
    source = next((call.sender.source for call in person.calls if call.sender.source), None)
    door = Door(name=DOOR, at=at, source=source)
    draft = told_by(person.traits, email=email, external_id=external_id, definition=definition, door=door)
    return draft.but(events=happened)


def _browser(call: Tracked) -> str | None:
    return f"a:{call.anonymous_id}" if call.anonymous_id else None


def _sure(lead_id: LeadId | None) -> LeadId:
    assert lead_id is not None, "who isn't known was captured"
    return lead_id
