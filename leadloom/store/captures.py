"""How does a page of drafts become leads? Whom they mean, what is news, where they work; then what happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import NamedTuple, Self

from leadloom.domain.consent import confirmation
from leadloom.domain.consequences import Consequences
from leadloom.domain.definitions.regions import language_in
from leadloom.domain.intake.capture import changes_told
from leadloom.domain.intake.companies import Mention
from leadloom.domain.intake.identity import Recognised
from leadloom.domain.intake.news import OPTED_OUT, news
from leadloom.domain.lead import Basis, BasisDraft, EventDraft, Lead, LeadDraft
from leadloom.domain.model import Json, LeadId
from leadloom.domain.stages.scoring import country_of
from leadloom.domain.stages.stage_moves import IMPORTED
from leadloom.domain.standing import Standing
from leadloom.store import accounts, audit, events, identities, listeners, permissions, standing
from leadloom.store.accounts import Settled
from leadloom.store.events import Births, Happening, Recorded
from leadloom.store.permissions import Silence
from leadloom.store.published import Book
from leadloom.store.standing import Newborn
from leadloom.store.tx import Asked, Tx, row_of


class Captured(NamedTuple):
    """Who it was and what followed."""

    lead_id: LeadId
    is_new: bool
    changed: bool
    """The draft said something new: always for a new lead; for a known one a field, company, permission or event."""
    recorded: Recorded
    fields: tuple[str, ...] = ()
    """Of a known lead, which fields the draft changed."""
    also_known_as: tuple[LeadId, ...] = ()
    """Other leads that have one of the draft's keys. They stay apart, and a note asks a person to look: merging
    two people by guess can't be undone."""


@dataclass
class _Person:
    """One draft of the page, and whom it means."""

    draft: LeadDraft
    who: Recognised
    turn: int
    """How many drafts of the page told of the same lead before."""
    told: bool = False
    """A field, key, company or permission of a known lead changed."""
    fields: tuple[str, ...] = ()
    """Of a known lead, those that changed."""
    recorded: Recorded | None = field(default=None)


class Page:
    """Drafts taken together. Locks are taken in one order: keys, leads, companies; then what recording takes."""

    def __init__(
        self, tx: Tx, people: list[_Person], *, book: Book, at: datetime, keep_existing: bool, history: bool
    ) -> None:
        """Use `Page.recognised`."""
        self._tx, self._people, self._book, self._at = tx, people, book, at
        self._keep_existing, self._history = keep_existing, history
        self._leads: dict[LeadId, Lead] = {}
        """As they are after all drafts."""

    @classmethod
    async def recognised(
        cls, tx: Tx, drafts: Sequence[LeadDraft], *, book: Book, at: datetime, keep_existing: bool, history: bool
    ) -> Self:
        """Whom the drafts mean. Raises BadInput for an address that is none."""
        people: list[_Person] = []
        turns: defaultdict[LeadId, int] = defaultdict(int)
        for draft, who in zip(drafts, await identities.recognise_all(tx, drafts), strict=True):
            people.append(_Person(_with_email(draft, who), who, turns[who.lead_id]))
            turns[who.lead_id] += 1
        return cls(tx, people, book=book, at=at, keep_existing=keep_existing, history=history)

    async def capture(self, actor: str) -> list[Captured]:
        """Everything else, and what became of each draft."""
        known = {person.who.lead_id for person in self._people} - self._born()
        held = await standing.lock(self._tx, known) if known else {}
        before = {lead_id: lead for lead_id, (lead, _) in held.items()}
        mentions = self._merge(before)
        settled = await accounts.find_or_make_all(
            self._tx, mentions, self._book.definition, at=self._at, keep_existing=self._keep_existing
        )
        self._bring_home(settled)
        self._forget_detours(before)
        await self._tell([lead_id for lead_id in known if self._leads[lead_id] != before[lead_id]])
        for turn in range(max((person.turn for person in self._people), default=-1) + 1):
            await self._record([person for person in self._people if person.turn == turn], settled)
        await listeners.changed(
            self._tx, {person.who.lead_id for person in self._people if person.told and not person.who.is_new}
        )
        await self._note_doubles(actor)
        return [self._captured(person) for person in self._people]

    def _born(self) -> set[LeadId]:
        return {person.who.lead_id for person in self._people if person.who.is_new}

    def _merge(self, before: Mapping[LeadId, Lead]) -> list[Mention]:
        """What each draft changes about its lead, under their locks so that no word is lost; and of their company."""
        mentions: list[Mention] = []
        for person in self._people:
            lead_id, draft = person.who.lead_id, person.draft
            lead = self._leads.get(lead_id) or before.get(lead_id)
            told = changes_told(lead, draft, keep_existing=self._keep_existing)
            self._guess_language(lead, told)
            if lead is None:
                met_at = min(draft.created_at or self._at, self._at)
                # Unvalidated: every word of it stands in a draft that was.
                after = Lead.built(lead_id=lead_id, created_at=met_at, **told)
            else:
                after = lead.but(**told) if told else lead
            self._leads[lead_id] = after
            person.told = bool(told or person.who.claims)
            person.fields = () if lead is None else tuple(told)
            mentions.append(
                Mention(
                    lead_id=lead_id,
                    draft=draft,
                    email=after.email,
                    company=after.company,
                    is_news=lead is None or "email" in told or "company" in told,
                    at_home=before[lead_id].account_id if lead_id in before else None,
                )
            )
        return mentions

    def _guess_language(self, lead: Lead | None, told: dict[str, Json]) -> None:
        """Who told no language reads the one of their country, as soon as we learn of it; what is told later wins."""
        definition = self._book.definition
        languages = definition.mail.languages
        is_news = lead is None or ("country" in told and lead.country is None and lead.language == languages.default)
        if is_news and "language" not in told:
            country = told.get("country")
            told["language"] = language_in(definition, country if isinstance(country, str) else None)

    def _bring_home(self, settled: Settled) -> None:
        for person, home in zip(self._people, settled.homes, strict=True):
            lead = self._leads[person.who.lead_id]
            if lead.account_id != home:
                self._leads[lead.lead_id] = lead.but(account_id=home)
                person.told = True

    def _forget_detours(self, before: Mapping[LeadId, Lead]) -> None:
        """What one draft of a page says and a later one takes back is no news, so that a list told again is none."""
        for person in self._people:
            lead_id = person.who.lead_id
            if person.told and not person.who.claims and before.get(lead_id) == self._leads[lead_id]:
                person.told, person.fields = False, ()

    async def _tell(self, lead_ids: Sequence[LeadId]) -> None:
        if lead_ids:
            await self._tx.run("tell_leads", rows=[row_of(self._leads[lead_id]) for lead_id in lead_ids])

    async def _record(self, people: Sequence[_Person], settled: Settled) -> None:
        """One draft of each lead: permissions, then all that happened, then the no of who opted out."""
        await self._ask_to_confirm(people, settled)
        born = [person for person in people if person.who.is_new]
        granted = await permissions.grant_all(self._tx, _bases([person for person in people if not person.who.is_new]))
        known_keys = await self._known_keys(people)
        happenings: list[Happening] = []
        for person in people:
            person.told |= person.who.lead_id in granted
            drafts = self._news(person, known_keys.get(person.who.lead_id, ()))
            if drafts or person.who.is_new:
                happenings.append(Happening(person.who.lead_id, drafts, self._history))
        standings = await self._newborns(born, settled)
        rows = partial(self._births, {person.who.lead_id: person for person in born})
        births = Births(standings, rows, settled.made)
        recorded = await events.record_all(self._tx, happenings, births=births, book=self._book, at=self._at)
        for person in people:
            person.recorded = recorded.get(person.who.lead_id)
        await self._leave_alone(people)

    async def _ask_to_confirm(self, people: Sequence[_Person], settled: Settled) -> None:
        """A tick that only counts once it is confirmed becomes a question. What a list declares is asked of nobody."""
        definition = self._book.definition
        some: list[tuple[_Person, str | None]] = []
        for person in people:
            if person.draft.bases and not _comes_with_a_list(person.draft):
                lead = self._leads[person.who.lead_id]
                home = None if lead.account_id is None else settled.companies.get(lead.account_id)
                country = country_of(lead, home)
                if any(confirmation.is_asked_about(definition, draft, country) for draft in person.draft.bases):
                    some.append((person, country))
        known = [person.who.lead_id for person, _ in some if not person.who.is_new]
        held = await permissions.of_leads(self._tx, known) if known else {}
        for person, country in some:
            before = held.get(person.who.lead_id, ())
            asked = confirmation.ticked(definition, person.draft.bases, before, country=country, at=self._at)
            person.draft = person.draft.but(bases=asked.bases, events=(*person.draft.events, *asked.events))

    def _news(self, person: _Person, known_keys: Collection[str]) -> tuple[EventDraft, ...]:
        met_at = self._leads[person.who.lead_id].created_at if person.who.is_new else None
        return news(person.draft, first_met_at=met_at, told=person.told, known_keys=known_keys, at=self._at)

    async def _known_keys(self, people: Sequence[_Person]) -> Mapping[LeadId, set[str]]:
        """Which keys of their drafts known leads have: asked only where what a list adds hangs on it."""
        found: defaultdict[LeadId, set[str]] = defaultdict(set)
        keys: set[str] = set()
        for person in people:
            if not person.who.is_new and _comes_with_a_list(person.draft):
                keys |= {event.key for event in person.draft.events if event.key is not None}
                keys |= {OPTED_OUT} if person.draft.opted_out else set()
        if keys:
            ids = [person.who.lead_id for person in people]
            for row in await self._tx.all("known_event_keys", lead_ids=ids, keys=sorted(keys)):
                found[row["lead_id"]].add(row["key"])
        return found

    async def _newborns(self, born: Sequence[_Person], settled: Settled) -> Mapping[LeadId, Standing]:
        children: list[Newborn] = []
        for person in born:
            lead = self._leads[person.who.lead_id]
            account = None if lead.account_id is None else settled.companies[lead.account_id]
            allowed = () if person.draft.opted_out else person.draft.bases
            bases = tuple(Basis.built(lead_id=lead.lead_id, **vars(draft)) for draft in allowed)
            children.append(Newborn(lead, account, bases))
        at_home = (child.lead.account_id for child in children if child.lead.account_id is not None)
        older = [account_id for account_id in at_home if account_id not in settled.made]
        return await standing.newborns(self._tx, children, known=older, book=self._book, at=self._at)

    def _births(self, born: Mapping[LeadId, _Person], recorded: Mapping[LeadId, Recorded]) -> list[Asked]:
        """The statements that write new leads, their last number among it, with what they allow."""
        here = {lead_id: self._leads[lead_id] for lead_id in recorded if lead_id in born}
        rows: list[dict[str, object]] = []
        for lead_id, lead in here.items():
            happened = recorded[lead_id].events
            rows.append(row_of(lead, last_event_no=happened[-1].no if happened else 0))
        emails = {lead_id: lead.email for lead_id, lead in here.items()}
        bases = _bases([born[lead_id] for lead_id in here])
        return [("make_leads", {"rows": rows}), *permissions.granting(bases, emails)] if rows else []

    async def _leave_alone(self, people: Sequence[_Person]) -> None:
        """Said again each time it is told: the event is once, but the address may have been allowed in between."""
        again = [person for person in people if person.draft.opted_out and not _said_no(person.recorded)]
        addresses = (self._leads[person.who.lead_id].email for person in again)
        purpose, reason = permissions.MARKETING, permissions.UNSUBSCRIBED
        silences = [Silence(value=email, purpose=purpose, reason=reason, at=self._at) for email in addresses if email]
        await permissions.suppress(self._tx, silences)

    async def _note_doubles(self, actor: str) -> None:
        await audit.note_once(
            self._tx,
            [
                audit.Note(
                    at=self._at,
                    actor=actor,
                    action="found two leads",
                    subject=f"lead {person.who.lead_id}",
                    after={"other": str(other)},
                    why="one draft named both: look whether they are one person",
                )
                for person in self._people
                for other in person.who.others
            ],
        )

    def _captured(self, person: _Person) -> Captured:
        who = person.who
        recorded = person.recorded or Recorded(lead_id=who.lead_id, consequences=Consequences())
        return Captured(
            lead_id=who.lead_id,
            is_new=who.is_new,
            changed=person.told or bool(recorded.events),
            fields=person.fields,
            recorded=recorded,
            also_known_as=who.others,
        )


def _with_email(draft: LeadDraft, who: Recognised) -> LeadDraft:
    """The draft with its address as we write it; without it when it is another lead's: two leads never share one."""
    email = None if who.others else next((key.value for key in who.keys if key.kind == "email"), None)
    return draft if draft.email == email else draft.but(email=email)


def _bases(people: Sequence[_Person]) -> dict[LeadId, tuple[BasisDraft, ...]]:
    """What they allow; who said no allows nothing in the same breath."""
    return {person.who.lead_id: person.draft.bases for person in people if not person.draft.opted_out}


def _said_no(recorded: Recorded | None) -> bool:
    """Whether the no was recorded just now, which has silenced the address."""
    return recorded is not None and any(event.kind == permissions.UNSUBSCRIBED for event in recorded.events)


def _comes_with_a_list(draft: LeadDraft) -> bool:
    return draft.opted_out or any(event.kind == IMPORTED for event in draft.events)
