"""Can somebody who looked at a held mail make the lead who wrote, or let it go and take that back?"""

from __future__ import annotations

from tests.runtime.test_mail_intake import GATE, received
from tests.web.console import Console, words


async def held_mail(console: Console, sender: str) -> str:
    """The address of what a stranger wrote, whom nobody vouches for."""
    taken = await received(console.site.db, sender=sender, gate=GATE.but(vouchers=frozenset()))
    assert taken.lead_id is None
    return f"/mail-held/{taken.return_id}"


async def test_who_wrote_is_made_a_lead_once_by_whoever_may(console: Console) -> None:
    assert "One to hello makes a lead by itself" in words(await console.page("/mail-held"))
    path = await held_mail(console, "rosa@birch.example")
    console.sit("ines-carvalho")
    assert (await console.send(path, {"do": "welcome"}, shown_at=await console.card("clara"))).status_code == 403
    console.sit("samira-haddad")
    page = words(await console.page("/mail-held"))
    assert "1 mail waits" in page and "How warm may a pallet become on the dock?" in page
    made = await console.send(path, {"do": "welcome"}, shown_at="/mail-held")
    assert (made.status_code, made.headers["location"][:7]) == (303, "/leads/")
    (lead,) = await console.site.rows("SELECT email, source FROM lead WHERE email = $1", "rosa@birch.example")
    assert lead["source"] == "microsite"
    assert "No mail waits" in words(await console.page("/mail-held"))
    other = await held_mail(console, "bo@birch.example")
    again = await console.send(path, {"do": "welcome"}, shown_at="/mail-held")
    assert (again.status_code, "lead's already" in words(again.text)) == (422, True)
    assert (await console.send(other, {"do": "dance"}, shown_at="/mail-held")).status_code == 422


async def test_what_is_let_go_stands_apart_with_who_did_it_and_may_be_taken_after_all(console: Console) -> None:
    path = await held_mail(console, "eve@birch.example")
    console.sit("samira-haddad")
    assert (await console.send(path, {"do": "nobody"}, shown_at="/mail-held")).headers["location"] == "/mail-held"
    page = words(await console.page("/mail-held"))
    assert "No mail waits" in page
    assert "Let go in the last 14 days" in page and "by Samira Haddad" in page
    made = await console.send(path, {"do": "welcome"}, shown_at="/mail-held")
    assert made.headers["location"].startswith("/leads/")
    assert "eve@birch.example" not in await console.page("/mail-held")
