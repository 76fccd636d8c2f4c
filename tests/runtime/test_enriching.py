"""Is a provider found where it lies, asked, its word kept with source and date, its failures kept and retried?"""

from __future__ import annotations

import asyncio
import importlib
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest

import activities
from leadloom.domain.enrichment.asked import AskedCompany, AskedLead, Told
from leadloom.domain.errors import BadInput, Conflict, Transient
from leadloom.domain.lead import Lead
from leadloom.domain.model import AccountId, LeadId
from leadloom.domain.stages import fit
from leadloom.runtime.enriching import Asking, ask_company, ask_lead, enrichers, retry
from leadloom.store import accounts, enriched, enrichments, events, leads, merging, permissions, published
from leadloom.store.db import Db
from leadloom.store.enrichments import About, Run
from leadloom.store.merging import MergeOrder
from leadloom.store.permissions import Silence
from leadloom.store.published import Book
from tests import repository, world
from tests.store import acts
from tests.store.acts import TUESDAY

PAGE = Path("docs/how-to/enrich.md")
BY = "samira-haddad"
POLICY = {
    "providers": {"register": {"fields": {"industry": "newer"}}, "company-directory": {"fields": {"sites": "fill"}}},
    "leads": {
        "whos-who": {"fields": {"title": "newer", "role": "fill", "phone": "fill"}, "told": ["email"]},
        "people-directory": {"fields": {"title": "fill"}, "told": ["company"]},
    },
    "automatic": True, "per_minute": 2, "tries": 2, "skip": ["*.skipped.example"],
}  # fmt: skip


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ModuleType]]:
    """The how-to's two files, lying where the page says."""
    code = re.findall(r"```python\n(.*?)```", repository.text(PAGE), flags=re.DOTALL)
    names = ("register", "whos_who")
    for name, each in zip(names, code, strict=True):
        (tmp_path / f"{name}.py").write_text(each, encoding="utf-8")
    monkeypatch.setattr(activities, "__path__", [*activities.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    yield {name: importlib.import_module(f"activities.{name}") for name in names}
    for name in names:
        sys.modules.pop(f"activities.{name}")


@pytest.fixture
async def rules(db: Db, book: Book) -> Book:
    """A definition in force that takes all of them; about companies it asks by itself."""
    return await agreed(db, book, version=2)


async def agreed(db: Db, book: Book, *, version: int, **policy: object) -> Book:
    told = {**book.definition.model_dump(by_alias=True), "enrichment": {**POLICY, **policy}, "version": version}
    async with db.transaction() as tx:
        at = TUESDAY - timedelta(days=1)
        await published.publish_definition(tx, type(book.definition).model_validate(told), at=at, by=BY)
        return await published.book(tx)


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


async def person(db: Db, book: Book, name: str = "ana.torres", **told: object) -> LeadId:
    told = {"role": None, "title": None, "phone": None, "time_zone": None, "events": (), **told}
    return await acts.capture(db, book, world.draft(name, **told), TUESDAY)  # type: ignore[arg-type]  a draft's


async def now(db: Db, lead_id: LeadId) -> Lead:
    async with db.read() as tx:
        return await leads.get(tx, lead_id)


async def log(db: Db, about: About | None = None, *, only_failed: bool = False) -> tuple[Run, ...]:
    async with db.read() as tx:
        return await enrichments.log(tx, about, only_failed=only_failed)


async def ask(db: Db, lead_id: LeadId, provider: str = "whos-who") -> list[tuple[str, bool, str]]:
    done = await ask_lead(db, lead_id, provider, by=BY, now=lambda: TUESDAY)
    return [(change.field, change.is_taken, change.because) for change in done]


async def test_the_how_tos_provider_is_found_asked_kept_and_taken_back(
    db: Db, book: Book, rules: Book, found: dict[str, ModuleType]
) -> None:
    assert {"register", "whos-who", "company-directory", "people-directory"} <= enrichers().keys()
    blank = await company(db, book, "nordkap.example", industry=None)
    (change,) = await ask_company(db, blank, "register", by=BY, now=lambda: TUESDAY)
    assert (change.value, change.is_taken, await industry(db, blank)) == ("food logistics", True, "food logistics")
    again = await ask_company(db, blank, "register", by=BY, now=lambda: TUESDAY)
    assert [one.because for one in again] == ["it is known so already"]
    *_, first = await log(db, About(account_id=blank))
    async with db.read() as tx:
        as_of = (await enrichments.origins(tx, About(account_id=blank)))["industry"].as_of
    assert (first.sent, first.state, str(as_of)) == (("domain",), "told", "2026-02-01")
    async with db.transaction() as tx:
        await enriched.undo(tx, first.run_id, by=BY, why="wrong", book=rules, at=TUESDAY)
        with pytest.raises(Conflict, match="nothing to take back"):
            await enriched.undo(tx, first.run_id, by=BY, why="wrong", book=rules, at=TUESDAY)
    assert await industry(db, blank) is None

    found["register"].KEPT["own.example"] = "retail"
    own = await company(db, book, "own.example", industry="hospital")
    (change,) = await ask_company(db, own, "register", by=BY, now=lambda: TUESDAY)
    assert (change.is_taken, change.because, await industry(db, own)) == (
        False,
        "a person told us otherwise",
        "hospital",
    )
    with pytest.raises(BadInput, match="Known: company-directory, register"):
        await ask_company(db, own, "whos-who", by=BY, now=lambda: TUESDAY)
    skipped = await company(db, book, "a.skipped.example")
    with pytest.raises(BadInput, match="skips its domain"):
        await ask_company(db, skipped, "register", by=BY, now=lambda: TUESDAY)


async def test_what_a_provider_tells_of_a_lead_fills_blanks_counts_at_once_and_is_taken_back(
    db: Db, book: Book, rules: Book, found: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[AskedLead] = []
    knows = found["whos_who"].ENRICHER.look_up_lead

    async def listens(lead: AskedLead) -> Sequence[Told]:
        asked.append(lead)
        return await knows(lead)

    monkeypatch.setattr(found["whos_who"].ENRICHER, "look_up_lead", listens)
    lead_id = await person(db, book)
    before = await points(db, rules, lead_id)
    assert await ask(db, lead_id) == [
        ("title", True, "nobody had told us"), ("phone", True, "nobody had told us"),
        ("role", True, "nobody had told us"),
    ]  # fmt: skip
    lead = await now(db, lead_id)
    assert (lead.title, lead.role, lead.phone) == ("Head of Quality", "quality", "+493012345678")
    assert [one.model_dump(exclude_none=True) for one in asked] == [{"email": lead.email}], "it is told what it may be"
    assert await points(db, rules, lead_id) > before, "the role fits them at once"
    assert {because for _, _, because in await ask(db, lead_id)} == {"it is known so already"}
    *_, first = await log(db, About(lead_id=lead_id))
    async with db.read() as tx:
        kinds = [event.kind for event in await events.of_lead(tx, lead_id)]
    assert (first.sent, kinds.count("enriched")) == (("email",), 1)

    await person(db, book, title="Plant manager")  # now they say it themselves
    assert ("title", False, "a person told us otherwise") in await ask(db, lead_id)
    async with db.transaction() as tx:
        await enriched.undo(tx, first.run_id, by=BY, why="wrong", book=rules, at=TUESDAY)
    lead = await now(db, lead_id)
    assert (lead.title, lead.phone) == ("Plant manager", None), "their own word stays"


async def points(db: Db, book: Book, lead_id: LeadId) -> int:
    async with db.read() as tx:
        lead = await leads.get(tx, lead_id)
        account = await leads.account_of(tx, lead)
    return fit.points_and_letter(book.definition, lead, account=account)[0]


async def test_nothing_of_who_said_no_was_erased_or_is_skipped_leaves_the_house(
    db: Db, book: Book, rules: Book, found: dict[str, ModuleType]
) -> None:
    no, skipped = await person(db, book, "no"), await person(db, book, "s", email="s@a.skipped.example")
    email = (await now(db, no)).email
    assert email is not None
    async with db.transaction() as tx:
        silence = Silence(value=email, purpose=permissions.MARKETING, reason=permissions.UNSUBSCRIBED, at=TUESDAY)
        await permissions.suppress(tx, [silence])
    for lead_id, why in ((no, "said no"), (skipped, "skips their domain"), (await person(db, book), "asks for email")):
        with pytest.raises(BadInput, match=why):
            await ask(db, lead_id, "people-directory")
    assert await log(db) == ()
    await agreed(db, book, version=3, automatic=False, automatic_leads=True)
    assert await Asking(db).look(at=TUESDAY) == 1, "only who may be asked about"


async def test_two_leads_that_become_one_take_along_what_was_told_of_them(
    db: Db, book: Book, rules: Book, found: dict[str, ModuleType]
) -> None:
    ana, other = await person(db, book), await person(db, book, "anna.torres")
    found["whos_who"].KEPT[str((await now(db, other)).email)] = ("QA lead", "")
    await ask(db, other)
    async with db.transaction() as tx:
        order = MergeOrder(one=ana, other=other, by=BY, why="one person")
        merged = await merging.merge(tx, order, book=rules, at=TUESDAY)
    async with db.read() as tx:
        told = await enrichments.origins(tx, About(lead_id=merged.lead_id))
    assert (told["title"].value, (await now(db, merged.lead_id)).title) == ("QA lead", "QA lead")


async def test_the_sweep_keeps_its_rate_tries_failures_again_and_then_waits_for_somebody(
    db: Db, book: Book, rules: Book, found: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[AskedCompany] = []

    async def fails(company: AskedCompany) -> Sequence[Told]:
        asked.append(company)
        raise Transient("the register is closed")

    with monkeypatch.context() as away:
        away.setattr(found["register"].ENRICHER, "look_up", fails, raising=False)
        waits = await swept(db, book, asked)
    found["register"].KEPT["three.example"] = "retail"
    [three] = [one.run_id for one in waits if one.domain == "three.example"]
    [one, _] = [one.run_id for one in waits if one.domain != "three.example"]
    later = TUESDAY + timedelta(hours=2)
    async with db.transaction() as tx:
        assert await enrichments.ask_all_again(tx, "register", by=BY, at=later) == 3
        await enrichments.let_go(tx, one, by=BY, why="nobody needs it", at=later)
    (change,) = await retry(db, three, by=BY, now=lambda: later)
    assert change.value == "retail"
    with pytest.raises(Conflict, match="waits no more"):
        await retry(db, three, by=BY, now=lambda: later)
    assert await Asking(db).look(at=later) == 1, "the one that nobody let go"
    assert await log(db, only_failed=True) == ()


async def swept(db: Db, book: Book, asked: list[AskedCompany]) -> tuple[Run, ...]:
    """What waits after an hour in which the register was closed."""
    for name in ("one", "two", "three"):
        await company(db, book, f"{name}.example")
    await company(db, book, "b.skipped.example")
    asking = Asking(db)

    async def sweep(minutes: int) -> int:
        return await asking.look(at=TUESDAY + timedelta(minutes=minutes))

    assert await sweep(0) == 4, "two of each provider in a minute"
    assert await sweep(0) == 0
    assert await sweep(2) == 2, "the third company"
    assert all(one.name is None and one.country is None for one in asked), "it is told what it asks for"
    waits = await log(db, only_failed=True)
    assert [(one.tries, one.waits_for_somebody, one.error) for one in waits] == [
        (1, False, "the register is closed")
    ] * 3
    await agreed(db, book, version=3, automatic=False)  # what failed is asked again all the same
    await sweep(10)
    await sweep(12)
    waits = await log(db, only_failed=True)
    assert [(one.tries, one.waits_for_somebody) for one in waits] == [(2, True)] * 3
    assert (await sweep(60), len(asked)) == (0, 6)
    return waits


async def test_a_provider_that_is_away_spends_nobody_elses_tries_and_newcomers_are_found_next(
    db: Db, book: Book, rules: Book, found: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    await agreed(db, book, version=3, automatic=False, automatic_leads=True, per_minute=30)
    for no in range(5):
        await person(db, book, f"p{no}")

    async def fails(lead: AskedLead) -> Sequence[Told]:
        raise OSError(f"no route to {lead.email}")

    asking = Asking(db)
    with monkeypatch.context() as away:
        away.setattr(found["whos_who"].ENRICHER, "look_up_lead", fails, raising=False)
        assert await asking.look(at=TUESDAY) == 2
    failed = await log(db, only_failed=True)
    assert [one.error for one in failed] == ["OSError"] * 2, "a stranger's words may quote anybody"
    assert await asking.look(at=TUESDAY + timedelta(minutes=2)) == 3
    late = await person(db, book, "late")
    assert await asking.look(at=TUESDAY + timedelta(minutes=3)) == 1
    assert (await log(db))[0].lead_id == late
    assert await asking.look(at=TUESDAY + timedelta(minutes=9)) == 2, "and those that failed, by and by"


async def test_a_worker_that_dies_while_it_asks_leaves_nothing_half_and_another_asks_again(
    db: Db, book: Book, rules: Book, found: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    await agreed(db, book, version=3, automatic=False, automatic_leads=True)
    lead_id, asked = await person(db, book), asyncio.Event()

    async def thinks(lead: AskedLead) -> Sequence[Told]:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError(f"it never answers about {lead.email}")

    with monkeypatch.context() as slow:
        slow.setattr(found["whos_who"].ENRICHER, "look_up_lead", thinks, raising=False)
        dies = asyncio.create_task(Asking(db).look(at=TUESDAY))
        await asyncio.wait_for(asked.wait(), 5)
        dies.cancel()
        await asyncio.wait([dies])
    assert await log(db) == ()
    assert await Asking(db).look(at=TUESDAY) == 1
    assert (await now(db, lead_id)).title == "Head of Quality"
