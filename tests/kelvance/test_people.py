"""The example world is who its truth file says, and the same in every run."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from leadloom.domain.intake.identity import normal_email
from leadloom.world import governors, people, play
from leadloom.world.behaviour import MailCame, agenda, react
from leadloom.world.reps import accepts

TRUTH = yaml.safe_load((Path(people.__file__).parent / "truth.yaml").read_text())
BEGINS = datetime(2026, 2, 2, 8, 0, tzinfo=UTC)


def test_as_many_people_live_there_as_the_truth_says_at_as_many_companies_from_the_same_sources() -> None:
    everybody = people.everybody()
    assert len(everybody) == TRUTH["people"]
    assert len({one.company.number for one in everybody}) == TRUTH["companies"]
    assert Counter(one.source for one in everybody) == TRUTH["sources"]


def test_everybody_has_an_address_of_their_own_that_a_strict_check_takes() -> None:
    addresses = [one.email for one in people.everybody()]
    assert len(set(addresses)) == len(addresses)
    assert [normal_email(address) for address in addresses] == addresses
    assert all(address.endswith(".example") for address in addresses)


def test_the_share_of_wrong_data_is_planted_at_the_fair_and_nowhere_else() -> None:
    wrong = Counter(one.source for one in people.everybody() if one.wrong_data)
    at_fair = TRUTH["sources"]["pharmalog"]
    assert set(wrong) == {"pharmalog"}
    assert wrong["pharmalog"] / at_fair == pytest.approx(TRUTH["wrong_data"]["share"], abs=0.5 / at_fair + 0.01)


def test_webinar_leads_are_accepted_at_about_the_planted_rate() -> None:
    from_webinars = [one for one in people.everybody() if one.source == "webinar"]
    share = sum(accepts(one) for one in from_webinars) / len(from_webinars)
    assert share == pytest.approx(TRUTH["accepted"]["share"], abs=0.13)  # two standard errors of 48 draws


def test_whom_the_score_lets_in_early_is_rarely_taken_as_often_as_the_truth_says() -> None:
    early = TRUTH["early"]
    buyers = [one for one in people.everybody() if one.kind == "buyer" and not one.wrong_data]
    others = [one for one in buyers if one.source != early["but"]]
    taken = sum(accepts(one, early["below"] - 1) for one in others) / len(others)
    assert taken == pytest.approx(early["accepted"], abs=0.06)  # two standard errors of 170 draws
    assert [accepts(one, early["below"]) for one in others] == [accepts(one) for one in others]
    assert taken < sum(map(accepts, others)) / len(others) / 3


def test_nobody_at_an_unreached_company_ever_answers_marketing() -> None:
    reached = {one.company.number for one in people.everybody() if not one.out_of_reach}
    for one in people.everybody():
        if one.out_of_reach:
            assert one.company.number not in reached
            told = {act.what for act in agenda(one, BEGINS)}
            assert told <= {"sales_first_touch", "meeting_agreed", "partner_introduced", "partner_need_told"}
            assert react(one, MailCame(number=1, journey="hand-raise", mail="who-calls"), BEGINS) == []


def test_a_story_is_the_same_each_time_it_is_told_and_begins_with_arriving() -> None:
    for one in people.everybody():
        acts = agenda(one, BEGINS)
        assert acts == agenda(one, BEGINS)
        assert [act.do for act in acts].count("arrive") == 1
        assert acts[0].do == "arrive"


def test_the_turns_of_the_play_are_those_of_the_truth_file() -> None:
    assert TRUTH["threshold"]["day"] == governors.THRESHOLD_FALLS_ON
    assert list(play.JONAS_AWAY) == TRUTH["absence"]["days"]
    assert [span.days for span in play.RELAY_DOWN] == [TRUTH["relay_down"]["day"]] * 2
