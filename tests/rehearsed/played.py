"""How did the cases go in Temporal? What ledger and log of each run say, and what is wrong with it by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

import asyncpg

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.journeys.steps.task import TaskStep
from leadloom.domain.mails.days_off import NOTHING_OFF
from leadloom.domain.mails.send_rules import SendRules
from leadloom.domain.mails.windows import in_window
from leadloom.domain.rehearsal.happenings import Tells
from leadloom.store import stuck
from tests.rehearsed.cases import Case
from tests.rehearsed.live import Batch
from tests.rehearsed.told import NEAR, Deed, Mail, Told, is_a_moment

NEVER_CAME = "the lead never came in"
_MAILS = """
SELECT enrolment_id, message_id, step, visit, mail, mail_class, topic, owner_id, status, slot_at, sent_at, zone
  FROM message ORDER BY asked_at, message_id
"""
_RUNS = """
SELECT enrolment_id, status, outcome, ended_at, waiting_for, waits_until, blocked_at, error FROM enrolment
"""
_LOG = "SELECT enrolment_id, step, visit, did, at FROM step_log ORDER BY enrolment_id, no"
_SAID_OTHERWISE = (
    "noted that", "tagged:", "took off", "gave ", "the lead is at", "the definition lets", "asked ",
    "took the task back", "began ", "ended ",
)  # fmt: skip
"""How the log begins to tell what came of an effect; a rehearsal tells the effect alone."""


async def read(batch: Batch, cases: Sequence[Case], definition: Definition) -> dict[int, Told]:
    """Case → how it went."""
    mails, log = _by_run(await batch.rows(_MAILS)), _by_run(await batch.rows(_LOG))
    found = {row["enrolment_id"]: row for row in await batch.rows(_RUNS)}
    return {
        case.no: _told(case, found.get(case.run_id), mails[case.run_id], log[case.run_id], definition) for case in cases
    }


async def faults_of_all(batch: Batch) -> list[str]:
    """What is wrong with the house: mail that came twice, or without its row; and whatever is stuck."""
    faults = [f"a mail came twice: {name}" for name in batch.house.trap.duplicates()]
    [row] = await batch.rows("SELECT count(*) AS sent FROM message WHERE status = 'sent'")
    if (came := len(batch.house.trap.mails)) != row["sent"]:
        faults.append(f"{came} mails came, and {row['sent']} are marked as sent")
    async with batch.house.db.read() as tx:
        found = await stuck.stuck(tx, await batch.house.now(), book=batch.book)
    return faults + [f"stuck: {one.noun} {one.what} waits for {one.waiting_for}: {one.why}" for one in found]


def _told(
    case: Case,
    run: asyncpg.Record | None,
    mails: Sequence[asyncpg.Record],
    log: Sequence[asyncpg.Record],
    definition: Definition,
) -> Told:
    if run is None:
        return Told((), (), None, None, faults=(NEVER_CAME,))
    tasks = {step.id for step in case.journey.steps if isinstance(step, TaskStep)}
    own = [row for row in mails if not (row["owner_id"] is not None and row["step"] in tasks)]
    is_open = run["status"] == "active"
    return Told(
        mails=tuple(_mail(row) for row in own),
        deeds=tuple(
            Deed(row["step"], row["visit"], _words(row["did"]), row["at"]) for row in log if not is_a_moment(row["did"])
        ),
        ended=None if is_open else run["outcome"],
        ended_at=None if is_open else run["ended_at"],
        waiting_for=run["waiting_for"] if is_open else None,
        waits_until=run["waits_until"] if is_open else None,
        faults=tuple(_faults(case, run, own, definition)),
    )


def _mail(row: asyncpg.Record) -> Mail:
    had_none = row["status"] == "expired"
    return Mail(
        step=row["step"], visit=row["visit"], mail=row["mail"], to="lead" if row["owner_id"] is None else "owner",
        fate=row["status"], slot_at=None if had_none else row["slot_at"],
    )  # fmt: skip


def _words(did: str) -> str:
    alike = did.startswith("asked for the mail")
    return "" if did.startswith(_SAID_OTHERWISE) and not alike else did


def _faults(case: Case, run: asyncpg.Record, mails: Sequence[asyncpg.Record], definition: Definition) -> Iterable[str]:
    """What no run may do, whatever was rehearsed."""
    if run["blocked_at"] is not None:
        yield f"blocked: {run['error']}"
    if run["status"] == "active" and (not run["waiting_for"] or run["waits_until"] is None):
        yield "it is open and waits for nothing named"
    sent = [row for row in mails if row["sent_at"] is not None]
    for row in sent:
        name = f"the mail {row['step']}/{row['visit']}"
        if abs(row["sent_at"] - row["slot_at"]) > NEAR:
            yield f"{name} had its slot at {row['slot_at']} and went at {row['sent_at']}"
        if run["status"] == "exited" and row["sent_at"] > run["ended_at"] + NEAR:
            yield f"{name} went at {row['sent_at']}, after the run was left at {run['ended_at']}"
        if run["status"] == "finished" and run["outcome"] != "finished" and row["sent_at"] > run["ended_at"] + NEAR:
            yield f"{name} went at {row['sent_at']}, after the run ended as {run['outcome']} at {run['ended_at']}"
    yield from _against_policy(case, [row for row in sent if row["owner_id"] is None], definition)


def _against_policy(case: Case, sent: Sequence[asyncpg.Record], definition: Definition) -> Iterable[str]:
    rules = SendRules(definition).of(case.lead, None)
    moves = any(isinstance(one, Tells) and one.field == "country" for one in case.script)
    off = NOTHING_OFF if moves else rules.off
    capped = [row for row in sent if definition.mail.classes[row["mail_class"]].capped]
    for row in sent:
        policy = definition.mail.classes[row["mail_class"]]
        # By the zone it was planned in: who moves meanwhile moves the next mail.
        if policy.windowed and not in_window(row["slot_at"], rules.window, row["zone"], off):
            yield f"the mail {row['step']}/{row['visit']} went outside of the window, at {row['slot_at']}"
    for cap in rules.per_person:
        slots = sorted(row["slot_at"] for row in capped if cap.counts(row["mail_class"], row["topic"]))
        for first, last in zip(slots, slots[cap.count :], strict=False):
            if last - first < cap.within - NEAR:
                yield f"{cap.count + 1} mails went from {first} to {last}: over {cap.count} in {cap.within}"


def _by_run(rows: Iterable[asyncpg.Record]) -> defaultdict[UUID, list[asyncpg.Record]]:
    found: defaultdict[UUID, list[asyncpg.Record]] = defaultdict(list)
    for row in rows:
        found[row["enrolment_id"]].append(row)
    return found
