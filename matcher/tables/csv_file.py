"""CSV files: strict decoding, strict quoting, every row below the header of its width."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter

from matcher.errors import InputError
from matcher.findings import Finding
from matcher.messages import N_, Message, message
from matcher.tables.coded import FEW_ROWS, Coder, Numbers
from matcher.tables.csv_lines import Rows
from matcher.tables.grid import LONGEST_CELL, MOST_BYTES, MOST_COLUMNS, Grid, too_large, unreadable
from matcher.tables.layout import WINDOW, Head, find_head, tight
from matcher.tables.leave_out import is_footer, left_out, needed_columns
from matcher.tables.table import Cell

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS = ",\t;"


def encodings(data: bytes) -> tuple[str, ...]:
    """Return the encodings that a file may be in, in the order in which they are tried: strictly, no character is ever guessed."""
    if data[:2] in _UTF16:
        return ("utf-16",)
    return _without_mark(data[:4096]) if b"\0" in data[:4096] else ("utf-8-sig", "gb18030")


def _without_mark(start: bytes) -> tuple[str, ...]:
    """Return UTF-16 without a BOM where the commas, tabs and line ends of a table say which of the two it is, and nothing else."""
    texts = {encoding: start[: len(start) // 2 * 2].decode(encoding, "replace") for encoding in ("utf-16-le", "utf-16-be")}
    fits = [e for e, text in texts.items() if "\0" not in text and "\n" in text and any(d in text for d in _DELIMITERS)]
    return tuple(fits) if len(fits) == 1 else ()


def decode(data: bytes) -> str | None:
    """Return the text of a file in UTF-8 (BOM or not), UTF-16 or GB18030, or None."""
    for encoding in encodings(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            if encoding == "utf-8-sig" and _is_damaged_utf8(data):
                return None
        else:
            return None if "\0" in text else text
    return None


def _is_damaged_utf8(data: bytes) -> bool:
    """Return whether bytes that are not UTF-8 mostly are: read as GB18030, they would give other characters without an error."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return sum(not c.isascii() for c in text) - broken > broken


def read_csv(data: bytes, table: str, label: str, findings: list[Finding] | None = None) -> Grid | None:
    """Return the cells of a CSV file (or one separated by tabs or semicolons); None if it has no row at all.

    Parameters
    ----------
    findings : list of Finding, optional
        Receives the rows that were left out: titles, footers.

    Raises
    ------
    InputError
        An encoding that cannot be read, a NUL, a quote left open, a row with another number of fields than the header, a
        header that could be either of two rows, more than the limits of what is read.
    """

    def refuse(row: int | None, code: str, reason: Message) -> InputError:
        return unreadable(table, label, row, code, reason)

    if len(data) > MOST_BYTES:
        raise too_large(table, label)
    problem = N_("The bytes are neither UTF-8 nor GB18030. Save the file again as CSV UTF-8.")
    tried = encodings(data)
    if b"\0" in data and (tried[:1] == ("utf-8-sig",) or "\0" in (decode(data) or "\0")):
        raise refuse(None, "encoding", message(problem))
    usual = csv.field_size_limit(LONGEST_CELL)
    try:
        for encoding in tried:
            try:
                noticed: list[Finding] = []
                grid = _Reader(data, encoding, table, label, refuse).grid(noticed)
            except UnicodeDecodeError:
                if encoding == "utf-8-sig" and _is_damaged_utf8(data):
                    break
            else:
                if findings is not None:
                    findings += noticed
                return grid
    finally:
        csv.field_size_limit(usual)
    raise refuse(None, "encoding", message(problem))


def csv_rows(data: bytes, table: str) -> list[list[Cell]]:
    """Return all rows of a CSV file as they stand, whatever their widths; none where its characters cannot be read."""
    text = decode(data)
    if text is None:
        return []
    usual, found = csv.field_size_limit(LONGEST_CELL), []
    try:
        for delimiter in _DELIMITERS:
            rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter))
            found.append(rows)
            first = next((k for k, row in enumerate(rows) if any(map(str.strip, row))), 0)
            if rows and find_head(rows[first : first + WINDOW], (), table, "", range(1, WINDOW + 1)).complete:
                return list[list[Cell]](rows)  # type: ignore[arg-type]
    except (csv.Error, InputError):
        pass
    finally:
        csv.field_size_limit(usual)
    return list[list[Cell]](found[0]) if found else []  # type: ignore[arg-type]


_Refuse = Callable[[int | None, str, Message], InputError]


@dataclass(frozen=True)
class _Start:
    """The first rows of a text, split: where each ends, the header among them, and what follows."""

    rows: list[list[str]]
    ends: list[int]
    head: Head
    lines: Rows


@dataclass(frozen=True)
class _Reader:
    """Reads one text in pieces: a province's file would not fit the memory twice."""

    data: bytes
    encoding: str
    table: str
    label: str
    refuse: _Refuse

    def grid(self, findings: list[Finding]) -> Grid | None:
        """Return the cells, and add what was left out to ``findings``."""
        start = self._best_start()
        if start is None:
            return None
        head, rows = start.head, Numbers()
        header = list(head.texts)
        while not header[-1].strip():
            header.pop()
        if len(header) > MOST_COLUMNS:
            raise too_large(self.table, self.label)
        above = tuple(cell for row in start.rows[: head.first] for cell in row if cell.strip())
        written = tuple(_as_written(start.rows[k], len(header)) for k in range(head.first, head.last + 1))
        coders: list[Coder[Cell]] = [Coder() for _ in header]
        for columns, numbers in self._pieces(start, header):
            rows.add(numbers)
            for coder, cells in zip(coders, columns, strict=False):
                coder.add_texts(cells)
        grid = Grid(header, start.ends[head.last], [c.column() for c in coders], rows.numbers, above, written)
        return left_out(grid, self.table, self.label, findings)

    def _start(self, delimiter: str) -> _Start | None:
        lines = Rows(io.TextIOWrapper(io.BytesIO(self.data), self.encoding, newline=""), delimiter)
        rows: list[list[str]] = []
        ends: list[int] = []
        with self._quoting(lines):
            while len(rows) < WINDOW and (following := lines.take(1)):
                if rows or any(map(str.strip, following[0])):
                    rows += following
                    ends.append(lines.line_num)
        return _Start(rows, ends, find_head(rows, (), self.table, self.label, ends), lines) if rows else None

    def _best_start(self) -> _Start | None:
        """Return the text split at the first delimiter that gives a whole header; else at commas, or as that fails."""
        found: list[_Start | InputError | None] = []
        for delimiter in _DELIMITERS:
            try:
                start = self._start(delimiter)
            except InputError as error:
                if error.findings[0].code == "two_headers":
                    raise
                found.append(error)
                continue
            if start is not None and start.head.complete:
                return start
            found.append(start)
        if isinstance(found[0], InputError):
            raise found[0]
        return found[0]

    def _pieces(self, start: _Start, header: list[str]) -> Iterator[tuple[Iterable[Sequence[str]], Sequence[int]]]:
        """Yield the columns of some rows below the header, and the rows' numbers."""
        at, chunk = start.ends[start.head.last], start.rows[start.head.last + 1 :]
        end = start.ends[-1]
        while True:
            if at + len(chunk) != end:
                problem = N_("A field holds a line break, or a quotation mark is closed on a later line: a row may be swallowed.")
                raise self.refuse(_long_row(chunk, at), "line_break", message(problem))
            if chunk:
                rows, numbers = _even(chunk, at, header, self.table, self.refuse)
                yield zip(*rows, strict=True), numbers
            at += len(chunk)
            while columns := start.lines.take_columns(FEW_ROWS, len(header)):
                yield columns, range(at + 1, at + 1 + len(columns[0]))
                at += len(columns[0])
            with self._quoting(start.lines):
                chunk = start.lines.take(FEW_ROWS)
            end = start.lines.line_num
            if not chunk:
                return

    @contextmanager
    def _quoting(self, lines: Rows) -> Iterator[None]:
        try:
            yield
        except csv.Error as error:
            problem = N_("Quotation marks or a very long field: the row cannot be split into fields ({error}).")
            raise self.refuse(lines.line_num, "csv", message(problem, error=error)) from None


def _as_written(row: Sequence[str], width: int) -> tuple[str, ...]:
    return tuple(map(tight, [*row, *[""] * width][:width]))


def _even(
    chunk: list[list[str]], at: int, header: list[str], table: str, refuse: _Refuse
) -> tuple[list[list[str]], Sequence[int]]:
    """Return the rows that are not blank, all of the header's width, and their numbers; ``at`` is the number before the first."""
    numbers, width = range(at + 1, at + 1 + len(chunk)), len(header)
    if set(map(len, chunk)) == {width} and all(map(str.strip, map(itemgetter(0), chunk))):
        return chunk, numbers
    kept = [(row, n) for row, n in zip(chunk, numbers, strict=True) if any(cell.strip() for cell in row)]
    for row, number in kept:
        if len(row) < width and is_footer(row, needed_columns(header, table)):
            row.extend([""] * (width - len(row)))
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
