"""Any journey that may be published, any lead, any order of events: each run says what it waits for, and ends."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from leadloom.domain.facts import Facts, MessageStatus, Progress, SentMail
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_check import check_journey
from leadloom.domain.journeys.journey_paths import reached
from leadloom.domain.journeys.moves import Do, Finish, Move, PlanMail, Wait
from leadloom.domain.journeys.progress import begin, next_move
from leadloom.domain.journeys.steps.step import END
from leadloom.domain.lead import Event, Verdict
from tests.domain.a_run import DAY_0, a_journey, a_lead, a_mail, an_event, days, facts, the_definition

KELVANCE = the_definition()
NOTHING = a_journey("- {do: wait, id: pause, for: 1d}").model_dump(by_alias=True)
KINDS = ["reply", "price_page", "calculator_finished"]
MOST_MOVES = 3000
"""8 steps, at most 3 rounds more for each `go`, at most 14 answers a step (a late mail is looked for more rarely)."""

conditions = st.sampled_from(
    [
        {"event": "reply"},
        {"event": "price_page", "within": "7d"},
        {"basis": "marketing"},
        {"fit": ["A"]},
        {"not": {"field": "role", "is": "it"}},
    ]
)
spans = st.sampled_from(["15m", "1d", "9d"])


@st.composite
def journeys(draw: st.DrawFn) -> Journey:
    """A journey that passes its check, loops and all."""
    ids = [f"s{no}" for no in range(draw(st.integers(1, 8)))]
    steps = [draw(_steps(ids, index)) for index in range(len(ids))]
    journey = Journey.model_validate({**NOTHING, "steps": steps})
    kept = reached(journey)
    journey = Journey.model_validate({**NOTHING, "steps": [step for step in steps if step["id"] in kept]})
    mails = {step.mail for step in journey.steps if step.do == "send"}
    assume(not check_journey(journey, KELVANCE, mails))
    return journey


@st.composite
def _steps(draw: st.DrawFn, ids: list[str], index: int) -> dict[str, object]:
    onward = st.sampled_from([*ids[index + 1 :], END])
    anywhere = st.sampled_from([*ids, END])
    one = {
        "send": {"mail": ids[index], "class": st.sampled_from(["marketing", "service"]), "worth": spans},
        "wait": {"for": spans},
        "wait_for": {
            "events": st.lists(st.sampled_from(KINDS), min_size=1),
            "within": spans,
            "then": onward,
            "otherwise": onward,
        },
        "branch": {
            "cases": st.lists(st.fixed_dictionaries({"when": conditions, "go": onward}), min_size=1, max_size=2),
            "otherwise": onward,
        },
        "go": {"to": anywhere, "visits": st.integers(1, 3)},
        "record": {"event": "reply"},
        "call": {"activity": "sync", "then": onward},
    }
    do = draw(st.sampled_from([*one, "wait"]))
    said = {name: draw(value) if isinstance(value, st.SearchStrategy) else value for name, value in one[do].items()}
    if do == "wait" and draw(st.booleans()):
        said = draw(st.sampled_from([{"to_day": 4}, {"before": "2d", "field": "audit_date"}]))
    return {"do": do, "id": ids[index], **said}


class Life:
    """What happens to one lead beside its run: mails go, or don't, and now and then it answers."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.mails: list[SentMail] = []
        self.events: list[Event] = []
        self.lead = a_lead(attributes={"audit_date": data.draw(st.sampled_from([None, "2026-03-20", "soon"]))})
        self.at = DAY_0

    def facts(self) -> Facts:
        return facts(lead=self.lead, mails=tuple(self.mails), events=tuple(self.events))

    def plan(self, mail: PlanMail) -> None:
        slot_at = self.at + self.data.draw(st.sampled_from([timedelta(), days(1), days(8)]))
        status = self.data.draw(st.sampled_from([MessageStatus.RESERVED, MessageStatus.HELD, MessageStatus.EXPIRED]))
        self.mails.append(a_mail(mail.step, slot_at, status=status))

    def pass_time(self, wait: Wait) -> None:
        """Until the wait is over, or something happens before."""
        if wait.until - self.at > timedelta(minutes=1) and self.data.draw(st.integers(0, 3)) == 0:
            self.at += (wait.until - self.at) / 2
            verdict = self.data.draw(st.sampled_from(list(Verdict)))
            kind = self.data.draw(st.sampled_from(KINDS))
            self.events.append(an_event(kind, len(self.events) + 1, self.at, verdict=verdict))
        else:
            self.at = wait.until
        self.mails = [
            mail.model_copy(update={"status": MessageStatus.SENT, "sent_at": self.at})
            if mail.status is MessageStatus.RESERVED and mail.slot_at <= self.at
            else mail
            for mail in self.mails
        ]


def live(journey: Journey, life: Life) -> tuple[Finish | None, list[tuple[Progress, Move]]]:
    """The run from its beginning to its end, or to what is more than any run may take."""
    run, moves = begin(journey, DAY_0, 0), list[tuple[Progress, Move]]()
    for _ in range(MOST_MOVES):
        move = next_move(journey, run, life.facts(), life.at)
        assert move == next_move(journey, run, life.facts(), life.at)
        moves.append((run, move))
        match move:
            case Finish():
                return move, moves
            case Wait():
                assert move.until > life.at
                assert move.waiting_for
                assert move.progress == run
                life.pass_time(move)
            case _:
                if isinstance(move, Do) and isinstance(move.effect, PlanMail):
                    life.plan(move.effect)
                run = move.then
    return None, moves


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(journey=journeys(), data=st.data())
def test_any_run_of_a_sound_journey_ends_when_time_passes(journey: Journey, data: st.DataObject) -> None:
    finish, moves = live(journey, Life(data))
    assert finish is not None, moves[-20:]
    assert finish.outcome == "finished"


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(journey=journeys(), data=st.data())
def test_no_mail_of_any_run_is_planned_twice_and_each_decision_says_why(journey: Journey, data: st.DataObject) -> None:
    _, moves = live(journey, Life(data))
    decisions = [move for _, move in moves if isinstance(move, Do)]
    keys = [(one.effect.step, one.effect.visit) for one in decisions if isinstance(one.effect, PlanMail)]
    assert len(keys) == len(set(keys))
    assert all(one.why for one in decisions)
