"""Any journey that may be published, any lead, any order of events: each run says what it waits for, and ends."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from leadloom.domain.facts import BegunRun, Facts, MessageStatus, Paused, Progress, SentMail, TaskFact
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_check import check_journey
from leadloom.domain.journeys.journey_paths import reached
from leadloom.domain.journeys.moves import (
    Call,
    CloseTask,
    Do,
    Effect,
    Finish,
    Move,
    OpenTask,
    PlanMail,
    PutTag,
    SetField,
    StartRun,
    Wait,
)
from leadloom.domain.journeys.progress import begin, next_move
from leadloom.domain.journeys.steps.step import END
from leadloom.domain.lead import Event, Verdict
from leadloom.domain.model import Value
from tests.domain.a_run import DAY_0, a_journey, a_lead, a_mail, an_event, days, facts, the_definition

KELVANCE = the_definition()
NOTHING = a_journey("- {do: wait, id: pause, for: 1d}").model_dump(by_alias=True)
KINDS = ["reply", "price_page", "calculator_finished"]
MOST_MOVES = 5000
"""8 steps, at most 3 rounds more for each `go`, at most 14 answers a step (a late mail is looked for more rarely)."""

conditions = st.sampled_from(
    [
        {"event": "reply"},
        {"event": "reply", "times": 2, "data": {"form": "guide"}},
        {"event": "price_page", "within": "7d"},
        {"basis": "marketing"},
        {"fit": ["A"]},
        {"tag": ["vip"]},
        {"was_in": ["other"]},
        {"field": "audit_date", "ahead": "5d"},
        {"field": "audit_date", "past": "2d"},
        {"field": "plan", "contains": "year"},
        {"not": {"field": "role", "is": "it"}},
        {"all": [{"event": "price_page"}, {"not": {"event": "reply", "within": "1d"}}]},
    ]
)
spans = st.sampled_from(["15m", "1d", "9d"])


@st.composite
def journeys(draw: st.DrawFn) -> Journey:
    """A journey that passes its check, loops and all."""
    ids = [f"s{no}" for no in range(draw(st.integers(1, 8)))]
    steps = [draw(_steps(ids, index)) for index in range(len(ids))]
    around = {**NOTHING, **draw(_rules())}
    journey = Journey.model_validate({**around, "steps": steps, "streams": {"pool": _POOL}})
    kept = [step for step in steps if step["id"] in reached(journey)]
    streams = {"pool": _POOL} if any(step["do"] == "stream" for step in kept) else {}
    journey = Journey.model_validate({**around, "steps": kept, "streams": streams})
    mails = {letter.mail for step in journey.steps for letter in step.letters(journey)}
    assume(not check_journey(journey, KELVANCE, mails, {"sync": Value}))
    return journey


_POOL = [{"mail": "dock", "piece": "dock"}, {"mail": "alerts"}]


@st.composite
def _rules(draw: st.DrawFn) -> dict[str, object]:
    rules: dict[str, object] = {}
    if draw(st.integers(0, 3)) == 0:
        rules["exit"] = [{"when": draw(conditions), "outcome": "left"}]
    if draw(st.integers(0, 3)) == 0:
        rules["goal_when"] = draw(conditions)
    if draw(st.booleans()):
        rules["exclusive"] = {"group": "g", "when_busy": "wait", "at_most": "9d"}
    return rules


@st.composite
def _steps(draw: st.DrawFn, ids: list[str], index: int) -> dict[str, object]:
    onward = st.sampled_from([*ids[index + 1 :], END])
    anywhere = st.sampled_from([*ids, END])
    one: dict[str, dict[str, object]] = {
        "send": {"mail": ids[index], "class": st.sampled_from(["marketing", "service"]), "worth": spans},
        "stream": {"from": "pool", "class": st.sampled_from(["marketing", "service"]), "exhausted": onward},
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
        "split": {
            "arms": st.tuples(onward, onward).map(
                lambda ways: [{"name": name, "share": 50, "go": way} for name, way in zip("ab", ways, strict=True)]
            )
        },
        "go": {"to": anywhere, "visits": st.integers(1, 3)},
        "task": {
            "to": "owner",
            "words": "Call",
            "within": spans,
            "outcomes": st.fixed_dictionaries({"reached": onward}),
            "otherwise": onward,
        },
        "start": {"journey": "other", "wait": spans, "otherwise": onward},
        "stop": {"journey": "other"},
        "record": {"event": "reply"},
        "tag": {"tag": "vip"},
        "set": {"field": "plan", "value": "a year"},
        "score": {"points": 5, "why": "told us"},
        "stage": {"to": "inquiry", "why": "came back"},
        "notify": {"channel": "sales-alerts", "words": "Look", "on_failure": st.sampled_from(["skip", "exit"])},
        "webhook": {"endpoint": "crm"},
        "call": {"activity": "sync", "then": onward},
    }
    do = draw(st.sampled_from([*one, "wait", "wait", "task", "go"]))
    said = {name: draw(value) if isinstance(value, st.SearchStrategy) else value for name, value in one[do].items()}
    if do == "wait" and draw(st.booleans()):
        said = draw(st.sampled_from(_OTHER_WAITS))
    if do == "wait_for" and draw(st.booleans()):
        said["when"] = draw(conditions)
    if do in _EXPIRE and draw(st.booleans()):
        said["expires"] = draw(spans)
    return {"do": do, "id": ids[index], **said}


_EXPIRE = ("send", "stream", "task", "start", "record", "tag", "call", "notify")
_OTHER_WAITS: list[dict[str, object]] = [
    {"to_day": 4},
    {"before": "2d", "field": "audit_date"},
    {"after": "2d", "field": "audit_date"},
    {"until": "08:30"},
    {"for": "1d", "until": "02:30", "on": ["sun", "mon"]},
]


class Life:
    """What happens to one lead beside its run: mails go, or not, owners answer, or not, and now and then it does."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.mails: list[SentMail] = []
        self.seen: list[str] = []
        self.events: list[Event] = []
        self.tasks: dict[tuple[str, int], TaskFact] = {}
        self.begun: dict[str, BegunRun] = {}
        self.tags: set[str] = set()
        self.told: dict[str, object] = {"audit_date": data.draw(st.sampled_from([None, "2026-03-20", "soon"]))}
        self.zone = data.draw(st.sampled_from(["", "Europe/Berlin", "Pacific/Kiritimati"]))
        self.busy_until = DAY_0 + data.draw(st.sampled_from([timedelta(), days(3), days(20)]))
        self.resumed_at = DAY_0 + data.draw(st.sampled_from([timedelta(), timedelta(), days(3)]))
        self.at = DAY_0

    def facts(self) -> Facts:
        return facts(
            lead=a_lead(attributes=self.told),
            zone=self.zone,
            mails=tuple(self.mails),
            events=tuple(self.events),
            seen_mails=tuple(self.seen),
            tasks=tuple(self.tasks.values()),
            runs_begun=tuple(self.begun.values()),
            tags=tuple(self.tags),
            busy_with="another" if self.at < self.busy_until else None,
            paused=Paused(since=DAY_0, until_review=DAY_0 + days(9)) if self.at < self.resumed_at else None,
        )

    def apply(self, effect: Effect) -> None:
        match effect:
            case PlanMail():
                self._plan(effect)
            case OpenTask():
                fact = TaskFact(step=effect.step, visit=effect.visit, status="open", due_at=self.at + effect.due)
                self.tasks[effect.step, effect.visit] = fact
            case CloseTask():
                key = (effect.step, effect.visit)
                self.tasks[key] = self.tasks[key].model_copy(update={"status": "cancelled"})
            case StartRun() if self.data.draw(st.booleans()):
                key = f"run/1/{effect.key}"
                self.begun[key] = BegunRun(journey=effect.journey, key=key, status="active")
            case PutTag():
                self.tags ^= {effect.tag}
            case SetField():
                self.told[effect.field] = effect.value
            case _:
                pass

    def pass_time(self, wait: Wait) -> None:
        """Until the wait is over, or something happens before."""
        if wait.until - self.at > timedelta(minutes=1) and self.data.draw(st.integers(0, 3)) == 0:
            self.at += (wait.until - self.at) / 2
            self._something_happens()
        else:
            self.at = wait.until
        self.mails = [
            mail.model_copy(update={"status": MessageStatus.SENT, "sent_at": self.at})
            if mail.status is MessageStatus.RESERVED and mail.slot_at <= self.at
            else mail
            for mail in self.mails
        ]

    def _plan(self, mail: PlanMail) -> None:
        slot_at = self.at + self.data.draw(st.sampled_from([timedelta(), days(1), days(8)]))
        status = self.data.draw(st.sampled_from([MessageStatus.RESERVED, MessageStatus.HELD, MessageStatus.EXPIRED]))
        self.mails.append(a_mail(mail.step, slot_at, status=status))
        if status is not MessageStatus.EXPIRED:
            assert not mail.mail.isalpha() or mail.mail not in self.seen, "a mail of a stream comes once"
            self.seen.append(mail.mail)

    def _something_happens(self) -> None:
        open_tasks = [key for key, task in self.tasks.items() if task.status == "open"]
        open_runs = [key for key, run in self.begun.items() if run.status == "active"]
        if open_tasks and self.data.draw(st.booleans()):
            answered = {"status": "done", "outcome": self.data.draw(st.sampled_from(["reached", "something else"]))}
            self.tasks[open_tasks[0]] = self.tasks[open_tasks[0]].model_copy(update=answered)
        elif open_runs and self.data.draw(st.booleans()):
            self.begun[open_runs[0]] = self.begun[open_runs[0]].model_copy(update={"status": "finished"})
        else:
            verdict = self.data.draw(st.sampled_from(list(Verdict)))
            kind = self.data.draw(st.sampled_from(KINDS))
            self.events.append(an_event(kind, len(self.events) + 1, self.at, verdict=verdict))


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
                assert next_move(journey, move.progress, life.facts(), life.at) == move
                run = move.progress
                life.pass_time(move)
            case Do():
                assert move.why
                life.apply(move.effect)
                run = move.then
            case Call():
                run = move.then
    return None, moves


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(journey=journeys(), data=st.data())
def test_any_run_of_a_sound_journey_ends_when_time_passes(journey: Journey, data: st.DataObject) -> None:
    finish, moves = live(journey, Life(data))
    assert finish is not None, moves[-20:]
    assert finish.outcome in ("finished", "goal", "left", "no turn")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(journey=journeys(), data=st.data())
def test_no_mail_and_no_task_of_any_run_is_asked_for_twice(journey: Journey, data: st.DataObject) -> None:
    _, moves = live(journey, Life(data))
    asked = [move.effect for _, move in moves if isinstance(move, Do)]
    keys = [(one.step, one.visit) for one in asked if isinstance(one, PlanMail | OpenTask)]
    assert len(keys) == len(set(keys))
    begun = [one.key for one in asked if isinstance(one, StartRun)]
    assert len(begun) == len(set(begun))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(journey=journeys())
def test_any_sound_journey_is_the_same_after_it_was_written_and_read(journey: Journey) -> None:
    assert Journey.model_validate(journey.model_dump(mode="json", by_alias=True)) == journey
