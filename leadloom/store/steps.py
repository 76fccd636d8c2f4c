"""What became of everybody at each step of a campaign, or of a version of a journey, and how late was it? (D26, X18)

Counts are of visits: whoever comes to a step twice is counted twice. They are queries over the log of the runs, none is
counted along, and each opens its rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from leadloom.domain.errors import NotFound
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.model import CampaignId, EnrolmentId, Instant, MessageId, Value
from leadloom.store import journeys_now, published, rows
from leadloom.store.messages import LATE_FROM
from leadloom.store.published import Book
from leadloom.store.rows import Order, Page, PersonRow
from leadloom.store.tx import Record, Tx

FATES: dict[str, str] = {
    "waiting": "stand there now",
    "blocked": "stopped there by an error",
    "passed": "passed",
    "skipped": "skipped: needless, not allowed, or taken back",
    "failed": "failed: the effect, or the mail",
    "expired": "expired: too late for the step, or for the mail",
    "left": "ended there",
    "moved": "moved on by a new version",
}
"""What became of a visit; each has exactly one of these."""
ALSO: dict[str, str] = {
    "capped": "put off by a cap",
    "coming": "its mail is still to go",
    "late": "late by a minute or more",
}
"""What may be so besides."""
LATE_WORDS: dict[str, str] = {
    "window": "missed its window",
    "cap": "a cap was full",
    "held": "held or paused",
    "stopped": "an operator stopped the lane",
    "relay": "the relay put it off",
    "backlog": "its lane had other mail to send first",
    "worker": "no worker looked in time",
}
"""What first made something late, as far as it is known."""


_SHARES = 3
"""Percentiles a query answers: 50, 95, 99."""


class Whose(Value):
    """Whose runs are meant: a campaign's, or those of one version of a journey."""

    words: str
    campaign_id: CampaignId | None = None
    journey_hash: str | None = None
    code_journey: str | None = None
    order: tuple[str, ...] = ()
    """Steps in reading order."""

    def asked(self) -> dict[str, object]:
        """As the queries take it."""
        return {
            "campaign_id": self.campaign_id, "journey_hash": self.journey_hash, "code_journey": self.code_journey,
            "late_s": LATE_FROM.total_seconds(),
        }  # fmt: skip


class Late(Value):
    """How much later than planned, in seconds; of so many, half or fewer were later."""

    p50_s: float
    p95_s: float
    p99_s: float


class StepCounts(Value):
    """What became of the visits to one step."""

    step: str
    came: int
    """All visits: the sum of what became of them."""
    waiting: int
    blocked: int
    passed: int
    skipped: int
    failed: int
    expired: int
    left: int
    moved: int
    capped: int
    """Among the others: mails that a cap put off."""
    coming: int
    """Among the others: mails that are still to go."""
    late: int
    """Among the others: by a minute or more."""
    came_late: Late | None
    """Coming to the step, against when the wait before it ended; None when it isn't known of any."""
    sent_late: Late | None
    """A mail's acceptance by the relay, against the slot it was first given."""


class VisitFilter(Value):
    """Which visits."""

    step: str | None = None
    fate: str | None = None
    """One of FATES or ALSO."""


class VisitRow(PersonRow):
    """One visit of a run to a step."""

    enrolment_id: EnrolmentId
    journey: str
    step: str
    visit: int
    fate: str
    planned_at: Instant | None
    """When it was due: the mail's first slot, else the coming to the step."""
    actual_at: Instant | None
    late_s: float | None
    late_why: str | None
    """A key of LATE_WORDS; None when it was on time."""
    did: str | None
    at: Instant | None
    message_id: MessageId | None


async def counts(tx: Tx, whose: Whose) -> tuple[StepCounts, ...]:
    """A row for each step somebody came to or could come to, in reading order; unknown ones last."""
    found = {row["step"]: row for row in await tx.all("count_steps", **whose.asked())}
    names = [*whose.order, *sorted(set(found) - set(whose.order))]
    return tuple(_counts(name, found.get(name)) for name in names)


async def visits(tx: Tx, whose: Whose, which: VisitFilter, order: Order) -> Page[VisitRow]:
    """The visits behind a figure. Sorts: at, name, late."""
    found = await tx.all("list_visits", **whose.asked(), **which.model_dump(), **rows.asked(order))
    return rows.page(VisitRow, found, order)


async def of_journey(tx: Tx, name: str, version: int | None, *, book: Book) -> Whose:
    """The runs of a version of a journey, of the one in force when none is named. Raises NotFound."""
    if any(entry.name == name for entry in book.code):
        return Whose(words=f"journey {name} (as code)", code_journey=name)
    known = await journeys_now.versions(tx, "journey", name)
    meant = next((one for one in known if version is None or one.version == version), None)
    if meant is None:
        raise NotFound("journey", name if version is None else f"{name}, version {version}")
    steps = _order(await published.journey(tx, meant.hash))
    return Whose(words=f"journey {name}, version {meant.version}", journey_hash=meant.hash, order=steps)


def of_campaign(campaign_id: CampaignId, name: str, journey: str, *, book: Book) -> Whose:
    """The runs of a campaign, whatever version they go by."""
    found = next((one.journey for one in book.journeys if one.journey.name == journey), None)
    steps = _order(found) if found else ()
    return Whose(words=f"campaign {name}", campaign_id=campaign_id, order=steps)


def _order(journey: Journey) -> tuple[str, ...]:
    return tuple(step.id for step in journey.steps)


def _counts(step: str, row: Record | None) -> StepCounts:
    if row is None:
        nobody = dict.fromkeys(StepCounts.model_fields, 0)
        return StepCounts.model_validate({**nobody, "step": step, "came_late": None, "sent_late": None})
    late = {name: _late(row[name]) for name in ("came_late", "sent_late")}
    return StepCounts.model_validate({**dict(row), **late})


def _late(three: Sequence[float | None] | None) -> Late | None:
    known = [one for one in three or () if one is not None]
    return Late(p50_s=known[0], p95_s=known[1], p99_s=known[2]) if len(known) == _SHARES else None
