"""For which leads does a condition hold? Compiled to SQL, so that an audience of a million is one question.

The condition means what `domain.journeys.conditions.holds` says it means for a lead that would enter now; a property
test compares the two over random leads and random conditions. Values are bound, names come from closed lists.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from leadloom.domain.consent.policy import ELSEWHERE, UNKNOWN, table
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.fit_rules import LETTERS, LOWEST_LETTER, THIRDS, Criterion, Profile
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.conditions import FOLDED, NOT_A_FIELD, folded
from leadloom.domain.lead import Account, Lead
from leadloom.domain.mails.mail_class import MARKETING, MailClass
from leadloom.domain.model import Json
from leadloom.domain.stages.scoring import LOWEST_DIGIT
from leadloom.store import company_conditions
from leadloom.store.names import Fragment

EVERYBODY = Fragment("TRUE")
"""Narrows nothing down."""

_COUNTRY = "COALESCE(NULLIF(l.country, ''), NULLIF(a.country, ''))"
_CRITERIA = {"industry": "a.industry", "sites": "a.sites", "role": "l.role", "country": _COUNTRY, "source": "l.source"}
_CREATED_AT = """to_jsonb(to_char(l.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') || CASE
    WHEN date_part('microseconds', l.created_at)::bigint % 1000000 = 0 THEN ''
    ELSE to_char(l.created_at AT TIME ZONE 'UTC', '.US') END || '+00:00')"""
"""As Python's isoformat writes it."""


def compiled(
    condition: Condition | None,
    *,
    definition: Definition,
    track: str,
    at: datetime,
    local: Mapping[str, Definition] | None = None,
) -> Fragment:
    """The condition over the aliases `l` (lead) and `a` (its account, outer joined), as of `at`.

    Args:
        condition: None holds for everybody. An event without `within` looks since entry: at an audience, never.
        definition: Fit table, engagement digits, half-life and mail policy in force.
        track: Whose stages are meant.
        at: Business time; what happened later doesn't count.
        local: Country → by what the fit and engagement of its leads are judged, where a region has numbers of its own.
    """
    if condition is None:
        return EVERYBODY
    return _Compiler(definition, track, at, local or {}).of(condition)


class _Compiler:
    """Collects bound values while it writes the expression."""

    def __init__(self, definition: Definition, track: str, at: datetime, local: Mapping[str, Definition]) -> None:
        self._definition, self._track, self._at = definition, track, at
        whose: dict[int, list[str]] = {}
        for country, judging in local.items():
            whose.setdefault(id(judging), []).append(country)
        self._local = [(local[countries[0]], countries) for countries in whose.values()]
        """Each way of judging with its countries."""
        self._values: list[object] = []

    def of(self, condition: Condition) -> Fragment:
        """The whole expression with its values, in order."""
        return Fragment(self._all(condition), tuple(self._values))

    def _bound(self, value: object, kind: str) -> str:
        self._values.append(value)
        return f"{Fragment.place(len(self._values))}::{kind}"

    def _all(self, condition: Condition) -> str:
        return "(" + " AND ".join([*self._parts(condition), "TRUE"]) + ")"

    def _parts(self, condition: Condition) -> Iterator[str]:
        if condition.event is not None:
            yield self._happened(condition)
        if condition.basis is not None:
            yield self._may_market() if condition.basis == MARKETING else "FALSE"
        if condition.field is not None:
            yield self._about_field(condition)
        for asked, part in self._standing(condition):
            if asked is not None:
                yield part()
        yield from (self._all(inner) for inner in condition.all or ())
        if condition.any is not None:
            yield "(" + " OR ".join([*(self._all(inner) for inner in condition.any), "FALSE"]) + ")"
        if condition.not_ is not None:
            # Every part answers true or false, never NULL: else a denied NULL would hold for nobody.
            yield f"NOT {self._all(condition.not_)}"

    def _standing(self, condition: Condition) -> Iterator[tuple[object, Callable[[], str]]]:
        yield condition.stage, lambda: self._stage(condition.stage or ())
        yield condition.fit, lambda: self._judged(lambda: self._fit(condition.fit or ()))
        yield condition.engagement, lambda: self._judged(lambda: self._engagement(condition.engagement or ()))
        yield condition.category, lambda: self._judged(lambda: self._categories(condition.category or {}))
        yield condition.company, lambda: self._company(condition.company or ())
        yield condition.covers, lambda: self._covers(condition.covers or ())
        yield condition.covers_at_least, lambda: self._covers_at_least(condition.covers_at_least or 0)
        yield condition.recycled_for, lambda: self._recycled_for(condition.recycled_for or ())
        yield condition.tag, lambda: self._has("lead_tag x", "x.tag", condition.tag or ())
        yield condition.in_journey, lambda: self._ran(condition.in_journey or (), "x.status = 'active'")
        yield condition.was_in, lambda: self._ran(condition.was_in or (), "x.status <> 'active'")
        # Nobody who would only enter now has an arm.
        yield condition.arm, lambda: "FALSE"

    def _judged(self, part: Callable[[], str]) -> str:
        """The part as the lead's country judges it."""
        everywhere, arms = self._definition, list[str]()
        for definition, countries in self._local:
            self._definition = definition
            arms.append(f"WHEN {_COUNTRY} = ANY ({self._texts(countries)}) THEN ({part()})")
        self._definition = everywhere
        return f"CASE {' '.join(arms)} ELSE ({part()}) END" if arms else part()

    # -- what happened

    def _happened(self, condition: Condition) -> str:
        at = self._bound(self._at, "timestamptz")
        since = self._bound(self._at - (condition.within or timedelta()), "timestamptz")
        asked = [f"e.kind = {self._bound(condition.event, 'text')}", f"e.at BETWEEN {since} AND {at}"]
        asked += [
            f"e.data -> {self._bound(name, 'text')} = {self._json(value)}"
            for name, value in (condition.data or {}).items()
        ]
        where = " AND ".join(["e.lead_id = l.lead_id", "e.verdict = 'human'", *asked])
        if (condition.times or 1) == 1:
            return f"EXISTS (SELECT FROM event e WHERE {where})"
        least = self._bound(condition.times, "bigint")
        return f"(SELECT count(*) FROM event e WHERE {where}) >= {least}"  # noqa: S608  values are bound, names come from closed lists

    def _may_market(self) -> str:
        if not self._definition.mail.classes[MailClass.MARKETING].basis:
            return "TRUE"
        countries: dict[tuple[str, ...], list[str]] = {}
        for rule in table(self._definition):
            countries.setdefault(rule.kinds, []).append(rule.country)
        country = f"upper(COALESCE({_COUNTRY}, '{UNKNOWN}'))"
        arms = " ".join(
            f"WHEN {country} = ANY ({self._texts(named)}) THEN {self._texts(kinds)}"
            for kinds, where in countries.items()
            if (named := [one for one in where if one != ELSEWHERE])
        )
        rest = next(kinds for kinds, where in countries.items() if ELSEWHERE in where)
        enough = f"CASE {arms} ELSE {self._texts(rest)} END"
        at = self._bound(self._at, "timestamptz")
        held = f"bases_on(l.lead_id, '{MARKETING}', 'mail', {at})"
        return f"EXISTS (SELECT FROM {held} b WHERE b.kind = ANY ({enough}))"

    # -- what was told

    def _about_field(self, condition: Condition) -> str:
        value = self._told(condition.field or "")
        asked = ["v.told IS NOT NULL", "v.told <> '\"\"'::jsonb"]
        if condition.one_of is not None:
            asked.append(f"told_text(v.told) = ANY ({self._texts(condition.one_of)})")
        if condition.is_ is not None:
            asked.append(f"v.told = {self._json(condition.is_)}")
        if condition.contains is not None:
            asked.append(self._contains(condition.contains))
        if condition.at_least is not None:
            asked.append(f"told_number(v.told) >= {self._bound(condition.at_least, 'double precision')}")
        if condition.at_most is not None:
            asked.append(f"told_number(v.told) <= {self._bound(condition.at_most, 'double precision')}")
        today = self._at.astimezone(UTC).date()
        if condition.past is not None:
            asked.append(self._between("told_day(v.told)", today - condition.past, today))
        if condition.ahead is not None:
            asked.append(self._between("told_day(v.told)", today, today + condition.ahead))
        return f"EXISTS (SELECT FROM (SELECT {value} AS told) v WHERE {' AND '.join(asked)})"

    def _told(self, field: str) -> str:
        """What is known under that name, as jsonb: the lead's own, what forms told, the account's."""
        told: list[str] = []
        if field == "created_at":
            told.append(_CREATED_AT)
        elif field in Lead.model_fields and field not in NOT_A_FIELD:
            told.append(f"to_jsonb(l.{field})")
        told.append(f"NULLIF(l.attributes -> {self._bound(field, 'text')}, 'null'::jsonb)")
        if field in Account.model_fields and field not in NOT_A_FIELD:
            told.append(f"to_jsonb(a.{field})")
        return f"COALESCE({', '.join(told)})"

    def _contains(self, text: str) -> str:
        wanted = self._bound(folded(text), "text")
        capitals, small = (self._bound(letters, "text") for letters in FOLDED)
        texts = "SELECT CASE jsonb_typeof(v.told) WHEN 'array' THEN v.told ELSE jsonb_build_array(v.told) END AS list"
        found = f"position({wanted} IN translate(one #>> '{{}}', {capitals}, {small})) > 0"
        return (
            f"EXISTS (SELECT FROM ({texts}) s, jsonb_array_elements(s.list) one"
            f" WHERE jsonb_typeof(one) = 'string' AND {found})"
        )

    def _between(self, day: str, first: object, last: object) -> str:
        return f"COALESCE({day} BETWEEN {self._bound(first, 'date')} AND {self._bound(last, 'date')}, FALSE)"

    # -- how they stand

    def _stage(self, stages: tuple[str, ...]) -> str:
        of_track = f"s.lead_id = l.lead_id AND s.track = {self._bound(self._track, 'text')}"
        now = f"(SELECT s.stage FROM lead_stage s WHERE {of_track})"  # noqa: S608  values are bound, names come from closed lists
        first = self._bound(self._definition.first_stage, "text")
        return f"COALESCE({now}, {first}) = ANY ({self._texts(stages)})"

    def _fit(self, letters: tuple[str, ...]) -> str:
        table = self._definition.fit
        if table.graded_by is not None:
            return self._grade(self._definition.profiles[table.graded_by], letters)
        parts = (
            (f"a.industry = ANY ({self._texts(table.industry.is_)})", table.industry.points),
            (f"a.sites >= {self._bound(table.sites.at_least, 'integer')}", table.sites.points),
            (f"{_COUNTRY} = ANY ({self._texts(table.country.is_)})", table.country.points),
        )
        points = [f"CASE WHEN {earned} THEN {worth:d} ELSE 0 END" for earned, worth in parts]
        role, other = table.role, table.role.else_
        points.append(
            f"CASE WHEN l.role = ANY ({self._texts(other.is_)}) THEN {other.points:d}"
            f" WHEN l.role = ANY ({self._texts(role.is_)}) THEN {role.points:d} ELSE 0 END"
        )
        letter = self._stairs(
            {letter: float(least) for letter, least in table.letters.items()}, " + ".join(points), LOWEST_LETTER
        )
        return f"{letter} = ANY ({self._texts(letters)})"

    def _grade(self, profile: Profile, letters: tuple[str, ...]) -> str:
        """Thirds of a letter from D− = 0 up: what stays within the ends has the letter of its place."""
        start = 3 * LETTERS.index(profile.starts) + 1
        thirds = " + ".join([f"{start:d}", *map(self._moved, profile.criteria)])
        steps = {letter: 3.0 * place for place, letter in enumerate(LETTERS) if letter != LOWEST_LETTER}
        return f"{self._stairs(steps, thirds, LOWEST_LETTER)} = ANY ({self._texts(letters)})"

    def _moved(self, criterion: Criterion) -> str:
        column = _CRITERIA[criterion.of]
        if criterion.at_least is not None:
            match = f"{column} >= {self._bound(criterion.at_least, 'integer')}"
        else:
            match = f"{column} = ANY ({self._texts(criterion.is_ or ())})"
        up, down = THIRDS[criterion.moves], criterion.lowers
        return f"CASE WHEN {column} IS NULL THEN 0 WHEN {match} THEN {up:d} ELSE {-down:d} END"

    def _engagement(self, digits: tuple[int, ...], category: str | None = None) -> str:
        at = self._bound(self._at, "timestamptz")
        half_life = self._bound(self._definition.half_life.total_seconds(), "double precision")
        own = "s.lead_id = l.lead_id"
        if category is not None:
            own += f" AND s.category = {self._bound(category, 'text')}"
        how_much = company_conditions.engagement(at, half_life, own)
        digit = company_conditions.stairs(self._bound, self._definition.engagement_digits, "g.how_much", LOWEST_DIGIT)
        wanted = self._bound(list(digits), "integer[]")
        return f"EXISTS (SELECT FROM (SELECT {how_much} AS how_much) g WHERE {digit} = ANY ({wanted}))"

    def _categories(self, asked: dict[str, tuple[int, ...]]) -> str:
        known = self._definition.scoring.categories
        parts = [self._engagement(digits, name) if name in known else "FALSE" for name, digits in asked.items()]
        return " AND ".join([*parts, "TRUE"])

    # -- how their company stands

    def _company(self, digits: tuple[int, ...]) -> str:
        return company_conditions.digit_is(self._definition, digits, at=self._at, bound=self._bound)

    def _covers(self, roles: tuple[str, ...]) -> str:
        wanted = tuple(dict.fromkeys(roles))
        if not set(wanted) <= set(self._definition.company_score.roles):
            return "FALSE"
        return company_conditions.covers(self._definition, wanted, len(wanted), at=self._at, bound=self._bound)

    def _covers_at_least(self, least: int) -> str:
        roles = self._definition.company_score.roles
        return company_conditions.covers(self._definition, roles, least, at=self._at, bound=self._bound)

    def _stairs(self, steps: dict[str, float], points: str, lowest: str) -> str:
        """The name of the highest step that is reached."""
        ordered = sorted(((least, name) for name, least in steps.items()), reverse=True)
        arms = " ".join(
            f"WHEN g.points >= {self._bound(least, 'double precision')} THEN {self._bound(name, 'text')}"
            for least, name in ordered
        )
        otherwise = self._bound(lowest, "text")
        return f"(SELECT CASE {arms} ELSE {otherwise} END FROM (SELECT {points} AS points) g)"  # noqa: S608  values are bound, names come from closed lists

    def _recycled_for(self, reasons: tuple[str, ...]) -> str:
        last = (
            "(SELECT h.reason FROM hand_off h WHERE h.lead_id = l.lead_id AND h.decided_at IS NOT NULL"
            " AND h.reason IS NOT NULL ORDER BY COALESCE(h.closed_at, h.decided_at) DESC LIMIT 1)"
        )
        return f"COALESCE({last} = ANY ({self._texts(reasons)}), FALSE)"

    def _ran(self, journeys: tuple[str, ...], how: str) -> str:
        return self._has("enrolment x", "x.journey", journeys, also=f" AND {how}")

    def _has(self, rows: str, column: str, wanted: tuple[str, ...], *, also: str = "") -> str:
        one_of = f"{column} = ANY ({self._texts(wanted)})"
        return f"EXISTS (SELECT FROM {rows} WHERE x.lead_id = l.lead_id AND {one_of}{also})"

    def _texts(self, texts: Iterable[str]) -> str:
        return self._bound([str(one) for one in texts], "text[]")

    def _json(self, value: Json) -> str:
        # As text, not through the codec: asyncpg would take a str for a JSON document or encode it twice.
        return f"({self._bound(json.dumps(value), 'text')})::jsonb"
