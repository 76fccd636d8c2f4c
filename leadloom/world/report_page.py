"""What a played world looks like: one HTML file with drawn pictures, readable anywhere, without a script."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from leadloom.runtime.reports import Reports
from leadloom.web import charts
from leadloom.world.summary import Played

_WEB = Path(charts.__file__).parent


def draw(played: Played, reports: Reports) -> str:
    """The page. Self-contained: styles are inside, nothing is fetched."""
    pages = Environment(loader=FileSystemLoader(_WEB / "pages"), autoescape=True, undefined=StrictUndefined)
    whole = reports.velocity.whole
    pictures = [
        charts.funnel_chart(reports.funnel),
        *(charts.velocity_chart(step) for step in whole[:1]),
        charts.mails_chart(reports.mails_per_day),
        charts.outcomes_chart(reports.sla),
        charts.classes_chart(
            "What marketing did for deals",
            "One class a deal: what came before it was created decides, then what came until it closed.",
            reports.pipeline.deals_by_class(),
        ),
    ]
    # Our own files, not input: they stand in a <style> of a page that is opened from disk, where no CSP is.
    styles = [Markup((_WEB / "static" / name).read_text(encoding="utf-8")) for name in ("report.css", "charts.css")]
    return pages.get_template("report.html").render(
        played=played, summary=played.summary, pictures=pictures, styles=styles
    )
