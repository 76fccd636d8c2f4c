"""What does a form of another maker say, in our words? What every shape is read into."""

from __future__ import annotations

from pydantic import Field

from leadloom.domain.model import Json, Value


class Filled(Value):
    """A form somebody filled elsewhere."""

    traits: dict[str, Json]
    """What it says of the person, `email` among it, by the names `traits.told_by` knows."""
    key: str
    """Its name for good: the same form sent again has the same."""
    page: str | None = None
    ip: str | None = None
    touch: dict[str, Json] = Field(default_factory=dict)
    """Campaign and click id, for the event."""
    wording: str = ""
    """The sentences the person agreed to; empty when they agreed to none."""
    is_test: bool = False
    """The maker tries whether we are there: nobody is meant."""
