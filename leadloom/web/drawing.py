"""How is a figure drawn? SVG of our own: bars, columns and one stacked bar, each with its words and its table.

A drawing has no colour and no style in it: classes name what a shape is and `static/charts.css` says how that looks by
day and by night, so a strict content security policy lets it through and print has its own look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from leadloom.domain.model import Value

WIDTH = 360
"""Units of every picture: narrow, so that words stay readable when a phone scales it."""
LABEL_WIDTH = 84
VALUE_WIDTH = 88
ROW = 30
BAR = 20
COLUMNS_HEIGHT = 130
SERIES = 4
"""Classes `chart-s1` to `chart-s4` in the style sheet; a fifth part looks like the first."""


class Bar(Value):
    """One thing with its size."""

    label: str
    size: float
    words: str
    """What stands beside it: the figure as a person reads it."""


class Table(Value):
    """The figures of a picture, for whoever would rather read."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def bars(bars: Sequence[Bar]) -> tuple[Markup, int]:
    """Horizontal bars below each other, and the height they take. The largest fills the width."""
    room = WIDTH - LABEL_WIDTH - VALUE_WIDTH
    largest = max((bar.size for bar in bars), default=0) or 1
    drawn: list[Markup] = []
    for place, bar in enumerate(bars):
        top, length = place * ROW, room * bar.size / largest
        middle = top + BAR / 2
        drawn += [
            _text(bar.label, LABEL_WIDTH - 8, middle, anchor="end"),
            _rect(LABEL_WIDTH, top, length, BAR, series=1),
            _text(bar.words, LABEL_WIDTH + length + 8, middle, kind="value"),
        ]
    return Markup("").join(drawn), ROW * len(bars)


def columns(bars: Sequence[Bar], *, labelled: int | None = None) -> tuple[Markup, int]:
    """Upright columns side by side. Of many, about `labelled` labels are written; None writes all, with their words."""
    largest = max((bar.size for bar in bars), default=0) or 1
    step = WIDTH / max(len(bars), 1)
    gap = min(6.0, step / 5)
    every = 1 if labelled is None else max(1, -(-len(bars) // labelled))
    top = 20 if labelled is None else 4
    drawn: list[Markup] = [_line(0, top + COLUMNS_HEIGHT, WIDTH)]
    for place, bar in enumerate(bars):
        height = COLUMNS_HEIGHT * bar.size / largest
        left, middle = place * step, (place + 0.5) * step
        drawn.append(_rect(left + gap / 2, top + COLUMNS_HEIGHT - height, step - gap, height, series=1))
        if labelled is None and bar.size:
            drawn.append(_text(bar.words, middle, top + COLUMNS_HEIGHT - height - 10, anchor="middle", kind="value"))
        if place % every == 0:
            # The first of many labels begins at its column: centred, it would be cut off at the edge.
            at, anchor = (middle, "middle") if labelled is None else (left, "start")
            drawn.append(_text(bar.label, at, top + COLUMNS_HEIGHT + 14, anchor=anchor))
    return Markup("").join(drawn), top + COLUMNS_HEIGHT + 26


def stacked(bars: Sequence[Bar]) -> tuple[Markup, int]:
    """One bar whose parts make the whole, with a line of words for each part below it."""
    whole = sum(bar.size for bar in bars) or 1
    drawn: list[Markup] = []
    left = 0.0
    for place, bar in enumerate(bars):
        length = WIDTH * bar.size / whole
        if bar.size:
            # Two units of gap keep neighbours apart for whoever can't tell their colours.
            drawn.append(_rect(left, 0, max(length - 2, 1), 36, series=place % SERIES + 1))
        left += length
    for place, bar in enumerate(bars):
        middle = 60 + place * 24
        drawn += [
            _rect(0, middle - 7, 14, 14, series=place % SERIES + 1),
            _text(bar.label, 24, middle),
            _text(bar.words, WIDTH, middle, anchor="end", kind="value"),
        ]
    return Markup("").join(drawn), 60 + 24 * len(bars)


def figure(title: str, description: str, drawing: tuple[Markup, int], *, table: Table) -> Markup:
    """A picture with its title, what it says in words, and its figures as a table beneath."""
    body, height = drawing
    name = "chart-" + re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return Markup(
        '<figure class="chart">'
        '<figcaption class="chart-title">{title}</figcaption>'
        '<p class="chart-basis">{description}</p>'
        '<svg class="chart-picture" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{name}-t {name}-d">'
        '<title id="{name}-t">{title}</title><desc id="{name}-d">{description}</desc>{body}</svg>'
        '<details class="chart-figures"><summary>The figures</summary>{table}</details>'
        "</figure>"
    ).format(title=title, description=description, width=WIDTH, height=height, name=name, body=body, table=_html(table))


def _html(table: Table) -> Markup:
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(word) for word in table.head)
    rows = Markup("").join(Markup("<tr>{}</tr>").format(_cells(row)) for row in table.rows)
    return Markup('<table class="chart-table"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>').format(head, rows)


def _cells(row: Iterable[str]) -> Markup:
    first, *others = row
    cells = Markup("").join(Markup("<td>{}</td>").format(other) for other in others)
    return Markup('<th scope="row">{}</th>').format(first) + cells


def _rect(left: float, top: float, width: float, height: float, *, series: int) -> Markup:
    return Markup(
        f'<rect class="chart-shape chart-s{series}" x="{left:.2f}" y="{top:.2f}" width="{width:.2f}"'
        f' height="{height:.2f}"/>'
    )


def _line(left: float, top: float, right: float) -> Markup:
    return Markup(f'<line class="chart-line" x1="{left:.2f}" y1="{top:.2f}" x2="{right:.2f}" y2="{top:.2f}"/>')


def _text(words: str, left: float, middle: float, *, anchor: str = "start", kind: str = "label") -> Markup:
    return Markup(
        f'<text class="chart-{kind}" x="{left:.2f}" y="{middle:.2f}" text-anchor="{anchor}"'
        f' dominant-baseline="central">{escape(words)}</text>'
    )
