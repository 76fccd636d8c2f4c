"""Which command was meant, and how did it end? Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 conflict,
5 dependency unreachable, 6 checks found problems, 130 interrupted.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Sequence
from types import ModuleType

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


def door(noun: str | None = None) -> typer.Typer:
    """All commands, as found: `app` of a file is a noun's group, or one command when the file says `SINGLE = True`.

    Of a noun that has a file only that one is imported: the whole house takes two seconds.
    """
    app = typer.Typer(
        name="leadloom", no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False,
        help="Leadloom carries every lead from capture to a sales hand-off that somebody really answers.",
    )  # fmt: skip
    for module in _files(noun):
        if not hasattr(module, "app"):
            continue
        if getattr(module, "SINGLE", False):
            app.add_typer(module.app)
        else:
            app.add_typer(module.app, name=_noun_of(module.__name__))
    return app


def _files(noun: str | None) -> Iterable[ModuleType]:
    names = (found.name for found in pkgutil.iter_modules(cli.__path__, cli.__name__ + "."))
    meant = [name for name in names if noun and _noun_of(name) == noun and not noun.startswith("-")]
    return [importlib.import_module(name) for name in meant] or catalog.modules(cli)


def _noun_of(module: str) -> str:
    return module.rsplit(".", 1)[-1].replace("_", "-")


def run(arguments: Sequence[str]) -> int:
    """Run one command and name its end by an exit code; errors of ours are one sentence, not a traceback."""
    try:
        noun = arguments[0] if arguments else None
        typer.main.get_command(door(noun))(args=list(arguments), prog_name="starter.py")
    except SystemExit as end:
        # How typer ends a command: 0, its own 2 for wrong use and 130 for Ctrl-C, or what the command asked for.
        return end.code if isinstance(end.code, int) else 0
    except LeadloomError as error:
        talk.print(Text.assemble(("✗ ", "red"), str(error)), highlight=False, soft_wrap=True)
        return next((code for kind, code in _CODES if isinstance(error, kind)), 1)
    return 0
