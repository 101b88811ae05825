"""What the tables say, as one hash, whatever order, file or format they came in."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from matcher.tables.aliases import TABLES
from matcher.tables.cells import read, read_each
from matcher.tables.coded import Coded, constant
from matcher.tables.month import RawTables
from matcher.tables.table import Cell

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
        rows: list[str] = []
        for part in tables[name].parts:
            count, given = len(part.rows), part.columns
            cells = [_said(c.name, given[c.name]) if c.name in given else constant("", count) for c in columns]
            if name == "households":
                cells.append(constant(part.income_unit or income_unit, count))
            rows += map("\x1f".join, zip(*(c.tolist() for c in cells), strict=True))
        rows.sort()
        digest.update("\n".join([f"\x1d{name}", *rows, ""]).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _said(name: str, column: Coded[Cell]) -> Coded[str]:
    return column.over(_id_numbers if name == "id_number" else read_each).over(_within_one_cell)


def _within_one_cell(cells: Sequence[str]) -> Sequence[str]:
    """Return cells in which nothing looks like the end of a cell or of a row."""
    text = "".join(cells)
    return [cell.translate(_MARKS) for cell in cells] if any(chr(mark) in text for mark in _MARKS) else cells


def _id_numbers(cells: Sequence[Cell]) -> Sequence[str]:
    """Return ID numbers as they are compared, but for the number of their digits; most are digits, or end in an X, and stay."""
    return [
        c if type(c) is str and c.isascii() and (c.isdigit() or (c.isalnum() and c.isupper())) else "".join(read(c).upper().split())
        for c in cells
    ]
