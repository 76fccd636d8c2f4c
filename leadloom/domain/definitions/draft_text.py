"""What a draft file says: YAML read the 1.2 way, with the line of every value, so that faults can name their place."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import Any

import yaml

from leadloom.domain.errors import Faulty

Path = tuple[str | int, ...]
DEEPEST = 60
"""Lists and mappings in one another: a condition in a condition takes two or three."""


_PLAIN = (
    ("tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|false|False)$"), "tTfF"),
    ("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), "-+0123456789"),
    (
        "tag:yaml.org,2002:float",
        re.compile(r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$"),
        "-+.0123456789",
    ),
)
"""What an unquoted word may be besides text, by its first character: tag, pattern, first characters."""
_REPLACED = {tag for tag, _, _ in _PLAIN} | {"tag:yaml.org,2002:timestamp"}


class _Loader(yaml.SafeLoader):
    """Safe YAML by the 1.2 core rules: NO is Norway, `off` is a key; 17:00 is a text, and so is 2026-05-31."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _REPLACED]
    + [(tag, pattern) for tag, pattern, firsts in _PLAIN if first in firsts]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class DraftText:
    """A parsed draft and where each value stands in its file (lines count from 1)."""

    def __init__(self, name: str, text: str) -> None:
        """Parse `text`. Raises Faulty, with the line, when it is no YAML mapping."""
        self.name = name
        try:
            deque(parts_of(name, text), maxlen=0)  # refuses what is no draft before anything is made of it
            node, data = _read(text)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise Faulty(name, [f"line {line}: {error.problem or 'not YAML'}"]) from error
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, int(error.position)) + 1
            raise Faulty(name, [f"line {line}: a character no text has: {error.reason}"]) from error
        self._lines: dict[tuple[str, ...], int] = {}
        """By path with every part as text: a key `1` of a mapping and what reads it as a number are one place."""
        if not isinstance(node, yaml.MappingNode):
            raise Faulty(name, ["line 1: the file must be a mapping of `name: value` lines"])
        twice = self._note((), node)
        if twice:
            raise Faulty(name, twice)
        self.data: dict[str, Any] = data

    def _note(self, path: tuple[str, ...], node: yaml.Node) -> list[str]:
        """Remember the line of each value. Returns the names said twice, which YAML would swallow in silence."""
        self._lines[path] = node.start_mark.line + 1
        twice: list[str] = []
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                name = str(key.value)
                if (*path, name) in self._lines:
                    twice.append(f"{self.name} line {key.start_mark.line + 1}: `{name}` is said twice; keep one.")
                twice += self._note((*path, name), value)
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                twice += self._note((*path, str(index)), value)
        return twice

    def line(self, path: Path) -> int:
        """The line of the value at `path`, or of the nearest thing around it."""
        parts = tuple(str(part) for part in path)
        while parts and parts not in self._lines:
            parts = parts[:-1]
        return self._lines.get(parts, 1)

    def place(self, path: Path) -> str:
        """`definition.yaml line 41 (stages.3.next)`, for fault lists."""
        dotted = ".".join(str(part) for part in path)
        return f"{self.name} line {self.line(path)} ({dotted})" if dotted else f"{self.name} line {self.line(path)}"


def parts_of(name: str, text: str) -> Iterator[yaml.Event]:
    """What the text consists of, piece by piece. Raises yaml.YAMLError, and Faulty for brackets in brackets.

    A hundred thousand of those would be read for minutes in Python, and would end the process in C.
    """
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise Faulty(name, [f"line {line}: it nests deeper than any draft does: at most {DEEPEST} levels"])
        yield event


def _read(text: str) -> tuple[yaml.Node | None, Any]:
    """The text as nodes, which know their lines, and as what they say: parsed once."""
    # The stubs leave open what a node is.
    loader: Any = _Loader(text)
    try:
        node = loader.get_single_node()
        return node, None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()
