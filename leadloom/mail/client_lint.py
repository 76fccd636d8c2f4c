"""Which mail programs won't show a template as it was written, and whom does it leave out? Each place with its remedy.

What programs don't read stands in `clients.yaml`, with the source of each fact. Looked at are the files as their
authors wrote them; what stands in comments for Outlook alone isn't, nor declarations inside `@media`, which reach only
programs that know it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Literal, NamedTuple, cast

import yaml

from leadloom.domain.model import Value
from leadloom.mail.styles import Declaration, declarations, rules_of

WIDEST = 600
"""Pixels: what every program shows without a scroll bar."""

_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_VAGUE = frozenset({"here", "click here", "read more", "more", "learn more", "link", "this link", "hier", "mehr"})
_PIXELS = re.compile(r"(\d+)(?:px)?")

Level = Literal["fault", "advice"]


class Fact(Value):
    """Something that some mail programs don't read."""

    level: Level
    missing: tuple[str, ...]
    instead: str
    fact: str
    """The page of caniemail.com."""
    tested: str
    property: str = ""
    value: str = ""
    element: str = ""
    rule: str = ""
    selector: str = ""
    unless: str = ""
    """A class that uses it knowingly."""


class Linted(NamedTuple):
    """What was found, each as `file:line: words`."""

    faults: tuple[str, ...]
    advice: tuple[str, ...]


class _Found(NamedTuple):
    level: Level
    line: int
    words: str


def lint_sources(sources: Mapping[str, str]) -> Linted:
    """What is wrong with the files, by name: HTML and CSS are looked at, others not."""
    found = [
        (name, each)
        for name, source in sources.items()
        for each in (_lint_html(source) if name.endswith(".html") else _lint_css(source) if _is_css(name) else ())
    ]
    said = {level: tuple(f"{name}:{one.line}: {one.words}" for name, one in found if one.level == level) for level in
            ("fault", "advice")}  # fmt: skip
    return Linted(tuple(dict.fromkeys(said["fault"])), tuple(dict.fromkeys(said["advice"])))


def _is_css(name: str) -> bool:
    return name.endswith(".css")


@cache
def facts() -> Mapping[str, tuple[Fact, ...]]:
    """The table, by what it is about: css, rules, selectors, html."""
    told = yaml.safe_load((Path(__file__).parent / "clients.yaml").read_text(encoding="utf-8"))
    listed = cast("dict[str, list[dict[str, object]]]", told)
    return {
        about: tuple(Fact.model_validate({**row, "tested": str(row["tested"])}) for row in rows)
        for about, rows in listed.items()
    }


@lru_cache(maxsize=256)
def _lint_css(source: str) -> tuple[_Found, ...]:
    return tuple(_css_faults(source, 1))


def _css_faults(source: str, first_line: int) -> Iterator[_Found]:
    for rule in rules_of(source):
        line = rule.line + first_line - 1
        for fact in facts()["rules"]:
            if rule.selector.lower().startswith(fact.rule):
                yield _Found(fact.level, line, _words(fact.rule, fact))
        for fact in facts()["selectors"]:
            if re.fullmatch(fact.selector, rule.selector, re.DOTALL):
                yield _Found(fact.level, line, _words(rule.selector, fact))
        if not rule.media:
            yield from _declared(rule.declarations, rule.selector, first_line)


def _declared(told: tuple[Declaration, ...], selector: str, first_line: int) -> Iterator[_Found]:
    for each in told:
        for fact in facts()["css"]:
            if not re.fullmatch(fact.property, each.name) or (fact.unless and fact.unless in selector):
                continue
            if not fact.value or re.fullmatch(fact.value, each.value, re.DOTALL | re.IGNORECASE):
                yield _Found(fact.level, each.line + first_line - 1, _words(f"{each.name}: {each.value}", fact))
                break


def _words(what: str, fact: Fact) -> str:
    return f"{what} isn't read by {_and(fact.missing)} (caniemail: {fact.fact}); write {fact.instead}"


def _and(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


@lru_cache(maxsize=256)
def _lint_html(source: str) -> tuple[_Found, ...]:
    page = _Page()
    page.feed(_JINJA.sub(_masked, source))
    page.close()
    return (*page.found, *page.whole())


def _masked(tag: re.Match[str]) -> str:
    """A word for what will be one, nothing for the rest; as many lines as before."""
    lines = "\n" * tag.group().count("\n")
    return ("x" if tag.group().startswith("{{") else "") + lines


class _Page(HTMLParser):
    """Notes what is wrong with the elements of a file."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Found] = []
        self._link: tuple[int, list[str]] | None = None
        self._in_style = False
        self._heading = 0
        self._seen: set[str] = set()
        self._styled: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at the element."""
        given, line = {name: value or "" for name, value in attrs}, self.getpos()[0]
        self._seen.add(tag if tag != "meta" else f"meta {given.get('name', '')}")
        self._say_all(
            _Found(fact.level, line, _words(f"<{tag}>", fact))
            for fact in facts()["html"]
            if re.fullmatch(fact.element, tag)
        )
        self._say_all(_declared(declarations(given.get("style", "")), given.get("class", ""), line))
        self._in_style = tag == "style"
        match tag:
            case "img":
                self._image(given, line)
            case "a":
                self._link = (line, [])
            case "table":
                self._table(given, line)
            case "html" if not given.get("lang"):
                self._say("advice", '<html> names no language, which screen readers need; write lang="{{ language }}"')
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                self._head(int(tag[1]))
            case _:
                pass

    def handle_endtag(self, tag: str) -> None:
        """Look at what a link said."""
        self._in_style = self._in_style and tag != "style"
        if tag != "a" or self._link is None:
            return
        (line, parts), self._link = self._link, None
        words = " ".join("".join(parts).split())
        if not words:
            self.found.append(_Found("fault", line, "a link without words; say where it leads"))
        elif words.strip(" .›→").lower() in _VAGUE:
            self.found.append(_Found("advice", line, f"the link “{words}” doesn't say where it leads; let it"))

    def handle_data(self, data: str) -> None:
        """Collect what links and style sheets say."""
        if self._in_style:
            self._styled.append(data)
            self._say_all(_css_faults(data, self.getpos()[0]))
        elif self._link is not None:
            self._link[1].append(data)

    def whole(self) -> Iterator[_Found]:
        """What is missing in a file that is a whole page."""
        if "html" not in self._seen:
            return
        if "meta color-scheme" not in self._seen:
            yield _Found(
                "advice", 1, 'it says nothing of dark mode; write <meta name="color-scheme" content="light dark">'
            )
        if "prefers-color-scheme" not in "".join(self._styled):
            yield _Found(
                "advice", 1, "it has no colours for dark mode; give some in @media (prefers-color-scheme: dark)"
            )
        if "title" not in self._seen:
            yield _Found("advice", 1, "it has no <title>, which the browser's tab shows; write {{ subject }} into one")

    def _image(self, given: Mapping[str, str], line: int) -> None:
        if "alt" not in given:
            self._say(
                "fault", 'an image without alt; say in words what it shows, or alt="" when it shows nothing', line
            )
        if not given.get("width"):
            self._say("advice", "an image without width, which Outlook shows in its full size; give it in pixels", line)
        elif (wide := _PIXELS.fullmatch(given["width"])) and int(wide[1]) > WIDEST:
            self._say("advice", f"an image of {wide[1]} pixels; {WIDEST} is the widest", line)
        if self._link is not None:
            self._link[1].append(given.get("alt", ""))

    def _table(self, given: Mapping[str, str], line: int) -> None:
        styled = {each.name: each.value for each in declarations(given.get("style", ""))}
        for told in (given.get("width", ""), styled.get("width", ""), styled.get("min-width", "")):
            if (wide := _PIXELS.fullmatch(told)) and int(wide[1]) > WIDEST:
                self._say("fault", f"a table of {wide[1]} pixels; {WIDEST} is the widest, or write 100%", line)
        if "role" not in given:
            remedy = 'write role="presentation" when it only places things, else role="table"'
            self._say("advice", f"a table without a role, which screen readers count out; {remedy}", line)

    def _head(self, level: int) -> None:
        if self._heading and level > self._heading + 1:
            self._say("advice", f"a heading h{level} after h{self._heading}; leave no level out")
        self._heading = level

    def _say(self, level: Level, words: str, line: int | None = None) -> None:
        self.found.append(_Found(level, line or self.getpos()[0], words))

    def _say_all(self, found: Iterator[_Found]) -> None:
        self.found.extend(found)
