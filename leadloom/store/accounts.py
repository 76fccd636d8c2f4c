"""Which company is this person at? Found or made by work-mail domain, else by name; what is told about it is kept."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from leadloom.domain.definition import Definition
from leadloom.domain.identity import is_work_mail, mail_domain
from leadloom.domain.lead import Account, LeadDraft
from leadloom.domain.model import AccountId
from leadloom.store.tx import Record, Tx


async def get(tx: Tx, account_id: AccountId) -> Account | None:
    """The account of that id, or None."""
    rows = await tx.all("accounts_by_id", account_ids=[account_id])
    return _account(rows[0]) if rows else None


async def find_or_make(tx: Tx, draft: LeadDraft, definition: Definition, *, at: datetime) -> Account | None:
    """The company of the draft's person; None when neither a work mail nor a name says which.

    The domain of a work mail decides; a company that was known by name only gets its domain by the first such mail.
    Two captures at once make one account.
    """
    email = draft.email
    domain = mail_domain(email) if email is not None and is_work_mail(definition, email) else None
    name = draft.company or domain
    if name is None:
        return None
    if domain is not None and (row := await tx.maybe("account_by_domain", domain=domain)) is not None:
        return await tell(tx, _account(row), draft)
    await tx.value("lock_account_name", name=name)
    row = await tx.maybe("account_by_name", name=name)
    if row is not None and (domain is None or row["domain"] is None):
        return await tell(tx, _account(row), draft, domain=domain)
    return await _make(tx, draft, name=name, domain=domain, at=at)


async def tell(tx: Tx, account: Account, draft: LeadDraft, *, domain: str | None = None) -> Account:
    """Keep what the draft says about the company: the newest word on industry and sites, the first on the rest."""
    told = account.model_copy(
        update={
            # An account found by mail alone is called by its domain until somebody names it.
            "name": draft.company if draft.company and account.name == account.domain else account.name,
            "domain": account.domain or domain,
            "industry": draft.industry or account.industry,
            "sites": account.sites if draft.sites is None else draft.sites,
            "country": account.country or draft.country,
        }
    )
    if told != account:
        await tx.run("tell_account", **told.model_dump(exclude={"owner_id"}))
    return told


async def _make(tx: Tx, draft: LeadDraft, *, name: str, domain: str | None, at: datetime) -> Account:
    row = await tx.maybe(
        "make_account",
        account_id=uuid4(),
        name=name,
        domain=domain,
        industry=draft.industry,
        sites=draft.sites,
        country=draft.country,
        at=at,
    )
    if row is not None:
        return _account(row)
    # Another capture, which named the company differently, made it a moment ago; a new statement sees it.
    return await tell(tx, _account(await tx.one("account_by_domain", domain=domain)), draft)


def _account(row: Record) -> Account:
    return Account.model_validate(dict(row))
