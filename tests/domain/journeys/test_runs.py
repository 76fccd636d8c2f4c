"""Do leads enter, leave and wake up in the journeys they should?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.doors import Doors
from leadloom.domain.journeys.entry import Against, Knock
from leadloom.domain.journeys.journey import Entry, Exclusive, Journey
from leadloom.domain.journeys.runs import admit
from leadloom.domain.standing import CodeEntry, EndedRun, PublishedJourney, Standing
from tests.domain.a_run import DAY_0, a_journey, days
from tests.domain.a_standing import (
    DEFINITION,
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


def test_an_event_asks_only_at_the_doors_that_its_kind_or_a_stage_may_open() -> None:
    guide, mql, other = (
        WELCOME.but(enter=Entry(events=("guide_requested",))),
        WELCOME.but(enter=Entry(stages=("mql",))),
        WELCOME.but(enter=Entry(events=("reply",))),
    )
    first, by_stage, last = (PublishedJourney(hash="same", journey=each) for each in (guide, mql, other))
    doors = Doors([first, by_stage, last])

    assert doors.open_to("guide_requested") == (first, by_stage)
    assert doors.open_to("reply") == (by_stage, last)
    assert doors.open_to("won") == (by_stage,)
    assert doors and not Doors(())


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


def test_a_colleague_s_run_is_woken_by_what_its_exits_say_of_the_company_and_by_nothing_else() -> None:
    exits = [{"events": ["reply"], "of": "company", "outcome": "they answered"}]
    cadence = Journey.model_validate({**WELCOME.model_dump(by_alias=True), "exit": exits})
    theirs, deaf = a_run(cadence, 1, listens=["article_read"]), a_run(WELCOME, 2, listens=["reply"])
    standing = a_standing(account_runs=(theirs, deaf))

    assert after(standing, a_draft("reply")).wakes == (theirs.enrolment_id,)
    assert after(standing, a_draft("reply")).exits == ()
    assert after(standing, a_draft("article_read")).wakes == ()


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


def a_door(name: str = "test", *, group: str | None = None, when_busy: str = "wait", **enter: Any) -> Journey:
    exclusive = None if group is None else Exclusive.model_validate({"group": group, "when_busy": when_busy})
    return WELCOME.model_copy(update={"name": name, "enter": Entry(**enter), "exclusive": exclusive})


def test_coming_to_a_stage_lets_in_once_and_standing_there_does_not() -> None:
    door = a_door(stages=("inquiry",), again="concurrent")
    came = after(a_standing("aware"), a_draft("guide_requested"), a_draft("price_page"), journeys=[door])
    stood = after(a_standing("inquiry"), a_draft("price_page"), journeys=[door])
    assert [(enrol.key, enrol.entered_by) for enrol in came.enrol] == [("event/1", "stage:inquiry")]
    assert stood.enrol == ()


def test_the_newcomer_replaces_the_other_journey_of_its_group() -> None:
    other = a_run(a_door("spring", group="offers", events=("webinar_attended",)))
    newcomer = a_door(group="offers", when_busy="replace", events=("price_page",))
    found = after(a_standing(runs=(other,)), a_draft("price_page"), journeys=[newcomer])
    assert [(run.enrolment_id, run.outcome) for run in found.exits] == [(other.enrolment_id, "replaced by test")]
    assert [enrol.journey for enrol in found.enrol] == ["test"]


@pytest.mark.parametrize(("when_busy", "entered"), [("wait", ["test"]), ("refuse", []), ("replace", ["test"])])
def test_a_busy_group_lets_wait_replaces_or_refuses(when_busy: str, entered: list[str]) -> None:
    busy = a_standing(runs=(a_run(a_door("spring", group="offers", events=("webinar_attended",))),))
    door = a_door(group="offers", when_busy=when_busy, events=("price_page",))
    assert [enrol.journey for enrol in after(busy, a_draft("price_page"), journeys=[door]).enrol] == entered


def test_who_leaves_the_other_journey_with_the_same_event_is_not_refused() -> None:
    leaving = a_door("spring", group="offers", events=("webinar_attended",)).model_copy(
        update={"goal": ("price_page",)}
    )
    door = a_door(group="offers", when_busy="refuse", events=("price_page",))
    found = after(a_standing(runs=(a_run(leaving),)), a_draft("price_page"), journeys=[door])
    assert [enrol.journey for enrol in found.enrol] == ["test"]


def test_of_two_that_replace_each_other_with_one_event_one_is_left() -> None:
    doors = [a_door(name, group="offers", when_busy="replace", events=("price_page",)) for name in ("one", "two")]
    assert [enrol.journey for enrol in after(a_standing(), a_draft("price_page"), journeys=doors).enrol] == ["two"]


def test_the_entry_sees_tags_and_the_journeys_the_lead_has_just_left() -> None:
    condition = Condition.model_validate({"tag": ["vip"], "was_in": ["spring"], "not": {"in_journey": ["spring"]}})
    leaving = a_run(a_door("spring", events=("webinar_attended",)).model_copy(update={"goal": ("price_page",)}))
    door = a_door(events=("price_page",), when=condition)

    def entered(**known: Any) -> list[str]:
        found = after(a_standing(runs=(leaving,), **known), a_draft("price_page"), journeys=[door])
        return [enrol.journey for enrol in found.enrol]

    assert (entered(tags=("vip",)), entered()) == (["test"], [])


KINDS = ("price_page", "guide_requested", "webinar_attended", "unsubscribed")
ENTRIES = st.fixed_dictionaries(
    {
        "events": st.lists(st.sampled_from(KINDS[:3]), min_size=1, max_size=3).map(tuple),
        "stages": st.sampled_from([(), ("inquiry",), ("mql", "inquiry")]),
        "again": st.sampled_from(["never", "after exit", "concurrent"]),
        "key": st.sampled_from([None, "deal"]),
        "data": st.sampled_from([None, {"deal": "D-1"}]),
    }
)
DOORS = st.tuples(ENTRIES, st.sampled_from([None, "offers"]), st.sampled_from(["wait", "replace", "refuse"]))
EVENTS = st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from([None, "D-1", "D-2", 3])), min_size=1, max_size=9)


def _lived(standing: Standing, kind: str, deal: object, doors: list[Journey], no: int) -> Standing:
    """How the lead stands after the event, with the runs it ended and began."""
    draft = a_draft(kind, DAY_0 + days(no), data={} if deal is None else {"deal": deal})
    found = after(standing, draft, at=DAY_0 + days(no), journeys=doors)
    gone = {one.enrolment_id for one in found.exits}
    bodies = {door.name: door for door in doors}
    begun = tuple(
        a_run(bodies[one.journey], 10 * no + place).but(key=one.key, place=one.place)
        for place, one in enumerate(found.enrol)
    )
    ended = tuple(
        EndedRun(journey=run.journey, key=run.key, place=run.place, ended_at=DAY_0 + days(no))
        for run in standing.runs
        if run.enrolment_id in gone
    )
    stages = {**standing.stages, **{change.track: change.to_stage for change in found.changes}}
    return standing.but(
        runs=(*(run for run in standing.runs if run.enrolment_id not in gone), *begun),
        ended_runs=(*standing.ended_runs, *ended),
        stages=stages,
        last_event_no=no,
    )


@given(doors=st.lists(DOORS, min_size=1, max_size=3), happened=EVENTS)
def test_whatever_happens_no_place_has_two_open_runs_and_each_refusal_one_reason(
    doors: list[tuple[dict[str, Any], str | None, Any]], happened: list[tuple[str, object]]
) -> None:
    journeys = [
        a_door(f"door-{no}", group=group, when_busy=busy, **enter) for no, (enter, group, busy) in enumerate(doors)
    ]
    standing = a_standing()
    for no, (kind, deal) in enumerate(happened, 1):
        standing = _lived(standing, kind, deal, journeys, no)
        places = [(run.journey, run.place) for run in standing.runs]
        assert len(places) == len(set(places))
        keys = [(run.journey, run.key) for run in (*standing.runs, *standing.ended_runs)]
        assert len(keys) == len(set(keys))
    for journey in journeys:
        knock = Knock(by="test", why="test", no=99, occasion="test")
        published = PublishedJourney(hash="h", journey=journey)
        answer = admit(DEFINITION, published, knock, standing=standing, at=DAY_0 + days(99))
        assert (answer.enrol is None) != (answer.against is None)
        assert answer.against is None or answer.against.code in Against
