"""Do bodies fill the blocks of their layouts as Jinja has it, and is every line still known by its file?"""

from __future__ import annotations

from leadloom.mail.inheritance import chain, fill, take_apart

PAGE = "<html>\n{% block top %}our name{% endblock %}\n{% block words %}\n{{ body }}\n{% endblock %}\n</html>\n"
EVENT = (
    '{% extends "page" %}\n{% block words %}\n<h1>{% block title %}{% endblock %}</h1>\n{{ super() }}\n{% endblock %}\n'
)
SOURCES = {"page.html": PAGE, "event.html": EVENT}


def filled(body: str, layout: str = "event") -> tuple[str, list[str]]:
    parts, faults = chain(layout, SOURCES, ".html")
    whole, more = fill(take_apart("body.html", body), parts)
    return whole.source, [*faults, *more]


def test_a_body_without_blocks_is_the_block_body_of_its_layout() -> None:
    assert filled("<p>Hello</p>\n", "page") == ("<html>\nour name<p>Hello</p></html>\n".replace("</p>", "</p>\n"), [])


def test_blocks_fill_those_of_the_layout_and_the_rest_is_the_body() -> None:
    source, faults = filled("{% block title %}Nine minutes{% endblock %}\n<p>Hello</p>")
    assert faults == []
    assert source.index("<h1>Nine minutes</h1>") < source.index("<p>Hello</p>") < source.index("</html>")
    assert "block" not in source


def test_an_empty_block_takes_away_what_its_layout_says_and_super_keeps_it() -> None:
    assert "our name" not in filled("{% block top %}{% endblock %}x")[0]
    assert "our name, again" in filled("{% block top %}{{ super() }}, again{% endblock %}x")[0]


def test_each_line_is_known_by_the_file_that_says_it() -> None:
    parts, _ = chain("event", SOURCES, ".html")
    whole, _ = fill(take_apart("body.html", "{% block title %}\nNine{% endblock %}\n\n<p>\nHello</p>"), parts)
    places = {line: whole.place(no) for no, line in enumerate(whole.source.split("\n"), start=1) if line}
    titled = next(line for line in places if "Nine" in line)
    assert places["<html>"] == ("_layout/page.html", 1)
    assert places["Hello</p>"] == ("body.html", 5)
    assert places[titled] == ("body.html", 2)


def test_a_block_the_layout_does_not_have_is_named_with_the_nearest_one() -> None:
    assert filled("\n{% block titel %}x{% endblock %}")[1] == [
        "body.html:2: there is no block titel in _layout/event.html; did you mean title?"
    ]


def test_a_layout_nobody_wrote_and_a_circle_are_named() -> None:
    assert chain("evnt", SOURCES, ".html")[1] == [
        "the mail asks for _layout/evnt.html, which there is not; there are event.html, page.html"
    ]
    circle = {"a.html": '{% extends "b" %}', "b.html": '{% extends "a" %}'}
    assert "it extends itself in the end" in chain("a", circle, ".html")[1][-1]


def test_a_block_without_an_end_and_an_end_without_a_block_are_named() -> None:
    assert take_apart("body.html", "\n{% block a %}x").faults == (
        "body.html:2: the block a has no end; write {% endblock %}",
    )
    assert take_apart("body.html", "x\n{% endblock %}").faults[0].startswith("body.html:2: endblock ends nothing")
    assert "two blocks a" in take_apart("b", "{% block a %}{% endblock %}{% block a %}{% endblock %}").faults[0]


def test_what_stands_in_a_comment_is_no_block() -> None:
    assert take_apart("body.html", "{# {% block a %} #}x").faults == ()
