"""May a person let a run go on before its wait is over, and where does it go then?"""

from __future__ import annotations

import pytest

from leadloom.domain.errors import Conflict
from leadloom.domain.facts import Facts, MessageStatus
from leadloom.domain.journeys.hurrying import hurried
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.moves import Do, Skip
from leadloom.domain.journeys.progress import begin
from tests.domain.a_run import DAY_0, a_journey, a_mail, day, facts

TWO = "- {do: wait, id: w, for: 14d}\n- {do: send, id: s, mail: hello}"
HEARS = (
    "- {do: wait_for, id: w, events: [reply], within: 9d, then: end, otherwise: s}\n- {do: send, id: s, mail: hello}"
)
CALL = "- {do: task, id: t, to: owner, words: Call, within: 2d}\n- {do: send, id: s, mail: hello}"


def go_on(journey: Journey, known: Facts) -> Do:
    return hurried(journey, begin(journey, DAY_0, 0), known, day(1), by="samira-haddad", why="they called")


def test_a_wait_for_time_ends_at_once_and_the_run_is_on_its_next_step() -> None:
    move = go_on(a_journey(TWO), facts())
    assert (move.then.step, move.then.arrived_at) == ("s", day(1))
    assert isinstance(move.effect, Skip)
    assert move.effect.why == "samira-haddad let it go on before 14 days after arriving here"
    assert (move.why["let on by"], move.why["to"], move.why["because"]) == ("samira-haddad", "s", "they called")


def test_a_wait_for_the_lead_goes_where_silence_leads() -> None:
    assert go_on(a_journey(HEARS), facts()).then.step == "s"


def test_what_somebody_of_ours_owes_is_not_hurried() -> None:
    with pytest.raises(Conflict, match="answer the task"):
        journey = a_journey(CALL)
        run = begin(journey, DAY_0, 0).but(begun=True)
        hurried(journey, run, facts(), day(1), by="samira-haddad")


def test_a_mail_on_its_way_is_skipped_not_hurried() -> None:
    journey = a_journey("- {do: send, id: a, mail: hello}\n- {do: send, id: s, mail: hello}")
    run = begin(journey, DAY_0, 0).but(step="s", arrived_at=DAY_0, visits={"a": 1, "s": 1})
    known = facts(mails=(a_mail("a", day(2), status=MessageStatus.RESERVED),))
    with pytest.raises(Conflict, match="the mail of step a to go out"):
        hurried(journey, run, known, day(1), by="samira-haddad")
