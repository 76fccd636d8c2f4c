"""How does the style sheet get into the elements, where every mail program reads it?"""

from __future__ import annotations

import re

import css_inline

from leadloom.domain.errors import Faulty

_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_MARK = re.compile(r"<!--leadloom-mark-(\d+)-->|leadloom-mark-(\d+)-end")
_BUTTON = re.compile(r'(<a [^>]*class="button\b[^>]*>)(.*?)(</a>)', re.DOTALL)
_BEFORE = (
    '<!--[if mso]><i style="mso-font-width:200%;mso-text-raise:18pt" hidden>&emsp;</i>'
    '<span style="mso-text-raise:9pt"><![endif]-->'
)
_AFTER = '<!--[if mso]></span><i style="mso-font-width:200%" hidden>&emsp;&#8203;</i><![endif]-->'
_STRAY_MARK = re.compile(r"leadloom-mark-\d+")


def inline(html: str, css: str) -> str:
    """The page with `css` and its own <style> rules as style attributes; @media rules stay in the head.

    Raises Faulty when a Jinja tag stands where no HTML parser can keep it.
    """
    if css.strip():
        html = html.replace("</head>", f"<style>\n{css}</style>\n</head>", 1)
    masked, tags = _mask(html)
    inlined = css_inline.inline(masked, keep_at_rules=True, load_remote_stylesheets=False)
    restored = _MARK.sub(lambda mark: tags[int(mark.group(1) or mark.group(2))], inlined)
    if stray := _STRAY_MARK.search(restored):
        tag = tags[int(stray.group().rpartition("-")[2])]
        raise Faulty("_layout/letter.html", [f"{tag} stands where HTML allows plain text only; move it out"])
    return _BUTTON.sub(_roomy, restored)


def _roomy(button: re.Match[str]) -> str:
    """Outlook's Word engine gives a link no padding: spaces that only it reads make the button's room."""
    return f"{button[1]}{_BEFORE}{button[2]}{_AFTER}{button[3]}"


def _mask(html: str) -> tuple[str, list[str]]:
    """Hide Jinja from the HTML parser, which would escape its quotes and throw its blocks out of tables.

    Expressions become words; blocks outside of a tag become comments, the one thing allowed anywhere.
    """
    tags: list[str] = []
    parts: list[str] = []
    inside_tag = False
    end = 0
    for found in _JINJA.finditer(html):
        before = html[end : found.start()]
        inside_tag = _ends_inside_tag(before, inside_tag)
        parts.append(before)
        end = found.end()
        if found.group().startswith("{#"):
            continue
        is_word = inside_tag or found.group().startswith("{{")
        parts.append(f"leadloom-mark-{len(tags)}-end" if is_word else f"<!--leadloom-mark-{len(tags)}-->")
        tags.append(found.group())
    return "".join([*parts, html[end:]]), tags


def _ends_inside_tag(text: str, starts_inside: bool) -> bool:
    opened, closed = text.rfind("<"), text.rfind(">")
    return starts_inside if opened == closed else opened > closed
