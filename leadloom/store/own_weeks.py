"""What became in a week of what somebody told us? Their answers, who came back, deals, and rules that changed since."""

from __future__ import annotations

from datetime import datetime, timedelta

from leadloom.domain.model import DealId, HandOffId, Instant, Value
from leadloom.store.rows import PersonRow
from leadloom.store.tx import Tx

SHOWN = 100
"""Rows of a list at most: nobody answers more in a week."""
HEARD_BEFORE = timedelta(days=91)
"""So long before a change of the rules may reasons lie that it answers."""


class OwnAnswer(PersonRow):
    """An offer they answered."""

    hand_off_id: HandOffId
    kind: str
    state: str
    reason: str | None
    decided_via: str | None
    decided_at: Instant
    told_at: Instant | None
    """When the notice they answered left our hands; None when none had."""


class Returned(PersonRow):
    """A lead they had given back, handed over again."""

    hand_off_id: HandOffId
    opened_at: Instant
    state: str
    owner: str | None
    reason: str
    """What they had told us."""
    decided_at: Instant
    """When."""


class Appealed(PersonRow):
    """An appeal against what they had given back, decided."""

    hand_off_id: HandOffId
    state: str
    """`upheld`: it is offered again; `dismissed` or `lapsed`: their answer stands."""
    decided_at: Instant
    answer: str | None
    reason: str | None


class OwnDeal(PersonRow):
    """A deal with a lead they had accepted."""

    deal_id: DealId
    name: str
    stage: str
    created_at: Instant
    closed_at: Instant | None


class Changed(Value):
    """A version of the definition that came into force."""

    version: int
    published_at: Instant
    why: str | None
    """What its draft said; None for one that had no draft."""


class OwnWeek(Value):
    """All of one week."""

    answers: tuple[OwnAnswer, ...]
    returned: tuple[Returned, ...]
    appealed: tuple[Appealed, ...]
    deals: tuple[OwnDeal, ...]
    changed: tuple[Changed, ...]
    told_before: dict[str, int]
    """Reason → how often they gave it in the 91 days before the week ended."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell: then nobody is written to."""
        return not (self.answers or self.returned or self.appealed or self.deals)


async def of(tx: Tx, handle: str, *, since: datetime, until: datetime) -> OwnWeek:
    """What became of what they told us, from `since` until `until` (not included)."""
    span: dict[str, object] = {"handle": handle, "since": since, "until": until}
    before: dict[str, object] = {**span, "since": until - HEARD_BEFORE}
    names = ("own_answers", "own_returned", "own_appeals", "own_deals")
    answers, returned, appealed, deals = [await tx.all(name, **span, page_limit=SHOWN) for name in names]
    return OwnWeek(
        answers=tuple(OwnAnswer.model_validate(dict(row)) for row in answers),
        returned=tuple(Returned.model_validate(dict(row)) for row in returned),
        appealed=tuple(Appealed.model_validate(dict(row)) for row in appealed),
        deals=tuple(OwnDeal.model_validate(dict(row)) for row in deals),
        changed=tuple(
            Changed.model_validate(dict(row)) for row in await tx.all("definitions_of_week", since=since, until=until)
        ),
        told_before={row["reason"]: row["given"] for row in await tx.all("own_reasons", **before)},
    )
