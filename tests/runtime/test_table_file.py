"""Is a stranger's file read in its own encoding and dialect, row by row, whatever stands in it?"""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from leadloom.domain.errors import BadInput, NotFound
from leadloom.runtime.table import TableRow
from leadloom.runtime.table_file import LONGEST_LINE, CsvTable, examine


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "list.csv"


def table(file: Path, content: str | bytes, **how: str) -> CsvTable:
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return CsvTable(file, examine(file, encoding=how.pop("encoding", None)), **how)


def cells(found: CsvTable) -> list[tuple[str, ...]]:
    return [row.cells for row in found.rows() if row.fault is None]


def refused(found: CsvTable) -> list[tuple[int, int, str]]:
    return [(row.no, row.line, row.fault) for row in found.rows() if row.fault is not None]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_separator_and_the_line_ends_are_found(file: Path, separator: str, end: str) -> None:
    lines = [("email", "note", "city"), ("a@b.example", '"x, y; z | w"', "1,5"), ("c@d.example", '""', "")]
    if separator in ",":
        lines[1] = ("a@b.example", '"x, y; z | w"', '"1,5"')
    found = table(file, end.join(separator.join(line) for line in lines) + end)
    assert (found.separator, found.names) == (separator, ("email", "note", "city"))
    assert cells(found) == [("a@b.example", "x, y; z | w", "1,5"), ("c@d.example", "", "")]


def test_a_comma_plus_space_parts_cells_and_excels_own_line_is_heard(file: Path) -> None:
    assert cells(table(file, 'a, b\n1, "x, y"\n')) == [("1", "x, y")]
    assert table(file, "sep=;\na,b;c\n1;2\n").names == ("a,b", "c")
    assert table(file, "a;b\n1;2\n", separator=",").names == ("a;b",)


def test_one_column_needs_no_separator(file: Path) -> None:
    assert cells(table(file, "email\na@b.example\n\nc@d.example")) == [("a@b.example",), ("c@d.example",)]


def test_blank_lines_are_no_rows_and_a_comma_at_the_end_no_column(file: Path) -> None:
    found = table(file, "\na,b,\n\n1,2,\n,,\n3,4\n")
    assert found.names == ("a", "b")
    assert [(row.no, row.line, row.cells) for row in found.rows()] == [(1, 4, ("1", "2")), (2, 6, ("3", "4"))]


def test_a_ragged_row_is_refused_with_both_numbers_and_the_others_are_read(file: Path) -> None:
    found = table(file, "a,b\n1,2\n3\n4,5,6\n7,8\n")
    assert refused(found) == [(2, 3, "has 1 cells, the header has 2"), (3, 4, "has 3 cells, the header has 2")]
    assert cells(found) == [("1", "2"), ("7", "8")]


def test_a_cell_may_have_lines(file: Path) -> None:
    found = table(file, 'a,b\n1,"two\nlines"\n3,4\n')
    assert [(row.no, row.line, row.cells) for row in found.rows()] == [(1, 2, ("1", "two\nlines")), (2, 4, ("3", "4"))]


@pytest.mark.parametrize("rest", ["2,b,c\n3,d,e\n", '2,b,c\n3,"d",e\n', "2,b,c\n3,d,e"])
def test_a_quote_that_is_never_closed_costs_its_own_row_only(file: Path, rest: str) -> None:
    found = table(file, 'a,b,c\n1,"open,x\n' + rest)
    ((no, line, why),) = refused(found)
    assert (no, line) == (1, 2)
    assert "isn't closed: it would swallow the 2 lines after it" in why
    assert [row[0] for row in cells(found)] == ["2", "3"]


def test_a_quote_within_a_quoted_cell_is_named(file: Path) -> None:
    assert refused(table(file, 'a,b\n1,"say "hi" now"\n2,x\n')) == [
        (1, 2, "a quote stands inside a quoted cell without being doubled")
    ]


@pytest.mark.parametrize(
    ("encoding", "found", "by"),
    [("utf-8", "utf-8", "reading"), ("utf-8-sig", "utf-8-sig", "mark"), ("utf-16", "utf-16", "mark"),
     ("cp1252", "cp1252", "guess")],
)  # fmt: skip
def test_the_encoding_is_found_and_how_is_said(file: Path, encoding: str, found: str, by: str) -> None:
    read = table(file, "name\nMüller\n".encode(encoding))
    assert (read.examined.encoding, read.examined.found_by, read.names) == (found, by, ("name",))
    assert cells(read) == [("Müller",)]


def test_the_whole_file_decides_about_its_encoding(file: Path) -> None:
    content = b"name\n" + b"plain\n" * 400_000 + "Müller\n".encode("cp1252")
    assert table(file, content).examined.encoding == "cp1252"


@pytest.mark.parametrize(
    ("content", "encoding", "words"),
    [
        ("name\nMüller\n".encode("cp1252"), "utf-8", "can't be read in it from byte 6"),
        ("name\nMüller\n".encode("utf-16-le"), None, "utf-16-le"),
        (b"\x81\x8d\xff\n", None, "can't be read in it"),
        (b"PK\x03\x04....", None, "an Excel workbook"),
        (b"name\nM\xc3", "utf-8", "can't be read in it"),
        (b"name\n", "klingon", "no such encoding"),
        (b"", None, "It is empty"),
        (b"\n \n", None, "no line with text"),
        (b"a,b\n", None, "a header and no rows"),
    ],
)
def test_what_is_no_table_says_so(file: Path, content: bytes, encoding: str | None, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        table(file, content, **({"encoding": encoding} if encoding else {}))


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="file"):
        examine(tmp_path / "nowhere.csv")
    with pytest.raises(BadInput, match="can't be read"):
        examine(tmp_path)


def test_an_endless_line_is_not_read_to_its_end(file: Path) -> None:
    with pytest.raises(BadInput, match="Is it a table"):
        table(file, b"a" * (LONGEST_LINE + 10))


def test_a_large_file_is_streamed(file: Path) -> None:
    with file.open("w") as out:
        out.write("email,note\n")
        out.writelines(f'p{no}@x.example,"{"n" * 100}"\n' for no in range(100_000))
    assert file.stat().st_size > 10_000_000
    tracemalloc.start()
    read = CsvTable(file, examine(file))
    count = sum(1 for row in read.rows() if isinstance(row, TableRow))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 100_000
    assert peak < 8_000_000
