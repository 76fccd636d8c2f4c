"""Who comes into a journey, and who leaves it, when something happened? Sets of runs, whatever their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from leadloom.domain.journeys.runs import Enrol, ExitRun, run_id
from leadloom.domain.model import AccountId, CampaignId, EnrolmentId, LeadId
from leadloom.domain.wake import run_begins, run_looks
from leadloom.store import ends
from leadloom.store.published import Book
from leadloom.store.tx import Tx, row_of


async def leave(tx: Tx, exits: Sequence[ExitRun], *, at: datetime) -> None:
    """End these runs: nothing unclaimed of them goes any more, and their workflows look and finish."""
    if not exits:
        return
    rows = [order.model_dump(mode="json") for order in exits]
    ended = await tx.all("leave_journeys", rows=rows, at=at)
    ids = [row["enrolment_id"] for row in ended]
    await tx.run("cancel_mail_of_runs", enrolment_ids=ids, at=at)
    await ends.tell(tx, ids, at=at)
    for row in ended:
        tx.look_again(run_looks(row["enrolment_id"], row["workflow"]))


async def enter(
    tx: Tx,
    orders: Sequence[tuple[LeadId, Enrol]],
    *,
    companies: Mapping[LeadId, AccountId | None],
    book: Book,
    at: datetime,
    campaign_id: CampaignId | None = None,
) -> tuple[EnrolmentId, ...]:
    """Start these runs and wake their workflows; the ids of those that are new, in no order.

    A run whose progress arrives later than `at` begins then: its workflow's first look is put off so long.
    """
    wanted = await _one_per_company(tx, orders, companies, book)
    if not wanted:
        return ()
    rows = [
        row_of(
            order,
            progress=vars(order.progress),
            enrolment_id=run_id(lead_id, order.journey, order.key),
            lead_id=lead_id,
        )
        for lead_id, order in wanted
    ]
    started = await tx.all("enter_journeys", rows=rows, campaign_id=campaign_id, at=at)
    for row in started:
        after = max(row["waits_until"] - at, timedelta())
        tx.look_again(run_begins(row["enrolment_id"], row["workflow"], after=after, no_hurry=campaign_id is not None))
    return tuple(row["enrolment_id"] for row in started)


async def _one_per_company(
    tx: Tx,
    orders: Sequence[tuple[LeadId, Enrol]],
    companies: Mapping[LeadId, AccountId | None],
    book: Book,
) -> list[tuple[LeadId, Enrol]]:
    """The orders without those for a company that is in the journey already.

    Two colleagues may answer at the same moment, each under their own lock; so the company is locked and read again.
    """
    per_company = {entry.name for entry in book.code if entry.per == "account"}
    asked = sorted({lead_id for lead_id, order in orders if order.journey in per_company and companies[lead_id]})
    if not asked:
        return list(orders)
    await tx.all("lock_accounts_of_leads", lead_ids=asked)
    rows = await tx.all("open_code_runs_of_accounts", lead_ids=asked)
    taken: set[tuple[AccountId | None, str]] = {(row["account_id"], row["journey"]) for row in rows}
    wanted: list[tuple[LeadId, Enrol]] = []
    for lead_id, order in orders:
        place = (companies[lead_id], order.journey)
        if order.journey in per_company and place[0] is not None:
            if place in taken:
                continue
            taken.add(place)
        wanted.append((lead_id, order))
    return wanted
