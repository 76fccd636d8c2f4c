"""Records what workflows of today do, so that tomorrow's code can be held against it: `python -m tests.replay.record`.

Plays a story through every workflow and writes its histories below histories/<workflow>/<version>/. Only additions:
an older version's files stay until no run of that version can be open any more. They hold ids and no person (law 2);
what names this machine is taken out.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tomllib
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from leadloom.domain.campaigns.audience import Audience
from leadloom.domain.campaigns.campaign import Act, CampaignDraft
from leadloom.domain.definitions.notice_routes import NoticeRoute
from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.model import CampaignId, LeadId
from leadloom.runtime.import_leads import LeadList
from leadloom.runtime.uploaded_lists import receive
from leadloom.store import campaigns, published, uploads
from tests import services, world
from tests.acts_in_house import comes, decides, does, lets_try_again, offer_of, rows, run_of, tells, tries
from tests.house import TestHouse, a_house
from tests.workflows.test_blocked import BadgeShop, publish_calls_out

HISTORIES = Path(__file__).parent / "histories"
_MACHINE = frozenset({"identity", "stackTrace", "binaryChecksum", "workerInstanceKey", "workerIdentity"})
"""Fields that name this machine or its folders; a replay looks at none of them."""


def version() -> str:
    """Ours, as pyproject.toml says it."""
    text = (Path(__file__).resolve().parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["project"]["version"]


async def tell_the_story(house: TestHouse, shop: BadgeShop) -> dict[str, str]:
    """Live through every workflow; what to record: name of the recording → workflow id."""
    reader = await a_reader(house)
    talker = await a_talker(house)
    caller = await a_caller(house, shop)
    circle = await a_circle(house)
    goer = await a_goer(house, shop)
    autumn = await a_campaign(house)
    fair = await a_list(house)
    shy = await comes(house, "eve.lind", "article_read", email="eve@shy.example", company="Shy Ltd")
    await house.pass_time(timedelta(days=200))
    return {
        "welcome-to-its-end": await run_id(house, reader, "welcome-four-degrees"),
        "welcome-left-inside-a-wait": await run_id(house, talker, "welcome-four-degrees"),
        "talked-with": await run_id(house, talker, "hand-raise"),
        "recycled-for-a-date": await run_id(house, talker, "recycle-by-reason"),
        "blocked-and-tried-again": await run_id(house, caller, "calls-out"),
        "left-behind-what-was-away": await run_id(house, goer, "goes-on"),
        "circle-met": await run_id(house, circle, "buying-circle"),
        "one-role-only": await run_id(house, shy, "buying-circle"),
        "escalated-accepted": f"hand-off/{(await offer_of(house, circle)).hand_off_id}",
        "turned-down": f"hand-off/{(await offer_of(house, talker)).hand_off_id}",
        "fell-silent": f"lead/{shy}",
        "came-back": f"lead/{talker}",
        "audience-enrolled-paused-resumed": f"campaign/{autumn}",
        "list-rehearsed": f"list/{fair}",
        "channel-that-was-away": f"notice-post/{await a_post(house)}",
        "lane": "lane/default/0",
        "sweeps": "maintenance",
    }


async def run_id(house: TestHouse, lead_id: LeadId, journey: str) -> str:
    """The workflow of the lead's run."""
    return f"run/{(await run_of(house, lead_id, journey)).enrolment_id}"


async def a_reader(house: TestHouse) -> LeadId:
    """Reads every letter and tells the date of an audit."""
    lead = await comes(house, "ana.torres", "guide_requested", email="ana@reader.example", company="Reader Ltd")
    await house.pass_time(timedelta(days=40))
    audit = (await house.now()).date() + timedelta(days=90)
    await tells(house, "ana.torres", "audit_date_told", email="ana@reader.example", audit_date=audit.isoformat())
    return lead


async def a_talker(house: TestHouse) -> LeadId:
    """Asks to talk inside a wait and is given back for a date."""
    lead = await comes(house, "ben.osei", "guide_requested", email="ben@talker.example", company="Talker Ltd")
    await house.pass_time(timedelta(days=9))
    await does(house, lead, "demo_requested")
    await house.pass_time(timedelta(minutes=12))
    back = await house.now() + timedelta(days=60)
    await decides(house, lead, Decision(kind="reject", by="marcus-oyelaran", via="link", reason="not-yet", until=back))
    return lead


async def a_post(house: TestHouse) -> UUID:
    """A notice goes to a channel that answers nobody, until it isn't worth it any more."""
    definition = world.definition()
    away = definition.endpoints["sales-alerts"].but(url="http://127.0.0.1:9/nobody")
    told = definition.but(endpoints={"sales-alerts": away}, notices=(NoticeRoute(to="sales-alerts"),))
    async with house.db.transaction() as tx:
        await published.publish_definition(tx, told, at=await house.now(), by="samira-haddad")
    await comes(house, "pia.post", "price_requested", email="pia@post.example", company="Post Ltd")
    await house.pass_time(timedelta(days=2))
    [row] = await rows(house, "SELECT post_id FROM notice_post ORDER BY asked_at LIMIT 1")
    return UUID(str(row["post_id"]))


async def a_list(house: TestHouse) -> UUID:
    """A list of one person is rehearsed."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "fair.csv"
        path.write_text("Email\numa@list.example\n")
        upload_id = await receive(house.db, path, LeadList(), by="priya-nair", at=await house.now())
    async with house.db.transaction() as tx:
        await uploads.rehearse(tx, upload_id, LeadList().model_dump(mode="json"))
    await house.pass_time(timedelta(seconds=20))
    return upload_id


async def a_caller(house: TestHouse, shop: BadgeShop) -> LeadId:
    """Waits for an outside effect that fails until an operator lets it try again."""
    lead = await comes(house, "cem.kaya", "exploring_told", email="cem@caller.example", company="Caller Ltd")
    await house.pass_time(timedelta(hours=1))
    shop.is_open = True
    await lets_try_again(house, (await run_of(house, lead, "calls-out")).enrolment_id)
    return lead


async def a_goer(house: TestHouse, shop: BadgeShop) -> LeadId:
    """Goes on without an outside effect that doesn't answer."""
    shop.is_away = True
    lead = await comes(house, "gia.rossi", "promoter_told", email="gia@goer.example", company="Goer Ltd")
    await house.pass_time(timedelta(hours=1))
    shop.is_away = False
    return lead


async def a_circle(house: TestHouse) -> LeadId:
    """Two roles of a company engage; the deputy accepts the offer."""
    lead = await comes(house, "dia.moss", "webinar_attended", email="dia@circle.example", company="Circle Ltd")
    await house.pass_time(timedelta(days=1))
    await comes(house, "dan.moss", "article_read", email="dan@circle.example", company="Circle Ltd", role="logistics")
    while not await rows(house, "SELECT FROM hand_off WHERE lead_id = $1", lead):
        await house.pass_time(timedelta(hours=6))
    await house.pass_time(timedelta(days=1))
    await decides(house, lead, Decision(kind="accept", by="dana-whitlock", via="page"))
    await tries(house, lead, "dana-whitlock", reached=True)
    return lead


async def a_campaign(house: TestHouse) -> CampaignId:
    """Brings four readers of a fair in, two a minute; is paused in between, and ends with its last run."""
    for name in ("fay", "gil", "hal", "ida"):
        await comes(house, f"{name}.moss", email=f"{name}@{name}.example", company=f"{name} Ltd", source="expo")
    draft = CampaignDraft(
        name="autumn", journey="welcome-four-degrees", goal="Twenty meetings", owner="priya-nair", per_minute=2,
        audience=Audience(sources=("expo",), track="new-business"),
    )  # fmt: skip
    async with house.db.transaction() as tx:
        book, at = await published.book(tx), await house.now()
        planned = await campaigns.plan(tx, draft, book=book, at=at, by="priya-nair")
    for what in (Act.LAUNCH, Act.PAUSE, Act.RESUME):
        async with house.db.transaction() as tx:
            await campaigns.act(tx, "autumn", what, book=book, at=await house.now(), by="priya-nair")
        await house.pass_time(timedelta(seconds=20))
    return planned.campaign_id


async def record(folder: Path) -> list[Path]:
    """Tell the story in a house of its own and write its histories."""
    shop = BadgeShop()
    async with (
        services.postgres() as databases,
        services.migrated(databases) as template,
        databases.fresh(template) as dsn,
        a_house(dsn, maintenance_every=timedelta(days=60), extra=[shop.order_badge]) as house,
    ):
        await publish_calls_out(house)
        found = await tell_the_story(house, shop)
        return [await write(house, folder, name, workflow_id) for name, workflow_id in found.items()]


async def write(house: TestHouse, folder: Path, name: str, workflow_id: str) -> Path:
    """One history, without what names this machine."""
    history = await house.environment.client.get_workflow_handle(workflow_id).fetch_history()
    kind = history.events[0].workflow_execution_started_event_attributes.workflow_type.name
    place = folder / kind / version()
    place.mkdir(parents=True, exist_ok=True)
    content = {"workflowId": workflow_id, **json.loads(history.to_json())}
    path = place / f"{name}.json"
    path.write_text(json.dumps(without_machine(content), indent=1) + "\n", encoding="utf-8")
    return path


def without_machine(value: object) -> object:
    """The same without fields that name a machine."""
    match value:
        case dict():
            return {key: without_machine(inner) for key, inner in value.items() if key not in _MACHINE}
        case list():
            return [without_machine(inner) for inner in value]
        case _:
            return value


if __name__ == "__main__":
    for written in asyncio.run(record(HISTORIES)):
        print(written.relative_to(HISTORIES.parent), file=sys.stderr)
