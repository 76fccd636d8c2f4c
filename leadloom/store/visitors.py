"""Who are the visitors that nobody has identified, what did they do, and whose is it once somebody is?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from leadloom.domain.intake.identity import IdentityKey
from leadloom.domain.intake.whose import Known, KnownLead, KnownVisitor
from leadloom.domain.lead import EventDraft
from leadloom.domain.model import Instant, Json, LeadId, Value
from leadloom.store import events
from leadloom.store.events import Happening
from leadloom.store.published import Book
from leadloom.store.tx import Tx

MOST_OF_ONE = 1000
"""Events kept of one visitor nobody knows; who does more is no person."""
_AT_A_TIME = 5000


class KeptEvent(NamedTuple):
    """Something that isn't an event of a lead: a stranger's, or a view of a page."""

    key: str
    visitor: str | None
    lead_id: LeadId | None
    kind: str | None
    at: datetime
    channel: str | None
    data: Mapping[str, Json]


class Settled(NamedTuple):
    """What is known of a visitor from now on."""

    name: str
    lead_id: LeadId | None = None
    same_as: str | None = None
    shared: bool = False
    told: Mapping[str, Json] = {}


class Touch(Value):
    """Somebody came to a page of ours."""

    at: Instant
    kind: str | None
    """What it was an event of; None for a view and no more."""
    channel: str | None
    data: dict[str, Json]
    """Page, referrer, utm_… and click ids, as far as they were told."""


async def known(tx: Tx, keys: Sequence[IdentityKey], names: Sequence[str]) -> Known:
    """What the rows say about these keys and visitors. Two statements."""
    leads: dict[IdentityKey, KnownLead] = {}
    if keys:
        columns = {"kinds": [key.kind for key in keys], "values": [key.value for key in keys]}
        for row in await tx.all("leads_by_keys", **columns):
            leads[IdentityKey(row["kind"], row["value"])] = KnownLead(row["lead_id"], row["email"])
    visitors: dict[str, KnownVisitor] = {}
    for row in await tx.all("visitors_named", names=names) if names else []:
        key = IdentityKey(row["kind"], row["value"]) if row["kind"] else None
        visitors[row["name"]] = KnownVisitor(row["lead_id"], key, row["same_as"], row["is_shared"], row["told"])
    return Known(leads, visitors)


async def take_history(tx: Tx, names: Sequence[str]) -> dict[str, list[EventDraft]]:
    """Take what these visitors did out of the rows, to become events; oldest first. Who asks second gets nothing."""
    found: dict[str, list[EventDraft]] = {}
    for row in await tx.all("take_visitor_events", names=names) if names else []:
        told = {name: row[name] for name in ("key", "kind", "at", "channel", "data")}
        found.setdefault(row["visitor"], []).append(EventDraft.built(**told))
    for drafts in found.values():
        drafts.sort(key=lambda draft: draft.at)
    return found


async def too_busy(tx: Tx, names: Sequence[str]) -> set[str]:
    """Of these strangers, those of whom so much is kept that nothing more is."""
    rows = await tx.all("count_visitor_events", names=names, most=MOST_OF_ONE) if names else []
    return {row["visitor"] for row in rows}


async def keep(tx: Tx, kept: Sequence[KeptEvent], *, heard_at: datetime) -> None:
    """Keep what visitors did. Safe to repeat: by key."""
    if kept:
        await tx.run(
            "keep_visitor_events",
            keys=[one.key for one in kept],
            visitors=[one.visitor for one in kept],
            lead_ids=[one.lead_id for one in kept],
            kinds=[one.kind for one in kept],
            ats=[one.at for one in kept],
            channels=[one.channel for one in kept],
            datas=[one.data for one in kept],
            heard_at=heard_at,
        )


async def settle(tx: Tx, rows: Sequence[Settled], *, at: datetime) -> None:
    """Write whose visitors are, and let their views of pages follow. After what was kept of them just now."""
    if not rows:
        return
    await tx.run("settle_visitors", rows=[row._asdict() for row in rows], at=at)
    await _join(tx, {row.name: row.lead_id for row in rows if row.lead_id is not None and not row.shared})


async def _join(tx: Tx, homes: Mapping[str, LeadId]) -> None:
    if homes:
        await tx.run("join_views", names=list(homes), lead_ids=list(homes.values()))


async def bring_after(tx: Tx, *, book: Book, at: datetime, most: int = 200) -> int:
    """Bring to known leads what was on its way while they were identified; how many visitors. Safe to repeat."""
    rows = await tx.all("visitors_left_behind", most=most)
    homes: dict[str, LeadId] = {row["name"]: row["lead_id"] for row in rows}
    history = await take_history(tx, list(homes))
    happenings = [Happening(homes[name], tuple(drafts)) for name, drafts in history.items()]
    if happenings:
        await events.record_all(tx, happenings, book=book, at=at)
    await _join(tx, homes)
    return len(homes)


async def forget(tx: Tx, *, after: timedelta, at: datetime) -> int:
    """Forget what nobody was identified for within `after`: how many events. A page at a time; safe to repeat."""
    before = at - after
    gone = await tx.run("forget_anonymous", before=before, most=_AT_A_TIME)
    await tx.run("forget_anonymous_visitors", before=before, most=_AT_A_TIME)
    return gone


async def touches(tx: Tx, lead_id: LeadId, *, limit: int = 200) -> tuple[Touch, ...]:
    """How the lead came to us, oldest first. It survives whatever browser they come with."""
    rows = await tx.all("touches_of_lead", lead_id=lead_id, page_limit=limit)
    return tuple(Touch.model_validate(dict(row)) for row in rows)
