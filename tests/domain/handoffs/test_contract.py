"""Whatever happens to calendars, people and the definition: does every hand-off end, or wait for exactly one deadline?

Months in random steps: clock changes and holidays lie in them, owners go away and come back, calendars and contracts
are edited while clocks run, people leave the definition, pools are full, answers are taken back, cards are
hidden, and who keeps the time is begun anew.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.hand_off_rules import Calendar
from leadloom.domain.errors import LeadloomError
from leadloom.domain.handoffs.answers import UNDO_FOR, Answer, Decision
from leadloom.domain.handoffs.appealing import AskNext, Lapse, TurnedDown, next_appeal_move, raised
from leadloom.domain.handoffs.deciding import Decided, decide
from leadloom.domain.handoffs.hand_off import (
    Conclude,
    Done,
    HandOffState,
    MissedFirstTry,
    Offer,
    Reclock,
    Remind,
    SeekRoom,
    Wait,
    calendar_of,
    next_hand_off_move,
)
from leadloom.domain.handoffs.snoozing import check_snooze
from tests.domain.handoffs.test_hand_off import HANDLES, KELVANCE

_ENOUGH = 12
"""Moves at one instant after which it would turn in a circle: a ladder has four rungs, each with a reminder."""
_STARTS = st.datetimes(datetime(2026, 2, 20), datetime(2026, 12, 20), timezones=st.just(UTC))
_ZONES = ("America/New_York", "Europe/Berlin", "Asia/Singapore", "Australia/Lord_Howe", "America/Sao_Paulo")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

calendars = st.builds(
    lambda zone, days, begin, hours, holidays: Calendar.model_validate(
        {"zone": zone, "days": days, "from": time(begin), "until": time(begin + hours), "holidays": holidays}
    ),
    st.sampled_from(_ZONES),
    st.lists(st.sampled_from(_DAYS), min_size=1, max_size=7, unique=True).map(tuple),
    st.integers(0, 15),
    st.integers(1, 8),
    st.sampled_from((None, "US", "DE", "SG")),
)
handles = st.sampled_from(HANDLES)
acts = st.one_of(
    st.tuples(st.just("time"), st.timedeltas(timedelta(0), timedelta(days=4))),
    st.tuples(st.just("to the deadline"), st.timedeltas(timedelta(0), timedelta(hours=3))),
    st.tuples(st.just("away"), st.sets(handles, max_size=8)),
    st.tuples(st.just("calendar"), st.tuples(st.sampled_from(sorted(KELVANCE.calendars)), calendars)),
    st.tuples(st.just("contract"), st.integers(1, 600)),
    st.tuples(st.just("leaves"), handles),
    st.tuples(st.just("tries"), st.none()),
    st.tuples(st.just("accepts"), handles),
    st.tuples(st.just("gives back"), handles),
    st.tuples(st.just("accepts, and may undo"), handles),
    st.tuples(st.just("gives back, and may undo"), handles),
    st.tuples(st.just("undoes"), handles),
    st.tuples(st.just("hides it"), st.timedeltas(timedelta(0), timedelta(days=2))),
)


@dataclass
class Story:
    """One hand-off, and all that is around it."""

    state: HandOffState
    at: datetime
    definition: Definition = KELVANCE
    away: set[str] = field(default_factory=set[str])
    until: datetime | None = None
    assignments: list[tuple[str | None, str | None]] = field(default_factory=list[tuple[str | None, str | None]])

    def happens(self, act: str, what: Any) -> None:
        """Something around it changes."""
        match act:
            case "time":
                self.at += what
            case "to the deadline":
                self.at = max(self.at, (self.until or self.at) + what)
            case "away":
                self.away = what
            case "calendar":
                name, calendar = what
                self._edit(calendars={**self.definition.calendars, name: calendar})
            case "contract":
                self._edit(hand_offs={name: _faster(kind, what) for name, kind in self.definition.hand_offs.items()})
            case "leaves":
                if what != self.definition.routing.manager:
                    self._edit(owners=tuple(each for each in self.definition.owners if each.handle != what))
            case _:
                self._is_done(act, what)

    def _is_done(self, act: str, what: Any) -> None:
        """Somebody does something to it."""
        match act:
            case "tries":
                self.state = self.state.but(first_try_at=self.state.first_try_at or self.at)
            case "undoes":
                if self.state.answer and self.state.answer.decision.by == what and self.at < self.state.answer.final_at:
                    self.state = self.state.but(answer=None)
            case "hides it":
                with suppress(LeadloomError):
                    check_snooze(self.definition, self.state, self.state.owner or "", self.at + what, self.at)
                    assert self.until is not None, "what is hidden still waits for something"
            case _:
                self._decides(act, what)

    def _edit(self, **changed: object) -> None:
        self.definition = self.definition.but(**changed)

    def _decides(self, act: str, by: str) -> None:
        told: dict[str, object] = {"kind": "accept"} if "accepts" in act else {"kind": "reject", "reason": "junk"}
        decision = Decision.model_validate({**told, "by": by, "via": "page"})
        if self.state.answer is not None:
            return  # the store lets nobody answer twice
        with suppress(LeadloomError):
            decided = decide(self.definition, self.state, decision, 9, self.at)
            if "may undo" in act:
                self.state = self.state.but(answer=Answer(decision=decision, at=self.at, final_at=self.at + UNDO_FOR))
            else:
                self._follows(decided, self.at)

    def _concludes(self) -> None:
        answer, self.state = self.state.answer, self.state.but(answer=None)
        assert answer is not None
        assert self.at >= answer.final_at
        with suppress(LeadloomError):  # what an edit made impossible is dropped: the offer stands
            self._follows(decide(self.definition, self.state, answer.decision, 9, answer.at), answer.at)

    def _follows(self, decided: Decided, at: datetime) -> None:
        assert (self.state.state, decided.state) != ("accepted", "accepted"), "two never own it"
        self.state = self.state.but(
            state=decided.state, owner=decided.owner, first_try_by=decided.first_try_by,
            first_try_in=decided.first_try_in, decided_at=at, room_by=None,
        )  # fmt: skip

    def looks(self) -> None:
        """The process looks, twice as after a restart: it ends, or waits for one named deadline that lies ahead."""
        for _ in range(_ENOUGH):
            calendar = calendar_of(self.definition, self.state.owner) if self.state.owner else None
            move = next_hand_off_move(self.definition, self.state, calendar, self.away, self.at)
            again = next_hand_off_move(self.definition, self.state, calendar, self.away, self.at)
            assert move == again
            if self._settled(move):
                return
        raise AssertionError("it turns in a circle")

    def _settled(self, move: object) -> bool:
        match move:
            case Wait():
                assert move.waiting_for
                self.until = move.until
                self._keeps_what_was_promised()
            case SeekRoom():
                self.until = move.by
            case Done():
                self.until = None
                closed = self.state.state in ("rejected", "recycled")
                assert closed or self.state.first_try_at or self.state.escalated_at or not self.state.first_try_by
                return True
            case Offer():
                self._offer(move)
                return False
            case Conclude():
                self._concludes()
                return False
            case Remind():
                self.state = self.state.but(reminded_at=self.at)
                return False
            case MissedFirstTry():
                self.state = self.state.but(escalated_at=self.at)
                return False
            case Reclock():
                self.state = self.state.but(accept_by=move.accept_by, first_try_by=move.first_try_by)
                return False
            case _:
                raise AssertionError(move)
        assert self.until is not None
        assert self.until > self.at, "what is over would spin"
        return True

    def _keeps_what_was_promised(self) -> None:
        """Whatever was edited meanwhile: between offer and deadline lies exactly the working time promised, as it is
        counted by hand (R4), on the calendar of whoever has it now.
        """
        state, here = self.state, calendar_of(self.definition, self.state.owner)
        if state.answer is not None:
            return
        clocks = [(state.offered_at, state.accept_by, state.accept_in)] if state.state == "offered" else []
        if state.state == "accepted" and not (
            state.escalated_at and state.escalated_at > (state.decided_at or self.at)
        ):
            clocks.append((state.decided_at, state.first_try_by, state.first_try_in))
        for start, end, span in clocks:
            if start is not None and end is not None:
                assert here.between(start, end) == span

    def _offer(self, offer: Offer) -> None:
        assert offer.owner or offer.pool, "nobody is nobody's"
        assert offer.owner not in self.away
        assert offer.accept_by > self.at
        self.assignments.append((offer.owner, offer.pool))
        self.state = self.state.but(
            owner=offer.owner, pool=offer.pool, level=offer.level, accept_by=offer.accept_by,
            accept_in=offer.accept_in, offered_at=self.at,
            assignment_no=self.state.assignment_no + 1, reminded_at=None, room_by=None,
            escalated_at=self.at if offer.level else self.state.escalated_at,
        )  # fmt: skip


def _faster(kind: Any, minutes: int) -> Any:
    accept = timedelta(minutes=minutes + 1)
    return kind.but(accept=accept, remind=accept / 2, first_try=2 * accept)


@settings(max_examples=150)
@given(
    kind=st.sampled_from(sorted(KELVANCE.hand_offs)),
    owner=st.one_of(st.none(), handles),
    is_full=st.booleans(),
    at=_STARTS,
    story=st.lists(acts, min_size=1, max_size=25),
)
def test_it_ends_or_has_exactly_one_deadline_ahead_and_never_two_owners(
    kind: str, owner: str | None, is_full: bool, at: datetime, story: list[tuple[str, Any]]
) -> None:
    room_by = at + timedelta(minutes=15) if owner is None and is_full else None
    opened = HandOffState(
        kind=kind, state="offered", owner=owner, pool=None if owner else "sales", assignment_no=0, level=0,
        opened_at=at, room_by=room_by,
    )  # fmt: skip
    told = Story(opened, at)
    told.looks()
    for act, what in story:
        told.happens(act, what)
        told.looks()
        is_open = told.state.state == "offered"
        assert (told.until is not None) >= is_open, "what is open waits for something"
        assert told.state.assignment_no == len(told.assignments), "one notice an assignment"


@settings(max_examples=100)
@given(
    at=_STARTS,
    decides=st.one_of(st.none(), st.integers(0, 9)),
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("time"), st.timedeltas(timedelta(0), timedelta(days=4))),
            st.tuples(st.just("to the deadline"), st.timedeltas(timedelta(0), timedelta(hours=3))),
            st.tuples(st.just("calendar"), st.tuples(st.sampled_from(sorted(KELVANCE.calendars)), calendars)),
            st.tuples(st.just("owner"), handles),
        ),
        min_size=10,
        max_size=20,
    ),
)
def test_an_appeal_is_decided_or_has_one_deadline_ahead_and_is_asked_of_two_at_most(
    at: datetime, decides: int | None, steps: list[tuple[str, Any]]
) -> None:
    definition, asked, until = KELVANCE, 1, at
    no = TurnedDown(state="rejected", reason="junk", decided_via="page", ended_at=at)
    appeal = raised(definition, no, "priya-nair", "They asked by phone", at)
    for turn, (act, what) in enumerate(steps):
        match act:
            case "time":
                at += what
            case "to the deadline":
                at = max(at, until + what)
            case "owner":
                definition = definition.but(owner=what)
            case _:
                definition = definition.but(calendars={**definition.calendars, what[0]: what[1]})
        if turn == decides and appeal.state == "open":
            appeal = appeal.but(state="dismissed")
        while isinstance(move := next_appeal_move(definition, appeal, at), AskNext | Lapse):
            if isinstance(move, Lapse):
                appeal = appeal.but(state="lapsed")
                continue
            asked += 1
            appeal = appeal.but(asked=move.asked, asked_at=at, decide_by=move.decide_by, passed_on_at=at)
        assert (move is None) == (appeal.state != "open")
        if move is not None:
            assert move.waiting_for
            assert move.until > at, "what is over would spin"
            until = move.until
    assert asked <= 2
