"""Does every picture say what it shows, keep to its figures, and pass a strict content security policy?"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from leadloom.domain.reports import promises
from leadloom.domain.reports.classes import CreditClass
from leadloom.domain.reports.funnel import FunnelQuestion, funnel
from leadloom.domain.reports.velocity import VelocityQuestion, velocity
from leadloom.web import charts
from tests import hand_cases
from tests.hand_cases import day

SVG = "{http://www.w3.org/2000/svg}"
AS_OF = day("03-15")
COUNTS = {CreditClass.GENERATED: 1, CreditClass.ENHANCED: 2, CreditClass.SALES_ONLY: 1, CreditClass.PARTNER_ONLY: 0}
DEFINITION = hand_cases.definition()


def all_charts() -> dict[str, Markup]:
    asked = VelocityQuestion(as_of=AS_OF)
    return {
        "funnel": charts.funnel_chart(funnel(DEFINITION, hand_cases.ways(), FunnelQuestion(as_of=AS_OF))),
        "velocity": charts.velocity_chart(velocity(DEFINITION, hand_cases.ways(), asked).steps[0]),
        "mails": charts.mails_chart([(date(2024, 1, 2), 4), (date(2024, 1, 4), 8)]),
        "outcomes": charts.outcomes_chart(promises.sla(DEFINITION, hand_cases.hand_offs("abd"), as_of=AS_OF)),
        "classes": charts.classes_chart("Leads by class", "of accepted leads", COUNTS),
    }


def empty_charts() -> dict[str, Markup]:
    asked = VelocityQuestion(as_of=AS_OF)
    return {
        "funnel": charts.funnel_chart(funnel(DEFINITION, (), FunnelQuestion(as_of=AS_OF))),
        "velocity": charts.velocity_chart(velocity(DEFINITION, (), asked).steps[0]),
        "mails": charts.mails_chart([]),
        "outcomes": charts.outcomes_chart(promises.sla(DEFINITION, (), as_of=AS_OF)),
        "classes": charts.classes_chart("Leads by class", "of accepted leads", {}),
    }


def parsed(chart: Markup) -> ElementTree.Element:
    """The chart as XML: what is not well formed fails here."""
    return ElementTree.fromstring(re.sub(r"<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', str(chart)))


def widths(chart: Markup) -> list[float]:
    return [float(shape.attrib["width"]) for shape in parsed(chart).iter(f"{SVG}rect")]


def cells(chart: Markup) -> list[list[str | None]]:
    return [[cell.text for cell in row] for row in parsed(chart).iter("tr")]


@pytest.mark.parametrize("name", list(all_charts()))
def test_a_chart_names_and_describes_itself_for_who_cannot_see_it(name: str) -> None:
    chart = parsed(all_charts()[name])
    picture = next(chart.iter(f"{SVG}svg"))
    words = {element.attrib["id"]: element.text for element in picture if "id" in element.attrib}
    assert picture.attrib["role"] == "img"
    assert all(words[label] for label in picture.attrib["aria-labelledby"].split())
    assert next(chart.iter("table")) is not None


@pytest.mark.parametrize("charts_of", [all_charts, empty_charts])
def test_a_chart_has_no_inline_style_script_or_colour(charts_of: Callable[[], dict[str, Markup]]) -> None:
    for chart in charts_of().values():
        attributes = {name for element in parsed(chart).iter() for name in element.attrib}
        assert not attributes & {"style", "fill", "stroke"}
        assert not [name for name in attributes if name.startswith("on")]
        assert "<script" not in chart and "<style" not in chart


@pytest.mark.parametrize("name", list(empty_charts()))
def test_a_chart_of_nothing_is_still_a_chart(name: str) -> None:
    shapes = [shape.attrib for shape in parsed(empty_charts()[name]).iter(f"{SVG}rect")]
    drawn = [shape for shape in shapes if float(shape["width"]) * float(shape["height"]) != 0]
    assert {(shape["width"], shape["height"]) for shape in drawn} <= {("14.00", "14.00")}, "squares of the legend"


def test_bars_of_the_funnel_are_as_long_as_their_figures() -> None:
    inquiry, mql, sal, sql, won = widths(all_charts()["funnel"])
    assert (mql / inquiry, sal / inquiry, won / inquiry) == pytest.approx((0.75, 0.5, 0.25), abs=0.01)
    assert sal == sql


def test_the_table_of_the_funnel_says_the_same_as_its_bars() -> None:
    assert cells(all_charts()["funnel"])[1:4] == [
        ["inquiry", "4", "100.0 %", "–"],
        ["mql", "3", "75.0 %", "75.0 %"],
        ["sal", "2", "50.0 %", "66.7 %"],
    ]


def test_a_day_without_mails_is_drawn_as_nothing_and_not_left_out() -> None:
    chart = all_charts()["mails"]
    heights = [float(shape.attrib["height"]) for shape in parsed(chart).iter(f"{SVG}rect")]
    assert heights[1] == 0
    assert heights[0] / heights[2] == pytest.approx(0.5)
    assert cells(chart)[1:] == [["2024-01-02", "4"], ["2024-01-03", "0"], ["2024-01-04", "8"]]


def test_parts_of_the_stacked_bar_make_the_whole_and_an_empty_class_is_named_but_not_drawn() -> None:
    chart = all_charts()["classes"]
    drawn = [width for width in widths(chart) if width != 14]
    assert len(drawn) == 3
    assert drawn[1] == pytest.approx(2 * drawn[0], abs=3)
    assert ["partner-only", "0", "0.0 %"] in cells(chart)


def test_words_of_a_definition_are_escaped() -> None:
    chart = charts.classes_chart("Leads <b>", 'of "accepted" & <script>', COUNTS)
    assert "<b>" not in chart and "<script>" not in chart
    assert next(parsed(chart).iter("figcaption")).text == "Leads <b>"


def test_every_class_a_chart_uses_has_its_look() -> None:
    sheet = (Path(charts.__file__).parent / "static" / "charts.css").read_text(encoding="utf-8")
    used = {name for chart in all_charts().values() for name in re.findall(r'class="([^"]+)"', str(chart))}
    names = {one for classes in used for one in classes.split()}
    assert [name for name in sorted(names) if f".{name}" not in sheet] == []
