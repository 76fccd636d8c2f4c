"""Who may do what to a draft of the definition, and whose signatures does it still take?

draft → in review → approved → in force; or rejected, or withdrawn. The charter in force decides, never the draft's own:
nobody votes themselves a right. Nobody puts their own draft in force alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from leadloom.domain.definitions.charter import MATTER_WORDS, Matter, Right
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import Conflict
from leadloom.domain.model import Instant, Value

State = Literal["draft", "in review", "approved", "in force", "rejected", "withdrawn"]
Act = Literal["drew up", "submitted", "signed", "rejected", "withdrew", "approved", "put in force"]
OPEN: tuple[State, ...] = ("draft", "in review", "approved")


class Said(Value):
    """One word of one person about a draft."""

    draft_no: int
    no: int
    at: Instant
    by: str
    """Handle; `system` where nobody acted."""
    act: Act
    hash: str
    """Of the body it was said about."""
    why: str = ""


class Word(Value):
    """Who acts, when, and why."""

    by: str
    """Handle; `system` where nobody does."""
    at: Instant
    why: str = ""


class Proposal(Value):
    """What somebody proposes."""

    definition: Definition
    effective_at: Instant | None = None
    """None: as soon as it is approved."""
    regions: tuple[str, ...] | None = None
    """Where it comes into force at once; None is everywhere."""


class Draft(Value):
    """A definition somebody proposes; its body is read apart."""

    draft_no: int
    name: str
    based_on: int
    """The version it was drawn from."""
    hash: str
    author: str
    why: str
    state: State
    drawn_at: Instant
    effective_at: Instant | None
    """None: as soon as it is approved."""
    regions: tuple[str, ...] | None
    """Where it comes into force at once; None is everywhere."""
    version: int | None
    waiting_for: str | None
    waits_until: Instant | None


class Signature(Value):
    """Somebody whose yes a draft takes."""

    by: str
    name: str
    because: str
    """`decides scoring`, `co-signs routing`."""
    at: Instant | None = None
    """When they signed; None while they haven't."""


def governors(live: Definition) -> tuple[str, ...]:
    """The people of the charter by handle: owner, approver, sponsor, members, and whoever has a right."""
    rights = [handle for right in live.charter.rights.values() for handle in (right.decides, right.co_signs) if handle]
    return tuple(dict.fromkeys((live.owner, live.approver, live.sponsor, *live.charter.members, *rights)))


def right_to(live: Definition, matter: Matter) -> Right:
    """Who decides a matter: as the charter says, else the owner, co-signed by the approver."""
    named = live.charter.rights.get(matter)
    if named is not None:
        return named
    if matter == "roll_out":
        return Right(decides=live.sponsor)
    return Right(decides=live.owner, co_signs=live.approver)


def signatures(live: Definition, touched: Iterable[Matter], draft: Draft, said: Sequence[Said]) -> list[Signature]:
    """Everybody whose yes it takes, in the order of the charter, each with when they gave it to this very body."""
    wanted: dict[str, list[str]] = {}
    for matter in touched:
        right = right_to(live, matter)
        wanted.setdefault(right.decides, []).append(f"decides {matter.replace('_', '-')}")
        if right.co_signs:
            wanted.setdefault(right.co_signs, []).append(f"co-signs {matter.replace('_', '-')}")
    if set(wanted) <= {draft.author}:
        second = next(handle for handle in (live.approver, live.owner, live.sponsor) if handle != draft.author)
        wanted.setdefault(second, []).append("second pair of eyes: nobody approves alone what they wrote")
    given = {one.by: one.at for one in said if one.act == "signed" and one.hash == draft.hash}
    return [
        Signature(by=handle, name=_name(live, handle), because=", ".join(why), at=given.get(handle))
        for handle, why in wanted.items()
    ]


def may_draw_up(live: Definition, by: str) -> None:
    """Raises Conflict for somebody who isn't of the charter."""
    if by not in governors(live):
        people = ", ".join(_name(live, handle) for handle in governors(live))
        raise Conflict(f"{_name(live, by)} is not of the charter. Those who are may propose: {people}.")


def may_submit(live: Definition, draft: Draft, by: str) -> None:
    """Raises Conflict when it isn't theirs, or is past that."""
    if by not in (draft.author, live.owner):
        raise Conflict(f"Draft {draft.draft_no} is {_name(live, draft.author)}'s: they submit it, or the owner does.")
    _must_be(draft, "draft", "submitted")


def may_sign(live: Definition, draft: Draft, by: str, wanted: Sequence[Signature], live_version: int) -> None:
    """Raises Conflict with who signs, when this isn't one of them, or there is nothing to sign."""
    _must_be(draft, "in review", "signed")
    fresh(draft, live_version)
    mine = next((one for one in wanted if one.by == by), None)
    if mine is None:
        people = ", ".join(f"{one.name} ({one.because})" for one in wanted)
        raise Conflict(f"{_name(live, by)}'s signature is not asked for on draft {draft.draft_no}. It takes: {people}.")
    if mine.at is not None:
        raise Conflict(f"{mine.name} signed draft {draft.draft_no} on {mine.at:%Y-%m-%d %H:%M} UTC already.")


def may_reject(live: Definition, draft: Draft, word: Word, wanted: Sequence[Signature]) -> None:
    """Whoever's signature it takes, and the sponsor, may say no, with a reason. Raises Conflict."""
    _must_be(draft, "in review", "rejected")
    if word.by not in {one.by for one in wanted} | {live.sponsor}:
        people = ", ".join(one.name for one in wanted)
        raise Conflict(f"{_name(live, word.by)} can't reject draft {draft.draft_no}: {people} can, and the sponsor.")
    if not word.why.strip():
        raise Conflict(f"Draft {draft.draft_no} is rejected with a reason, so that its author can do better: give one.")


def may_withdraw(live: Definition, draft: Draft, by: str) -> None:
    """Its author, or the owner, takes it back before it is in force. Raises Conflict."""
    if draft.state not in OPEN:
        raise Conflict(f"Draft {draft.draft_no} is {draft.state}: there is nothing to withdraw.")
    if by not in (draft.author, live.owner):
        raise Conflict(f"Draft {draft.draft_no} is {_name(live, draft.author)}'s: they withdraw it, or the owner does.")


def fresh(draft: Draft, live_version: int) -> None:
    """Raises Conflict when another version came into force since it was drawn up: it would undo what that one did."""
    if draft.based_on != live_version:
        raise Conflict(
            f"Draft {draft.draft_no} was drawn from version {draft.based_on}, and version {live_version} is in force "
            "now. Withdraw it, and propose it anew from what is in force."
        )


def waits_for(wanted: Sequence[Signature]) -> str:
    """In words, whom a draft in review waits for."""
    missing = [one.name for one in wanted if one.at is None]
    return f"the signature of {' and of '.join(missing)}" if missing else "its date"


def words_of(matter: Matter) -> str:
    """What a matter is, in words."""
    return MATTER_WORDS[matter]


def _must_be(draft: Draft, state: State, done: str) -> None:
    if draft.state != state:
        where = f"it waits for {draft.waiting_for}" if draft.waiting_for else "that was its end"
        raise Conflict(f"Draft {draft.draft_no} is {draft.state}, so it can't be {done}: {where}.")


def _name(live: Definition, handle: str) -> str:
    return {entry.handle: entry.name for entry in live.owners}.get(handle, handle)
