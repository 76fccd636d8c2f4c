"""Does a figure bring nothing along, follow the page's colours, and say what it shows?"""

from __future__ import annotations

import pytest

from leadloom.domain.microsites.figure import faults_of_figure, standing

SOUND = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><title>Dots</title><desc>Two dots.</desc>'
    '<defs><pattern id="p"><circle r="1"/></pattern></defs><rect fill="url(#p)" class="cold"/></svg>'
)


@pytest.mark.parametrize(
    ("was", "becomes", "fault"),
    [
        ("<rect ", "<script>alert(1)</script><rect ", "<script> may not stand"),
        ('class="cold"', 'onclick="x()"', "`onclick` may not stand"),
        ('class="cold"', 'style="fill:red"', "`style` may not stand"),
        ('fill="url(#p)"', 'fill="#ff0000"', "use the page's colours"),
        ("<rect ", '<image href="https://evil.example/x.png"/><rect ', "<image> may not stand"),
        ("<rect ", '<use href="https://evil.example/x.svg#a"/><rect ', "may not stand in a figure"),
        ("<title>Dots</title>", "", "It has no <title>"),
        ("<desc>Two dots.</desc>", "", "It has no <desc>"),
        ('viewBox="0 0 10 10"', "", "Begin with <svg"),
        ("</svg>", "", "It is no SVG"),
        ("<svg ", "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg ", "It declares a document type"),
    ],
)
def test_a_figure_with_a_fault_is_refused(was: str, becomes: str, fault: str) -> None:
    assert list(faults_of_figure(SOUND)) == []
    assert fault in " ".join(faults_of_figure(SOUND.replace(was, becomes)))


def test_a_figure_stands_in_a_page_under_its_own_names() -> None:
    shown = standing(SOUND, "dots")
    assert 'role="img" aria-labelledby="dots-title dots-desc"' in shown
    assert '<title id="dots-title">' in shown and 'id="dots-p"' in shown and "url(#dots-p)" in shown
