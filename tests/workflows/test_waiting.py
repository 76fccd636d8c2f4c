"""Is a worker that died told from a service that is away? Else six kills in a row make a lane stand still."""

from __future__ import annotations

import pytest
from temporalio.exceptions import ActivityError, ApplicationError, FailureError, RetryState, TimeoutError, TimeoutType

from workflows.waiting import lost_its_worker


def of_activity(cause: FailureError) -> ActivityError:
    """As a workflow meets it."""
    failure = ActivityError(
        "Activity task timed out", scheduled_event_id=5, started_event_id=6, identity="worker-2",
        activity_type="drain", activity_id="1", retry_state=RetryState.MAXIMUM_ATTEMPTS_REACHED,
    )  # fmt: skip
    failure.__cause__ = cause
    return failure


def timeout(kind: TimeoutType) -> TimeoutError:
    return TimeoutError("timed out", type=kind, last_heartbeat_details=[])


def test_a_worker_that_fell_silent_is_lost() -> None:
    assert lost_its_worker(of_activity(timeout(TimeoutType.HEARTBEAT)))


@pytest.mark.parametrize("kind", [TimeoutType.SCHEDULE_TO_START, TimeoutType.START_TO_CLOSE])
def test_one_that_is_slow_or_has_not_begun_is_not(kind: TimeoutType) -> None:
    assert not lost_its_worker(of_activity(timeout(kind)))


def test_a_service_that_is_away_is_not() -> None:
    assert not lost_its_worker(of_activity(ApplicationError("Unreachable", type="Transient")))
