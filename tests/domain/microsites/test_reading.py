"""When is a page read, who read it, and what makes a binge?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadloom.domain.lead import Verdict
from leadloom.domain.microsites.reading import BINGED, Reading, events_of, verdict_of
from leadloom.domain.model import LeadId
from leadloom.store.tx import new_id
from tests.store.acts import TUESDAY

PERSON = "Mozilla/ (X; Linux x_) AppleWebKit/ (KHTML, like Gecko) Chrome/ Safari/"


def reading(piece: object = "nine-minutes", **rest: object) -> Reading:
    usual = {
        "session": "a" * 24, "site": "four-degrees", "piece": piece, "lead_id": LeadId(new_id()), "seconds": 61,
        "moved": True, "agent": PERSON, "first_at": TUESDAY, "last_at": TUESDAY + timedelta(minutes=2),
    }  # fmt: skip
    return Reading.model_validate({**usual, **rest})


@pytest.mark.parametrize(
    ("rest", "verdict"),
    [
        ({}, Verdict.HUMAN),
        ({"moved": False}, Verdict.UNSURE),
        ({"agent": "HeadlessChrome/"}, Verdict.MACHINE),
        ({"agent": ""}, Verdict.MACHINE),
    ],
)
def test_who_never_moved_can_not_be_told_from_a_machine(rest: dict[str, object], verdict: Verdict) -> None:
    assert verdict_of(reading(**rest)) is verdict


def test_a_page_is_read_after_a_minute_and_two_are_a_binge() -> None:
    assert events_of([reading(seconds=59)], source="microsite") == []
    (one,) = events_of([reading(track="quality")], source="microsite")
    assert (one.kind, one.data["piece"], one.data["track"]) == ("article_read", "nine-minutes", "quality")
    both = events_of([reading(told_at=TUESDAY), reading("excursion")], source="microsite")
    assert [each.kind for each in both] == ["article_read", BINGED]
    assert both[1].data == {"site": "four-degrees", "pieces": 2}


def test_a_machine_reads_and_binges_for_nobody() -> None:
    said = events_of([reading(moved=False), reading("excursion", moved=False)], source="microsite")
    assert [each.verdict for each in said] == [Verdict.UNSURE, Verdict.UNSURE]
