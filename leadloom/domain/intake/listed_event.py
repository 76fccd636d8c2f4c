"""What happened to the person in a row of a list, beside being in it? Who came to a webinar, and what they asked."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.programmes import TOLD_AS
from leadloom.domain.errors import BadInput
from leadloom.domain.intake.cells import Unreadable, one_line, yes_or_no
from leadloom.domain.intake.told_row import Dates, ToldRow
from leadloom.domain.lead import EventDraft
from leadloom.domain.model import Instant, Json, Value

HAPPENED_AT, CAME = "happened_at", "came"
_TELLS = "tells."
"""Begins the fields whose cells become data of the event."""
LONGEST_TOLD = 500
"""Characters of one cell that an event keeps: a mail may quote it."""

EVENT_FIELDS: Mapping[str, tuple[str, ...]] = {
    HAPPENED_AT: ("join time", "joined at", "first join time"),
    CAME: ("attended", "attendance", "joined"),
}
"""Field → headers that mean it, as in `columns.LEAD_FIELDS`; only looked for when a list tells of an event."""


class ListedEvent(Value):
    """What an operator says that each row is, and where it says so."""

    kind: str
    """A key of the definition's events, such as `webinar_attended`."""
    missed: str | None = None
    """What it is for a row that says no: `webinar_missed`; None: nothing."""
    held_at: Instant | None = None
    """When it happened to rows that don't say."""
    when: str | None = None
    """The column that says when; None finds it by its name."""
    came: str | None = None
    """The column that says yes or no; None finds it by its name, and without one every row is a yes."""
    programme: str | None = None
    """The programme of the definition that all of them belong to."""
    tells: dict[str, str] = Field(default_factory=dict)
    """Name → column: cells that become data of the event, such as `question`."""

    def fields(self) -> dict[str, tuple[str, ...]]:
        """What to look for among the columns, beside the fields of a lead."""
        return {**EVENT_FIELDS, **{_TELLS + name: () for name in self.tells}}

    def asked(self) -> list[str]:
        """The same that an operator pointed at, as `--map` writes it."""
        pointed = {HAPPENED_AT: self.when, CAME: self.came}
        named = [f"{field}={column}" for field, column in pointed.items() if column is not None]
        return named + [f"{_TELLS}{name}={column}" for name, column in self.tells.items()]


def check(definition: Definition, listed: ListedEvent) -> None:
    """Raises BadInput for an event or a programme the definition lacks, and for an event that is none of it."""
    if listed.programme is not None:
        programme = definition.programmes.get(listed.programme)
        if programme is None:
            known = ", ".join(definition.programmes) or "none is in the definition"
            raise BadInput("programme", listed.programme, f"Use one of: {known}.")
        if programme.status_of(listed.kind) is None:
            kinds = ", ".join(status.event for status in programme.statuses.values())
            raise BadInput("event", listed.kind, f"It brings no status of {listed.programme}: use one of {kinds}.")
    for option, kind in (("event", listed.kind), ("missed", listed.missed)):
        if kind is not None and kind not in definition.events:
            raise BadInput(option, kind, f"Use one of: {', '.join(definition.events)}.")


def happened(row: ToldRow, listed: ListedEvent, dates: Dates, *, import_id: str, at: Instant) -> EventDraft | None:
    """The event of a row; None when it says no and that is nothing. What can't be read is a fault of the row.

    Its key is its kind and its day: the same list again, or its next export, brings nothing twice, and somebody who
    left and joined again came once.
    """
    came = row.must(CAME, yes_or_no)
    told = row.must(HAPPENED_AT, lambda text: dates.past(text, at))
    data: dict[str, Json] = {"import": import_id}
    if listed.programme is not None:
        data[TOLD_AS] = listed.programme
    for name in listed.tells:
        if (text := row.must(_TELLS + name, _told)) is not None:
            data[name] = text
    kind = listed.missed if came is False else listed.kind
    if row.faults or kind is None:
        return None
    happened_at = told.at if told else listed.held_at
    if happened_at is None:
        row.fault(HAPPENED_AT, "The row doesn't say when. Point at the column with --when, or say --held 2026-03-17.")
        return None
    if told is not None and told.day_only:
        data["precision"] = "day"
    of = f"{listed.programme}:" if listed.programme else ""
    return EventDraft.built(kind=kind, at=happened_at, key=f"listed:{of}{kind}:{happened_at:%Y-%m-%d}", data=data)


def _told(text: str) -> str:
    words = one_line(text)
    if len(words) > LONGEST_TOLD:
        raise Unreadable(f"has {len(words)} characters; an event keeps {LONGEST_TOLD}.")
    return words
