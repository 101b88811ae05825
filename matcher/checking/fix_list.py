"""A list to mend: the offices' own tables in one workbook or in one for each file, every bad cell marked, with what to do in a comment.

Values stand where they stood and as they were. A comment says the cause and the remedy in general words; no value of any cell.
"""

from __future__ import annotations

import math
import os
from collections import defaultdict
from contextlib import suppress
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from matcher.checking.causes import Weight, cause_of
from matcher.checking.examine import Examined
from matcher.errors import UsageError
from matcher.export.book_model import CREATED
from matcher.export.book_text import SheetNames, safe_text, text_width
from matcher.export.folder import check_parent, published, unwritable
from matcher.findings import Finding
from matcher.messages import N_, Message, mask_numbers, message, translator
from matcher.tables.cells import as_text
from matcher.tables.grid import column_name
from matcher.tables.kind import KINDS_OF
from matcher.tables.raw import RawSheet, raw_sheets
from matcher.tables.table import SHEET_MARK, Cell

_SHADES = {Weight.REFUSED: "#FFC7CE", Weight.HELD_BACK: "#FFC7CE", Weight.TO_LOOK_AT: "#FFEB9C"}
_HEAD_SHADE = "#DDE6F0"
_SAMPLED = 200
_WIDEST = 40
_A4 = 9


def check_new(path: Path) -> None:
    """Raise :class:`UsageError` if the list's file or folder is there already, cannot be made, or is named as another kind of table."""
    if path.suffix.lower() != ".xlsx" and path.suffix.lower() in KINDS_OF:
        text = N_("The list to mend is a workbook, such as {name}, or a new folder, such as {folder}, for a workbook of each file.")
        raise UsageError(message(text, name=f"{path.stem}.xlsx", folder=path.stem))
    try:
        there = path.exists() or path.is_symlink()
    except OSError as error:
        raise unwritable(path, error) from error
    if there:
        raise UsageError(message(N_("{path} exists already and stays as it is. Choose another name for --fix-list."), path=str(path)))
    check_parent(path)


def write_fix_list(folder: Path, found: Examined, path: Path, language: str) -> list[Message]:
    """Write the list, a workbook or a folder with a workbook for each file, where anything is marked; return what to say of it.

    Raises
    ------
    UsageError
        It cannot be written; nothing is left behind.
    """
    bad = [f for k, f in enumerate(found.findings) if _is_bad(f, k < found.refusing)]
    if path.suffix.lower() == ".xlsx":
        book = _Book(language)
        book.fill(folder, bad, found.refusing)
        data = book.bytes()
        if book.marked:
            _write(path, data)
        return _said(path, book)
    books = {file: _Book(language) for file in dict.fromkeys(_file_of(f) for f in bad)}
    for file, book in books.items():
        refusing = sum(_file_of(f) == file for f in bad[: found.refusing])
        book.fill(folder, [f for f in bad if _file_of(f) == file], refusing)
    ready = {file: data for file, book in books.items() if (data := book.bytes()) and book.marked}
    if not ready:
        return [message(_NOTHING)]
    with published(path) as work:
        for name, data in _named(ready).items():
            _write(work / name, data)
    text = N_("{path} holds {files} workbooks, one for each file with marked cells ({count} in all). "
              "They hold whole ID numbers: give each to its sender only.")
    return [message(text, path=str(path), files=len(ready), count=sum(book.marked for book in books.values()))]


_NOTHING = N_("No cell is to be marked: no list to mend was written.")


def _said(path: Path, book: _Book) -> list[Message]:
    if not book.marked:
        return [message(_NOTHING)]
    said = [message(N_("{path} holds the tables with {count} cells marked."), path=str(path), count=book.marked)]
    if len(book.files) == 1:
        return [*said, message(N_("It holds one file's table, with whole ID numbers: give it to its sender only."))]
    text = N_("It holds the tables of {files} files, with whole ID numbers. To give each sender only his own, name a folder: "
              "--fix-list {folder} writes a workbook for each file.")
    return [*said, message(text, files=len(book.files), folder=str(path.with_suffix("")))]


def _file_of(finding: Finding) -> str:
    return (finding.sheet or finding.table).partition(SHEET_MARK)[0]


def _named(books: dict[str, bytes]) -> dict[str, bytes]:
    """Return workbooks of files by their names: the file's, and with its ending where two would have the same."""
    named: dict[str, bytes] = {}
    taken: set[str] = set()
    for file, data in sorted(books.items()):
        name = f"{Path(file).stem}.xlsx"
        name = f"{file}.xlsx" if name.casefold() in taken else name
        taken.add(name.casefold())
        named[name] = data
    return named


def _is_bad(finding: Finding, refuses: bool) -> bool:
    cause = cause_of(finding.code)
    return refuses or cause is None or cause.weight < Weight.TOLD


def _write(path: Path, data: bytes) -> None:
    work = path.with_name(f".{path.name}.jiedui-{os.getpid()}")
    try:
        handle = os.open(work, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        work.replace(path)
    except OSError as error:
        with suppress(OSError):
            work.unlink(missing_ok=True)
        raise unwritable(path, error) from error


class _Book:
    def __init__(self, language: str) -> None:
        import xlsxwriter

        self._ = translator(language)
        self._stream = BytesIO()
        self._book = xlsxwriter.Workbook(self._stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        self._book.set_properties({"created": CREATED})
        self._names = SheetNames()
        self._formats: dict[tuple[str, str], Any] = {}
        self._list = self._book.add_worksheet(self._names.claim(self._(N_("To mend")), "To mend"))
        self._line = 0
        self.marked = 0
        self.files: set[str] = set()
        """The files of which cells are marked."""
        heads = (N_("File"), N_("Sheet"), N_("Row"), N_("Column"), N_("What is the matter"), N_("What to do"), N_("Code"), N_("Here"))
        for at, (head, width) in enumerate(zip(heads, (28, 14, 8, 16, 46, 46, 22, 28), strict=True)):
            self._list.set_column(at, at, width)
            self._list.write_string(0, at, self._(head), self._format("@", _HEAD_SHADE))
        self._list.freeze_panes(1, 0)
        self._list.repeat_rows(0)
        _on_paper(self._list)

    def bytes(self) -> bytes:
        """Return the workbook."""
        self._list.autofilter(0, 0, max(self._line, 1), 7)
        self._book.close()
        return self._stream.getvalue()

    def fill(self, folder: Path, findings: list[Finding], refusing: int) -> None:
        """List the findings, the first ``refusing`` of which refuse the month, and show the sheets that they are about."""
        by_sheet: defaultdict[str, list[tuple[Finding, Weight]]] = defaultdict(list)
        for k, finding in enumerate(findings):
            cause = cause_of(finding.code)
            weight = Weight.REFUSED if k < refusing else cause.weight if cause else Weight.TO_LOOK_AT
            by_sheet[finding.sheet or finding.table].append((finding, weight))
        cited = {label for label, each in by_sheet.items() if any(f.row is not None for f, _ in each)}
        by_file: defaultdict[str, list[str]] = defaultdict(list)
        for label in by_sheet:
            by_file[label.partition(SHEET_MARK)[0]].append(label)
        for name, labels in by_file.items():
            wanted = cited.intersection(labels)
            table = by_sheet[labels[0]][0][0].table
            found = raw_sheets(folder / name, wanted, table) if wanted and (folder / name).is_file() else []
            pages = {page.label: page for page in found if page.rows}
            for label in labels:
                if label in wanted and label in pages:
                    self._sheet(pages[label], by_sheet[label])
                else:
                    self._listed(by_sheet[label], {})

    def _sheet(self, page: RawSheet, each: list[tuple[Finding, Weight]]) -> None:
        file, _, own = page.label.partition(SHEET_MARK)
        places = {table: page.columns(table) for table in dict.fromkeys(f.table for f, _ in each)}
        at: dict[int, tuple[int, int]] = {}
        marks: defaultdict[tuple[int, int], list[tuple[Finding, Weight]]] = defaultdict(list)
        for k, (finding, weight) in enumerate(each):
            if finding.row is not None and finding.row <= len(page.rows):
                columns = places[finding.table]
                place = columns.get(finding.column, columns.get(finding.header, 0)), finding.row - 1
                at[k] = place
                marks[place].append((finding, weight))
        if not marks:  # nothing of the sheet is bad: nobody need see it
            self._listed(each, {})
            return
        name = self._names.claim(f"{Path(file).stem} {own}".strip(), "sheet")
        sheet = self._book.add_worksheet(name)
        _on_paper(sheet)
        self._copy(sheet, page, {place: _SHADES[min(w for _, w in found)] for place, found in marks.items()})
        for (column, row), found in sorted(marks.items()):
            sheet.write_comment(row, column, self._comment([f for f, _ in found]), {"author": "jiedui", "x_scale": 2})
        self.marked += len(marks)
        self.files.add(file)
        self._listed(each, {k: f"{name}!{column_name(column)}{row + 1}" for k, (column, row) in at.items()})

    def _comment(self, findings: list[Finding]) -> str:
        said = []
        for code in dict.fromkeys(f.code for f in findings):
            cause = cause_of(code)
            said.append(f"{self._(cause.title)}\n{self._(cause.remedy)} ({code})" if cause else code)
        return "\n".join(said)

    def _copy(self, sheet: Any, page: RawSheet, shades: dict[tuple[int, int], str]) -> None:
        from xlsxwriter.exceptions import OverlappingRange

        for span in page.spans:
            try:
                sheet.merge_range(span.top, span.left, span.bottom, span.right, "")
            except OverlappingRange:
                continue  # a damaged file; its values are shown all the same
        widths: dict[int, int] = {}
        for row, cells in enumerate(page.rows):
            for column, cell in enumerate(cells):
                shade = shades.pop((column, row), "") if shades else ""
                if shade or (cell is not None and cell != ""):
                    self._put(sheet, row, column, cell, shade)
                    if row < _SAMPLED:
                        widths[column] = max(widths.get(column, 8), min(text_width(as_text(cell)) + 2, _WIDEST))
        for (column, row), shade in shades.items():  # beyond the end of a short row
            self._put(sheet, row, column, "", shade)
        for column, width in widths.items():
            sheet.set_column(column, column, width)

    def _put(self, sheet: Any, row: int, column: int, cell: Cell, shade: str) -> None:
        if cell is None or cell == "":
            sheet.write_blank(row, column, None, self._format("@", shade))
        elif isinstance(cell, bool):
            sheet.write_boolean(row, column, cell, self._format("", shade))
        elif isinstance(cell, int | float) and math.isfinite(cell):
            sheet.write_number(row, column, cell, self._format("", shade))
        elif isinstance(cell, date) and cell.year >= 1900:
            timed = isinstance(cell, datetime) and (cell.hour or cell.minute or cell.second)
            sheet.write_datetime(row, column, cell, self._format("yyyy-mm-dd hh:mm:ss" if timed else "yyyy-mm-dd", shade))
        else:
            sheet.write_string(row, column, safe_text(str(cell)), self._format("@", shade))

    def _listed(self, each: list[tuple[Finding, Weight]], here: dict[int, str]) -> None:
        for k, (finding, _) in enumerate(each):
            self._line += 1
            cause, file = cause_of(finding.code), (finding.sheet or finding.table).partition(SHEET_MARK)
            said = (self._(cause.title), self._(cause.remedy)) if cause else ("", "")
            column = mask_numbers(finding.header or finding.column)
            for at, text in enumerate((file[0], file[2], "", column, *said, finding.code, here.get(k, ""))):
                self._list.write_string(self._line, at, safe_text(text))
            if finding.row is not None:
                self._list.write_number(self._line, 2, finding.row)

    def _format(self, number: str, shade: str) -> Any:
        if not number and not shade:
            return None
        if (number, shade) not in self._formats:
            wanted = {"num_format": number} if number else {}
            self._formats[number, shade] = self._book.add_format({**wanted, **({"bg_color": shade, "border": 1} if shade else {})})
        return self._formats[number, shade]


def _on_paper(sheet: Any) -> None:
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
