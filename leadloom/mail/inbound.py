"""What is this mail that came in? Reports first, machines second, people last; the way in is `read_return`."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import parsedate_to_datetime

from leadloom.domain.mails.links import Purpose
from leadloom.domain.returns.absence import away_until, has_left
from leadloom.domain.returns.addressed import purpose_in
from leadloom.domain.returns.kind import Kind, Returned
from leadloom.mail import inbound_machine, inbound_report
from leadloom.mail.inbound_parts import Mail, read
from leadloom.mail.inbound_report import Report
from leadloom.mail.inbound_words import is_stop_word, own_words

MOST_SAID = 20_000
_ID = re.compile(r"<\s*([^<>\s]{3,300})\s*>")
_ADDRESS = re.compile(r"[^\s<>@\"',;:()\[\]]{1,250}@[^\s<>@\"',;:()\[\]]{1,255}")
_OURS = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-forwarded-to", "to", "cc")
_OURS_RETURNED = ("return-path", "reply-to", "x-envelope-from", "list-unsubscribe")
_MOST_NAMED = 40


def read_return(raw: bytes, *, envelope_to: str | None, envelope_from: str | None) -> Returned:
    """What the mail is, and why: bounce, complaint, auto-reply, a person's answer …. Never raises.

    `envelope_to` is RCPT TO and `envelope_from` MAIL FROM, empty for the null sender; None where the door can't know,
    then the headers that mail systems leave behind are asked.
    """
    mail = read(raw)
    try:
        return _judged(mail, envelope_to, _sender_of_envelope(mail, envelope_from))
    except Exception as error:  # hostile mail must stop no door: it is kept, and somebody looks at it
        return Returned(kind=Kind.UNKNOWN, why=f"could not be read: {type(error).__name__}")


def _judged(mail: Mail, envelope_to: str | None, envelope_from: str | None) -> Returned:
    report = inbound_report.read_report(mail, envelope_from)
    if report is not None:
        return _reported(mail, report, envelope_to)
    machine = inbound_machine.machine_in(mail, envelope_from)
    if machine is not None:
        return _automatic(mail, machine, envelope_to)
    return _written(mail, envelope_to)


def _sender_of_envelope(mail: Mail, told: str | None) -> str | None:
    if told is not None:
        return told.strip().strip("<>").lower()
    path = mail.first("return-path").strip()
    return path.strip("<>").strip().lower() if path else None


def _reported(mail: Mail, report: Report, envelope_to: str | None) -> Returned:
    return Returned(
        kind=report.kind,
        reason=report.reason,
        status=report.status,
        code=report.code,
        why=report.why,
        diagnostic=report.diagnostic[:500] if report.diagnostic else None,
        recipients=report.recipients[:_MOST_NAMED],
        addressed=_addressed(mail, envelope_to),
        message_ids=_message_ids(mail, report.returned_ids),
        envelope_id=report.envelope_id,
        sender=sender_of(mail),
        subject=mail.first("subject")[:300],
    )


def _automatic(mail: Mail, why: str, envelope_to: str | None) -> Returned:
    text = "\n".join(part.text for part in mail.texts()[:1])
    subject = mail.first("subject")
    said = f"{subject}\n{own_words(text)}"
    written = _date(mail)
    left = has_left(said)
    return Returned(
        kind=Kind.AUTO_REPLY,
        why=why,
        addressed=_addressed(mail, envelope_to),
        message_ids=_message_ids(mail, ()),
        sender=sender_of(mail),
        subject=subject[:300],
        returns_on=None if left or written is None else away_until(said, written=written.date()),
        left=left,
        text=text.strip()[:MOST_SAID],
    )


def _written(mail: Mail, envelope_to: str | None) -> Returned:
    text = own_words("\n".join(part.text for part in mail.texts()[:1]))
    subject = mail.first("subject")
    named = _addressed(mail, envelope_to)
    kind, why = Kind.REPLY, "no sign of a machine"
    if any(purpose_in(each) is Purpose.UNSUBSCRIBE for each in named):
        kind, why = Kind.UNSUBSCRIBE, "sent to the mailbox of List-Unsubscribe"
    elif is_stop_word(text, subject):
        kind, why = Kind.UNSUBSCRIBE, "says nothing but that we should stop"
    elif not text and sender_of(mail) is None:
        kind, why = Kind.UNKNOWN, "empty, and from nobody"
    elif inbound_machine.is_robot(mail):
        kind, why = Kind.UNKNOWN, "from an address that takes no answers"
    return Returned(
        kind=kind,
        why=why,
        addressed=named,
        authentication=mail.headers.get("authentication-results", ())[:_MOST_NAMED],
        message_ids=_message_ids(mail, ()),
        sender=sender_of(mail),
        subject=subject[:300],
        text=text[:MOST_SAID],
    )


def sender_of(mail: Mail) -> str | None:
    """The address in From, lower case."""
    found = _ADDRESS.findall(mail.first("from"))
    return found[-1].lower() if found else None


def _addressed(mail: Mail, envelope_to: str | None) -> tuple[str, ...]:
    named = [envelope_to] if envelope_to else []
    for name in _OURS:
        named += [each for value in mail.headers.get(name, ()) for each in _ADDRESS.findall(value)]
    for name in _OURS_RETURNED:
        named += [each for value in mail.returned.get(name, ()) for each in _ADDRESS.findall(value)]
    return tuple(dict.fromkeys(named))[:_MOST_NAMED]


def _message_ids(mail: Mail, returned: tuple[str, ...]) -> tuple[str, ...]:
    ids = [*returned, *_ID.findall(" ".join(mail.returned.get("message-id", ())))]
    ids += _ID.findall(mail.first("in-reply-to"))
    ids += reversed(_ID.findall(mail.first("references")))
    ids += _ID.findall(" ".join(mail.headers.get("x-original-message-id", ())))
    return tuple(dict.fromkeys(ids))[:_MOST_NAMED]


def _date(mail: Mail) -> datetime | None:
    for value in (mail.first("date"), mail.first("received").rpartition(";")[2]):
        try:
            return parsedate_to_datetime(value.strip()) if value.strip() else None
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None
