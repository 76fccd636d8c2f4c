"""May this journey be published? Every fault of its text, its names, its ways and its mails, with place and remedy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import chain

from pydantic import ValidationError

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.draft_faults import Fault, faults_of, in_words
from leadloom.domain.definitions.draft_text import DraftText, Path
from leadloom.domain.errors import Faulty
from leadloom.domain.journeys.conditions import either, everything_in
from leadloom.domain.journeys.journey import (
    END,
    Branch,
    Condition,
    Go,
    HandOffStep,
    Journey,
    MailClass,
    Record,
    Send,
    Wait,
    WaitFor,
)
from leadloom.domain.journeys.journey_paths import (
    conditions_of,
    endless_loop,
    loop_without_wait,
    mailable,
    next_steps,
    reached,
)
from leadloom.domain.lead import BasisKind
from leadloom.domain.mails.sending import MARKETING, needed_basis

THE_LEADS_OWNER = "owner"
"""Stands for the lead's own owner where a step names a person."""


def read_journey(draft: DraftText) -> Journey:
    """The journey a draft says. Raises Faulty, with file, line and remedy of each fault, when it breaks the grammar."""
    try:
        return Journey.model_validate(draft.data)
    except ValidationError as error:
        faults = [Fault(path=_in_the_file(fault.path), words=fault.words) for fault in faults_of(error)]
        raise Faulty(draft.name, in_words(draft, faults)) from error


def check_journey(journey: Journey, definition: Definition, mails_present: Collection[str]) -> list[str]:
    """What keeps the journey from being published, each as `steps.3.mail: words`; empty when nothing does.

    Args:
        journey: As read.
        definition: The definition it would run under.
        mails_present: Folders below templates/journeys/<journey>/.
    """
    found = find_faults(journey, definition, mails_present)
    return [f"{'.'.join(str(part) for part in fault.path) or journey.name}: {fault.words}" for fault in found]


def find_faults(journey: Journey, definition: Definition, mails_present: Collection[str]) -> list[Fault]:
    """The same with paths, for `draft_faults.in_words`, which adds file and line."""
    if not journey.steps:
        return [Fault(path=("steps",), words="There is no step. Add one.")]
    return list(
        chain(
            _people(journey, definition),
            _kinds(journey, definition),
            _conditions(journey, definition),
            _steps(journey),
            _ways(journey),
            _mails(journey, definition, mails_present),
        )
    )


def _people(journey: Journey, definition: Definition) -> Iterator[Fault]:
    """Owners, the track and the hand-offs they are named for."""
    people = [entry.handle for entry in definition.owners]
    yield from _unknown(("owner",), [journey.owner], people, "owner")
    yield from _unknown(("sender",), [journey.sender], [*people, THE_LEADS_OWNER], "owner")
    yield from _unknown(("track",), [journey.track], definition.tracks, "track")
    for index, step in enumerate(journey.steps):
        if isinstance(step, Send):
            for name, handle in (("sender", step.sender), ("to", step.to)):
                named = [handle] if handle else []
                yield from _unknown(("steps", index, name), named, [*people, THE_LEADS_OWNER], "owner")
        if isinstance(step, HandOffStep):
            yield from _unknown(("steps", index, "kind"), [step.kind], definition.hand_offs, "hand-off kind")


def _kinds(journey: Journey, definition: Definition) -> Iterator[Fault]:
    """Event kinds, and whether something can let leads in and end the run early."""
    named: list[tuple[Path, tuple[str, ...]]] = [(("enter", "events"), journey.enter.events), (("goal",), journey.goal)]
    named += [(("exit", index, "events"), rule.events) for index, rule in enumerate(journey.exit)]
    for index, step in enumerate(journey.steps):
        if isinstance(step, WaitFor):
            named.append((("steps", index, "events"), step.events))
        if isinstance(step, Record):
            named.append((("steps", index, "event"), (step.event,)))
    for path, kinds in named:
        yield from _unknown(path, kinds, definition.events, "event")
        if not kinds and path != ("goal",):
            yield Fault(path=path, words="No event is named. Name at least one.")
    if not journey.exit and not journey.goal:
        yield Fault(path=(), words="Nothing ends a run early. Add `exit` (such as unsubscribed) or a `goal`.")


def _conditions(journey: Journey, definition: Definition) -> Iterator[Fault]:
    for path, condition in conditions_of(journey):
        for one in everything_in(condition):
            yield from _names_in(path, one, definition)
            yield from _grammar_of(path, one)


def _names_in(path: Path, condition: Condition, definition: Definition) -> Iterator[Fault]:
    letters = {*definition.fit.letters, "D"}
    digits = {*definition.engagement_digits, max(definition.engagement_digits, default=0) + 1}
    stages = [stage.name for stage in definition.stages]
    yield from _unknown(path, [condition.event] if condition.event else [], definition.events, "event")
    yield from _unknown(path, condition.stage or (), stages, "stage")
    yield from _unknown(path, condition.fit or (), letters, "fit letter")
    yield from _unknown(
        path, map(str, condition.engagement or ()), [str(digit) for digit in sorted(digits)], "engagement digit"
    )
    yield from _unknown(path, condition.recycled_for or (), definition.reject_reasons, "reject reason")
    yield from _unknown(path, [condition.basis] if condition.basis else [], [MARKETING], "purpose")


def _grammar_of(path: Path, condition: Condition) -> Iterator[Fault]:
    """What the types let through and no reader would understand."""
    if not condition.model_dump(exclude_none=True):
        yield Fault(path=path, words="The condition asks nothing and always holds. Say what it asks.")
    if condition.within is not None and condition.event is None:
        yield Fault(path=path, words="`within` goes with `event`. Name the event.")
    if condition.field is None and (condition.is_ is not None or condition.one_of is not None):
        yield Fault(path=path, words="`is` and `one_of` go with `field`. Name the field.")
    if condition.is_ is not None and condition.one_of is not None:
        yield Fault(path=path, words="`is` and `one_of` exclude each other. Take one out.")


def _steps(journey: Journey) -> Iterator[Fault]:
    """Ids and ends of waits."""
    ids = Counter(step.id for step in journey.steps)
    for index, step in enumerate(journey.steps):
        path: Path = ("steps", index, "id")
        if ids[step.id] > 1:
            yield Fault(path=path, words=f"Two steps are called {step.id}. Give each its own id.")
        if step.id == END:
            yield Fault(path=path, words=f"`{END}` is where a run is over. Call the step something else.")
        if isinstance(step, Wait) and not _has_one_end(step):
            yield Fault(path=path, words="A wait has one end: `for`, `to_day`, or `before` with `field`.")
        if isinstance(step, WaitFor) and (step.within is None) == (step.to_day is None):
            yield Fault(path=path, words="Waiting for events has one deadline: `within` or `to_day`.")
        if isinstance(step, Branch) and not step.cases:
            yield Fault(path=path, words="A branch without cases goes one way. Give it a case or make it a `go`.")
        if isinstance(step, Go) and step.visits is not None and step.visits < 1:
            yield Fault(path=path, words="`visits` is at least 1.")


def _has_one_end(step: Wait) -> bool:
    ends = [step.for_ is not None, step.to_day is not None, step.before is not None and step.field is not None]
    return ends.count(True) == 1 and (step.before is None) == (step.field is None)


def _ways(journey: Journey) -> Iterator[Fault]:
    ids = [step.id for step in journey.steps]  # in reading order, which is also how a fault offers them
    reachable = reached(journey)
    for index, step in enumerate(journey.steps):
        yield from _unknown(("steps", index), next_steps(journey, step), [*ids, END], "step")
        if step.id not in reachable:
            yield Fault(path=("steps", index), words=f"No run comes to {step.id}. Lead one there or take it out.")
    if endless := endless_loop(journey):
        yield Fault(
            path=("steps", journey.index(endless)),
            words=f"The loop through {endless} never ends. Go back by a `go` step with `visits`.",
        )
    if hasty := loop_without_wait(journey):
        yield Fault(
            path=("steps", journey.index(hasty)),
            words=f"The loop through {hasty} goes round in one instant. Put a wait into it.",
        )


def _mails(journey: Journey, definition: Definition, mails_present: Collection[str]) -> Iterator[Fault]:
    yield from _unknown(("class",), [journey.mail_class], definition.mail.classes, "message class")
    needed: set[str] = set()
    in_reach = mailable(journey, basis_possible=_basis_possible(definition))
    reachable = reached(journey)
    for index, step in enumerate(journey.steps):
        if not isinstance(step, Send):
            continue
        needed.add(step.mail)
        path: Path = ("steps", index, "mail")
        if step.mail not in mails_present:
            folder = f"templates/journeys/{journey.name}/{step.mail}"
            yield Fault(path=path, words=f"There is no mail {step.mail}. Write it in {folder}/.")
        yield from _unknown(
            path, [step.mail_class] if step.mail_class else [], definition.mail.classes, "message class"
        )
        yield from _class_faults(path, step, journey, definition, lost=step.id in reachable - in_reach)
    for mail in sorted(set(mails_present) - needed):
        yield Fault(path=(), words=f"No step sends the mail {mail}. Send it or delete its folder.")


def _class_faults(path: Path, step: Send, journey: Journey, definition: Definition, *, lost: bool) -> Iterator[Fault]:
    policy = definition.mail.classes.get(step.mail_class or journey.mail_class)
    if step.to is not None:
        if step.mail_class not in (None, MailClass.OWNER_NOTICE):
            yield Fault(path=path, words=f"A mail to an owner is of the class {MailClass.OWNER_NOTICE}.")
    elif policy is not None and policy.basis and lost:
        words = "A run comes here only without permission for marketing mail, so it never goes. Ask for `basis` before."
        yield Fault(path=path, words=words)


def _basis_possible(definition: Definition) -> bool:
    """Whether the definition lets any basis suffice for marketing mail, to anywhere."""
    if MailClass.MARKETING not in definition.mail.classes:
        return False
    countries = [country for row in definition.mail.basis for country in row.countries or ()]
    rows = [needed_basis(definition, MailClass.MARKETING, country) for country in (None, *countries)]
    return any(kinds is None or set(kinds) - {BasisKind.NONE, BasisKind.SERVICE} for kinds in rows)


def _unknown(path: Path, named: Iterable[str], known: Collection[str], noun: str) -> Iterator[Fault]:
    """A fault for each name that is none of the known ones."""
    known = list(known)
    for name in named:
        if name not in known:
            offer = f"Known: {either(known)}." if 0 < len(known) <= 12 else "The definition lists them."
            yield Fault(path=path, words=f"There is no {noun} {name}. {offer}")


def _in_the_file(path: Path) -> Path:
    """Pydantic names the kind of a step after its index; the file doesn't."""
    if len(path) > 2 and path[0] == "steps" and isinstance(path[1], int):
        return (*path[:2], *path[3:])
    return path
