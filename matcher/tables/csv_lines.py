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
            lines = list(islice(self._text, count))
            rows = self._split(lines)
            if rows is not None:
                self._lines += len(lines)
                return rows
            self._closer = self._reader(chain(lines, self._text))
        return list(islice(self._closer, count))

    def _reader(self, lines: Iterator[str]) -> Any:
        return csv.reader(lines, delimiter=self._delimiter, strict=True)

    def _split(self, lines: list[str]) -> list[list[str]] | None:
        """Return one row for each line, or None where Python's reader would not, or might refuse one."""
        if max(map(len, lines), default=0) > LONGEST_CELL:
            return None
        rows = [line.rstrip(_ENDS).split(self._delimiter) for line in lines]
        quoted = [k for k, line in enumerate(lines) if '"' in line]
        if quoted:
            try:
                found = list(self._reader(lines[k] for k in quoted))
            except csv.Error:
                return None
            if len(found) != len(quoted):
                return None
            for k, row in zip(quoted, found, strict=True):
                rows[k] = row
        return rows
