"""What is wrong with a draft, and what is only unwise? All that the files of journeys can be told before they run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.definition_check import read_definition
from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.errors import Faulty, NotFound
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_check import find_faults, read_journey
from leadloom.domain.journeys.lint import advise
from leadloom.domain.mails.template import TemplateBody
from leadloom.domain.model import Value
from leadloom.mail.building import check_template
from leadloom.runtime import catalog
from leadloom.runtime.draft_letters import lint_drafts
from leadloom.runtime.publishing import Drafts, placed, read_folder, terms_of


class Finding(Value):
    """One thing to look at."""

    journey: str
    level: Literal["fault", "advice"]
    """A fault keeps the draft from being published; advice doesn't."""
    place: str
    """File and line, or the mail."""
    words: str
    """What, and what to do."""


def lint_journeys(only: str | None = None) -> list[Finding]:
    """What is to be said about the drafts of journeys as data, each by itself. Raises NotFound, Faulty (definition)."""
    paths = [path for path in catalog.journey_files() if only in (None, path.stem)]
    if not paths and only is not None:
        raise NotFound("draft of a journey as data", only)
    definition = read_definition(_text(catalog.DEFINITION))
    return [finding for path in paths for finding in _lint(path, definition)]


def _lint(path: Path, definition: Definition) -> Iterator[Finding]:
    draft, name = _text(path), path.stem
    try:
        journey = read_journey(draft)
    except Faulty as faulty:
        yield from _told(name, faulty.faults)
        return
    if journey.name != name:
        yield Finding(
            journey=name, level="fault", place=draft.place(("name",)), words=f"It says {journey.name}: name it {name}."
        )
        return
    mails = {folder.name for folder in catalog.mail_folders(name)}
    faults = find_faults(journey, definition, mails, catalog.custom_steps())
    yield from _placed(draft, name, "fault", faults)
    templates, told, advice = _templates(journey, definition)
    yield from _told(name, told)
    yield from _told(name, advice, level="advice")
    if not faults and not told:
        # What the drafts' letters would say can only be judged of sound ones.
        yield from _told(name, lint_drafts(Drafts(definition, (journey,), (), templates)))
        yield from _placed(draft, name, "advice", advise(journey, definition))


def _templates(
    journey: Journey, definition: Definition
) -> tuple[dict[tuple[str, str], TemplateBody], list[str], list[str]]:
    """The mails as they would be published, what is wrong with them, and what is unwise."""
    classes = {letter.mail: letter.mail_class for step in journey.steps for letter in step.letters(journey)}
    layout = read_folder(catalog.TEMPLATES / "_layout")
    built: dict[tuple[str, str], TemplateBody] = {}
    faults: list[str] = []
    advice: list[str] = []
    for folder in catalog.mail_folders(journey.name):
        place = str(folder.relative_to(catalog.ROOT))
        terms = terms_of(definition, classes.get(folder.name), journey.values)
        try:
            made = check_template(read_folder(folder), layout, terms, name=place)
        except Faulty as faulty:
            faults += [placed(place, fault) for fault in faulty.faults]
            continue
        built[journey.name, folder.name] = made.body
        advice += [placed(place, each) for each in made.advice]
    return built, faults, advice


def _told(journey: str, faults: Sequence[str], *, level: Literal["fault", "advice"] = "fault") -> Iterator[Finding]:
    """Faults that are words already, each with its place before the first `: `."""
    for fault in faults:
        place, _, words = fault.partition(": ")
        yield Finding(journey=journey, level=level, place=place, words=words)


def _placed(
    draft: DraftText, journey: str, level: Literal["fault", "advice"], faults: Sequence[Fault]
) -> Iterator[Finding]:
    for fault in sorted(faults, key=lambda each: (draft.line(each.path), each.words)):
        yield Finding(journey=journey, level=level, place=draft.place(fault.path), words=fault.words)


def _text(path: Path) -> DraftText:
    return DraftText(str(path.relative_to(catalog.ROOT)), path.read_text(encoding="utf-8"))
