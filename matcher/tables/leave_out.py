"""Rows of a body that are no data: footers, pages' repeated headers, the row that numbers the columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.tables.aliases import LAYOUTS, headers_of, layout_of, normal_header
from matcher.tables.cells import as_text, excerpt, fold
from matcher.tables.coded import Coded
from matcher.tables.grid import Grid
from matcher.tables.layout import tight
from matcher.tables.table import Cell

_TOTAL = re.compile(r"(?:本?[页表])?(?:合计|总计|小计|共计|累计)(?:[:(].*)?")
_SIGNED = re.compile(
    r"(?:填[表报制]人?|审[核批]人?|制表人?|复核人?|经办人?|负责人|(?:单位|主要|分管)负责人|分管领导|填[表报](?:单位|日期|时间)|制表日期"
    r"|备注|注|说明|盖章|签[字章])(?:\(?(?:签[字章]|盖章|公章)\)?)?(?::.*)?"
)
_DAY = re.compile(r"(?:日期:?)?\d{4}[年./-]\d{1,2}[月./-]\d{1,2}日?")
_LOOK = re.compile(r"^(?:$|[^\S\n]|[本页表合总小共累填审制复经负单主分备注说盖签日]|\d{4}[年./-])", re.MULTILINE)


def is_footer(cells: Sequence[Cell], needed: Sequence[int], key: int | None = None) -> bool:
    """Return whether a row closes a table: a total, who signed, a remark, a date.

    Parameters
    ----------
    needed : sequence of int
        The required columns. A row that fills them all is data, unless its id says that it is a total.
    key : int, optional
        The column of the id.
    """
    first = next((text for cell in cells if (text := tight(fold(as_text(cell))))), "")
    says = tight(fold(as_text(cells[key]))) if key is not None and key < len(cells) else ""
    if _TOTAL.fullmatch(first) or _TOTAL.fullmatch(says):
        return True
    lacks = any(k >= len(cells) or not as_text(cells[k]).strip() for k in needed)
    return lacks and bool(_SIGNED.fullmatch(first) or _DAY.fullmatch(first))


def needed_columns(header: Sequence[str], table: str) -> list[int]:
    """Return the places of the columns that the table requires."""
    layout = layout_of(header, table)
    required = {c.name for c in LAYOUTS[layout] if c.required}
    return [k for k, text in enumerate(header) if headers_of(layout).get(normal_header(text)[0]) in required]


def left_out(grid: Grid, table: str, label: str, findings: list[Finding]) -> Grid:
    """Return a grid without the rows that are no data; each is told of."""
    needed = needed_columns(grid.header, table)
    layout = layout_of(grid.header, table)
    names, first = [headers_of(layout).get(normal_header(text)[0]) for text in grid.header], LAYOUTS[layout][0].name
    key = names.index(first) if first in names else None
    out: list[int] = []
    for row in sorted({*_numbering(grid), *_again(grid, key), *_suspects(grid, key)}):
        cells = [column[row] for column in grid.columns]
        text = _why(cells, grid, row, needed, key)
        if text:
            said = " ".join(excerpt(c) for c in cells if as_text(c).strip())[:40]
            findings.append(Finding(table, label, grid.rows[row], "", "row_left_out", message(text, text=said)))
            out.append(row)
    if not out:
        return grid
    kept = np.delete(np.arange(len(grid.rows)), out)
    return replace(grid, columns=[c.taken(kept) for c in grid.columns], rows=[grid.rows[k] for k in kept.tolist()])


def _why(cells: list[Cell], grid: Grid, row: int, needed: list[int], key: int | None) -> str | None:
    if tuple(tight(as_text(c)) for c in cells) in grid.as_written:
        return N_("The header comes again ({text}); the row was left out.")
    if row == 0 and _numbering(grid):
        return N_("The row numbers the columns ({text}); it was left out.")
    if is_footer(cells, needed, key):
        return N_("The row was taken for a footer ({text}) and left out.")
    return None


def _suspects(grid: Grid, key: int | None) -> list[int]:
    """Return the rows that a look at their first cell, or at their id, does not show to be data."""
    if not grid.columns:
        return []
    found = _looking_odd(grid.columns[0])
    return found if key in (None, 0) else [*found, *_looking_odd(grid.columns[key])]


def _looking_odd(column: Coded[Cell]) -> list[int]:
    if column.all_text() and not _LOOK.search("\n".join(column.values)):  # type: ignore[arg-type]
        return []
    return column.rows_where(lambda cell: not isinstance(cell, int | float) and _LOOK.match(fold(as_text(cell))))


def _again(grid: Grid, key: int | None) -> list[int]:
    """Return the rows whose id is a header."""
    if key is None:
        return []
    column = grid.columns[key]
    words = {row[key] for row in grid.as_written if key < len(row) and row[key]}
    if column.all_text():
        text = "\n".join(column.values)  # type: ignore[arg-type]
        words = {word for word in words if all(letter in text for letter in word)}  # hardly ever any: one look at all cells
    return column.rows_where(lambda cell: isinstance(cell, str) and tight(cell) in words) if words else []


def _numbering(grid: Grid) -> list[int]:
    """Return the first row if it numbers the columns (1, 2, 3, …), as printed forms do; else nothing."""
    if len(grid.columns) < 3 or not len(grid.rows):
        return []
    texts = [tight(fold(as_text(column[0]))).strip("()") for column in grid.columns]
    while texts and not texts[-1]:
        texts.pop()
    return [0] if len(texts) >= 3 and texts == [str(k) for k in range(1, len(texts) + 1)] else []
