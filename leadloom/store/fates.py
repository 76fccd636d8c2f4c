"""Would these leads come into a journey now if somebody let them in, and what is the first thing against each?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from leadloom.domain.campaigns.membership import LeftOut, MemberFacts, left_out, needs_permission
from leadloom.domain.definitions.parts import Part
from leadloom.domain.journeys.entry import is_enough, is_resting, replaced_by
from leadloom.domain.journeys.runs import ExitRun, facts_at_entry, others_of_group
from leadloom.domain.lead import Lead
from leadloom.domain.mails.sending import may_market
from leadloom.domain.model import AccountId, LeadId, Value
from leadloom.domain.stages.scoring import country_of
from leadloom.domain.standing import PublishedJourney, Standing
from leadloom.store import permissions, standing
from leadloom.store.published import Book
from leadloom.store.tx import Record, Tx

Leads = Mapping[LeadId, tuple[Lead, int]]


class Fate(Value):
    """What a lead's turn decides."""

    lead_id: LeadId
    code: LeftOut | None
    event_no: int
    """The number of the lead's last event."""
    account_id: AccountId | None
    exits: tuple[ExitRun, ...] = ()
    """Runs of other journeys of its group that end when the lead comes in."""


async def fates(tx: Tx, leads: Leads, published: PublishedJourney, *, book: Book, at: datetime) -> tuple[Fate, ...]:
    """What each of these leads' turn would decide at `at`, in their order; as many statements whatever their number."""
    journey = published.journey
    ids = list(leads)
    accounts = await standing.accounts(tx, (lead.account_id for lead, _ in leads.values()))
    bases = await permissions.of_leads(tx, ids)
    asks = journey.enter.when is not None or journey.exclusive is not None
    standings = await standing.of(tx, dict(leads), book=book, at=at) if asks else {}
    rows = await tx.all("member_circumstances", lead_ids=ids, journey=journey.name, track=journey.track)
    circumstances = {row["lead_id"]: row for row in rows}
    markets = needs_permission(journey, book.definition)

    def fate(lead: Lead, event_no: int) -> Fate:
        country = country_of(lead, accounts[lead.account_id] if lead.account_id else None)
        allowed = may_market(book.definition, bases.get(lead.lead_id, ()), country, at)
        now = standings.get(lead.lead_id)
        member = _member(circumstances[lead.lead_id], published, now, allowed=allowed, book=book, at=at)
        code = left_out(journey, member, markets=markets)
        exits = _exits(published, now) if code is None else ()
        return Fate(lead_id=lead.lead_id, code=code, event_no=event_no, account_id=lead.account_id, exits=exits)

    return tuple(fate(lead, event_no) for lead, event_no in leads.values())


def _member(
    row: Record, published: PublishedJourney, now: Standing | None, *, allowed: bool, book: Book, at: datetime
) -> MemberFacts:
    journey, ended_at = published.journey, row["last_ended_at"]
    told = ("open_run", "has_address", "silenced", "silenced_for_marketing", "in_conversation")
    others = others_of_group(journey, now.runs) if now else ()
    return MemberFacts(
        **{name: row[name] for name in told},
        was_in=ended_at is not None,
        disqualified=row["stage"] == book.definition.named(Part.CLOSED),
        mails_allowed=allowed,
        rests=is_resting(journey.enter, ended_at, at),
        has_enough=is_enough(journey.enter, row["began"], at),
        busy_with=others[0].journey if others else None,
        facts=facts_at_entry(book.judges(now), journey, now, at) if now else None,
    )


def _exits(published: PublishedJourney, now: Standing | None) -> tuple[ExitRun, ...]:
    journey = published.journey
    if now is None or journey.exclusive is None or journey.exclusive.when_busy != "replace":
        return ()
    others = others_of_group(journey, now.runs)
    return tuple(ExitRun(enrolment_id=run.enrolment_id, outcome=replaced_by(journey)) for run in others)
