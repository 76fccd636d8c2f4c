"""Does the custom step that the how-to shows work as it stands there, and is a wrong one refused in those words?"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from uuid import uuid4

import pytest

import activities
from activities.answers import OutsideCall
from activities.tools import Tools
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_check import check_journey, read_journey
from leadloom.domain.mails.links import Signer
from leadloom.mail.smtp import SmtpPool
from leadloom.runtime import catalog
from leadloom.store import published
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import repository, world
from tests.domain.a_run import the_definition
from tests.store import acts
from tests.store.acts import TUESDAY, WALL
from tests.store.test_effects import enters

PAGE = Path("docs/how-to/add-a-step.md")


def block(kind: str) -> str:
    [found] = re.findall(rf"```{kind}\n(.*?)```", repository.text(PAGE), flags=re.DOTALL)
    return found


@dataclass
class Shop:
    """The service the example orders from."""

    orders: list[dict[str, object]] = field(default_factory=list)

    async def order(self, **order: object) -> None:
        self.orders.append(order)


@pytest.fixture
def badges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The page's file, lying where the page says."""
    (tmp_path / "badges.py").write_text(block("python"), encoding="utf-8")
    monkeypatch.setattr(activities, "__path__", [*activities.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    module = importlib.import_module("activities.badges")
    monkeypatch.setattr(module, "shop", Shop(), raising=False)
    yield module
    del sys.modules["activities.badges"]


def journey(text: str) -> Journey:
    return read_journey(DraftText(str(PAGE), text))


def faults(text: str) -> list[str]:
    return check_journey(journey(text), the_definition(), (), catalog.custom_steps())


def test_the_function_is_found_and_its_journey_may_be_published(badges: ModuleType) -> None:
    assert catalog.custom_steps()["order_badge"] is badges.Badge
    assert faults(block("yaml")) == []


def test_a_wrong_name_and_a_wrong_value_are_refused_in_the_words_of_the_page(badges: ModuleType) -> None:
    shown = [
        line
        for text in re.findall(r"```text\n(.*?)```", repository.text(PAGE), re.DOTALL)
        for line in text.splitlines()
    ]
    misspelt = block("yaml").replace("order_badge", "order_bagde")
    told_wrong = block("yaml").replace("size: large, fair: Expo", "size: huge")
    assert [*faults(misspelt), *faults(told_wrong)] == shown


def test_without_the_file_nothing_may_be_called() -> None:
    [fault] = faults(block("yaml"))
    assert fault.startswith("steps.0.activity: There is no custom step order_badge.")


async def test_it_gets_the_checked_value_the_key_and_the_lead(db: Db, book: Book, badges: ModuleType) -> None:
    async with db.transaction() as tx:
        await published.publish_journey(tx, journey(block("yaml")), at=world.MONDAY, by="priya-nair")
        book = await published.book(tx)
    _, run = await enters(db, book, "webinar_registered")
    assert (await acts.advance(db, book, run)).activity == "order_badge"
    call = OutsideCall(about=str(run), step="badge", visit=1, at=TUESDAY)
    [order] = [one for one in catalog.activity_methods(_tools(db)) if one.__name__ == "order_badge"]
    await order(call)
    await order(call.but(visit=2))  # the run isn't there
    assert badges.shop.orders == [{"key": f"{run}/badge/1", "size": "large", "fair": "Expo", "name": "Ana"}]


def _tools(db: Db) -> Tools:
    return Tools(
        db=db, smtp=SmtpPool.from_url("smtp://127.0.0.1:9", size=1), signer=Signer(["signs links in tests"]),
        public_url="http://leadloom.example", wire_secret="makes ids in tests", epoch=1, wall_now=lambda: WALL,
        new_claim=uuid4,
    )  # fmt: skip
