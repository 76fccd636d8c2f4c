"""Which two rows are one company? Joined, parted again, kept apart; and what a company is declared to be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from leadloom.domain.companies.match import Firm
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.model import AccountId, Instant, Json, Value
from leadloom.store import account_news, audit
from leadloom.store.tx import Tx, new_id

_MAILS_COUNT = timedelta(days=2)
"""How far back a mail may still count for the most a company gets in an hour."""


class Joining(Value):
    """Two companies that are one: the first's people go to the second."""

    account_id: AccountId
    other_id: AccountId
    rule: str
    """What settled it; `by hand` when somebody chose."""
    reasons: tuple[str, ...] = ()
    by: str
    why: str


class Decided(Value):
    """A decision about two companies."""

    match_id: UUID
    account_id: AccountId
    name: str
    domain: str | None
    other_id: AccountId
    other: str
    state: Literal["joined", "undone", "apart"]
    rule: str
    reasons: tuple[str, ...]
    decided_at: Instant
    decided_by: str
    why: str
    undone_at: Instant | None = None
    undone_by: str | None = None


async def firms(tx: Tx, account_ids: Sequence[AccountId]) -> list[Firm]:
    """The companies as matching looks at them, the oldest first; without those that were found to be another."""
    rows = await tx.all("firms", account_ids=sorted(account_ids)) if account_ids else []
    return [Firm.model_validate(dict(row)) for row in rows]


async def find(tx: Tx, said: str) -> AccountId:
    """The company somebody means by an id, a domain or a name. Raises NotFound; BadInput when several are called so."""
    rows = await tx.all("accounts_called", said=said.strip().lower())
    if not rows:
        raise NotFound("company", said)
    if len(rows) > 1:
        ids = ", ".join(str(row["account_id"]) for row in rows[:5])
        raise BadInput("company", said, f"Several are called so: give the domain, or one of the ids {ids}.")
    found: AccountId = rows[0]["account_id"]
    return found


async def join(tx: Tx, what: Joining, *, at: datetime) -> UUID:
    """Move everybody and everything of a company to the other; its row stays and leads there. The id undoes it.

    Raises Conflict when either was found to be another meanwhile: then nothing is moved.
    """
    here, there = what.account_id, what.other_id
    if here == there:
        raise BadInput("second", str(there), "It is that company already. Name two.")
    # Leads before companies: whoever captures holds them in this order.
    people = [row["lead_id"] for row in await tx.all("lock_people_of_account", account_id=here)]
    await tx.all("lock_accounts", account_ids=sorted((here, there)))
    if len(await firms(tx, (here, there))) != 2:
        raise Conflict("One of the two was found to be another company meanwhile. Look at the list again.")
    moved = await _move_all(tx, here, there, people, at=at)
    await tx.run("forget_account_keys", account_id=here)
    await tx.run("settle_account_match", account_ids=[here], at=at, by=what.by, why=what.why)
    match_id = await _keep(tx, what, "joined", at=at, moved=moved)
    waiting = [row["account_id"] for row in await tx.all("who_waits_for_a_choice", account_id=here)]
    await tx.run("look_at_accounts_again", account_ids=[there, *waiting])
    await account_news.note(tx, [there], at=at)
    return match_id


async def undo(tx: Tx, match_id: UUID, *, by: str, why: str, at: datetime) -> Decided:
    """Part two companies again: each has what it had, and who came since by the other's domain goes there, too.

    They are kept apart from then on. Raises NotFound; Conflict when there is nothing to undo.
    """
    row = await tx.maybe("account_match_by_id", match_id=match_id)
    if row is None:
        raise NotFound("match", str(match_id))
    if row["state"] != "joined":
        raise Conflict("These two are two already: there is nothing to undo.")
    here, there, moved = row["account_id"], row["other_id"], row["moved"]
    came = await _came_since(tx, here, there)
    await tx.all("lock_people_of_account", account_id=there)
    await tx.all("lock_accounts", account_ids=sorted((here, there)))
    if not await tx.run("stands_again", account_id=here, account_ids=moved["sent_on"], from_id=there):
        raise Conflict("The other company was found to be a third meanwhile: undo that first.")
    people = sorted({*map(UUID, moved["people"]), *came})
    await _move_back(tx, here, there, moved, people, at=at)
    await tx.run("take_back_blanks", account_id=there, before=moved["before"], after=moved["after"])
    await tx.run("undo_account_match", match_id=match_id, at=at, by=by)
    await tx.run("look_at_accounts_again", account_ids=[here, there])
    await account_news.note(tx, [here, there], at=at)
    note = audit.Note(at=at, actor=by, action="parted two companies", subject=f"account {here}", why=why)
    await audit.note(tx, note)
    return next(one for one in await decided(tx, here) if one.match_id == match_id)


async def keep_apart(tx: Tx, what: Joining, *, at: datetime) -> None:
    """Two companies: no rule joins them, and neither is offered as the other. Raises BadInput for one company."""
    if what.account_id == what.other_id:
        raise BadInput("second", str(what.other_id), "These are one company already. Name two.")
    await _keep(tx, what, "apart", at=at)
    await tx.run("settle_account_match", account_ids=[what.account_id], at=at, by=what.by, why=what.why)
    await tx.run("look_at_accounts_again", account_ids=[what.account_id, what.other_id])


async def decided(tx: Tx, account_id: AccountId | None = None, *, limit: int = 100) -> tuple[Decided, ...]:
    """Decisions, the latest first: of one company, or of all."""
    rows = await tx.all("account_matches_decided", account_id=account_id, page_limit=limit)
    return tuple(Decided.model_validate(dict(row)) for row in rows)


async def _move_all(tx: Tx, here: AccountId, there: AccountId, people: Sequence[UUID], *, at: datetime) -> Json:
    """Everything of one company to the other; what was moved, for whoever undoes it."""
    filled = await tx.one("fill_blanks_of_account", account_id=there, from_id=here)
    await tx.all("move_people", here=here, there=there, lead_ids=people)
    await tx.run("move_mails", here=here, there=there, lead_ids=people, since=at - _MAILS_COUNT)
    return {
        "people": [str(one) for one in people],
        "hand_offs": await _moved(tx, "move_hand_offs", here, there, hand_off_ids=None),
        "deals": await _moved(tx, "move_deals", here, there, deal_ids=None),
        "aliases": await _moved(tx, "move_aliases", here, there, names=None),
        "daughters": await _moved(tx, "move_daughters", here, there, account_ids=None),
        "sent_on": await _moved(tx, "send_on", here, there),
        "before": filled["before"],
        "after": filled["after"],
    }


async def _move_back(
    tx: Tx, here: AccountId, there: AccountId, moved: dict[str, list[str]], people: Sequence[UUID], *, at: datetime
) -> None:
    await tx.all("move_people", here=there, there=here, lead_ids=people)
    await tx.run("move_mails", here=there, there=here, lead_ids=people, since=at - _MAILS_COUNT)
    await tx.all("move_hand_offs", here=there, there=here, hand_off_ids=moved["hand_offs"])
    await tx.all("move_deals", here=there, there=here, deal_ids=moved["deals"])
    await tx.all("move_aliases", here=there, there=here, names=moved["aliases"])
    await tx.all("move_daughters", here=there, there=here, account_ids=moved["daughters"])


async def _moved(tx: Tx, name: str, here: AccountId, there: AccountId, **which: object) -> Json:
    return [str(row[0]) for row in await tx.all(name, here=here, there=there, **which)]


async def _came_since(tx: Tx, here: AccountId, there: AccountId) -> list[UUID]:
    row = await tx.one("domain_of_account", account_id=here)
    if row["domain"] is None:
        return []
    return [one["lead_id"] for one in await tx.all("people_by_domain", account_id=there, domain=row["domain"])]


async def _keep(tx: Tx, what: Joining, state: str, *, at: datetime, moved: Json = None) -> UUID:
    match_id = new_id()
    kept = what.model_dump(exclude={"reasons"})
    await tx.run(
        "keep_account_match", match_id=match_id, state=state, at=at, moved=moved, reasons=list(what.reasons), **kept
    )
    if what.by != "system":
        action = "joined two companies" if state == "joined" else "kept two companies apart"
        other: Json = {"second": str(what.other_id)}
        note = audit.Note(
            at=at, actor=what.by, action=action, subject=f"account {what.account_id}", after=other, why=what.why
        )
        await audit.note(tx, note)
    return match_id
