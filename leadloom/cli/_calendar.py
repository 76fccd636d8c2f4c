"""How does a lead's calendar look on a terminal?"""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType

from leadloom.cli._data import table
from leadloom.store.lead_calendar import LeadCalendar, PlannedMail

_SOON = "it goes as soon as it may"


def draw(calendar: LeadCalendar) -> Iterator[RenderableType]:
    """What comes, what holds, what decides later, what was lost, and how much room the caps leave."""
    yield f"Local time is that of {calendar.zone.words}."
    yield table(
        "their time", "UTC", "mail", "from", "class", "why then", "against it",
        rows=(
            (mail.local, mail.slot_at, mail.mail, _whose(mail), _kind(mail), "; ".join(mail.slot_why) or _SOON,
             mail.against or mail.delayed_by)
            for mail in calendar.planned
        ),
        empty="No mail is planned.",
    )  # fmt: skip
    for mail in calendar.held:
        until = f"until {mail.deadline:%Y-%m-%d %H:%M} UTC at the latest"
        yield f"Held: {mail.mail} from {_whose(mail)}, {until}: {mail.against or mail.reason}."
    for run in calendar.ahead:
        until = f" until {run.waits_until:%Y-%m-%d %H:%M} UTC" if run.waits_until else ""
        yield f"Later: {run.journey} waits for {run.waiting_for or 'its first step'}{until}."
    for lost in calendar.lost:
        whose = f"{lost.journey} ({lost.campaign})" if lost.campaign else lost.journey
        yield f"Not sent: {lost.mail} from {whose}, {lost.status} on {lost.at:%Y-%m-%d %H:%M} UTC: {lost.reason}."
    for room in calendar.caps:
        free = f"one more fits from {room.one_more_from:%Y-%m-%d %H:%M} UTC" if room.one_more_from else "full for ever"
        yield f"Cap: {room.cap}; {room.used} of {room.of} used, {free}."


def _whose(mail: PlannedMail) -> str:
    return f"{mail.journey} ({mail.campaign})" if mail.campaign else mail.journey


def _kind(mail: PlannedMail) -> str:
    return f"{mail.mail_class}, {mail.topic}" if mail.topic else mail.mail_class
