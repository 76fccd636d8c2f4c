"""Plays batches of cases twice and tells the first difference of each: the hunt for what a rehearsal gets wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta

from leadloom.domain.definitions.definition import Definition
from tests import world
from tests.rehearsed import by_audience, live, played
from tests.rehearsed.cases import Case, a_case
from tests.rehearsed.chance import SEASONS, definition_of
from tests.rehearsed.predicted import predict
from tests.rehearsed.told import Told, first_difference

ALL_TOGETHER = -1
"""The number under which stands what is wrong with a batch, and with no case of it."""
LASTS = timedelta(days=75)
"""How long a batch plays: most runs are over by then, the rest must wait for something."""


@dataclass
class Found:
    """What came of a batch."""

    cases: int = 0
    mails: int = 0
    sent: int = 0
    decisions: int = 0
    still_open: int = 0
    differences: dict[int, str] = field(default_factory=dict[int, str])
    """Case → the case in words, and the first thing that was told otherwise."""
    once: dict[int, str] = field(default_factory=dict[int, str])
    """The same of cases that went as rehearsed when they were played again."""

    def add(self, case: Case, told: Told, difference: str | None) -> None:
        """Count one case."""
        self.cases += 1
        self.mails += len(told.mails)
        self.sent += sum(mail.fate == "sent" for mail in told.mails)
        self.decisions += len(told.deeds)
        self.still_open += told.ended is None
        if difference is not None:
            self.differences[case.no] = difference


def definition_for(seed: int) -> Definition:
    """The definition a batch plays under: the repository's, with one of several mail policies."""
    return definition_of(world.definition(), seed)


def cases_of(seed: int, numbers: Sequence[int], *, wide: bool = False) -> list[Case]:
    """These cases of a batch."""
    definition, begins_at = definition_for(seed), SEASONS[seed % len(SEASONS)]
    return [a_case(seed, no, definition, begins_at, wide=wide) for no in numbers]


async def hunt(dsn: str, seed: int, numbers: Sequence[int], *, tell: Callable[[str], None] | None = None) -> Found:
    """Play these cases of a batch twice; `dsn` is a fresh, migrated database."""
    cases, definition = cases_of(seed, numbers), definition_for(seed)
    until = SEASONS[seed % len(SEASONS)] + LASTS
    predicted = {case.no: predict(case, definition, until=until) for case in cases}
    async with live.a_batch(dsn, definition, SEASONS[seed % len(SEASONS)]) as batch:
        await live.play(batch, cases, until=until, tell=tell)
        told = await played.read(batch, cases, definition)
        faults = await played.faults_of_all(batch)
    found = Found()
    for case in cases:
        difference = first_difference(predicted[case.no], told[case.no])
        words = None if difference is None else in_words(case, difference, predicted[case.no], told[case.no])
        found.add(case, told[case.no], words)
    if faults:
        found.differences[ALL_TOGETHER] = f"seed {seed}: {'; '.join(faults)}"
    return found


async def hunt_wide(dsn: str, seed: int, numbers: Sequence[int], *, tell: Callable[[str], None] | None = None) -> Found:
    """The same for wide cases, which the rehearsal of an audience foretells: each lead is in several journeys."""
    cases, definition = cases_of(seed, numbers, wide=True), definition_for(seed)
    until = SEASONS[seed % len(SEASONS)] + LASTS
    predicted = {case.no: by_audience.predict(case, definition, until=until) for case in cases}
    async with live.a_batch(dsn, definition, SEASONS[seed % len(SEASONS)]) as batch:
        await live.play(batch, cases, until=until, tell=tell)
        lived, told = await by_audience.read(batch, cases), await played.read(batch, cases, definition)
        faults = await played.faults_of_all(batch)
    found = Found()
    for case in cases:
        one, other = predicted[case.no], lived[case.no]
        # Whom the rehearsal leaves out, too, needn't come in.
        faults_of_run = [fault for fault in told[case.no].faults if fault != played.NEVER_CAME]
        difference = next(iter(faults_of_run), None) or by_audience.first_difference(one, other)
        words = None
        if difference is not None:
            sends = "\n".join(f"  {name}: {each.sends}" for name, each in (("rehearsed", one), ("played", other)))
            words = f"case {case.no} of seed {seed}: {difference}\n{case.words()}{sends}\nAlone: {alone(case)} --wide\n"
        found.add(case, told[case.no], words)
    if faults:
        found.differences[ALL_TOGETHER] = f"seed {seed}: {'; '.join(faults)}"
    return found


Fresh = Callable[[], AbstractAsyncContextManager[str]]
"""Makes a fresh, migrated database."""


async def hunt_twice(
    fresh: Fresh,
    seed: int,
    numbers: Sequence[int],
    *,
    wide: bool = False,
    tell: Callable[[str], None] | None = None,
) -> Found:
    """Hunt, and play again by themselves the cases that differ: on a busy machine a mail may lose a race of moments.

    What differs again is a difference; what doesn't is told beside (`once`).
    """
    play = hunt_wide if wide else hunt
    async with fresh() as dsn:
        found = await play(dsn, seed, numbers, tell=tell)
    if suspects := [no for no in found.differences if no != ALL_TOGETHER]:
        async with fresh() as dsn:
            again = await play(dsn, seed, suspects)
        found.once = {no: found.differences.pop(no) for no in suspects if no not in again.differences}
    return found


def alone(case: Case) -> str:
    """The command that plays a case alone."""
    return f"python -m tests.e2e.rehearsal_hunt --seed {case.seed} --case {case.no}"


def in_words(case: Case, difference: str, predicted: Told, told: Told) -> str:
    """What somebody needs who wants to see it again."""
    ways = "\n".join(
        f"  {name}: " + "; ".join(f"{each.at:%m-%d %H:%M:%S} {each.step}/{each.visit} {each.did}" for each in one.deeds)
        for name, one in (("rehearsed", predicted), ("played", told))
    )
    return f"case {case.no} of seed {case.seed}: {difference}\n{case.words()}\n{ways}\nAlone: {alone(case)}\n"
