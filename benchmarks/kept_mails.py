"""What do the archive and the sunset policy cost where a million mails were sent?

The tables are generated: four letters a lead, half of the leads have answered once, most may be written to. What is
asked is what people and the daily sweep ask: the archive of a process that has just begun and of one that knows it, who
fell under the policy until today, and a page of those who will.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import asyncpg

from benchmarks._measured import Measured, Size, Target
from benchmarks._stand import Stand
from leadloom.runtime.mail_archive import Archive
from leadloom.runtime.wiring import House
from leadloom.store import published, sunset
from leadloom.store.rows import Order

QUESTION = "The archive and the sunset policy where a million mails were sent"
FRESH, KNOWN = "ms of CPU, /archive of a process that has just begun", "ms of CPU, /archive after that, 5 minutes later"
SWEPT, PAGED = "ms of CPU, the day's look for who never answered", "ms of CPU, a page of who will be asked"
TARGETS = (
    Target(FRESH, at_most=3000), Target(KNOWN, at_most=50), Target(SWEPT, at_most=5000), Target(PAGED, at_most=5000),
)  # fmt: skip

_LETTERS = 4
_WRITES = (
    """CREATE TEMP TABLE one AS
       SELECT n, ('01a00000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS lead_id,
              ('01b00000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS enrolment_id, '{at}'::timestamptz AS at,
              (ARRAY['welcome-four-degrees', 'webinar-audit-season'])[n % 20 + 1] AS archived
         FROM generate_series(1, {leads}) AS n""",
    """INSERT INTO lead (lead_id, email, first_name, company, country, language, source, created_at, last_event_no)
       SELECT lead_id, 'p' || n || '@c' || n / 5 || '.example', 'Ana' || n, 'Company ' || n / 5,
              (ARRAY['US', 'DE', 'GB'])[n % 3 + 1], 'en', 'microsite', at - interval '1 year', 2
         FROM one""",
    # Nine of ten confirmed that we may write; every fiftieth said no.
    """INSERT INTO basis (basis_id, lead_id, purpose, channel, kind, source, wording, at)
       SELECT gen_random_uuid(), lead_id, 'marketing', 'mail', 'double-opt-in', 'guide form', '',
              at - interval '1 year'
         FROM one WHERE n % 10 > 0""",
    """INSERT INTO suppression (suppression_id, scope, value, purpose, reason, at)
       SELECT gen_random_uuid(), 'address', 'p' || n || '@c' || n / 5 || '.example', 'marketing', 'unsubscribed', at
         FROM one WHERE n % 50 = 0""",
    """INSERT INTO enrolment (enrolment_id, lead_id, journey, journey_hash, key, entered_at, entered_by, status,
              progress, prospect, ended_at)
       SELECT enrolment_id, lead_id, COALESCE(archived, 'journey-' || n % 20), 'hash', 'once', at - interval '1 year',
              'guide_requested', 'finished', '{{}}', true, at
         FROM one""",
    # Four letters a month apart; the last went between eight months and a day ago.
    """INSERT INTO message (message_id, enrolment_id, step, visit, lead_id, mail, template_hash, mail_class, sender,
              lane, priority, status, asked_at, not_before, slot_at, deadline, sent_at, settled_at, turn, values)
       SELECT gen_random_uuid(), enrolment_id, 'letter-' || k, 1, lead_id,
              CASE WHEN k = 3 AND n % 20 = 0 THEN 'meridian' WHEN k = 3 AND n % 20 = 1 THEN 'invite'
                   ELSE 'letter-' || k END,
              'hash', CASE WHEN k = 1 AND n % 5 = 0 THEN 'service' ELSE 'marketing' END, 'ines-carvalho',
              'main/other/0', 31, 'sent', went, went, went, went, went, went, COALESCE(archived, 'journey-' || n % 20),
              jsonb_build_object('first_name', 'Ana' || n, 'why', repeat('word ', 40))
         FROM one
        CROSS JOIN generate_series(1, {letters}) AS k
        CROSS JOIN LATERAL (SELECT at - ((121 - 30 * k) + n % 240) * interval '1 day' AS went) AS sent""",
    # Everybody came by a list; half did something a person does.
    """INSERT INTO event (lead_id, no, kind, at, verdict, actor)
       SELECT lead_id, k, CASE WHEN k = 1 THEN 'imported' WHEN n % 2 = 0 THEN 'reply' ELSE 'mail_delayed' END,
              at - k * interval '1 hour', 'human', CASE WHEN n % 2 = 0 THEN 'lead' ELSE 'system' END
         FROM one CROSS JOIN generate_series(1, 2) AS k""",
    "ANALYZE",
)


async def measure(stand: Stand, size: Size) -> Measured:
    """Generate, analyse, ask. CPU is that of all processes of Postgres and of this one."""
    mails = size.pick(quick=40_000, full=1_000_000)
    async with stand.database() as url, stand.house(url, temporal=None, sink=None) as house:
        at = house.now()
        await _generated(url, mails, at)
        asked = _Asked(stand, house, at)
        figures = {
            FRESH: await asked.cpu(asked.archive),
            KNOWN: await asked.cpu(asked.archive),
            SWEPT: await asked.cpu(asked.sweep),
            PAGED: await asked.cpu(asked.page),
        }
        return Measured(rows=(), figures=figures, notes=tuple(asked.notes))


class _Asked:
    """Questions, each with the CPU and the wall time it took."""

    def __init__(self, stand: Stand, house: House, at: datetime) -> None:
        self._stand, self._house, self._at = stand, house, at
        self._archive = Archive(house.db, "https://kelvance.example")
        self._looks = 0
        self.notes: list[str] = []

    async def cpu(self, ask: Callable[[], Awaitable[str]]) -> float:
        """Ask; milliseconds of CPU over all processes."""
        before, began = self._stand.cpu(), time.perf_counter()
        said = await ask()
        took_ms = 1000 * (time.perf_counter() - began)
        used = self._stand.cpu_since(before)
        self.notes.append(f"{said}: {took_ms:.0f} ms of wall time")
        return 1000 * (used.get("postgres", 0.0) + used["client"])

    async def archive(self) -> str:
        """All letters of the archive, at its first look and six minutes later."""
        at = self._at + self._looks * timedelta(minutes=6)
        self._looks += 1
        return f"{len(await self._archive.letters(at=at))} letters of the archive"

    async def sweep(self) -> str:
        """Who fell under the policy until now, told as the sweep does."""
        async with self._house.db.transaction() as tx:
            asked = await sunset.ask_the_silent(tx, book=await published.book(tx), at=self._at)
        return f"{asked} were asked whether to go on"

    async def page(self) -> str:
        """The first page of who will be asked."""
        async with self._house.db.read() as tx:
            definition = (await published.book(tx)).definition
            order = Order(sort="at", limit=50)
            until = self._at + timedelta(days=180)
            page = await sunset.silent(tx, definition, order, until=until, at=self._at)
        return f"{len(page.rows)} of {page.total} who never answered"


async def _generated(url: str, mails: int, at: datetime) -> None:
    """Without triggers and references: they would take most of an hour, and a table so made is the same."""
    connection = await asyncpg.connect(url)
    await connection.execute("SET synchronous_commit = off; SET session_replication_role = replica")
    for write in _WRITES:
        await connection.execute(write.format(leads=mails // _LETTERS, letters=_LETTERS, at=at.isoformat()))
    await connection.close()
