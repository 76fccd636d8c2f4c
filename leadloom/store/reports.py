"""What do the logs say? Stage changes, touches, deals, hand-offs and score entries as the values reports are made of.

Nothing is counted here: a figure is decided in the domain, from these values. All reads take `as_of`, so a report of
yesterday reads the same today. Call them inside one `db.read()`: the figures of a report see one moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.parts import Part
from leadloom.domain.definitions.regions import region_of
from leadloom.domain.intake.identity import is_work_mail
from leadloom.domain.model import HandOffId, Instant, LeadId
from leadloom.domain.reports.classes import Touch
from leadloom.domain.reports.groups import Facets
from leadloom.domain.reports.mutual_promises import ABOUT_REACHING, Tries
from leadloom.domain.reports.pipeline import AcceptedLead, Deal
from leadloom.domain.reports.response_time import OfferedHandOff
from leadloom.domain.reports.way import StageEntry, Way
from leadloom.domain.standing import ScoreEntry
from leadloom.store.db import Record, Tx

Touches = Mapping[LeadId, Sequence[Touch]]


async def ways(tx: Tx, *, track: str, as_of: Instant) -> tuple[Way, ...]:
    """The way of every lead that has one in `track`."""
    rows = await tx.all("report_ways", track=track, as_of=as_of)
    return tuple(_way(row) for row in rows)


async def deals(tx: Tx, *, as_of: Instant, touches: Touches | None = None) -> tuple[Deal, ...]:
    """All deals created by `as_of`, oldest first, with the touches of their buying group."""
    touches = await touches_of_leads(tx, as_of=as_of) if touches is None else touches
    return tuple(_deal(row, touches) for row in await tx.all("report_deals_known", as_of=as_of))


async def accepted_leads(
    tx: Tx, definition: Definition, *, as_of: Instant, touches: Touches | None = None
) -> tuple[AcceptedLead, ...]:
    """All leads known by `as_of`, accepted or not, with their touches."""
    touches = await touches_of_leads(tx, as_of=as_of) if touches is None else touches
    return tuple(
        AcceptedLead(
            **_facets(row),
            lead_id=LeadId(row["lead_id"]),
            accepted_at=row["accepted_at"],
            touches=tuple(touches.get(row["lead_id"], ())),
        )
        for row in await tx.all("report_first_acceptances", accepted=definition.named(Part.ACCEPTED), as_of=as_of)
    )


async def hand_offs(
    tx: Tx, *, definition: Definition, as_of: Instant, since: Instant | None = None
) -> tuple[OfferedHandOff, ...]:
    """All hand-offs offered by `as_of`, and not before `since`, oldest first. `definition` says what a complete lead
    has.
    """
    rows = await tx.all("report_hand_offs_offered", as_of=as_of, since=since)
    return tuple(_hand_off(row, definition) for row in rows)


async def tries(tx: Tx, *, as_of: Instant, since: Instant | None = None) -> dict[HandOffId, Tries]:
    """What owners tried, by hand-off accepted by `as_of` and not before `since`."""
    rows = await tx.all("report_tries", as_of=as_of, since=since, kinds=list(ABOUT_REACHING))
    return {row["hand_off_id"]: Tries.model_validate(dict(row)) for row in rows}


async def score_entries(tx: Tx, *, as_of: Instant) -> dict[LeadId, tuple[ScoreEntry, ...]]:
    """The score log of every lead that has one, in the order it was recorded."""
    entries: defaultdict[LeadId, list[ScoreEntry]] = defaultdict(list)
    for row in await tx.all("report_score_entries_of_leads", as_of=as_of):
        entry = ScoreEntry(event_no=row["event_no"], kind=row["kind"], points=row["points"], at=row["at"])
        entries[LeadId(row["lead_id"])].append(entry)
    return {lead_id: tuple(own) for lead_id, own in entries.items()}


async def mails_per_day(tx: Tx, *, as_of: Instant) -> tuple[tuple[date, int], ...]:
    """Mails to leads by UTC day, days without one left out."""
    return tuple((row["day"], row["mails"]) for row in await tx.all("report_mails_per_day", as_of=as_of))


async def touches_of_leads(tx: Tx, *, as_of: Instant) -> Touches:
    """All touches by humans until `as_of`, oldest first; read once for what asks for deals and leads."""
    touches: defaultdict[LeadId, list[Touch]] = defaultdict(list)
    for row in await tx.all("report_touches_of_leads", as_of=as_of):
        touch = Touch(lead_id=LeadId(row["lead_id"]), at=row["at"], credit=row["credit"])
        touches[touch.lead_id].append(touch)
    return dict(touches)


def _way(row: Record) -> Way:
    names = ("stages", "ats", "definition_versions", "days_only", "placed")
    return Way(
        **_facets(row),
        lead_id=LeadId(row["lead_id"]),
        entries=tuple(
            StageEntry(stage=stage, at=at, definition_version=version, day_only=day_only, placed=placed)
            for stage, at, version, day_only, placed in zip(*(row[name] for name in names), strict=True)
        ),
        reject_reasons=tuple(row["reject_reasons"]),
        history=row["history"],
    )


def _facets(row: Record) -> dict[str, Any]:
    """What a lead or a deal is told apart by; the values are checked by the model they go into."""
    return {name: row[name] for name in Facets.model_fields}


def _deal(row: Record, touches: Touches) -> Deal:
    return Deal(
        **_facets(row),
        deal_id=row["deal_id"],
        external_id=row["external_id"],
        currency=row["currency"],
        amount=row["amount"],
        created_at=row["created_at"],
        stage=row["stage"],
        closed_at=row["closed_at"],
        touches=tuple(touch for lead_id in row["buying_group"] for touch in touches.get(LeadId(lead_id), ())),
    )


def _hand_off(row: Record, definition: Definition) -> OfferedHandOff:
    has = {
        # Of somebody who was erased it is known that they had one, not which.
        "work_mail": row["had_work_mail"] or (row["email"] is not None and is_work_mail(definition, row["email"])),
        "company": bool(row["company"]),
        "country": bool(row["country"]),
        "role": bool(row["role"]),
    }
    return OfferedHandOff(
        hand_off_id=row["hand_off_id"],
        kind=row["kind"],
        source=row["source"],
        calendar=row["calendar"],
        region=region_of(definition, row["country"]),
        offered_at=row["offered_at"],
        state=row["state"],
        decided_at=row["decided_at"],
        first_try_at=row["first_try_at"],
        escalated_at=row["escalated_at"],
        reason=row["reason"],
        has_why=row["has_why"],
        is_complete=all(has[need] for need in definition.mql.needs),
    )
