"""Does a lead's page tell what happened, where they stand, what comes next, and why and why not?"""

from __future__ import annotations

import html
import re
from uuid import uuid4

from tests.web.console import Console, links, words


async def test_one_story_holds_events_stages_decisions_mails_and_permissions(console: Console) -> None:
    said = words(await console.page(console.lead("ana")))
    for told in (
        "Asked for the guide engagement +10",
        "Moved from aware to inquiry first response, by what they did, definition 1, after a minute at aware",
        "Entered the journey welcome-four-degrees because: guide requested",
        "Waits for day 14, or calculator finished",
        "Sent the mail nine-minutes",
        "A permission was given (double-opt-in) by: guide form",
    ):
        assert told in said


async def test_what_a_machine_did_is_told_and_counts_for_nothing(console: Console) -> None:
    said = words(await console.page(f"{console.lead('ana')}?show=did"))
    assert "Clicked a link in a mail a machine did it, so it counts for nothing" in said


async def test_a_decision_shows_the_values_that_made_it(console: Console) -> None:
    page = await console.page(f"{console.lead('ana')}?show=decisions")
    assert re.search(r"May get marketing mail.*?<dt>may market</dt><dd>yes</dd>", page, re.DOTALL)


async def test_the_story_can_be_narrowed(console: Console) -> None:
    said = words(await console.page(f"{console.lead('ana')}?show=mails"))
    assert "Sent the mail deliver-guide" in said
    assert "Moved from aware to inquiry" not in said


async def test_pages_of_a_long_story_hold_every_chapter_once(console: Console) -> None:
    lead_id = console.people["ana"]
    await console.site.rows(
        "INSERT INTO event (lead_id, no, kind, at, verdict, actor) SELECT $1, 1000 + n, 'mail_opened',"
        " (SELECT created_at FROM lead WHERE lead_id = $1), 'human', 'lead' FROM generate_series(1, 130) n",
        lead_id,
    )
    here, shown = f"/leads/{lead_id}?show=did", 0
    while True:
        page = await console.page(here)
        shown += page.count('<li class="event">')
        following = links(page, r"after=")
        if not following:
            break
        here = following[0].partition("#")[0]
    (count,) = await console.site.rows("SELECT count(*) AS n FROM event WHERE lead_id = $1", lead_id)
    assert shown == count["n"]


async def test_the_score_is_explained_with_what_still_counts_and_when_it_cools(console: Console) -> None:
    said = words(await console.page(console.lead("ana")))
    assert "Score A3" in said
    assert "role quality: +25" in said
    assert "Finished the warm-pallet calculator, 11 days ago" in said
    assert "Cools below 15 on" in said
    assert "Does not pass the gate to sales Engagement is 3 (38.0); it takes 1 or 2." in said


async def test_a_run_says_what_it_waits_for_and_until_when(console: Console) -> None:
    said = words(await console.page(console.lead("iris")))
    assert re.search(r"welcome-four-degrees Waits for day 8 ?, at the latest \w+ \d+ Mar", said)


async def test_a_planned_mail_says_when_and_what_would_stop_it(console: Console) -> None:
    said = words(await console.page(console.lead("nora")))
    whose = "nine-minutes welcome-four-degrees, about cold-chain, signed by Priya Nair"
    assert re.search(whose + r" Planned for Tue 3 Mar, 19:\d\d", said)
    assert re.search(
        r": Wed 2026-03-04 08:\d\d their time, Asia/Singapore, by their country; worth sending until", said
    )
    assert "Cap: no more than 2 mails in 7 days go to a person" in said
    assert "Nothing stands against it." in said


async def test_a_held_mail_says_who_holds_it(console: Console) -> None:
    said = words(await console.page(console.lead("mona")))
    assert "Held; worth sending until" in said
    assert "It would not go now: sales is in conversation with the company." in said


async def test_who_may_not_be_written_to_and_why(console: Console) -> None:
    page = words(await console.page(console.lead("eva")))
    assert re.search(r"suppressed, marketing: unsubscribed, since 2026-0\d-\d\d, by lead \(address\)", page)
    assert "not allowed: no basis that suffices in" in words(await console.page(console.lead("hugo")))


async def test_why_a_lead_was_never_in_a_journey(console: Console) -> None:
    said = words(await console.page(console.lead("ana")))
    assert "hand-raise : never did what lets a lead in: demo requested or" in said


async def test_a_blocked_run_shows_its_error_and_can_be_retried_once(console: Console) -> None:
    page = await console.page(console.lead("jan"))
    assert "Blocked since Tue 3 Mar, 10:00 : TemplateError: told() needs three arguments" in words(page)
    (action,) = re.findall(r'action="(/leads/[^"]+/retry)"', page)
    answer = await console.send(action, {}, shown_at=console.lead("jan"))
    assert answer.status_code == 303
    assert "Waits for another try" in words(await console.page(console.lead("jan")))
    assert "Nothing is stuck." in await console.page("/rows/stuck")
    again = await console.send(action, {}, shown_at="/seat")
    assert (again.status_code, "is not blocked" in again.text) == (409, True)


async def test_a_retry_without_our_token_does_nothing(console: Console) -> None:
    (action,) = re.findall(r'action="(/leads/[^"]+/retry)"', await console.page(console.lead("jan")))
    assert (await console.client.post(action, data={"token": "made up"})).status_code == 403
    assert "Blocked since" in words(await console.page(console.lead("jan")))


async def test_hand_offs_and_what_became_of_them_are_linked(console: Console) -> None:
    page = await console.page(console.lead("finn"))
    assert "Hand-off hand-raise : recycled, Not yet by Inês Carvalho" in words(page)
    assert await console.card("finn") in links(page, "^/inbox/")


async def test_a_lead_nobody_knows_is_not_found(console: Console) -> None:
    assert "There is no lead" in await console.page("/leads/00000000-0000-0000-0000-000000000000", status=404)


async def test_a_rep_lets_a_lead_into_a_journey_and_takes_them_out_again(console: Console) -> None:
    page, lead_id = console.lead("ana"), console.people["ana"]
    console.sit("priya-nair")
    await console.site.rows("UPDATE lead_stage SET stage = 'inquiry' WHERE lead_id = $1", lead_id)
    form = {"journey": "wake-or-let-go", "occasion": "one"}
    let_in = await console.send(f"{page}/runs", form, shown_at=page)
    assert let_in.status_code == 303
    runs = "SELECT enrolment_id, status, outcome, entered_by FROM enrolment WHERE lead_id = $1 AND journey = $2"
    [run] = await console.site.rows(runs, lead_id, "wake-or-let-go")
    assert (run["status"], run["entered_by"]) == ("active", "hand:priya-nair")
    twice = await console.send(f"{page}/runs", form, shown_at=page)
    assert (twice.status_code, "Not let into wake-or-let-go: in this journey now." in words(twice.text)) == (409, True)
    out = f"{page}/runs/{run['enrolment_id']}/end"
    assert (await console.send(out, {"outcome": " "}, shown_at=page)).status_code == 422
    assert (await console.send(out, {"outcome": "asked on the phone"}, shown_at=page)).status_code == 303
    [run] = await console.site.rows(runs, lead_id, "wake-or-let-go")
    assert (run["status"], run["outcome"]) == ("exited", "asked on the phone")


async def test_a_wait_is_ended_by_hand_once_and_the_page_says_by_whom(console: Console) -> None:
    page = console.lead("iris")
    console.sit("priya-nair")
    shown = await console.page(page)
    (action,) = re.findall(r'action="(/leads/[^"]+/hurry)"', shown)
    (seen,) = re.findall(r'name="seen" value="([^"]*)"', shown)
    form = {"seen": html.unescape(seen), "why": "they called"}
    assert (await console.send(action, form, shown_at=page)).status_code == 303
    assert "Priya-nair let it go on before day 8" in words(await console.page(page))
    again = await console.send(action, form, shown_at=page)
    assert (again.status_code, "It has gone on meanwhile" in again.text) == (409, True)
    too_long = await console.send(action, {"why": "x" * 201}, shown_at=page)
    assert (too_long.status_code, "At most 200." in too_long.text) == (422, True)


async def test_a_planned_mail_is_skipped_and_no_longer_comes(console: Console) -> None:
    page = console.lead("nora")
    console.sit("priya-nair")
    (action,) = re.findall(r'action="(/leads/[^"]+/skip)"', await console.page(page))
    for _ in range(2):
        assert (await console.send(action, {"why": "they know it"}, shown_at=page)).status_code == 303
    said = words(await console.page(page))
    assert "Planned for" not in said
    assert "skipped by priya-nair: they know it" in said


async def test_letting_in_asks_for_a_seat_and_a_form_of_ours(console: Console) -> None:
    page = console.lead("ana")
    form = {"journey": "wake-or-let-go", "occasion": "one"}
    unseated = await console.send(f"{page}/runs", form, shown_at=page)
    assert (unseated.status_code, "choose your seat" in unseated.text) == (422, True)
    console.sit("priya-nair")
    assert (await console.client.post(f"{page}/runs", data={**form, "token": "made up"})).status_code == 403


async def test_why_not_is_asked_on_the_leads_page_and_answered_with_the_first_thing_in_the_way(
    console: Console,
) -> None:
    page = await console.page(console.lead("ana"))
    about = "welcome-four-degrees/audit-report"
    assert f'<option value="{about}">' in page
    said = words(await console.page(f"{console.lead('ana')}/why-not?about={about}"))
    assert about in said and "The run stands at" in said
    assert "It could pass" in said and "waits for" in said and "Code waits" in said


async def test_why_not_about_something_nobody_knows_says_so(console: Console) -> None:
    page = await console.page(f"{console.lead('ana')}/why-not?about=nothing", 404)
    assert "campaign, journey or mail" in words(page)


async def test_a_rep_says_what_they_found_out_and_takes_it_back(console: Console) -> None:
    console.sit("greta-lindqvist")
    page = console.lead("ana")
    said = {"checklist": "bant", "item": "need", "evidence": "41 excursions last year, her own words", "state": "yes"}

    answer = await console.send(f"{page}/answers", said, shown_at=page)
    assert answer.status_code == 303
    told = words(await console.page(page))
    assert "✓ Yes : 41 excursions last year, her own words Greta Lindqvist" in told
    assert "Not enough for a deal yet: 1 of 3 known: need. Nothing proves yet: timing, authority, budget" in told

    without = await console.send(f"{page}/answers", {**said, "item": "timing", "evidence": " "}, shown_at=page)
    assert (without.status_code, "Write how we know" in without.text) == (422, True)
    assert (await console.send(f"{page}/answers/1/undo", {}, shown_at=page)).status_code == 303
    assert "0 of 4 answered" in words(await console.page(page))
    again = await console.send(f"{page}/answers/1/undo", {}, shown_at=page)
    assert (again.status_code, "took it back" in again.text) == (409, True)
    story = words(await console.page(f"{page}?show=did"))
    assert story.count("A question of qualification was answered") == 2


async def test_the_score_says_what_is_missing_and_by_which_version(console: Console) -> None:
    said = words(await console.page(console.lead("ana")))
    assert re.search(r"To digit 2 \d+\.\d points, such as “", said)
    assert re.search(r"Site, for many depots: [A-D][−+]?", said)
    assert "By definition version 1." in said


async def test_the_page_of_a_merged_lead_leads_to_who_they_are_now(console: Console) -> None:
    lead_id, gone = console.people["ana"], uuid4()
    await console.site.rows(
        "WITH merged AS (INSERT INTO lead_merge"
        " (merge_id, lead_id, survivor_id, loser_id, at, by, why, rule, loser_nos, last_no)"
        " VALUES ($3, $1, $1, $2, '2026-03-02Z', 'system', 'one mailbox', 'one mailbox', '{}', 1) RETURNING merge_id)"
        " INSERT INTO merged_lead SELECT $2, $1, merge_id FROM merged",
        lead_id,
        gone,
        uuid4(),
    )
    said = await console.site.client.get(f"/leads/{gone}", follow_redirects=False)
    assert (said.status_code, said.headers["location"]) == (307, f"/leads/{lead_id}")


async def test_each_field_says_what_it_means_by_the_definition_in_force(console: Console) -> None:
    page = await console.page(console.lead("ana"))
    assert 'aria-label="What role means"' in page
    assert "Fit: 25 points for quality or logistics, 15 for it. Needed to come to mql." in words(page)
    card = words(await console.page(await console.card("clara")))
    assert "What these words mean" in card
