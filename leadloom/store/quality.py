"""What is missing or wrong about our leads, by source and region, and which leads are those?

Doubles are those of a pair that waits in the queue of duplicates: what is decided there is none here any more.
"""

from __future__ import annotations

from leadloom.domain.companies.sites import FREE_MAIL
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.parts import Part
from leadloom.domain.model import Value
from leadloom.store.rows import Order, Page, PersonRow, page
from leadloom.store.tx import Tx

LACKS = {
    "incomplete": "not complete for the gate",
    "no_mail": "no mail address",
    "free_mail": "a free mail address",
    "dead_mail": "a mail address that came back",
    "no_company": "no company",
    "no_country": "no country",
    "no_role": "no role",
    "no_phone": "no phone",
    "double": "perhaps the same person as another",
    "unowned": "nobody answers for them",
    "unsourced": "no source we know",
}
"""Column of the board → what it counts, in the order it is shown."""


class QualityRow(Value):
    """One source in one region, or a sum of some."""

    source: str | None
    """None: no source the definition knows."""
    region: str
    """A key of the definition's regions; empty elsewhere in the world, or nobody knows where."""
    leads: int
    complete: int
    no_mail: int
    free_mail: int
    dead_mail: int
    no_company: int
    no_country: int
    no_role: int
    no_phone: int
    double: int
    unowned: int
    unsourced: int

    @property
    def incomplete(self) -> int:
        """Leads that lack something the gate needs."""
        return self.leads - self.complete

    def share_complete(self) -> float | None:
        """From 0 to 1; None without leads."""
        return self.complete / self.leads if self.leads else None


class QualityFilter(Value):
    """Which leads."""

    lacks: str | None = None
    source: str | None = None
    """Empty: those without a source we know."""
    region: str | None = None


class QualityLead(PersonRow):
    """A lead behind a number of the board."""

    country: str | None
    phone: str | None
    role: str | None
    source: str | None
    region: str
    owner: str | None
    no_mail: bool
    free_mail: bool
    dead_mail: bool
    no_company: bool
    no_country: bool
    no_role: bool
    no_phone: bool
    unsourced: bool
    double: bool
    unowned: bool

    def lacks(self) -> tuple[str, ...]:
        """What is missing or wrong, in words."""
        return tuple(words for name, words in LACKS.items() if getattr(self, name, False))


async def board(tx: Tx, definition: Definition) -> tuple[QualityRow, ...]:
    """Each source in each region, most leads first."""
    rows = await tx.all("quality_counts", **_asked(definition))
    return tuple(QualityRow.model_validate(dict(row)) for row in rows)


def summed(rows: tuple[QualityRow, ...], *, source: str | None = None, region: str = "") -> QualityRow:
    """Rows of the board as one."""
    counts = [name for name in QualityRow.model_fields if name not in ("source", "region")]
    total = {name: sum(getattr(row, name) for row in rows) for name in counts}
    return QualityRow(source=source, region=region, **total)


async def leads(tx: Tx, which: QualityFilter, order: Order, *, definition: Definition) -> Page[QualityLead]:
    """The leads a number counts, in the order of their ids."""
    told = {"after_id": order.after.row_id if order.after else None, "page_limit": order.limit + 1}
    rows = await tx.all("list_quality", **_asked(definition), **which.model_dump(), **told)
    return page(QualityLead, rows, order)


def _asked(definition: Definition) -> dict[str, object]:
    held = [definition.named(part) for part in (Part.ACCEPTED, Part.DEAL)]
    return {
        "free_mail": sorted({*definition.mql.free_mail, *FREE_MAIL}),
        "sources": list(definition.sources),
        "regions": {country: key for key, region in definition.regions.items() for country in region.countries},
        "ready": [definition.named(Part.READY)],
        "held": held,
        "needs": list(definition.mql.needs),
    }
