"""When is a deferred mail tried again, and when is a relay left alone?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from leadloom.domain.mails.outcome import Deferred, SendOutcome, Sent
from leadloom.domain.mails.retries import FIRST, IN_A_ROW, next_try, relay_rests
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
