"""Every mail we ship as bytes: each template, as a lead who told us much reads it, with every header it may have."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from uuid import NAMESPACE_URL, uuid5

from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.model import Instant, MessageId
from leadloom.mail.compose import Letter, Origin, Party, Stop, wire_id
from tests.journeys.letters import KNOWN, LETTERS, mails, written

SECRET = "a-secret-that-never-rotates"
NOTICES = ("hand-off/", "hand-off-news/", "task/", "reply/", "deal-support/coming", "onboarding-to-advocate/task-")


@cache
def shipped() -> dict[str, Letter]:
    """Every template's letter by `journey/mail`, written a moment ago: signatures expire."""
    now = datetime.now(UTC).replace(microsecond=0)
    return {
        f"{folder.name}/{mail}": letter(folder.name, mail, now)
        for folder in sorted(LETTERS.iterdir())
        for mail in mails(folder.name)
    }


def letter(journey: str, mail: str, written_at: Instant) -> Letter:
    """One mail in a thread with another, marketing unless it is an owner's."""
    is_notice = f"{journey}/{mail}".startswith(NOTICES)
    mail_class = "owner-notice" if is_notice else MailClass.MARKETING
    copy = written(journey, mail, KNOWN, mail_class=mail_class, letter="notice" if journey == "hand-off" else "letter")
    stop_url = re.search(r"https://go\.kelvance\.example/u/\S+", copy.text)
    earlier = MessageId(uuid5(NAMESPACE_URL, "earlier"))
    return Letter(
        message_id=MessageId(uuid5(NAMESPACE_URL, f"{journey}/{mail}")),
        mail_class=mail_class,
        written_at=written_at,
        sender=Party(name="Inês Carvalho", address="ines.carvalho@kelvance.example"),
        reply_to="r-mfrggzdf@kelvance.example",
        to=Party(name="Ana Ortiz", address="ana.ortiz@alder.example"),
        subject=copy.subject,
        html=copy.html,
        text=copy.text,
        origin=Origin(step=mail, journey=journey, sender_id="kelvance"),
        stop=Stop(url=stop_url[0], mailbox="u-abc@kelvance.example", program="marketing") if stop_url else None,
        earlier=(wire_id(earlier, secret=SECRET, domain="kelvance.example"),),
        invitation="BEGIN:VCALENDAR\r\nSUMMARY:A call\r\nEND:VCALENDAR\r\n" if mail == "who-calls" else None,
    )
