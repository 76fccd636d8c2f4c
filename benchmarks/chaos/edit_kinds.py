"""Which edits of a journey are tried while leads are in it, and what must everybody get afterwards?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from enum import StrEnum

from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.spans import write_span
from leadloom.domain.journeys.versions import Choice
from leadloom.domain.model import Value

MAILS = ("one", "two", "three", "four", "five")
EXTRA = "extra"
"""The mail that an edit puts in."""
WAITS = ("w1", "w2", "w3", "w4")
"""Where runs stand: they pass the mails in an instant, unless a mail before has not gone."""
_STEPS = ("one", "w1", "two", "w2", "three", "w3", "four", "w4", "five")


class Kind(StrEnum):
    """One way to edit a journey."""

    SHORTER = "shorter"
    """A wait takes half as long: who waited enough goes on at once."""
    LONGER = "longer"
    """A wait takes twice as long."""
    DELETED = "deleted"
    """A wait and the mail behind it are gone: who stands there advances."""
    INSERTED = "inserted"
    """A mail comes in: who is behind its place doesn't get it."""
    REORDERED = "reordered"
    """Two mails change places: nobody gets one twice."""
    EXIT = "exit"
    """All runs end."""


class Way(Value):
    """One run's way through an edit, from rows."""

    run: str
    fate: str | None
    step_after: str | None
    """Where a migrated run went on."""
    misses: tuple[str, ...]
    asked: tuple[str, ...]
    """Steps whose mail it asked for, in all."""
    status: str


def name_of(kind: Kind) -> str:
    """The journey of that edit."""
    return f"edit-{kind}"


def before(kind: Kind, *, wait: timedelta, mail_class: str) -> Journey:
    """Five mails with a wait between each two."""
    return _journey(kind, _STEPS, {}, wait=wait, mail_class=mail_class)


def after(kind: Kind, *, wait: timedelta, mail_class: str) -> Journey:
    """The same journey, edited."""
    steps: Sequence[str] = _STEPS
    spans: dict[str, timedelta] = {}
    match kind:
        case Kind.SHORTER | Kind.EXIT:
            spans = {"w2": wait / 2}
        case Kind.LONGER:
            spans = {"w2": wait * 2}
        case Kind.DELETED:
            steps = [step for step in _STEPS if step not in ("w2", "three")]
        case Kind.INSERTED:
            steps = ["one", "w1", "two", "w2", EXTRA, *_STEPS[4:]]
        case Kind.REORDERED:
            steps = ["one", "w1", "four", "w2", "three", "w3", "two", "w4", "five"]
    return _journey(kind, steps, spans, wait=wait, mail_class=mail_class)


def mails_of(journey: Journey) -> tuple[str, ...]:
    """The mails its steps send."""
    return tuple(letter.mail for step in journey.steps for letter in step.letters(journey))


def choice(kind: Kind) -> Choice:
    """What the publication says of the runs."""
    return Choice(runs="exit") if kind is Kind.EXIT else Choice(runs="migrate")


def lost(way: Way, new: Journey, *, passed: Collection[str] = ()) -> tuple[str, ...]:
    """Mails that were ahead of a migrated run and were never asked for; `passed` are those it had before its turn."""
    if way.fate != "migrated" or way.step_after is None or way.status == "exited":
        return ()
    ids = [step.id for step in new.steps]
    ahead = ids[ids.index(way.step_after) :] if way.step_after in ids else []
    return tuple(step for step in ahead if step in {*MAILS, EXTRA} and step not in {*way.asked, *passed})


def _journey(
    kind: Kind, steps: Sequence[str], spans: dict[str, timedelta], *, wait: timedelta, mail_class: str
) -> Journey:
    head = (
        f"name: {name_of(kind)}\npurpose: To be edited while leads are in it ({kind}).\nowner: priya-nair\n"
        f"sender: priya-nair\naudience: customer\nclass: {mail_class}\nenter: {{events: [promoter_told]}}\n"
        "exit: [{events: [unsubscribed], outcome: unsubscribed}]\nsteps:\n"
    )
    lines = [
        f"  - {{do: wait, id: {step}, for: {write_span(spans.get(step, wait))}}}\n"
        if step.startswith("w")
        else f"  - {{do: send, id: {step}, mail: {step}, worth: 30d}}\n"
        for step in steps
    ]
    return Journey.model_validate(DraftText(f"{name_of(kind)}.yaml", head + "".join(lines)).data)
