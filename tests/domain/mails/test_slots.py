"""Packing a lead's calendar: caps in every sliding span, windows and days off in local time, and nobody forgotten."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from leadloom.domain.definitions.mail_policy import Cap, MailPolicy, Pause, PersonCap, Window
from leadloom.domain.mails.days_off import NOTHING_OFF, DaysOff
from leadloom.domain.mails.slots import Calendar, Slot, SlotRules, Taken, TooLate, Wish, plan
from leadloom.domain.mails.windows import in_window
from leadloom.domain.model import MessageId
from tests.domain.a_run import day, days, the_definition

MAIL = the_definition().mail
RULES = SlotRules(zone="UTC", window=MAIL.window, per_person=MAIL.per_person, per_company=MAIL.per_company)
ZONES = ("UTC", "America/New_York", "Asia/Tokyo", "Pacific/Auckland")
TUESDAY_9 = day(0)


def a_wish(no: int, at: datetime = TUESDAY_9, **said: object) -> Wish:
    marketing = {"priority": 33, "mail_class": "marketing", "capped": True, "windowed": True}
    when = {"asked_at": at, "not_before": at, "deadline": at + days(30)}
    return Wish.model_validate({"message_id": UUID(int=no), **when, **marketing, **said})


def a_calendar(*instants: datetime, topic: str | None = None) -> Calendar:
    return Calendar(taken=tuple(Taken(at=at, mail_class="marketing", topic=topic) for at in instants))


def capped_by(*caps: PersonCap) -> SlotRules:
    return RULES.model_copy(update={"per_person": caps})


def slots(answers: tuple[Slot | TooLate, ...]) -> dict[int, datetime]:
    return {answer.message_id.int: answer.at for answer in answers if isinstance(answer, Slot)}


def test_a_third_mail_waits_until_the_first_leaves_the_cap() -> None:
    taken = (TUESDAY_9 - days(5), TUESDAY_9 - days(1))
    (slot,) = plan(a_calendar(*taken), [a_wish(1)], RULES, taken)
    cap = "no more than 2 mails in 7 days go to a person"
    assert slot == Slot(message_id=MessageId(UUID(int=1)), at=TUESDAY_9 + days(2), why=(cap,), codes=("cap",))


def test_mails_planned_together_keep_the_cap_too() -> None:
    answers = plan(Calendar(), [a_wish(no) for no in (1, 2, 3)], RULES, [])
    assert slots(answers) == {1: TUESDAY_9, 2: TUESDAY_9, 3: TUESDAY_9 + days(7)}


def test_a_mail_between_two_that_stand_keeps_the_cap_on_both_sides() -> None:
    taken = (TUESDAY_9 + days(1), TUESDAY_9 + days(6))
    (slot,) = plan(a_calendar(*taken), [a_wish(1)], RULES, [])
    assert isinstance(slot, Slot)
    assert slot.at == TUESDAY_9 + days(8)


def test_service_mail_goes_at_once_whatever_the_caps_and_windows() -> None:
    sunday = TUESDAY_9 - days(2)
    (slot,) = plan(
        a_calendar(sunday, sunday), [a_wish(1, sunday, mail_class="service", capped=False, windowed=False)], RULES, []
    )
    assert isinstance(slot, Slot)
    assert slot.at == sunday


def test_the_higher_priority_wins_a_scarce_slot_although_it_asked_later() -> None:
    news = a_wish(1, priority=33)
    answer = a_wish(2, TUESDAY_9 + timedelta(minutes=5), priority=32)
    assert slots(plan(a_calendar(TUESDAY_9), [news, answer], RULES, [])) == {
        2: TUESDAY_9 + timedelta(minutes=5),
        1: TUESDAY_9 + days(7),
    }


def test_a_mail_whose_time_has_come_is_not_pushed_aside_by_a_higher_one_that_asks_now() -> None:
    going = a_wish(1, priority=33, stands_at=TUESDAY_9, has_come=True)
    later = a_wish(2, priority=32)
    assert slots(plan(a_calendar(TUESDAY_9), [later, going], RULES, [])) == {1: TUESDAY_9, 2: TUESDAY_9 + days(7)}


def test_a_mail_whose_time_has_come_goes_no_more_when_its_window_is_over() -> None:
    going = a_wish(1, TUESDAY_9 + timedelta(hours=12), stands_at=TUESDAY_9, has_come=True)
    (slot,) = plan(Calendar(), [going], RULES, [])
    assert isinstance(slot, Slot)
    assert slot.at > TUESDAY_9 + timedelta(hours=12)


def test_a_full_hour_of_the_company_moves_the_mail_to_the_next() -> None:
    (slot,) = plan(Calendar(), [a_wish(1)], RULES, [TUESDAY_9] * 20)
    assert isinstance(slot, Slot)
    assert slot.at == TUESDAY_9 + timedelta(hours=1)


def test_a_mail_pushed_past_its_deadline_is_told_why() -> None:
    wish = a_wish(1, deadline=TUESDAY_9 + days(3))
    (late,) = plan(a_calendar(TUESDAY_9, TUESDAY_9), [wish], RULES, [])
    assert isinstance(late, TooLate)
    assert late.why == "no slot before 2026-03-06 09:00 UTC: no more than 2 mails in 7 days go to a person"


def test_a_mail_whose_window_opens_too_late_is_told_so() -> None:
    friday = TUESDAY_9 + days(3)
    (late,) = plan(Calendar(), [a_wish(1, friday, deadline=friday + days(2))], RULES, [])
    assert isinstance(late, TooLate)
    assert late.why.endswith("mail goes Tue, Wed, Thu 08:30-16:30 (UTC) only")


def test_a_cap_of_none_lets_nothing_through_and_says_so() -> None:
    (late,) = plan(Calendar(), [a_wish(1)], capped_by(PersonCap(count=0, within=days(7))), [])
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


def test_a_cap_on_a_topic_delays_that_topic_alone() -> None:
    once = PersonCap(count=1, within=days(3), topics=("webinars",))
    asked = [a_wish(1, topic="webinars"), a_wish(2, topic="webinars"), a_wish(3, topic="product"), a_wish(4)]
    answers = plan(Calendar(), asked, capped_by(once), [])
    # Three days later it is Friday, so the second goes when the window opens again on Tuesday.
    tuesday = TUESDAY_9 + days(7) - timedelta(minutes=30)
    assert slots(answers) == {1: TUESDAY_9, 3: TUESDAY_9, 4: TUESDAY_9, 2: tuesday}
    assert answers[1] == Slot(
        message_id=MessageId(UUID(int=2)),
        at=tuesday,
        why=(
            "no more than 1 mail about webinars in 3 days goes to a person",
            "mail goes Tue, Wed, Thu 08:30-16:30 (UTC) only",
        ),
        codes=("cap", "window"),
    )


def test_a_cap_on_a_class_counts_that_class_alone() -> None:
    once = PersonCap(count=1, within=days(1), classes=("one-to-one",))
    asked = [a_wish(1), a_wish(2), *(a_wish(no, mail_class="one-to-one", windowed=False) for no in (3, 4))]
    assert slots(plan(Calendar(), asked, capped_by(once), [])) == {
        1: TUESDAY_9,
        2: TUESDAY_9,
        3: TUESDAY_9,
        4: TUESDAY_9 + days(1),
    }


def test_all_caps_hold_at_once_and_each_that_stood_in_the_way_is_named() -> None:
    caps = capped_by(PersonCap(count=1, within=days(7)), PersonCap(count=1, within=days(14), topics=("webinars",)))
    (late,) = plan(a_calendar(TUESDAY_9, topic="webinars"), [a_wish(1, topic="webinars", deadline=day(10))], caps, [])
    assert isinstance(late, TooLate)
    assert late.why == (
        "no slot before 2026-03-13 09:00 UTC: no more than 1 mail in 7 days goes to a person; "
        "no more than 1 mail about webinars in 14 days goes to a person"
    )


def test_a_holiday_of_the_window_is_skipped_and_named() -> None:
    new_year_in_singapore = datetime(2026, 2, 17, 1, 0, tzinfo=UTC)  # a Tuesday
    off = DaysOff.under(MAIL, "sg")
    rules = RULES.model_copy(update={"zone": "Asia/Singapore", "off": off})
    (slot,) = plan(Calendar(), [a_wish(1, new_year_in_singapore)], rules, [])
    assert slot == Slot(
        message_id=MessageId(UUID(int=1)),
        at=datetime(2026, 2, 19, 0, 30, tzinfo=UTC),
        why=(
            "2026-02-17 is a holiday in SG (Chinese New Year)",
            "2026-02-18 is a holiday in SG (Chinese New Year)",
        ),
        codes=("day_off",),
    )


def test_a_pause_longer_than_a_mail_is_worth_expires_it_by_its_name() -> None:
    ramadan = Pause.model_validate({"from": "2026-02-18", "through": "2026-03-19", "why": "Ramadan"})
    rules = RULES.model_copy(update={"off": DaysOff("MY", (ramadan,))})
    (late,) = plan(Calendar(), [a_wish(1, deadline=day(7))], rules, [])
    assert isinstance(late, TooLate)
    assert late.why.endswith("UTC: no mail from 2026-02-18 through 2026-03-19 (Ramadan)")


def test_a_definition_of_before_says_its_only_cap_without_a_list() -> None:
    said = MAIL.model_dump(by_alias=True) | {"per_person": {"count": 2, "within": "7d"}}
    assert MailPolicy.model_validate(said).per_person == (PersonCap(count=2, within=days(7)),)


instants = st.integers(0, 40 * 24 * 4).map(lambda quarters: TUESDAY_9 + timedelta(minutes=15) * quarters)
classes = st.sampled_from(["marketing", "one-to-one"])
topics = st.sampled_from([None, "webinars", "product"])
taken_mails = st.lists(st.builds(Taken, at=instants, mail_class=classes, topic=topics), max_size=6)
person_caps = st.builds(
    PersonCap,
    count=st.integers(1, 3),
    within=st.sampled_from([days(1), days(3), days(7)]),
    classes=st.sampled_from([None, None, ("marketing",), ("marketing", "one-to-one")]),
    topics=st.sampled_from([None, None, ("webinars",), ("webinars", "product")]),
)
EASTER = Pause(from_=date(2026, 3, 20), through=date(2026, 4, 6), why="Easter", countries=("DE",))
FAIR = Pause(from_=date(2026, 3, 4), through=date(2026, 3, 5), why="the fair")
rules = st.builds(
    SlotRules,
    zone=st.sampled_from(ZONES),
    window=st.sampled_from([MAIL.window, Window(days=("mon", "sat"), from_=time(0), until=time(4))]),
    off=st.sampled_from([NOTHING_OFF, DaysOff("DE", (EASTER, FAIR), keeps_holidays=True), DaysOff(None, (FAIR,))]),
    per_person=st.lists(person_caps, max_size=3).map(tuple),
    per_company=st.builds(Cap, count=st.integers(1, 4), within=st.just(timedelta(hours=1))),
)


@st.composite
def wishes(draw: st.DrawFn) -> list[Wish]:
    made: list[Wish] = []
    for no in range(draw(st.integers(0, 8))):
        at = draw(instants)
        said = {
            "priority": draw(st.sampled_from([21, 31, 33, 35])),
            "mail_class": draw(classes),
            "topic": draw(topics),
            "not_before": at + draw(st.sampled_from([days(0), days(2)])),
            "deadline": at + draw(st.sampled_from([days(3), days(20), days(200)])),
            "capped": draw(st.booleans()),
            "windowed": draw(st.booleans()),
            "jitter": draw(st.sampled_from([timedelta(), timedelta(minutes=23)])),
        }
        made.append(a_wish(no + 1, at, **said))
    return made


@settings(max_examples=300)
@given(taken=taken_mails, others=st.lists(instants, max_size=8), asked=wishes(), rules=rules)
def test_no_sliding_span_ever_holds_more_than_any_cap_allows(
    taken: list[Taken], others: list[datetime], asked: list[Wish], rules: SlotRules
) -> None:
    company = [*(one.at for one in taken), *others]
    at_of = slots(plan(Calendar(taken=tuple(taken)), asked, rules, company))
    placed = [(wish, at_of[wish.message_id.int]) for wish in asked if wish.capped and wish.message_id.int in at_of]
    for cap in rules.per_person:
        mine = [at for wish, at in placed if cap.counts(wish.mail_class, wish.topic)]
        assert_never_more(cap, [one.at for one in taken if cap.counts(one.mail_class, one.topic)], mine)
    assert_never_more(rules.per_company, company, [at for _, at in placed])


def assert_never_more(cap: Cap, stands: list[datetime], placed: list[datetime]) -> None:
    """What already stood may break a cap of today; a plan must never add to it."""
    for at in placed:
        around = [one for one in [*stands, *placed] if abs(one - at) < cap.within]
        holding_it = [first for first in around if first <= at]
        fullest = max(sum(first <= one < first + cap.within for one in around) for first in holding_it)
        assert fullest <= cap.count


@settings(max_examples=300)
@given(taken=taken_mails, asked=wishes(), rules=rules)
def test_each_wish_gets_one_answer_in_its_window_on_no_day_off_after_it_asked_and_before_its_deadline(
    taken: list[Taken], asked: list[Wish], rules: SlotRules
) -> None:
    answers = plan(Calendar(taken=tuple(taken)), asked, rules, [one.at for one in taken])
    assert sorted(answer.message_id.int for answer in answers) == sorted(wish.message_id.int for wish in asked)
    for wish in asked:
        at = slots(answers).get(wish.message_id.int)
        if at is not None:
            assert wish.not_before <= at < wish.deadline
            assert not wish.windowed or in_window(at, rules.window, rules.zone, rules.off)


@given(taken=taken_mails, asked=wishes(), rules=rules)
def test_nothing_is_late_or_lost_without_a_reason(taken: list[Taken], asked: list[Wish], rules: SlotRules) -> None:
    wish_of = {wish.message_id: wish for wish in asked}
    for answer in plan(Calendar(taken=tuple(taken)), asked, rules, [one.at for one in taken]):
        if isinstance(answer, TooLate):
            assert " UTC: " in answer.why and "planned too late" not in answer.why
        else:
            assert bool(answer.why) == (answer.at != wish_of[answer.message_id].not_before)


@given(taken=taken_mails, asked=wishes(), rules=rules, data=st.data())
def test_the_same_wishes_in_any_order_are_planned_the_same(
    taken: list[Taken], asked: list[Wish], rules: SlotRules, data: st.DataObject
) -> None:
    shuffled, company = data.draw(st.permutations(asked)), [one.at for one in taken]
    assert plan(Calendar(taken=tuple(taken)), asked, rules, company) == plan(
        Calendar(taken=tuple(reversed(taken))), shuffled, rules, company
    )


@settings(max_examples=300)
@given(taken=taken_mails, asked=wishes(), rules=rules, at=instants, data=st.data())
def test_a_wish_of_lower_priority_never_moves_a_higher_one(
    taken: list[Taken], asked: list[Wish], rules: SlotRules, at: datetime, data: st.DataObject
) -> None:
    company = [one.at for one in taken]
    lower = a_wish(99, at, priority=data.draw(st.sampled_from([22, 32, 34, 36])), topic=data.draw(topics))
    before = plan(Calendar(taken=tuple(taken)), asked, rules, company)
    after = plan(Calendar(taken=tuple(taken)), [*asked, lower], rules, company)
    higher = sum(wish.priority < lower.priority for wish in asked)
    assert after[:higher] == before[:higher]


@given(taken=taken_mails, asked=wishes(), rules=rules, share=st.floats(0, 1))
def test_what_was_planned_stands_when_it_is_planned_again_later(
    taken: list[Taken], asked: list[Wish], rules: SlotRules, share: float
) -> None:
    company = [one.at for one in taken]
    first = slots(plan(Calendar(taken=tuple(taken)), asked, rules, company))
    if not first:
        return
    begins = min(wish.not_before for wish in asked)
    later = begins + (min(first.values()) - begins) * share
    standing = [
        wish.model_copy(update={"not_before": max(wish.not_before, later), "stands_at": first[wish.message_id.int]})
        for wish in asked
        if wish.message_id.int in first
    ]
    assert slots(plan(Calendar(taken=tuple(taken)), standing, rules, company)) == first


@given(asked=wishes(), rules=rules)
def test_a_mail_that_has_gone_leaves_the_others_where_they_were_or_earlier(asked: list[Wish], rules: SlotRules) -> None:
    still = [wish.model_copy(update={"jitter": timedelta()}) for wish in asked]
    answers = [answer for answer in plan(Calendar(), still, rules, []) if isinstance(answer, Slot)]
    capped = {wish.message_id: wish for wish in still if wish.capped}
    first = next((answer for answer in answers if answer.message_id in capped), None)
    if first is not None:
        rest = [wish for wish in still if wish.message_id != first.message_id]
        gone = capped[first.message_id]
        taken = Taken(at=first.at, mail_class=gone.mail_class, topic=gone.topic)
        again = slots(plan(Calendar(taken=(taken,)), rest, rules, [first.at]))
        assert again == {no: at for no, at in slots(tuple(answers)).items() if no != first.message_id.int}


@given(taken=taken_mails, rules=rules, asked=instants, topic=topics)
def test_no_earlier_quarter_of_an_hour_was_free(
    taken: list[Taken], rules: SlotRules, asked: datetime, topic: str | None
) -> None:
    wish = a_wish(1, asked, deadline=asked + days(400), topic=topic)
    (slot,) = plan(Calendar(taken=tuple(taken)), [wish], rules, [])
    assert isinstance(slot, Slot)

    def keeps(cap: PersonCap, at: datetime) -> bool:
        together = [*(one.at for one in taken if cap.counts(one.mail_class, one.topic)), at]
        starts = [first for first in together if at - cap.within < first <= at]
        return all(sum(first <= one < first + cap.within for one in together) <= cap.count for first in starts)

    def fits(at: datetime) -> bool:
        in_time = in_window(at, rules.window, rules.zone, rules.off)
        return in_time and all(keeps(cap, at) for cap in rules.per_person if cap.counts("marketing", topic))

    quarter = timedelta(minutes=15)
    assert not any(fits(asked + quarter * step) for step in range((slot.at - asked) // quarter))
