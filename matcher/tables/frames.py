"""pandas frames (or anything with columns and ``tolist``) as raw tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matcher.errors import InputError
from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.tables.aliases import TABLES
from matcher.tables.coded import coded
from matcher.tables.grid import Grid
from matcher.tables.headers import parts_of
from matcher.tables.month import RawTables, require_rows
from matcher.tables.table import Cell, Part, RawTable


def tables_from(frames: Mapping[str, Any]) -> RawTables:
    """Return frames by table name as raw tables; missing values (None, NaN, NaT) are blank cells.

    Raises
    ------
    InputError
        An unknown table, a header that cannot be used, households or cadres absent or empty.
    """
    findings: list[Finding] = []
    for name in frames:
        if name not in TABLES:
            raise InputError(message(N_("There is no table {table}; known: {known}."), table=name, known=", ".join(TABLES)))
    parts: dict[str, list[Part]] = {name: [] for name in TABLES}
    for name in TABLES:
        frame = frames.get(name)
        if frame is None:
            continue
        headers = [str(c) for c in frame.columns]
        columns = [coded([_cell(v) for v in frame.iloc[:, k].tolist()]) for k in range(len(headers))]
        grid = Grid(headers, 1, columns, list(range(2, len(frame) + 2)))
        for of, part in parts_of(grid, name, name, findings):
            parts[of].append(part)
    tables = {name: RawTable(name, tuple(each)) for name, each in parts.items()}
    require_rows(tables, "")
    return RawTables(tables, tuple(findings))


def _cell(value: Any) -> Cell:
    if value is None or value != value or type(value).__name__ in ("NaTType", "NAType"):
        return None
    return value.to_pydatetime() if hasattr(value, "to_pydatetime") else value
