"""What a script says, and how its faults are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from leadloom.domain.errors import Faulty
from leadloom.domain.model import LeadId
from leadloom.domain.rehearsal.happenings import Answers, Happens, Tells
from leadloom.domain.rehearsal.script import read_script
from tests.world import definition

BEGINS = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANA, BEN = LeadId(UUID(int=1)), LeadId(UUID(int=2))


def test_each_line_says_who_does_what_when() -> None:
    text = """
# Ana clicks, everybody's audit date is known, Ben is called.
{"lead": "ana@x.example", "day": 1.5, "event": "link_clicked", "data": {"link": 1}}
{"lead": "*", "at": "2026-03-04T10:00Z", "tells": {"audit_date": "2026-06-01"}}
{"lead": 2, "day": 3, "answers": {"step": "call", "outcome": "reached"}}
{"pause": "small", "day": 4, "until_day": 6, "clock": "restart"}
"""
    script = read_script("story.jsonl", text, definition(), ["small"])
    assert script.names == ("ana@x.example", "2")
    cues = script.cues({"ana@x.example": ANA, "2": BEN}, [ANA, BEN], begins_at=BEGINS)
    assert [(cue.lead_id, type(cue.what)) for cue in cues] == [
        (ANA, Happens), (ANA, Tells), (BEN, Tells), (BEN, Answers),
    ]  # fmt: skip
    assert cues[0].what.at == BEGINS + timedelta(days=1.5)
    [pause] = script.pauses(BEGINS)
    assert (pause.journey, pause.until, pause.clock) == ("small", BEGINS + timedelta(days=6), "restart")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{not json", "line 1: this is no JSON object"),
        ('{"lead": "a", "day": 1}', "say one of event, tells, answers, decides or pause"),
        ('{"lead": "a", "event": "reply"}', "say when: either day or at"),
        ('{"day": 1, "event": "reply"}', "say who: lead"),
        ('{"lead": "a", "day": 1, "event": "sneezed"}', "line 1: the definition has no event sneezed"),
        ('{"pause": "large", "day": 1, "until_day": 2}', "no journey large is played. Name one of small."),
        ('{"lead": "a", "day": 1, "decides": "reject", "reason": "rain"}', "rain is no reject reason. Name one of"),
        ('{"lead": "a", "day": 1, "event": "reply", "sise": 3}', "line 1: sise: Extra inputs"),
    ],
)
def test_what_does_not_read_is_told_with_its_line_and_what_to_do(line: str, fault: str) -> None:
    with pytest.raises(Faulty) as refused:
        read_script("story.jsonl", line, definition(), ["small"])
    assert fault in str(refused.value)
