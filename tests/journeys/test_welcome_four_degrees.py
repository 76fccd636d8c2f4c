"""welcome-four-degrees: a month of letters for a reader of the guide, then one question."""

import pytest

from leadloom.testing.story import given
from tests.journeys.letters import faults_of_journey, faults_of_letters, journey
from tests.journeys.story import play

NAME = "welcome-four-degrees"


def test_it_may_be_published():
    assert faults_of_journey(NAME) == []


def test_every_letter_is_one_we_would_send():
    assert faults_of_letters(NAME) == []


def test_its_purpose_is_one_sentence():
    assert journey(NAME).purpose.count(".") == 1


def test_a_silent_lead_gets_six_letters_in_a_month_and_then_peace():
    played = play(journey(NAME))

    assert played.letters == (
        (0, "deliver-guide"),
        (3, "nine-minutes"),
        (8, "calculator"),
        (14, "meridian"),
        (21, "audit-report"),
        (32, "one-question"),
    )
    assert (played.outcome, played.ended_on_day) == ("finished", 53)


def test_without_permission_the_guide_still_arrives_and_nothing_follows():
    assert play(journey(NAME), may_market=False).steps() == ["deliver-guide"]


@pytest.mark.parametrize(
    ("piece", "mail"), [("nine-minutes", "nine-minutes"), ("400-alerts", "meridian"), ("inspector", "audit-report")]
)
def test_a_piece_that_was_read_cancels_the_mail_that_points_to_it_and_no_other(piece: str, mail: str):
    sent = given(NAME).when(1, "article_read", piece=piece).then.steps()
    assert mail not in sent
    assert {"nine-minutes", "meridian", "audit-report"} - {mail} <= set(sent)


def test_a_finished_calculator_skips_to_day_21():
    played = play(journey(NAME), [(10, "calculator_finished")])

    assert played.letters[2:4] == ((8, "calculator"), (21, "audit-report"))


def test_who_has_calculated_already_is_not_asked_to():
    assert "calculator" not in play(journey(NAME), [(5, "calculator_finished")]).steps()


def test_asking_to_talk_ends_it_at_once():
    played = play(journey(NAME), [(9, "demo_requested")])

    assert (played.outcome, played.ended_on_day) == ("asked to talk", 9)


def test_an_unsubscribe_ends_it_at_once():
    played = play(journey(NAME), [(15, "unsubscribed")])

    assert (played.outcome, played.ended_on_day) == ("asked us to stop", 15)


def test_an_audit_date_brings_one_letter_sixty_days_before_it():
    played = play(journey(NAME), [(33, "audit_date_told")], attributes={"audit_date": "2026-09-01"})

    assert played.letters[-1] == (121, "sixty-days")


def test_an_answer_without_a_date_brings_no_letter():
    assert play(journey(NAME), [(33, "audit_date_told")]).steps()[-1] == "one-question"


def test_exploring_ends_the_series():
    played = play(journey(NAME), [(34, "exploring_told")])

    assert (played.steps()[-1], played.ended_on_day) == ("one-question", 34)


def test_not_for_us_ends_it_at_once():
    assert play(journey(NAME), [(34, "not_us_told")]).outcome == "told us we are not for them"
