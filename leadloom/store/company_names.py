"""What is a company declared to be: also called so, a daughter, a named account; and where does somebody put a lead?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from leadloom.domain.companies.sites import is_free_mail
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.model import AccountId, Instant, Json, LeadId, Value
from leadloom.store import account_news, audit
from leadloom.store.tx import Tx

Kind = Literal["domain", "name"]
_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_MOST_PARENTS = 10


class Alias(Value):
    """What a company is also called."""

    kind: Kind
    value: str
    at: Instant
    by: str


class Act(Value):
    """Who declares something, and why."""

    by: str
    why: str
    at: Instant


class Nowhere(Value):
    """A person at no company."""

    lead_id: LeadId
    first_name: str | None
    last_name: str | None
    email: str | None
    company: str | None
    country: str | None
    source: str | None
    created_at: Instant

    @property
    def person(self) -> str:
        """First and last name as far as known, else the address."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or self.email or "no name yet"

    @property
    def reason(self) -> str:
        """Why no company was found, and what would find one."""
        if self.company is not None:
            return "named a company, and was put at none"
        return "free mail, and no company named" if self.email else "no mail address, and no company named"


async def aliases(tx: Tx, account_id: AccountId) -> tuple[Alias, ...]:
    """What a company is also called, domains first."""
    return tuple(Alias.model_validate(dict(row)) for row in await tx.all("aliases_of_account", account_id=account_id))


async def add_alias(tx: Tx, account_id: AccountId, said: str, definition: Definition, *, act: Act) -> Alias:
    """A company is also called so: a domain when it reads like one, else a name. Twice is once.

    Raises BadInput for a domain of free mail; Conflict when another company has it: join the two, or take it there.
    """
    value = " ".join(said.split()).lower()
    kind: Kind = "domain" if _DOMAIN.fullmatch(value) else "name"
    if not value:
        raise BadInput("alias", said, "Write a domain such as nordkap.example, or a name.")
    if kind == "domain" and (definition.mql.is_free_mail(value) or is_free_mail(value)):
        raise BadInput("alias", said, "Anybody gets a mailbox there, so it names no company. Give its own domain.")
    others = {row["account_id"] for row in await tx.all("who_is_called", kind=kind, value=value)}
    if others - {account_id}:
        raise Conflict(
            f"{value} means another company already ({(others - {account_id}).pop()}). Join the two instead."
        )
    await tx.run("declare_alias", kind=kind, value=value, account_id=account_id, at=act.at, by=act.by)
    await _declared(tx, account_id, "declared an alias", {"alias": value}, act)
    return Alias(kind=kind, value=value, at=act.at, by=act.by)


async def drop_alias(tx: Tx, account_id: AccountId, said: str, *, act: Act) -> None:
    """It means nobody any more; who came by it stays. Raises BadInput when the company isn't called so."""
    value = " ".join(said.split()).lower()
    gone = [await tx.run("drop_alias", account_id=account_id, kind=kind, value=value) for kind in ("domain", "name")]
    if not sum(gone):
        raise BadInput("alias", said, "It is no alias of the company. `companies show` has them.")
    await _declared(tx, account_id, "took an alias back", {"alias": value}, act)


async def set_parent(tx: Tx, account_id: AccountId, parent_id: AccountId | None, *, act: Act) -> None:
    """Whose daughter a company is, or nobody's. Raises BadInput when that would make a circle."""
    if parent_id is not None:
        above = [row["account_id"] for row in await tx.all("parents_above", account_id=parent_id)]
        if account_id == parent_id or account_id in above or len(above) >= _MOST_PARENTS:
            raise BadInput("parent", str(parent_id), "A company can't be above itself. Name another parent.")
    await tx.run("declare_parent", account_id=account_id, parent_id=parent_id)
    await _declared(tx, account_id, "declared a parent", {"parent": str(parent_id) if parent_id else None}, act)
    if parent_id is not None:
        await tx.run("look_at_accounts_again", account_ids=[parent_id])


async def set_named(tx: Tx, account_id: AccountId, *, is_named: bool, act: Act) -> None:
    """A company we are after, or no more."""
    await tx.run("declare_named", account_id=account_id, is_named=is_named)
    await _declared(tx, account_id, "declared a named account", {"named": is_named}, act)


async def put_lead(tx: Tx, lead_id: LeadId, account_id: AccountId | None, *, act: Act) -> AccountId | None:
    """Somebody says where a person is; where they were before is answered and kept in the note.

    It holds until they tell us of another company or come by another work mail. Raises BadInput without a why.
    """
    if not act.why.strip():
        raise BadInput("why", act.why, "Say why they are there: it is kept.")
    row = await tx.one("lock_place_of_lead", lead_id=lead_id)
    before: AccountId | None = row["account_id"]
    await tx.run("put_lead", lead_id=lead_id, account_id=account_id)
    told = audit.Note(
        at=act.at, actor=act.by, action="put a lead at a company", subject=f"lead {lead_id}",
        before={"account": str(before) if before else None},
        after={"account": str(account_id) if account_id else None}, why=act.why,
    )  # fmt: skip
    await audit.note(tx, told)
    await account_news.note(tx, sorted({one for one in (before, account_id) if one is not None}), at=act.at)
    return before


async def nowhere(tx: Tx, *, limit: int = 100) -> tuple[Nowhere, ...]:
    """People at no company, the newest first."""
    return tuple(Nowhere.model_validate(dict(row)) for row in await tx.all("leads_nowhere", page_limit=limit))


async def look_again(tx: Tx, account_ids: Sequence[AccountId]) -> None:
    """Compare these companies with all others at the next round."""
    await tx.run("look_at_accounts_again", account_ids=account_ids)


async def _declared(tx: Tx, account_id: AccountId, action: str, after: Json, act: Act) -> None:
    await tx.run("look_at_accounts_again", account_ids=[account_id])
    note = audit.Note(at=act.at, actor=act.by, action=action, subject=f"account {account_id}", after=after, why=act.why)
    await audit.note(tx, note)
