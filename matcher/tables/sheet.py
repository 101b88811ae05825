"""From a sheet's rows of cells to a grid: the header found, merged cells filled downwards, blank rows and footers left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from matcher.errors import InputError
from matcher.findings import Finding
from matcher.messages import N_, Message, message
from matcher.tables.cells import as_text
from matcher.tables.coded import FEW_ROWS, Coder
from matcher.tables.grid import LONGEST_CELL, MOST_COLUMNS, Grid, column_name, numbers_in_words, too_large, unreadable
from matcher.tables.layout import WINDOW, Head, Span, find_head, tight
from matcher.tables.leave_out import left_out
from matcher.tables.table import Cell

_MOST_FILLED = 2**24


@dataclass(frozen=True)
class Sheet:
    """A sheet as its file gives it.

    Attributes
    ----------
    name : str
    rows : iterator of list
        From the sheet's first row on, blank ones too; read once.
    spans : tuple of Span
        Merged cells.
    noticed : list of (str, Message)
        Code and text of what the file tells besides: what is hidden.
    """

    name: str
    rows: Iterator[list[Cell]]
    spans: tuple[Span, ...] = ()
    noticed: list[tuple[str, Message]] = field(default_factory=list)


@dataclass(frozen=True)
class Opened:
    """A sheet of which the first rows are read, from the first that is not blank.

    Attributes
    ----------
    skipped : int
        Blank rows before.
    """

    sheet: Sheet
    skipped: int
    first: list[list[Cell]]

    def head(self, table: str, label: str) -> Head:
        """Return the header, if the sheet is of a table."""
        texts = [[as_text(c) for c in row] for row in self.first]
        numbers = range(self.skipped + 1, self.skipped + 1 + len(texts))
        return find_head(texts, [s.moved(self.skipped) for s in self.sheet.spans], table, label, numbers)

    def grid(self, table: str, label: str, findings: list[Finding]) -> Grid:
        """Return the sheet's cells as a table.

        Raises
        ------
        InputError
            Two rows could be the header, merged cells that do not agree, more than the limits of what is read.
        """
        return _Body(self, self.head(table, label), table, label).grid(findings)


def opened(sheet: Sheet) -> Opened | None:
    """Return a sheet with its first rows read, or None where all its cells are blank."""
    for skipped, row in enumerate(sheet.rows):
        if not all(map(_blank, row)):
            return Opened(sheet, skipped, [row, *islice(sheet.rows, WINDOW - 1)])
    return None


def _blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


class _Body:
    """Puts the rows below a header together."""

    def __init__(self, sheet: Opened, head: Head, table: str, label: str) -> None:
        self._opened, self._head, self._table, self._label = sheet, head, table, label
        self._start = self._header_row = sheet.skipped + head.last + 1
        body = [s for s in sheet.sheet.spans if s.top >= self._start]
        self._down = [s for s in body if s.left == s.right and s.top < s.bottom]
        self._across = [s for s in body if s.left < s.right]
        self._values: dict[Span, Cell] = {}
        self._coders: list[Coder[Cell]] = []
        self._rows: list[int] = []

    def grid(self, findings: list[Finding]) -> Grid:
        sheet, head = self._opened, self._head
        if sum(s.bottom - s.top for s in self._down) > _MOST_FILLED:
            raise too_large(self._table, self._label)
        for chunk in self._chunks():
            self._add(chunk)
        header = list(head.texts) + [""] * (len(self._coders) - len(head.texts))
        width = max((k + 1 for k, text in enumerate(header) if text.strip()), default=0)
        columns = [c.column() for c in self._coders]
        if any(_longest(c.values) > LONGEST_CELL for c in columns):
            raise too_large(self._table, self._label)
        columns += [Coder[Cell]().column()] * (len(header) - len(columns)) if not self._rows else []
        while len(columns) > width and all(map(_blank, columns[-1].values)):
            columns.pop()
        header = header[: max(width, len(columns))]
        above = tuple(t for row in sheet.first[: head.first] for c in row if (t := as_text(c)).strip())
        written = [sheet.first[k] for k in range(head.first, head.last + 1)]
        as_written = tuple(tuple(tight(as_text(c)) for c in [*row, *[""] * len(header)][: len(header)]) for row in written)
        self._tell(findings)
        grid = Grid(header, self._header_row, columns, self._rows, above, as_written)
        return left_out(grid, self._table, self._label, findings)

    def _chunks(self) -> Iterator[list[list[Cell]]]:
        yield self._opened.first[self._head.last + 1 :]
        while chunk := list(islice(self._opened.sheet.rows, FEW_ROWS)):
            yield chunk

    def _add(self, chunk: list[list[Cell]]) -> None:
        numbers = range(self._start, self._start + len(chunk))
        kept = [k for k, row in enumerate(chunk) if (row and _says(row[0])) or not all(map(_blank, row))]
        self._fill(chunk, self._start)
        self._start += len(chunk)
        if not kept:
            return
        lines: list[Sequence[Cell]] = [self._head.texts, *(chunk[k] for k in kept)]
        width = max(map(len, lines))
        if width > MOST_COLUMNS:
            width = max(map(_used, lines))
            if width > MOST_COLUMNS:
                raise too_large(self._table, self._label)
        while len(self._coders) < width:
            self._coders.append(Coder())
            self._coders[-1].add([None] * len(self._rows))
        width = len(self._coders)
        rows = chunk if len(kept) == len(chunk) else [chunk[k] for k in kept]
        even = set(map(len, rows)) == {width}
        filled = rows if even else [row[:width] if len(row) >= width else [*row, *[None] * (width - len(row))] for row in rows]
        for coder, cells in zip(self._coders, zip(*filled, strict=True), strict=True):
            coder.add(cells)
        self._rows += [numbers[k] + 1 for k in kept]

    def _fill(self, chunk: list[list[Cell]], start: int) -> None:
        """Give the cells below the first of each merged range its value: the file itself says that they are one."""
        end = start + len(chunk)
        for span in self._down:
            if span.top >= end or span.bottom < start:
                continue
            if span.top >= start:
                self._values[span] = _cell(chunk[span.top - start], span.left)
            value = self._values.get(span)
            for row in chunk[max(span.top + 1, start) - start : min(span.bottom + 1, end) - start]:
                there = _cell(row, span.left)
                if not _blank(there) and there != value:
                    raise self._disagreeing(span)
                if span.left < len(row):
                    row[span.left] = value

    def _disagreeing(self, span: Span) -> InputError:
        text = N_("Rows {first} to {last} of column {column} are merged, but hold different values. Take the merging off.")
        filled = message(text, first=span.top + 1, last=span.bottom + 1, column=column_name(span.left))
        return unreadable(self._table, self._label, span.top + 1, "merged_values", filled)

    def _tell(self, findings: list[Finding]) -> None:
        for code, text in self._opened.sheet.noticed:
            findings.append(Finding(self._table, self._label, None, "", code, text))
        down = N_("In column {column} the rows {rows} are merged; each of them was given the value.")
        for column in sorted({s.left for s in self._down}):
            spans = [s for s in self._down if s.left == column]
            numbers = sorted({r + 1 for s in spans[:1000] for r in range(s.top, min(s.bottom, s.top + 1000) + 1)})
            filled = message(down, column=column_name(column), rows=numbers_in_words(numbers))
            findings.append(Finding(self._table, self._label, min(s.top for s in spans) + 1, column_name(column), "merged_cells", filled))
        if self._across:
            across = N_("The rows {rows} hold cells merged across columns; only the first of the columns was given the value.")
            numbers = sorted({s.top + 1 for s in self._across})
            filled = message(across, rows=numbers_in_words(numbers))
            findings.append(Finding(self._table, self._label, numbers[0], "", "merged_across", filled))


def _says(cell: Cell) -> bool:
    """Return whether a cell is surely not blank: one look where most rows begin with their id."""
    return type(cell) is str and cell != "" and not cell.isspace()


def _longest(cells: Sequence[Cell]) -> int:
    """Return the length of the longest text."""
    try:
        return max(map(len, cells), default=0)  # type: ignore[arg-type]
    except TypeError:
        return max((len(c) for c in cells if isinstance(c, str)), default=0)


def _cell(row: Sequence[Cell], column: int) -> Cell:
    return row[column] if column < len(row) else None


def _used(row: Sequence[Cell]) -> int:
    return next((k + 1 for k in range(len(row) - 1, -1, -1) if not _blank(row[k])), 0)
