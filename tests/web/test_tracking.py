"""Are clicks and opens kept raw, judged later, told once, and do links lead only where their mail says?"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from leadloom.domain.intake.visits import JUDGED_AFTER
from leadloom.domain.mails.links import Purpose
from leadloom.domain.model import MessageId
from leadloom.store import visits
from tests.store.acts import TUESDAY
from tests.web.site import LINKS, Site

PROOFPOINT = {"User-Agent": "Proofpoint URL Defense"}


def click(site: Site, message_id: MessageId, no: int = 1) -> str:
    return f"/t/c/{site.signer.click(message_id, no)}"


async def judged(site: Site, at: datetime = TUESDAY + timedelta(minutes=5)) -> None:
    """What the sweep does, some minutes later."""
    async with site.db.read() as tx:
        due = await visits.due(tx, at=at)
    for message_id in due:
        async with site.db.transaction() as tx:
            await visits.settle(tx, message_id, book=site.book, at=at)


async def verdicts(site: Site, kind: str = "link_clicked") -> list[object]:
    return [event["verdict"] for event in await site.events(kind)]


async def test_a_click_leads_where_the_mail_says_and_counts_once_a_day_when_it_is_judged(site: Site) -> None:
    message_id = await site.sent_mail()
    for _ in range(3):
        answer = await site.client.get(click(site, message_id))
        assert (answer.status_code, answer.headers["location"]) == (302, LINKS[0])
        assert answer.headers["cache-control"] == "no-store"
    await judged(site, TUESDAY + JUDGED_AFTER / 2)
    assert await site.events("link_clicked") == []
    await judged(site)
    await judged(site)
    (event,) = await site.events("link_clicked")
    assert event["verdict"] == "human"
    assert await site.count("visit") == 3


async def test_a_gateway_that_looks_first_does_not_hide_the_reader_after_it(site: Site) -> None:
    message_id = await site.sent_mail()
    await site.client.get(click(site, message_id), headers=PROOFPOINT)
    await site.client.get(click(site, message_id))
    await judged(site)
    assert sorted(await verdicts(site)) == ["human", "machine"]
    (points,) = await site.rows("SELECT sum(points) AS n FROM score_entry WHERE kind = 'link_clicked'")
    assert points["n"] == 3


async def test_a_burst_over_all_links_is_a_machine_from_the_first_on(site: Site) -> None:
    burst = await site.sent_mail("ana.torres")
    for no in (1, 2, 3):
        await site.client.get(click(site, burst, no))
    fresh = await site.sent_mail("ben.ruiz", sent_at=TUESDAY)
    await site.client.get(click(site, fresh))
    await judged(site)
    assert await verdicts(site) == ["machine"] * 4


async def test_whoever_follows_the_link_no_reader_sees_is_a_machine(site: Site) -> None:
    message_id = await site.sent_mail()
    await site.client.get(click(site, message_id, 2))
    bait = await site.client.get(click(site, message_id, 0))
    assert (bait.status_code, bait.headers["location"]) == (302, "https://kelvance.example/")
    await judged(site)
    assert await verdicts(site) == ["machine"]


async def test_head_and_prefetch_are_no_readers(site: Site) -> None:
    message_id = await site.sent_mail()
    assert (await site.client.head(click(site, message_id))).headers["location"] == LINKS[0]
    assert (await site.client.head(site.link(Purpose.OPEN, message_id).replace("/o/", "/t/o/"))).status_code == 200
    await site.client.get(click(site, message_id, 2), headers={"Sec-Purpose": "prefetch;prerender"})
    await judged(site)
    assert await verdicts(site) == ["machine", "machine"]
    assert await verdicts(site, "mail_opened") == ["machine"]


async def test_no_address_and_no_version_of_a_program_is_kept(site: Site) -> None:
    message_id, other = await site.sent_mail(), await site.sent_mail("ben.ruiz")
    for which in (message_id, message_id, other):
        await site.client.get(click(site, which))
    rows = await site.rows("SELECT * FROM visit ORDER BY at")
    assert not any("203.0.113" in str(row) or "156.0" in str(row) for row in rows)
    marks = [row["network"] for row in rows]
    assert (marks[0] == marks[1], marks[1] == marks[2]) == (True, False)


async def test_a_flood_of_visits_fills_no_table(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "MOST_VISITS", 3)
    message_id = await site.sent_mail()
    for _ in range(5):
        assert (await site.client.get(click(site, message_id))).status_code == 302
    assert await site.count("visit") == 3


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
    await site.client.get(known, headers={"User-Agent": "Mozilla/5.0 (via ggpht.com GoogleImageProxy)"})
    await judged(site)
    assert await verdicts(site, "mail_opened") == ["unsure", "unsure"]
    said = await site.rows("SELECT DISTINCT verdict FROM visit ORDER BY verdict")
    assert [row["verdict"] for row in said] == ["proxy", "unsure"]


async def test_a_click_after_the_mail_was_erased_is_answered_without_blame(site: Site) -> None:
    answer = await site.client.get(click(site, MessageId(UUID(int=9))))
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


async def test_two_days_are_two_clicks(site: Site) -> None:
    message_id = await site.sent_mail(sent_at=TUESDAY - timedelta(days=2))
    await site.client.get(click(site, message_id))
    await site.rows("UPDATE visit SET at = at - interval '1 day'")
    await site.client.get(click(site, message_id))
    await judged(site)
    assert len(await site.events("link_clicked")) == 2


async def test_better_rules_judge_history_anew_and_points_follow(site: Site) -> None:
    message_id = await site.sent_mail()
    await site.client.get(click(site, message_id, 1))
    await site.client.get(click(site, message_id, 2), headers=PROOFPOINT)
    await judged(site)
    # As if older rules had judged: the machine for a reader, the reader for a machine.
    await site.rows("UPDATE visit SET rules = 1")
    await site.rows("UPDATE visit SET agent = CASE link WHEN 1 THEN 'curl/' ELSE 'Mozilla/ Firefox/' END")
    at = TUESDAY + timedelta(days=1)
    async with site.db.read() as tx:
        assert await visits.judged_by_other_rules(tx, since=TUESDAY - timedelta(days=1)) == (message_id,)
    async with site.db.transaction() as tx:
        done = await visits.rejudge(tx, message_id, book=site.book, at=at)
    assert done == visits.Rejudged(visits=2, changed=2, became_human=1, ceased_to_be=1)
    rows = await site.rows(
        "SELECT e.kind, e.data ->> 'link' AS link, s.points FROM event e JOIN score_entry s"
        " ON (s.lead_id, s.event_no) = (e.lead_id, e.no) WHERE s.kind = 'link_clicked' ORDER BY e.no"
    )
    said = [(row["kind"], row["link"]) for row in rows]
    assert said == [("link_clicked", "1"), ("points_taken_back", None), ("link_clicked", "2")], (
        "the ledger forgets nothing"
    )
    assert [row["points"] for row in rows] == [3, pytest.approx(-3 * 2 ** (-1 / 30), abs=0.01), 3]
    (earlier,) = await site.rows("SELECT earlier::text AS said FROM visit WHERE link = 1")
    assert '"verdict": "human"' in str(earlier["said"])
    async with site.db.transaction() as tx:
        again = await visits.rejudge(tx, message_id, book=site.book, at=at)
    assert again.visits == 0
