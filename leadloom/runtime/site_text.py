"""How does the Markdown of a piece become a page? HTML in it is shown as text, figures stand in it, links are ours."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
_WORD = re.compile(r"\w[\w'\u2019-]*")
_ABSOLUTE = re.compile(r"(https?:|mailto:|/|#)")


@dataclass(frozen=True)
class Built:
    """A text as a page shows it."""

    html: str
    headings: tuple[tuple[str, str], ...]
    words: int
    figures: tuple[str, ...]
    """Files it names."""
    links: tuple[str, ...]
    """Other pieces it names."""


def build(text: str, *, home: str, figure: Callable[[str], str]) -> Built:
    """The page of a Markdown text.

    Args:
        text: CommonMark with tables. HTML in it is shown as text.
        home: Where the site's pieces are, such as `/m/four-degrees`: a link `nine-minutes.md` leads there.
        figure: The SVG of a file's name, as it stands in a page.
    """
    reader = MarkdownIt("commonmark", {"html": False, "typographer": True}).enable(["table", "replacements"])
    tokens = reader.parse(text)
    figures, links = _resolve(tokens, home)
    headings = _name_headings(tokens)
    reader.add_render_rule("image", _drawn(figure))
    html = reader.renderer.render(_unwrapped(tokens), reader.options, {})
    html = _TABLE.sub(_scrolling(), html)
    words = sum(len(_WORD.findall(token.content)) for token in tokens if token.type == "inline")
    return Built(html=html, headings=headings, words=words, figures=figures, links=links)


def _scrolling() -> Callable[[re.Match[str]], str]:
    """What puts a table into a frame that scrolls by itself, with a name of its own: on a phone it may be wider."""
    numbers = itertools.count(1)
    frame = '<div class="table" tabindex="0" role="region" aria-label="Table {}">{}</div>'
    return lambda found: frame.format(next(numbers), found[0])


def _resolve(tokens: Sequence[Token], home: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Lead links to the site's own pieces; the figures and pieces that are named."""
    figures: list[str] = []
    links: list[str] = []
    for token in (inner for outer in tokens for inner in outer.children or ()):
        if token.type == "image":
            figures.append(str(token.attrs.get("src", "")))
        elif token.type == "link_open":
            href = str(token.attrs.get("href", ""))
            if not _ABSOLUTE.match(href):
                name, mark, anchor = href.partition("#")
                links.append(name.removesuffix(".md"))
                token.attrs["href"] = f"{home}/{links[-1]}{mark}{anchor}"
            elif href.startswith("http"):
                token.attrs["rel"] = "noopener"
    return tuple(figures), tuple(links)


def _name_headings(tokens: Sequence[Token]) -> tuple[tuple[str, str], ...]:
    """Give each second-level heading an anchor of its words."""
    found: list[tuple[str, str]] = []
    for opening, inline in itertools.pairwise(tokens):
        if opening.type == "heading_open" and opening.tag == "h2":
            name = "-".join(re.findall(r"[a-z0-9]+", inline.content.lower()))[:60] or f"part-{len(found) + 1}"
            opening.attrs["id"] = name
            found.append((name, inline.content))
    return tuple(found)


def _unwrapped(tokens: list[Token]) -> list[Token]:
    """A figure that stands alone isn't a paragraph."""
    kept: list[Token] = []
    for place, token in enumerate(tokens):
        near = tokens[place + 1] if token.type == "paragraph_open" else tokens[place - 1] if place else None
        alone = near is not None and near.type == "inline" and [one.type for one in near.children or ()] == ["image"]
        if not (alone and token.type in ("paragraph_open", "paragraph_close")):
            kept.append(token)
    return kept


def _drawn(
    figure: Callable[[str], str],
) -> Callable[[RendererHTML, Sequence[Token], int, OptionsDict, EnvType], str]:
    def draw(_: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, env: EnvType) -> str:
        attrs: Mapping[str, object] = tokens[place].attrs
        caption = escape(str(attrs.get("title", "")), quote=False)
        said = f"<figcaption>{caption}</figcaption>" if caption else ""
        return f"<figure>{figure(str(attrs.get('src', '')))}{said}</figure>"

    return draw
