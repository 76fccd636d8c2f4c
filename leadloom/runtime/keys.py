"""How does a program get a key, and lose it? Made here, shown once, noted with who did it."""

from __future__ import annotations

import secrets

from leadloom.domain.definitions.definition_check import PROCESS_EVENTS
from leadloom.domain.errors import BadInput
from leadloom.domain.intake.scopes import Scope
from leadloom.runtime.wiring import House
from leadloom.store import audit, intake_keys, published
from leadloom.store.audit import Note
from leadloom.store.intake_keys import KeyOrder

_LONGEST_NAME = 60


async def create(house: House, order: KeyOrder) -> str:
    """Make a key; its words. Raises BadInput for what it can't be, Conflict when the name is taken."""
    async with house.db.transaction() as tx:
        definition = (await published.book(tx)).definition
        _check(order, sources=list(definition.sources), kinds=list(definition.events))
        words = ("llp_" if order.public else "llk_") + secrets.token_urlsafe(32)
        await intake_keys.keep(tx, words, order, at=house.now())
        note = Note(at=house.now(), actor=order.by, action="made a key", subject=f"key {order.name}")
        await audit.note(tx, note)
    return words


async def revoke(house: House, name: str, *, by: str, why: str) -> None:
    """Let it open nothing any more. Raises NotFound."""
    async with house.db.transaction() as tx:
        await intake_keys.revoke(tx, name, by=by, at=house.now())
        await audit.note(tx, Note(at=house.now(), actor=by, action="revoked a key", subject=f"key {name}", why=why))


def _check(order: KeyOrder, *, sources: list[str], kinds: list[str]) -> None:
    if not order.name.isprintable() or not 0 < len(order.name.strip()) <= _LONGEST_NAME:
        raise BadInput("name", order.name[:_LONGEST_NAME], f"Say what it is for in 1 to {_LONGEST_NAME} characters.")
    if order.public and order.scopes != (Scope.TRACK,):
        raise BadInput("scope", ", ".join(order.scopes), "A public key is read by everybody: it may only track.")
    if order.source is not None and order.source not in sources:
        raise BadInput("source", order.source, f"Use one of: {', '.join(sources)}.")
    for kind in order.kinds or ():
        if kind not in kinds:
            raise BadInput("kind", kind, f"Use kinds of the definition, such as {', '.join(kinds[:4])}.")
        if order.public and kind in PROCESS_EVENTS:
            raise BadInput("kind", kind, "The process itself records it: a key that everybody can read never may.")
