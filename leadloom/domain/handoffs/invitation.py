"""What a calendar entry for a call looks like (RFC 5545): text that a mail carries as a file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_FOLD = 73
"""Octets per line before the fold, RFC 5545 §3.1 (75 with the line's own break)."""


def invitation(
    *,
    uid: str,
    written_at: datetime,
    begins_at: datetime,
    lasts: timedelta,
    summary: str,
    organizer: str | None = None,
    description: str = "",
) -> str:
    """An iCalendar object with one event. Lines end in CRLF and are folded by octets, never inside a character.

    Without an organizer it is an entry of the reader's own.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Leadloom//hand-raise//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{_utc(written_at)}",
        f"DTSTART:{_utc(begins_at)}",
        f"DTEND:{_utc(begins_at + lasts)}",
        f"SUMMARY:{_escaped(summary)}",
        *([f"DESCRIPTION:{_escaped(description)}"] if description else []),
        *([f"ORGANIZER:mailto:{organizer}"] if organizer else []),
        "STATUS:TENTATIVE",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(_folded(line) + "\r\n" for line in lines)


def _utc(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """RFC 5545 §3.3.11."""
    for raw, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r", ""), ("\n", "\\n")):
        text = text.replace(raw, written)
    return text


def _folded(line: str) -> str:
    pieces: list[str] = [""]
    for character in line:
        if len((pieces[-1] + character).encode()) > _FOLD:
            pieces.append("")
        pieces[-1] += character
    return "\r\n ".join(pieces)
