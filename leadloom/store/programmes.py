"""Who stands where in a webinar, a fair, a course, and for how many was it a success? Derived from events alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.programmes import unnamed_kinds
from leadloom.domain.errors import NotFound
from leadloom.domain.model import Instant, Value
from leadloom.store.rows import Order, Page, PersonRow, asked, page
from leadloom.store.tx import Tx


class StatusLine(Value):
    """One status of a programme."""

    status: str
    event: str
    success: bool
    members: int
    """Who stands here now."""


class ProgrammeBoard(Value):
    """One programme."""

    name: str
    means: str
    statuses: tuple[StatusLine, ...]
    """In the definition's order, also those nobody stands in."""
    members: int
    succeeded: int
    """Whom a status of success happened to, wherever they stand now."""
    first_at: Instant | None
    last_at: Instant | None


class Stranger(Value):
    """Events that name a programme nobody knows."""

    programme: str
    kind: str
    events: int


class MemberRow(PersonRow):
    """Somebody in a programme."""

    place: int
    """Of their status, from 1."""
    success: bool
    at: Instant
    """When what brought them there happened."""


async def boards(tx: Tx, definition: Definition, *, as_of: datetime) -> tuple[ProgrammeBoard, ...]:
    """All programmes, in the definition's order."""
    return tuple([await board(tx, definition, name, as_of=as_of) for name in definition.programmes])


async def board(tx: Tx, definition: Definition, name: str, *, as_of: datetime) -> ProgrammeBoard:
    """One of them. Raises NotFound."""
    which = _which(definition, name, as_of)
    rows = {row["place"]: row for row in await tx.all("programme_board", **which)}
    programme = definition.programmes[name]
    return ProgrammeBoard(
        name=name,
        means=programme.means,
        statuses=tuple(
            StatusLine(
                status=status,
                event=rule.event,
                success=rule.success,
                members=rows[place]["members"] if place in rows else 0,
            )
            for place, (status, rule) in enumerate(programme.statuses.items(), start=1)
        ),
        members=sum(row["members"] for row in rows.values()),
        succeeded=sum(row["succeeded"] for row in rows.values()),
        first_at=min((row["first_at"] for row in rows.values()), default=None),
        last_at=max((row["last_at"] for row in rows.values()), default=None),
    )


async def members(
    tx: Tx,
    definition: Definition,
    name: str,
    order: Order,
    *,
    status: str | None = None,
    succeeded: bool | None = None,
    as_of: datetime,
) -> Page[MemberRow]:
    """The people behind a number of the board. Raises NotFound for an unknown programme or status."""
    which = _which(definition, name, as_of)
    statuses = list(definition.programmes[name].statuses)
    if status is not None and status not in statuses:
        raise NotFound("status", status)
    place = None if status is None else statuses.index(status) + 1
    how = {key: value for key, value in asked(order).items() if key != "sort"}
    return page(MemberRow, await tx.all("programme_members", **which, place=place, succeeded=succeeded, **how), order)


async def strangers(tx: Tx, definition: Definition) -> tuple[Stranger, ...]:
    """What names a programme the definition doesn't know, most events first."""
    kinds = sorted({rule.event for each in definition.programmes.values() for rule in each.statuses.values()})
    rows = await tx.all("strangers_to_programmes", kinds=kinds, known=list(definition.programmes))
    return tuple(Stranger.model_validate(dict(row)) for row in rows)


def _which(definition: Definition, name: str, as_of: datetime) -> dict[str, Any]:
    programme = definition.programmes.get(name)
    if programme is None:
        raise NotFound("programme", name)
    rules = list(programme.statuses.values())
    return {
        "programme": name,
        "kinds": [rule.event for rule in rules],
        "unnamed": list(unnamed_kinds(programme)),
        "success": [place for place, rule in enumerate(rules, start=1) if rule.success],
        "as_of": as_of,
    }
