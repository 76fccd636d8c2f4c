"""What must the parts of a mail have in common, and does each of them read with little and with much known?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from leadloom.domain.mails.template import MailValues
from leadloom.mail.render import names_of
from leadloom.mail.samples import SAMPLE_URLS
from leadloom.mail.sandbox import compiled
from leadloom.mail.template_check import File, Usage, line_of, read


@dataclass
class Said:
    """A template in one language, put together."""

    language: str
    head: list[File] = field(default_factory=list[File])
    html: File = field(default_factory=lambda: File("body.html", "", "html"))
    text: File = field(default_factory=lambda: File("body.txt", "", "text"))
    used: dict[str, Usage] = field(default_factory=dict[str, Usage])
    """By `head`, `html` and `text`."""

    def all_links(self) -> tuple[str, ...]:
        """Where its tracked links lead, each once."""
        return once([link for part in self.used.values() for link in part.links])


def languages_differ(said: Said, own: Said) -> Iterable[str]:
    """Each language must lead to the same places, and let the same passages be edited, in the same order."""
    for part in ("html", "text"):
        mine, theirs = said.used[part], own.used[part]
        for what, here, there in (
            ("link", mine.links, theirs.links),
            ("answer_link", mine.answers, theirs.answers),
            ("words", [*mine.passages], [*theirs.passages]),
        ):
            if once(here) != once(there):
                name = f"body.{said.language}.{'html' if part == 'html' else 'txt'}"
                original = name.replace(f".{said.language}", "")
                yield f"{name}:1: its {what} calls must be those of {original}, in the same order: {once(there)}"


def read_all(files: Sequence[File], events: frozenset[str] | None, variables: frozenset[str]) -> Usage:
    """What several files use together."""
    whole = Usage()
    for file in files:
        usage = read(file, events, variables)
        whole.faults += usage.faults
        whole.names |= usage.names
        whole.links += usage.links
        whole.answers += usage.answers
        whole.tells += usage.tells
        whole.passages |= usage.passages
    return whole


def blocks_differ(said: Said) -> Iterable[str]:
    """Both parts fill the same blocks, in the same order."""
    html, text = (file.whole.filled if file.whole else () for file in (said.html, said.text))
    if html != text:
        yield (
            f"{said.text.name}:1: it fills the blocks {', '.join(text)}, and {said.html.name} fills {', '.join(html)};"
            " both parts say the same in the same order"
        )


def parts_differ(said: Said) -> Iterable[str]:
    """Both parts must lead to the same places, and let the same passages be edited, in the same order."""
    html, text, names = said.used["html"], said.used["text"], (said.html.name, said.text.name)
    for what, in_html, in_text in (
        ("link", html.links, text.links),
        ("answer_link", html.answers, text.answers),
        ("words", tuple(html.passages), tuple(text.passages)),
    ):
        if once(in_html) != once(in_text):
            yield f"{names[1]}:1: its {what} calls must be those of {names[0]}, in the same order: {once(in_html)}"
    for name, words in text.passages.items():
        if html.passages.get(name, words) != words:
            yield f"{names[1]}:1: the passage {name} must say what it says in {names[0]}"


def once(items: Iterable[str]) -> tuple[str, ...]:
    """Each once, in order."""
    return tuple(dict.fromkeys(items))


def samples_fail(files: Sequence[File], samples: Sequence[MailValues]) -> Iterable[str]:
    """Fill each file strictly, with the first name known and unknown; yields each failure once."""
    seen: set[str] = set()
    for values in samples:
        names: dict[str, object] = {
            **names_of(values, SAMPLE_URLS, None),
            "subject": "A subject",
            "preheader": "A line",
        }
        for file in files:
            try:
                compiled(file.source, file.kind, file.name).render(names)
            except Exception as error:  # a template may fail in as many ways as a program; each is a fault of the file
                fault = file.fault(line_of(file, error.__traceback__), str(error) or type(error).__name__)
                if fault not in seen:
                    seen.add(fault)
                    yield fault
