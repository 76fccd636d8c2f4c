"""Is a score the sum of its rows, whatever happened, and does every cap hold at every moment?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.score_rules import Category, ScoreGroup, Scoring, Times
from leadloom.domain.lead import Event, EventDraft, Verdict
from leadloom.domain.model import Json
from leadloom.domain.stages.clocks import SetClock
from leadloom.domain.stages.crossing import COOLED, WARMED
from leadloom.domain.stages.ledger import booked, difference, entries_under
from leadloom.domain.stages.lifecycle import due
from leadloom.domain.stages.scoring import balance, cools_at, engagement, explain, score
from leadloom.domain.standing import Clock, ScoreEntry, Standing
from tests.domain.a_run import DAY_0, day
from tests.domain.a_standing import ACCOUNT, DEFINITION, a_draft, a_lead, a_standing, after, an_event

HALF_LIFE = DEFINITION.half_life


def rules(scoring: Scoring | None = None, **changes: dict[str, Any]) -> Definition:
    """The definition with other rules for single events: `rules(reply={"cap": 30})`; without caps above them."""
    events = {kind: DEFINITION.events[kind].model_copy(update=rule) for kind, rule in changes.items()}
    return DEFINITION.model_copy(update={"events": {**DEFINITION.events, **events}, "scoring": scoring or Scoring()})


CAPPED = rules(
    scoring=Scoring(
        cap=70,
        groups={"reading": ScoreGroup(means="Reading", kinds=("article_read", "guide_requested"), per_day=12, cap=18)},
        categories={"fleet": Category(means="Fleet"), "kit": Category(means="Kit")},
    ),
    reply={"cap": 40},
    webinar_attended={"times": Times(count=1), "category": "fleet"},
    webinar_registered={"expires": timedelta(days=10)},
    calculator_finished={"times": Times(count=2, within=timedelta(days=7)), "expires": timedelta(days=20)},
)
OTHER = rules(reply={"points": 9.0}, article_read={"points": 11.0, "per_day": None, "expires": timedelta(days=15)})
KINDS = ["reply", "webinar_attended", "webinar_registered", "calculator_finished", "price_page", "guide_requested",
         "article_read", "careers_page", "mail_opened", "points_given", "score_reset", "points_taken_back"]  # fmt: skip
OURS = ("points_given", "score_reset", "points_taken_back")
HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.integers(0, 60 * 24),  # the hour it was heard
        st.integers(0, 72),  # hours it was heard late
        st.sampled_from([Verdict.HUMAN, Verdict.HUMAN, Verdict.MACHINE]),
        st.sampled_from([None, "kit"]),
    ),
    max_size=25,
)
MOMENTS = st.integers(0, 100 * 24)


def hour(count: float) -> datetime:
    return DAY_0 + timedelta(hours=count)


def told(happenings: Sequence[tuple[str, int, int, Verdict, str | None]]) -> list[tuple[Event, datetime]]:
    """Events in the order they were heard, numbered, each with when that was."""
    heard: list[tuple[Event, datetime]] = []
    for no, (kind, at, late, verdict, category) in enumerate(sorted(happenings, key=lambda each: each[1]), start=1):
        told_too: dict[str, dict[str, Json]] = {"points_given": {"points": 7.0}, "points_taken_back": {"of": no - 1}}
        data = told_too.get(kind, {"category": category})
        happened = hour(at) if kind in ("score_reset", "points_taken_back") else hour(at - late)
        heard.append((an_event(kind, no, happened, verdict=verdict, data=data), hour(at)))
    return heard


def as_draft(event: Event) -> EventDraft:
    return EventDraft.model_validate(event.model_dump(include=set(EventDraft.model_fields)))


def ledger(definition: Definition, heard: Sequence[tuple[Event, datetime]]) -> tuple[ScoreEntry, ...]:
    """The rows that the one writer of events writes."""
    entries: tuple[ScoreEntry, ...] = ()
    for event, at in heard:
        entries += booked(definition, entries, event, heard_at=at)
    return entries


def fold(rows: Sequence[ScoreEntry], at: datetime) -> float:
    """The sum of what counts at `at`, written down once more in the plainest way."""
    total = 0.0
    for row in rows:
        known = row.known_at or row.at
        if row.at <= at and known <= at and not (row.expires_at and row.expires_at <= at):
            total += row.points * 0.5 ** ((at - row.at).total_seconds() / HALF_LIFE.total_seconds())
    return max(0.0, total)


@settings(deadline=None)
@given(HAPPENINGS, MOMENTS, st.integers(0, 25), st.booleans())
def test_the_score_at_any_moment_is_the_fold_of_the_rows_up_to_it(
    happenings: list[tuple[str, int, int, Verdict, str | None]], moment: int, rescored_after: int, again: bool
) -> None:
    """Also when the rules change on the way and the past is re-scored, and when each write is tried twice."""
    heard, at = told(happenings), hour(moment)
    standing, definition = a_standing("inquiry"), CAPPED
    for place, (event, heard_at) in enumerate(heard):
        draft = EventDraft.model_validate(
            event.model_dump(exclude={"lead_id", "no", "credit"}) | {"key": f"k{event.no}"}
        )
        standing = lived(definition, standing, draft, at=heard_at)
        if again:  # the answer got lost: the sender sends it once more
            assert lived(definition, standing, draft, at=heard_at) == standing
        if place == rescored_after:
            definition = OTHER
            rows = difference(definition, standing.entries, standing.recent, at=heard_at)
            correction = a_draft("rescored", heard_at, data={"rows": rows})
            standing = lived(definition, standing, correction, at=heard_at)
            assert balance(standing.entries, HALF_LIFE, at=heard_at) == pytest.approx(
                balance(entries_under(definition, standing.recent), HALF_LIFE, at=heard_at), abs=1e-6
            )

    now = score(definition, a_lead(), account=ACCOUNT, entries=standing.entries, at=at)

    assert now.engagement == pytest.approx(fold(standing.entries, at), abs=1e-9)
    known = tuple(row for row in standing.entries if row.at <= at and (row.known_at or row.at) <= at)
    assert engagement(known, HALF_LIFE, at=at) == now.engagement, "later rows change nothing about the past"


def lived(definition: Definition, standing: Standing, draft: EventDraft, *, at: datetime) -> Standing:
    """The lead after that, as the store would read them again."""
    then = after(standing, draft, at=at, definition=definition)
    clocks = {clock.kind: clock for clock in standing.clocks}
    for change in then.clocks:
        clocks.pop(change.kind, None)
        if isinstance(change, SetClock):
            clocks[change.kind] = Clock(kind=change.kind, due_at=change.due_at, data=change.data)
    return standing.but(
        last_event_no=then.events[-1].no if then.events else standing.last_event_no,
        recent=(*standing.recent, *then.events),
        entries=(*standing.entries, *then.entries),
        clocks=tuple(clocks.values()),
        is_warm="cooling" in clocks,
    )


@settings(deadline=None)
@given(HAPPENINGS)
def test_no_cap_is_passed_at_any_moment(happenings: list[tuple[str, int, int, Verdict, str | None]]) -> None:
    heard = [(event, at) for event, at in told(happenings) if event.kind not in OURS]
    rows = tuple(row.but(known_at=None) for row in ledger(CAPPED, heard))
    groups: list[tuple[tuple[str, ...], float]] = [(("article_read", "guide_requested"), 18), (("reply",), 40)]

    for moment in (row.at for row in rows):
        for kinds, cap in groups:
            assert balance([row for row in rows if row.kind in kinds], HALF_LIFE, at=moment) <= cap + 1e-9
        assert balance(rows, HALF_LIFE, at=moment) <= 70 + 1e-9
        read_that_day = [r.points for r in rows if r.kind in groups[0][0] and r.at.date() == moment.date()]
        assert sum(read_that_day) <= 12 + 1e-9
    assert sum(row.kind == "webinar_attended" for row in rows) <= 1
    finished = [row.at for row in rows if row.kind == "calculator_finished"]
    if all(event.at == at for event, at in heard):  # what is heard late is counted against what was there before it
        assert all(sum(end - timedelta(days=7) < one <= end for one in finished) <= 2 for end in finished)


@settings(deadline=None)
@given(HAPPENINGS, st.integers(1, 40))
def test_warm_and_cooled_take_turns_and_the_clock_rings_at_the_very_instant(
    happenings: list[tuple[str, int, int, Verdict, str | None]], band: int
) -> None:
    definition = CAPPED.model_copy(update={"warms_at": 15.0 + band, "cooling_below": 15.0})
    standing = a_standing("inquiry")
    for event, at in told(happenings):
        standing = cooled_until(definition, standing, at)
        draft = as_draft(event)
        standing = lived(definition, standing, draft, at=at)

        how_much = engagement(standing.entries, HALF_LIFE, at=at)
        assert how_much > 15 - 1e-3 if standing.is_warm else how_much < 15 + band
    standing = cooled_until(definition, standing, hour(400 * 24))
    kinds = [each.kind for each in standing.recent if each.kind in (WARMED, COOLED)]

    assert kinds == [WARMED, COOLED] * (len(kinds) // 2), "each crossing is told once, and they take turns"


def cooled_until(definition: Definition, standing: Standing, at: datetime) -> Standing:
    """The lead after their cooling clock rang, if it did: at its very instant, and only then."""
    for clock in standing.clocks:
        if clock.kind == "cooling" and clock.due_at <= at:
            rung = due(definition, standing, clocks=(clock,), at=clock.due_at)
            assert [draft.kind for draft in rung.drafts] == [COOLED]
            rest = tuple(other for other in standing.clocks if other.kind != clock.kind)
            return lived(definition, standing.but(clocks=rest, is_warm=False), rung.drafts[0], at=clock.due_at)
    return standing


def test_points_that_expire_bring_the_fall_forward_and_the_clock_knows() -> None:
    heard = [(an_event("reply", 1, DAY_0), DAY_0), (an_event("webinar_registered", 2, DAY_0), DAY_0)]
    rows = ledger(CAPPED, heard)  # 25 for ever, and 5 for ten days

    falls = cools_at(rows, HALF_LIFE, threshold=22.5, at=DAY_0)

    assert falls == day(10), "thirty points would fall to 22.5 in twelve days; on the tenth five of them end"
    assert engagement(rows, HALF_LIFE, at=day(10)) == pytest.approx(25 * 2 ** (-1 / 3))


def test_a_reset_takes_all_that_was_left_and_stays_in_the_ledger() -> None:
    heard = [(an_event("reply", 1, DAY_0), DAY_0), (an_event("webinar_registered", 2, day(1)), day(1)),
             (an_event("score_reset", 3, day(5)), day(5)), (an_event("article_read", 4, day(6)), day(6))]  # fmt: skip
    rows = ledger(CAPPED, heard)

    assert engagement(rows, HALF_LIFE, at=day(4)) > 20, "what was, was"
    assert engagement(rows, HALF_LIFE, at=day(5)) == pytest.approx(0, abs=1e-9)
    assert engagement(rows, HALF_LIFE, at=day(6)) == pytest.approx(5, abs=1e-9)
    assert [reason.event_no for reason in explain(CAPPED, rows, at=day(6))] == [4]
    assert all(engagement(rows, HALF_LIFE, at=day(n)) <= 5 + 1e-9 for n in range(5, 60)), "nor does anything come back"


def test_taking_points_back_leaves_the_past_as_it_was_known() -> None:
    heard = [(an_event("reply", 1, DAY_0), DAY_0), (an_event("link_clicked", 2, DAY_0), DAY_0),
             (an_event("points_taken_back", 3, day(3), data={"of": 2}), day(3))]  # fmt: skip
    rows = ledger(DEFINITION, heard)

    assert engagement(rows, HALF_LIFE, at=day(2)) == pytest.approx(28 * 2 ** (-2 / 30))
    assert engagement(rows, HALF_LIFE, at=day(3)) == pytest.approx(25 * 2 ** (-3 / 30))
    assert explain(DEFINITION, rows, at=day(3))[-1].words == "Taken back: Clicked a link in a mail, today"


def test_a_second_careers_page_on_a_day_takes_nothing_more() -> None:
    twice = [(an_event("careers_page", no, DAY_0), DAY_0) for no in (1, 2)]

    assert [row.points for row in ledger(DEFINITION, twice)] == [-20]


def test_what_was_heard_late_did_not_count_before_it_was_heard() -> None:
    rows = ledger(DEFINITION, [(an_event("webinar_attended", 1, DAY_0), day(2))])

    assert engagement(rows, HALF_LIFE, at=day(1)) == 0
    assert engagement(rows, HALF_LIFE, at=day(2)) == pytest.approx(20 * 2 ** (-2 / 30))


def test_points_count_for_the_category_the_event_names_else_for_its_rules() -> None:
    named = an_event("webinar_attended", 1, data={"category": "kit"})
    unnamed = an_event("webinar_attended", 1)

    assert [ledger(CAPPED, [(event, DAY_0)])[0].category for event in (named, unnamed)] == ["kit", "fleet"]
