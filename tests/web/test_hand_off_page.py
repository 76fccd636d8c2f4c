"""Can an owner answer from the mail alone, once, knowing who and why, and is the loser of a race told who won?"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from leadloom.domain.handoffs.answers import Decision
from leadloom.store import answering, audit, hand_offs
from tests.store.acts import TUESDAY
from tests.web.site import Site


async def standing(site: Site) -> dict[str, object]:
    query = "SELECT state, reason, reason_text, decided_by, decided_via, recycle_until, first_try_at FROM hand_off"
    return (await site.rows(query))[0]


async def test_the_page_says_who_why_now_and_until_when_and_looking_decides_nothing(site: Site) -> None:
    _, hand_off_id = await site.offer(phone="+1 212 555 0199")
    path = await site.offer_link(hand_off_id)
    before = await site.row_counts()
    page = await site.client.get(path)
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    for said in ("Ana Torres", "Meridian Pharma", "quality", "Asked for a demo", "+1 212 555 0199", "New York time"):
        assert said in page.text
    assert '<time class="due" datetime="2026-03-03T15:14:00Z"' in page.text
    assert "You asked for a demo: which lane" in page.text
    assert (await site.client.head(path)).status_code == 200
    assert await site.row_counts() == before


async def test_accepting_takes_one_post_and_leaves_a_trace_of_the_link(site: Site) -> None:
    _, hand_off_id = await site.offer()
    path = await site.offer_link(hand_off_id)
    answer = await site.client.post(path, data={"do": "accept"})
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    now = await standing(site)
    assert (now["state"], now["decided_by"], now["decided_via"]) == ("accepted", "marcus-oyelaran", "link")
    page = (await site.client.get(path)).text
    assert "You accepted this lead" in page
    assert "First try" in page
    async with site.db.read() as tx:
        (note,) = await audit.notes(tx, f"hand-off {hand_off_id}")
    assert (note.actor, note.after) == (
        "marcus-oyelaran",
        {"state": "accepted", "owner": "marcus-oyelaran", "reason": None, "via": "link"},
    )
    assert [row["outcome"] for row in await site.rows("SELECT outcome FROM used_link")] == ["accepted"]


@pytest.mark.parametrize(
    ("fields", "state", "reason"),
    [
        ({"reason": "not-yet", "until": "2026-05-04"}, "recycled", "not-yet"),
        ({"reason": "no-budget"}, "recycled", "no-budget"),
        ({"reason": "no-fit", "sub_reason": "size"}, "rejected", "no-fit"),
        ({"reason": "wrong-person", "text_wrong-person": "Their head of logistics"}, "rejected", "wrong-person"),
        ({"reason": "wrong-data"}, "rejected", "wrong-data"),
        ({"reason": "already-ours"}, "rejected", "already-ours"),
        ({"reason": "junk"}, "rejected", "junk"),
        ({"reason": "other", "text_other": "They merge in May", "text_wrong-person": "ignored"}, "recycled", "other"),
    ],
)
async def test_each_chip_does_what_the_definition_says(
    site: Site, fields: dict[str, str], state: str, reason: str
) -> None:
    _, hand_off_id = await site.offer()
    answer = await site.client.post(await site.offer_link(hand_off_id), data={"do": "reject", **fields})
    assert answer.status_code == 303
    now = await standing(site)
    assert (now["state"], now["reason"]) == (state, reason)
    assert now["reason_text"] in (None, "Their head of logistics", "They merge in May")


@pytest.mark.parametrize(
    "fields",
    [
        {"do": "reject"},
        {"do": "reject", "reason": "no-such-chip"},
        {"do": "reject", "reason": "not-yet"},
        {"do": "reject", "reason": "not-yet", "until": "tomorrow"},
        {"do": "reject", "reason": "not-yet", "until": "2020-01-01"},
        {"do": "reject", "reason": "no-fit", "sub_reason": "mood"},
        {"do": "reject", "reason": "other", "text_other": "  "},
        {"do": "reject", "reason": "other", "text_other": "a\x00b"},
        {"do": "reject", "reason": "cant-reach"},
        {"do": "recycle"},
        {"do": "recycle", "until": "2030-01-01"},
        {"do": "dance"},
        {"do": ""},
    ],
)
async def test_an_answer_that_lacks_something_comes_back_and_changes_nothing(
    site: Site, fields: dict[str, str]
) -> None:
    _, hand_off_id = await site.offer()
    before = await site.row_counts()
    page = await site.client.post(await site.offer_link(hand_off_id), data=fields)
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert await site.row_counts() == before


async def test_what_was_typed_survives_an_answer_that_lacked_something(site: Site) -> None:
    _, hand_off_id = await site.offer()
    fields = {"do": "reject", "reason": "not-yet", "until": "", "text_other": "They merge in May"}
    page = (await site.client.post(await site.offer_link(hand_off_id), data=fields)).text
    assert "<details open>" in page
    assert 'value="not-yet" checked' in page
    assert 'value="They merge in May"' in page


async def test_recycling_until_a_date_brings_the_lead_back_that_morning_of_the_owner(site: Site) -> None:
    _, hand_off_id = await site.offer()
    await site.client.post(await site.offer_link(hand_off_id), data={"do": "recycle", "until": "2026-05-04"})
    now = await standing(site)
    assert (now["state"], str(now["recycle_until"])) == ("recycled", "2026-05-04 13:00:00+00:00")


async def test_cant_reach_is_grey_until_six_tries(site: Site) -> None:
    _, hand_off_id = await site.offer()
    path = await site.offer_link(hand_off_id)
    assert "after 6 tries; 0 so far" in (await site.client.get(path)).text
    await site.client.post(path, data={"do": "accept"})
    for seen in range(6):
        assert (await site.client.post(path, data={"do": "tried", "seen": str(seen)})).status_code == 303
    page = (await site.client.get(path)).text
    assert "so far</span></label>" not in page
    answer = await site.client.post(path, data={"do": "give_back", "reason": "cant-reach"})
    assert answer.status_code == 303
    (row,) = await site.rows("SELECT reason, closed_at FROM hand_off")
    assert row["reason"] == "cant-reach"
    assert row["closed_at"] is not None


async def test_the_first_try_stops_its_clock_and_a_double_press_is_one_try(site: Site) -> None:
    _, hand_off_id = await site.offer()
    path = await site.offer_link(hand_off_id)
    early = await site.client.post(path, data={"do": "tried", "seen": "0"})
    assert early.status_code == 409
    assert "Accept the lead first" in early.text
    await site.client.post(path, data={"do": "accept"})
    for _ in range(2):
        await site.client.post(path, data={"do": "tried", "seen": "0"})
    assert len(await site.events("attempt_made")) == 1
    assert (await standing(site))["first_try_at"] is not None
    await site.client.post(path, data={"do": "reached", "seen": "1"})
    assert [str(event["data"]).count('"reached": true') for event in await site.events("attempt_made")] == [0, 1]


async def test_of_two_who_decide_at_once_one_wins_and_the_other_sees_who(site: Site) -> None:
    _, hand_off_id = await site.offer()
    path = await site.offer_link(hand_off_id)
    answers = await asyncio.gather(
        site.client.post(path, data={"do": "accept"}), site.client.post(path, data={"do": "reject", "reason": "junk"})
    )
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    loser = next(answer for answer in answers if answer.status_code == 409)
    assert "Marcus Oyelaran" in loser.text
    assert "via link" in loser.text
    assert len(await site.events("hand_off_accepted", "hand_off_rejected")) == 1


async def test_a_link_that_was_passed_over_says_who_has_the_lead_now(site: Site) -> None:
    _, hand_off_id = await site.offer()
    path = await site.offer_link(hand_off_id)
    async with site.db.transaction() as tx:
        await hand_offs.advance(tx, hand_off_id, book=site.book, at=TUESDAY + timedelta(minutes=31))
    page = await site.client.get(path)
    assert "This offer is over. The lead is with Dana Whitlock" in page.text
    assert "<button" not in page.text
    answer = await site.client.post(path, data={"do": "accept"})
    assert (answer.status_code, (await standing(site))["state"]) == (409, "offered")
    assert "Dana Whitlock" in answer.text


async def test_a_link_to_what_somebody_else_decided_says_by_whom_when_and_what(site: Site) -> None:
    _, hand_off_id = await site.offer()
    async with site.db.transaction() as tx:
        decision = Decision(kind="reject", by="greta-lindqvist", via="cli", reason="junk")
        await answering.decide(tx, hand_off_id, 1, decision, book=site.book, at=TUESDAY)
    page = (await site.client.get(await site.offer_link(hand_off_id))).text
    for said in ("Greta Lindqvist rejected this lead", "Tue 3 Mar, 10:00", "by cli", "Junk"):
        assert said in page


async def test_who_only_reads_along_notes_no_tries_and_gives_nothing_back(site: Site) -> None:
    _, hand_off_id = await site.offer()
    await site.client.post(await site.offer_link(hand_off_id), data={"do": "accept"})
    gretas = await site.offer_link(hand_off_id, "greta-lindqvist")
    before = await site.row_counts()
    for fields in ({"do": "tried", "seen": "0"}, {"do": "give_back", "reason": "junk"}, {"do": "accept"}):
        answer = await site.client.post(gretas, data=fields)
        assert answer.status_code == 409
        assert "Marcus Oyelaran" in answer.text
    assert await site.row_counts() == before


async def test_a_forged_an_ended_and_a_wrong_link_are_each_answered_with_a_remedy(site: Site) -> None:
    _, hand_off_id = await site.offer()
    path = await site.offer_link(hand_off_id)
    ended = await site.offer_link(hand_off_id, expires_at=TUESDAY - timedelta(days=1))
    for link, status, remedy in (
        (path[:-4] + "AAAA", 403, "copy the whole address"),
        (path[:40], 403, "copy the whole address"),
        ("/h/%00%ff", 403, "copy the whole address"),
        (ended, 410, "Ask for a new one"),
    ):
        for answer in (await site.client.get(link), await site.client.post(link, data={"do": "accept"})):
            assert answer.status_code == status
            assert remedy in answer.text
            assert answer.headers["referrer-policy"] == "no-referrer"
    assert (await standing(site))["state"] == "offered"


async def test_a_name_that_is_markup_is_shown_as_text(site: Site) -> None:
    evil = '<img src=x onerror="alert(1)">'
    _, hand_off_id = await site.offer(first_name=evil, company="<b>Bold & Sons</b>", phone='"><script>1</script>')
    page = (await site.client.get(await site.offer_link(hand_off_id))).text
    assert "<img" not in page
    assert "<script" not in page
    assert "<b>" not in page
    assert "&lt;img src=x" in page


async def test_colleagues_who_came_along_are_named(site: Site) -> None:
    _, hand_off_id = await site.offer()
    await site.offer("ben.ruiz")
    assert "Ben Ruiz" in (await site.client.get(await site.offer_link(hand_off_id))).text
