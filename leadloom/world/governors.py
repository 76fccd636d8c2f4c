"""How do the people of the example world govern their definition? By its own ways: propose, look, sign, or say no."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.drafting import Draft, Proposal, Word
from leadloom.domain.reports.calibration import CalibrationReport, VersionPart
from leadloom.domain.reports.figures import Proportion
from leadloom.runtime import governance as figures
from leadloom.runtime import reports
from leadloom.store import definition_drafts, governance, governing, looking_back, published
from leadloom.store.db import Db

THRESHOLD_FALLS_ON = 35
"""Day on which the second engagement threshold falls from 40 to 35 (planted truth)."""
_LOOKS_BACK = timedelta(weeks=13)

Turn = tuple[timedelta, Callable[[], Awaitable[None]]]


def turns(db: Db, begins: datetime, first: Definition) -> list[Turn]:
    """What the governors do on which day: the charter, a draft sales refuses, and the one that lowers the threshold."""

    def on(day: float, does: Callable[[datetime], Awaitable[None]]) -> Turn:
        return timedelta(days=day), lambda: does(begins + timedelta(days=day))

    async def charter(at: datetime) -> None:
        async with db.transaction() as tx:
            book = await published.book(tx)
            word = Word(by=first.sponsor, at=at, why="we begin with these figures")
            await governance.sign_charter(tx, word, book=book, figures=await figures.figures(tx, book.definition, at))

    async def too_far(at: datetime) -> None:
        await _propose(db, _at_least(first, 30), Word(by=first.owner, at=at, why="The reps could talk to more leads"))

    async def refuse(at: datetime) -> None:
        why = "Thirty brings more than they can answer in time; come back with less"
        await _say(db, definition_drafts.reject, Word(by=first.approver, at=at, why=why))

    async def propose(at: datetime) -> None:
        word = Word(by=first.owner, at=at, why="The reps have room: call who comes to 35 points, from week 6 on")
        falls = begins + timedelta(days=THRESHOLD_FALLS_ON)
        await _propose(db, _at_least(first, 35), word, effective_at=falls)
        await _say(db, definition_drafts.sign, word.but(why=""))

    async def sign(at: datetime) -> None:
        why = "Agreed in our monthly: we look at acceptance in four weeks"
        await _say(db, definition_drafts.sign, Word(by=first.approver, at=at, why=why))

    async def falls(at: datetime) -> None:
        # The sweep of each minute does this; that of a played world comes once a day.
        await governing.come_into_force(db, at=at)
        await governing.apply(db)

    return [
        on(1, charter), on(21, too_far), on(24, refuse), on(28, propose), on(30, sign), on(THRESHOLD_FALLS_ON, falls),
    ]  # fmt: skip


async def leave_draft(db: Db, definition: Definition, *, at: datetime) -> None:
    """The threshold fell: Samira proposes the first one again, by what came of it, and has signed. It awaits Greta.

    `definition` is the first version; nothing while it is the one in force.
    """
    async with db.read() as tx:
        book = await published.book(tx)
    if book.definition.engagement_digits == definition.engagement_digits:
        return
    word = Word(by=definition.owner, at=at, why=what_came(await reports.calibration(db, at, track="new-business")))
    await _propose(db, book.definition.but(engagement_digits=definition.engagement_digits), word)
    await _say(db, definition_drafts.sign, word)


def what_came(report: CalibrationReport) -> str:
    """What the figures say about digit 2 under the versions, and nothing more."""
    found = {part.definition_version: _second(part) for part in report.versions}
    lasting = [found[version] for version in sorted(found)]
    if len(lasting) < 2 or not all(one.whole for one in lasting):
        return "Back to 40 points for digit 2: too few are answered yet to tell what 35 did"
    first, last = lasting[0], lasting[-1]
    return (
        f"Of the leads of digit 2, sales took {first.part:.0f} of {first.whole:.0f} while it began at 40 points, and "
        f"{last.part:.0f} of {last.whole:.0f} since it begins at 35: back to 40"
    )


def _second(part: VersionPart) -> Proportion:
    """Of the leads called ready with the second digit of engagement, how many were accepted of those answered."""
    rows = [row.accepted for row in part.bands if row.band.endswith("2")]
    return Proportion(part=sum(row.part for row in rows), whole=sum(row.whole for row in rows))


def _at_least(definition: Definition, points: float) -> Definition:
    return definition.but(engagement_digits={**definition.engagement_digits, 2: points})


async def _propose(db: Db, definition: Definition, word: Word, *, effective_at: datetime | None = None) -> None:
    """Draw it up, work out what it would do and would have done, and ask for the signatures."""
    async with db.transaction() as tx:
        book, proposal = await published.book(tx), Proposal(definition=definition, effective_at=effective_at)
        draft = await definition_drafts.draw_up(tx, proposal, word, book=book)
        await definition_drafts.submit(tx, draft.draft_no, word, book=book)
    await governing.preview(db, draft.draft_no, at=word.at)
    await looking_back.look_back(db, draft.draft_no, since=word.at - _LOOKS_BACK, until=word.at, at=word.at)


async def _say(db: Db, what: definition_drafts.Acts, word: Word) -> Draft:
    """Say it of the newest draft."""
    async with db.transaction() as tx:
        newest = (await definition_drafts.listed(tx))[0]
        return await what(tx, newest.draft_no, word, book=await published.book(tx))
