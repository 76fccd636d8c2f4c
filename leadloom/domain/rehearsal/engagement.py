"""Who answers which mail while an audience is rehearsed? By past rates or one share for all; the same draw each time.

Chance is a hash of the seed and the mail: whoever rehearses again with the same seed sees the same people answer, and
one more lead changes nobody else's answers.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import NamedTuple

from pydantic import Field

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.model import MessageId, Value

CLICK, REPLY, OPENED = "link_clicked", "reply", "mail_opened"
UNSUBSCRIBED = "unsubscribed"
_OF_SLIDER = {CLICK: 0.75, REPLY: 0.05}
"""How a share of answers is spread: the rest goes to what the journey itself listens for, evenly."""
_UNSUBSCRIBE_SHARE = 0.02
"""So many of those who answer at all say no: more than one in fifty would end a programme (mail.md §5)."""
_HALF_WITHIN = timedelta(hours=6)
"""Half of all answers come so soon after the mail."""
_LONGEST = timedelta(days=7)


class Engagement(Value):
    """How often a person answers a mail, by kind of event. Opens don't count: machines open mail."""

    per_mail: dict[str, dict[str, float]] = Field(default_factory=dict)
    """Journey → kind of event → share of mails it followed. The name `*` is for all other journeys."""
    accepted: float = 1.0
    """Share of hand-offs their owners accept, each at half the time they have; nobody answers the others."""


class Answer(NamedTuple):
    """What somebody does after a mail."""

    kind: str
    after: timedelta


def slider(share: float, journeys: Mapping[str, Journey], definition: Definition) -> Engagement:
    """Everybody answers that share of their mails, from 0 to 1: mostly clicks, some of what the journey asks for."""
    per_mail: dict[str, dict[str, float]] = {}
    for name, journey in journeys.items():
        asked = sorted(_asked_of_leads(journey, definition))
        spread = dict(_OF_SLIDER) if asked else {CLICK: 0.95, REPLY: 0.05}
        spread |= {kind: (1 - sum(_OF_SLIDER.values())) / len(asked) for kind in asked}
        rates = {kind: share * part * (1 - _UNSUBSCRIBE_SHARE) for kind, part in spread.items()}
        if UNSUBSCRIBED in definition.events:
            rates[UNSUBSCRIBED] = share * _UNSUBSCRIBE_SHARE
        per_mail[name] = {kind: rate for kind, rate in rates.items() if kind in definition.events}
    return Engagement(per_mail=per_mail)


def answers(engagement: Engagement, seed: int, journey: str, message_id: MessageId) -> Iterator[Answer]:
    """What the reader of that mail does, if anything; each kind is drawn for itself."""
    rates = engagement.per_mail.get(journey) or engagement.per_mail.get("*") or {}
    for kind, share in rates.items():
        if kind == OPENED or share <= 0:
            continue
        lot = draw(seed, str(message_id), kind)
        if lot < share:
            yield Answer(kind, _delay(draw(seed, str(message_id), kind, "when")))


def draw(seed: int, *about: str) -> float:
    """A number from 0 up to 1, always the same for the same question."""
    digest = hashlib.blake2b(f"{seed}/{'/'.join(about)}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def _delay(lot: float) -> timedelta:
    """Soon as a rule: an answer that hasn't come by now gets half as likely every six hours."""
    halvings = -math.log2(1 - lot) if lot < 1 else 0.0
    seconds = min(halvings * _HALF_WITHIN.total_seconds(), _LONGEST.total_seconds())
    return timedelta(seconds=60 + int(seconds))


def _asked_of_leads(journey: Journey, definition: Definition) -> set[str]:
    """Events of people (not of ours, not of the process) that the journey's goal or waits listen for."""
    kinds = {*journey.goal}
    for step in journey.steps:
        kinds |= set(getattr(step, "events", ()) or ())
    known = (definition.events.get(kind) for kind in kinds)
    answering = {kind for kind, rule in zip(kinds, known, strict=True) if rule and (rule.response or rule.asks)}
    return answering - {CLICK, REPLY, OPENED}
