"""Raw tables with rows left out or added and cells that say something else; what is not changed is shared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from matcher.tables.coded import Coded, coded, constant
from matcher.tables.table import Cell, Part, RawTable


def without_rows(table: RawTable, rows: Sequence[int]) -> RawTable:
    """Return a table without some rows, given by their index."""
    if not len(rows):
        return table
    kept = np.ones(len(table), np.bool_)
    kept[list(rows)] = False
    parts = []
    for start, part in zip(table.starts, table.parts, strict=True):
        own = np.flatnonzero(kept[start : start + len(part.rows)])
        if len(own) == len(part.rows):
            parts.append(part)
            continue
        columns = {name: column.taken(own) for name, column in part.columns.items()}
        parts.append(replace(part, columns=columns, rows=[part.rows[i] for i in own.tolist()]))
    return RawTable(table.name, tuple(parts))


def with_cell(table: RawTable, row: int, column: str, value: Cell) -> RawTable:
    """Return a table in which one cell says something else."""
    parts = []
    for start, part in zip(table.starts, table.parts, strict=True):
        at = row - start
        if not 0 <= at < len(part.rows):
            parts.append(part)
            continue
        cells: Coded[Cell] = part.columns.get(column, constant(None, len(part.rows)))
        codes = cells.codes.copy()
        codes[at] = len(cells.values)
        parts.append(replace(part, columns={**part.columns, column: Coded([*cells.values, value], codes)}))
    return RawTable(table.name, tuple(parts))


def with_rows(table: RawTable, label: str, rows: Sequence[Mapping[str, str]]) -> RawTable:
    """Return a table with rows added, all of the same columns; the label stands where a file's name would."""
    if not rows:
        return table
    columns: dict[str, Coded[Cell]] = {name: coded([row[name] for row in rows]) for name in rows[0]}
    return RawTable(table.name, (*table.parts, Part(label, columns, range(1, len(rows) + 1))))
