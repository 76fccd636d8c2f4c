"""Can a reader look at their mail in a browser, and nobody learn or change anything by it?"""

from __future__ import annotations

from datetime import datetime, timedelta

from leadloom.domain.mails.links import Purpose
from leadloom.domain.mails.template import CompanyWords, LeadWords, MailValues, SenderWords
from leadloom.domain.model import MessageId
from tests.store.acts import TUESDAY
from tests.web.site import Site

VALUES = MailValues(
    lead=LeadWords(first_name="Ana"),
    sender=SenderWords(name="Marcus Oyelaran"),
    company=CompanyWords(name="Kelvance", postal_address="41 Wharf Street"),
    why_you_get_this="You asked for it.",
)


def path(site: Site, message_id: MessageId) -> str:
    return f"/w/{site.signer.mail(Purpose.VIEW, message_id)}"


async def mail(site: Site, sent_at: datetime = TUESDAY - timedelta(hours=1)) -> MessageId:
    """A mail that went an hour ago, with what it was made of."""
    message_id = await site.sent_mail(sent_at=sent_at)
    kept = VALUES.model_dump_json()
    await site.rows("UPDATE message SET values = $1 WHERE message_id = $2", kept, message_id)
    return message_id


async def test_the_mail_is_shown_as_it_was_sent_and_looking_changes_nothing(site: Site) -> None:
    message_id = await mail(site)
    before = await site.row_counts()
    page = await site.client.get(path(site, message_id))
    assert (page.status_code, page.headers["x-robots-tag"]) == (200, "noindex, nofollow")
    assert (page.headers["content-language"], page.headers["cache-control"]) == ("en", "no-store")
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "script-src" not in page.headers["content-security-policy"]
    assert "Hello Ana," in page.text
    assert "/t/o/" not in page.text
    assert (await site.client.head(path(site, message_id))).status_code == 200
    assert (await site.client.post(path(site, message_id))).status_code == 405
    assert await site.row_counts() == before


async def test_its_time_ends_when_the_definition_says_so(site: Site) -> None:
    late = await mail(site, sent_at=TUESDAY - timedelta(days=366))
    assert (await site.client.get(path(site, late))).status_code == 410


async def test_a_mail_that_was_erased_never_went_or_is_another_token_shows_nothing(site: Site) -> None:
    message_id = await mail(site)
    other = f"/w/{site.signer.mail(Purpose.PREFERENCES, message_id)}"
    assert (await site.client.get(other)).status_code == 403
    never = "UPDATE message SET status = 'cancelled', sent_at = NULL, dot_at = NULL WHERE message_id = $1"
    await site.rows(never, message_id)
    assert (await site.client.get(path(site, message_id))).status_code == 404
    erased = "UPDATE message SET status = 'sent', sent_at = $2, values = NULL WHERE message_id = $1"
    await site.rows(erased, message_id, TUESDAY)
    assert (await site.client.get(path(site, message_id))).status_code == 404
