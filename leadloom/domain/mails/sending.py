"""May this mail go now, and which permission does it need? Every refusal has a code of a closed list and words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from leadloom.domain.consent.policy import suffices, sufficing
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import NotFound
from leadloom.domain.facts import MessageStatus
from leadloom.domain.lead import Basis, BasisKind
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.model import Instant, Value

VetoCode = Literal[
    "suppressed", "topic_off", "no_address", "no_basis", "exited", "decided", "held", "fenced", "stopped"
]
"""What the view `vetoes()` answers."""
RefusalCode = Literal[VetoCode, "too_late", "not_due"]


class _Rule(Value):
    words: str
    becomes: MessageStatus


REFUSALS: dict[RefusalCode, _Rule] = {
    "suppressed": _Rule(words="the address is suppressed", becomes=MessageStatus.SUPPRESSED),
    "topic_off": _Rule(words="they turned this subject off", becomes=MessageStatus.SUPPRESSED),
    "no_address": _Rule(words="there is no address", becomes=MessageStatus.SUPPRESSED),
    "no_basis": _Rule(words="the lead has not allowed it", becomes=MessageStatus.SUPPRESSED),
    "exited": _Rule(words="the run is over", becomes=MessageStatus.CANCELLED),
    "decided": _Rule(words="the hand-off is decided", becomes=MessageStatus.CANCELLED),
    "too_late": _Rule(words="it is no longer worth sending", becomes=MessageStatus.EXPIRED),
    "held": _Rule(words="it is held", becomes=MessageStatus.HELD),
    "stopped": _Rule(words="an operator stopped the lane", becomes=MessageStatus.RESERVED),
    "fenced": _Rule(words="the database was restored", becomes=MessageStatus.RESERVED),
    "not_due": _Rule(words="its slot is later", becomes=MessageStatus.RESERVED),
}
"""All refusals, gravest first: what ends a mail for good stands before what only delays it."""


class Veto(Value):
    """One row of the view `vetoes()`."""

    code: VetoCode
    detail: str


class SendFacts(Value):
    """What the question looks at; read in the transaction that acts on the answer."""

    mail_class: str
    vetoes: tuple[Veto, ...] = ()
    deadline: Instant
    slot_at: Instant


class Refusal(Value):
    """Why a mail doesn't go."""

    code: RefusalCode
    words: str
    becomes: MessageStatus
    """What the message row becomes by this."""


def may_send(facts: SendFacts, at: datetime) -> Refusal | None:
    """The gravest thing that stands against the mail at `at`; None lets it go."""
    against: dict[RefusalCode, str] = {veto.code: veto.detail for veto in facts.vetoes}
    if at >= facts.deadline:
        against["too_late"] = f"its deadline was {facts.deadline:%Y-%m-%d %H:%M}"
    if at < facts.slot_at:
        against["not_due"] = f"its slot is {facts.slot_at:%Y-%m-%d %H:%M}"
    for code in REFUSALS:
        if code in against:
            return refused(facts.mail_class, code, against[code])
    return None


def refused(mail_class: str, code: RefusalCode, detail: str) -> Refusal:
    """The refusal of a mail of that class, in words with what it hung on."""
    rule = REFUSALS[code]
    words = f"This {mail_class} mail doesn't go: {rule.words} ({detail})."
    return Refusal(code=code, words=words, becomes=rule.becomes)


def needed_basis(definition: Definition, mail_class: str, country: str | None) -> tuple[BasisKind, ...] | None:
    """The kinds of basis of which one suffices for such mail to that country; None when the class needs none.

    An empty answer means that no basis suffices. Raises NotFound for an unknown class.
    """
    policy = definition.mail.classes.get(mail_class)
    if policy is None:
        raise NotFound("message class", mail_class)
    return sufficing(definition, country, mail_class=mail_class) if policy.basis else None


def may_market(definition: Definition, bases: Iterable[Basis], country: str | None, at: datetime) -> bool:
    """Whether one of the person's bases suffices at `at` for marketing mail to that country."""
    return allowed_by(needed_basis(definition, MailClass.MARKETING, country), bases, at)


def allowed_by(kinds: tuple[BasisKind, ...] | None, bases: Iterable[Basis], at: datetime) -> bool:
    """Whether one of the bases is of a kind that suffices, as `needed_basis` says it once for many of one country."""
    return kinds is None or suffices(kinds, bases, at)
