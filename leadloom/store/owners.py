"""Who may own a lead, and who is away? Rows follow the published definition; absences are facts of their own."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.hand_off_rules import OwnerEntry
from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.handoffs.routing import named_by
from leadloom.domain.model import Json, OwnerId, Value
from leadloom.store import audit
from leadloom.store.tx import Tx


class Owner(Value):
    """A person of ours as the store knows them."""

    owner_id: OwnerId
    handle: str
    name: str
    email: str
    role: str
    calendar: str
    regions: tuple[str, ...]
    """Names of the routing rules that name them."""
    deputy: str | None
    phone: str | None


async def follow(tx: Tx, definition: Definition, *, at: datetime) -> None:
    """Make the rows say what the definition says. Owners who left it keep their row: the past names them."""
    await tx.many(
        "follow_owner",
        [
            {
                **entry.model_dump(),
                "owner_id": uuid4(),
                "email": f"{entry.handle.replace('-', '.')}@{definition.mail.from_domain}",
                "regions": _regions(definition, entry),
                "at": at,
            }
            for entry in definition.owners
        ],
    )


def _regions(definition: Definition, entry: OwnerEntry) -> list[str]:
    rules = definition.routing.rules
    return [rule.name for rule in rules if entry.handle in named_by(rule).values()]


async def roster(tx: Tx) -> tuple[Owner, ...]:
    """All owners, in order of their handle."""
    return tuple(Owner.model_validate(dict(row)) for row in await tx.all("owners"))


async def get(tx: Tx, owner_id: OwnerId) -> Owner:
    """The owner of that id. Raises NotFound."""
    return Owner.model_validate(dict(await tx.one("owner_by_id", owner_id=owner_id)))


async def named(tx: Tx, handle: str) -> Owner:
    """The owner of that handle. Raises NotFound."""
    return Owner.model_validate(dict(await tx.one("owner_by_handle", handle=handle)))


async def absent_handles(tx: Tx, at: datetime) -> frozenset[str]:
    """Handles of the owners who are away at `at`."""
    return frozenset(row["handle"] for row in await tx.all("owners_away", at=at))


async def at_desk(tx: Tx, handle: str, definition: Definition, at: datetime) -> str:
    """Who is asked when that owner is: their deputy while they are away. Silence must be somebody's who could speak."""
    deputy = next((entry.deputy for entry in definition.owners if entry.handle == handle), None)
    return deputy if deputy is not None and handle in await absent_handles(tx, at) else handle


async def be_away(tx: Tx, handle: str, *, from_at: datetime, until_at: datetime, by: str, at: datetime) -> None:
    """Note that an owner is away from `from_at` until `until_at` (not included). Said twice, the later end stands."""
    if until_at <= from_at:
        raise BadInput("until_at", until_at.isoformat(), "An absence must end after it begins.")
    if await tx.maybe("owner_by_handle", handle=handle) is None:
        raise NotFound("owner", handle)
    await tx.run("owner_away", handle=handle, from_at=from_at, until_at=until_at)
    span: dict[str, Json] = {"from": from_at.isoformat(), "until": until_at.isoformat()}
    await audit.note(tx, audit.Note(at=at, actor=by, action="noted an absence", subject=f"owner {handle}", after=span))
