"""How drafts become what runs and lanes read: every file is checked, then stored immutably by content hash (law 9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.definition_check import read_definition
from leadloom.domain.definitions.draft_faults import in_words
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.errors import Faulty
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_check import find_faults, read_journey
from leadloom.domain.journeys.journeys_check import faults_between
from leadloom.domain.mails.template import TemplateBody
from leadloom.domain.model import Value
from leadloom.domain.standing import CodeEntry
from leadloom.mail.render import build_template
from leadloom.runtime import catalog
from leadloom.store import publications, published
from leadloom.store.db import Db

HAND_OFF = "hand-off"
"""The folder of the notices that owners get: no journey, but mails all the same."""
TASK = "task"
"""The folder of the notice about something an owner is asked to do."""


@dataclass(frozen=True)
class Drafts:
    """Everything the files say, checked."""

    definition: Definition
    journeys: tuple[Journey, ...]
    code: tuple[CodeEntry, ...]
    templates: Mapping[tuple[str, str], TemplateBody]
    """By (journey, mail)."""


class Published(Value):
    """How many things are in force after a publish."""

    definition_version: int
    journeys: int
    templates: int


def read_drafts() -> Drafts:
    """Read and check every draft. Raises Faulty with all faults of all files, each with its place and remedy."""
    faults: list[str] = []
    definition = read_definition(_text(catalog.DEFINITION))
    journeys = [journey for path in catalog.journey_files() if (journey := _journey(path, definition, faults))]
    code = catalog.code_entries()
    faults += faults_between(journeys, [entry.name for entry in code])
    templates = _templates(definition, journeys, code, faults)
    if faults:
        raise Faulty("The drafts", faults)
    return Drafts(definition, tuple(journeys), tuple(code), templates)


async def publish_all(db: Db, *, at: datetime, by: str, drafts: Drafts | None = None) -> Published:
    """Publish what changed. Twice is once: the same content has the same hash, and the one in force stays in force.

    Runs under way finish on the version they began with; to move them, publish one journey (`live_edits`).
    """
    drafts = drafts or read_drafts()
    async with db.transaction() as tx:
        await published.publish_definition(tx, drafts.definition, at=at, by=by)
        for (journey, mail), body in drafts.templates.items():
            await published.publish_template(tx, journey, mail, body, at=at, by=by)
        for journey in drafts.journeys:
            await publications.publish(tx, journey, publications.FINISH, at=at, by=by)
        for entry in drafts.code:
            await published.publish_code_journey(tx, entry, at=at, by=by)
        version = (await published.book(tx)).definition_version
    return Published(
        definition_version=version,
        journeys=len(drafts.journeys) + len(drafts.code),
        templates=len(drafts.templates),
    )


def _text(path: Path) -> DraftText:
    return DraftText(str(path.relative_to(catalog.ROOT)), path.read_text(encoding="utf-8"))


def _journey(path: Path, definition: Definition, faults: list[str]) -> Journey | None:
    draft = _text(path)
    try:
        journey = read_journey(draft)
    except Faulty as faulty:
        faults += faulty.faults
        return None
    if journey.name != path.stem:
        faults.append(
            f"{draft.place(('name',))}: It says {journey.name}, and is called like its file. Name it {path.stem}."
        )
    mails = {folder.name for folder in catalog.mail_folders(journey.name)}
    faults += in_words(draft, find_faults(journey, definition, mails, catalog.custom_steps()))
    return journey


def _templates(
    definition: Definition, journeys: list[Journey], code: list[CodeEntry], faults: list[str]
) -> dict[tuple[str, str], TemplateBody]:
    known = {HAND_OFF, TASK, *(journey.name for journey in journeys), *(entry.name for entry in code)}
    classes = {
        (journey.name, letter.mail): letter.mail_class
        for journey in journeys
        for step in journey.steps
        for letter in step.letters(journey)
    }
    layout = read_folder(catalog.TEMPLATES / "_layout")
    events = frozenset(definition.events)
    built: dict[tuple[str, str], TemplateBody] = {}
    for name in catalog.journey_folders():
        if name not in known:
            faults.append(f"templates/journeys/{name}: no journey is called so; rename or remove the folder")
        for folder in catalog.mail_folders(name):
            try:
                built[name, folder.name] = build_template(
                    read_folder(folder),
                    layout,
                    letter="notice" if name == HAND_OFF else "letter",
                    name=str(folder.relative_to(catalog.ROOT)),
                    mail_class=classes.get((name, folder.name)),
                    events=events,
                )
            except Faulty as faulty:
                faults += [f"{faulty.what}/{fault}" for fault in faulty.faults]
    return built


def read_folder(folder: Path) -> dict[str, str]:
    """The text files of a folder, by name."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()) if path.is_file()}
