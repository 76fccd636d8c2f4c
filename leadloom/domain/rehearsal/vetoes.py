"""May a rehearsed mail go, or what becomes of it? The view `vetoes()` of production, asked in memory."""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.facts import MessageStatus
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.rehearsal.cast import Setting
from leadloom.domain.rehearsal.life import Life, RehearsedMail


def stands_against(
    mail: RehearsedMail, life: Life, setting: Setting, *, in_conversation: bool, at: datetime
) -> MessageStatus | None:
    """What the mail becomes instead of sent, by the gravest thing against it (mails.sending); None lets it go."""
    policy = setting.definition.mail.classes[mail.mail_class]
    markets = mail.mail_class == MailClass.MARKETING
    if life.silenced or life.lead.email is None or (markets and life.silenced_for_marketing):
        return MessageStatus.SUPPRESSED
    if is_off(mail, life):
        return MessageStatus.SUPPRESSED
    if policy.basis and not life.may_market(at):
        return MessageStatus.SUPPRESSED
    if mail.run is not None and mail.run.status == "exited":
        return MessageStatus.CANCELLED
    if at >= mail.deadline:
        return MessageStatus.EXPIRED
    prospect = mail.run is not None and mail.run.journey.audience == "prospect"
    if markets and prospect and in_conversation:
        return MessageStatus.HELD
    if any(one.journey == mail.journey and one.since <= at < one.until for one in setting.pauses):
        return MessageStatus.HELD
    until = life.lead.attributes.get("mail_paused_until")
    return MessageStatus.HELD if markets and isinstance(until, str) and until > f"{at:%Y-%m-%d}" else None


def is_off(mail: RehearsedMail, life: Life) -> bool:
    """Whether it is marketing about what they turned off: it never goes, and takes no room when it is asked for."""
    return mail.mail_class == MailClass.MARKETING and mail.topic in life.topics_off
