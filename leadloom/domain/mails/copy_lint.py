"""Does a mail read as we write: short, one ask, signed, calm, and the same in both of its parts?

Judges mails as their readers see them, so it is given renderings, one of them with the first name missing. Only what
stands above the footer counts: `words` in HTML, the lines before `-- ` in text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from leadloom.domain.model import Value

LONGEST_SUBJECT = 50
"""Characters; a phone shows about as many."""
MOST_WORDS = 130
"""Words of the text part, signature included, addresses of links not."""

MOST_WORDS_OF_NOTICE = 170
"""Likewise, of a notice to one of us: it carries the lead's whole context, so that nobody has to open anything else."""

_FOOTER = re.compile(r"^-- ?$", re.MULTILINE)
_URL = re.compile(r"https?://\S+")
_WORD = re.compile(r"\w+(?:['’.,:-]\w+)*")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d+\.)\s+", re.MULTILINE)
_VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
_BLOCKS = frozenset({"br", "div", "h1", "h2", "h3", "li", "ol", "p", "table", "td", "tr", "ul"})

_FEAR = re.compile(
    r"\b(?:urgent(?:ly)?|hurry|panic|nightmares?|disasters?|disastrous|catastroph\w+|crisis|devastat\w+|terrif\w+|scary"
    r"|shocking|threat\w*|fines|prosecut\w+|act now|last chance|final notice|too late|don['’]t miss|running out"
    r"|before it['’]s)\b",
    re.IGNORECASE,
)
_SHOUTS = re.compile(r"!|\bclick here\b", re.IGNORECASE)
_HOLES = (
    (re.compile(r" [,.;:?]"), "a space before a stop, as if a word were missing"),
    (re.compile(r",\s*[,.;:]"), "a comma that nothing follows"),
    (re.compile(r"\S  +\S"), "two spaces in a row"),
    (re.compile(r"\(\s*\)|“\s*”|\"\s*\""), "empty brackets or quotes"),
    (re.compile(r"\b(?:None(?! of)|undefined)\b|\{\{|\{%"), "a value that was never filled in"),
    (re.compile(r"^[,;:]", re.MULTILINE), "a line that begins with a stop"),
)


class Copy(Value):
    """A mail as rendered, with what the rules must know about it."""

    subject: str
    text: str
    html: str
    sender: str | None
    """Who signs; None for an owner's notice, which nobody signs."""
    answers: frozenset[str] = frozenset()
    """Addresses that answer the mail's one question: together they are one ask."""


def lint(copy: Copy, *, without_name: Copy | None = None) -> tuple[str, ...]:
    """What is wrong with the copy, one sentence each; empty when we would send it.

    Args:
        copy: The mail to a lead whose first name we know.
        without_name: The same mail when nobody told us.
    """
    faults = [*_short(copy), *_one_ask(copy), *_signed(copy), *_calm(copy), *_whole(copy), *_same_in_both(copy)]
    if without_name is not None:
        found = [*_whole(without_name), *_same_in_both(without_name)]
        faults.extend(f"Without a first name: {fault}" for fault in found if fault not in faults)
    return tuple(faults)


def word_count(text: str) -> int:
    """Words of a text part above its footer, without the addresses of its links."""
    return len(_words_of_text(text))


def link_targets(html: str) -> tuple[str, ...]:
    """Where the links above the footer lead, in order, each once."""
    return tuple(dict.fromkeys(_read(html).links))


def _short(copy: Copy) -> Iterator[str]:
    if not copy.subject.strip():
        yield "The subject is empty."
    if (length := len(copy.subject)) > LONGEST_SUBJECT:
        yield f"The subject has {length} characters; {LONGEST_SUBJECT} is the most."
    most = MOST_WORDS if copy.sender is not None else MOST_WORDS_OF_NOTICE
    if (count := word_count(copy.text)) > most:
        yield f"The text has {count} words; {most} is the most."


def _one_ask(copy: Copy) -> Iterator[str]:
    targets = link_targets(copy.html)
    asks = {"the question" if target in copy.answers else target for target in targets}
    if len(asks) > 1:
        yield f"The mail asks for {len(asks)} things ({', '.join(sorted(asks))}); one is the most."
    written = tuple(dict.fromkeys(_URL.findall(_above_footer(copy.text))))
    if written != targets:
        yield "HTML and text lead to different places, or in a different order."


def _signed(copy: Copy) -> Iterator[str]:
    if copy.sender is None:
        return
    signed = copy.sender in (line.strip() for line in _above_footer(copy.text).splitlines())
    if not copy.sender.strip() or not signed:
        yield "Nobody signs: the sender's name stands on no line of its own above the footer."


def _calm(copy: Copy) -> Iterator[str]:
    for part, words in (
        ("subject", copy.subject),
        ("text", _without_links(copy.text)),
        ("HTML", _read(copy.html).said()),
    ):
        for rule, remedy in ((_SHOUTS, "We don't shout or point."), (_FEAR, "We write without fear.")):
            if found := rule.search(words):
                yield f"The {part} says “{found.group()}”. {remedy}"


def _whole(copy: Copy) -> Iterator[str]:
    for part, words in (
        ("subject", copy.subject),
        ("text", _without_links(copy.text)),
        ("HTML", _read(copy.html).said()),
    ):
        for rule, what in _HOLES:
            if found := rule.search(words):
                around = words[max(0, found.start() - 20) : found.end() + 20].replace("\n", " ").strip()
                yield f"The {part} has {what}: “{around}”."


def _same_in_both(copy: Copy) -> Iterator[str]:
    html, text = _WORD.findall(_read(copy.html).said()), _words_of_text(copy.text)
    for place, (in_html, in_text) in enumerate(zip(html, text, strict=False)):
        if in_html != in_text:
            said = " ".join(text[max(0, place - 3) : place])
            yield f"After “{said}” HTML says “{in_html}” where the text says “{in_text}”."
            return
    if len(html) != len(text):
        longer, words = ("HTML", html) if len(html) > len(text) else ("The text", text)
        yield f"{longer} goes on where the other part ends: “{' '.join(words[min(len(html), len(text)) :][:6])}”."


def _above_footer(text: str) -> str:
    return _FOOTER.split(text, maxsplit=1)[0]


def _without_links(text: str) -> str:
    """The prose of a text part: no footer, no addresses, no bullets, no colon that only introduces an address."""
    prose = re.sub(r":\s*\n\s*https?://\S+", "", _above_footer(text))
    return _BULLET.sub("", _URL.sub("", prose))


def _words_of_text(text: str) -> list[str]:
    return _WORD.findall(_without_links(text))


def _read(html: str) -> _Letter:
    letter = _Letter()
    letter.feed(html)
    letter.close()
    return letter


class _Letter(HTMLParser):
    """What stands inside the element of the class `words`: its prose, a line for each block, and its links."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self._parts: list[str] = []
        self._depth = 0

    def said(self) -> str:
        """The prose; runs of white space are one, as a browser shows them."""
        lines = (" ".join(line.split()) for line in "".join(self._parts).split("\n"))
        return "\n".join(line for line in lines if line)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Enter or go deeper; note a link."""
        given = dict(attrs)
        if self._depth:
            self._depth += tag not in _VOID
            if tag == "a" and (target := given.get("href")) and target.startswith("http"):
                self.links.append(target)
        elif "words" in (given.get("class") or "").split():
            self._depth = 1
        if tag in _BLOCKS:
            self._parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Come up again."""
        if self._depth and tag not in _VOID:
            self._depth -= 1
        if tag in _BLOCKS:
            self._parts.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep what a reader sees."""
        if self._depth:
            # Only a block or <br> breaks a line on the screen.
            self._parts.append(data.replace("\n", " "))
