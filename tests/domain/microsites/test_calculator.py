"""Does a calculator say every line of its sum, read figures as people write them, and refuse what is no sum?"""

from __future__ import annotations

import pytest

from leadloom.domain.microsites.calculator import Calculator, faults_of_calculator, work_out
from leadloom.runtime.microsites import SiteFolder

PALLET = SiteFolder().sites().named("four-degrees").calculators["warm-pallet"]
SMALL = {
    "currencies": ["EUR"],
    "inputs": [{"name": "a", "label": "A", "start": 10, "most": 100}],
    "lines": [{"name": "b", "label": "B", "is": "a * 2"}],
    "result": "b",
    "verdict": "It is {b} of {a}.",
}


def test_the_warm_pallet_adds_up_line_by_line() -> None:
    said = work_out(PALLET, {})
    assert {shown.line.name: shown.text for shown in said.lines} == {
        "goods": "1,620 USD", "report": "420 USD", "talk": "175 USD", "space": "140 USD", "one": "2,355 USD",
        "quarter": "32,970 USD", "year": "131,880 USD", "spread": "18.32 USD", "share": "0.78 %",
    }  # fmt: skip
    assert said.cost == "2,355 USD"
    assert said.verdict.startswith("A warm pallet costs you 2,355 USD, and a year of them 131,880 USD.")
    assert said.told["cost"] == "2,355 USD" and said.told["pallets"] == "600"


@pytest.mark.parametrize(
    ("typed", "value"), [("1 200", 1200), ("1,200", 1200), ("1.200.000", None), ("1200,5", 1200.5), ("1'200", 1200)]
)
def test_figures_are_read_as_people_write_them(typed: str, value: float | None) -> None:
    said = work_out(PALLET, {"value": typed, "lost": "100", "hours": "0", "calls": "0", "quarantine": "0"})
    assert (said.lines[0].value if said.lines else None) == value


@pytest.mark.parametrize("typed", ["many", "-1", "1e9", "nan", "inf", "1" * 39, "1;DROP", "\0"])
def test_what_is_no_figure_is_said_at_its_field_and_nothing_is_worked_out(typed: str) -> None:
    said = work_out(PALLET, {"pallets": typed})
    assert (list(said.wrong), said.lines, said.figures["pallets"]) == (["pallets"], (), typed)


def test_nothing_shipped_divides_nothing() -> None:
    said = work_out(
        Calculator.model_validate({**SMALL, "lines": [{"name": "b", "label": "B", "is": "a / (a - a)"}]}), {}
    )
    assert said.cost == "0 EUR"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"lines": [{"name": "b", "label": "B", "is": "c * 2"}]}, "There is no `c` above this line"),
        ({"lines": [{"name": "b", "label": "B", "is": "__import__('os')"}]}, "is no sum"),
        ({"lines": [{"name": "b", "label": "B", "is": "a ** 9"}]}, "is no sum"),
        ({"lines": [{"name": "b", "label": "B", "is": "a.real"}]}, "is no sum"),
        ({"lines": [{"name": "b", "label": "B", "is": "True"}]}, "is no number"),
        ({"lines": [{"name": "a", "label": "B", "is": "1"}]}, "stands here twice"),
        ({"result": "z"}, "There is no line `z`"),
        ({"verdict": "{z}"}, "It names what there isn't"),
        ({"inputs": [{"name": "a", "label": "A", "start": 10, "most": 5}]}, "It starts outside"),
    ],
)
def test_a_calculator_that_can_not_be_worked_out_is_refused(change: dict[str, object], fault: str) -> None:
    assert list(faults_of_calculator(Calculator.model_validate(SMALL))) == []
    found = [one.words for one in faults_of_calculator(Calculator.model_validate({**SMALL, **change}))]
    assert fault in " ".join(found)
