"""How do our layouts look? One page with all of them, wide and narrow, that needs nothing from anywhere."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Annotated

import typer

from leadloom.cli._data import AsJson, write
from leadloom.cli._door import talk
from leadloom.domain.definitions.definition_check import read_definition
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.runtime import catalog
from leadloom.runtime.gallery import Exhibit, Gallery, hang
from leadloom.runtime.settings import Settings

_STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; padding: 0 1rem; max-width: 68rem;
  color: CanvasText; background: Canvas }
h1 { margin: 0 0 .25rem } h2 { margin: 3rem 0 .25rem } p { margin: .25rem 0 }
.meta { color: GrayText } .advice { color: #9b1c1c }
.pair { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start; margin-top: .75rem }
iframe { border: 1px solid GrayText; height: 46rem; max-width: 100%; background: Canvas }
.wide { width: 640px } .narrow { width: 360px }
pre { white-space: pre-wrap; border: 1px solid GrayText; padding: 1rem; margin: .75rem 0 0; font-size: 14px }
summary { margin-top: .75rem; cursor: pointer }
""".strip()


def gallery(
    out: Annotated[Path | None, typer.Option("--out", help="The file to write; default: in the state folder.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a page with every layout, filled with an example in each of its languages; print its path."""
    path = catalog.DEFINITION
    shown = hang(read_definition(DraftText(path.name, path.read_text(encoding="utf-8"))))
    target = out or Settings().state / "preview" / "gallery.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page_of(shown), encoding="utf-8")
    talk.print("Open it in a browser; set your system to dark mode to see the other half:", highlight=False)
    write(shown, str(target), as_json=as_json)


def page_of(shown: Gallery) -> str:
    """The page, as HTML."""
    advice = "".join(f'<p class="advice">{escape(each)}</p>' for each in shown.advice)
    exhibits = "\n".join(_exhibit(each) for each in shown.exhibits)
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>Layouts of mails</title>\n'
        f"<style>{_STYLE}</style>\n<h1>Layouts of mails</h1>\n"
        "<p>A mail chooses one in its <code>mail.yaml</code>: <code>layout: event</code>. "
        "Left as a desktop shows it, right as a phone does.</p>\n"
        f"{advice}\n{exhibits}\n</html>\n"
    )


def _exhibit(each: Exhibit) -> str:
    html = escape(each.mail.html)
    # Sandboxed: nothing a mail holds may run or lead anywhere from here.
    frames = "".join(
        f'<iframe class="{width}" sandbox title="{escape(each.layout)}, {width}" srcdoc="{html}"></iframe>'
        for width in ("wide", "narrow")
    )
    return (
        f"<h2>{escape(each.layout)} <small>{escape(each.language)}</small></h2>\n"
        f'<p class="meta">{escape(each.mail.subject)} · {each.bytes / 1000:.1f} KB of the 100 that Gmail shows</p>\n'
        f'<div class="pair">{frames}</div>\n'
        f"<details><summary>The text part</summary><pre>{escape(each.mail.text)}</pre></details>"
    )
