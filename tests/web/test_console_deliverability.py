"""Does the page on deliverability agree with its rows, say what stands still, and let an operator let it go on?"""

from __future__ import annotations

import re
from html import unescape
from uuid import UUID, uuid4

from fastapi.routing import APIRoute

from leadloom.domain.access.rights import Right
from leadloom.domain.mails.outcome import Deferred
from leadloom.domain.model import MessageId
from leadloom.domain.returns.kind import Kind, Reason
from leadloom.store import returns, routes
from leadloom.store.returns import CameBack
from leadloom.web.console._guard import needed_by
from leadloom.web.console.deliverability import router
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
    assert await agrees(console, await console.page("/deliverability?days=90")) >= 8


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


async def stop_a_template(console: Console) -> str:
    """Of what Ana got; its hash."""
    mail = await sent_mail(console, "ana")
    [row] = await console.site.rows("SELECT template_hash FROM message WHERE message_id = $1", mail)
    await console.site.rows(
        "INSERT INTO template_stop (template_hash, refused, sent, why, stopped_at) VALUES ($1, 3, 9, 'content (3)',"
        " $2)",
        row["template_hash"], TUESDAY,
    )  # fmt: skip
    await console.site.rows(
        "UPDATE message SET kept_why = 'template_stopped', template_hash = $1 WHERE status = 'reserved'",
        row["template_hash"],
    )
    return str(row["template_hash"])


async def agrees(console: Console, page: str) -> int:
    """Each figure of the page counts the rows it opens; how many aren't zero."""
    figures: list[tuple[str, str]] = FIGURE.findall(page)
    for href, number in figures:
        rows = await console.page(unescape(href))
        found = re.search(r"data-total>([\d,]+)<", rows)
        assert (href, found.group(1) if found else "0") == (href, number)
    return sum(number != "0" for _, number in figures)


async def test_a_template_that_several_sent_back_is_shown_with_its_rows_and_goes_on_in_somebodys_name(
    console: Console,
) -> None:
    await comes_back(console, "ana", Kind.BOUNCE, Reason.CONTENT)
    template = await stop_a_template(console)
    page = await console.page("/deliverability?days=90")
    said = words(page)
    assert "came back, from several firms, for what the mail is: content (3)" in said
    assert "Choose your seat to let it go on" in said
    stopped = page[page.index("for what the mail is") - 1200 : page.index("Mend the template")]
    assert await agrees(console, stopped) == 3
    console.sit("leo-novak")
    path = f"/deliverability/templates/{template}"
    refused = await console.send(path, {"why": ""}, shown_at="/deliverability")
    assert (refused.status_code, "Say what you found" in refused.text) == (422, True)
    assert (await console.client.get(path)).status_code == 405
    gone = await console.send("/deliverability/templates/0123456789", {"why": "?"}, shown_at="/deliverability")
    assert gone.status_code == 404
    assert (await console.send(path, {"why": "their filter was wrong"}, shown_at="/deliverability")).status_code == 303
    assert "for what the mail is" not in words(await console.page("/deliverability"))
    (noted,) = await console.site.rows("SELECT actor, why FROM audit WHERE action = 'resumed a template'")
    assert noted == {"actor": "leo-novak", "why": "their filter was wrong"}


async def test_who_takes_mail_in_is_shown_with_what_is_on_its_way_there(console: Console) -> None:
    for domain, provider, host, takes in (
        ("alder-cargo.com", "others", "mimecast", True),
        ("birch-freight.com", "others", "mimecast", True),
        ("cedar-cold.com", "microsoft", "microsoft", True),
        ("parked-domain.com", "others", "parked-domain.com", False),
    ):
        await console.site.rows(
            "INSERT INTO mail_host (domain, provider, host, takes_mail, exchanges, wall_asked_at, wall_until)"
            " VALUES ($1, $2, $3, $4, '{mx.example.net}', $5, $5)", domain, provider, host, takes, TUESDAY,
        )  # fmt: skip
    await console.site.rows("UPDATE lead SET email = 'ana@birch-freight.com' WHERE lead_id = $1", console.people["ana"])
    await console.site.rows("UPDATE lead SET email = 'nora@cedar-cold.com' WHERE lead_id = $1", console.people["nora"])
    await console.site.rows(
        "UPDATE message SET status = 'at_dot' WHERE status = 'reserved' AND lead_id = $1", console.people["nora"]
    )
    page = await console.page("/deliverability?days=90")
    section = page[page.index('id="taken"') : page.index('id="back"')]
    said = words(section)
    assert "mimecast 60 within 1m 2" in said
    assert "microsoft 5 at once from each worker · 5 a second 1 1 0" in said
    assert "1 takes no mail and gets none" in said
    assert await agrees(console, section) >= 6
    hosts = words(await console.page("/rows/mail-hosts"))
    assert "parked-domain.com" in hosts
    assert "its MX is a single dot (RFC 7505)" in hosts
    assert "alder-cargo.com" not in await console.page("/rows/mail-hosts?host=microsoft")


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


def test_whoever_lets_mail_go_on_needs_the_right_to_operate() -> None:
    acts = [route for route in router.routes if isinstance(route, APIRoute) and "POST" in (route.methods or ())]
    needed = {route.path: needed_by(route.dependencies) for route in acts}
    assert len(needed) == 3
    assert [path for path, one in needed.items() if one is None or Right.OPERATE not in one.rights] == []


async def test_an_empty_house_says_what_will_stand_there(console: Console) -> None:
    await console.site.rows("DELETE FROM mail_return")
    said = words(await console.page("/deliverability?days=1"))
    assert "Nothing came back in this time." in said
    assert words(await console.page("/rows/returns")).count("Nothing came back.") == 1
