"""Are faulty journeys found out before they are published, each by a story a person can follow?"""

from __future__ import annotations

import pytest

from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.errors import Faulty
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_check import read_journey
from leadloom.runtime.promise_search import refuse_broken, search
from tests.world import definition

HEAD = """
name: seeded
purpose: To break a promise.
owner: priya-nair
sender: priya-nair
enter: {events: [article_read]}
"""
CUSTOMERS = "audience: customer\n"
"""Mail of prospects is held while a deal is open: such a journey keeps the promise by itself."""
TWO_LETTERS = """steps:
  - {do: send, id: one, mail: letter}
  - {do: wait, id: week, for: 7d}
  - {do: send, id: two, mail: letter}
"""
OPEN_WAIT = """steps:
  - {do: wait, id: until, before: 5d, field: audit_date}
  - {do: send, id: due, mail: letter}
"""
SERVICE_LOOP = """steps:
  - {do: send, id: one, mail: letter, class: service}
  - {do: wait_for, id: heard, events: [reply], within: 20d, then: again, otherwise: end}
  - {do: go, id: again, to: one, visits: 9}
"""
ASKS_FIRST = """steps:
  - {do: branch, id: may, cases: [{when: {basis: marketing}, go: one}], otherwise: end}
  - {do: send, id: one, mail: letter}
"""


def a_journey(promise: str, steps: str, exits: str = "") -> Journey:
    return read_journey(DraftText("seeded.yaml", f"{HEAD}{exits}promises: {{{promise}}}\n{steps}"))


@pytest.mark.parametrize(
    ("promise", "steps", "told"),
    [
        ("never_after: [sql]", TWO_LETTERS, ("at sql", "a mail goes after the stage sql")),
        ("ends_within: 100d", OPEN_WAIT, ("whose audit_date is", "the run lasts longer than 100 days")),
        ("at_most: {count: 3, within: 7d}", SERVICE_LOOP, ("reply", "it is mail 4 in 7 days")),
        ("never_without_basis: true", TWO_LETTERS, ("who may get no marketing mail", "a marketing mail is planned")),
    ],
)
def test_each_kind_of_broken_promise_is_found_with_its_story(promise: str, steps: str, told: tuple[str, ...]) -> None:
    found = search(definition(), a_journey(promise, steps, CUSTOMERS))
    assert found.broken is not None
    story = "\n".join(found.story)
    assert [words for words in told if words not in story] == []
    with pytest.raises(Faulty, match="--despite-promise WHY"):
        refuse_broken([found])


def test_the_story_holds_nothing_that_the_fault_does_not_need() -> None:
    found = search(definition(), a_journey("never_after: [sql]", TWO_LETTERS, CUSTOMERS))
    kinds = ("deal opened", "unsubscribed", "link clicked", "demo requested", "reply", "hand off", "deal won")
    assert [kind for kind in kinds if any(kind in line for line in found.story)] in (["deal opened"], [])
    assert found.story[-1] == "  ✗ here: a mail goes after the stage sql"


@pytest.mark.parametrize(
    "journey",
    [
        a_journey("never_after: [sql]", TWO_LETTERS),
        a_journey("ends_within: 20d", TWO_LETTERS),
        a_journey("at_most: {count: 2, within: 7d}", TWO_LETTERS),
        a_journey("never_without_basis: true", ASKS_FIRST),
    ],
    ids=["held for sales", "ends in time", "keeps the cap", "asks first"],
)
def test_a_journey_that_keeps_its_promises_passes_and_the_size_of_the_search_is_told(journey: Journey) -> None:
    found = search(definition(), journey)
    assert (found.broken, found.story) == (None, ())
    assert found.stories >= 50
    refuse_broken([found])


def test_the_same_seed_finds_the_same_story() -> None:
    journey = a_journey("at_most: {count: 3, within: 7d}", SERVICE_LOOP)
    assert search(definition(), journey, seed=7) == search(definition(), journey, seed=7)
