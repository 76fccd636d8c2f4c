"""ask-once: letters for half a year and never an answer, one question; and silence is a no."""

import pytest

from tests.journeys.letters import faults_of_journey, faults_of_letters, journey
from tests.journeys.story import play

NAME = "ask-once"


def test_it_may_be_published():
    assert faults_of_journey(NAME) == []


def test_every_letter_is_one_we_would_send():
    assert faults_of_letters(NAME) == []


def test_silence_brings_one_question_and_then_no_more_marketing():
    played = play(journey(NAME))

    assert played.letters == ((0, "still-wanted"),)
    assert (played.recorded, played.ended_on_day) == (("let_go",), 21)


def test_who_allows_no_marketing_is_not_asked():
    played = play(journey(NAME), may_market=False)

    assert (played.letters, played.recorded) == ((), ())


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("keep_told", "wants our letters"),
        ("fewer_told", "wants fewer letters"),
        ("article_read", "answered by themselves"),
        ("demo_requested", "asked to talk"),
        ("unsubscribed", "asked us to stop"),
    ],
)
def test_any_answer_ends_it_at_once_and_keeps_the_letters(answer: str, outcome: str):
    played = play(journey(NAME), [(3, answer)])

    assert (played.recorded, played.outcome, played.ended_on_day) == ((), outcome, 3)
