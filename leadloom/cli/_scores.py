"""What is a lead's score and why, what would other rules make of everybody's, and how does one begin anew?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType

from leadloom.cli._data import AsJson, By, ask, table, write
from leadloom.cli.reports import read_instant
from leadloom.domain.definitions.definition_check import read_definition
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.errors import BadInput
from leadloom.domain.stages.explanation import Explanation
from leadloom.runtime import rescoring as everybody
from leadloom.runtime import scores
from leadloom.runtime.rescoring import Rescored
from leadloom.runtime.scores import LeadScore
from leadloom.runtime.wiring import House
from leadloom.store import leads, published, rescoring

Who = Annotated[str, typer.Argument(metavar="LEAD", help="Lead id, mail address or external id.")]


def score(
    lead: Who,
    at: Annotated[
        str | None, typer.Option("--at", help="As it was known then: an instant or a day, such as 2026-03-02.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """A lead's fit and engagement, what made them, what changed this week, and what is missing to better ones."""

    async def read(house: House) -> LeadScore:
        as_of = None if at is None else read_instant(at)
        async with house.db.read() as tx:
            lead_id, book = await leads.find(tx, lead), await published.book(tx)
            return await scores.of_lead(tx, lead_id, book=book, at=house.now(), as_of=as_of)

    told = ask(read)
    write(told, f"{told.person} ({told.lead_id})", *draw(told.explanation), *_draw_company(told), as_json=as_json)


def rescore(
    by: By,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would change.")] = False,
    draft: Annotated[
        Path | None, typer.Option("--draft", help="The file of a draft: what its rules would make of the past.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell everybody's past to the rules in force: the difference becomes rows of the ledger. No stage moves.

    With --draft, or --dry-run, nothing is written: you see who would move from which band to which.
    """
    asked = None if draft is None else read_definition(DraftText(draft.name, _read(draft)))

    async def work(house: House) -> Rescored:
        if dry_run or asked is not None:
            return await everybody.ask(house, asked)
        return await everybody.carry_out(house, by=by)

    told = ask(work)
    write(told, *_draw_rescored(told), as_json=as_json)


def reset_score(
    lead: Who,
    by: By,
    why: Annotated[str, typer.Option("--why", help="The reason, for the lead's story.")],
    as_json: AsJson = False,
) -> None:
    """Let a lead's engagement begin anew from nothing. An entry with its reason, not an erasure."""
    if not why.strip():
        raise BadInput("why", why, "Say in a few words why their past shall not count.")

    async def work(house: House) -> LeadScore:
        at = house.now()
        async with house.db.transaction() as tx:
            lead_id, book = await leads.find(tx, lead), await published.book(tx)
            await rescoring.reset(tx, lead_id, why=why.strip(), book=book, at=at, by=by)
            return await scores.of_lead(tx, lead_id, book=book, at=at)

    told = ask(work)
    write(told, f"{told.person} ({told.lead_id})", *draw(told.explanation), *_draw_company(told), as_json=as_json)


def draw(told: Explanation) -> Iterator[RenderableType]:
    """The explanation, a line for each thing."""
    figures = told.score
    yield f"Fit {told.fit.grade or figures.letter} ({figures.fit} of 100)"
    yield from (f"  {line}" for line in told.fit.why)
    for graded in told.grades:
        yield f"{graded.means}: {graded.fit.grade}"
    yield f"Engagement {figures.digit} ({figures.engagement:.1f})"
    yield from (f"  {reason.points:+.1f}  {reason.words}" for reason in told.reasons)
    for category in told.categories:
        yield f"{category.means}: {category.digit} ({category.engagement:.1f})"
    came = sum(reason.points for reason in told.earned_this_week)
    yield f"In the last 7 days: {came:+.1f} by {len(told.earned_this_week)} events, {told.faded_this_week:.1f} faded."
    yield from (f"To {missing.to}: {missing.words}" for missing in told.missing)
    if told.cools_at is not None:
        yield f"Cools on {told.cools_at:%Y-%m-%d %H:%M} if nothing more happens."
    yield f"By definition version {told.definition_version}, as of {told.at:%Y-%m-%d %H:%M} UTC."


def _draw_company(told: LeadScore) -> Iterator[RenderableType]:
    company = told.company
    if company is None or company.known < 2:
        return
    yield f"Their company: {company.digit} ({company.points:.1f}), {company.formula}."
    if company.coverage is not None:
        missing = f"; missing {', '.join(company.missing)}" if company.missing else ""
        yield f"Buying group: {', '.join(company.covered) or 'nobody'} engaged{missing}."


def _draw_rescored(told: Rescored) -> Iterator[RenderableType]:
    counts = told.counts
    moved = sum(move.leads for move in counts.moved)
    would = "" if told.written else "would "
    yield table(
        "from", "to", "leads",
        rows=((move.before, move.after, move.leads) for move in counts.moved),
        empty=f"Nobody {would or 'was '}{'move' if would else 'moved'} to another letter or digit.",
    )  # fmt: skip
    yield (
        f"{counts.leads} leads looked at: the points of {counts.changed} {would}change{'' if would else 'd'}, "
        f"{moved} {would}move{'' if would else 'd'} to another letter or digit (definition {told.definition_version})."
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput("draft", str(path), "Name a file that can be read.") from error
