"""The hand cases of leads.md §5, once: as values for the domain, as rows for a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.definition_check import read_definition
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.lead import Side
from leadloom.domain.model import DealId, HandOffId, LeadId
from leadloom.domain.reports.classes import Touch
from leadloom.domain.reports.pipeline import AcceptedLead, Deal
from leadloom.domain.reports.response_time import OfferedHandOff
from leadloom.domain.reports.way import StageEntry, Way
from leadloom.domain.standing import ScoreEntry

SIDES: dict[str, Side] = {"M": "marketing", "S": "sales", "P": "partner"}
KINDS = {"M": "guide_requested", "S": "sales_first_touch", "P": "partner_introduced"}


def definition() -> Definition:
    """Our own definition, as published."""
    path = Path(__file__).parents[1] / "definition.yaml"
    return read_definition(DraftText(path.name, path.read_text(encoding="utf-8")))


def day(text: str) -> datetime:
    """`01-05` is 5 January 2024, `2023-01-02` is itself; midnight UTC."""
    return datetime.fromisoformat(text if len(text) > 5 else f"2024-{text}").replace(tzinfo=UTC)


def name_of(thing: str) -> UUID:
    """The id of whatever a hand case calls `thing`: the same in the domain and in the database."""
    return uuid5(NAMESPACE_URL, thing)


# ── R4: speed to lead ───────────────────────────────────────────────────────────────────────────────────────────
def _new_york(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)


ANSWERS: dict[str, tuple[datetime, datetime | None]] = {
    "a": (_new_york("2024-03-01 16:50"), _new_york("2024-03-04 09:20")),
    "b": (_new_york("2024-03-08 16:30"), _new_york("2024-03-11 09:05")),
    "c": (_new_york("2024-07-03 16:55"), _new_york("2024-07-05 09:01")),
    "d": (_new_york("2024-03-14 10:00"), None),
}
"""Offered and first tried, of hand-raises to a New York owner (first attempt due in 30 minutes)."""


def hand_offs(names: str) -> tuple[OfferedHandOff, ...]:
    """The R4 cases of these letters."""
    return tuple(
        OfferedHandOff(
            hand_off_id=HandOffId(name_of(f"hand-off {name}")),
            kind="hand-raise",
            calendar="new-york",
            offered_at=ANSWERS[name][0],
            first_try_at=ANSWERS[name][1],
        )
        for name in names
    )


# ── R5: lifecycle ───────────────────────────────────────────────────────────────────────────────────────────────
STAGES: dict[str, list[tuple[str, str]]] = {
    "L1": [("inquiry", "01-01"), ("mql", "01-03"), ("sal", "01-04"), ("sql", "01-10"), ("won", "01-30")],
    "L2": [("inquiry", "01-01"), ("mql", "01-08"), ("recycled", "01-10"), ("mql", "02-09"), ("sal", "02-10"),
           ("sql", "02-20"), ("disqualified", "03-01")],
    "L3": [("inquiry", "01-05"), ("mql", "01-06")],
    "L4": [("inquiry", "01-31"), ("disqualified", "02-02")],
}  # fmt: skip
"""L2 lost its deal on 03-01: the stage it went to then stands for `lost`."""


def ways(lost: str = "disqualified") -> tuple[Way, ...]:
    """The R5 leads; `lost` names the stage a lost deal leaves its lead in."""
    return tuple(
        Way(
            lead_id=LeadId(name_of(lead)),
            entries=tuple(
                StageEntry(stage=lost if (lead, at) == ("L2", "03-01") else stage, at=day(at)) for stage, at in stages
            ),
        )
        for lead, stages in STAGES.items()
    )


# ── R6 and R15: classes ─────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class DealCase:
    """A row of R6."""

    touches: str
    created: str
    stage: str
    closed: str | None
    amount: int


DEALS = {
    "O1": DealCase("M 01-05, S 01-10", "01-12", "won", "02-11", 10_000),
    "O2": DealCase("S 01-03, M 01-20", "01-08", "won", "03-08", 20_000),
    "O3": DealCase("S 02-01", "02-02", "lost", "02-20", 5_000),
    "O4": DealCase("M 2023-01-02, S 2024-02-10", "02-12", "open", None, 8_000),
    "O5": DealCase("M 03-01", "03-04", "lost", "03-30", 7_000),
    "O6": DealCase("S 03-02, mail 03-10, M 04-20", "03-05", "won", "04-15", 12_000),
}
LEADS = {
    "N1": ("M 01-05", "01-12"),
    "N2": ("S 01-03, M 01-20", "02-01"),
    "N3": ("S 01-03, M 01-20", "01-10"),
    "N4": ("P 01-04, M 01-09", "01-15"),
    "N5": ("P 01-04", "01-06"),
    "N6": ("S 01-03, mail 01-08", None),
}
"""Touches and first acceptance."""


def _told(text: str) -> list[tuple[str, datetime]]:
    parts = (part.split() for part in text.split(", "))
    return [(who, day(at)) for who, at in parts]


def touches(lead: str, text: str) -> tuple[Touch, ...]:
    """`M 01-05, S 01-10` as touches; a mail sent is none."""
    return tuple(
        Touch(lead_id=LeadId(name_of(lead)), at=at, credit=SIDES[who]) for who, at in _told(text) if who in SIDES
    )


def deals() -> tuple[Deal, ...]:
    """The R6 deals."""
    return tuple(
        Deal.model_validate(
            {
                "deal_id": DealId(name_of(name)),
                "external_id": name,
                "currency": "USD",
                "amount": Decimal(case.amount),
                "created_at": day(case.created),
                "stage": case.stage,
                "closed_at": case.closed and day(case.closed),
                "touches": touches(name, case.touches),
            }
        )
        for name, case in DEALS.items()
    )


def leads() -> tuple[AcceptedLead, ...]:
    """The R15 leads."""
    return tuple(
        AcceptedLead(
            lead_id=LeadId(name_of(name)),
            accepted_at=day(accepted) if accepted else None,
            touches=touches(name, text),
        )
        for name, (text, accepted) in LEADS.items()
    )


# ── R14: score decay ────────────────────────────────────────────────────────────────────────────────────────────
DAY_0 = day("2024-01-01")
SCORES: dict[str, list[tuple[float, int]]] = {"old": [(20, 0)], "fresh": [(20, 0), (10, 35), (5, 45)]}
"""Points and the day they were earned."""


def after(days: float) -> datetime:
    """So many days after day 0."""
    return DAY_0 + timedelta(days=days)


def score_entries() -> dict[LeadId, tuple[ScoreEntry, ...]]:
    """The R14 entries."""
    return {
        LeadId(name_of(lead)): tuple(
            ScoreEntry(event_no=no, kind="reply", points=points, at=after(at))
            for no, (points, at) in enumerate(entries, start=1)
        )
        for lead, entries in SCORES.items()
    }


# ── The same, as rows ───────────────────────────────────────────────────────────────────────────────────────────
Connection = Any
"""An asyncpg connection: tests write what the product's own write paths would refuse to invent."""


async def plant_lead(connection: Connection, name: str, *, source: str | None = None) -> UUID:
    """A lead, at a company of its own."""
    account_id, lead_id, created_at = name_of(f"account of {name}"), name_of(name), day("2022-01-01")
    await connection.execute(
        "INSERT INTO account (account_id, name, created_at) VALUES ($1, $2, $3)", account_id, name, created_at
    )
    await connection.execute(
        "INSERT INTO lead (lead_id, account_id, source, created_at) VALUES ($1, $2, $3, $4)",
        lead_id, account_id, source, created_at,
    )  # fmt: skip
    return lead_id


async def plant_touches(connection: Connection, name: str, text: str, *, verdict: str = "human") -> None:
    """Events of a planted lead; a mail sent leaves an opening, which is no touch."""
    lead_id = name_of(name)
    first = await connection.fetchval("SELECT last_event_no + 1 FROM lead WHERE lead_id = $1", lead_id)
    for no, (who, at) in enumerate(_told(text), start=first):
        await connection.execute(
            "INSERT INTO event (lead_id, no, kind, at, verdict, actor, credit) VALUES ($1, $2, $3, $4, $5, 'lead', $6)",
            lead_id, no, KINDS.get(who, "mail_opened"), at, verdict, SIDES.get(who),
        )  # fmt: skip
        await connection.execute("UPDATE lead SET last_event_no = $2 WHERE lead_id = $1", lead_id, no)


async def plant_stages(connection: Connection, name: str, stages: Sequence[tuple[str, str]]) -> None:
    """The stage log of a planted lead."""
    before = None
    for no, (stage, at) in enumerate(stages, start=1):
        await connection.execute(
            """INSERT INTO stage_change (lead_id, track, no, from_stage, to_stage, at, actor, reason,
                                         definition_version)
               VALUES ($1, 'new-business', $2, $3, $4, $5, 'system', 'planted', 1)""",
            name_of(name), no, before, stage, day(at),
        )  # fmt: skip
        before = stage


async def plant_deal(connection: Connection, name: str, case: DealCase, *, currency: str = "USD") -> None:
    """A deal of the company of the planted lead of the same name."""
    await connection.execute(
        """INSERT INTO deal (deal_id, external_id, account_id, name, track, amount, currency, created_at, stage,
                             closed_at)
           VALUES ($1, $2, $3, $2, 'new-business', $4, $5, $6, $7, $8)""",
        name_of(f"deal {name}"), name, name_of(f"account of {name}"), Decimal(case.amount), currency,
        day(case.created), case.stage, day(case.closed) if case.closed else None,
    )  # fmt: skip


async def plant_hand_off(connection: Connection, name: str, *, owner: str = "marcus-oyelaran") -> None:
    """The R4 hand-off of that letter, open, with the assignment that offered it."""
    offered_at, tried_at = ANSWERS[name]
    lead_id = await plant_lead(connection, f"lead of hand-off {name}")
    hand_off_id = name_of(f"hand-off {name}")
    owner_id = await connection.fetchval("SELECT owner_id FROM owner WHERE handle = $1", owner)
    await connection.execute(
        """INSERT INTO hand_off (hand_off_id, kind, lead_id, track, asked_by, why, definition_version, opened_at, state,
                                 owner_id, assignment_no, offered_at, first_try_at)
           VALUES ($1, 'hand-raise', $2, 'new-business', 'system', '["Asked for a price"]', 1, $3, 'offered', $4, 1, $3,
                   $5)""",
        hand_off_id, lead_id, offered_at, owner_id, tried_at,
    )  # fmt: skip
    await connection.execute(
        """INSERT INTO assignment (hand_off_id, no, owner_id, at, accept_by, why)
           VALUES ($1, 1, $2, $3, $3, 'New York')""",
        hand_off_id, owner_id, offered_at,
    )  # fmt: skip


async def plant_scores(connection: Connection, name: str) -> None:
    """An R14 lead with its score log."""
    lead_id = await plant_lead(connection, name)
    for no, (points, at) in enumerate(SCORES[name], start=1):
        await connection.execute(
            "INSERT INTO event (lead_id, no, kind, at, verdict, actor) VALUES ($1, $2, 'reply', $3, 'human', 'lead')",
            lead_id, no, after(at),
        )  # fmt: skip
        await connection.execute(
            """INSERT INTO score_entry (lead_id, event_no, kind, points, at, definition_version)
               VALUES ($1, $2, 'reply', $3, $4, 1)""",
            lead_id, no, points, after(at),
        )  # fmt: skip
