"""What came of an edit? Its own proof, and beside it the rows and the relay's log, judged from outside our code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import asyncpg

from benchmarks.chaos import edit_kinds, hurry, ledger
from benchmarks.chaos.balance import Strokes, balance
from benchmarks.chaos.edit_kinds import Kind, Way
from benchmarks.chaos.ledger import Rows
from benchmarks.chaos.relay_log import Accepted
from leadloom.domain.model import Value
from leadloom.runtime.live_edits import Edited
from leadloom.runtime.settings import Settings

MAIL_CLASS = "marketing"
_STOOD = "SELECT step_before, count(*) AS runs FROM publication_run WHERE publication_id = $1 GROUP BY 1 ORDER BY 1"
_WAYS = """
SELECT e.enrolment_id::text AS run, r.fate, r.step_after, r.misses, e.status,
       ARRAY (SELECT m.step FROM message m WHERE m.enrolment_id = e.enrolment_id) AS asked
  FROM enrolment e
  LEFT JOIN publication_run r ON r.enrolment_id = e.enrolment_id
 WHERE e.journey = $1
"""


class Played(Value):
    """What was done."""

    kind: Kind
    wait: timedelta
    leads: int
    pages_before_the_kill: int
    """How far the publisher was when it was killed: the workers' sweep went on."""
    kills: int
    """Of workers."""
    seconds: float


class Outcome(Value):
    """What one edit did."""

    played: Played
    stood: dict[str, int]
    """Runs under way by the step they stood at."""
    active_before: int
    migrated: int
    finishing: int
    exited: int
    accepted: int
    twice: tuple[str, ...]
    lost: tuple[str, ...]
    stuck: tuple[str, ...]
    uncertain: int
    most_uncertain: int
    proof_closes: bool

    @property
    def faults(self) -> list[str]:
        """What was not as promised, in words."""
        found = [] if self.proof_closes else ["the balance of the publication doesn't close"]
        if self.active_before != self.migrated + self.finishing + self.exited:
            found.append("active_before is not migrated + finishing + exited")
        named = (("twice", self.twice), ("lost", self.lost), ("stuck", self.stuck))
        found += [f"{len(entries)} {name}, such as {entries[0]}" for name, entries in named if entries]
        if self.uncertain > self.most_uncertain:
            found.append(f"{self.uncertain} uncertain, more than the {self.most_uncertain} explained")
        if lacking := [step for step in edit_kinds.WAITS if step not in self.stood]:
            found.append(f"nobody stood at {', '.join(lacking)}: {self.stood}")
        return found


async def close(
    played: Played, proof: Edited, accepted: Sequence[Accepted], settings: Settings, workers: int
) -> Outcome:
    """The books of one edit. `accepted` is all the relay took."""
    dsn, name = settings.database_url or "", edit_kinds.name_of(played.kind)
    ways = await _ways(dsn, name)
    rows = _of_journey(
        await ledger.read(dsn, journey=name, secret=settings.message_id_secret(), domain=hurry.MAILED_FROM), name, ways
    )
    mine = [mail for mail in accepted if mail.step.startswith(f"{name}/")]
    strokes = Strokes(kills={"worker": played.kills}, connections=settings.smtp_connections, workers=workers)
    books = balance(rows, mine, strokes=strokes)
    stood = await _rows(dsn, _STOOD, proof.publication.publication_id)
    fates = proof.balance
    return Outcome(
        played=played,
        stood={row["step_before"]: row["runs"] for row in stood},
        active_before=fates.active_before,
        migrated=fates.migrated,
        finishing=fates.finishing,
        exited=fates.exited,
        accepted=len(mine),
        twice=(*books.twice, *_same_mail_twice(mine)),
        lost=(*books.lost, *books.unbooked, *_never_asked(ways, played), *_nobody(played.leads, len(ways))),
        stuck=books.stuck,
        uncertain=len(books.uncertain),
        most_uncertain=books.most_uncertain,
        proof_closes=fates.closes and fates.undecided == 0,
    )


def line(found: Outcome) -> str:
    """What a person reads."""
    stood = ", ".join(f"{step} {runs}" for step, runs in found.stood.items())
    played = found.played
    return (
        f"{played.kind}: {played.leads} runs begun, {found.active_before} under way ({stood})\n"
        f"  = {found.migrated} migrated + {found.finishing} finishing + {found.exited} ended; publisher killed after "
        f"{played.pages_before_the_kill} pages, workers {played.kills} times; {played.seconds:.0f} s\n"
        f"  {found.accepted} mails accepted; twice {len(found.twice)}, lost {len(found.lost)}, "
        f"stuck {len(found.stuck)}, uncertain {found.uncertain} (at most {found.most_uncertain} explained)\n"
        f"  {'; '.join(found.faults) or 'The balance closes, no mail twice, nobody lost.'}"
    )


def _of_journey(rows: Rows, journey: str, ways: Sequence[Way]) -> Rows:
    runs = {way.run for way in ways}
    return rows.model_copy(
        update={
            "runs": tuple(run for run in rows.runs if run.run in runs),
            "mails": tuple(mail for mail in rows.mails if mail.journey == journey),
            "asked": frozenset(asked for asked in rows.asked if asked[0] in runs),
        }
    )


def _never_asked(ways: Sequence[Way], played: Played) -> list[str]:
    new = edit_kinds.after(played.kind, wait=played.wait, mail_class=MAIL_CLASS)
    lost = [(way.run, gone) for way in ways if (gone := edit_kinds.lost(way, new))]
    return [f"run {run}: never asked for {', '.join(gone)}" for run, gone in lost]


def _same_mail_twice(accepted: Sequence[Accepted]) -> tuple[str, ...]:
    """No journey here comes back to a step: the same step to the same person is the same mail."""
    counts = Counter((mail.recipient, mail.step) for mail in accepted)
    return tuple(f"{step} went {count} times to one lead" for (_, step), count in counts.items() if count > 1)


def _nobody(leads: int, runs: int) -> tuple[str, ...]:
    return () if leads == runs else (f"{leads} leads, but {runs} runs",)


async def _ways(dsn: str, journey: str) -> list[Way]:
    rows = await _rows(dsn, _WAYS, journey)
    return [Way.model_validate({**dict(row), "misses": row["misses"] or ()}) for row in rows]


async def _rows(dsn: str, query: str, *values: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetch(query, *values)
    finally:
        await connection.close()
