"""Which versions has a journey, what did each publication do with the runs under way, and does it stand still?"""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import NotFound
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_words import step_words
from leadloom.domain.journeys.versions import diff
from leadloom.domain.model import Value
from leadloom.store import journeys_now, pauses, publications, published
from leadloom.store.journeys_now import Version
from leadloom.store.publications import Balance, Publication
from leadloom.store.tx import Tx
from leadloom.web.console._guard import needs
from leadloom.web.console._listing import name_of
from leadloom.web.console._visit import Visit

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_JOURNEYS)])


class Figure(Value):
    """A number, and the rows behind it."""

    words: str
    number: int
    href: str


class VersionCard(Value):
    """A version with its publication."""

    version: Version
    by: str
    changes: tuple[tuple[str, tuple[str, ...]], ...]
    """What it changed against the one before: kind of change, and each step with what it does."""
    open: int
    """Runs that go by it now."""
    publication: Publication | None
    balance: Balance | None
    fates: tuple[Figure, ...]


@router.get("/journeys/{name}/versions")
async def versions(visit: Visit, name: str) -> HTMLResponse:
    """All versions, newest first; the newest publication with its proof; pauses."""
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        found = await journeys_now.versions(tx, "journey", name)
        if not found:
            raise NotFound("published journey as data", name)
        at_steps = await journeys_now.at_steps(tx, name)
        cards: list[VersionCard] = []
        last = {one.version: one for one in reversed(await publications.of_journey(tx, name))}
        for place, one in enumerate(found):
            before = found[place + 1] if place + 1 < len(found) else None
            runs = sum(each.runs for each in at_steps if each.journey_hash == one.hash)
            cards.append(
                await _card(tx, name, one, before, last.get(one.version), by=name_of(book, one.published_by), runs=runs)
            )
        still = await pauses.of_journey(tx, name)
    names = {entry.handle: entry.name for entry in book.definition.owners}
    return visit.page("console/journey_versions.html", book, name=name, cards=cards, pauses=still, names=names)


async def _card(
    tx: Tx, name: str, one: Version, before: Version | None, publication: Publication | None, *, by: str, runs: int
) -> VersionCard:
    balance = None if publication is None else await publications.balance(tx, publication)
    changes = () if before is None else await _changes(tx, before, one)
    return VersionCard(
        version=one,
        by=by,
        changes=changes,
        open=runs,
        publication=publication,
        balance=balance,
        fates=() if balance is None else _fates(name, one.version, balance),
    )


async def _changes(tx: Tx, before: Version, after: Version) -> tuple[tuple[str, tuple[str, ...]], ...]:
    old, new = await published.journey(tx, before.hash), await published.journey(tx, after.hash)
    found = diff(old, new)
    parts = (
        ("new", [f"{step}: {step_words(new.step(step))}" for step in found.added]),
        ("gone", [f"{step}: {step_words(old.step(step))}" for step in found.removed]),
        ("moved", found.moved),
        ("changed", [_changed(step, old, new) for step in found.changed]),
        ("beside the steps", found.rules),
    )
    return tuple((words, tuple(said)) for words, said in parts if said)


def _changed(step: str, old: Journey, new: Journey) -> str:
    """The step before and after, as far as its sentence tells them apart."""
    was, now = step_words(old.step(step)), step_words(new.step(step))
    return f"{step}: {now}" if was == now else f"{step}: {was} → {now}"


def _fates(name: str, version: int, sum_: Balance) -> tuple[Figure, ...]:
    said = (
        ("go on with it", sum_.migrated, {"fate": "migrated"}),
        ("finish on theirs", sum_.finishing, {"fate": "finishing"}),
        ("ended by it", sum_.exited, {"fate": "exited"}),
        ("have not had their turn", sum_.undecided, {"fate": "undecided"}),
        ("miss a mail that moved behind them", sum_.missing, {"misses": "1"}),
    )
    return tuple(
        Figure(
            words=words, number=number,
            href=f"/rows/fates?{urlencode({'journey': name, 'version': version, **which})}",
        )
        for words, number, which in said
        if number or which.get("fate") in ("migrated", "finishing", "exited")
    )  # fmt: skip
