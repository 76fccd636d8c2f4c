"""What does this lead read? Makes a published template of files, and a mail of a template and its facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from leadloom.domain.errors import Faulty
from leadloom.domain.mails.links import MailUrls, Signer
from leadloom.domain.mails.template import (
    CompanyWords,
    HandOffWords,
    LeadWords,
    MailValues,
    ReviewWords,
    SenderWords,
    TaskWords,
    TemplateBody,
)
from leadloom.domain.model import Json, MessageId, Value
from leadloom.mail.layout import BODY, inline, wrap
from leadloom.mail.sandbox import Kind, compiled
from leadloom.mail.template_check import File, Usage, line_of, read

LARGEST_HTML = 100_000
"""Bytes: Gmail clips what is longer (mail.md §1)."""

_WHO_AND_WHY = {"company.postal_address", "why_you_get_this"}
_BLANK_LINES = re.compile(r"\n{3,}")


class Rendered(Value):
    """A mail as its reader sees it, before it has headers."""

    subject: str
    html: str
    text: str
    links: tuple[str, ...] = ()
    """Where its tracked links lead, in order of their numbers from 1."""


def render(body: TemplateBody, values: MailValues, *, urls: MailUrls) -> Rendered:
    """Fill a published template. The same arguments give the same characters.

    Raises jinja2.TemplateError when the template reaches for something its publication check could not foresee.
    """
    names = _names(values, urls, body.links)
    subject = " ".join(compiled(body.subject, "text").render(names).split())
    preheader = " ".join(compiled(body.preheader, "text").render(names).split())
    page = {**names, "subject": subject, "preheader": preheader}
    text = compiled(body.text, "text").render(page)
    return Rendered(
        subject=subject,
        html=_with_pixel(compiled(body.html, "html").render(page), urls.open_pixel),
        text=_BLANK_LINES.sub("\n\n", text).strip() + "\n",
        links=body.links,
    )


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
        files: `subject.txt`, `body.html`, `body.txt` and perhaps `preheader.txt`, by file name.
        layout: The folder `_layout`, by file name; `letter.css` serves all of its letters.
        letter: Which of its letters the body goes into: `letter` for leads, `notice` for owners.
        name: What faults are told of, such as `templates/journeys/welcome-four-degrees/hello`.
        mail_class: Also check that it fits mail of this class.
        events: Also check that the events it names exist.

    Raises Faulty with file, line and remedy of each fault.
    """
    folder = _Folder(files, layout, letter)
    faults = folder.missing() or folder.look(events)
    if faults:
        raise Faulty(name, faults)
    body = folder.body()
    faults = [*(body.misfits(mail_class) if mail_class else []), *_too_large(body)]
    if faults:
        raise Faulty(name, faults)
    return body


@dataclass
class _Folder:
    """A template folder with the layout it is put into."""

    files: Mapping[str, str]
    layout: Mapping[str, str]
    letter: str
    html: Usage = field(default_factory=Usage)
    text: Usage = field(default_factory=Usage)
    head: Usage = field(default_factory=Usage)

    def missing(self) -> list[str]:
        """Files that aren't there, and layouts without a place for the body."""
        found = [f"{name} is missing" for name in ("subject.txt", "body.html", "body.txt") if name not in self.files]
        for name in (f"{self.letter}.html", f"{self.letter}.txt"):
            places = len(BODY.findall(self.layout.get(name, "")))
            if places != 1:
                found.append(
                    f"_layout/{name} must say {{{{ body }}}} once, where the body goes; it does {places} times"
                )
        return found

    def look(self, events: frozenset[str] | None) -> list[str]:
        """Read each file, note what the parts use, and return what is wrong."""
        head = [File("subject.txt", self.files["subject.txt"], "text")]
        head.append(File("preheader.txt", self.files.get("preheader.txt", ""), "text"))
        html = [File("body.html", self.files["body.html"], "html"), self._letter("html")]
        text = [File("body.txt", self.files["body.txt"], "text"), self._letter("text")]
        self.head, self.html, self.text = (_read_all(part, events) for part in (head, html, text))
        faults = [*self.head.faults, *self.html.faults, *self.text.faults]
        return faults or [*_samples_fail([*head, *html, *text]), *self._parts_differ()]

    def _letter(self, kind: Kind) -> File:
        name = f"{self.letter}.{'html' if kind == 'html' else 'txt'}"
        return File(f"_layout/{name}", BODY.sub("", self.layout[name]), kind)

    def _parts_differ(self) -> Iterable[str]:
        """Both parts must lead to the same places, and let the same passages be edited, in the same order."""
        for what, html, text in (
            ("link", self.html.links, self.text.links),
            ("answer_link", self.html.answers, self.text.answers),
            ("words", tuple(self.html.passages), tuple(self.text.passages)),
        ):
            if _once(html) != _once(text):
                yield f"body.txt:1: its {what} calls must be those of body.html, in the same order: {_once(html)}"
        for name, words in self.text.passages.items():
            if self.html.passages.get(name, words) != words:
                yield f"body.txt:1: the passage {name} must say what it says in body.html"

    def body(self) -> TemplateBody:
        """The published template. Call after `look` found nothing."""
        used = self.html.names & self.text.names
        parts = (self.head, self.html, self.text)
        page = wrap(self.layout[f"{self.letter}.html"], self.files["body.html"])
        return TemplateBody(
            subject=self.files["subject.txt"].strip(),
            preheader=self.files.get("preheader.txt", "").strip(),
            html=inline(page, self.layout.get("letter.css", "")),
            text=wrap(self.layout[f"{self.letter}.txt"], self.files["body.txt"]),
            links=_once([link for part in parts for link in part.links]),
            answers=_once([event for part in parts for event in part.answers]),
            tells=_once([event for part in parts for event in part.tells]),
            passages=tuple({**self.head.passages, **self.html.passages}.items()),
            says_how_to_stop="unsubscribe_url" in used,
            says_who_and_why=used >= _WHO_AND_WHY,
            for_owner=any(part.names & {"hand_off", "review", "task"} for part in parts),
            about_review=any("review" in part.names for part in parts),
            about_task=any("task" in part.names for part in parts),
        )


def _read_all(files: Sequence[File], events: frozenset[str] | None) -> Usage:
    whole = Usage()
    for file in files:
        usage = read(file, events)
        whole.faults += usage.faults
        whole.names |= usage.names
        whole.links += usage.links
        whole.answers += usage.answers
        whole.tells += usage.tells
        whole.passages |= usage.passages
    return whole


def _once(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def _samples_fail(files: Sequence[File]) -> Iterable[str]:
    """Fill each file strictly, with the first name known and unknown; yields each failure once."""
    seen: set[str] = set()
    for values in sample_values():
        names: dict[str, object] = {**_names(values, _SAMPLE_URLS, None), "subject": "A subject", "preheader": "A line"}
        for file in files:
            try:
                compiled(file.source, file.kind, file.name).render(names)
            except Exception as error:  # a template may fail in as many ways as a program; each is a fault of the file
                fault = file.fault(line_of(file, error.__traceback__), str(error) or type(error).__name__)
                if fault not in seen:
                    seen.add(fault)
                    yield fault


def _too_large(body: TemplateBody) -> Iterable[str]:
    for values in sample_values()[:1]:
        size = len(render(body, values, urls=_SAMPLE_URLS).html.encode())
        if size >= LARGEST_HTML:
            yield f"body.html:1: the HTML part has {size} bytes; Gmail clips mail of {LARGEST_HTML} and more"


_SAMPLE_URLS = MailUrls(
    base_url="https://kelvance.example",
    signer=Signer(["a secret that signs samples only"]),
    message_id=MessageId(UUID(int=0)),
    marketing=True,
    decide="https://kelvance.example/h/sample",
)


def sample_values() -> tuple[MailValues, MailValues]:
    """Two sets of facts to try templates on: everything known, and as little as a lead may tell us."""
    company = CompanyWords(name="Kelvance", postal_address="41 Wharf Street, New York")
    hand_off = HandOffWords(kind_words="The lead asked to talk", why=("asked for a demo",), last_touches=("a webinar",))
    known = MailValues(
        lead=LeadWords(first_name="Ana", company="Alder Cold Chain", role="quality", country="US"),
        sender=SenderWords(name="Marcus Oyelaran", title="Sales", phone="+1 212 555 0141"),
        company=company,
        why_you_get_this="You asked for the guide.",
        hand_off=hand_off,
        review=ReviewWords(
            lead_name="Ana Torres", subject="Two pages", paragraphs=("Hello,", "Here."), goes_at="Tue 3 Mar"
        ),
        task=TaskWords(
            words="Call about the audit",
            lead_name="Ana Torres",
            lead_company="Alder Cold Chain",
            due="Tue 3 Mar",
            outcomes=("reached", "no answer"),
        ),
    )
    unknown = MailValues(
        sender=SenderWords(name="Marcus Oyelaran"),
        company=company,
        hand_off=HandOffWords(kind_words="A lead"),
        review=ReviewWords(subject="Two pages", goes_at="Tue 3 Mar"),
        task=TaskWords(words="Call about the audit", due="Tue 3 Mar", outcomes=("done",)),
    )
    return known, unknown


def _names(values: MailValues, urls: MailUrls, links: Sequence[str] | None) -> dict[str, object]:
    """Everything a template may name. Without `links`, any address is link number 1 (for samples)."""

    def link(address: str) -> str:
        return urls.link(1 if links is None else links.index(address) + 1)

    names: dict[str, object] = {
        "greeting": values.greeting,
        "lead": values.lead.model_dump(),
        "sender": values.sender.model_dump(),
        "company": values.company.model_dump(),
        "why_you_get_this": values.why_you_get_this,
        "unsubscribe_url": urls.unsubscribe,
        "preferences_url": urls.preferences,
        "link": link,
        "answer_link": urls.answer,
        "told": _teller(values.told),
        "words": values.edited.get,
    }
    if values.hand_off is not None:
        names["hand_off"] = {**values.hand_off.model_dump(), "decide_url": urls.decide}
    if values.review is not None:
        names["review"] = {**values.review.model_dump(), "decide_url": urls.decide}
    if values.task is not None:
        names["task"] = {
            **values.task.model_dump(),
            "lead_url": f"{urls.base_url}/leads/{values.task.lead_id}",
            "decide_url": urls.decide,
            "answers": [
                {"words": words, "url": f"{urls.decide}?answer={no}"}
                for no, words in enumerate(values.task.outcomes, start=1)
            ],
        }
    return names


def _teller(told: Mapping[str, Mapping[str, Json]]) -> Callable[[str, str, str], str]:
    def tell(event: str, name: str, otherwise: str) -> str:
        value = told.get(event, {}).get(name)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return otherwise if value is None or value == "" else str(value)

    return tell


def _with_pixel(html: str, address: str) -> str:
    if not address:
        return html
    pixel = f'<img src="{address}" width="1" height="1" alt="">'
    head, end, tail = html.rpartition("</body>")
    return f"{head}{pixel}{end}{tail}" if end else html + pixel
