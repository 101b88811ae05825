"""What the tables say, as one hash, whatever order, file or format they came in."""

from __future__ import annotations

import hashlib

from matcher.tables.aliases import TABLES
from matcher.tables.cells import as_text
from matcher.tables.coded import Coded
from matcher.tables.month import RawTables
from matcher.tables.table import Cell


def inputs_hash(tables: RawTables) -> str:
    """Return the hash of what the tables say, whatever the order of rows and columns, the files' names and formats."""
    digest = hashlib.sha256()
    for name, columns in TABLES.items():
        rows: list[str] = []
        for part in tables[name].parts:
            blank = [""] * len(part.rows)
            cells = [_texts(part.columns[c.name]).tolist() if c.name in part.columns else blank for c in columns]
            cells.append([part.income_unit] * len(part.rows))
            rows += map("\x1f".join, zip(*cells, strict=True))
        rows.sort()
        digest.update("\n".join([f"\x1d{name}", *rows, ""]).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _texts(column: Coded[Cell]) -> Coded[str]:
    return column if column.all_text() else column.map(as_text)  # type: ignore[return-value]
