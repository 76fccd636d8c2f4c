"""Which company is this person at? Found or made by work-mail domain, else by name; what is told about it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.intake.companies import AlsoCalled, Companies, Mention, names_told
from leadloom.domain.intake.identity import mail_domain
from leadloom.domain.lead import Account
from leadloom.domain.model import AccountId
from leadloom.store import account_news
from leadloom.store.tx import Record, Tx, new_id, row_of

_FEW = 100
"""Mentions whose names may all be locked, known or not; a page of a list would hold up too many."""
_COLUMNS = ("account_id", "name", "domain", "industry", "sites", "country", "owner_id")
"""What a row of a mentioned company says of the company itself."""


class Settled(NamedTuple):
    """Who is where."""

    homes: list[AccountId | None]
    """The company after each mention, in their order."""
    companies: Mapping[AccountId, Account]
    """As they are known now."""
    made: frozenset[AccountId]
    """Those that nobody knew before."""


async def get(tx: Tx, account_id: AccountId) -> Account | None:
    """The account of that id, or None."""
    rows = await tx.all("accounts_by_id", account_ids=[account_id])
    return _account(rows[0]) if rows else None


async def find_or_make_all(
    tx: Tx, mentions: Sequence[Mention], definition: Definition, *, at: datetime, keep_existing: bool = False
) -> Settled:
    """The companies of these people, in the order of the mentions: as many statements as for one.

    A person has none when neither a work mail nor a name says which. Two transactions at once make one account and
    don't deadlock: names are locked first, then known rows, then domains are taken, each in order.
    """
    new_ids = iter(new_id, None)
    names, held, made = set[str](), set[AccountId](), frozenset[AccountId]()
    if len(mentions) <= _FEW:
        # Most of a few who come in by themselves name somebody new: locked at once, they are looked for once.
        names = names_told(definition, mentions)
        if names:
            await tx.all("lock_account_names", names=sorted(names))
    while True:
        known, also = await _mentioned(tx, mentions)
        companies = Companies(definition, known, keep_existing=keep_existing, also=also)
        homes = companies.settle(mentions, new_ids)
        changed = {account.account_id for account in companies.changed()}
        # After each wait the rows are read again: whoever we waited for may have made or changed what we decided on.
        if not companies.names_asked <= names:
            await tx.all("lock_account_names", names=sorted(companies.names_asked))
            names |= companies.names_asked
        elif not changed <= held | made:
            await tx.all("lock_accounts", account_ids=sorted(changed))
            held |= changed
        else:
            made |= await _make(tx, companies.made.values(), at)
            if made.issuperset(companies.made):
                await _tell(tx, companies.changed())
                await account_news.note(tx, changed - made, at=at)
                return Settled(homes, companies.now, made)


async def _mentioned(tx: Tx, mentions: Sequence[Mention]) -> tuple[list[Account], AlsoCalled]:
    """Every company the mentions may mean, oldest first, and by what else they may mean it."""
    emails = {email for mention in mentions for email in (mention.email, mention.draft.email) if email}
    companies = {name for mention in mentions for name in (mention.company, mention.draft.company) if name}
    domains = {mail_domain(email) for email in emails}
    rows = await tx.all(
        "accounts_mentioned",
        account_ids=sorted({mention.at_home for mention in mentions if mention.at_home}),
        domains=sorted(domains),
        # Who is known by a mail alone is at a company that is called by its domain.
        names=sorted(domains | companies),
    )
    elsewhere = sorted({row["same_as"] for row in rows if row["same_as"] is not None})
    homes = await tx.all("accounts_by_id", account_ids=elsewhere) if elsewhere else []
    return _told_apart(rows, homes)


def _told_apart(rows: Sequence[Record], homes: Sequence[Record]) -> tuple[list[Account], AlsoCalled]:
    """The companies themselves, and what leads to them: a row is a company by one way it was found."""
    known: dict[AccountId, Account] = {row["account_id"]: _account(row) for row in homes}
    also = AlsoCalled()
    for row in rows:
        if (there := row["same_as"]) is not None:
            also.sent_on[row["account_id"]] = there
            also.by_name.setdefault(row["name"].lower(), there)
            if row["domain"] is not None:
                also.by_domain[row["domain"]] = there
            continue
        if row["account_id"] not in known:
            known[row["account_id"]] = Account.model_validate({name: row[name] for name in _COLUMNS})
        if row["kind"] is not None:
            (also.by_domain if row["kind"] == "domain" else also.by_name).setdefault(row["value"], row["account_id"])
    return list(known.values()), also


async def _make(tx: Tx, accounts: Iterable[Account], at: datetime) -> frozenset[AccountId]:
    """Those that are new; one is missing when its domain was taken a moment ago."""
    told = [row_of(account) for account in accounts]
    rows = await tx.all("make_accounts", rows=told, at=at) if told else []
    return frozenset(row["account_id"] for row in rows)


async def _tell(tx: Tx, accounts: Iterable[Account]) -> None:
    told = [row_of(account) for account in accounts]
    if told:
        await tx.run("tell_accounts", rows=told)


def _account(row: Record) -> Account:
    return Account.model_validate(dict(row))
