"""How much of everything is there? Counts for a summary, each over rows."""

from __future__ import annotations

from leadloom.domain.definitions.parts import Part
from leadloom.domain.model import Value
from leadloom.store import published
from leadloom.store.tx import Tx


class Totals(Value):
    """Counts over all rows."""

    leads: int
    events: int
    runs: int
    qualified: int
    """Leads that ever passed the MQL gate."""
    won: int
    """Deals won."""
    mails: dict[str, int]
    """By status."""
    stages: dict[str, int]
    """Leads by where they stand in the new-business track."""
    hand_offs: dict[str, int]
    """`offered` counts all, the rest by state."""


async def read(tx: Tx) -> Totals:
    """Count all. Raises NotFound while no definition was ever published."""
    definition = (await published.book(tx)).definition
    counts = await tx.one("totals", ready=definition.named(Part.READY))
    states = {row["state"]: row["count"] for row in await tx.all("totals_of_hand_offs")}
    return Totals(
        **{name: counts[name] for name in ("leads", "events", "runs", "qualified", "won")},
        mails={row["status"]: row["count"] for row in await tx.all("totals_of_mails")},
        stages={row["stage"]: row["count"] for row in await tx.all("totals_of_stages", track=definition.tracks[0])},
        hand_offs={
            "offered": counts["hand_offs"],
            **{state: states.get(state, 0) for state in ("accepted", "rejected", "recycled")},
        },
    )
