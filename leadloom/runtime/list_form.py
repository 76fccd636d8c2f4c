"""How does somebody say in a form how their list is to be read? What stands in it at first, and what it says then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from pydantic import ValidationError

from leadloom.domain.errors import BadInput
from leadloom.domain.intake.columns import LEAD_FIELDS, claimed, look_unique, map_columns
from leadloom.domain.model import Json
from leadloom.runtime.import_leads import LeadList, LeadWork
from leadloom.store.published import Book
from leadloom.store.uploads import Found

COLUMN = "column-"
"""A form's field for each column of the list, by its place."""
_TEXTS = ("basis", "collected_on", "source", "list_source", "stage", "dates", "zone")


class Asked(NamedTuple):
    """One column as the form shows it."""

    place: int
    name: str
    field: str | None
    examples: tuple[str, ...]
    looks_like: str | None
    """A field it may be: a person decides."""
    is_unique: bool
    """Whether it has another value in each row we saw: what an id looks like."""


class _Head(NamedTuple):
    names: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]


def columns_asked(found: Found, options: Mapping[str, Json]) -> tuple[Asked, ...]:
    """The columns of a list, each with what it is read as until somebody says otherwise."""
    how = LeadList.model_validate(options)
    field_of, looks = _read_as(found.names, how.map)
    unique = look_unique(found.names, found.sample)
    return tuple(
        Asked(
            place, name, field_of.get(name),
            tuple(row[place] for row in found.sample if place < len(row) and row[place].strip()),
            looks.get(name), name in unique,
        )
        for place, name in enumerate(found.names)
    )  # fmt: skip


def _read_as(names: Sequence[str], asked: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    try:
        mapped = map_columns(names, LEAD_FIELDS, asked)
    except BadInput:  # two columns for one field: both say so, and somebody decides
        return claimed(names, LEAD_FIELDS), {}
    fields = {column.name: column.field for column in mapped.columns if column.field is not None}
    return fields, {each.column: each.field for each in mapped.suggestions}


def made_of_columns(options: Mapping[str, Json]) -> tuple[str, ...]:
    """What is made of columns, or is one text for all rows, as the form says it: one a line."""
    return tuple(one for one in LeadList.model_validate(options).map if _is_made(one))


def _is_made(asked: str) -> bool:
    return "{" in asked or asked.endswith('"')


def told(found: Found, options: Mapping[str, Json], fields: Mapping[str, str]) -> LeadList:
    """How the list is to be read, as the form says it. Raises BadInput, which names the field."""
    chosen = [(name, fields.get(f"{COLUMN}{place}", "")) for place, name in enumerate(found.names)]
    made = _lines(fields.get("made", ""))
    said: dict[str, Json] = {name: fields.get(name, "").strip() or None for name in _TEXTS}
    said |= {
        "map": [*_map(found.names, chosen, made), *made],
        "value": [*_lines(fields.get("value", ""))],
        "zone": said["zone"] or "UTC",
        "keep_existing": fields.get("keep_existing") == "yes",
        "start_journeys": fields.get("start_journeys") == "yes",
    }
    try:
        return LeadList.model_validate({**options, **said})
    except ValidationError as error:
        field = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise BadInput(field, fields.get(field), "Choose one of those the form offers.") from error


def _map(names: Sequence[str], chosen: Sequence[tuple[str, str]], made: Sequence[str]) -> Iterator[str]:
    """Only what differs from what the headers say by themselves: the next list is then read by its own."""
    usual = claimed(names, LEAD_FIELDS)
    decided = {line.partition("=")[0].strip() for line in made}
    for field in LEAD_FIELDS:
        mine = [name for name, its_field in chosen if its_field == field]
        theirs = [name for name in names if usual.get(name) == field]
        if len(mine) > 1:
            listed = " and ".join(repr(name) for name in mine)
            raise BadInput("columns", field, f"{listed} can't both be {field.replace('_', ' ')}. Choose one of them.")
        if field not in decided and mine != theirs:
            yield f"{field}={mine[0] if mine else ''}"
    unknown = {field for _, field in chosen if field and field not in LEAD_FIELDS}
    if unknown:
        raise BadInput("columns", min(unknown), "Choose one of the fields the form offers.")


def check(found: Found, how: LeadList, book: Book, *, at: datetime) -> None:
    """Raises BadInput for what can be known to be wrong before a row is read."""
    LeadWork(_Head(found.names, found.sample), how, book, at=at, rehearsal=True)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())
