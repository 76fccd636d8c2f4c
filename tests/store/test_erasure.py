"""Is nothing left of a person who was erased, in any table there is, while everything that is counted stays?"""

from __future__ import annotations

import json
from datetime import timedelta

import asyncpg
import pytest
from publicsuffixlist import PublicSuffixList

from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.lead import BasisDraft, BasisKind
from leadloom.domain.mails.outcome import Sent
from leadloom.domain.model import Json, LeadId
from leadloom.runtime import reports
from leadloom.store import (
    answering,
    audit,
    company_links,
    company_matching,
    company_names,
    erasure,
    leads,
    messages,
    permissions,
    preferences,
    stuck,
)
from leadloom.store.company_names import Act
from leadloom.store.db import Db
from leadloom.store.erasure import Erasure
from leadloom.store.messages import Written
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY

EMAIL, PHONE, NAME = "zora.quillfeather@quill-and-sons.example", "+49 30 5550177", "Quillfeather"
OTHER = "dora.quist@meridian-pharma.example"
SECRETS = (EMAIL, PHONE, NAME, "quill-and-sons", "Quill & Sons", "my cousin runs the depot", "crm-774411")
AT = TUESDAY + timedelta(days=1)


async def lived(db: Db, dsn: str, book: Book) -> LeadId:
    """Zora has been through everything that leaves a trace; every table that can name somebody names her."""
    told: dict[str, Json] = {"note": "my cousin runs the depot", "email": EMAIL}
    asked = world.happened("demo_requested", TUESDAY, data=told)
    guide = world.happened("guide_requested", TUESDAY - timedelta(hours=2), data=told, key=f"form:{EMAIL}")
    draft = world.draft(
        "zora.quillfeather", guide, email=EMAIL, phone=PHONE, company="Quill & Sons", country="US", role="quality",
        external_id="crm-774411", attributes={"note": "my cousin runs the depot"},
        bases=(world.permission(at=TUESDAY - timedelta(hours=2)),),
    )  # fmt: skip
    lead_id = await acts.capture(db, book, draft, TUESDAY - timedelta(hours=2))
    [run] = await acts.rows(dsn, "SELECT enrolment_id FROM enrolment WHERE lead_id = $1", lead_id)
    await acts.advance(db, book, run["enrolment_id"], TUESDAY - timedelta(hours=2))
    [row] = await acts.rows(dsn, "SELECT lane FROM message WHERE lead_id = $1", lead_id)
    made_of = Written(json.dumps({"lead": {"first_name": "Zora", "email": EMAIL}}), (f"/g?m={EMAIL}",))
    [mail] = await acts.claim(db, book, row["lane"], TUESDAY - timedelta(hours=2), made_of=lambda _: made_of)
    async with db.transaction() as tx:
        sent = Sent(message_id=mail.message_id, claim=mail.claim, reply=f"250 <{EMAIL}> ok")
        await messages.mark_at_dot(tx, [(mail.message_id, mail.claim)], at=TUESDAY - timedelta(hours=2))
        await messages.settle(tx, [sent], book=book, at=TUESDAY - timedelta(hours=2))
    await acts.happens(db, book, lead_id, asked)
    await by_hand(db, dsn, book, lead_id)
    await compared(db, book, lead_id)
    return lead_id


async def compared(db: Db, book: Book, lead_id: LeadId) -> None:
    """Her company may be another of nearly its name, is also called otherwise, and took in one that was it."""
    for email, company in (("guest@gmail.com", "Quil & Sons Ltd"), ("guest@mail.quill-and-sons.example", None)):
        await acts.capture(db, book, world.draft("guest", email=email, company=company), TUESDAY)
    async with db.transaction() as tx:
        home = (await leads.get(tx, lead_id)).account_id
        assert home is not None
        act = Act(by="samira-haddad", why="she said so", at=TUESDAY)
        await company_names.add_alias(tx, home, "Quill & Sons House", book.definition, act=act)
        for _ in range(3):
            await company_matching.look(tx, registrable=PublicSuffixList().privatesuffix, at=TUESDAY)
        assert len(await company_matching.choices(tx)) == 1
        assert len(await company_links.decided(tx)) == 1
        other = await leads.find(tx, "guest@mail.quill-and-sons.example")
        await company_names.put_lead(tx, other, None, act=act)
        await erasure.erase(tx, Erasure(lead_id=other, by="lead", why="asked"), book=book, at=TUESDAY)


async def by_hand(db: Db, dsn: str, book: Book, lead_id: LeadId) -> None:
    """What people and other systems wrote about her."""
    [offer] = await acts.rows(dsn, "SELECT hand_off_id FROM hand_off WHERE lead_id = $1", lead_id)
    rejected = Decision(kind="reject", by="marcus-oyelaran", via="page", reason="other", text=f"{NAME} said no")
    async with db.transaction() as tx:
        await answering.decide(tx, offer["hand_off_id"], 1, rejected, book=book, at=TUESDAY)
        lead = await leads.get(tx, lead_id)
        chosen = (await preferences.read(tx, lead, at=TUESDAY)).but(fewer=True)
        yes = BasisDraft(kind=BasisKind.DOUBLE_OPT_IN, source=f"call with {NAME}", wording="Yes", at=TUESDAY)
        [mail] = await acts.rows(dsn, "SELECT message_id FROM message WHERE lead_id = $1 LIMIT 1", lead_id)
        how = preferences.Told(message_id=mail["message_id"], origin={}, proof={"ip": "203.0.113.9"}, yes=yes)
        await preferences.choose(tx, lead_id, chosen, how, book=book, at=TUESDAY)
        note = audit.Note(at=TUESDAY, actor="priya-nair", action="looked", subject=f"lead {lead_id}", why=f"{NAME}?")
        await audit.note(tx, note)
        await audit.note(tx, note.but(subject="campaign autumn", why=f"without {EMAIL} and Zora {NAME}"))
        silence = permissions.Silence(value=EMAIL, purpose="marketing", reason="unsubscribed", at=TUESDAY)
        await permissions.grant(tx, lead_id, [yes])
        await permissions.suppress(tx, [silence])
    for statement in (
        "INSERT INTO lead_tag VALUES ($1, 'cousin of Quillfeather', now(), 'priya-nair')",
        "INSERT INTO mail_return (return_id, key, via, at, kind, why, diagnostic, subject, sender, said, lead_id,"
        " address)"
        f" VALUES (gen_random_uuid(), 'k1', 'imap', now(), 'reply', 'a person', '<{EMAIL}>', 'Re: {NAME}', '{EMAIL}',"
        f" 'I am {NAME}', $1, '{EMAIL}')",
        "INSERT INTO provider_post VALUES (gen_random_uuid(), 'sendgrid', 'event', 'x',"
        f" jsonb_build_object('email', '{EMAIL}'), 'no id', 1, now())",
        "INSERT INTO import VALUES (gen_random_uuid(), 'leads', 'f.csv', 'h', '{}', now(), 'x', NULL)",
        "INSERT INTO deal (deal_id, external_id, account_id, lead_id, name, track, created_at, stage)"
        f" SELECT gen_random_uuid(), 'd-1', account_id, lead_id, 'For Zora {NAME}', 'new-business', now(), 'open'"
        " FROM lead WHERE lead_id = $1",
    ):
        await acts.rows(dsn, statement, *([lead_id] if "$1" in statement else []))
    fault = "INSERT INTO import_fault SELECT import_id, 1, 'refused', 'email', $2, $3::text::jsonb FROM import WHERE $1"
    await acts.rows(dsn, fault, True, f"{EMAIL} has no country", json.dumps({"email": EMAIL, "name": NAME}))


async def columns_with(dsn: str, secrets: tuple[str, ...]) -> list[str]:
    """Every column of every table in which one of these stands, whatever its type: the whole row is read as text."""
    connection = await asyncpg.connect(dsn)
    try:
        ours = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        tables = await connection.fetch(ours)
        found: list[str] = []
        for (table,) in tables:
            for row in await connection.fetch(f"SELECT to_jsonb(t) AS row FROM {table} t"):
                for column, value in json.loads(row["row"]).items():
                    text = json.dumps(value, ensure_ascii=False).lower()
                    said = [each for each in secrets if each.lower() in text]
                    found += [f"{table}.{column}: {each}" for each in said]
        return found
    finally:
        await connection.close()


async def test_nothing_is_left_of_them_in_any_column_and_every_figure_stays(db: Db, dsn: str, book: Book) -> None:
    lead_id = await lived(db, dsn, book)
    await acts.in_journey(db, book, "dora.quist")
    before = await reports.everything(db, AT)
    tables = {each.partition(".")[0] for each in await columns_with(dsn, SECRETS)}
    assert tables >= {
        "lead", "identity_key", "event", "message", "audit", "suppression", "hand_off", "mail_return", "import_fault",
        "provider_post",
        "deal", "account", "lead_tag", "basis",
    }, "the test plants what it looks for"  # fmt: skip
    async with db.transaction() as tx:
        await erasure.erase(tx, Erasure(lead_id=lead_id, by="lead", why=f"asked as {EMAIL}"), book=book, at=AT)
    kept = {"account.name: Quill & Sons", "account.domain: quill-and-sons", "pace.bucket: quill-and-sons"}
    told_of = await columns_with(dsn, ("quill-and-sons", "Quill & Sons"))
    kept |= {one for one in told_of if one.startswith(("account", "audit.after"))}
    assert set(await columns_with(dsn, SECRETS)) <= kept, "a company with a deal keeps its name"
    assert await columns_with(dsn, (OTHER,)) != []
    assert await reports.everything(db, AT) == before
    async with db.read() as tx:
        found = await stuck.stuck(tx, AT + timedelta(days=200), book=book)
    assert [one for one in found if one.lead_id == lead_id] == []
    [note] = await acts.rows(dsn, "SELECT actor, why FROM audit WHERE action = 'erased a person' AND why <> 'asked'")
    assert tuple(note) == ("lead", "asked as [erased]")


async def test_runs_end_mail_is_taken_back_and_a_claimed_one_is_not_marked(db: Db, dsn: str, book: Book) -> None:
    lead_id, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    [row] = await acts.rows(dsn, "SELECT lane FROM message")
    [mail] = await acts.claim(db, book, row["lane"], made_of=lambda _: Written('{"a": "b"}', ()))
    async with db.transaction() as tx:
        await erasure.erase(tx, Erasure(lead_id=lead_id, by="priya-nair", why="by letter"), book=book, at=TUESDAY)
    async with db.transaction() as tx:
        assert await messages.mark_at_dot(tx, [(mail.message_id, mail.claim)], at=TUESDAY) == set()
    [ended] = await acts.rows(dsn, "SELECT status, outcome FROM enrolment")
    [message] = await acts.rows(dsn, "SELECT status, values FROM message")
    assert (tuple(ended), tuple(message)) == (("exited", "erased"), ("cancelled", None))
    with pytest.raises(Conflict, match="erased on 2026-03-03"):
        async with db.transaction() as tx:
            await erasure.erase(tx, Erasure(lead_id=lead_id, by="priya-nair", why="again"), book=book, at=TUESDAY)
    with pytest.raises(BadInput, match="why"):
        async with db.transaction() as tx:
            await erasure.erase(tx, Erasure(lead_id=lead_id, by="priya-nair", why=" "), book=book, at=TUESDAY)


async def test_a_later_list_brings_nobody_back_who_was_erased_and_their_own_yes_does(
    db: Db, dsn: str, book: Book
) -> None:
    lead_id, _ = await acts.in_journey(db, book)
    async with db.transaction() as tx:
        await erasure.erase(tx, Erasure(lead_id=lead_id, by="lead", why="their wish"), book=book, at=TUESDAY)
    later = TUESDAY + timedelta(days=30)
    again, run = await acts.in_journey(db, book, at=later)
    assert again != lead_id
    await acts.advance(db, book, run, later)
    await acts.rows(dsn, "UPDATE message SET mail_class = 'marketing', purpose = 'marketing' WHERE lead_id = $1", again)
    [mail] = await acts.rows(dsn, "SELECT message_id FROM message WHERE lead_id = $1", again)
    async with db.transaction() as tx:
        [veto] = (await messages.vetoes(tx, [mail["message_id"]], at=later))[mail["message_id"]]
        assert (veto.code, veto.detail) == ("suppressed", "erased")
        listed = world.permission(at=later + timedelta(hours=1))
        await permissions.grant(tx, again, [listed])
        assert await messages.vetoes(tx, [mail["message_id"]], at=later + timedelta(hours=2)) != {}
        own = listed.but(kind=BasisKind.DOUBLE_OPT_IN, proof={"message_id": str(mail["message_id"])})
        await permissions.grant(tx, again, [own])
        assert await messages.vetoes(tx, [mail["message_id"]], at=later + timedelta(hours=2)) == {}


async def test_who_shares_a_part_of_the_address_keeps_theirs(db: Db, dsn: str, book: Book) -> None:
    lead_id, _ = await acts.in_journey(db, book)
    await acts.in_journey(db, book, "diana.torres", email="diana.torres@meridian-pharma.example")
    async with db.transaction() as tx:
        note = audit.Note(at=TUESDAY, actor="x", action="y", subject="z", why="diana.torres@meridian-pharma.example")
        await audit.note(tx, note)
        await erasure.erase(tx, Erasure(lead_id=lead_id, by="lead", why="their wish"), book=book, at=TUESDAY)
    assert [row["why"] for row in await acts.rows(dsn, "SELECT why FROM audit WHERE action = 'y'")] == [note.why]


async def test_what_a_company_of_one_was_compared_by_goes_with_them(db: Db, dsn: str, book: Book) -> None:
    alone = await acts.capture(db, book, world.draft("alone", email="alone@gmail.com", company="Quil & Sons Ltd"))
    await acts.capture(db, book, world.draft("other", email="other@sons.example", company="Quill & Sons"))
    registrable = PublicSuffixList().privatesuffix
    async with db.transaction() as tx:
        home = (await leads.get(tx, alone)).account_id
        assert home is not None
        act = Act(by="samira-haddad", why="said so", at=TUESDAY)
        await company_names.add_alias(tx, home, "Quil House", book.definition, act=act)
        for _ in range(3):
            await company_matching.look(tx, registrable=registrable, at=TUESDAY)
        assert len(await company_matching.choices(tx)) == 1
        await erasure.erase(tx, Erasure(lead_id=alone, by="lead", why="asked"), book=book, at=AT)
    assert await columns_with(dsn, ("quil house", "quil sons", "Quil & Sons")) == []
