"""Is a query file read as it is meant, and refused where it breaks the form?"""

from __future__ import annotations

import pytest

from leadloom.store import names
from leadloom.store.names import BadQueryFile, read_queries, together


def test_parameters_are_numbered_in_the_order_they_appear_and_once_each() -> None:
    (query,) = read_queries("lead", "-- name: q\n-- Why.\nSELECT :b, :a, :b")
    assert (query.parameters, query.sql) == (("b", "a"), "-- Why.\nSELECT $1, $2, $1")


def test_casts_strings_and_comments_are_no_parameters() -> None:
    text = "-- name: q\n-- Why: it matters.\nSELECT ':no', now()::text, :ids::uuid[] -- not :this\n"
    (query,) = read_queries("lead", text)
    assert query.parameters == ("ids",)
    assert "now()::text, $1::uuid[] -- not :this" in query.sql


def test_a_query_speaks_of_its_files_noun() -> None:
    (query,) = read_queries("hand_off", "-- name: q\n-- Why.\nSELECT 1")
    assert (query.noun, query.why) == ("hand-off", "Why.")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("-- name: q\nSELECT 1", "no why-line"),
        ("-- name: q\n-- Why.\n", "no statement"),
        ("SELECT 1;\n-- name: q\n-- Why.\nSELECT 2", "before the first"),
    ],
)
def test_a_file_out_of_form_is_refused(text: str, fault: str) -> None:
    with pytest.raises(BadQueryFile, match=fault):
        read_queries("lead", text)


def test_too_few_or_too_many_values_are_named() -> None:
    (query,) = read_queries("lead", "-- name: q\n-- Why.\nSELECT :a")
    with pytest.raises(TypeError, match=r"takes \(a\), was given \(a, b\)"):
        query.arguments({"a": 1, "b": 2})


def test_statements_together_have_their_parameters_where_they_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "-- name: first\n-- Why.\nINSERT :a, :b\n-- name: last\n-- Why.\nSELECT :b, :c"
    found = {query.name: query for query in read_queries("lead", text)}
    monkeypatch.setattr(names, "queries", lambda: found)
    together.cache_clear()
    asked = " ".join(together((("first", (1, 2)), ("last", (3, 1)))).split())
    together.cache_clear()
    assert asked == "WITH part_0 AS ( -- Why. INSERT $1, $2 ) -- Why. SELECT $3, $1"
