"""Why has a mail that was asked for not gone? Told from what the planner and `may_send` answered about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leadloom.domain.facts import MessageStatus
from leadloom.domain.journeys.why_not_codes import Code, WhyNot, answer
from leadloom.domain.mails.pace import KeptBy
from leadloom.domain.mails.send_rules import SendRules
from leadloom.domain.mails.sending import REFUSALS, Refusal, RefusalCode, SendFacts, Veto, may_send
from leadloom.domain.mails.slots import SlotCode
from leadloom.domain.model import Instant, Json, Value

_OVER: dict[MessageStatus, Code] = {
    MessageStatus.SENT: Code.WENT,
    MessageStatus.CLAIMED: Code.AT_RELAY,
    MessageStatus.AT_DOT: Code.AT_RELAY,
    MessageStatus.UNCERTAIN: Code.UNCERTAIN,
    MessageStatus.REFUSED: Code.REFUSED,
    MessageStatus.EXPIRED: Code.EXPIRED,
    MessageStatus.CANCELLED: Code.CANCELLED,
}
_AGAINST: dict[RefusalCode, Code] = {
    "suppressed": Code.SUPPRESSED,
    "topic_off": Code.TOPIC_OFF,
    "no_address": Code.NO_ADDRESS,
    "no_basis": Code.NO_BASIS,
    "exited": Code.ENDED,
    "decided": Code.CANCELLED,
    "too_late": Code.EXPIRED,
    "stopped": Code.LANE_STOPPED,
    "fenced": Code.FENCED,
}
_FINAL: tuple[RefusalCode, ...] = ("no_basis", "no_address", "topic_off")
_HOLDS: tuple[tuple[str, Code], ...] = (
    ("sales is in conversation", Code.IN_CONVERSATION),
    ("its campaign is paused", Code.CAMPAIGN_PAUSED),
    ("its journey is paused", Code.JOURNEY_PAUSED),
    ("they asked us to pause", Code.ASKED_TO_PAUSE),
    ("held by", Code.HELD_BY_OWNER),
)
"""How the view of vetoes tells what holds a mail."""
_CAPS: dict[SlotCode, Code] = {
    "window": Code.WINDOW, "day_off": Code.DAY_OFF, "cap": Code.CAP, "company_cap": Code.COMPANY_CAP,
}  # fmt: skip

_KEPT: dict[KeptBy, Code] = {
    "warm_up": Code.WARM_UP, "provider_pace": Code.PROVIDER_PACE, "company_pace": Code.COMPANY_PACE,
    "relay_rests": Code.RELAY_RESTS, "sender_stopped": Code.SENDER_STOPPED,
    "template_stopped": Code.TEMPLATE_STOPPED,
}  # fmt: skip


class MailNow(Value):
    """A mail to a lead as it stands, with its lane."""

    status: MessageStatus
    mail: str
    mail_class: str
    topic: str | None
    priority: int
    asked_at: Instant
    not_before: Instant
    slot_at: Instant
    deadline: Instant
    sent_at: Instant | None
    settled_at: Instant | None
    reason: str | None
    reply: str | None
    slot_why: tuple[str, ...]
    slot_codes: tuple[SlotCode, ...]
    rests_until: Instant | None
    rests_why: str | None
    per_second: float
    kept_why: KeptBy | None = None


class Near(Value):
    """A capped mail to the same person, or to the same company, that may take the room of another."""

    mail: str
    journey: str
    campaign: str | None
    mail_class: str
    topic: str | None
    priority: int
    at: Instant
    status: MessageStatus
    stands: bool
    """It went, or may be going right now; else it is planned and may move."""
    is_theirs: bool
    """To the same person."""

    @property
    def words(self) -> str:
        """`dock of small (autumn), sent 2026-03-03 15:00 UTC`."""
        whose = f"{self.journey} ({self.campaign})" if self.campaign else self.journey
        return f"{self.mail} of {whose}, {'sent' if self.stands else 'planned for'} {self.at:%Y-%m-%d %H:%M} UTC"


class Around(Value):
    """What else the answer hangs on."""

    vetoes: tuple[Veto, ...] = ()
    near: tuple[Near, ...] = ()
    due_before: int = 0
    """Mails its lane has to send that are due, this one among them."""


def not_sent(mail: MailNow, around: Around, rules: SendRules, at: datetime) -> WhyNot:
    """The first thing between the mail and the lead, or that it went."""
    if mail.status is MessageStatus.SUPPRESSED:
        return _suppressed(mail)
    if (code := _OVER.get(mail.status)) is not None:
        fenced = code is Code.AT_RELAY and any(veto.code == "fenced" for veto in around.vetoes)
        return _over(mail, Code.FENCED if fenced else code)
    facts = SendFacts(mail_class=mail.mail_class, vetoes=around.vetoes, deadline=mail.deadline, slot_at=mail.slot_at)
    refusal = may_send(facts, at)
    if refusal is None:
        return _due(mail, around, at)
    if refusal.code == "not_due":
        return _later(mail, around, rules)
    return _refused(mail, refusal, around.vetoes)


def _over(mail: MailNow, code: Code) -> WhyNot:
    when = mail.sent_at or mail.settled_at
    said = ", ".join(part for part in (mail.reason, mail.reply) if part)
    why = {
        Code.WENT: f"it went on {when:%Y-%m-%d %H:%M} UTC" if when else "it went",
        Code.EXPIRED: f"it expired: {said}",
        Code.REFUSED: f"the relay refused it for good: {said}",
        Code.CANCELLED: f"it was taken back: {said}",
    }.get(code, "")
    values: dict[str, Json] = {"status": mail.status.value, "slot": mail.slot_at.isoformat()}
    return answer(code, why, values)


def _suppressed(mail: MailNow) -> WhyNot:
    """Settled for good, by what was so then."""
    said = mail.reason or ""
    found: RefusalCode = "suppressed"
    for code in _FINAL:
        if REFUSALS[code].words in said:
            found = code
    return answer(_AGAINST[found], said, {"status": mail.status.value}, when="")


def _refused(mail: MailNow, refusal: Refusal, vetoes: Sequence[Veto]) -> WhyNot:
    details = [veto.detail for veto in vetoes if veto.code == refusal.code]
    values: dict[str, Json] = {"slot": mail.slot_at.isoformat(), "deadline": mail.deadline.isoformat()}
    code = _AGAINST.get(refusal.code)
    if code is None:
        code = next((one for words, one in _HOLDS if any(words in detail for detail in details)), Code.HELD_BY_OWNER)
    return answer(code, refusal.words, values | {"said": "; ".join(details)})


def _due(mail: MailNow, around: Around, at: datetime) -> WhyNot:
    values: dict[str, Json] = {"slot": mail.slot_at.isoformat()}
    if mail.rests_until is not None and mail.rests_until > at:
        why = f"the relay takes nothing now: {mail.rests_why}"
        return answer(Code.RELAY_RESTS, why, values, earliest=mail.rests_until)
    if mail.status is MessageStatus.HELD:
        return answer(Code.BEHIND, "what held it has ended: it is planned anew in a moment", values, earliest=at)
    values["mails due in its lane"] = around.due_before
    return answer(Code.BEHIND, f"it is due, with {around.due_before} mails in its lane", values, earliest=at)


def _later(mail: MailNow, around: Around, rules: SendRules) -> WhyNot:
    """It has a slot: what keeps it from an earlier one."""
    values: dict[str, Json] = {"slot": mail.slot_at.isoformat()}
    if mail.status is MessageStatus.DEFERRED:
        return answer(Code.DEFERRED, f"the relay asked to come back later: {mail.reply}", values, earliest=mail.slot_at)
    if mail.kept_why is not None:
        return answer(_KEPT[mail.kept_why], "", values, earliest=mail.slot_at)
    if not mail.slot_codes:
        values["not before"] = mail.not_before.isoformat()
        return answer(Code.SHOWN_FIRST, "", values, earliest=mail.slot_at)
    code, why = _CAPS[mail.slot_codes[0]], "; ".join(mail.slot_why)
    if code in (Code.CAP, Code.COMPANY_CAP):
        filling = _filling(mail, around, rules, code)
        values["filled by"] = [one.words for one in filling]
        if code is Code.CAP and any(not one.stands and one.priority < mail.priority for one in filling):
            code = Code.PRIORITY
    return answer(code, why, values, earliest=mail.slot_at)


def _filling(mail: MailNow, around: Around, rules: SendRules, code: Code) -> list[Near]:
    """The mails that take the room of the caps this mail obeys: around the instant it would else have gone."""
    policy = rules.definition.mail
    if code is Code.COMPANY_CAP:
        return [one for one in around.near if abs(one.at - mail.not_before) < policy.per_company.within]
    caps = [cap for cap in policy.per_person if cap.counts(mail.mail_class, mail.topic)]
    return [
        one
        for one in around.near
        if one.is_theirs
        and any(abs(one.at - mail.not_before) < cap.within and cap.counts(one.mail_class, one.topic) for cap in caps)
    ]
