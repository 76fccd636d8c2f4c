"""Do fit and engagement come out to the digit, and say why?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadloom.domain.lead import Verdict
from leadloom.domain.stages.earning import earn
from leadloom.domain.stages.scoring import cools_at, engagement, explain, fit, score
from leadloom.domain.standing import ScoreEntry
from tests.domain.a_run import DAY_0, day, days
from tests.domain.a_standing import ACCOUNT, DEFINITION, a_lead, entries

HALF_LIFE = timedelta(days=30)
SUMS = st.lists(
    st.builds(
        ScoreEntry,
        event_no=st.integers(1, 99),
        kind=st.just("reply"),
        points=st.floats(0.5, 60),
        at=st.integers(0, 200).map(day),
    ),
    min_size=1,
    max_size=8,
)


@pytest.mark.parametrize(("age", "left"), [(0, 20.0), (30, 10.0), (45, 7.0711), (60, 5.0)])
def test_twenty_points_halve_every_thirty_days(age: int, left: float) -> None:
    found = engagement(entries(("reply", 20, DAY_0)), HALF_LIFE, at=day(age))

    assert round(found, 4) == left


def test_three_events_add_up_and_cool_to_ten_when_the_reference_says() -> None:
    earned = entries(("reply", 20, DAY_0), ("guide_requested", 10, day(35)), ("article_read", 5, day(45)))

    now = engagement(earned, HALF_LIFE, at=day(45))
    due = cools_at(earned, HALF_LIFE, threshold=10, at=day(45))

    assert round(now, 4) == 20.0081
    assert due is not None
    assert round((due - day(45)) / days(1), 4) == 30.0175


@given(SUMS)
def test_at_the_instant_it_cools_the_sum_is_the_threshold(earned: list[ScoreEntry]) -> None:
    due = cools_at(earned, HALF_LIFE, threshold=7, at=day(200))

    if due is None:
        assert engagement(earned, HALF_LIFE, at=day(200)) <= 7
    else:
        assert engagement(earned, HALF_LIFE, at=due) == pytest.approx(7, rel=1e-9)


@given(SUMS, st.integers(200, 500), st.integers(0, 500))
def test_without_new_events_engagement_never_rises(earned: list[ScoreEntry], first: int, later: int) -> None:
    before = engagement(earned, HALF_LIFE, at=day(first))

    assert engagement(earned, HALF_LIFE, at=day(first + later)) <= before


def test_what_has_not_happened_yet_does_not_count() -> None:
    earned = entries(("reply", 20, day(1)))

    assert engagement(earned, HALF_LIFE, at=DAY_0) == 0


def test_bad_signs_take_interest_away_but_leave_no_debt() -> None:
    earned = entries(("article_read", 5, DAY_0), ("careers_page", -20, DAY_0))

    assert engagement(earned, HALF_LIFE, at=DAY_0) == 0


def test_a_kind_earns_at_most_its_cap_within_one_utc_day() -> None:
    late = datetime(2026, 3, 3, 23, 50, tzinfo=UTC)
    read = entries(("article_read", 5, late), ("article_read", 5, late), ("article_read", 3, late))

    same_day = earn(DEFINITION, "article_read", at=late, verdict=Verdict.HUMAN, entries=read)
    next_day = earn(DEFINITION, "article_read", at=late + timedelta(minutes=20), verdict=Verdict.HUMAN, entries=read)

    assert (same_day, next_day) == (2, 5)


@pytest.mark.parametrize("verdict", [Verdict.MACHINE, Verdict.UNSURE])
def test_only_people_earn_points(verdict: Verdict) -> None:
    assert earn(DEFINITION, "reply", at=DAY_0, verdict=verdict, entries=()) == 0


def test_a_quality_manager_of_four_pharma_sites_in_germany_fits_whole() -> None:
    found = fit(DEFINITION, a_lead(), account=ACCOUNT)

    assert (found.points, found.letter) == (100, "A")
    assert "industry pharma distribution: +35" in found.why


@pytest.mark.parametrize(
    ("role", "sites", "letter"), [("it", 3, "A"), ("it", 2, "B"), ("finance", 1, "B"), (None, None, "B")]
)
def test_the_letter_follows_the_points(role: str | None, sites: int | None, letter: str) -> None:
    account = ACCOUNT.model_copy(update={"sites": sites})

    assert fit(DEFINITION, a_lead(role=role), account=account).letter == letter


def test_somebody_we_know_nothing_of_is_a_d_and_a_four() -> None:
    stranger = a_lead(role=None, country=None, company=None)

    found = score(DEFINITION, stranger, account=None, entries=(), at=DAY_0)

    assert (found.fit, found.letter, found.engagement, found.digit) == (0, "D", 0, 4)


@pytest.mark.parametrize(("points", "digit"), [(60, 1), (59.9, 2), (40, 2), (39.9, 3), (15, 3), (14.9, 4)])
def test_the_digit_follows_engagement(points: float, digit: int) -> None:
    found = score(DEFINITION, a_lead(), account=ACCOUNT, entries=entries(("reply", points, DAY_0)), at=DAY_0)

    assert found.digit == digit


def test_the_reasons_are_told_best_first_in_words() -> None:
    earned = entries(("reply", 25, DAY_0), ("guide_requested", 10, day(30)), ("careers_page", -20, day(29)))

    reasons = explain(DEFINITION, earned, at=day(30))

    assert [(reason.words, reason.event_no) for reason in reasons] == [
        ("Replied to a mail, 30 days ago", 1),
        ("Asked for the guide, today", 2),
        ("Looked at the careers page, yesterday", 3),
    ]
    assert reasons[0].points == 12.5
