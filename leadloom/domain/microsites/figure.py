"""May this drawing stand in a page? It brings nothing along, follows the page's colours, and says what it shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

_SVG = "{http://www.w3.org/2000/svg}"
_ELEMENTS = frozenset({
    "svg", "title", "desc", "g", "path", "line", "rect", "circle", "ellipse", "polyline", "polygon", "text", "tspan",
    "defs", "clipPath", "marker", "pattern", "use",
})  # fmt: skip
_FORBIDDEN = re.compile(r"on[a-z]+|style|.*href")
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|rgb.*|hsl.*")
LARGEST = 40_000
"""Characters of a figure."""


def faults_of_figure(text: str) -> Iterator[str]:
    """What keeps it from being shown, each with the remedy."""
    if len(text) > LARGEST:
        yield f"It has {len(text)} characters: draw it with at most {LARGEST}."
        return
    if "<!" in text.replace("<!--", ""):
        yield "It declares a document type or entities: take them out."
        return
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        yield f"It is no SVG: {error}."
        return
    if root.tag != f"{_SVG}svg" or "viewBox" not in root.attrib:
        yield 'Begin with <svg xmlns="http://www.w3.org/2000/svg" viewBox="…">.'
    for noun in ("title", "desc"):
        found = root.find(f"{_SVG}{noun}")
        if found is None or not (found.text or "").strip():
            yield f"It has no <{noun}> right below <svg>: say what it shows, for whoever doesn't see it."
    for element in root.iter():
        yield from _faults_of(element)


def _faults_of(element: ElementTree.Element) -> Iterator[str]:
    name = element.tag.removeprefix(_SVG)
    if name not in _ELEMENTS:
        yield f"<{name}> may not stand in a figure: use shapes and text."
    for key, value in element.attrib.items():
        inside = key.endswith("href") and value.startswith("#")
        if _FORBIDDEN.fullmatch(key) and not inside:
            yield f"`{key}` may not stand in a figure: use classes, and bring nothing along."
        if key in ("fill", "stroke", "color") and _COLOUR.fullmatch(value):
            yield f"{key}={value}: use the page's colours by class (ink, quiet, cold, warm …), so that it follows them."


def standing(text: str, name: str) -> str:
    """The figure as it stands in a page: named by its own title and description, its ids its own."""
    bare = re.sub(r"<\?xml.*?\?>|<!--.*?-->", "", text, flags=re.DOTALL).strip()
    bare = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', bare)
    bare = re.sub(r'(url\(|href=")#([^")]+)', rf"\1#{name}-\2", bare)
    bare = re.sub(r"<title(?: id=\"[^\"]*\")?>", f'<title id="{name}-title">', bare, count=1)
    bare = re.sub(r"<desc(?: id=\"[^\"]*\")?>", f'<desc id="{name}-desc">', bare, count=1)
    return bare.replace("<svg ", f'<svg role="img" aria-labelledby="{name}-title {name}-desc" ', 1)
