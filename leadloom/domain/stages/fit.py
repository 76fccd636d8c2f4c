"""How well does a lead fit, by points or by a profile's grade, and why? Who they are now; nothing here decays."""

from __future__ import annotations

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.fit_rules import LETTERS, LOWEST_LETTER, THIRDS, Criterion, Profile
from leadloom.domain.lead import Account, Lead
from leadloom.domain.model import Value

BEST_GRADE = 3 * len(LETTERS) - 1
_SIGNS = ("−", "", "+")
_STEPS = {0: "nothing", 1: "a third", 2: "two thirds", 3: "a letter"}


class FitLine(Value):
    """What one rule made of one thing we know, or don't know, about a lead."""

    name: str
    value: str | int | None
    """None: nobody told us."""
    points: int
    """Points of 100; of a grade, thirds of a letter, below 0 where it was lowered."""
    most: int
    """What a match brings."""


class FitScore(Value):
    """Who the lead is, in points or as a grade; without decay."""

    points: int
    """0–100; of a grade, its place between D− (0) and A+ (100)."""
    letter: str
    """A–D."""
    grade: str | None = None
    """`D−` to `A+` where a profile graded; None where points did."""
    lines: tuple[FitLine, ...]

    @property
    def why(self) -> tuple[str, ...]:
        """One line per rule, met or not."""
        return tuple(map(self._says, self.lines))

    def _says(self, line: FitLine) -> str:
        known = "unknown" if line.value is None else line.value
        if self.grade is None:
            return f"{line.name} {known}: +{line.points}"
        way = "" if not line.points else " up" if line.points > 0 else " down"
        return f"{line.name} {known}: {_STEPS[abs(line.points)]}{way}"


def fit(definition: Definition, lead: Lead, *, account: Account | None) -> FitScore:
    """Points for industry, sites, role and country, each with its words; or the grade of the profile in their place."""
    graded_by = definition.fit.graded_by
    if graded_by is not None:
        return grade(definition.profiles[graded_by], lead, account=account)
    lines = _earned(definition, lead, account)
    points = sum(part for _, _, part, _ in lines)
    told = tuple(FitLine(name=name, value=value, points=part, most=most) for name, value, part, most in lines)
    return FitScore(points=points, letter=letter_of(definition.fit.letters, points), lines=told)


def points_and_letter(definition: Definition, lead: Lead, *, account: Account | None) -> tuple[int, str]:
    """The figures of `fit` without its words: for whoever asks a thousand times."""
    if definition.fit.graded_by is not None:
        graded = fit(definition, lead, account=account)
        return graded.points, graded.letter
    points = sum(part for _, _, part, _ in _earned(definition, lead, account))
    return points, letter_of(definition.fit.letters, points)


def grade(profile: Profile, lead: Lead, *, account: Account | None) -> FitScore:
    """The grade a profile gives: every match raises, every mismatch lowers, what we don't know moves nothing."""
    lines = tuple(_moved(criterion, lead, account) for criterion in profile.criteria)
    place = 3 * LETTERS.index(profile.starts) + 1 + sum(line.points for line in lines)
    place = min(BEST_GRADE, max(0, place))
    letter = LETTERS[place // 3]
    return FitScore(
        points=round(100 * place / BEST_GRADE), letter=letter, grade=f"{letter}{_SIGNS[place % 3]}", lines=lines
    )


def country_of(lead: Lead, account: Account | None) -> str | None:
    """Where the lead is; where the company is when the lead didn't tell."""
    return lead.country or (account.country if account else None)


def letter_of(letters: dict[str, int], points: int) -> str:
    """The best letter these points reach."""
    reached = [(least, letter) for letter, least in letters.items() if points >= least]
    return max(reached)[1] if reached else LOWEST_LETTER


def _earned(
    definition: Definition, lead: Lead, account: Account | None
) -> tuple[tuple[str, str | int | None, int, int], ...]:
    """(what, how it is, points, most points) of each rule of the fit table."""
    table = definition.fit
    role = table.role.points if lead.role in table.role.is_ else 0
    if lead.role in table.role.else_.is_:
        role = table.role.else_.points
    industry = account.industry if account else None
    sites = account.sites if account else None
    country = country_of(lead, account)
    enough = sites is not None and sites >= table.sites.at_least
    return (
        ("industry", industry, table.industry.points if industry in table.industry.is_ else 0, table.industry.points),
        ("sites", sites, table.sites.points if enough else 0, table.sites.points),
        ("role", lead.role, role, max(table.role.points, table.role.else_.points)),
        ("country", country, table.country.points if country in table.country.is_ else 0, table.country.points),
    )


def _moved(criterion: Criterion, lead: Lead, account: Account | None) -> FitLine:
    value = _known(criterion, lead, account)
    most = THIRDS[criterion.moves]
    if value is None:
        moved = 0
    elif isinstance(value, int):
        moved = most if criterion.at_least is not None and value >= criterion.at_least else -criterion.lowers
    else:
        moved = most if value in (criterion.is_ or ()) else -criterion.lowers
    return FitLine(name=criterion.of, value=value, points=moved, most=most)


def _known(criterion: Criterion, lead: Lead, account: Account | None) -> str | int | None:
    match criterion.of:
        case "industry":
            return account.industry if account else None
        case "sites":
            return account.sites if account else None
        case "role":
            return lead.role
        case "country":
            return country_of(lead, account)
        case "source":
            return lead.source
