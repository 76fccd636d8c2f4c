"""How is an instant, a span or a value said on a page? In the viewer's zone, with the absolute instant beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from leadloom.domain.model import Json

_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d:\d\d|Z)")
_MINUTE = timedelta(minutes=1)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HIDDEN = {"hand_off_id", "message_id", "enrolment_id"}
"""Ids that pages link to elsewhere."""


@pass_context
def when(context: Context, instant: datetime | None) -> Markup:
    """The instant in the viewer's zone: `Mon 2 Mar, 15:04`; the year only when it isn't the running one."""
    if instant is None:
        return Markup('<span class="quiet">–</span>')
    zone: ZoneInfo = context["zone"]
    at: datetime = context["at"]
    return _time(instant, f"{iso(instant)[:16].replace('T', ' ')} UTC", clock_words(instant, zone, at))


@pass_context
def due(context: Context, instant: datetime | None) -> Markup:
    """How long until the instant, or since it passed: `in 12 min`, `overdue by 3 h 10 min`."""
    if instant is None:
        return Markup('<span class="quiet">–</span>')
    at: datetime = context["at"]
    zone: ZoneInfo = context["zone"]
    title = f"{clock_words(instant, zone, at)} ({zone.key})"
    return _time(instant, title, due_words(instant, at), f'class="due{" late" if instant < at else ""}" ', " data-due")


@pass_context
def hour(context: Context, instant: datetime) -> Markup:
    """The time of day in the viewer's zone."""
    zone: ZoneInfo = context["zone"]
    title = f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return _time(instant, title, f"{instant.astimezone(zone):%H:%M}")


@pass_context
def said(context: Context, value: Json) -> Markup | str:
    """A value of a `why`, as a person reads it."""
    match value:
        case None | "" | []:
            return "not known"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.4g}"
        case list():
            return "; ".join(str(said(context, one)) for one in value)
        case str() if _ISO.fullmatch(value):
            return when(context, datetime.fromisoformat(value))
        case _:
            return str(value)


def clock_words(instant: datetime, zone: ZoneInfo, at: datetime) -> str:
    """The instant as words in a zone; `at` tells which year needs no saying."""
    local = instant.astimezone(zone)
    year = "" if local.year == at.astimezone(zone).year else f" {local.year}"
    # By hand: strftime takes longer than all else of it, and a page says it a thousand times.
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month]}{year}, {local.hour:02}:{local.minute:02}"


def day_words(instant: datetime, zone: ZoneInfo, at: datetime) -> str:
    """The viewer's day of the instant, to group by: `Today, Monday 2 March`."""
    local, today = instant.astimezone(zone), at.astimezone(zone)
    year = "" if local.year == today.year else f" {local.year}"
    words = f"{local:%A} {local.day} {local:%B}{year}"
    return f"Today, {words}" if local.date() == today.date() else words


def due_words(instant: datetime, at: datetime) -> str:
    """`in 2 h 5 min`, `now`, `overdue by 3 days`."""
    left = instant - at
    if abs(left) < _MINUTE:
        return "now"
    return f"in {span_words(left)}" if left > timedelta() else f"overdue by {span_words(-left)}"


def span_words(span: timedelta) -> str:
    """The two largest units of a span that matter."""
    minutes = int(span / _MINUTE)
    days, hours = minutes // (24 * 60), minutes // 60 % 24
    if days >= 3:
        return f"{days} days"
    if days:
        return f"{days} day{'s' if days > 1 else ''} {hours} h" if hours else f"{days} day{'s' if days > 1 else ''}"
    if hours:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{minutes} min"


def shown(why: Mapping[str, Json]) -> dict[str, Json]:
    """A `why` without ids and without what is empty for want of anything to say."""
    return {name.replace("_", " "): value for name, value in why.items() if name not in _HIDDEN and value is not None}


class _Quoted(dict[int, str]):
    """Character → how an address carries it, found once for each."""

    def __missing__(self, key: int) -> str:
        self[key] = found = quote(chr(key), safe="")
        return found


_QUOTED = _Quoted()


def letter(fields: Mapping[str, str]) -> str:
    """Subject and body as a `mailto:` address carries them (RFC 6068: no plus for a blank)."""
    return "&".join(f"{name}={value.translate(_QUOTED)}" for name, value in fields.items())


def _time(instant: datetime, title: str, words: str, first: str = "", last: str = "") -> Markup:
    """The element. A list shows a thousand of them, and Markup's own format costs more than all else of a line."""
    return Markup(f'<time {first}datetime="{iso(instant)}" title="{title}"{last}>{words}</time>')


def iso(instant: datetime) -> str:
    """The instant as machines read it, in UTC."""
    return f"{instant.astimezone(UTC).isoformat()[:19]}Z"
