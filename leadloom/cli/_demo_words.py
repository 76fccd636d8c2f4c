"""How a played world is told on a terminal: a page that a person enjoys reading."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from leadloom.world.summary import Played, Summary


def tell(out: Console, played: Played, folder: Path) -> None:
    """Print the story, then where to read more."""
    summary = played.summary
    out.print()
    out.print(Text.assemble(("Kelvance, ", "bold"), (f"{played.begins:%d %b %Y} to {played.ends:%d %b %Y}", "bold")))
    out.print(Padding(_story(summary), (1, 0, 1, 0)))
    out.print(_figures(summary))
    out.print()
    for name, words in (("report.html", "the same, drawn"), ("summary.json", "the same, for scripts")):
        out.print(f"  {folder / name}  {words}", highlight=False)
    out.print("  make up  opens this world live, its 90 days ending now", highlight=False)
    out.print()


def _story(summary: Summary) -> str:
    offers, deals = summary.handoffs, summary.deals
    classes = deals.generated + deals.enhanced + deals.sales_only + deals.partner_only
    return "\n".join(
        (
            f"{summary.leads} people came along. {summary.qualified} were ready for a call, "
            f"and {offers.offered} offers went to sales:",
            f"{offers.accepted} accepted, {offers.rejected} rejected with a reason, {offers.recycled} given back with "
            f"a date; {offers.escalated} had to climb the ladder first.",
            f"{classes} deals were opened and {summary.won} won. Marketing generated {deals.generated} of them and "
            f"enhanced {deals.enhanced}: it had a part in {deals.generated + deals.enhanced} of {classes}.",
            f"{summary.mails_sent} mails left over real SMTP and {summary.mails_trapped} arrived, "
            f"{_none(summary.duplicates)} of them twice. "
            f"{_none(summary.stuck).capitalize()} of it is stuck, and {_none(summary.unowned)} of it is nobody's.",
        )
    )


def _none(count: int) -> str:
    return "none" if count == 0 else str(count)


def _figures(summary: Summary) -> Table:
    offers, deals = summary.handoffs, summary.deals
    columns: tuple[dict[str, float], ...] = (
        {"leads": summary.leads, "qualified": summary.qualified, "won": summary.won, "stuck": summary.stuck,
         "unowned": summary.unowned},
        {"offers": offers.offered, "accepted": offers.accepted, "rejected": offers.rejected,
         "recycled": offers.recycled, "escalated": offers.escalated},
        {"generated": deals.generated, "enhanced": deals.enhanced, "sales only": deals.sales_only,
         "partner only": deals.partner_only},
        {"mails sent": summary.mails_sent, "twice": summary.duplicates, "uncertain": summary.uncertain,
         "suppressed": summary.suppressed, "seconds": summary.seconds},
    )  # fmt: skip
    table = Table(box=None, show_header=False, padding=(0, 3, 0, 0), highlight=False)
    for _ in columns:
        table.add_column(justify="right")
        table.add_column()
    for row in zip_longest(*(column.items() for column in columns), fillvalue=("", "")):
        table.add_row(*(str(cell) for name, value in row for cell in (value, name)))
    return table
