"""Is every definition that must not govern leads refused, with the place and the remedy?"""

from __future__ import annotations

from pathlib import Path

import pytest

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.definition_check import check, read_definition
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.errors import Faulty

TEXT = (Path(__file__).parents[3] / "definition.yaml").read_text(encoding="utf-8")


def read(text: str) -> Definition:
    return read_definition(DraftText("definition.yaml", text))


def faults_when(old: str, new: str) -> list[str]:
    """The faults of our own definition with one place changed; the place must be there."""
    assert TEXT.count(old) == 1, f"{old!r} stands in the definition {TEXT.count(old)} times"
    with pytest.raises(Faulty) as refused:
        read(TEXT.replace(old, new))
    return refused.value.faults


def line_of(words: str) -> int:
    return next(number for number, line in enumerate(TEXT.splitlines(), 1) if words in line)


def test_our_own_definition_has_no_fault() -> None:
    definition = read(TEXT)
    assert check(definition) == []
    assert definition.stage("mql").kind == "gate"


def test_a_published_definition_reads_back_the_same() -> None:
    definition = read(TEXT)
    stored = definition.model_dump(mode="json", by_alias=True)
    assert Definition.model_validate(stored) == definition


def test_a_fault_names_file_line_place_and_remedy() -> None:
    faults = faults_when("next: [adopted, recycled]", "next: [recycled]")
    line = line_of("{name: adopted,")
    assert faults[0].startswith(f"definition.yaml line {line} (stages.6): No lead can reach `adopted` from `aware`")
    assert "name it in the `next` of a stage before it" in faults[0]


def test_what_only_an_unreachable_stage_leads_to_is_unreachable_too() -> None:
    faults = faults_when("next: [adopted, recycled]", "next: [recycled]")
    assert [fault.split("`")[1] for fault in faults] == ["adopted", "advocate"]


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    text = TEXT.replace("first_stage: aware", "first_stage: awake").replace("default_pool: sales", 'default_pool: ""')
    with pytest.raises(Faulty) as refused:
        read(text)
    faults = refused.value.faults
    lines = [int(fault.split(" line ")[1].split()[0]) for fault in faults]
    assert lines == sorted(lines)
    assert any("did you mean `aware`?" in fault for fault in faults)
    assert any("(routing.default_pool)" in fault for fault in faults)


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("next: [adopted, recycled]", "next: [adoptd, adopted, recycled]",
         "stages.5.next.0", "did you mean `adopted`?"),
        ("promise: sal-to-sql, means", "promise: sal-to-sqx, means", "stages.3.promise", "no promise `sal-to-sqx`"),
        ("promise: sal-to-sql, means", "means", "stages.3", "SLA stage without a clock"),
        ("next: [advocate], means", "next: [advocate], promise: tries, means", "stages.6.promise", "no SLA stage"),
        ("next: [advocate], means", "next: [advocate, adopted], means", "stages.6.next.1", "can't follow itself"),
        ("tracks: [new-business, expansion]", 'tracks: [new-business, ""]', "tracks.1", "track without a name"),
        ("approver: greta-lindqvist", "approver: greta-lindquist", "approver", "did you mean `greta-lindqvist`?"),
        ("half_life: 30d", "half_life: 0d", "half_life", "longer than nothing"),
        ("  recycle_due: ", "  recycle_do: ", "events", "records `recycle_due`"),
        ("per_day: 6,", "per_day: 2,", "events.link_clicked.per_day", "raise `per_day`"),
        ("{points: 25, response: true, credit: marketing, means: Replied to a mail}",
         "{points: 25, credit: marketing, means: Replied to a mail}", "events.reply.credit", "is no response"),
        ("{A: 75, B: 50, C: 25}", "{A: 75, B: 80, C: 25}", "fit.letters.B", "fewer points"),
        ("{A: 75, B: 50, C: 25}", "{B: 75, A: 50, C: 25}", "fit.letters.A", "Best first"),
        ("{A: 75, B: 50, C: 25}", "{A: 101, B: 50, C: 25}", "fit.letters.A", "No lead can reach A"),
        ("industry: {points: 35", "industry: {points: 55", "fit", "these points reach 120"),
        ("{1: 60, 2: 40, 3: 15}", "{1: 60, 2: 70, 3: 15}", "engagement_digits.2", "fewer points"),
        ("cooling_below: 15", "cooling_below: 0", "cooling_below", "halves for ever"),
        ("asks: hand-raise", "asks: hand-raised", "mql.asks", "did you mean `hand-raise`?"),
        ("hand_off: scored-mql", "hand_off: scored", "mql.scored.hand_off", "no hand-off kind `scored`"),
        ("letters: [A, B]", "letters: [A, E]", "mql.scored.letters.1", "no letter `E`"),
        ("digits: [1, 2]", "digits: [1, 5]", "mql.scored.digits.1", "no digit `5`"),
        ("kinds_of_response: 2", "kinds_of_response: 0", "mql.scored.kinds_of_response", "ask for 1 to"),
        ("and: meeting_held", "and: meeting", "sql.and", "did you mean `meeting_held`?"),
        ("  at_least: 3\n  of:", "  at_least: 5\n  of:", "sql.at_least", "at most 4"),
        ("all_of: [loggers_80, audit", "all_of: [loggers_8, audit", "adopted.all_of.0", "did you mean `loggers_80`?"),
        ("advocate: {any_of: [reference_given, referral_given]}", "advocate: {}", "advocate", "opens for everybody"),
        ("zone: Asia/Singapore", "zone: Asia/Singapur", "calendars.singapore.zone", "no time zone"),
        ('until: "18:00"', 'until: "08:00"', "calendars.singapore.until", "closes before it opens"),
        ("holidays: SG", "holidays: ZZ", "calendars.singapore.holidays", "known for ZZ"),
        ("region: BE", "region: XX", "calendars.berlin.holidays", "known for DE, XX"),
        ('off: ["12-24", "12-31"]', 'off: ["12-24", "02-30"]', "calendars.berlin.off.1", "is no day"),
        ("accept: 15m, remind: 10m", "accept: 15m, remind: 15m", "hand_offs.hand-raise.remind", "run out"),
        ("{to: pool, after: 1h}]", "{to: pool, after: 1h}, {to: manager, after: 1h}]",
         "hand_offs.hand-raise.ladder", "end the ladder in `pool`"),
        (", {to: pool, after: 1h}]", "]", "hand_offs.hand-raise.ladder", "end the ladder in `pool`"),
        ("tries: {count: 6, working_days: 10}", "tries: {working_days: 10}", "promises.tries", "add `count`"),
        ("tries: {count: 6, working_days: 10}", "tries: {count: 5, working_days: 10}",
         "charter.sales.tries", "make them one"),
        ("  manager: greta-lindqvist", "  manager: greta-lindquist",
         "routing.manager", "did you mean `greta-lindqvist`?"),
        ("sal-to-sql], to: account-owner}", "sal-to-sql]}", "routing.rules.0", "leads nowhere"),
        ("kinds: [won-to-success], cust", "kinds: [won-to-suces], cust",
         "routing.rules.4.kinds.0", "`won-to-success`?"),
        ("sdr: ines-carvalho,", "sdr: jonas-brandt,", "routing.rules.3.sdr", "is ae, not sdr"),
        ("countries: [US, CA, BR, MX]", "countries: [US, CA, BR, Mexico]",
         "routing.rules.1.countries.3", "two capitals"),
        ("deputy: ines-carvalho, phone", "deputy: ines-carvallo, phone",
         "owners.10.deputy", "did you mean `ines-carvalho`?"),
        ("deputy: ines-carvalho, phone", "deputy: jonas-brandt, phone",
         "owners.10.deputy", "can't cover for themselves"),
        ("role: support, calendar: new-york", "role: support, calendar: york", "owners.13.calendar", "`new-york`?"),
        ("{key: 2, label: Not yet", "{key: 1, label: Not yet", "reject_reasons.not-yet.key", "is `cant-reach`"),
        ("then: recycle, asks: date,", "then: recycle,", "reject_reasons.not-yet", "needs a date"),
        ("then: repair, after: 3d,", "then: repair,", "reject_reasons.wrong-data", "needs a deadline"),
        ("asks: sub_reason, sub_reasons", "sub_reasons", "reject_reasons.no-fit", "go together"),
        ("after: 30d, needs_tries: 6,", "after: 30d, needs_tries: 7,",
         "reject_reasons.cant-reach.needs_tries", "lower it"),
        ("other_alarm_share: 0.10", "other_alarm_share: 10", "other_alarm_share", "is no share"),
        ("- {count: 2, within: 7d}", "- {count: 0, within: 7d}", "mail.per_person.0", "Nothing could ever be sent"),
        ("- {count: 2, within: 7d}", "- {count: 2, within: 400d}", "mail.per_person.0", "366 days at most"),
        ("- {count: 2, within: 7d}", "- {count: 2, within: 7d, topics: [webinar]}",
         "mail.per_person.0.topics.0", "did you mean `webinars`?"),
        ("- {count: 2, within: 7d}", "- {count: 2, within: 7d, classes: [service]}",
         "mail.per_person.0.classes.0", "obey no cap"),
        ("- {count: 2, within: 7d}", "- {count: 2, within: 7d, classes: []}",
         "mail.per_person.0.classes", "count nothing"),
        ("holidays: [US, CA, DE,", "holidays: [US, CA, ZZ,", "mail.holidays.2", "use `pauses` instead"),
        ("holidays: [US, CA, DE,", "holidays: [US, CA, US,", "mail.holidays.2", "stands here twice"),
        ("pauses: []", "pauses: [{from: 2027-01-02, through: 2027-01-01, why: rest}]",
         "mail.pauses.0", "ends before it begins"),
        ("pauses: []", "pauses: [{from: 2027-01-02, through: 2027-01-09, why: rest, countries: []}]",
         "mail.pauses.0.countries", "hold for nobody"),
        ("pauses: []", "pauses: [{from: 2027-01-02, through: 2037-01-09, why: rest}]",
         "mail.pauses.0", "longer than a year"),
        ("zone_by: [field, country, account, workspace]", "zone_by: [field, country]",
         "company.zone_by", "end with `workspace`"),
        ('from: "08:30", until: "16:30"', 'from: "18:30", until: "16:30"', "mail.window", "never opens"),
        ("    owner-notice: ", "    owner-notes: ", "mail.classes", "class `owner-notice`"),
        ("countries: [CA], kinds", "countries: [US], kinds", "consent.suffices.3.countries.0", "never reached"),
        ("{countries: [CA], kinds", "{kinds", "consent.suffices.4", "never reached"),
        ("    - {kinds: [express, double-opt-in]}\n", "", "consent.suffices", "end with one that names no countries"),
        ("kinds: [double-opt-in]}", "kinds: [service, soft-opt-in]}",
         "consent.suffices.0.kinds.0", "no permission"),
        ("events: [deal_won, renewed], for: 730d", "events: [deal_won, renewed]",
         "consent.from_events.purchase", "An implied basis ends"),
        ("customer: {kind: soft-opt-in", "customer: {kind: express", "consent.from_events.customer.kind", "by itself"),
        ("events: [deal_won, renewed]}", "events: [deal_wom]}", "consent.from_events.customer.events.0", "deal_won"),
        ("double_opt_in: {expires: 7d}", "double_opt_in: {expires: 0d}", "consent.double_opt_in.expires", "longer"),
    ],
)  # fmt: skip
def test_a_definition_with_one_thing_wrong_is_refused_at_its_place(old: str, new: str, place: str, words: str) -> None:
    faults = faults_when(old, new)
    assert any(f"({place})" in fault and words in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("old", "new", "place", "remedy"),
    [
        ("inactive_after: 180d", "inactive_after: half a year", "inactive_after", "Write a span such as 45m"),
        ("first_stage: aware\n", "", "definition.yaml line", "add it"),
        ("sponsor: ruth-adeyemi", "sponser: ruth-adeyemi", "sponser", "correct the spelling"),
        ('until: "18:00"', "until: late", "calendars.singapore.until", 'such as "09:00"'),
        ("{1: 60, 2: 40, 3: 15}", "{1: 60, 2: many, 3: 15}", "engagement_digits.2", "Write a number"),
        ("effective: 2026-02-02", "effective: soon", "effective", "Write a date"),
        ("holidays: SG", "holidays: SG, days_off: []", "calendars.singapore.days_off", "take it out"),
    ],
)
def test_what_breaks_the_grammar_is_told_with_its_place_and_remedy(old: str, new: str, place: str, remedy: str) -> None:
    faults = faults_when(old, new)
    assert any(place in fault and remedy in fault for fault in faults), faults


def test_a_grammar_fault_stands_at_its_own_line() -> None:
    faults = faults_when("{1: 60, 2: 40, 3: 15}", "{1: 60, 2: many, 3: 15}")
    assert faults[0].startswith(f"definition.yaml line {line_of('engagement_digits')} (engagement_digits.2)")


def test_a_name_said_twice_is_refused_instead_of_losing_one() -> None:
    faults = faults_when("half_life: 30d", "half_life: 30d\nhalf_life: 60d")
    assert faults == [f"definition.yaml line {line_of('half_life') + 1}: `half_life` is said twice; keep one."]


def test_norway_and_unquoted_times_are_read_as_they_are_written() -> None:
    text = TEXT.replace('from: "09:00", until: "18:00"', "from: 09:00, until: 18:00")
    definition = read(text)
    assert definition.calendars["singapore"].until.hour == 18
    assert "NO" in definition.fit.country.is_


def test_text_that_is_no_yaml_is_refused_with_its_line() -> None:
    with pytest.raises(Faulty, match="line 3"):
        read("name: kelvance\nstages: [unclosed\n")
    with pytest.raises(Faulty, match="must be a mapping"):
        read("- a list\n")
