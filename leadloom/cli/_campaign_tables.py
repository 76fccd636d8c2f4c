"""How does a campaign read on a terminal: its progress, a preview of its audience, and what was just done to it?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType

from leadloom.cli._data import cell, table
from leadloom.domain.campaigns.audience import audience_words
from leadloom.domain.campaigns.campaign import Act, CampaignDraft
from leadloom.domain.campaigns.membership import WORDS
from leadloom.store.campaign_progress import Preview, Progress, Uncertain
from leadloom.store.campaigns import Cost, UnderWay

_DONE = {
    Act.LAUNCH: "is launched",
    Act.PAUSE: "is paused: nobody is enrolled, its mails are held",
    Act.RESUME: "goes on: what was held goes in its slots",
    Act.STOP: "is stopped for good",
}


def lines_of(found: Sequence[Progress]) -> RenderableType:
    """A line for each campaign."""
    return table(
        "campaign", "status", "journey", "owner", "members", "enrolled", "held out", "left out", "open runs", "sent",
        "next",
        rows=(
            (one.campaign.name, one.campaign.status, one.campaign.journey, one.campaign.owner, one.members,
             one.enrolled, one.held_out, sum(one.left_out.values()), one.active, _sent(one), _next(one))
            for one in found
        ),
        empty="No campaigns. Plan one: python starter.py campaigns plan --help",
    )  # fmt: skip


def draw_progress(
    progress: Progress, uncertain: Sequence[Uncertain], costs: Sequence[Cost]
) -> Iterator[RenderableType]:
    """One campaign, from what it is to what happens next."""
    campaign = progress.campaign
    yield f"{campaign.name}: {campaign.status} since {cell(campaign.status_at)}, answered for by {campaign.owner}"
    yield f"Goal: {campaign.goal}"
    yield f"Sends {audience_words(campaign.audience)} into {campaign.journey}, as planned {cell(campaign.planned_at)}."
    if costs:
        sums = ", ".join(f"{amount:,.2f} {currency}" for currency, amount in progress.costs.items())
        yield f"Cost: {sums} ({', '.join(f'{one.what} {one.amount:,.2f}' for one in costs)})"
    yield ""
    yield table("members", "", rows=_members(progress))
    yield ""
    yield table("runs", "", rows=_runs(progress), empty="No runs yet.")
    yield ""
    yield table("mails", "", rows=((word, count) for word, count in progress.mails.items()), empty="No mails yet.")
    if uncertain:
        yield ""
        yield table(
            "uncertain mail", "step", "lead", "at its dot", "why",
            rows=((one.message_id, one.step, one.lead_id, one.dot_at, one.reason) for one in uncertain),
        )  # fmt: skip
    yield ""
    yield f"Next: {_next(progress)}"


def draw_preview(seen: Preview, draft: CampaignDraft) -> Iterator[RenderableType]:
    """Whom a plan would find now."""
    yield f"{draft.name}: {audience_words(draft.audience)} into {draft.journey}. Nothing was written."
    rows = [("in the audience", seen.members), ("would be enrolled", seen.enrolled), ("held out", seen.held_out)]
    yield table("members", "", rows=(*rows, *((f"left out: {WORDS[code]}", n) for code, n in seen.left_out.items())))


def done_words(progress: Progress, act: Act, found: UnderWay) -> Iterator[RenderableType]:
    """What was done, what it found, and what happens next."""
    yield f"Campaign {progress.campaign.name} {_DONE[act]}."
    if act is Act.STOP:
        yield (
            f"{found.runs} open runs end, {found.mails} mails that nobody has claimed don't go, "
            f"{found.undecided} members were not reached."
        )
    yield f"{mails_words(found)} Those past the dot still arrive."
    yield f"Next: {_next(progress)}"


def mails_words(found: UnderWay) -> str:
    """How far the mails of a campaign are."""
    return (
        f"Mails: {found.mails:,} planned, {found.claimed:,} in a worker's hands, {found.at_dot:,} past the final dot, "
        f"{found.accepted:,} taken by the relay."
    )


def _members(progress: Progress) -> Iterator[tuple[object, ...]]:
    yield "in the audience", progress.members
    yield "enrolled", progress.enrolled
    yield "not decided yet", progress.undecided
    yield "held out, to compare with", progress.held_out
    for code, count in progress.left_out.items():
        yield f"left out: {WORDS[code]}", count


def _runs(progress: Progress) -> Iterator[tuple[object, ...]]:
    for one in progress.runs:
        state = "open, blocked by an error" if one.blocked else "open" if one.status == "active" else one.status
        yield f"{state}{f': {one.outcome}' if one.outcome and one.outcome != state else ''}", one.runs


def _sent(progress: Progress) -> int:
    return sum(count for word, count in progress.mails.items() if word == "sent")


def _next(progress: Progress) -> str:
    return progress.next + (f", {progress.next_at:%Y-%m-%d %H:%M}" if progress.next_at else "")
