"""What is allowed in a journey and still a mistake? Advice beyond the checks of publishing, each with its remedy.

Publishing refuses what no run could live through; this finds what a run lives through otherwise than its author meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import pairwise

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.definitions.mail_policy import Window
from leadloom.domain.definitions.week import MIDNIGHT_AFTER
from leadloom.domain.journeys.conditions import span_words
from leadloom.domain.journeys.crowding import crowded
from leadloom.domain.journeys.journey import Journey, Step
from leadloom.domain.journeys.steps.branch import Branch
from leadloom.domain.journeys.steps.send import Send
from leadloom.domain.journeys.steps.step import Acts, Letter
from leadloom.domain.journeys.steps.stream import StreamStep
from leadloom.domain.journeys.steps.wait import Wait
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.mails.windows import WEEKDAYS

_NOES = ("unsubscribed", "complained")
"""What leads do who want no more of it."""
_DAY = timedelta(days=1)


def advise(journey: Journey, definition: Definition) -> list[Fault]:
    """What its author should look at, with the place in the file; empty when nothing.

    Ask for journeys that passed their checks: it takes names and ways for sound.
    """
    return [
        *_classes(journey),
        *_ends(journey, definition),
        *_branches(journey),
        *_worth(journey, definition),
        *_expiry(journey),
        *crowded(journey, definition),
    ]


def _classes(journey: Journey) -> Iterator[Fault]:
    """Mail whose class nobody chose: whether a permission is asked must not hang on a default."""
    if "mail_class" in journey.model_fields_set:
        return
    for index, step in enumerate(journey.steps):
        own = step.mail_class or step.to if isinstance(step, Send) else None
        own = step.mail_class if isinstance(step, StreamStep) else own
        if step.letters(journey) and own is None:
            words = "No class is said, so this is marketing and asks a permission. Say `class: marketing`, or another."
            yield Fault(path=("steps", index, "mail"), words=words)


def _ends(journey: Journey, definition: Definition) -> Iterator[Fault]:
    """A lead who says no to all the journey has for them stays in it. Service mail goes on after a no to marketing."""
    mails = [letter for step in journey.steps for letter in step.letters(journey) if letter.to is None]
    ending = {kind for rule in journey.exit for kind in rule.events} | set(journey.goal)
    if mails and all(letter.mail_class == MailClass.MARKETING for letter in mails):
        for kind in _NOES:
            if kind in definition.events and kind not in ending:
                words = f"A lead's `{kind}` doesn't end a run, it only keeps its mail back. Add it to an `exit`."
                yield Fault(path=("exit",), words=words)


def _branches(journey: Journey) -> Iterator[Fault]:
    for index, step in enumerate(journey.steps):
        ways = {way.to for way in step.ways(journey.after(step.id))}
        if isinstance(step, Branch) and len(ways) == 1:
            words = f"Every way leads to {ways.pop()}: what it asks changes nothing. Lead one elsewhere or take it out."
            yield Fault(path=("steps", index), words=words)


def _worth(journey: Journey, definition: Definition) -> Iterator[Fault]:
    """Mail that may never go because the window stays shut for longer than it is worth, or that goes after its day."""
    shut = longest_shut(definition.mail.window)
    for index, step in enumerate(journey.steps):
        for letter in step.letters(journey):
            policy = definition.mail.classes.get(letter.mail_class)
            if policy is not None and policy.windowed and letter.worth < shut:
                worth, longest = span_words(letter.worth), span_words(shut)
                words = f"{letter.mail} is worth sending for {worth}, and the window stays shut for up to {longest}"
                words = f"{words}: asked for then it never goes. Make it worth longer."
                yield Fault(path=("steps", index, "worth"), words=words)
                break
        if index and (late := _after_its_date(journey.steps[index - 1], step, journey)) is not None:
            yield Fault(path=("steps", index, "worth"), words=late)


def _after_its_date(before: Step, step: Step, journey: Journey) -> str | None:
    if not isinstance(before, Wait) or not before.before:
        return None
    late = next((letter for letter in step.letters(journey) if letter.worth > before.before), None)
    if late is None:
        return None
    return (
        f"{late.mail} is asked for {span_words(before.before)} before {before.field} and worth sending for "
        f"{span_words(late.worth)}: it may go after the date. Make it worth {span_words(before.before)} at most."
    )


def _expiry(journey: Journey) -> Iterator[Fault]:
    """A step that expires while the run still waits for the mail before it to go."""
    for index, step in enumerate(journey.steps):
        if not isinstance(step, Acts) or step.expires is None or not _marketing(step, journey):
            continue
        before = [letter for one in journey.steps[:index] for letter in _marketing(one, journey)]
        if before and (longest := max(letter.worth for letter in before)) > step.expires:
            yield Fault(
                path=("steps", index, "expires"),
                words=f"It expires {span_words(step.expires)} after it was due, and waits up to {span_words(longest)} "
                "for the mail before it to go. Let it expire later, or make the mails before it worth less.",
            )


def _marketing(step: Step, journey: Journey) -> list[Letter]:
    return [letter for letter in step.letters(journey) if letter.mail_class == MailClass.MARKETING]


def longest_shut(window: Window) -> timedelta:
    """The longest time the window stays shut in a week without holidays or a change of clocks."""
    monday = datetime(2024, 1, 1)  # noqa: DTZ001  a wall clock without a place
    opens = [monday + _DAY * (week * 7 + WEEKDAYS.index(day)) for week in (0, 1) for day in window.days]
    open_times = sorted((_at(day, window.from_), _until(day, window)) for day in opens)
    return max((after[0] - before[1] for before, after in pairwise(open_times)), default=_DAY)


def _at(day: datetime, clock: time) -> datetime:
    return datetime.combine(day, clock)  # a wall clock, as above


def _until(day: datetime, window: Window) -> datetime:
    return day + _DAY if window.until == MIDNIGHT_AFTER else _at(day, window.until)
