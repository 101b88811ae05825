"""Reading a table's columns, with every cell that cannot be used collected before anything is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from matcher.domain import Ints
from matcher.errors import ContradictionError, InputError
from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.tables.cells import excerpt, read, read_each, whole
from matcher.tables.coded import Coded, repeated_rows
from matcher.tables.table import Cell, RawTable


def refuse_if_any(problems: Sequence[Finding]) -> None:
    """Raise :class:`InputError` if there are problems."""
    if problems:
        raise InputError(message(N_("The tables cannot be used.")), problems)


@contextmanager
def refused_with(problems: Sequence[Finding]) -> Iterator[None]:
    """Raise :class:`InputError` at the end if there are problems, or before together with what else refuses the month."""
    try:
        yield
    except (InputError, ContradictionError) as error:
        if not problems:
            raise
        raise InputError(message(N_("The tables cannot be used.")), [*problems, *error.findings]) from error
    refuse_if_any(problems)


def filled(
    table: RawTable, column: str, problems: list[Finding], reader: Callable[[Sequence[Cell]], Sequence[str]] = read_each
) -> Coded[str]:
    """Return a required column's folded texts; a blank cell is a problem."""
    texts = table.column(column).over(reader)
    text = message(N_("The cell is blank, and {column} is required. Fill it in or delete the row."), column=table.header(column))
    if "" in texts.values:
        problems += [table.finding(i, column, "blank_required", text) for i in texts.rows_where(lambda t: not t)]
    return texts


def ids(table: RawTable, column: str, problems: list[Finding]) -> list[str]:
    """Return an id column's cells (see :func:`id_column`)."""
    return id_column(table, column, problems).tolist()


def id_column(table: RawTable, column: str, problems: list[Finding]) -> Coded[str]:
    """Return an id column, folded; a blank one and a long number in a number cell are problems."""
    text = message(N_("The number is longer than a number cell can hold. Format the column as text and enter it again."))
    if not table.column(column).all_text():
        long = table.column(column).rows_where(lambda c: isinstance(c, int | float) and abs(c) >= 1e15)
        problems += [table.finding(i, column, "id_in_number_cell", text) for i in long]
    return filled(table, column, problems)


def wholes(table: RawTable, column: str, blank: int | None, problems: list[Finding], least: int | None = 0) -> Ints:
    """Return a column of whole numbers; what is none, or less than ``least``, is a problem."""

    def number(cell: object) -> int | None:
        text = read(cell)
        value = whole(text) if text else blank
        if value is None or abs(value) >= 2**31 or (text and least is not None and value < least):
            return None
        return value

    cells = table.column(column)
    values = cells.map(number)
    kind = N_("{value} cannot be used: a whole number is wanted, such as 3 or -2.")
    if least is not None:
        kind = N_("{value} cannot be used: a whole number of {least} or more is wanted, such as 3.")
    for index in values.rows_where(lambda v: v is None):
        text = message(kind, value=excerpt(cells[index]), least=least)
        problems.append(table.finding(index, column, "not_a_number", text))
    return values.map(lambda v: v or 0).ints()


def unique(table: RawTable, column: str, keys: Sequence[str], problems: list[Finding]) -> None:
    """Add a problem for every key that stands on two rows; both rows are named."""
    text = N_("{id} stands twice, first in {sheet}, row {row}. Ids must be unique.")
    for index, first in repeated_rows(keys):
        if keys[index]:
            other = table.finding(first, column, "", message(""))
            filled_in = message(text, id=keys[index], sheet=other.sheet, row=other.row)
            problems.append(table.finding(index, column, "repeated_id", filled_in))
