"""A raw table: columns of cells as they came, and where every row came from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from matcher.findings import Finding
from matcher.messages import Message
from matcher.tables.coded import Coded, constant, joined

SHEET_MARK = " › "
"""Stands between a workbook's name and a sheet's in a label."""
Cell = object
"""What a reader gives: ``str``, ``int``, ``float``, ``bool``, ``datetime.date``, ``datetime.datetime`` or None."""


@dataclass(frozen=True)
class Part:
    """One file or sheet that adds to a table.

    Attributes
    ----------
    label : str
        The file's name, and in a workbook the sheet's.
    columns : dict of str to Coded
        Canonical column to its cells, all of one length.
    rows : sequence of int
        The spreadsheet's row number of every row.
    income_unit : str
        ``元`` or ``万元`` where the header says it, else empty.
    headers : dict of str to str
        Canonical column to the header as it stands.
    unit_above : str
        ``元`` or ``万元`` where only a title above the headers says it: a hint, that nothing is read by.
    """

    label: str
    columns: dict[str, Coded[Cell]]
    rows: Sequence[int]
    income_unit: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    unit_above: str = ""

    @property
    def file(self) -> str:
        """The file that the part is, or is a sheet of."""
        return self.label.partition(SHEET_MARK)[0]


@dataclass(frozen=True)
class RawTable:
    """The parts of one table, put together. Cells keep their raw type until they are judged."""

    name: str
    parts: tuple[Part, ...] = ()
    starts: tuple[int, ...] = field(init=False)
    length: int = field(init=False)

    def __post_init__(self) -> None:
        starts, total = [], 0
        for part in self.parts:
            starts.append(total)
            total += len(part.rows)
        object.__setattr__(self, "starts", tuple(starts))
        object.__setattr__(self, "length", total)

    def __len__(self) -> int:
        return self.length

    def has(self, column: str) -> bool:
        """Return whether any part gives the column."""
        return any(column in part.columns for part in self.parts)

    def column(self, name: str) -> Coded[Cell]:
        """Return the cells of a column; None where a part has no such column."""
        return joined([p.columns[name] if name in p.columns else constant(None, len(p.rows)) for p in self.parts])

    def finding(self, index: int | None, column: str, code: str, message: Message) -> Finding:
        """Return a finding about a row (None: the whole table) by its place in the office's own file."""
        if index is None or not self.parts:
            return Finding(self.name, self.parts[0].label if self.parts else "", None, column, code, message)
        at = bisect_right(self.starts, index) - 1
        part = self.parts[at]
        header = part.headers.get(column, "")
        return Finding(self.name, part.label, part.rows[index - self.starts[at]], column, code, message, header)

    def header(self, column: str) -> str:
        """Return a column's header as the office wrote it, else its canonical name."""
        return next((part.headers[column] for part in self.parts if column in part.headers), column)
