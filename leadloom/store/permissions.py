"""May we write to this person? Permissions with their proof, and addresses that must be left alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from pydantic import Field

from leadloom.domain.consent.from_events import SAID_BY_THE_PERSON
from leadloom.domain.consent.policy import rules
from leadloom.domain.consent.reach import Reach, may_reach
from leadloom.domain.consent.wording import hash_of
from leadloom.domain.definitions.consent_policy import Channel
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.lead import Account, Basis, BasisDraft, BasisKind, Lead
from leadloom.domain.model import Instant, Json, LeadId, Value
from leadloom.store import audit
from leadloom.store.tx import Asked, Tx, new_id, row_of

MARKETING = "marketing"

UNSUBSCRIBED = "unsubscribed"
"""Reason of the one suppression that the person can lift by allowing it again."""

Scope = Literal["address", "domain", "person", "hash"]
"""Of a person the value is the lead's id; of a hash, what is kept of the address of somebody who was erased."""


class Suppression(Value):
    """An address, a whole mail domain or a person, that must be left alone."""

    suppression_id: UUID
    scope: Scope
    value: str
    purpose: str | None
    """None: nothing at all goes there, service mail neither."""
    topic: str | None = None
    """Only marketing mail of journeys about it."""
    reason: str
    by: str = "system"
    at: Instant

    @property
    def words(self) -> str:
        """What it is about: `all mail`, `marketing`, `marketing about webinars`."""
        about = f" about {self.topic}" if self.topic else ""
        return f"{self.purpose or 'all mail'}{about}"

    @property
    def why(self) -> str:
        """In words, with who said so and when: `marketing: unsubscribed, since 2026-03-03, by lead (address)`."""
        return f"{self.words}: {self.reason}, since {self.at:%Y-%m-%d}, by {self.by} ({self.scope})"


class Silence(Value):
    """What an event, or a person, asks us to suppress."""

    value: str
    scope: Scope = "address"
    purpose: str | None = None
    topic: str | None = None
    reason: str
    by: str = "system"
    at: Instant


async def grant(tx: Tx, lead_id: LeadId, drafts: Sequence[BasisDraft]) -> None:
    """Keep permissions with their proof: `grant_all` for one lead."""
    await grant_all(tx, {lead_id: drafts})


async def grant_all(tx: Tx, drafts: Mapping[LeadId, Sequence[BasisDraft]]) -> frozenset[LeadId]:
    """Keep permissions with their proof; who got one that is new. The same permission told twice is one row.

    What a person allows expressly after they unsubscribed lifts that suppression: the later word counts. A permission
    from before that, or of a kind no person says themselves, is kept and holds nowhere. Raises BadInput for an implied
    permission, or one that waits for its confirmation, without its end: it would never run out.
    """
    asked = granting(drafts)
    return frozenset([row["lead_id"] for row in await tx.together(*asked)]) if asked else frozenset()


def granting(
    drafts: Mapping[LeadId, Sequence[BasisDraft]], emails: Mapping[LeadId, str | None] | None = None
) -> list[Asked]:
    """The statements of `grant_all`, for `Tx.together`. Leads whose row they go along with need their address told."""
    told = [(lead_id, draft) for lead_id, each in drafts.items() for draft in each]
    if not told:
        return []
    if any((draft.kind is BasisKind.IMPLIED or draft.act == "asked") and draft.until is None for _, draft in told):
        raise BadInput("until", None, "An implied permission runs out, a confirmation is waited for: give the date.")
    addresses = emails or {}
    hashes = {wording: hash_of(wording) for wording in {draft.wording for _, draft in told} if wording}
    rows = [
        row_of(draft, basis_id=new_id(), lead_id=lead_id, email=addresses.get(lead_id))
        | ({"text_hash": hashes[draft.wording]} if draft.wording else {})
        for lead_id, draft in told
    ]
    said_yes = [
        row for row in rows if row["channel"] == "mail" and row["act"] == "given" and row["kind"] in SAID_BY_THE_PERSON
    ]
    grant = ("grant_bases", {"rows": rows})
    return [("lift_by_yes", {"rows": said_yes}), grant] if said_yes else [grant]


async def of_leads(tx: Tx, lead_ids: Sequence[LeadId]) -> dict[LeadId, tuple[Basis, ...]]:
    """All that was given, asked and taken back, oldest first. Leads without any of it are missing."""
    found: dict[LeadId, tuple[Basis, ...]] = {}
    for row in await tx.all("bases_of_leads", lead_ids=lead_ids):
        basis = Basis.model_validate(dict(row))
        found[basis.lead_id] = (*found.get(basis.lead_id, ()), basis)
    return found


async def of_lead(tx: Tx, lead_id: LeadId) -> tuple[Basis, ...]:
    """The log of one lead, oldest first."""
    return (await of_leads(tx, [lead_id])).get(lead_id, ())


class Withdrawal(Value):
    """A "no": it ends whatever was given before for that purpose and channel."""

    lead_id: LeadId
    purpose: str = MARKETING
    channel: Channel = "mail"
    source: str
    """What said it: an event of theirs, or the way it came."""
    at: Instant
    proof: dict[str, Json] = Field(default_factory=dict)


def reach_of(
    definition: Definition,
    lead: Lead,
    account: Account | None,
    bases: Sequence[Basis],
    silences: Sequence[Suppression],
    *,
    at: datetime,
) -> tuple[Reach, ...]:
    """Whether marketing may reach the person, by mail and by phone, and why."""
    against = [one.why for one in silences if one.purpose in (None, MARKETING) and one.topic is None]
    return tuple(
        may_reach(definition, lead, account, bases, silenced=against, at=at, channel=channel)
        for channel in get_args(Channel)
    )


async def take_back(tx: Tx, withdrawals: Sequence[Withdrawal], silences: Sequence[Silence]) -> None:
    """Note that permissions ended, what was given stays as proof; and `suppress`. Told twice is one entry."""
    rows = [row_of(one, basis_id=new_id()) for one in withdrawals]
    asked: list[Asked] = [("withdraw", {"rows": rows})] if rows else []
    await tx.together(*asked, *_suppressing(silences))


async def keep_rules(tx: Tx, definition: Definition) -> None:
    """Put the policy table of a definition in force: from the end of this transaction on each mark goes by it."""
    rows = [row_of(rule) for rule in rules(definition)]
    await tx.together(("drop_basis_rules", {"rows": rows}), ("keep_basis_rules", {"rows": rows}))


async def suppress(tx: Tx, silences: Sequence[Silence]) -> int:
    """Leave these alone from now on; how many weren't before. Said twice, the first reason stands."""
    return len(await tx.together(*_suppressing(silences)))


def _suppressing(silences: Sequence[Silence]) -> list[Asked]:
    rows = [row_of(silence, suppression_id=new_id()) for silence in silences]
    return [("suppress", {"rows": rows})] if rows else []


async def suppressions_of(tx: Tx, email: str | None, lead_id: LeadId | None = None) -> tuple[Suppression, ...]:
    """What stands against an address, its domain, or the person now; oldest first."""
    rows = await tx.all("suppressions_of", email=email, lead_id=lead_id)
    return tuple(Suppression.model_validate(dict(row)) for row in rows)


async def topics_off(tx: Tx, lead_ids: Sequence[LeadId]) -> dict[LeadId, frozenset[str]]:
    """Which topics people hear no marketing about; who turned none off is missing."""
    found: dict[LeadId, frozenset[str]] = {}
    for row in await tx.all("topics_off", lead_ids=lead_ids):
        found[row["lead_id"]] = found.get(row["lead_id"], frozenset()) | {row["topic"]}
    return found


async def lift(tx: Tx, suppression_id: UUID, *, why: str, by: str, at: datetime) -> None:
    """Let mail go there again: an act of a person, with its reason. Raises Conflict when nothing stands any more."""
    if await tx.run("lift_suppression", suppression_id=suppression_id, at=at, why=why, by=by) == 0:
        raise Conflict(f"Suppression {suppression_id} is not in force: it was lifted before, or never was.")
    subject = f"suppression {suppression_id}"
    await audit.note(tx, audit.Note(at=at, actor=by, action="lifted a suppression", subject=subject, why=why))
