"""Are clicks and opens recorded once, with a verdict, and do links lead only where their mail says?"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from leadloom.domain.mails.links import Purpose
from leadloom.domain.model import MessageId
from tests.store.acts import TUESDAY
from tests.web.site import LINKS, Site


def click(site: Site, message_id: MessageId, no: int = 1) -> str:
    return f"/t/c/{site.signer.click(message_id, no)}"


async def test_a_click_leads_where_the_mail_says_and_counts_once_a_day(site: Site) -> None:
    message_id = await site.sent_mail()
    for _ in range(3):
        answer = await site.client.get(click(site, message_id))
        assert (answer.status_code, answer.headers["location"]) == (302, LINKS[0])
        assert answer.headers["cache-control"] == "no-store"
    (event,) = await site.events("link_clicked")
    assert event["verdict"] == "human"


async def test_a_gateway_that_looks_first_does_not_hide_the_reader_after_it(site: Site) -> None:
    message_id = await site.sent_mail()
    await site.client.get(click(site, message_id), headers={"User-Agent": "Proofpoint URL Defense"})
    await site.client.get(click(site, message_id))
    assert [event["verdict"] for event in await site.events("link_clicked")] == ["machine", "human"]
    (points,) = await site.rows("SELECT sum(points) AS n FROM score_entry WHERE kind = 'link_clicked'")
    assert points["n"] == 3


async def test_a_burst_over_all_links_and_a_click_at_sending_are_a_machine(site: Site) -> None:
    burst = await site.sent_mail("ana.torres")
    for no in (1, 2, 3):
        await site.client.get(click(site, burst, no))
    assert [event["verdict"] for event in await site.events("link_clicked")][-1] == "machine"
    fresh = await site.sent_mail("ben.ruiz", sent_at=TUESDAY)
    await site.client.get(click(site, fresh))
    verdicts = await site.rows("SELECT verdict FROM event WHERE key LIKE $1", f"click:{fresh}:%")
    assert [row["verdict"] for row in verdicts] == ["machine"]


async def test_head_and_prefetch_are_no_readers(site: Site) -> None:
    message_id = await site.sent_mail()
    before = await site.row_counts()
    assert (await site.client.head(click(site, message_id))).headers["location"] == LINKS[0]
    assert (await site.client.head(site.link(Purpose.OPEN, message_id).replace("/o/", "/t/o/"))).status_code == 200
    assert await site.row_counts() == before
    await site.client.get(click(site, message_id), headers={"Sec-Purpose": "prefetch;prerender"})
    assert [event["verdict"] for event in await site.events("link_clicked")] == ["machine"]


async def test_an_address_in_the_request_leads_nowhere(site: Site) -> None:
    message_id = await site.sent_mail()
    token = site.signer.click(message_id, 1)
    for path in (f"/t/c/{token}?url=https://evil.example", f"/t/c/{token}?next=//evil.example"):
        assert (await site.client.get(path)).headers["location"] == LINKS[0]
    beyond = await site.client.get(click(site, message_id, 99))
    assert (beyond.status_code, "location" in beyond.headers) == (404, False)
    forged = await site.client.get(f"/t/c/{token[:-3]}abc")
    assert (forged.status_code, "location" in forged.headers) == (403, False)


async def test_a_link_list_with_a_foreign_scheme_is_not_followed(site: Site) -> None:
    message_id = await site.sent_mail()
    bad = ["javascript:alert(1)", "//evil.example", "/\\evil.example", "data:text/html,x"]
    await site.rows("UPDATE message SET links = $1 WHERE message_id = $2", bad, message_id)
    for no in range(1, len(bad) + 1):
        answer = await site.client.get(click(site, message_id, no))
        assert (answer.status_code, "location" in answer.headers) == (404, False)


async def test_an_open_is_a_hint_and_its_picture_comes_whatever_happens(site: Site) -> None:
    message_id = await site.sent_mail()
    known = f"/t/o/{site.signer.mail(Purpose.OPEN, message_id)}"
    gone = f"/t/o/{site.signer.mail(Purpose.OPEN, MessageId(UUID(int=7)))}"
    for path in (known, known, gone, "/t/o/nonsense"):
        answer = await site.client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
        assert answer.headers["cache-control"] == "no-store"
    assert [event["verdict"] for event in await site.events("mail_opened")] == ["unsure"]


async def test_a_click_after_the_mail_was_erased_is_answered_without_blame(site: Site) -> None:
    answer = await site.client.get(click(site, MessageId(UUID(int=9))))
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


async def test_two_days_are_two_clicks(site: Site) -> None:
    message_id = await site.sent_mail(sent_at=TUESDAY - timedelta(days=2))
    await site.client.get(click(site, message_id))
    await site.rows("UPDATE event SET key = replace(key, '2026-03-03', '2026-03-02') WHERE kind = 'link_clicked'")
    await site.client.get(click(site, message_id))
    assert len(await site.events("link_clicked")) == 2
