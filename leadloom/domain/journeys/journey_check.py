"""May this journey be published? Every fault of its text, its names, its ways and its mails, with place and remedy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import timedelta
from itertools import chain
from typing import cast

from pydantic import ValidationError

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.draft_faults import Fault, faults_of, in_words
from leadloom.domain.definitions.draft_text import DraftText, Path
from leadloom.domain.errors import Faulty
from leadloom.domain.journeys import condition_check, field_check, journey_rules_check
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_paths import (
    conditions_of,
    endless_loop,
    loop_without_wait,
    mailable,
    next_steps,
    reached,
)
from leadloom.domain.journeys.steps.checked import Checked, Schemas, unknown
from leadloom.domain.journeys.steps.step import END, Acts
from leadloom.domain.lead import BasisKind
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.mails.sending import needed_basis

_OPENED = "mail_opened"


def read_journey(draft: DraftText) -> Journey:
    """The journey a draft says. Raises Faulty, with file, line and remedy of each fault, when it breaks the grammar."""
    try:
        return Journey.model_validate(draft.data)
    except ValidationError as error:
        faults = [Fault(path=_in_the_file(fault.path), words=fault.words) for fault in faults_of(error)]
        raise Faulty(draft.name, in_words(draft, faults)) from error


def check_journey(
    journey: Journey, definition: Definition, mails_present: Collection[str], custom_steps: Schemas | None = None
) -> list[str]:
    """What keeps the journey from being published, each as `steps.3.mail: words`; empty when nothing does.

    Args:
        journey: As read.
        definition: The definition it would run under.
        mails_present: Folders below templates/journeys/<journey>/.
        custom_steps: What its `call` steps may name; None for nothing.
    """
    found = find_faults(journey, definition, mails_present, custom_steps)
    return [f"{'.'.join(str(part) for part in fault.path) or journey.name}: {fault.words}" for fault in found]


def find_faults(
    journey: Journey, definition: Definition, mails_present: Collection[str], custom_steps: Schemas | None = None
) -> list[Fault]:
    """The same with paths, for `draft_faults.in_words`, which adds file and line."""
    if not journey.steps:
        return [Fault(path=("steps",), words="There is no step. Add one.")]
    checked = Checked(journey, definition, custom_steps or {})
    return list(
        chain(
            journey_rules_check.find_faults(checked),
            _events(checked),
            _openings(journey),
            *(condition_check.find_faults(path, condition, definition) for path, condition in conditions_of(journey)),
            _steps(checked),
            field_check.of_journey(journey, definition),
            _ways(journey),
            _mails(checked, mails_present),
        )
    )


def _events(checked: Checked) -> Iterator[Fault]:
    """Kinds of event that the steps name."""
    for index, step in enumerate(checked.journey.steps):
        for path, kinds in step.events_named():
            yield from unknown(("steps", index, *path), kinds, checked.definition.events, "event")


def _openings(journey: Journey) -> Iterator[Fault]:
    """An opening is a mail program's hint: whatever waits for one would wait for nobody, or act for a machine."""
    remedy = (
        f"{_OPENED} is a hint that decides nothing: mail programs open for people. Ask for link_clicked or a reply."
    )
    for path, told in _leaves((), journey.model_dump(mode="json", by_alias=True, exclude_defaults=True)):
        if told == _OPENED and {"events", "event", "goal"} & set(path):
            yield Fault(path=path, words=remedy)


def _leaves(path: Path, told: object) -> Iterator[tuple[Path, object]]:
    if isinstance(told, dict):
        for name, inside in cast("dict[str, object]", told).items():
            yield from _leaves((*path, name), inside)
    elif isinstance(told, list):
        for index, inside in enumerate(cast("list[object]", told)):
            yield from _leaves((*path, index), inside)
    else:
        yield path, told


def _steps(checked: Checked) -> Iterator[Fault]:
    """Ids, and what each step knows about itself."""
    ids = Counter(step.id for step in checked.journey.steps)
    for index, step in enumerate(checked.journey.steps):
        path: Path = ("steps", index, "id")
        if ids[step.id] > 1:
            yield Fault(path=path, words=f"Two steps are called {step.id}. Give each its own id.")
        if step.id == END:
            yield Fault(path=path, words=f"`{END}` is where a run is over. Call the step something else.")
        if isinstance(step, Acts) and step.expires is not None and step.expires <= timedelta():
            words = "It would have expired before any run comes to it. Give it a longer span."
            yield Fault(path=("steps", index, "expires"), words=words)
        for fault in step.faults(checked):
            yield Fault(path=("steps", index, *fault.path), words=fault.words)


def _ways(journey: Journey) -> Iterator[Fault]:
    ids = [step.id for step in journey.steps]  # in reading order, which is also how a fault offers them
    reachable = reached(journey)
    for index, step in enumerate(journey.steps):
        yield from unknown(("steps", index), next_steps(journey, step), [*ids, END], "step")
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


def _mails(checked: Checked, mails_present: Collection[str]) -> Iterator[Fault]:
    journey, definition = checked.journey, checked.definition
    yield from checked.mail_class(("class",), journey.mail_class)
    needed = {journey.preview.mail} if journey.preview else set[str]()
    for mail in sorted(needed - set(mails_present)):
        words = f"There is no mail {mail}. Write it in templates/journeys/{journey.name}/{mail}/."
        yield Fault(path=("preview", "mail"), words=words)
    in_reach = mailable(journey, basis_possible=_basis_possible(definition))
    reachable = reached(journey)
    for index, step in enumerate(journey.steps):
        for letter in step.letters(journey):
            needed.add(letter.mail)
            if letter.mail not in mails_present:
                folder = f"templates/journeys/{journey.name}/{letter.mail}"
                words = f"There is no mail {letter.mail}. Write it in {folder}/."
                yield Fault(path=("steps", index, "mail"), words=words)
        wants_basis = [
            one for one in step.letters(journey) if one.to is None and _asks_basis(one.mail_class, definition)
        ]
        if wants_basis and step.id in reachable - in_reach:
            words = "A run comes here only without permission for marketing mail, so it never goes."
            yield Fault(path=("steps", index, "mail"), words=f"{words} Ask for `basis` before.")
    for mail in sorted(set(mails_present) - needed):
        yield Fault(path=(), words=f"No step sends the mail {mail}. Send it or delete its folder.")


def _asks_basis(mail_class: str, definition: Definition) -> bool:
    policy = definition.mail.classes.get(mail_class)
    return policy is not None and policy.basis


def _basis_possible(definition: Definition) -> bool:
    """Whether the definition lets any basis suffice for marketing mail, to anywhere."""
    if MailClass.MARKETING not in definition.mail.classes:
        return False
    countries = [country for row in definition.consent.suffices for country in row.countries or ()]
    rows = [needed_basis(definition, MailClass.MARKETING, country) for country in (None, *countries)]
    return any(kinds is None or set(kinds) - {BasisKind.NONE, BasisKind.SERVICE} for kinds in rows)


def _in_the_file(path: Path) -> Path:
    """Pydantic names the kind of a step after its index; the file doesn't."""
    if len(path) > 2 and path[0] == "steps" and isinstance(path[1], int):
        return (*path[:2], *path[3:])
    return path
