"""What is wrong with a draft, in words that name the place and the remedy?"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches

from pydantic import ValidationError

from leadloom.domain.definitions.draft_text import DraftText, Path
from leadloom.domain.model import Value

_REMEDIES = {
    "missing": "It is needed: add it.",
    "extra_forbidden": "There is no such name here: correct the spelling or take it out.",
    "time_delta_type": "Write a span such as 45m, 2h, 3d or 1w.",
    "time_delta_parsing": "Write a span such as 45m, 2h, 3d or 1w.",
    "time_parsing": 'Write a time of day such as "09:00".',
    "date_from_datetime_parsing": "Write a date such as 2026-02-02.",
    "int_parsing": "Write a whole number.",
    "float_parsing": "Write a number.",
    "bool_parsing": "Write true or false.",
    "string_type": "Write text; put quotes around it when it looks like a number or a date.",
    "tuple_type": "Write a list: [one, two].",
    "dict_type": "Write a mapping: {name: value}.",
    "model_type": "Write a mapping: {name: value}.",
}
"""Pydantic's kind of error → what to do about it; other kinds say it themselves."""


class Fault(Value):
    """One thing that keeps a draft from being published."""

    path: Path
    """Where it stands; an index of a list is an int, every name is a str."""
    words: str


def in_words(draft: DraftText, faults: list[Fault]) -> list[str]:
    """The faults as `file line 41 (stages.3.next): what and what to do`, in the order of the file."""
    ordered = sorted(faults, key=lambda fault: (draft.line(fault.path), fault.words))
    return [f"{draft.place(fault.path)}: {fault.words}" for fault in ordered]


def faults_of(error: ValidationError) -> list[Fault]:
    """The faults of a draft that doesn't follow its grammar."""
    return [
        Fault(path=_path(found["loc"]), words=_words(found["type"], found["msg"]))
        for found in error.errors(include_url=False, include_context=False)
    ]


def _words(kind: str, message: str) -> str:
    remedy = _REMEDIES.get(kind, "")
    return f"{message.removeprefix('Value error, ').rstrip('.')}. {remedy}".strip()


def _path(loc: tuple[str | int, ...]) -> Path:
    # Pydantic marks a bad key of a mapping with one more part, which no file has.
    return tuple(part for part in loc if part != "[key]")


def unknown(path: Path, name: str, known: Collection[str], noun: str) -> Iterator[Fault]:
    """A fault when `name` is none of the known ones; it offers the nearest."""
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"there is {', '.join(known) or 'none yet'}."
        yield Fault(path=path, words=f"There is no {noun} `{name}`: {hint}")


def repeated(path: Path, names: Sequence[str], noun: str) -> Iterator[Fault]:
    """A fault for each name of a list that stands there a second time."""
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Fault(path=(*path, index), words=f"The {noun} `{name}` stands here twice: keep one.")


def no_country(path: Path, code: str) -> Iterator[Fault]:
    """A fault when `code` has not the shape of an ISO 3166-1 alpha-2 country code."""
    if not re.fullmatch(r"[A-Z]{2}", code):
        yield Fault(path=path, words=f"`{code}` is no country code: write two capitals such as DE.")
