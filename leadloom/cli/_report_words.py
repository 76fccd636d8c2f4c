"""How is a figure written on a terminal? Rounded here and nowhere else; the parts every report is drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from leadloom.domain.reports.figures import Frame, Proportion, Share

BAR_WIDTH = 24
NOTHING = "–"


def title(name: str, frame: Frame, *more: str) -> Text:
    """A report's first line: its name, and what two printouts of it must be compared by."""
    said = [f"as of {frame.as_of:%Y-%m-%d %H:%M} UTC", f"definition {frame.definition} v{frame.definition_version}"]
    said += [f"track {frame.track}"] if frame.track else []
    return Text.assemble((name, "bold"), "  ", (" · ".join([*said, *more]), "dim"))


def section(name: str, basis: str, table: Table) -> Iterable[RenderableType]:
    """A table under its name and what it is based on."""
    return Text.assemble("\n", (name, "bold cyan"), "\n", (basis, "dim")), table


def note(words: str) -> Text:
    """What a figure above leaves out, in a sentence."""
    return Text(words, style="dim italic")


def table(*heads: str, rows: Iterable[Sequence[RenderableType]], left: int = 1) -> Table:
    """A table whose first `left` columns are words and whose others are figures, set right."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for place, head in enumerate(heads):
        table.add_column(head, justify="left" if place < left else "right", no_wrap=place > 0)
    for row in rows:
        table.add_row(*row)
    return table


def share(share: Share) -> str:
    """A part of a whole, both told."""
    return f"{percent(share.percent)} ({share.part:,.0f} of {share.whole:,.0f})"


def ratio(share: Share) -> str:
    """Of two counts of which neither contains the other."""
    return f"{percent(share.percent)} ({share.part:,.0f} ÷ {share.whole:,.0f})"


def interval(share: Proportion) -> str:
    """Wilson's: where the true rate lies, 95 times of 100."""
    return NOTHING if share.low is None or share.high is None else f"{share.low:.1f}-{share.high:.1f}"


def percent(percent: float | None) -> str:
    """To a tenth."""
    return NOTHING if percent is None else f"{percent:.1f} %"


def number(figure: float | None) -> str:
    """Days and the like, to a tenth."""
    return NOTHING if figure is None else f"{figure:,.1f}"


def money(amount: float | Decimal | None) -> str:
    return NOTHING if amount is None else f"{amount:,.0f}"


def minutes(minutes: float | None) -> str:
    if minutes is None:
        return NOTHING
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:,.1f} h"


def kept(is_kept: bool | None) -> Text:
    if is_kept is None:
        return Text(NOTHING, style="dim")
    return Text("✓ kept", style="green") if is_kept else Text("✗ missed", style="red")


def bar(percent: float | None) -> Text:
    return Text("█" * round(BAR_WIDTH * (percent or 0) / 100), style="cyan")
