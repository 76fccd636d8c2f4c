"""Can a mail be read as it was written, without acting for its reader or letting it act in our page?"""

from __future__ import annotations

import re

from tests.web.console import Console, links, words


async def mail_of(console: Console, who: str, mail: str) -> str:
    query = "SELECT message_id FROM message WHERE lead_id = $1 AND mail = $2 AND owner_id IS NULL"
    (row,) = await console.site.rows(query, console.people[who], mail)
    return f"/mails/{row['message_id']}"


async def test_a_mail_reads_as_it_was_written_also_after_the_lead_changed(console: Console) -> None:
    path = await mail_of(console, "ana", "nine-minutes")
    await console.site.rows("UPDATE lead SET first_name = 'Anna' WHERE lead_id = $1", console.people["ana"])
    said = words(await console.page(path))
    assert "Word for word as it was written." in said
    assert "Hello Ana," in said
    assert "Hello Anna" not in said


async def test_a_planned_mail_is_shown_as_it_would_read_now(console: Console) -> None:
    said = words(await console.page(await mail_of(console, "nora", "nine-minutes")))
    assert "Not written yet: this is how it would read now." in said
    assert "Hello Nora," in said


async def test_looking_at_a_mail_counts_as_nobodys_opening_and_changes_nothing(console: Console) -> None:
    path = await mail_of(console, "ana", "nine-minutes")
    before = await console.site.row_counts()
    await console.page(path)
    html = await console.page(f"{path}/html")
    assert "/t/" not in html
    assert "/u/" not in html
    assert "<img" not in html
    assert "/m/four-degrees/nine-minutes" in html
    assert await console.site.row_counts() == before


async def test_the_frame_runs_nothing_loads_nothing_and_sends_nothing(console: Console) -> None:
    path = await mail_of(console, "ana", "nine-minutes")
    page = await console.page(path)
    assert re.search(rf'<iframe class="mail" src="{path}/html" sandbox ', page)
    rules = (await console.client.get(f"{path}/html")).headers["content-security-policy"]
    assert rules.startswith("sandbox; default-src 'none'")
    assert "frame-ancestors 'self'" in rules
    assert "script-src" not in rules


async def test_a_mail_nobody_knows_about_says_so(console: Console) -> None:
    said = words(await console.page(await mail_of(console, "lea", "deliver-guide")))
    assert "uncertain the answer after the dot was lost" in said


async def test_a_notice_to_an_owner_can_be_read_but_not_used(console: Console) -> None:
    page = await console.page("/rows/mails?to=owner&status=sent")
    path = links(page, "^/mails/")[0]
    html = await console.page(f"{path}/html")
    assert "/h/" not in html
    assert "#decide" in html


async def test_pages_forbid_whatever_is_not_ours(console: Console) -> None:
    rules = (await console.client.get("/")).headers["content-security-policy"]
    assert "default-src 'none'" in rules
    assert "unsafe" not in rules
    assert "style=" not in await console.page("/")
