"""webinar-audit-season: a seat, two reminders, the recording or the four minutes, a figure, and the speaker."""

from tests.journeys.letters import KNOWN, STRANGER, faults_of_journey, faults_of_letters, journey, written
from tests.journeys.story import play

NAME = "webinar-audit-season"


def test_it_may_be_published():
    assert faults_of_journey(NAME) == []


def test_every_letter_is_one_we_would_send():
    assert faults_of_letters(NAME) == []


def test_its_purpose_is_one_sentence():
    assert journey(NAME).purpose.count(".") == 1


SEAT = {"webinar_at": "2026-03-17T15:00:00+00:00"}
"""Day 14."""


def test_who_came_gets_the_recording_a_figure_and_the_speaker():
    played = play(journey(NAME), [(14.3, "webinar_attended")], attributes=SEAT)

    assert [step for _, step in played.letters] == [
        "day-before",
        "hour-before",
        "recording",
        "calculator",
        "talk-to-the-speaker",
    ]


def test_who_missed_it_gets_four_minutes_in_place_of_forty():
    played = play(journey(NAME), [(15, "webinar_missed")], attributes=SEAT)

    assert played.steps()[2:] == ["four-minutes", "calculator", "talk-to-the-speaker"]
    assert played.letters[-1] == (25, "talk-to-the-speaker")


def test_without_permission_the_seat_is_served_and_nothing_is_sold():
    played = play(journey(NAME), [(14.3, "webinar_attended")], attributes=SEAT, may_market=False)

    assert played.steps() == ["day-before", "hour-before", "recording"]


def test_an_unsubscribe_takes_nobodys_seat():
    played = play(journey(NAME), [(2, "unsubscribed"), (14.3, "webinar_attended")], attributes=SEAT, may_market=False)

    assert "recording" in played.steps()


def test_who_has_the_figure_is_not_asked_to_work_it_out():
    played = play(journey(NAME), [(3, "calculator_finished"), (14.3, "webinar_attended")], attributes=SEAT)

    assert "calculator" not in played.steps()


def test_talking_to_the_speaker_is_asking_to_talk():
    played = play(journey(NAME), [(14.3, "webinar_attended"), (26, "talk_requested")], attributes=SEAT)

    assert (played.outcome, played.ended_on_day) == ("asked to talk", 26)


def test_nobody_is_reminded_of_an_hour_we_do_not_know():
    assert play(journey(NAME), [(14.3, "webinar_attended")], may_market=False).steps() == ["recording"]


def test_a_question_is_quoted_with_its_answer_and_nobody_else_reads_of_one():
    asked = written(NAME, "recording", KNOWN, mail_class="service", handle="priya-nair")
    silent = written(NAME, "recording", STRANGER, mail_class="service", handle="priya-nair")

    assert asked.subject == "The recording, and your question answered"
    assert "You asked: “Who signs a gap?” The answer: Whoever was on duty" in asked.text
    assert "question" not in silent.subject
    assert "“" not in silent.text
