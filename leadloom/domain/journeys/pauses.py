"""How does a wait count over a pause of its journey? By the clock the pause declared (D21)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from leadloom.domain.facts import Pause


def ends(counted: datetime, span: timedelta, pauses: Sequence[Pause]) -> datetime:
    """When a wait of that span is over that counts from `counted`; `pauses` are the run's, oldest first.

    `keep counting` changes nothing, `active only` adds the paused time, and with `restart` the span begins anew when
    the pause ends. A pause that began when the wait was over already touches it no more.
    """
    until = counted + span
    for pause in _over(pauses):
        since, resumed = max(pause.since, counted), pause.until
        if resumed is None or resumed <= since or since >= until:
            continue
        match pause.clock:
            case "keep counting":
                pass
            case "active only":
                until += resumed - since
            case "restart":
                until = resumed + span
    return until


def reaches(instant: datetime, since: datetime, pauses: Sequence[Pause]) -> datetime:
    """When a day of the journey comes that counts from `since`: only active time counts, with `restart`, too.

    A day of the journey has no beginning of its own that it could be counted anew from.
    """
    for pause in _over(pauses):
        began, resumed = max(pause.since, since), pause.until
        if pause.clock != "keep counting" and resumed is not None and began < resumed and began < instant:
            instant += resumed - began
    return instant


def _over(pauses: Sequence[Pause]) -> list[Pause]:
    return sorted(pauses, key=lambda pause: pause.since)
