"""What becomes of a company or a lead by what a provider told? Written under their lock, with its source; undoable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, get_args
from uuid import UUID

from leadloom.domain.definitions.enrichment import CompanyField, LeadField
from leadloom.domain.enrichment import values
from leadloom.domain.enrichment.asked import AskedLead, Told
from leadloom.domain.enrichment.taking import Change, changes, is_skipped
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.lead import EventDraft, Lead
from leadloom.domain.model import Json, LeadId
from leadloom.store import account_news, audit, enrichments, events, listeners, merges
from leadloom.store.enrichments import About, Question
from leadloom.store.published import Book
from leadloom.store.standing import lead_of
from leadloom.store.tx import Record, Tx, row_of

ENRICHED, TAKEN_BACK = "enriched", "enrichment_taken_back"
COMPANY_FIELDS: tuple[str, ...] = get_args(CompanyField)
LEAD_FIELDS: tuple[str, ...] = get_args(LeadField)
_GONE = "This company was found to be another meanwhile: ask about that one."
_ERASED = "This lead was erased meanwhile: nobody is asked about them."


async def asked_lead(tx: Tx, lead_id: LeadId, *, book: Book) -> tuple[LeadId, AskedLead]:
    """Who a lead is now, and all that could be told of them. Raises BadInput for whom nobody is asked about."""
    now = await merges.now(tx, lead_id)
    row = await tx.maybe("lead_to_enrich", lead_id=now)
    if row is None:
        raise BadInput("lead", str(lead_id), _ERASED)
    if row["email"] is None:
        raise BadInput("lead", str(lead_id), "They have no mail address yet: a provider couldn't tell who is meant.")
    if row["said_no"]:
        raise BadInput("lead", str(lead_id), "They said no to us: nothing of them is told to anybody.")
    if is_skipped(book.definition.enrichment, row["email"].rpartition("@")[2]):
        raise BadInput("lead", str(lead_id), "Nobody is asked about them: the definition skips their domain.")
    return now, AskedLead(**{name: row[name] for name in AskedLead.model_fields})


async def take_company(tx: Tx, question: Question, told: Sequence[Told], *, book: Book, at: datetime) -> list[Change]:
    """Write what a provider told of a company, as far as the rules take it, and keep all of it. Asked twice, the second
    changes nothing: it is known so already. Raises Conflict when the company was found to be another meanwhile."""
    row = await tx.maybe("company_to_enrich", account_id=question.account_id)
    if row is None:
        raise Conflict(_GONE)
    now = _known(row, COMPANY_FIELDS)
    policy, of = book.definition.enrichment, question.provider
    rules, known = policy.rules(of, of_leads=False), await enrichments.origins(tx, question.about)
    found = changes(policy, rules, of, told, reads=values.of_company, now=now, origins=known)
    _, taken = await _kept(tx, question, found, at=at)
    if taken:
        await _write_company(tx, question, {**now, **taken}, at=at)
    return found


async def take_lead(tx: Tx, question: Question, told: Sequence[Told], *, book: Book, at: datetime) -> list[Change]:
    """The same of a lead. What was taken is an event of theirs: it fits them anew, and a gate may open. Raises Conflict
    when they were erased or found to be another meanwhile."""
    row = await tx.maybe("lead_to_enrich", lead_id=question.lead_id)
    if row is None:
        raise Conflict(_ERASED)
    policy, of = book.definition.enrichment, question.provider
    rules, known = policy.rules(of, of_leads=True), await enrichments.origins(tx, question.about)
    words = values.with_role(book.definition, list(told))
    reads = partial(values.of_lead, book.definition)
    found = changes(policy, rules, of, words, reads=reads, now=_known(row, LEAD_FIELDS), origins=known)
    run_id, taken = await _kept(tx, question, found, at=at)
    if taken:
        happened = _happened(ENRICHED, run_id, at=at, actor="system", provider=of, fields=sorted(taken))
        await _write_lead(tx, lead_of(row), taken, happened, book=book, at=at)
    return found


async def undo(tx: Tx, run_id: UUID, *, by: str, why: str, book: Book, at: datetime) -> About:
    """Take back what one question brought, as far as it still stands so. Raises NotFound, Conflict."""
    run = await enrichments.held(tx, run_id)
    if run["state"] != "told":
        raise Conflict("There is nothing to take back: it told nothing, or was undone before.")
    about = About(run["account_id"], run["lead_id"])
    if about.lead_id is None:
        back = await _company_back(tx, run, at=at)
    else:
        back = await _lead_back(tx, run, by=by, book=book, at=at)
    await tx.run("undo_enrichment", run_id=run_id, at=at, by=by)
    note = audit.Note(
        at=at, actor=by, action="undid an enrichment", subject=about.subject, after=list[Json](back), why=why
    )
    await audit.note(tx, note)
    return about


async def _kept(tx: Tx, question: Question, found: Sequence[Change], *, at: datetime) -> tuple[UUID, dict[str, Json]]:
    run_id = await enrichments.keep(tx, question, "told" if found else "nothing", at=at)
    await tx.run("keep_enriched_values", run_id=run_id, rows=[change.model_dump(mode="json") for change in found])
    return run_id, {change.field: change.value for change in found if change.is_taken}


async def _company_back(tx: Tx, run: Record, *, at: datetime) -> list[str]:
    row = await tx.maybe("company_to_enrich", account_id=run["account_id"])
    if row is None:
        raise Conflict("This company was found to be another meanwhile: part the two first.")
    now = _known(row, COMPANY_FIELDS)
    back = await _as_before(tx, run["run_id"], now)
    if back:
        await _write_company(tx, About(account_id=run["account_id"]), {**now, **back}, at=at)
    return sorted(back)


async def _lead_back(tx: Tx, run: Record, *, by: str, book: Book, at: datetime) -> list[str]:
    row = await tx.maybe("lead_to_enrich", lead_id=run["lead_id"])
    if row is None:
        raise Conflict(_ERASED)
    back = await _as_before(tx, run["run_id"], _known(row, LEAD_FIELDS))
    if back:
        happened = _happened(TAKEN_BACK, run["run_id"], at=at, actor=by, provider=run["provider"], fields=sorted(back))
        await _write_lead(tx, lead_of(row), back, happened, book=book, at=at)
    return sorted(back)


async def _as_before(tx: Tx, run_id: UUID, now: Mapping[str, Json]) -> dict[str, Json]:
    """What stood before, of the fields in which the told value still stands."""
    told = await tx.all("values_of_enrichment", run_id=run_id)
    return {one["field"]: one["was"] for one in told if one["is_taken"] and now[one["field"]] == one["value"]}


async def _write_company(tx: Tx, about: About | Question, fields: Mapping[str, Any], *, at: datetime) -> None:
    account_id = about.account_id
    assert account_id is not None
    await tx.run("write_company_fields", account_id=account_id, **fields)
    await account_news.note(tx, [account_id], at=at)


async def _write_lead(
    tx: Tx, lead: Lead, fields: Mapping[str, Json], happened: EventDraft, *, book: Book, at: datetime
) -> None:
    await tx.run("tell_leads", rows=[row_of(lead.but(**fields))])
    await events.record(tx, lead.lead_id, [happened], book=book, at=at)
    await listeners.changed(tx, [lead.lead_id])


def _happened(kind: str, run_id: UUID, *, at: datetime, actor: str, provider: str, fields: list[str]) -> EventDraft:
    data: dict[str, Json] = {"provider": provider, "fields": list[Json](fields)}
    return EventDraft(kind=kind, at=at, key=f"{kind}/{run_id}", actor=actor, data=data)


def _known(row: Record, fields: Sequence[str]) -> dict[str, Json]:
    return {field: row[field] for field in fields}
