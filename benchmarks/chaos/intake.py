"""How do the leads get in, and into the journey? By the commands an operator would type, each a process of its own."""

from __future__ import annotations

import asyncio
import csv
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.chaos import hurry
from benchmarks.chaos.parts import ROOT
from benchmarks.chaos.people import who_said_no
from leadloom.domain.lead import BasisDraft, BasisKind, EventDraft, LeadDraft
from leadloom.domain.model import Value
from leadloom.runtime.wiring import House
from leadloom.store import leads, published

MAILS_EACH = 6
"""What somebody gets who never answers."""
CAMPAIGN = "chaos"
_ADDRESS = f"email={{Lead Number}}@{hurry.MAIL_DOMAIN}"
_WHEN = "2026-01-05"

Passes = Callable[[timedelta], Awaitable[None]]
"""Lets virtual time pass."""


class Intake(Value):
    """What came in."""

    leads: int
    mails: int
    """How many mails are to go, about: what the places of strikes are shares of."""


async def bring_in(environment: dict[str, str], path: Path) -> Intake:
    """Import the list and launch a campaign over it. Raises RuntimeError with what a command said."""
    await import_list(environment, path)
    await command(
        environment, "campaigns", "plan", CAMPAIGN, "--journey", hurry.JOURNEY, "--owner", "priya-nair",
        "--goal", "see whether the books close", "--cost", "0", "--everybody", "--by", "priya-nair",
        "--free-because", "nobody outside this machine gets a mail of it",
    )  # fmt: skip
    await command(environment, "campaigns", "submit", CAMPAIGN, "--by", "priya-nair")
    await command(environment, "campaigns", "approve", CAMPAIGN, "--by", "samira-haddad")
    await command(
        environment, "campaigns", "launch", CAMPAIGN, "--by", "priya-nair",
        "--despite", "its waits are shortened to see what breaks",
    )  # fmt: skip
    with path.open(newline="", encoding="utf-8-sig") as file:
        count = sum(1 for _ in csv.DictReader(file))
    return Intake(leads=count, mails=(count - len(who_said_no(path))) * MAILS_EACH)


async def import_list(environment: dict[str, str], path: Path) -> None:
    """Import the list alone. Raises RuntimeError with what the command said."""
    await command(
        environment, "leads", "import", str(path), "--map", _ADDRESS, "--basis", "express", "--collected-on", _WHEN,
        "--source", "an invented agreement, for this run only", "--by", "priya-nair",
    )  # fmt: skip


async def command(environment: dict[str, str], *words: str) -> str:
    """What a command of ours says on stdout. Raises RuntimeError with its talk when it fails."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "starter.py", *words, cwd=ROOT, env={**os.environ, **environment},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    said, talk = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"starter.py {' '.join(words[:2])} ended with {process.returncode}: {talk.decode()[-1500:]}")
    return said.decode()


async def one_by_one(house: House, path: Path, *, begins: datetime, apart: timedelta, passes: Passes) -> int:
    """Leads ask for the guide, one after the other, with virtual time between them; how many there were."""
    no = who_said_no(path)
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    for position, row in enumerate(rows):
        at = begins + apart * position
        async with house.db.transaction() as tx:
            book = await published.book(tx)
            await leads.capture(tx, _draft(row, no, at), book=book, at=at, actor="lead")
        await passes(apart)
    return len(rows)


def _draft(row: dict[str, str], no: frozenset[str], at: datetime) -> LeadDraft:
    email = f"{row['Lead Number']}@{hurry.MAIL_DOMAIN}"
    kind = "unsubscribed" if email in no else "guide_requested"
    basis = BasisDraft(kind=BasisKind.EXPRESS, source="form", wording="Yes, write to me.", at=at)
    bases = () if email in no else (basis,)
    return LeadDraft(email=email, country="US", events=(EventDraft(kind=kind, at=at),), bases=bases)
