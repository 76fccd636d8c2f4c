"""What would the runs of a paused journey get when it goes on now? Reads how they stand and plays each ahead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from leadloom.domain.definitions.mail_policy import ClassPolicy
from leadloom.domain.journeys import catch_up
from leadloom.domain.journeys.catch_up import Asked, Get, Held, Place, Turn
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.mails.send_rules import SendRules, jitter_of, priority_of
from leadloom.domain.mails.slots import Calendar, Slot, Taken, Wish, plan
from leadloom.domain.model import AccountId, EnrolmentId, LeadId, MessageId
from leadloom.store import messages, pauses, published, run_facts, standing
from leadloom.store.asking import MessageOrder
from leadloom.store.calendars import Whom
from leadloom.store.pauses import JourneyPause
from leadloom.store.published import Book
from leadloom.store.run_facts import Reader, RunStanding
from leadloom.store.tx import Record, Tx

_PAGE = 500
_MOST_PASSES = 8
"""Each looks further ahead; by then what is left falls on days of its own."""


class _Ours(NamedTuple):
    """Who asks for a mail."""

    enrolment_id: EnrolmentId
    journey: Journey
    whom: Whom
    may_market: bool


async def turns(tx: Tx, found: JourneyPause, *, per_day: int | None, book: Book, at: datetime) -> list[Turn]:
    """Each open run's turn if the journey goes on at `at`, who has waited longest first; nothing is written.

    The pause of `found` is still open. What it says comes true as long as nobody answers anything meanwhile.
    """
    rows = await tx.all("paused_runs", journey=found.journey)
    desk = _Desk(book)
    held: list[Held] = []
    for first in range(0, len(rows), _PAGE):
        held += await _page(tx, rows[first : first + _PAGE], desk, at)
    until, given = pauses.smooth_to(found, (), at), list[Turn]()
    for _ in range(_MOST_PASSES):
        given = catch_up.turns(held, at, until, per_day=per_day)
        last, until = until, pauses.smooth_to(found, given, at)
        if until <= last:
            break
        # A rate has put turns off beyond what was looked at: what the first runs get by then takes days, too.
        desk.begin_anew()
    return given


async def _page(tx: Tx, rows: Sequence[Record], desk: _Desk, at: datetime) -> list[Held]:
    ids = [row["enrolment_id"] for row in rows]
    readers = {reader.run.enrolment_id: reader for reader in await _readers(tx, ids, at)}
    facts = await run_facts.read_all(tx, list(readers.values()), book=desk.book)
    await desk.read(tx, ids, [reader.whom for reader in readers.values()], at)
    found: list[Held] = []
    for key in ids:
        run, journey, whom, _ = readers[key]
        ours = _Ours(key, journey, whom, facts[key].may_market)
        found.append(
            Held(
                key, run.lead_id, journey, run.progress, facts[key], partial(desk.trial, ours), partial(desk.keep, ours)
            )
        )
    return found


async def _readers(tx: Tx, ids: Sequence[EnrolmentId], at: datetime) -> list[Reader]:
    rows = await tx.all("run_standings_seen", enrolment_ids=ids)
    leads = await standing.seen(tx, {row["lead_id"] for row in rows})
    companies = await standing.accounts(tx, (lead.account_id for lead, _ in leads.values()))
    readers: list[Reader] = []
    for row in rows:
        lead, _ = leads[row["lead_id"]]
        whom = (lead, companies[lead.account_id] if lead.account_id else None)
        journey = await published.journey(tx, row["journey_hash"])
        readers.append(Reader(RunStanding(**row), journey, whom, at))
    return readers


class _Desk:
    """What is taken of everybody's calendar, filled on while turns are given."""

    def __init__(self, book: Book) -> None:
        self.book, self._rules = book, SendRules(book.definition)
        self._person: defaultdict[LeadId, list[Taken]] = defaultdict(list)
        self._company: defaultdict[AccountId, list[datetime]] = defaultdict(list)
        self._waiting: dict[MessageId, Record] = {}
        self._against: dict[MessageId, str] = {}
        self._known: set[MessageId] = set()
        self._kept: list[tuple[LeadId, AccountId | None, Taken]] = []

    async def read(self, tx: Tx, ids: Sequence[EnrolmentId], whom: Sequence[Whom], at: datetime) -> None:
        """Read what hangs on a page of runs: their mail on its way, and what their leads and companies got."""
        waiting = {row["message_id"]: row for row in await tx.all("mails_on_the_way", enrolment_ids=ids)}
        self._waiting |= waiting
        for message_id, vetoes in (await messages.vetoes(tx, list(waiting), at=at)).items():
            said = [f"{veto.code}: {veto.detail}" for veto in vetoes if veto.detail != pauses.VETO]
            if said:
                self._against[message_id] = "; ".join(said)
        policy = self.book.definition.mail
        rows = await tx.all(
            "taken_of_leads",
            lead_ids=[lead.lead_id for lead, _ in whom],
            account_ids=[lead.account_id for lead, _ in whom if lead.account_id is not None],
            capped=[name for name, rule in policy.classes.items() if rule.capped],
            since=at - self._rules.longest_span,
        )
        for row in rows:
            if row["message_id"] not in waiting and row["message_id"] not in self._known:
                self._known.add(row["message_id"])
                self._take(row["lead_id"], row["account_id"], _taken(row))

    def trial(self, ours: _Ours) -> Place:
        """Places that count for each other, and for nobody else until they are kept."""
        lead, account = ours.whom
        person, company = list(self._person[lead.lead_id]), self._of_company(ours.whom)
        rules = self._rules.of(lead, account)

        def place(asked: Asked) -> datetime | str:
            wish, policy, against = self._wish(ours, asked)
            if against:
                return against
            [answer] = plan(Calendar(taken=tuple(person)), [wish], rules, company)
            if not isinstance(answer, Slot):
                return answer.why
            if policy.capped:
                person.append(Taken(at=answer.at, mail_class=wish.mail_class, topic=wish.topic))
                company.append(answer.at)
            return answer.at

        return place

    def keep(self, ours: _Ours, gets: Sequence[Get]) -> None:
        """These places are taken."""
        lead, _ = ours.whom
        for get in gets:
            letter = next((one for one in ours.journey.step(get.step).letters(ours.journey)), None)
            mail_class = letter.mail_class if letter else ours.journey.mail_class
            if get.at is not None and self.book.definition.mail.classes[mail_class].capped:
                taken = Taken(at=get.at, mail_class=mail_class, topic=ours.journey.topic)
                self._kept.append((lead.lead_id, lead.account_id, taken))
                self._take(lead.lead_id, lead.account_id, taken)

    def begin_anew(self) -> None:
        """Forget what was kept."""
        for lead_id, account_id, taken in self._kept:
            self._person[lead_id].remove(taken)
            if account_id is not None:
                self._company[account_id].remove(taken.at)
        self._kept.clear()

    def _take(self, lead_id: LeadId, account_id: AccountId | None, taken: Taken) -> None:
        self._person[lead_id].append(taken)
        if account_id is not None:
            self._company[account_id].append(taken.at)

    def _of_company(self, whom: Whom) -> list[datetime]:
        lead, _ = whom
        if lead.account_id is None:
            return [one.at for one in self._person[lead.lead_id]]
        return list(self._company[lead.account_id])

    def _wish(self, ours: _Ours, asked: Asked) -> tuple[Wish, ClassPolicy, str]:
        classes = self.book.definition.mail.classes
        if asked.mail is not None:
            row = self._waiting[asked.mail.message_id]
            policy = classes[row["mail_class"]]
            said = dict(row)
            jitter = timedelta(seconds=said.pop("jitter_s"))
            said["not_before"] = max(said["not_before"], asked.not_before)
            wish = Wish(**said, capped=policy.capped, windowed=policy.windowed, jitter=jitter)
            return wish, policy, self._against.get(asked.mail.message_id, "")
        assert asked.plan is not None  # a mail is on its way, or asked for
        policy = classes[asked.plan.mail_class]
        key = _order(ours, asked).message_id
        wish = Wish(
            message_id=key, priority=priority_of(policy, ours.journey.priority), asked_at=asked.not_before,
            not_before=asked.not_before, deadline=asked.not_before + asked.plan.worth,
            mail_class=asked.plan.mail_class, topic=ours.journey.topic, capped=policy.capped,
            windowed=policy.windowed, jitter=jitter_of(policy, key),
        )  # fmt: skip
        return wish, policy, "no_basis: no permission" if policy.basis and not ours.may_market else ""


def _order(ours: _Ours, asked: Asked) -> MessageOrder:
    assert asked.plan is not None  # asked for by the run
    lead, _ = ours.whom
    return MessageOrder(
        lead_id=lead.lead_id, enrolment_id=ours.enrolment_id, step=asked.plan.step, visit=asked.plan.visit,
        journey=ours.journey.name, mail=asked.plan.mail, mail_class=asked.plan.mail_class,
        sender=asked.plan.sender, worth=asked.plan.worth,
    )  # fmt: skip


def _taken(row: Record) -> Taken:
    return Taken(at=row["at"], mail_class=row["mail_class"], topic=row["topic"])
