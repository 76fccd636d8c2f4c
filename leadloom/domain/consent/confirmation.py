"""Where only a confirmed tick suffices: is this one to be confirmed, does it still wait, has it lapsed?

Double opt-in gates marketing mail only, never qualification, a hand-off, or what was asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from leadloom.domain.consent.policy import ELSEWHERE, UNKNOWN, suffices, sufficing, table
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.lead import Basis, BasisDraft, BasisKind, EventDraft
from leadloom.domain.model import Instant, Json, Value

CONFIRMATION_ASKED, OPT_IN_CONFIRMED, OPT_IN_EXPIRED = "confirmation_asked", "opt_in_confirmed", "opt_in_expired"


class Ticks(NamedTuple):
    """What becomes of the boxes somebody ticked."""

    bases: tuple[BasisDraft, ...]
    events: tuple[EventDraft, ...]


class Answer(Value):
    """What a confirmation link finds."""

    state: Literal["open", "confirmed", "expired", "withdrawn", "none"]
    since: Instant | None = None
    """When it was confirmed, expired or taken back; of an open one, when the box was ticked."""
    asked: tuple[Basis, ...] = ()
    """The ticks it is about, newest last."""


def ticked(
    definition: Definition, drafts: Sequence[BasisDraft], held: Sequence[Basis], *, country: str | None, at: datetime
) -> Ticks:
    """The permissions to keep, and the question to be asked by mail.

    A tick that suffices is kept as it is, and so is one of somebody who allowed enough before. One that waits already
    is kept with its own proof and the first one's date: nobody is asked twice for the same.

    Args:
        definition: Whose policy says where only a confirmed one suffices.
        drafts: What they allow now; only express ticks for mail are ever asked about.
        held: The person's log so far.
        country: Of the person.
        at: Now.
    """
    bases: list[BasisDraft] = []
    events: list[EventDraft] = []
    for draft in drafts:
        enough = sufficing(definition, country, purpose=draft.purpose)
        if not is_asked_about(definition, draft, country) or suffices(enough, held, at, purpose=draft.purpose):
            bases.append(draft)
            continue
        pending = next((one.until for one in reversed(held) if _waits(one, held, at) and _same(one, draft)), None)
        until = pending or at + definition.consent.double_opt_in.expires
        bases.append(draft.but(act="asked", kind=BasisKind.DOUBLE_OPT_IN, until=until))
        if pending is None and CONFIRMATION_ASKED in definition.events:
            data: dict[str, Json] = {"purpose": draft.purpose, "until": until.isoformat()}
            key = f"{CONFIRMATION_ASKED}:{draft.purpose}:{at.isoformat()}"
            events.append(EventDraft(kind=CONFIRMATION_ASKED, at=at, key=key, actor="system", data=data))
    return Ticks(tuple(bases), tuple(events))


def is_asked_about(definition: Definition, draft: BasisDraft, country: str | None) -> bool:
    """Whether it is a tick for mail, and only a confirmed one suffices there."""
    if draft.act != "given" or draft.kind is not BasisKind.EXPRESS or draft.channel != "mail":
        return False
    kinds = sufficing(definition, country, purpose=draft.purpose)
    return BasisKind.DOUBLE_OPT_IN in kinds and BasisKind.EXPRESS not in kinds


def unasked(definition: Definition, entered_on: Iterable[str]) -> str | None:
    """What is wrong when somewhere only a confirmed tick suffices and no journey enters on the question; else None."""
    rows = [rule for rule in table(definition) if BasisKind.DOUBLE_OPT_IN in rule.kinds]
    some = [rule.country for rule in rows if BasisKind.EXPRESS not in rule.kinds]
    if not some or CONFIRMATION_ASKED in entered_on:
        return None
    said = {UNKNOWN: "unknown countries", ELSEWHERE: "elsewhere"}
    return (
        f"definition.yaml: in {', '.join(said.get(one, one) for one in some)} a tick counts only once it is confirmed, "
        f"and no journey enters on `{CONFIRMATION_ASKED}`: nobody is asked. Take the journey confirm-opt-in back in."
    )


def answer_to(bases: Sequence[Basis], at: datetime) -> Answer:
    """How the question stands: what pressing the button would do, or what became of it."""
    asked = [one for one in bases if one.act == "asked"]
    if waiting := tuple(one for one in asked if _waits(one, bases, at)):
        return Answer(state="open", since=waiting[0].at, asked=waiting)
    if not asked:
        return Answer(state="none")
    last = asked[-1]
    if (yes := _confirmed(last, bases)) is not None and yes.holds(at):
        return Answer(state="confirmed", since=yes.at, asked=(last,))
    noes = [one.at for one in bases if one.act == "withdrawn" and _same(one, last) and last.at <= one.at <= at]
    if noes:
        return Answer(state="withdrawn", since=noes[-1], asked=(last,))
    return Answer(state="expired", since=last.until, asked=(last,))


def confirmed(asked: Iterable[Basis], *, at: datetime, proof: dict[str, Json]) -> tuple[BasisDraft, ...]:
    """The permissions a press gives: one for each purpose, with what proves the tick and what proves the press."""
    newest = {(one.purpose, one.channel): one for one in asked}
    return tuple(
        BasisDraft(
            purpose=one.purpose, channel=one.channel, kind=BasisKind.DOUBLE_OPT_IN, source=one.source,
            wording=one.wording, text_hash=one.text_hash, at=at,
            proof={**proof, "asked_at": one.at.isoformat(), "asked": one.proof},
        )
        for one in newest.values()
    )  # fmt: skip


def lapsed(bases: Sequence[Basis], at: datetime) -> bool:
    """Whether a question ran out unanswered, and nothing said since answers it."""
    return answer_to(bases, at).state == "expired"


def _waits(one: Basis, held: Sequence[Basis], at: datetime) -> bool:
    """Neither run out, nor taken back, nor answered."""
    ended = one.until is None or at >= one.until or (one.revoked_at is not None and one.revoked_at <= at)
    return one.act == "asked" and not ended and _confirmed(one, held) is None


def _confirmed(asked: Basis, held: Sequence[Basis]) -> Basis | None:
    said = (one for one in held if one.act == "given" and one.kind is BasisKind.DOUBLE_OPT_IN)
    return next((one for one in said if _same(one, asked) and one.at >= asked.at), None)


def _same(one: BasisDraft, other: BasisDraft) -> bool:
    return (one.purpose, one.channel) == (other.purpose, other.channel)
