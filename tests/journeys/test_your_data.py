"""your-data: one mail to the mailbox that proves who asked, whatever else they allow."""

from tests.journeys.letters import KNOWN, faults_of_journey, faults_of_letters, journey, written
from tests.journeys.story import play

NAME = "your-data"


def test_it_may_be_published():
    assert faults_of_journey(NAME) == []


def test_every_letter_is_one_we_would_send():
    assert faults_of_letters(NAME) == []


def test_its_purpose_is_one_sentence():
    assert journey(NAME).purpose.count(".") == 1


def test_the_mail_goes_at_once_and_without_a_permission():
    played = play(journey(NAME), may_market=False)

    assert played.letters == ((0, "your-data"),)


def test_the_letter_carries_the_link_that_does_it():
    letter = written(NAME, "your-data", KNOWN, mail_class="service")

    assert "/d/" in letter.html and "/d/" in letter.text
