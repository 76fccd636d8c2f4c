"""What a journey as code writes about its run: the same rows as a journey as data, by verbs its workflow calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from leadloom.domain.facts import SentMail
from leadloom.domain.mails.sending import may_market
from leadloom.domain.model import EnrolmentId, Instant, Json, LeadId, Value
from leadloom.domain.stages.stage_moves import OpenHandOff
from leadloom.store import asking, calendars, hand_offs, permissions
from leadloom.store.published import Book
from leadloom.store.tx import Record, Tx


class CircleMember(Value):
    """Somebody of the company who engaged lately."""

    lead_id: LeadId
    role: str
    responses: int
    first_at: Instant
    may_market: bool
    """Whether a basis suffices for marketing mail to them."""


class CodeMail(Value):
    """A mail a journey as code asks for; its key is (run, step, 1)."""

    step: str
    mail: str
    mail_class: str
    sender: str
    lead_id: LeadId
    worth: timedelta


async def circle(
    tx: Tx, enrolment_id: EnrolmentId, *, since: datetime, book: Book, at: datetime
) -> tuple[CircleMember, ...]:
    """Who of the run's company has answered us since an instant: most responses first, then earliest.

    People without a known role don't count: a circle is about roles.
    """
    rows = await tx.all("circle_of_run", enrolment_id=enrolment_id, since=since)
    bases = await permissions.of_leads(tx, [row["lead_id"] for row in rows])

    def allowed(row: Record) -> bool:
        return may_market(book.definition, bases.get(row["lead_id"], ()), row["country"], at)

    known = ("lead_id", "role", "responses", "first_at")
    return tuple(CircleMember(**{name: row[name] for name in known}, may_market=allowed(row)) for row in rows)


async def so_far(tx: Tx, enrolment_id: EnrolmentId, *, offer: str) -> tuple[datetime, datetime | None]:
    """When the run began, and when it raised the hand-off of that kind (None: not yet). Raises NotFound."""
    row = await tx.one("circle_so_far", enrolment_id=enrolment_id, offer_step=offer)
    return row["entered_at"], row["offered_at"]


async def stand(
    tx: Tx, enrolment_id: EnrolmentId, *, waiting_for: str, until: datetime, listens: Sequence[str]
) -> bool:
    """Write what the run waits for (law 7); False when it has ended meanwhile."""
    run = await _locked(tx, enrolment_id)
    if run["status"] != "active":
        return False
    wait = {
        "enrolment_id": str(enrolment_id),
        "progress": run["progress"],
        "waiting_for": waiting_for,
        "waits_until": until.isoformat(),
        "listens": list(listens),
    }
    await tx.run("save_waits", rows=[wait])
    return True


async def send(tx: Tx, enrolment_id: EnrolmentId, mail: CodeMail, *, book: Book, at: datetime) -> SentMail:
    """Plan a mail of the run. Twice is once: the key is (run, step, 1)."""
    run = await _locked(tx, enrolment_id, also=mail.lead_id)
    planned = await asking.ask(
        tx,
        asking.MessageOrder(
            lead_id=mail.lead_id,
            enrolment_id=enrolment_id,
            step=mail.step,
            visit=1,
            journey=run["journey"],
            mail=mail.mail,
            mail_class=mail.mail_class,
            sender=mail.sender,
            worth=mail.worth,
        ),
        book=book,
        at=at,
    )
    await _log(tx, run, mail.step, f"asked for the mail {mail.mail}", at)
    return planned


async def raise_hand_off(
    tx: Tx, enrolment_id: EnrolmentId, lead_id: LeadId, *, kind: str, why: tuple[str, ...], book: Book, at: datetime
) -> None:
    """Offer the company through one lead. Twice is once: one open hand-off per lead and kind, one per company."""
    run = await _locked(tx, enrolment_id, also=lead_id)
    order = OpenHandOff(kind=kind, track="new-business", asked_by=f"journey:{run['journey']}", why=why)
    await hand_offs.open(tx, lead_id, order, book=book, at=at)
    await _log(tx, run, kind, f"raised the hand-off {kind}", at)


async def finish(tx: Tx, enrolment_id: EnrolmentId, *, outcome: str, at: datetime) -> None:
    """End the run. Twice is once: only an open run ends. Whatever it calls its end, it came there by itself."""
    run = await _locked(tx, enrolment_id)
    end = {"enrolment_id": str(enrolment_id), "outcome": outcome, "progress": run["progress"], "at": at.isoformat()}
    await tx.run("finish_runs", rows=[end], finished=outcome)


async def _locked(tx: Tx, enrolment_id: EnrolmentId, *, also: LeadId | None = None) -> Record:
    """The run, held with its lead, whom else it is about, and their companies: all leads before any company."""
    owner = await tx.one("lead_of_run", enrolment_id=enrolment_id)
    await calendars.lock(tx, [owner["lead_id"], *([] if also is None else [also])])
    return (await tx.all("run_standings", enrolment_ids=[enrolment_id]))[0]


async def _log(tx: Tx, run: Record, step: str, did: str, at: datetime) -> None:
    entry: dict[str, Json] = {"step": step, "visit": 1, "at": at.isoformat(), "did": did, "why": {}}
    entry["ended"] = "passed"  # its workflow knows what comes next; what is logged is done
    await tx.run("log_steps", rows=[{**entry, "enrolment_id": str(run["enrolment_id"]), "place": 1}])
