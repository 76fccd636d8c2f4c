"""What did the deals amount to, whose work were they, and how fast does the pipeline flow?

Money of different currencies is never added: each currency is a pipeline of its own. An amount nobody told is counted
and never added or averaged as 0; a deal whose creation nobody told is counted and has no cycle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.journeys.spans import Span
from leadloom.domain.model import DealId, Instant, LeadId, Value
from leadloom.domain.reports.classes import (
    LOOK_BACK,
    NOT_CAUSAL,
    CreditClass,
    Touch,
    deal_class,
    eligible,
    lead_class,
    look_back_from,
)
from leadloom.domain.reports.figures import (
    Figure,
    Frame,
    Proportion,
    Share,
    Spread,
    days,
    frame,
    month_of,
    spread_of_days,
)
from leadloom.domain.reports.groups import Facets, Only, Told, grouped

DealStage = Literal["open", "won", "lost"]


DealsBy = Literal[Told, "month"]
"""A deal is opened by people, not decided under a version of the definition: it has none to be told apart by."""


class Deal(Facets):
    """What the log knows of a deal. Source, country and campaigns are its lead's, the owner is its own."""

    deal_id: DealId
    external_id: str
    currency: str | None
    amount: Decimal | None
    """None: nobody told."""
    created_at: Instant
    stage: DealStage = "open"
    closed_at: Instant | None = None
    """Equal to `created_at` where nobody told when the deal was opened."""
    touches: tuple[Touch, ...] = ()
    """Of the buying group: its lead and the leads of its company, in any order."""

    def seen(self, as_of: Instant) -> Deal | None:
        """What was known of it at `as_of`; None when it did not exist."""
        if self.created_at > as_of:
            return None
        if self.closed_at is not None and self.closed_at > as_of:
            return self.model_copy(update={"stage": "open", "closed_at": None})
        return self


Classed = tuple[Deal, CreditClass]


class AcceptedLead(Facets):
    """A lead with what its class is decided from."""

    lead_id: LeadId
    accepted_at: Instant | None = None
    touches: tuple[Touch, ...] = ()


class PipelineQuestion(Value):
    """What somebody wants to know."""

    as_of: Instant
    look_back: Span | None = LOOK_BACK
    """None looks back without a limit."""
    by: DealsBy | None = None
    only: tuple[Only, ...] = ()
    """Deals and leads that all of these take; none means all."""


class ClassedDeal(Value):
    """One deal and its class."""

    deal: str
    """Its own name in the system it came from."""
    deal_class: CreditClass
    stage: DealStage
    currency: str | None
    amount: Figure | None


class DealsOfClass(Value):
    """The deals of one class in one currency."""

    deal_class: CreditClass
    deals: int
    pipeline: Share
    """Amount of all its deals, of the amount of all deals."""
    won: Share
    """Amount of its won deals, of the amount of all won deals."""
    win_rate: Proportion
    """Won deals of decided deals."""
    days_to_won: Spread


class CurrencyPipeline(Value):
    """All deals of one currency."""

    currency: str | None
    """None: deals without an amount, whose currency nobody told either."""
    deals: int
    open: int
    untold: int
    """Deals whose amount nobody told: in every count and win rate, in no sum and no mean."""
    undated: int
    """Closed deals whose creation nobody told: in no number of days."""
    pipeline: Figure | None
    """None when nobody told any amount."""
    won: Figure | None
    classes: tuple[DealsOfClass, ...]
    touched: Share
    """Generated and enhanced together, of the pipeline."""
    touched_won: Share
    win_rate: Proportion
    mean_won: Figure | None
    days_to_won: Spread
    days_to_lost: Spread
    open_days: Spread
    """Age of open deals."""
    per_day_open: float | None
    """Pipeline velocity: open deals x win rate x mean won / mean days to won."""
    per_day_closed: float | None
    """The same for the decided deals: what has flowed."""


class LeadsOfClass(Value):
    """The leads of one class."""

    lead_class: CreditClass
    share: Proportion


class PipelineGroup(Value):
    """The deals of which the same was told."""

    key: str | None
    """None for those of which nobody told it."""
    name: str
    deals: int
    currencies: tuple[CurrencyPipeline, ...]


class PipelineReport(Value):
    """Deals and leads by class, and the money."""

    frame: Frame
    only: tuple[Only, ...]
    look_back_days: float | None
    """None: without a limit."""
    deal_basis: str
    currencies: tuple[CurrencyPipeline, ...]
    by: DealsBy | None
    groups: tuple[PipelineGroup, ...]
    """Most deals first; empty when not asked for."""
    deals: tuple[ClassedDeal, ...]
    untouched_deals: int
    """Deals of whose buying group the log has no touch at all: sales-only by the rule, not because anybody saw it."""
    lead_basis: str
    accepted_leads: tuple[LeadsOfClass, ...]
    all_leads: tuple[LeadsOfClass, ...]
    untouched_leads: int
    """Never accepted and without a touch in the look-back: nobody's yet, so in no class."""
    note: str

    def deals_by_class(self) -> Mapping[CreditClass, int]:
        """How many deals each class has, over all currencies; every class is there."""
        counted = Counter(deal.deal_class for deal in self.deals)
        return {one: counted[one] for one in CreditClass}


def pipeline(
    definition: Definition, deals: Sequence[Deal], leads: Sequence[AcceptedLead], question: PipelineQuestion
) -> PipelineReport:
    """Answer `question` from all deals and leads."""
    known = [seen for deal in deals if _takes(definition, deal, question) and (seen := deal.seen(question.as_of))]
    classed = [(deal, _class_of_deal(deal, question)) for deal in sorted(known, key=lambda d: d.created_at)]
    asked = [lead for lead in leads if _takes(definition, lead, question)]
    accepted, everyone, untouched = _classes_of_leads(asked, question)
    return PipelineReport(
        frame=frame(definition, question.as_of),
        only=question.only,
        look_back_days=None if question.look_back is None else days(question.look_back),
        deal_basis="deals created by the as-of date; class anchored at creation, enhanced until the close",
        currencies=_currencies(classed, question.as_of),
        by=question.by,
        groups=_groups(definition, classed, question),
        deals=tuple(
            ClassedDeal(deal=d.external_id, deal_class=c, stage=d.stage, currency=d.currency, amount=d.amount)
            for d, c in classed
        ),
        untouched_deals=sum(not deal.touches for deal, _ in classed),
        lead_basis="class anchored at the first acceptance, at the as-of date while there is none",
        accepted_leads=_lead_shares(accepted),
        all_leads=_lead_shares(everyone),
        untouched_leads=untouched,
        note=NOT_CAUSAL,
    )


def _takes(definition: Definition, told: Facets, question: PipelineQuestion) -> bool:
    return all(only.takes(definition, told) for only in question.only)


def _groups(
    definition: Definition, classed: Sequence[Classed], question: PipelineQuestion
) -> tuple[PipelineGroup, ...]:
    by = question.by
    if by is None:
        return ()

    def told(one: Classed) -> tuple[str | None, ...]:
        return (month_of(one[0].created_at),) if by == "month" else one[0].told(by)

    return tuple(
        PipelineGroup(
            key=group.key,
            name=group.name,
            deals=len(group.members),
            currencies=_currencies(group.members, question.as_of),
        )
        for group in grouped(definition, classed, by, told=told)
    )


def _currencies(classed: Sequence[Classed], as_of: Instant) -> tuple[CurrencyPipeline, ...]:
    found = sorted({deal.currency for deal, _ in classed}, key=lambda currency: (currency is None, currency))
    return tuple(_of_currency(one, [each for each in classed if each[0].currency == one], as_of) for one in found)


def _class_of_deal(deal: Deal, question: PipelineQuestion) -> CreditClass:
    return deal_class(
        deal.touches,
        created_at=deal.created_at,
        closed_at=deal.closed_at,
        as_of=question.as_of,
        look_back=question.look_back,
    )


def _classes_of_leads(
    leads: Sequence[AcceptedLead], question: PipelineQuestion
) -> tuple[list[CreditClass], list[CreditClass], int]:
    """Classes of accepted leads, of all leads, and how many leads are nobody's yet."""
    accepted: list[CreditClass] = []
    open_: list[CreditClass] = []
    untouched = 0
    since = look_back_from(question.as_of, question.look_back)
    for lead in leads:
        own = lead_class(lead.touches, accepted_at=lead.accepted_at, as_of=question.as_of, look_back=question.look_back)
        if lead.accepted_at is not None and lead.accepted_at <= question.as_of:
            accepted.append(own)
        elif eligible(lead.touches, until=question.as_of, since=since):
            open_.append(own)
        else:
            untouched += 1
    return accepted, accepted + open_, untouched


def _lead_shares(classes: Sequence[CreditClass]) -> tuple[LeadsOfClass, ...]:
    counted = Counter(classes)
    return tuple(
        LeadsOfClass(lead_class=one, share=Proportion(part=counted[one], whole=len(classes))) for one in CreditClass
    )


def _of_currency(currency: str | None, classed: Sequence[Classed], as_of: Instant) -> CurrencyPipeline:
    deals = [deal for deal, _ in classed]
    won = _at(deals, "won")
    touched = [deal for deal, c in classed if c in (CreditClass.GENERATED, CreditClass.ENHANCED)]
    lost, open_ = _at(deals, "lost"), _at(deals, "open")
    return CurrencyPipeline(
        currency=currency,
        deals=len(deals),
        open=len(open_),
        untold=len(deals) - len(_amounts(deals)),
        undated=len(won) + len(lost) - len(_cycles(won)) - len(_cycles(lost)),
        pipeline=_amount(deals) if _amounts(deals) else None,
        won=_amount(won) if _amounts(deals) else None,
        classes=tuple(_of_class(one, [d for d, c in classed if c is one], deals) for one in CreditClass),
        touched=Share(part=_amount(touched), whole=_amount(deals)),
        touched_won=Share(part=_amount(_at(touched, "won")), whole=_amount(won)),
        win_rate=_win_rate(deals),
        mean_won=_mean_amount(won),
        days_to_won=spread_of_days(_cycles(won)),
        days_to_lost=spread_of_days(_cycles(lost)),
        open_days=spread_of_days([as_of - deal.created_at for deal in open_]),
        per_day_open=_per_day(open_, deals),
        per_day_closed=_per_day([*won, *lost], deals),
    )


def _of_class(one: CreditClass, own: Sequence[Deal], deals: Sequence[Deal]) -> DealsOfClass:
    return DealsOfClass(
        deal_class=one,
        deals=len(own),
        pipeline=Share(part=_amount(own), whole=_amount(deals)),
        won=Share(part=_amount(_at(own, "won")), whole=_amount(_at(deals, "won"))),
        win_rate=_win_rate(own),
        days_to_won=spread_of_days(_cycles(_at(own, "won"))),
    )


def _per_day(counted: Sequence[Deal], deals: Sequence[Deal]) -> float | None:
    """Pipeline velocity (leads.md §2.2) of the counted deals whose amount was told; None where a factor is unknown."""
    won = _at(deals, "won")
    win_rate, cycle, mean = _win_rate(deals).percent, spread_of_days(_cycles(won)).mean, _mean_amount(won)
    if win_rate is None or not cycle or mean is None:
        return None
    return len(_amounts(counted)) * (win_rate / 100) * float(mean) / cycle


def _win_rate(deals: Sequence[Deal]) -> Proportion:
    won, lost = len(_at(deals, "won")), len(_at(deals, "lost"))
    return Proportion(part=won, whole=won + lost)


def _at(deals: Sequence[Deal], stage: DealStage) -> list[Deal]:
    return [deal for deal in deals if deal.stage == stage]


def _amount(deals: Sequence[Deal]) -> Decimal:
    return sum(_amounts(deals), Decimal(0))


def _mean_amount(deals: Sequence[Deal]) -> Decimal | None:
    amounts = _amounts(deals)
    return sum(amounts, Decimal(0)) / len(amounts) if amounts else None


def _amounts(deals: Sequence[Deal]) -> list[Decimal]:
    return [deal.amount for deal in deals if deal.amount is not None]


def _cycles(deals: Sequence[Deal]) -> list[timedelta]:
    """From creation to close, of those whose creation somebody told."""
    return [d.closed_at - d.created_at for d in deals if d.closed_at is not None and d.closed_at != d.created_at]
