"""Which buttons answer a hand-off? The reject chips and what they ask for, drawn once for all leads that get the same.

A page of two hundred leads has two hundred answers, which differ in an id: they are drawn with holes, and filled.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from markupsafe import Markup

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.hand_off_rules import Calendar
from leadloom.domain.handoffs.working_time import WorkCalendar
from leadloom.web._chips import Chip, chips_of, date_limits
from leadloom.web.console._pages import pages
from leadloom.web.console._work import Work

_ID, _NO, _BACK = "[[hand-off]]", "[[offer]]", "[[back]]"
_HOLES = re.compile(r"(\[\[(?:hand-off|offer|back)\]\])")
_SATURDAY = 5
_SOON = (("5 minutes", 5), ("15 minutes", 15), ("1 hour", 60), ("3 hours", 180))
_MOST_MOMENTS = 4
_LATER = (("1 month", 30), ("3 months", 91), ("6 months", 182))
"""Days after which a lead that isn't ready is often wanted back; any other day can be typed."""


class Panels:
    """The answers of one page, for one viewer."""

    def __init__(
        self, at: datetime, definition: Definition, calendar: Calendar, values: Mapping[str, str] | None = None
    ) -> None:
        """`calendar` is the viewer's: their tomorrow is the first day a lead can come back on; `values` what they
        filled in before it was refused."""
        self._definition, self._values = definition, values or {}
        self._limits = date_limits(at, calendar)
        today = date.fromisoformat(self._limits.tomorrow) - timedelta(days=1)
        self._later = tuple((words, _weekday(today + timedelta(days=days)).isoformat()) for words, days in _LATER)
        self._moments = _moments(at, calendar)
        self._most_tries = max((rule.needs_tries for rule in self._definition.reject_reasons.values()), default=0)
        self._panels: dict[object, list[str]] = {}
        self._drawn = cache(self._panel)

    def is_open(self, *acts: str) -> bool:
        """Whether one of these was just refused, and is to be mended."""
        return self._values.get("do") in acts

    def reject(self, one: Work, token: str, back: str = "") -> Markup:
        """The chips for this lead; those of somebody who has it already give it back."""
        act = "give_back" if one.row.state == "accepted" else "reject"
        tries = min(one.row.tries, self._most_tries)
        parts = self._drawn(act, one.row.kind, tries, one.card.lead.country, token)
        values = {
            _ID: str(one.row.hand_off_id),
            _NO: str(one.row.assignment_no),
            _BACK: str(Markup.escape(back)),
        }
        filled = "".join([values.get(part, part) for part in parts])
        return Markup(filled)

    def later(self, one: Work) -> list[tuple[str, str]]:
        """Words and instants until which this card may be hidden: before its clock, which waits for nobody."""
        due = one.row.due_at
        if due is None or one.row.stands not in ("offered", "accepted"):
            return []
        open_to = [(words, instant.isoformat()) for words, instant in self._moments if instant < due]
        return open_to[-_MOST_MOMENTS:]

    def _panel(self, act: str, kind: str, tries: int, country: str | None, token: str) -> list[str]:
        """Drawn once for all countries that call the reasons alike."""
        chips = chips_of(self._definition, kind, tries, country)
        alike = (act, token, *((chip.rule.label, chip.locked) for chip in chips))
        if alike not in self._panels:
            self._panels[alike] = self._draw(act, chips, token)
        return self._panels[alike]

    def _draw(self, act: str, chips: tuple[Chip, ...], token: str) -> list[str]:
        """The panel in pieces, its holes among them."""
        template = pages().get_template("console/_reject.html")
        whole = template.render(
            act=act, chips=chips, later=self._later, limits=self._limits, token=token,
            values=self._values, id=_ID, no=_NO, back=_BACK,
        )  # fmt: skip
        return _HOLES.split(whole)


def spread(fields: Mapping[str, str]) -> dict[str, str]:
    """A chip's button may carry what the chip asks for: `no-fit:size`, `not-yet:2026-09-30`. Here they part again."""
    reason, colon, more = fields.get("reason", "").partition(":")
    if not colon:
        return dict(fields)
    return {**fields, "reason": reason, "sub_reason": more, "until": more}


def _moments(at: datetime, calendar: Calendar) -> list[tuple[str, datetime]]:
    """Instants to look again at: soon, and when the next working mornings begin."""
    at = at.replace(microsecond=0)
    found = [(words, at + timedelta(minutes=minutes)) for words, minutes in _SOON]
    working, zone = WorkCalendar(calendar), ZoneInfo(calendar.zone)
    midnight = datetime.combine(at.astimezone(zone).date() + timedelta(days=1), time(), zone)
    morning = working.next_open(midnight)
    return [*found, (f"{morning.astimezone(zone):%A %H:%M}", morning)]


def _weekday(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() >= _SATURDAY else day
