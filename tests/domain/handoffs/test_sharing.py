"""Does a pool give everybody their share, and nobody more than they can take?"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadloom.domain.definitions.routing_rules import Pool, PoolMember, Share
from leadloom.domain.handoffs.sharing import MemberNow, Turn, credited_back, share

TOMORROW = datetime(2026, 3, 4, tzinfo=UTC)
TEAM = ("ines", "jonas", "mei", "marcus", "dana", "wei")


def pool_of(*weights: int, how: Share = "weighted", **limits: int) -> Pool:
    members = tuple(
        PoolMember(owner=owner, weight=weight, **limits) for owner, weight in zip(TEAM, weights, strict=False)
    )
    return Pool(means="a team", share=how, members=members)


def now(owner: str, turn: Turn | None = None, *, absent: bool = False, today: int = 0, in_hand: int = 0) -> MemberNow:
    return MemberNow(owner=owner, absent=absent, today=today, open=in_hand, turn=turn or Turn(), tomorrow=TOMORROW)


class Dealt:
    """A pool that deals on, with its turns kept as the store keeps them."""

    def __init__(self, pool: Pool) -> None:
        self.pool, self.turns, self.got = pool, {each.owner: Turn() for each in pool.members}, Counter[str]()

    def deal(self, away: frozenset[str] = frozenset()) -> str | None:
        members = [now(owner, turn, absent=owner in away) for owner, turn in self.turns.items()]
        shared = share("team", self.pool, members)
        self.turns = dict(shared.turns)
        if shared.owner is not None:
            self.got[shared.owner] += 1
        return shared.owner


@given(st.lists(st.integers(1, 60), min_size=1, max_size=6), st.integers(1, 400))
def test_with_steady_weights_nobody_is_ever_a_whole_lead_away_from_their_share(weights: list[int], leads: int) -> None:
    dealt = Dealt(pool_of(*weights))
    for count in range(1, leads + 1):
        dealt.deal()
        for member in dealt.pool.members:
            ideal = count * member.weight / sum(weights)
            assert abs(dealt.got[member.owner] - ideal) < 1


@given(
    st.lists(st.integers(1, 9), min_size=2, max_size=6),
    st.lists(st.tuples(st.sets(st.sampled_from(TEAM)), st.integers(1, 60)), min_size=1, max_size=8),
)
def test_absences_cost_nobody_a_lead_they_were_there_for(
    weights: list[int], spells: list[tuple[set[str], int]]
) -> None:
    dealt = Dealt(pool_of(*weights))
    for away, leads in spells:
        for _ in range(leads):
            who = dealt.deal(frozenset(away))
            assert who not in away
    for turn in dealt.turns.values():
        assert abs(turn.owed) <= 1.5
    assert sum(turn.owed for turn in dealt.turns.values()) == pytest.approx(0, abs=1e-6)


def test_whoever_has_had_enough_today_or_has_their_hands_full_is_passed_over() -> None:
    pool = pool_of(1, 1, 1, a_day=2, open=5)
    shared = share("team", pool, [now("ines", today=2), now("jonas", in_hand=5), now("mei")])
    assert shared.owner == "mei"
    assert [seen.why for seen in shared.seen] == ["has had 2 of 2 today", "has 5 of 5 in hand", "it is their turn"]


def test_a_pool_where_all_who_are_there_are_full_waits_for_the_first_new_day() -> None:
    pool = pool_of(1, 1, a_day=2)
    shared = share("team", pool, [now("ines", today=2), now("jonas", absent=True)])
    assert (shared.owner, shared.everybody_away, shared.room_at) == (None, False, TOMORROW)


def test_full_hands_are_no_matter_of_time() -> None:
    shared = share("team", pool_of(1, open=3), [now("ines", in_hand=3)])
    assert (shared.owner, shared.room_at) == (None, None)


def test_a_pool_of_absent_people_says_so() -> None:
    assert share("team", pool_of(1, 1), [now("ines", absent=True), now("jonas", absent=True)]).everybody_away


def test_the_least_busy_is_whoever_has_least_in_hand_for_their_weight() -> None:
    pool = pool_of(2, 1, how="least-busy")
    assert share("team", pool, [now("ines", in_hand=5), now("jonas", in_hand=3)]).owner == "ines"
    assert share("team", pool, [now("ines", in_hand=7), now("jonas", in_hand=3)]).owner == "jonas"


def test_a_lead_that_did_not_count_is_owed_to_its_owner_alone() -> None:
    dealt = Dealt(pool_of(1, 1, 1))
    first = dealt.deal()
    assert first is not None
    dealt.turns = credited_back(dealt.pool, first, dealt.turns)
    assert all(turn == Turn() for turn in dealt.turns.values())
    assert credited_back(dealt.pool, first, dealt.turns) == dealt.turns


def test_nobody_gets_anything_by_a_weight_of_nought() -> None:
    dealt = Dealt(pool_of(0, 1))
    assert {dealt.deal() for _ in range(5)} == {"jonas"}
