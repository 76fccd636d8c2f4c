"""Who follows a page of ours: writes its files, runs its commands, and notes what came otherwise than it was told."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import repository
from tests.repository import ROOT

STEP = re.compile(
    r"(?:^(?P<verb>Write|Mend) `(?P<path>[^`]+)`:\n\n)?^```(?P<kind>[^\n]*)\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
CONSOLE_STEP = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CONSOLE = re.compile(r"http://127\.0\.0\.1:\d+")
TOLD_ADDRESS = "http://127.0.0.1:8321"
PATIENCE_S = 60


@dataclass
class Reader:
    """Somebody who does what a page says, in a folder of their own."""

    folder: Path
    address: str = TOLD_ADDRESS
    unlike: list[str] = field(default_factory=list)
    """What was not as told: the command, what should have come, what came."""
    others: list[subprocess.Popen[str]] = field(default_factory=list)

    def follow(self, text: str) -> None:
        for step in STEP.finditer(text):
            match step["verb"], step["kind"]:
                case "Write", _:
                    self.write(self.folder / step["path"], step["body"])
                case "Mend", "diff":
                    self.mend(self.folder / step["path"], step["body"])
                case None, "console":
                    self.run_all(step["body"])
                case None, "console background":
                    self.start(step["body"])
                case None, "sh":
                    pass  # the environment is made: it is the one that runs this test
                case _:
                    raise AssertionError(f"nobody would know what to do with {step[0][:80]!r}")

    def write(self, path: Path, body: str) -> None:
        assert not path.exists(), f"{path} is there already: a tutorial adds, it edits nothing"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body, encoding="utf-8")

    def mend(self, path: Path, body: str) -> None:
        (old,) = re.findall(r"^-(.*\n)", body, re.MULTILINE)
        (new,) = re.findall(r"^\+(.*\n)", body, re.MULTILINE)
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), encoding="utf-8")

    def run_all(self, body: str) -> None:
        for command, told in commands(body):
            deadline = time.monotonic() + (10 if self.others else 0)
            # What a worker does after an answer is done a moment later: whoever reads has that moment too.
            while not is_like(said := self.run(command), told) and time.monotonic() < deadline:
                time.sleep(0.5)
            if not is_like(said, told):
                self.unlike.append(f"$ {command}\n--- told\n{told}\n--- said\n{said}")

    def run(self, command: str) -> str:
        here = command.replace(TOLD_ADDRESS, self.address)
        done = subprocess.run(
            ["bash", "-c", here], cwd=self.folder, env=_environment(self.folder), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=PATIENCE_S,
        )  # fmt: skip
        return done.stdout or done.stderr

    def start(self, body: str) -> None:
        """Start what a second terminal keeps running, and wait until it has said what it should."""
        ((command, told),) = commands(body)
        log = self.folder / "second-terminal.log"
        with log.open("w", encoding="utf-8") as out:
            other = subprocess.Popen(
                ["bash", "-c", f"exec {command}"], cwd=self.folder, env=_environment(self.folder),
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
        self.others.append(other)
        deadline = time.monotonic() + PATIENCE_S
        while not is_like(CONSOLE.sub(TOLD_ADDRESS, log.read_text(encoding="utf-8")), told):
            assert other.poll() is None and time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.2)
        (self.address,) = re.findall(r"^Console +(http://\S+?)/$", log.read_text(encoding="utf-8"), re.MULTILINE)

    def leave(self) -> list[int]:
        """Ctrl-C in every other terminal; how each of them ended."""
        for other in self.others:
            other.send_signal(signal.SIGINT)
        return [other.wait(timeout=PATIENCE_S) for other in self.others]


def commands(body: str) -> list[tuple[str, str]]:
    """(command, what it should say) in order."""
    parts = re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]
    return [(command, told.rstrip("\n")) for command, _, told in (part.partition("\n") for part in parts)]


def is_like(said: str, told: str) -> bool:
    """Whether the lines told came in this order, and none between them; `…` stands for anything."""
    lines = [r".*" if line == "…" else _line(line) for line in told.splitlines()]
    return re.fullmatch("\n".join(lines), _tidy(said), re.DOTALL) is not None


def _line(told: str) -> str:
    return ".*".join(re.escape(part) for part in _tidy(told).split("…"))


def _tidy(text: str) -> str:
    return "\n".join(re.sub(r" {2,}", "  ", line).rstrip() for line in text.strip("\n").splitlines())


def _environment(folder: Path) -> dict[str, str]:
    """A shell with the environment activated, and none of the settings of whoever runs the tests."""
    ours = ("LEADLOOM_", "DATABASE_URL", "TEMPORAL_", "SMTP_URL", "PYTEST_", "COVERAGE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "PATH": f"{folder / '.venv' / 'bin'}:{kept.get('PATH', '')}", "VIRTUAL_ENV": str(folder / ".venv")}


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """A reader with a copy of the checkout, and the environment this test runs in."""
    folder = tmp_path / "leadloom"
    for path in repository.files():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, folder / path)
    (folder / ".venv").symlink_to(Path(sys.prefix), target_is_directory=True)
    found = Reader(folder)
    yield found
    for other in found.others:
        with contextlib.suppress(ProcessLookupError):
            other.kill()
        other.wait()
