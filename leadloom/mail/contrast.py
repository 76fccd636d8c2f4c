"""Can everybody read it, by day and in dark mode? The contrast of each text with its ground (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import NamedTuple

import css_inline

from leadloom.mail.styles import declarations, rules_of

ENOUGH = 4.5
ENOUGH_LARGE = 3.0
"""For text of 24 pixels, or of 18.66 when it is bold."""

_DARK = "(prefers-color-scheme: dark)"
_STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})\b", re.IGNORECASE)
_VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
_NAMED = {"white": "#ffffff", "black": "#000000"}


class _Look(NamedTuple):
    """How an element's text looks."""

    tag: str
    color: str
    ground: str
    size: float
    bold: bool
    shown: bool
    where: str
    """The nearest class, for whoever looks for the rule."""


def unreadable(page: str, sheets: Mapping[str, str]) -> Iterator[str]:
    """What has too little contrast, each once, as `file:line: words`.

    Args:
        page: A filled mail, its style sheet inlined.
        sheets: The style sheets by the names that faults say, for the line of the class.
    """
    for mode, looked_at in (("light", page), ("dark", in_dark_mode(page))):
        reader = _Reader()
        reader.feed(looked_at)
        for look in dict.fromkeys(reader.looks):
            enough = ENOUGH_LARGE if look.size >= 24 or (look.bold and look.size >= 18.66) else ENOUGH
            if (found := ratio(look.color, look.ground)) < enough:
                yield (
                    f"{_place(look.where, sheets)}: .{look.where} has {look.color} on {look.ground} in {mode} mode, a"
                    f" contrast of {found:.1f}; {enough} is enough"
                )


def in_dark_mode(page: str) -> str:
    """The page as a program shows it that knows prefers-color-scheme, for whoever prefers dark."""
    rules = [rule for style in _STYLE.findall(page) for rule in rules_of(style) if rule.media == _DARK]
    css = "\n".join(
        f"{rule.selector} {{ {' '.join(f'{each.name}: {each.value} !important;' for each in rule.declarations)} }}"
        for rule in rules
    )
    return css_inline.inline(page.replace("</head>", f"<style>{css}</style></head>", 1), load_remote_stylesheets=False)


def ratio(color: str, ground: str) -> float:
    """The contrast of two colours, 1 to 21."""
    light, dark = sorted((_luminance(color), _luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    digits = color.lstrip("#")
    wide = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(wide[spot : spot + 2], 16) / 255 for spot in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _place(where: str, sheets: Mapping[str, str]) -> str:
    for name, css in reversed(list(sheets.items())):
        for rule in rules_of(css):
            if re.search(rf"\.{re.escape(where)}(?![\w-])", rule.selector):
                return f"{name}:{rule.line}"
    return "body.html:1"


class _Reader(HTMLParser):
    """Walks a page and notes how each text looks."""

    def __init__(self) -> None:
        super().__init__()
        self.looks: list[_Look] = []
        self._open = [_Look("", "#000000", "#ffffff", 16, bold=False, shown=True, where="body")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Go in: styles are the element's own, else what is around it."""
        if tag in _VOID:
            return
        given = {name: value or "" for name, value in attrs}
        styles = {each.name: each.value for each in declarations(given.get("style", ""))}
        around = self._open[-1]
        ground = styles.get("background-color") or styles.get("background") or given.get("bgcolor", "")
        size = re.fullmatch(r"([\d.]+)px", styles.get("font-size", ""))
        hidden = styles.get("display") == "none" or tag in ("style", "title", "script") or "hidden" in given
        self._open.append(
            _Look(
                tag,
                _color(styles.get("color", "")) or around.color,
                _color(ground) or around.ground,
                float(size[1]) if size else around.size,
                bold=styles.get("font-weight", "") in ("bold", "600", "700", "800") or around.bold,
                shown=around.shown and not hidden,
                where=(given.get("class") or around.where).split()[-1],
            )
        )

    def handle_endtag(self, tag: str) -> None:
        """Come out, of whatever was left open inside, too."""
        if tag in _VOID or all(look.tag != tag for look in self._open):
            return
        while self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Note how it looks."""
        if data.strip(" \n\t\u00a0\u200c\u034f") and self._open[-1].shown:
            self.looks.append(self._open[-1])


def _color(told: str) -> str:
    plain = _NAMED.get(told.strip().lower(), told)
    found = _HEX.search(plain)
    return f"#{found[1].lower()}" if found else ""
