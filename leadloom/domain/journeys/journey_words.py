"""How would a marketer say what a step does?"""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from leadloom.domain.journeys.conditions import either, in_words, span_words, words
from leadloom.domain.journeys.journey import Branch, Call, Go, HandOffStep, Record, Send, Step, Wait, WaitFor


def step_words(step: Step) -> str:
    """One sentence, without its end: `Send the mail nine-minutes, unless article read since entry`."""
    match step:
        case Send():
            to = f" to {'the owner' if step.to == 'owner' else step.to}" if step.to else ""
            unless = f", unless {words(step.unless)}" if step.unless is not None else ""
            return f"Send the mail {step.mail}{to}{unless}"
        case Wait():
            return f"Wait {wait_words(step)}"
        case WaitFor():
            until = f"until day {step.to_day:g}" if step.to_day is not None else span_words(step.within or timedelta())
            return f"Wait for {either(in_words(kind) for kind in step.events)}, at most {until}"
        case Branch():
            return "Choose the way"
        case HandOffStep():
            return f"Offer the lead to an owner ({step.kind})"
        case Record():
            return f"Note that it happened: {in_words(step.event)}"
        case Call():
            return f"Let {step.activity} happen outside"
        case Go():
            most = f", at most {step.visits} times" if step.visits is not None else ""
            return f"Go on with {step.to}{most}"
        case _:
            assert_never(step)


def wait_words(step: Wait) -> str:
    """Until when a plain wait lasts."""
    if step.field is not None and step.before is not None:
        return f"until {span_words(step.before)} before {in_words(step.field)}"
    if step.to_day is not None:
        return f"until day {step.to_day:g}"
    return span_words(step.for_ or timedelta())


def ways(step: Step) -> tuple[tuple[str, str], ...]:
    """(when, step id or `end`) for each way on from a step that has several; a plain step has none to tell."""
    match step:
        case WaitFor():
            return ("when it happens", step.then), ("otherwise", step.otherwise)
        case Branch():
            return (*((f"if {words(case.when)}", case.go) for case in step.cases), ("otherwise", step.otherwise))
        case Call() if step.then is not None:
            return (("then", step.then),)
        case Send() | Wait() | HandOffStep() | Record() | Call() | Go():
            return ()
        case _:
            assert_never(step)
