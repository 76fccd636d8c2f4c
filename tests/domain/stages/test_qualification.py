"""Does the MQL gate open for whom world.md says, and say why or why not?"""

from __future__ import annotations

from typing import Any

import pytest

from leadloom.domain.lead import Event, Lead, Verdict
from leadloom.domain.stages.qualification import GateDecision, is_shut, mql
from leadloom.domain.stages.scoring import score
from leadloom.domain.standing import ScoreEntry
from tests.domain.a_run import DAY_0, day
from tests.domain.a_standing import ACCOUNT, DEFINITION, a_lead, an_event, entries

TWO_KINDS = (an_event("webinar_attended", 1), an_event("calculator_finished", 2))
ENGAGED = entries(("webinar_attended", 20, DAY_0), ("calculator_finished", 20, DAY_0))


def gate(
    lead: Lead | None = None,
    *,
    account: Any = ACCOUNT,
    earned: tuple[ScoreEntry, ...] = ENGAGED,
    responses: tuple[Event, ...] = TWO_KINDS,
    asked: bool = False,
    on: float = 0,
) -> GateDecision:
    """The gate for a lead that passes by rule (b), but for what the test changes."""
    who = lead or a_lead()
    now = score(DEFINITION, who, account=account, entries=earned, at=day(on))
    return mql(DEFINITION, who, account=account, score=now, responses=responses, asked=asked, at=day(on))


def test_who_fits_engages_and_answered_in_two_kinds_passes_by_score() -> None:
    found = gate()

    assert (found.passed, found.rule, found.hand_off) == (True, "scored", "scored-mql")
    assert any("2 kinds of response" in line for line in found.why)
    assert found.values["letter"] == "A"
    assert found.values["engagement"] == 40


def test_who_asks_to_talk_passes_at_once_whatever_the_score() -> None:
    stranger = a_lead(role=None, title=None, country=None, email="mia@gmail.com")

    found = gate(stranger, account=None, earned=(), responses=(an_event("demo_requested", 1),), asked=True)

    assert (found.passed, found.rule, found.hand_off) == (True, "asks", "hand-raise")
    assert found.missing == ("work_mail", "country", "role")
    assert found.why[0] == "Asked for a demo"
    assert found.why[-1] == "Not known yet: work mail, country, role."


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"earned": entries(("reply", 39.9, DAY_0))}, "Engagement is 3 (39.9); it takes 1 or 2."),
        ({"account": None}, "Fit is C (40); it takes A or B."),
        ({"responses": (*TWO_KINDS[:1], an_event("webinar_attended", 3))}, "1 kind of response in 30d; it takes 2."),
        ({"lead": a_lead(email="mia@gmail.com")}, "Not known yet: work mail."),
        ({"lead": a_lead(role=None)}, "Not known yet: role."),
    ],
)
def test_each_thing_that_lacks_keeps_the_gate_shut_and_is_said(changes: dict[str, Any], says: str) -> None:
    found = gate(**changes)

    assert not found.passed
    assert says in found.why


@pytest.mark.parametrize("role", ["quality", "logistics", None])
@pytest.mark.parametrize("account", [ACCOUNT, None])
@pytest.mark.parametrize("earned", [ENGAGED, entries(("reply", 39.9, DAY_0)), ()])
def test_a_score_that_shuts_the_gate_lets_nobody_through(role: str | None, account: Any, earned: Any) -> None:
    who = a_lead(role=role)
    now = score(DEFINITION, who, account=account, entries=earned, at=day(0))

    passed = gate(who, account=account, earned=earned).passed

    assert is_shut(DEFINITION, now) is (now.letter not in "AB" or now.digit not in (1, 2))
    assert not (is_shut(DEFINITION, now) and passed)


def test_a_role_in_the_lead_s_own_words_is_known() -> None:
    assert gate(a_lead(role=None, title="Cold chain wizard")).passed


@pytest.mark.parametrize("kind", ["competitor", "student", "supplier"])
@pytest.mark.parametrize("asked", [True, False])
def test_competitors_students_and_suppliers_never_pass(kind: str, asked: bool) -> None:
    found = gate(a_lead(attributes={"kind": kind}), asked=asked)

    assert (found.passed, found.why) == (False, (f"Not for sales: a {kind}.",))


def test_a_response_older_than_thirty_days_is_no_kind_any_more() -> None:
    fresh = entries(("reply", 60, day(29)))

    assert gate(earned=fresh, responses=TWO_KINDS, on=29.9).passed
    assert not gate(earned=fresh, responses=TWO_KINDS, on=30).passed


def test_machines_and_opens_are_no_kind_of_response() -> None:
    by_machine = an_event("calculator_finished", 2, verdict=Verdict.MACHINE)

    found = gate(responses=(TWO_KINDS[0], by_machine, an_event("mail_opened", 3)))

    assert found.values["kinds"] == ["webinar_attended"]


def test_several_bands_may_pass_and_the_first_that_holds_says_which_hand_off_it_is() -> None:
    loud = DEFINITION.mql.scored.but(letters=("C",), digits=(1,), kinds_of_response=1, hand_off="buying-circle")
    banded = DEFINITION.but(mql=DEFINITION.mql.but(further=(loud,)))
    stranger, keen = a_lead(role=None, title="CEO"), entries(("reply", 70, DAY_0))

    def found(earned: tuple[ScoreEntry, ...], *responses: Event) -> GateDecision:
        now = score(banded, stranger, account=None, entries=earned, at=DAY_0)
        return mql(banded, stranger, account=None, score=now, responses=responses, asked=False, at=DAY_0)

    lukewarm = found(entries(("reply", 41, DAY_0)), an_event("reply", 1))
    poorly = banded.but(fit=banded.fit.but(letters={"A": 75, "B": 50, "C": 10}))
    now = score(poorly, stranger, account=None, entries=keen, at=DAY_0)
    passed = mql(poorly, stranger, account=None, score=now, responses=TWO_KINDS, asked=False, at=DAY_0)

    assert (passed.passed, passed.hand_off) == (True, "buying-circle")
    assert not lukewarm.passed
