"""Which of what a provider told of a company do we take? Never over a person's own word; each with source and date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fnmatch import fnmatchcase

from leadloom.domain.definitions.enrichment import CompanyField, Enrichment, OverwriteRule
from leadloom.domain.intake.countries import CODES
from leadloom.domain.model import Json, Value

_LONGEST = 80
_FIRST_PAUSE = timedelta(minutes=5)


class AskedCompany(Value):
    """What a provider is asked by. Only what it declares that it asks for is told; the rest is None."""

    domain: str | None = None
    name: str | None = None
    country: str | None = None


class Told(Value):
    """One thing a provider told."""

    field: CompanyField
    value: str | int
    as_of: date
    """When it was so; not when we asked."""


class Origin(Value):
    """Which provider a value came from."""

    provider: str
    value: str | int
    as_of: date


class Change(Value):
    """What becomes of one thing that was told."""

    field: CompanyField
    was: Json
    value: Json
    as_of: date
    is_taken: bool
    because: str


def is_skipped(policy: Enrichment, domain: str | None) -> bool:
    """Whether nobody is asked about companies of that domain."""
    return domain is not None and any(fnmatchcase(domain, pattern.lower()) for pattern in policy.skip)


def changes(
    policy: Enrichment,
    provider: str,
    told: Sequence[Told],
    *,
    now: Mapping[CompanyField, Json],
    origins: Mapping[CompanyField, Origin],
) -> list[Change]:
    """What is taken of what was told, and why not the rest; fields the definition doesn't take are left out."""
    rules = policy.providers[provider].fields
    return [_change(policy, provider, one, rules[one.field], now, origins) for one in told if one.field in rules]


def pause_after(tries: int) -> timedelta:
    """How long a failed question waits: five minutes, then twice as long each time, a day at most."""
    return min(_FIRST_PAUSE * 2 ** (tries - 1), timedelta(days=1))


def _change(
    policy: Enrichment,
    provider: str,
    told: Told,
    rule: OverwriteRule,
    now: Mapping[CompanyField, Json],
    origins: Mapping[CompanyField, Origin],
) -> Change:
    was = now.get(told.field)
    is_taken, because = _verdict(policy, provider, told, rule, was, origins.get(told.field))
    return Change(field=told.field, was=was, value=told.value, as_of=told.as_of, is_taken=is_taken, because=because)


def _verdict(
    policy: Enrichment, provider: str, told: Told, rule: OverwriteRule, was: Json, origin: Origin | None
) -> tuple[bool, str]:
    if (wrong := _wrong(told)) is not None:
        return False, wrong
    if was == told.value:
        return False, "it is known so already"
    if was is None:
        return True, "nobody had told us"
    if origin is None or origin.value != was:
        return False, "a person told us otherwise"
    if rule == "newer" and told.as_of > origin.as_of:
        return True, f"newer than what {origin.provider} told"
    if rule == "trusted" and _trust(policy, provider) < _trust(policy, origin.provider):
        return True, f"more trusted than {origin.provider}"
    if rule == "trusted" and provider == origin.provider and told.as_of > origin.as_of:
        return True, "newer than what they told before"
    return False, f"{origin.provider} told us before, and the rule is {rule}"


def _trust(policy: Enrichment, provider: str) -> int:
    return policy.trusted.index(provider) if provider in policy.trusted else len(policy.trusted)


def _wrong(told: Told) -> str | None:
    """What a value lacks to be one of its field."""
    match told.field:
        case "sites" if not isinstance(told.value, int) or isinstance(told.value, bool) or told.value < 0:
            return f"{told.value} is no number of sites"
        case "country" if told.value not in CODES:
            return f"{told.value} is no country by two capital letters"
        case "industry" if not isinstance(told.value, str) or not 0 < len(told.value) <= _LONGEST:
            return f"it is no industry of at most {_LONGEST} letters"
        case _:
            return None
