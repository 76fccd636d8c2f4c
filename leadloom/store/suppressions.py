"""Whom must we leave alone, who said so, and who may lift it? The acts of operators, each with its why, audited."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.intake.identity import normal_email
from leadloom.domain.mails.address import read_address
from leadloom.domain.model import Instant, Json, Value
from leadloom.store import audit, leads, permissions
from leadloom.store.permissions import Scope, Silence, Suppression
from leadloom.store.tx import Tx, new_id


class Kept(Suppression):
    """A suppression with its end."""

    lifted_at: Instant | None = None
    lifted_by: str | None = None
    lifted_why: str | None = None


class Order(Value):
    """What an operator wants left alone."""

    what: str
    """An address, a mail domain, or (with `person`) whatever names a lead."""
    person: bool = False
    """Whatever address the lead has, now or later."""
    purpose: str | None = permissions.MARKETING
    topic: str | None = None
    why: str
    by: str


async def add(tx: Tx, order: Order, *, at: datetime) -> Kept:
    """Leave it alone from this transaction on: mail that is claimed already is not marked. The standing one when it
    was so before. Raises BadInput, NotFound.
    """
    _say_why(order.why)
    if order.topic is not None and order.purpose != permissions.MARKETING:
        raise BadInput("topic", order.topic, "Only marketing mail has topics: leave out --everything, or the topic.")
    scope, value = await _meant(tx, order)
    silence = Silence(
        scope=scope, value=value, purpose=order.purpose, topic=order.topic, reason=order.why, by=order.by, at=at
    )
    new = await permissions.suppress(tx, [silence])
    standing = await listed(tx, scope=scope, value=value)
    found = next(one for one in standing if (one.purpose, one.topic) == (order.purpose, order.topic))
    if new:
        subject = f"suppression {found.suppression_id}"
        note = audit.Note(at=at, actor=order.by, action="suppressed", subject=subject, why=order.why)
        await audit.note(tx, note)
    return found


async def listed(
    tx: Tx, *, scope: Scope | None = None, value: str | None = None, lifted_too: bool = False, limit: int = 100
) -> tuple[Kept, ...]:
    """Suppressions, newest first."""
    rows = await tx.all("list_suppressions", scope=scope, value=value, lifted_too=lifted_too, page_limit=limit)
    return tuple(Kept.model_validate(dict(row)) for row in rows)


async def lift(tx: Tx, suppression_id: UUID, *, why: str, by: str, at: datetime) -> Kept:
    """Let mail go there again. Raises NotFound; BadInput without a why; Conflict for what only the person can lift:
    their own no, and their erasure.
    """
    _say_why(why)
    found = Kept.model_validate(dict(await tx.one("suppression_by_id", suppression_id=suppression_id)))
    if found.lifted_at is None and found.scope == "hash":
        raise Conflict("They asked us to erase them: only a link in a mail of ours can bring their yes.")
    if found.lifted_at is None and found.reason == permissions.UNSUBSCRIBED:
        raise Conflict("They said no themselves: only they lift it, on their preference page.")
    await permissions.lift(tx, suppression_id, why=why, by=by, at=at)
    return found


async def note_list(tx: Tx, *, file: str, why: str, by: str, at: datetime) -> UUID:
    """Keep who brought a list in, before its first row, so that it can be undone however far it came; its id."""
    list_id, told = new_id(), dict[str, Json](file=file)
    subject, action = f"suppression list {list_id}", "brought in a suppression list"
    await audit.note(tx, audit.Note(at=at, actor=by, action=action, subject=subject, after=told, why=why))
    return list_id


async def undo_list(tx: Tx, list_id: UUID, *, why: str, by: str, at: datetime) -> int:
    """Lift what a list brought in and still stands; how many. Raises NotFound, BadInput without a why."""
    _say_why(why)
    subject = f"suppression list {list_id}"
    kept = next((note for note in await audit.notes(tx, subject) if note.action.startswith("brought in")), None)
    if kept is None:
        raise NotFound("suppression list", list_id)
    mine = {"listed_at": kept.at, "listed_by": kept.actor, "reason": kept.why}
    lifted = await tx.run("lift_suppression_list", **mine, why=why, by=by, at=at)
    await audit.note(tx, audit.Note(at=at, actor=by, action="undid a suppression list", subject=subject, why=why))
    return lifted


def read_value(text: str) -> tuple[Scope, str]:
    """An address or a mail domain in the one spelling we compare by. Raises BadInput."""
    plain = text.strip()
    if "@" in plain.lstrip("@"):
        return "address", normal_email(plain)
    return "domain", read_address(f"a@{plain.lstrip('@')}", field="domain").domain


async def _meant(tx: Tx, order: Order) -> tuple[Scope, str]:
    if order.person:
        return "person", str(await leads.find(tx, order.what))
    return read_value(order.what)


def _say_why(why: str) -> None:
    if not why.strip():
        raise BadInput("why", why, "Say why in a few words: it is shown on the lead's page, and kept.")
