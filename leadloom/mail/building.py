"""Does a folder of files make a mail? Puts bodies into their layout and says everything that is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, cast

from leadloom.domain.errors import Faulty
from leadloom.domain.mails.language import DEFAULT
from leadloom.domain.mails.template import MailValues, TemplateBody, Wording
from leadloom.domain.mails.variables import Variable, worded
from leadloom.domain.model import Json, Value
from leadloom.mail import inheritance, sheet
from leadloom.mail.client_lint import lint_sources
from leadloom.mail.contrast import unreadable
from leadloom.mail.layout import inline
from leadloom.mail.layout_words import WORDS_FILE, layout_words, say
from leadloom.mail.parts import Said, blocks_differ, languages_differ, once, parts_differ, read_all, samples_fail
from leadloom.mail.render import render
from leadloom.mail.samples import SAMPLE_URLS, SAMPLE_ZONE, sample_values
from leadloom.mail.sandbox import Kind
from leadloom.mail.template_check import TAKEN, File, read, syntax_fault

LARGEST_HTML = 100_000
"""Bytes: Gmail clips what is longer (mail.md §1)."""

_WHO_AND_WHY = {"company.postal_address", "why_you_get_this"}
_VARIANT = re.compile(r"(?:subject|preheader|body)\.([a-z]{2})\.(?:txt|html)")


class Built(NamedTuple):
    """A template that may be published, and what is unwise about it."""

    body: TemplateBody
    advice: tuple[str, ...]
    """Each with its file, line and remedy; nothing of it keeps the template from being published."""


class Terms(Value):
    """What a template is checked against."""

    language: str = DEFAULT
    """Of the files that name none."""
    mail_class: str | None = None
    """Also check that it fits mail of this class."""
    events: frozenset[str] | None = None
    """Also check that the events it names exist."""
    journey_values: Mapping[str, Json] | None = None
    """What its journey says; also check that the values it takes from there are there."""


def build_template(
    files: Mapping[str, str],
    layout: Mapping[str, str],
    *,
    letter: str = "letter",
    name: str = "The template",
    mail_class: str | None = None,
    events: frozenset[str] | None = None,
) -> TemplateBody:
    """Check a template folder and put it into its layout, or say everything that is wrong with it.

    Args:
        files: `subject.txt`, `body.html`, `body.txt` and perhaps `preheader.txt` and `mail.yaml`, by file name; for
            each further language the same with its code, such as `body.de.html`.
        layout: The folder `_layout`, by file name; `letter.css` serves all of its letters.
        letter: Which layout the bodies go into when `mail.yaml` names none: `letter` for leads, `notice` for owners.
        name: What faults are told of, such as `templates/journeys/welcome-four-degrees/hello`.
        mail_class: Also check that it fits mail of this class.
        events: Also check that the events it names exist.

    Raises Faulty with file, line and remedy of each fault.
    """
    return check_template(files, layout, Terms(mail_class=mail_class, events=events), letter=letter, name=name).body


def check_template(
    files: Mapping[str, str],
    layout: Mapping[str, str],
    terms: Terms,
    *,
    letter: str = "letter",
    name: str = "The template",
) -> Built:
    """The same, with what is unwise. Raises Faulty."""
    settings, faults = sheet.read_sheet(files.get(sheet.FILE), TAKEN)
    folder = _Folder(files, layout, settings.layout or letter, settings, terms)
    faults += folder.look()
    if faults:
        raise Faulty(name, faults)
    body = folder.body()
    linted = lint_sources(folder.sources())
    faults = [*(body.misfits(terms.mail_class) if terms.mail_class else []), *_too_large(body), *linted.faults]
    if faults:
        raise Faulty(name, faults)
    styles = {file: text for file, text in folder.sources().items() if file.endswith(".css")}
    return Built(body, (*linted.advice, *unreadable(_filled(body, body.language), styles)))


@dataclass
class _Folder:
    """A template folder with the layout it is put into."""

    files: Mapping[str, str]
    layout: Mapping[str, str]
    letter: str
    settings: sheet.Sheet
    terms: Terms
    said: list[Said] = field(default_factory=list[Said])

    def look(self) -> list[str]:
        """Read each file in each language, and return what is wrong."""
        codes = sorted({found[1] for name in self.files if (found := _VARIANT.fullmatch(name))} - {self.own})
        faults = [fault for code in (self.own, *codes) for fault in self._missing(code)]
        faults += self._unknown_values()
        if faults:
            return faults
        faults = [fault for code in (self.own, *codes) for fault in self._read(code)]
        return faults or [fault for said in self.said[1:] for fault in languages_differ(said, self.said[0])]

    @property
    def own(self) -> str:
        """The language of files that name none."""
        return self.terms.language

    def _dot(self, code: str) -> str:
        return "" if code == self.own else f".{code}"

    def _missing(self, code: str) -> Iterable[str]:
        wanted = [f"subject{self._dot(code)}.txt", f"body{self._dot(code)}.html", f"body{self._dot(code)}.txt"]
        if code != self.own and "preheader.txt" in self.files:
            wanted.append(f"preheader{self._dot(code)}.txt")
        yield from (f"{name} is missing" for name in wanted if name not in self.files)
        for ending in (".html", ".txt"):
            parts, faults = inheritance.chain(self.letter, self.layout, ending)
            yield from faults if code == self.own else ()
            if parts and code == self.own and not faults:
                yield from inheritance.fill(inheritance.take_apart("", ""), parts)[1]

    def _unknown_values(self) -> Iterable[str]:
        known, text = self.terms.journey_values, self.files.get(sheet.FILE, "")
        for name, variable in self.settings.variables.items():
            match variable.source:
                case ("journey", value) if known is not None and value not in known:
                    line = sheet.line_of(text, "variables", name)
                    said = ", ".join(sorted(known)) or "none"
                    yield f"{sheet.FILE}:{line}: {name}: its journey has no value {value}; it has {said}"
                case _:
                    pass

    def _read(self, code: str) -> list[str]:
        """Put it together in that language; a syntax fault is told of its file before anything else is."""
        dot = self._dot(code)
        names = (f"subject{dot}.txt", f"preheader{dot}.txt", f"body{dot}.html", f"body{dot}.txt")
        alone = [File(name, self.files.get(name, ""), "html" if name.endswith("html") else "text") for name in names]
        layouts, faults = self._spoken(code)
        if faults := [*faults, *(fault for file in [*alone, *layouts] if (fault := syntax_fault(file)))]:
            return faults
        said = Said(code, head=alone[:2])
        said.html, html_faults = self._whole(alone[2], ".html", layouts)
        said.text, text_faults = self._whole(alone[3], ".txt", layouts)
        faults = [*html_faults, *text_faults, *blocks_differ(said)]
        variables = frozenset(self.settings.variables)
        said.used = {
            "head": read_all(said.head, self.terms.events, variables),
            "html": read(said.html, self.terms.events, variables),
            "text": read(said.text, self.terms.events, variables),
        }
        self.said.append(said)
        faults += [fault for part in said.used.values() for fault in part.faults]
        files = [*said.head, said.html, said.text]
        return faults or [*samples_fail(files, self.values(code)), *parts_differ(said)]

    def _spoken(self, code: str) -> tuple[list[File], list[str]]:
        """The layouts it may go into, with their own words in that language."""
        words, faults = layout_words(self.layout, code)
        spoken: list[File] = []
        for ending, kind in ((".html", "html"), (".txt", "text")):
            for part in inheritance.chain(self.letter, self.layout, ending)[0]:
                name = part.file.removeprefix("_layout/")
                source, unsaid = say(self.layout[name], words, code)
                faults += [f"{part.file}:{line}: {WORDS_FILE} has no {key} in {code}; add it" for line, key in unsaid]
                spoken.append(File(part.file, source, cast("Kind", kind)))
        return spoken, faults

    def _whole(self, body: File, ending: str, layouts: Sequence[File]) -> tuple[File, list[str]]:
        sources = {file.name.removeprefix("_layout/"): file.source for file in layouts if file.name.endswith(ending)}
        parts, faults = inheritance.chain(self.letter, sources, ending)
        apart = inheritance.take_apart(body.name, body.source)
        if faults := [*faults, *apart.faults]:
            return body, faults
        whole, faults = inheritance.fill(apart, parts)
        return File(body.name, whole.source, body.kind, whole), faults

    def values(self, code: str) -> tuple[MailValues, ...]:
        """The samples: one knows a value of each variable's type, the other reads the defaults."""
        known, unknown = sample_values()
        told = {name: variable.example for name, variable in self.settings.variables.items()}
        return (
            known.model_copy(update={"variables": _worded(self.settings.variables, told, code), "language": code}),
            unknown.model_copy(update={"variables": _worded(self.settings.variables, {}, code), "language": code}),
        )

    def sources(self) -> dict[str, str]:
        """The files that lints look at, by the name faults say; layouts and style sheets too."""
        used = {file for said in self.said for whole in (said.html, said.text) for file in _files_of(whole)}
        bodies = {name: text for name, text in self.files.items() if name.startswith("body")}
        layouts = {f"_layout/{name}": text for name, text in self.layout.items() if f"_layout/{name}" in used}
        return {**bodies, **layouts, **{f"_layout/{name}": self.layout[name] for name in self.sheets()}}

    def sheets(self) -> list[str]:
        """Style sheets of its layouts: `letter.css` and, nearer ones last, those called like a layout."""
        chain = inheritance.chain(self.letter, self.layout, ".html")[0]
        own = [part.file.removeprefix("_layout/").replace(".html", ".css") for part in reversed(chain)]
        return [name for name in once(["letter.css", *own]) if name in self.layout]

    def body(self) -> TemplateBody:
        """The published template. Call after `look` found nothing."""
        own, *others = self.said
        parts = [own.used[part] for part in ("head", "html", "text")]
        used = set[str].intersection(*(said.used[part].names for said in self.said for part in ("html", "text")))
        return TemplateBody(
            **self._wording(own).model_dump(),
            language=self.own,
            others={said.language: self._wording(said) for said in others},
            variables={name: self._known(each) for name, each in self.settings.variables.items()},
            links=own.all_links(),
            answers=once([event for part in parts for event in part.answers]),
            tells=once([event for said in self.said for part in said.used.values() for event in part.tells]),
            says_how_to_stop="unsubscribe_url" in used,
            says_who_and_why=used >= _WHO_AND_WHY,
            for_owner=any(part.names & {"hand_off", "review", "task", "reply", "news"} for part in parts),
            about_review=any("review" in part.names for part in parts),
            about_task=any("task" in part.names for part in parts),
            about_reply=any("reply" in part.names for part in parts),
            about_news=any("news" in part.names for part in parts),
        )

    def _known(self, variable: Variable) -> Variable:
        """What its journey says is known when it is published: that is its value for everybody."""
        match variable.source:
            case ("journey", name):
                said = (self.terms.journey_values or {}).get(name, variable.default)
                return variable.model_copy(update={"default": said, "from_": None})
            case _:
                return variable

    def _wording(self, said: Said) -> Wording:
        css = "\n".join(self.layout[name] for name in self.sheets())
        subject, preheader = said.head
        return Wording(
            subject=subject.source.strip(),
            preheader=preheader.source.strip(),
            html=inline(said.html.source, css),
            text=said.text.source,
            passages=tuple({**said.used["head"].passages, **said.used["html"].passages}.items()),
        )


def _files_of(file: File) -> set[str]:
    return {piece.file for piece in file.whole.pieces} if file.whole else {file.name}


def _too_large(body: TemplateBody) -> Iterable[str]:
    for language in body.languages:
        size = len(_filled(body, language).encode())
        if size >= LARGEST_HTML:
            name = "body.html" if language == body.language else f"body.{language}.html"
            yield f"{name}:1: the HTML part has {size} bytes; Gmail clips mail of {LARGEST_HTML} and more"


def _filled(body: TemplateBody, language: str) -> str:
    """The page for somebody who told us everything, each variable at its default."""
    values = sample_values()[0].model_copy(update={"language": language})
    return render(body, values, urls=SAMPLE_URLS).html


def _worded(variables: Mapping[str, Variable], told: Mapping[str, Json], language: str) -> dict[str, str]:
    return {
        name: worded(variable, told.get(name), language=language, zone=SAMPLE_ZONE)
        for name, variable in variables.items()
    }
