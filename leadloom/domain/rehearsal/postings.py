"""When does a mail that a played run asks for go? At once, or where the mail policy has room for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.facts import Facts, MessageStatus
from leadloom.domain.journeys.moves import PlanMail
from leadloom.domain.mails.send_rules import SendRules, jitter_of, priority_of
from leadloom.domain.mails.slots import Calendar, Taken, TooLate, Wish, plan
from leadloom.domain.model import Instant, MessageId, Value

_STANDS = {MessageStatus.RESERVED, MessageStatus.SENT}
"""Mails of a played run that take room in the calendar."""
_A_MOMENT = timedelta(milliseconds=1)
"""No mail goes at its slot itself: a cap is free again that much later than a span after the slot."""


class Letter(Value):
    """A mail that a played run asked for."""

    message_id: MessageId
    mail: PlanMail
    asked_at: Instant
    slot_at: Instant | None
    """When it goes; None when there is no room before it stops being worth sending."""
    why: str = ""
    """What moved it, or why it doesn't go."""
    cancelled: bool = False
    """The run was over before its slot."""
    refused: bool = False
    """At its slot something stood against it: no permission, or an address that must be left alone."""

    @property
    def goes(self) -> bool:
        """Whether it goes, or has gone, as far as the run was played."""
        return self.slot_at is not None and not self.cancelled and not self.refused

    def went_by(self, at: datetime) -> bool:
        """Whether it has gone at that instant."""
        return self.goes and self.slot_at is not None and self.slot_at <= at


class Postings(Protocol):
    """Gives mails their slots."""

    def placed(self, asked: PlanMail, message_id: MessageId, facts: Facts, at: datetime) -> Letter:
        """The letter with its slot. `at` is when it was asked for."""
        ...


class AtOnce:
    """Each mail goes the moment it is asked for: the days of a journey, without windows and caps."""

    def placed(self, asked: PlanMail, message_id: MessageId, facts: Facts, at: datetime) -> Letter:
        """Now."""
        del facts
        return Letter(message_id=message_id, mail=asked, asked_at=at, slot_at=at)


class ByPolicy:
    """Mails go where the definition's windows, days off and caps have room, as the lead's calendar plans them."""

    def __init__(
        self, definition: Definition, *, topic: str | None = None, priority: int = 3, taken: Sequence[Taken] = ()
    ) -> None:
        """`topic` and `priority` are the journey's; `taken` is what other journeys took of the lead's calendar."""
        self._rules, self._topic, self._priority = SendRules(definition), topic, priority
        self._taken = list(taken)
        self._own: dict[MessageId, Taken] = {}

    def placed(self, asked: PlanMail, message_id: MessageId, facts: Facts, at: datetime) -> Letter:
        """By the pure plan; a run asks for one marketing mail at a time, so what was placed before stands."""
        policy = self._rules.definition.mail.classes[asked.mail_class]
        to_lead = asked.to is None
        wish = Wish(
            message_id=message_id,
            priority=priority_of(policy, self._priority),
            asked_at=at,
            not_before=at,
            deadline=at + max(asked.worth, timedelta(microseconds=1)),
            mail_class=asked.mail_class,
            topic=self._topic,
            capped=policy.capped and to_lead,
            windowed=policy.windowed,
            jitter=jitter_of(policy, message_id),
        )
        rules = self._rules.of(facts.lead, facts.account)
        standing = {mail.message_id for mail in facts.mails if mail.status in _STANDS}
        taken = (*self._taken, *(one for key, one in self._own.items() if key in standing))
        [answer] = plan(Calendar(taken=taken), [wish], rules, [one.at for one in taken])
        if isinstance(answer, TooLate):
            return Letter(message_id=message_id, mail=asked, asked_at=at, slot_at=None, why=answer.why)
        if wish.capped:
            self._own[message_id] = Taken(at=answer.at + _A_MOMENT, mail_class=asked.mail_class, topic=self._topic)
        return Letter(message_id=message_id, mail=asked, asked_at=at, slot_at=answer.at, why="; ".join(answer.why))
