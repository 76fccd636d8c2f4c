"""What does an owner answer who replies to a notice? Their first own line, read generously, and never guessed.

A line is an answer only when it is shaped like one: a verb of ours first, then what belongs to it. Anything else is
unclear, and is asked about. English and German; the words for reasons are the definition's (`RejectReason.says`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Literal

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.hand_off_rules import RejectReason
from leadloom.domain.handoffs.spoken_dates import date_in
from leadloom.domain.model import Value

Act = Literal["accept", "reject", "recycle", "tried", "reached"]

_ACCEPT = (
    "accept", "accepted", "i accept", "i take it", "i'll take it", "taken", "annehmen", "angenommen", "ich nehme an",
    "nehme an", "nehme ich", "ich übernehme", "ich uebernehme", "übernehme ich", "übernommen",
)  # fmt: skip
_YES = ("yes", "ok", "okay", "mine", "got it", "on it", "i'm on it", "ja")
"""Said of much: an acceptance only where nothing else follows."""
_REJECT = (
    "reject", "rejected", "i reject", "decline", "declined", "give back", "give it back", "giving it back", "no",
    "ablehnen", "abgelehnt", "ich lehne ab", "lehne ab", "zurückgeben", "zurück", "gebe ich zurück", "nein",
)  # fmt: skip
_RECYCLE = (
    "recycle", "recycled", "recycle until", "recycle on", "later", "not before", "come back", "wiedervorlage",
    "zurückstellen", "zurückgestellt", "später", "nicht vor",
)  # fmt: skip
_TRIED = (
    "tried", "called", "called, no answer", "called no answer", "tried, no answer", "no answer", "voicemail",
    "left a message", "versucht", "angerufen, nicht erreicht", "nicht erreicht", "mailbox",
)  # fmt: skip
_REACHED = ("reached", "reached them", "spoke", "talked", "erreicht", "gesprochen")
_VERBS: tuple[tuple[Act, tuple[str, ...]], ...] = (
    ("recycle", _RECYCLE), ("accept", _ACCEPT), ("accept", _YES), ("reject", _REJECT), ("tried", _TRIED),
    ("reached", _REACHED),
)  # fmt: skip
_FILLERS = frozenset((
    "it", "this", "that", "lead", "her", "him", "them", "the", "please", "thanks", "thank", "you", "cheers", "now",
    "will", "for", "because", "as", "is", "den", "die", "das", "ihn", "sie", "ich", "danke", "bitte", "wegen", "weil",
))  # fmt: skip
"""What may stand around an answer and says nothing."""
_DOUBTS = re.compile(r"\b(not|n't|no|but|unless|if|aber|nicht|kein\w*|wenn|except|or|oder)\b|\?", re.IGNORECASE)
_EDGES = " \t.,;:!-–—*_\"'“”„()[]"
_LONGEST = 300
"""Characters of a line that is an answer; a longer one is a letter."""
_LONGEST_REMARK = 12
"""Words."""


class SaidByReply(Value):
    """What the line says."""

    act: Act
    reason: str | None = None
    text: str | None = None
    sub_reason: str | None = None
    until: date | None = None
    """The day, in the owner's own calendar."""


class Unclear(Value):
    """Nothing is done, and the owner is asked."""

    why: str
    """In words that repeat nothing of what was written."""


def read_reply(definition: Definition, text: str, *, today: date) -> SaidByReply | Unclear:
    """What the first own line answers. `text` is without what it quotes; `today` is the owner's."""
    line = next((each.strip() for each in text.splitlines() if each.strip() and not each.lstrip().startswith(">")), "")
    if not line or len(line) > _LONGEST:
        return Unclear(why="the first line is no answer")
    plain = " ".join(line.casefold().replace("’", "'").split()).strip(_EDGES)
    if _is_a_chip(definition, plain):
        return _rejected(definition, plain, line, today)
    found = next(((act, verb) for act, verb in _longest_first() if _after(plain, verb) is not None), None)
    if found is None:
        return Unclear(why="the first line begins with none of accept, reject and recycle")
    act, verb = found
    rest = _after(plain, verb) or ""
    match act:
        case "accept" | "tried" | "reached":
            return (
                SaidByReply(act=act)
                if _takes_nothing_back(verb, rest)
                else Unclear(why=f"it says {act}, and then more")
            )
        case "recycle":
            until = date_in(rest, today=today)
            return SaidByReply(act=act, until=until) if until else Unclear(why="it says recycle without a date")
        case _:
            return _rejected(definition, rest, line, today)


def _longest_first() -> list[tuple[Act, str]]:
    return sorted(((act, verb) for act, verbs in _VERBS for verb in verbs), key=lambda one: -len(one[1]))


def _after(line: str, verb: str) -> str | None:
    """What follows the verb; None when the line doesn't begin with it."""
    if not line.startswith(verb) or (len(line) > len(verb) and line[len(verb)].isalnum()):
        return None
    return line[len(verb) :].strip(_EDGES)


def _takes_nothing_back(verb: str, rest: str) -> bool:
    """Whether what follows only adds to it: fillers, or after a plain verb a short remark without a doubt in it."""
    words = re.findall(r"[^\W\d_]+", rest)
    if all(word in _FILLERS for word in words):
        return "?" not in rest
    return verb not in _YES and len(words) <= _LONGEST_REMARK and not _DOUBTS.search(rest)


def _is_a_chip(definition: Definition, line: str) -> bool:
    """Whether the line says a reason and nothing else; a number alone may mean anything."""
    return not line.isdecimal() and any(
        line == spelling for name, rule in definition.reject_reasons.items() for spelling in _spellings(name, rule)
    )


def _rejected(definition: Definition, rest: str, line: str, today: date) -> SaidByReply | Unclear:
    matched = _chip(definition, rest)
    if matched is None:
        return Unclear(why="it says reject without a reason of ours")
    name, rule, remark = matched
    sub_reason = next((each for each in rule.sub_reasons if re.search(rf"\b{re.escape(each)}\b", remark)), None)
    return SaidByReply(
        act="reject",
        reason=name,
        text=_as_written(line, remark) if rule.asks in ("text", "who") else None,
        sub_reason=sub_reason if rule.asks == "sub_reason" else None,
        until=date_in(remark, today=today) if rule.asks == "date" else None,
    )


def _chip(definition: Definition, rest: str) -> tuple[str, RejectReason, str] | None:
    """The chip the words begin with, by its number, name, label or another word for it; the longest match counts."""
    words = rest
    while (first := words.partition(" ")[0].strip(_EDGES)) in _FILLERS and first:
        words = words.partition(" ")[2].strip(_EDGES)
    found = [
        (spelling, name, rule)
        for name, rule in definition.reject_reasons.items()
        for spelling in _spellings(name, rule)
        if _after(words, spelling) is not None
    ]
    if not found:
        return None
    spelling, name, rule = max(found, key=lambda one: len(one[0]))
    return name, rule, _after(words, spelling) or ""


def _spellings(name: str, rule: RejectReason) -> Iterator[str]:
    yield str(rule.key % 10)
    yield name
    yield name.replace("-", " ")
    label = rule.label.casefold()
    yield label
    yield label.partition("(")[0].strip()
    yield from (each.casefold() for each in rule.says)


def _as_written(line: str, remark: str) -> str | None:
    """The remark in the writer's own capitals."""
    place = line.casefold().rfind(remark) if remark else -1
    return (line[place : place + len(remark)] if place >= 0 else remark).strip(_EDGES) or None
