"""Which sheet of a workbook is meant, and what does a look at its XML say that a reader of cells doesn't?

A workbook is a stranger's ZIP archive: its parts are measured before any of them is unpacked.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree

from openpyxl.utils.cell import range_boundaries

from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.model import Value

LARGEST_SHEET = 2 << 30
"""Bytes of XML: the 1,048,576 rows a sheet may have, at 2 kB each. It is streamed."""
LARGEST_STRINGS = 256 << 20
"""Its texts are kept in one part that has to be read whole."""
LARGEST_PART = 32 << 20
MOST_PARTS = 10_000
MOST_MERGED = 100_000

_CHUNK = 1 << 20
_LONGEST_TAG = 4096
_XML = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_TAG = re.compile(rb"<(?:[A-Za-z]\w*:)?(row|col|f|mergeCell)(?=[\s/>])([^<>]*)>")
_HIDDEN = re.compile(rb"\bhidden=\"(?:1|true)\"")
_MERGED = re.compile(rb"\bref=\"([A-Z]+[0-9]+:[A-Z]+[0-9]+)\"")
_SAVE = "Save it as an Excel workbook (.xlsx) without a password, or as CSV in UTF-8."


class SheetLook(Value):
    """What stands in a sheet beside its cells."""

    title: str
    has_formulas: bool
    rows: int
    """With a cell in them."""
    hidden_rows: int
    hidden_columns: int
    merged: tuple[tuple[int, int, int, int], ...]
    """First column, first row, last column, last row; from 1."""


def is_workbook(path: Path) -> bool:
    """Whether the file begins as a workbook does, or as one that nobody can read."""
    try:
        with path.open("rb") as file:
            return file.read(8).startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))
    except FileNotFoundError:
        raise NotFound("file", path) from None
    except OSError as error:
        raise BadInput("file", str(path), f"It can't be read: {error.strerror}.") from None


def look(path: Path, sheet: str | None) -> SheetLook:
    """Choose the sheet and look through it once. Raises BadInput for what isn't a workbook, or one too large."""
    try:
        with zipfile.ZipFile(path) as archive:
            _measured(archive, path.name)
            sheets = _sheets(archive, path.name)
            title = _chosen(sheets, sheet, path.name)
            return _looked(archive, title, sheets[title][0], path.name)
    except zipfile.BadZipFile as error:
        raise BadInput("file", path.name, f"It is no workbook that can be read ({error}). {_SAVE}") from error
    except (KeyError, ElementTree.ParseError, NotImplementedError, RuntimeError, EOFError) as error:
        raise BadInput("file", path.name, f"A part of the workbook can't be read. {_SAVE}") from error


def _measured(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse what would fill memory or never end. zipfile itself unpacks no more than a part's entry says."""
    parts = archive.infolist()
    if len(parts) > MOST_PARTS:
        raise BadInput("file", name, f"It has {len(parts):,} parts; the most is {MOST_PARTS:,}.")
    for part in parts:
        most = LARGEST_PART
        if part.filename.startswith("xl/worksheets/"):
            most = LARGEST_SHEET
        elif part.filename.startswith("xl/media/"):
            continue  # never unpacked
        elif part.filename.lower() == "xl/sharedstrings.xml":
            most = LARGEST_STRINGS
        if part.file_size > most:
            raise BadInput(
                "file", name,
                f"{part.filename} would unpack to {part.file_size >> 20:,} MB; the most is {most >> 20:,} MB. "
                "Save the sheet as CSV in UTF-8: any size is read from that.",
            )  # fmt: skip
    if "xl/workbook.xml" not in archive.namelist():
        what = "an OpenDocument file" if "content.xml" in archive.namelist() else "a ZIP archive"
        raise BadInput("file", name, f"It is {what}, not an Excel workbook. {_SAVE}")


def _sheets(archive: zipfile.ZipFile, name: str) -> Mapping[str, tuple[str, bool]]:
    """Title → (part, whether people see it), in the workbook's order."""
    relations = _parsed(archive, "xl/_rels/workbook.xml.rels", name)
    targets = {each.get("Id", ""): each.get("Target", "") for each in relations}
    found: dict[str, tuple[str, bool]] = {}
    for sheet in _parsed(archive, "xl/workbook.xml", name).iter(f"{_XML}sheet"):
        target = targets.get(sheet.get(_RELATION, ""), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if part.startswith("xl/worksheets/"):
            found[sheet.get("name", "")] = (part, sheet.get("state", "visible") == "visible")
    return found


def _parsed(archive: zipfile.ZipFile, part: str, name: str) -> ElementTree.Element:
    with archive.open(part) as file:
        text = file.read(LARGEST_PART)
    _no_doctype(text, name)
    return ElementTree.fromstring(text)


def _no_doctype(text: bytes, name: str) -> None:
    """Excel writes none; entities are what a bomb of XML is made of."""
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise BadInput("file", name, f"Its XML declares a document type, which no workbook does. {_SAVE}")


def _chosen(sheets: Mapping[str, tuple[str, bool]], asked: str | None, name: str) -> str:
    listed = ", ".join(repr(title) for title in sheets)
    if asked is not None:
        if asked not in sheets:
            raise BadInput("sheet", asked, f"{name} has no sheet of that name; it has: {listed}.")
        return asked
    seen = [title for title, (_, is_seen) in sheets.items() if is_seen]
    if len(seen) == 1:
        return seen[0]
    if not seen:
        raise BadInput("sheet", None, f"{name} shows no sheet. Name one: --sheet; it has: {listed or 'none'}.")
    raise BadInput("sheet", None, f"{name} has {len(seen)} sheets. Say which: --sheet {seen[0]!r}; it has: {listed}.")


def _looked(archive: zipfile.ZipFile, title: str, part: str, name: str) -> SheetLook:
    has_formulas, every, rows, columns = False, 0, 0, 0
    merged: list[tuple[int, int, int, int]] = []
    for tag, attributes in _tags(archive, part, name):
        if tag == b"f":
            has_formulas = True
        elif tag == b"mergeCell" and (told := _MERGED.search(attributes)):
            if len(merged) == MOST_MERGED:
                raise BadInput("sheet", title, f"It has more than {MOST_MERGED:,} merged cells. Take them apart.")
            merged.append(_range(told[1]))
            continue
        every += tag == b"row"
        if _HIDDEN.search(attributes):
            rows, columns = rows + (tag == b"row"), columns + (tag == b"col")
    return SheetLook(
        title=title,
        has_formulas=has_formulas,
        rows=every,
        hidden_rows=rows,
        hidden_columns=columns,
        merged=tuple(merged),
    )


def _range(told: bytes) -> tuple[int, int, int, int]:
    first_column, first_row, last_column, last_row = range_boundaries(told.decode())
    return first_column or 1, first_row or 1, last_column or 1, last_row or 1


def _tags(archive: zipfile.ZipFile, part: str, name: str) -> Iterator[tuple[bytes, bytes]]:
    """Tag and attributes of what matters, whole also where a chunk ends in the middle of one."""
    rest = b""
    with archive.open(part) as file:
        _no_doctype(rest := file.read(_LONGEST_TAG), name)
        while True:
            chunk = file.read(_CHUNK)
            text = rest + chunk
            cut = text.rfind(b"<") if chunk else len(text)
            for found in _TAG.finditer(text, 0, cut):
                yield found[1], found[2]
            if not chunk:
                return
            rest = text[max(cut, len(text) - _LONGEST_TAG) :]
