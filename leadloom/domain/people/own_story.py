"""What happened between a person and us, as sentences they can read? Told from the rows they get anyway."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.model import Json

Rows = Mapping[str, Sequence[Mapping[str, Json]]]
"""By the table they are in, as JSON."""


def happened(rows: Rows, definition: Definition) -> tuple[str, ...]:
    """Events by what the definition says they mean, and mails that were sent, oldest first; days are UTC."""
    told = [*_events(rows, definition), *_mails(rows)]
    return tuple(f"{at:%-d %B %Y}: {words}" for at, words in sorted(told))


def _events(rows: Rows, definition: Definition) -> Iterator[tuple[datetime, str]]:
    for row in rows.get("event", ()):
        rule = definition.events.get(str(row.get("kind")))
        means = rule.means if rule else str(row.get("kind")).replace("_", " ")
        verdict = " (by a machine, as far as we can tell)" if row.get("verdict") == "machine" else ""
        yield _at(row.get("at")), f"{means}{verdict}."


def _mails(rows: Rows) -> Iterator[tuple[datetime, str]]:
    series = {row.get("enrolment_id"): row.get("journey") for row in rows.get("enrolment", ())}
    for row in rows.get("message", ()):
        if row.get("sent_at") is not None:
            of = series.get(row.get("enrolment_id"))
            name = f" of the series {_plain(of)}" if of else ""
            yield _at(row["sent_at"]), f"We sent you the mail “{_plain(row.get('mail'))}”{name}."


def _plain(name: Json) -> str:
    return str(name).replace("-", " ").replace("_", " ")


def _at(value: Json) -> datetime:
    told = datetime.fromisoformat(str(value))
    return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)
