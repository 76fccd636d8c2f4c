"""Does practice answer by the very rules of real hand-offs, and say why an answer fits or doesn't?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leadloom.domain.definitions.practice import check
from leadloom.domain.errors import BadInput
from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.handoffs.practice import Feedback, feedback, if_silent
from tests import hand_cases

TUESDAY = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
KELVANCE = hand_cases.definition()
INES = "ines-carvalho"


def answered(lead: str, kind: str = "reject", **told: object) -> Feedback:
    decision = Decision.model_validate({"kind": kind, "by": INES, "via": "page", **told})
    return feedback(KELVANCE, KELVANCE.practice[lead], decision, TUESDAY)


def test_an_answer_that_fits_is_told_with_what_it_does() -> None:
    taken = answered("asked-for-a-demo", "accept")
    assert taken.fits and taken.better == ()
    assert "first try has its own clock" in taken.does
    later = answered("budget-in-autumn", reason="not-yet", until=TUESDAY + timedelta(days=180))
    assert later.fits and "comes again on 2026-08-30" in later.does


def test_one_that_does_not_fit_hears_what_would_and_why() -> None:
    wrong = answered("writes-a-thesis", reason="no-fit", sub_reason="need")
    assert (wrong.fits, wrong.better) == (False, ("Junk (student, competitor, seller)",))
    assert wrong.because.startswith("A student was never a lead")


def test_a_chip_is_refused_as_the_real_one_is() -> None:
    with pytest.raises(BadInput, match="6 tries first"):
        answered("asked-for-a-demo", reason="cant-reach")
    with pytest.raises(BadInput, match="Give the date"):
        answered("budget-in-autumn", reason="not-yet")


def test_what_silence_does_is_what_the_clocks_of_the_definition_do() -> None:
    """15:00 UTC is 16:00 in Berlin: a reminder after 10 minutes, the deputy at 30, the manager, the pool."""
    silent = if_silent(KELVANCE, KELVANCE.practice["asked-for-a-demo"], INES, TUESDAY)
    assert [((one.at - TUESDAY) / timedelta(minutes=1), one.words) for one in silent[:2]] == [
        (10, "you get a reminder"),
        (30, "it is offered to Jonas Brandt"),
    ]
    assert [one.words for one in silent[2:]] == [
        "it is offered to Greta Lindqvist", "it is offered to the pool sales"
    ]  # fmt: skip


def test_a_practice_lead_nobody_can_get_right_is_a_fault() -> None:
    lead = KELVANCE.practice["writes-a-thesis"]
    faults = check({"a": lead.but(fits=()), "b": lead.but(fits=("jnk",))}, kinds=["scored-mql"], reasons=["junk"])
    assert [fault.path for fault in faults] == [("practice", "a", "fits"), ("practice", "b", "fits", 0)]
