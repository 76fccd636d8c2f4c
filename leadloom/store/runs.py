"""Who comes into a journey, and who leaves it, when something happened? Sets of runs, whatever their number."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from leadloom.domain.journeys.runs import Enrol, ExitRun, run_id
from leadloom.domain.model import AccountId, CampaignId, EnrolmentId, LeadId
from leadloom.domain.wake import run_begins, run_looks
from leadloom.store import ends
from leadloom.store.published import Book
from leadloom.store.tx import Asked, Record, Tx, row_of


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
    wanted = await one_per_company(tx, orders, companies, book)
    if not wanted:
        return ()
    started = await tx.all("enter_journeys", rows=_rows(wanted), campaign_id=campaign_id, at=at)
    for row in started:
        after = max(row["waits_until"] - at, timedelta())
        tx.look_again(run_begins(row["enrolment_id"], row["workflow"], after=after, no_hurry=campaign_id is not None))
    return tuple(row["enrolment_id"] for row in started)


def entering(tx: Tx, orders: Sequence[tuple[LeadId, Enrol]], *, at: datetime) -> list[Asked]:
    """The statement that starts these runs of leads written along with it, and their wake-ups: `enter`, where nothing
    can stand against one any more."""
    for lead_id, order in orders:
        begun = run_id(lead_id, order.journey, order.key)
        after = max(order.progress.arrived_at - at, timedelta())
        tx.look_again(run_begins(begun, order.workflow, after=after))
    return [("enter_journeys", {"rows": _rows(orders), "campaign_id": None, "at": at})] if orders else []


def _rows(orders: Iterable[tuple[LeadId, Enrol]]) -> list[dict[str, object]]:
    return [
        row_of(
            order,
            progress=vars(order.progress),
            enrolment_id=run_id(lead_id, order.journey, order.key),
            lead_id=lead_id,
        )
        for lead_id, order in orders
    ]


async def one_per_company(
    tx: Tx,
    orders: Sequence[tuple[LeadId, Enrol]],
    companies: Mapping[LeadId, AccountId | None],
    book: Book,
    *,
    unseen: Collection[AccountId] = (),
) -> list[tuple[LeadId, Enrol]]:
    """The orders without those for a company that is in the journey already.

    Two colleagues may answer at the same moment, each under their own lock; so the company is locked and read again.
    In an `unseen` one, made in this very transaction, nobody else can be.
    """
    per_company = {entry.name for entry in book.code if entry.per == "account"}
    homes = {companies[lead_id] for lead_id, order in orders if order.journey in per_company}
    if not (homes := homes - {None}):
        return list(orders)
    asked, rows = sorted(home for home in homes if home is not None and home not in unseen), list[Record]()
    if asked:
        await tx.all("lock_accounts_alone", account_ids=asked)
        rows = await tx.all("open_code_runs_of_accounts", account_ids=asked)
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
