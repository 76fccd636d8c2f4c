"""Where template text is compiled: sandboxed, strict about unknown names, with no globals but the closed list."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

Kind = Literal["html", "text"]
"""HTML escapes what it prints; subjects, preheaders and text parts don't."""


def _environment(*, escape: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        autoescape=escape, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    # Jinja's own globals (range, lipsum, cycler …) aren't on the list of names a mail may use.
    environment.globals.clear()
    return environment


ENVIRONMENTS: dict[Kind, ImmutableSandboxedEnvironment] = {
    "html": _environment(escape=True),
    "text": _environment(escape=False),
}


@lru_cache(maxsize=1024)
def compiled(source: str, kind: Kind, name: str = "published") -> Template:
    """The template of that source. Compiling takes 20 renderings' time (mail.md §2), and published text never changes.

    Raises jinja2.TemplateSyntaxError. `name` is the file that errors and tracebacks name.
    """
    environment = ENVIRONMENTS[kind]
    code = environment.compile(source, name=name, filename=name)
    return Template.from_code(environment, code, environment.make_globals(None))
