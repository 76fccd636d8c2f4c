"""wake-or-let-go: half a year of silence, one question, one goodbye; and silence is a no."""

import pytest

from tests.journeys.letters import faults_of_journey, faults_of_letters, journey
from tests.journeys.story import play

NAME = "wake-or-let-go"


def test_it_may_be_published():
    assert faults_of_journey(NAME) == []


def test_every_letter_is_one_we_would_send():
    assert faults_of_letters(NAME) == []


def test_its_purpose_is_one_sentence():
    assert journey(NAME).purpose.count(".") == 1


def test_silence_brings_a_question_a_goodbye_and_then_no_more_marketing():
    played = play(journey(NAME))

    assert played.letters == ((0, "keep-fewer-or-pause"), (14, "goodbye"))
    assert (played.recorded, played.ended_on_day) == (("let_go",), 21)


def test_who_allows_no_marketing_is_neither_asked_nor_let_go():
    played = play(journey(NAME), may_market=False)

    assert (played.letters, played.recorded) == ((), ())


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("keep_told", "keeps our letters"),
        ("fewer_told", "wants fewer letters"),
        ("pause_told", "paused our letters"),
        ("preferences_told", "chose what they get"),
        ("article_read", "woke up by themselves"),
        ("demo_requested", "asked to talk"),
        ("unsubscribed", "asked us to stop"),
    ],
)
def test_any_answer_ends_it_at_once_without_a_goodbye(answer: str, outcome: str):
    played = play(journey(NAME), [(3, answer)])

    assert played.steps() == ["keep-fewer-or-pause"]
    assert (played.recorded, played.outcome, played.ended_on_day) == ((), outcome, 3)


def test_a_yes_to_the_goodbye_keeps_the_letters():
    played = play(journey(NAME), [(16, "keep_told")])

    assert (played.recorded, played.outcome) == ((), "keeps our letters")
