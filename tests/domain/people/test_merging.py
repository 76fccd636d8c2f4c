"""Do the rules of merging keep everything of both, whoever they are and in whatever order they are named?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadloom.domain.definitions.one_person import MERGED_FIELDS, FieldRule, OnePerson
from leadloom.domain.lead import Basis, BasisKind, Event, Lead
from leadloom.domain.model import EnrolmentId, Json, LeadId
from leadloom.domain.people.merged_score import counted_twice, given_back
from leadloom.domain.people.merging import Run, Side, moved_no, places_among, survives, too_many, unite
from leadloom.domain.people.side_by_side import field_lines, permission_lines
from leadloom.domain.stages.ledger import RESCORED, entries_under
from leadloom.domain.stages.scoring import engagement
from leadloom.domain.standing import ScoreEntry
from tests import world

SPACE = UUID("6f3c1a52-0f0e-4a7e-9a3a-5a0d3f6f2b11")
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
hours = st.integers(0, 24 * 60).map(lambda count: BEGIN + timedelta(hours=count))
words = st.one_of(st.none(), st.sampled_from(["Ana", "Anna", "Lind AB", "DE", "quality"]))


def lead(no: int, **told: object) -> Lead:
    return Lead.model_validate({"lead_id": uuid5(SPACE, str(no)), "created_at": BEGIN, **told})


@st.composite
def sides(draw: st.DrawFn, no: int) -> Side:
    told = {
        field: draw(words) for field in ("first_name", "last_name", "company", "country", "role", "phone", "source")
    }
    attributes = draw(st.dictionaries(st.sampled_from("abc"), st.sampled_from([1, "x", None]), max_size=3))
    person = lead(no, **told, attributes=attributes, created_at=draw(hours))
    return Side(lead=person, identified=draw(st.booleans()), heard_at=draw(st.one_of(st.none(), hours)))


@settings(max_examples=80)
@given(sides(1), sides(2), st.dictionaries(st.sampled_from(MERGED_FIELDS), st.sampled_from(FieldRule.__args__)))
def test_each_field_becomes_what_one_of_them_said_and_a_blank_wins_over_nothing(
    one: Side, other: Side, rules: dict[str, FieldRule]
) -> None:
    assert survives(one, other) != survives(other, one)
    survivor, loser = (one, other) if survives(one, other) else (other, one)
    if one.identified == other.identified:
        assert survivor.lead.created_at <= loser.lead.created_at
    else:
        assert survivor.identified
    policy = OnePerson(fields=rules, trusted_sources=("Ana",))
    united = unite(policy, survivor, loser)
    for field in set(MERGED_FIELDS) - {"attributes"}:
        mine, theirs = getattr(survivor.lead, field), getattr(loser.lead, field)
        becomes = united[field].is_ if field in united else mine
        assert becomes in (mine, theirs) and (bool(becomes) or not (mine or theirs))
    kept = united["attributes"].is_ if "attributes" in united else survivor.lead.attributes
    assert isinstance(kept, dict) and kept.keys() == {*survivor.lead.attributes, *loser.lead.attributes}
    for line in field_lines(policy, survivor, loser, united):
        assert line.becomes in (line.mine, line.theirs)


@settings(max_examples=80)
@given(st.lists(hours, max_size=12).map(sorted), st.lists(hours, max_size=12).map(sorted), hours)
def test_two_lives_become_one_in_the_order_of_time_without_a_gap(
    mine: list[datetime], theirs: list[datetime], until: datetime
) -> None:
    places = places_among(mine, theirs)
    rest = [no for no in range(1, len(mine) + len(theirs) + 1) if no not in places]
    united = sorted([*zip(rest, mine, strict=True), *zip(places, theirs, strict=True)])
    assert [no for no, _ in united] == list(range(1, len(united) + 1))
    assert [at for _, at in united] == sorted([*mine, *theirs])
    heard = len([at for at in mine if at <= until])
    no = moved_no(heard, rest, dict(zip(places, theirs, strict=True)), until)
    assert {at for place, at in united if place <= no} <= {at for at in (*mine, *theirs) if at <= until}


@settings(max_examples=80)
@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from("ab"), st.booleans(), st.integers(0, 3), hours), max_size=8
    )
)  # fmt: skip
def test_of_two_leads_runs_in_one_journey_one_goes_on(told: list[tuple[bool, str, bool, int, datetime]]) -> None:
    runs = [
        Run(EnrolmentId(uuid5(SPACE, f"run {no}")), mine, journey, "", is_open, mails, at)
        for no, (mine, journey, is_open, mails, at) in enumerate(told)
    ]
    ending = set(too_many(runs))
    assert ending <= {run.enrolment_id for run in runs if run.is_open}
    for journey in "ab":
        here = [run for run in runs if run.journey == journey]
        going_on = [run for run in here if run.is_open and run.enrolment_id not in ending]
        if len({run.mine for run in here}) == 2:
            assert len(going_on) <= 1, "nobody takes one journey twice"
            assert all(run.mails <= max(other.mails for other in here) for run in here if run in going_on)
        else:
            assert going_on == [run for run in here if run.is_open]


def _life(person: Lead, kinds: list[tuple[str, datetime]], numbers: list[int]) -> list[Event]:
    return [
        Event(lead_id=person.lead_id, no=no, kind=kind, at=at)
        for no, (kind, at) in zip(numbers, sorted(kinds, key=lambda one: one[1]), strict=True)
    ]


kinds_told = st.lists(
    st.tuples(st.sampled_from(["article_read", "webinar_attended", "price_page", "calculator_finished"]), hours),
    max_size=10,
)  # fmt: skip


@settings(max_examples=40)
@given(kinds_told, kinds_told)
def test_the_points_of_two_come_to_what_one_person_would_have_earned_and_back(
    mine: list[tuple[str, datetime]], theirs: list[tuple[str, datetime]]
) -> None:
    definition = world.definition()
    places = places_among(sorted(at for _, at in mine), sorted(at for _, at in theirs))
    rest = [no for no in range(1, len(mine) + len(theirs) + 1) if no not in places]
    one, other = _life(lead(1), mine, rest), _life(lead(2), theirs, list(places))
    united = sorted([*one, *other], key=lambda event: event.no)
    at = BEGIN + timedelta(days=61)

    def booked(rows: Sequence[Json], when: datetime) -> list[ScoreEntry]:
        told = [row for row in rows if isinstance(row, dict)]
        return [ScoreEntry.model_validate({"event_no": 99, "at": when, "kind": RESCORED, **row}) for row in told]

    apart = [*entries_under(definition, one), *entries_under(definition, other)]
    taken = booked(counted_twice(definition, united, set(places), at=at), at)
    for when in (at, at + timedelta(days=17)):
        together = engagement([*apart, *taken], definition.half_life, at=when)
        alone = engagement(entries_under(definition, united), definition.half_life, at=when)
        assert together == pytest.approx(alone)
    parted = at + timedelta(days=5)
    back = booked(given_back(definition, taken, at=parted), parted)
    for when in (parted, parted + timedelta(days=9)):
        assert engagement([*apart, *taken, *back], definition.half_life, at=when) == pytest.approx(
            engagement(apart, definition.half_life, at=when)
        )


@st.composite
def logs(draw: st.DrawFn) -> list[Basis]:
    told = draw(
        st.lists(
            st.tuples(st.sampled_from(["given", "withdrawn", "asked"]), st.sampled_from(BasisKind), hours), max_size=6
        )
    )
    return [
        Basis(lead_id=LeadId(SPACE), act=act, kind=kind, source="form", at=at, until=at + timedelta(days=400))  # type: ignore[arg-type]  one of the three
        for act, kind, at in sorted(told, key=lambda one: one[2])
    ]


@settings(max_examples=80)
@given(logs(), logs())
def test_the_stricter_word_wins_whoever_said_it(mine: list[Basis], theirs: list[Basis]) -> None:
    at = BEGIN + timedelta(days=90)
    there, back = permission_lines(mine, theirs, at), permission_lines(theirs, mine, at)
    assert [(line.mine, line.theirs, line.is_no) for line in there] == [
        (line.theirs, line.mine, line.is_no) for line in back
    ]
    said = Counter(one.act for one in (*mine, *theirs))
    assert len(there) == int(bool(said))
    for line in there:
        assert line.is_no == (line.mine.startswith("no,") or line.theirs.startswith("no,"))
        assert line.is_no or line.then in (line.mine, line.theirs)
        assert said["withdrawn"] or not line.is_no
