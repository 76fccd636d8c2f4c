"""When are two leads one person, and which value stands when they become one? What the business says about it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from leadloom.domain.model import Value

FieldRule = Literal["oldest", "newest", "filled", "source"]
"""`oldest`: of the lead we met first; `newest`: of who answered last; `filled`: the survivor's own, blanks filled;
`source`: of the lead whose source stands first in `trusted_sources`. A blank never wins."""

_OLDEST = ("email", "first_name", "last_name", "source")
_NEWEST = ("company", "country", "role", "title", "phone", "time_zone", "language", "attributes")
MERGED_FIELDS = (*_OLDEST, *_NEWEST)
"""What a merge decides about, in the order it is shown."""


class OnePerson(Value):
    """The section `one_person` of the definition."""

    same_mailbox: tuple[str, ...] = ()
    """Mail domains at which `ana+fair@` reaches the mailbox of `ana@`. Only where the provider says so: elsewhere the
    sign may be part of a name, and two people would become one."""
    phone_region: str = Field(default="US", pattern="^[A-Z]{2}$")
    """Where a number without a country is dialled, unless the lead's own country is known (ISO 3166-1)."""
    switchboard_from: int = Field(default=3, ge=2)
    """A number that so many leads have is a company's and tells nobody apart."""
    suggest_from: float = 4.0
    """Bits above even from which two leads are suggested to be one: 4 is sixteen to one."""
    fields: dict[str, FieldRule] = Field(default_factory=dict)
    """Which value stands; fields that aren't named keep what a capture would keep."""
    trusted_sources: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _known_fields(self) -> OnePerson:
        if unknown := self.fields.keys() - set(MERGED_FIELDS):
            raise ValueError(f"one_person.fields names {', '.join(sorted(unknown))}; use {', '.join(MERGED_FIELDS)}")
        return self

    def rule(self, field: str) -> FieldRule:
        """How the field is decided."""
        return self.fields.get(field, "oldest" if field in _OLDEST else "newest")
