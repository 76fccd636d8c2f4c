"""Does one click stop our mail as RFC 8058 asks, does looking change nothing, and does a later yes count?"""

from __future__ import annotations

from uuid import UUID

import httpx
import pytest

from leadloom.domain.mails.links import Purpose
from leadloom.domain.model import MessageId
from leadloom.runtime.doctor_of_ways import page_of_nobody
from tests.web.site import SECRET, Site

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


async def silences(site: Site) -> list[object]:
    return [row["value"] for row in await site.rows("SELECT value FROM suppression WHERE lifted_at IS NULL")]


async def test_looking_at_the_page_changes_nothing(site: Site) -> None:
    message_id = await site.sent_mail()
    before = await site.row_counts()
    for path in (site.link(Purpose.UNSUBSCRIBE, message_id), site.link(Purpose.PREFERENCES, message_id)):
        page = await site.client.get(path)
        assert (page.status_code, page.headers["referrer-policy"]) == (200, "no-referrer")
        assert '<form method="post">' in page.text
        assert (await site.client.head(path)).status_code == 200
    assert await site.row_counts() == before


@pytest.mark.parametrize("body", [{"data": ONE_CLICK}, {"files": {"List-Unsubscribe": (None, "One-Click")}}, {}])
async def test_a_mailbox_provider_stops_the_mail_with_one_post(site: Site, body: dict[str, dict[str, str]]) -> None:
    path = site.link(Purpose.UNSUBSCRIBE, await site.sent_mail())
    for _ in range(2):
        answer = await site.client.post(path, **body)
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
        assert "location" not in answer.headers
    assert len(await site.events("unsubscribed")) == 1
    assert await silences(site) == ["ana.torres@meridian-pharma.example"]
    (run,) = await site.rows("SELECT status, outcome FROM enrolment")
    assert (run["status"], run["outcome"]) == ("exited", "unsubscribed")


async def test_a_post_from_a_mail_program_on_another_site_counts(site: Site) -> None:
    path = site.link(Purpose.UNSUBSCRIBE, await site.sent_mail())
    foreign = {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}
    assert (await site.client.post(path, data=ONE_CLICK, headers=foreign)).status_code == 200
    assert len(await silences(site)) == 1


async def test_a_post_for_what_was_erased_succeeds_and_a_forged_one_does_not(site: Site) -> None:
    gone = site.link(Purpose.UNSUBSCRIBE, MessageId(UUID(int=3)))
    assert (await site.client.post(gone, data=ONE_CLICK)).status_code == 200
    assert (await site.client.post(gone[:-2] + "xx", data=ONE_CLICK)).status_code == 403
    other_purpose = site.link(Purpose.PREFERENCES, MessageId(UUID(int=3))).replace("/p/", "/u/")
    assert (await site.client.post(other_purpose, data=ONE_CLICK)).status_code == 403


async def test_no_yes_and_no_again_through_the_same_mail_ends_with_no(site: Site) -> None:
    message_id = await site.sent_mail()
    stop, choose = site.link(Purpose.UNSUBSCRIBE, message_id), site.link(Purpose.PREFERENCES, message_id)
    await site.client.post(stop, data=ONE_CLICK)
    again = await site.client.post(choose, data={"marketing": "yes"})
    assert "The letters go on." in again.text
    assert await silences(site) == []
    query = "SELECT kind, wording, proof FROM basis WHERE kind = 'double-opt-in'"
    (yes,) = await site.rows(query)
    assert "203.0.113.7" in str(yes["proof"])
    assert yes["wording"] == "Yes, Kelvance may write to me about its subject. I can stop at any time."
    await site.client.post(stop, data=ONE_CLICK)
    assert len(await silences(site)) == 1
    assert len(await site.events("unsubscribed")) == 2


async def test_the_page_says_what_is_so_without_the_whole_address(site: Site) -> None:
    message_id = await site.sent_mail()
    page = await site.client.get(site.link(Purpose.PREFERENCES, message_id))
    assert "a•••@meridian-pharma.example" in page.text
    assert "ana.torres" not in page.text
    saved = await site.client.post(site.link(Purpose.PREFERENCES, message_id), data={"marketing": "no"})
    assert "The letters have stopped." in saved.text
    unclear = await site.client.post(site.link(Purpose.PREFERENCES, message_id), data={"marketing": "maybe"})
    assert unclear.status_code == 422


async def test_the_page_that_the_doctor_looks_at_is_ours_and_looking_changes_nothing(site: Site) -> None:
    url = page_of_nobody(site.house.settings.model_copy(update={"secret": SECRET}))
    before = await site.row_counts()
    assert (await site.client.get(httpx.URL(url).raw_path.decode())).status_code == 200
    assert await site.row_counts() == before
