"""Can another program let leads into a journey and take them out, twice without harm, and learn why not?"""

from __future__ import annotations

from pathlib import Path

from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY
from tests.web.site import Site, open_site

DOOR = "/v1/journeys/small/enrolments"


async def ana(site: Site) -> str:
    person = world.draft("ana.moss", bases=(world.permission(at=TUESDAY),))
    return str(await acts.capture(site.db, site.book, person))


async def test_a_journey_nobody_published_is_not_there_rather_than_away_for_a_moment(site: Site) -> None:
    answer = await site.client.post("/v1/journeys/nowhere/enrolments", json={"leads": ["crm-1"]})
    assert (answer.status_code, "retry-after" in answer.headers) == (404, False)


async def test_leads_come_in_and_each_other_one_is_told_why_not(site: Site) -> None:
    lead_id = await ana(site)
    await acts.capture(site.db, site.book, world.draft("ben.moss"))
    names = [lead_id, "ben.moss@meridian-pharma.example", "crm-404"]
    seen = await site.client.post(DOOR, json={"leads": names, "dry_run": True})
    assert (seen.status_code, await site.count("enrolment")) == (200, 0)
    done = await site.client.post(DOOR, json={"leads": names})
    assert done.json() == seen.json()
    assert done.json() == {
        "enrolled": [lead_id],
        "left_out": [
            {"lead": names[1], "code": "no_basis", "why": "has not allowed such mail"},
            {"lead": "crm-404", "code": "unknown", "why": "no lead goes by this name"},
        ],
    }
    again = await site.client.post(DOOR, json={"leads": names[:1]})
    assert [one["code"] for one in again.json()["left_out"]] == ["in_already"]


async def test_leads_go_out_with_the_words_the_program_says(site: Site) -> None:
    lead_id = await ana(site)
    await site.client.post(DOOR, json={"leads": [lead_id]})
    out = {"lead": [lead_id, "crm-404"], "outcome": "left the pilot"}
    gone = await site.client.delete(DOOR, params=out)
    assert gone.json() == {"journey": "small", "ended": 1, "unknown": ["crm-404"]}
    assert (await site.client.delete(DOOR, params=out)).json()["ended"] == 0
    [run] = await site.rows("SELECT outcome FROM enrolment")
    assert run["outcome"] == "left the pilot"


async def test_what_is_wrong_is_told(site: Site) -> None:
    assert (await site.client.post(DOOR, json={"leads": []})).status_code == 422
    assert (await site.client.post(DOOR, json={"leads": ["a"], "pace": 3})).status_code == 422
    assert (await site.client.post("/v1/journeys/nowhere/enrolments", json={"leads": ["a"]})).status_code == 404
    assert (await site.client.delete(DOOR, params={"lead": "a", "outcome": " "})).status_code == 422


async def test_without_the_key_of_the_house_the_door_is_shut(db: Db, dsn: str, book: Book, tmp_path: Path) -> None:
    async with open_site(db, dsn, book, tmp_path, api_key="the key of these tests") as site:
        assert (await site.client.post(DOOR, json={"leads": ["a"]})).status_code == 401
        assert (await site.client.delete(DOOR, params={"lead": "a", "outcome": "x"})).status_code == 401
        told = {"Authorization": "Bearer the key of these tests"}
        assert (await site.client.post(DOOR, json={"leads": ["a"]}, headers=told)).status_code == 200
