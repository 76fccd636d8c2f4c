"""Which command was meant, and how did it end? Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 conflict,
5 dependency unreachable, 6 checks found problems, 130 interrupted.
"""

from __future__ import annotations

from collections.abc import Sequence

import typer
from rich.console import Console
from rich.text import Text

from leadloom import cli
from leadloom.domain.errors import BadInput, Conflict, Faulty, LeadloomError, NotFound, Transient
from leadloom.runtime import catalog

talk = Console(stderr=True)
"""Talk and progress go here; data goes to stdout."""

_CODES: tuple[tuple[type[LeadloomError], int], ...] = (
    (NotFound, 3),
    (Conflict, 4),
    (Transient, 5),
    (Faulty, 6),
    (BadInput, 2),
)


def door() -> typer.Typer:
    """All commands, as found: `app` of a file is a noun's group, or one command when the file says `SINGLE = True`."""
    app = typer.Typer(
        name="leadloom", no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False,
        help="Leadloom carries every lead from capture to a sales hand-off that somebody really answers.",
    )  # fmt: skip
    for module in catalog.modules(cli):
        noun = module.__name__.rsplit(".", 1)[-1].replace("_", "-")
        if not hasattr(module, "app"):
            continue
        if getattr(module, "SINGLE", False):
            app.add_typer(module.app)
        else:
            app.add_typer(module.app, name=noun)
    return app


def run(arguments: Sequence[str]) -> int:
    """Run one command and name its end by an exit code; errors of ours are one sentence, not a traceback."""
    try:
        typer.main.get_command(door())(args=list(arguments), prog_name="starter.py")
    except SystemExit as end:
        # How typer ends a command: 0, its own 2 for wrong use and 130 for Ctrl-C, or what the command asked for.
        return end.code if isinstance(end.code, int) else 0
    except LeadloomError as error:
        talk.print(Text.assemble(("✗ ", "red"), str(error)), highlight=False, soft_wrap=True)
        return next((code for kind, code in _CODES if isinstance(error, kind)), 1)
    return 0
