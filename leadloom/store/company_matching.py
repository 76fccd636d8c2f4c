"""Is a company somebody named one we know? Sure ones become one behind the captures, others wait for a word."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from leadloom.domain.companies.match import (
    Candidate,
    Firm,
    Found,
    keeps,
    keys_of_firm,
    match,
    too_much_at_stake,
    which_of_family,
)
from leadloom.domain.companies.sites import Registrable
from leadloom.domain.model import AccountId, Instant, Value
from leadloom.store import account_news, company_links
from leadloom.store.company_links import Joining
from leadloom.store.tx import Tx, new_id

PAGE = 50
"""Companies compared in one transaction."""
_MOST_ALIKE = 40
"""Companies with one key beyond which the key tells nobody apart."""
_PEOPLE_ASKED = 500


class Looked(Value):
    """What one page came to."""

    companies: int
    joined: int
    to_choose: int
    to_family: int
    """People found to be at a daughter or at the parent."""


class OpenChoice(Value):
    """A company that may be one we know: somebody chooses."""

    match_id: UUID
    account_id: AccountId
    name: str
    domain: str | None
    country: str | None
    people: int
    rule: str
    candidates: tuple[Candidate, ...]
    found_at: Instant


async def look(tx: Tx, *, registrable: Registrable, at: datetime, limit: int = PAGE) -> Looked:
    """Compare the next companies of which something new is known with all others that share a key.

    Safe to repeat and to kill: a company leaves the list in the transaction that compared it.
    """
    due: set[AccountId] = {row["account_id"] for row in await tx.all("take_accounts_to_match", page_limit=limit)}
    joined = to_choose = to_family = 0
    for account_id in sorted(due):
        mine = await company_links.firms(tx, [account_id])
        if not mine:
            continue  # found to be another meanwhile
        to_family += await _to_family(tx, mine[0], at=at)
        found, others = await _found(tx, mine[0], registrable)
        if found.account_id is not None and await _join(tx, mine[0], found, others, at=at):
            joined += 1
        else:
            to_choose += await _offer(tx, mine[0], found, at=at)
    return Looked(companies=len(due), joined=joined, to_choose=to_choose, to_family=to_family)


async def choices(tx: Tx, *, limit: int = 100) -> tuple[OpenChoice, ...]:
    """What somebody has to choose, the most people first."""
    rows = await tx.all("open_account_matches", page_limit=limit)
    return tuple(OpenChoice.model_validate(dict(row)) for row in rows)


async def counts(tx: Tx) -> dict[str, int]:
    """How many wait for a choice (open), are at no company (nowhere), and were decided."""
    return dict(await tx.one("count_account_matches"))


async def _found(tx: Tx, firm: Firm, registrable: Registrable) -> tuple[Found, dict[AccountId, Firm]]:
    keys = sorted(keys_of_firm(firm, registrable))
    await tx.run("forget_account_keys", account_id=firm.account_id)
    await tx.run("keep_account_keys", account_id=firm.account_id, keys=keys)
    rows = await tx.all("accounts_sharing_keys", account_id=firm.account_id, keys=keys, most=_MOST_ALIKE)
    apart = {row["account_id"] for row in await tx.all("accounts_kept_apart", account_id=firm.account_id)}
    others = await company_links.firms(tx, [row["account_id"] for row in rows if row["account_id"] not in apart])
    return match(firm, others, registrable), {other.account_id: other for other in others}


async def _join(tx: Tx, firm: Firm, found: Found, others: dict[AccountId, Firm], *, at: datetime) -> bool:
    """Whether the two became one; what has too much at stake waits for somebody."""
    other = others[found.account_id] if found.account_id is not None else firm
    if too_much_at_stake(firm, other) is not None:
        return False
    stays = keeps(firm, other)
    goes = other if stays.account_id == firm.account_id else firm
    what = Joining(
        account_id=goes.account_id, other_id=stays.account_id, rule=found.rule, reasons=found.reasons,
        by="system", why="; ".join(found.reasons),
    )  # fmt: skip
    await company_links.join(tx, what, at=at)
    return True


async def _offer(tx: Tx, firm: Firm, found: Found, *, at: datetime) -> int:
    """Ask somebody, once for each pair: the younger company asks about the older. 1 when a choice waits now."""
    waiting = {row["account_id"] for row in await tx.all("who_waits_for_a_choice", account_id=firm.account_id)}
    new = [one for one in found.candidates if one.account_id not in waiting]
    if not new:
        settled = {"at": at, "by": "system", "why": "nothing is left to choose"}
        await tx.run("settle_account_match", account_ids=[firm.account_id], **settled)
        return 0
    told = [one.model_dump(mode="json") for one in new]
    await tx.run(
        "open_account_match", match_id=new_id(), account_id=firm.account_id, rule=found.rule, candidates=told, at=at
    )
    return 1


async def _to_family(tx: Tx, firm: Firm, *, at: datetime) -> int:
    """People who came by a domain the family shares, and name another of it, are there; how many."""
    ids = [row["account_id"] for row in await tx.all("family_of_account", account_id=firm.account_id)]
    if not ids:
        return 0
    family = await company_links.firms(tx, ids)
    asked = {"account_id": firm.account_id, "name": firm.name.lower(), "page_limit": _PEOPLE_ASKED}
    there: dict[AccountId, list[UUID]] = {}
    for row in await tx.all("leads_by_what_they_name", **asked):
        if (one := which_of_family(row["company"], firm, family)) is not None:
            there.setdefault(one.account_id, []).append(row["lead_id"])
    for account_id, people in there.items():
        await tx.all("move_people", here=firm.account_id, there=account_id, lead_ids=people)
    await account_news.note(tx, [firm.account_id, *there] if there else [], at=at)
    return sum(map(len, there.values()))
