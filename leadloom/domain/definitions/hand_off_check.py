"""Would every hand-off of this definition reach somebody, on a clock that runs, with reasons that lead on?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import holidays

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.draft_faults import Fault, repeated, unknown
from leadloom.domain.definitions.draft_text import Path
from leadloom.domain.definitions.hand_off_rules import EVIDENCE, Calendar, Contract, HandOffKind, RejectReason
from leadloom.domain.definitions.routing_check import check_routing

TRIES = "tries"
"""The promise that says how often a rep tries to reach a lead."""
_NOTHING = timedelta(0)


def check(definition: Definition) -> Iterator[Fault]:
    """The faults of calendars, hand-off kinds, promises, routing, owners, reject reasons and the charter."""
    yield from _zone(("company", "time_zone"), definition.company.time_zone)
    yield from calendars(definition)
    for name, kind in definition.hand_offs.items():
        yield from _kind(("hand_offs", name), kind)
        for index, reason in enumerate(kind.reasons):
            path = ("hand_offs", name, "reasons", index)
            yield from unknown(path, reason, definition.reject_reasons, "reject reason")
    yield from _contract(definition.contract)
    yield from _promises(definition)
    yield from _owners(definition)
    yield from check_routing(definition)
    yield from _reasons(definition)
    yield from _charter(definition)


def _zone(path: Path, zone: str) -> Iterator[Fault]:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        yield Fault(path=path, words=f"There is no time zone `{zone}`: write one such as Europe/Berlin.")


def calendars(definition: Definition) -> Iterator[Fault]:
    """The faults of calendars: ones that never open, and zones, holidays and days nobody knows."""
    for name, calendar in definition.calendars.items():
        yield from _calendar(("calendars", name), calendar)


def _calendar(path: Path, calendar: Calendar) -> Iterator[Fault]:
    yield from _zone((*path, "zone"), calendar.zone)
    yield from repeated((*path, "days"), calendar.days, "day")
    if not calendar.days:
        yield Fault(path=(*path, "days"), words="Its clocks would never run: name a weekday.")
    if calendar.until <= calendar.from_:
        yield Fault(path=(*path, "until"), words="It closes before it opens: make `until` later than `from`.")
    if calendar.region is not None and calendar.holidays is None:
        yield Fault(path=(*path, "region"), words="A region of no country: add `holidays`.")
    if calendar.holidays is not None:
        yield from unknown_holidays((*path, "holidays"), calendar.holidays, calendar.region, "use `off`")
    for index, day in enumerate(calendar.off):
        if not _is_day_of_year(day):
            yield Fault(path=(*path, "off", index), words=f'`{day}` is no day: write month and day such as "12-24".')


def unknown_holidays(path: Path, country: str, region: str | None, remedy: str) -> Iterator[Fault]:
    """A fault when the `holidays` package knows no public holidays of that country or region."""
    try:
        holidays.country_holidays(country, subdiv=region)
    except NotImplementedError:
        place = f"{country}, {region}" if region else country
        yield Fault(path=path, words=f"No public holidays are known for {place}: {remedy} instead.")


def _is_day_of_year(day: str) -> bool:
    if not re.fullmatch(r"\d{2}-\d{2}", day):
        return False
    try:
        date.fromisoformat(f"2024-{day}")  # a leap year, so 29 February is a day
    except ValueError:
        return False
    return True


def _kind(path: Path, kind: HandOffKind) -> Iterator[Fault]:
    for name, span in (("accept", kind.accept), ("remind", kind.remind), ("first_try", kind.first_try)):
        if span <= _NOTHING:
            yield Fault(path=(*path, name), words="It must be longer than nothing.")
    if kind.remind >= kind.accept:
        words = "The reminder comes after the offer has run out: make `remind` shorter than `accept`."
        yield Fault(path=(*path, "remind"), words=words)
    rungs = [rung.to for rung in kind.ladder]
    yield from repeated((*path, "ladder"), rungs, "rung")
    if not rungs or rungs[-1] != "pool":
        words = "Nobody would answer for a lead that all have missed: end the ladder in `pool`."
        yield Fault(path=(*path, "ladder"), words=words)
    for index, rung in enumerate(kind.ladder):
        if rung.after <= _NOTHING:
            yield Fault(path=(*path, "ladder", index, "after"), words="It must be longer than nothing.")
        if rung.to == "pool" and index < len(rungs) - 1:
            words = "What comes after the pool is never reached: put it last."
            yield Fault(path=(*path, "ladder", index), words=words)


def _contract(contract: Contract) -> Iterator[Fault]:
    for name in contract.evidence:
        yield from unknown(("contract", "evidence", name), name, EVIDENCE, "kind of evidence")
    if not any(kind.counts for kind in contract.evidence.values()):
        words = "Nothing would ever count as a try: let one kind count."
        yield Fault(path=("contract", "evidence"), words=words)
    if contract.recycling.loops < 1:
        words = "Each lead would lie with the lead-management owner: write 1 or more."
        yield Fault(path=("contract", "recycling", "loops"), words=words)
    spans = {
        ("contract", "recycling", "within"): contract.recycling.within,
        ("contract", "appeals", "raise_within"): contract.appeals.raise_within,
        ("contract", "appeals", "decide_within"): contract.appeals.decide_within,
    }
    for path, span in spans.items():
        if span <= _NOTHING:
            yield Fault(path=path, words="It must be longer than nothing.")


def _promises(definition: Definition) -> Iterator[Fault]:
    for name, promise in definition.promises.items():
        if promise.working_days < 1:
            yield Fault(path=("promises", name, "working_days"), words="Give it at least 1 working day.")
    if TRIES not in definition.promises:
        yield Fault(path=("promises",), words=f"How often a rep tries is the promise `{TRIES}`: add it.")
    elif definition.promises[TRIES].count is None:
        yield Fault(path=("promises", TRIES), words="It counts tries: add `count`.")


def _owners(definition: Definition) -> Iterator[Fault]:
    handles = [entry.handle for entry in definition.owners]
    yield from repeated(("owners",), handles, "owner")
    for index, entry in enumerate(definition.owners):
        path = ("owners", index)
        yield from unknown((*path, "calendar"), entry.calendar, definition.calendars, "calendar")
        if entry.deputy is not None:
            yield from unknown((*path, "deputy"), entry.deputy, handles, "owner")
        if entry.deputy == entry.handle:
            yield Fault(path=(*path, "deputy"), words=f"{entry.name} can't cover for themselves: name another.")


def _reasons(definition: Definition) -> Iterator[Fault]:
    keys: dict[int, str] = {}
    for name, reason in definition.reject_reasons.items():
        path = ("reject_reasons", name)
        if reason.key in keys:
            words = f"The key {reason.key} is `{keys[reason.key]}` already: take another."
            yield Fault(path=(*path, "key"), words=words)
        keys.setdefault(reason.key, name)
        yield from _reason(path, reason)


def _reason(path: Path, reason: RejectReason) -> Iterator[Fault]:
    if not 0 <= reason.key <= 9:
        yield Fault(path=(*path, "key"), words=f"{reason.key} is no key of a keyboard: take 0 to 9.")
    if reason.then == "recycle" and reason.after is None and reason.asks != "date":
        words = "A recycled lead needs a date to come back: add `after`, or `asks: date`."
        yield Fault(path=path, words=words)
    if reason.then == "repair" and reason.after is None:
        yield Fault(path=path, words="A repair needs a deadline: add `after`.")
    if reason.after is not None and reason.after <= _NOTHING:
        yield Fault(path=(*path, "after"), words="It must be longer than nothing.")
    if (reason.asks == "sub_reason") != bool(reason.sub_reasons):
        words = "`asks: sub_reason` and `sub_reasons` go together: add the other, or take both out."
        yield Fault(path=path, words=words)
    if reason.needs_tries < 0:
        yield Fault(path=(*path, "needs_tries"), words="It can't be less than 0.")


def _charter(definition: Definition) -> Iterator[Fault]:
    marketing, sales = definition.charter.marketing, definition.charter.sales
    shares = {
        ("charter", "marketing", "complete"): marketing.complete,
        ("charter", "marketing", "accepted"): marketing.accepted,
        ("charter", "sales", "answered_in_time"): sales.answered_in_time,
        ("other_alarm_share",): definition.other_alarm_share,
    }
    for path, share in shares.items():
        if not 0 <= share <= 1:
            yield Fault(path=path, words=f"{share:g} is no share: write 0 to 1, such as 0.9.")
    promised = definition.promises.get(TRIES)
    if promised is not None and promised.count not in (None, sales.tries):
        words = f"Sales promises {sales.tries} tries here and {promised.count} in `promises.{TRIES}`: make them one."
        yield Fault(path=("charter", "sales", "tries"), words=words)
    for name, reason in definition.reject_reasons.items():
        if reason.needs_tries > sales.tries:
            words = f"`{name}` needs {reason.needs_tries} tries, sales promises {sales.tries}: lower it."
            yield Fault(path=("reject_reasons", name, "needs_tries"), words=words)
