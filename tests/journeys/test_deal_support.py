"""deal-support: one paper for each desk, in the words of the deal's owner."""

import pytest

from tests.journeys.letters import (
    COMING,
    KNOWN,
    faults_of_journey,
    faults_of_letter,
    faults_of_letters,
    journey,
    written,
)
from tests.journeys.story import play

NAME = "deal-support"


def test_it_may_be_published():
    assert faults_of_journey(NAME) == []


def test_every_letter_is_one_we_would_send():
    assert faults_of_letters(NAME) == []


def test_the_notice_that_shows_a_letter_to_its_owner_is_one_we_would_send():
    assert faults_of_letter(NAME, "coming", mail_class="owner-notice", handle="samira-haddad") == []


def test_the_notice_holds_the_whole_letter_and_says_that_silence_lets_it_go():
    notice = written(NAME, "coming", KNOWN, mail_class="owner-notice", handle="samira-haddad")

    for said in (COMING.subject, *COMING.paragraphs, COMING.goes_at, "silence lets it go"):
        assert said in notice.text
        assert said in notice.html


def test_its_purpose_is_one_sentence():
    assert journey(NAME).purpose.count(".") == 1


@pytest.mark.parametrize(
    ("role", "letter"),
    [
        ("quality", "validation-pack"),
        ("it", "security-sheet"),
        ("finance", "their-numbers"),
        ("logistics", "roll-out-plan"),
        ("shift", "roll-out-plan"),
    ],
)
def test_each_desk_gets_the_paper_it_would_have_asked_for_and_no_other(role: str, letter: str):
    assert play(journey(NAME), attributes={"role": role}).letters == ((0, letter),)


def test_nobody_guesses_at_a_desk_we_do_not_know():
    assert play(journey(NAME)).letters == ()


@pytest.mark.parametrize(("event", "outcome"), [("deal_won", "deal won"), ("deal_lost", "deal lost")])
def test_a_deal_that_closes_ends_it_while_the_letter_may_still_be_taken_back(event: str, outcome: str):
    assert play(journey(NAME), [(1, event)], attributes={"role": "it"}).outcome == outcome


def test_an_unsubscribe_ends_marketing_and_not_what_the_deal_needs():
    assert play(journey(NAME), [(1, "unsubscribed")], attributes={"role": "it"}).outcome == "finished"
