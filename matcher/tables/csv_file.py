"""CSV files: strict decoding, strict quoting, every row of the header's width."""

from __future__ import annotations

import csv
import io
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import TextIO

from matcher.errors import InputError
from matcher.findings import Finding
from matcher.messages import N_, Message, message
from matcher.tables.coded import Coded, Coder
from matcher.tables.table import Cell

_CHUNK = 20_000
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Grid:
    """A sheet or file as cells: the header row, the body by columns, and the row number of every body row."""

    header: list[str]
    header_row: int
    columns: list[Coded[Cell]]
    rows: Sequence[int]


def encodings(data: bytes) -> tuple[str, ...]:
    """Return the encodings that a file may be in, in the order in which they are tried: strictly, no character is ever guessed."""
    return ("utf-16",) if data[:2] in _UTF16 else ("utf-8-sig", "gb18030")


def decode(data: bytes) -> str | None:
    """Return the text of a file in UTF-8 (BOM or not), UTF-16 with a BOM or GB18030, or None."""
    for encoding in encodings(data):
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

    def refuse(row: int | None, code: str, reason: Message) -> InputError:
        return _refusal(table, label, row, code, reason)

    problem = N_("The bytes are neither UTF-8 nor GB18030. Save the file again as CSV UTF-8.")
    if "\0" in (decode(data) or "\0") if data[:2] in _UTF16 else b"\0" in data:
        raise refuse(None, "encoding", message(problem))
    for encoding in encodings(data):
        try:
            return _grid(io.TextIOWrapper(io.BytesIO(data), encoding, newline=""), refuse)
        except UnicodeDecodeError:
            if encoding == "utf-8-sig" and _is_damaged_utf8(data):
                break
    raise refuse(None, "encoding", message(problem))


_Refuse = Callable[[int | None, str, Message], InputError]


def _grid(text: TextIO, refuse: _Refuse) -> Grid | None:
    """Return the cells of a text, read in pieces: a province's file would not fit the memory twice."""
    lines = csv.reader(text, strict=True)
    try:
        header: list[str] = []
        while not any(cell.strip() for cell in header):
            header = next(lines, ["\0"])
            if header == ["\0"]:
                return None
        while not header[-1].strip():
            header.pop()
        at, rows = lines.line_num, array("q")
        grid = Grid(header, at, [], rows)
        coders: list[Coder[Cell]] = [Coder() for _ in header]
        while chunk := list(islice(lines, _CHUNK)):
            if at + len(chunk) != lines.line_num:
                problem = N_("A field holds a line break, or a quotation mark is closed on a later line: a row may be swallowed.")
                raise refuse(_long_row(chunk, at), "line_break", message(problem))
            filled, numbers = _even(chunk, at, len(header), refuse)
            at += len(chunk)
            rows.extend(numbers)
            for coder, cells in zip(coders, zip(*filled, strict=True), strict=False):
                coder.add(cells)
    except csv.Error as error:
        problem = N_("Quotation marks or a very long field: the row cannot be split into fields ({error}).")
        raise refuse(lines.line_num, "csv", message(problem, error=error)) from None
    grid.columns.extend(c.column() for c in coders)
    return grid


def _even(chunk: list[list[str]], at: int, width: int, refuse: _Refuse) -> tuple[list[list[str]], Sequence[int]]:
    """Return the rows that are not blank, all of the header's width, and their numbers; ``at`` is the number before the first."""
    numbers = range(at + 1, at + 1 + len(chunk))
    if set(map(len, chunk)) == {width} and all(map(str.strip, map(itemgetter(0), chunk))):
        return chunk, numbers
    kept = [(row, n) for row, n in zip(chunk, numbers, strict=True) if any(cell.strip() for cell in row)]
    for row, number in kept:
        if len(row) != width and (len(row) < width or any(cell.strip() for cell in row[width:])):
            problem = N_("The row has {found} fields, the header has {expected}. Look for a comma inside a value.")
            raise refuse(number, "ragged_row", message(problem, found=len(row), expected=width))
    return [row[:width] for row, _ in kept], [number for _, number in kept]


def _long_row(chunk: list[list[str]], at: int) -> int:
    for row in chunk:
        at += 1
        if any("\n" in cell or "\r" in cell for cell in row):
            break
    return at
