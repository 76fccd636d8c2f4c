"""Can an operator stop mail, settle what nobody knows, retry what is blocked, keep deals and migrations?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from leadloom.store import enrolments, mail_hosts, messages, provider_posts, routes
from leadloom.store.db import Db
from leadloom.store.lanes import lane_of
from leadloom.store.published import Book
from tests import world
from tests.cli.conftest import Command
from tests.dns_server import Zone, a_dns_server, txt
from tests.services import Databases
from tests.store import acts
from tests.store.acts import TUESDAY, WALL


@pytest.fixture
async def lost(db: Db, book: Book) -> str:
    """The id of a mail whose worker was lost at the dot."""
    lead_id, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    [mail] = await acts.claim(db, book, lane_of(lead_id), TUESDAY + timedelta(minutes=30))
    async with db.transaction() as tx:
        marked = await messages.mark_at_dot(tx, [(mail.message_id, mail.claim)], at=TUESDAY)
        assert marked and await messages.mark_lost_uncertain(tx, wall_before=WALL + timedelta(hours=1))
    return str(mail.message_id)


async def test_an_uncertain_mail_is_listed_and_settled_once(command: Command, lost: str) -> None:
    [listed] = (await command("mail", "uncertain", "list", "--json")).json
    assert listed["message_id"] == lost
    settle = ("mail", "uncertain", "settle", lost, "sent", "--why", "the relay's log has it", "--by", "leo-novak")
    assert (await command(*settle)).code == 0
    assert (await command("mail", "uncertain", "list", "--json")).json == []
    again = await command(*settle)
    assert again.code == 4 and "not uncertain" in again.err


async def test_a_verdict_nobody_knows_is_refused_before_anything_happens(command: Command, lost: str) -> None:
    ran = await command("mail", "uncertain", "settle", lost, "maybe", "--why", "?", "--by", "leo-novak")
    assert ran.code == 2 and "not-sent" in ran.err


async def test_all_lanes_stop_with_a_reason_and_go_on(command: Command, db: Db, book: Book) -> None:
    _, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    paused = (await command("mail", "pause", "all", "--why", "relay moves", "--by", "leo-novak", "--json")).json
    assert [lane["paused_why"] for lane in paused] == ["leo-novak: relay moves"]
    assert "paused" in (await command("mail", "lanes")).out
    resumed = (await command("mail", "resume", "all", "--by", "leo-novak", "--json")).json
    assert [lane["paused_why"] for lane in resumed] == [None]


async def test_a_lane_that_does_not_exist_is_exit_3(command: Command, book: Book) -> None:
    assert (await command("mail", "pause", "default/99", "--why", "x", "--by", "leo-novak")).code == 3


async def test_a_relay_log_settles_what_it_has_and_sends_the_rest(command: Command, lost: str, tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    assert (await command("mail", "uncertain", "reconcile", str(log), "--by", "leo-novak")).code == 2
    log.write_text("nothing of ours\n")
    assert (await command("mail", "uncertain", "reconcile", str(log), "--by", "leo-novak")).code == 2
    log.write_text("message-id=<abcdefgh234567abcdefgh@kelvance.example>\n")
    ran = await command("mail", "uncertain", "reconcile", str(log), "--send-absent", "--by", "leo-novak", "--json")
    assert ran.json == {"sent": 0, "due_again": 1, "left": 0}
    assert (await command("mail", "uncertain", "list", "--json")).json == []


async def test_relays_say_what_rests_and_are_tried_again_by_name(command: Command, db: Db, book: Book) -> None:
    assert "takes mail" in (await command("mail", "relays")).out
    async with db.transaction() as tx:
        await routes.rest(tx, ("main", "google"), told=TUESDAY, why="451 4.7.28 too fast", at=TUESDAY)
    [relay] = (await command("mail", "relays", "--json")).json
    assert [(one["provider"], one["why"]) for one in relay["resting"]] == [("google", "451 4.7.28 too fast")]
    assert "4.7.28" in (await command("doctor")).out
    tried = await command("mail", "try-relay", "main", "--by", "leo-novak", "--json")
    assert tried.json == {"relay": "main", "groups": 1}
    assert "takes mail" in (await command("mail", "relays")).out
    assert (await command("mail", "try-relay", "other", "--by", "leo-novak")).code == 3


async def test_who_takes_mail_in_is_listed_with_what_mx_said(command: Command, db: Db, book: Book) -> None:
    assert "DNS was asked about nobody yet" in (await command("mail", "hosts")).out
    told = [
        mail_hosts.Asked(
            domain="alder-cargo.com", provider="others", host="mimecast", takes_mail=True, wall_until=TUESDAY,
            exchanges=("eu-smtp-1.mimecast.com", "eu-smtp-2.mimecast.com", "eu-smtp-3.mimecast.com"),
        ),
        mail_hosts.Asked(
            domain="parked-domain.com", provider="others", host="parked-domain.com", takes_mail=False,
            wall_until=TUESDAY,
        ),
    ]  # fmt: skip
    async with db.transaction() as tx:
        assert (await mail_hosts.keep(tx, told, at=TUESDAY, wall_at=TUESDAY)).stopped == 1
    assert "eu-smtp-1.mimecast.com, eu-smtp-2.mimecast.com …" in (await command("mail", "hosts")).out
    rows = (await command("mail", "hosts", "--json")).json
    assert [(row["domain"], row["host"], row["takes_mail"]) for row in rows] == [
        ("alder-cargo.com", "mimecast", True),
        ("parked-domain.com", "parked-domain.com", False),
    ]


async def test_a_sender_domain_that_complaints_stopped_goes_on_by_hand(command: Command, db: Db, book: Book) -> None:
    assert "Nobody has complained" in (await command("mail", "senders")).out
    async with db.transaction() as tx:
        counted = {"sent": 1000, "complaints": 4, "alarms": True, "stops": True}
        await tx.run("keep_sender_domain", domain="kelvance.example", at=TUESDAY, **counted)
    assert "stopped" in (await command("mail", "senders")).out
    resume = (
        "mail",
        "resume-sender",
        "kelvance.example",
        "--why",
        "the list was bought",
        "--by",
        "leo-novak",
        "--json",
    )
    assert (await command(*resume)).json[0]["stopped_at"] is None
    assert (await command("mail", "resume-sender", "x.example", "--why", "?", "--by", "leo-novak")).code == 3


async def test_the_fence_says_with_which_epoch_workers_start_again(command: Command, book: Book) -> None:
    ran = await command("mail", "fence", "advance", "--why", "restored", "--by", "leo-novak", "--json")
    assert ran.json == {"epoch": 2, "in_doubt": 0}
    assert "LEADLOOM_EPOCH=2" in ran.err


async def test_a_blocked_run_is_shown_with_its_error_and_tries_again(command: Command, db: Db, book: Book) -> None:
    _, run = await acts.in_journey(db, book)
    async with db.transaction() as tx:
        await enrolments.block(tx, run, "TemplateError in letters", at=TUESDAY)
    [blocked] = (await command("runs", "list", "--blocked", "--json")).json
    assert (blocked["enrolment_id"], blocked["error"]) == (str(run), "TemplateError in letters")
    assert (await command("runs", "retry", run)).code == 0
    assert (await command("runs", "list", "--blocked", "--json")).json == []
    assert len((await command("runs", "list", "--json")).json) == 1


async def test_a_deal_is_added_closed_once_and_its_lead_becomes_a_customer(
    command: Command, db: Db, book: Book
) -> None:
    lead_id, _ = await acts.in_journey(db, book)
    add = ("deals", "add", "D-17", "--lead", lead_id, "--amount", "24000.50", "--currency", "USD")
    assert (await command(*add, "--owner", "marcus-oyelaran", "--at", "2026-03-02")).code == 0
    won = await command("deals", "close", "D-17", "won", "--json")
    assert (won.json["stage"], won.json["amount"]) == ("won", "24000.50")
    again = await command("deals", "close", "D-17", "lost")
    assert again.code == 4 and "won already" in again.err
    [row] = (await command("deals", "list", "--stage", "won", "--json")).json
    assert (row["external_id"], row["owner"]) == ("D-17", "marcus-oyelaran")


@pytest.mark.parametrize(
    ("amount", "currency", "says"), [("much", "USD", "amount"), ("12", "dollars", "currency"), ("-1", "USD", "amount")]
)
async def test_a_deal_that_cannot_be_is_refused(
    command: Command, db: Db, book: Book, amount: str, currency: str, says: str
) -> None:
    lead_id, _ = await acts.in_journey(db, book)
    ran = await command("deals", "add", "D-1", "--lead", lead_id, f"--amount={amount}", "--currency", currency)
    assert ran.code == 2 and says in ran.err
    assert (await command("deals", "list", "--json")).json == []


async def test_a_deal_nobody_added_cannot_be_closed(command: Command, book: Book) -> None:
    assert (await command("deals", "close", uuid4(), "won")).code == 3


@pytest.fixture
async def empty(databases: Databases, command: Command, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """The command's database is one without any migration."""
    async with databases.fresh() as url:
        monkeypatch.setenv("DATABASE_URL", url)
        yield url


async def test_migrations_are_due_until_they_are_applied(command: Command, empty: str) -> None:
    before = await command("db", "check", "--json")
    applied = (await command("db", "migrate", "--json")).json["applied"]
    after = await command("db", "check", "--json")
    assert (before.code, before.json["due"]) == (6, applied)
    assert (after.code, after.json["due"]) == (0, [])
    assert (await command("db", "migrate", "--json")).json == {"applied": []}


async def test_a_definition_is_shown_as_it_is_in_force(command: Command, book: Book) -> None:
    shown = await command("definitions", "show")
    assert shown.code == 0 and "version 1 (in force)" in shown.out
    assert (await command("definitions", "show", "--json")).json["definition"]["name"] == world.definition().name


async def test_before_anything_is_published_that_is_said(command: Command) -> None:
    ran = await command("definitions", "show")
    assert ran.code == 3 and "publish definition.yaml" in ran.err


async def test_a_key_pair_is_made_shown_and_printed_for_dns(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = await command("mail", "keys", "list")
    assert (refused.code, "LEADLOOM_DKIM_KEYS" in refused.err) == (2, True)
    monkeypatch.setenv("LEADLOOM_DKIM_KEYS", str(tmp_path / "dkim"))
    make = ("mail", "keys", "make", "kelvance.example", "--selector", "s1")
    made = (await command(*make, "--json")).json
    assert made["record"].startswith("v=DKIM1; k=rsa; p=")
    assert (await command(*make)).code == 4
    assert (await command(*make[:4], "--algorithm", "dsa")).code == 2
    assert (await command(*make[:4], "--algorithm", "ed25519")).code == 0
    listed = (await command("mail", "keys", "list", "--json")).json
    assert [(key["algorithm"], key["bits"]) for key in listed] == [("rsa", 2048), ("ed25519", 256)]
    lines = (await command("mail", "keys", "records")).out.splitlines()
    assert lines == [key["zone_line"] for key in listed], "a line of a zone file is never folded"
    assert "PRIVATE" not in "".join(lines)


async def test_what_a_provider_said_in_vain_is_listed_retried_and_dropped(command: Command, db: Db) -> None:
    async with db.transaction() as tx:
        bad = await provider_posts.keep(
            tx, "sendgrid", {"event": "bounce"}, kind="event", why="email is missing", at=TUESDAY
        )
        asked = await provider_posts.keep(
            tx,
            "ses",
            {"subscribe_url": "https://attacker.example/"},
            kind="subscription",
            why="confirm",
            at=TUESDAY + timedelta(hours=1),
        )
    listed = (await command("mail", "hooks", "list", "--json")).json
    assert [row["post_id"] for row in listed] == [str(bad), str(asked)]
    assert (await command("mail", "hooks", "retry", str(bad), "--by", "leo-novak", "--json")).json["kept"] == 1
    assert "sg_event_id" in (await command("mail", "hooks", "list")).out
    foreign = await command("mail", "hooks", "confirm", str(asked), "--by", "leo-novak")
    assert foreign.code == 2 and "SNS itself" in foreign.err
    assert (await command("mail", "hooks", "retry", str(asked), "--by", "leo-novak")).code == 4
    for post in (bad, asked):
        await command("mail", "hooks", "drop", str(post), "--why", "a test of theirs", "--by", "leo-novak")
    assert "waits for anybody" in (await command("mail", "hooks", "list")).out
    assert (await command("mail", "hooks", "drop", str(bad), "--why", "again", "--by", "leo-novak")).code == 3


async def test_taking_mail_without_a_way_in_says_what_to_set(command: Command) -> None:
    ran = await command("mail", "receive")
    assert ran.code == 2 and "LEADLOOM_IMAP_URL" in ran.err


async def test_the_doctor_of_mail_asks_the_resolver_that_is_named_and_fails_by_exit_code(
    command: Command, book: Book
) -> None:
    zone: Zone = {"alder.example TXT": [txt("v=spf1 -all")], "alder.example MX": ["10 mx.alder.example."]}
    async with a_dns_server(zone) as server:
        told = await command("doctor", "mail", "--resolver", server, "--json")
        named = await command("doctor", "mail", "--resolver", server, "--domain", "alder.example")
    assert told.code == named.code == 6
    found = {one["what"]: one for one in told.json}
    assert found["SPF kelvance.example"]["verdict"] == "fail", "the definition's domain"
    assert found["complaints, 7 days"]["verdict"] == "ok"
    assert "-all, 0 of 10 questions" in named.out and "→ Publish as TXT at _dmarc.alder.example" in named.out
    assert (await command("doctor", "mail", "--resolver", "nowhere")).code == 2


async def test_stopped_templates_are_listed_and_resumed_by_the_beginning_of_their_hash(
    command: Command, db: Db, dsn: str, book: Book
) -> None:
    [made] = await acts.rows(dsn, "SELECT hash, name FROM published WHERE kind = 'template' ORDER BY name LIMIT 1")
    async with db.transaction() as tx:
        stop = {"refused": 3, "sent": 9, "why": "content (3)", "at": TUESDAY}
        await tx.run("stop_template", template_hash=made["hash"], **stop)
    [listed] = (await command("mail", "templates", "--json")).json
    assert (listed["name"], listed["refused"], listed["sent"]) == (made["name"], 3, 9)
    assert f"{made['name']} is stopped" in (await command("doctor")).out
    said = ("--why", "their filter was wrong", "--by", "leo-novak", "--json")
    [resumed] = (await command("mail", "resume-template", made["hash"][:12], *said)).json
    assert (resumed["stopped_at"], resumed["resumed_at"] is None) == (None, False)
    assert (await command("mail", "resume-template", "0123", *said)).code == 3
