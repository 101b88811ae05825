"""What the tables say, as one hash, whatever order, file or format they came in."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from matcher.tables.aliases import TABLES, Column
from matcher.tables.cells import read, read_each
from matcher.tables.coded import Coded, constant, text_of
from matcher.tables.joined import Texts, joined_rows
from matcher.tables.month import RawTables
from matcher.tables.table import Cell, Part

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

_AT_ONCE = 100_000

_NO_PLAIN_NUMBER = re.compile(r"[^0-9A-Z\n]")
_MARKS = {0x0A: "\x1b1", 0x1F: "\x1b2", 0x1B: "\x1b3"}
"""The ends of a row and of a cell, and what announces them where a cell holds them."""


def inputs_hash(tables: RawTables, income_unit: str) -> str:
    """Return the hash of what the tables say, whatever the order of rows and columns, the files' names and formats.

    Cells count as they are read: folded (NFKC, trimmed), blank where they say that there is nothing.

    Parameters
    ----------
    income_unit : str
        The unit of an income whose header says none, by the policy: saying it in the header changes nothing.
    """
    digest = hashlib.sha256()
    for name, columns in TABLES.items():
        digest.update(f"\x1d{name}\n".encode())
        unit = income_unit if name == "households" else None
        digest = _in_order(digest, [_columns(part, list(columns), unit) for part in tables[name].parts])
    return digest.hexdigest()


def _columns(part: Part, columns: Sequence[Column], income_unit: str | None) -> list[Texts]:
    """Return what a part says, a column each; at the end that of the incomes' unit where there are incomes."""
    count, given = len(part.rows), part.columns
    cells = [_said(c.name, given[c.name]) if c.name in given else constant("", count) for c in columns]
    if income_unit is not None:
        cells.append(constant(part.income_unit or income_unit, count))
    return [Texts(column.values, None if column.in_order() else column.codes) for column in cells]


def _in_order(digest: Hash, parts: list[list[Texts]]) -> Hash:
    """Return a digest that goes on with all rows, sorted; rows that come sorted are never held all at once."""
    ahead, last = digest.copy(), ""
    for rows in _rows(parts):
        if rows[0] < last or rows != sorted(rows):
            break
        ahead.update(_bytes(rows))
        last = rows[-1]
    else:
        return ahead
    every = sorted(chain.from_iterable(_rows(parts)))
    for start in range(0, len(every), _AT_ONCE):
        digest.update(_bytes(every[start : start + _AT_ONCE]))
    return digest


def _rows(parts: list[list[Texts]]) -> Iterator[list[str]]:
    return chain.from_iterable(joined_rows(columns, "\x1f") for columns in parts)


def _bytes(rows: Sequence[str]) -> bytes:
    return "\n".join([*rows, ""]).encode("utf-8", "surrogatepass")


def _said(name: str, column: Coded[Cell]) -> Coded[str]:
    return column.over(_id_numbers if name == "id_number" else read_each).over(_within_one_cell)


def _within_one_cell(cells: Sequence[str]) -> Sequence[str]:
    """Return cells in which nothing looks like the end of a cell or of a row."""
    joined = text_of(cells)
    if joined is None or "\x1f" in joined or "\x1b" in joined:
        return [cell.translate(_MARKS) for cell in cells]
    return cells


def _id_numbers(cells: Sequence[Cell]) -> Sequence[str]:
    """Return ID numbers as they are compared, but for the number of their digits; most are digits, or end in an X, and stay."""
    joined = text_of(cells)
    if joined is not None and not _NO_PLAIN_NUMBER.search(joined):
        return cells  # type: ignore[return-value]
    return [
        c if type(c) is str and c.isascii() and (c.isdigit() or (c.isalnum() and c.isupper())) else "".join(read(c).upper().split())
        for c in cells
    ]
