"""Nothing waits: what comes next, when, and who is nearly ready? For an empty inbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from leadloom.domain.access.viewer import Sight
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.parts import Part
from leadloom.domain.lead import Account, Lead
from leadloom.domain.model import Instant, LeadId, Value
from leadloom.domain.stages.scoring import country_of, score
from leadloom.domain.standing import ScoreEntry
from leadloom.store import rescoring, standing
from leadloom.store.published import Book
from leadloom.store.tx import Tx

LOOKED_AT = timedelta(days=14)
"""Who engaged within these days is looked at: others have cooled meanwhile."""
PACE_OVER = timedelta(days=28)
_LOOKED_THROUGH = 400
_SHOWN = 5
_FEWEST = 3
"""From so many offers on one may say how often they come."""


class Returning(Value):
    """A lead that comes back on a date somebody gave."""

    lead_id: LeadId
    first_name: str | None
    last_name: str | None
    company: str | None
    at: Instant


class Warming(Value):
    """A lead that is nearly ready."""

    lead_id: LeadId
    name: str
    """Empty for somebody whom the viewer doesn't see yet."""
    company: str
    country: str
    role: str
    letter: str
    digit: int
    missing: int
    """Points of engagement until somebody calls it ready."""


class Ahead(Value):
    """What is to be expected."""

    returning: tuple[Returning, ...]
    warming: tuple[Warming, ...]
    offers: int
    """That came to this owner within the last four weeks."""
    last_at: Instant | None
    every: timedelta | None
    """About how often one comes; None when they are too few to say."""


async def ahead(tx: Tx, book: Book, sight: Sight, handle: str, *, at: datetime) -> Ahead:
    """What comes to this owner, as far as it can be known at `at`; an empty handle asks for nobody in particular."""
    row = await tx.one("offers_lately", handle=handle, since=at - PACE_OVER, at=at)
    offers: int = row["offers"]
    back = await tx.all("leads_coming_back", handle=handle, at=at, page_limit=_SHOWN)
    return Ahead(
        returning=tuple(Returning.model_validate(dict(found)) for found in back),
        warming=await _warming(tx, book, sight, handle, at=at),
        offers=offers,
        last_at=row["last_at"],
        every=PACE_OVER / offers if offers >= _FEWEST else None,
    )


async def _warming(tx: Tx, book: Book, sight: Sight, handle: str, *, at: datetime) -> tuple[Warming, ...]:
    definition = book.definition
    rows = await tx.all(
        "leads_lately_engaged",
        stages=[definition.named(Part.ANSWERED), definition.named(Part.RETURNED)],
        countries=_countries(definition, handle),
        since=at - LOOKED_AT,
        page_limit=_LOOKED_THROUGH,
    )
    people = {row["lead_id"]: Lead.model_validate(dict(row)) for row in rows}
    companies = await standing.accounts(tx, (lead.account_id for lead in people.values()))
    ledger = await rescoring.entries(tx, list(people))
    found: list[Warming] = []
    for lead_id, lead in people.items():
        account = companies.get(lead.account_id) if lead.account_id else None
        here = book.in_country(country_of(lead, account)).definition
        if (one := _near(here, lead, account, ledger.get(lead_id, ()), sight, at)) is not None:
            found.append(one)
    return tuple(sorted(found, key=lambda one: (one.missing, one.lead_id))[:_SHOWN])


def _near(
    definition: Definition,
    lead: Lead,
    account: Account | None,
    entries: Sequence[ScoreEntry],
    sight: Sight,
    at: datetime,
) -> Warming | None:
    """None for whom no more engagement brings to sales, or much more would have to come."""
    now = score(definition, lead, account=account, entries=entries, at=at)
    needed = [
        definition.engagement_digits[max(band.digits)]
        for band in definition.mql.bands()
        if now.letter in band.letters and max(band.digits) in definition.engagement_digits
    ]
    if not needed or not 0 < (missing := min(needed) - now.engagement) <= min(needed) / 2:
        return None
    seen = sight.all or (lead.country or "").upper() in sight.countries
    names = (lead.first_name, lead.last_name) if seen else ()
    return Warming(
        lead_id=lead.lead_id,
        name=" ".join(part for part in names if part),
        company=account.name if account else lead.company or "",
        country=lead.country or "",
        role=lead.role or "",
        letter=now.letter,
        digit=now.digit,
        missing=max(1, round(missing)),
    )


def _countries(definition: Definition, handle: str) -> list[str]:
    """Where the owner's team sells; none where no team says so, which means everywhere."""
    access = definition.access
    team = access.teams.get(access.team_of(handle) or "")
    regions = [definition.regions[name] for name in (team.regions if team else ()) if name in definition.regions]
    return [country for region in regions for country in region.countries]
