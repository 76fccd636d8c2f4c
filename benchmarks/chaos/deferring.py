"""What does a relay cost that says "later" in the middle of 300 leads? Delay, and nothing else: no mail, no journey.

Twice: for three seconds on Temporal's development server, and for ten virtual minutes on the time-skipping one, there
with the waits of the real journey.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.chaos import hurry, intake, ledger
from benchmarks.chaos.balance import Balance, Strokes, balance
from benchmarks.chaos.ledger import Mail
from benchmarks.chaos.parts import RelayPart
from benchmarks.chaos.people import who_said_no
from benchmarks.chaos.relay_log import Fault, Order, Watched
from benchmarks.chaos.story import Played, Stage, play
from benchmarks.chaos.strikes import Strike
from leadloom.domain.model import Value
from leadloom.runtime.local.postgres import running
from leadloom.runtime.local.temporal import let_pass, skipping
from leadloom.runtime.settings import Settings
from leadloom.runtime.wiring import House, opened, tools_of
from leadloom.runtime.workers import working
from leadloom.store import server
from leadloom.store.migrate import migrate

SHORT = timedelta(seconds=3)
LONG = timedelta(minutes=10)
_APART = timedelta(seconds=4)
"""Virtual time between two leads: 300 of them take twenty minutes, so ten minutes lie in their middle."""
_BEGINS = datetime.fromisoformat("2026-03-03T15:00:00+00:00")
_THIRD_DAY = timedelta(days=3)


class Deferred(Value):
    """What the hours of "later" did."""

    lasted: timedelta
    books: Balance
    each_mail_once: dict[str, int]
    """How many leads got each step's mail, once."""
    deferred: int
    """Mails that were told "later" at least once."""
    longest: timedelta
    """From asking for a mail to its sending, at most."""
    usual: timedelta
    """The same for the median of the others."""

    @property
    def faults(self) -> list[str]:
        """What was not as promised, in words."""
        found = list(self.books.faults)
        leads = self.books.leads - self.books.opted_out
        found += [f"{step}: {count} of {leads} leads" for step, count in self.each_mail_once.items() if count != leads]
        if set(self.books.outcomes) != {"finished"}:
            found.append(f"journeys ended early: {self.books.outcomes}")
        if not self.deferred:
            found.append("no mail met the deferral: nothing was tried")
        return found


async def in_seconds(stage: Stage) -> Deferred:
    """Three seconds of 451 on the development server, when half of the mails have gone."""
    order = Order(fault=Fault.LATER, seconds=SHORT.total_seconds())
    played: Played = await play(stage, [Strike(after=0.5, phase_s=0.0, what=order)])
    return _told(SHORT, played.books, played.mails)


async def in_minutes(folder: Path, leads: Path) -> Deferred:
    """Ten virtual minutes of 451, in the middle of everybody's letter of day 3."""
    relay = RelayPart(folder)
    await relay.start()
    try:
        async with running(folder / "postgres", durable=False) as postgres, skipping() as environment:
            await server.ensure_database(postgres.url())
            await migrate(postgres.url())
            ahead = _BEGINS - await environment.get_current_time()
            settings = Settings(
                database_url=postgres.url(), smtp_url=relay.url, state=folder / "state",
                clock_ahead_s=ahead.total_seconds(), maintenance_every_s=86_400.0,
            )  # fmt: skip
            async with opened(settings, temporal=environment.client) as house, tools_of(house) as tools:
                await hurry.publish(house.db, day=timedelta(days=1), at=_BEGINS)
                async with working(house, tools):

                    async def passes(span: timedelta) -> None:
                        await let_pass(environment, span)

                    await _live_through(house, relay, leads, passes)
            return await _close(settings, relay, leads)
    finally:
        await relay.stop()


async def _live_through(house: House, relay: RelayPart, leads: Path, passes: intake.Passes) -> None:
    """Leads come in one after the other; three days later, when half have their second letter, 451 begins."""
    count = await intake.one_by_one(house, leads, begins=_BEGINS, apart=_APART, passes=passes)
    spent = _APART * count
    await passes(_THIRD_DAY - spent + spent / 4)
    print("day 3: the relay says 451", file=sys.stderr, flush=True)
    relay.order(Order(fault=Fault.LATER))
    await asyncio.sleep(0.1)  # the relay looks at its orders in wall time
    await passes(LONG)
    relay.order(Order(fault=None))
    await asyncio.sleep(0.1)
    print("ten minutes later: it takes mail again", file=sys.stderr, flush=True)
    for _ in range(12):
        await passes(timedelta(days=5))


async def _close(settings: Settings, relay: RelayPart, leads: Path) -> Deferred:
    rows = await ledger.read(
        settings.database_url or "", journey=hurry.JOURNEY, secret=settings.message_id_secret(),
        domain=hurry.MAILED_FROM,
    )  # fmt: skip
    watched = Watched(relay.log_file)
    watched.look()
    books = balance(rows, watched.accepted, strokes=Strokes(), said_no=who_said_no(leads))
    return _told(LONG, books, rows.mails)


def _told(lasted: timedelta, books: Balance, mails: Sequence[Mail]) -> Deferred:
    steps = Counter(step for _, step in books.delivered)
    waited = {mail: mail.sent_at - mail.asked_at for mail in mails if mail.sent_at is not None}
    deferred = [mail for mail in waited if mail.tries > 1]
    others = sorted(span for mail, span in waited.items() if mail.tries <= 1)
    return Deferred(
        lasted=lasted,
        books=books,
        each_mail_once=dict(sorted(steps.items())),
        deferred=len(deferred),
        longest=max(waited.values(), default=timedelta()),
        usual=others[len(others) // 2] if others else timedelta(),
    )


def lines(found: Deferred) -> str:
    """What a person reads."""
    who = found.books.leads - found.books.opted_out
    told = [
        f"451 for {found.lasted}, in the middle of {who} leads:",
        *(f"  {step}: {count} of {who} got it, once" for step, count in found.each_mail_once.items()),
        f"  journeys: {found.books.enrolled} begun, "
        + ", ".join(f"{count} {outcome}" for outcome, count in sorted(found.books.outcomes.items())),
        f"  delay: {found.deferred} mails were told to come back; the longest went {_short(found.longest)} after "
        f"it was asked for, usually it is {_short(found.usual)}",
        f"  twice {len(found.books.twice)}, lost {len(found.books.lost)}, stuck {len(found.books.stuck)}, "
        f"uncertain {len(found.books.uncertain)}",
        f"  {'; '.join(found.faults) or 'Late, and nothing lost.'}",
    ]
    return "\n".join(told)


def _short(span: timedelta) -> str:
    return (
        f"{span.total_seconds() / 60:.1f} minutes" if span >= timedelta(minutes=2) else f"{span.total_seconds():.1f} s"
    )
