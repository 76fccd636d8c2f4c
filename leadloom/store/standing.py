"""How does a lead stand right now? Everything a decision may look at, read under the lead's lock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from leadloom.domain.errors import NotFound, Transient
from leadloom.domain.journeys.conditions import everything_in
from leadloom.domain.lead import Account, Basis, Event, Lead
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.mails.sending import allowed_by, may_market, needed_basis
from leadloom.domain.model import AccountId, LeadId
from leadloom.domain.stages.clocks import COOLING
from leadloom.domain.stages.scoring import country_of
from leadloom.domain.standing import Clock, Colleague, EndedRun, OpenRun, ScoreEntry, Standing
from leadloom.store import colleagues, merges, permissions, published
from leadloom.store.published import Book
from leadloom.store.tx import Record, Tx

ACTIVE = "active"
_LEAD_FIELDS = tuple(Lead.model_fields)


async def lock(tx: Tx, lead_ids: Iterable[LeadId]) -> dict[LeadId, tuple[Lead, int]]:
    """Hold the leads until this transaction ends; each with the number of its last event. Raises NotFound."""
    wanted = sorted(set(lead_ids))
    found = {
        row["lead_id"]: (lead_of(row), row["last_event_no"])
        for row in await tx.all("leads_for_update", lead_ids=wanted)
    }
    missing = next((lead_id for lead_id in wanted if lead_id not in found), None)
    if missing is not None:
        if (now := await merges.now(tx, missing)) != missing:
            # Whoever looked a moment ago looks again and finds them; nobody writes about one who is no more.
            raise Transient(f"Lead {missing} was merged into {now}: look again.")
        raise NotFound("lead", missing)
    return found


def lead_of(row: Record) -> Lead:
    """The lead in a row that holds at least its columns."""
    return Lead.model_validate({field: row[field] for field in _LEAD_FIELDS})


async def accounts(tx: Tx, account_ids: Iterable[AccountId | None]) -> dict[AccountId, Account]:
    """The accounts of those ids."""
    wanted = sorted({account_id for account_id in account_ids if account_id is not None})
    rows = await tx.all("accounts_by_id", account_ids=wanted) if wanted else []
    return {row["account_id"]: Account.model_validate(dict(row)) for row in rows}


async def standings(
    tx: Tx, lead_ids: Sequence[LeadId], *, book: Book, at: datetime, keys: Sequence[str] = ()
) -> dict[LeadId, Standing]:
    """Lock the leads, then read how each stands at `at`. `keys` are those that new events will carry.

    The lock comes first, in a statement of its own: what is read after it can't be older than the last writer.
    """
    return await of(tx, await lock(tx, lead_ids), book=book, at=at, keys=keys)


async def seen(tx: Tx, lead_ids: Iterable[LeadId]) -> dict[LeadId, tuple[Lead, int]]:
    """The leads as `lock` answers them, without holding them: to look, never to act. Unknown ones are missing."""
    rows = await tx.all("leads_seen", lead_ids=sorted(set(lead_ids)))
    return {row["lead_id"]: (lead_of(row), row["last_event_no"]) for row in rows}


async def of(
    tx: Tx, leads: dict[LeadId, tuple[Lead, int]], *, book: Book, at: datetime, keys: Sequence[str] = ()
) -> dict[LeadId, Standing]:
    """How leads stand that were locked, or seen, just before."""
    ids = list(leads)
    companies = await accounts(tx, (lead.account_id for lead, _ in leads.values()))
    rest = _Rest(tx, ids, book=book, at=at)
    await rest.read(keys)
    found = {
        lead_id: rest.of(lead, last_event_no, None if lead.account_id is None else companies[lead.account_id])
        for lead_id, (lead, last_event_no) in leads.items()
    }
    return await with_colleagues(tx, found) if colleagues.asked_at_entry(book) else found


async def with_colleagues(tx: Tx, standings: Mapping[LeadId, Standing]) -> dict[LeadId, Standing]:
    """The same standings, each with the other people of its company."""
    people = await colleagues.of_companies(tx, (now.lead.account_id for now in standings.values()))

    def others(now: Standing) -> tuple[Colleague, ...]:
        everybody = () if now.lead.account_id is None else people[now.lead.account_id]
        return tuple(one for one in everybody if one.lead_id != now.lead.lead_id)

    return {lead_id: now.but(colleagues=others(now)) for lead_id, now in standings.items()}


class Newborn(NamedTuple):
    """A lead made in this very transaction: nobody else can see it, so there is little to read and nothing to lock."""

    lead: Lead
    account: Account | None
    bases: tuple[Basis, ...]


async def newborns(
    tx: Tx, born: Sequence[Newborn], *, known: Iterable[AccountId], book: Book, at: datetime
) -> dict[LeadId, Standing]:
    """How leads stand that are about to be written. `known` are the accounts that were there before them: only those
    may have a deal or colleagues.
    """
    wanted = sorted(set(known))
    selling = set[AccountId]()
    runs: dict[AccountId, tuple[OpenRun, ...]] = defaultdict(tuple)
    for row in await tx.all("affairs_of_accounts", account_ids=wanted) if wanted else []:
        if row["enrolment_id"] is None:
            selling.add(row["account_id"])
        else:
            runs[row["account_id"]] += (await _open_run(tx, row),)
    where = {lead.lead_id: country_of(lead, account) for lead, account, _ in born}
    needed = {country: needed_basis(book.definition, MailClass.MARKETING, country) for country in set(where.values())}
    found = {
        lead.lead_id: Standing.built(
            lead=lead,
            account=account,
            open_deal=lead.account_id in selling,
            account_runs=() if lead.account_id is None else runs.get(lead.account_id, ()),
            bases=bases,
            may_market=allowed_by(needed[where[lead.lead_id]], bases, at),
        )
        for lead, account, bases in born
    }
    return await with_colleagues(tx, found) if colleagues.asked_at_entry(book) else found


async def _open_run(tx: Tx, row: Record) -> OpenRun:
    content_hash = row["journey_hash"]
    return OpenRun(
        enrolment_id=row["enrolment_id"],
        journey=row["journey"],
        key=row["key"],
        listens=tuple(row["listens"]),
        prospect=row["prospect"],
        workflow=row["workflow"],
        body=None if content_hash is None else await published.journey(tx, content_hash),
        # Rows of colleagues tell none: a journey as code has only one.
        place=row.get("place", ""),
        entered_at=row.get("entered_at"),
    )


class _Rest:
    """All that hangs on the leads, a query per noun whatever their number."""

    def __init__(self, tx: Tx, ids: list[LeadId], *, book: Book, at: datetime) -> None:
        self._tx, self._ids, self._book, self._at = tx, ids, book, at

    async def read(self, keys: Sequence[str]) -> None:
        self._circumstances = {row["lead_id"]: row for row in await self._rows("circumstances_of_leads")}
        self._stages = _by_lead(await self._rows("stages_of_leads"))
        self._entries = _by_lead(await self._rows("score_entries_of_leads"))
        since = self._at - self._book.definition.longest_silence()
        self._events = _by_lead(await self._rows("recent_events_of_leads", since=since))
        self._keys = _by_lead(await self._rows("known_event_keys", keys=list(keys)) if keys else [])
        self._clocks = _by_lead(await self._rows("clocks_of_leads"))
        self._bases = await permissions.of_leads(self._tx, self._ids)
        runs = await self._rows("runs_of_leads")
        self._ended = _by_lead([row for row in runs if row["status"] != ACTIVE])
        self._runs = await self._open([row for row in runs if row["status"] == ACTIVE])
        self._tags = _by_lead(await self._rows("tags_of_leads") if _asks_tags(self._book) else [])
        self._colleagues = await self._open(await self._rows("runs_of_colleagues"))

    async def _rows(self, name: str, **params: object) -> list[Record]:
        return await self._tx.all(name, lead_ids=self._ids, **params)

    async def _open(self, rows: list[Record]) -> dict[LeadId, tuple[OpenRun, ...]]:
        found: dict[LeadId, tuple[OpenRun, ...]] = {}
        for row in rows:
            run = await _open_run(self._tx, row)
            found[row["lead_id"]] = (*found.get(row["lead_id"], ()), run)
        return found

    def of(self, lead: Lead, last_event_no: int, account: Account | None) -> Standing:
        lead_id, stages = lead.lead_id, self._stages[lead.lead_id]
        circumstances, bases = self._circumstances[lead_id], self._bases.get(lead_id, ())
        clocks = self._clocks[lead_id]
        return Standing(
            lead=lead,
            account=account,
            owner=circumstances["owner"],
            stages={row["track"]: row["stage"] for row in stages},
            since={row["track"]: row["since"] for row in stages},
            last_change_no={row["track"]: row["change_no"] for row in stages},
            last_event_no=last_event_no,
            entries=tuple(ScoreEntry.model_validate(_but_lead(row)) for row in self._entries[lead_id]),
            recent=tuple(Event.model_validate(dict(row)) for row in self._events[lead_id]),
            known_keys=frozenset(row["key"] for row in self._keys[lead_id]),
            runs=self._runs.get(lead_id, ()),
            account_runs=self._colleagues.get(lead_id, ()),
            ended_runs=tuple(_ended_run(row) for row in self._ended[lead_id]),
            tags=tuple(row["tag"] for row in self._tags[lead_id]),
            open_deal=circumstances["open_deal"],
            clocks=tuple(Clock.model_validate(_but_lead(row)) for row in clocks),
            is_warm=any(row["kind"] == COOLING for row in clocks),
            bases=bases,
            may_market=may_market(self._book.definition, bases, country_of(lead, account), self._at),
            last_reason=circumstances["last_reason"],
            answered_yes=tuple(circumstances["answered_yes"]),
        )


def _ended_run(row: Record) -> EndedRun:
    told = {name: row[name] for name in ("journey", "key", "place", "entered_at", "ended_at")}
    return EndedRun.built(**told)


_tags_asked: dict[str, bool] = {}
"""By content hash of the journey: each write of events asks about the same few versions."""


def _asks_tags(book: Book) -> bool:
    """Whether some journey's entry asks which tags a lead carries."""
    for one in book.journeys:
        if one.hash not in _tags_asked:
            asked = one.journey.enter.when
            _tags_asked[one.hash] = asked is not None and any(each.tag for each in everything_in(asked))
    return any(_tags_asked[one.hash] for one in book.journeys)


def _by_lead(rows: Iterable[Record]) -> defaultdict[LeadId, list[Record]]:
    found: defaultdict[LeadId, list[Record]] = defaultdict(list)
    for row in rows:
        found[row["lead_id"]].append(row)
    return found


def _but_lead(row: Record) -> dict[str, object]:
    return {name: value for name, value in row.items() if name != "lead_id"}
