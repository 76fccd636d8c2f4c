"""What would a draft have made of the past? Weeks, load and leads to look at, by it and by the version in force."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import typer
from rich.console import RenderableType

from leadloom.cli._data import AsJson, ask, read_span, table, write
from leadloom.cli._definition_drafts import SHOWN, No, read_day, tell
from leadloom.domain.definitions.look_back import LookBack, by_who
from leadloom.domain.stages.hindsight import CASES
from leadloom.runtime.wiring import House
from leadloom.store import looking_back

app = typer.Typer()


@app.command("look-back")
def look_back(
    draft: No,
    over: Annotated[str, typer.Option("--over", help="How long the span is, such as 91d.")] = "91d",
    until: Annotated[str | None, typer.Option("--until", help="The day it ends, not included; left out: now.")] = None,
    as_json: AsJson = False,
) -> None:
    """A past span told again by the version in force and by a draft: MQLs and SALs by week, load, leads to look at."""
    span = read_span("over", over)

    async def within(house: House) -> LookBack:
        at = house.now()
        end = read_day("until", until) or at
        return await looking_back.look_back(house.db, draft, since=end - span, until=end, at=at, told=tell)

    found = ask(within)
    write(found, *_draw(found), as_json=as_json)


def _draw(found: LookBack) -> Iterable[RenderableType]:
    span = f"from {found.since:%Y-%m-%d} to {found.until:%Y-%m-%d}"
    yield f"Draft {found.draft_no} beside version {found.from_version}, {span}: {found.looked_at} leads"
    yield ""
    yield table(
        "week of", "MQL in fact", f"by version {found.from_version}", "by the draft", "SAL in fact",
        f"by version {found.from_version}", "by the draft", "nobody asked",
        rows=(
            (w.monday, w.mql_really, w.mql_before, w.mql_after, w.sal_really, w.sal_before, w.sal_after,
             w.unasked_after)
            for w in found.weeks
        ),
    )  # fmt: skip
    expected = found.expected_sals()
    yield f"MQLs: {found.total('mql_before')} become {found.total('mql_after')}. {_sals(found, expected)}"
    yield ""
    rows = by_who(found.load)
    yield table("handed to", "in force", "by the draft", "most in a week", rows=rows, empty="Nobody would get anybody.")
    for case, words in CASES.items():
        told = [one for one in found.told if one.case == case]
        if told:
            yield ""
            yield f"{found.of(case)} leads: {words}{' (the first; --json has more)' if found.of(case) > SHOWN else ''}"
            yield table(
                "lead", "in force", "by the draft", "to whom", "sales said", "a deal was won",
                rows=((one.lead_id, _day(one.before_at), _day(one.after_at), one.owner, _said(one.is_accepted),
                       "yes" if one.has_won else "") for one in told[:SHOWN]),
            )  # fmt: skip


def _sals(found: LookBack, expected: int | None) -> str:
    sure = f"SALs: {found.total('sal_before')} become {found.total('sal_after')} for sure"
    if expected is None or not found.total("unasked_after"):
        return f"{sure}."
    return f"{sure}, about {expected} if those nobody asked about were accepted as often as the others."


def _said(is_accepted: bool | None) -> str:
    return "" if is_accepted is None else "accepted" if is_accepted else "gave back"


def _day(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d}"
