"""CSV as spreadsheets open it rightly: UTF-8 with BOM, comma, LF; no cell that a spreadsheet would run.

Cells are made ready by distinct value, and rows are joined: that gives what the csv module gives, several times as fast.
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

from matcher.tables.coded import Coded, Codes
from matcher.tables.joined import Texts, joined_rows, used_codes

Column = Sequence[object] | Coded[Any]
"""A column: its cells (text, whole number or None), or the distinct ones and every row's."""
_RUNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_ODD = re.compile(r'[,"\r]|\n[' + re.escape("".join(_RUNS)) + "]")
_PERHAPS_ODD = (",", '"', *_RUNS)
_QUOTED = re.compile(r'[,"\r\n]')


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
    yield b"\xef\xbb\xbf" + (",".join(map(quote, columns)) + "\n").encode("utf-8", "replace")
    for rows in joined_rows([column.quoted(quote) for column in ready], ","):
        yield ("\n".join(rows) + "\n").encode("utf-8", "replace")


@dataclass(frozen=True)
class _Column(Texts):
    """Texts that no spreadsheet runs.

    Attributes
    ----------
    odd : bool
        Whether some text may have to be quoted.
    returns : bool
        Whether one holds a carriage return.
    """

    odd: bool = False
    returns: bool = False

    def quoted(self, quote: Callable[[str], str]) -> Texts:
        """Return the column as the file holds it."""
        return Texts(list(map(quote, self.texts)), self.codes) if self.odd or quote is _quoted_all else self


def _ready(column: Column) -> _Column:
    """Return a column as harmless texts."""
    if not isinstance(column, Coded):
        return _harmless(column, None)
    if len(column.values) <= len(column):
        found = _harmless(column.values, column.codes)
        if not found.odd:
            return found
    used, codes = used_codes(column.codes, len(column.values))  # what no row says is not in the file
    return _harmless(list(map(list(column.values).__getitem__, used)), codes)


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
