"""Is there a story in which a journey breaks its promises? Searched before it is published, for a moment."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput, Faulty
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.model import Json, Value
from leadloom.domain.rehearsal.stories import BEGINS, CounterExample, Search
from leadloom.store import audit, published
from leadloom.store.db import Db

MOST_STORIES = 800
PATIENCE_S = 2.0
"""Seconds of work for the search of one journey; making what was found shorter comes on top."""


class Searched(Value):
    """What came of a search."""

    journey: str
    stories: int
    """How many were tried."""
    seed: int
    broken: str | None = None
    """The promise that some story breaks, as the file says it; None when none was found."""
    story: tuple[str, ...] = ()
    """The shortest story found, line by line."""


def search(definition: Definition, journey: Journey, *, seed: int = 0) -> Searched:
    """Try stories until one breaks a promise or the time is over; the same seed tries the same ones, in this order."""
    looking, begun = Search(definition, journey, seed=seed), time.process_time()
    tried = 0
    while tried < MOST_STORIES and (tried == 0 or time.process_time() - begun < PATIENCE_S):
        found = looking.breaks(looking.story(tried))
        tried += 1
        if found is not None:
            shortest = looking.shortest(found)
            told = tuple(_told(shortest))
            broken = shortest.broken.promise
            return Searched(journey=journey.name, stories=tried, seed=seed, broken=broken, story=told)
    return Searched(journey=journey.name, stories=tried, seed=seed)


def search_all(definition: Definition, journeys: Iterable[Journey], *, seed: int = 0) -> list[Searched]:
    """Those of the journeys that promise something."""
    return [search(definition, one, seed=seed) for one in journeys if one.promises is not None]


def refuse_broken(found: Iterable[Searched]) -> None:
    """Raises Faulty with each counter-example and what to do."""
    broken = [one for one in found if one.broken is not None]
    if not broken:
        return
    remedy = "Mend the journey or promise less; --despite-promise WHY publishes it all the same, and keeps why."
    faults = ["\n".join((f"{one.journey} breaks `{one.broken}`:", *one.story, f"  {remedy}")) for one in broken]
    raise Faulty("What the journeys promise", faults)


async def keep_promises(
    db: Db, definition: Definition, journeys: Iterable[Journey], *, despite: str | None, at: datetime, by: str
) -> list[Searched]:
    """Search the journeys that are about to be published and say something new; what came of it.

    Raises Faulty for a counter-example, unless somebody says why it is published `despite` it: then that is kept in
    the audit with the story. BadInput for a reason nobody could read.
    """
    if despite is not None and not despite.strip():
        raise BadInput("despite promise", despite, "Say why, in words: it is kept with what was found.")
    async with db.read() as tx:
        known = await published.journeys_in_force(tx)
    found = search_all(definition, (one for one in journeys if known.get(one.name) != one))
    if despite is None:
        refuse_broken(found)
        return found
    async with db.transaction() as tx:
        for one in found:
            if one.broken is not None:
                after: dict[str, Json] = {"promise": one.broken, "story": [line.strip() for line in one.story]}
                note = audit.Note(
                    at=at, actor=by, action="published despite a broken promise", subject=f"journey {one.journey}",
                    after=after, why=despite.strip(),
                )  # fmt: skip
                await audit.note(tx, note)
    return found


def said(found: Iterable[Searched]) -> Iterator[str]:
    """A line for each search, with its size."""
    for one in found:
        fate = "no story breaks them" if one.broken is None else f"a story breaks `{one.broken}`"
        yield f"Promises of {one.journey}: {fate} ({_tried(one.stories)}, seed {one.seed})."


def _tried(stories: int) -> str:
    return "1 story tried" if stories == 1 else f"{stories:,} stories tried"


def _told(found: CounterExample) -> Iterator[str]:
    story = found.story
    known = [f"whose {name} is {value}" for name, value in story.told]
    if story.stage is not None:
        known.append(f"at {story.stage}")
    known.append("who may get marketing mail" if story.has_basis else "who may get no marketing mail")
    yield f"  a lead {', '.join(known)}"
    for line in found.lines:
        said = {
            "came in": f"comes in ({line.words})", "happened": f"{line.words.replace('_', ' ')}",
            "came to": f"comes to {line.words}", "went": f"the mail {line.words} goes",
            "lost": f"the mail {line.words}", "ended": f"the run ends: {line.words}", "asked": line.words,
        }.get(line.kind, line.words)  # fmt: skip
        place = f" [{line.step}]" if line.step else ""
        yield f"  day {(line.at - BEGINS) / timedelta(days=1):>5.1f}  {said}{place}"
    yield f"  ✗ here: {found.broken.words}"
