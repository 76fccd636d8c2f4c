"""Does launching work as its how-to says? Its commands run in order and answer as there, but for the numbers."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from leadloom.domain.model import CampaignId
from leadloom.store import campaign_steps, campaigns, published
from leadloom.store.db import Db
from tests import repository
from tests.cli.conftest import Command
from tests.cli.conftest import command as command
from tests.docs import fair
from tests.docs.reader import CONSOLE_STEP, commands, is_like
from tests.store import acts
from tests.store.acts import TUESDAY

PAGE = Path("docs/how-to/rehearse-and-launch.md")
NUMBERS = re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b|\d[\d,.:-]*")
IDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def shape(text: str) -> str:
    """What is said, whatever the numbers, days and ids; columns as wide as whatever stands in them."""
    return re.sub(r" {2,}", "  ", NUMBERS.sub("#", IDS.sub("#", text)))


@pytest.mark.timeout(120)
async def test_whoever_follows_the_page_sees_what_it_says(
    command: Command, db: Db, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = repository.text(PAGE)
    (branch,) = re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)
    await fair.tries_two_ways(db, branch, after="deliver-guide", at=TUESDAY)
    await fair.came(db, TUESDAY)
    monkeypatch.setenv("LEADLOOM_BY", "priya-nair")
    unlike: list[str] = []
    for body in CONSOLE_STEP.findall(text):
        for said, told in commands(body):
            if " show " in said:
                await works(db, dsn)
            ran = await command(*shlex.split(said)[2:])
            like = shows if " show " in said else is_like
            if not like(shape(ran.out + ran.err), shape(told)):
                unlike.append(f"$ {said}\n--- told\n{told}\n--- said\n{ran.out}{ran.err}")
    assert unlike == [], "\n\n".join(unlike)


def shows(said: str, told: str) -> bool:
    """Whether every line told is there, but for those of runs and mails, which go on, and what is left out."""
    lines = re.sub(r"^(runs|mails)\b.*?\n\n", "", told, flags=re.MULTILINE | re.DOTALL).splitlines()
    return {line.rstrip() for line in lines} - {"…"} <= {line.rstrip() for line in said.splitlines()}


async def works(db: Db, dsn: str) -> None:
    """What workers do: the open stage comes in, and its first letters are sent."""
    async with db.transaction() as tx:
        book = await published.book(tx)
        key: CampaignId = (await campaigns.find(tx, "after-the-fair")).campaign_id
        while await campaign_steps.page(tx, key, limit=84, book=book, at=TUESDAY):
            pass
        await campaign_steps.rest(tx, key, book=book, at=TUESDAY)
    for row in await acts.rows(dsn, "SELECT enrolment_id FROM enrolment"):
        await acts.advance(db, book, row["enrolment_id"])
    await acts.rows(dsn, "UPDATE message SET status = 'sent', sent_at = $1, settled_at = $1 RETURNING 1", TUESDAY)
