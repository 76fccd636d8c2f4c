"""Does the player of one run do as production does? Each of these was told otherwise by the same run in Temporal."""

from __future__ import annotations

from leadloom.domain.journeys import moves
from leadloom.domain.model import EnrolmentId
from leadloom.domain.rehearsal.happenings import Answers, Ends, Happening, Happens, Leaves, Permits
from leadloom.domain.rehearsal.player import Played, Player
from leadloom.domain.rehearsal.postings import ByPolicy
from tests.domain.a_run import DAY_0, LEAD, a_journey, day, days, facts, the_definition

TUESDAY_MAIL = "- {do: send, id: a, mail: m, worth: 3w}\n"


def played(steps: str, *happens: Happening, known: dict[str, object] | None = None) -> Played:
    journey = a_journey(steps)
    postings = ByPolicy(the_definition())
    whole = facts(may_market=True, in_journeys=(journey.name,)).but(**(known or {}))
    return Player(journey, whole, happens, postings=postings, run_id=EnrolmentId(LEAD)).play(day(60))


def fates(play: Played) -> list[tuple[str, str]]:
    """(step, how it ended) of each mail."""
    return [
        (one.mail.step, "cancelled" if one.cancelled else "refused" if one.refused else "goes" if one.goes else "never")
        for one in play.letters
    ]


def test_nothing_goes_to_who_allowed_nothing_and_the_run_goes_on() -> None:
    play = played(TUESDAY_MAIL + "- {do: wait, id: w, for: 9d}", known={"may_market": False})
    assert (fates(play), play.outcome) == ([("a", "refused")], "finished")


def test_a_no_after_the_end_of_the_run_stops_its_last_mail_and_a_yes_lets_the_next_go() -> None:
    said_no = Happens(at=day(0.05), kind="complained")
    assert fates(played(TUESDAY_MAIL, said_no)) == [("a", "refused")]
    assert fates(played(TUESDAY_MAIL)) == [("a", "goes")]
    later = "- {do: wait, id: w, for: 5d}\n" + TUESDAY_MAIL
    no, yes = Happens(at=day(1), kind="let_go"), Permits(at=day(2), may_market=True)
    assert fates(played(later, no)) == [("a", "refused")]
    assert fates(played(later, no, yes)) == [("a", "goes")]


def test_a_run_that_leaves_in_the_look_that_asked_for_a_mail_sends_none() -> None:
    steps = "- {do: send, id: a, mail: m, class: service}\n- {do: record, id: b, event: talk_requested}\n"
    play = played(steps + "- {do: wait, id: w, for: 9d}")
    assert (play.outcome, fates(play)) == ("goal", [("a", "cancelled")])


def test_who_is_taken_out_by_hand_gets_no_more() -> None:
    play = played(TUESDAY_MAIL + "- {do: wait, id: w, for: 9d}", Leaves(at=day(0.05), outcome="called in sick"))
    assert (play.outcome, fates(play)) == ("called in sick", [("a", "cancelled")])


def test_an_answer_nobody_waits_for_is_no_event() -> None:
    steps = "- {do: wait, id: w, for: 1d}\n- {do: task, id: t, to: owner, words: Call, within: 2d}\n"
    early, once, twice = (Answers(at=day(at), step="t", outcome="done") for at in (0.5, 1.5, 1.6))
    play = played(steps + "- {do: wait, id: w2, for: 9d}", early, once, twice)
    assert [event.data for event in play.facts.events if event.kind == "task_done"] == [
        {"step": "t", "outcome": "done"}
    ]


def test_the_end_of_another_journey_wakes_and_is_no_event() -> None:
    steps = "- {do: start, id: s, journey: other, wait: 9d}\n- {do: wait, id: w, for: 1d}\n"
    play = played(steps, Ends(at=day(2), journey="other"))
    assert play.at == day(3)
    assert "journey_ended" not in {event.kind for event in play.facts.events}


def test_stopping_another_journey_ends_its_run_at_once() -> None:
    steps = "- {do: start, id: s, journey: other}\n- {do: stop, id: x, journey: other}\n"
    branch = "- {do: branch, id: b, cases: [{when: {was_in: [other]}, go: end}], otherwise: w}\n"
    play = played(steps + branch + "- {do: wait, id: w, for: 1d}\n")
    assert play.at == DAY_0
    assert "other" not in play.facts.in_journeys


def test_what_a_person_has_read_by_itself_needs_no_mail_of_a_stream() -> None:
    journey = a_journey(
        "- {do: wait, id: w, for: 1d}\n- {do: stream, id: s, from: pool, exhausted: end, class: service}\n"
    )
    pool = {"streams": {"pool": [{"mail": "dock", "piece": "dock"}, {"mail": "alerts"}]}}
    journey = type(journey).model_validate({**journey.model_dump(by_alias=True), **pool})
    read = Happens(at=day(0.5), kind="article_read", data={"piece": "dock"})
    play = Player(journey, facts(), [read]).play()
    assert [letter.mail.mail for letter in play.letters] == ["alerts"]


def test_the_next_mail_waits_for_the_one_before_which_goes_after_the_look_that_asked_for_it() -> None:
    steps = "- {do: send, id: a, mail: m, worth: 3w}\n- {do: send, id: b, mail: n, worth: 3w}\n"
    play = Player(a_journey(steps), facts(may_market=True)).play()
    waits = [did.effect for did in play.did if isinstance(did.effect, moves.Wait)]
    assert [wait.waiting_for for wait in waits] == ["the mail of step a to go out"]
    assert play.at - DAY_0 < days(0.01)
