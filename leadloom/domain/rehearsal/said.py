"""What did a run do, in the words its log keeps? One phrase for each move, in a rehearsal as in production."""

from __future__ import annotations

from typing import assert_never

from leadloom.domain.journeys import moves


def said(move: moves.Effect | moves.Call | moves.Wait | moves.Finish) -> str:  # noqa: C901  one phrase a kind
    """`asked for the mail hello`, `waits for day 8`, `finished: goal`."""
    match move:
        case moves.PlanMail(mail=mail):
            return f"asked for the mail {mail}"
        case moves.RaiseHandOff(kind=kind):
            return f"raised the hand-off {kind}"
        case moves.RecordEvent(kind=kind):
            return f"recorded {kind}"
        case moves.SetField(field=field, value=value):
            return f"noted that {field} is {value}"
        case moves.PutTag(tag=tag, remove=remove):
            return f"took off the tag {tag}" if remove else f"tagged: {tag}"
        case moves.GivePoints(points=points, why=why):
            return f"gave {points:g} points: {why}"
        case moves.MoveStage(to=stage, why=why):
            return f"the lead is at {stage}: {why}"
        case moves.OpenTask(to=to, words=words):
            return f"asked {to}: {words}"
        case moves.CloseTask():
            return "took the task back: there was no answer in time"
        case moves.StartRun(journey=journey):
            return f"began the journey {journey}"
        case moves.StopRun(journey=journey):
            return f"ended {journey}"
        case moves.Skip(why=why):
            return why
        case moves.Call(activity=activity):
            return f"called {activity}"
        case moves.Wait(waiting_for=waiting_for):
            return f"waits for {waiting_for}"
        case moves.Finish(outcome=outcome):
            return f"finished: {outcome}"
    assert_never(move)
