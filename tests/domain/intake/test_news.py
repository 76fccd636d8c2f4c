"""Does a list told twice bring nothing, and a no that comes with it one event?"""

from __future__ import annotations

from datetime import timedelta

from leadloom.domain.intake.news import OPTED_OUT, news
from leadloom.domain.lead import LeadDraft
from tests.domain.a_run import DAY_0
from tests.domain.a_standing import a_draft

NOW = DAY_0 + timedelta(days=9)
IMPORTED = a_draft("imported", data={"import": "i-1", "stage": "mql", "precision": "day"})
REPLY = a_draft("reply", key="reply/1")


def row(*events, **rest) -> LeadDraft:
    return LeadDraft(email="mia@nordkap.example", events=(IMPORTED, *events), **rest)


def test_without_a_list_a_draft_brings_its_events_as_they_are() -> None:
    draft = LeadDraft(email="mia@nordkap.example", events=(REPLY,))
    assert news(draft, first_met_at=None, told=False, at=NOW) == (REPLY,)


def test_somebody_new_was_imported_when_they_were_first_met() -> None:
    first, reply = news(row(REPLY), first_met_at=DAY_0, told=True, at=NOW)
    assert (first.kind, first.at, first.data["stage"], reply) == ("imported", DAY_0, "mql", REPLY)


def test_somebody_known_of_whom_it_says_something_new_was_imported_now_and_stays_where_they_are() -> None:
    (event,) = news(row(), first_met_at=None, told=True, at=NOW)
    assert (event.at, event.data) == (NOW, {"import": "i-1", "there": "mql", "precision": "day"})


def test_somebody_known_of_whom_it_says_nothing_new_was_not_imported() -> None:
    assert news(row(REPLY), first_met_at=None, told=False, known_keys={"reply/1"}, at=NOW) == ()


def test_an_event_nobody_recorded_yet_is_something_new() -> None:
    kinds = [event.kind for event in news(row(REPLY), first_met_at=None, told=False, at=NOW)]
    assert kinds == ["imported", "reply"]


def test_a_no_is_one_event_whatever_list_repeats_it() -> None:
    *_, no = news(row(opted_out=True), first_met_at=None, told=False, at=NOW)
    assert (no.kind, no.key, no.actor, no.data) == ("unsubscribed", OPTED_OUT, "lead", {"import": "i-1"})
    assert news(row(opted_out=True), first_met_at=None, told=False, known_keys={OPTED_OUT}, at=NOW) == ()
