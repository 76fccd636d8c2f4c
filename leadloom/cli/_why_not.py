"""How is "why not?" asked on a terminal, and how does its answer read?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import RenderableType

from leadloom.runtime.why_not import Told

About = Annotated[
    str,
    typer.Argument(
        metavar="ABOUT",
        help="A campaign, a journey, or a mail or step of one; in doubt campaign/NAME, journey/NAME or JOURNEY/MAIL.",
    ),
]


def draw(told: Told) -> Iterator[RenderableType]:
    """The code with its words, when it could pass, and all it looked at."""
    yield f"{told.about}: {told.answer.code.value}. {told.answer.why[:1].upper()}{told.answer.why[1:]}."
    yield f"Could pass: {told.passes}."
    for name, value in told.answer.values.items():
        if isinstance(value, list):
            yield f"  {name}:"
            yield from (f"    {one}" for one in value)
        else:
            yield f"  {name}: {'–' if value is None else value}"
