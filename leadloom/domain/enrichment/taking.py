"""Which of what a provider told do we take? Never over a person's own word; each with source and date."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from fnmatch import fnmatchcase
from typing import NamedTuple

from leadloom.domain.definitions.enrichment import Enrichment, OverwriteRule
from leadloom.domain.enrichment.asked import Told
from leadloom.domain.errors import BadInput
from leadloom.domain.model import Json, Value

_FIRST_PAUSE = timedelta(minutes=5)


class Origin(Value):
    """Which provider a value came from."""

    provider: str
    value: Json
    as_of: date


class Change(Value):
    """What becomes of one thing that was told."""

    field: str
    was: Json
    value: Json
    as_of: date
    is_taken: bool
    because: str


def is_skipped(policy: Enrichment, domain: str | None) -> bool:
    """Whether nobody is asked about companies of that domain, and about people with an address there."""
    return domain is not None and any(fnmatchcase(domain, pattern.lower()) for pattern in policy.skip)


def changes(
    policy: Enrichment,
    rules: Mapping[str, OverwriteRule],
    provider: str,
    words: Sequence[Told],
    *,
    reads: Callable[[Told], Json],
    now: Mapping[str, Json],
    origins: Mapping[str, Origin],
) -> list[Change]:
    """What is taken of what was told, and why not the rest; fields the definition doesn't take are left out.

    Args:
        policy: Says whose word counts more.
        rules: Field → how far this provider's word goes (`Enrichment.rules`).
        provider: Who told.
        words: What, in their spelling.
        reads: Spells a word as its field keeps it; BadInput for what can't be kept.
        now: What is known; None of a field nobody told.
        origins: Where of what is known a provider's word stands.
    """
    found: list[Change] = []
    for one in words:
        if (rule := rules.get(one.field)) is None:
            continue
        was = now.get(one.field)
        try:
            value = reads(one)
        except BadInput as error:
            found.append(_change(one, was, str(one.value)[:80], is_taken=False, because=error.remedy))
            continue
        is_taken, because = _verdict(policy, rule, _Word(provider, value, one.as_of), was, origins.get(one.field))
        found.append(_change(one, was, value, is_taken=is_taken, because=because))
    return found


def pause_after(tries: int) -> timedelta:
    """How long a failed question waits: five minutes, then twice as long each time, a day at most."""
    return min(_FIRST_PAUSE * 2 ** min(tries - 1, 10), timedelta(days=1))


class _Word(NamedTuple):
    provider: str
    value: Json
    as_of: date


def _change(told: Told, was: Json, value: Json, *, is_taken: bool, because: str) -> Change:
    return Change(field=told.field, was=was, value=value, as_of=told.as_of, is_taken=is_taken, because=because)


def _verdict(
    policy: Enrichment, rule: OverwriteRule, word: _Word, was: Json, origin: Origin | None
) -> tuple[bool, str]:
    if was == word.value:
        return False, "it is known so already"
    if was is None:
        return True, "nobody had told us"
    if origin is None or origin.value != was:
        return False, "a person told us otherwise"
    if rule == "newer" and word.as_of > origin.as_of:
        return True, f"newer than what {origin.provider} told"
    if rule == "trusted" and _trust(policy, word.provider) < _trust(policy, origin.provider):
        return True, f"more trusted than {origin.provider}"
    if rule == "trusted" and word.provider == origin.provider and word.as_of > origin.as_of:
        return True, "newer than what they told before"
    return False, f"{origin.provider} told us before, and the rule is {rule}"


def _trust(policy: Enrichment, provider: str) -> int:
    return policy.trusted.index(provider) if provider in policy.trusted else len(policy.trusted)
