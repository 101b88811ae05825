"""Draws the pages of a workbook with XlsxWriter: everything but the rows that only repeat the first."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from itertools import accumulate
from typing import Any

from matcher.export.book_fill import TEXT_KINDS
from matcher.export.book_model import CREATED, LINE, Book, Field, Page, row_height
from matcher.export.book_text import cell_value, cut, safe_text, text_width
from matcher.messages import N_, translator

TITLE, STAMP, HEAD, BODY = 0, 1, 2, 3
_A4 = 9
_SHADE = "#DDE6F0"
_TEXT_FORMAT = "@"
_FONTS, _POINTS = {"zh": ("宋体", "黑体"), "en": ("Calibri", "Calibri")}, 10
_LONGEST_AS_TEXT = 255
_STAMP_SHARE = 0.4
_ALIGN: dict[str, dict[str, object]] = {
    "id": {"align": "center"},
    "text": {"align": "left", "indent": 1},
    "long": {"align": "left", "indent": 1},
    "number": {"align": "center"},
    "money": {"align": "right", "indent": 1},
}

_STAMP_LINE = N_("Reported by (seal): ____________________")
_SIGN_LINE = N_("Filled in by:                     Checked by:                     In charge:                     Date:")


def draw(book: Book, pages: list[Page], rows_drawn: int) -> BytesIO:
    """Return the workbook with at most ``rows_drawn`` body rows on each page.

    The file is the same for the same input: no clock, no temporary name.
    """
    import xlsxwriter

    stream = BytesIO()
    options = {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        "default_format_properties": {"font_name": _FONTS[book.language][0], "font_size": _POINTS},  # the unit of columns' widths
    }
    workbook = xlsxwriter.Workbook(stream, options)
    workbook.set_properties({"title": safe_text(cut(book.title, 200)), "created": CREATED})
    pen = _Pen(workbook, translator(book.language), book)
    for page in pages:
        pen.draw(page, rows_drawn)
    workbook.close()
    stream.seek(0)
    return stream


class _Pen:
    """The formats of one workbook and how a page is drawn with them."""

    def __init__(self, workbook: Any, _: Callable[[str], str], book: Book) -> None:
        self._workbook, self._, self._book = workbook, _, book
        font, title_font = _FONTS[book.language]
        base: dict[str, object] = {"font_name": font, "font_size": _POINTS, "valign": "vcenter"}
        boxed = base | {"border": 1, "text_wrap": True}
        new = workbook.add_format
        self._title = new(base | {"font_name": title_font, "font_size": 18, "align": "center", "bold": book.language != "zh"})
        self._left, self._right = new(base | {"align": "left"}), new(base | {"align": "right"})
        self._head = new(boxed | {"bold": True, "align": "center", "bg_color": _SHADE})
        self._none = new(boxed | {"align": "center"})
        self._body = {kind: new(boxed | align | _as_text(kind in TEXT_KINDS)) for kind, align in _ALIGN.items()}
        self._lengthy = new(boxed | _ALIGN["long"])

    def draw(self, page: Page, rows_drawn: int) -> None:
        sheet = self._workbook.add_worksheet(page.name)
        last = BODY + max(page.rows, 1) - 1
        self._above(sheet, page)
        if not page.rows:
            _merged(sheet, (BODY, 0, BODY, len(page.fields) - 1), self._("none"), self._none)
        else:
            self._rows(sheet, page, min(rows_drawn, page.rows))
            sheet.autofilter(HEAD, 0, last, len(page.fields) - 1)
        sheet.ignore_errors({"number_stored_as_text": f"A{BODY + 1}:XFD{last + 1}"})
        _merged(sheet, (last + 2, 0, last + 2, page.printed - 1), self._(_SIGN_LINE), self._left)
        sheet.set_row(last + 2, 24)
        sheet.print_area(TITLE, 0, last + 2, page.printed - 1)
        self._print(sheet, page)

    def _above(self, sheet: Any, page: Page) -> None:
        width = page.printed
        _merged(sheet, (TITLE, 0, TITLE, width - 1), page.title, self._title)
        sheet.set_row(TITLE, 32)
        parted = _stamp_columns(page.fields[:width])
        _merged(sheet, (STAMP, 0, STAMP, parted - 1), self._(_STAMP_LINE), self._left)
        _merged(sheet, (STAMP, parted, STAMP, width - 1), page.notes, self._right)
        sheet.set_row(STAMP, 20)
        for column, field in enumerate(page.fields):
            sheet.set_column(column, column, field.width)
            _write(sheet, HEAD, column, field.heading, self._head)
        sheet.set_row(HEAD, LINE * max(_lines(field) for field in page.fields) + 10)
        sheet.freeze_panes(BODY, 0)

    def _rows(self, sheet: Any, page: Page, count: int) -> None:
        for column, field in enumerate(page.fields):
            form = self._form(field)
            for row, value in enumerate(field.values[:count], BODY):
                _write(sheet, row, column, cell_value(value, field.kind in TEXT_KINDS), form)
        for row, lines in enumerate(page.lines[:count], BODY):
            sheet.set_row(row, row_height(lines))

    def _form(self, field: Field) -> Any:
        """Return the format of a column: as text, so that an edited cell stays text, but long text Excel shows as ####."""
        if field.kind == "long" and any(isinstance(v, str) and len(v) > _LONGEST_AS_TEXT for v in field.values):
            return self._lengthy
        return self._body[field.kind]

    def _print(self, sheet: Any, page: Page) -> None:
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.75)
        sheet.center_horizontally()
        sheet.repeat_rows(HEAD)
        sheet.set_start_page(1)
        number = self._("Page {page}").format(page="&P")
        title, name = (safe_text(cut(text, 60, "…")).replace("&", "&&") for text in (self._book.title, page.name))
        if sheet.set_footer(f"&L{title} {self._book.month}&C{number}&R{name}") == -1:
            raise RuntimeError("the footer is too long")


def _as_text(is_text: bool) -> dict[str, object]:
    return {"num_format": _TEXT_FORMAT} if is_text else {}


def _write(sheet: Any, row: int, column: int, value: str | int | float | None, form: Any) -> None:
    if value is None:
        done = sheet.write_blank(row, column, None, form)
    elif isinstance(value, str):
        done = sheet.write_string(row, column, value, form)
    else:
        done = sheet.write_number(row, column, value, form)
    if done != 0:
        raise RuntimeError(f"cell {row}, {column} of {sheet.get_name()} was not written ({done})")


def _merged(sheet: Any, place: tuple[int, int, int, int], text: str | int | float | None, form: Any) -> None:
    if place[:2] != place[2:] and sheet.merge_range(*place, "", form) != 0:
        raise RuntimeError(f"cells {place} of {sheet.get_name()} were not merged")
    _write(sheet, place[0], place[1], cell_value(text, as_text=True), form)


def _stamp_columns(fields: tuple[Field, ...]) -> int:
    """Return how many columns the stamp line takes, the rest of its row being for the notes."""
    ends = list(accumulate(field.width for field in fields))
    return 1 + min(range(len(fields) - 1), key=lambda column: abs(ends[column] - _STAMP_SHARE * ends[-1]))


def _lines(field: Field) -> int:
    return sum(-(-text_width(line) // max(int(field.width) - 1, 1)) for line in field.heading.split("\n"))
