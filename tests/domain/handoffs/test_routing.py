"""Does every lead get an owner or the pool, by the first rule that finds somebody who is there?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.definition_check import read_definition
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.handoffs.routing import OwnerFacts, Routed, Situation, route
from leadloom.domain.lead import Account, Lead
from leadloom.domain.model import AccountId, LeadId

AT = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
KELVANCE: Definition = read_definition(
    DraftText("definition.yaml", (Path(__file__).parents[3] / "definition.yaml").read_text(encoding="utf-8")),
)
HANDLES = [entry.handle for entry in KELVANCE.owners]


def routed(
    kind: str = "hand-raise",
    country: str | None = "DE",
    *,
    account_country: str | None = None,
    account_owner: str | None = None,
    away: tuple[str, ...] = (),
) -> Routed:
    lead = Lead(lead_id=LeadId(UUID(int=1)), country=country, created_at=AT)
    account = Account(account_id=AccountId(UUID(int=2)), name="Nordkai Pharma", country=account_country)
    owners = {handle: OwnerFacts(handle=handle, absent=handle in away) for handle in HANDLES}
    whom = Situation(lead=lead, account=account, account_owner=account_owner, at=AT)
    answer = route(KELVANCE, kind, whom, owners)
    assert isinstance(answer, Routed)
    return answer


@pytest.mark.parametrize(
    ("country", "sdr", "ae"),
    [
        ("DE", "ines-carvalho", "jonas-brandt"),
        ("US", "marcus-oyelaran", "dana-whitlock"),
        ("SG", "wei-jie-tan", "mei-lin-goh"),
    ],
)
def test_a_country_goes_to_the_owner_of_its_territory_in_the_role_the_kind_asks_for(
    country: str,
    sdr: str,
    ae: str,
) -> None:
    assert routed("hand-raise", country).owner == sdr
    assert routed("sal-to-sql", country).owner == ae


def test_each_rule_that_was_asked_says_what_it_answered() -> None:
    answer = routed("hand-raise", "SG")
    assert [(asked.rule, asked.matched) for asked in answer.asked] == [
        ("account owner first", False), ("Americas", False), ("Asia and Pacific", True),
    ]  # fmt: skip
    assert answer.asked[0].why == "the account has no owner"
    assert answer.asked[1].why == "is not about SG"
    assert answer.why == "Wei Jie Tan is sdr here"


def test_the_owner_of_the_account_comes_first() -> None:
    answer = routed("hand-raise", "DE", account_owner="dana-whitlock")
    assert answer.owner == "dana-whitlock"
    assert answer.why == "Dana Whitlock owns the account"


def test_a_qualified_lead_does_not_go_back_to_the_sdr_who_owns_the_account() -> None:
    answer = routed("sal-to-sql", "DE", account_owner="ines-carvalho")
    assert answer.owner == "jonas-brandt"
    assert "another role" in answer.asked[0].why


def test_the_deputy_covers_for_an_owner_who_is_away() -> None:
    answer = routed("hand-raise", "DE", away=("ines-carvalho",))
    assert answer.owner == "jonas-brandt"
    assert answer.why == "Inês Carvalho is away, so Jonas Brandt covers"


def test_an_account_owner_who_left_is_passed_over() -> None:
    assert routed("hand-raise", "DE", account_owner="somebody-gone").owner == "ines-carvalho"


def test_when_owner_and_deputy_are_away_the_pool_gets_it() -> None:
    answer = routed("hand-raise", "DE", away=("ines-carvalho", "jonas-brandt"))
    assert (answer.owner, answer.pool) == (None, "sales")
    assert any("and so is the deputy" in asked.why for asked in answer.asked)


def test_a_country_of_nobody_and_an_unknown_one_go_to_the_pool() -> None:
    assert routed("hand-raise", "ZA").pool == "sales"
    answer = routed("hand-raise", None)
    assert answer.pool == "sales"
    assert any("country is not known" in asked.why for asked in answer.asked)


def test_the_account_tells_the_country_when_the_lead_does_not() -> None:
    assert routed("hand-raise", None, account_country="JP").owner == "wei-jie-tan"


def test_a_new_customer_goes_to_customer_success_wherever_they_are() -> None:
    assert routed("won-to-success", "DE").owner == "hana-sato"


@given(
    kind=st.sampled_from(sorted(KELVANCE.hand_offs)),
    country=st.one_of(st.none(), st.sampled_from(["DE", "US", "SG", "ZA", "BR"])),
    account_owner=st.one_of(st.none(), st.sampled_from([*HANDLES, "somebody-gone"])),
    away=st.sets(st.sampled_from(HANDLES)),
)
def test_nobody_who_is_away_gets_a_lead_and_no_lead_gets_nobody(
    kind: str,
    country: str | None,
    account_owner: str | None,
    away: set[str],
) -> None:
    answer = routed(kind, country, account_owner=account_owner, away=tuple(away))
    assert (answer.owner is None) != (answer.pool is None)
    assert answer.owner not in away
    assert [asked.matched for asked in answer.asked] == [False] * (len(answer.asked) - 1) + [True]
    assert all(asked.why for asked in answer.asked)
