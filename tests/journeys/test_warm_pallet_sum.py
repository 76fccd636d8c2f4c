"""warm-pallet-sum: one mail with the sum somebody asked for, and nothing for whoever only worked it out."""

from leadloom.testing.story import given
from tests.journeys.letters import faults_of_journey, faults_of_letters, journey

NAME = "warm-pallet-sum"


def test_it_may_be_published():
    assert faults_of_journey(NAME) == []


def test_the_letter_is_one_we_would_send():
    assert faults_of_letters(NAME) == []


def test_the_sum_comes_once_at_once_and_whether_we_may_write_or_not():
    played = given(NAME, may_market=False).then
    assert (played.steps(), played.outcome) == (["your-sum"], "finished")
    assert journey(NAME).enter.data == {"form": "warm-pallet"}
