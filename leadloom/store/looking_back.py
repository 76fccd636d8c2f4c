"""What would a draft have made of a past span? Each life is told twice, a page at a time; only figures are kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.look_back import LookBack, Tally, Told
from leadloom.domain.definitions.parts import Part
from leadloom.domain.errors import BadInput
from leadloom.domain.handoffs.routing import OwnerFacts, Situation, UnknownPool, route
from leadloom.domain.lead import Verdict
from leadloom.domain.model import LeadId, OwnerId
from leadloom.domain.stages.hindsight import DealSpan, Passage, Telling, case_of, passages
from leadloom.domain.stages.rescoring import Life
from leadloom.domain.stages.scoring import country_of
from leadloom.store import definition_drafts, governing, owners, published, rescoring
from leadloom.store.db import Db
from leadloom.store.load import POOL
from leadloom.store.published import Book
from leadloom.store.tx import Tx

PAGE = 200
"""Lives held at one time, each with all its events."""


async def look_back(
    db: Db, draft_no: int, *, since: datetime, until: datetime, at: datetime, told: governing.Told = governing.quiet
) -> LookBack:
    """The span under the version in force and under the draft. Changes nothing about any lead; the result is kept with
    the draft, so that its numbers open their rows. One picture of the database, read in pages.

    Raises NotFound; BadInput for a span that is empty or still to come; Conflict as a preview does.
    """
    if not since < until <= at:
        raise BadInput("over", f"{since:%Y-%m-%d} to {until:%Y-%m-%d}", "Name a span that is over, such as 91d.")
    async with db.read() as tx:
        draft = await definition_drafts.get(tx, draft_no)
        book = await published.book(tx)
        definition_drafts.must_be_fresh(draft, book)
        definition = await definition_drafts.body(tx, draft_no)
        after = await governing.book_after(tx, book, definition, draft.regions)
        tally = Tally(since, until)
        await _really(tx, tally, book.definition, since, until)
        await _look(tx, tally, _Router(tx, book, after), told)
    found = tally.done(draft_no=draft_no, content_hash=draft.hash, from_version=book.definition_version, at=at)
    async with db.transaction() as tx:
        await tx.run("keep_look_back", draft_no=draft_no, at=at, found=found.model_dump(mode="json"))
    return found


async def kept(tx: Tx, draft_no: int) -> LookBack | None:
    """What was worked out last; None while nobody asked."""
    found = await tx.value("kept_look_back", draft_no=draft_no)
    return None if found is None else LookBack.model_validate(found)


async def _really(tx: Tx, tally: Tally, definition: Definition, since: datetime, until: datetime) -> None:
    names = {"ready": [definition.named(Part.READY)], "accepted": [definition.named(Part.ACCEPTED)]}
    for row in await tx.all("passed_really", **names, since=since, until=until):
        tally.sum(row["figure"], row["monday"], row["leads"])


async def _look(tx: Tx, tally: Tally, router: _Router, told: governing.Told) -> None:
    await router.read()
    whole: int = await tx.value("leads_that_did_something_count")
    after = rescoring.FIRST
    while lives := await rescoring.page(tx, after=after, limit=PAGE):
        deals = await _deals(tx, [life.lead.lead_id for life in lives])
        for life in lives:
            _tell(tally, router, life, deals[life.lead.lead_id])
        after = lives[-1].lead.lead_id
        tally.looked_at += len(lives)
        told(tally.looked_at, whole)


async def _deals(tx: Tx, lead_ids: Sequence[LeadId]) -> defaultdict[LeadId, list[DealSpan]]:
    found: defaultdict[LeadId, list[DealSpan]] = defaultdict(list)
    for row in await tx.all("deal_spans_of_leads", lead_ids=list(lead_ids)):
        found[row["lead_id"]].append(DealSpan(opened_at=row["opened_at"], closed_at=row["closed_at"]))
    return found


def _tell(tally: Tally, router: _Router, life: Life, deals: list[DealSpan]) -> None:
    before, after = router.books(life)
    telling = Telling(
        before=tally.within(passages(before, life, deals)),
        after=tally.within(passages(after, life, deals)) if after is not before else (),
    )
    telling = telling if after is not before else telling.but(after=telling.before)
    tally.count(telling)
    goes = {
        which: [router.whom(definition, life, one) for one in some]
        for which, definition, some in (("before", before, telling.before), ("after", after, telling.after))
    }
    for which, some in (("before", telling.before), ("after", telling.after)):
        for one, who in zip(some, goes[which], strict=True):
            tally.offer(who, one.at, which=which)
    has_won = any(event.kind == "deal_won" and event.verdict is Verdict.HUMAN for event in life.events)
    case = case_of(telling, has_won=has_won)
    if case is not None:
        first, second = next(iter(telling.before), None), next(iter(telling.after), None)
        answered = next((one.is_accepted for one in (*telling.before, *telling.after) if one.answered_at), None)
        tally.differ(
            Told(
                lead_id=life.lead.lead_id, case=case, has_won=has_won, is_accepted=answered,
                before_at=first.at if first else None, after_at=second.at if second else None,
                owner=next(iter((*goes["after"], *goes["before"])), None),
            )
        )  # fmt: skip


class _Router:
    """By what each lead is judged, and whom they would have gone to, as our own people were there then."""

    def __init__(self, tx: Tx, before: Book, after: Book) -> None:
        self._tx, self._before, self._after = tx, before, after
        self._away: list[tuple[str, datetime, datetime]] = []
        self._handles: dict[OwnerId, str] = {}

    async def read(self) -> None:
        """Look up who owns accounts, and who was away when."""
        self._away = [(row["handle"], row["from_at"], row["until_at"]) for row in await self._tx.all("absences")]
        self._handles = {owner.owner_id: owner.handle for owner in await owners.roster(self._tx)}

    def books(self, life: Life) -> tuple[Definition, Definition]:
        """What the lead is judged by now, and would be; the very same where their region stays."""
        country = country_of(life.lead, life.account)
        return self._before.judging(country).definition, self._after.judging(country).definition

    def whom(self, definition: Definition, life: Life, passed: Passage) -> str:
        """An owner's handle or `pool NAME`."""
        away = {handle for handle, begins, ends in self._away if begins <= passed.at < ends}
        known = {*self._handles.values(), *(entry.handle for entry in definition.owners)}
        facts = {handle: OwnerFacts(handle=handle, absent=handle in away) for handle in known}
        account = life.account
        holder = self._handles.get(account.owner_id) if account and account.owner_id else None
        kind = passed.hand_off if passed.hand_off in definition.hand_offs else definition.mql.scored.hand_off
        # Whose lead it became came later; who of a pool had the next turn then isn't kept, so the pool is named.
        whom = Situation(lead=life.lead, account=account, account_owner=holder, lead_owner=None, at=passed.at)
        routed = route(definition, kind, whom, facts)
        if isinstance(routed, UnknownPool):
            return f"{POOL}{routed.pool}"
        return routed.owner or f"{POOL}{routed.pool}"
