"""Columns by their distinct values: what repeats itself is kept, read and judged once."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from matcher.tables.lines import Lines

T = TypeVar("T")
U = TypeVar("U")
Codes = npt.NDArray[np.int32]
_DENSE = 16
"""How many numbers a table may have for every row that looks one up."""
FEW_ROWS = 2_000
"""Rows that are best read and coded at a time: their cells stay in the processor's cache until they are coded."""
_ENOUGH_TO_PACK = 30_000
"""Texts from which on memory counts for more than how quickly one of them is there."""
_ENOUGH_TO_TELL = 20_000
"""Cells after which a column is known as one whose cells hardly repeat, or not."""


@dataclass(frozen=True)
class Coded(Generic[T]):
    """A column: cell i is ``values[codes[i]]``. Values may repeat (they need not be hashable).

    Attributes
    ----------
    values : sequence
    codes : (n,) int32
    """

    values: Sequence[T]
    codes: Codes

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> T:
        return self.values[int(self.codes[row])]

    def __reduce__(self) -> tuple[Callable[..., Coded[Any]], tuple[object, Codes]]:
        """Go to another process as one text where that is possible: far less work than a text for every value."""
        text = text_of(self.values) if len(self.values) else None
        return (Coded, (self.values, self.codes)) if text is None else (_of_lines, (text, self.codes))

    def map(self, reader: Callable[[T], U]) -> Coded[U]:
        """Return the column of ``reader`` of every cell."""
        return Coded([reader(v) for v in self.values], self.codes)

    def over(self, reader: Callable[[Sequence[T]], Sequence[U]]) -> Coded[U]:
        """Return the column of which ``reader`` gives all values at once."""
        return Coded(reader(self.values), self.codes)

    def tolist(self) -> list[T]:
        """Return the cells."""
        if self.in_order():
            return list(self.values)
        return np.fromiter(self.values, np.object_, len(self.values))[self.codes].tolist()  # type: ignore[no-any-return]

    def ints(self: Coded[int]) -> npt.NDArray[np.int64]:
        """Return the cells of a column of whole numbers as an array."""
        return np.fromiter(self.values, np.int64, len(self.values))[self.codes]

    def taken(self, rows: npt.NDArray[np.int64]) -> Coded[T]:
        """Return the column of some rows, in their order."""
        return Coded(self.values, self.codes[rows])

    def all_text(self) -> bool:
        """Return whether every value is a text."""
        return is_text(self.values)

    def in_order(self) -> bool:
        """Return whether the values are the cells as they stand."""
        return len(self.values) == len(self.codes) and np.array_equal(self.codes, np.arange(len(self.codes)))

    def rows_where(self, test: Callable[[T], object]) -> list[int]:
        """Return the rows whose cell passes a test."""
        return self.rows_of([k for k, value in enumerate(self.values) if test(value)])

    def rows_of(self, values: Sequence[int]) -> list[int]:
        """Return the rows whose cell is one of some values, given by their places in ``values``."""
        if not len(values):
            return []
        good = np.zeros(len(self.values), np.bool_)
        good[values] = True
        return np.flatnonzero(good[self.codes]).tolist()

    def numbered(self) -> tuple[list[T], npt.NDArray[np.int64]]:
        """Return the distinct cells that occur, sorted, and every row's number among them."""
        used = np.flatnonzero(np.bincount(self.codes, minlength=len(self.values)))
        values = list(map(list(self.values).__getitem__, used.tolist()))
        order: list[T] = sorted(set(values))  # type: ignore[type-var]
        number = {value: k for k, value in enumerate(order)}
        of_value = np.full(len(self.values), -1, np.int64)
        of_value[used] = list(map(number.__getitem__, values))
        return order, of_value[self.codes]


def _of_lines(text: str, codes: Codes) -> Coded[str]:
    lines = Lines(text)
    return Coded(lines if len(lines) >= _ENOUGH_TO_PACK else list(lines), codes)


def is_text(cells: Sequence[object]) -> bool:
    """Return whether every cell is a text."""
    if isinstance(cells, Lines):
        return True
    try:
        "".join(cells)  # type: ignore[arg-type]
    except TypeError:
        return False
    return True


def text_of(cells: Sequence[object]) -> str | None:
    """Return cells as the lines of one text; None where one is no text, or holds a line feed itself."""
    if isinstance(cells, Lines):
        return cells.text
    try:
        joined = "\n".join(cells)  # type: ignore[arg-type]
    except TypeError:
        return None
    return joined if joined.count("\n") == max(len(cells) - 1, 0) else None


def packed(texts: Sequence[str]) -> Sequence[str]:
    """Return texts that are to be kept and seldom read; where they are many, in a fifth of the memory."""
    joined = text_of(texts) if texts and len(texts) >= _ENOUGH_TO_PACK else None
    return texts if joined is None else Lines(joined)


class Coder(Generic[T]):
    """Codes a column as it is read; a column whose cells hardly repeat is kept as it comes, without a look-up."""

    def __init__(self) -> None:
        self._number: defaultdict[object, int] | None = defaultdict(count().__next__)
        self._mixed = False
        self._cells = self._before = 0
        self._values: list[T] = []
        self._codes: list[Codes] = []

    def add(self, cells: Sequence[T]) -> None:
        """Add some cells; 1, 1.0 and True are different cells."""
        if self._number is None or is_text(cells):
            self.add_texts(cells)
        else:
            self._mixed = True
            self._look_up([c if type(c) is str else (type(c), c) for c in cells])

    def add_texts(self, cells: Sequence[T]) -> None:
        """Add some cells that are all texts."""
        if self._number is None:
            start = len(self._values)
            self._values.extend(cells)
            self._codes.append(np.arange(start, len(self._values), dtype=np.int32))
        else:
            self._look_up(cells)

    def _look_up(self, keys: Sequence[object]) -> None:
        assert self._number is not None  # noqa: S101 - says to mypy what the callers looked at
        self._codes.append(np.fromiter(map(self._number.__getitem__, keys), np.int32, len(keys)))
        self._cells += len(keys)
        if self._cells >= _ENOUGH_TO_TELL:
            if len(self._number) - self._before > 0.5 * self._cells:
                self._values, self._number = self._known(), None
            else:
                self._cells, self._before = 0, len(self._number)

    def _known(self) -> list[T]:
        if self._number is None:
            return self._values
        if not self._mixed:
            return list(self._number)  # type: ignore[arg-type]
        return [key[1] if isinstance(key, tuple) else key for key in self._number]  # type: ignore[misc]

    def column(self) -> Coded[T]:
        """Return the column."""
        return Coded(self._known(), np.concatenate(self._codes) if self._codes else np.zeros(0, np.int32))


class Numbers:
    """Rising numbers of rows: a range as long as none is left out."""

    def __init__(self) -> None:
        self.numbers: Sequence[int] = range(0)

    def add(self, more: Sequence[int]) -> None:
        """Add some numbers."""
        known = self.numbers
        if isinstance(known, range) and isinstance(more, range) and (not known or known.stop == more.start):
            self.numbers = range((known or more).start, more.stop)
        elif isinstance(known, array):
            known.extend(more)
        else:
            self.numbers = array("q", [*known, *more])


def coded(cells: Sequence[T]) -> Coded[T]:
    """Return some cells as a column."""
    coder: Coder[T] = Coder()
    coder.add(cells)
    return coder.column()


def joined(columns: Sequence[Coded[T]]) -> Coded[T]:
    """Return columns put one below the other."""
    if len(columns) == 1:
        return columns[0]
    values: list[T] = []
    codes: list[Codes] = []
    for column in columns:
        codes.append(column.codes + np.int32(len(values)))
        values.extend(column.values)
    return Coded(values, np.concatenate(codes) if codes else np.zeros(0, np.int32))


def constant(value: T, length: int) -> Coded[T]:
    """Return a column of one value."""
    return Coded([value], np.zeros(length, np.int32))


def repeated_rows(keys: Sequence[object] | npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return (row, first row) of every key that stood before.

    Only keys whose hashes meet are compared; a table of a million rows needs no dictionary of them.
    """
    first: dict[object, int] = {}
    return [(row, at) for row in perhaps_repeated(keys) if (at := first.setdefault(keys[row], row)) != row]


def perhaps_repeated(keys: Sequence[object] | npt.NDArray[np.int64]) -> list[int]:
    """Return the rows whose key's hash stands on another row too: all whose key does, and hardly any else."""
    hashes = keys if isinstance(keys, np.ndarray) else np.fromiter(map(hash, keys), np.int64, len(keys))
    ordered = np.sort(hashes)
    several = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(several):
        return []
    at = np.minimum(np.searchsorted(several, hashes), len(several) - 1)
    return np.flatnonzero(several[at] == hashes).tolist()


def distinct_rows(*columns: Codes) -> tuple[list[list[int]], npt.NDArray[np.int64]]:
    """Return the distinct rows of columns of codes, as lists, and every row's number among them."""
    number = columns[0].astype(np.int64)
    for column in columns[1:]:
        number = _numbers(number)[1] * (int(column.max(initial=0)) + 1) + column
    first, number = _numbers(number)
    return [column[first].tolist() for column in columns], number


def _numbers(keys: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return a row of every distinct key, by rising key, and every row's number among them; without sorting where keys are small."""
    width = int(keys.max(initial=0)) + 1
    if width > _DENSE * len(keys):
        _, first, number = np.unique(keys, return_index=True, return_inverse=True)
        return first, number
    row = np.full(width, -1, np.int32)
    row[keys] = np.arange(len(keys))
    used = np.flatnonzero(row >= 0)
    first = row[used].astype(np.int64)
    row[used] = np.arange(len(used))
    return first, row[keys].astype(np.int64)
