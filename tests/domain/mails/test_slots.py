"""Packing a lead's calendar: caps in every sliding window, windows in local time, priorities, and nobody forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from leadloom.domain.definitions.definition import Cap, Window
from leadloom.domain.mails.slots import Calendar, Slot, SlotRules, TooLate, Wish, plan
from leadloom.domain.mails.windows import in_window
from leadloom.domain.model import MessageId
from tests.domain.a_run import day, days, the_definition

MAIL = the_definition().mail
RULES = SlotRules(zone="UTC", window=MAIL.window, per_person=MAIL.per_person, per_company=MAIL.per_company)
ZONES = ("UTC", "America/New_York", "Asia/Tokyo", "Pacific/Auckland")
TUESDAY_9 = day(0)


def a_wish(no: int, at: datetime = TUESDAY_9, **said: object) -> Wish:
    marketing = {"priority": 3, "capped": True, "windowed": True}
    when = {"asked_at": at, "not_before": at, "deadline": at + days(30)}
    return Wish.model_validate({"message_id": UUID(int=no), **when, **marketing, **said})


def slots(answers: tuple[Slot | TooLate, ...]) -> dict[int, datetime]:
    return {answer.message_id.int: answer.at for answer in answers if isinstance(answer, Slot)}


def test_a_third_mail_waits_until_the_first_leaves_the_cap() -> None:
    taken = (TUESDAY_9 - days(5), TUESDAY_9 - days(1))
    (slot,) = plan(Calendar(taken=taken), [a_wish(1)], RULES, taken)
    assert slot == Slot(message_id=MessageId(UUID(int=1)), at=TUESDAY_9 + days(2))


def test_mails_planned_together_keep_the_cap_too() -> None:
    answers = plan(Calendar(), [a_wish(no) for no in (1, 2, 3)], RULES, [])
    assert slots(answers) == {1: TUESDAY_9, 2: TUESDAY_9, 3: TUESDAY_9 + days(7)}


def test_a_mail_between_two_that_stand_keeps_the_cap_on_both_sides() -> None:
    taken = (TUESDAY_9 + days(1), TUESDAY_9 + days(6))
    (slot,) = plan(Calendar(taken=taken), [a_wish(1)], RULES, [])
    assert isinstance(slot, Slot)
    assert slot.at == TUESDAY_9 + days(8)


def test_service_mail_goes_at_once_whatever_the_caps_and_windows() -> None:
    sunday = TUESDAY_9 - days(2)
    (slot,) = plan(Calendar(taken=(sunday, sunday)), [a_wish(1, sunday, capped=False, windowed=False)], RULES, [])
    assert isinstance(slot, Slot)
    assert slot.at == sunday


def test_the_higher_priority_wins_a_scarce_slot_although_it_asked_later() -> None:
    news = a_wish(1, priority=3)
    answer = a_wish(2, TUESDAY_9 + timedelta(minutes=5), priority=2)
    assert slots(plan(Calendar(taken=(TUESDAY_9,)), [news, answer], RULES, [])) == {
        2: TUESDAY_9 + timedelta(minutes=5),
        1: TUESDAY_9 + days(7),
    }


def test_a_full_hour_of_the_company_moves_the_mail_to_the_next() -> None:
    (slot,) = plan(Calendar(), [a_wish(1)], RULES, [TUESDAY_9] * 20)
    assert isinstance(slot, Slot)
    assert slot.at == TUESDAY_9 + timedelta(hours=1)


def test_a_mail_pushed_past_its_deadline_is_told_why() -> None:
    wish = a_wish(1, deadline=TUESDAY_9 + days(3))
    (late,) = plan(Calendar(taken=(TUESDAY_9, TUESDAY_9)), [wish], RULES, [])
    assert isinstance(late, TooLate)
    assert late.why == "no slot before 2026-03-06 09:00 UTC: no more than 2 mails in 7 days go to a person"


def test_a_mail_whose_window_opens_too_late_is_told_so() -> None:
    friday = TUESDAY_9 + days(3)
    (late,) = plan(Calendar(), [a_wish(1, friday, deadline=friday + days(2))], RULES, [])
    assert isinstance(late, TooLate)
    assert late.why.endswith("mail goes in the send window only")


def test_a_cap_of_none_lets_nothing_through_and_says_so() -> None:
    rules = RULES.model_copy(update={"per_person": Cap(count=0, within=days(7))})
    (late,) = plan(Calendar(), [a_wish(1)], rules, [])
    assert isinstance(late, TooLate)
    assert "no more than 0 mails" in late.why


def test_jitter_spreads_what_would_stand_at_the_opening_of_the_window() -> None:
    sunday = TUESDAY_9 - days(2)
    (slot,) = plan(Calendar(), [a_wish(1, sunday, jitter=timedelta(minutes=17))], RULES, [])
    assert isinstance(slot, Slot)
    assert slot.at == datetime(2026, 3, 3, 8, 47, tzinfo=UTC)


def test_jitter_never_leaves_the_window_nor_delays_what_may_go_at_once() -> None:
    sunday = TUESDAY_9 - days(2)
    too_much = a_wish(1, sunday, jitter=timedelta(hours=9))
    at_once = a_wish(2, TUESDAY_9, jitter=timedelta(minutes=17))
    answers = plan(Calendar(), [too_much, at_once], RULES, [])
    assert slots(answers) == {1: datetime(2026, 3, 3, 8, 30, tzinfo=UTC), 2: TUESDAY_9}


def test_jitter_never_overfills_an_hour_that_was_free_without_it() -> None:
    sunday, half_past_nine = TUESDAY_9 - days(2), TUESDAY_9 + timedelta(minutes=30)
    wish = a_wish(1, sunday, jitter=timedelta(minutes=17))
    answers = plan(Calendar(), [wish], RULES, [half_past_nine] * 20)
    assert slots(answers) == {1: half_past_nine - timedelta(hours=1)}


instants = st.integers(0, 40 * 24 * 4).map(lambda quarters: TUESDAY_9 + timedelta(minutes=15) * quarters)
rules = st.builds(
    SlotRules,
    zone=st.sampled_from(ZONES),
    window=st.sampled_from([MAIL.window, Window(days=("mon", "sat"), from_=time(0), until=time(4))]),
    per_person=st.builds(Cap, count=st.integers(1, 3), within=st.sampled_from([days(1), days(7)])),
    per_company=st.builds(Cap, count=st.integers(1, 4), within=st.just(timedelta(hours=1))),
)


@st.composite
def wishes(draw: st.DrawFn) -> list[Wish]:
    made: list[Wish] = []
    for no in range(draw(st.integers(0, 8))):
        at = draw(instants)
        said = {
            "priority": draw(st.integers(1, 3)),
            "not_before": at + draw(st.sampled_from([days(0), days(2)])),
            "deadline": at + draw(st.sampled_from([days(3), days(20), days(200)])),
            "capped": draw(st.booleans()),
            "windowed": draw(st.booleans()),
            "jitter": draw(st.sampled_from([timedelta(), timedelta(minutes=23)])),
        }
        made.append(a_wish(no + 1, at, **said))
    return made


@settings(max_examples=150)
@given(taken=st.lists(instants, max_size=6), others=st.lists(instants, max_size=8), asked=wishes(), rules=rules)
def test_no_sliding_window_ever_holds_more_than_the_caps_allow(
    taken: list[datetime], others: list[datetime], asked: list[Wish], rules: SlotRules
) -> None:
    answers = plan(Calendar(taken=tuple(taken)), asked, rules, [*taken, *others])
    capped = {wish.message_id for wish in asked if wish.capped}
    placed = [answer.at for answer in answers if isinstance(answer, Slot) and answer.message_id in capped]
    for cap, stands in ((rules.per_person, taken), (rules.per_company, [*taken, *others])):
        # What already stood may break a cap of today; a plan must never add to it.
        for at in placed:
            around = [one for one in [*stands, *placed] if abs(one - at) < cap.within]
            holding_it = [first for first in around if first <= at]
            fullest = max(sum(first <= one < first + cap.within for one in around) for first in holding_it)
            assert fullest <= cap.count


@settings(max_examples=150)
@given(taken=st.lists(instants, max_size=6), asked=wishes(), rules=rules)
def test_each_wish_gets_one_answer_in_its_window_after_it_asked_and_before_its_deadline(
    taken: list[datetime], asked: list[Wish], rules: SlotRules
) -> None:
    answers = plan(Calendar(taken=tuple(taken)), asked, rules, taken)
    assert sorted(answer.message_id.int for answer in answers) == sorted(wish.message_id.int for wish in asked)
    for wish in asked:
        at = slots(answers).get(wish.message_id.int)
        if at is not None:
            assert wish.not_before <= at < wish.deadline
            assert not wish.windowed or in_window(at, rules.window, rules.zone)


@given(taken=st.lists(instants, max_size=6), asked=wishes(), rules=rules, data=st.data())
def test_the_same_wishes_in_any_order_are_planned_the_same(
    taken: list[datetime], asked: list[Wish], rules: SlotRules, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(asked))
    assert plan(Calendar(taken=tuple(taken)), asked, rules, taken) == plan(
        Calendar(taken=tuple(reversed(taken))), shuffled, rules, taken
    )


@given(taken=st.lists(instants, max_size=6), asked=wishes(), rules=rules, at=instants)
def test_a_wish_of_lower_priority_never_moves_a_higher_one(
    taken: list[datetime], asked: list[Wish], rules: SlotRules, at: datetime
) -> None:
    before = plan(Calendar(taken=tuple(taken)), asked, rules, taken)
    after = plan(Calendar(taken=tuple(taken)), [*asked, a_wish(99, at, priority=4)], rules, taken)
    assert after[: len(before)] == before


@given(asked=wishes(), rules=rules)
def test_a_mail_that_has_gone_leaves_the_others_where_they_were_or_earlier(asked: list[Wish], rules: SlotRules) -> None:
    still = [wish.model_copy(update={"jitter": timedelta()}) for wish in asked]
    answers = [answer for answer in plan(Calendar(), still, rules, []) if isinstance(answer, Slot)]
    capped = {wish.message_id for wish in still if wish.capped}
    first = next((answer for answer in answers if answer.message_id in capped), None)
    if first is not None:
        rest = [wish for wish in still if wish.message_id != first.message_id]
        again = slots(plan(Calendar(taken=(first.at,)), rest, rules, [first.at]))
        assert again == {no: at for no, at in slots(tuple(answers)).items() if no != first.message_id.int}


@given(taken=st.lists(instants, max_size=6), rules=rules, asked=instants)
def test_no_earlier_quarter_of_an_hour_was_free(taken: list[datetime], rules: SlotRules, asked: datetime) -> None:
    cap = rules.per_person
    (slot,) = plan(Calendar(taken=tuple(taken)), [a_wish(1, asked, deadline=asked + days(400))], rules, [])
    assert isinstance(slot, Slot)

    def fits(at: datetime) -> bool:
        together = [*taken, at]
        starts = [first for first in together if at - cap.within < first <= at]
        return in_window(at, rules.window, rules.zone) and all(
            sum(first <= one < first + cap.within for one in together) <= cap.count for first in starts
        )

    quarter = timedelta(minutes=15)
    assert not any(fits(asked + quarter * step) for step in range((slot.at - asked) // quarter))
