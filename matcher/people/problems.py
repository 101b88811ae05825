"""Reading a table's columns, with every cell that cannot be used collected before anything is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matcher.errors import InputError
from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.tables.cells import as_text, each, first_of_each, read, read_each, whole
from matcher.tables.table import Cell, RawTable


def refuse_if_any(problems: Sequence[Finding]) -> None:
    """Raise :class:`InputError` if there are problems."""
    if problems:
        raise InputError(message(N_("The tables cannot be used.")), problems)


def filled(
    table: RawTable, column: str, problems: list[Finding], reader: Callable[[Sequence[Cell]], Sequence[str]] = read_each
) -> Sequence[str]:
    """Return a required column's folded texts; a blank cell is a problem."""
    texts = reader(table.column(column))
    if not all(texts):
        text = message(N_("The cell is blank, and {column} is required. Fill it in or delete the row."), column=column)
        problems += [table.finding(i, column, "blank_required", text) for i, t in enumerate(texts) if not t]
    return texts


def ids(table: RawTable, column: str, problems: list[Finding]) -> Sequence[str]:
    """Return an id column, folded; a blank one and a long number in a number cell are problems."""
    cells = table.column(column)
    text = message(N_("The number is longer than a number cell can hold. Format the column as text and enter it again."))
    problems += [
        table.finding(i, column, "id_in_number_cell", text)
        for i, c in enumerate(cells)
        if not isinstance(c, str) and isinstance(c, int | float) and abs(c) >= 1e15
    ]
    return filled(table, column, problems)


def wholes(table: RawTable, column: str, blank: int | None, problems: list[Finding], least: int | None = 0) -> list[int]:
    """Return a column of whole numbers; what is none, or less than ``least``, is a problem."""
    cells = table.column(column)

    def number(cell: object) -> int | None:
        text = read(cell)
        value = whole(text) if text else blank
        if value is None or abs(value) >= 2**31 or (text and least is not None and value < least):
            return None
        return value

    values = each(cells, number)
    for index, value in enumerate(values):
        if value is None:
            kind = N_("{value} is no whole number of {least} or more. Write a figure such as 3.")
            text = message(kind, value=as_text(cells[index])[:20], least="…" if least is None else least)
            problems.append(table.finding(index, column, "not_a_number", text))
    return [v or 0 for v in values]


def unique(table: RawTable, column: str, keys: Sequence[str], problems: list[Finding]) -> None:
    """Add a problem for every key that stands on two rows; both rows are named."""
    if len(set(keys)) == len(keys):
        return
    first = first_of_each(keys)
    for index, key in enumerate(keys):
        if key and first[key] != index:
            other = table.finding(first[key], column, "", message(""))
            text = N_("{id} stands twice, first in {sheet}, row {row}. Ids must be unique.")
            filled_in = message(text, id=key, sheet=other.sheet, row=other.row)
            problems.append(table.finding(index, column, "repeated_id", filled_in))
