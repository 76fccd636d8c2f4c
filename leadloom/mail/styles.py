"""What does a style sheet say, rule by rule, with the lines? As much of CSS as mails use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_NESTING = ("@media", "@supports", "@layer", "@container")


class Declaration(NamedTuple):
    """`color: #123456`, and where it stands."""

    name: str
    value: str
    line: int
    important: bool


class Rule(NamedTuple):
    """A selector, or an at-rule's head, with what it declares."""

    selector: str
    declarations: tuple[Declaration, ...]
    line: int
    media: str
    """The condition it stands in, such as `(prefers-color-scheme: dark)`; empty when it always holds."""


@lru_cache(maxsize=256)
def rules_of(css: str) -> tuple[Rule, ...]:
    """Its rules in order, those inside of @media too."""
    plain = _COMMENT.sub(lambda comment: "\n" * comment.group().count("\n"), css)
    return tuple(_rules(plain, 0, len(plain), ""))


def _rules(css: str, start: int, end: int, media: str) -> Iterator[Rule]:
    at = start
    while at < end:
        stop = min((spot for mark in "{;" if (spot := css.find(mark, at, end)) >= 0), default=-1)
        if stop < 0:
            return
        head = css[at:stop]
        line = css.count("\n", 0, at + len(head) - len(head.lstrip())) + 1
        if css[stop] == ";":
            yield Rule(head.strip(), (), line, media)
            at = stop + 1
            continue
        close = _closing(css, stop, end)
        if head.strip().lower().startswith(_NESTING):
            condition = head.strip().partition(" ")[2].strip()
            yield Rule(head.strip(), (), line, media)
            yield from _rules(css, stop + 1, close, condition)
        else:
            yield Rule(head.strip(), _declarations(css, stop + 1, close), line, media)
        at = close + 1


def _closing(css: str, opening: int, end: int) -> int:
    depth = 0
    for spot in range(opening, end):
        depth += (css[spot] == "{") - (css[spot] == "}")
        if depth == 0:
            return spot
    return end


def declarations(style: str) -> tuple[Declaration, ...]:
    """What a style attribute declares; lines count from 1."""
    plain = _COMMENT.sub(lambda comment: "\n" * comment.group().count("\n"), style)
    return _declarations(plain, 0, len(plain))


def _declarations(css: str, start: int, end: int) -> tuple[Declaration, ...]:
    found: list[Declaration] = []
    at = start
    for part in css[start:end].split(";"):
        name, colon, value = part.partition(":")
        if colon and name.strip():
            line = css.count("\n", 0, at + len(name) - len(name.lstrip())) + 1
            plain, important, _ = value.strip().partition("!important")
            said = " ".join(plain.split())
            found.append(Declaration(name.strip().lower(), said, line, bool(important)))
        at += len(part) + 1
    return tuple(found)
