"""Is the inbox in order of its clocks, and does only somebody with a seat and our own form decide anything?"""

from __future__ import annotations

import re

from leadloom.domain.handoffs.answers import Decision
from leadloom.store import answering, inbox
from tests.store.acts import TUESDAY
from tests.web.console import Console, words


async def state(console: Console, who: str) -> dict[str, object]:
    query = "SELECT state, decided_by, decided_via, reason, closed_at, first_try_at FROM hand_off WHERE lead_id = $1"
    return (await console.site.rows(f"{query} ORDER BY opened_at DESC LIMIT 1", console.people[who]))[0]


async def test_the_nearest_clock_stands_first(console: Console) -> None:
    said = words(await console.page("/inbox"))
    places = [said.index(name) for name in ("Karl Vogt", "Dev Rao", "Clara Weiss", "Ben Ito", "Gwen Ode")]
    assert places == sorted(places)
    assert "First try overdue by 11 days" in said


async def test_a_line_says_who_why_now_whose_and_what_their_clock_shows(console: Console) -> None:
    console.sit("ines-carvalho")
    said = words(await console.page("/inbox?owner=ines-carvalho"))
    assert "Clara Weiss Answer in " in said
    assert "quality · Nordkühl · DE" in said
    assert "Asked for a demo" in said
    assert "with Inês Carvalho their clock: Tue 16:00" in said
    assert "Ben Ito" not in said


async def test_who_was_passed_over_is_said(console: Console) -> None:
    assert "with Dana Whitlock, with the deputy" in words(await console.page("/inbox"))


async def test_an_empty_inbox_says_what_happens_next(console: Console) -> None:
    assert "Nothing waits for them." in words(await console.page("/inbox?owner=mei-lin-goh"))


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
    now = await state(console, "clara")
    assert (now["state"], now["decided_by"], now["decided_via"]) == ("accepted", "ines-carvalho", "page")
    assert "Inês Carvalho accepted this lead" in words(await console.page(card))


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
    fields = {"do": "reject", "assignment_no": "1", "reason": "no-fit"}
    answer = await console.send(card, fields)
    assert answer.status_code == 422
    assert "Choose one of size, industry, region, need" in words(answer.text)
    assert re.search(r'data-key="4"[^>]+ value="no-fit" checked', answer.text)
    done = await console.send(card, fields | {"sub_reason": "size", "until": ""})
    assert done.status_code == 303
    now = await state(console, "clara")
    assert (now["state"], now["reason"]) == ("rejected", "no-fit")


async def test_recycling_needs_a_date_and_takes_the_reps_morning(console: Console) -> None:
    console.sit("ines-carvalho")
    card = await console.card("clara")
    assert (await console.send(card, {"do": "recycle", "assignment_no": "1", "until": ""})).status_code == 422
    assert (await console.send(card, {"do": "recycle", "assignment_no": "1", "until": "soon"})).status_code == 422
    done = await console.send(card, {"do": "recycle", "assignment_no": "1", "until": "2026-05-04"})
    assert done.status_code == 303
    (row,) = await console.site.rows("SELECT recycle_until FROM hand_off WHERE lead_id = $1", console.people["clara"])
    assert str(row["recycle_until"]) == "2026-05-04 07:00:00+00:00"


async def test_cant_reach_is_locked_until_six_tries(console: Console) -> None:
    console.sit("wei-jie-tan")
    page = await console.page(await console.card("dev"))
    assert "after 6 tries; 0 so far" in words(page)
    assert re.search(r'data-key="1"[^>]+ value="cant-reach" disabled', page)


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
