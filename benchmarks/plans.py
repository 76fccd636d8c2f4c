"""How many calendars are planned in a second, by one process, with all that a marketer may declare?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from benchmarks._measured import Measured, Row, Size, Target
from benchmarks._stand import Stand
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.definitions.mail_policy import Pause, PersonCap
from leadloom.domain.lead import Lead
from leadloom.domain.mails.send_rules import SendRules
from leadloom.domain.mails.slots import Calendar, SlotRules, Taken, Wish, plan
from leadloom.domain.model import LeadId, MessageId

QUESTION = "Calendars planned: 4 wishes of two classes and topics, 3 caps, holidays and a pause, in 6 zones"
PLANS = "calendars a second"
TARGETS = (Target(PLANS, at_least=3000),)

_NOW = datetime(2026, 10, 20, 6, 0, tzinfo=UTC)
"""A Tuesday; the clocks of Europe and America go back before the last wish is placed."""
_DAY = timedelta(days=1)
_PLACES = (
    ("Europe/Berlin", "DE"), ("America/New_York", "US"), ("Asia/Kathmandu", "NP"), ("Pacific/Honolulu", "US"),
    ("Pacific/Kiritimati", "KI"), ("Asia/Kuala_Lumpur", "MY"),
)  # fmt: skip


async def measure(stand: Stand, size: Size) -> Measured:
    """Plan again and again; nothing but the pure function runs."""
    calendars = [_calendar(no) for no in range(200)]
    rules = _rules()
    for calendar in calendars:  # holidays are worked out once for each country
        _plan(calendar, rules)
    number = size.pick(quick=2_000, full=20_000)
    began = time.perf_counter()
    for no in range(number):
        _plan(calendars[no % len(calendars)], rules)
    per_s = number / (time.perf_counter() - began)
    row = Row(what="plan(calendar, wishes, rules)", unit="calendar", ours_per_s=per_s)
    return Measured(rows=(row,), figures={PLANS: per_s})


def _plan(calendar: tuple[Calendar, Sequence[Wish], int], rules: Sequence[SlotRules]) -> None:
    taken, wishes, place = calendar
    answers = plan(taken, wishes, rules[place], [mail.at for mail in taken.taken])
    assert len(answers) == len(wishes)


def _rules() -> list[SlotRules]:
    path = Path(__file__).parents[1] / "definition.yaml"
    definition = Definition.model_validate(DraftText(path.name, path.read_text(encoding="utf-8")).data)
    caps = (
        *definition.mail.per_person,
        PersonCap(count=1, within=3 * _DAY, topics=("webinars",)),
        PersonCap(count=4, within=30 * _DAY, classes=("marketing",)),
    )
    days_off = {"from": _NOW.date() + _DAY, "through": _NOW.date() + 3 * _DAY, "why": "the fair"}
    pause = Pause.model_validate(days_off)
    mail = definition.mail.model_copy(update={"per_person": caps, "pauses": (pause,)})
    rules = SendRules(definition.model_copy(update={"mail": mail}))
    leads = [Lead(lead_id=LeadId(UUID(int=1)), created_at=_NOW, time_zone=zone, country=at) for zone, at in _PLACES]
    return [rules.of(lead, None) for lead in leads]


def _calendar(no: int) -> tuple[Calendar, Sequence[Wish], int]:
    taken = tuple(
        Taken(at=_NOW - _DAY * back, mail_class="marketing", topic=topic)
        for back, topic in ((2 + no % 5, "webinars"), (9, None))
    )
    wishes = [
        Wish(
            message_id=MessageId(UUID(int=no * 10 + place)), priority=31 + place, asked_at=_NOW, not_before=_NOW,
            deadline=_NOW + 30 * _DAY, mail_class="service" if place == 0 else "marketing",
            topic="webinars" if place % 2 else None, capped=place > 0, windowed=place > 0,
            jitter=timedelta(seconds=no * 7 % 1200),
        )
        for place in range(4)
    ]  # fmt: skip
    return Calendar(taken=taken), wishes, no % len(_PLACES)
