"""How long effects may take, how failures are named, and which effects are sweeps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import wraps
from typing import ParamSpec, TypedDict, TypeVar

from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

from activities.answers import TRANSIENT
from activities.heartbeat import MISSED_AFTER, lives
from leadloom.domain.errors import LeadloomError, Permanent, Transient

P = ParamSpec("P")
R = TypeVar("R")


class LocalTiming(TypedDict):
    """Options of a local activity: one short transaction beside the workflow task."""

    start_to_close_timeout: timedelta
    retry_policy: RetryPolicy


class Timing(LocalTiming, total=False):
    """Options of a regular activity."""

    heartbeat_timeout: timedelta
    task_queue: str


ONE_TRANSACTION = LocalTiming(
    start_to_close_timeout=timedelta(seconds=20),
    # Three tries, then the run is shown as blocked (law 7). Tries are close together: a service that is away is
    # waited for by the workflow, with a timer, not here.
    retry_policy=RetryPolicy(
        maximum_attempts=3, initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=1)
    ),
)
"""Timing of every effect that is one transaction on our own database."""


def names_failures(effect: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Translate domain errors into failures by branch, so that a workflow tells waiting from blocking.

    Only our own errors keep their words: a driver's message may quote a row, and rows hold persons (law 2).
    Regular activities say that they live, too.
    """

    alive = lives(effect)

    @wraps(effect)
    async def translated(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await alive(*args, **kwargs)
        except Transient as error:
            raise ApplicationError(type(error).__name__, type=TRANSIENT) from None
        except Permanent as error:
            raise ApplicationError(type(error).__name__, type=type(error).__name__) from None
        except LeadloomError:
            raise
        except ApplicationError:
            raise
        except Exception as error:
            raise ApplicationError(f"{type(error).__name__} in {effect.__name__}", type=type(error).__name__) from None

    return translated


def sweep(effect: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Mark an activity as a repair that maintenance runs by turns; the catalog finds it."""
    effect.sweep_name = effect.__name__  # type: ignore[attr-defined]  a mark on a function, read by the catalog
    return effect


SWEEP = Timing(
    start_to_close_timeout=timedelta(minutes=2),
    heartbeat_timeout=MISSED_AFTER,
    retry_policy=RetryPolicy(maximum_attempts=2, initial_interval=timedelta(seconds=5)),
)
"""Timing of a repair: the next round is the real retry."""
