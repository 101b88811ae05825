"""Rows of columns as texts: neighbouring columns of few values are put together first, then rows are joined, some at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.tables.coded import FEW_ROWS, Codes

_FEW = 8
"""Columns are put together where this many rows have one combination on average."""


@dataclass(frozen=True)
class Texts:
    """A column of texts.

    Attributes
    ----------
    codes : (n,) int32 or None
        Every row's place among the texts; None where they are the rows' own.
    """

    texts: Sequence[str]
    codes: Codes | None

    def __len__(self) -> int:
        return len(self.texts if self.codes is None else self.codes)

    def of_rows(self, rows: slice) -> Sequence[str]:
        """Return some rows' texts."""
        return self.texts[rows] if self.codes is None else list(map(self.texts.__getitem__, self.codes[rows].tolist()))


def joined_rows(columns: Sequence[Texts], separator: str) -> Iterator[list[str]]:
    """Yield the rows of columns of one length, each as one text, in pieces of some thousand rows."""
    length = len(columns[0])
    together = _together(columns, length, separator)
    for start in range(0, length, FEW_ROWS):
        cells = [column.of_rows(slice(start, start + FEW_ROWS)) for column in together]
        yield list(map(separator.join, zip(*cells, strict=True)))


def used_codes(codes: Codes, width: int) -> tuple[list[int], Codes]:
    """Return the codes below ``width`` that occur, and every row's place among them."""
    used = np.flatnonzero(np.bincount(codes, minlength=width))
    number = np.zeros(width, np.int32)
    number[used] = np.arange(len(used))
    return used.tolist(), number[codes]


def _together(columns: Sequence[Texts], length: int, separator: str) -> list[Texts]:
    """Return the columns with neighbours put together that have the same codes, or few combinations."""
    found: list[Texts] = []
    for column in map(_read, columns):
        both = _both(found[-1], column, length, separator) if found else None
        found[-1:] = [both] if both else [*found[-1:], column]
    return found


def _read(column: Texts) -> Texts:
    """Return a column whose texts can be had one by one quickly."""
    return column if column.codes is None or isinstance(column.texts, list) else Texts(list(column.texts), column.codes)


def _both(left: Texts, right: Texts, length: int, separator: str) -> Texts | None:
    if left.codes is None or right.codes is None:
        return None
    if left.codes is right.codes:
        return Texts(list(map(separator.join, zip(left.texts, right.texts, strict=True))), left.codes)
    width = len(right.texts)
    if len(left.texts) * width * _FEW > length:
        return None
    used, codes = used_codes(left.codes * np.int32(width) + right.codes, len(left.texts) * width)
    return Texts([f"{left.texts[k // width]}{separator}{right.texts[k % width]}" for k in used], codes)
