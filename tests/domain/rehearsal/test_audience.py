"""Several journeys and several leads at once, in memory: who gets which slot, who waits, what goes nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.journey import Exit, Journey
from leadloom.domain.journeys.journey_check import read_journey
from leadloom.domain.model import LeadId
from leadloom.domain.rehearsal.audience import play
from leadloom.domain.rehearsal.cast import Cue, Decides, LeadAtStart, LetsIn, Setting, Stands
from leadloom.domain.rehearsal.engagement import slider
from leadloom.domain.rehearsal.happenings import Happens, Tells
from leadloom.domain.rehearsal.rehearsed import Rehearsed, sends_of, summed_up
from leadloom.domain.rehearsal.strangers import strangers
from leadloom.domain.rehearsal.tally import Tally
from leadloom.domain.standing import Colleague, PublishedJourney, ScoreEntry
from tests.world import definition, small_journey

TUESDAY = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
"""A window is open in New York, and shut in Berlin half an hour later."""
HEAD = """
name: {name}
purpose: To want a slot.
owner: priya-nair
sender: priya-nair
priority: {priority}
enter: {{events: [{event}], again: after exit}}
exit: [{{events: [unsubscribed], outcome: asked us to stop}}]
"""
LETTERS = """
steps:
  - {do: send, id: one, mail: letter, worth: 30d}
  - {do: wait, id: pause, for: 1h}
  - {do: send, id: two, mail: letter, worth: 30d}
"""


AFTER_A_WEEK = """
steps:
  - {do: wait, id: a-week, for: 7d}
  - {do: send, id: late, mail: letter, worth: 30d}
"""
AFTER = "  - {do: wait, id: after, for: 20d}\n"


def a_journey(name: str, event: str, *, priority: int = 3, rest: str = LETTERS, more: str = "") -> Journey:
    return read_journey(DraftText(name, HEAD.format(name=name, priority=priority, event=event) + more + rest))


def the_play(
    *journeys: Journey, company: Sequence[LeadAtStart], cues: Sequence[Cue] = (), days: float = 60, **rest: object
) -> Tally:
    setting = Setting.model_validate(
        {
            "definition": definition(), "begins_at": TUESDAY, "ends_at": TUESDAY + timedelta(days=days),
            "journeys": tuple(PublishedJourney(hash=one.name, journey=one) for one in journeys), **rest,
        }
    )  # fmt: skip
    return play(setting, company, cues)


def told(tally: Tally, *journeys: Journey) -> Rehearsed:
    setting = Setting(
        definition=definition(), begins_at=TUESDAY, ends_at=TUESDAY + timedelta(days=60),
        journeys=tuple(PublishedJourney(hash=one.name, journey=one) for one in journeys),
    )  # fmt: skip
    return summed_up(setting, tally, answers="by hand")


def people(count: int = 1, country: str = "US") -> list[LeadAtStart]:
    """Of one company."""
    found: list[LeadAtStart] = []
    for start in strangers(definition(), 3, at=TUESDAY - timedelta(days=30)):
        lead = start.standing.lead.but(country=country)
        bases = tuple(basis.but(kind="double-opt-in") for basis in start.standing.bases)
        found.append(start.but(standing=start.standing.but(lead=lead, bases=bases)))
    return found[:count]


def does(lead: LeadAtStart, kind: str, day: float = 0) -> Cue:
    return Cue(lead_id=id_of(lead), what=Happens(at=TUESDAY + timedelta(days=day), kind=kind))


def id_of(lead: LeadAtStart) -> LeadId:
    return lead.standing.lead.lead_id


def went(tally: Tally) -> list[tuple[float, str]]:
    """(day, journey/step) in order; days with one digit."""
    day = timedelta(days=1)
    return [(round((one.at - TUESDAY) / day, 1), f"{one.journey}/{one.step}") for one in sends_of(tally)]


def test_the_higher_priority_takes_the_scarce_slots_and_the_lower_one_goes_later_or_expires() -> None:
    [lead] = people()
    first, last = a_journey("audit", "audit_date_told", priority=1), a_journey("news", "article_read", priority=5)
    tally = the_play(
        first, last, company=[lead], cues=[does(lead, "article_read"), does(lead, "audit_date_told", 0.01)]
    )
    assert [step for _, step in went(tally)] == ["news/one", "audit/one", "audit/two", "news/two"]
    days = [day for day, _ in went(tally)]
    assert days[1] - days[0] < 1
    assert days[2] - days[0] >= 7
    assert all(later - earlier >= 7 for earlier, later in zip(days, days[2:], strict=False))


def test_who_got_the_slot_and_until_when_the_other_waited_is_told() -> None:
    [lead] = people()
    first, last = a_journey("audit", "audit_date_told", priority=1), a_journey("news", "article_read", priority=5)
    cues = [does(lead, "audit_date_told"), does(lead, "article_read", 0.1)]
    shown = told(the_play(first, last, company=[lead], cues=cues), first, last)
    conflicts = {(one.wanted, one.won): one for one in shown.conflicts}
    assert conflicts["news", "audit"].mails >= 1
    assert conflicts["news", "audit"].longest_wait > timedelta(days=6)
    example = next(one for one in shown.moved if one.journey == "news")
    assert "no more than 2 mails in 7 days" in example.cap
    assert set(example.won) <= {"audit/one", "audit/two", "news/one"}


def test_a_mail_that_finds_no_slot_while_it_is_worth_sending_expires_and_is_told_as_such() -> None:
    [lead] = people()
    first = a_journey("audit", "audit_date_told", priority=1)
    last = a_journey("news", "article_read", priority=5, rest=LETTERS.replace("worth: 30d", "worth: 5d"))
    tally = the_play(first, last, company=[lead], cues=[does(lead, "audit_date_told"), does(lead, "article_read", 0.1)])
    assert tally.lost == {("news", "one", "expired"): 1, ("news", "two", "expired"): 1}
    told_of = {(one.step, one.cap) for one in tally.clashes if one.got_at is None}
    assert told_of == {(step, "no more than 2 mails in 7 days go to a person") for step in ("one", "two")}


def test_a_colleague_who_answers_ends_what_the_company_s_exits_name_for_everybody() -> None:
    first, second = people(2)
    assert first.standing.lead.account_id == second.standing.lead.account_id
    alone = a_journey("cadence", "article_read", rest=AFTER_A_WEEK)
    shared = alone.model_copy(update={"exit": (Exit(events=("reply",), of="company", outcome="they answered"),)})
    cues = [does(first, "article_read"), does(second, "reply", 3)]
    assert [step for _, step in went(the_play(alone, company=[first, second], cues=cues))] == ["cadence/late"]
    stopped = the_play(shared, company=[first, second], cues=cues)
    assert went(stopped) == []
    assert stopped.waiting == {}


def test_colleagues_who_engage_together_let_a_run_go_on_that_waits_for_their_company() -> None:
    company = people(3)
    waits = """
steps:
  - {do: wait_for, id: circle, when: {company: [1, 2]}, within: 40d, then: one, otherwise: end}
  - {do: send, id: one, mail: letter, worth: 30d}
"""
    journey = a_journey("brief", "guide_requested", rest=waits)
    cues = [does(company[0], "guide_requested"), does(company[1], "reply", 6.9), does(company[2], "reply", 7)]
    assert went(the_play(journey, company=company, cues=cues)) == [(7.0, "brief/one")]
    assert went(the_play(journey, company=company, cues=cues[:2])) == []


def test_a_colleague_who_is_not_played_counts_for_the_company_as_they_stand() -> None:
    lead, other, _ = people(3)
    points = ScoreEntry(event_no=1, kind="reply", points=70, at=TUESDAY - timedelta(days=1))
    outside = Colleague(lead_id=id_of(other), person="", role="it", entries=(points,))
    lead = lead.but(standing=lead.standing.but(colleagues=(outside,)))
    journey = a_journey("brief", "article_read", rest=LETTERS)
    asks = journey.but(enter=journey.enter.but(when=Condition(company=(1,))))
    assert len(went(the_play(asks, company=[lead], cues=[does(lead, "article_read")]))) == 2


def test_mail_of_prospects_is_held_while_sales_talks_and_goes_when_the_owner_gives_the_lead_back() -> None:
    [lead] = people()
    journey = a_journey("news", "article_read")
    cues = [does(lead, "article_read"), does(lead, "demo_requested", 0.01)]
    held = the_play(journey, company=[lead], cues=cues)
    assert [step for _, step in went(held)] == ["news/one"]
    on = TUESDAY + timedelta(days=9)
    decision = Decides(at=on, kind="recycle", reason="not-yet", until=on + timedelta(days=90))
    back = Cue(lead_id=id_of(lead), what=decision)
    given_back = the_play(journey, company=[lead], cues=[*cues, back])
    assert [step for day, step in went(given_back) if day >= 9] == ["news/two"]


def test_an_unsubscribe_ends_the_runs_and_takes_back_what_was_planned() -> None:
    [lead] = people()
    journey = a_journey("news", "article_read", rest=LETTERS.replace("for: 1h", "for: 10d") + AFTER)
    tally = the_play(journey, company=[lead], cues=[does(lead, "article_read"), does(lead, "unsubscribed", 12.9)])
    assert [step for _, step in went(tally)] == ["news/one"]
    assert tally.outcomes == {("news", "asked us to stop"): 1}
    assert tally.lost == {("news", "two", "cancelled"): 1}


def test_a_group_lets_one_journey_at_a_time_have_the_lead() -> None:
    [lead] = people()
    group = "exclusive: {group: nurture, when_busy: wait, at_most: 30d}\n"
    one, other = a_journey("one", "article_read", more=group), a_journey("other", "audit_date_told", more=group)
    tally = the_play(one, other, company=[lead], cues=[does(lead, "article_read"), does(lead, "audit_date_told", 0.01)])
    steps = [step for _, step in went(tally)]
    assert steps == ["one/one", "one/two", "other/one", "other/two"]


def test_nothing_of_a_paused_journey_goes_and_active_only_makes_its_wait_longer() -> None:
    [lead] = people()
    slow = "steps:\n  - {do: wait, id: week, for: 7d}\n  - {do: send, id: letter, mail: letter, worth: 30d}\n"
    journey = a_journey("news", "article_read", rest=slow, more="on_pause: active only\n")
    pause = Stands(journey="news", since=TUESDAY + timedelta(days=2), until=TUESDAY + timedelta(days=9))
    plain = the_play(journey, company=[lead], cues=[does(lead, "article_read")])
    paused = the_play(journey, company=[lead], cues=[does(lead, "article_read")], pauses=(pause,))
    [(before, _)], [(after, _)] = went(plain), went(paused)
    assert (before, after) == (7.0, 14.0)


def test_people_left_out_are_counted_with_the_first_reason() -> None:
    [no_basis, lead] = people(2)
    no_basis = no_basis.but(standing=no_basis.standing.but(bases=()))
    journey = a_journey("news", "article_read")
    cues = [Cue(lead_id=id_of(one), what=LetsIn(at=TUESDAY, journey="news")) for one in (no_basis, lead)]
    shown = told(the_play(journey, company=[no_basis, lead], cues=cues), journey)
    assert [(one.entered, one.left_out) for one in shown.journeys] == [(1, {"no_basis": 1})]


def test_a_day_off_where_the_lead_lives_keeps_the_window_shut() -> None:
    [lead] = people(country="DE")
    journey = a_journey("news", "article_read")
    good_friday_week = datetime(2026, 4, 3, 9, 0, tzinfo=UTC) - TUESDAY
    cues = [does(lead, "article_read", good_friday_week / timedelta(days=1))]
    [first, *_] = sends_of(the_play(journey, company=[lead], cues=cues))
    assert f"{first.at:%a %Y-%m-%d}" == "Tue 2026-04-07"


def test_ways_that_nobody_took_are_named() -> None:
    [lead] = people()
    journey = small_journey()
    shown = told(the_play(journey, company=[lead], cues=[does(lead, "guide_requested")]), journey)
    [count] = shown.journeys
    arrived = {step.step: step.arrived for step in count.steps}
    assert arrived == {"guide": 1, "pause": 1, "dock": 1, "heard": 1}
    assert count.outcomes == {"finished": 1}


def test_a_hand_off_that_nobody_answers_is_offered_up_the_ladder_and_counts_for_each() -> None:
    [lead] = people()
    journey = small_journey()
    shown = told(the_play(journey, company=[lead], cues=[does(lead, "demo_requested")], days=5), journey)
    assert sum(one.hand_offs for one in shown.load) >= 3


def test_the_same_seed_draws_the_same_answers_and_another_seed_others() -> None:
    journey = small_journey()
    company = people(3)
    cues = [does(lead, "guide_requested") for lead in company]
    chance = slider(0.5, {journey.name: journey}, definition())
    plays = [the_play(journey, company=company, cues=cues, engagement=chance, seed=seed).answered for seed in (1, 1, 2)]
    assert plays[0] == plays[1] != plays[2]


def test_what_is_told_about_a_lead_moves_a_wait_for_a_date() -> None:
    [lead] = people()
    dated = "steps:\n  - {do: wait, id: until, before: 10d, field: audit_date}\n  - {do: send, id: due, mail: letter}\n"
    journey = a_journey("dated", "audit_date_told", rest=dated)
    known = Tells(at=TUESDAY, field="audit_date", value="2026-04-14")
    moved = Tells(at=TUESDAY + timedelta(days=5), field="audit_date", value="2026-04-28")
    cues = [Cue(lead_id=id_of(lead), what=known), does(lead, "audit_date_told", 0.001)]
    [(day, _)] = went(the_play(journey, company=[lead], cues=cues))
    [(later, _)] = went(the_play(journey, company=[lead], cues=[*cues, Cue(lead_id=id_of(lead), what=moved)]))
    assert round(later - day) == 14


def test_who_turned_a_topic_off_gets_nothing_about_it_and_its_mail_takes_no_room() -> None:
    webinars = a_journey("webinars", "webinar_registered", more="topic: webinars\n", priority=1)
    chain = a_journey("chain", "guide_requested", more="topic: cold-chain\n")
    [lead] = strangers(definition(), 1, at=TUESDAY, seed=1)
    who = lead.standing.lead.lead_id
    cues = [Cue(lead_id=who, what=Happens(at=TUESDAY, kind=kind)) for kind in ("webinar_registered", "guide_requested")]
    all_of_it = the_play(webinars, chain, company=[lead], cues=cues)
    without = the_play(webinars, chain, company=[lead.but(topics_off=frozenset({"webinars"}))], cues=cues)
    assert [(each.journey, each.step) for each in without.sends] == [("chain", "one"), ("chain", "two")]
    assert without.lost["webinars", "one", "suppressed"] == 1
    second = max(each.at for each in all_of_it.sends if each.journey == "chain")
    assert without.sends[1].at < second
