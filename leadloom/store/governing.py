"""How is a draft looked at on all leads, and how does one that came into force reach them? A page at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.preview import Affected, Load, Preview, StageCount
from leadloom.domain.model import LeadId, Value
from leadloom.domain.stages.reevaluation import Verdicts
from leadloom.store import definition_drafts, published, reevaluation
from leadloom.store import load as offers
from leadloom.store.db import Db
from leadloom.store.published import Book
from leadloom.store.reevaluation import Judge
from leadloom.store.tx import Tx

LOOK_AT = 500
"""Leads of one page of a preview: it holds nobody, so it may be larger than a page of the deed."""

Told = Callable[[int, int], None]
"""Hears after each page how many leads have been looked at, and how many there are."""


class Applied(Value):
    """How far the judging anew is."""

    version: int | None
    """None: every lead is judged by the version in force."""
    judged: int
    """Leads of this call."""
    is_over: bool


def quiet(done: int, whole: int) -> None:
    """Nobody watches."""


async def preview(db: Db, draft_no: int, *, at: datetime, told: Told = quiet) -> Preview:
    """Old against new as of `at`, or of the draft's own date when that is later. Changes nothing about any lead.

    One picture of the database, read in pages; the result is kept with the draft, so that its numbers open their rows.
    Raises NotFound; Conflict as `definition_drafts` does for a draft another version overtook.
    """
    async with db.read() as tx:
        draft = await definition_drafts.get(tx, draft_no)
        definition = await definition_drafts.body(tx, draft_no)
        book = await published.book(tx)
        definition_drafts.must_be_fresh(draft, book)
        when = max(at, draft.effective_at or at)
        judge = Judge(book, await book_after(tx, book, definition, draft.regions), book.definition_version + 1, when)
        found, router = await _look(tx, judge, told)
        stood = {(row.stage, row.track): row.leads for row in await definition_drafts.stood(tx)}
        now_open = await offers.open_now(tx)
        looked = await reevaluation.how_many(tx, judge)
    result = Preview(
        draft_no=draft_no,
        hash=draft.hash,
        at=when,
        from_version=book.definition_version,
        looked_at=looked,
        stages=_stages(definition, stood, found),
        affected=tuple(found),
        joining=router.joining,
        load=_load(now_open, router.added),
    )
    async with db.transaction() as tx:
        await definition_drafts.keep_preview(tx, result)
    return result


async def book_after(tx: Tx, book: Book, definition: Definition, first: tuple[str, ...] | None) -> Book:
    """The book as it would be with the draft in force: regions that aren't first stay with the version they have."""
    live = await published.hash_in_force(tx, book)
    pinned = {
        region: (version, content_hash or live)
        for region in definition.regions
        if first is not None and region not in first
        for version, content_hash in [book.version_in(region)]
    }
    return await published.under(tx, book, definition, book.definition_version + 1, pinned=pinned)


async def _look(tx: Tx, judge: Judge, told: Told) -> tuple[list[Affected], offers.Router]:
    router, found, after, done = offers.Router(judge.after, judge.at), list[Affected](), None, 0
    whole = await reevaluation.how_many(tx, judge)
    while True:
        ids, verdicts = await reevaluation.looked_at(tx, judge, after, LOOK_AT)
        goes = await router.offer(tx, verdicts)
        found += [_affected(each, goes) for each in verdicts]
        done += len(ids)
        told(done, whole)
        if len(ids) < LOOK_AT:
            return found, router
        after = ids[-1]


def _affected(each: Verdicts, goes: dict[LeadId, str]) -> Affected:
    return Affected(
        lead_id=each.lead_id, case=each.case, track=each.track, from_stage=each.from_stage, to_stage=each.to_stage,
        owner=goes.get(each.lead_id), why=tuple(line for line in each.why if each.case != "moves"),
    )  # fmt: skip


def _stages(
    definition: Definition, stood: dict[tuple[str, str], int], found: Iterable[Affected]
) -> tuple[StageCount, ...]:
    after = Counter(stood)
    for one in found:
        if one.to_stage is not None:
            after[one.from_stage, one.track] -= 1
            after[one.to_stage, one.track] += 1
    return tuple(
        StageCount(stage=stage.name, track=track, before=stood.get(key, 0), after=after[key])
        for track in definition.tracks
        for stage in definition.stages
        if (key := (stage.name, track)) in stood or after[key]
    )


def _load(now_open: Counter[str], added: Counter[str]) -> tuple[Load, ...]:
    loads = [Load(who=who, open_now=now_open[who], added=added[who]) for who in {**now_open, **added}]
    return tuple(sorted(loads, key=lambda one: (-one.added, -one.open_now, one.who)))


async def come_into_force(db: Db, *, at: datetime) -> Sequence[int]:
    """Put every approved draft in force whose date has come; their numbers. Safe to repeat."""
    async with db.read() as tx:
        due = await definition_drafts.due(tx, at)
        if await reevaluation.open_one(tx) is not None:
            return ()  # leads are still being judged by the version before: the next look takes it
    for draft_no in due[:1]:
        async with db.transaction() as tx:
            await definition_drafts.come_into_force(tx, draft_no, book=await published.book(tx), at=at)
    return due[:1]


async def apply(db: Db, *, most_pages: int | None = None, told: Told = quiet) -> Applied:
    """Judge the leads a new version touches, as far as `most_pages` pages go. Safe to repeat and to cut short."""
    done, pages = 0, 0
    while most_pages is None or pages < most_pages:
        async with db.transaction() as tx:
            one = await reevaluation.open_one(tx)
            if one is None:
                version = None if not pages else (await published.book(tx)).definition_version
                return Applied(version=version, judged=done, is_over=True)
            done += await reevaluation.work(tx, one, book=await published.book(tx))
        pages += 1
        told(done, done)
    return Applied(version=None, judged=done, is_over=False)
