"""CSV as spreadsheets open it rightly: UTF-8 with BOM, comma, LF; no cell that a spreadsheet would run.

Cells are made ready by distinct value, neighbouring columns of few values are put together first, and rows are joined: that
gives what the csv module gives, several times as fast.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from matcher.tables.coded import Coded, Codes

Column = Sequence[object] | Coded[Any]
"""A column: its cells (text, whole number or None), or the distinct ones and every row's."""
_RUNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_ODD = re.compile(r'[,"\r]|\n[' + re.escape("".join(_RUNS)) + "]")
_PERHAPS_ODD = (",", '"', *_RUNS)
_QUOTED = re.compile(r'[,"\r\n]')
_CHUNK = 20_000
_FEW = 8
"""Columns are put together where this many rows have one combination on average."""


def write_csv(path: Path, columns: Mapping[str, Column]) -> str:
    """Write a table and return the SHA-256 of the file."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for data in csv_data(columns):
            digest.update(data)
            file.write(data)
    return digest.hexdigest()


def csv_data(columns: Mapping[str, Column]) -> Iterator[bytes]:
    """Yield a table's file piece by piece; text that a spreadsheet would take for a formula gets a leading ``'``."""
    ready = [_ready(column) for column in columns.values()]
    length = len(ready[0])
    if any(len(column) != length for column in ready):
        raise ValueError("columns of different lengths")
    # not every Python quotes a lone carriage return, so a table that holds one is quoted throughout
    quote = _quoted_all if any(column.returns for column in ready) else _quoted_if_needed
    together = _together([column.quoted(quote) for column in ready], length)
    yield b"\xef\xbb\xbf" + (",".join(map(quote, columns)) + "\n").encode("utf-8", "replace")
    for start in range(0, length, _CHUNK):
        cells = [column.cells(slice(start, start + _CHUNK)) for column in together]
        yield ("\n".join(map(",".join, zip(*cells, strict=True))) + "\n").encode("utf-8", "replace")


@dataclass(frozen=True)
class _Column:
    """Texts that no spreadsheet runs.

    Attributes
    ----------
    codes : (n,) int32 or None
        Every row's place among the texts; None where they are the rows' own.
    odd : bool
        Whether some text may have to be quoted.
    returns : bool
        Whether one holds a carriage return.
    """

    texts: Sequence[str]
    codes: Codes | None
    odd: bool = False
    returns: bool = False

    def __len__(self) -> int:
        return len(self.texts if self.codes is None else self.codes)

    def quoted(self, quote: Callable[[str], str]) -> _Column:
        """Return the column as the file holds it."""
        return _Column(list(map(quote, self.texts)), self.codes) if self.odd or quote is _quoted_all else self

    def cells(self, rows: slice) -> Sequence[str]:
        """Return some rows' cells."""
        return self.texts[rows] if self.codes is None else list(map(self.texts.__getitem__, self.codes[rows].tolist()))


def _ready(column: Column) -> _Column:
    """Return a column as harmless texts."""
    if not isinstance(column, Coded):
        return _harmless(column, None)
    if len(column.values) <= len(column):
        found = _harmless(column.values, column.codes)
        if not found.odd:
            return found
    used, codes = _used(column.codes, len(column.values))  # what no row says is not in the file
    return _harmless([column.values[k] for k in used], codes)


def _used(codes: Codes, width: int) -> tuple[list[int], Codes]:
    """Return the codes below ``width`` that occur, and every row's place among them."""
    used = np.flatnonzero(np.bincount(codes, minlength=width))
    number = np.zeros(width, np.int32)
    number[used] = np.arange(len(used))
    return used.tolist(), number[codes]


def _harmless(values: Sequence[object], codes: Codes | None) -> _Column:
    kinds = set(map(type, values))
    texts: Sequence[str] = values if kinds <= {str} else list(map(str if kinds == {int} else _text, values))  # type: ignore[assignment]
    joined = "\n".join(["", *texts])
    perhaps = any(map(joined.__contains__, _PERHAPS_ODD))  # quicker than a search, which itself spares a look at every cell
    if not (perhaps and _ODD.search(joined)) and joined.count("\n") == len(texts):
        return _Column(texts, codes)
    guarded = [
        "'" + text if text.startswith(_RUNS) and isinstance(value, str) else text for value, text in zip(values, texts, strict=True)
    ]
    return _Column(guarded, codes, True, "\r" in joined)


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _quoted_if_needed(text: str) -> str:
    return _written(text, csv.QUOTE_MINIMAL) if _QUOTED.search(text) else text


def _quoted_all(text: str) -> str:
    return _written(text, csv.QUOTE_ALL)


def _written(text: str, quoting: Literal[0, 1]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n", quoting=quoting).writerow([text])
    return out.getvalue()[:-1]


def _together(columns: Sequence[_Column], length: int) -> list[_Column]:
    """Return the columns with neighbours put together that have the same codes, or few combinations."""
    found: list[_Column] = []
    for column in columns:
        both = _both(found[-1], column, length) if found else None
        found[-1:] = [both] if both else [*found[-1:], column]
    return found


def _both(left: _Column, right: _Column, length: int) -> _Column | None:
    if left.codes is None or right.codes is None:
        return None
    if left.codes is right.codes:
        return _Column(list(map(",".join, zip(left.texts, right.texts, strict=True))), left.codes)
    width = len(right.texts)
    if len(left.texts) * width * _FEW > length:
        return None
    used, codes = _used(left.codes * np.int32(width) + right.codes, len(left.texts) * width)
    return _Column([f"{left.texts[k // width]},{right.texts[k % width]}" for k in used], codes)
