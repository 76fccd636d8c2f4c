"""Does a life told again say what the write path would have done, had that definition been in force all along?"""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from leadloom.domain.consequences import decide
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.lead import Event, EventDraft, Verdict
from leadloom.domain.stages.hindsight import DealSpan, Telling, case_of, passages
from leadloom.domain.stages.rescoring import Life
from leadloom.domain.standing import Standing
from tests.domain.a_run import DAY_0, day
from tests.domain.a_standing import ACCOUNT, DEFINITION, a_lead, an_event

LOOSER = DEFINITION.but(
    engagement_digits={1: 45.0, 2: 25.0, 3: 10.0},
    half_life=timedelta(days=50),
    events={**DEFINITION.events, "reply": DEFINITION.events["reply"].but(points=35)},
)
KINDS = (
    "reply",
    "webinar_attended",
    "calculator_finished",
    "price_page",
    "article_read",
    "demo_requested",
    "careers_page",
)


def lived(definition: Definition, drafts: list[tuple[EventDraft, int]]) -> tuple[Life, list[tuple[int, str]]]:
    """A life under a definition by the write path itself: its log, and (day, stage) of each come-through. `drafts` with
    the day each was heard.
    """
    now, events, entries, through = Standing(lead=a_lead(), account=ACCOUNT), list[Event](), [], []
    for draft, heard in drafts:
        found = decide(definition, [], code_journeys=(), standing=now, drafts=[draft], at=day(heard))
        through += [(heard, change.to_stage) for change in found.changes if change.to_stage in ("mql", "sal")]
        events += found.events
        entries += found.entries
        now = now.but(
            stages={**now.stages, **{one.track: one.to_stage for one in found.changes}},
            since={**now.since, **{one.track: one.at for one in found.changes}},
            last_change_no={**now.last_change_no, **{one.track: one.no for one in found.changes}},
            last_event_no=max([now.last_event_no, *(one.no for one in found.events)]),
            recent=tuple(events), entries=tuple(entries),
        )  # fmt: skip
    return Life(lead=a_lead(), account=ACCOUNT, entries=tuple(entries), events=tuple(events)), through


def told(definition: Definition, life: Life) -> list[tuple[int, str]]:
    found = passages(definition, life)
    days = [((one.at - DAY_0).days, "mql") for one in found]
    return sorted(
        days + [((one.answered_at - DAY_0).days, "sal") for one in found if one.is_accepted and one.answered_at]
    )


@pytest.mark.parametrize("seed", range(60))
def test_a_life_told_by_a_definition_is_the_life_it_would_have_been(seed: int) -> None:
    lot = random.Random(seed)
    drafts: list[tuple[EventDraft, int]] = []
    for place in sorted(lot.sample(range(1, 120), lot.randrange(3, 14))):
        verdict = lot.choices((Verdict.HUMAN, Verdict.MACHINE), (6, 1))[0]
        late = lot.choice((0, 0, 0, 3))
        drafts.append((EventDraft(kind=lot.choice(KINDS), at=day(place - late), verdict=verdict), place))
    for definition in (DEFINITION, LOOSER):
        there, through = lived(definition, drafts)
        elsewhere, _ = lived(LOOSER if definition is DEFINITION else DEFINITION, drafts)
        for life in (there, elsewhere):
            if _tells_when_heard(life, drafts):
                assert told(definition, life) == through


def _tells_when_heard(life: Life, drafts: list[tuple[EventDraft, int]]) -> bool:
    """Only a row of the ledger keeps when an event was heard late; one that earned nothing says when it happened."""
    late = sum(draft.at != day(heard) for draft, heard in drafts)
    return late == sum(entry.known_at is not None for entry in life.entries)


def a_life(*events: Event) -> Life:
    return Life(lead=a_lead(), account=ACCOUNT, entries=(), events=events)


WARM = (an_event("webinar_attended", 1), an_event("reply", 2))
ACCEPTED = an_event("hand_off_accepted", 3, day(1), actor="ines-carvalho", data={"kind": "scored-mql"})


def test_sales_answer_counts_where_they_would_have_been_asked_and_nowhere_else() -> None:
    strict = DEFINITION.but(engagement_digits={1: 90.0, 2: 80.0, 3: 10.0})
    life = a_life(*WARM, ACCEPTED)
    [passed] = passages(DEFINITION, life)
    assert (passed.at, passed.hand_off, passed.is_accepted, passed.answered_at) == (DAY_0, "scored-mql", True, day(1))
    assert passages(strict, life) == ()
    telling = Telling(before=(passed,), after=())
    assert case_of(telling, has_won=False) == "missed"
    assert case_of(telling.but(before=(passed.but(is_accepted=False),)), has_won=False) == "only before"


def test_a_hand_off_that_a_journey_raised_is_a_fact_under_any_gate() -> None:
    circle = ACCEPTED.but(data={"kind": "buying-circle"})
    [passed] = passages(DEFINITION, a_life(an_event("guide_requested", 1), circle.but(no=2)))
    assert (passed.at, passed.hand_off, passed.is_accepted) == (day(1), "buying-circle", True)


def test_who_is_ready_while_the_company_has_a_deal_open_joins_it() -> None:
    life = a_life(*WARM)
    assert passages(DEFINITION, life, [DealSpan(opened_at=day(-3), closed_at=day(4))]) == ()
    assert len(passages(DEFINITION, life, [DealSpan(opened_at=day(-9), closed_at=day(-3))])) == 1


def test_sooner_and_later_are_told_by_more_than_a_day() -> None:
    [passed] = passages(DEFINITION, a_life(*WARM))
    for days, case in ((-3, "sooner"), (0.5, None), (3, "later")):
        moved = passed.but(at=DAY_0 + timedelta(days=days))
        assert case_of(Telling(before=(passed,), after=(moved,)), has_won=False) == case
