"""What does the rehearsal of an audience begin with, and how did people answer before? Reads only, holds nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from leadloom.domain.errors import Conflict
from leadloom.domain.facts import TaskFact
from leadloom.domain.mails.send_rules import SendRules
from leadloom.domain.model import LeadId
from leadloom.domain.rehearsal.cast import LeadAtStart, MailAtStart, RunAtStart
from leadloom.domain.rehearsal.engagement import Engagement
from leadloom.store import permissions, published, standing
from leadloom.store.published import Book
from leadloom.store.tx import Record, Tx

ANSWERED_WITHIN = timedelta(days=7)
"""Later than that, nobody knows which mail it was."""
LOOK_BACK = timedelta(days=365)


async def at_start(tx: Tx, lead_ids: Sequence[LeadId], *, book: Book, at: datetime) -> list[LeadAtStart]:
    """How these leads stand at `at`, their runs and their mail among it; few statements, whatever their number."""
    leads = await standing.seen(tx, lead_ids)
    standings = await standing.of(tx, dict(leads), book=book, at=at)
    ids = list(leads)
    tags = _by_lead(await tx.all("tags_of_leads", lead_ids=ids))
    told = {row["lead_id"]: row for row in await tx.all("member_circumstances", lead_ids=ids, journey="", track="")}
    owners = {row["lead_id"]: row["handle"] for row in await tx.all("account_owners_of_leads", lead_ids=ids)}
    off = await permissions.topics_off(tx, ids)
    since = at - SendRules(book.definition).longest_span
    mails = _by_lead(await tx.all("mails_at_start", lead_ids=ids, since=since))
    runs = await _runs(tx, ids)
    return [
        LeadAtStart(
            standing=standings[lead_id].but(tags=tuple(row["tag"] for row in tags[lead_id])),
            runs=tuple(runs[lead_id]),
            mails=tuple(MailAtStart(**_but_lead(row)) for row in mails[lead_id]),
            silenced=told[lead_id]["silenced"],
            silenced_for_marketing=told[lead_id]["silenced_for_marketing"],
            topics_off=off.get(lead_id, frozenset()),
            in_conversation=told[lead_id]["in_conversation"] and not standings[lead_id].open_deal,
            account_owner=owners.get(lead_id),
        )
        for lead_id in ids
    ]


async def with_colleagues(tx: Tx, leads: Sequence[LeadAtStart]) -> list[LeadAtStart]:
    """The same leads, each with the other people of its company."""
    known = {one.standing.lead.lead_id: one.standing for one in leads}
    with_people = await standing.with_colleagues(tx, known)
    return [one.but(standing=with_people[one.standing.lead.lead_id]) for one in leads]


async def past_answers(tx: Tx, *, at: datetime) -> Engagement:
    """Which share of a year's mails people answered, by journey and kind of event; and of hand-offs, were accepted.

    Raises Conflict when no mail went: there is no past to go by.
    """
    span = {"since": at - LOOK_BACK, "at": at}
    rows = await tx.all("answers_to_mails", **span, within=ANSWERED_WITHIN)
    went = {row["journey"]: row["mails"] for row in rows if row["kind"] is None}
    if not went:
        raise Conflict("No mail has gone in a year: there is no past to go by. Say a share, such as --engagement 0.2.")
    rates: defaultdict[str, dict[str, float]] = defaultdict(dict)
    of_all: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        if row["kind"] is not None:
            rates[row["journey"]][row["kind"]] = row["mails"] / went[row["journey"]]
            of_all[row["kind"]] += row["mails"]
    every = {kind: mails / sum(went.values()) for kind, mails in of_all.items()}
    accepted: float | None = await tx.value("share_accepted", **span)
    return Engagement(per_mail={**rates, "*": every}, accepted=1.0 if accepted is None else accepted)


async def _runs(tx: Tx, ids: Sequence[LeadId]) -> defaultdict[LeadId, list[RunAtStart]]:
    rows = await tx.all("runs_at_start", lead_ids=ids)
    tasks: defaultdict[object, list[TaskFact]] = defaultdict(list)
    for row in await tx.all("tasks_of_runs", enrolment_ids=[row["enrolment_id"] for row in rows]) if rows else []:
        told = {name: value for name, value in row.items() if name != "enrolment_id"}
        tasks[row["enrolment_id"]].append(TaskFact(**told))
    found: defaultdict[LeadId, list[RunAtStart]] = defaultdict(list)
    for row in rows:
        told = {name: value for name, value in row.items() if name not in ("lead_id", "journey_hash")}
        body = await published.journey(tx, row["journey_hash"])
        run = RunAtStart(body=body, tasks=tuple(tasks[row["enrolment_id"]]), **told)
        found[row["lead_id"]].append(run)
    return found


def _by_lead(rows: Sequence[Record]) -> defaultdict[LeadId, list[Record]]:
    found: defaultdict[LeadId, list[Record]] = defaultdict(list)
    for row in rows:
        found[row["lead_id"]].append(row)
    return found


def _but_lead(row: Record) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "lead_id"}
