"""Workbooks (.xlsx, .xls, WPS .et): the sheets' cells with their raw types, by python-calamine."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from matcher.errors import InputError
from matcher.messages import N_, Message, message
from matcher.tables.biff import NotUnderstoodError, old_sheets
from matcher.tables.grid import unreadable
from matcher.tables.layout import Span
from matcher.tables.package import Package, error_cells, examine, hidden_columns, hidden_rows
from matcher.tables.sheet import Sheet
from matcher.tables.table import Cell

_LINKED = N_("The workbook takes values from other workbooks; they were read as they were last saved. Check that they are up to date.")


@dataclass(frozen=True)
class Look:
    """What was seen of a workbook without parsing it; the errors by sheet, (row, column) and text (calamine gives a blank for them)."""

    package: Package
    errors: dict[str, dict[tuple[int, int], str]]


def look_into(data: bytes, label: str) -> Look:
    """Look into a workbook before it is parsed, or beside.

    Raises
    ------
    InputError
        The workbook is damaged, holds macros, or is beyond the limits of what is read.
    """
    if data[:2] != b"PK":
        return _look_into_old(data)
    package = examine(data, label)
    return Look(package, error_cells(data) if package.has_errors else {})


def sheets(data: bytes, label: str, looked: Callable[[], Look] | None = None) -> Iterator[Sheet]:
    """Yield every sheet of a workbook, hidden ones too.

    Parameters
    ----------
    looked : callable, optional
        Gives what another process sees, and would refuse; what is parsed meanwhile is not used before.

    Raises
    ------
    InputError
        The workbook is encrypted or damaged, holds macros, or is beyond the limits of what is read.
    """
    from python_calamine import CalamineError, PasswordError, load_workbook

    look = None if looked else look_into(data, label)
    try:
        book = load_workbook(io.BytesIO(data))
        ahead = {name: book.get_sheet_by_name(name) for name in book.sheet_names[:1] if looked}
        look = looked() if looked else look
        assert look is not None  # noqa: S101 - says to mypy that one of the two has looked
        shown = {page.name: str(page.visible).endswith(".Visible") for page in book.sheets_metadata}
        for name in book.sheet_names:
            noticed = list(look.package.hidden.get(name, look.package.hidden.get("", ())))
            if not shown.get(name, True):
                noticed.insert(0, ("hidden_sheet", message(N_("The sheet is hidden; it was read like the others."))))
            if look.package.linked:
                noticed.append(("linked_workbook", message(_LINKED)))
            page = ahead.pop(name, None) or book.get_sheet_by_name(name)
            spans = tuple(Span(*first, *last) for first, last in page.merged_cell_ranges or ())
            yield Sheet(name, _rows(page, look.errors.get(name, {})), spans, noticed)
    except PasswordError:
        raise _refusal(label, "encrypted", message(N_("The workbook has a password. Save it without one."))) from None
    except CalamineError:
        raise _refusal(label, "damaged", message(N_("The workbook is damaged. Open it, save it again as .xlsx."))) from None


def _look_into_old(data: bytes) -> Look:
    """Return what an .xls hides and which cells hold errors; what could not be looked at is noticed on every sheet."""
    try:
        found = old_sheets(data)
    except NotUnderstoodError:
        text = N_("Whether rows or columns are hidden, or cells hold errors, could not be seen. Save the workbook as .xlsx.")
        return Look(Package(hidden={"": [("hidden_not_seen", message(text))]}), {})
    hidden = {s.name: hidden_rows(sorted(r + 1 for r in s.rows)) + hidden_columns(sorted(s.columns)) for s in found}
    return Look(Package(hidden=hidden), {s.name: s.errors for s in found})


def _rows(page: Any, errors: dict[tuple[int, int], str]) -> Iterator[list[Cell]]:
    """Yield the cells of every row from the first row and column of the sheet on."""
    margin = [""] * (page.start[1] if page.start else 0)
    if not margin and not errors:
        yield from page.iter_rows()
        return
    by_row: dict[int, list[tuple[int, str]]] = {}
    for (row, column), text in errors.items():
        by_row.setdefault(row, []).append((column, text))
    for number, row in enumerate(page.iter_rows()):
        cells: list[Cell] = [*margin, *row]
        for column, text in by_row.get(number, ()):
            cells += [""] * (column + 1 - len(cells))
            cells[column] = text
        yield cells


def _refusal(label: str, code: str, problem: Message) -> InputError:
    return unreadable("", label, None, code, problem)
