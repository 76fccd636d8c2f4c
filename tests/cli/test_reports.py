"""Do the commands give the hand cases' figures (leads.md §5) from rows in a real database, to the digit?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner

from leadloom.cli import reports
from leadloom.domain.errors import BadInput
from leadloom.store import published
from leadloom.store.db import Db
from tests import hand_cases
from tests.hand_cases import day, name_of

Run = Callable[..., Awaitable[Any]]


@pytest.fixture
async def rows(dsn: str, db: Db) -> AsyncIterator[asyncpg.Connection]:
    """A connection to plant rows with, in a database where our definition is published."""
    async with db.transaction() as tx:
        await published.publish_definition(tx, hand_cases.definition(), at=day("2022-01-01"), by="samira-haddad")
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


@pytest.fixture
def run(dsn: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run a command of `reports` on the test's database; what it wrote to stdout."""
    monkeypatch.setenv("DATABASE_URL", dsn)
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")  # nobody: reports read facts, so they need no Temporal
    monkeypatch.setenv("LEADLOOM_STATE", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "140")

    async def invoke(*arguments: str) -> str:
        # A command brings its own event loop, so it runs in a thread of its own.
        result = await asyncio.to_thread(CliRunner().invoke, reports.app, list(arguments), catch_exceptions=True)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.stdout

    return invoke


@pytest.fixture
def figures(run: Run) -> Run:
    """Run a command with `--json`; what it said, parsed."""

    async def ask(*arguments: str) -> Any:
        return json.loads(await run(*arguments, "--json"))

    return ask


def parts(shares: list[dict[str, Any]]) -> list[tuple[float, float]]:
    return [(share["part"], share["whole"]) for share in shares]


async def plant_ways(rows: asyncpg.Connection) -> None:
    for lead, stages in hand_cases.STAGES.items():
        await hand_cases.plant_lead(rows, lead, source="microsite" if lead == "L1" else None)
        await hand_cases.plant_stages(rows, lead, stages)


async def plant_deals(rows: asyncpg.Connection) -> None:
    for name, case in hand_cases.DEALS.items():
        await hand_cases.plant_lead(rows, name)
        await hand_cases.plant_touches(rows, name, case.touches)
        await hand_cases.plant_deal(rows, name, case)


async def plant_leads(rows: asyncpg.Connection) -> None:
    for name, (touches, accepted) in hand_cases.LEADS.items():
        await hand_cases.plant_lead(rows, name)
        await hand_cases.plant_touches(rows, name, touches)
        if accepted:
            await hand_cases.plant_stages(rows, name, [("inquiry", "01-03"), ("mql", "01-05"), ("sal", accepted)])


async def test_r4_speed_to_lead(rows: asyncpg.Connection, figures: Run) -> None:
    for name in "abcd":
        await hand_cases.plant_hand_off(rows, name)
    said = await figures("sla", "--as-of", "2024-12-31")
    found = {attempt["hand_off_id"]: attempt for attempt in said["attempts"]}
    answers = [found[str(name_of(f"hand-off {name}"))] for name in "abcd"]
    assert [(a["business_minutes"], a["wall_minutes"]) for a in answers] == [
        (30, 3_870),
        (35, 3_815),
        (6, 2_406),
        (None, None),
    ]
    everything = said["first_attempt"][0]
    assert (everything["in_time"]["part"], everything["in_time"]["whole"], everything["breached"]) == (2, 4, 2)
    assert (everything["business_minutes"]["count"], everything["business_minutes"]["median"]) == (3, 30)


async def test_r4_as_of_15_march_the_open_lead_is_breached_and_not_in_the_median(
    rows: asyncpg.Connection, figures: Run
) -> None:
    for name in "abcd":
        await hand_cases.plant_hand_off(rows, name)
    everything = (await figures("sla", "--as-of", "2024-03-15"))["first_attempt"][0]
    assert (everything["in_time"]["whole"], everything["breached"], everything["unanswered"]) == (3, 2, 1)
    assert everything["business_minutes"]["median"] == 32.5


async def test_r5_funnel_of_the_january_cohort(rows: asyncpg.Connection, figures: Run) -> None:
    await plant_ways(rows)
    said = await figures("funnel", "--as-of", "2024-03-15", "--cohort", "2024-01", "--by", "source")
    assert said["cohort"]["leads"] == 4
    assert parts([step["share"] for step in said["cohort"]["steps"]]) == [(3, 4), (2, 3), (2, 2), (1, 2)]
    assert said["cohort"]["steps"][0]["share"]["percent"] == 75
    assert said["cohort"]["steps"][1]["share"]["percent"] == 100 * 2 / 3
    assert said["cohort"]["overall"]["percent"] == 25
    assert said["recycle"]["per_visit"] == {"part": 1, "whole": 4, "percent": 25}
    assert said["recycle"]["per_lead"]["percent"] == pytest.approx(33.3333, abs=5e-5)
    assert [(group["name"], group["leads"]) for group in said["groups"]] == [("not told", 3), ("Microsite", 1)]
    assert said["frame"]["definition_version"] == 1


async def test_r5_velocity(rows: asyncpg.Connection, figures: Run) -> None:
    await plant_ways(rows)
    said = await figures("velocity", "--as-of", "2024-03-15")
    to_mql, to_sal, *_ = said["steps"]
    stages = {stage["stage"]: stage for stage in said["stages"]}
    assert (to_mql["elapsed"]["median"], to_mql["elapsed"]["mean"]) == (2, pytest.approx(3.3333, abs=5e-5))
    assert (to_sal["elapsed"]["median"], to_sal["active"]["median"], to_sal["active"]["p90"]) == (17, 1, 1)
    assert (stages["mql"]["open"], stages["mql"]["open_oldest_days"]) == (1, 69)
    assert (stages["sql"]["left"]["count"], stages["sql"]["left"]["mean"], stages["sql"]["left"]["p75"]) == (
        2,
        15,
        17.5,
    )


async def test_r6_pipeline_by_class(rows: asyncpg.Connection, figures: Run) -> None:
    await plant_deals(rows)
    said = await figures("pipeline", "--as-of", "2024-04-30")
    (usd,) = said["currencies"]
    generated, enhanced, sales_only, partner_only = usd["classes"]
    assert {deal["deal"]: deal["deal_class"] for deal in said["deals"]} == {
        "O1": "generated",
        "O2": "enhanced",
        "O3": "sales-only",
        "O4": "sales-only",
        "O5": "generated",
        "O6": "sales-only",
    }
    of_pipeline, of_won = [[row[kind] for row in usd["classes"][:3]] for kind in ("pipeline", "won")]
    assert parts(of_pipeline) == [(17_000, 62_000), (20_000, 62_000), (25_000, 62_000)]
    assert [s["percent"] for s in of_pipeline] == pytest.approx([27.4194, 32.2581, 40.3226], abs=5e-5)
    assert parts(of_won) == [(10_000, 42_000), (20_000, 42_000), (12_000, 42_000)]
    assert [s["percent"] for s in of_won] == pytest.approx([23.8095, 47.6190, 28.5714], abs=5e-5)
    assert usd["touched_won"] == {"part": 30_000, "whole": 42_000, "percent": pytest.approx(71.4286, abs=5e-5)}
    assert parts([row["win_rate"] for row in (generated, enhanced, sales_only)]) == [(1, 2), (1, 1), (1, 2)]
    assert (partner_only["deals"], said["look_back_days"]) == (0, 365)


async def test_r6_look_back_is_a_parameter_of_the_report(rows: asyncpg.Connection, figures: Run) -> None:
    await plant_deals(rows)
    said = await figures("pipeline", "--as-of", "2024-04-30", "--look-back", "unlimited")
    classes = {deal["deal"]: deal["deal_class"] for deal in said["deals"]}
    assert (classes["O4"], said["look_back_days"]) == ("generated", None)


async def test_r15_classes_of_leads(rows: asyncpg.Connection, figures: Run) -> None:
    await plant_leads(rows)
    said = await figures("pipeline", "--as-of", "2024-03-15")
    assert [row["lead_class"] for row in said["all_leads"]] == ["generated", "enhanced", "sales-only", "partner-only"]
    assert parts([row["share"] for row in said["accepted_leads"]]) == [(1, 5), (2, 5), (1, 5), (1, 5)]
    assert parts([row["share"] for row in said["all_leads"]]) == [(1, 6), (2, 6), (2, 6), (1, 6)]


async def test_a_click_by_a_machine_makes_nobody_marketings(rows: asyncpg.Connection, figures: Run) -> None:
    await hand_cases.plant_lead(rows, "N6")
    await hand_cases.plant_touches(rows, "N6", "S 01-03")
    await hand_cases.plant_touches(rows, "N6", "M 01-04", verdict="machine")
    said = await figures("pipeline", "--as-of", "2024-03-15")
    assert [row["share"]["part"] for row in said["all_leads"]] == [0, 0, 1, 0]


async def test_a_deal_counts_the_responses_of_all_leads_of_its_company(rows: asyncpg.Connection, figures: Run) -> None:
    """The champion answered sales; a colleague whom no deal names had answered marketing before."""
    await hand_cases.plant_lead(rows, "O3")
    await hand_cases.plant_touches(rows, "O3", "S 02-01")
    await hand_cases.plant_deal(rows, "O3", hand_cases.DEALS["O3"])
    colleague = await hand_cases.plant_lead(rows, "colleague")
    await rows.execute("UPDATE lead SET account_id = $2 WHERE lead_id = $1", colleague, name_of("account of O3"))
    await hand_cases.plant_touches(rows, "colleague", "M 01-15")
    said = await figures("pipeline", "--as-of", "2024-04-30")
    assert said["deals"][0]["deal_class"] == "generated"


async def test_r14_scores_and_the_day_they_cool(rows: asyncpg.Connection, figures: Run) -> None:
    for name in hand_cases.SCORES:
        await hand_cases.plant_scores(rows, name)
    said = await figures("scores", "--as-of", "2024-02-15", "--threshold", "10")
    fresh, old = said["leads"]
    assert (fresh["lead_id"], fresh["entries"]) == (str(name_of("fresh")), 3)
    assert fresh["engagement"] == pytest.approx(20.0081, abs=5e-5)
    assert fresh["cools_in_days"] == pytest.approx(30.0175, abs=5e-5)
    assert fresh["cools_at"].startswith("2024-03-16T00:25")
    assert (old["engagement"], old["cools_at"]) == (pytest.approx(7.0711, abs=5e-5), None)


@pytest.mark.parametrize(("as_of", "left"), [("2024-01-31", 10), ("2024-02-15", 7.0711), ("2024-03-01", 5)])
async def test_r14_engagement_decays_between_reports(
    rows: asyncpg.Connection, figures: Run, as_of: str, left: float
) -> None:
    await hand_cases.plant_scores(rows, "old")
    (old,) = (await figures("scores", "--as-of", as_of))["leads"]
    assert old["engagement"] == pytest.approx(left, abs=5e-5)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("funnel", ["cohort:", "period:", "definition kelvance v1", "as of 2024-04-30", "(1 of 4)"]),
        ("velocity", ["Stage velocity, days", "Lead growth", "inquiry → mql"]),
        ("pipeline", ["look-back 365 d", "Deals in USD", "40.3 %", "only a holdout does"]),
        ("sla", ["To the first attempt", "What we promised each other", "✗ missed"]),
        ("scores", ["cools to 15", "half-life 30 d"]),
    ],
)
async def test_a_printed_report_names_its_basis(
    rows: asyncpg.Connection, run: Run, command: str, said: list[str]
) -> None:
    await plant_ways(rows)
    await plant_deals(rows)
    await hand_cases.plant_hand_off(rows, "d")
    await hand_cases.plant_scores(rows, "fresh")
    printed = await run(command, "--as-of", "2024-04-30")
    assert [words for words in said if words not in printed] == []


async def test_reports_of_an_empty_house_are_printed(rows: asyncpg.Connection, run: Run) -> None:
    for command in ("funnel", "velocity", "pipeline", "sla", "scores"):
        assert "definition kelvance v1" in await run(command)


@pytest.mark.parametrize(
    "arguments",
    [
        ("funnel", "--as-of", "yesterday"),
        ("funnel", "--cohort", "2024-13"),
        ("funnel", "--within", "soon"),
        ("funnel", "--to", "nowhere"),
        ("pipeline", "--look-back", "for ever"),
    ],
    ids=lambda arguments: " ".join(arguments),
)
async def test_what_cannot_be_read_is_refused_with_a_remedy(
    rows: asyncpg.Connection, run: Run, arguments: tuple[str, ...]
) -> None:
    with pytest.raises(BadInput):
        await run(*arguments)
