"""Does a list of attendance say who came, who did not, when, and what they asked?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from leadloom.domain.errors import BadInput
from leadloom.domain.intake.cells import said
from leadloom.domain.intake.columns import LEAD_FIELDS, map_columns
from leadloom.domain.intake.import_row import LeadChoices, LeadRows
from leadloom.domain.intake.listed_event import ListedEvent
from leadloom.domain.intake.told_row import Dates, Fault
from leadloom.domain.lead import EventDraft, LeadDraft
from tests import world

HELD = datetime(2026, 2, 24, 15, tzinfo=UTC)
LISTED = ListedEvent(
    kind="webinar_attended", missed="webinar_missed", held_at=HELD, when="Join Time", tells={"question": "Question"}
)
ROW = {"Email": "ana@alder.example", "Attended": "Yes", "Join Time": "2026-02-24 15:02", "Question": "Who  signs?"}


def read(row: dict[str, str], listed: ListedEvent = LISTED) -> LeadDraft | tuple[Fault, ...]:
    columns = map_columns(tuple(row), {**LEAD_FIELDS, **listed.fields()}, listed.asked())
    rows = LeadRows(world.definition(), columns, LeadChoices(event=listed, dates=Dates(zone="UTC")))
    return rows.read([said(cell) for cell in row.values()], import_id="i-1", at=world.MONDAY)


def event(row: dict[str, str], listed: ListedEvent = LISTED) -> EventDraft:
    found = read(row, listed)
    assert isinstance(found, LeadDraft), found
    _, happened = found.events
    return happened


def test_who_came_attended_when_they_joined_and_asked_what_they_asked() -> None:
    came = event(ROW)

    assert (came.kind, came.at) == ("webinar_attended", datetime(2026, 2, 24, 15, 2, tzinfo=UTC))
    assert came.data == {"import": "i-1", "question": "Who signs?"}


def test_what_says_when_and_whether_is_no_attribute_of_the_person() -> None:
    found = read(ROW)

    assert isinstance(found, LeadDraft)
    assert found.attributes == {}


def test_who_did_not_come_missed_it_when_it_was_held() -> None:
    missed = event({**ROW, "Attended": "No", "Join Time": "", "Question": ""})

    assert (missed.kind, missed.at, missed.data) == ("webinar_missed", HELD, {"import": "i-1"})


def test_who_left_and_joined_again_came_once_and_so_does_the_next_export() -> None:
    again = event({**ROW, "Join Time": "2026-02-24 15:31"})

    assert again.key == event(ROW).key


def test_without_a_word_for_it_a_no_is_nothing() -> None:
    found = read({**ROW, "Attended": "No"}, LISTED.model_copy(update={"missed": None}))

    assert isinstance(found, LeadDraft)
    assert [one.kind for one in found.events] == ["imported"]


@pytest.mark.parametrize(
    ("cells", "field", "why"),
    [
        ({"Join Time": "soon"}, "happened_at", "'soon' is no date"),
        ({"Join Time": "2026-03-20 15:00"}, "happened_at", "lies ahead of now"),
        ({"Attended": "perhaps"}, "came", "perhaps"),
        ({"Question": "why " * 200}, "tells.question", "an event keeps 500"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_with_the_reason(cells: dict[str, str], field: str, why: str) -> None:
    found = read({**ROW, **cells})

    assert isinstance(found, tuple)
    assert [(fault.field, why in fault.why) for fault in found] == [(field, True)]


def test_a_row_that_does_not_say_when_needs_a_day_for_all() -> None:
    found = read({**ROW, "Join Time": ""}, LISTED.model_copy(update={"held_at": None}))

    assert isinstance(found, tuple)
    assert "--held" in found[0].why


def test_an_event_nobody_defined_is_named() -> None:
    with pytest.raises(BadInput, match="webinar_slept"):
        read(ROW, LISTED.model_copy(update={"missed": "webinar_slept"}))
