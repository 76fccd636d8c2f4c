"""When does each mail of a company's leads go in a rehearsal? As store.calendars packs them, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leadloom.domain.facts import MessageStatus
from leadloom.domain.mails.send_rules import SendRules
from leadloom.domain.mails.slots import Calendar, Slot, SlotRules, Taken, Wish, cap_words, plan
from leadloom.domain.model import LeadId
from leadloom.domain.rehearsal.life import Life, RehearsedMail

_STANDS = (MessageStatus.SENT, MessageStatus.CLAIMED, MessageStatus.AT_DOT, MessageStatus.UNCERTAIN)
_WAITS = (MessageStatus.RESERVED, MessageStatus.DEFERRED)
"""States of a mail that is still to be planned."""


class CompanyCalendar:
    """What is taken of the weeks of some people and of their company's hours."""

    def __init__(self, rules: SendRules, lives: Sequence[Life]) -> None:
        """`lives` are all the leads of one company; one lead alone when they have none."""
        self._rules, self._lives = rules, lives
        policy = rules.definition.mail
        self._longest = rules.longest_span
        self._known: dict[LeadId, tuple[object, SlotRules]] = {}
        self._caps = {cap_words(cap) for cap in policy.per_person} | {cap_words(policy.per_company, "a company")}
        if policy.fewer is not None:
            self._caps.add(cap_words(policy.fewer))

    def is_cap(self, why: str) -> bool:
        """Whether what moved a mail was one of the caps."""
        return why in self._caps

    def replan(self, life: Life, at: datetime) -> list[RehearsedMail]:
        """Pack the lead's unclaimed mail anew from `at` on; answers those whose slot or state changed."""
        waiting = [mail for mail in life.mails.values() if mail.status in _WAITS]
        if not waiting:
            return []
        wishes = [_wish(mail, at) for mail in waiting]
        rules, taken, company = self._rules_of(life), list[Taken](), list[datetime]()
        if any(wish.capped for wish in wishes):
            taken, company = self._taken(life, at)
        moved: list[RehearsedMail] = []
        for answer in plan(Calendar.built(taken=tuple(taken)), wishes, rules, company):
            mail = life.mails[answer.message_id]
            if isinstance(answer, Slot):
                if answer.why or answer.at != mail.slot_at:
                    mail.why = answer.why
                mail.slot_at = answer.at
                if mail.due_at != answer.at:
                    moved.append(mail)
            else:
                mail.status, mail.why = MessageStatus.EXPIRED, (answer.why,)
                moved.append(mail)
        return moved

    def standing_before(self, life: Life, mail: RehearsedMail) -> list[RehearsedMail]:
        """The lead's other capped mails that took its room: those within the longest span before its slot."""
        since = mail.slot_at - self._longest
        others = (one for one in life.mails.values() if one is not mail and one.capped)
        return sorted(
            (one for one in others if one.status in (*_STANDS, *_WAITS) and since < one.at <= mail.slot_at),
            key=lambda one: (one.at, str(one.message_id)),
        )

    def _rules_of(self, life: Life) -> SlotRules:
        known = self._known.get(life.lead.lead_id)
        if known is None or known[0] is not life.lead:
            known = life.lead, self._rules.of(life.lead, life.standing.account)
            self._known[life.lead.lead_id] = known
        return known[1]

    def _taken(self, life: Life, at: datetime) -> tuple[list[Taken], list[datetime]]:
        since = at - self._longest
        mine = [
            Taken.built(at=mail.at, mail_class=mail.mail_class, topic=mail.topic)
            for mail in life.mails.values()
            if mail.capped and mail.status in _STANDS and mail.at > since
        ]
        company = [one.at for one in mine]
        for other in self._lives:
            if other is not life:
                company += [
                    mail.at
                    for mail in other.mails.values()
                    if mail.capped and mail.status in (*_STANDS, *_WAITS) and mail.at > since
                ]
        return mine, sorted(company)


def _wish(mail: RehearsedMail, at: datetime) -> Wish:
    return Wish.built(
        message_id=mail.message_id,
        priority=mail.priority,
        asked_at=mail.asked_at,
        not_before=max(mail.not_before, at),
        deadline=mail.deadline,
        mail_class=mail.mail_class,
        topic=mail.topic,
        capped=mail.capped,
        windowed=mail.windowed,
        jitter=mail.jitter,
        stands_at=mail.slot_at,
    )
