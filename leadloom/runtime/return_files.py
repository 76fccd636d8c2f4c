"""What would we make of these mails? Files, mboxes and folders of mail, read by the rules and by nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from leadloom.domain.errors import BadInput
from leadloom.domain.model import Value
from leadloom.domain.returns.kind import Kind, Reason
from leadloom.domain.returns.policy import Effect, effect_of
from leadloom.mail.inbound import read_return

LARGEST = 25_000_000
"""Bytes of a mail that are kept while an mbox is split; what follows is dropped."""
_FROM_LINE = re.compile(rb"^From .{0,300}\d\d:\d\d.{0,40}\d{4}\s*$")


class Found(NamedTuple):
    """One mail, and where it was found."""

    name: str
    raw: bytes


class Judged(Value):
    """What the rules make of one mail. Names nobody."""

    file: str
    """With the number of the mail behind it, where a file holds several."""
    kind: Kind
    reason: Reason | None
    effect: Effect
    suppress: bool
    """Whether this mail alone ends mail to the address; disabled and full mailboxes are given time."""
    status: str | None
    code: int | None
    returns_on: date | None
    left: bool
    why: str


def judged(found: Found) -> Judged:
    """What the rules say of it. The envelope is unknown: what mail systems left in the headers is asked."""
    read = read_return(found.raw, envelope_to=None, envelope_from=None)
    effect = effect_of(read.kind, read.reason)
    return Judged(
        file=found.name,
        kind=read.kind,
        reason=read.reason,
        effect=effect,
        suppress=effect is Effect.SUPPRESS,
        status=read.status,
        code=read.code,
        returns_on=read.returns_on,
        left=read.left,
        why=read.why,
    )


def mails_in(path: Path) -> Iterator[Found]:
    """The mails of a file (.eml or mbox), a Maildir, or any folder of such; in order of their names.

    Raises BadInput for what isn't there.
    """
    if path.is_dir():
        for file in sorted(each for each in path.rglob("*") if each.is_file()):
            yield from _of_file(file, file.relative_to(path).as_posix())
    elif path.is_file():
        yield from _of_file(path, path.name)
    else:
        raise BadInput("file", str(path), "Name a mail (.eml), an mbox, a Maildir, or a folder of mails.")


def _of_file(path: Path, name: str) -> Iterator[Found]:
    with path.open("rb") as file:
        head = file.readline(1_000)
    if not _FROM_LINE.match(head.rstrip(b"\r\n")):
        yield Found(name, path.read_bytes()[:LARGEST])
        return
    for no, raw in enumerate(_of_mbox(path), 1):
        yield Found(f"{name}#{no}", raw)


def _of_mbox(path: Path) -> Iterator[bytes]:
    """The mails between From lines that stand behind an empty line; `>From ` inside is unquoted."""
    lines: list[bytes] = []
    size, was_empty = 0, True
    with path.open("rb") as file:
        for line in file:
            if was_empty and _FROM_LINE.match(line.rstrip(b"\r\n")):
                if lines:
                    yield b"".join(lines)
                lines, size = [], 0
            elif size < LARGEST:
                lines.append(line[1:] if line.startswith(b">From ") else line)
                size += len(line)
            was_empty = not line.strip()
    if lines:
        yield b"".join(lines)
