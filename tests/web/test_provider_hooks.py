"""Does only a provider reach us through its webhook, and is what it says taken once, one bad event harming no other?"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from leadloom.domain.mails.links import Purpose
from leadloom.domain.mails.mail_urls import MailUrls
from leadloom.runtime import provider_posts
from leadloom.runtime.wiring import wall_now
from leadloom.store import provider_posts as kept_posts
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.domain.providers import payloads
from tests.web import providers
from tests.web.providers import Certificates, basic, mailgun_signed, post_sendgrid, sns
from tests.web.site import Site, open_site


@pytest.fixture
async def site(db: Db, dsn: str, book: Book, tmp_path: Path) -> AsyncIterator[Site]:
    """A house that has set up every provider."""
    async with open_site(db, dsn, book, tmp_path, **providers.SETTINGS) as opened:
        certificates(opened, Certificates())
        yield opened


def certificates(site: Site, given: Certificates) -> Certificates:
    transport: Any = site.client._transport
    transport.app.state.sns_certificates = given
    return given


async def wire_of_ana(site: Site) -> str:
    """A mail went to Ana; its Message-ID as it stood on the wire."""
    message_id = await site.sent_mail()
    await site.rows(
        "UPDATE message SET wire_id = $2 WHERE message_id = $1", message_id, payloads.OURS.partition("@")[0]
    )
    await site.rows("UPDATE lead SET email = $1", payloads.ANA)
    return payloads.OURS


async def returned(site: Site) -> list[tuple[object, ...]]:
    rows = await site.rows("SELECT via, kind, matched_by FROM mail_return ORDER BY key")
    return [tuple(row.values()) for row in rows]


async def test_what_each_provider_proves_is_taken_for_the_mail_it_is_about_and_twice_is_once(site: Site) -> None:
    await wire_of_ana(site)
    posts: list[tuple[str, dict[str, Any]]] = [
        ("/webhooks/ses", {"json": sns(payloads.ses(delivery=payloads.SES_DELIVERY))}),
        ("/webhooks/ses", {"json": sns(payloads.ses(deliveryDelay=payloads.SES_DELAY), version="1")}),
        ("/webhooks/mailgun", {"json": mailgun_signed(payloads.mailgun("delivered"), token="t1")}),
        (
            "/webhooks/postmark",
            {
                "json": payloads.postmark("Delivery", Recipient=payloads.ANA, DeliveredAt="2026-03-03T09:00:00Z"),
                "headers": basic(providers.LOGIN),
            },
        ),
    ]
    for _ in range(2):
        for path, post in posts:
            answer = await site.client.post(path, **post)
            assert (answer.status_code, answer.json()) == (200, {"taken": 1, "ignored": 0, "kept": 0}), path
        answer = await post_sendgrid(site.client, [payloads.sendgrid("delivered"), payloads.sendgrid("open")])
        assert answer.json() == {"taken": 1, "ignored": 1, "kept": 0}
    assert await returned(site) == [
        ("mailgun", "delivered", "message_id"),
        ("postmark", "delivered", "address"),
        ("sendgrid", "delivered", "message_id"),
        ("ses", "delayed", "message_id"),
        ("ses", "delivered", "message_id"),
    ]


async def test_the_token_of_the_envelope_says_the_mail_when_the_message_id_is_the_providers(site: Site) -> None:
    message_id = await site.sent_mail()
    urls = MailUrls("https://kelvance.example", site.signer, message_id, marketing=True)
    event = payloads.ses(bounce=payloads.SES_UNKNOWN)
    event["mail"] |= {"commonHeaders": {}, "source": urls.mailbox(Purpose.BOUNCE, "kelvance.example")}
    await site.client.post("/webhooks/ses", json=sns(event))
    assert await returned(site) == [("ses", "bounce", "token")]


async def test_mail_of_others_by_the_same_account_is_none_of_our_business(site: Site) -> None:
    await wire_of_ana(site)
    stranger = payloads.sendgrid("delivered", email="somebody@elsewhere.example") | {"smtp-id": "<theirs@shop.example>"}
    answer = await post_sendgrid(site.client, [stranger, payloads.sendgrid("delivered")])
    assert answer.json() == {"taken": 1, "ignored": 1, "kept": 0}
    assert await returned(site) == [("sendgrid", "delivered", "message_id")]


async def test_a_complaint_ends_every_mail_to_the_address(site: Site) -> None:
    await wire_of_ana(site)
    answer = await site.client.post("/webhooks/ses", json=sns(payloads.ses(complaint=payloads.SES_COMPLAINT)))
    assert answer.json()["taken"] == 1
    (silence,) = await site.rows("SELECT value, purpose FROM suppression WHERE lifted_at IS NULL")
    assert (silence["value"], silence["purpose"]) == (payloads.ANA, None)


async def test_one_bad_event_harms_no_other_and_is_kept_until_it_can_be_taken(site: Site) -> None:
    await wire_of_ana(site)
    bad = {"event": "bounce", "sg_event_id": "x", "timestamp": 1772528400}
    batch = [bad, payloads.sendgrid("delivered"), "no event at all"]
    for _ in range(2):
        assert (await post_sendgrid(site.client, batch)).json() == {"taken": 1, "ignored": 0, "kept": 2}
    async with site.db.read() as tx:
        first, second = await kept_posts.every(tx)
    assert {first.tries, second.tries} == {2}
    one = first if first.raw == bad else second
    assert one.why == "sendgrid event: These fields are missing or can't be read: email."

    assert (await provider_posts.retry(site.house, one.post_id, by="leo-novak")).kept == 1
    whole = json.dumps(payloads.sendgrid("bounce", status="5.1.1", reason="550 5.1.1 no such user"))
    await site.rows("UPDATE provider_post SET raw = $2::text::jsonb WHERE post_id = $1", one.post_id, whole)
    assert (await provider_posts.retry(site.house, one.post_id, by="leo-novak")).taken == 1
    await provider_posts.drop(site.house, (second if one is first else first).post_id, by="leo-novak", why="no event")
    async with site.db.read() as tx:
        assert await kept_posts.every(tx) == ()
    assert ("sendgrid", "bounce", "message_id") in await returned(site)


async def refused(site: Site, *answers: httpx.Response) -> None:
    """All of them 401, in the same words, and no row anywhere."""
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text.partition("<main")[2] for answer in answers}) == 1
    assert await site.count("mail_return") == await site.count("provider_post") == 0


async def test_who_cannot_prove_it_is_refused_and_learns_nothing(site: Site) -> None:
    foreign = ec.generate_private_key(ec.SECP256R1())
    event = payloads.sendgrid("spamreport")
    told = sns(payloads.ses(complaint=payloads.SES_COMPLAINT))
    post = site.client.post
    old = wall_now() - timedelta(days=2)
    complaint = payloads.mailgun("complained")
    await refused(
        site,
        await post_sendgrid(site.client, [event], key=foreign),
        await post_sendgrid(site.client, [event], at=old),
        await post("/webhooks/sendgrid", json=[event]),
        await post("/webhooks/ses", json=told | {"Message": told["Message"].replace("abuse", "virus")}),
        await post("/webhooks/ses", json=told | {"SignatureVersion": "3"}),
        await post("/webhooks/ses", json=told | {"Signature": "no base64"}),
        await post("/webhooks/ses", json={"Type": "Notification"}),
        await post("/webhooks/mailgun", json=mailgun_signed(complaint, token="t", key="another key")),
        await post("/webhooks/mailgun", json=mailgun_signed(complaint, token="t", at=old)),
        await post("/webhooks/mailgun", json=complaint),
        await post("/webhooks/mailgun", json=["a list"]),
        await post("/webhooks/postmark", json={}, headers=basic("postmark:guessed")),
        await post("/webhooks/postmark", json={}, headers={"Authorization": "Basic ?"}),
        await post("/webhooks/postmark", json={}),
    )


async def test_only_the_certificates_of_sns_are_asked_for_and_only_for_our_topics(site: Site) -> None:
    asked = certificates(site, Certificates())
    complaint = payloads.ses(complaint=payloads.SES_COMPLAINT)
    name = "SimpleNotificationService-0123456789abcdef.pem"
    urls = (
        f"https://sns.eu-central-1.amazonaws.com.attacker.example/{name}",
        f"https://sns.eu-central-1.amazonaws.com@attacker.example/{name}",
        f"https://attacker.example/sns.eu-central-1.amazonaws.com/{name}",
        f"http://sns.eu-central-1.amazonaws.com/{name}",
        f"https://sns.eu-central-1.amazonaws.com:444/{name}",
        f"https://sns.eu-central-1.amazonaws.com/{name}?x=1",
        "https://sns.eu-central-1.amazonaws.com/?Action=Publish",
        f"https://s3.amazonaws.com/{name}",
        "https://[",
    )
    posts = [sns(complaint, SigningCertURL=url) for url in urls]
    posts.append(sns(complaint, TopicArn="arn:aws:sns:eu-central-1:999999999999:of-somebody-else"))
    await refused(site, *[await site.client.post("/webhooks/ses", json=post) for post in posts])
    assert asked.asked == []
    certificates(site, Certificates(valid_for_days=-1))
    await refused(site, await site.client.post("/webhooks/ses", json=sns(complaint)))


async def test_a_subscription_waits_for_a_person_and_is_never_fetched_by_itself(site: Site) -> None:
    await refused(
        site, await site.client.post("/webhooks/ses", json=sns("?", kind="SubscriptionConfirmation") | {"Token": "x"})
    )
    answer = await site.client.post("/webhooks/ses", json=sns("?", kind="SubscriptionConfirmation"))
    assert answer.json() == {"taken": 0, "ignored": 0, "kept": 1}
    async with site.db.read() as tx:
        (waiting,) = await kept_posts.every(tx)
    assert waiting.kind == "subscription"
    assert isinstance(waiting.raw, dict)
    assert waiting.raw["subscribe_url"] == providers.CONFIRM


async def test_a_token_of_mailgun_counts_for_the_body_it_came_with(site: Site) -> None:
    """Its signature doesn't cover the body: who overheard one could else say anything."""
    await wire_of_ana(site)
    heard = mailgun_signed(payloads.mailgun("delivered"), token="overheard")
    assert (await site.client.post("/webhooks/mailgun", json=heard)).status_code == 200
    forged = payloads.mailgun("complained") | {"signature": heard["signature"]}
    assert (await site.client.post("/webhooks/mailgun", json=forged)).status_code == 401
    assert (await site.client.post("/webhooks/mailgun", json=heard)).status_code == 200
    assert await returned(site) == [("mailgun", "delivered", "message_id")]


async def test_a_provider_that_is_not_set_up_is_not_there(db: Db, dsn: str, book: Book, tmp_path: Path) -> None:
    async with open_site(db, dsn, book, tmp_path) as site:
        for name in ("ses", "sendgrid", "mailgun", "postmark", "sparkpost"):
            assert (await site.client.post(f"/webhooks/{name}", json={})).status_code == 404


async def test_a_large_batch_fits_a_larger_body_does_not_and_what_is_no_json_is_said(site: Site) -> None:
    batch = [payloads.sendgrid("processed", filler="x" * 1000) for _ in range(500)]
    assert (await post_sendgrid(site.client, batch)).json() == {"taken": 0, "ignored": 500, "kept": 0}
    large = await site.client.post("/webhooks/sendgrid", content=b"x" * (1024 * 1024 + 1))
    assert large.status_code == 413
    broken = await site.client.post("/webhooks/postmark", content=b"{", headers=basic(providers.LOGIN))
    assert broken.status_code == 400


async def test_with_postgres_away_the_provider_is_asked_to_come_again(site: Site) -> None:
    await site.db.close()
    assert (await post_sendgrid(site.client, [payloads.sendgrid("delivered")])).status_code == 503
