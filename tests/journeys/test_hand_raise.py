"""hand-raise: who calls and when, an apology when we are late, and a file that can be closed."""

from datetime import timedelta

from tests.journeys.letters import KNOWN, definition, faults_of_journey, faults_of_letters, journey, written
from tests.journeys.story import play

NAME = "hand-raise"


def test_it_may_be_published():
    assert faults_of_journey(NAME) == []


def test_every_letter_is_one_we_would_send():
    assert faults_of_letters(NAME) == []


def test_its_purpose_is_one_sentence():
    assert journey(NAME).purpose.count(".") == 1


def test_the_lead_hears_at_once_who_calls():
    played = play(journey(NAME), [(1, "meeting_held")])

    assert played.letters == ((0, "who-calls"),)
    assert (played.outcome, played.ended_on_day) == ("met", 1)


def test_a_missed_clock_brings_one_apology_however_often_it_is_missed():
    assert play(journey(NAME), [(0.1, "clock_missed"), (0.2, "clock_missed")]).steps() == [
        "who-calls",
        "greta-apologises",
    ]


def test_after_six_tries_the_lead_chooses_or_the_file_closes():
    played = play(journey(NAME), [(12, "tries_used_up")])

    assert played.letters[-1] == (12, "two-slots")
    assert (played.hand_offs, played.ended_on_day) == ((), 22)


def test_six_tries_after_an_apology_end_the_same_way():
    assert play(journey(NAME), [(0.1, "clock_missed"), (12, "tries_used_up")]).steps()[-1] == "two-slots"


def test_giving_the_lead_back_does_not_take_back_the_two_times():
    assert play(journey(NAME), [(12, "tries_used_up"), (12.01, "hand_off_recycled")]).steps()[-1] == "two-slots"


def test_a_reply_to_the_two_times_is_a_new_hand_off():
    assert play(journey(NAME), [(12, "tries_used_up"), (14, "reply")]).hand_offs == ("hand-raise",)


def test_a_lead_given_back_hears_no_more_here():
    played = play(journey(NAME), [(3, "hand_off_recycled"), (4, "clock_missed")])

    assert (played.steps(), played.ended_on_day) == (["who-calls"], 3)


def test_the_letters_promise_what_the_definition_promises():
    clocks = definition().hand_offs["hand-raise"]
    minutes = clocks.first_try // timedelta(minutes=1)
    who_calls = written(NAME, "who-calls", KNOWN, mail_class="service").text
    two_slots = written(NAME, "two-slots", KNOWN, mail_class="one-to-one").text

    assert f"within {minutes} minutes" in who_calls
    assert definition().promises["tries"].count == 6 and "six times" in two_slots
