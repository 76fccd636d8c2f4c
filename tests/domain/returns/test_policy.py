"""What follows from what came back: the table of mail.md §3, row by row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leadloom.domain.returns.kind import Kind, Reason
from leadloom.domain.returns.policy import OF_BOUNCE, Before, Effect, effect_of, suppresses

DAY = timedelta(days=1)
NOW = datetime(2026, 3, 3, 15, tzinfo=UTC)

TABLE = {
    Effect.SUPPRESS: {Reason.UNKNOWN_USER, Reason.UNKNOWN_DOMAIN, Reason.MOVED},
    Effect.SUPPRESS_IF_AGAIN: {Reason.DISABLED, Reason.FILTERED},
    Effect.SUPPRESS_IF_STAYS: {Reason.MAILBOX_FULL},
    Effect.SLOW_GROUP: {Reason.REPUTATION, Reason.POLICY, Reason.SPAM, Reason.AUTH, Reason.RATE},
    Effect.TEMPLATE_FAULT: {Reason.TOO_BIG, Reason.CONTENT, Reason.SYNTAX},
    Effect.NOTHING: {Reason.TIMEOUT, Reason.NETWORK, Reason.RELAY},
    Effect.LOOK: {Reason.UNKNOWN},
}


def test_each_reason_has_the_effect_of_the_table() -> None:
    assert {effect: {each for each in Reason if OF_BOUNCE[each] is effect} for effect in TABLE} == TABLE
    assert set(OF_BOUNCE) == set(Reason)


@pytest.mark.parametrize(
    ("kind", "effect"),
    [
        (Kind.COMPLAINT, Effect.SUPPRESS),
        (Kind.UNKNOWN, Effect.LOOK),
        *((kind, Effect.NOTHING) for kind in (Kind.DELAYED, Kind.DELIVERED, Kind.AUTO_REPLY, Kind.REPLY)),
    ],
)
def test_only_bounces_and_complaints_do_anything_to_an_address(kind: Kind, effect: Effect) -> None:
    assert effect_of(kind) is effect


def before(reason: Reason, *days_ago: float) -> list[Before]:
    return [Before(reason=reason, at=NOW - DAY * days) for days in days_ago]


@pytest.mark.parametrize(
    ("reason", "days_ago", "alive_days_ago", "dead"),
    [
        (Reason.UNKNOWN_USER, (), None, True),
        (Reason.DISABLED, (), None, False),
        (Reason.DISABLED, (6,), None, False),
        (Reason.DISABLED, (7,), None, True),
        (Reason.DISABLED, (7,), 3, False),
        (Reason.MAILBOX_FULL, (14,), None, False),
        (Reason.MAILBOX_FULL, (10, 5), None, False),
        (Reason.MAILBOX_FULL, (14, 5), None, True),
        (Reason.MAILBOX_FULL, (14, 5), 6, False),
        (Reason.SPAM, (30, 20, 10), None, False),
        (Reason.UNKNOWN, (30, 20, 10), None, False),
    ],
)
def test_a_mailbox_that_may_come_back_is_given_its_time(
    reason: Reason, days_ago: tuple[float, ...], alive_days_ago: float | None, dead: bool
) -> None:
    alive_at = None if alive_days_ago is None else NOW - DAY * alive_days_ago
    assert suppresses(reason, before(reason, *days_ago), alive_at=alive_at, at=NOW) is dead


def test_another_reason_before_counts_for_nothing() -> None:
    assert not suppresses(Reason.DISABLED, before(Reason.MAILBOX_FULL, 30, 20, 10), alive_at=None, at=NOW)
