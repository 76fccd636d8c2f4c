"""Is the inbox in order of its clocks, and does only somebody with a seat and our own form decide anything?"""

from __future__ import annotations

import re
from uuid import UUID

from leadloom.domain.handoffs.answers import UNDO_FOR, Decision
from leadloom.domain.lead import EventDraft
from leadloom.domain.model import HandOffId
from leadloom.store import answering, events, hand_offs, inbox
from tests.store.acts import TUESDAY
from tests.web.console import Console, words


async def state(console: Console, who: str) -> dict[str, object]:
    query = "SELECT state, decided_by, decided_via, reason, closed_at, first_try_at FROM hand_off WHERE lead_id = $1"
    return (await console.site.rows(f"{query} ORDER BY opened_at DESC LIMIT 1", console.people[who]))[0]


async def becomes_final(console: Console, who: str) -> None:
    """The seconds pass in which an answer can be taken back: its workflow looks again."""
    query = "SELECT hand_off_id FROM hand_off WHERE lead_id = $1 ORDER BY opened_at DESC LIMIT 1"
    (row,) = await console.site.rows(query, console.people[who])
    async with console.site.db.transaction() as tx:
        key = HandOffId(UUID(str(row["hand_off_id"])))
        await hand_offs.advance(tx, key, book=console.site.book, at=console.site.house.now() + UNDO_FOR)


def line(page: str, name: str) -> str:
    """What the list says about one lead."""
    found = next(part for part in page.split('<li class="work')[1:] if f">{name}</a>" in part)
    return found.split('<section aria-labelledby="asleep">')[0]


async def test_the_nearest_clock_stands_first(console: Console) -> None:
    page = await console.page("/inbox")
    names = re.findall(r'data-item data-name="([^"]+)"', page)
    assert names == ["Karl Vogt", "Dev Rao", "Clara Weiss", "Ben Ito", "Gwen Ode"]
    assert "First try overdue by 11 days" in words(page)


async def test_a_line_says_who_why_now_and_what_their_clock_shows(console: Console) -> None:
    console.sit("ines-carvalho")
    clara = words(line(await console.page("/inbox"), "Clara Weiss"))
    assert "Quality · Nordkühl · DE Tue 16:00 in Berlin" in clara
    assert "Answer in " in clara
    assert "Asked for a demo decides alone" in clara
    assert "Fit A: pharma distribution, 5 sites, quality, DE 100 of 100" in clara
    assert "Decided by version 1 of the definition" in clara
    assert "You may call implied of 2026-03-03" in clara


async def test_a_line_brings_a_way_to_begin_that_speaks_of_the_topic_and_not_of_what_was_seen(console: Console) -> None:
    console.sit("marcus-oyelaran")
    page = await console.page("/inbox?whose=team")
    assert "data-opener>Hello " in page
    assert 'href="mailto:' in page and "&amp;body=Hello%20" in page
    openers = re.findall(r"data-opener>([^<]+)<", page)
    assert openers
    assert not [said for said in openers if re.search(r"\b(saw|noticed|you (read|clicked|opened|visited))\b", said)]


async def test_who_may_hold_leads_begins_with_their_own(console: Console) -> None:
    console.sit("ines-carvalho")
    page = await console.page("/inbox")
    assert "Clara Weiss" in page and "Ben Ito" not in page
    assert 'aria-current="true">Mine <span class="count">2</span>' in page
    console.sit("samira-haddad")
    assert "Ben Ito" in await console.page("/inbox")


async def test_a_search_and_a_kind_narrow_the_list_down_and_say_so_when_nothing_is_left(console: Console) -> None:
    assert re.findall(r'data-name="([^"]+)"', await console.page("/inbox?q=nordk%C3%BChl+demo")) == ["Clara Weiss"]
    assert re.findall(r'data-name="([^"]+)"', await console.page("/inbox?kind=won-to-success")) == ["Gwen Ode"]
    nothing = await console.page("/inbox?kind=won-to-success&q=clara")
    assert "Nothing here fits." in words(nothing)
    assert 'href="/inbox?whose=all"' in nothing


async def test_who_was_passed_over_is_said(console: Console) -> None:
    assert "With Dana Whitlock, with the deputy" in words(await console.page("/inbox"))


async def test_an_empty_inbox_says_who_comes_back_who_is_nearly_ready_and_what_the_team_has(console: Console) -> None:
    console.sit("jonas-brandt")
    said = words(await console.page("/inbox"))
    assert "All answered." in said
    assert "My team: 2" in said
    async with console.site.db.transaction() as tx:
        done = EventDraft(kind="calculator_finished", at=TUESDAY)
        await events.record(tx, console.people["iris"], [done], book=console.site.book, at=TUESDAY)
    console.sit("ines-carvalho")
    hers = words(await console.page("/inbox?kind=sal-to-sql"))
    assert "Coming back Finn Kelly , Shannon Hospital Mon 1 Jun, " in hers
    assert "Nearly ready Somebody in quality at Koelhuis, NL A3, " in hers, "she doesn't see who isn't hers yet"
    console.sit("samira-haddad")
    assert "Iris Blom , Koelhuis A3, " in words(await console.page("/inbox?kind=sal-to-sql"))


async def test_somebody_who_may_not_answer_sees_no_button_that_does(console: Console) -> None:
    console.sit("priya-nair")
    page = await console.page("/inbox")
    assert "Clara Weiss" in page
    assert "data-act=" not in page and "data-ask=" not in page
    card = await console.page(await console.card("clara"))
    assert 'name="do"' not in card


async def test_somebody_who_may_not_see_addresses_gets_none_in_a_link_or_a_file(console: Console) -> None:
    console.sit("tom-achterberg")
    card = await console.card("clara")
    for path in ("/inbox", card, f"{card}/call.ics"):
        assert "clara.weiss@" not in await console.page(path), path


async def test_a_call_is_put_where_both_work(console: Console) -> None:
    console.sit("wei-jie-tan")  # 23:00 in Singapore now
    file = await console.page(f"{await console.card('dev')}/call.ics")
    assert "DTSTART:20260304T010000Z" in file  # 09:00 there
    assert "SUMMARY:Call Dev Rao (Straits Medical)" in file
    console.sit("ines-carvalho")
    assert "DTSTART:20260303T153000Z" in await console.page(f"{await console.card('clara')}/call.ics")


async def test_looking_at_a_card_changes_nothing(console: Console) -> None:
    before = await console.site.row_counts()
    await console.page(await console.card("clara"))
    assert await console.site.row_counts() == before
    assert (await state(console, "clara"))["state"] == "offered"


async def test_accepting_from_the_page_is_a_decision_via_page_in_the_name_of_the_seat(console: Console) -> None:
    console.sit("ines-carvalho")
    card = await console.card("clara")
    answer = await console.send(card, {"do": "accept", "assignment_no": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, card)
    assert "Inês Carvalho accepted it a moment ago" in words(await console.page(card))
    await becomes_final(console, "clara")
    now = await state(console, "clara")
    assert (now["state"], now["decided_by"], now["decided_via"]) == ("accepted", "ines-carvalho", "page")
    assert "Inês Carvalho accepted this lead" in words(await console.page(card))


async def test_an_answer_from_the_list_leads_to_the_next_lead_and_can_be_taken_back(console: Console) -> None:
    console.sit("ines-carvalho")
    page = await console.page("/inbox")
    back = re.search(r'name="back" value="([^"]+)"', line(page, "Clara Weiss"))
    assert back is not None and back.group(1).startswith("/inbox?whose=mine#h-")
    card = await console.card("clara")
    answer = await console.send(
        card, {"do": "reject", "assignment_no": "1", "reason": "no-budget", "back": back.group(1)}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, back.group(1))
    page = await console.page("/inbox")
    assert "You gave Clara Weiss back: No budget. Undo" in words(page)
    assert re.findall(r'data-name="([^"]+)"', page) == ["Karl Vogt"]
    console.sit("jonas-brandt")
    assert "You gave" not in words(await console.page("/inbox"))
    refused = await console.send(card, {"do": "undo"}, shown_at="/seat")
    assert (refused.status_code, (await state(console, "clara"))["state"]) == (409, "offered")
    console.sit("ines-carvalho")
    assert (await console.send(card, {"do": "undo"})).status_code == 303
    await becomes_final(console, "clara")
    assert "Clara Weiss" in re.findall(r'data-name="([^"]+)"', await console.page("/inbox"))


async def test_what_is_noted_at_once_makes_an_acceptance_final(console: Console) -> None:
    console.sit("ines-carvalho")
    card = await console.card("clara")
    await console.send(card, {"do": "accept", "assignment_no": "1"})
    assert "I reached Clara" in words(await console.page(card))
    assert (await console.send(card, {"do": "reached", "seen": "0"})).status_code == 303
    now = await state(console, "clara")
    assert (now["state"], now["first_try_at"] is not None) == ("accepted", True)
    late = await console.send(card, {"do": "undo"})
    assert late.status_code == 409
    assert "give the lead back, with a reason" in words(late.text)


async def test_a_hidden_card_comes_back_and_no_clock_moves(console: Console) -> None:
    console.sit("ines-carvalho")
    card = await console.card("clara")
    page = line(await console.page("/inbox"), "Clara Weiss")
    moments = re.findall(r'name="until" value="([^"]+)"', page)
    assert len(moments) == 1, "an offer of 15 minutes can be hidden for five, not for an hour"
    clocks = "SELECT accept_by, waits_until FROM hand_off WHERE lead_id = $1"
    before = await console.site.rows(clocks, console.people["clara"])
    answer = await console.send(card, {"do": "snooze", "until": moments[0], "back": "/inbox?whose=mine#h-1"})
    place = answer.headers["location"]
    assert place.startswith("/inbox?whose=mine&hidden=") and place.endswith("#h-1")
    said = words(await console.page(place.partition("#")[0]))
    assert "Clara Weiss is hidden until Tue 3 Mar, 16:" in said and "Show it again" in said
    assert "Hidden until later Clara Weiss , Nordkühl until Tue 3 Mar, 16:" in said
    assert await console.site.rows(clocks, console.people["clara"]) == before
    too_late = await console.send(card, {"do": "snooze", "until": "2026-03-09T09:00:00+01:00"}, shown_at=card)
    assert too_late.status_code == 422
    assert "waits for nobody" in words(too_late.text)
    assert (await console.send(card, {"do": "wake"})).status_code == 303
    assert "Clara Weiss" in re.findall(r'data-name="([^"]+)"', await console.page("/inbox"))


async def test_without_a_seat_nothing_is_decided_and_the_page_says_what_to_do(console: Console) -> None:
    card = await console.card("clara")
    assert "Choose your seat to answer" in words(await console.page(card))
    answer = await console.send(card, {"do": "accept", "assignment_no": "1"}, shown_at="/seat")
    assert (answer.status_code, (await state(console, "clara"))["state"]) == (422, "offered")
    assert "choose your seat" in words(answer.text)


async def test_a_form_without_our_token_is_refused(console: Console) -> None:
    console.sit("ines-carvalho")
    card = await console.card("clara")
    await console.page(card)
    for token in ({}, {"token": "made up"}):
        answer = await console.client.post(card, data={"do": "accept", "assignment_no": "1", **token})
        assert answer.status_code == 403
    assert (await state(console, "clara"))["state"] == "offered"


async def test_a_token_shown_to_another_browser_is_refused(console: Console) -> None:
    console.sit("ines-carvalho")
    card = await console.card("clara")
    token = re.search(r'name="token" value="([^"]+)"', await console.page(card))
    assert token is not None
    console.client.cookies.delete("form")
    answer = await console.client.post(card, data={"do": "accept", "assignment_no": "1", "token": token.group(1)})
    assert (answer.status_code, (await state(console, "clara"))["state"]) == (403, "offered")


async def test_another_site_can_not_send_our_form(console: Console) -> None:
    console.sit("ines-carvalho")
    console.client.headers["Sec-Fetch-Site"] = "cross-site"
    answer = await console.send(await console.card("clara"), {"do": "accept", "assignment_no": "1"})
    assert (answer.status_code, (await state(console, "clara"))["state"]) == (403, "offered")


async def test_the_loser_of_a_race_is_shown_who_won(console: Console) -> None:
    console.sit("jonas-brandt")
    card = await console.card("clara")
    async with console.site.db.transaction() as tx:
        said = Decision(kind="accept", by="ines-carvalho", via="link")
        key = (await inbox.list_open(tx, "ines-carvalho"))[0].hand_off_id
        await answering.decide(tx, key, 1, said, book=console.site.book, at=TUESDAY)
    answer = await console.send(card, {"do": "accept", "assignment_no": "1"}, shown_at=card)
    assert answer.status_code == 409
    assert "Inês Carvalho accepted it" in words(answer.text)
    assert (await state(console, "clara"))["decided_by"] == "ines-carvalho"


async def test_a_reason_that_asks_for_more_says_so_and_keeps_what_was_chosen(console: Console) -> None:
    console.sit("ines-carvalho")
    card = await console.card("clara")
    fields = {"do": "reject", "assignment_no": "1"}
    answer = await console.send(card, {**fields, "reason": "no-fit"})
    assert answer.status_code == 422
    assert "Choose one of size, industry, region, need" in words(answer.text)
    assert re.search(r'<details class="chip-asks" open><summary[^>]+data-key="4"', answer.text)
    assert 'data-ask="r" open' in answer.text
    done = await console.send(card, {**fields, "reason": "no-fit:size"})
    assert done.status_code == 303
    await becomes_final(console, "clara")
    now = await state(console, "clara")
    assert (now["state"], now["reason"]) == ("rejected", "no-fit")


async def test_recycling_needs_a_date_and_takes_the_reps_morning(console: Console) -> None:
    console.sit("ines-carvalho")
    card = await console.card("clara")
    assert (await console.send(card, {"do": "recycle", "assignment_no": "1", "until": ""})).status_code == 422
    assert (await console.send(card, {"do": "recycle", "assignment_no": "1", "until": "soon"})).status_code == 422
    day = re.search(r'value="not-yet:(\d{4}-\d\d-\d\d)">3 months<', await console.page(card))
    assert day is not None and day.group(1) == "2026-06-02"
    done = await console.send(card, {"do": "reject", "assignment_no": "1", "reason": "not-yet:2026-05-04"})
    assert done.status_code == 303
    await becomes_final(console, "clara")
    (row,) = await console.site.rows("SELECT recycle_until FROM hand_off WHERE lead_id = $1", console.people["clara"])
    assert str(row["recycle_until"]) == "2026-05-04 07:00:00+00:00"


async def test_cant_reach_is_locked_until_six_tries(console: Console) -> None:
    console.sit("wei-jie-tan")
    page = await console.page(await console.card("dev"))
    assert "after 6 tries; 0 so far" in words(page)
    assert re.search(r'aria-disabled="true" data-key="1" data-locked="Can&#39;t reach: after 6 tries; 0 so far."', page)
    assert 'value="cant-reach"' not in page


async def test_a_try_stops_the_clock_and_pressed_twice_is_one_try(console: Console) -> None:
    console.sit("wei-jie-tan")
    card = await console.card("dev")
    for _ in range(2):
        answer = await console.send(card, {"do": "tried", "assignment_no": "1", "seen": "0"})
        assert answer.status_code == 303
    events = await console.site.events("attempt_made")
    assert [event["actor"] for event in events] == ["wei-jie-tan"]
    assert (await state(console, "dev"))["first_try_at"] is not None
    assert "1 try so far" in words(await console.page(card))


async def test_an_accepted_lead_can_be_given_back_and_ends_the_conversation(console: Console) -> None:
    console.sit("wei-jie-tan")
    card = await console.card("dev")
    until = {"reason": "not-yet", "until": "2026-06-01"}
    answer = await console.send(card, {"do": "give_back", "assignment_no": "1", **until})
    assert answer.status_code == 303
    await becomes_final(console, "dev")
    now = await state(console, "dev")
    assert (now["state"], now["reason"], now["closed_at"] is not None) == ("accepted", "not-yet", True)


async def test_an_offer_is_given_to_somebody_else_with_a_reason_that_both_can_read(console: Console) -> None:
    console.sit("ines-carvalho")
    card = await console.card("clara")
    given = {"do": "give", "to": "jonas-brandt", "why": "he speaks to them already", "assignment_no": "1"}
    nameless = await console.send(card, {**given, "to": ""})
    assert nameless.status_code == 422
    assert (await console.send(card, given)).status_code == 303
    said = words(await console.page(card))
    assert "With Jonas Brandt" in said, said
    assert "given by hand: Inês Carvalho: he speaks to them already" in said
    again = {**given, "do": "route_again", "why": "only a slip"}
    assert (await console.send(card, again)).status_code == 303
    assert "With Inês Carvalho" in words(await console.page(card))


async def test_the_card_tells_which_rules_were_asked(console: Console) -> None:
    said = words(await console.page(await console.card("clara")))
    assert "– account owner first: the account has no owner" in said
    assert "✓ Europe: Inês Carvalho is sdr here" in said


async def test_a_seat_is_taken_by_a_form_and_leads_back_to_a_page_of_ours(console: Console) -> None:
    for wanted, place in (("/inbox?owner=hana-sato", "/inbox?owner=hana-sato"), ("https://evil.example/", "/seat")):
        answer = await console.send("/seat", {"handle": "hana-sato", "next": wanted})
        assert (answer.status_code, answer.headers["location"]) == (303, place)
    assert "acting as Hana Sato" in words(await console.page("/"))
    refused = await console.send("/seat", {"handle": "somebody-else", "next": "/"})
    assert refused.status_code == 422


async def test_cookies_can_not_be_read_by_scripts_nor_sent_by_other_sites(console: Console) -> None:
    answer = await console.client.get("/seat")
    (cookie,) = answer.headers.get_list("set-cookie")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
