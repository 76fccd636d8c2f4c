"""Does a card say who, whether one may write and call, why this lead now, and how to begin without creeping?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from leadloom.domain.consent.reach import Reach
from leadloom.domain.definitions.definition_check import check
from leadloom.domain.definitions.talk import WATCHED, Topic
from leadloom.domain.handoffs.card import Card, Did, HandOffFacts, Person, card_of
from leadloom.domain.model import HandOffId
from leadloom.domain.standing import ScoreEntry
from tests.domain.a_run import DAY_0
from tests.domain.a_standing import ACCOUNT, DEFINITION, a_lead, entries

NO_MAIL = Reach(channel="mail", may=False, why="no basis that suffices in DE: has implied, needs double-opt-in")
MAY_CALL = Reach(channel="phone", may=True, why="implied of 2026-03-01 (demo_requested) suffices in DE")


def did(kind: str, days: float = 0, **more: str) -> Did:
    told = {"site": "", "piece": "", "to": "", "question": "", **more}
    return Did(at=DAY_0 - timedelta(days=days), kind=kind, **told)


def card(
    *touches: Did,
    asked_by: str = "gate:asks",
    why: tuple[str, ...] = ("Asked for a demo",),
    points: tuple[ScoreEntry, ...] = (),
    kind: str = "hand-raise",
    silent: bool = False,
    **lead: Any,
) -> Card:
    facts = HandOffFacts(
        hand_off_id=HandOffId(UUID(int=9)), kind=kind, asked_by=asked_by, why=why, definition_version=3,
        state="offered", owner="ines-carvalho", owner_id=None, pool=None, assignment_no=1, level=0,
        opened_at=DAY_0, accept_by=None, first_try_by=None, first_try_at=None,
    )  # fmt: skip
    person = Person(a_lead(**{"first_name": "Mia", **lead}), ACCOUNT, (NO_MAIL, MAY_CALL), silent, touches, points)
    return card_of(DEFINITION, facts, person)


def said(found: Card) -> list[str]:
    return [f"{one.words} [{one.weight}]" for one in found.reasons]


def test_who_asked_to_talk_is_offered_for_that_then_for_their_points_then_for_who_they_are() -> None:
    earned = entries(
        ("calculator_finished", 20, DAY_0), ("article_read", 5, DAY_0), ("article_read", 5, DAY_0),
        ("link_clicked", 3, DAY_0),
    )  # fmt: skip
    assert said(card(points=earned)) == [
        "Asked for a demo [decides alone]",
        "Finished the warm-pallet calculator [+20 of 33]",
        "Read an article for 60 seconds, 2 times [+10 of 33]",
        "Fit A: pharma distribution, 4 sites, quality, DE [100 of 100]",
    ]


def test_reasons_are_weighed_as_of_the_opening_and_what_was_taken_back_counts_no_more() -> None:
    earned = entries(
        ("reply", 25, DAY_0 - timedelta(days=30)), ("reply", 25, DAY_0 + timedelta(days=1)),
        ("price_page", 15, DAY_0), ("price_page", -15, DAY_0),
    )  # fmt: skip
    assert said(card(asked_by="gate:scored", points=earned)) == [
        "Replied to a mail [+12 of 12]",
        "Fit A: pharma distribution, 4 sites, quality, DE [100 of 100]",
    ]


def test_a_journey_or_an_event_that_hands_over_says_so_first() -> None:
    found = card(asked_by="journey:buying-circle", why=("Two roles of one company engage",), kind="buying-circle")
    assert said(found)[0] == "Two roles of one company engage []"


def test_the_opener_is_about_what_they_asked_for_and_else_about_their_latest_topic() -> None:
    read = did("article_read", site="four-degrees", piece="inspector")
    priced, asked = did("price_page", days=1), did("demo_requested", days=2)
    assert card(read, priced, asked).opener.startswith(
        "Hello Mia, this is Inês Carvalho of Kelvance. You asked for a demo"
    )
    assert "your next inspection" in card(read, priced).opener
    assert "one warm pallet" in card(priced, read).opener
    assert card(did("reply")).opener.endswith(DEFINITION.talk.otherwise)
    assert card(first_name=None).opener.startswith("Hello, this is")


def test_no_opener_of_ours_tells_anybody_that_they_were_watched() -> None:
    for topic in DEFINITION.talk.topics.values():
        assert not any(phrase in topic.opener.casefold() for phrase in WATCHED)
    creepy = Topic(means="Prices", events=("price_page",), opener="I saw you were on our price page.")
    faults = check(DEFINITION.but(talk=DEFINITION.talk.but(topics={"cost": creepy})))
    assert [str(fault.path) for fault in faults] == ["('talk', 'topics', 'cost', 'opener')"]


def test_topics_name_kinds_and_events_that_there_are() -> None:
    odd = Topic(means="Odd", events=("no_such_event",), pieces=("no-site",), opener="Is it odd?")
    faults = check(DEFINITION.but(talk=DEFINITION.talk.but(topics={"odd": odd}, next_steps={"no-such-kind": "Go."})))
    assert [fault.path[-2:] for fault in faults] == [("next_steps", "no-such-kind"), ("events", 0), ("pieces", 0)]


def test_what_they_cared_about_is_topics_with_the_page_they_know() -> None:
    read = did("article_read", site="four-degrees", piece="inspector")
    again = did("article_read", days=1, site="four-degrees", piece="inspector")
    went = did("link_clicked", days=2, to="/m/four-degrees/lane-map?from=mail")
    other = did("article_read", days=3, site="other-site", piece="a-cold-room")
    found = card(read, again, went, other)
    assert [(one.words, one.path) for one in found.cared] == [
        ("What an inspector reads first", "/m/four-degrees/inspector"),
        ("A map of the lane", "/m/four-degrees/lane-map"),
        ("A cold room", "/m/other-site/a-cold-room"),
    ]
    assert (found.touches[0].about, found.touches[0].path) == (found.cared[0].words, found.cared[0].path)


@pytest.mark.parametrize("to", ["https://elsewhere.example/m/x/y", "/price", "/m/four-degrees", "//m/x/y", ""])
def test_a_link_that_led_to_no_page_of_ours_is_shown_as_no_page(to: str) -> None:
    shown = card(did("link_clicked", to=to)).touches[0]
    assert shown.path in ("", "/m/x/y")
    assert not shown.path.startswith("//")


def test_a_rep_may_write_one_to_one_where_marketing_may_not_unless_nothing_goes_there_at_all() -> None:
    mail, phone = card().contacts
    assert mail.said.startswith("You may write to them: one to one, in your own name; no marketing mail, no basis")
    assert phone.said == "You may call them: implied of 2026-03-01 (demo_requested) suffices in DE."
    assert card(silent=True).contact("mail").said.startswith("You may not write to them: no basis")
    assert not card(email=None).contact("mail").may


def test_what_they_asked_in_their_own_words_stands_on_the_card() -> None:
    assert card(did("reply"), did("demo_requested", days=1, question="Does it log vibration?")).question == (
        "Does it log vibration?"
    )


def test_the_leads_own_clock_is_told_so_that_nobody_calls_at_night() -> None:
    assert card(country="SG", time_zone="Asia/Singapore").local(DAY_0.replace(hour=20)).endswith("04:00")
