"""How do the runs under way get their fates? A page after another, from a cursor: a kill -9 loses nothing (X7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from leadloom.domain.facts import Progress
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.runs import ExitRun
from leadloom.domain.journeys.versions import Exits, FinishesOld, InFlight, Migrated
from leadloom.domain.model import EnrolmentId, Json
from leadloom.domain.wake import run_looks
from leadloom.store import published, runs, standing
from leadloom.store.publications import Fates, Publication, Turn, came_to, publication_of
from leadloom.store.tx import Record, Tx

PAGE = 100
"""Runs of one transaction: their leads are held no longer than a page takes."""


async def move_page(tx: Tx, publication_id: UUID, *, at: datetime, limit: int = PAGE) -> int:
    """Give the next page of runs their fate; how many had their turn. 0 when it is done.

    Safe to repeat and to be killed in: the page, its cursor and its wake-ups are one transaction under the
    publication's lock. A run is judged anew as it stands now, under its lead's lock.
    """
    publication = publication_of(await tx.one("publication_for_update", publication_id=publication_id))
    if publication.status == "done":
        return 0
    which = {"publication_id": publication_id, "after_no": publication.done_to, "page_limit": limit}
    rows = await tx.all("next_runs_to_move", **which)
    if not rows:
        late = {"publication_id": publication_id, "journey": publication.journey, "hash": publication.hash}
        if not await tx.run("freeze_latecomers", **late):
            await came_to(tx, publication_id, publication.done_to, at=at, is_done=True)
            return 0
        rows = await tx.all("next_runs_to_move", **which)
    turns = await _turns(tx, publication, rows, at)
    await _act(tx, publication, turns, at)
    decided = [turn.row() for turn in turns]
    await tx.run("decide_fates", publication_id=publication_id, rows=decided, at=at)
    await came_to(tx, publication_id, turns[-1].no, at=at, is_done=False)
    return len(turns)


async def _turns(tx: Tx, publication: Publication, rows: Sequence[Record], at: datetime) -> list[Turn]:
    leads = await standing.lock(tx, [row["lead_id"] for row in rows])
    # A new statement, so a new snapshot: a look that held the lead before us is seen.
    found = {row["enrolment_id"]: row for row in await tx.all(
        "run_standings", enrolment_ids=[row["enrolment_id"] for row in rows]
    )}  # fmt: skip
    fates = Fates(tx, await published.journey(tx, publication.hash), publication.choice)
    turns: list[Turn] = []
    for row in rows:
        run = found[row["enrolment_id"]]
        if run["status"] != standing.ACTIVE:
            turns.append(Turn(row["no"], row["enrolment_id"], FinishesOld(), had_ended=True))
            continue
        _, last_event_no = leads[row["lead_id"]]
        flight = InFlight(progress=Progress.model_validate(run["progress"]), at=at, last_event_no=last_event_no)
        turns.append(Turn(row["no"], row["enrolment_id"], await fates.of(run["journey_hash"], flight)))
    return turns


async def _act(tx: Tx, publication: Publication, turns: Sequence[Turn], at: datetime) -> None:
    moved = {turn.enrolment_id: turn.fate for turn in turns if isinstance(turn.fate, Migrated)}
    await _note(tx, publication, turns, at)
    if moved:
        journey = await published.journey(tx, publication.hash)
        rows = [
            {"enrolment_id": str(run), "progress": one.progress.model_dump(mode="json"), "is_calm": one.is_calm}
            for run, one in moved.items()
        ]
        looks = await tx.all(
            "move_runs", rows=rows, hash=publication.hash, prospect=journey.audience == "prospect", at=at,
            hears_company=bool(journey.heard_of_company),
            waiting_for=f"its next step, by version {publication.version}",
        )  # fmt: skip
        await _take_back(tx, publication, journey, list(moved), at)
        for row in looks:
            if row["looks"]:
                tx.look_again(run_looks(row["enrolment_id"], row["workflow"]))
    exits = [(turn.enrolment_id, turn.fate) for turn in turns if isinstance(turn.fate, Exits)]
    await runs.leave(tx, [ExitRun(enrolment_id=run, outcome=one.outcome) for run, one in exits], at=at)


async def _take_back(
    tx: Tx, publication: Publication, journey: Journey, moved: Sequence[EnrolmentId], at: datetime
) -> None:
    """Mail and tasks of steps that the new version doesn't have; a step that was renamed is still meant."""
    kept = [step.id for step in journey.steps]
    kept += [before for before, after in publication.choice.moves.items() if after in kept]
    reason = f"its step isn't in version {publication.version}"
    await tx.run("cancel_mail_of_gone_steps", enrolment_ids=moved, kept=kept, reason=reason, at=at)
    await tx.run("close_tasks_of_gone_steps", enrolment_ids=moved, kept=kept, at=at)


async def _note(tx: Tx, publication: Publication, turns: Sequence[Turn], at: datetime) -> None:
    rows = [row for turn in turns for row in _notes(publication, turn, at)]
    if rows:
        await tx.run("log_steps", rows=rows)


def _notes(publication: Publication, turn: Turn, at: datetime) -> Iterator[dict[str, Json]]:
    match turn.fate:
        case Migrated(progress=progress):
            step, visit = progress.step, progress.visits.get(progress.step, 1)
            did = f"goes on with version {publication.version}, at {step}"
        case Exits(outcome=outcome):
            step, visit, did = "", 1, f"ended by version {publication.version}: {outcome}"
        case FinishesOld():
            return
    why: dict[str, Json] = {"publication": str(publication.publication_id), "published by": publication.by}
    if isinstance(turn.fate, Migrated) and turn.fate.misses:
        why["mails now behind it"] = list(turn.fate.misses)
    yield {
        "enrolment_id": str(turn.enrolment_id), "step": step, "visit": visit, "at": at.isoformat(), "did": did,
        "why": why, "place": 1,
    }  # fmt: skip
