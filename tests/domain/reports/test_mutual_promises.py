"""Is each promise of the charter told as it went, with the hand-offs behind it and no verdict from three of them?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.model import HandOffId, Instant
from leadloom.domain.reports.mutual_promises import (
    Key,
    PromiseFigure,
    PromisesQuestion,
    Tries,
    promises,
)
from leadloom.domain.reports.response_time import OfferedHandOff
from tests import hand_cases
from tests.hand_cases import ANSWERS, day

AS_OF = day("2024-03-31")
OFFERED_AT, _ = ANSWERS["a"]
SOON = OFFERED_AT + timedelta(minutes=5)


def hand_off(**changed: object) -> OfferedHandOff:
    """R4's case (a): a hand-raise offered on Friday, 1 March 2024, 16:50 in New York, with `changed` fields."""
    fields = {"first_try_at": None, "hand_off_id": uuid4(), **changed}
    return OfferedHandOff.model_validate(hand_cases.hand_offs("a")[0].model_dump() | fields)


def accepted(**changed: object) -> OfferedHandOff:
    return hand_off(**{"state": "accepted", "decided_at": SOON, **changed})


def told(
    *hand_offs: OfferedHandOff,
    key: Key,
    tries: Mapping[HandOffId, Tries] | None = None,
    last: timedelta | None = None,
    as_of: Instant = AS_OF,
    definition: Definition | None = None,
) -> PromiseFigure:
    question = PromisesQuestion(as_of=as_of, last=last)
    report = promises(definition or hand_cases.definition(), hand_offs, tries or {}, question)
    return next(one for one in report.promises if one.key == key)


def tried(one: OfferedHandOff, *days: int, reached: int | None = None, closed: int | None = None) -> Tries:
    def after(number: int | None) -> Instant | None:
        return None if number is None else SOON + timedelta(days=number)

    made = tuple(SOON + timedelta(days=number) for number in days)
    return Tries(hand_off_id=one.hand_off_id, made_at=made, reached_at=after(reached), closed_at=after(closed))


def test_a_promise_is_called_neither_kept_nor_broken_before_there_are_enough_to_judge_by() -> None:
    nine, ten = ([accepted() for _ in range(number)] for number in (9, 10))
    assert told(*nine, key="accepted").verdict == "not enough yet"
    assert told(*ten, key="accepted").verdict == "kept"
    few = hand_cases.definition()
    few = few.model_copy(update={"charter": few.charter.but(judged_from=3)})
    assert told(*nine[:3], key="accepted", definition=few).verdict == "kept"


def test_the_lists_are_what_the_share_counted_and_what_waits_is_in_none() -> None:
    taken, refused, waiting = accepted(), hand_off(state="rejected", reason="junk", decided_at=SOON), hand_off()
    found = told(taken, refused, waiting, key="accepted")
    assert (found.kept, found.broken, found.open) == (
        (taken.hand_off_id,), (refused.hand_off_id,), (waiting.hand_off_id,)
    )  # fmt: skip
    assert (found.today.part, found.today.whole) == (1, 2)
    assert found.ids(None) == (taken.hand_off_id, refused.hand_off_id)


def test_an_offer_whose_hour_has_not_come_is_not_judged_and_one_past_it_is_broken() -> None:
    """16:50 on a Friday and 15 minutes to answer: 09:05 on Monday, 14:05 UTC."""
    due = OFFERED_AT.replace(day=4, hour=14, minute=5)
    one = hand_off()
    assert told(one, key="in-time", as_of=due).open == (one.hand_off_id,)
    assert told(one, key="in-time", as_of=due + timedelta(seconds=1)).broken == (one.hand_off_id,)


def test_only_a_lead_given_back_owes_a_reason() -> None:
    given, silent = (hand_off(state="rejected", reason=why, decided_at=SOON) for why in ("junk", None))
    found = told(given, silent, accepted(), key="reason")
    assert (found.kept, found.broken, found.open) == ((given.hand_off_id,), (silent.hand_off_id,), ())


def test_six_tries_in_ten_working_days_keep_the_promise_and_so_does_a_talk() -> None:
    six, five, talked, later = (accepted() for _ in range(4))
    tries = {
        six.hand_off_id: tried(six, 0, 3, 4, 5, 6, 7),
        five.hand_off_id: tried(five, 0, 3, 4, 5, 6),
        talked.hand_off_id: tried(talked, 0, reached=3),
        later.hand_off_id: tried(later, 0, 3, 4, 5, 6, 20),
    }
    found = told(six, five, talked, later, key="tries", tries=tries)
    assert (found.kept, found.broken) == (
        (six.hand_off_id, talked.hand_off_id), (five.hand_off_id, later.hand_off_id)
    )  # fmt: skip


def test_tries_are_not_judged_before_their_days_are_over_nor_after_the_lead_was_given_back() -> None:
    one, returned = accepted(), accepted(reason="no-budget")
    tries = {one.hand_off_id: tried(one, 0), returned.hand_off_id: tried(returned, 0, closed=4)}
    last_day = SOON + timedelta(days=13)
    assert told(one, key="tries", tries=tries, as_of=last_day).open == (one.hand_off_id,)
    assert told(one, key="tries", tries=tries, as_of=last_day + timedelta(days=2)).broken == (one.hand_off_id,)
    assert told(returned, key="tries", tries=tries).open == (returned.hand_off_id,)


def test_a_period_holds_what_was_first_offered_in_it_and_shows_the_one_before() -> None:
    month = timedelta(days=30)
    now = [accepted(offered_at=AS_OF - timedelta(days=29), decided_at=AS_OF - timedelta(days=28))]
    before = [hand_off(offered_at=AS_OF - timedelta(days=31)) for _ in range(2)]
    found = told(*now, *before, key="in-time", last=month)
    assert (found.today.whole, found.before and found.before.whole) == (1, 2)
    assert told(*now, *before, key="in-time").before is None
