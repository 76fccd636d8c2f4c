"""What can be asked about a lead? A question with a yes or no, as a file writes it."""

from __future__ import annotations

from pydantic import Field

from leadloom.domain.journeys.spans import Span
from leadloom.domain.model import Json, Value


class Condition(Value):
    """A question about a lead with a yes or no. All fields given must hold (and); `all`, `any` and `not` nest.

    Empty means yes.
    """

    event: str | None = None
    """An event of this kind by a human happened …"""
    within: Span | None = None
    """… in this span before now (with `event` only); without it, since the lead entered the journey."""
    times: int | None = None
    """… at least so often (with `event` only); left out: once."""
    data: dict[str, Json] | None = None
    """… and it carries these values, such as `{form: guide}` (with `event` only)."""
    basis: str | None = None
    """The lead's permission suffices for marketing mail on this purpose."""
    field: str | None = None
    """An attribute of the lead or its account …"""
    is_: Json = Field(default=None, alias="is")
    """… equals this; with nothing else asked of it, is known at all."""
    one_of: tuple[str, ...] | None = None
    """… or equals one of these."""
    at_least: float | None = None
    """… is a number and not below this."""
    at_most: float | None = None
    """… is a number and not above this."""
    contains: str | None = None
    """… is a text, or a list of texts, with this in it; capitals don't matter."""
    past: Span | None = None
    """… is a date that lies behind us, at most so long ago; days are those of UTC."""
    ahead: Span | None = None
    """… is a date, today or at most so far ahead; days are those of UTC."""
    stage: tuple[str, ...] | None = None
    """The lead's stage in the journey's track is one of these."""
    fit: tuple[str, ...] | None = None
    """The lead's fit letter is one of these (A–D)."""
    engagement: tuple[int, ...] | None = None
    """The lead's engagement digit is one of these (1–4)."""
    category: dict[str, tuple[int, ...]] | None = None
    """Their engagement in each of these categories of points has one of its digits, such as `{fleet: [1, 2]}`."""
    company: tuple[int, ...] | None = None
    """The lead's company, all its people together, has one of these engagement digits (1–4)."""
    covers: tuple[str, ...] | None = None
    """In each of these roles of the buying group somebody at the lead's company is engaged …"""
    covers_at_least: int | None = None
    """… or in so many of its roles, whichever they are."""
    recycled_for: tuple[str, ...] | None = None
    """The last reject reason is one of these keys of the definition."""
    tag: tuple[str, ...] | None = None
    """The lead carries one of these tags."""
    in_journey: tuple[str, ...] | None = None
    """The lead is in one of these journeys now."""
    was_in: tuple[str, ...] | None = None
    """A run of the lead in one of these journeys has ended."""
    arm: tuple[str, ...] | None = None
    """The campaign that began the run drew one of these arms for the lead."""
    all: tuple[Condition, ...] | None = None
    """Each of these holds."""
    any: tuple[Condition, ...] | None = None
    """At least one of these holds."""
    not_: Condition | None = Field(default=None, alias="not")
    """This does not hold."""
