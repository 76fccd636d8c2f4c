"""What keeps a journey from being published: each fault by the smallest journey that has it and nothing else."""

from __future__ import annotations

import pytest

from leadloom.domain.definitions.draft_faults import in_words
from leadloom.domain.errors import Faulty
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_check import check_journey, find_faults, read_journey
from leadloom.domain.journeys.journey_paths import next_steps
from leadloom.domain.model import Value
from tests.domain.a_run import a_draft, a_journey, the_definition

KELVANCE = the_definition()
MAIL = "- {do: send, id: hello, mail: hello}"
LOOP = "- {do: wait, id: pause, for: 1d}\n"


class Told(Value):
    """What a custom step of these tests takes."""

    list_no: int = 1


STEPS = {"a": Told}
"""The custom steps there are."""


def faults(steps: str, *mails: str, **changed: object) -> list[str]:
    journey = a_journey(steps)
    if changed:
        journey = Journey.model_validate({**journey.model_dump(by_alias=True), **changed})
    return check_journey(journey, KELVANCE, set(mails), STEPS)


def test_a_sound_journey_has_no_faults() -> None:
    assert faults(MAIL, "hello") == []


def test_a_draft_that_breaks_the_grammar_is_refused_with_file_line_and_remedy() -> None:
    draft = a_draft("- {do: send, id: hello}\n- do: wait\n  id: pause\n  for: a while\n")
    with pytest.raises(Faulty) as refused:
        read_journey(draft)
    assert refused.value.faults[0].startswith("test.yaml line 11 (steps.0.mail): ")
    assert refused.value.faults[0].endswith("It is needed: add it.")
    assert refused.value.faults[1].startswith("test.yaml line 14 (steps.1.for): ")
    assert refused.value.faults[1].endswith("Write a span such as 45m, 2h, 3d or 1w.")


def test_a_name_nobody_declared_is_refused_where_it_stands() -> None:
    with pytest.raises(Faulty, match=r"test\.yaml line 11 \(steps\.0\.too_day\).*correct the spelling"):
        read_journey(a_draft("- {do: wait, id: pause, too_day: 3}"))


def test_faults_of_names_get_their_line_too() -> None:
    draft = a_draft("- do: wait_for\n  id: w\n  events: [replied]\n  within: 1d\n  then: end\n  otherwise: end\n")
    found = in_words(draft, find_faults(read_journey(draft), KELVANCE, set()))
    assert found == ["test.yaml line 13 (steps.0.events): There is no event replied. The definition lists them."]


@pytest.mark.parametrize(
    ("steps", "fault"),
    [
        ("- {do: record, id: r, event: danced}", "steps.0.event: There is no event danced"),
        ("- {do: hand_off, id: h, kind: mql}", "steps.0.kind: There is no hand-off kind mql. Known: hand-raise"),
        ("- {do: wait, id: w}", "steps.0.id: A wait has one end"),
        ("- {do: wait, id: w, working_days: 2, for: 3d}", "steps.0.id: A wait has one end"),
        ("- {do: wait, id: w, for: 1d, to_day: 3}", "steps.0.id: A wait has one end"),
        ("- {do: wait, id: w, field: audit_date}", "steps.0.id: A wait has one end"),
        ("- {do: wait, id: w, for: 1d, before: 2d}", "steps.0.id: A wait has one end"),
        ("- {do: wait_for, id: w, events: [reply], then: end, otherwise: end}", "steps.0.id: Waiting for events has"),
        ("- {do: wait_for, id: w, events: [], within: 1d, then: end, otherwise: end}", "steps.0.events: No event is"),
        ("- {do: branch, id: b, cases: [], otherwise: end}", "steps.0.id: A branch without cases"),
        ("- {do: go, id: g, to: nowhere}", "steps.0: There is no step nowhere. Known: "),
        ("- {do: call, id: c, activity: a, then: nowhere}", "steps.0: There is no step nowhere"),
        ("- {do: call, id: c, activity: b}", "steps.0.activity: There is no custom step b. There is: a. Correct"),
        ("- {do: call, id: c, activity: a, with: {list_no: x}}", "steps.0.with.list_no: Input should be a valid"),
        ("- {do: call, id: c, activity: a, with: {list: 4}}", "steps.0.with.list: Extra inputs are not permitted"),
        ("- {do: wait, id: end, for: 1d}", "steps.0.id: `end` is where a run is over"),
        ("- {do: wait, id: w, before: 1d, after: 1d, field: a}", "steps.0.id: A wait has one end"),
        ("- {do: wait, id: w, for: 1d, on: [tue]}", "steps.0.on: `on` goes with `until`"),
        ("- {do: wait_for, id: w, within: 1d, then: end, otherwise: end}", "steps.0.events: No event is named"),
        ("- {do: hand_off, id: h, kind: hand-raise, expires: 0m}", "steps.0.expires: It would have expired"),
        ("- {do: set, id: s, field: email, value: a}", "steps.0.field: A journey doesn't say who a lead is"),
        ("- {do: tag, id: t}", "steps.0.id: Say either `tag` or `remove`"),
        ("- {do: tag, id: t, tag: a, remove: b}", "steps.0.id: Say either `tag` or `remove`"),
        ("- {do: score, id: s, points: 0, why: w}", "steps.0.points: No points change nothing"),
        ("- {do: score, id: s, points: 5, why: ''}", "steps.0.why: Nobody can see why"),
        ("- {do: stage, id: s, to: hot, why: w}", "steps.0.to: There is no stage hot. Known: aware"),
        ("- {do: stage, id: s, to: mql, why: w}", "steps.0.to: mql is reached by evidence or by sales"),
        (
            "- {do: stage, id: s, to: recycled, why: w}",
            "steps.0.reason: Moving leads to recycled may lead them back, and that needs a code: add `reason:`, one of",
        ),
        ("- {do: stage, id: s, to: inquiry, reason: sad, why: w}", "steps.0.reason: There is no reason code sad"),
        ("- {do: task, id: t, to: nobody, words: w, within: 1d}", "steps.0.to: There is no owner nobody"),
        ("- {do: task, id: t, to: owner, words: '', within: 1d}", "steps.0.words: The owner can't see what to do"),
        ("- {do: task, id: t, to: owner, words: w, within: 0m}", "steps.0.within: Nobody can do it in no time"),
        ("- {do: task, id: t, to: owner, words: w, within: 1d, outcomes: {yes: x}}", "steps.0: There is no step x"),
        (
            "- {do: task, id: t, to: owner, words: w, within: 1d, blocks: false, outcomes: {yes: end}}",
            "steps.0.blocks: The run doesn't wait for an answer",
        ),
        ("- {do: notify, id: n, channel: shop, words: w}", "steps.0.channel: There is no endpoint of the kind slack"),
        (
            "- {do: notify, id: n, channel: crm, words: w}",
            "steps.0.channel: There is no endpoint of the kind",
        ),
        ("- {do: webhook, id: h, endpoint: sales-alerts}", "steps.0.endpoint: There is no endpoint of the kind signed"),
        ("- {do: webhook, id: h, endpoint: crm, on_failure: pray}", "steps.0.on_failure: Write `block`, `skip`"),
        ("- {do: call, id: c, activity: a, on_failure: 'go:x'}", "steps.0: There is no step x"),
        ("- {do: start, id: s, journey: test}", "steps.0.journey: A journey can't begin itself"),
        ("- {do: start, id: s, journey: a, otherwise: end}", "steps.0.otherwise: `otherwise` goes with `wait`"),
        ("- {do: stop, id: s, journey: test}", "steps.0.journey: A run ends itself by `go` to `end`"),
        ("- {do: stream, id: s, from: x, exhausted: end}", "steps.0.from: There is no stream x. There is none yet"),
        ("- {do: split, id: s, arms: [{name: a, share: 100, go: end}]}", "steps.0.arms: A split has at least two"),
        (
            "- {do: split, id: s, arms: [{name: a, share: 50, go: end}, {name: b, share: 40, go: end}]}",
            "steps.0.arms: The shares make 90, not 100",
        ),
        (
            "- {do: split, id: s, arms: [{name: a, share: 50, go: end}, {name: a, share: 50, go: end}]}",
            "steps.0.arms: Two arms are called a",
        ),
        (
            "- {do: split, id: s, arms: [{name: a, share: 100, go: end}, {name: b, share: 0, go: end}]}",
            "steps.0.arms: An arm without a share gets nobody",
        ),
    ],
)
def test_a_step_that_names_what_is_not_there_is_a_fault(steps: str, fault: str) -> None:
    found = faults(steps)
    assert len(found) == 1
    assert found[0].startswith(fault)


@pytest.mark.parametrize(
    ("condition", "fault"),
    [
        ("{event: danced}", "There is no event danced"),
        ("{stage: [hot]}", "There is no stage hot. Known: aware, inquiry"),
        ("{fit: [E]}", "There is no fit letter E"),
        ("{engagement: [5]}", "There is no engagement digit 5. Known: 1, 2, 3 or 4."),
        ("{company: [5]}", "There is no engagement digit 5"),
        ("{category: {boat: [1]}}", "There is no category boat"),
        ("{covers: [janitor]}", "There is no role of the buying group janitor. Known: quality"),
        ("{covers: []}", "`covers` names no role"),
        ("{covers_at_least: 5}", "`covers_at_least` is 1 to 4"),
        ("{recycled_for: [bored]}", "There is no reject reason bored"),
        ("{basis: surveys}", "There is no purpose surveys. Known: marketing."),
        ("{any: [{not: {stage: [hot]}}]}", "There is no stage hot"),
        ("{}", "The condition asks nothing and always holds"),
        ("{stage: [mql], within: 2d}", "`within` goes with `event`"),
        ("{is: 3}", "`is` and `one_of` go with `field`"),
        ("{field: role, is: it, one_of: [it]}", "`is` and `one_of` exclude each other"),
        ("{stage: [mql], times: 2}", "`times` and `data` go with `event`"),
        ("{event: reply, times: 0}", "`times` is at least 1"),
        ("{stage: [mql], at_least: 2}", "`at_least`, `at_most`, `contains`, `past` and `ahead` go with `field`"),
        ("{field: sites, at_least: 3, at_most: 2}", "No number is at least 3 and at most 2"),
        ("{field: audit_date, past: 3d, ahead: 3d}", "Only today is behind and ahead"),
        ("{all: [{any: [{stage: [hot]}]}]}", "There is no stage hot"),
        ("{field: company, at_least: 3}", "company is a text, and `at_least` and `at_most` compare numbers. Ask"),
        ("{field: title, past: 3d}", "title is a text, and `past` and `ahead` compare dates"),
        ("{field: sites, ahead: 3d}", "sites is a number, and `past` and `ahead` compare dates"),
        ("{field: created_at, at_most: 3}", "created_at is a date, and `at_least` and `at_most` compare numbers"),
        ("{field: sites, contains: x}", "sites is a number, and `contains` looks into texts"),
        ("{field: budget, at_least: 3, ahead: 3d}", "budget can't be a number and a date"),
        ("{field: title, is: 5}", 'title is a text and never equals 5. Write it in quotes: "5".'),
        ("{field: first_name, is: true}", "first_name is a text and never equals true"),
        ("{field: sites, is: '3'}", "sites is a number and never equals 3. Write a number without quotes."),
        ("{field: sites, one_of: [a few]}", "sites is a number and never equals a few"),
        ("{field: role, is: boss}", "boss is no role of the definition. Known: quality, logistics, it"),
        ("{field: source, one_of: [webinar, webniar]}", "webniar is no source of the definition. Known: microsite"),
        ("{field: country, is: Germany}", "Germany is no country by two capital letters, such as DE. Correct"),
        ("{field: time_zone, is: Berlin}", "Berlin is no time zone such as Europe/Berlin"),
    ],
)
def test_a_condition_nobody_could_answer_is_a_fault_wherever_it_is_asked(condition: str, fault: str) -> None:
    branch = f"- {{do: branch, id: b, cases: [{{when: {condition}, go: end}}], otherwise: end}}"
    send = f"- {{do: send, id: hello, mail: hello, unless: {condition}}}"
    for found, place in ((faults(branch), "steps.0.cases.0.when"), (faults(send, "hello"), "steps.0.unless")):
        assert len(found) == 1
        assert found[0].startswith(f"{place}: {fault}")


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"owner": "nobody"}, "owner: There is no owner nobody"),
        ({"sender": "nobody"}, "sender: There is no owner nobody"),
        ({"track": "side"}, "track: There is no track side. Known: new-business or expansion."),
        ({"class": "spam"}, "class: There is no message class spam"),
        ({"enter": {"events": ["danced"]}}, "enter.events: There is no event danced"),
        ({"enter": {"by_hand": False}}, "enter.events: No event is named"),
        ({"exit": [{"events": ["danced"], "outcome": "x"}]}, "exit.0.events: There is no event danced"),
        ({"goal": ["danced"]}, "goal: There is no event danced"),
        ({"exit": [], "goal": []}, "test: Nothing ends a run early"),
        ({"exit": [{"outcome": "x"}]}, "exit.0.events: No event is named. Name at least one, or say `when`."),
        (
            {"exit": [{"events": ["reply"], "when": {"stage": ["won"]}, "outcome": "x"}]},
            "exit.0.events: A rule acts by events or by `when`",
        ),
        ({"exit": [{"when": {"stage": ["hot"]}, "outcome": "x"}]}, "exit.0.when: There is no stage hot"),
        ({"goal_when": {"stage": ["hot"]}}, "goal_when: There is no stage hot"),
        ({"enter": {"stages": ["hot"]}}, "enter.stages: There is no stage hot"),
        ({"enter": {"holds": {"stage": ["hot"]}}}, "enter.holds: There is no stage hot"),
        ({"enter": {"stages": ["mql"], "data": {"form": "guide"}}}, "enter.data: `data` goes with `events`"),
        ({"enter": {"stages": ["mql"], "key": "deal"}}, "enter.key: `key` names a value of an event"),
        (
            {"enter": {"every": {"rrule": "FREQ=MONTHLY", "at": "09:00", "whom": {"stage": ["won"]}}}},
            "enter.every.starts: FREQ=MONTHLY counts from some day",
        ),
        (
            {"enter": {"every": {"rrule": "FREQ=DAILY", "at": "09:00", "zone": "here", "whom": {"stage": ["won"]}}}},
            "enter.every.zone: There is no time zone here",
        ),
        (
            {"enter": {"every": {"rrule": "FREQ=DAILY", "at": "09:00", "whom": {"stage": ["hot"]}}}},
            "enter.every.whom: There is no stage hot",
        ),
        (
            {"enter": {"every": {"rrule": "FREQ=DAILY", "at": "09:00", "whom": {"event": "reply"}}}},
            "enter.every.whom: Nobody has entered yet: say `within` for reply",
        ),
        (
            {"enter": {"events": ["reply"], "again": "concurrent", "at_most": {"count": 0}}},
            "enter.at_most: Say how many runs at most",
        ),
        ({"enter": {"events": ["reply"], "at_most": {"count": 2}}}, "enter.at_most: `again: never` lets each lead in"),
        ({"enter": {"events": ["reply"], "rest": "3d"}}, "enter.rest: `rest` goes with `again: after exit`"),
        (
            {"enter": {"date": {"field": "a", "before": "1d", "after": "1d"}}},
            "enter.date: `before` and `after` exclude each other",
        ),
        ({"exclusive": {"group": "g"}}, "exclusive.at_most: A lead that waits its turn waits with an end"),
        (
            {"exclusive": {"group": "g", "when_busy": "refuse", "at_most": "3d"}},
            "exclusive.at_most: `at_most` goes with `when_busy: wait`",
        ),
        ({"topic": "gossip"}, "topic: There is no topic gossip. Known: cold-chain"),
        ({"streams": {"s": [{"mail": "a"}]}}, "streams.s: No step sends from s"),
        ({"promises": {"never_after": ["hot"]}}, "promises.never_after: There is no stage hot"),
        ({"promises": {"at_most": {"count": -1, "within": "7d"}}}, "promises.at_most: Say how many at most"),
        ({"promises": {"ends_within": "0m"}}, "promises.ends_within: A run lasts longer than nothing"),
        (
            {"promises": {"ends_within": "12h"}},
            "promises.ends_within: A run may come to end on day 1, and was",
        ),
    ],
)
def test_a_journey_that_names_what_is_not_there_is_a_fault(changed: dict[str, object], fault: str) -> None:
    found = faults(LOOP, **changed)
    assert len(found) == 1
    assert found[0].startswith(fault)


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        ("field: title, value: 5", 'title is a text, and 5 is none. Write it in quotes: "5".'),
        ("field: first_name, value: true", "first_name is a text, and true is none"),
        ("field: company, value: [a, b]", "company is a text, and ['a', 'b'] is none"),
        ("field: language, value: null", "language is always known. Say which it is."),
        ("field: role, value: boss", "boss is no role of the definition. Known: quality"),
        ("field: source, value: web", "web is no source of the definition"),
        ("field: country, value: de", "de is no country by two capital letters, such as DE"),
        ("field: time_zone, value: here", "here is no time zone such as Europe/Berlin"),
        ("field: sites, value: many", "sites is a number, and many is none. Write digits"),
    ],
)
def test_a_field_set_to_what_it_cannot_hold_is_a_fault(step: str, fault: str) -> None:
    found = faults(f"- {{do: set, id: s, {step}}}")
    assert len(found) == 1
    assert found[0].startswith(f"steps.0.value: {fault}")


@pytest.mark.parametrize(
    "step",
    ["title, value: '5'", "role, value: finance", "country, value: null", "sites, value: 3", "plan, value: [a, 1]"],
)
def test_a_field_set_to_what_it_can_hold_is_no_fault(step: str) -> None:
    assert faults(f"- {{do: set, id: s, field: {step}}}") == []


@pytest.mark.parametrize(
    ("asks", "value", "fault"),
    [
        ("{do: wait, id: w, field: f, before: 3d}", "soon", "f is a date, and soon is none. The wait w takes it for"),
        ("{do: send, id: m, mail: m, unless: {field: f, at_least: 3}}", "soon", "f is a number, and soon is none. `st"),
        ("{do: send, id: m, mail: m, unless: {field: f, past: 3d}}", "7", "f is a date, and 7 is none. `steps.1.unl"),
        ("{do: wait, id: w, field: f, before: 3d}", "2026-05-31", ""),
        ("{do: send, id: m, mail: m, unless: {field: f, at_least: 3}}", "'7'", ""),
    ],
)
def test_an_attribute_is_set_to_what_the_journey_takes_it_for(asks: str, value: str, fault: str) -> None:
    found = faults(f"- {{do: set, id: s, field: f, value: {value}}}\n- {asks}", *({"m"} if "mail" in asks else ()))
    assert len(found) == bool(fault)
    assert not fault or found[0].startswith(f"steps.0.value: {fault}")


def test_a_wait_for_a_date_in_a_field_that_holds_none_is_a_fault() -> None:
    (fault,) = faults("- {do: wait, id: w, field: company, before: 3d}")
    assert fault.startswith("steps.0.field: company is a text, and a wait hangs on a date")


def test_a_journey_without_steps_is_a_fault() -> None:
    assert check_journey(a_journey(LOOP).model_copy(update={"steps": ()}), KELVANCE, set()) == [
        "steps: There is no step. Add one."
    ]


def test_two_steps_of_one_id_are_a_fault() -> None:
    found = faults(f"{MAIL}\n- {{do: wait, id: hello, for: 1d}}", "hello")
    assert "steps.0.id: Two steps are called hello. Give each its own id." in found


def test_a_step_no_run_comes_to_is_a_fault() -> None:
    steps = "- {do: go, id: g, to: end}\n- {do: wait, id: lonely, for: 1d}"
    assert faults(steps) == ["steps.1: No run comes to lonely. Lead one there or take it out."]


def test_a_loop_without_a_limit_is_a_fault() -> None:
    (fault,) = faults(LOOP + "- {do: go, id: g, to: pause}")
    assert fault == "steps.0: The loop through pause never ends. Go back by a `go` step with `visits`."


def test_a_branch_back_is_a_loop_without_a_limit_too() -> None:
    back = "- {do: branch, id: b, cases: [{when: {fit: [A]}, go: end}], otherwise: pause}"
    assert len(faults(LOOP + back)) == 1
    assert faults(LOOP + "- {do: go, id: g, to: pause, visits: 3}") == []


def test_a_loop_that_never_waits_is_a_fault_however_often_it_may_go_round() -> None:
    (fault,) = faults(MAIL + "\n- {do: go, id: g, to: hello, visits: 3}", "hello")
    assert fault == "steps.0: The loop through hello goes round in one instant. Put a wait into it."


def test_a_limit_of_no_visits_is_a_fault() -> None:
    assert faults(LOOP + "- {do: go, id: g, to: pause, visits: 0}") == ["steps.1.id: `visits` is at least 1."]


def test_a_mail_without_a_folder_and_a_folder_without_a_step_are_faults() -> None:
    assert faults(MAIL, "hallo") == [
        "steps.0.mail: There is no mail hello. Write it in templates/journeys/test/hello/.",
        "test: No step sends the mail hallo. Send it or delete its folder.",
    ]


def test_a_mail_to_an_owner_is_a_notice_or_a_fault() -> None:
    notice = "- {{do: send, id: hello, mail: hello, to: {to}{more}}}"
    assert faults(notice.format(to="owner", more=""), "hello") == []
    assert faults(notice.format(to="hana-sato", more=", class: owner-notice"), "hello") == []
    (wrong_class,) = faults(notice.format(to="owner", more=", class: marketing"), "hello")
    assert wrong_class == "steps.0.mail: A mail to an owner is of the class owner-notice."
    (nobody,) = faults(notice.format(to="nobody", more=""), "hello")
    assert nobody.startswith("steps.0.to: There is no owner nobody")


def asks_for_basis(condition: str, then: str = "") -> list[str]:
    branch = f"- {{do: branch, id: b, cases: [{{when: {condition}, go: end}}], otherwise: next}}\n"
    first = then or "- {do: send, id: next, mail: hello}"
    return faults(branch + first, "hello")


def test_marketing_mail_on_the_way_of_those_who_did_not_allow_it_is_a_fault() -> None:
    (fault,) = asks_for_basis("{basis: marketing}")
    assert fault.startswith("steps.1.mail: A run comes here only without permission for marketing mail")
    assert len(asks_for_basis("{any: [{basis: marketing}, {stage: [won]}]}")) == 1


def test_marketing_mail_that_somebody_may_get_is_no_fault() -> None:
    assert asks_for_basis("{not: {basis: marketing}}") == []
    assert asks_for_basis("{basis: marketing, stage: [won]}") == []
    assert asks_for_basis("{stage: [won]}") == []
    assert asks_for_basis("{basis: marketing}", "- {do: send, id: next, mail: hello, class: service}") == []


def test_permission_may_come_while_a_run_waits() -> None:
    wait = "- {do: wait, id: next, for: 7d}\n"
    assert asks_for_basis("{basis: marketing}", wait + MAIL) == []


def test_marketing_mail_under_a_definition_that_lets_no_basis_suffice_is_a_fault() -> None:
    nowhere = KELVANCE.but(consent=KELVANCE.consent.but(suffices=()))
    (fault,) = check_journey(a_journey(LOOP + MAIL), nowhere, {"hello"})
    assert fault.startswith("steps.1.mail: A run comes here only without permission")


def test_the_ways_out_of_each_step_are_read_from_the_journey() -> None:
    journey = a_journey(
        """
- {do: wait_for, id: w, events: [reply], within: 1d, then: g, otherwise: s}
- {do: send, id: s, mail: hello}
- {do: go, id: g, to: w, visits: 2}
"""
    )
    assert [next_steps(journey, step) for step in journey.steps] == [("g", "s"), ("g",), ("w", "end")]


def test_the_step_that_comes_too_late_for_a_promise_is_named() -> None:
    steps = "- {do: wait, id: long, for: 9d}\n- {do: record, id: late, event: reference_asked}\n"
    (fault,) = faults(steps, promises={"ends_within": "5d"})
    assert fault == (
        "steps.1: A run may come to late on day 9, and was promised to end by day 5. "
        "Shorten a wait before it, or promise more."
    )


STREAM = "- {do: stream, id: cast, from: pieces, exhausted: end}"


def test_a_stream_sends_mails_that_are_there_each_once() -> None:
    assert faults(STREAM, "dock", streams={"pieces": [{"mail": "dock"}]}) == []
    (missing,) = faults(STREAM, streams={"pieces": [{"mail": "dock"}]})
    assert missing.startswith("steps.0.mail: There is no mail dock. Write it in templates/journeys/test/dock/.")
    assert faults(STREAM, streams={"pieces": []}) == ["steps.0.from: The stream pieces is empty. Give it a mail."]
    (twice,) = faults(STREAM, "dock", streams={"pieces": [{"mail": "dock"}, {"mail": "dock"}]})
    assert twice == "streams.pieces: The mail dock stands here twice, and goes once. Take one out."


def test_only_steps_that_surely_take_time_make_a_loop_wait() -> None:
    back = "\n- {do: go, id: g, to: first, visits: 3}"
    asks = "- {do: task, id: first, to: owner, words: Call, within: 3d}"
    assert faults(asks + back) == []
    at_once = "- {do: wait_for, id: first, when: {stage: [mql]}, within: 3d, then: g, otherwise: end}"
    assert faults(at_once + back) == ["steps.0: The loop through first goes round in one instant. Put a wait into it."]


@pytest.mark.parametrize(
    ("steps", "changed"),
    [
        ("- {do: wait_for, id: w, events: [mail_opened], within: 5d, then: end, otherwise: end}", {}),
        ("- {do: branch, id: b, cases: [{when: {event: mail_opened}, go: end}], otherwise: end}", {}),
        (LOOP, {"goal": ("mail_opened",)}),
    ],
)
def test_an_opening_decides_nothing(steps: str, changed: dict[str, object]) -> None:
    assert any("mail_opened is a hint that decides nothing" in fault for fault in faults(steps, **changed))
