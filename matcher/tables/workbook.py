"""Workbooks (.xlsx, .xls): the sheets' cells with their raw types, by python-calamine."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from matcher.errors import InputError
from matcher.findings import Finding
from matcher.messages import N_, Message, message
from matcher.tables.cells import as_text
from matcher.tables.coded import coded
from matcher.tables.csv_file import Grid
from matcher.tables.package import error_cells, examine
from matcher.tables.table import Cell


def sheets(data: bytes, label: str) -> Iterator[tuple[str, Grid | None]]:
    """Yield every sheet's name and cells (None: an empty sheet).

    Raises
    ------
    InputError
        The workbook is encrypted or damaged.
    """
    from python_calamine import CalamineError, PasswordError, load_workbook

    problem, has_errors = examine(data) if data[:2] == b"PK" else (None, False)
    if problem:
        raise _refusal(label, "damaged", problem)
    errors = error_cells(data) if has_errors else {}  # calamine gives a blank for them
    try:
        book = load_workbook(io.BytesIO(data))
        for name in book.sheet_names:
            cells: list[list[Cell]] = [[*row] for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
            for (row, column), text in errors.get(name, {}).items():
                cells[row][column] = text
            yield name, _grid(cells)
    except PasswordError:
        raise _refusal(label, "encrypted", message(N_("The workbook has a password. Save it without one."))) from None
    except CalamineError as error:
        problem = message(N_("The workbook is damaged ({error}). Open it, save it again as .xlsx."), error=error)
        raise _refusal(label, "damaged", problem) from None


def _refusal(label: str, code: str, problem: Message) -> InputError:
    summary = message(N_("The file {file} cannot be read."), file=label)
    return InputError(summary, [Finding("", label, None, "", code, problem)])


def _blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _grid(cells: Sequence[Sequence[Cell]]) -> Grid | None:
    filled = [i for i, row in enumerate(cells) if not all(map(_blank, row))]
    if not filled:
        return None
    header_row, *body = filled
    header = [as_text(c) for c in cells[header_row]]
    while not header[-1].strip():
        header.pop()
    if header and body and len(max((cells[i] for i in body), key=len)) > len(header):
        width = max((k + 1 for i in body for k, c in enumerate(cells[i]) if not _blank(c)), default=0)
        header += [""] * (width - len(header))
    columns = [coded([cells[i][k] if k < len(cells[i]) else None for i in body]) for k in range(len(header))]
    return Grid(header, header_row + 1, columns, [i + 1 for i in body])
