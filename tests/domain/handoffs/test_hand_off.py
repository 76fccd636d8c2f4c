"""Is every offered lead answered by somebody in the end, and does each decision mean what its chip says?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.definition_check import read_definition
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.handoffs.deciding import Decided, decide
from leadloom.domain.handoffs.hand_off import (
    Done,
    HandOffMove,
    HandOffState,
    MissedFirstTry,
    Offer,
    Remind,
    SeekRoom,
    Wait,
    calendar_of,
    next_hand_off_move,
)
from leadloom.domain.handoffs.working_time import WorkCalendar

KELVANCE: Definition = read_definition(
    DraftText("definition.yaml", (Path(__file__).parents[3] / "definition.yaml").read_text(encoding="utf-8")),
)
HANDLES = [entry.handle for entry in KELVANCE.owners]
INES, JONAS, GRETA, MARCUS, HANA = "ines-carvalho", "jonas-brandt", "greta-lindqvist", "marcus-oyelaran", "hana-sato"


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


TUESDAY_TEN = berlin("2026-03-03 10:00")


def days_on(days: int) -> datetime:
    return TUESDAY_TEN + timedelta(days=days)


def opened(kind: str = "hand-raise", owner: str | None = INES, at: datetime = TUESDAY_TEN) -> HandOffState:
    pool = None if owner else "sales"
    return HandOffState(
        kind=kind, state="offered", owner=owner, pool=pool, assignment_no=0, level=0, opened_at=at,
    )  # fmt: skip


def next_move(state: HandOffState, at: datetime, *, away: tuple[str, ...] = ()) -> HandOffMove:
    calendar: WorkCalendar | None = calendar_of(KELVANCE, state.owner) if state.owner else None
    return next_hand_off_move(KELVANCE, state, calendar, away, at)


def applied(state: HandOffState, move: HandOffMove, at: datetime) -> HandOffState:
    """What the store's row says once the move is done."""
    match move:
        case Offer():
            return state.model_copy(
                update={
                    "owner": move.owner, "pool": move.pool, "level": move.level, "accept_by": move.accept_by,
                    "assignment_no": state.assignment_no + 1, "offered_at": at, "reminded_at": None,
                    "escalated_at": at if state.offered_at else None,
                },
            )  # fmt: skip
        case Remind():
            return state.model_copy(update={"reminded_at": at})
        case MissedFirstTry():
            return state.model_copy(update={"escalated_at": at})
        case Wait() | Done() | SeekRoom():
            return state


def offered(kind: str = "hand-raise", owner: str | None = INES, at: datetime = TUESDAY_TEN) -> HandOffState:
    state = opened(kind, owner, at)
    return applied(state, next_move(state, at), at)


def accepted(kind: str = "hand-raise", owner: str = INES, at: datetime = TUESDAY_TEN) -> HandOffState:
    return taken(offered(kind, owner, at), decided(Decision(kind="accept", by=owner, via="link"), at=at))


def taken(state: HandOffState, outcome: Decided) -> HandOffState:
    return state.model_copy(
        update={"state": outcome.state, "owner": outcome.owner, "first_try_by": outcome.first_try_by},
    )


def decided(
    decision: Decision, *, state: HandOffState | None = None, tries: int = 0, at: datetime = TUESDAY_TEN
) -> Decided:
    return decide(KELVANCE, state or offered(), decision, tries, at)


def reject(reason: str | None, **told: object) -> Decision:
    return Decision.model_validate({"kind": "reject", "by": INES, "via": "page", "reason": reason, **told})


def played(state: HandOffState, at: datetime, *, moves: int) -> list[tuple[datetime, HandOffMove]]:
    """The next so many moves other than waiting, each with its instant, when nobody answers."""
    done: list[tuple[datetime, HandOffMove]] = []
    while len(done) < moves:
        move = next_move(state, at)
        if isinstance(move, Wait):
            at = move.until
            continue
        done.append((at, move))
        if isinstance(move, Done):
            break
        state = applied(state, move, at)
    return done


# ── The ladder ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_hand_raise_nobody_answers_goes_up_the_ladder_on_the_minute() -> None:
    story = [
        (at.astimezone(ZoneInfo("Europe/Berlin")).strftime("%H:%M"), type(move).__name__, getattr(move, "owner", ""))
        for at, move in played(opened(), TUESDAY_TEN, moves=7)
    ]
    assert story == [
        ("10:00", "Offer", INES),
        ("10:10", "Remind", ""),
        ("10:30", "Offer", JONAS),  # 15 minutes to accept, 15 more overdue
        ("10:40", "Remind", ""),
        ("11:00", "Offer", GRETA),
        ("11:10", "Remind", ""),
        ("12:00", "Offer", None),
    ]


def test_a_scored_lead_offered_late_is_reminded_the_next_morning() -> None:
    late = berlin("2026-03-06 16:30")  # a Friday; Berlin closes at 17:30
    story = played(opened("scored-mql", at=late), late, moves=3)
    assert [at for at, _ in story] == [late, berlin("2026-03-09 10:00"), berlin("2026-03-09 14:00")]
    assert [type(move) for _, move in story] == [Offer, Remind, Offer]


def test_the_clock_of_an_offer_is_that_of_whoever_has_it_now() -> None:
    evening = berlin("2026-03-03 17:00")
    first = next_move(opened(owner=MARCUS, at=evening), evening)
    assert isinstance(first, Offer)
    assert first.accept_by == evening + timedelta(minutes=15), "New York is at work"
    at = berlin("2026-03-03 21:00")
    state = offered(owner="dana-whitlock", at=evening).model_copy(update={"level": 1, "offered_at": evening})
    to_greta = next_move(state, at, away=(MARCUS,))
    assert isinstance(to_greta, Offer)
    assert to_greta.owner == GRETA
    assert to_greta.accept_by == berlin("2026-03-04 10:00"), "Berlin sleeps: her hour begins at nine"


def test_between_its_deadline_and_the_next_rung_an_offer_is_overdue() -> None:
    state = offered()
    waiting = next_move(
        state.model_copy(update={"reminded_at": TUESDAY_TEN + timedelta(minutes=10)}),
        TUESDAY_TEN + timedelta(minutes=16),
    )
    assert waiting == Wait(until=TUESDAY_TEN + timedelta(minutes=30), waiting_for="Inês Carvalho to answer (overdue)")


def test_an_offer_that_was_let_run_out_says_so_and_one_passed_on_for_absence_does_not() -> None:
    state = offered()
    run_out = next_move(state, TUESDAY_TEN + timedelta(hours=1))
    assert isinstance(run_out, Offer)
    assert run_out.missed
    assert run_out.why == "Inês Carvalho didn't answer in time: Jonas Brandt is deputy"
    passed_on = next_move(state, TUESDAY_TEN + timedelta(minutes=1), away=(INES,))
    assert isinstance(passed_on, Offer)
    assert not passed_on.missed
    assert passed_on.owner == JONAS
    assert passed_on.why == "Inês Carvalho is away: Jonas Brandt is deputy"


def test_rungs_whose_owner_is_away_are_skipped() -> None:
    assert getattr(next_move(opened(), TUESDAY_TEN, away=(INES, JONAS)), "owner", None) == GRETA
    to_pool = next_move(opened(), TUESDAY_TEN, away=(INES, JONAS, GRETA))
    assert isinstance(to_pool, Offer)
    assert (to_pool.owner, to_pool.pool, to_pool.level) == (None, "sales", 3)


def test_the_manager_is_not_offered_twice_what_the_manager_has() -> None:
    state = offered(owner=GRETA)
    after = next_move(state, TUESDAY_TEN + timedelta(hours=5))
    assert isinstance(after, Offer)
    assert after.pool == "sales"


def test_somebody_who_left_the_definition_holds_an_offer_no_longer_than_its_clock() -> None:
    state = offered().model_copy(update={"owner": "long-gone"})
    after = next_move(state, TUESDAY_TEN + timedelta(hours=1))
    assert isinstance(after, Offer)
    assert after.owner == GRETA


def test_the_pool_is_offered_again_every_working_day() -> None:
    state = opened(owner=None)
    story = played(state, TUESDAY_TEN, moves=5)
    assert [type(move) for _, move in story] == [Offer, Remind, Offer, Remind, Offer]
    assert [at for at, move in story if isinstance(move, Offer)] == [
        TUESDAY_TEN, berlin("2026-03-04 10:00"), berlin("2026-03-05 10:00"),
    ]  # fmt: skip


def test_an_offer_that_is_being_worked_is_not_pulled_until_its_first_try_has_had_its_time() -> None:
    tried_at = TUESDAY_TEN + timedelta(minutes=25)
    state = offered().model_copy(update={"first_try_at": tried_at, "reminded_at": TUESDAY_TEN + timedelta(minutes=10)})
    assert next_move(state, TUESDAY_TEN + timedelta(minutes=30)) == Wait(
        until=tried_at + timedelta(minutes=30), waiting_for="Inês Carvalho to answer (overdue)",
    )  # fmt: skip
    assert isinstance(next_move(state, TUESDAY_TEN + timedelta(minutes=40), away=(INES,)), Wait)
    assert isinstance(next_move(state, tried_at + timedelta(minutes=30)), Offer)


# ── After acceptance ────────────────────────────────────────────────────────────────────────────────────────────


def test_accept_is_not_contact_the_first_try_has_its_own_deadline() -> None:
    state = accepted()
    deadline = TUESDAY_TEN + timedelta(minutes=30)
    assert state.first_try_by == deadline
    assert next_move(state, TUESDAY_TEN) == Wait(until=deadline, waiting_for="Inês Carvalho to try to reach the lead")
    assert next_move(state, deadline) == MissedFirstTry()


def test_a_missed_first_try_is_told_once() -> None:
    story = played(accepted(), TUESDAY_TEN, moves=2)
    assert [type(move) for _, move in story] == [MissedFirstTry, Done]


def test_a_missed_first_try_is_told_even_when_the_offer_had_gone_up_before() -> None:
    state = accepted().model_copy(update={"escalated_at": TUESDAY_TEN})
    assert next_move(state, TUESDAY_TEN + timedelta(hours=1)) == MissedFirstTry()


def test_a_first_try_in_time_ends_the_clocks() -> None:
    tried = accepted().model_copy(update={"first_try_at": TUESDAY_TEN + timedelta(minutes=5)})
    assert next_move(tried, TUESDAY_TEN + timedelta(hours=9)) == Done()


def test_the_first_try_is_due_on_the_calendar_of_whoever_accepted() -> None:
    friday = berlin("2026-03-06 17:20")
    assert decided(Decision(kind="accept", by=INES, via="link"), at=friday).first_try_by == berlin("2026-03-09 09:20")
    by_marcus = decided(Decision(kind="accept", by=MARCUS, via="page"), at=friday)
    assert by_marcus.owner == MARCUS
    assert by_marcus.first_try_by == friday + timedelta(minutes=30)


# ── Decisions ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_sdr_who_accepts_moves_the_lead_to_sal_and_others_move_nothing() -> None:
    by_sdr = decided(Decision(kind="accept", by=INES, via="link"))
    assert (by_sdr.state, by_sdr.to_stage, by_sdr.event.kind) == ("accepted", "sal", "hand_off_accepted")
    for kind, owner in (("sal-to-sql", JONAS), ("won-to-success", HANA)):
        outcome = decided(Decision(kind="accept", by=owner, via="link"), state=offered(kind, owner))
        assert outcome.to_stage is None


CHIPS = [
    pytest.param(reject("cant-reach"), 6, "recycled", "recycled", 30, id="can't reach"),
    pytest.param(reject("not-yet", until=days_on(90)), 0, "recycled", "recycled", 90, id="not yet"),
    pytest.param(reject("no-budget"), 0, "recycled", "recycled", 180, id="no budget"),
    pytest.param(reject("no-fit", sub_reason="size"), 0, "rejected", "disqualified", None, id="no fit"),
    pytest.param(reject("wrong-person", text="Ana"), 0, "rejected", "recycled", 180, id="wrong person"),
    pytest.param(reject("wrong-data"), 0, "rejected", "recycled", 3, id="wrong data"),
    pytest.param(reject("already-ours"), 0, "rejected", "recycled", 180, id="already ours"),
    pytest.param(reject("junk"), 0, "rejected", "disqualified", None, id="junk"),
    pytest.param(reject("other", text="merged last week"), 0, "recycled", "recycled", 30, id="other"),
]  # fmt: skip


@pytest.mark.parametrize(("decision", "tries", "state", "to_stage", "days"), CHIPS)
def test_each_chip_leads_where_the_definition_says(
    decision: Decision,
    tries: int,
    state: str,
    to_stage: str,
    days: int | None,
) -> None:
    outcome = decided(decision, tries=tries)
    assert (outcome.state, outcome.to_stage, outcome.reason) == (state, to_stage, decision.reason)
    assert outcome.recycle_until == (days_on(days) if days else None)
    assert outcome.event.kind == f"hand_off_{state}"
    assert outcome.out_of_velocity == (decision.reason == "junk")


def test_every_chip_of_the_definition_is_tried_above() -> None:
    assert {case.values[0].reason for case in CHIPS} == set(KELVANCE.reject_reasons)


@pytest.mark.parametrize(
    ("decision", "tries", "words"),
    [
        pytest.param(reject("cant-reach"), 5, "takes 6 tries first; 5 so far", id="too few tries"),
        pytest.param(reject("not-yet"), 0, "Give the date", id="no date"),
        pytest.param(reject("not-yet", until=TUESDAY_TEN), 0, "after today", id="a date that is past"),
        pytest.param(reject("not-yet", until=days_on(731)), 0, "within 730 days", id="a date too far"),
        pytest.param(reject("no-fit"), 0, "size, industry, region, need", id="no sub-reason"),
        pytest.param(reject("no-fit", sub_reason="mood"), 0, "size, industry, region, need", id="unknown sub-reason"),
        pytest.param(reject("wrong-person", text=" "), 0, "who is the right person", id="nobody named"),
        pytest.param(reject("other"), 0, "in a few words", id="other without words"),
        pytest.param(reject(None), 0, "Choose one of cant-reach", id="no reason"),
        pytest.param(reject("boredom"), 0, "Choose one of cant-reach", id="unknown reason"),
        pytest.param(reject("junk", by="mallory"), 0, "Only an owner", id="a stranger"),
        pytest.param(Decision(kind="accept", by="system", via="link"), 0, "Only an owner", id="a stranger accepts"),
        pytest.param(Decision(kind="recycle", by=INES, via="cli"), 0, "Give the date", id="recycled without a date"),
        pytest.param(reject("junk", kind="recycle"), 0, "recycles nobody", id="junk recycled"),
    ],
)  # fmt: skip
def test_a_decision_that_lacks_something_is_refused_with_what_it_lacks(
    decision: Decision,
    tries: int,
    words: str,
) -> None:
    with pytest.raises(BadInput, match=words):
        decided(decision, tries=tries)


def test_recycling_with_a_date_is_the_chip_that_asks_for_one() -> None:
    until = days_on(60)
    outcome = decided(Decision(kind="recycle", by=INES, via="cli", until=until))
    assert (outcome.state, outcome.reason, outcome.recycle_until) == ("recycled", "not-yet", until)


def test_a_reps_own_date_goes_before_the_reasons_span() -> None:
    until = days_on(200)
    assert decided(reject("no-budget", until=until)).recycle_until == until


def test_whoever_looks_after_a_customer_can_decline_without_unmaking_the_customer() -> None:
    decision = reject("junk", by=HANA)
    assert decided(decision, state=offered("won-to-success", HANA)).to_stage is None


def test_what_a_rep_wrote_about_a_person_stays_out_of_the_event() -> None:
    outcome = decided(reject("wrong-person", text="Ana Lima, ana@lima.example"))
    assert "lima" not in outcome.event.model_dump_json().lower()


def test_an_accepted_hand_off_can_still_be_given_back() -> None:
    outcome = decided(reject("cant-reach"), state=accepted(), tries=6)
    assert (outcome.state, outcome.owner) == ("recycled", INES)


def test_the_clock_may_give_back_what_six_tries_did_not_reach() -> None:
    decision = Decision(kind="reject", by="system", via="clock", reason="cant-reach")
    assert decided(decision, state=accepted(), tries=6).state == "recycled"


def test_the_second_to_decide_is_told_that_it_is_decided() -> None:
    with pytest.raises(Conflict, match="accepted by Inês Carvalho already"):
        decided(Decision(kind="accept", by=JONAS, via="link"), state=accepted())
    closed = accepted().model_copy(update={"state": "rejected"})
    for decision in (Decision(kind="accept", by=JONAS, via="link"), reject("junk")):
        with pytest.raises(Conflict, match="rejected already"):
            decided(decision, state=closed)
    assert next_move(closed, TUESDAY_TEN) == Done()


# ── Whatever happens ────────────────────────────────────────────────────────────────────────────────────────────

starts = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))
kinds = st.sampled_from(sorted(KELVANCE.hand_offs))
people = st.one_of(st.none(), st.sampled_from(HANDLES))
lateness = st.lists(st.timedeltas(timedelta(0), timedelta(hours=3)), min_size=1, max_size=8)


@given(kind=kinds, owner=people, at=starts, away=st.sets(st.sampled_from(HANDLES)), late=lateness)
def test_what_nobody_answers_ends_in_the_pool_and_always_waits_for_something_named(
    kind: str,
    owner: str | None,
    at: datetime,
    away: set[str],
    late: list[timedelta],
) -> None:
    state, assignments, levels = opened(kind, owner, at), 0, [-1]
    for turn in range(40):
        move = next_move(state, at, away=tuple(away))
        if isinstance(move, Wait):
            assert move.until > at, "a wait that is over would spin"
            assert move.waiting_for
            at = move.until + late[turn % len(late)]
            continue
        assert isinstance(move, Offer | Remind), "an open offer is never done"
        state = applied(state, move, at)
        if isinstance(move, Offer):
            assignments += 1
            assert move.owner not in away
            assert (move.owner is None) != (move.pool is None)
            assert move.accept_by > at
            assert move.level > levels[-1] or move.pool, "it only goes up"
            levels.append(move.level)
    assert state.owner is None
    assert state.pool == "sales"
    assert assignments == state.assignment_no


@given(kind=kinds, owner=people, at=starts, away=st.sets(st.sampled_from(HANDLES)), jumps=lateness)
def test_asked_again_at_the_same_instant_there_is_nothing_more_to_do(
    kind: str,
    owner: str | None,
    at: datetime,
    away: set[str],
    jumps: list[timedelta],
) -> None:
    state = opened(kind, owner, at)
    for jump in (timedelta(0), *jumps):
        at += jump
        first = next_move(state, at, away=tuple(away))
        state = applied(state, first, at)
        again = next_move(state, at, away=tuple(away))
        assert isinstance(again, Wait)
        assert next_move(state, at, away=tuple(away)) == again
