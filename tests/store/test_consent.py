"""Does no marketing mail ever pass the mark before the dot without a basis that suffices at that very instant?"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from leadloom.domain.definitions.consent_policy import ConsentPolicy, SufficingRow
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.lead import BasisDraft, BasisKind
from leadloom.domain.mails.sending import may_market
from leadloom.domain.model import LeadId, MessageId
from leadloom.store import conditions, messages, permissions, published
from leadloom.store.db import Db
from leadloom.store.messages import ClaimedMessage
from leadloom.store.permissions import Withdrawal
from leadloom.store.published import Book
from leadloom.store.tx import Tx
from tests.store import acts
from tests.store.acts import TUESDAY
from tests.store.test_messages import ask, claimed

COUNTRIES = ["DE", "FR", "US", "CA", "SG", "de", None]
KINDS = [kind for kind in BasisKind if kind not in (BasisKind.NONE, BasisKind.SERVICE)]
SAID_BY_THEM = {BasisKind.EXPRESS, BasisKind.DOUBLE_OPT_IN}
CASES, LEADS = 40, 20


class Entry(NamedTuple):
    """A line of somebody's log."""

    act: str
    kind: BasisKind
    at: datetime
    until: datetime | None
    purpose: str
    channel: str


def a_policy(lot: random.Random) -> ConsentPolicy:
    rows = [
        SufficingRow(
            countries=tuple(lot.sample(["DE", "FR", "US", "CA"], lot.randint(1, 3))),
            kinds=tuple(lot.sample(KINDS, lot.randint(0, 3))),
        )
        for _ in range(lot.randint(0, 3))
    ]
    return ConsentPolicy(suffices=(*rows, SufficingRow(kinds=tuple(lot.sample(KINDS, lot.randint(1, 3))))))


def a_log(lot: random.Random) -> list[Entry]:
    entries: list[Entry] = []
    for _ in range(lot.randint(0, 5)):
        act = lot.choice(["given", "given", "given", "asked", "withdrawn"])
        at = TUESDAY + timedelta(hours=lot.randint(-5, 5))
        kind = lot.choice(KINDS)
        ends = act == "asked" or kind is BasisKind.IMPLIED or lot.random() < 0.3
        until = at + timedelta(hours=lot.randint(1, 6)) if ends else None
        purpose, channel = lot.choice(["marketing"] * 5 + ["surveys"]), lot.choice(["mail"] * 5 + ["phone"])
        entries.append(Entry(act, kind, at, until, purpose, channel))
    return entries


def enough(policy: ConsentPolicy, country: str | None) -> set[BasisKind]:
    """What world.md's table says, told anew: unknown needs what suffices everywhere."""
    rest = next(row for row in policy.suffices if row.countries is None)
    if country is None:
        return set.intersection(*(set(row.kinds) for row in policy.suffices))
    return set(next((row for row in policy.suffices if row.countries and country.upper() in row.countries), rest).kinds)


def in_force(log: Sequence[Entry], at: datetime) -> set[BasisKind]:
    """The log read from its beginning: a no wipes out what was, and what nobody says themselves for good."""
    held: list[Entry] = []
    said_no = False
    for entry in sorted(log, key=lambda one: (one.at, one.act == "withdrawn")):
        if entry.at > at or (entry.purpose, entry.channel) != ("marketing", "mail"):
            continue
        if entry.act == "withdrawn":
            held, said_no = [], True
        elif entry.act == "given" and (entry.kind in SAID_BY_THEM or not said_no):
            held.append(entry)
    return {entry.kind for entry in held if entry.until is None or at < entry.until}


async def write(tx: Tx, lead_id: LeadId, log: Sequence[Entry], lot: random.Random) -> None:
    """In any order: what a list brings may be told long after what it tells of."""
    for entry in lot.sample(log, len(log)):
        where = {"purpose": entry.purpose, "channel": entry.channel, "source": "a lot", "at": entry.at}
        if entry.act == "withdrawn":
            await permissions.take_back(tx, [Withdrawal(lead_id=lead_id, **where)], [])
        else:
            told = BasisDraft.model_validate({**where, "act": entry.act, "kind": entry.kind, "until": entry.until})
            await permissions.grant(tx, lead_id, [told])


async def live(dsn: str, countries: Mapping[LeadId, str | None]) -> None:
    """In those countries, at no company, and nothing was ever said."""
    await acts.rows(dsn, "DELETE FROM basis")
    query = (
        "UPDATE lead l SET country = lives.country, account_id = NULL"
        " FROM unnest($1::uuid[], $2::text[]) lives (lead_id, country) WHERE l.lead_id = lives.lead_id"
    )
    await acts.rows(dsn, query, list(countries), list(countries.values()))


async def whom_it_holds_for(dsn: str, definition: Definition, at: datetime) -> set[LeadId]:
    """The audience of `basis: marketing`."""
    asks = Condition(basis="marketing")
    where = conditions.compiled(asks, definition=definition, track="new-business", at=at)
    query = f"SELECT l.lead_id FROM lead l LEFT JOIN account a USING (account_id) WHERE {where.numbered(0)}"
    return {row["lead_id"] for row in await acts.rows(dsn, query, *where.values)}


class _Undone(Exception):
    """So that the next case finds the mails claimed again."""


async def marked_and_undone(db: Db, mails: Sequence[ClaimedMessage], at: datetime) -> set[MessageId]:
    marked: set[MessageId] = set()
    with suppress(_Undone):
        async with db.transaction() as tx:
            marked = set(await messages.mark_at_dot(tx, [(one.message_id, one.claim) for one in mails], at=at))
            raise _Undone
    return marked


async def test_the_mark_lets_through_exactly_whom_a_basis_suffices_for_at_that_instant(
    db: Db, dsn: str, book: Book
) -> None:
    runs = [await acts.in_journey(db, book, f"lead{no}.torres") for no in range(LEADS)]
    for run in runs:
        await ask(db, book, run)
    mails = {mail.lead_id: mail for run in runs for mail in await claimed(db, book, run[0], TUESDAY)}
    assert len(mails) == LEADS
    let, kept = 0, 0
    for seed in range(CASES):
        lot = random.Random(seed)
        policy = a_policy(lot)
        definition = book.definition.but(consent=policy)
        at = TUESDAY + timedelta(hours=lot.randint(-2, 8))
        logs = {lead_id: (lot.choice(COUNTRIES), a_log(lot)) for lead_id in mails}
        expected = {one for one, (country, log) in logs.items() if enough(policy, country) & in_force(log, at)}
        await live(dsn, {lead_id: country for lead_id, (country, _) in logs.items()})
        async with db.transaction() as tx:
            await published.publish_definition(tx, definition, at=at, by="tests")
            for lead_id, (_, log) in logs.items():
                await write(tx, lead_id, log, lot)
            bases = await permissions.of_leads(tx, list(logs))
        pure = {one for one, (country, _) in logs.items() if may_market(definition, bases.get(one, ()), country, at)}
        audience = await whom_it_holds_for(dsn, definition, at)
        marked = await marked_and_undone(db, list(mails.values()), at)
        through = {lead_id for lead_id, mail in mails.items() if mail.message_id in marked}
        assert (through, pure, audience) == (expected, expected, expected), f"seed {seed}"
        let, kept = let + len(through), kept + LEADS - len(through)
    assert min(let, kept) > CASES * LEADS / 10  # neither answer is rare among the cases
