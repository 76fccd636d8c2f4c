"""Is what a provider says read as what it means: which mail, whose address, what a server said, nothing invented?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from leadloom.domain.errors import BadInput
from leadloom.domain.providers import mailgun, postmark, sendgrid, ses
from leadloom.domain.returns.kind import ProviderEvent
from tests.domain.providers import payloads
from tests.domain.providers.payloads import ANA, OURS


def one(events: tuple[ProviderEvent, ...]) -> ProviderEvent:
    (event,) = events
    return event


@pytest.mark.parametrize(
    "event",
    [
        one(ses.read(payloads.ses(bounce=payloads.SES_UNKNOWN))),
        one(
            sendgrid.read(
                payloads.sendgrid(
                    "bounce",
                    type="bounce",
                    status="5.1.1",
                    reason="550 5.1.1 The email account that you tried to reach does not exist.",
                )
            )
        ),
        one(mailgun.read(payloads.mailgun("failed", **payloads.MAILGUN_UNKNOWN))),
        one(postmark.read(payloads.postmark("Bounce", **payloads.POSTMARK_HARD))),
    ],
    ids=lambda event: event.provider,
)
def test_a_bounce_carries_the_servers_own_words(event: ProviderEvent) -> None:
    assert (event.kind, event.address, event.code, event.status) == ("bounce", ANA, 550, "5.1.1")
    assert event.at == datetime(2026, 3, 3, 9, 0, tzinfo=UTC).replace(microsecond=event.at.microsecond)
    assert "5.1.1" in (event.diagnostic or "")


@pytest.mark.parametrize(
    "event",
    [
        one(ses.read(payloads.ses(delivery=payloads.SES_DELIVERY))),
        one(sendgrid.read(payloads.sendgrid("delivered", response="250 OK"))),
        one(mailgun.read(payloads.mailgun("delivered"))),
    ],
    ids=lambda event: event.provider,
)
def test_a_delivery_names_our_own_message_id(event: ProviderEvent) -> None:
    assert (event.kind, event.message_id, event.says) == ("delivered", OURS, None)


def test_the_envelope_sender_says_the_mail_where_the_provider_writes_its_own_message_id() -> None:
    assert one(ses.read(payloads.ses(delivery=payloads.SES_DELIVERY))).envelope_from == (
        "b-mfrggzdfmztwq2lk@kelvance.example"
    )
    assert one(mailgun.read(payloads.mailgun("delivered"))).envelope_from == "b-mfrggzdfmztwq2lk@kelvance.example"


@pytest.mark.parametrize(
    ("events", "kind", "says"),
    [
        (ses.read(payloads.ses(complaint=payloads.SES_COMPLAINT)), "complaint", None),
        (ses.read(payloads.ses(deliveryDelay=payloads.SES_DELAY)), "delayed", None),
        (
            ses.read(payloads.ses(bounce={**payloads.SES_UNKNOWN, "bounceSubType": "OnAccountSuppressionList"})),
            "bounce",
            "suppressed",
        ),
        (sendgrid.read(payloads.sendgrid("spamreport")), "complaint", None),
        (sendgrid.read(payloads.sendgrid("deferred", response="451 4.7.1 try later")), "delayed", None),
        (sendgrid.read(payloads.sendgrid("group_unsubscribe")), "unsubscribe", None),
        (sendgrid.read(payloads.sendgrid("dropped", reason="Spam Reporting Address")), "complaint", None),
        (sendgrid.read(payloads.sendgrid("dropped", reason="Bounced Address")), "bounce", "suppressed"),
        (
            sendgrid.read(payloads.sendgrid("bounce", type="blocked", bounce_classification="Reputation")),
            "bounce",
            "spam",
        ),
        (mailgun.read(payloads.mailgun("complained")), "complaint", None),
        (mailgun.read(payloads.mailgun("unsubscribed")), "unsubscribe", None),
        (mailgun.read(payloads.mailgun("failed", severity="temporary")), "delayed", None),
        (
            mailgun.read(payloads.mailgun("failed", severity="permanent", reason="suppress-bounce")),
            "bounce",
            "suppressed",
        ),
        (
            mailgun.read(payloads.mailgun("failed", severity="permanent", reason="suppress-complaint")),
            "complaint",
            None,
        ),
        (
            postmark.read(payloads.postmark("Delivery", Recipient=ANA, DeliveredAt="2026-03-03T09:00:00Z")),
            "delivered",
            None,
        ),
        (
            postmark.read(payloads.postmark("SpamComplaint", **{**payloads.POSTMARK_HARD, "Type": "SpamComplaint"})),
            "complaint",
            None,
        ),
        (
            postmark.read(payloads.postmark("Bounce", **{**payloads.POSTMARK_HARD, "Type": "SpamNotification"})),
            "bounce",
            "spam",
        ),
    ],
)
def test_each_word_of_a_provider_is_one_of_our_kinds(
    events: tuple[ProviderEvent, ...], kind: str, says: str | None
) -> None:
    event = one(events)
    assert (event.kind, event.says, event.address) == (kind, says, ANA)


@pytest.mark.parametrize(
    "events",
    [
        ses.read(payloads.ses(complaint={**payloads.SES_COMPLAINT, "complaintFeedbackType": "not-spam"})),
        ses.read({"notificationType": "AmazonSnsSubscriptionSucceeded", "message": "You have succeeded."}),
        ses.read({"words": "a test"}),
        ses.read({"eventType": "Open", "mail": {"messageId": "1"}, "open": {"ipAddress": "203.0.113.9"}}),
        sendgrid.read(payloads.sendgrid("open", useragent="Mozilla/5.0")),
        sendgrid.read(payloads.sendgrid("click", url="https://kelvance.example/dock")),
        sendgrid.read(payloads.sendgrid("processed")),
        mailgun.read(payloads.mailgun("opened")),
        mailgun.read(payloads.mailgun("clicked", url="https://kelvance.example/dock")),
        postmark.read(payloads.postmark("Open", Recipient=ANA, ReceivedAt="2026-03-03T09:00:00Z")),
        postmark.read(payloads.postmark("Bounce", **{**payloads.POSTMARK_HARD, "Type": "AutoResponder"})),
        postmark.read(payloads.postmark("SubscriptionChange", Recipient=ANA, SuppressSending=False)),
    ],
)
def test_opens_clicks_and_machines_are_nobodys_act(events: tuple[ProviderEvent, ...]) -> None:
    assert events == ()


def test_one_notification_about_two_people_is_two_events_with_names_of_their_own() -> None:
    both = [{"emailAddress": ANA}, {"emailAddress": "bruno@meridian-pharma.example"}]
    events = ses.read(payloads.ses(bounce={**payloads.SES_UNKNOWN, "bouncedRecipients": both}))
    assert [event.address for event in events] == [ANA, "bruno@meridian-pharma.example"]
    assert len({event.event_id for event in events}) == 2
    assert {event.says for event in events} == {"undetermined"}


def test_postmark_names_our_message_id_when_it_was_told_to_send_the_content() -> None:
    content = f"Return-Path: <>\r\nMessage-ID: <theirs@mx.example>\r\n\r\nMessage-ID: <{OURS}>\r\nSubject: x"
    event = one(postmark.read(payloads.postmark("Bounce", **payloads.POSTMARK_HARD, Content=content)))
    assert event.message_id == OURS


@pytest.mark.parametrize(
    ("read", "raw", "names"),
    [
        (ses.read, payloads.ses(bounce={"feedbackId": "1"}), "bounce.bouncedRecipients, bounce.timestamp"),
        (sendgrid.read, {"event": "bounce"}, "email, sg_event_id, timestamp"),
        (sendgrid.read, payloads.sendgrid("bounce", timestamp=9e99), "timestamp"),
        (mailgun.read, {"signature": {}}, "event-data"),
        (postmark.read, {"ID": 42}, "RecordType"),
        (postmark.read, payloads.postmark("Delivery"), "address, at"),
        (sendgrid.read, "no object", "event"),
    ],
)
def test_what_is_missing_is_named_and_no_value_is(read: Any, raw: Any, names: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(raw)
    assert names in str(refused.value)
    assert ANA not in str(refused.value)
