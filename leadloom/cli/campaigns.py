"""Who is to get which journey, at what cost? Campaigns: plan, launch, pause, resume, stop, show, list; their costs."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType

from leadloom.cli import _campaign_launch, _campaign_steps, _steps
from leadloom.cli._campaign_launch import draw_launch, draw_stages, quoted
from leadloom.cli._campaign_tables import done_words, draw_preview, draw_progress, lines_of
from leadloom.cli._data import AsJson, By, ask, read_amount, read_id, read_span, table, write
from leadloom.cli._door import talk
from leadloom.domain.campaigns.approval import Approval
from leadloom.domain.campaigns.arms import read_arm
from leadloom.domain.campaigns.audience import Audience, read_condition
from leadloom.domain.campaigns.campaign import Act, Campaign, CampaignDraft, OnGap
from leadloom.domain.campaigns.stages import Group, Stage
from leadloom.domain.errors import BadInput
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.model import Instant, Value
from leadloom.runtime.wiring import House
from leadloom.store import campaign_approvals, campaign_progress, campaign_stages, campaigns, published, steps
from leadloom.store.campaign_progress import Preview, Progress, Uncertain
from leadloom.store.campaigns import Cost, CostDraft, UnderWay
from leadloom.store.steps import StepCounts
from leadloom.store.tx import Tx

app = typer.Typer(no_args_is_help=True, help="Campaigns: plan, launch, pause, resume, stop, show, list, costs.")
costs_app = typer.Typer(no_args_is_help=True, help="What a campaign cost.")
app.add_typer(costs_app, name="costs")
app.add_typer(_campaign_launch.app)
app.add_typer(_campaign_steps.app)

Name = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Its name or id, as `campaigns list` prints it.")]
Many = typer.Option
Where = Annotated[
    str | None, typer.Option("--where", help="A condition as in journeys, such as '{tag: [expo]}', or @FILE with one.")
]
FreeBecause = Annotated[
    str | None, typer.Option("--free-because", help="Why it costs nothing; needed before the launch, if so.")
]
NoConsent = Annotated[
    OnGap, typer.Option("--no-consent", help="Members without a permission are left out, or they block the launch.")
]
Arms = Annotated[
    list[str] | None, Many("--arm", help="An arm and its percent, perhaps its journey: short=50; at least two.")
]


Values = Annotated[
    list[str] | None, Many("--value", help="What its mails may quote, such as seats=40; again for more.")
]


class Acted(Value):
    """What was done to a campaign, and what it is now."""

    progress: Progress
    under_way: UnderWay
    """What it found."""


class Shown(Value):
    """A campaign with everything its page has."""

    progress: Progress
    uncertain: tuple[Uncertain, ...]
    costs: tuple[Cost, ...]
    stages: tuple[Stage, ...]
    results: tuple[Group, ...]
    """By stage and arm; empty for a campaign with neither."""
    approval: Approval
    under_way: UnderWay
    steps: tuple[StepCounts, ...]
    at: Instant


@app.command()
def plan(  # noqa: PLR0913  a command's options are its parameters
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name of its own; used once.")],
    journey: Annotated[str, typer.Option("--journey", help="The published journey its audience is sent into.")],
    owner: Annotated[str, typer.Option("--owner", help="Handle of the marketer who answers for it.")],
    goal: Annotated[str, typer.Option("--goal", help="What it is for, in words.")],
    cost: Annotated[str, typer.Option("--cost", help="What it costs as far as is known; 0 for nothing.")],
    by: By,
    currency: Annotated[str | None, typer.Option("--currency", help="Of the cost, such as EUR.")] = None,
    source: Annotated[list[str] | None, Many("--source", help="Leads from this source; again for another.")] = None,
    stage: Annotated[list[str] | None, Many("--stage", help="Leads in this stage; again for another.")] = None,
    track: Annotated[str, typer.Option("--track", help="The track the stages are of.")] = "new-business",
    country: Annotated[list[str] | None, Many("--country", help="Leads in this country, such as DE.")] = None,
    imports: Annotated[list[str] | None, Many("--import", help="Leads of this import (its id).")] = None,
    owned_by: Annotated[str | None, typer.Option("--owned-by", help="Leads of this owner (handle).")] = None,
    where: Where = None,
    everybody: Annotated[bool, typer.Option("--everybody", help="All leads there are.")] = False,
    holdout: Annotated[float, typer.Option("--holdout", help="Share that gets nothing, to compare with.")] = 0.0,
    per_minute: Annotated[int | None, typer.Option("--per-minute", help="Enrol so many a minute at most.")] = None,
    spread: Annotated[str, typer.Option("--spread", help="Spread first steps over so long, such as 10m.")] = "0m",
    free_because: FreeBecause = None,
    expect: Annotated[int | None, typer.Option("--expect", help="How many members you expect; more will warn.")] = None,
    no_consent: NoConsent = "leave-out",
    arm: Arms = None,
    value: Values = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count whom it would find; write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Plan a campaign and freeze its audience. It begins when somebody launches it."""
    audience = Audience(
        sources=tuple(source or ()), track=track, stages=tuple(stage or ()), countries=tuple(country or ()),
        imports=tuple(read_id("import", one) for one in imports or ()), owner=owned_by, everybody=everybody,
        where=_condition(where) if where else None,
    )  # fmt: skip
    draft = CampaignDraft(
        name=name, journey=journey, goal=goal, owner=owner, audience=audience, holdout=holdout, per_minute=per_minute,
        spread=read_span("spread", spread), cost=_cents("cost", cost), currency=currency, free_because=free_because,
        expected=expect, on_gap=no_consent, arms=tuple(read_arm(one) for one in arm or ()),
        values=dict(_value(one) for one in value or ()),
    )  # fmt: skip
    if dry_run:
        seen = ask(lambda house: _preview(house, draft))
        write(seen, *draw_preview(seen, draft), as_json=as_json)
        return
    found = ask(lambda house: _freeze(house, draft, by))
    talk.print(f"Next: python starter.py campaigns check {quoted(name)} --by {by}", highlight=False)
    write(found, f"Campaign {name} is planned: {found.members} members are frozen.", as_json=as_json)


@app.command()
def pause(campaign: Name, by: By, as_json: AsJson = False) -> None:
    """Enrol nobody, hold its mails; runs keep counting their waits. Anybody of ours may."""
    _do(campaign, Act.PAUSE, by, as_json=as_json)


@app.command()
def resume(campaign: Name, by: By, as_json: AsJson = False) -> None:
    """Go on after a pause, or after an error that `show` names."""
    _do(campaign, Act.RESUME, by, as_json=as_json)


@app.command()
def stop(campaign: Name, by: By, as_json: AsJson = False) -> None:
    """End it for good: nobody more comes in, its runs end, its mails don't go. Says what is at the relay already."""
    _do(campaign, Act.STOP, by, as_json=as_json)


@app.command()
def show(campaign: Name, as_json: AsJson = False) -> None:
    """How far it has come, what it cost, whom it left out and why, and what happens next."""

    async def read(house: House) -> Shown:
        async with house.db.read() as tx:
            found = await campaigns.find(tx, campaign)
            [progress] = await campaign_progress.progress(tx, [found])
            book = await published.book(tx)
            stages = (await campaign_stages.of(tx, [found.campaign_id])).get(found.campaign_id, ())
            several = bool(stages or found.arms)
            return Shown(
                progress=progress,
                uncertain=await campaign_progress.uncertain(tx, found.campaign_id),
                costs=await campaigns.costs(tx, [found.campaign_id]),
                stages=stages,
                results=await campaign_stages.results(tx, found.campaign_id) if several else (),
                approval=await campaign_approvals.stands(tx, found, book=book),
                under_way=await campaigns.under_way(tx, found.campaign_id),
                steps=await steps.counts(tx, _campaign_steps.whose_of(found, book)),
                at=house.now(),
            )

    shown = ask(read)
    progress = shown.progress
    drawn = [*draw_progress(progress, shown.uncertain, shown.costs)]
    drawn += draw_stages(progress.campaign, shown.results, shown.stages)
    drawn += ["", *_steps.table_of(shown.steps), *draw_launch(progress.campaign, shown.approval, shown.under_way)]
    write(shown, *drawn, as_json=as_json)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every campaign, newest first, with how far it has come."""

    async def read(house: House) -> tuple[Progress, ...]:
        async with house.db.read() as tx:
            return await campaign_progress.progress(tx, await campaigns.every(tx))

    found = ask(read)
    write(found, lines_of(found), as_json=as_json)


@costs_app.command("add")
def costs_add(
    campaign: Name,
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="What was paid; negative corrects, after `--`.")],
    currency: Annotated[str, typer.Option("--currency", help="Such as EUR.")],
    what: Annotated[str, typer.Option("--what", help="For what, in words.")],
    by: By,
    as_json: AsJson = False,
) -> None:
    """Enter one bill, or a correction of one."""
    draft = CostDraft(amount=_cents("amount", amount), currency=currency, what=what)

    async def enter(house: House) -> Cost:
        async with house.db.transaction() as tx:
            book = await published.book(tx)
            return await campaigns.add_cost(tx, campaign, draft, book=book, at=house.now(), by=by)

    cost = ask(enter)
    write(cost, f"Cost {cost.no}: {cost.amount:,.2f} {cost.currency} for {cost.what}.", as_json=as_json)


@costs_app.command("none")
def costs_none(
    campaign: Name,
    because: Annotated[str, typer.Option("--because", help="Why nothing is paid for it, in words.")],
    by: By,
    as_json: AsJson = False,
) -> None:
    """Say why a campaign costs nothing: a launch asks for a cost, or for that."""

    async def keep(house: House) -> Campaign:
        async with house.db.transaction() as tx:
            book = await published.book(tx)
            return await campaigns.is_free(tx, campaign, because, book=book, at=house.now(), by=by)

    write(ask(keep), f"Campaign {campaign} costs nothing: {because}.", as_json=as_json)


@costs_app.command("list")
def costs_list(campaign: Name, as_json: AsJson = False) -> None:
    """Every bill of a campaign, as it was entered."""

    async def read(house: House) -> tuple[Cost, ...]:
        async with house.db.read() as tx:
            return await campaigns.costs(tx, [(await campaigns.find(tx, campaign)).campaign_id])

    found = ask(read)
    write(found, _bills(found), as_json=as_json)


def _bills(found: tuple[Cost, ...]) -> RenderableType:
    return table(
        "no", "at", "amount", "currency", "for", "entered by",
        rows=((one.no, one.at, f"{one.amount:,.2f}", one.currency, one.what, one.entered_by) for one in found),
        empty="No cost is entered.",
    )  # fmt: skip


def _do(name: str, act: Act, by: str, *, as_json: bool) -> None:
    async def work(house: House) -> Acted:
        async with house.db.transaction() as tx:
            return await _acted(tx, name, act, by, house.now())

    done = ask(work)
    write(done, *done_words(done.progress, act, done.under_way), as_json=as_json)


async def _acted(tx: Tx, name: str, act: Act, by: str, at: Instant) -> Acted:
    campaign = await campaigns.act(tx, name, act, book=await published.book(tx), at=at, by=by)
    found = await campaigns.under_way(tx, campaign.campaign_id)
    [progress] = await campaign_progress.progress(tx, [campaign])
    return Acted(progress=progress, under_way=found)


async def _freeze(house: House, draft: CampaignDraft, by: str) -> Progress:
    async with house.db.transaction() as tx:
        planned = await campaigns.plan(tx, draft, book=await published.book(tx), at=house.now(), by=by)
        [found] = await campaign_progress.progress(tx, [planned])
    return found


async def _preview(house: House, draft: CampaignDraft) -> Preview:
    async with house.db.read() as tx:
        book = await published.book(tx)
        return await campaign_progress.preview(tx, draft, book=book, at=house.now(), seen=_telling())


def _telling() -> Callable[[int], None]:
    """Says how many leads were looked at, for audiences that take longer than a page."""

    def told(leads: int) -> None:
        if leads > campaign_progress.LOOK_AT:
            talk.print(f"looked at {leads:,} leads", highlight=False)

    return told


def _cents(field: str, text: str) -> Decimal:
    return read_amount(field, text).quantize(Decimal("0.01"))


def _condition(text: str) -> Condition:
    """A condition as it was typed, or the one in `@FILE`."""
    if not text.startswith("@"):
        return read_condition("--where", text)
    path = Path(text[1:])
    try:
        return read_condition(path.name, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("where", text, f"The file can't be read: {error}.") from error


def _value(told: str) -> tuple[str, str]:
    """A name and what it says. Raises BadInput."""
    name, is_one, value = told.partition("=")
    if not is_one or not name.strip().isidentifier():
        raise BadInput("value", told, "Write name=value, such as seats=40.")
    return name.strip(), value.strip()
