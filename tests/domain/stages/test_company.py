"""Does a company's score add its people up as declared, and say which roles of the buying group are with us?"""

from __future__ import annotations

from uuid import UUID

import pytest

from leadloom.domain.definitions.company_rules import CompanyRules
from leadloom.domain.model import LeadId
from leadloom.domain.stages.company import Colleague, CompanyScore, company_score
from tests.domain.a_run import DAY_0
from tests.domain.a_standing import DEFINITION, entries

ROLES = ("quality", "logistics", "it")


def of(*people: tuple[str | None, float], **rules: object) -> CompanyScore:
    definition = DEFINITION.model_copy(update={"company_score": CompanyRules(roles=ROLES).model_copy(update=rules)})
    colleagues = [
        Colleague(lead_id=LeadId(UUID(int=no)), person=f"No {no}", role=role,
                  entries=entries(("reply", points, DAY_0)) if points else ())
        for no, (role, points) in enumerate(people, 1)
    ]  # fmt: skip
    return company_score(definition, colleagues, at=DAY_0)


@pytest.mark.parametrize(
    ("rules", "points", "digit"),
    [({}, 95, 1), ({"formula": "max"}, 60, 1), ({"formula": "mean"}, 95 / 3, 3), ({"cap": 50.0}, 50, 2),
     ({"per_person": None, "cap": None}, 115, 1), ({"digits": {1: 100.0, 2: 90.0}}, 95, 2)],
)  # fmt: skip
def test_people_add_up_by_the_declared_formula_and_its_caps(
    rules: dict[str, object], points: float, digit: int
) -> None:
    found = of(("quality", 80), ("logistics", 30), (None, 5), ("it", 0), **rules)

    assert (found.points, found.digit) == (pytest.approx(points), digit)
    assert (found.known, len(found.people)) == (4, 3)


def test_a_role_is_covered_by_somebody_engaged_and_else_it_is_missing() -> None:
    found = of(("quality", 80), ("logistics", 5), (None, 90))

    assert (found.covered, found.missing, found.coverage) == ({"quality": 1}, ("logistics", "it"), 1 / 3)
    assert found.formula == "sum of 3 people, at most 60 each, 200 in all"


def test_nobody_engaged_is_a_score_of_nothing_and_no_group_has_no_coverage() -> None:
    found = of(("quality", 0), roles=())

    assert (found.points, found.digit, found.people, found.coverage) == (0, 4, (), None)
