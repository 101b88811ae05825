"""Rows of a CSV text, many at a time: as Python's reader splits them, but faster where a line holds no quotation mark."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from matcher.tables.grid import LONGEST_CELL

_ENDS = "\r\n"


class Rows:
    """The rows of a text, one after the other, as :func:`csv.reader` gives them (strict; a blank line may be one blank field).

    A line without a quotation mark is a row, and is split at its delimiters. Lines with one are given to Python's reader; where it
    does not find one row in each of them (a field holds a line break, the quotation marks are wrong), it reads all that follows.
    """

    def __init__(self, text: Iterator[str], delimiter: str) -> None:
        self._text, self._delimiter = text, delimiter
        self._lines = 0
        self._ahead: list[str] = []
        self._closer: Any = None

    @property
    def line_num(self) -> int:
        """How many lines were read."""
        return self._lines + (self._closer.line_num if self._closer is not None else 0)

    def take(self, count: int) -> list[list[str]]:
        """Return the next rows, fewer than ``count`` at the end of the text.

        Raises
        ------
        csv.Error
            Quotation marks that are wrong, or a field longer than the limit.
        """
        if self._closer is None:
            lines = self._next(count)
            self._ahead = []
            rows = self._split(lines)
            if rows is not None:
                self._lines += len(lines)
                return rows
            self._closer = self._reader(chain(lines, self._text))
        return list(islice(self._closer, count))

    def take_columns(self, count: int, width: int) -> list[list[str]] | None:
        """Return the next rows as columns: quicker than row by row.

        None, and nothing is taken, at the end, where a row has another number of fields, and where a first field is blank.
        """
        if self._closer is not None:
            return None
        self._ahead = self._next(count)
        columns = self._columns(self._ahead, width)
        if columns is None or not all(map(str.strip, columns[0])):
            return None
        self._lines += len(self._ahead)
        self._ahead = []
        return columns

    def _next(self, count: int) -> list[str]:
        return self._ahead or list(islice(self._text, count))

    def _reader(self, lines: Iterator[str]) -> Any:
        return csv.reader(lines, delimiter=self._delimiter, strict=True)

    def _split(self, lines: list[str]) -> list[list[str]] | None:
        """Return one row for each line, or None where Python's reader would not, or might refuse one."""
        quoted = self._quoted(lines)
        if quoted is None:
            return None
        rows = [line.rstrip(_ENDS).split(self._delimiter) for line in lines]
        for k, row in quoted.items():
            rows[k] = row
        return rows

    def _columns(self, lines: list[str], width: int) -> list[list[str]] | None:
        """Return the columns of lines that are a row of so many fields each, else None.

        All lines are split as one text: every line's end must then stand where the last column's cells do.
        """
        quoted = self._quoted(lines)
        if not lines or quoted is None or any(len(row) != width for row in quoted.values()):
            return None
        plain = lines.copy()
        for k in quoted:
            plain[k] = self._delimiter * (width - 1) + "\n"
        text = self._delimiter.join(plain).replace("\r\n", "\n")
        cells = text.split(self._delimiter)
        last = "".join(cells[width - 1 :: width]).split("\n")
        if "\r" in text or len(cells) != width * len(lines) or len(last) != len(lines) + 1 or last.pop():
            return None
        columns = [*(cells[k::width] for k in range(width - 1)), last]
        for k, row in quoted.items():
            for column, cell in zip(columns, row, strict=True):
                column[k] = cell
        return columns

    def _quoted(self, lines: list[str]) -> dict[int, list[str]] | None:
        """Return the rows of the lines that hold a quotation mark; None where one of them is none, or any line is too long."""
        if max(map(len, lines), default=0) > LONGEST_CELL:
            return None
        at = [k for k, line in enumerate(lines) if '"' in line]
        try:
            found = list(self._reader(lines[k] for k in at)) if at else []
        except csv.Error:
            return None
        return dict(zip(at, found, strict=True)) if len(found) == len(at) else None
