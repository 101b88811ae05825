"""A sheet or file as cells by columns, its header known; and the limits of what is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from matcher.errors import InputError, not_opened
from matcher.findings import Finding
from matcher.messages import N_, Message, message
from matcher.tables.coded import Coded
from matcher.tables.table import Cell

MOST_BYTES = 1_000_000_000
"""The largest file that is read."""
MOST_COLUMNS = 1_000
"""The widest header that is read."""
LONGEST_CELL = 32_767
"""Characters that a spreadsheet keeps in a cell."""


@dataclass(frozen=True)
class Grid:
    """A sheet or file as cells: the header row, the body by columns, and the row number of every body row.

    Attributes
    ----------
    header : list of str
    header_row : int
        The number of the header's last row, as a spreadsheet shows it.
    columns : list of Coded
    rows : sequence of int
    above : tuple of str
        The cells that stand above the headers (titles, who reports, units of money).
    as_written : tuple of tuple of str
        The header's rows as they stand, without white space: where they come again, a page begins.
    """

    header: list[str]
    header_row: int
    columns: list[Coded[Cell]]
    rows: Sequence[int]
    above: tuple[str, ...] = ()
    as_written: tuple[tuple[str, ...], ...] = field(default=())


def unreadable(table: str, label: str, row: int | None, code: str, reason: Message) -> InputError:
    """Return the error that refuses a file as a whole."""
    summary = message(N_("The file {file} cannot be read."), file=label)
    return InputError(summary, [Finding(table, label, row, "", code, reason)])


def too_large(table: str, label: str) -> InputError:
    """Return the error that refuses a file that is beyond what is read."""
    reason = N_("The table is larger than what is read: {bytes} bytes, {columns} columns, {cell} characters in a cell. Split it.")
    filled = message(reason, bytes=MOST_BYTES, columns=MOST_COLUMNS, cell=LONGEST_CELL)
    return unreadable(table, label, None, "too_large", filled)


@contextmanager
def opening(file: str, table: str = "") -> Iterator[None]:
    """Refuse a file or folder that the system does not let us read (Windows: one that is open in Excel) as unusable input."""
    try:
        yield
    except OSError as error:
        text = not_opened(error, file)
        raise InputError(text, [Finding(table, file, None, "", "not_opened", text)]) from error


def column_name(index: int) -> str:
    """Return a column's letters as a spreadsheet shows them; the index counts from 0."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def numbers_in_words(numbers: Sequence[int], most: int = 8) -> str:
    """Return rising numbers as ranges (``3-5, 9``), shortened where there are many."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    words = [str(a) if a == b else f"{a}-{b}" for a, b in ranges]
    return ", ".join(words if len(words) <= most else [*words[:most], "…"])
