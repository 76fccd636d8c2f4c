"""Is a provider found where it lies, asked, its word kept with source and date, its failures kept and retried?"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import cast

import pytest

import activities
from activities.answers import Look
from activities.enriching import EnrichingEffects, enrich, enrichers
from activities.tools import Tools
from leadloom.domain.companies.enriching import AskedCompany, Told
from leadloom.domain.errors import BadInput, Conflict, Transient
from leadloom.domain.model import AccountId
from leadloom.store import accounts, enrichments, leads, published
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import repository, world
from tests.store import acts
from tests.store.acts import TUESDAY

PAGE = Path("docs/how-to/enrich-companies.md")
POLICY = {
    "providers": {"register": {"fields": {"industry": "newer"}}, "company-directory": {"fields": {"sites": "fill"}}},
    "automatic": True, "per_minute": 2, "tries": 2, "skip": ["*.skipped.example"],
}  # fmt: skip


@pytest.fixture
def register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The how-to's file, lying where the page says."""
    [code] = re.findall(r"```python\n(.*?)```", repository.text(PAGE), flags=re.DOTALL)
    (tmp_path / "register.py").write_text(code, encoding="utf-8")
    monkeypatch.setattr(activities, "__path__", [*activities.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    yield importlib.import_module("activities.register")
    sys.modules.pop("activities.register")


@pytest.fixture
async def rules(db: Db, book: Book) -> None:
    """A definition in force that takes both, by itself."""
    definition = type(book.definition).model_validate(
        {**book.definition.model_dump(by_alias=True), "enrichment": POLICY, "version": 2}
    )
    async with db.transaction() as tx:
        await published.publish_definition(tx, definition, at=TUESDAY - timedelta(days=1), by="samira-haddad")


async def company(db: Db, book: Book, domain: str, **told: object) -> AccountId:
    draft = world.draft("ana", email=f"ana@{domain}", company=domain.title(), **told)  # type: ignore[arg-type]  a draft's
    lead_id = await acts.capture(db, book, draft, TUESDAY)
    async with db.read() as tx:
        found = (await leads.get(tx, lead_id)).account_id
    assert found is not None
    return found


async def industry(db: Db, account_id: AccountId) -> str | None:
    async with db.read() as tx:
        found = await accounts.get(tx, account_id)
    return found.industry if found else None


async def sweep(db: Db, minutes: int) -> int:
    effects = EnrichingEffects(cast("Tools", SimpleNamespace(db=db)))
    return await effects.enrich_companies(Look(about="", at=TUESDAY + timedelta(minutes=minutes)))


@pytest.mark.usefixtures("register", "rules")
async def test_the_how_tos_provider_is_found_asked_kept_and_taken_back(db: Db, book: Book) -> None:
    assert {"register", "company-directory"} <= enrichers().keys()
    blank = await company(db, book, "nordkap.example", industry=None)
    (change,) = await enrich(db, blank, "register", by="samira-haddad", now=lambda: TUESDAY)
    assert (change.value, change.is_taken, await industry(db, blank)) == ("food logistics", True, "food logistics")
    again = await enrich(db, blank, "register", by="samira-haddad", now=lambda: TUESDAY)
    assert [one.because for one in again] == ["it is known so already"]
    async with db.read() as tx:
        *_, first = await enrichments.log(tx, blank)
        assert (first.sent, first.state, str((await enrichments.origins(tx, blank))["industry"].as_of)) == (
            ("domain",), "told", "2026-02-01",
        )  # fmt: skip
    async with db.transaction() as tx:
        await enrichments.undo(tx, first.run_id, by="samira-haddad", why="wrong", at=TUESDAY)
        with pytest.raises(Conflict, match="nothing to take back"):
            await enrichments.undo(tx, first.run_id, by="samira-haddad", why="wrong", at=TUESDAY)
    assert await industry(db, blank) is None


@pytest.mark.usefixtures("rules")
async def test_a_persons_own_word_stands_and_nobody_but_named_providers_is_asked(
    db: Db, book: Book, register: ModuleType
) -> None:
    register.KEPT["own.example"] = "retail"
    own = await company(db, book, "own.example", industry="hospital")
    (change,) = await enrich(db, own, "register", by="samira-haddad", now=lambda: TUESDAY)
    assert (change.is_taken, change.because, await industry(db, own)) == (
        False,
        "a person told us otherwise",
        "hospital",
    )
    with pytest.raises(BadInput, match="Known: company-directory, register"):
        await enrich(db, own, "somebody", by="samira-haddad", now=lambda: TUESDAY)
    skipped = await company(db, book, "a.skipped.example")
    with pytest.raises(BadInput, match="skips its domain"):
        await enrich(db, skipped, "register", by="samira-haddad", now=lambda: TUESDAY)


@pytest.mark.usefixtures("rules")
async def test_the_sweep_keeps_its_rate_tries_failures_again_and_then_waits_for_somebody(
    db: Db, book: Book, register: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[AskedCompany] = []

    async def fails(company: AskedCompany) -> Sequence[Told]:
        asked.append(company)
        raise Transient("the register is closed")

    monkeypatch.setattr(register.ENRICHER, "look_up", fails, raising=False)
    for name in ("one", "two", "three"):
        await company(db, book, f"{name}.example")
    await company(db, book, "b.skipped.example")
    assert await sweep(db, 0) == 4, "two of each provider in a minute"
    assert await sweep(db, 0) == 0
    assert await sweep(db, 2) == 2, "the third company"
    assert all(one.name is None and one.country is None for one in asked), "it is told what it asks for"
    async with db.read() as tx:
        waits = await enrichments.log(tx, only_failed=True)
    assert [(one.tries, one.waits_for_somebody, one.error) for one in waits] == [
        (1, False, "the register is closed")
    ] * 3
    await sweep(db, 10)
    await sweep(db, 12)
    async with db.read() as tx:
        waits = await enrichments.log(tx, only_failed=True)
    assert [(one.tries, one.waits_for_somebody) for one in waits] == [(2, True)] * 3
    assert (await sweep(db, 60), len(asked)) == (0, 6)
