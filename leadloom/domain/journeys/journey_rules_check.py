"""Are the rules around a journey's steps sound: people, ways in and out, group, streams, promises?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.definitions.draft_text import Path
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.conditions import everything_in
from leadloom.domain.journeys.journey import END, Entry, Journey
from leadloom.domain.journeys.journey_days import days_of
from leadloom.domain.journeys.recurring import wrong_with
from leadloom.domain.journeys.steps.checked import Checked, unknown
from leadloom.domain.journeys.steps.stream import StreamStep
from leadloom.domain.lead import Account, Lead
from leadloom.domain.mails.windows import is_zone

_NO_DATES = (frozenset(Lead.model_fields) | frozenset(Account.model_fields)) - {"created_at"}
"""Names of columns: a date that leads have is told under a name of its own."""
MOST_IN_A_STREAM = 200
"""Mails of one stream: more is a library, not an order somebody has thought about."""


def find_faults(checked: Checked) -> Iterator[Fault]:
    """All faults that stand beside the steps."""
    yield from _people(checked)
    yield from _entry(checked)
    yield from _exits(checked)
    yield from _group(checked.journey)
    yield from _streams(checked.journey)
    yield from _promises(checked)


def _people(checked: Checked) -> Iterator[Fault]:
    """Who answers and signs, and the track."""
    journey, definition = checked.journey, checked.definition
    yield from unknown(("owner",), [journey.owner], [entry.handle for entry in definition.owners], "owner")
    yield from checked.person(("sender",), journey.sender)
    yield from unknown(("track",), [journey.track], definition.tracks, "track")
    yield from unknown(("topic",), [journey.topic] if journey.topic else [], definition.mail.topics, "topic")


def _entry(checked: Checked) -> Iterator[Fault]:
    enter, definition = checked.journey.enter, checked.definition
    path: Path = ("enter", "events")
    yield from unknown(path, enter.events, definition.events, "event")
    yield from unknown(("enter", "stages"), enter.stages, [stage.name for stage in definition.stages], "stage")
    ways_in = (enter.events, enter.stages, enter.date, enter.every, enter.holds)
    if not any(ways_in) and not enter.by_hand:
        yield Fault(path=path, words="No event is named, and nothing else lets leads in. Name at least one.")
    if enter.data is not None and not enter.events:
        yield Fault(path=("enter", "data"), words="`data` goes with `events`. Name the event.")
    if enter.key is not None and not enter.events:
        yield Fault(path=("enter", "key"), words="`key` names a value of an event. Name the event.")
    if enter.rest is not None and enter.again != "after exit":
        yield Fault(path=("enter", "rest"), words="`rest` goes with `again: after exit`. Say so or take it out.")
    if enter.who != "from now on" and enter.date is None and enter.holds is None:
        yield Fault(path=("enter", "who"), words="`who` goes with `holds` or `date`. Say one or take it out.")
    yield from _counted(enter)
    yield from _watched(enter)
    yield from _every(enter)
    yield from _armless(enter)


def _armless(enter: Entry) -> Iterator[Fault]:
    """A campaign asks these before a run has an arm."""
    whom = None if enter.every is None else enter.every.whom
    for path, condition in ((("when",), enter.when), (("holds",), enter.holds), (("every", "whom"), whom)):
        if condition is not None and any(one.arm is not None for one in everything_in(condition)):
            words = "Nobody has an arm before they are in: ask for `arm` in a branch."
            yield Fault(path=("enter", *path), words=words)


def _counted(enter: Entry) -> Iterator[Fault]:
    """A limit of runs that lets nobody in, or that `again` keeps already."""
    if enter.at_most is None:
        return
    path: Path = ("enter", "at_most")
    if enter.at_most.count < 1 or (enter.at_most.within is not None and enter.at_most.within <= timedelta()):
        yield Fault(path=path, words="Say how many runs at most (1 or more), in a span that lasts.")
    comes_anew = enter.date is not None or enter.every is not None or enter.key is not None
    if enter.again == "never" and not comes_anew:
        yield Fault(path=path, words="`again: never` lets each lead in once anyway. Say `again: after exit`.")


def _every(enter: Entry) -> Iterator[Fault]:
    """A recurrence that never comes round, or on nobody's clock."""
    if enter.every is None:
        return
    if (wrong := wrong_with(enter.every)) is not None:
        yield Fault(path=("enter", "every", wrong[0]), words=wrong[1])
    if enter.every.zone is not None and not is_zone(enter.every.zone):
        words = f"There is no time zone {enter.every.zone}. Write one such as Europe/Berlin."
        yield Fault(path=("enter", "every", "zone"), words=words)


def _watched(enter: Entry) -> Iterator[Fault]:
    """Ways in that a sweep watches all leads for."""
    if enter.date is not None and enter.date.before is not None and enter.date.after is not None:
        yield Fault(path=("enter", "date"), words="`before` and `after` exclude each other. Take one out.")
    if enter.date is not None and enter.date.field in _NO_DATES:
        words = (
            f"{enter.date.field} holds no date. Name one that forms, imports or journeys tell, such as renewal_date."
        )
        yield Fault(path=("enter", "date", "field"), words=words)
    asked: list[tuple[Path, Condition]] = [] if enter.holds is None else [(("enter", "holds"), enter.holds)]
    asked += [] if enter.every is None else [(("enter", "every", "whom"), enter.every.whom)]
    for path, condition in asked:
        for one in everything_in(condition):
            if one.event is not None and one.within is None:
                words = f"Nobody has entered yet: say `within` for {one.event}, such as 90d."
                yield Fault(path=path, words=words)


def _exits(checked: Checked) -> Iterator[Fault]:
    """What ends a run early."""
    journey, events = checked.journey, checked.definition.events
    yield from unknown(("goal",), journey.goal, events, "event")
    for index, rule in enumerate(journey.exit):
        path: Path = ("exit", index, "events")
        yield from unknown(path, rule.events, events, "event")
        if not rule.events and rule.when is None:
            yield Fault(path=path, words="No event is named. Name at least one, or say `when`.")
        if rule.of == "company" and not rule.events:
            yield Fault(
                path=("exit", index, "of"), words="What holds is asked of the lead. `of: company` needs `events`."
            )
        if rule.events and rule.when is not None:
            yield Fault(path=path, words="A rule acts by events or by `when`. Make it two rules.")
    if not journey.exit and not journey.goal and journey.goal_when is None:
        yield Fault(path=(), words="Nothing ends a run early. Add `exit` (such as unsubscribed) or a `goal`.")


def _group(journey: Journey) -> Iterator[Fault]:
    exclusive = journey.exclusive
    if exclusive is None:
        return
    path: Path = ("exclusive", "at_most")
    if exclusive.when_busy == "wait" and exclusive.at_most is None:
        yield Fault(path=path, words="A lead that waits its turn waits with an end. Say `at_most`.")
    if exclusive.when_busy != "wait" and exclusive.at_most is not None:
        yield Fault(path=path, words="`at_most` goes with `when_busy: wait`. Say so or take it out.")


def _streams(journey: Journey) -> Iterator[Fault]:
    used = {step.from_ for step in journey.steps if isinstance(step, StreamStep)}
    for name, items in journey.streams.items():
        path: Path = ("streams", name)
        if name not in used:
            yield Fault(path=path, words=f"No step sends from {name}. Add a `stream` step or take it out.")
        if len(items) > MOST_IN_A_STREAM:
            yield Fault(path=path, words=f"{len(items)} mails are more than {MOST_IN_A_STREAM}. Make it two streams.")
        for mail, number in Counter(item.mail for item in items).items():
            if number > 1:
                yield Fault(path=path, words=f"The mail {mail} stands here twice, and goes once. Take one out.")


def _promises(checked: Checked) -> Iterator[Fault]:
    promises = checked.journey.promises
    if promises is None:
        return
    stages = [stage.name for stage in checked.definition.stages]
    yield from unknown(("promises", "never_after"), promises.never_after, stages, "stage")
    if promises.at_most is not None and (promises.at_most.count < 0 or promises.at_most.within <= timedelta()):
        yield Fault(path=("promises", "at_most"), words="Say how many at most (0 or more), in a span that lasts.")
    if promises.ends_within is not None:
        yield from _ends_too_late(checked.journey, promises.ends_within)


def _ends_too_late(journey: Journey, most: timedelta) -> Iterator[Fault]:
    """The first step that some run reaches after the promised end; dates of leads are for the search to find."""
    if most <= timedelta():
        yield Fault(path=("promises", "ends_within"), words="A run lasts longer than nothing. Say a span.")
        return
    last = most / timedelta(days=1)
    days = days_of(journey)
    late = next((step.id for step in journey.steps if step.id in days and days[step.id].latest > last), None)
    late = late or (END if END in days and days[END].latest > last else None)
    if late is not None:
        path: Path = ("promises", "ends_within") if late == END else ("steps", journey.index(late))
        words = f"A run may come to {late} on day {days[late].latest:.3g}, and was promised to end by day {last:.3g}."
        yield Fault(path=path, words=f"{words} Shorten a wait before it, or promise more.")
