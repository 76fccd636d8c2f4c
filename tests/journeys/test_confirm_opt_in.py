"""confirm-opt-in: one question by mail, one reminder at most, and nothing after an answer or the end."""

from tests.journeys.letters import KNOWN, faults_of_journey, faults_of_letters, journey, written
from tests.journeys.story import play

NAME = "confirm-opt-in"


def test_it_may_be_published():
    assert faults_of_journey(NAME) == []


def test_every_letter_is_one_we_would_send():
    assert faults_of_letters(NAME) == []


def test_its_purpose_is_one_sentence():
    assert journey(NAME).purpose.count(".") == 1


def test_it_asks_at_once_and_reminds_once():
    assert play(journey(NAME), [(7, "opt_in_expired")], may_market=False).letters == ((0, "confirm"), (3, "remind"))


def test_whoever_confirmed_hears_no_more_of_it():
    assert play(journey(NAME), [(1, "opt_in_confirmed")], may_market=False).letters == ((0, "confirm"),)


def test_both_letters_carry_the_link_that_confirms():
    for mail in ("confirm", "remind"):
        letter = written(NAME, mail, KNOWN, mail_class="service")
        assert "/y/" in letter.html and "/y/" in letter.text


def test_whoever_did_not_ask_can_stop_them_in_one_click_and_other_service_mail_has_nothing_to_stop():
    for mail in ("confirm", "remind"):
        letter = written(NAME, mail, KNOWN, mail_class="service")
        assert "/u/" in letter.html and "/u/" in letter.text
    guide = written("welcome-four-degrees", "deliver-guide", KNOWN, mail_class="service")
    assert "/u/" not in guide.html and "/u/" not in guide.text
