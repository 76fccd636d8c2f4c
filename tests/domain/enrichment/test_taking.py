"""What do we take of what a provider tells? Never over a person's own word."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from leadloom.domain.definitions.enrichment import Enrichment, OverwriteRule
from leadloom.domain.enrichment import values
from leadloom.domain.enrichment.asked import Told
from leadloom.domain.enrichment.taking import Origin, changes, is_skipped, pause_after
from leadloom.domain.errors import BadInput
from tests.world import definition

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
    agreed = policy(rule)
    (change,) = changes(
        agreed, agreed.rules("register", of_leads=False), "register", told,
        reads=values.of_company, now={"sites": now}, origins=known,
    )  # fmt: skip
    assert (change.is_taken, change.was) == (taken, now)


@pytest.mark.parametrize(
    ("field", "value"),
    [("sites", "many"), ("sites", -1), ("country", "Germany"), ("industry", "x" * 99), ("industry", "")],
)
def test_a_value_that_is_none_of_its_field_is_not_taken_and_says_why(field: str, value: object) -> None:
    told = [Told.model_validate({"field": field, "value": value, "as_of": NEW})]
    (change,) = changes(Enrichment(), {field: "fill"}, "register", told, reads=values.of_company, now={}, origins={})
    assert (change.is_taken, " no " in f" {change.because} ") == (False, True)


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("phone", "+49 (30) 1234567", "+49301234567"), ("phone", "030 1234567", None), ("phone", "ask Ana", None),
        ("title", "  Head of  Quality ", "Head of Quality"), ("title", "Head\r\nBcc: x", None), ("title", " ", None),
        ("time_zone", "Europe/Berlin", "Europe/Berlin"), ("time_zone", "CET+1", None),
        ("role", "quality", "quality"), ("role", "boss", None), ("first_name", "Zoë", "Zoë"),
        ("last_name", "x" * 81, None), ("sites", 3, None),
    ],
)  # fmt: skip
def test_what_is_told_of_a_lead_is_kept_as_its_field_is_spelled_or_refused_with_a_reason(
    field: str, value: object, kept: str | None
) -> None:
    told = Told.model_validate({"field": field, "value": value, "as_of": NEW})
    if kept is not None:
        assert values.of_lead(definition(), told) == kept
        return
    with pytest.raises(BadInput) as refused:
        values.of_lead(definition(), told)
    assert refused.value.remedy


def test_a_told_title_means_its_role_unless_the_role_is_told() -> None:
    title = Told(field="title", value="Head of Quality", as_of=NEW)
    meant = Told(field="role", value="quality", as_of=NEW)
    assert values.with_role(definition(), [title]) == [title, meant]
    own = Told(field="role", value="it", as_of=OLD)
    assert values.with_role(definition(), [title, own]) == [title, own]
    assert values.with_role(definition(), [title.but(value="Poet")]) == [title.but(value="Poet")]


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
