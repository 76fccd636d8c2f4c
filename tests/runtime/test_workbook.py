"""Is a sheet of a workbook read as people see it, and what can't be trusted in it told row by row?"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from leadloom.domain.errors import BadInput
from leadloom.runtime import workbook_parts
from leadloom.runtime.table import TableRow
from leadloom.runtime.workbook import WorkbookTable
from leadloom.runtime.workbook_parts import is_workbook

HEADER = ("Email", "Phone", "Zip", "Created")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a workbook goes."""
    return tmp_path / "leads.xlsx"


def saved(path: Path, *lines: tuple[Any, ...], then: Callable[[Worksheet], None] = lambda sheet: None) -> Path:
    """A workbook with one sheet: the header, and these lines."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for line in (HEADER, *lines):
        sheet.append(line)
    then(sheet)
    book.save(path)
    return path


def read(path: Path, **how: Any) -> list[TableRow]:
    return list(WorkbookTable(path, **how).rows())


def rewritten(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """The same archive with one part changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_dates_numbers_and_zeros_are_read_as_they_are_shown(path: Path) -> None:
    def shown(sheet: Worksheet) -> None:
        sheet["C2"].number_format = "00000"

    saved(path, ("a@b.example", 4915112345678, 1067, date(2026, 3, 2)), then=shown)
    table = WorkbookTable(path)
    assert table.names == HEADER
    assert table.examined.encoding == "Excel workbook"
    assert [row.cells for row in table.rows()] == [("a@b.example", "4915112345678", "01067", "2026-03-02")]


def test_instants_fractions_truths_and_negatives_are_texts_a_csv_would_have(path: Path) -> None:
    saved(path, (True, 1.5, -7, datetime(2026, 3, 2, 14, 30)), (False, 0.1, 1e-7, None))
    assert [row.cells for row in read(path)] == [
        ("TRUE", "1.5", "-7", "2026-03-02 14:30:00"),
        ("FALSE", "0.1", "0.0000001", ""),
    ]


def test_days_of_a_workbook_that_counts_from_1904_are_the_same_days(path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append(HEADER)
    book.active.append(("a@b.example", None, None, date(2026, 3, 2)))
    book.save(path)
    assert [row.cells[3] for row in read(path)] == ["2026-03-02"]


def test_a_number_whose_last_digits_are_gone_refuses_its_row_and_no_other(path: Path) -> None:
    saved(path, ("a@b.example", 49151123456789012, None, None), ("b@b.example", "49151123456789012", None, None))
    first, second = read(path)
    assert "B2 is a number of 17 digits, of which Excel keeps 15" in str(first.fault)
    assert (second.fault, second.cells[1]) == (None, "49151123456789012")


def test_a_formula_counts_by_its_saved_result_and_is_a_fault_without_one(path: Path) -> None:
    saved(path, ('=LOWER("A@B.example")', None, None, None), ("b@b.example", "1", None, None))
    first, second = read(path)
    assert "A2 is a formula without its result" in str(first.fault)
    assert second.fault is None
    rewritten(path, "xl/worksheets/sheet1.xml", _with_result)
    assert [row.cells[0] for row in read(path)] == ["a@b.example", "b@b.example"]


def _with_result(text: bytes) -> bytes:
    return re.sub(rb'<c r="A2"[^>]*>(<f>.*?</f>)<v ?(/>|></v>)', rb'<c r="A2" t="str">\1<v>a@b.example</v>', text)


def test_an_error_in_a_cell_is_a_fault_and_a_look_up_that_found_nothing_is_blank(path: Path) -> None:
    saved(path, ("a@b.example", "#REF!", None, None), ("b@b.example", "#N/A", None, None))
    first, second = read(path)
    assert "B2 holds the error #REF!" in str(first.fault)
    assert (second.fault, second.cells[1]) == (None, "")


def test_merged_cells_refuse_the_rows_that_look_filled_and_are_not(path: Path) -> None:
    lines = [(f"p{no}@b.example", no, None, None) for no in range(2, 8)]

    def merge(sheet: Worksheet) -> None:
        sheet.merge_cells("B3:B5")
        sheet.merge_cells("C7:D7")

    saved(path, *lines, then=merge)
    faulty = [row.line for row in read(path) if row.fault]
    assert faulty == [4, 5, 7]


def test_a_merged_title_above_the_header_is_named_and_not_taken_for_it(path: Path) -> None:
    book = openpyxl.Workbook()
    for line in (("Our leads of March",), HEADER, ("a@b.example", 1, 1, None)):
        book.active.append(line)
    book.active.merge_cells("A1:D1")
    book.save(path)
    with pytest.raises(BadInput, match="A title above it"):
        WorkbookTable(path)


def test_hidden_rows_and_columns_are_read_and_said(path: Path) -> None:
    def hide(sheet: Worksheet) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["C"].hidden = True

    saved(path, ("a@b.example", 1, 1, None), ("b@b.example", 2, 2, None), then=hide)
    table = WorkbookTable(path)
    assert len(list(table.rows())) == 2
    assert [note[:9] for note in table.notes] == ["1 rows of", "1 columns"]


def test_of_several_sheets_one_is_named_and_a_hidden_one_is_no_choice(path: Path) -> None:
    def more(sheet: Worksheet) -> None:
        sheet.title = "Fair"
        other = sheet.parent.create_sheet("Web")
        other.append(HEADER)
        other.append(("w@b.example", 1, 1, None))
        sheet.parent.create_sheet("Codes").sheet_state = "hidden"

    saved(path, ("a@b.example", 1, 1, None), then=more)
    with pytest.raises(BadInput, match=r"has 2 sheets.*--sheet 'Fair'.*'Web', 'Codes'"):
        WorkbookTable(path)
    assert [row.cells[0] for row in read(path, sheet="Web")] == ["w@b.example"]
    with pytest.raises(BadInput, match="no sheet of that name"):
        WorkbookTable(path, sheet="Nowhere")


def test_what_a_sheet_claims_of_its_size_hides_no_row(path: Path) -> None:
    saved(path, *((f"p{no}@b.example", no, None, None) for no in range(9)))
    rewritten(path, "xl/worksheets/sheet1.xml", lambda text: text.replace(b'ref="A1:D10"', b'ref="A1:B2"'))
    assert len(read(path)) == 9


def test_blank_lines_are_no_rows_and_a_row_with_more_cells_than_the_header_is_refused(path: Path) -> None:
    saved(path, (), ("a@b.example", 1, 1, None), (None, " "), ("b@b.example", 1, 1, None, "more"))
    found = read(path)
    assert [(row.no, row.line) for row in found] == [(1, 3), (2, 5)]
    assert "has 5 cells, the header has 4" in str(found[1].fault)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old or locked", "It is no workbook that can be read"),
        (b"PK\x03\x04 cut off", "It is no workbook that can be read"),
    ],
)
def test_what_only_begins_like_a_workbook_is_refused_with_the_remedy(path: Path, content: bytes, words: str) -> None:
    path.write_bytes(content)
    assert is_workbook(path)
    with pytest.raises(BadInput, match=words) as refused:
        WorkbookTable(path)
    assert "as CSV in UTF-8" in str(refused.value)


def test_an_archive_that_would_unpack_to_too_much_is_never_unpacked(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_parts, "LARGEST_SHEET", 1 << 20)
    saved(path, ("a@b.example", 1, 1, None))
    rewritten(path, "xl/worksheets/sheet1.xml", lambda text: text + b" " * (2 << 20))
    with pytest.raises(BadInput, match="would unpack to 2 MB; the most is 1 MB"):
        WorkbookTable(path)


def test_entities_and_broken_parts_are_refused_as_bad_input(path: Path) -> None:
    saved(path, ("a@b.example", 1, 1, None))
    rewritten(path, "xl/workbook.xml", lambda text: b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + text)
    with pytest.raises(BadInput, match="document type"):
        WorkbookTable(path)
    saved(path, ("a@b.example", 1, 1, None))
    rewritten(path, "xl/worksheets/sheet1.xml", lambda text: text[: len(text) // 2])
    with pytest.raises(BadInput, match="It is broken"):
        WorkbookTable(path)
