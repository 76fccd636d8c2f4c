"""Does the balance of `make chaos` find what was planted in the books: a copy, a loss, a stuck run, a mail too many?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from benchmarks.chaos.balance import Balance, Strokes, balance, differences
from benchmarks.chaos.hurry import at_any_hour, hurried
from benchmarks.chaos.ledger import Mail, Member, Rows, Run
from benchmarks.chaos.relay_log import Accepted, Fault
from benchmarks.chaos.strikes import Kill, plan
from leadloom.runtime.publishing import read_drafts
from tests.world import MONDAY

JOURNEY = "welcome"


def a_run(no: int, status: str = "finished", **rest: object) -> Run:
    words = {"run": f"run{no}", "lead_id": f"lead{no}", "status": status, "outcome": None, "waiting_for": None}
    return Run.model_validate({**words, "blocked": False, "error": None, **rest})


def a_mail(no: int, step: str = "guide", status: str = "sent", **rest: object) -> Mail:
    words = {
        "wire_id": f"{no}-{step}", "run": f"run{no}", "lead_id": f"lead{no}", "journey": JOURNEY, "step": step,
        "visit": 1, "status": status, "reason": None, "reply": None, "tries": 1, "asked_at": MONDAY, "sent_at": MONDAY,
        "for_owner": False,
    }  # fmt: skip
    return Mail.model_validate({**words, **rest})


def taken(no: int, step: str = "guide", wire_id: str | None = None) -> Accepted:
    wire = wire_id or f"{no}-{step}"
    return Accepted(wire_id=wire, recipient=f"{no}@leads.example", step=f"{JOURNEY}/{step}", sha256="-", at=0.0)


def a_member(no: int, *, opted_out: bool = False, waits: bool = False, left_out: str | None = None) -> Member:
    return Member(
        lead_id=f"lead{no}", email=f"{no}@leads.example", opted_out=opted_out, run=f"run{no}", left_out=left_out,
        waits=waits,
    )  # fmt: skip


def the_rows(**changed: object) -> Rows:
    """Two leads, each with one mail that went."""
    rows = {
        "members": (a_member(1), a_member(2)), "runs": (a_run(1), a_run(2)), "mails": (a_mail(1), a_mail(2)),
        "asked": frozenset({("run1", "guide", 1), ("run2", "guide", 1)}),
    }  # fmt: skip
    return Rows.model_validate({**rows, **changed})


ARRIVED = [taken(1), taken(2)]
CALM = Strokes()


def books(rows: Rows | None = None, arrived: list[Accepted] | None = None, strokes: Strokes = CALM) -> Balance:
    return balance(rows or the_rows(), ARRIVED if arrived is None else arrived, strokes=strokes)


def test_books_in_which_every_mail_went_once_close() -> None:
    found = books()
    assert found.faults == []
    assert (found.leads, found.enrolled, found.accepted, found.ledger) == (2, 2, 2, {"sent": 2})


def test_a_copy_is_found_by_its_id() -> None:
    found = books(arrived=[*ARRIVED, taken(2)])
    assert found.twice == ("lead lead2, step guide: accepted 2 times",)
    assert found.faults == ["1 twice"]


def test_a_copy_under_another_id_is_found_by_its_step() -> None:
    rows = the_rows(mails=(a_mail(1), a_mail(2), a_mail(2, wire_id="other", status="sent")))
    found = books(rows, [*ARRIVED, taken(2, wire_id="other")])
    assert found.twice == ("lead lead2, step guide: 2 mails for one step",)


def test_a_step_visited_twice_is_no_copy() -> None:
    rows = the_rows(mails=(a_mail(1), a_mail(2), a_mail(2, wire_id="again", visit=2)))
    assert books(rows, [*ARRIVED, taken(2, wire_id="again")]).twice == ()


def test_a_mail_that_was_sent_and_never_arrived_is_lost() -> None:
    assert books(arrived=[taken(1)]).lost == (
        "lead lead2, step guide: sent by the ledger, never accepted by the relay",
    )


def test_a_mail_that_was_asked_for_and_has_no_row_is_lost() -> None:
    found = books(the_rows(mails=(a_mail(1),)), [taken(1)])
    assert found.lost == ("run run2, step guide: asked for, and no row says what became of it",)


@pytest.mark.parametrize("status", ["expired", "refused"])
def test_a_mail_that_went_nowhere_without_a_no_is_lost(status: str) -> None:
    found = books(the_rows(mails=(a_mail(1), a_mail(2, status=status, reason="too late"))), [taken(1)])
    assert found.lost == (f"lead lead2, step guide: {status} (too late)",)


def test_a_run_that_never_ended_is_stuck() -> None:
    rows = the_rows(runs=(a_run(1), a_run(2, "active", waiting_for="day 8")))
    assert books(rows).stuck == ("run run2: still waits for day 8",)
    blocked = the_rows(runs=(a_run(1), a_run(2, "active", blocked=True, error="KeyError")))
    assert books(blocked).stuck == ("run run2: blocked: KeyError",)


@pytest.mark.parametrize("status", ["reserved", "claimed", "at_dot", "deferred", "held"])
def test_a_mail_that_is_still_under_way_is_stuck(status: str) -> None:
    found = books(the_rows(mails=(a_mail(1), a_mail(2, status=status))), [taken(1)])
    assert found.stuck == (f"lead lead2, step guide: still {status}",)


def test_a_member_the_campaign_never_came_by_is_stuck() -> None:
    assert books(the_rows(members=(a_member(1), a_member(2, waits=True)))).stuck == (
        "lead lead2: the campaign never came by",
    )


def test_a_mail_that_arrived_and_the_ledger_does_not_believe_is_found() -> None:
    rows = the_rows(mails=(a_mail(1), a_mail(2, status="deferred")))
    assert books(rows).unbooked == ("lead lead2, step guide: the ledger says deferred",)
    assert books(arrived=[*ARRIVED, taken(3)]).unbooked == ("mail 3-guide: in no ledger",)


def test_a_mail_to_somebody_who_opted_out_is_found_by_event_and_by_the_list_itself() -> None:
    words = ("lead lead2, welcome/guide: mailed though the lead opted out",)
    assert books(the_rows(members=(a_member(1), a_member(2, opted_out=True)))).against_a_no == words
    assert balance(the_rows(), ARRIVED, strokes=CALM, said_no={"2@leads.example"}).against_a_no == words


def test_an_uncertain_mail_must_be_explained_by_what_was_done() -> None:
    rows = the_rows(mails=(a_mail(1), a_mail(2, status="uncertain", reason="the answer after the dot was lost")))
    [mail] = books(rows, strokes=Strokes(lost_replies=1)).uncertain
    assert (mail.lead_id, mail.step, mail.relay_has_it) == ("lead2", "welcome/guide", True)
    assert books(rows, strokes=Strokes(lost_replies=1)).faults == []
    assert books(rows).faults == ["1 uncertain, more than the 0 explained"]


def test_each_death_explains_one_mail_for_each_connection_that_hung_on_it() -> None:
    kills = {"worker-1": 1, "worker-2": 2, "postgres": 1, "smtp": 1, "temporal": 9}
    strokes = Strokes(kills=kills, connections=4, workers=2, lost_replies=3)
    assert strokes.most_uncertain == 3 * 4 + 2 * 8 + 3


def test_two_runs_differ_only_by_what_is_uncertain() -> None:
    rows = the_rows(mails=(a_mail(1), a_mail(2, status="uncertain")))
    broken = books(rows, [taken(1)], Strokes(lost_replies=1))
    assert differences(broken, books()) == []
    assert differences(books(arrived=[taken(1)]), books()) == ["1 mails of the quiet run never went"]
    assert differences(books(arrived=[*ARRIVED, taken(3)]), books()) == ["1 mails went that the quiet run did not send"]
    shorter = the_rows(runs=(a_run(1), a_run(2, "exited", outcome="asked to talk")))
    assert differences(books(shorter), books())[0].startswith("outcomes: ")


def test_the_same_seed_strikes_at_the_same_places() -> None:
    def the_plan(seed: int) -> list[object]:
        return list(plan(seed, parts=("worker", "smtp"), kills=5, faults=tuple(Fault), times=2))

    assert the_plan(7) == the_plan(7)
    assert the_plan(7) != the_plan(8)


def test_every_part_is_killed_as_often_as_asked_over_the_whole_run() -> None:
    strikes = plan(1, parts=("worker", "smtp"), kills=5, faults=(Fault.SILENCE,), times=2)
    kills = [strike for strike in strikes if isinstance(strike.what, Kill)]
    for part in ("worker", "smtp"):
        places = [strike.after for strike in kills if isinstance(strike.what, Kill) and strike.what.part == part]
        assert len(places) == 5
        assert places[0] < 0.2
        assert places[-1] > 0.7
    assert len(strikes) - len(kills) == 2


def test_a_hurried_journey_is_the_same_but_for_its_waits() -> None:
    drafts = read_drafts()
    journey = next(each for each in drafts.journeys if each.name == "welcome-four-degrees")
    fast = hurried(journey, timedelta(seconds=1))
    assert [step.id for step in fast.steps] == [step.id for step in journey.steps]
    for slow_step, fast_step in zip(journey.steps, fast.steps, strict=True):
        slow, quick = getattr(slow_step, "to_day", None), getattr(fast_step, "to_day", None)
        assert quick == (None if slow is None else pytest.approx(slow / 86_400))
        assert getattr(slow_step, "worth", None) == getattr(fast_step, "worth", None)
    definition = at_any_hour(drafts.definition)
    assert definition.events == drafts.definition.events
    assert "leads.example" in definition.mql.free_mail
