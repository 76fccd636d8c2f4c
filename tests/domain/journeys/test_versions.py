"""What does a new version mean for whoever is under way: who is released, who advances, who gets nothing twice?"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadloom.domain.errors import BadInput
from leadloom.domain.facts import Facts, MessageStatus, Progress, SentMail
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.moves import Do, Finish, PlanMail, Wait
from leadloom.domain.journeys.progress import begin, next_move
from leadloom.domain.journeys.steps.step import END
from leadloom.domain.journeys.versions import (
    EXITED,
    Choice,
    Diff,
    Exits,
    Fate,
    FinishesOld,
    InFlight,
    Migrated,
    diff,
    fate,
    step_map,
)
from tests.domain.a_run import DAY_0, a_journey, a_mail, day, facts

THREE = """
- {do: send, id: one, mail: one}
- {do: wait, id: first, for: 4d}
- {do: send, id: two, mail: two}
- {do: wait, id: second, for: 4d}
- {do: send, id: three, mail: three}
"""
MIGRATE = Choice(runs="migrate")
DAY_3 = day(3)


def edited(*changes: tuple[str, str], of: str = THREE) -> Journey:
    """The journey with these words replaced."""
    for before, after in changes:
        assert before in of
        of = of.replace(before, after)
    return a_journey(of)


def ordered(*ids: str, of: str = THREE) -> Journey:
    """The journey with its steps in this order."""
    lines = {line.split("id: ")[1].split(",")[0]: line for line in of.strip().splitlines()}
    return a_journey("\n".join(["", *(lines[step] for step in ids)]))


def decided(
    progress: Progress, new: Journey, choice: Choice = MIGRATE, *, old: Journey | None = None, at: datetime
) -> Fate:
    old = old or a_journey(THREE)
    flight = InFlight(progress=progress, at=at, last_event_no=9)
    return fate(flight, old, new, choice, step_map(old, new, choice.moves))


def moved(progress: Progress, new: Journey, choice: Choice = MIGRATE, *, at: datetime = DAY_3) -> Migrated:
    answer = decided(progress, new, choice, at=at)
    assert isinstance(answer, Migrated)
    return answer


def in_first_wait() -> Progress:
    """Mail one was asked for on day 0."""
    return Progress(step="first", arrived_at=DAY_0, arrived_no=1, visits={"one": 1, "first": 1})


def at_end_of_second() -> Progress:
    visits = {"one": 1, "first": 1, "two": 1, "second": 1}
    return Progress(step="second", arrived_at=day(4), arrived_no=1, visits=visits)


def got(*steps: str) -> Facts:
    return facts(mails=[a_mail(step, day(4 * no), sent_at=day(4 * no)).model_dump() for no, step in enumerate(steps)])


def test_a_diff_names_what_came_went_moved_and_changed() -> None:
    new = ordered("two", "first", "one", "second", "three")
    assert diff(a_journey(THREE), new).moved != ()
    assert diff(a_journey(THREE), a_journey(THREE)).is_empty
    shorter = edited(("first, for: 4d", "first, for: 2d"))
    assert diff(a_journey(THREE), shorter) == Diff(changed=("first",))
    gone = edited(("- {do: wait, id: second, for: 4d}\n", ""))
    assert diff(a_journey(THREE), gone) == Diff(removed=("second",))
    assert diff(gone, a_journey(THREE)) == Diff(added=("second",))


def test_a_run_may_finish_on_its_version_end_or_go_on_by_what_the_publication_says() -> None:
    new = edited(("first, for: 4d", "first, for: 2d"))
    assert isinstance(decided(in_first_wait(), new, Choice(), at=day(3)), FinishesOld)
    assert decided(in_first_wait(), new, Choice(runs="exit"), at=day(3)) == Exits(outcome=EXITED)
    mixed = Choice(runs="migrate", at={"second": "exit"}, outcome="too late for it")
    assert isinstance(decided(in_first_wait(), new, mixed, at=day(3)), Migrated)
    assert decided(at_end_of_second(), new, mixed, at=day(5)) == Exits(outcome="too late for it")


def test_a_shorter_wait_releases_who_waited_enough_and_lets_the_others_wait_the_rest() -> None:
    new = edited(("first, for: 4d", "first, for: 2d"))
    progress = moved(in_first_wait(), new).progress
    assert progress == in_first_wait()
    assert isinstance(next_move(new, progress, got("one"), day(3)), Do)
    waits = next_move(new, progress, got("one"), day(1))
    assert isinstance(waits, Wait)
    assert waits.until == day(2)


def test_a_longer_wait_is_waited_longer() -> None:
    new = edited(("first, for: 4d", "first, for: 9d"))
    waits = next_move(new, moved(in_first_wait(), new).progress, got("one"), day(5))
    assert isinstance(waits, Wait)
    assert waits.until == day(9)


def test_a_run_at_a_deleted_step_goes_on_at_the_next_one_that_is_left() -> None:
    new = edited(("- {do: wait, id: first, for: 4d}\n", ""))
    progress = moved(in_first_wait(), new).progress
    assert (progress.step, progress.arrived_at, progress.arrived_no) == ("two", day(3), 9)
    gone = ordered("one", "first")
    assert moved(at_end_of_second(), gone).progress.step == END


def test_a_step_inserted_before_the_run_is_not_played_and_one_behind_it_is() -> None:
    new = edited(("- {do: wait, id: first", "- {do: send, id: new, mail: new}\n- {do: wait, id: first"))
    assert played(new, moved(in_first_wait(), new).progress, ["one"]) == ["two", "three"]
    new = edited(("- {do: send, id: three", "- {do: send, id: new, mail: new}\n- {do: send, id: three"))
    assert played(new, moved(in_first_wait(), new).progress, ["one"]) == ["two", "new", "three"]


def test_a_step_that_was_played_and_is_moved_ahead_is_passed_over() -> None:
    new = ordered("first", "two", "second", "one", "three")
    assert played(new, moved(in_first_wait(), new).progress, ["one"]) == ["two", "three"]


def test_a_mail_that_is_moved_behind_a_run_is_missed_and_the_fate_says_so() -> None:
    new = ordered("one", "two", "first", "second", "three")
    fated = moved(in_first_wait(), new)
    assert fated.misses == ("two",)
    assert moved(Progress(step="one", arrived_at=DAY_0, visits={"one": 1}), new).misses == ()


def test_a_renamed_step_is_the_same_place_so_its_wait_counts_on() -> None:
    new = edited(("first, for: 4d", "pause, for: 5d"))
    choice = Choice(runs="migrate", moves={"first": "pause"})
    progress = moved(in_first_wait(), new, choice).progress
    assert (progress.step, progress.arrived_at, progress.visits["pause"]) == ("pause", DAY_0, 1)


def test_a_step_that_became_another_kind_is_come_to_anew() -> None:
    new = edited(("- {do: wait, id: first, for: 4d}", "- {do: send, id: first, mail: extra}"))
    progress = moved(in_first_wait(), new).progress
    assert (progress.arrived_at, progress.visits["first"], progress.passed) == (day(3), 2, ())


def test_a_run_sent_back_to_a_mail_it_got_does_not_get_it_again() -> None:
    choice = Choice(runs="migrate", moves={"second": "one"})
    new = ordered("one", "first", "two", "three")
    assert "one" not in played(new, moved(at_end_of_second(), new, choice).progress, ["one", "two"])


def test_a_run_in_its_second_round_plays_what_is_left_of_the_round() -> None:
    round_and_round = THREE + "- {do: go, id: again, to: one, visits: 2}\n"
    old = a_journey(round_and_round)
    new = a_journey(round_and_round.replace("- {do: wait, id: first, for: 4d}\n", ""))
    visits = {"one": 2, "first": 2, "two": 1, "second": 1, "three": 1, "again": 1}
    run = Progress(step="first", arrived_at=day(9), visits=visits)
    answer = fate(InFlight(progress=run, at=day(10)), old, new, MIGRATE, step_map(old, new, {}))
    assert isinstance(answer, Migrated)
    assert (answer.progress.step, answer.progress.visits["two"], answer.progress.passed) == ("two", 2, ())


def test_who_waits_for_the_same_as_before_need_not_look() -> None:
    new = edited(("second, for: 4d", "second, for: 2d"))
    assert moved(in_first_wait(), new).is_calm
    assert not moved(at_end_of_second(), new).is_calm


def test_a_map_to_a_step_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadInput, match="nowhere"):
        step_map(a_journey(THREE), a_journey(THREE), {"first": "nowhere"})


IDS = [f"s{no}" for no in range(7)]
KINDS = st.sampled_from(["send", "wait"])


@st.composite
def two_versions(draw: st.DrawFn) -> tuple[Journey, Journey]:
    """A journey, and one made of it by taking out, putting in, changing and shuffling steps."""
    kinds = {step: draw(KINDS) for step in IDS}
    spans = {step: draw(st.sampled_from(["1d", "3d", "8d"])) for step in IDS}
    before = draw(st.lists(st.sampled_from(IDS), min_size=1, unique=True))
    after = draw(st.permutations(before))
    after = [step for step in after if draw(st.integers(0, 4))] + draw(
        st.lists(st.sampled_from(["n1", "n2"]), unique=True)
    )
    later = {step: draw(st.sampled_from(["1d", "3d", "8d"])) for step in [*IDS, "n1", "n2"]}
    kinds |= {step: draw(KINDS) for step in ("n1", "n2")}
    return _journey(before, kinds, spans), _journey(after or ["n1"], kinds, later)


def _journey(ids: list[str], kinds: dict[str, str], spans: dict[str, str]) -> Journey:
    lines = [
        f"- {{do: send, id: {step}, mail: {step}}}"
        if kinds[step] == "send"
        else f"- {{do: wait, id: {step}, for: {spans[step]}}}"
        for step in ids
    ]
    return a_journey("\n".join(["", *lines, ""]))


@given(versions=two_versions(), on_day=st.integers(0, 40))
def test_whatever_is_edited_a_lead_gets_no_mail_twice_and_its_run_ends(
    versions: tuple[Journey, Journey], on_day: int
) -> None:
    old, new = versions
    before, run, ended = play(old, begin(old, DAY_0, 1), [], DAY_0, until=day(on_day))
    if ended:
        return
    answer = fate(InFlight(progress=run, at=day(on_day)), old, new, MIGRATE, step_map(old, new, {}))
    assert isinstance(answer, Migrated)
    assert all(answer.progress.visits.get(step, 0) >= count for step, count in run.visits.items())
    after, _, ended = play(new, answer.progress, before, day(on_day), until=day(400))
    assert ended
    assert [step for step, count in Counter(after).items() if count > 1] == []
    missed = set(answer.misses)
    assert not missed & set(after)


def played(journey: Journey, run: Progress, before: list[str]) -> list[str]:
    """The mails a run still asks for, when it got these before."""
    return play(journey, run, before, day(5), until=day(100))[0][len(before) :]


def play(
    journey: Journey, run: Progress, before: list[str], at: datetime, *, until: datetime
) -> tuple[list[str], Progress, bool]:
    """All mails of a run up to an instant, in order; where it stands then; whether it ended."""
    mails: list[SentMail] = [_sent(step, DAY_0) for step in before]
    while at <= until:
        match move := next_move(journey, run, facts(mails=[mail.model_dump() for mail in mails]), at):
            case Do(effect=PlanMail(step=step)):
                mails.append(_sent(step, at))
                run = move.then
            case Do():
                run = move.then
            case Wait():
                run, at = move.progress, move.until
            case Finish():
                return [mail.step for mail in mails], run, True
            case _:
                raise AssertionError(move)
    return [mail.step for mail in mails], run, False


def _sent(step: str, at: datetime) -> SentMail:
    return a_mail(step, at, sent_at=at + timedelta(seconds=1), status=MessageStatus.SENT)
