"""Can this form be shown, and does what it asks and records exist? If not: every fault, with its line and remedy."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TypeVar

from pydantic import ValidationError

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.draft_faults import Fault, faults_of, in_words, repeated, unknown
from leadloom.domain.definitions.draft_text import DraftText, Path
from leadloom.domain.definitions.programmes import TOLD_AS
from leadloom.domain.errors import Faulty
from leadloom.domain.intake.form import Form, FormParts, Words
from leadloom.domain.intake.told import MOST_ATTRIBUTES
from leadloom.domain.model import Value

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_FRAME = re.compile(
    r"https://(\*\.)?([a-z0-9-]+\.)+[a-z][a-z0-9-]*(:\d{1,5})?|http://(localhost|127\.0\.0\.1)(:\d{1,5})?"
)
_REDIRECT = re.compile(r"/(?![/\\])[^\s\\]*|https://([a-z0-9-]+\.)+[a-z][a-z0-9-]*(:\d{1,5})?/[^\s\\]*")
_OURS = re.compile(
    r"consent(\..*)?|began|once|next|reader|reading|lang|figures|framed|shown_on|fax_number|team|utm_.*|campaign"
)
"""What our own forms post beside their fields."""

V = TypeVar("V", bound=Value)


def read_parts(draft: DraftText) -> FormParts:
    """What all forms share. Raises Faulty."""
    parts = _read(FormParts, draft)
    faults = [
        Fault(path=("fields", name), words=f"`{name}` is a name that forms use themselves: take another.")
        for name in parts.fields
        if _OURS.fullmatch(name) or not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name)
    ]
    faults += [
        Fault(path=("fields", name, "choices"), words="A field of type choice offers some: add them.")
        for name, field in parts.fields.items()
        if field.type == "choice" and not field.choices
    ]
    if faults:
        raise Faulty(draft.name, in_words(draft, faults))
    return parts


def read_form(draft: DraftText, parts: FormParts, *, name: str) -> Form:
    """The form of that name as its file writes it. Raises Faulty with everything that keeps it from being shown."""
    draft.data.setdefault("name", name)
    form = _read(Form, draft)
    if faults := list(_faults(form, parts, name)):
        raise Faulty(draft.name, in_words(draft, faults))
    return form


def find_faults(form: Form, definition: Definition) -> list[Fault]:
    """What of a sound form the definition doesn't know, or doesn't allow."""
    faults = [
        *unknown(("event",), form.event, definition.events, "event"),
        *unknown(("source",), form.source, definition.sources, "source"),
    ]
    if (programme := form.tells.get(TOLD_AS)) is not None:
        faults += unknown(("tells", TOLD_AS), programme, definition.programmes, "programme")
    for index, consent in enumerate(form.consents):
        for path, text in _texts(("consents", index, "box"), consent.box):
            if definition.company.name not in text:
                words = f"The sentence says who may write: name {definition.company.name} in it."
                faults.append(Fault(path=path, words=words))
    return faults


def _read(kind: type[V], draft: DraftText) -> V:
    try:
        return kind.model_validate(draft.data)
    except ValidationError as error:
        raise Faulty(draft.name, in_words(draft, faults_of(error))) from error


def _faults(form: Form, parts: FormParts, name: str) -> Iterator[Fault]:
    if form.name != name or not NAME.fullmatch(name):
        words = f"It says {form.name}, and is called like its file, in small letters, digits and hyphens: {name}."
        yield Fault(path=("name",), words=words)
    yield from _faults_of_asks(form, parts)
    for place, language in enumerate(form.languages):
        yield from unknown(("languages", place), language, parts.words, "language in _shared.yaml")
    yield from repeated(("languages",), form.languages, "language")
    for path, words in _all_words(form, parts):
        yield from _unsaid(path, words, form.languages)
    yield from repeated(("consents",), [consent.purpose for consent in form.consents], "purpose")
    for place, frame in enumerate(form.frames):
        if not _FRAME.fullmatch(frame):
            words = f"`{frame}` is no site: write https://kelvance.example or https://*.kelvance.example."
            yield Fault(path=("frames", place), words=words)
    for place, start in enumerate(form.redirects):
        if not _REDIRECT.fullmatch(start):
            words = f"`{start}` leaves open where it leads: write /m/ or https://kelvance.example/, with the slash."
            yield Fault(path=("redirects", place), words=words)
    if len(form.keeps) + len(form.asks) > MOST_ATTRIBUTES:
        yield Fault(path=("keeps",), words=f"A lead keeps at most {MOST_ATTRIBUTES} things of one form: ask less.")


def _faults_of_asks(form: Form, parts: FormParts) -> Iterator[Fault]:
    yield from repeated(("asks",), form.fields, "field")
    for place, question in enumerate(form.asks):
        yield from unknown(("asks", place, "field"), question.field, parts.fields, "field in _shared.yaml")
        if question.needed and form.ask_at_most is not None and place >= form.ask_at_most:
            words = f"It is needed and would wait behind {form.ask_at_most} others: move it up, or raise ask_at_most."
            yield Fault(path=("asks", place), words=words)
    if not any(question.field == "email" and question.needed for question in form.asks):
        yield Fault(path=("asks",), words="Nobody is known without an address: ask {field: email, needed: true}.")


def _all_words(form: Form, parts: FormParts) -> Iterator[tuple[Path, Words]]:
    yield ("title",), form.title
    yield ("says",), form.says
    yield ("button",), form.button
    yield ("thanks", "title"), form.thanks.title
    yield ("thanks", "says"), form.thanks.says
    for index, consent in enumerate(form.consents):
        yield ("consents", index, "box"), consent.box
    for place, question in enumerate(form.asks):
        if (field := parts.fields.get(question.field)) is not None:
            yield ("asks", place), field.label


def _unsaid(path: Path, words: Words, languages: Collection[str]) -> Iterator[Fault]:
    """A fault for each language of the form that a text lacks; one text for all is as good as the one language."""
    lacking = [language for language in languages if isinstance(words, dict) and not words.get(language, "").strip()]
    if isinstance(words, str) and len(languages) > 1:
        lacking = list(languages)[1:]
    if lacking or (isinstance(words, str) and not words.strip()):
        what = f"in {' and '.join(lacking)}" if lacking else "at all"
        yield Fault(path=path, words=f"Nothing is said here {what}: write it, or take the language out.")


def _texts(path: Path, words: Words) -> Iterator[tuple[Path, str]]:
    if isinstance(words, str):
        yield path, words
    else:
        for language, text in words.items():
            yield (*path, language), text
