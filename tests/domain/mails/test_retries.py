"""When is a deferred mail tried again, and when is a relay left alone?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from leadloom.domain.mails.ours import is_ours
from leadloom.domain.mails.outcome import Deferred, SendOutcome, Sent
from leadloom.domain.mails.retries import FIRST, IN_A_ROW, asked_delay, next_try, relay_rests, rest_of
from leadloom.domain.model import MessageId

AT = datetime(2026, 3, 3, 15, tzinfo=UTC)
CLAIM = UUID(int=1)


def later(no: int, minutes: int = 1) -> Deferred:
    until = AT + timedelta(minutes=minutes)
    return Deferred(message_id=MessageId(UUID(int=no)), claim=CLAIM, until=until, reply=f"451 no {no}")


def went(no: int) -> Sent:
    return Sent(message_id=MessageId(UUID(int=no)), claim=CLAIM, reply="250 ok")


def test_the_first_try_comes_soon_and_the_others_ever_later_up_to_four_hours() -> None:
    waits = [next_try(tries, MessageId(UUID(int=0)), owner=False) for tries in range(12)]
    assert waits[:4] == [FIRST, 2 * FIRST, 4 * FIRST, 8 * FIRST]
    assert waits[-1] == timedelta(hours=4)


def test_a_relay_that_defers_all_of_its_last_answers_is_left_alone_until_the_first_of_them_is_due() -> None:
    answers: list[SendOutcome] = [later(no, minutes=no + 1) for no in range(IN_A_ROW)]
    rests = relay_rests(answers)
    assert rests is not None
    assert rests.until == AT + timedelta(minutes=1)


def test_a_relay_that_took_one_of_its_last_mails_is_not_left_alone() -> None:
    assert relay_rests([*(later(no) for no in range(IN_A_ROW - 1)), went(9)]) is None
    assert relay_rests([later(no) for no in range(IN_A_ROW - 1)]) is None


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        ("4.7.1 greylisted, please try again in 300 seconds", 300),
        ("4.7.1 Try again later: wait 5 minutes", 300),
        ("4.2.0 greylisted, retry after 60s", 60),
        ("4.7.28 try again in 1 hour", 3600),
        ("4.3.2 try again later", 0),
        ("4.7.0 [192.0.2.7] 421 too many, see https://x.example/300", 0),
        ("4.7.1 come back in 90 hours", 4 * 3600),
    ],
)
def test_a_relay_that_says_when_to_come_back_is_heard(reply: str, seconds: int) -> None:
    assert asked_delay(reply, MessageId(UUID(int=0))) == timedelta(seconds=seconds)


def test_who_was_told_the_same_time_comes_back_spread_over_a_twentieth_of_it() -> None:
    waits = {asked_delay("try again in 300 seconds", MessageId(UUID(int=no << 8))) for no in range(1000)}
    assert min(waits) == timedelta(seconds=300)
    assert timedelta(seconds=310) < max(waits) <= timedelta(seconds=315)


def test_a_group_that_is_tried_in_vain_rests_twice_as_long_each_time_up_to_four_hours() -> None:
    told = AT + timedelta(minutes=1)
    rests = [rest_of(("main", "google"), failures, at=AT, told=told) - AT for failures in range(12)]
    assert rests[0] == timedelta(minutes=1)
    assert rests == sorted(rests)
    assert timedelta(minutes=2) <= rests[1] <= timedelta(minutes=2.5)
    assert timedelta(hours=4) <= rests[-1] <= timedelta(hours=5)


@pytest.mark.parametrize(
    ("code", "reply", "ours"),
    [
        (550, "5.7.1 Service unavailable; client host blocked using a block list", True),
        (550, "5.7.26 This mail is unauthenticated", True),
        (550, "5.7.515 Access denied, sending domain does not meet the required authentication level", True),
        (550, "5.1.1 nobody of that name", False),
        (552, "5.2.2 mailbox full", False),
        (552, "5.3.4 message too big", False),
    ],
)
def test_a_refusal_that_is_about_us_is_told_from_one_about_the_mail(code: int, reply: str, *, ours: bool) -> None:
    assert is_ours(code, reply) is ours
