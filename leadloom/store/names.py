"""Which named queries are there? Reads every file of sql/, so that a query is found and never listed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SQL_FOLDER = Path(__file__).parent / "sql"

_HEAD = re.compile(r"^-- name: (\S+)[ \t]*\n", re.MULTILINE)
_PLACE = re.compile(r"\{([0-9]+)\}")
_NUMBER = re.compile(r"\$(\d+)")
# Strings and comments are matched first so that a colon inside them is left alone, `::` so that a cast is.
_PARAMETER = re.compile(r"'(?:[^']|'')*'|--[^\n]*|::|:([a-z_][a-z0-9_]*)")


_WHERE = "/* where */ TRUE"
"""Where a query is narrowed down by a condition that somebody wrote."""


class BadQueryFile(ValueError):
    """A file of sql/ breaks the form `-- name:`, why-line, statement. Found at the first query of a process."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """A condition of SQL with the values it is asked with. Only the store makes one, of closed lists of names."""

    sql: str
    """Its n-th value stands as `place(n)`."""
    values: tuple[object, ...] = ()

    @staticmethod
    def place(no: int) -> str:
        """Where the n-th value goes, 1 first."""
        return f"{{{no}}}"

    def numbered(self, behind: int) -> str:
        """The SQL with its values numbered behind so many others."""
        return _PLACE.sub(lambda match: f"${behind + int(match[1])}", self.sql)


@dataclass(frozen=True, slots=True)
class Query:
    """One named statement as Postgres reads it."""

    name: str
    noun: str
    """What its file is named after, for messages: `hand_off.sql` speaks of a hand-off."""
    why: str
    sql: str
    """With `$1`, `$2` … in the order of `parameters`."""
    parameters: tuple[str, ...]

    def arguments(self, values: dict[str, object]) -> list[object]:
        """The values in the order of the statement. Raises TypeError for one too few or too many."""
        if values.keys() != set(self.parameters):
            expected, given = ", ".join(sorted(self.parameters)), ", ".join(sorted(values))
            raise TypeError(f"query {self.name} takes ({expected}), was given ({given})")
        return [values[name] for name in self.parameters]

    def narrowed(self, where: Fragment) -> str:
        """The SQL with `/* where */ TRUE` replaced; the fragment's values come behind the query's own.

        Raises BadQueryFile for a query that can't be narrowed down.
        """
        if _WHERE not in self.sql:
            raise BadQueryFile(f"query {self.name} has no place for a condition: write {_WHERE}")
        return self.sql.replace(_WHERE, where.numbered(len(self.parameters)))

    def placed(self, places: Sequence[int]) -> str:
        """The statement with its parameters at these places, for where it stands behind others."""
        return _NUMBER.sub(lambda match: f"${places[int(match.group(1)) - 1]}", self.sql)


def read_queries(noun: str, text: str) -> list[Query]:
    """The queries of one file. Raises BadQueryFile when one has no why-line or no statement."""
    parts = _HEAD.split(text)
    if parts[0].strip() and not all(line.startswith("--") or not line for line in parts[0].splitlines()):
        raise BadQueryFile(f"{noun}.sql: a statement stands before the first `-- name:`")
    return [_query(noun, name, body) for name, body in zip(parts[1::2], parts[2::2], strict=True)]


def _query(noun: str, name: str, body: str) -> Query:
    why = body.splitlines()[0] if body.strip() else ""
    if not why.startswith("-- "):
        raise BadQueryFile(f"{noun}.sql: query {name} has no why-line (`-- ...`) below its name")
    parameters: list[str] = []

    def number(match: re.Match[str]) -> str:
        parameter = match.group(1)
        if parameter is None:
            return match.group(0)
        if parameter not in parameters:
            parameters.append(parameter)
        return f"${parameters.index(parameter) + 1}"

    statement = _PARAMETER.sub(number, body).strip().rstrip(";")
    if all(line.startswith("--") or not line.strip() for line in statement.splitlines()):
        raise BadQueryFile(f"{noun}.sql: query {name} has no statement")
    return Query(name=name, noun=noun.replace("_", "-"), why=why[3:], sql=statement, parameters=tuple(parameters))


@cache
def queries() -> dict[str, Query]:
    """All queries by name, read once per process. Raises BadQueryFile when a name is taken twice."""
    found: dict[str, Query] = {}
    for path in sorted(SQL_FOLDER.glob("*.sql")):
        for query in read_queries(path.stem, path.read_text(encoding="utf-8")):
            if query.name in found:
                raise BadQueryFile(f"query {query.name} is in {found[query.name].noun}.sql and in {path.name}")
            found[query.name] = query
    return found


@cache
def together(asked: tuple[tuple[str, tuple[int, ...]], ...]) -> str:
    """The statements as one that answers what the last of them does; of each its name, and where its parameters are.

    Each but the last must change rows. All see the rows as they are before: none may hang on what another writes.
    """
    *others, last = (queries()[name].placed(places) for name, places in asked)
    withs = ",\n".join(f"part_{no} AS (\n{part}\n)" for no, part in enumerate(others))
    return f"WITH {withs}\n{last}" if others else last
