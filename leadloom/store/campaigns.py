"""Which campaigns are there, who planned them for whom at what cost, and what was done to them?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import NAMESPACE_URL, UUID, uuid5

from leadloom.domain.campaigns.arms import edges
from leadloom.domain.campaigns.audience import Audience, audience_words, check_audience
from leadloom.domain.campaigns.campaign import Act, Campaign, CampaignDraft, Status, check_draft, may, move, named
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.model import CampaignId, Instant, LeadId, Value
from leadloom.domain.standing import PublishedJourney
from leadloom.domain.wake import campaign_looks
from leadloom.store import audit
from leadloom.store.conditions import compiled
from leadloom.store.names import Fragment
from leadloom.store.published import Book
from leadloom.store.tx import Record, Tx

_PLAIN = {
    "name", "journey", "goal", "owner", "per_minute", "holdout", "free_because", "expected", "on_gap", "arms", "values"
}  # fmt: skip
"""What a row keeps of a draft as it is."""


class Cost(Value):
    """One bill of a campaign, or a correction of one."""

    campaign_id: CampaignId
    no: int
    at: Instant
    amount: Decimal
    currency: str
    what: str
    entered_by: str


class CostDraft(Value):
    """A cost somebody enters."""

    amount: Decimal
    """Negative corrects an earlier one."""
    currency: str
    what: str


class UnderWay(Value):
    """What an act finds under way."""

    undecided: int
    """Members that get no run any more."""
    runs: int
    """Open runs, which end."""
    mails: int
    """Mails that are planned and nobody has claimed: a stop cancels them, a pause holds them."""
    claimed: int
    """Mails in the hands of a worker, before the durable mark: what vetoes them keeps them from going."""
    at_dot: int
    """Mails past the durable mark: these still go."""
    accepted: int
    """Mails the relay has taken."""

    @property
    def at_relay(self) -> int:
        """Mails that are on their way to the relay, on either side of the mark."""
        return self.claimed + self.at_dot


def id_of(name: str) -> CampaignId:
    """The id of a campaign follows from its name, so that a preview draws the arms the plan will."""
    return CampaignId(uuid5(NAMESPACE_URL, f"leadloom:campaign/{name}"))


def journey_of(book: Book, name: str) -> PublishedJourney:
    """The journey in force that a campaign sends leads into. Raises NotFound, BadInput for a journey as code."""
    found = next((one for one in book.journeys if one.journey.name == name), None)
    if found is not None:
        return found
    if any(entry.name == name for entry in book.code):
        remedy = "It is a journey as code, which leads enter by its events only; name a journey as data."
        raise BadInput("journey", name, remedy)
    raise NotFound("published journey", name)


def is_in_force(book: Book, name: str) -> bool:
    """Whether that journey as data still takes new runs."""
    return any(one.journey.name == name for one in book.journeys)


def check(draft: CampaignDraft, book: Book) -> Journey:
    """The journey of a draft that may be planned. Raises BadInput, NotFound or Conflict with what stands against it."""
    journey = _by_hand(book, draft.journey)
    for arm in draft.arms:
        _by_hand(book, arm.journey or draft.journey)
    check_audience(draft.audience, book.definition)
    check_draft(draft, book.definition)
    return journey


def _by_hand(book: Book, name: str) -> Journey:
    journey = journey_of(book, name).journey
    if not journey.enter.by_hand:
        raise BadInput("journey", journey.name, "It says `by_hand: false`: leads come in by themselves only.")
    return journey


def asked(audience: Audience) -> dict[str, object]:
    """The question as the queries take it: None asks for nothing."""
    return {
        "sources": list(audience.sources) or None,
        "track": audience.track,
        "stages": list(audience.stages) or None,
        "countries": list(audience.countries) or None,
        "imports": list(audience.imports) or None,
        "owner": audience.owner,
    }


def narrowed(audience: Audience, *, book: Book, at: datetime) -> Fragment:
    """What the question asks in the language of conditions, as of an instant."""
    return compiled(
        audience.where, definition=book.definition, local=book.judging_by_country(), track=audience.track, at=at
    )


async def whom(
    tx: Tx, audience: Audience, *, after: UUID | None, limit: int, book: Book, at: datetime
) -> tuple[LeadId, ...]:
    """Whom the question finds now, the next page behind `after`; empty when there is nobody more. Writes nothing."""
    where = narrowed(audience, book=book, at=at)
    rows = await tx.all_where("audience_page", where, **asked(audience), after=after, page_limit=limit)
    return tuple(row["lead_id"] for row in rows)


async def plan(tx: Tx, draft: CampaignDraft, *, book: Book, at: datetime, by: str) -> Campaign:
    """Write the campaign and freeze its audience, all or nothing.

    Raises Conflict for a name that is taken, BadInput for an audience with nobody in it, and what `check` raises.
    """
    check(draft, book)
    may(Act.LAUNCH, by, book.definition, owner=draft.owner)
    campaign_id = id_of(draft.name)
    told = draft.model_dump(mode="json", include=_PLAIN)
    # By alias: a question about a lead is kept the way a file writes it.
    audience, spread_s = draft.audience.model_dump(mode="json", by_alias=True), int(draft.spread.total_seconds())
    row = {"campaign_id": campaign_id, **told, "audience": audience, "spread_s": spread_s, "at": at, "by": by}
    if await tx.maybe("plan_campaign", **row) is None:
        before = await find(tx, draft.name)
        raise Conflict(f"There is a campaign {before.name} already, {before.status}. Give this one another name.")
    where = narrowed(draft.audience, book=book, at=at)
    drawn = edges(draft.holdout, draft.arms)
    lots = {"arms": [edge.arm for edge in drawn], "below": [edge.below for edge in drawn]}
    found = {"campaign_id": campaign_id, **lots, **asked(draft.audience)}
    frozen = await tx.run_where("freeze_audience", where, **found)
    if frozen == 0:
        words = audience_words(draft.audience)
        raise BadInput("audience", words, "No lead is so. Look whom there is: python starter.py leads list.")
    if draft.cost and draft.currency:
        cost = CostDraft(amount=draft.cost, currency=draft.currency, what="planned")
        await _write_cost(tx, campaign_id, cost, at=at, by=by)
    await _note(tx, campaign_id, "planned", at=at, by=by, why=f"{frozen} {audience_words(draft.audience)}")
    return await find(tx, draft.name)


async def find(tx: Tx, name: str) -> Campaign:
    """The campaign of that name or id. Raises NotFound."""
    row = await tx.maybe("campaign_named", campaign_id=named(name), name=name)
    if row is None:
        raise NotFound("campaign", name)
    return campaign_of(row)


async def every(tx: Tx) -> tuple[Campaign, ...]:
    """All campaigns, newest first."""
    return tuple(campaign_of(row) for row in await tx.all("campaigns"))


async def locked(tx: Tx, campaign_id: CampaignId) -> Campaign:
    """The campaign, held until the transaction ends; take it before any lead. Raises NotFound."""
    return campaign_of(await tx.one("campaign_for_update", campaign_id=campaign_id))


async def act(tx: Tx, name: str, what: Act, *, book: Book, at: datetime, by: str, why: str = "") -> Campaign:
    """Launch, pause, resume or stop a campaign; its workflow looks at once. Raises Conflict with since when, NotFound.

    A launch by a person goes through `runtime.launching`, which looks first; this one looks at nothing.

    Waits for the page that is being enrolled; none begins after it. A pause and a stop are seen by the mark before the
    dot from this commit on.
    """
    campaign = await locked(tx, (await find(tx, name)).campaign_id)
    status = move(campaign, what, by=by, definition=book.definition)
    if status is Status.RUNNING:
        journey_of(book, campaign.journey)
    works = status is Status.RUNNING or (status is Status.STOPPED and campaign.launched_at is not None)
    waiting_for = {Status.RUNNING: "its next look", Status.STOPPED: "its runs to be ended"}.get(status)
    waits = {"waiting_for": waiting_for if works else None, "waits_until": at if works else None}
    await tx.run("move_campaign", campaign_id=campaign.campaign_id, status=status, at=at, **waits)
    await _note(tx, campaign.campaign_id, str(status), at=at, by=by, why=why)
    if campaign.launched_at is not None or status is Status.RUNNING:
        tx.look_again(campaign_looks(campaign.campaign_id))
    return await find(tx, name)


async def under_way(tx: Tx, campaign_id: CampaignId) -> UnderWay:
    """What an act finds, or would find, under way."""
    return UnderWay(**await tx.one("under_way_of_campaign", campaign_id=campaign_id))


async def add_cost(tx: Tx, name: str, cost: CostDraft, *, book: Book, at: datetime, by: str) -> Cost:
    """Write one bill, or a correction. Raises NotFound, BadInput when a currency's sum would fall below nothing."""
    campaign = await locked(tx, (await find(tx, name)).campaign_id)
    may(Act.LAUNCH, by, book.definition, owner=campaign.owner)
    if cost.amount == 0:
        raise BadInput("amount", "0", "Enter what was paid; a correction is a negative amount.")
    spent = sum(one.amount for one in await costs(tx, [campaign.campaign_id]) if one.currency == cost.currency)
    if spent + cost.amount < 0:
        remedy = f"Only {spent} {cost.currency} are entered so far: correct that much at most."
        raise BadInput("amount", str(cost.amount), remedy)
    return await _write_cost(tx, campaign.campaign_id, cost, at=at, by=by)


async def costs(tx: Tx, campaign_ids: Sequence[CampaignId]) -> tuple[Cost, ...]:
    """All bills of some campaigns, in the order they were entered."""
    return tuple(Cost(**row) for row in await tx.all("campaign_costs", campaign_ids=list(campaign_ids)))


async def cost_words(tx: Tx, campaign_id: CampaignId) -> dict[str, str]:
    """Currency → sum of its bills, as `5,000.00`; what comes to nothing is missing."""
    sums: dict[str, Decimal] = {}
    for bill in await costs(tx, [campaign_id]):
        sums[bill.currency] = sums.get(bill.currency, Decimal(0)) + bill.amount
    return {currency: f"{amount:,.2f}" for currency, amount in sums.items() if amount}


async def is_free(tx: Tx, name: str, because: str, *, book: Book, at: datetime, by: str) -> Campaign:
    """Keep why a campaign costs nothing. Raises BadInput without words, Conflict while it has bills, NotFound."""
    campaign = await locked(tx, (await find(tx, name)).campaign_id)
    may(Act.LAUNCH, by, book.definition, owner=campaign.owner)
    if not because.strip():
        raise BadInput("because", because, "Say in words why it costs nothing, such as: our own list, our own time.")
    if spent := await cost_words(tx, campaign.campaign_id):
        sums = ", ".join(f"{amount} {currency}" for currency, amount in spent.items())
        raise Conflict(f"Campaign {campaign.name} costs {sums}. Correct that first: campaigns costs add.")
    await tx.run("campaign_is_free", campaign_id=campaign.campaign_id, because=because.strip())
    await _note(tx, campaign.campaign_id, "said why nothing is paid for", at=at, by=by, why=because.strip())
    return await find(tx, name)


def campaign_of(row: Record) -> Campaign:
    """The campaign in a row."""
    return Campaign.model_validate(dict(row))


async def _write_cost(tx: Tx, campaign_id: CampaignId, cost: CostDraft, *, at: datetime, by: str) -> Cost:
    row = await tx.one("add_campaign_cost", campaign_id=campaign_id, at=at, by=by, **cost.model_dump())
    return Cost(**row)


async def _note(tx: Tx, campaign_id: CampaignId, action: str, *, at: datetime, by: str, why: str = "") -> None:
    words = {"running": "let run"}.get(action, action)
    subject = f"campaign {campaign_id}"
    await audit.note(tx, audit.Note(at=at, actor=by, action=words, subject=subject, why=why))
