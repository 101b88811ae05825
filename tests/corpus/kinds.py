"""The kinds of file: a page in, bytes out."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from html import escape

import openpyxl
import xlsxwriter
import xlwt

from .page import Page


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Attributes
    ----------
    spans : bool
        Whether it tells which cells are merged.
    sheets : bool
        Whether it has several sheets, which may be hidden.
    hides : bool
        Whether what it hides is seen.
    typed : bool
        Whether a number is something else than its text.
    """

    ending: str
    write: Callable[[Page], bytes]
    spans: bool = False
    sheets: bool = False
    hides: bool = False
    typed: bool = False


def separated(page: Page, encoding: str, delimiter: str = ",") -> bytes:
    """Return a text of separated values."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(page.lines())
    return out.getvalue().encode(encoding)


def by_xlsxwriter(page: Page) -> bytes:
    """Return an .xlsx with shared texts, as Excel and WPS write it."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_numbers": False})
    for part in (page, *page.others):
        sheet = book.add_worksheet(part.name)
        lines = part.lines()
        for box in part.merged():
            sheet.merge_range(*box, "")
        for at, line in enumerate(lines):
            for column, cell in enumerate(line):
                if cell != "":
                    (sheet.write_number if isinstance(cell, int | float) else sheet.write_string)(at, column, cell)  # type: ignore[arg-type]
        for row in part.all_hidden_rows():
            sheet.set_row(row, None, None, {"hidden": True})
        for column in part.hidden_columns:
            sheet.set_column(column, column, None, None, {"hidden": True})
        if part.hidden:
            sheet.hide()
    if page.hidden and not page.others:
        book.add_worksheet("空").activate()
    book.close()
    return out.getvalue()


def by_openpyxl(page: Page) -> bytes:
    """Return an .xlsx as scripts write it."""
    book = openpyxl.Workbook()
    book.remove(book["Sheet"])
    for part in (page, *page.others):
        sheet = book.create_sheet(part.name)
        for at, line in enumerate(part.lines(), 1):
            for column, cell in enumerate(line, 1):
                if cell != "":
                    sheet.cell(at, column, cell)
        for a, b, c, d in part.merged():
            sheet.merge_cells(start_row=a + 1, start_column=b + 1, end_row=c + 1, end_column=d + 1)
        for row in part.all_hidden_rows():
            sheet.row_dimensions[row + 1].hidden = True
        for column in part.hidden_columns:
            sheet.column_dimensions[openpyxl.utils.get_column_letter(column + 1)].hidden = True
        sheet.sheet_state = "hidden" if part.hidden else "visible"
    if page.hidden and not page.others:
        book.create_sheet("空")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def by_xlwt(page: Page) -> bytes:
    """Return an .xls (BIFF8)."""
    book = xlwt.Workbook(encoding="utf-8")
    for part in (page, *page.others):
        sheet = book.add_sheet(part.name)
        lines = part.lines()
        boxes = part.merged()
        for a, b, c, d in boxes:
            sheet.merge(a, c, b, d)
        for at, line in enumerate(lines):
            for column, cell in enumerate(line):
                if cell != "":
                    sheet.write(at, column, cell)
        for row in part.all_hidden_rows():
            sheet.row(row).hidden = True
        for column in part.hidden_columns:
            sheet.col(column).hidden = True
        sheet.visibility = int(part.hidden)
    if page.hidden and not page.others:
        book.add_sheet("空")
        book.set_active_sheet(1)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def by_hand_html(page: Page, encoding: str, named: str) -> bytes:
    """Return an HTML table as systems export it under the name .xls; every page is a table of its own."""
    tables = "".join(_html_table(part) for part in (page, *page.others))
    text = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={named}"></head><body>{tables}</body></html>'
    return text.encode(encoding)


def _html_table(page: Page) -> str:
    boxes = {(a, b): (c - a + 1, d - b + 1) for a, b, c, d in page.merged()}
    covered = {(r, k) for a, b, c, d in page.merged() for r in range(a, c + 1) for k in range(b, d + 1)} - set(boxes)
    away = set(page.all_hidden_rows())
    out = []
    for at, line in enumerate(page.lines()):
        cells = []
        for column, cell in enumerate(line):
            if (at, column) not in covered:
                down, across = boxes.get((at, column), (1, 1))
                text = escape(str(cell)).replace("\n", "<br>")
                cells.append(f'<td rowspan="{down}" colspan={across}>{text}</td>')
        style = ' style="display:none"' if at in away else ""
        out.append(f"<tr{style}>{''.join(cells)}</tr>")
    return f"<table border=1>{''.join(out)}</table>"


KINDS: dict[str, Kind] = {
    "csv": Kind("csv", partial(separated, encoding="utf-8")),
    "csv with BOM": Kind("csv", partial(separated, encoding="utf-8-sig")),
    "csv GB18030": Kind("csv", partial(separated, encoding="gb18030")),
    "csv UTF-16": Kind("csv", partial(separated, encoding="utf-16")),
    "csv UTF-16LE without BOM": Kind("csv", partial(separated, encoding="utf-16-le")),
    "csv UTF-16BE without BOM": Kind("csv", partial(separated, encoding="utf-16-be")),
    "tabs UTF-16": Kind("csv", partial(separated, encoding="utf-16", delimiter="\t")),
    "xlsx": Kind("xlsx", by_xlsxwriter, spans=True, sheets=True, hides=True, typed=True),
    "xlsx by openpyxl": Kind("xlsx", by_openpyxl, spans=True, sheets=True, hides=True, typed=True),
    "xlsx named xls": Kind("xls", by_xlsxwriter, spans=True, sheets=True, hides=True, typed=True),
    "xls": Kind("xls", by_xlwt, spans=True, sheets=True, hides=True, typed=True),
    "WPS et": Kind("et", by_xlwt, spans=True, sheets=True, hides=True, typed=True),
    "WPS et, new": Kind("et", by_xlsxwriter, spans=True, sheets=True, hides=True, typed=True),
    "xls named xlsx": Kind("xlsx", by_xlwt, spans=True, sheets=True, hides=True, typed=True),
    "html": Kind("xls", partial(by_hand_html, encoding="gb18030", named="gb2312"), spans=True),
    "html UTF-8": Kind("xls", partial(by_hand_html, encoding="utf-8", named="utf-8"), spans=True),
}
