"""What do the rows say? Read from outside our code, by one connection, so that no bug of ours judges itself."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from leadloom.domain.model import MessageId, Value
from leadloom.mail.compose import wire_id

_MEMBERS = """
SELECT l.lead_id::text AS lead_id, l.email,
       EXISTS (SELECT FROM event e WHERE e.lead_id = l.lead_id AND e.kind = 'unsubscribed') AS opted_out,
       r.enrolment_id::text AS run, m.left_out, m.decided_at IS NULL AND m.lead_id IS NOT NULL AS waits
  FROM lead l
  LEFT JOIN campaign_member m ON m.lead_id = l.lead_id
  LEFT JOIN enrolment r ON r.lead_id = l.lead_id AND r.journey = $1
 ORDER BY l.lead_id
"""
_RUNS = """
SELECT enrolment_id::text AS run, lead_id::text AS lead_id, status, outcome, waiting_for,
       blocked_at IS NOT NULL AS blocked, error
  FROM enrolment
 ORDER BY enrolment_id
"""
_MAILS = """
SELECT m.message_id, m.enrolment_id::text AS run, m.lead_id::text AS lead_id, e.journey, m.step, m.visit, m.status,
       m.reason, m.reply, m.tries, m.asked_at, m.sent_at, m.owner_id IS NOT NULL AS for_owner
  FROM message m
  LEFT JOIN enrolment e ON e.enrolment_id = m.enrolment_id
 ORDER BY m.asked_at, m.message_id
"""
_ASKED = """
SELECT enrolment_id::text AS run, step, visit
  FROM step_log
 WHERE did LIKE 'asked for the mail %'
"""
_OPEN = """
SELECT (SELECT count(*) FROM campaign WHERE status = 'running') AS campaigns,
       (SELECT count(*) FROM campaign_member WHERE decided_at IS NULL) AS members,
       (SELECT count(*) FROM enrolment WHERE status = 'active') AS runs,
       (SELECT count(*) FROM message
         WHERE status IN ('reserved', 'deferred', 'claimed', 'at_dot', 'held')) AS mails,
       (SELECT count(*) FROM outbox WHERE wall_relayed_at IS NULL) AS unheard,
       (SELECT count(*) FROM enrolment) AS enrolled
"""
_RESTING = """
SELECT relay, provider, failures, why, rests_until - since AS rests
  FROM route
 ORDER BY relay, provider
"""


class Member(Value):
    """Somebody the story is about."""

    lead_id: str
    email: str | None
    opted_out: bool
    run: str | None
    left_out: str | None
    """Why the campaign enrolled them not."""
    waits: bool
    """The campaign has not come by yet."""


class Run(Value):
    """One enrolment."""

    run: str
    lead_id: str
    status: str
    outcome: str | None
    waiting_for: str | None
    blocked: bool
    error: str | None


class Mail(Value):
    """One row of the ledger of sends."""

    wire_id: str
    run: str | None
    lead_id: str | None
    journey: str | None
    step: str
    visit: int
    status: str
    reason: str | None
    reply: str | None
    tries: int
    asked_at: datetime
    sent_at: datetime | None
    for_owner: bool


class Open(Value):
    """What has not ended yet."""

    campaigns: int
    members: int
    runs: int
    mails: int
    unheard: int
    """Wake-ups that Temporal has not heard."""
    enrolled: int
    """Runs that were ever begun, ended ones too."""

    @property
    def nothing(self) -> bool:
        """Whether everything has ended."""
        return not (self.campaigns or self.members or self.runs or self.mails or self.unheard)


class Rows(Value):
    """Everything the balance is made of, but for the relay's log."""

    members: tuple[Member, ...]
    runs: tuple[Run, ...]
    mails: tuple[Mail, ...]
    asked: frozenset[tuple[str, str, int]]
    """Mails a run has decided to ask for: run, step, visit."""


async def read(dsn: str, *, journey: str, secret: str, domain: str) -> Rows:
    """All rows, of one moment. `secret` makes Message-IDs, `domain` is what they end in."""
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            mails = [dict(row) for row in await connection.fetch(_MAILS)]
            for mail in mails:
                mail["wire_id"] = wire_id(MessageId(mail.pop("message_id")), secret=secret, domain=domain)
            return Rows(
                members=tuple(Member(**row) for row in await connection.fetch(_MEMBERS, journey)),
                runs=tuple(Run(**row) for row in await connection.fetch(_RUNS)),
                mails=tuple(Mail(**mail) for mail in mails),
                asked=frozenset((row["run"], row["step"], row["visit"]) for row in await connection.fetch(_ASKED)),
            )
    finally:
        await connection.close()


async def still_open(dsn: str) -> Open | None:
    """What has not ended yet; None while Postgres doesn't say."""
    try:
        connection = await asyncpg.connect(dsn, timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None
    try:
        [row] = await connection.fetch(_OPEN)
        return Open(**dict(row))
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None
    finally:
        connection.terminate()


async def resting(dsn: str) -> str:
    """Which relays and providers are left alone, how long, and for what; in words, for who watches."""
    try:
        connection = await asyncpg.connect(dsn, timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return ""
    try:
        found = [dict(row) for row in await connection.fetch(_RESTING)]
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return ""
    finally:
        connection.terminate()
    return "".join(
        f" · {row['relay']}/{row['provider']} rests {row['rests'].total_seconds():.0f} s for the "
        f"{row['failures']}. time: {row['why']}"
        for row in found
    )
