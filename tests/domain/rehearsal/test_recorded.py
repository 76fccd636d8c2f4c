"""Is a run told without its person still the same run, and is the first decision that differs today named?"""

from __future__ import annotations

import re
from itertools import groupby

import pytest
from hypothesis import given as whatever
from hypothesis import settings
from hypothesis import strategies as st

from leadloom.domain.facts import Facts
from leadloom.domain.journeys.progress import begin
from leadloom.domain.lead import Basis, BasisKind
from leadloom.domain.rehearsal.disguise import Disguise
from leadloom.domain.rehearsal.player import Player
from leadloom.domain.rehearsal.recorded import Decided, Look, RecordedRun, first_difference
from leadloom.domain.rehearsal.said import said
from leadloom.testing.found import FoundRun
from leadloom.testing.story import ENTRY, LEAD, Story, given
from tests.domain.a_run import a_journey

STEPS = """
  - {do: send, id: first, mail: guide}
  - {do: wait_for, id: answer, events: [article_read], within: 5d, then: ask, otherwise: ask}
  - {do: branch, id: ask, cases: [{when: {field: title, contains: quality}, go: lot}], otherwise: end}
  - {do: split, id: lot, arms: [{name: a, share: 30, go: task}, {name: b, share: 70, go: task}]}
  - {do: task, id: task, to: owner, words: Call them, within: 3d, otherwise: until}
  - {do: wait, id: until, before: 10d, field: audit_date}
  - {do: send, id: last, mail: proof, class: service}
"""
PERSON = {
    "email": "Ana.Torres@Alder-Cold.example", "first_name": "Ana", "last_name": "Torres", "company": "Alder Cold Chain",
    "phone": "+1 212 555 0190", "title": "Head of Quality, Alder", "country": "US", "role": "quality",
    "attributes": {"audit_date": "2026-04-10", "shoe_size": 46, "nick": "Annie", "birthday": "1980-02-29"},
}  # fmt: skip
PERSONAL = (
    "ana", "torres", "alder", "212", "0190", "head of", "annie", "1980", "46", "heike", "kontor", "203.0.113.9",
)  # fmt: skip
KEY = b"a secret of this installation"


def a_story(steps: str = STEPS) -> Story:
    basis = Basis(
        lead_id=LEAD, kind=BasisKind.EXPRESS, source="Torres, at the fair", wording="Yes, Ana", at=ENTRY,
        proof={"ip": "203.0.113.9"},
    )  # fmt: skip
    account = {"name": "Kontor Heike", "domain": "kontor-heike.example", "country": "US"}
    story = given(a_journey(steps), lead=PERSON, account=account, bases=(basis,))
    return story.when(2, "article_read", piece="nine-minutes", by="Ana Torres").answers(4, "task")


class Recorder(Player):
    """Keeps what each look saw."""

    def __init__(self, story: Story) -> None:
        super().__init__(story.journey, story.facts, story.happenings)
        self.saw: list[Facts] = []

    def _look(self) -> None:
        self.saw.append(self.facts)
        super()._look()


def recorded(story: Story) -> RecordedRun:
    """What `runs export` would read of it."""
    player = Recorder(story)
    played = player.play()
    numbered = list(enumerate(played.did, start=1))
    by_look = [list(each) for _, each in groupby(numbered, key=lambda pair: pair[1].at)]
    looks = tuple(
        Look(
            at=each[0][1].at,
            facts=saw,
            decided=tuple(
                Decided(no=no, step=did.step, visit=did.visit, did=said(did.effect), why=did.why) for no, did in each
            ),
        )
        for each, saw in zip(by_look, player.saw, strict=True)
    )
    begins = begin(story.journey, ENTRY, story.facts.events[-1].no)
    return RecordedRun(
        journey=story.journey, begins=begins, looks=looks, mails=played.facts.mails, ended=played.outcome
    )


def test_a_run_is_lived_again_decision_for_decision() -> None:
    run = recorded(a_story())
    assert [one.step for look in run.looks for one in look.decided][-1] == "end"
    assert first_difference(run) is None


def test_it_is_the_same_run_after_it_was_disguised_and_written_down() -> None:
    run = recorded(a_story())
    disguised = RecordedRun.model_validate_json(Disguise(run.journey, key=KEY).run(run).model_dump_json(by_alias=True))
    assert first_difference(disguised) is None
    assert [look.decided[-1].did for look in disguised.looks] == [look.decided[-1].did for look in run.looks]


def test_no_personal_word_number_or_id_is_left() -> None:
    run = recorded(a_story())
    plain, text = [one.model_dump_json().lower() for one in (run, Disguise(run.journey, key=KEY).run(run))]
    assert [word for word in PERSONAL if word not in plain] == [], "the test must plant what it looks for"
    # Instants of the run may hold any digits; they are no person's.
    told = re.sub(r'"\w+_at":"[^"]*"|"until":"[^"]*"|"at":"[^"]*"', "", text)
    assert [word for word in PERSONAL if re.search(rf"\b{re.escape(word)}\b", told)] == []
    assert str(LEAD) not in text


def test_disguised_words_keep_their_shape_and_are_always_the_same() -> None:
    disguise = Disguise(a_journey(STEPS), key=KEY)
    assert disguise.text("Ana Torres") == Disguise(a_journey(STEPS), key=KEY).text("Ana Torres")
    assert disguise.text("Ana Torres") != Disguise(a_journey(STEPS), key=b"another").text("Ana Torres")
    assert re.fullmatch(r"\+\d \d{3} \d{3}-\d{4} [A-Z][a-z]{2}\. [A-Z][a-z]", disguise.text("+1 212 555-0190 Ext. Öl"))


def test_what_a_decision_hangs_on_stays() -> None:
    run = recorded(a_story())
    facts = Disguise(run.journey, key=KEY).run(run).looks[-1].facts
    assert "Quality" in (facts.lead.title or "") and "Alder" not in (facts.lead.title or "")
    assert facts.lead.attributes["audit_date"] == "2026-04-10"
    assert (facts.lead.country, facts.lead.role) == ("US", "quality")
    assert facts.lead.attributes["shoe_size"] != 46


@settings(max_examples=40)
@whatever(st.text(max_size=40))
def test_any_text_keeps_its_length(text: str) -> None:
    assert len(Disguise(a_journey(STEPS), key=KEY).text(text)) == len(text)


@pytest.mark.parametrize(
    ("was", "now", "step", "no"),
    [
        ("mail: guide", "mail: other", "first", 1),
        ("within: 5d", "within: 1d", "answer", 2),
        ("contains: quality", "contains: logistics", "ask", 4),
        ("before: 10d", "before: 2d", "until", 9),
    ],
)
def test_the_first_decision_that_differs_is_named(was: str, now: str, step: str, no: int) -> None:
    run = recorded(a_story())
    assert was in STEPS
    found = first_difference(run, a_journey(STEPS.replace(was, now)))
    assert found is not None
    assert (found.step, found.no) == (step, no), found.words
    assert "in production:" in found.words and "today:" in found.words


def test_a_found_run_fails_until_its_wrong_decision_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    run = recorded(a_story())
    [wrong] = [one.no for look in run.looks for one in look.decided if one.did == "asked for the mail proof"]
    found = FoundRun(run)
    assert found.differs_before(wrong) == ""
    assert f"decision {wrong}, at step last" in found.still_goes_wrong(wrong)
    mended = a_journey(STEPS.replace("mail: proof", "mail: better"))
    monkeypatch.setattr(FoundRun, "draft", mended)
    assert found.still_goes_wrong(wrong) == ""
    assert found.differs_before(wrong) == "", "by the version it had it still goes as it went"


def test_a_run_that_was_blocked_fails_until_its_step_can_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = a_journey("  - {do: wait, id: stands-here, for: 1d}\n")
    broken = a_journey("  - {do: wait, id: stands-here}\n")
    blocked = Look(at=ENTRY, facts=a_story().facts, decided=(), error="BadInput: a wait has an end")
    found = FoundRun(RecordedRun(journey=broken, begins=begin(broken, ENTRY, 1), looks=(blocked,)))
    assert "at step stands-here" in found.still_goes_wrong(1)
    assert "is still: was blocked: BadInput" in found.still_goes_wrong(1)
    monkeypatch.setattr(FoundRun, "draft", sound)
    assert found.still_goes_wrong(1) == ""
