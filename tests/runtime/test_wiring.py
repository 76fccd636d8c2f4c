"""What an open house does to its process: what was let go when it was old is gone soon."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from leadloom.runtime.wiring import spare_the_collector

_A_RUN = 200
"""Objects that a run leaves in a worker's cache."""


class Evicted:
    """What refers to itself, as a workflow and its tasks do."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def a_process_that_has_just_begun() -> Iterator[None]:
    """The collector as Python starts it, and as it was afterwards."""
    before = gc.get_threshold()
    gc.unfreeze()
    gc.collect()
    gc.set_threshold(700, 10, 10)
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.mark.usefixtures("a_process_that_has_just_begun")
def test_what_a_worker_let_go_is_gone_before_two_thousand_more_runs_came() -> None:
    spare_the_collector()
    run = Evicted()
    gc.collect()  # it stayed in the cache for long
    gone = weakref.ref(run)
    del run

    cached: list[list[int]] = [[] for _ in range(2_000 * _A_RUN)]

    assert gone() is None, f"still there, with {len(cached)} objects made since"
