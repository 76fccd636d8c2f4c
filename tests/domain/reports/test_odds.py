"""Are the odds of a deal what became of those before it says, and what a person says while they say it?"""

from __future__ import annotations

import pytest

from leadloom.domain.definitions.win_odds import WinOdds, check
from leadloom.domain.reports.odds import Ended, Manual, Odds, Past, odds
from tests.domain.a_run import DAY_0

PAST = Past(
    all=Ended(won=10, lost=30),
    having={
        "track": {"new-business": Ended(won=10, lost=30)},
        "source": {
            "webinar": Ended(won=7, lost=6), "search-ads": Ended(won=1, lost=20), "referral": Ended(won=2, lost=0),
        },
    },
)  # fmt: skip
RULES = WinOdds(by=("track", "source"), least=20)


def told(**known: str | None) -> Odds:
    return odds(RULES, PAST, {"track": "new-business", **known})


def test_odds_are_those_of_all_deals_times_what_each_known_thing_tells_reckoned_by_hand() -> None:
    assert told().share == pytest.approx(11 / 42)
    # Webinars: (7 + 1) / (10 + 3) of the won against (6 + 1) / (26 + 3) of the lost, over 11 to 31.
    even = 11 / 31 * (8 / 13) / (7 / 29)
    found = told(source="webinar")
    assert found.share == pytest.approx(even / (1 + even))
    (because,) = found.because
    assert (because.variable, because.value, because.ended) == ("source", "webinar", Ended(won=7, lost=6))
    assert because.factor == pytest.approx((8 / 13) / (7 / 29))
    assert (found.of, found.manual) == (40, None)


def test_what_is_not_known_tells_nothing_and_what_was_never_seen_next_to_nothing() -> None:
    assert told(source=None, role="quality") == told()
    unseen = told(source="fair")
    assert unseen.share == pytest.approx(11 / 31 * (1 / 14) / (1 / 30) / (1 + 11 / 31 * (1 / 14) / (1 / 30)))
    assert told(source="search-ads").share < told().share < told(source="referral").share < 0.99


def test_few_deals_or_one_sided_ones_say_nothing() -> None:
    for past in (Past(all=Ended(won=5, lost=14)), Past(all=Ended(won=40, lost=0)), Past(all=Ended(won=0, lost=0))):
        found = odds(RULES, past, {"track": "new-business"})
        assert (found.share, found.reckoned) == (None, None)


def test_what_a_person_said_stands_beside_what_the_deals_say() -> None:
    said = Manual(share=0.9, by="dana-whitlock", at=DAY_0, why="the contract is signed")
    found = odds(RULES, PAST, {"track": "new-business"}, manual=said)
    assert (found.share, found.reckoned) == (0.9, pytest.approx(11 / 42))
    assert odds(RULES, Past(all=Ended(won=0, lost=1)), {}, manual=said).share == 0.9


def test_rules_that_leave_the_track_out_or_name_one_thing_twice_are_faults() -> None:
    assert [fault.path[-1] for fault in check(WinOdds(by=("source", "source"), least=1))] == ["by", "least", 1]
    assert list(check(WinOdds())) == []
