"""How does a planned campaign come to its first mail? Check, exclusions, submit, approve, take-back, launch, go-on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Annotated, Protocol

import typer
from rich.console import RenderableType

from leadloom.cli._campaign_tables import mails_words
from leadloom.cli._data import AsJson, By, Limit, ask, cell, table, write
from leadloom.cli._door import talk
from leadloom.domain.campaigns.approval import Approval
from leadloom.domain.campaigns.arms import arm_names
from leadloom.domain.campaigns.campaign import Campaign
from leadloom.domain.campaigns.checklist import Finding, Grade
from leadloom.domain.campaigns.membership import WORDS, LeftOut
from leadloom.domain.campaigns.stages import Group, Stage, Total, read_staging, summed
from leadloom.domain.errors import BadInput
from leadloom.domain.model import Value
from leadloom.runtime import launching
from leadloom.runtime.wiring import House
from leadloom.store import campaign_approvals, campaign_checks, campaign_progress, campaign_stages, campaigns, published
from leadloom.store import rows as listed
from leadloom.store.campaign_checks import Check
from leadloom.store.campaign_progress import Progress
from leadloom.store.campaigns import UnderWay
from leadloom.store.published import Book
from leadloom.store.rows import ExclusionFilter, ExclusionRow, Order
from leadloom.store.tx import Tx

app = typer.Typer()

FOUND_PROBLEMS = 6
Name = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Its name or id, as `campaigns list` prints it.")]
Why = Annotated[str, typer.Option("--why", help="In words, for whoever looks at it later.")]


class Launched(Value):
    """A campaign that runs now, and what was looked at before."""

    progress: Progress
    check: Check


@app.command()
def check(campaign: Name, by: By, as_json: AsJson = False) -> None:
    """Everything a launch would meet, each with its numbers and what to do. Something blocks or warns: exit 6."""
    found = ask(lambda house: launching.check(house.db, campaign, at=house.now(), by=by, seen=_telling()))
    write(found, *draw_check(campaign, found), as_json=as_json)
    if any(one.grade is not Grade.OK for one in found.findings):
        raise typer.Exit(FOUND_PROBLEMS)


@app.command()
def exclusions(
    campaign: Name,
    why: Annotated[str | None, typer.Option("--why", help=f"One of {', '.join(LeftOut)}.")] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Who is left out, or would be by the newest check, each with the first thing against it."""
    if why is not None and why not in set(LeftOut):
        raise BadInput("why", why, f"There are: {', '.join(LeftOut)}.")

    async def read(house: House) -> tuple[ExclusionRow, ...]:
        async with house.db.read() as tx:
            found = await campaigns.find(tx, campaign)
            if found.launched_at is None and await campaign_checks.last(tx, found.campaign_id) is None:
                talk.print(f"Nobody has looked yet: python starter.py campaigns check {quoted(campaign)}")
            which = ExclusionFilter(campaign=found.name, why=why)
            page = await listed.exclusions(tx, which, Order(sort="no", limit=limit))
            if page.total > len(page.rows):
                talk.print(f"{len(page.rows)} of {page.total:,}; more with --limit", highlight=False)
            return page.rows

    found = ask(read)
    lines = ((one.no, one.person, one.company, WORDS[LeftOut(one.why)], one.decided_at, one.lead_id) for one in found)
    write(
        found,
        table("no", "lead", "company", "why", "decided", "id", rows=lines, empty="Nobody is left out."),
        as_json=as_json,
    )


@app.command()
def submit(campaign: Name, by: By, why: Why = "", as_json: AsJson = False) -> None:
    """Ask for an approval of the campaign as it is now: audience, journey, letters, arms and cost."""
    said = _said(campaign_approvals.submit, campaign, by, why)
    write(said, f"Campaign {campaign} is submitted. Next: campaigns approve {quoted(campaign)}", as_json=as_json)


@app.command()
def approve(campaign: Name, by: By, why: Why = "", as_json: AsJson = False) -> None:
    """Say yes to what was submitted. Any change of it afterwards asks anew, and shows what changed."""
    said = _said(campaign_approvals.approve, campaign, by, why)
    write(said, f"Campaign {campaign} is approved. Next: campaigns launch {quoted(campaign)}", as_json=as_json)


@app.command("take-back")
def take_back(campaign: Name, by: By, why: Why = "", as_json: AsJson = False) -> None:
    """Undo a submission or an approval, before the launch."""
    said = _said(campaign_approvals.take_back, campaign, by, why)
    write(said, f"The approval of campaign {campaign} is taken back.", as_json=as_json)


@app.command()
def launch(
    campaign: Name,
    by: By,
    stages: Annotated[
        str, typer.Option("--stages", help="Shares of the audience, one after another, such as 10%,50%,rest.")
    ] = "",
    stage_wait: Annotated[
        str, typer.Option("--stage-wait", help="How long a stage's results are waited for; without: go-on.")
    ] = "",
    despite: Annotated[
        str, typer.Option("--despite", help="Why it shall go although something warns; kept with your handle.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Look as `check` does, then begin to enrol. What blocks refuses it (exit 6); a second launch says since when."""
    how = read_staging(stages, stage_wait)

    async def work(house: House) -> Launched:
        at = house.now()
        found = await launching.launch(
            house.db, campaign, at=at, by=by, staging=how, despite=despite, seen=_telling()
        )  # fmt: skip
        async with house.db.read() as tx:
            [progress] = await campaign_progress.progress(tx, [await campaigns.find(tx, campaign)])
        return Launched(progress=progress, check=found)

    done = ask(work)
    write(done, f"Campaign {campaign} is launched.", f"Next: {done.progress.next}", as_json=as_json)


@app.command("go-on")
def go_on(campaign: Name, by: By, why: Why = "", as_json: AsJson = False) -> None:
    """Let the next stage come in, before its wait is over, too."""

    async def work(house: House) -> Stage:
        async with house.db.transaction() as tx:
            book = await published.book(tx)
            return await campaign_stages.go_on(tx, campaign, book=book, at=house.now(), by=by, why=why)

    stage = ask(work)
    write(stage, f"Campaign {campaign} goes on to stage {stage.no}: members up to {stage.upto:,}.", as_json=as_json)


def draw_check(name: str, found: Check) -> Iterator[RenderableType]:
    """What was looked at, a line each, and below it what there is to do."""
    graded = [(one.grade.value, one.what, _says(one)) for one in found.findings]
    yield table("", name, f"as of {found.at:%Y-%m-%d %H:%M} UTC", rows=graded)
    todo = [one for one in found.findings if one.remedy]
    if todo:
        yield ""
        yield "\n".join(f"{one.what}: {one.remedy}" for one in todo)


def draw_stages(campaign: Campaign, groups: Sequence[Group], stages: Sequence[Stage]) -> Iterator[RenderableType]:
    """What came of each stage and each arm; nothing for a campaign with neither."""
    names = arm_names(campaign.holdout, campaign.arms)
    by_stage = [(str(one.no), [each for each in groups if each.stage == one.no], _opened(one)) for one in stages]
    by_arm = [(name, [each for each in groups if each.arm == name], " ") for name in names]
    for title, parts in (("stage", by_stage), ("arm", by_arm)):
        if parts:
            yield ""
            yield table(
                title, "members", "enrolled", "sent", "bounced", "complaints", "unsubscribed", "clicked", "goal", "",
                rows=[_came(name, summed(those), note) for name, those, note in parts],
            )  # fmt: skip


def draw_launch(campaign: Campaign, approval: Approval, found: UnderWay) -> Iterator[RenderableType]:
    """How its approval stands, where there is something to say, and how far its mails are once it is launched."""
    lines: list[str] = []
    last = approval.last
    if last is not None or approval.needed:
        words = "needed, and nobody has asked for it" if last is None else f"{last.act} by {last.by} {cell(last.at)}"
        since = f"; since then {'; '.join(approval.changes)}" if approval.changes else ""
        lines.append(f"Approval: {words}{since}")
    if campaign.launched_at is not None:
        lines.append(mails_words(found))
    yield from ("", *lines) if lines else ()


def quoted(name: str) -> str:
    """The name as one word of a shell."""
    return f'"{name}"' if " " in name else name


class _Say(Protocol):
    """A word of the store about a campaign's approval."""

    async def __call__(self, tx: Tx, name: str, /, *, book: Book, at: datetime, by: str, why: str) -> Approval: ...


def _said(say: _Say, campaign: str, by: str, why: str) -> Approval:
    """How the approval stands after somebody's word."""

    async def work(house: House) -> Approval:
        async with house.db.transaction() as tx:
            return await say(tx, campaign, book=await published.book(tx), at=house.now(), by=by, why=why)

    return ask(work)


def _came(name: str, total: Total, note: str) -> tuple[object, ...]:
    of = total.results
    return (
        name, total.members, total.enrolled, of.sent, of.bounced, of.complained, of.unsubscribed, of.clicked,
        total.reached_goal, note,
    )  # fmt: skip


def _opened(stage: Stage) -> str:
    return f"opened {stage.opened_at:%Y-%m-%d %H:%M} by {stage.opened_by}" if stage.opened_at else "not opened yet"


def _says(one: Finding) -> str:
    counted = [f"{each.words}: {each.number:,}" for each in one.counts if each.why is not None]
    return "\n".join([one.says, *(f"  {line}" for line in (*one.lines, *counted))])


def _telling() -> Callable[[int], None]:
    """Says how many members were looked at, for audiences that take longer than a page."""

    def told(members: int) -> None:
        if members > campaign_checks.LOOK_AT:
            talk.print(f"looked at {members:,} members", highlight=False)

    return told
