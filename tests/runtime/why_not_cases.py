"""How does a lead come to each code of why-not? One case for each, named like it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from leadloom.domain.campaigns.campaign import Act
from leadloom.domain.definitions.delivery_policy import DeliveryPolicy
from leadloom.domain.definitions.mail_policy import Cap
from leadloom.domain.journeys.why_not_codes import Code
from leadloom.domain.lead import Verdict
from leadloom.domain.mails.outcome import Deferred, Refused, Sent, Uncertain
from leadloom.domain.model import EnrolmentId, LeadId
from leadloom.store import (
    campaign_steps,
    campaigns,
    enrolments,
    lanes,
    pauses,
    permissions,
)  # fmt: skip
from leadloom.store.calendars import LATE
from leadloom.store.pauses import PauseOrder
from leadloom.store.permissions import Silence
from tests import world
from tests.runtime.why_not_stage import DAY, Asked, Stage
from tests.store import acts
from tests.store.acts import TUESDAY

NIGHT = TUESDAY.replace(hour=23)
THANKSGIVING = datetime(2026, 11, 26, 15, tzinfo=UTC)
LETTERS = "steps: [{do: send, id: letter, mail: letter}, {do: wait, id: rest, for: 30d}]"
BY_ROLE = """class: service
steps:
  - {do: branch, id: who, cases: [{when: {field: role, is: it}, go: letter}], otherwise: rest}
  - {do: send, id: letter, mail: letter}
  - {do: wait, id: rest, for: 30d}"""
UNLESS = """class: service
steps:
  - {do: send, id: letter, mail: letter, unless: {field: role, is: quality}}
  - {do: wait, id: rest, for: 30d}"""
EXPIRES = """class: service
steps:
  - {do: wait, id: first, for: 1d}
  - {do: send, id: letter, mail: letter, expires: 1h}
  - {do: wait, id: rest, for: 30d}"""


Given = Callable[[Stage], Awaitable[Asked]]
GUIDE = world.happened("guide_requested", TUESDAY)


async def not_published(stage: Stage) -> Asked:
    return Asked(await stage.lead(), "welcome-four-degrees")


async def other_event(stage: Stage) -> Asked:
    return Asked(await stage.lead(), await stage.journey("{events: [calculator_finished]}"))


async def other_data(stage: Stage) -> Asked:
    journey = await stage.journey("{events: [guide_requested], data: {form: pricing}}")
    return Asked(await stage.lead(world.happened("guide_requested", TUESDAY, data={"form": "guide"})), journey)


async def not_human(stage: Stage) -> Asked:
    journey = await stage.journey("{events: [link_clicked]}")
    return Asked(await stage.lead(world.happened("link_clicked", TUESDAY, verdict=Verdict.MACHINE)), journey)


async def no_key(stage: Stage) -> Asked:
    journey = await stage.journey("{events: [guide_requested], key: deal, again: after exit}")
    return Asked(await stage.lead(GUIDE), journey)


async def no_date(stage: Stage) -> Asked:
    return Asked(await stage.lead(), await stage.journey("{date: {field: renewal_date, before: 30d}}"))


async def held_before(stage: Stage) -> Asked:
    lead = await stage.lead()
    await stage.sql("INSERT INTO lead_tag VALUES ($1, 'vip', now(), 'test')", lead)
    journey = await stage.journey("{holds: {tag: [vip]}}")
    await stage.sweep()
    return Asked(lead, journey)


async def too_late(stage: Stage) -> Asked:
    journey = await stage.journey("{date: {field: renewal_date, before: 30d}, who: both}")
    lead = await stage.lead()
    told = '{"renewal_date": "2026-01-10"}'
    await stage.sql("UPDATE lead SET attributes = $2::text::jsonb WHERE lead_id = $1", lead, told)
    await stage.sweep()
    return Asked(lead, journey)


async def in_already(stage: Stage) -> Asked:
    lead, _ = await stage.in_small()
    return Asked(lead, "journey/small")


async def was_in(stage: Stage) -> Asked:
    lead, _ = await stage.in_small()
    await acts.happens(stage.db, stage.book, lead, world.happened("calculator_finished", TUESDAY))
    return Asked(lead, "journey/small")


async def rests(stage: Stage) -> Asked:
    exits = "exit: [{events: [calculator_finished], outcome: done}]"
    journey = await stage.journey("{events: [guide_requested], again: after exit, rest: 30d}", more=exits)
    lead = await stage.lead(GUIDE)
    await acts.happens(stage.db, stage.book, lead, world.happened("calculator_finished", TUESDAY))
    await acts.happens(stage.db, stage.book, lead, world.happened("guide_requested", TUESDAY + DAY))
    return Asked(lead, journey, TUESDAY + DAY)


async def too_many(stage: Stage) -> Asked:
    exits = "exit: [{events: [calculator_finished], outcome: done}]"
    limit = "{events: [guide_requested], again: after exit, at_most: {count: 1, within: 30d}}"
    journey = await stage.journey(limit, more=exits)
    lead = await stage.lead(GUIDE)
    await acts.happens(stage.db, stage.book, lead, world.happened("calculator_finished", TUESDAY))
    await acts.happens(stage.db, stage.book, lead, world.happened("guide_requested", TUESDAY + DAY))
    return Asked(lead, journey, TUESDAY + DAY)


async def no_round(stage: Stage) -> Asked:
    every = "{every: {rrule: FREQ=MONTHLY;BYDAY=1MO, at: '09:00', zone: UTC, whom: {field: role, is: quality}}}"
    journey = await stage.journey(every)
    return Asked(await stage.lead(), journey)


async def no_address(stage: Stage) -> Asked:
    return Asked(await stage.lead(email=None, external_id="crm-1"), await stage.journey("{}", LETTERS))


async def suppressed(stage: Stage) -> Asked:
    lead = await stage.lead()
    await stage.sql(
        "INSERT INTO suppression (suppression_id, scope, value, reason, at)"
        " SELECT gen_random_uuid(), 'address', email, 'they asked', now() FROM lead WHERE lead_id = $1",
        lead,
    )
    return Asked(lead, await stage.journey("{}", LETTERS))


async def no_basis(stage: Stage) -> Asked:
    return Asked(await stage.lead(mails=False, country="DE"), await stage.journey("{}", LETTERS))


async def in_conversation(stage: Stage) -> Asked:
    return Asked(await stage.lead(world.happened("demo_requested", TUESDAY)), await stage.journey("{}", LETTERS))


async def disqualified(stage: Stage) -> Asked:
    lead = await stage.lead(GUIDE)
    await stage.sql("UPDATE lead_stage SET stage = 'disqualified' WHERE lead_id = $1", lead)
    return Asked(lead, await stage.journey("{}", LETTERS))


async def condition(stage: Stage) -> Asked:
    when = "{all: [{basis: marketing}, {field: role, one_of: [it, logistics]}]}"
    journey = await stage.journey(f"{{events: [guide_requested], when: {when}}}")
    return Asked(await stage.lead(GUIDE, role="quality"), journey)


async def group_busy(stage: Stage) -> Asked:
    refuse = "exclusive: {group: nurture, when_busy: refuse}"
    await stage.journey("{events: [guide_requested]}", more="exclusive: {group: nurture}")
    busy = await stage.journey("{events: [calculator_finished]}", more=refuse)
    lead = await stage.lead(GUIDE)
    await acts.happens(stage.db, stage.book, lead, world.happened("calculator_finished", TUESDAY))
    return Asked(lead, busy)


async def by_hand(stage: Stage) -> Asked:
    return Asked(await stage.lead(), await stage.journey("{}", LETTERS))


async def not_in_audience(stage: Stage) -> Asked:
    await stage.lead(source="webinar")
    return Asked(await stage.lead(source="pharmalog"), await stage.campaign())


async def holdout(stage: Stage) -> Asked:
    return Asked(await stage.lead(source="webinar"), await stage.campaign(holdout=0.999999))


async def not_launched(stage: Stage) -> Asked:
    return Asked(await stage.lead(source="webinar"), await stage.campaign())


async def campaign_paused(stage: Stage) -> Asked:
    lead, name = await stage.lead(source="webinar"), await stage.campaign(launch=True)
    await stage.act(name, Act.PAUSE)
    return Asked(lead, name)


async def campaign_blocked(stage: Stage) -> Asked:
    lead, name = await stage.lead(source="webinar"), await stage.campaign(launch=True)
    async with stage.db.transaction() as tx:
        await campaign_steps.block(tx, campaigns.id_of(name), "boom")
    return Asked(lead, name)


async def campaign_over(stage: Stage) -> Asked:
    lead, name = await stage.lead(source="webinar"), await stage.campaign(launch=True)
    await stage.act(name, Act.STOP)
    return Asked(lead, name)


async def its_turn(stage: Stage) -> Asked:
    return Asked(await stage.lead(source="webinar"), await stage.campaign(launch=True, per_minute=1))


async def blocked(stage: Stage) -> Asked:
    lead, run = await stage.in_small()
    async with stage.db.transaction() as tx:
        await enrolments.block(tx, run, "boom", at=TUESDAY)
    return Asked(lead, "small/dock")


async def journey_paused(stage: Stage) -> Asked:
    lead = await stage.lead()
    journey = await stage.journey("{}", EXPIRES)
    run = await stage.let_in(lead, journey)
    await stage.advance(run)
    async with stage.db.transaction() as tx:
        order = PauseOrder(journey=journey, review_at=TUESDAY + 9 * DAY)
        await pauses.pause(tx, order, book=stage.book, at=TUESDAY, by="priya-nair")
    return Asked(lead, f"{journey}/letter")


async def group_turn(stage: Stage) -> Asked:
    wait = "exclusive: {group: turns, when_busy: wait, at_most: 60d}"
    first = await stage.journey("{}", more=wait)
    second = await stage.journey("{}", LETTERS, more=wait)
    lead = await stage.lead()
    await stage.let_in(lead, first)
    run = await stage.let_in(lead, second)
    await stage.sql("UPDATE enrolment SET entered_at = entered_at + interval '1 s' WHERE enrolment_id = $1", run)
    await stage.advance(run, TUESDAY + timedelta(minutes=1))
    return Asked(lead, f"{second}/letter", TUESDAY + timedelta(minutes=1))


async def waits(stage: Stage) -> Asked:
    lead, run = await stage.in_small()
    await stage.advance(run)
    return Asked(lead, "small/dock")


async def next_look(stage: Stage) -> Asked:
    lead, _ = await stage.in_small()
    return Asked(lead, "small/guide")


async def branched(stage: Stage) -> Asked:
    lead, journey = await stage.lead(role="quality"), await stage.journey("{}", BY_ROLE)
    await stage.advance(await stage.let_in(lead, journey))
    return Asked(lead, f"{journey}/letter")


async def skipped(stage: Stage) -> Asked:
    lead, journey = await stage.lead(role="quality"), await stage.journey("{}", UNLESS)
    await stage.advance(await stage.let_in(lead, journey))
    return Asked(lead, f"{journey}/letter")


async def step_expired(stage: Stage) -> Asked:
    lead, journey = await stage.lead(), await stage.journey("{}", EXPIRES)
    await stage.advance(await stage.let_in(lead, journey), TUESDAY + 3 * DAY)
    return Asked(lead, f"{journey}/letter", TUESDAY + 3 * DAY)


async def ended(stage: Stage) -> Asked:
    lead, run = await stage.in_small()
    await stage.advance(run)
    await acts.happens(stage.db, stage.book, lead, world.happened("calculator_finished", TUESDAY))
    return Asked(lead, "small/dock")


async def went(stage: Stage) -> Asked:
    return await stage.settled(Sent)


async def at_relay(stage: Stage) -> Asked:
    run = await stage.in_small()
    await stage.claimed(run)
    return Asked(run[0], "small/dock")


async def uncertain(stage: Stage) -> Asked:
    return await stage.settled(Uncertain)


async def refused(stage: Stage) -> Asked:
    return await stage.settled(Refused, code=554)


async def deferred(stage: Stage) -> Asked:
    return await stage.settled(Deferred, until=TUESDAY + timedelta(minutes=20))


async def expired(stage: Stage) -> Asked:
    run = await stage.in_small()
    for no in range(2):
        await stage.asks(run, f"m{no}", mail="guide", at=TUESDAY + timedelta(minutes=no))
    await stage.asks(run, "m3", at=TUESDAY + timedelta(minutes=3), worth=2 * DAY)
    return Asked(run[0], "small/dock")


async def cancelled(stage: Stage) -> Asked:
    run = await stage.in_small()
    await stage.asks(run, "m", at=NIGHT)
    await acts.happens(stage.db, stage.book, run[0], world.happened("calculator_finished", TUESDAY))
    return Asked(run[0], "small/dock")


async def held_by_owner(stage: Stage) -> Asked:
    run = await stage.in_small()
    await stage.asks(run, "m")
    await stage.sql(
        "INSERT INTO review (message_id, owner_id, opened_at, silent_until, state, decided_at, decided_by)"
        " SELECT m.message_id, o.owner_id, m.asked_at, m.asked_at, 'held', m.asked_at, o.handle"
        " FROM message m, owner o WHERE m.lead_id = $1 AND o.handle = 'priya-nair'",
        run[0],
    )
    return Asked(run[0], "small/dock")


async def topic_off(stage: Stage) -> Asked:
    run = await stage.in_small()
    await stage.asks(run, "m")
    await stage.sql("UPDATE message SET topic = 'webinars' WHERE lead_id = $1", run[0])
    off = Silence(
        scope="person", value=str(run[0]), purpose="marketing", topic="webinars", reason="unsubscribed", at=TUESDAY
    )
    async with stage.db.transaction() as tx:
        await permissions.suppress(tx, [off])
    return Asked(run[0], "small/dock")


async def asked_to_pause(stage: Stage) -> Asked:
    run = await stage.in_small()
    await stage.asks(run, "m")
    told = '{"mail_paused_until": "2026-04-01"}'
    await stage.sql("UPDATE lead SET attributes = $2::text::jsonb WHERE lead_id = $1", run[0], told)
    return Asked(run[0], "small/dock")


async def shown_first(stage: Stage) -> Asked:
    run = await stage.in_small()
    await stage.asks(run, "m", mail_class="service", not_before=TUESDAY + DAY)
    return Asked(run[0], "small/dock")


async def lane_stopped(stage: Stage) -> Asked:
    run = await stage.in_small()
    await stage.asks(run, "m")
    async with stage.db.transaction() as tx:
        await lanes.pause(tx, lanes.lane_of(run[0]), why="the relay complains")
    return Asked(run[0], "small/dock")


async def fenced(stage: Stage) -> Asked:
    run = await stage.in_small()
    await stage.claimed(run, dot=False)
    async with stage.db.transaction() as tx:
        await tx.value("advance_fence")
    return Asked(run[0], "small/dock")


async def window(stage: Stage) -> Asked:
    run = await stage.in_small()
    await stage.asks(run, "m", at=NIGHT)
    return Asked(run[0], "small/dock", NIGHT)


async def day_off(stage: Stage) -> Asked:
    run = await stage.in_small(country="US")
    await stage.asks(run, "m", at=THANKSGIVING)
    return Asked(run[0], "small/dock", THANKSGIVING)


async def cap(stage: Stage) -> Asked:
    run = await stage.in_small()
    for no in range(2):
        await stage.asks(run, f"m{no}", mail="guide", at=TUESDAY + timedelta(minutes=no))
    await stage.asks(run, "m3", at=TUESDAY + timedelta(minutes=3))
    return Asked(run[0], "small/dock", TUESDAY + timedelta(minutes=3))


async def priority(stage: Stage) -> Asked:
    run = await stage.in_small()
    await stage.asks(run, "m3")
    for no in (1, 2):  # later than a lane takes what is due: until then it would keep its place
        await stage.asks(run, f"m{no}", mail="guide", priority=1, at=TUESDAY + no * (LATE + timedelta(minutes=1)))
    return Asked(run[0], "small/dock", TUESDAY + 3 * LATE)


async def company_cap(stage: Stage) -> Asked:
    few = stage.book.definition.mail.model_copy(update={"per_company": Cap(count=1, within=timedelta(hours=1))})
    book = stage.book.model_copy(update={"definition": stage.book.definition.model_copy(update={"mail": few})})
    first = await stage.in_small(email="ana@one.example", company="One")
    second = await stage.in_small(email="ben@one.example", company="One")
    await stage.asks(first, "m", book=book)
    await stage.asks(second, "m", book=book)
    return Asked(second[0], "small/dock", TUESDAY, book)


async def relay_rests(stage: Stage) -> Asked:
    run = await stage.in_small()
    await stage.asks(run, "m")
    async with stage.db.transaction() as tx:
        await lanes.rest(tx, lanes.lane_of(run[0]), until=TUESDAY + timedelta(minutes=1), why="421 not now")
    return Asked(run[0], "small/dock")


async def kept_back(stage: Stage, run: tuple[LeadId, EnrolmentId], **policy: object) -> Asked:
    """Its lane comes to it, and a delivery policy keeps it back."""
    delivery = DeliveryPolicy.model_validate(policy)
    mail = stage.book.definition.mail.model_copy(update={"delivery": delivery})
    book = stage.book.model_copy(update={"definition": stage.book.definition.model_copy(update={"mail": mail})})
    await stage.asks(run, "m")
    await acts.claim(stage.db, book, lanes.lane_of(run[0]), TUESDAY)
    return Asked(run[0], "small/dock")


async def warm_up(stage: Stage) -> Asked:
    await stage.sql("INSERT INTO warm_day VALUES ('kelvance.example', '2026-03-03', 50)")
    run = await stage.in_small()
    return await kept_back(stage, run, warm_up={"kelvance.example": {"from": "2026-03-03", "per_day": [50]}})


async def provider_pace(stage: Stage) -> Asked:
    await stage.sql("INSERT INTO pace VALUES ('provider:main/google', $1)", TUESDAY + timedelta(minutes=1))
    return await kept_back(stage, await stage.in_small(email="lena.ortiz@gmail.com"), per_second={"google": 1})


async def company_pace(stage: Stage) -> Asked:
    await stage.sql("INSERT INTO pace VALUES ('to:busy.example', $1)", TUESDAY + timedelta(minutes=9))
    run = await stage.in_small(email="lena@busy.example")
    return await kept_back(stage, run, per_recipient_domain={"count": 1, "within": "1m"})


async def sender_stopped(stage: Stage) -> Asked:
    await stage.sql(
        "INSERT INTO sender_domain (domain, sent, complaints, looked_at, stopped_at)"
        " VALUES ('kelvance.example', 1000, 4, $1, $1)",
        TUESDAY,
    )
    asked = await kept_back(stage, await stage.in_small())
    await stage.sql("DELETE FROM sender_domain")
    return asked


async def template_stopped(stage: Stage) -> Asked:
    run = await stage.in_small()
    await stage.sql(
        "INSERT INTO template_stop (template_hash, refused, sent, why, stopped_at)"
        " SELECT DISTINCT hash, 3, 9, 'content (3)', $1::timestamptz FROM published WHERE kind = 'template'",
        TUESDAY,
    )
    asked = await kept_back(stage, run)
    await stage.sql("DELETE FROM template_stop")
    return asked


async def behind(stage: Stage) -> Asked:
    run = await stage.in_small()
    await stage.asks(run, "m")
    return Asked(run[0], "small/dock")


CASES: dict[Code, Given] = {code: globals()[code.value] for code in Code if code.value in globals()}
"""How a lead comes to each code: the function of its name."""
LOUD = (Code.LANE_STOPPED, Code.FENCED, Code.RELAY_RESTS)
"""These stop more than their own lead."""
