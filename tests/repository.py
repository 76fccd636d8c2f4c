"""What is in this repository? Its tracked files and its parsed Python, for the tests that read the house itself."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("leadloom", "workflows", "activities")
ENTRY_POINTS = ("worker.py", "starter.py")


@cache
def files() -> tuple[Path, ...]:
    """Every file of the house, relative to its root: what git tracks or would track, and what is still there."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # a copy without git: see below
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode == 0:
        names = [Path(name) for name in listed.stdout.splitlines()]
    else:
        names = [path.relative_to(ROOT) for path in ROOT.rglob("*") if not _hidden(path.relative_to(ROOT))]
    return tuple(sorted(name for name in names if (ROOT / name).is_file()))


def _hidden(path: Path) -> bool:
    return any(part == "__pycache__" or (part.startswith(".") and part != ".ci") for part in path.parts)


def python(*folders: str) -> Iterator[Path]:
    """The Python files below these folders; without folders, those of the product."""
    wanted = folders or (*PACKAGES, *ENTRY_POINTS)
    return (path for path in files() if path.suffix == ".py" and path.parts[0] in wanted)


def below(folder: str) -> Iterator[Path]:
    """The Python files below one folder, such as `leadloom/domain`."""
    return (path for path in files() if path.suffix == ".py" and path.is_relative_to(folder))


@cache
def tree(path: Path) -> ast.Module:
    """A Python file, parsed."""
    return ast.parse(text(path), filename=str(path))


@cache
def text(path: Path) -> str:
    """A file's text."""
    return (ROOT / path).read_text(encoding="utf-8")
