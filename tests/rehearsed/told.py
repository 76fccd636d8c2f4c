"""What a run did, in one form for both plays: its mails, its way, how it ended or what it waits for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

NEAR = timedelta(minutes=2)
"""How far two instants may lie apart: a nudge takes moments, and a mail that is seconds late holds its run so long."""


@dataclass(frozen=True)
class Mail:
    """One row of the ledger."""

    step: str
    visit: int
    mail: str
    to: str
    """`lead` or `owner`."""
    fate: str
    """`sent`, `expired`, `cancelled`, `suppressed`, or `reserved` for what is still to go."""
    slot_at: datetime | None
    """None for what never had one."""

    @property
    def name(self) -> str:
        return f"{self.step}/{self.visit} {self.mail} to {self.to}"


@dataclass(frozen=True)
class Deed:
    """One decision of the run."""

    step: str
    visit: int
    did: str
    """In the log's words where both plays use the same; else empty."""
    at: datetime


@dataclass(frozen=True)
class Told:
    """One play of a run."""

    mails: tuple[Mail, ...]
    deeds: tuple[Deed, ...]
    ended: str | None
    ended_at: datetime | None
    waiting_for: str | None = None
    waits_until: datetime | None = None
    faults: tuple[str, ...] = field(default=())
    """What is wrong with it by itself."""


def is_a_moment(did: str) -> bool:
    """Whether the run only waits for its lane, which sends while it decides: whether it had to is chance."""
    return did.startswith("waits for the mail of step")


def first_difference(predicted: Told, played: Told) -> str | None:
    """The first thing that is told otherwise, in words; None when both tell the same."""
    return (
        next(iter(played.faults), None)
        or _ways_differ(predicted.deeds, played.deeds)
        or _mails_differ(predicted.mails, played.mails)
        or _ends_differ(predicted, played)
    )


def _ways_differ(predicted: Sequence[Deed], played: Sequence[Deed]) -> str | None:
    for no in range(max(len(predicted), len(played))):
        mine = predicted[no] if no < len(predicted) else None
        theirs = played[no] if no < len(played) else None
        if mine is None or theirs is None or not _same_deed(mine, theirs):
            return f"decision {no + 1}: rehearsed {_deed(mine)}, played {_deed(theirs)}"
    return None


def _same_deed(one: Deed, other: Deed) -> bool:
    words = not one.did or not other.did or one.did == other.did
    return (one.step, one.visit) == (other.step, other.visit) and words and is_near(one.at, other.at)


def _deed(deed: Deed | None) -> str:
    return "nothing" if deed is None else f"{deed.step}/{deed.visit} «{deed.did}» at {deed.at:%m-%d %H:%M:%S}"


def _mails_differ(predicted: Sequence[Mail], played: Sequence[Mail]) -> str | None:
    mine, theirs = ({mail.name: mail for mail in told} for told in (predicted, played))
    for name in [*mine, *(name for name in theirs if name not in mine)]:
        one, other = mine.get(name), theirs.get(name)
        if one is None or other is None:
            return f"mail {name}: rehearsed {_fate(one)}, played {_fate(other)}"
        if one.fate != other.fate or not is_near(one.slot_at, other.slot_at):
            return f"mail {name}: rehearsed {_fate(one)}, played {_fate(other)}"
    return None


def _fate(mail: Mail | None) -> str:
    if mail is None:
        return "none"
    return f"{mail.fate} for {mail.slot_at:%a %m-%d %H:%M:%S}" if mail.slot_at else mail.fate


def _ends_differ(predicted: Told, played: Told) -> str | None:
    if predicted.ended != played.ended or not is_near(predicted.ended_at, played.ended_at):
        return f"end: rehearsed {predicted.ended} at {predicted.ended_at}, played {played.ended} at {played.ended_at}"
    mine = (predicted.waiting_for, predicted.waits_until)
    theirs = (played.waiting_for, played.waits_until)
    if mine[0] != theirs[0] or not is_near(mine[1], theirs[1]):
        return f"waits: rehearsed for {mine}, played for {theirs}"
    return None


def is_near(one: datetime | None, other: datetime | None) -> bool:
    """Whether two instants are the same but for moments; nothing is near to nothing alone."""
    if one is None or other is None:
        return one is other
    return abs(one - other) <= NEAR
