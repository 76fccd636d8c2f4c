"""How does a body fill its layout? Blocks by name, put together when a mail is published; each line knows its file.

A layout may extend another one, as Jinja writes it: `{% extends "page" %}`, `{% block title %}…{% endblock %}`,
`{{ super() }}`. A body needs no `extends`: what stands in its blocks goes into the layout's blocks of those names, and
all the rest is the block `body`, which a layout may also write `{{ body }}`. Nothing of this is left in what is
published: that is one text, so that its style sheet can be inlined and its hash says all of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache

BODY = "body"
"""The block that takes what stands in no other."""

_TAG = re.compile(
    r"(?P<comment>\{#.*?#\})"
    r"|(?P<place>\{\{-?\s*body\s*-?\}\})"
    r"|(?P<parent>\{\{-?\s*super\(\)\s*-?\}\})"
    r"|(?P<statement>(?:(?:(?<=\n)|\A)[ \t]*)?\{%-?\s*(?:block\s+(?P<block>\w+)|(?P<end>endblock(?:\s+\w+)?)"
    r"|extends\s+[\"'](?P<extends>[\w-]+)[\"'])\s*(?:\+%\}|-?%\}\n?))",
    re.DOTALL,
)
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
_WORD = re.compile(r"\w+")
_LONGEST_CHAIN = 8
"""Layouts that extend one another; more is a circle."""


@dataclass(frozen=True)
class Piece:
    """Some text of one file."""

    file: str
    line: int
    text: str


@dataclass(frozen=True)
class Block:
    """A place with a name, and what stands there unless somebody fills it."""

    name: str
    line: int
    inside: tuple[Node, ...]


@dataclass(frozen=True)
class Parent:
    """`super()`: what the filled block said."""


Node = Piece | Block | Parent


@dataclass(frozen=True)
class Part:
    """One file, taken apart."""

    file: str
    nodes: tuple[Node, ...]
    extends: str | None
    faults: tuple[str, ...]

    @property
    def blocks(self) -> dict[str, Block]:
        """Its blocks by name, those inside of others too, in the order of the text."""
        return {block.name: block for block in _blocks(self.nodes)}


@dataclass(frozen=True)
class Whole:
    """A body in its layout: one text, and where each of its lines comes from."""

    source: str
    pieces: tuple[Piece, ...]
    filled: tuple[str, ...]
    """Names of the blocks the body fills, in the order in which a reader meets them."""

    def place(self, line: int, fault: str = "") -> tuple[str, int]:
        """File and line of a line of the source, counted from 1.

        Of files that share it, the one whose Jinja says most words of the fault, else rather the mail's own.
        """
        words = set(_WORD.findall(fault.partition(";")[0]))
        sharing = [
            (len(words & {word for tag in _JINJA.findall(text) for word in _WORD.findall(tag)}), piece.file, no)
            for piece, no, text in self._on(line)
        ]
        own = [not file.startswith("_layout/") for _, file, _ in sharing]
        best = max(range(len(sharing)), key=lambda at: (sharing[at][0], own[at], at), default=None)
        return ("", 1) if best is None else sharing[best][1:]

    def _on(self, line: int) -> Iterator[tuple[Piece, int, str]]:
        """The pieces that have words on that line: each with its own line and those words."""
        at = 1
        for piece in self.pieces:
            lines = piece.text.split("\n")
            if at <= line < at + len(lines) and (text := lines[line - at]).strip():
                yield piece, piece.line + line - at, text
            at += len(lines) - 1


@dataclass
class _Reader:
    """Takes one file apart."""

    file: str
    extends: str | None = None
    faults: list[str] = field(default_factory=list[str])

    def nodes(self, source: str) -> tuple[Node, ...]:
        open_: list[tuple[str, int, list[Node]]] = [("", 1, [])]
        at = 0
        for tag in _TAG.finditer(source):
            if tag["comment"]:
                continue
            line = source.count("\n", 0, tag.start()) + 1
            self._text(open_, source, at, tag.start())
            at = tag.end()
            self._take(tag, line, open_)
        self._text(open_, source, at, len(source))
        for name, line, _ in open_[1:]:
            self.faults.append(f"{self.file}:{line}: the block {name} has no end; write {{% endblock %}}")
        return tuple(open_[0][2])

    def _take(self, tag: re.Match[str], line: int, open_: list[tuple[str, int, list[Node]]]) -> None:
        inside = open_[-1][2]
        if tag["place"]:
            inside.append(Block(BODY, line, ()))
        elif tag["parent"]:
            inside.append(Parent())
        elif tag["block"]:
            open_.append((tag["block"], line, []))
        elif tag["extends"]:
            self.extends = tag["extends"]
        elif len(open_) == 1:
            self.faults.append(f"{self.file}:{line}: endblock ends nothing; remove it or begin a block")
        else:
            name, began, nodes = open_.pop()
            open_[-1][2].append(Block(name, began, tuple(nodes)))

    def _text(self, open_: list[tuple[str, int, list[Node]]], source: str, start: int, end: int) -> None:
        if start < end:
            line = source.count("\n", 0, start) + 1
            open_[-1][2].append(Piece(self.file, line, source[start:end]))


@lru_cache(maxsize=256)
def take_apart(file: str, source: str) -> Part:
    """The blocks of a file, and what stands between them."""
    reader = _Reader(file)
    nodes = reader.nodes(source)
    doubled = [block for number, block in enumerate(_blocks(nodes)) if block.name in _names(nodes)[:number]]
    reader.faults += [f"{file}:{block.line}: there are two blocks {block.name}; name one else" for block in doubled]
    return Part(file, nodes, reader.extends, tuple(reader.faults))


def chain(layout: str, sources: Mapping[str, str], ending: str) -> tuple[list[Part], list[str]]:
    """The layout and those it extends, nearest first, and what is wrong with them. `ending` is `.html` or `.txt`."""
    parts: list[Part] = []
    faults: list[str] = []
    name: str | None = layout
    while name is not None:
        file = f"{name}{ending}"
        if file not in sources:
            faults.append(_no_layout(file, sources, parts))
            break
        parts.append(take_apart(f"_layout/{file}", sources[file]))
        faults += parts[-1].faults
        name = parts[-1].extends
        if len(parts) > _LONGEST_CHAIN:
            faults.append(f"_layout/{file}: it extends itself in the end; break the circle")
            break
    return parts, faults


def _no_layout(file: str, sources: Mapping[str, str], parts: Sequence[Part]) -> str:
    ending = file[file.rindex(".") :]
    known = sorted(name for name in sources if name.endswith(ending))
    who = f"{parts[-1].file} extends" if parts else "the mail asks for"
    return f"{who} _layout/{file}, which there is not; there are {', '.join(known) or 'none'}"


def fill(body: Part, layouts: Sequence[Part]) -> tuple[Whole, list[str]]:
    """The body in its layout, and what doesn't fit. `layouts` as `chain` gives them: nearest first."""
    loose = tuple(node for node in body.nodes if not isinstance(node, Block))
    own = {**{block.name: block.inside for block in body.blocks.values()}, BODY: _trimmed(loose)}
    fillings = [own, *({name: block.inside for name, block in part.blocks.items()} for part in layouts)]
    known = {block.name for part in layouts for block in _blocks(part.nodes)}
    faults = [
        f"{body.file}:{block.line}: there is no block {name} in {layouts[0].file}{_nearest(name, known)}"
        for name, block in body.blocks.items()
        if name not in known
    ]
    faults += _places(layouts, fillings)
    pieces: list[Piece] = []
    met: list[str] = []
    _emit(layouts[-1].nodes, fillings, pieces.append, met.append, ())
    filled = tuple(name for name in met if name in body.blocks or name == BODY)
    return Whole("".join(piece.text for piece in pieces), tuple(pieces), filled), faults


def _places(layouts: Sequence[Part], fillings: Sequence[Mapping[str, tuple[Node, ...]]]) -> Iterator[str]:
    met: list[str] = []
    _emit(layouts[-1].nodes, fillings, lambda _: None, met.append, ())
    if (times := met.count(BODY)) != 1:
        yield f"{layouts[0].file} must say {{{{ body }}}} once, where the body goes; it does {times} times"


def _emit(
    nodes: Sequence[Node],
    fillings: Sequence[Mapping[str, tuple[Node, ...]]],
    say: Callable[[Piece], None],
    meet: Callable[[str], None],
    parents: tuple[tuple[Node, ...], ...],
) -> None:
    """Say the pieces in order; `parents` is what `super()` means here, nearest first."""
    for node in nodes:
        match node:
            case Piece():
                say(node)
            case Parent():
                if parents:
                    _emit(parents[0], fillings, say, meet, parents[1:])
            case Block():
                meet(node.name)
                first, *rest = [filling[node.name] for filling in fillings if node.name in filling]
                _emit(first, fillings, say, meet, tuple(rest))


def _blocks(nodes: Sequence[Node]) -> Iterator[Block]:
    for node in nodes:
        if isinstance(node, Block):
            yield node
            yield from _blocks(node.inside)


def _names(nodes: Sequence[Node]) -> list[str]:
    return [block.name for block in _blocks(nodes)]


def _trimmed(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Without the empty lines before and after."""
    kept = list(nodes)
    while kept and isinstance(first := kept[0], Piece):
        text = first.text.lstrip("\n")
        if text:
            kept[0] = Piece(first.file, first.line + len(first.text) - len(text), text)
            break
        kept.pop(0)
    while kept and isinstance(last := kept[-1], Piece):
        text = last.text.rstrip("\n")
        if text:
            kept[-1] = Piece(last.file, last.line, text)
            break
        kept.pop()
    return tuple(kept)


def _nearest(name: str, known: set[str]) -> str:
    near = get_close_matches(name, sorted(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else f"; it has {', '.join(sorted(known))}"
