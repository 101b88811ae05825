"""What the tables say, as one hash, whatever order, file or format they came in."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from matcher.tables.aliases import TABLES
from matcher.tables.cells import read_each
from matcher.tables.coded import Coded, constant
from matcher.tables.month import RawTables
from matcher.tables.table import Cell


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
            rows += map("\x1f".join, zip(*map(iter, cells), strict=True))
        rows.sort()
        digest.update("\n".join([f"\x1d{name}", *rows, ""]).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _said(name: str, column: Coded[Cell]) -> Coded[str]:
    return column.over(_id_numbers if name == "id_number" else read_each)


def _id_numbers(cells: Sequence[Cell]) -> Sequence[str]:
    """Return ID numbers as they are compared, but for the number of their digits."""
    said = read_each(cells)
    if said is not cells:  # no text of its own holds a line feed then
        return ["".join(text.upper().split()) for text in said]
    text = "\n".join(said)
    return said if (upper := text.upper()) == text else upper.split("\n")
