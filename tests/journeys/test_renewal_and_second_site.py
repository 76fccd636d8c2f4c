"""renewal-and-second-site: a year in one picture, an offer, a reminder; and a second depot that opens a track."""

from leadloom.testing.story import Story, given
from tests.journeys.letters import KNOWN, STRANGER, faults_of_journey, faults_of_letters, journey, written

NAME = "renewal-and-second-site"


def test_it_may_be_published():
    assert faults_of_journey(NAME) == []


def test_every_letter_is_one_we_would_send():
    assert faults_of_letters(NAME) == []


def test_its_purpose_is_one_sentence():
    assert journey(NAME).purpose.count(".") == 1


ENDS = "2026-09-01"
"""Day 182."""


def contract(ends: str | None = ENDS) -> Story:
    """A customer whose contract ends on that day, let in by it."""
    told = {} if ends is None else {"renewal_date": ends}
    return given(NAME, lead={"attributes": told}, entered_by="renewal_date_set")


def test_it_counts_back_from_the_end_of_the_contract():
    then = contract().then

    assert then.letters == ((61, "usage"), (121, "offer"), (167, "reminder"))
    assert (then.outcome, then.ended_on_day) == ("finished", 181)


def test_a_date_that_moves_moves_what_has_not_gone():
    then = contract().tells(70, "renewal_date", "2026-10-01").then

    assert then.letters == ((61, "usage"), (151, "offer"), (197, "reminder"))


def test_a_renewal_ends_it_wherever_it_stands():
    then = contract().when(130, "renewed").then

    assert ([step for _, step in then.letters], then.outcome) == (["usage", "offer"], "renewed")


def test_a_date_that_is_taken_back_ends_it_and_nothing_counts_from_it_any_more():
    then = contract().tells(70, "renewal_date", None).then

    assert then.letters == ((61, "usage"),)
    assert then.outcome == "the end of the contract is not known any more"


def test_who_is_met_a_month_before_the_end_hears_only_what_is_still_of_use():
    assert contract("2026-04-02").then.letters == ((0, "offer"), (15, "reminder"))


def test_a_second_depot_opens_the_track_and_brings_one_letter():
    then = given(NAME, entered_by="second_site_live").then

    assert then.stages == ("inquiry",)
    assert (then.letters, journey(NAME).track) == (((0, "second-depot"),), "expansion")


def test_a_second_depot_has_a_run_beside_that_of_the_contract():
    enter = journey(NAME).enter

    assert (enter.key, enter.again) == ("site", "after exit")


def test_the_picture_says_its_figures_in_words_too():
    picture = written(NAME, "usage", KNOWN, mail_class="service", handle="hana-sato")

    assert "Alarms answered within fifteen minutes: 71 %" in picture.text
    assert "width: 71%" in picture.html


def test_without_figures_there_is_no_empty_picture():
    assert "%" not in written(NAME, "usage", STRANGER, mail_class="service", handle="hana-sato").text
