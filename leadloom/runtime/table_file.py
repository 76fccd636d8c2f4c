"""What does a stranger's CSV file hold? Its encoding and separator are found, its rows are streamed, never kept."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.intake.columns import unique_names
from leadloom.runtime.table import LOOKED_AT, Examined, TableRow, Told, fitting, must_be_table

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
"""In order of preference, where a file could be either."""

LONGEST_LINE = 1_000_000
"""Characters. A file without a line break is no table, and must not be read whole to find that out."""
LONGEST_ROW = 131_072
"""Characters of one row over all its lines. A quote that is never closed swallows at most so much."""

_CHUNK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NO_TABLES = ((b"PK\x03\x04", "an Excel workbook or a ZIP archive"), (b"%PDF", "a PDF"), (b"\x1f\x8b", "gzip"))
_NAME_ANOTHER = "Save it as CSV in UTF-8, or name the encoding it has, such as --encoding cp1252."


def examine(path: Path, *, encoding: str | None = None, told: Told = lambda read: None) -> Examined:
    """Read the file once, in pieces: its hash, and the encoding in which every byte of it can be read.

    Raises:
        NotFound: There is no such file.
        BadInput: It is no text in that encoding (or in any we try), or empty.
    """
    with _opened(path) as file:
        start = file.read(4)
        for begins, what in _NO_TABLES:
            if start.startswith(begins):
                raise BadInput("file", path.name, f"It is {what}, not a CSV. Save it as CSV in UTF-8.")
        marked = next((name for mark, name in _MARKS if start.startswith(mark)), None)
        told_or_marked = encoding or marked
        reading = _Reading([told_or_marked] if told_or_marked else ["utf-8", "cp1252"], path.name)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            reading.take(chunk)
            told(reading.size)
    name = reading.end()
    found_by = "told" if encoding else "mark" if marked else "guess" if name == "cp1252" else "reading"
    return Examined(sha256=reading.digest.hexdigest(), encoding=name, found_by=found_by, size=reading.size)


class _Reading:
    """Decodes a file piece by piece in each encoding it may have, until one is left or none."""

    def __init__(self, encodings: list[str], file_name: str) -> None:
        self._decoders = {name: _decoder(name) for name in encodings}
        self._tried, self._file_name = encodings[0], file_name
        self.digest, self.size = hashlib.sha256(), 0

    def take(self, chunk: bytes, *, final: bool = False) -> None:
        """Raises BadInput when no encoding is left."""
        self.digest.update(chunk)
        for name, decoder in [*self._decoders.items()]:
            if (wrong := self._wrong(decoder, chunk, final=final)) is not None:
                del self._decoders[name]
                if not self._decoders:
                    raise BadInput("encoding", self._tried, f"{self._file_name} {wrong}")
        self.size += len(chunk)

    def end(self) -> str:
        """The encoding of the whole file, the likeliest of those that read all of it. Raises BadInput."""
        if self.size == 0:
            raise BadInput("file", self._file_name, "It is empty.")
        self.take(b"", final=True)
        return next(iter(self._decoders))

    def _wrong(self, decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool) -> str | None:
        try:
            text = decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            return f"can't be read in it from byte {self.size + error.start} on. {_NAME_ANOTHER}"
        except UnicodeError as error:
            return f"can't be read in it: {error}. {_NAME_ANOTHER}"
        if "\0" in text:
            return (
                f"has NUL characters: it is no text, or UTF-16 without its mark (--encoding utf-16-le). {_NAME_ANOTHER}"
            )
        return None


class CsvTable:
    """An examined text file as header and rows."""

    notes: tuple[str, ...] = ()
    """None: what is odd about a text file is a fault of its rows."""

    def __init__(self, path: Path, examined: Examined, *, separator: str | None = None) -> None:
        """Reads the first rows only. Raises BadInput when there is no header, or nothing below it."""
        self.path, self.examined = path, examined
        with self._lines() as lines:
            first, self._skipped = _header_line(lines)
            if first is None:
                raise BadInput("file", path.name, "It has no line with text in it.")
            lines.back([first])
            sample = [line for _, line in zip(range(LOOKED_AT), lines.iterate(), strict=False)]
        told = _separator_line(self._skipped)
        self.separator = separator or told or _found_separator(sample)
        with self._lines() as lines:
            lines.skip(len(self._skipped))
            cells, fault, _ = _next_row(lines, self.separator, None)
            if fault is not None:
                raise BadInput("file", path.name, f"Its header can't be read: {fault}")
            self.names = unique_names(cells or ())
        self.sample = tuple(row.cells for _, row in zip(range(LOOKED_AT), self.rows(), strict=False) if not row.fault)
        any_row = bool(self.sample) or next(self.rows(), None) is not None
        must_be_table(path.name, self.names, any_row=any_row)

    def rows(self) -> Iterator[TableRow]:
        """Every row below the header, from the first. A row that swallows others is refused, they are not."""
        width = len(self.names)
        with self._lines() as lines:
            lines.skip(len(self._skipped))
            _next_row(lines, self.separator, None)
            no = 0
            while True:
                line = lines.number + 1
                cells, fault, blank = _next_row(lines, self.separator, width)
                if cells is None:
                    return
                if blank:
                    continue
                no += 1
                yield TableRow(no, line, cells, fault, lines.byte)

    @contextmanager
    def _lines(self) -> Generator[_Lines]:
        with _opened(self.path) as file:
            text = io.TextIOWrapper(file, encoding=self.examined.encoding, newline="")
            yield _Lines(text, file, self.path.name)
            text.detach()


class _Lines:
    """The lines of a file, some of which may be given back."""

    def __init__(self, text: io.TextIOWrapper, file: BinaryIO, name: str) -> None:
        self._text, self._file, self._name = text, file, name
        self._back: deque[str] = deque()
        self.number = 0
        """Of the line taken last, from 1."""

    @property
    def byte(self) -> int:
        """How far the file is read; a little ahead of the lines taken."""
        return self._file.tell()

    def take(self) -> str | None:
        """The next line with its end; None when there is none."""
        line = self._back.popleft() if self._back else self._text.readline(LONGEST_LINE)
        if not line:
            return None
        self.number += 1
        if len(line) == LONGEST_LINE and line[-1] not in "\r\n":
            raise BadInput(
                "file", self._name, f"Line {self.number} has more than {LONGEST_LINE} characters. Is it a table?"
            )
        return line

    def back(self, lines: list[str]) -> None:
        """Give lines back that were taken last, in their order."""
        self._back.extendleft(reversed(lines))
        self.number -= len(lines)

    def skip(self, count: int) -> None:
        """Pass so many lines over."""
        for _ in range(count):
            self.take()

    def iterate(self) -> Iterator[str]:
        """All that follow."""
        while (line := self.take()) is not None:
            yield line


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise NotFound("file", path) from None
    except (IsADirectoryError, PermissionError) as error:
        raise BadInput("file", str(path), f"It can't be read: {error.strerror}.") from None


def _decoder(name: str) -> codecs.IncrementalDecoder:
    try:
        with suppress(UnicodeError):
            b"a".decode(name)  # refuses what is a codec, but none for text
        return codecs.getincrementaldecoder(name)("strict")
    except LookupError:
        raise BadInput("encoding", name, "Python knows no such encoding. Write utf-8, cp1252, utf-16 …") from None


def _header_line(lines: _Lines) -> tuple[str | None, list[str]]:
    """The first line that says something, and what stands before it: blank lines, Excel's `sep=;`."""
    skipped: list[str] = []
    while (line := lines.take()) is not None:
        if line.strip() and _separator_line([line]) is None:
            return line, skipped
        skipped.append(line)
    return None, skipped


def _separator_line(lines: list[str]) -> str | None:
    said = [line.strip("\r\n")[4:] for line in lines if line.lower().startswith("sep=")]
    return said[0] if said and len(said[0]) == 1 else None


def _found_separator(sample: list[str]) -> str:
    """The separator by which most of the first rows have as many cells as the header, and more than one.

    Of two that fit alike the one with more columns; a file with one column has none, so a comma does.
    """
    fits: list[tuple[int, int, int, str]] = []
    for order, separator in enumerate(SEPARATORS):
        widths = list(_widths(sample, separator))
        if widths and widths[0] > 1:
            fits.append((sum(width == widths[0] for width in widths), widths[0], -order, separator))
    return max(fits)[-1] if fits else ","


def _widths(sample: list[str], separator: str) -> Iterator[int]:
    """How many cells each row has, up to one that can't be read."""
    with suppress(csv.Error):
        for cells in csv.reader(sample, delimiter=separator, skipinitialspace=True):
            if cells:
                yield len(cells)


def _next_row(lines: _Lines, separator: str, width: int | None) -> tuple[tuple[str, ...] | None, str | None, bool]:
    """The next row's cells, what is wrong with them, and whether the line is blank; no cells at the end.

    `width` is how many the header has. A row of several lines that doesn't come out right gives all but its first
    line back: a quote that was never closed costs its own row, and no other.
    """
    if (line := lines.take()) is None:
        return None, None, False
    if not line.strip():
        return (), None, True
    if '"' not in line:
        cells, taken, broken = tuple(line.rstrip("\r\n").split(separator)), [line], None
    else:
        cells, taken, broken = _quoted(line, lines, separator)
    if broken is None and not any(cell.strip() for cell in cells):
        return (), None, True  # separators alone, however many
    fits = broken is None and (width is None or fitting(cells, width) is not None)
    if fits:
        cells = cells if width is None else fitting(cells, width) or ()
        return cells, None, not any(cell.strip() for cell in cells)
    if len(taken) > 1:
        lines.back(taken[1:])
        broken = f"a quote opens in it and isn't closed: it would swallow the {len(taken) - 1} lines after it"
        cells = tuple(line.rstrip("\r\n").split(separator))
    return cells, broken or f"has {len(cells)} cells, the header has {width}", False


def _quoted(line: str, lines: _Lines, separator: str) -> tuple[tuple[str, ...], list[str], str | None]:
    """Cells of a row with quotes in it, the lines it took, and what is wrong with them."""
    taken: list[str] = []
    length = 0

    def more() -> Iterator[str]:
        nonlocal length
        following: str | None = line
        while following is not None and length <= LONGEST_ROW:
            taken.append(following)
            length += len(following)
            yield following
            following = lines.take()
        if following is not None:
            lines.back([following])

    reader = csv.reader(more(), delimiter=separator, skipinitialspace=True, strict=True)
    try:
        return tuple(next(reader)), taken, None
    except csv.Error as error:
        plain = tuple(line.rstrip("\r\n").split(separator))
        end = "end of data" in str(error) or "field limit" in str(error)
        what = "opens in it and isn't closed" if end else "stands inside a quoted cell without being doubled"
        return plain, taken, f"a quote {what}"
