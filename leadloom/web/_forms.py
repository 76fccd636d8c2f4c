"""Which forms are there, and what does each ask, record and promise? A new form is an entry of forms.yaml."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field as PydanticField

from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.model import Value

_FILE = Path(__file__).with_name("forms.yaml")


class Field(Value):
    """What is asked; its name is a field of a lead, or kept as an attribute."""

    label: str
    type: Literal["text", "email", "tel", "lines"] = "text"
    hint: str = ""
    autocomplete: str = "off"
    longest: int


class Thanks(Value):
    """What the page after the form says."""

    title: str
    says: str


class Form(Value):
    """One form."""

    event: str
    """What a post of it is, in the definition's events."""
    source: str
    """Where its leads come from, in the definition's sources."""
    title: str
    says: str
    asks: tuple[str, ...]
    needs: tuple[str, ...]
    """Of `asks`, those without which the form comes back."""
    button: str
    consent: str
    """The very sentence beside the box; kept with the permission as its proof."""
    thanks: Thanks
    keeps: dict[str, str] = PydanticField(default_factory=dict)
    """What every post of it tells of the lead besides: `webinar_at`, the instant of the webinar."""
    tells: dict[str, str] = PydanticField(default_factory=dict)
    """What its event says besides, for mails to quote."""


class Forms(Value):
    """The whole file."""

    fields: dict[str, Field]
    forms: dict[str, Form]


@cache
def forms() -> Forms:
    """All forms by name. Raises Faulty, pydantic's ValidationError for a file out of shape."""
    draft = DraftText(_FILE.name, _FILE.read_text(encoding="utf-8"))
    return Forms.model_validate(draft.data)
