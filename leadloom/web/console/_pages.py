"""Where are the console's templates, what may their pages load, and which words can they use?"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from leadloom.domain.definitions.field_help import field_help
from leadloom.web.charts import percent
from leadloom.web.console import _words

PAGES = Path(__file__).resolve().parents[1] / "pages"

PAGE_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Nothing inline and nothing foreign; frames only for mails, which are sandboxed and bring their own rules."""

MAIL_CSP = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; "
    "frame-ancestors 'self'; base-uri 'none'"
)
"""A mail's styles stand in its elements. It loads nothing, so looking at it counts as nobody's opening."""


@cache
def pages() -> Environment:
    """The templates. An unknown name fails loudly."""
    environment = Environment(
        loader=FileSystemLoader(PAGES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    # The stubs know the built-in filters only.
    filters = cast("dict[str, Callable[..., object]]", environment.filters)
    filters.update(
        when=_words.when,
        due=_words.due,
        hour=_words.hour,
        iso=_words.iso,
        letter=_words.letter,
        said=_words.said,
        shown=_words.shown,
        percent=percent,
        span=_words.span_words,
        field_help=field_help,
    )
    return environment
