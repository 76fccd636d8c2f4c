"""How engaged is a company as a whole, and who of its buying group is with us? Worked out when asked, of its people."""

from __future__ import annotations

from collections.abc import Sequence

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.facts import CompanyStand
from leadloom.domain.model import Instant, LeadId, Value
from leadloom.domain.stages.scoring import digit_of, engagement
from leadloom.domain.standing import Colleague as Colleague
from leadloom.domain.standing import Standing


class EngagedColleague(Value):
    """What one person adds to their company."""

    lead_id: LeadId
    person: str
    role: str | None
    engagement: float
    counted: float
    """After the cap on one person."""
    engaged: bool


class CompanyScore(Value):
    """A company's score, and who is behind it."""

    points: float
    digit: int
    formula: str
    """In words: `sum of 3 people, at most 60 each, 200 in all`."""
    people: tuple[EngagedColleague, ...]
    """Everybody with any engagement, most engaged first."""
    known: int
    """People of the company we know, engaged or not."""
    covered: dict[str, int]
    """Role of the buying group → how many engaged people have it; only those with somebody."""
    missing: tuple[str, ...]
    """Roles of the buying group where nobody is engaged, in the definition's order."""

    @property
    def coverage(self) -> float | None:
        """Share of the buying group's roles that are covered; None where the definition names none."""
        group = len(self.covered) + len(self.missing)
        return len(self.covered) / group if group else None


def company_score(definition: Definition, colleagues: Sequence[Colleague], *, at: Instant) -> CompanyScore:
    """The score of a company by its people's ledgers at `at`; who has no known role fills none."""
    rules = definition.company_score
    people = [_weighed(definition, one, at) for one in colleagues]
    known = sorted((one for one in people if one.engagement > 0), key=lambda one: (-one.engagement, str(one.lead_id)))
    counted = [one.counted for one in known]
    match rules.formula:
        case "sum":
            points = sum(counted)
        case "max":
            points = max(counted, default=0.0)
        case "mean":
            points = sum(counted) / len(counted) if counted else 0.0
    points = points if rules.cap is None else min(points, rules.cap)
    covered = {role: sum(one.engaged and one.role == role for one in known) for role in rules.roles}
    return CompanyScore(
        points=points,
        digit=digit_of(rules.digits or definition.engagement_digits, points),
        formula=_words(definition, len(known)),
        people=tuple(known),
        known=len(people),
        covered={role: count for role, count in covered.items() if count},
        missing=tuple(role for role, count in covered.items() if not count),
    )


def stands(definition: Definition, colleagues: Sequence[Colleague], *, at: Instant) -> CompanyStand:
    """How the company of these people stands at `at`, as conditions ask."""
    whole = company_score(definition, colleagues, at=at)
    return CompanyStand.built(points=whole.points, digit=whole.digit, covered=tuple(whole.covered))


def company_of(definition: Definition, standing: Standing, *, at: Instant) -> CompanyStand | None:
    """How the lead's company stands by what they and their colleagues have earned; None where there is none to ask."""
    if standing.account is None or standing.colleagues is None:
        return None
    lead = standing.lead
    own = Colleague.built(lead_id=lead.lead_id, person="", role=lead.role, entries=standing.entries)
    return stands(definition, (*standing.colleagues, own), at=at)


def _weighed(definition: Definition, one: Colleague, at: Instant) -> EngagedColleague:
    rules = definition.company_score
    how_much = engagement(one.entries, definition.half_life, at=at)
    return EngagedColleague(
        lead_id=one.lead_id,
        person=one.person,
        role=one.role,
        engagement=how_much,
        counted=how_much if rules.per_person is None else min(how_much, rules.per_person),
        engaged=how_much >= rules.engaged_at,
    )


def _words(definition: Definition, count: int) -> str:
    rules = definition.company_score
    people = f"{count} {'person' if count == 1 else 'people'}"
    start = {"sum": f"sum of {people}", "max": f"the warmest of {people}", "mean": f"mean of {people}"}[rules.formula]
    limits = [
        *([f"at most {rules.per_person:g} each"] if rules.per_person is not None else []),
        *([f"{rules.cap:g} in all"] if rules.cap is not None else []),
    ]
    return ", ".join([start, *limits])
