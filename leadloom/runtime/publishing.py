"""How drafts become what runs and lanes read: every file is checked, then stored immutably by content hash (law 9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from leadloom.domain.consent.confirmation import unasked
from leadloom.domain.consent.wording import ConsentText
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.definition_check import read_definition
from leadloom.domain.definitions.draft_faults import in_words
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.errors import Conflict, Faulty
from leadloom.domain.intake.form import said
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_check import find_faults, read_journey
from leadloom.domain.journeys.journeys_check import faults_between
from leadloom.domain.mails.template import TemplateBody
from leadloom.domain.model import Json, Value
from leadloom.domain.standing import CodeEntry
from leadloom.mail.building import Terms, check_template
from leadloom.runtime import catalog
from leadloom.runtime.forms import FormFolder
from leadloom.store import audit, definition_drafts, publications, published
from leadloom.store.db import Db
from leadloom.store.tx import Tx

HAND_OFF = "hand-off"
"""The folder of the notices that owners get: no journey, but mails all the same."""
TASK = "task"
"""The folder of the notice about something an owner is asked to do."""
NEWS = "hand-off-news"
"""The folder of what tells of a hand-off whoever doesn't answer it."""
REPLY = "reply"
"""The folder of what passes a lead's answer on."""


@dataclass(frozen=True)
class Drafts:
    """Everything the files say, checked."""

    definition: Definition
    journeys: tuple[Journey, ...]
    code: tuple[CodeEntry, ...]
    templates: Mapping[tuple[str, str], TemplateBody]
    """By (journey, mail)."""
    advice: tuple[str, ...] = ()
    """What is unwise about the mails: each with its file, line and remedy. It keeps nothing from being published."""


class Published(Value):
    """How many things are in force after a publish."""

    definition_version: int
    journeys: int
    templates: int
    advice: tuple[str, ...] = ()


def read_drafts() -> Drafts:
    """Read and check every draft. Raises Faulty with all faults of all files, each with its place and remedy."""
    faults: list[str] = []
    definition = definition_draft()
    journeys = [journey for path in catalog.journey_files() if (journey := _journey(path, definition, faults))]
    code = catalog.code_entries()
    faults += faults_between(journeys, [entry.name for entry in code])
    templates, advice = _templates(definition, journeys, code, faults)
    if faults:
        raise Faulty("The drafts", faults)
    nobody_asks = unasked(definition, {event for one in journeys for event in one.enter.events})
    return Drafts(
        definition, tuple(journeys), tuple(code), templates, (*advice, *([nobody_asks] if nobody_asks else []))
    )


@dataclass(frozen=True)
class Governed:
    """Whether a changed definition may be published past those who govern it."""

    despite: str | None
    """Why it is all the same; None: it may not."""


async def publish_all(
    db: Db, *, at: datetime, by: str, drafts: Drafts | None = None, governed: Governed | None = None
) -> Published:
    """Publish what changed. Twice is once: the same content has the same hash, and the one in force stays in force.

    Runs under way finish on the version they began with; to move them, publish one journey (`live_edits`). A file that
    says what an earlier version said is no change: it was overtaken by a version that was approved. `governed` is who
    stands in production; development leaves it out. Raises Conflict for a changed definition there.
    """
    drafts = drafts or read_drafts()
    async with db.transaction() as tx:
        await _publish_definition(tx, drafts.definition, at=at, by=by, governed=governed)
        for (journey, mail), body in drafts.templates.items():
            await published.publish_template(tx, journey, mail, body, at=at, by=by)
        for journey in drafts.journeys:
            await publications.publish(tx, journey, publications.FINISH, at=at, by=by)
        for entry in drafts.code:
            await published.publish_code_journey(tx, entry, at=at, by=by)
        for name, text in _consent_texts():
            await published.publish_consent_text(tx, name, text, at=at, by=by)
        version = (await published.book(tx)).definition_version
    return Published(
        definition_version=version,
        journeys=len(drafts.journeys) + len(drafts.code),
        templates=len(drafts.templates),
        advice=drafts.advice,
    )


def definition_draft() -> Definition:
    """The definition as its file writes it. Raises Faulty."""
    return read_definition(_text(catalog.DEFINITION))


async def _publish_definition(
    tx: Tx, definition: Definition, *, at: datetime, by: str, governed: Governed | None
) -> None:
    versions = await definition_drafts.versions(tx, definition.name)
    content = definition_drafts.bare_hash(definition)
    # A file that says what the newest says, or what later versions overtook, changes nothing. In development a file
    # that goes back to what it said before is published again, unless somebody approved what is in force.
    is_overtaken = bool(versions) and (governed is not None or versions[0].draft_no is not None)
    looked = versions if is_overtaken else versions[:1]
    bodies = [await published.definition_of(tx, definition.name, one.version) for one in looked]
    is_known = content in {definition_drafts.bare_hash(body) for body in bodies}
    if is_known:
        return
    if versions and governed is not None:
        if governed.despite is None:
            raise Conflict(
                "definition.yaml says something else than the definition in force, which its governors change: "
                "`definitions propose --as YOU --why …`. To publish past them, say why with --ungoverned."
            )
        subject = f"definition {definition.name}"
        act = "published past the governors"
        await audit.note(tx, audit.Note(at=at, actor=by, action=act, subject=subject, why=governed.despite))
    await published.publish_definition(tx, definition, at=at, by=by)


def _consent_texts() -> Iterator[tuple[str, ConsentText]]:
    """(form/purpose/language, the sentence beside its box) of every form that can be shown."""
    for name, form in FormFolder().forms().by_name.items():
        for consent in form.consents:
            for language in form.languages:
                yield f"{name}/{consent.purpose}/{language}", ConsentText(says=said(consent.box, language))


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
) -> tuple[dict[tuple[str, str], TemplateBody], tuple[str, ...]]:
    known = {HAND_OFF, NEWS, TASK, REPLY, *(journey.name for journey in journeys), *(entry.name for entry in code)}
    classes = {
        (journey.name, letter.mail): letter.mail_class
        for journey in journeys
        for step in journey.steps
        for letter in step.letters(journey)
    }
    values = {journey.name: journey.values for journey in journeys}
    layout = read_folder(catalog.TEMPLATES / "_layout")
    built: dict[tuple[str, str], TemplateBody] = {}
    advice: list[str] = []
    for name in catalog.journey_folders():
        if name not in known:
            faults.append(f"templates/journeys/{name}: no journey is called so; rename or remove the folder")
        for folder in catalog.mail_folders(name):
            try:
                made = check_template(
                    read_folder(folder),
                    layout,
                    terms_of(definition, classes.get((name, folder.name)), values.get(name)),
                    letter="notice" if name == HAND_OFF else "letter",
                    name=str(folder.relative_to(catalog.ROOT)),
                )
            except Faulty as faulty:
                faults += [placed(faulty.what, fault) for fault in faulty.faults]
                continue
            built[name, folder.name] = made.body
            advice += [placed(str(folder.relative_to(catalog.ROOT)), each) for each in made.advice]
    return built, tuple(dict.fromkeys([*advice, *_unspoken(built)]))


def _unspoken(built: Mapping[tuple[str, str], TemplateBody]) -> Iterator[str]:
    """Mails of a journey that lack a language which others of it have: their readers get the mail's own."""
    for journey in dict.fromkeys(name for name, _ in built):
        mails = {mail: body for (name, mail), body in built.items() if name == journey}
        for language in sorted({each for body in mails.values() for each in body.others}):
            without = [mail for mail, body in mails.items() if language not in body.languages]
            if without:
                yield (
                    f"templates/journeys/{journey}: {len(mails) - len(without)} of {len(mails)} mails are written in"
                    f" {language}, and not {', '.join(without)}; add body.{language}.html and its companions, or their"
                    " readers get another language in between"
                )


def terms_of(definition: Definition, mail_class: str | None, values: Mapping[str, Json] | None) -> Terms:
    """What a mail of that class is checked against, in a journey that says these values."""
    language, events = definition.mail.languages.default, frozenset(definition.events)
    return Terms(language=language, mail_class=mail_class, events=events, journey_values=values or {})


def placed(folder: str, fault: str) -> str:
    """A fault with the whole path of its file: the mail's own, or the layout that it shares with others."""
    return f"templates/{fault}" if fault.startswith("_layout/") else f"{folder}/{fault}"


def read_folder(folder: Path) -> dict[str, str]:
    """The text files of a folder, by name."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()) if path.is_file()}
