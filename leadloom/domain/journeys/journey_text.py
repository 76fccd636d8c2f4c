"""How is a journey written down again? As the YAML of its file, or as JSON: both are read back as the same journey."""

from __future__ import annotations

import re
from typing import Any

import yaml

from leadloom.domain.journeys.journey import Journey
from leadloom.domain.model import Json

SCHEMA_LINE = "# yaml-language-server: $schema=../../docs/reference/journey.schema.json\n"
"""Tells editors which names and values a journey may have; as seen from workflows/journeys/."""

_WIDTH = 118
_FIRST = ("name", "purpose", "owner")


class _Writer(yaml.SafeDumper):
    """YAML that our own reader reads as it was meant: text that other readers take for something else is quoted."""


def _write_text(writer: yaml.SafeDumper, text: str) -> yaml.Node:
    del writer  # a text needs no anchors
    # Quoted when in doubt: `no`, `08:30` and `2026-03-01` are text here, whatever YAML version reads them.
    is_plain = _PLAIN.fullmatch(text) is not None and text.lower() not in _OTHER_WORDS
    style = None if is_plain or " " in text else '"'
    return yaml.ScalarNode("tag:yaml.org,2002:str", text, style=style)


_PLAIN = re.compile(r"[A-Za-z][\w-]*|\d+[mhdw]", re.ASCII)
_OTHER_WORDS = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n"})
_Writer.add_representer(str, _write_text)


def journey_json(journey: Journey) -> dict[str, Json]:
    """What the journey says, without what it leaves out: `Journey.model_validate` reads it as the same journey."""
    return journey.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def journey_yaml(journey: Journey) -> str:
    """The text of a file that says the journey; `read_journey` reads it as the same one. Comments are not its own."""
    said: dict[str, Any] = journey_json(journey)
    # A step's kind stands first, as people write it; the rest follows in the order of the grammar.
    head = {name: said[name] for name in _FIRST if name in said}
    whole = {**head, **{name: value for name, value in said.items() if name not in head}}
    body = yaml.dump(whole, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=_WIDTH, default_flow_style=None)
    return SCHEMA_LINE + body
