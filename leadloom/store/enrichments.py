"""What did providers tell of companies? Each question with what was sent, each value with source and date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from leadloom.domain.companies.enriching import Change, Origin, Told, changes, pause_after
from leadloom.domain.definitions.enrichment import CompanyField, Enrichment
from leadloom.domain.errors import Conflict, NotFound
from leadloom.domain.model import AccountId, Instant, Json, Value
from leadloom.store import account_news, audit
from leadloom.store.tx import Record, Tx, new_id

FIELDS: tuple[CompanyField, ...] = ("industry", "sites", "country")


class Question(Value):
    """One question to a provider about a company."""

    account_id: AccountId
    provider: str
    asked_by: str
    """A handle, or `system`."""
    sent: tuple[str, ...]
    """Which of the company's fields the provider was told."""


class Run(Question):
    """A question and how it ended."""

    run_id: UUID
    name: str
    domain: str | None
    at: Instant
    state: Literal["told", "nothing", "failed", "undone"]
    tries: int
    next_try_at: Instant | None
    """None for a failed one: it waits for somebody."""
    error: str | None
    undone_at: Instant | None
    undone_by: str | None
    values: tuple[Change, ...]

    @property
    def waits_for_somebody(self) -> bool:
        """Whether it failed so often that it isn't asked again by itself."""
        return self.state == "failed" and self.next_try_at is None


async def due(tx: Tx, policy: Enrichment, provider: str, *, at: datetime) -> list[AccountId]:
    """About whom a provider is asked next, at most what a minute has left. Patterns are those of the definition."""
    rows = await tx.all(
        "companies_to_ask_about", provider=provider, at=at, asked_before=at - policy.again_after,
        skip=[pattern.lower().replace("_", r"\_").replace("*", "%") for pattern in policy.skip],
        per_minute=policy.per_minute, a_minute_ago=at - timedelta(minutes=1),
    )  # fmt: skip
    return [row["account_id"] for row in rows]


async def take(tx: Tx, question: Question, told: Sequence[Told], *, policy: Enrichment, at: datetime) -> list[Change]:
    """Write what a provider told, as far as the rules take it, and keep all of it. Asked twice, the second changes
    nothing: it is known so already. Raises Conflict when the company was found to be another meanwhile."""
    row = await tx.maybe("company_to_enrich", account_id=question.account_id)
    if row is None:
        raise Conflict("This company was found to be another meanwhile: ask about that one.")
    found = changes(policy, question.provider, told, now=_known(row), origins=await origins(tx, question.account_id))
    run_id = await _keep(tx, question, "told" if found else "nothing", at=at)
    rows = [change.model_dump(mode="json") for change in found]
    await tx.run("keep_enriched_values", run_id=run_id, rows=rows)
    taken: dict[CompanyField, Json] = {change.field: change.value for change in found if change.is_taken}
    if taken:
        await _write(tx, question.account_id, {**_known(row), **taken}, at=at)
    return found


async def failed(tx: Tx, question: Question, error: str, *, policy: Enrichment, at: datetime) -> None:
    """Keep that a provider couldn't be asked: again later, ever later, until it waits for somebody."""
    last = await tx.maybe("last_enrichment", account_id=question.account_id, provider=question.provider)
    tries = 1 + (last["tries"] if last is not None and last["state"] == "failed" else 0)
    next_try_at = at + pause_after(tries) if tries < policy.tries else None
    await _keep(tx, question, "failed", at=at, tries=tries, next_try_at=next_try_at, error=error[:300])


async def origins(tx: Tx, account_id: AccountId) -> dict[CompanyField, Origin]:
    """Which provider told what is known of a company, by field."""
    rows = await tx.all("origins_of_company", account_id=account_id)
    return {row["field"]: Origin(provider=row["provider"], value=row["value"], as_of=row["as_of"]) for row in rows}


async def log(
    tx: Tx, account_id: AccountId | None = None, *, only_failed: bool = False, limit: int = 50
) -> tuple[Run, ...]:
    """Questions, the latest first: of one company or of all; `only_failed`: the last one of each that failed."""
    rows = await tx.all("enrichments", account_id=account_id, failed=only_failed, page_limit=limit)
    return tuple(Run.model_validate(dict(row)) for row in rows)


async def undo(tx: Tx, run_id: UUID, *, by: str, why: str, at: datetime) -> AccountId:
    """Take back what one question brought, as far as it still stands so. Raises NotFound, Conflict."""
    run = await tx.maybe("enrichment_by_id", run_id=run_id)
    if run is None:
        raise NotFound("enrichment", str(run_id))
    if run["state"] != "told":
        raise Conflict("There is nothing to take back: it told nothing, or was undone before.")
    account_id: AccountId = run["account_id"]
    row = await tx.maybe("company_to_enrich", account_id=account_id)
    if row is None:
        raise Conflict("This company was found to be another meanwhile: part the two first.")
    known = _known(row)
    back: dict[CompanyField, Json] = {
        one["field"]: one["was"]
        for one in await tx.all("values_of_enrichment", run_id=run_id)
        if one["is_taken"] and known[one["field"]] == one["value"]
    }
    await tx.run("undo_enrichment", run_id=run_id, at=at, by=by)
    await _write(tx, account_id, {**known, **back}, at=at)
    subject = f"account {account_id}"
    note = audit.Note(
        at=at, actor=by, action="undid an enrichment", subject=subject, after=list[Json](sorted(back)), why=why
    )
    await audit.note(tx, note)
    return account_id


def _known(row: Record) -> dict[CompanyField, Json]:
    return {field: row[field] for field in FIELDS}


async def _write(tx: Tx, account_id: AccountId, fields: dict[CompanyField, Json], *, at: datetime) -> None:
    await tx.run("write_company_fields", account_id=account_id, **fields)
    await account_news.note(tx, [account_id], at=at)


async def _keep(tx: Tx, question: Question, state: str, *, at: datetime, tries: int = 1, **rest: object) -> UUID:
    run_id = new_id()
    told = {**question.model_dump(), "sent": list(question.sent), "next_try_at": None, "error": None, **rest}
    await tx.run("keep_enrichment", run_id=run_id, state=state, at=at, tries=tries, **told)
    return run_id
