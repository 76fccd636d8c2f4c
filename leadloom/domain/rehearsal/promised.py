"""Does a journey keep its promises in a story, and which line breaks one?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.parts import Part
from leadloom.domain.journeys.conditions import span_words
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.model import Value
from leadloom.domain.rehearsal.runs_play import NO_BASIS
from leadloom.domain.rehearsal.tally import Noted

GIVEN_BACK = (Part.RETURNED, Part.QUIET, Part.ANSWERED)
"""Parts of the stages in which a lead is marketing's again."""


class Broken(Value):
    """A promise that a story breaks."""

    promise: str
    """As the file says it, such as `never_after: sql`."""
    line: int
    """The line of the story that breaks it, from 0; one behind the last for a run that doesn't end."""
    words: str


def broken_in(
    definition: Definition, journey: Journey, story: Sequence[Noted], *, stage: str, ends_at: datetime
) -> Broken | None:
    """The first promise the story breaks; None when all are kept.

    Args:
        journey: The one that promises.
        story: Of one lead, from before its run begins.
        stage: Where the lead stood in the journey's track when the story began.
        ends_at: When the story ends: a run that is open then is that old at least.
    """
    given_back = frozenset(definition.named(part) for part in GIVEN_BACK)
    found = [
        *_never_after(journey, story, stage, given_back),
        *_at_most(journey, story),
        *_without_basis(journey, story),
    ]
    found += _ends_within(journey, story, ends_at)
    return min(found, key=lambda one: one.line, default=None)


def _never_after(journey: Journey, story: Sequence[Noted], stage: str, given_back: frozenset[str]) -> Iterator[Broken]:
    """Where the lead stood when the run began, and each stage they came to since, until sales gives them back."""
    stages = journey.promises.never_after if journey.promises else ()
    now, reached = stage, set[str]()
    for no, line in enumerate(story):
        if line.kind == "came to" and line.journey == journey.track:
            now = line.words
            reached = {now} if now in given_back else {*reached, now}
        elif line.journey != journey.name:
            continue
        elif line.kind == "came in":
            reached = {now}
        elif line.kind == "went" and (after := [one for one in stages if one in reached]):
            yield Broken(promise=f"never_after: {after[0]}", line=no, words=f"a mail goes after the stage {after[0]}")


def _at_most(journey: Journey, story: Sequence[Noted]) -> Iterator[Broken]:
    most = journey.promises.at_most if journey.promises else None
    if most is None:
        return
    went = [(no, line.at) for no, line in enumerate(story) if (line.kind, line.journey) == ("went", journey.name)]
    for place, (no, at) in enumerate(went):
        within = [earlier for _, earlier in went[: place + 1] if at - earlier < most.within]
        if len(within) > most.count:
            promise = f"at_most: {most.count} within {span_words(most.within)}"
            yield Broken(promise=promise, line=no, words=f"it is mail {len(within)} in {span_words(most.within)}")


def _ends_within(journey: Journey, story: Sequence[Noted], ends_at: datetime) -> Iterator[Broken]:
    most = journey.promises.ends_within if journey.promises else None
    if most is None:
        return
    began: datetime | None = None
    for no, line in enumerate(story):
        if line.journey == journey.name and line.kind == "came in":
            began = line.at
        elif line.journey == journey.name and line.kind == "ended" and began is not None:
            if line.at - began > most:
                yield _too_long(no, span_words(most))
            began = None
    if began is not None and ends_at - began > most:
        yield _too_long(len(story), span_words(most))


def _too_long(line: int, span: str) -> Broken:
    return Broken(promise=f"ends_within: {span}", line=line, words=f"the run lasts longer than {span}")


def _without_basis(journey: Journey, story: Sequence[Noted]) -> Iterator[Broken]:
    if journey.promises is None or not journey.promises.never_without_basis:
        return
    for no, line in enumerate(story):
        if (line.kind, line.journey, line.words) == ("asked", journey.name, NO_BASIS):
            words = "a marketing mail is planned for a lead who may get none"
            yield Broken(promise="never_without_basis", line=no, words=words)
