"""What does a mail say about itself beside its words? `mail.yaml`: its layout and its variables."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import cast

import yaml
from pydantic import Field, ValidationError

from leadloom.domain.mails.variables import Variable
from leadloom.domain.model import Value

FILE = "mail.yaml"
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Sheet(Value):
    """A mail's own settings. A mail without the file is a letter without variables."""

    layout: str | None = None
    """Which layout of `templates/_layout/` its bodies fill; None is the usual one."""
    variables: dict[str, Variable] = Field(default_factory=dict)
    """By the name a body says."""


def read_sheet(text: str | None, taken: frozenset[str]) -> tuple[Sheet, list[str]]:
    """The settings, and each fault with its line. `taken` are names that every mail has already."""
    if text is None:
        return Sheet(), []
    try:
        told = cast("object", yaml.safe_load(text) or {})
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return Sheet(), [f"{FILE}:{mark.line + 1 if mark else 1}: this is no YAML: {getattr(error, 'problem', error)}"]
    try:
        sheet = Sheet.model_validate_json(_as_json(told))
    except ValidationError as error:
        return Sheet(), [_told(text, fault["loc"], fault["msg"], fault["type"]) for fault in error.errors()]
    return sheet, _variable_faults(text, sheet.variables, taken)


def _as_json(told: object) -> str:
    # YAML reads 2026-03-03 as a date of its own; a default is the text its author wrote.
    return json.dumps(told, default=lambda day: day.isoformat())


def _told(text: str, path: tuple[int | str, ...], words: str, kind: str) -> str:
    """A fault of the model in words a person can act on."""
    spot = ".".join(str(part) for part in path)
    if kind == "missing" and path[-1] == "default":
        words = "it has no default; say what a lead without a value reads"
    elif kind == "extra_forbidden":
        words = "there is no such setting; there are layout and variables, and of a variable type, default, from, means"
    return f"{FILE}:{line_of(text, *path)}: {spot}: {words}"


def _variable_faults(text: str, variables: Mapping[str, Variable], taken: frozenset[str]) -> list[str]:
    faults: list[str] = []
    for name, variable in variables.items():
        place = f"{FILE}:{line_of(text, 'variables', name)}: {name}"
        if not _NAME.fullmatch(name):
            faults.append(f"{place}: write a name in lower-case letters, digits and _")
        if name in taken:
            faults.append(f"{place}: every mail has a {name} already; choose another name")
        faults += [f"{place}: {fault}" for fault in variable.faults()]
    return faults


def line_of(text: str, *path: int | str) -> int:
    """The line where the key at the end of a path stands; of what is missing, its parent's."""
    at = 0
    for part in path:
        found = re.compile(rf"^[ \t]*[\"']?{re.escape(str(part))}[\"']?\s*:|[{{,]\s*{re.escape(str(part))}\s*:", re.M)
        if (hit := found.search(text, at)) is None:
            break
        at = hit.start()
        while text[at] in " \t\n{,":
            at += 1
    return text.count("\n", 0, at) + 1
