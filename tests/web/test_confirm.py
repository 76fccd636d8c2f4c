"""Does a ticked box in Germany count only once its mailbox says so, whatever opens the link, and for how long?"""

from __future__ import annotations

import json
from datetime import timedelta

from leadloom.domain.mails.links import Purpose
from leadloom.domain.model import EnrolmentId, MessageId
from tests.store import acts
from tests.store.acts import TUESDAY
from tests.web.site import Site

TOLD = {"email": "mia@nordkap.example", "company": "Nordkap Pharma", "country": "Germany"}


async def asked(site: Site) -> MessageId:
    """Mia ticked the box of the guide's form; a mail of ours to her."""
    posted = await site.client.post("/f/guide", data={**TOLD, "consent": "yes"}, headers={"Accept-Language": "de"})
    assert posted.status_code == 303
    query = "SELECT e.enrolment_id FROM enrolment e JOIN lead l USING (lead_id) WHERE l.email = $1"
    [run] = await site.rows(query, TOLD["email"])
    await acts.advance(site.db, site.book, EnrolmentId(run["enrolment_id"]), at=site.house.now())
    [mail] = await site.rows("SELECT message_id FROM message WHERE enrolment_id = $1", run["enrolment_id"])
    return MessageId(mail["message_id"])


async def log(site: Site) -> list[tuple[object, ...]]:
    return [(row["act"], row["kind"]) for row in await site.rows("SELECT act, kind FROM basis ORDER BY at, act")]


async def test_opening_the_link_confirms_nothing_and_a_press_does_once(site: Site) -> None:
    link = site.link(Purpose.CONFIRM, await asked(site))
    before = await site.row_counts()
    for look in (site.client.get, site.client.head, site.client.get):
        looked = await look(link)
        assert looked.status_code == 200
    assert "Dürfen wir Ihnen schreiben?" in looked.text and "Ja, schreiben Sie mir" in looked.text
    assert "mia@" not in looked.text
    assert "Kelvance darf mir auch über Temperatur" in looked.text
    assert await site.row_counts() == before
    assert await log(site) == [("asked", "double-opt-in")]
    pressed = await site.client.post(link)
    assert "Danke. Die Briefe kommen." in pressed.text
    assert await log(site) == [("asked", "double-opt-in"), ("given", "double-opt-in")]
    again = await site.client.post(link)
    assert "Danke. Die Briefe kommen." in again.text and "<button" not in again.text
    assert len(await log(site)) == 2
    assert len(await site.events("opt_in_confirmed")) == 1


async def test_the_proof_says_what_was_seen_when_from_where_and_from_where_it_was_confirmed(site: Site) -> None:
    await site.client.post(site.link(Purpose.CONFIRM, await asked(site)))
    [asked_, given] = await site.rows("SELECT * FROM basis ORDER BY at")
    proof = json.loads(str(given["proof"]))
    assert (proof["asked"]["ip"], proof["ip"]) == ("203.0.113.7", "203.0.113.7")
    assert proof["asked"]["page"] == "/f/guide"
    assert proof["asked_at"] < given["at"].isoformat()
    assert given["wording"] == asked_["wording"] and given["text_hash"] == asked_["text_hash"] is not None
    assert (await site.rows("SELECT kind FROM lead_clock WHERE kind = 'opt-in-expiry'")) == []


async def test_too_late_it_says_so_and_confirms_nothing(site: Site) -> None:
    link = site.link(Purpose.CONFIRM, await asked(site))
    await acts.rows(site.dsn, "UPDATE basis SET until = $1", TUESDAY - timedelta(minutes=1))
    for ask in (site.client.get, site.client.post):
        late = await ask(link)
        assert "Die Zeit dafür ist um" in late.text and "<button" not in late.text
    assert await log(site) == [("asked", "double-opt-in")]


async def test_another_link_of_the_same_mail_confirms_nothing_nor_does_a_forged_one(site: Site) -> None:
    message_id = await asked(site)
    other = site.link(Purpose.PREFERENCES, message_id).replace("/p/", "/y/")
    assert (await site.client.post(other)).status_code == 403
    assert (await site.client.post(site.link(Purpose.CONFIRM, message_id)[:-3] + "xxx")).status_code == 403
    assert await log(site) == [("asked", "double-opt-in")]


async def test_a_tick_where_it_suffices_is_a_permission_at_once(site: Site) -> None:
    await site.client.post("/f/guide", data={**TOLD, "country": "France", "consent": "yes"})
    assert await log(site) == [("given", "express")]
    assert await site.events("confirmation_asked") == []
