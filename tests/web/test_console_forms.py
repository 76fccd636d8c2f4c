"""Is each held post listed with its reason, looked at, taken once as it would have been, or let go and brought back?"""

from __future__ import annotations

from uuid import uuid4

from leadloom.store import form_posts
from leadloom.store.form_posts import HeldPost
from tests.web.console import Console, words
from tests.web.test_capture import ANA


async def held_one(console: Console, **more: str) -> HeldPost:
    """What a machine, or a person with a helpful browser, left behind."""
    before = {one.post_id for one in await waiting(console)}
    posted = {**ANA, "email": "rosa@birch.example", "consent": "yes", "fax_number": "555", **more}
    assert (await console.client.post("/f/guide", data=posted)).status_code == 303
    (one,) = [one for one in await waiting(console) if one.post_id not in before]
    return one


async def waiting(console: Console) -> tuple[HeldPost, ...]:
    async with console.site.db.read() as tx:
        return await form_posts.listed(tx, limit=100)


async def test_a_held_post_is_listed_looked_at_and_taken_once_as_it_would_have_been(console: Console) -> None:
    assert "No post of a form waits for a look" in words(await console.page("/forms"))
    post = await held_one(console, company="<b>Birch</b>")
    listed = await console.page("/forms")
    assert f"/forms/held/{post.post_id}" in listed
    assert "It looks like a machine's: somebody filled the field no person sees" in words(listed)
    assert "1 post of forms" in words(await console.page("/quality"))
    path = f"/forms/held/{post.post_id}"
    shown = await console.page(path)
    assert "<b>Birch" not in shown
    for said in ("rosa@birch.example", "<b>Birch</b>", "Network address", "Boxes that were ticked"):
        assert said in words(shown), said
    console.sit("samira-haddad")
    taken = await console.send(path, {"do": "take"})
    assert (taken.status_code, taken.headers["location"][:7]) == (303, "/leads/")
    query = "SELECT kind, at FROM event JOIN lead USING (lead_id) WHERE email = $1 AND actor = 'lead'"
    (event,) = await console.site.rows(query, "rosa@birch.example")
    assert (event["kind"], event["at"]) == ("guide_requested", post.at)
    again = await console.client.post(path, data={"token": "x", "do": "take"})
    assert again.status_code == 403
    page = await console.page(path)
    assert "What was typed is kept here no longer" in words(page)
    assert "The lead it became" in words(page)


async def test_a_post_that_is_let_go_can_be_brought_back_and_says_who_did_it(console: Console) -> None:
    post = await held_one(console)
    path = f"/forms/held/{post.post_id}"
    console.sit("samira-haddad")
    assert (await console.send(path, {"do": "drop", "why": " "})).status_code == 422
    assert (await console.send(path, {"do": "drop", "why": "sells watches"})).headers["location"] == "/forms"
    page = words(await console.page("/forms"))
    assert "Let go lately" in page
    assert "sells watches" in page
    assert "by Samira Haddad" in page
    back = await console.send(path, {"do": "bring-back"}, shown_at="/forms")
    assert back.headers["location"] == path
    (again,) = await waiting(console)
    assert (again.post_id, again.fields, again.door) == (post.post_id, post.fields, post.door)
    await console.send(path, {"do": "drop", "why": "sells watches"})
    twin = await held_one(console)
    conflict = await console.send(path, {"do": "bring-back"}, shown_at="/forms")
    assert (conflict.status_code, "the same came in again" in words(conflict.text)) == (409, True)
    assert [one.post_id for one in await waiting(console)] == [twin.post_id]


async def test_looking_changes_nothing_and_nobody_decides_without_a_seat_or_its_page(console: Console) -> None:
    post = await held_one(console)
    path = f"/forms/held/{post.post_id}"
    before = await console.site.row_counts()
    await console.page("/forms?form=guide")
    assert "Choose your seat to decide about it" in words(await console.page(path))
    assert await console.site.row_counts() == before
    assert (await console.client.get(path, params={"do": "take"})).status_code == 200
    assert [one.state for one in await waiting(console)] == ["held"]
    await console.page(f"/forms/held/{uuid4()}", status=404)
