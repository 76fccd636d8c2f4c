"""reach-out: a rep's own cadence, calls as tasks and letters in their name, until somebody at the company answers."""

from tests.journeys.letters import faults_of_journey, faults_of_letters, journey
from tests.journeys.story import play

NAME = "reach-out"
CALLS = ("first-call", "second-call", "third-call")


def test_it_may_be_published():
    assert faults_of_journey(NAME) == []


def test_every_letter_is_one_we_would_send():
    assert faults_of_letters(NAME) == []


def test_its_purpose_is_one_sentence():
    assert journey(NAME).purpose.count(".") == 1


def test_it_is_begun_by_a_person_and_by_nothing_else():
    enter = journey(NAME).enter
    assert enter.by_hand
    assert (enter.events, enter.stages, enter.date, enter.every, enter.holds) == ((), (), None, None, None)


def test_nobody_who_answers_nothing_gets_more_than_three_letters_in_about_two_working_weeks():
    played = play(journey(NAME), [])

    assert played.steps() == ["short-note", "one-figure", "close-the-file"]
    assert (played.outcome, 10 <= played.ended_on_day <= 21) == ("finished", True)


def test_a_reply_ends_it_wherever_it_stands():
    played = play(journey(NAME), [(2, "reply")])

    assert played.outcome == "the company answered"
    assert played.steps() == ["short-note"]


def test_given_back_to_marketing_the_rep_writes_no_more():
    assert play(journey(NAME), [(2, "hand_off_recycled")]).outcome == "given back"


def test_whoever_answers_at_the_company_ends_it_for_all_of_them():
    assert journey(NAME).heard_of_company == {"reply", "meeting_held", "deal_opened"}
