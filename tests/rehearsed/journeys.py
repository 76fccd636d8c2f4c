"""A random journey that passes its checks: every kind of step that needs nobody outside, loops and all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from pydantic import BaseModel

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_check import check_journey
from leadloom.domain.journeys.journey_paths import reached
from leadloom.domain.journeys.steps.step import END
from tests.rehearsed.chance import CLOCKS, DAYS, LIMITS, WAITS, WORTH

KINDS = ("reply", "price_page", "calculator_finished", "article_read", "link_clicked")
"""What leads do in these lives besides saying no."""
ANSWERS = ("reached", "no answer")
TAGS = ("vip", "asked")
NOTICE = "notice"
"""The mail to owners."""
WORKS, FAILS = "works", "fails"
_FEWEST_STEPS, _MOST_STEPS = 5, 12
_FIELDS = ("plan", "audit_date", "nothing_told")
Said = dict[str, Any]


class Told(BaseModel):
    """What the custom step of these journeys is told."""

    ends: str


CUSTOM_STEP = "play_a_part"


@dataclass(frozen=True)
class Names:
    """What the journey and those beside it are called."""

    journey: str
    sub: str
    """A short journey that it may begin, and stop."""
    holder: str
    """A journey of its exclusive group."""
    wide: bool = False
    """Whether it may ask for scores and stages too, which only the rehearsal of an audience works out; there nothing
    fails."""


def a_journey(chance: Random, names: Names, definition: Definition) -> Journey:
    """The next sound one: what fails its checks is thrown away."""
    while True:
        journey = _draft(chance, names)
        mails = {letter.mail for step in journey.steps for letter in step.letters(journey)}
        if not check_journey(journey, definition, mails, {CUSTOM_STEP: Told}):
            return journey


def _draft(chance: Random, names: Names) -> Journey:
    ids = [f"s{no}" for no in range(chance.randint(_FEWEST_STEPS, _MOST_STEPS))]
    steps = [_step(chance, names, ids, index) for index in range(len(ids))]
    around = _around(chance, names)
    pool = [{"mail": f"pool{no}", **({"piece": f"piece{no}"} if no % 2 else {})} for no in range(chance.randint(1, 4))]
    whole = Journey.model_validate({**around, "steps": steps, "streams": {"pool": pool}})
    kept = [step for step in steps if step["id"] in reached(whole)]
    streams = {"pool": pool} if any(step["do"] == "stream" for step in kept) else {}
    return Journey.model_validate({**around, "steps": kept, "streams": streams})


def _around(chance: Random, names: Names) -> Said:
    rules: Said = {
        "name": names.journey, "purpose": "To be played twice.", "owner": "priya-nair", "sender": "ines-carvalho",
        "audience": "customer", "class": chance.choice(["marketing", "marketing", "service"]),
        "topic": chance.choice([None, "webinars", "product"]), "priority": chance.randint(1, 5),
    }  # fmt: skip
    by_event = chance.random() < 0.5
    rules["enter"] = {"events": ["guide_requested"], "data": {"form": names.journey}} if by_event else {}
    rules["goal"] = [chance.choice(KINDS)] if chance.random() < 0.2 else ["talk_requested"]
    if chance.random() < 0.2:
        rules["goal_when"] = condition(chance, names)
    exits: list[Said] = []
    if chance.random() < 0.5:
        exits.append({"events": ["unsubscribed"], "outcome": "asked us to stop"})
    if chance.random() < 0.25:
        exits.append({"when": condition(chance, names), "outcome": "left"})
    rules["exit"] = exits
    if chance.random() < 0.2:
        patience = chance.choice(WAITS)
        rules["exclusive"] = {"group": f"group-of-{names.journey}", "when_busy": "wait", "at_most": patience}
    return rules


def condition(chance: Random, names: Names, depth: int = 0) -> Said:
    """A question about a lead, nested now and then."""
    if depth < 2 and chance.random() < 0.25:
        inner = [condition(chance, names, depth + 1) for _ in range(chance.randint(1, 2))]
        return chance.choice([{"all": inner}, {"any": inner}, {"not": inner[0]}])
    return chance.choice(_QUESTIONS + _WIDE_QUESTIONS if names.wide else _QUESTIONS)(chance, names)


def _about_event(chance: Random, names: Names) -> Said:
    del names
    asked: Said = {"event": chance.choice(KINDS)}
    if chance.random() < 0.5:
        asked["within"] = chance.choice(LIMITS)
    if chance.random() < 0.3:
        asked["times"] = 2
    if chance.random() < 0.2:
        asked["data"] = {"piece": "piece1"}
    return asked


def _about_field(chance: Random, names: Names) -> Said:
    del names
    return chance.choice(
        [
            {"field": "audit_date", "ahead": chance.choice(["5d", "36h", "0m"])},
            {"field": "audit_date", "past": chance.choice(["2d", "36h"])},
            {"field": "plan", "contains": "YEAR"},
            {"field": "plan", "one_of": ["a year", "a month"]},
            {"field": "seats", "at_least": 5},
            {"field": "nothing_told"},
        ]
    )


_QUESTIONS: tuple[Callable[[Random, Names], Said], ...] = (
    _about_event,
    _about_event,
    _about_field,
    lambda chance, names: {"basis": "marketing"},
    lambda chance, names: {"tag": [chance.choice(TAGS)]},
    lambda chance, names: chance.choice([{"was_in": [names.sub]}, {"in_journey": [names.sub, names.holder]}]),
)


_WIDE_QUESTIONS: tuple[Callable[[Random, Names], Said], ...] = (
    lambda chance, names: {"stage": chance.sample(["aware", "inquiry", "recycled"], 2)},
    lambda chance, names: {"engagement": chance.sample([1, 2, 3, 4], 2)},
    lambda chance, names: {"fit": chance.sample(["C", "D"], 1)},
    lambda chance, names: {"field": "role", "is": "quality"},
)


def _step(chance: Random, names: Names, ids: list[str], index: int) -> Said:
    do = chance.choices(list(_KINDS_OF_STEP), [weight for weight, _ in _KINDS_OF_STEP.values()])[0]
    do = "send" if index == 0 and chance.random() < 0.5 else do
    said = _KINDS_OF_STEP[do][1](_Spot(chance, names, ids, index))
    if do in _EXPIRE and chance.random() < 0.3:
        said["expires"] = chance.choice(LIMITS)
    return {"do": do, "id": ids[index], **said}


_EXPIRE = {
    "send", "stream", "task", "start", "stop", "record", "tag", "set", "score", "stage", "call", "notify", "webhook",
}  # fmt: skip


@dataclass(frozen=True)
class _Spot:
    chance: Random
    names: Names
    ids: list[str]
    index: int

    def onward(self) -> str:
        """One of the next steps, mostly; far ahead and to the end now and then, or few steps would be reached."""
        ahead = [*self.ids[self.index + 1 :], END]
        return self.chance.choice(ahead[:3] if self.chance.random() < 0.85 else ahead)

    def anywhere(self) -> str:
        return self.chance.choice([*self.ids, END])

    def condition(self) -> Said:
        return condition(self.chance, self.names)

    def maybe(self, share: float, **said: Any) -> Said:
        return said if self.chance.random() < share else {}


def _send(spot: _Spot) -> Said:
    chance = spot.chance
    if chance.random() < 0.1:
        return {"mail": NOTICE, "to": chance.choice(["owner", "ines-carvalho"])}
    return {
        "mail": f"m{spot.index}", "class": chance.choice(["marketing", "marketing", "service", "one-to-one"]),
        "worth": chance.choice(WORTH), **spot.maybe(0.25, unless=spot.condition()),
    }  # fmt: skip


def _wait(spot: _Spot) -> Said:
    chance = spot.chance
    clock: Said = {"until": chance.choice(CLOCKS), **spot.maybe(0.4, on=chance.sample(DAYS, chance.randint(1, 3)))}
    ends: Said = chance.choice(
        [
            {"for": chance.choice(WAITS)},
            {"for": chance.choice(WAITS)},
            {"to_day": chance.choice([0.5, 1, 4, 9])},
            {"before": chance.choice(["2d", "36h"]), "field": "audit_date"},
            {"after": chance.choice(["2d", "0m"]), "field": "audit_date"},
            {},
        ]
    )
    return {**ends, **(clock if not ends or chance.random() < 0.3 else {})}


def _wait_for(spot: _Spot) -> Said:
    chance = spot.chance
    asked: Said = {"events": chance.sample(KINDS, chance.randint(1, 2))} if chance.random() < 0.7 else {}
    if not asked or chance.random() < 0.3:
        asked["when"] = spot.condition()
    deadline = {"within": chance.choice(WAITS)} if chance.random() < 0.8 else {"to_day": chance.choice([2, 7])}
    return {**asked, **deadline, "then": spot.onward(), "otherwise": spot.onward()}


def _branch(spot: _Spot) -> Said:
    cases = [{"when": spot.condition(), "go": spot.onward()} for _ in range(spot.chance.randint(1, 2))]
    return {"cases": cases, "otherwise": spot.onward()}


def _split(spot: _Spot) -> Said:
    share = spot.chance.choice([50, 20, 5])
    shares = {"a": share, "b": 100 - share}
    arms = [{"name": name, "share": each, "go": spot.onward()} for name, each in shares.items()]
    return {"arms": arms, **spot.maybe(0.3, experiment="of all")}


def _task(spot: _Spot) -> Said:
    chance = spot.chance
    said: Said = {"to": chance.choice(["owner", "ines-carvalho"]), "words": "Call", "within": chance.choice(WAITS)}
    if chance.random() < 0.15:
        return {**said, "blocks": False}
    return {**said, "outcomes": {answer: spot.onward() for answer in ANSWERS}, "otherwise": spot.onward()}


def _start(spot: _Spot) -> Said:
    wait = {"wait": spot.chance.choice(WAITS), **spot.maybe(0.5, otherwise=spot.onward())}
    return {"journey": spot.names.sub, **(wait if spot.chance.random() < 0.7 else {})}


def _set(spot: _Spot) -> Said:
    field = spot.chance.choice(_FIELDS)
    told = "2026-04-20" if field == "audit_date" else spot.chance.choice(["a year", "a month", None])
    if spot.names.wide and spot.chance.random() < 0.4:
        field, told = spot.chance.choice([("role", "it"), ("role", "quality"), ("time_zone", "Asia/Singapore")])
    return {"field": field, "value": told}


def _on_failure(spot: _Spot) -> str:
    return spot.chance.choice(["skip", "exit", f"go:{spot.onward()}", "block"])


def _call(spot: _Spot) -> Said:
    ends = WORKS if spot.names.wide else spot.chance.choice([WORKS, WORKS, FAILS])
    # A run that an outside effect holds for a person waits for ever: here nobody comes.
    return {
        "activity": CUSTOM_STEP, "with": {"ends": ends}, **spot.maybe(0.3, then=spot.onward()),
        "on_failure": spot.chance.choice(["skip", "exit", f"go:{spot.onward()}"]),
    }  # fmt: skip


_KINDS_OF_STEP: dict[str, tuple[int, Callable[[_Spot], Said]]] = {
    "send": (26, _send),
    "stream": (5, lambda spot: {
        "from": "pool", "class": spot.chance.choice(["marketing", "service"]), "worth": spot.chance.choice(WORTH),
        "exhausted": spot.onward(),
    }),
    "wait": (16, _wait),
    "wait_for": (12, _wait_for),
    "branch": (7, _branch),
    "split": (4, _split),
    "go": (8, lambda spot: {"to": spot.anywhere(), "visits": spot.chance.randint(1, 3)}),
    "task": (6, _task),
    "start": (5, _start),
    "stop": (2, lambda spot: {"journey": spot.names.sub}),
    "record": (3, lambda spot: {"event": spot.chance.choice(["reference_asked", "reply", "exploring_told"])}),
    "tag": (4, lambda spot: {spot.chance.choice(["tag", "tag", "remove"]): spot.chance.choice(TAGS)}),
    "set": (4, _set),
    "score": (2, lambda spot: {"points": spot.chance.choice([5, -10, 40]), "why": "told us"}),
    "stage": (2, lambda spot: {"to": spot.chance.choice(["inquiry", "recycled"]), "why": "came back"}),
    "notify": (2, lambda spot: {"channel": "sales-alerts", "words": "Look", "on_failure": _on_failure(spot)}),
    "webhook": (2, lambda spot: {"endpoint": "crm", "with": ["role"], "on_failure": _on_failure(spot)}),
    "call": (4, _call),
}  # fmt: skip
"""Kind → how often it is drawn, and how."""
