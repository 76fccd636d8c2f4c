"""What do we take of what a provider tells? Never over a person's own word."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from leadloom.domain.companies.enriching import Origin, Told, changes, is_skipped, pause_after
from leadloom.domain.definitions.enrichment import Enrichment, OverwriteRule

OLD, NEW = date(2026, 1, 1), date(2026, 2, 1)


def policy(rule: OverwriteRule) -> Enrichment:
    named = {"fields": {"sites": rule}}
    return Enrichment.model_validate(
        {"providers": {"register": named, "directory": named}, "trusted": ["register"], "skip": ["*.gov", "kap.de"]}
    )


@pytest.mark.parametrize(
    ("rule", "now", "origin", "as_of", "taken"),
    [
        ("fill", None, None, NEW, True),
        ("newer", 3, None, NEW, False),  # a person's own word
        ("trusted", 3, None, NEW, False),
        ("newer", 4, ("directory", 3, OLD), NEW, False),  # a person corrected what a provider told
        ("fill", 3, ("directory", 3, OLD), NEW, False),
        ("newer", 3, ("directory", 3, OLD), NEW, True),
        ("newer", 3, ("directory", 3, NEW), NEW, False),
        ("trusted", 3, ("directory", 3, NEW), OLD, True),
        ("trusted", 3, ("register", 3, OLD), NEW, True),
        ("trusted", 3, ("register", 3, NEW), OLD, False),
        ("newer", 9, ("directory", 9, OLD), NEW, False),  # known so already
    ],
)
def test_a_value_is_taken_by_its_fields_rule_and_never_over_a_persons_word(
    rule: OverwriteRule, now: int | None, origin: tuple[str, int, date] | None, as_of: date, taken: bool
) -> None:
    known = {"sites": Origin(provider=origin[0], value=origin[1], as_of=origin[2])} if origin else {}
    told = [Told(field="sites", value=9, as_of=as_of), Told(field="industry", value="retail", as_of=as_of)]
    (change,) = changes(policy(rule), "register", told, now={"sites": now}, origins=known)
    assert (change.is_taken, change.was) == (taken, now)


@pytest.mark.parametrize(
    ("field", "value"),
    [("sites", "many"), ("sites", -1), ("country", "Germany"), ("industry", "x" * 99), ("industry", "")],
)
def test_a_value_that_is_none_of_its_field_is_not_taken_and_says_why(field: str, value: object) -> None:
    rules = Enrichment.model_validate({"providers": {"register": {"fields": {field: "fill"}}}})
    told = [Told.model_validate({"field": field, "value": value, "as_of": NEW})]
    (change,) = changes(rules, "register", told, now={}, origins={})
    assert (change.is_taken, " no " in f" {change.because} ") == (False, True)


def test_skipped_domains_and_ever_longer_pauses() -> None:
    assert [is_skipped(policy("fill"), one) for one in ("x.gov", "kap.de", "kap.dev", None)] == [
        True,
        True,
        False,
        False,
    ]
    assert [pause_after(tries) for tries in (1, 2, 3, 20)] == [
        timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20), timedelta(days=1),
    ]  # fmt: skip
