"""Does the one question count only when it is confirmed, once, and with the date it asks for?"""

from __future__ import annotations

from uuid import UUID

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.model import MessageId
from leadloom.runtime.catalog import TEMPLATES
from leadloom.web.answers import words
from tests import world
from tests.web.site import Site


def answer(site: Site, message_id: MessageId, event: str) -> str:
    return f"/a/{site.signer.answer(message_id, event)}"


async def test_a_gateway_that_follows_every_answer_gives_none(site: Site) -> None:
    message_id = await site.sent_mail()
    before = await site.row_counts()
    for event in ("audit_date_told", "exploring_told", "not_us_told"):
        assert (await site.client.get(answer(site, message_id, event))).status_code == 200
    assert await site.row_counts() == before


async def test_a_confirmed_answer_is_one_event(site: Site) -> None:
    path = answer(site, await site.sent_mail(), "exploring_told")
    for _ in range(2):
        assert "Thank you" in (await site.client.post(path)).text
    (event,) = await site.events("exploring_told")
    assert (event["actor"], event["verdict"]) == ("lead", "human")
    assert "You told us so" in (await site.client.get(path)).text


async def test_an_audit_date_is_kept_on_the_lead_and_can_be_moved(site: Site) -> None:
    path = answer(site, await site.sent_mail(), "audit_date_told")
    for date in ("2026-09-30", "2026-09-30", "2026-10-14"):
        assert (await site.client.post(path, data={"date": date})).status_code == 200
    (lead,) = await site.rows("SELECT attributes ->> 'audit_date' AS day FROM lead")
    assert lead["day"] == "2026-10-14"
    assert len(await site.events("audit_date_told")) == 2


async def test_a_date_that_is_none_or_past_comes_back_with_its_error(site: Site) -> None:
    path = answer(site, await site.sent_mail(), "audit_date_told")
    before = await site.row_counts()
    for date in ("", "soon", "2020-01-01", "9999-12-31"):
        page = await site.client.post(path, data={"date": date})
        assert page.status_code == 422
        assert 'aria-invalid="true"' in page.text
    assert await site.row_counts() == before


async def test_an_answer_to_an_erased_mail_or_of_an_unknown_event_is_told_so(site: Site) -> None:
    assert (await site.client.get(answer(site, MessageId(UUID(int=1)), "exploring_told"))).status_code == 404
    unknown = answer(site, await site.sent_mail(), "never_heard_of")
    assert (await site.client.get(unknown)).status_code == 404
    assert (await site.client.post(unknown)).status_code == 404


def test_every_answer_a_mail_asks_for_is_an_event_and_every_entry_here_is_asked_for() -> None:
    definition: Definition = world.definition()
    text = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("body.html"))
    for event in set(words()) - {"otherwise"}:
        assert event in definition.events
        assert f"answer_link('{event}')" in text
