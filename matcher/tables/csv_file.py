"""CSV files: strict decoding, strict quoting, every row of the header's width."""

from __future__ import annotations

import csv
import io
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from matcher.errors import InputError
from matcher.findings import Finding
from matcher.messages import N_, Message, message
from matcher.tables.coded import Coded, Coder
from matcher.tables.table import Cell

_CHUNK = 20_000


@dataclass(frozen=True)
class Grid:
    """A sheet or file as cells: the header row, the body by columns, and the row number of every body row."""

    header: list[str]
    header_row: int
    columns: list[Coded[Cell]]
    rows: Sequence[int]


def decode(data: bytes) -> str | None:
    """Return the text of a file in UTF-8 (BOM or not), UTF-16 with a BOM or GB18030, or None; never guesses a character."""
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            if encoding == "utf-8-sig" and _is_damaged_utf8(data):
                return None
    return None


def _is_damaged_utf8(data: bytes) -> bool:
    """Return whether bytes that are not UTF-8 mostly are: read as GB18030, they would give other characters without an error."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return sum(not c.isascii() for c in text) - broken > broken


def _refusal(table: str, label: str, row: int | None, code: str, text: Message) -> InputError:
    summary = message(N_("The file {file} cannot be read."), file=label)
    return InputError(summary, [Finding(table, label, row, "", code, text)])


def read_csv(data: bytes, table: str, label: str) -> Grid | None:
    """Return the cells of a CSV file; None if it has no row at all.

    Raises
    ------
    InputError
        An encoding that cannot be read, a NUL, a quote left open, a row with another number of fields than the header.
    """
    text = decode(data)
    if text is None or "\0" in text:
        problem = N_("The bytes are neither UTF-8 nor GB18030. Save the file again as CSV UTF-8.")
        raise _refusal(table, label, None, "encoding", message(problem))
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)

    def refuse(row: int | None, code: str, reason: Message) -> InputError:
        return _refusal(table, label, row, code, reason)

    try:
        return _grid(lines, refuse)
    except csv.Error as error:
        problem = N_("Quotation marks or a very long field: the row cannot be split into fields ({error}).")
        raise refuse(lines.line_num, "csv", message(problem, error=error)) from None


_Refuse = Callable[[int | None, str, Message], InputError]


def _grid(lines: Iterator[list[str]], refuse: _Refuse) -> Grid | None:
    header: list[str] = []
    while not any(cell.strip() for cell in header):
        header = next(lines, ["\0"])
        if header == ["\0"]:
            return None
    while not header[-1].strip():
        header.pop()
    width, header_row = len(header), int(lines.line_num)  # type: ignore[attr-defined]
    coders: list[Coder[Cell]] = [Coder() for _ in header]
    rows = array("q")
    at = header_row
    while chunk := list(islice(lines, _CHUNK)):
        if at + len(chunk) != lines.line_num:  # type: ignore[attr-defined]
            problem = N_("A field holds a line break, or a quotation mark is closed on a later line: a row may be swallowed.")
            raise refuse(_long_row(chunk, at), "line_break", message(problem))
        numbers = range(at + 1, at + 1 + len(chunk))
        at += len(chunk)
        if not all(map(str.strip, map("".join, chunk))):
            filled = [i for i, row in enumerate(chunk) if any(cell.strip() for cell in row)]
            chunk, numbers = [chunk[i] for i in filled], [numbers[i] for i in filled]  # type: ignore[assignment]
        for row, number in zip(chunk, numbers, strict=True):
            if len(row) != width and (len(row) < width or any(cell.strip() for cell in row[width:])):
                problem = N_("The row has {found} fields, the header has {expected}. Look for a comma inside a value.")
                raise refuse(number, "ragged_row", message(problem, found=len(row), expected=width))
        rows.extend(numbers)
        for coder, cells in zip(coders, zip(*(r[:width] for r in chunk), strict=True), strict=False):
            coder.add(cells)
    return Grid(header, header_row, [c.column() for c in coders], rows)


def _long_row(chunk: list[list[str]], at: int) -> int:
    for row in chunk:
        at += 1
        if any("\n" in cell or "\r" in cell for cell in row):
            break
    return at
