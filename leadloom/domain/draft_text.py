"""What a draft file says: YAML read the 1.2 way, with the line of every value, so that faults can name their place."""

from __future__ import annotations

import re
from typing import Any, cast

import yaml

from leadloom.domain.errors import Faulty

Path = tuple[str | int, ...]


class _Loader(yaml.SafeLoader):
    """Safe YAML without the 1.1 booleans: NO is Norway and `off` is a key, not False."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|false|False)$"), list("tTfF"))


class DraftText:
    """A parsed draft and where each value stands in its file (lines count from 1)."""

    def __init__(self, name: str, text: str) -> None:
        """Parse `text`. Raises Faulty, with the line, when it is no YAML mapping."""
        self.name = name
        try:
            node = cast("yaml.Node | None", yaml.compose(text, Loader=_Loader))
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise Faulty(name, [f"line {line}: {error.problem or 'not YAML'}"]) from error
        self._lines: dict[Path, int] = {}
        if not isinstance(node, yaml.MappingNode):
            raise Faulty(name, ["line 1: the file must be a mapping of `name: value` lines"])
        self._note((), node)
        self.data: dict[str, Any] = yaml.load(text, Loader=_Loader)

    def _note(self, path: Path, node: yaml.Node) -> None:
        self._lines[path] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                self._note((*path, str(key.value)), value)
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                self._note((*path, index), value)

    def line(self, path: Path) -> int:
        """The line of the value at `path`, or of the nearest thing around it."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    def place(self, path: Path) -> str:
        """`definition.yaml line 41 (stages.3.next)`, for fault lists."""
        dotted = ".".join(str(part) for part in path)
        return f"{self.name} line {self.line(path)} ({dotted})" if dotted else f"{self.name} line {self.line(path)}"
