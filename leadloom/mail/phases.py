"""How far did a mail get before it failed, and is it surely not accepted? What a relay's answers mean (mail.md §4)."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from leadloom.domain.errors import Permanent, Transient

Phase = Literal["mail", "rcpt", "data", "body", "dot"]

_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s+|$)")
_ADDRESS = re.compile(r"<?[^\s<>]+@[^\s<>]+>?")


class Reply(NamedTuple):
    """What the relay answered."""

    code: int
    enhanced: str | None
    """RFC 3463, such as `5.1.1`; None when the relay gives none."""
    text: str
    """Without addresses: it is kept and logged."""


class Refused(Permanent):
    """The relay will never take this mail (5xx): surely not accepted."""

    phase: Phase

    def __init__(self, phase: Phase, reply: Reply) -> None:
        super().__init__(f"The relay refused the mail at {phase}: {reply.code} {reply.text}")
        self.phase, self.code, self.enhanced, self.reply = phase, reply.code, reply.enhanced, reply.text


class Deferred(Transient):
    """The relay wants this mail later (4xx): surely not accepted."""

    phase: Phase

    def __init__(self, phase: Phase, reply: Reply) -> None:
        super().__init__(f"The relay deferred the mail at {phase}: {reply.code} {reply.text}")
        self.phase, self.code, self.enhanced, self.reply = phase, reply.code, reply.enhanced, reply.text


class LostBeforeDot(Transient):
    """The connection ended before the dot: surely not accepted."""

    phase: Phase

    def __init__(self, phase: Phase, why: str) -> None:
        super().__init__(f"The connection to the relay ended at {phase}, before the mail was complete: {why}")
        self.phase, self.why = phase, why


class LostAfterDot(Permanent):
    """The dot went out and no answer came back: the mail is uncertain, and sending it again may make a copy."""

    def __init__(self, why: str) -> None:
        super().__init__(f"The relay got the whole mail but its answer was lost: {why}")
        self.why = why


def read_reply(code: int, text: str) -> Reply:
    """The reply of that code and text."""
    found = _ENHANCED.match(text)
    return Reply(code, found[1] if found else None, without_addresses(text))


def judge(phase: Phase, reply: Reply) -> Reply:
    """The reply when it lets the mail go on. Raises Refused, Deferred, or, when it makes no sense, that it is lost."""
    if reply.code == 354 if phase == "data" else 250 <= reply.code <= 251:
        return reply
    if 400 <= reply.code < 500:
        raise Deferred(phase, reply)
    if 500 <= reply.code < 600:
        raise Refused(phase, reply)
    why = f"an answer that makes no sense: {reply.code} {reply.text}"
    raise LostAfterDot(why) if phase == "dot" else LostBeforeDot(phase, why)


def without_addresses(text: str) -> str:
    """The words of a relay in one line, fit to be kept and logged."""
    if "@" not in text:
        return " ".join(text.split())
    return _ADDRESS.sub("<address>", " ".join(text.split()))
