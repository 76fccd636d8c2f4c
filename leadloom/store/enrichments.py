"""What were providers asked about companies and leads? Each question with what was sent and how it ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from leadloom.domain.definitions.enrichment import Enrichment
from leadloom.domain.enrichment.taking import Change, Origin, pause_after
from leadloom.domain.errors import Conflict, NotFound
from leadloom.domain.model import AccountId, Instant, Json, LeadId, Value
from leadloom.store import audit
from leadloom.store.names import Fragment
from leadloom.store.tx import Record, Tx, new_id

_MINUTE = timedelta(minutes=1)
_WAITS = "r.state = 'failed' AND NOT r.asked_again"


class About(NamedTuple):
    """Whom a question is about: a company, or a lead."""

    account_id: AccountId | None = None
    lead_id: LeadId | None = None

    @property
    def subject(self) -> str:
        """As an audit note names it."""
        return f"account {self.account_id}" if self.lead_id is None else f"lead {self.lead_id}"


class Question(Value):
    """One question to a provider about a company or a lead."""

    account_id: AccountId | None = None
    lead_id: LeadId | None = None
    provider: str
    asked_by: str
    """A handle, or `system`."""
    sent: tuple[str, ...]
    """Which of their fields the provider was told."""

    @property
    def about(self) -> About:
        """Whom it is about."""
        return About(self.account_id, self.lead_id)


class Run(Question):
    """A question and how it ended."""

    run_id: UUID
    name: str
    """The company's, or the lead's."""
    domain: str | None
    """The company's."""
    at: Instant
    state: Literal["told", "nothing", "failed", "undone"]
    tries: int
    next_try_at: Instant | None
    """None for a failed one: it waits for somebody."""
    error: str | None
    asked_again: bool
    """It failed, and was asked anew since."""
    undone_at: Instant | None
    undone_by: str | None
    values: tuple[Change, ...]

    @property
    def waits(self) -> bool:
        """Whether it is still to be answered."""
        return self.state == "failed" and not self.asked_again

    @property
    def waits_for_somebody(self) -> bool:
        """Whether it failed so often that it isn't asked again by itself."""
        return self.waits and self.next_try_at is None


class Waiting(Value):
    """What one provider could not answer yet."""

    provider: str
    failed: int
    for_somebody: int
    """Of them, those that aren't asked again by themselves."""


class Look(NamedTuple):
    """One look of the sweep at a provider."""

    provider: str
    of_leads: bool
    after: UUID
    """Behind whom it looks for those nobody asked about."""
    at: datetime


async def due_again(tx: Tx, look: Look, *, limit: int) -> list[About]:
    """Whom a provider is asked about again: what failed and is due, the longest waiting first."""
    rows = await tx.all(
        "failed_to_ask_again", provider=look.provider, at=look.at, of_leads=look.of_leads, page_limit=limit
    )
    return [About(row["account_id"], row["lead_id"]) for row in rows]


async def never_asked(tx: Tx, policy: Enrichment, look: Look, *, limit: int) -> list[About]:
    """About whom a provider was never asked, or too long ago, in order of their ids."""
    name = "leads_to_ask_about" if look.of_leads else "companies_to_ask_about"
    rows = await tx.all(
        name, provider=look.provider, after=look.after, asked_before=look.at - policy.again_after,
        skip=[pattern.lower().replace("_", r"\_").replace("*", "%") for pattern in policy.skip], page_limit=limit,
    )  # fmt: skip
    return [About(lead_id=row[0]) if look.of_leads else About(account_id=row[0]) for row in rows]


async def room(tx: Tx, policy: Enrichment, look: Look) -> int:
    """How many a minute has left for questions nobody asked by hand."""
    row = await tx.one("asked_lately", provider=look.provider, since=look.at - _MINUTE)
    return max(0, policy.per_minute - (row["leads"] if look.of_leads else row["companies"]))


async def last_of(tx: Tx, *, of_leads: bool) -> UUID:
    """The last company or lead there is; the first possible id when there is none."""
    return await tx.value("last_to_ask_about", of_leads=of_leads) or UUID(int=0)


async def failed(tx: Tx, question: Question, error: str, *, policy: Enrichment, at: datetime) -> None:
    """Keep that a provider couldn't be asked: again later, ever later, until it waits for somebody."""
    last = await tx.maybe("last_enrichment", **question.about._asdict(), provider=question.provider)
    tries = 1 + (last["tries"] if last is not None and last["state"] == "failed" else 0)
    next_try_at = at + pause_after(tries) if tries < policy.tries else None
    await keep(tx, question, "failed", at=at, tries=tries, next_try_at=next_try_at, error=error[:300])


async def keep(tx: Tx, question: Question, state: str, *, at: datetime, tries: int = 1, **rest: object) -> UUID:
    """Write a question down; those of the same that failed before wait no more."""
    await tx.run("asked_anew", **question.about._asdict(), provider=question.provider)
    run_id = new_id()
    told = {**question.model_dump(), "sent": list(question.sent), "next_try_at": None, "error": None, **rest}
    await tx.run("keep_enrichment", run_id=run_id, state=state, at=at, tries=tries, **told)
    return run_id


async def origins(tx: Tx, about: About) -> dict[str, Origin]:
    """Which provider told what is known of a company or a lead, by field."""
    rows = await tx.all("origins", **about._asdict())
    return {row["field"]: Origin(provider=row["provider"], value=row["value"], as_of=row["as_of"]) for row in rows}


async def log(tx: Tx, about: About | None = None, *, only_failed: bool = False, limit: int = 50) -> tuple[Run, ...]:
    """Questions, the latest first: about one or about all; `only_failed`: those that wait to be asked again."""
    rows = await tx.all_where("enrichments", _which(about or About(), only_failed=only_failed), page_limit=limit)
    return tuple(Run.model_validate(dict(row)) for row in rows)


def _which(about: About, *, only_failed: bool) -> Fragment:
    """Whose questions, each by its index."""
    conditions = [_WAITS] if only_failed else []
    if about.account_id is not None:
        conditions.append(f"r.account_id = {Fragment.place(1)}")
    elif about.lead_id is not None:
        conditions.append(f"r.lead_id = {Fragment.place(1)}")
    values = tuple(one for one in about if one is not None)
    return Fragment(" AND ".join(conditions) or "TRUE", values[:1])


async def waiting(tx: Tx) -> tuple[Waiting, ...]:
    """What providers could not answer yet, by provider."""
    return tuple(Waiting.model_validate(dict(row)) for row in await tx.all("waiting_enrichments"))


async def held(tx: Tx, run_id: UUID) -> Record:
    """One question, held until the transaction ends. Raises NotFound."""
    run = await tx.maybe("enrichment_by_id", run_id=run_id)
    if run is None:
        raise NotFound("enrichment", str(run_id))
    return run


async def waits(tx: Tx, run_id: UUID) -> tuple[About, str]:
    """Whom a question that waits is about, and which provider is to answer. Raises NotFound, Conflict."""
    run = await held(tx, run_id)
    if run["state"] != "failed" or run["asked_again"]:
        raise Conflict("It waits no more: it was answered, asked anew, or let go.")
    return About(run["account_id"], run["lead_id"]), run["provider"]


async def ask_all_again(tx: Tx, provider: str | None, *, by: str, at: datetime) -> int:
    """Make everything that waits due now, of one provider or of all; how many. The sweep asks, as fast as it may."""
    due = await tx.run("ask_all_again", provider=provider, at=at)
    await audit.note(
        tx, audit.Note(at=at, actor=by, action="asked providers again", subject=provider or "all providers", after=due)
    )
    return due


async def let_go(tx: Tx, run_id: UUID, *, by: str, why: str, at: datetime) -> About:
    """Nobody needs the answer: it waits no more, and isn't asked by itself. Raises NotFound, Conflict."""
    about, provider = await waits(tx, run_id)
    await tx.run("undo_enrichment", run_id=run_id, at=at, by=by)
    note = audit.Note(
        at=at, actor=by, action="let a question go", subject=about.subject, after=list[Json]([provider]), why=why
    )
    await audit.note(tx, note)
    return about
