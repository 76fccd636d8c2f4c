"""Does the page on deliverability agree with its rows, say what stands still, and let an operator let it go on?"""

from __future__ import annotations

import re
from html import unescape
from uuid import UUID, uuid4

from leadloom.domain.mails.outcome import Deferred
from leadloom.domain.model import MessageId
from leadloom.domain.returns.kind import Kind, Reason
from leadloom.store import returns, routes
from leadloom.store.returns import CameBack
from tests.store.acts import TUESDAY
from tests.web.console import Console, words

FIGURE = re.compile(r'<a class="figure[^"]*" href="(/rows/[^"]+)">([\d,]+)</a>')


async def sent_mail(console: Console, who: str) -> MessageId:
    query = "SELECT message_id FROM message WHERE lead_id = $1 AND owner_id IS NULL AND status = 'sent' LIMIT 1"
    (row,) = await console.site.rows(query, console.people[who])
    assert isinstance(row["message_id"], UUID)
    return MessageId(row["message_id"])


async def comes_back(console: Console, who: str, kind: Kind, reason: Reason | None, *, asks: bool = False) -> None:
    came = CameBack(
        key=f"{who} {kind}", via="imap", at=TUESDAY, kind=kind, reason=reason, why="a rule", matched_by="token",
        message_id=await sent_mail(console, who), lead_id=console.people[who], asks=asks,
    )  # fmt: skip
    async with console.site.db.transaction() as tx:
        assert await returns.keep(tx, came)


async def rest(console: Console) -> None:
    failed = Deferred(
        message_id=await sent_mail(console, "ana"), claim=uuid4(), reply="421 4.7.0 try again later", until=TUESDAY
    )
    async with console.site.db.transaction() as tx:
        await routes.write(tx, taking=(), resting={("main", "google"): failed}, at=TUESDAY)


async def test_every_number_counts_the_rows_it_opens(console: Console) -> None:
    await comes_back(console, "ana", Kind.BOUNCE, Reason.MAILBOX_FULL)
    await comes_back(console, "nora", Kind.COMPLAINT, None, asks=True)
    await comes_back(console, "nora", Kind.BOUNCE, Reason.SPAM)
    figures: list[tuple[str, str]] = FIGURE.findall(await console.page("/deliverability?days=90"))
    assert sum(number != "0" for _, number in figures) >= 8
    for href, number in figures:
        rows = await console.page(unescape(href))
        found = re.search(r"data-total>([\d,]+)<", rows)
        assert (href, found.group(1) if found else "0") == (href, number)


async def test_a_relay_that_rests_says_why_and_is_tried_again_in_somebodys_name(console: Console) -> None:
    await rest(console)
    page = await console.page("/deliverability")
    assert "rests for mail to google" in words(page)
    assert "421 4.7.0 try again later" in page
    assert "Choose your seat to try it now" in page
    console.sit("leo-novak")
    answer = await console.send("/deliverability/relays/main", {"back": "/deliverability"}, shown_at="/deliverability")
    assert answer.status_code == 303
    assert "No relay rests" in words(await console.page("/deliverability"))
    (noted,) = await console.site.rows("SELECT actor, subject FROM audit WHERE action = 'tried a relay again'")
    assert noted == {"actor": "leo-novak", "subject": "relay main"}


async def test_a_stopped_sender_goes_on_only_with_a_word_on_what_was_mended(console: Console) -> None:
    stop = (
        "INSERT INTO sender_domain (domain, sent, complaints, looked_at, stopped_at) VALUES ('kelvance.example', 1000,"
        " 4, $1, $1)"
    )
    await console.site.rows(stop, TUESDAY)
    console.sit("leo-novak")
    path = "/deliverability/senders/kelvance.example"
    assert "4 of 1,000 mails were called spam" in words(await console.page("/deliverability"))
    refused = await console.send(path, {"why": " "}, shown_at="/deliverability")
    assert (refused.status_code, "Say what was mended" in refused.text) == (422, True)
    assert (await console.send(path, {"why": "old list left out"}, shown_at="/deliverability")).status_code == 303
    assert "was stopped" not in words(await console.page("/deliverability"))


async def test_without_a_seat_or_a_token_nothing_is_let_go(console: Console) -> None:
    await rest(console)
    console.sit("leo-novak")
    forged = await console.client.post("/deliverability/relays/main", data={"token": "made up"})
    assert forged.status_code == 403
    assert "rests for mail to google" in words(await console.page("/deliverability"))


async def test_a_relay_nobody_declared_is_not_found(console: Console) -> None:
    await rest(console)
    console.sit("leo-novak")
    answer = await console.send("/deliverability/relays/elsewhere", {}, shown_at="/deliverability")
    assert answer.status_code == 404


async def test_mails_that_have_not_gone_yet_belong_to_a_provider_too(console: Console) -> None:
    await console.site.rows("UPDATE lead SET email = 'nora@gmail.com' WHERE lead_id = $1", console.people["nora"])
    await console.site.rows("DELETE FROM message WHERE lead_id = $1 AND status = 'sent'", console.people["nora"])
    planned = await console.page("/rows/mails?provider=google&status=planned")
    assert planned.count(console.lead("nora")) >= 1


async def test_an_empty_house_says_what_will_stand_there(console: Console) -> None:
    await console.site.rows("DELETE FROM mail_return")
    said = words(await console.page("/deliverability?days=1"))
    assert "Nothing came back in this time." in said
    assert words(await console.page("/rows/returns")).count("Nothing came back.") == 1
