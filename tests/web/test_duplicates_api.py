"""Can another program work through duplicates: look, merge with its own choice, undo, keep apart, and repeat safely?"""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from leadloom.store import matching
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY
from tests.web.site import Site


async def two_anas(site: Site, last: str = "torres") -> tuple[str, str]:
    ana = await acts.capture(site.db, site.book, world.draft(f"ana.{last}"))
    later = TUESDAY + timedelta(hours=1)
    other = await acts.capture(site.db, site.book, world.draft(f"ana.{last}s", first_name="Anna"), later)
    while (await matching.look(site.db, at=TUESDAY)).leads:
        pass
    return str(ana), str(other)


async def test_a_pair_is_found_looked_at_merged_as_chosen_undone_and_then_kept_apart(site: Site) -> None:
    ana, other = await two_anas(site)
    [pair] = (await site.client.get("/v1/duplicates")).json()["data"]
    assert (pair["leads"], pair["state"], pair["names"]) == ([ana, other], "open", ["Ana Torres", "Anna Torress"])
    shown = (await site.client.get(f"/v1/duplicates/{other}/{ana}")).json()
    assert (shown["survivor"], shown["other"]) == (ana, other)
    [line] = [line for line in shown["fields"] if line["field"] == "first_name"]
    assert (line["mine"], line["theirs"], line["becomes"], line["choosable"]) == ("Ana", "Anna", "Ana", True)
    order = {"leads": [other, ana], "why": "the same badge", "seen": shown["seen"], "fields": {"first_name": other}}
    assert (await site.client.post("/v1/merges", json={**order, "seen": "of yesterday"})).status_code == 409
    key = {"Idempotency-Key": "one"}
    done = await site.client.post("/v1/merges", json=order, headers=key)
    assert (done.status_code, done.json()["lead_id"], done.json()["can_be_undone"]) == (201, ana, True)
    again = await site.client.post("/v1/merges", json=order, headers=key)
    assert (again.status_code, again.json(), again.headers["idempotent-replayed"]) == (201, done.json(), "true")
    assert (await site.client.post("/v1/merges", json=order)).status_code == 200, "twice is once without a key, too"
    assert (await site.client.get(f"/v1/leads/{other}")).json()["first_name"] == "Anna"
    merge_id = done.json()["merge_id"]
    parted = await site.client.post(f"/v1/merges/{merge_id}/undo", json={"why": "two sisters"})
    assert (parted.status_code, parted.json()["survivor_id"], parted.json()["loser_id"]) == (200, ana, other)
    assert (await site.client.post(f"/v1/merges/{merge_id}/undo", json={"why": "again"})).status_code == 409
    [listed] = (await site.client.get("/v1/merges", params={"lead_id": ana})).json()["data"]
    assert (listed["merge_id"], listed["can_be_undone"], listed["undone_by"]) == (merge_id, False, "api")
    [apart] = (await site.client.get("/v1/duplicates", params={"show": "apart"})).json()["data"]
    assert (apart["why"], apart["decided_by"]) == ("two sisters", "api")


async def test_a_pair_is_put_off_or_kept_apart_and_pages_hold_each_pair_once(site: Site) -> None:
    pairs = {tuple(await two_anas(site, last)) for last in ("torres", "lindqvist", "carvalho")}
    seen: list[tuple[str, ...]] = []
    cursor: str | None = None
    while True:
        asked = {"limit": 1, **({"cursor": cursor} if cursor else {})}
        page = (await site.client.get("/v1/duplicates", params=asked)).json()
        seen += [tuple(each["leads"]) for each in page["data"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert (len(seen), set(seen) >= pairs) == (len(set(seen)), True)
    (one, other), (third, fourth), _ = sorted(pairs)
    put_off = await site.client.post(f"/v1/duplicates/{one}/{other}/later", json={"days": 3})
    assert (put_off.status_code, put_off.json()["put_off_until"][:10]) == (200, "2026-03-06")
    kept = await site.client.post(f"/v1/duplicates/{fourth}/{third}/keep-apart", json={"why": "two desks"})
    assert (kept.status_code, kept.json()["state"]) == (200, "apart")
    assert (await site.client.post(f"/v1/duplicates/{third}/{fourth}/later", json={})).status_code == 404
    later = (await site.client.get("/v1/duplicates", params={"show": "later"})).json()["data"]
    assert [each["leads"] for each in later] == [[one, other]]


async def test_what_is_wrong_is_told(site: Site) -> None:
    ana, other = await two_anas(site)
    for body, field in (
        ({"leads": [ana], "why": "x"}, "leads"), ({"leads": [ana, other]}, "why"),
        ({"leads": [ana, ana], "why": "x"}, "other"), ({"leads": [ana, 7], "why": "x"}, "leads/1"),
        ({"leads": [ana, other], "why": "x", "fields": {"owner_id": ana}}, "fields"),
    ):  # fmt: skip
        answer = await site.client.post("/v1/merges", json=body)
        assert (answer.status_code, field in answer.text) == (422, True), answer.text
    assert (await site.client.post("/v1/merges", json={"leads": [ana, str(uuid4())], "why": "x"})).status_code == 404
    assert (await site.client.get("/v1/duplicates", params={"cursor": "bm9uZQ"})).status_code == 422
    assert (await site.client.get(f"/v1/duplicates/{ana}/{uuid4()}")).status_code == 404
