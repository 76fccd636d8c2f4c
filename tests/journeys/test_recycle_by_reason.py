"""recycle-by-reason: one letter, about the reason a lead came back for."""

import pytest

from tests.journeys.letters import faults_of_journey, faults_of_letters, journey
from tests.journeys.story import play

NAME = "recycle-by-reason"


def test_it_may_be_published():
    assert faults_of_journey(NAME) == []


def test_every_letter_is_one_we_would_send():
    assert faults_of_letters(NAME) == []


def test_its_purpose_is_one_sentence():
    assert journey(NAME).purpose.count(".") == 1


def test_a_lead_we_could_not_reach_is_asked_before_the_next_call():
    played = play(journey(NAME), [(16, "recycle_due")], reason="cant-reach")

    assert played.letters == ((16, "wrong-time"),)


def test_not_yet_hears_two_weeks_before_the_date_it_named():
    played = play(journey(NAME), reason="not-yet", attributes={"recycle_date": "2026-06-15"})

    assert played.letters == ((89, "what-changed"),)


def test_not_yet_without_a_date_is_left_in_peace():
    assert play(journey(NAME), reason="not-yet").letters == ()


def test_no_budget_gets_a_business_case_in_month_5():
    (day, step), *others = play(journey(NAME), reason="no-budget").letters

    assert (step, others) == ("business-case", [])
    assert 4 * 30 <= day < 5 * 30


def test_the_wrong_person_is_asked_one_question_and_no_more():
    assert play(journey(NAME), reason="wrong-person").letters == ((0, "who-looks-after"),)


@pytest.mark.parametrize("reason", ["no-fit", "junk", "other"])
def test_other_reasons_have_no_letter(reason: str):
    assert play(journey(NAME), reason=reason).letters == ()


def test_asking_to_talk_ends_it_at_once():
    assert play(journey(NAME), [(20, "call_requested")], reason="no-budget").outcome == "asked to talk"
