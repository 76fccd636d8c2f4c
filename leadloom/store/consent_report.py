"""Whom may we write to, country by country, by which basis, and how many ticks are confirmed? Derived from the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from leadloom.domain.lead import BasisKind
from leadloom.domain.model import Instant, Value
from leadloom.store.rows import Order, Page, PersonRow, asked, page
from leadloom.store.tx import Tx

MAILABLE = tuple(
    kind.value for kind in BasisKind if kind not in (BasisKind.NONE, BasisKind.SERVICE)
)  # fmt: skip
"""States of people who may be mailed: the basis it rests on."""
STATES: Mapping[str, str] = {
    **{kind: f"may be mailed: {kind}" for kind in MAILABLE},
    "waits": "their confirmation is waited for",
    "not enough": "has a basis, and it doesn't suffice",
    "none": "has no basis",
    "suppressed": "suppressed",
}
"""How somebody with an address can stand, gladdest first, with its words."""
ANSWERS: Mapping[str, str] = {
    "confirmed": "confirmed",
    "waiting": "still waited for",
    "ran-out": "not confirmed in time",
}
"""What became of a tick that had to be confirmed, with its words."""
UNKNOWN = "?"


class CountryLine(Value):
    """The people of one country."""

    country: str
    """ISO 3166-1 alpha-2; `?` where nobody knows it."""
    people: int
    """With an address."""
    by_state: dict[str, int]
    """Keys of STATES that anybody is in."""

    @property
    def mailable(self) -> int:
        """Who may be mailed."""
        return sum(self.by_state.get(kind, 0) for kind in MAILABLE)


class Cohort(Value):
    """The ticks of one month that were asked about."""

    month: str
    """`2026-03`, UTC."""
    asked: int
    confirmed: int
    waiting: int

    @property
    def ran_out(self) -> int:
        """Asked, and never confirmed in time."""
        return self.asked - self.confirmed - self.waiting

    @property
    def rate(self) -> float | None:
        """Confirmed of those that wait no more; None while all wait."""
        over = self.asked - self.waiting
        return self.confirmed / over if over else None


class ConsentReport(Value):
    """The whole of it, as of an instant."""

    at: Instant
    countries: tuple[CountryLine, ...]
    """Most people first."""
    cohorts: tuple[Cohort, ...]
    """Oldest first."""


class StandingRow(PersonRow):
    """How one person stands."""

    country: str
    state: str


class AskedRow(PersonRow):
    """One question whether somebody ticked the box themselves, and what became of it."""

    asked_at: Instant
    until: Instant
    yes_at: Instant | None
    state: str
    """A key of ANSWERS."""


async def report(tx: Tx, *, at: datetime) -> ConsentReport:
    """How everybody stands at `at`: any instant, the log answers for it; by the policy in force now."""
    found: dict[str, dict[str, int]] = {}
    for row in await tx.all("consent_by_country", at=at):
        found.setdefault(row["country"], {})[row["state"]] = row["people"]
    lines = [CountryLine(country=one, people=sum(each.values()), by_state=each) for one, each in found.items()]
    cohorts = [Cohort.model_validate(dict(row)) for row in await tx.all("confirmation_cohorts", at=at)]
    ordered = sorted(lines, key=lambda line: (-line.people, line.country))
    return ConsentReport(at=at, countries=tuple(ordered), cohorts=tuple(cohorts))


async def people(
    tx: Tx, country: str | None, states: Sequence[str] | None, order: Order, *, at: datetime
) -> Page[StandingRow]:
    """The people behind a number of the report, by name."""
    how = {name: value for name, value in asked(order).items() if name != "sort"}
    wanted = None if states is None else list(states)
    return page(StandingRow, await tx.all("people_by_consent", at=at, country=country, states=wanted, **how), order)


async def asked_to_confirm(
    tx: Tx, month: str | None, state: str | None, order: Order, *, at: datetime
) -> Page[AskedRow]:
    """The ticks behind a number of the cohorts, by name; `month` as `2026-03`, `state` a key of ANSWERS."""
    how = {name: value for name, value in asked(order).items() if name != "sort"}
    rows = await tx.all("people_asked_to_confirm", at=at, month=month, state=state, **how)
    return page(AskedRow, rows, order)
