"""Is everything said that some mail program doesn't show, with its place and remedy, and nothing about our own?"""

from __future__ import annotations

from pathlib import Path

import pytest

from leadloom.mail.building import Terms, check_template
from leadloom.mail.client_lint import facts, lint_sources
from leadloom.mail.contrast import ratio, unreadable
from tests.repository import ROOT

TEMPLATES = ROOT / "templates"


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("<p>\n<script>x()</script>", "body.html:2: <script> isn't read by every mail program"),
        ('<form action="/x"></form>', "body.html:1: <form> isn't read by Outlook on Windows (caniemail: html-form)"),
        ("<p>\n\n<svg></svg>", "body.html:3: <svg> isn't read by Outlook, Gmail and Yahoo"),
        ('<div style="color: #111;\n  display:flex">x</div>', "body.html:2: display: flex isn't read by Outlook on"),
        ('<div style="position: absolute">x</div>', "body.html:1: position: absolute isn't read by"),
        ('<p style="color: var(--ink)">x</p>', "body.html:1: color: var(--ink) isn't read by Outlook, Gmail and Yahoo"),
        ("<p>\n<img src='/a.png' width='10'>", "body.html:2: an image without alt"),
        ("<p>\n<a href='/a'> </a>", "body.html:2: a link without words"),
        ("<table role='presentation' width='720'></table>", "body.html:1: a table of 720 pixels; 600 is the widest"),
    ],
)
def test_what_is_lost_somewhere_is_a_fault_with_line_and_remedy(source: str, fault: str) -> None:
    found = lint_sources({"body.html": source}).faults
    assert any(each.startswith(fault) for each in found), found


@pytest.mark.parametrize(
    ("source", "advice"),
    [
        ("<a href='/a'>Click here</a>", "the link “Click here” doesn't say where it leads"),
        ("<h1>a</h1>\n<h3>b</h3>", "a heading h3 after h1"),
        ("<table><tr><td>a</td></tr></table>", "a table without a role"),
        ("<img src='/a.png' alt='A dock'>", "an image without width"),
        ("<html><head></head><body></body></html>", "it has no colours for dark mode"),
        ("<html><head></head><body></body></html>", "<html> names no language"),
        ("<style>p { float: left }</style>", "float: left isn't read by Outlook on Windows"),
    ],
)
def test_what_only_reads_worse_is_advice(source: str, advice: str) -> None:
    found = lint_sources({"body.html": source})
    assert found.faults == ()
    assert any(advice in each for each in found.advice), found.advice


def test_a_style_sheet_is_told_by_its_own_line_and_what_is_in_media_is_left_alone() -> None:
    css = (
        "/* a\n*/\n.a { color: #111;\n  opacity: 0.5 }\n@media (max-width: 520px) { .a { float: left } }\n@import 'x';"
    )
    found = lint_sources({"_layout/letter.css": css})
    assert [each.partition(": ")[0] for each in found.advice] == ["_layout/letter.css:4"]
    assert [each.partition(": ")[0] for each in found.faults] == ["_layout/letter.css:6"]


def test_what_stands_in_a_comment_for_outlook_is_left_alone() -> None:
    assert lint_sources({"body.html": "<!--[if mso]><table width='900'></table><![endif]-->"}) == ((), ())


def test_words_that_jinja_fills_in_later_are_words() -> None:
    assert lint_sources({"body.html": "<a href=\"{{ link('/a') }}\">{{ words('ask', 'Read it') }}</a>"}) == ((), ())


def test_every_fact_names_its_source_and_its_remedy() -> None:
    every = [fact for about in facts().values() for fact in about]
    assert len(every) > 40
    assert all(fact.fact and fact.tested and fact.missing and fact.instead for fact in every)


def test_contrast_is_counted_as_wcag_does() -> None:
    assert ratio("#000000", "#ffffff") == pytest.approx(21)
    assert ratio("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


def test_grey_on_grey_is_named_by_its_rule_in_light_and_in_dark_mode() -> None:
    css = ".a { color: #999999 }\n.b { color: #333333 }"
    page = (
        "<html><head><style>@media (prefers-color-scheme: dark) { .page { background-color: #222222 !important } }"
        '</style></head><body><div class="page" style="background-color: #ffffff">'
        '<p class="a" style="color: #999999">x</p><p class="b" style="color: #333333">y</p></div></body></html>'
    )
    light, dark = unreadable(page, {"letter.css": css})
    assert light.startswith("letter.css:1: .a has #999999 on #ffffff in light mode, a contrast of 2.8")
    assert dark.startswith("letter.css:2: .b has #333333 on #222222 in dark mode")


def test_hidden_words_need_no_contrast() -> None:
    assert not list(unreadable('<head></head><p style="display: none; color: #fff">x</p>', {}))


def folders() -> list[Path]:
    return sorted(path.parent for path in TEMPLATES.glob("*/**/subject.txt"))


def test_every_mail_we_ship_and_every_layout_pass_without_a_word_of_advice() -> None:
    layout = {file.name: file.read_text() for file in (TEMPLATES / "_layout").iterdir()}
    advice: list[str] = []
    for mail in folders():
        letter = "notice" if mail.parent.name == "hand-off" else "letter"
        files = {file.name: file.read_text() for file in mail.iterdir()}
        made = check_template(files, layout, Terms(), letter=letter, name=mail.name)
        advice += made.advice
        assert len(made.body.html) < 20_000
    assert advice == []
    assert {mail.name for mail in folders() if mail.parent.name == "_gallery"} == {
        "letter", "event", "case-study", "digest"
    }  # fmt: skip
