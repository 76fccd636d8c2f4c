"""Do two real lists, brought in through the command line, give the figures others worked out for them, to the digit?

The sets are not ours to keep (CC BY-NC-SA; unknown), so they lie beside the repository, or where LEADLOOM_DATA says.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from leadloom.cli._door import run
from leadloom.store.db import Db
from tests import services, world
from tests.repository import ROOT

DATA = Path(os.environ.get("LEADLOOM_DATA") or ROOT.parent / "shared" / "data")
pytestmark = pytest.mark.timeout(600)

FUNNEL = {
    "organic_search": (2296, 271, 11.80, 10.55, 13.19),
    "paid_search": (1586, 195, 12.30, 10.77, 14.00),
    "social": (1350, 75, 5.56, 4.46, 6.91),
    "unknown": (1099, 179, 16.29, 14.22, 18.59),
    "direct_traffic": (499, 56, 11.22, 8.74, 14.29),
    "email": (493, 15, 3.04, 1.85, 4.96),
    "referral": (284, 24, 8.45, 5.74, 12.27),
    "other": (150, 4, 2.67, 1.04, 6.66),
    "display": (118, 6, 5.08, 2.35, 10.65),
    "other_publicities": (65, 3, 4.62, 1.58, 12.71),
    None: (60, 14, 23.33, 14.44, 35.44),
}
"""R1 and the set's README: leads, won, percent, Wilson's interval; largest first."""
MONTHS = {
    "2017-06": (4, None, 0), "2017-07": (239, 5875.00, 0), "2017-08": (386, 61.51, 0), "2017-09": (312, -19.17, 0),
    "2017-10": (416, 33.33, 0), "2017-11": (445, 6.97, 4), "2017-12": (200, -55.06, 6), "2018-01": (1141, 470.50, 118),
    "2018-02": (1028, -9.90, 119), "2018-03": (1174, 14.20, 137), "2018-04": (1352, 15.16, 162),
    "2018-05": (1303, -3.62, 101),
}  # fmt: skip
"""R2 and the set's README: leads, lead growth, won within 60 days."""


class House:
    """A database of its own, reached by commands only."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self.dsn, self._folder = dsn, folder
        self.imported: dict[str, Any] = {}
        """What each import said the first time."""

    async def says(self, *command: object) -> Any:
        """What `python starter.py … --json` says, parsed. No Temporal answers: neither lists nor reports need one."""
        told = io.StringIO()

        def within() -> int:
            with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(told):
                patch.setenv("DATABASE_URL", self.dsn)
                patch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
                patch.setenv("LEADLOOM_STATE", str(self._folder))
                patch.chdir(self._folder)  # where refused rows are written
                return run([*(str(word) for word in command), "--json"])

        # A command brings its own event loop, so it runs in a thread of its own.
        code = await asyncio.to_thread(within)
        assert code == 0, told.getvalue()
        return json.loads(told.getvalue())


def the_file(name: str) -> Path:
    """A file of the public sets. Skips with the reason when it is not there."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the public set {path.parent.name} is not in LEADLOOM_DATA or beside the repository")
    return path


@contextlib.asynccontextmanager
async def a_house(databases: services.Databases, template: str, folder: Path) -> AsyncIterator[House]:
    async with databases.fresh(template) as dsn:
        db = await Db.open(dsn)
        await world.publish(db)
        await db.close()
        yield House(dsn, folder)


@pytest.fixture(scope="module")
async def olist(
    databases: services.Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """The sellers' funnel: leads that were qualified when they were counted, and the deals that were won."""
    leads = the_file("olist-funnel/olist_marketing_qualified_leads_dataset.csv")
    deals = the_file("olist-funnel/olist_closed_deals_dataset.csv")
    async with a_house(databases, template, tmp_path_factory.mktemp("olist")) as house:
        house.imported["leads"] = await house.says("leads", "import", leads, *OLIST_LEADS)
        house.imported["deals"] = await house.says("deals", "import", deals, *OLIST_DEALS)
        yield house


@pytest.fixture(scope="module")
async def x_education(
    databases: services.Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """The course seller's export: no address, no date, and where each lead ended."""
    leads = the_file("x-education/Leads.csv")
    async with a_house(databases, template, tmp_path_factory.mktemp("x-education")) as house:
        house.imported["leads"] = await house.says("leads", "import", leads, *X_EDUCATION)
        yield house


OLIST_LEADS = ("--map", "external_id=mql_id", "--map", "created_at=first_contact_date", "--stage", "mql")
OLIST_DEALS = ("--map", "lead=mql_id", "--map", "closed_at=won_date", "--stage", "won")
X_EDUCATION = (
    "--map", "email={Lead Number}@leads.example", "--map", "stage=Converted", "--value", "stage:1=won,0=inquiry",
)  # fmt: skip


# ── R1 ──────────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_r1_the_funnel_by_source_and_how_sure_each_rate_is(olist: House) -> None:
    said = await olist.says("reports", "funnel", "--by", "source")
    whole = said["cohort"]["overall"]
    assert (said["cohort"]["leads"], whole["part"], whole["percent"]) == (8000, 842, 10.525)
    assert [round(whole[end], 4) for end in ("low", "high")] == [9.8714, 11.2165]
    rows = {
        row["key"]: (row["leads"], row["overall"]["part"], *(round(row["overall"][f], 2) for f in FIGURES))
        for row in said["groups"]
    }
    assert list(rows.items()) == list(FUNNEL.items())


FIGURES = ("percent", "low", "high")


async def test_r1_two_spellings_of_one_source_are_one_and_each_won_lead_counts(x_education: House) -> None:
    said = await x_education.says("reports", "funnel", "--by", "source")
    overall = said["cohort"]["overall"]
    assert (overall["part"], overall["whole"], round(overall["percent"], 3)) == (3561, 9240, 38.539)
    rows = {row["key"]: (row["overall"]["part"], row["leads"]) for row in said["groups"]}
    assert (rows["google"], rows["reference"], rows["olark-chat"], rows[None]) == (
        (1147, 2873), (490, 534), (448, 1755), (29, 36),
    )  # fmt: skip


# ── R2 ──────────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_r2_cohorts_by_month_within_sixty_days_and_which_are_left_truncated(olist: House) -> None:
    said = await olist.says("reports", "funnel", "--within", "60d")
    rows = {row["name"]: (row["leads"], row["overall"]["part"]) for row in said["months"]}
    assert rows == {month: (leads, won) for month, (leads, _, won) in MONTHS.items()}
    assert {row["name"] for row in said["months"] if row["left_truncated"]} == {m for m in MONTHS if m < "2018"}
    assert said["recorded_from"] == "2017-12-05T02:00:00Z"


async def test_r2_lead_growth_month_by_month(olist: House) -> None:
    months = (await olist.says("reports", "velocity"))["growth"]
    grown = {row["month"]: (row["qualified"], row["percent"] and round(row["percent"], 2)) for row in months}
    assert {month: grown[month] for month in MONTHS} == {
        m: (leads, percent) for m, (leads, percent, _) in MONTHS.items()
    }


# ── R3 ──────────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_r3_days_from_qualified_to_won_with_the_backwards_one_and_without(olist: House) -> None:
    said = await olist.says("reports", "velocity")
    (step,) = [one for one in said["whole"] if (one["from_stage"], one["to_stage"]) == ("mql", "won")]
    told, kept = step["with_backwards"], step["elapsed"]
    assert {name: round(told[name], 4) for name in ("count", "p25", "median", "p75", "p90", "mean")} == {
        "count": 842, "p25": 5, "median": 14, "p75": 54.75, "p90": 161.9, "mean": 48.4406,
    }  # fmt: skip
    assert (kept["count"], kept["median"], step["backwards"], len(said["quarantined"])) == (841, 14, 1, 1)
    assert [(row["days"], row["reached"]["part"], row["reached"]["percent"]) for row in step["by_day"]] == [
        (30, 555, 6.9375),
        (60, 647, 8.0875),
        (90, 692, 8.65),
    ]
    assert [round(row["kaplan_meier_percent"], 3) for row in step["by_day"]] == [6.937, 8.088, 8.65]


async def test_r3_days_by_source(olist: House) -> None:
    said = await olist.says("reports", "velocity", "--by", "source")
    days = {row["key"]: row["whole"][-1]["with_backwards"] for row in said["groups"]}
    assert (days["referral"]["median"], round(days["referral"]["mean"], 4)) == (18.5, 32.5417)
    assert (days[None]["median"], round(days[None]["mean"], 4)) == (7.5, 49.2143)


async def test_r3_no_velocity_is_made_up_for_leads_without_dates(x_education: House) -> None:
    said = await x_education.says("reports", "velocity", "--from", "aware")
    assert {step["elapsed"]["count"] for step in (*said["steps"], *said["whole"])} == {0}


async def test_deals_without_an_amount_are_counted_and_worth_nothing_told(olist: House) -> None:
    said = await olist.says("reports", "pipeline")
    (only,) = said["currencies"]
    assert (only["deals"], only["untold"], only["undated"], only["pipeline"]) == (842, 842, 842, None)


# ── R13 ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def counts(said: dict[str, Any]) -> tuple[int, ...]:
    return tuple(said[name] for name in ("rows", "new", "changed", "refused", "quarantined"))


async def test_r13_what_became_of_the_sellers_lists(olist: House) -> None:
    leads, deals = olist.imported["leads"], olist.imported["deals"]
    assert counts(leads) == (8000, 8000, 0, 0, 0)
    assert leads["blanks"]["origin"] == 60
    assert counts(deals) == (842, 842, 0, 0, 1)
    again = await olist.says(
        "leads", "import", the_file("olist-funnel/olist_marketing_qualified_leads_dataset.csv"), *OLIST_LEADS
    )
    assert counts(again) == (8000, 0, 0, 0, 0)


async def test_r13_what_became_of_the_course_sellers_export(x_education: House) -> None:
    said = x_education.imported["leads"]
    assert counts(said) == (9240, 9240, 0, 0, 0)
    assert (sum(said["placeholders"].values()), said["opted_out"], said["mailable"]) == (13_380, 734, 0)
    again = await x_education.says("leads", "import", the_file("x-education/Leads.csv"), *X_EDUCATION)
    assert counts(again) == (9240, 0, 0, 0, 0)
