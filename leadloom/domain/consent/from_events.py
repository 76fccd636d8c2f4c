"""Which permissions come by themselves with what happened? By the declared rules: an enquiry, a purchase."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.lead import Basis, BasisDraft, BasisKind, EventDraft, Verdict
from leadloom.domain.mails.sending import may_market
from leadloom.domain.model import Json
from leadloom.domain.stages.scoring import country_of
from leadloom.domain.standing import Standing

SAID_BY_THE_PERSON = (BasisKind.EXPRESS, BasisKind.DOUBLE_OPT_IN)
"""Only these hold again after a no: whatever else is written later is a list, or a rule, that doesn't know of it."""


def gained(definition: Definition, events: Iterable[EventDraft]) -> Iterator[BasisDraft]:
    """A permission for each rule and channel that one of the events meets; the next such event gives a later one."""
    for event in events:
        for name, rule in definition.consent.from_events.items():
            if event.kind in rule.events and event.verdict is Verdict.HUMAN:
                told = {key: event.data[key] for key in ("form", "page") if key in event.data}
                proof: dict[str, Json] = {"event": event.kind, "rule": name, **told}
                until = None if rule.for_ is None else event.at + rule.for_
                for channel in rule.channels:
                    yield BasisDraft(
                        purpose=rule.purpose, channel=channel, kind=rule.kind, source=f"{name} ({event.kind})",
                        at=event.at, until=until, proof=proof,
                    )  # fmt: skip


def with_gained(definition: Definition, standing: Standing, drafts: Sequence[BasisDraft], at: datetime) -> Standing:
    """The lead once these are kept; as it was when there are none."""
    if not drafts:
        return standing
    bases = (*standing.bases, *(_kept(standing, draft) for draft in drafts))
    where = country_of(standing.lead, standing.account)
    return standing.but(bases=bases, may_market=may_market(definition, bases, where, at))


def _kept(standing: Standing, draft: BasisDraft) -> Basis:
    """A no from before ends at once what nobody says themselves."""
    said_no = draft.kind not in SAID_BY_THE_PERSON and any(
        one.act == "withdrawn" and (one.purpose, one.channel) == (draft.purpose, draft.channel)
        for one in standing.bases
    )
    return Basis.built(lead_id=standing.lead.lead_id, revoked_at=draft.at if said_no else None, **vars(draft))
