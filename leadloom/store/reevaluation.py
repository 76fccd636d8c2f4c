"""Whom does another version of the definition move? Looked at before, and done after, by the very same judgement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.regions import region_of
from leadloom.domain.errors import Conflict
from leadloom.domain.model import Instant, LeadId, Value
from leadloom.domain.stages.clocks import SetClock, needs_lifecycle
from leadloom.domain.stages.rearming import RECKONED, clocks_differ, newly_quiet, reckoned_anew
from leadloom.domain.stages.reevaluation import Verdicts, changed, judged, stages_to_judge
from leadloom.domain.stages.scoring import country_of
from leadloom.domain.standing import Standing
from leadloom.domain.wake import lifecycle_looks
from leadloom.store import events, published, standing
from leadloom.store.events import Happening
from leadloom.store.published import Book
from leadloom.store.tx import Tx

PAGE = 200
"""Leads of one transaction."""


class Reevaluation(Value):
    """One coming into force, and how far its leads have been judged."""

    version: int
    region: str
    """Empty is everywhere."""
    from_version: int
    at: Instant
    after_lead: LeadId | None


class Judge(NamedTuple):
    """By what leads are judged, before and after; the same for all pages."""

    before: Book
    after: Book
    version: int
    at: datetime

    def stages(self) -> tuple[str, ...]:
        """Where the leads stand that may be moved."""
        return stages_to_judge(self.before.definition, self.after.definition)

    def sets_clocks(self) -> bool:
        """Whether a clock may ring at another moment."""
        return clocks_differ(self.before.definition, self.after.definition)

    def of(self, now: Standing, *, offered: bool) -> Verdicts | None:
        """What it means for one lead."""
        pair = self._for(now)
        return None if pair is None else judged(*pair, now, version=self.version, offered=offered, at=self.at)

    def clocks_of(self, now: Standing) -> tuple[SetClock, ...]:
        """The lead's clocks that ring at another moment."""
        pair = self._for(now)
        return () if pair is None else reckoned_anew(*pair, now, at=self.at)

    def _for(self, now: Standing) -> tuple[Definition, Definition] | None:
        """What the lead is judged by, before and after; None when their region stays with the version it has."""
        country = country_of(now.lead, now.account)
        before, after = self.before.judging(country), self.after.judging(country)
        return (before.definition, after.definition) if after.version == self.version else None


async def looked_at(tx: Tx, judge: Judge, after: LeadId | None, limit: int) -> tuple[list[LeadId], list[Verdicts]]:
    """The next leads, and what it would mean for each it means something for. Reads only."""
    ids = await _page(tx, judge.stages(), after, limit)
    found = await standing.of(tx, await standing.seen(tx, ids), book=judge.after, at=judge.at)
    return ids, await _verdicts(tx, judge, found)


async def how_many(tx: Tx, judge: Judge) -> int:
    """How many leads there are to look at."""
    return await tx.value("judged_anew_count", stages=list(judge.stages()))


async def open_one(tx: Tx) -> Reevaluation | None:
    """The oldest that hasn't come to its end."""
    row = await tx.maybe("open_reevaluation")
    return None if row is None else Reevaluation.model_validate(dict(row))


async def must_be_over(tx: Tx) -> None:
    """Raises Conflict while leads are still being judged under the version in force."""
    under_way = await open_one(tx)
    if under_way is not None:
        raise Conflict(
            f"Leads are still being judged by version {under_way.version}: try again in a minute, or see how far it is "
            "with `definitions apply`."
        )


async def work(tx: Tx, one: Reevaluation, *, book: Book) -> int:
    """Judge the next page of leads, set their clocks and move whom the two versions judge differently; 0 at the end.

    Safe to repeat: the row is held, moves have a key, and the cursor is written with them.
    """
    row = await tx.maybe("reevaluation_held", version=one.version, region=one.region)
    if row is None:
        return 0
    one = Reevaluation.model_validate(dict(row))
    judge = Judge(await _book_before(tx, one, book), book, one.version, one.at)
    ids = await _touched(tx, judge, one.after_lead)
    locked = await standing.lock(tx, ids)
    here = await _here(tx, one, await standing.of(tx, locked, book=book, at=one.at), book.definition)
    if judge.sets_clocks():
        await _set_clocks(tx, judge, here, book.definition)
    # Who moved since was judged by the new version then.
    stayed = {lead_id: now for lead_id, now in here.items() if all(since <= one.at for since in now.since.values())}
    verdicts = [each for each in await _verdicts(tx, judge, stayed) if each.changes]
    await events.record_all(
        tx,
        [
            Happening(lead_id=each.lead_id, drafts=(changed(one.version, offered=False, at=one.at),))
            for each in verdicts
        ],
        book=book,
        at=one.at,
    )
    is_last = len(ids) < PAGE
    await tx.run(
        "reevaluation_came_to",
        version=one.version,
        region=one.region,
        after_lead=ids[-1] if ids else one.after_lead,
        ended_at=one.at if is_last else None,
    )
    return len(ids)


async def _page(tx: Tx, stages: Sequence[str], after: LeadId | None, limit: int) -> list[LeadId]:
    rows = await tx.all("judged_anew_page", stages=list(stages), after=after, page_limit=limit)
    return [row["lead_id"] for row in rows]


async def _touched(tx: Tx, judge: Judge, after: LeadId | None) -> list[LeadId]:
    if not judge.sets_clocks():
        return await _page(tx, judge.stages(), after, PAGE)
    stages = [*judge.stages(), *newly_quiet(judge.before.definition, judge.after.definition)]
    clocks = list(RECKONED)
    rows = await tx.all("judged_or_clocked_page", stages=stages, clocks=clocks, after=after, page_limit=PAGE)
    return [row["lead_id"] for row in rows]


async def _set_clocks(tx: Tx, judge: Judge, leads: Mapping[LeadId, Standing], definition: Definition) -> None:
    """Before anybody moves: what a move sets counts from the move. Only who is to ring sooner is woken."""
    found = {lead_id: judge.clocks_of(now) for lead_id, now in leads.items()}
    await events.write_clocks(tx, {lead_id: clocks for lead_id, clocks in found.items() if clocks})
    for lead_id, clocks in found.items():
        if needs_lifecycle(definition, leads[lead_id].clocks, clocks=clocks, changes=()):
            tx.look_again(lifecycle_looks(lead_id))


async def _verdicts(tx: Tx, judge: Judge, found: Mapping[LeadId, Standing]) -> list[Verdicts]:
    offered = {row["lead_id"] for row in await tx.all("offered_leads", lead_ids=list(found))}
    verdicts = [judge.of(now, offered=lead_id in offered) for lead_id, now in sorted(found.items())]
    return [verdict for verdict in verdicts if verdict is not None]


async def _book_before(tx: Tx, one: Reevaluation, book: Book) -> Book:
    """The book with the version its leads were judged by before."""
    was = await published.definition_of(tx, book.definition.name, one.from_version)
    return await published.under(tx, book, was, one.from_version, pinned={})


async def _here(
    tx: Tx, one: Reevaluation, found: Mapping[LeadId, Standing], definition: Definition
) -> dict[LeadId, Standing]:
    """Leads of the region; of everywhere, those whose region doesn't come by itself."""
    others = {row["region"] for row in await tx.all("regions_of_reevaluation", version=one.version)}

    def is_here(now: Standing) -> bool:
        region = region_of(definition, country_of(now.lead, now.account)) or ""
        return region == one.region if one.region else region not in others

    return {lead_id: now for lead_id, now in found.items() if is_here(now)}
