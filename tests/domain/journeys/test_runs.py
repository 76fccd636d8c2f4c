"""Do leads enter, leave and wake up in the journeys they should?"""

from __future__ import annotations

import pytest

from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.journey import Entry
from leadloom.domain.standing import CodeEntry, EndedRun
from tests.domain.a_run import DAY_0, a_journey, days
from tests.domain.a_standing import (
    a_draft,
    a_lead,
    a_run,
    a_standing,
    after,
)

WELCOME = a_journey("  - {do: wait, id: pause, for: 3d}\n")
CIRCLE = CodeEntry(name="buying-circle", workflow="BuyingCircle", events=("article_read",), per="account")


def test_the_lead_enters_the_journey_that_the_event_opens() -> None:
    found = after(a_standing(), a_draft("guide_requested"), journeys=[WELCOME])

    (enrol,) = found.enrol
    assert (enrol.journey, enrol.journey_hash, enrol.key) == ("test", "hash of test", "once")
    assert (enrol.progress.step, enrol.progress.arrived_no, enrol.prospect) == ("pause", 1, True)


def test_nobody_is_in_a_journey_twice_nor_again_when_it_is_for_once() -> None:
    inside = a_standing(runs=(a_run(WELCOME),))
    was_in = a_standing(ended_runs=(EndedRun(journey="test", key="once", ended_at=DAY_0),))

    assert after(inside, a_draft("guide_requested"), journeys=[WELCOME]).enrol == ()
    assert after(was_in, a_draft("guide_requested"), journeys=[WELCOME]).enrol == ()
    assert len(after(a_standing(), *[a_draft("guide_requested")] * 2, journeys=[WELCOME]).enrol) == 1


def test_an_exit_ends_the_run_by_the_version_it_runs_and_wakes_the_others_that_listen() -> None:
    leaving = a_run(WELCOME, 1, listens=["unsubscribed"])
    listening = a_run(None, 2, name="circle", listens=["unsubscribed"])
    deaf = a_run(None, 3, name="other", listens=["reply"])

    found = after(a_standing(runs=(leaving, listening, deaf)), a_draft("unsubscribed"))

    assert [(run.enrolment_id, run.outcome) for run in found.exits] == [(leaving.enrolment_id, "asked us to stop")]
    assert found.wakes == (listening.enrolment_id,)


def test_who_leaves_in_the_same_breath_never_entered() -> None:
    found = after(a_standing(), a_draft("guide_requested"), a_draft("unsubscribed"), journeys=[WELCOME])

    assert (found.enrol, found.exits) == ((), ())


def test_a_journey_per_company_starts_once_and_hears_the_colleagues() -> None:
    colleague = a_run(None, 7, name="buying-circle", listens=["article_read"])

    alone = after(a_standing(), a_draft("article_read"), code=[CIRCLE])
    together = after(a_standing(account_runs=(colleague,)), a_draft("article_read"), code=[CIRCLE])

    assert [(enrol.journey, enrol.journey_hash, enrol.workflow) for enrol in alone.enrol] == [
        ("buying-circle", None, "BuyingCircle")
    ]
    assert (together.enrol, together.wakes) == ((), (colleague.enrolment_id,))


@pytest.mark.parametrize(
    "changes", [{"open_deal": True}, {"stage": "sal"}, {"lead": a_lead(account_id=None), "account": None}]
)
def test_a_prospect_journey_as_code_waits_outside_while_sales_talks_or_no_company_is_known(
    changes: dict[str, object],
) -> None:
    assert after(a_standing(**changes), a_draft("article_read"), code=[CIRCLE]).enrol == ()


def test_the_reason_of_a_hand_off_is_known_to_the_journey_it_opens() -> None:
    door = Entry(events=("hand_off_recycled",), when=Condition(recycled_for=("not-yet",)))
    journey = WELCOME.model_copy(update={"enter": door})
    given_back = {"kind": "scored-mql", "until": (DAY_0 + days(9)).isoformat()}

    def entered(reason: str) -> list[str]:
        recycled = a_draft("hand_off_recycled", data={**given_back, "reason": reason})
        return [enrol.journey for enrol in after(a_standing("mql"), recycled, journeys=[journey]).enrol]

    assert (entered("not-yet"), entered("other")) == (["test"], [])
