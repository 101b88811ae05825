"""A look into an .xlsx before it is parsed: is it whole, does it fit, what does it hide, does any cell hold an error.

The parser makes a grid as large as its outermost cells say; a few kilobytes can ask for more than any memory holds. So the cell
references are looked at first, as text.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from matcher.errors import InputError
from matcher.messages import N_, Message, message
from matcher.tables.grid import column_name, numbers_in_words, unreadable
from matcher.tables.quick_look import FARTHEST_COLUMN, FARTHEST_ROW, MOST_CELLS, MOST_MERGED, is_plain, may_hold_errors

T = TypeVar("T")
_MOST_UNPACKED = 2**29
_MOST_PARTS = 10_000
_MOST_RATIO = 200
_WORTH_A_RATIO = 2**26
_TARGET = re.compile(rb'Target="/?(?:xl/)?(worksheets/[^"]+)"')
_CELL = re.compile(rb"<(?:\w+:)?c((?:\s[^>]*)?)>")
_LETTERS = re.compile(rb"""(?:^|\s)r\s*=\s*["']\s*([A-Za-z]+)\d""", re.MULTILINE)
_DIGITS = re.compile(rb"""(?:^|\s)r\s*=\s*["']\s*[A-Za-z]+(\d+)""", re.MULTILINE)
_ERROR = re.compile(rb"""(?:^|\s)t\s*=\s*["']e["']""", re.MULTILINE)
_ERROR_CELL = re.compile(
    rb"""<(?:\w+:)?c\s((?:[^>]*?\s)?t\s*=\s*["']e["'](?:[^>]*[^>/])?)>(.*?)</(?:\w+:)?c\s*>""", re.DOTALL
)
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)<")
_ROW = re.compile(rb"<(?:\w+:)?row((?:\s[^>]*)?)>")
_HIDDEN_ROW = re.compile(rb"""<(?:\w+:)?row\s(?=[^>]*\shidden\s*=\s*["'](?:1|true))[^>]*?\br\s*=\s*["'](\d{1,7})["']""")
_HIDDEN_COLUMN = re.compile(rb"""<(?:\w+:)?col\s(?=[^>]*\bhidden\s*=\s*["'](?:1|true))([^>]*)>""")
_FROM_TO = re.compile(rb"""\b(min|max)\s*=\s*["'](\d{1,7})["']""")
_SHEET = re.compile(r"\{[^}]*\}sheet")
_RELS = "xl/_rels/workbook.xml.rels"


@dataclass(frozen=True)
class Package:
    """What a look into a workbook's parts showed.

    Attributes
    ----------
    has_errors : bool
        Whether a cell may hold an error value.
    hidden : dict of str to list of (str, Message)
        By sheet: what is hidden in it, as codes and texts of findings.
    linked : bool
        Whether cells take their values from other workbooks.
    """

    has_errors: bool = False
    hidden: dict[str, list[tuple[str, Message]]] = field(default_factory=dict)
    linked: bool = False


def examine(data: bytes, label: str) -> Package:
    """Return what a workbook's parts show, every part read once: the parser does not look at the checksums of the zip.

    Raises
    ------
    InputError
        Damaged, no workbook, macros, or beyond the limits.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return _parts(package, len(data), label)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error):
        raise _damaged(label) from None


def _damaged(label: str) -> InputError:
    return unreadable("", label, None, "damaged", message(N_("The workbook is damaged. Open it, save it again as .xlsx.")))


def _parts(package: zipfile.ZipFile, packed: int, label: str) -> Package:
    rels = _whole(package, packed, label)
    has_errors, hidden = False, {}
    for name in package.namelist():
        content = package.read(name)
        if _is_foreign(name.lower(), content):
            raise _damaged(label)
        if b"sheetData" in content:
            seen = _Seen.of(content, label)
            has_errors |= seen.has_errors
            if seen.hidden:
                hidden[name] = seen.hidden
    linked = any(name.lower().startswith("xl/externallinks/") for name in package.namelist())
    return Package(has_errors, _by_sheet(package, hidden, rels) if hidden else {}, linked)


def _is_foreign(name: str, content: bytes) -> bool:
    """Return whether a part holds what no spreadsheet writes: entities of its own, another encoding than UTF-8."""
    if name.endswith((".xml", ".rels", ".vml")) and (b"<!DOCTYPE" in content or b"<!ENTITY" in content):
        return True
    return name.startswith("xl/worksheets/") and b"\0" in content[:200]


def _whole(package: zipfile.ZipFile, packed: int, label: str) -> bytes:
    """Return the list of the workbook's parts, having refused a workbook that is too large, not whole, or holds macros."""
    items = package.infolist()
    sizes = {item.filename: item.file_size for item in items}
    unpacked = sum(item.file_size for item in items)
    if len(items) > _MOST_PARTS or unpacked > _MOST_UNPACKED or unpacked > max(_WORTH_A_RATIO, _MOST_RATIO * packed):
        text = message(N_("The workbook is too large when unpacked. Split it."))
        raise unreadable("", label, None, "too_large", text)
    if len({item.filename.lower() for item in items}) < len(items):
        raise _damaged(label)
    if "xl/workbook.xml" not in sizes:
        text = message(N_("The file is no workbook. Open it, save it again as .xlsx."))
        raise unreadable("", label, None, "damaged", text)
    if any(name.lower().endswith("vbaproject.bin") for name in sizes):
        raise macros(label)
    rels = package.read(_RELS) if _RELS in sizes else b""
    if any("xl/" + target.decode("utf-8", "replace") not in sizes for target in _TARGET.findall(rels)):
        text = message(N_("A sheet of the workbook is missing. Open it, save it again as .xlsx."))
        raise unreadable("", label, None, "damaged", text)
    return rels


def macros(label: str) -> InputError:
    """Return the error that refuses a workbook with macros."""
    text = N_("The workbook holds macros, which jiedui does not open. Save it as .xlsx without macros.")
    return unreadable("", label, None, "macros", message(text))


@dataclass(frozen=True)
class _Seen:
    """What a sheet's part shows."""

    has_errors: bool
    hidden: list[tuple[str, Message]]

    @staticmethod
    def of(content: bytes, label: str) -> _Seen:
        if is_plain(content):
            return _Seen(may_hold_errors(content), hidden=[])
        cells = b"\n".join(c for c in _CELL.findall(content) if not c.endswith(b"/"))
        letters, numbers = set(_LETTERS.findall(cells)), set(_DIGITS.findall(cells))
        columns = max((_column_number(x) for x in letters), default=0)
        rows = max((int(x) if len(x) < 10 else FARTHEST_ROW + 1 for x in numbers), default=0)
        if cells and cells.count(b"\n") + 1 > len(_DIGITS.findall(cells)):  # cells without a reference follow the one before
            columns += max((len(_CELL.findall(piece)) for piece in _ROW.split(content)), default=0)
            rows += len(_ROW.findall(content))
        if rows > FARTHEST_ROW or columns > FARTHEST_COLUMN or rows * columns > MOST_CELLS or content.count(b"mergeCell ") > MOST_MERGED:
            text = N_("The outermost cell of a sheet is {column}{row}: too far out. Delete what stands beyond the table, and save again.")
            filled = message(text, column=column_name(min(columns, 10**6) - 1), row=rows)
            raise unreadable("", label, None, "far_cell", filled)
        return _Seen(_ERROR.search(cells) is not None, _hidden(content, rows, columns))


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:5]:
        number = number * 26 + letter - ord("A") + 1
    return number


def _hidden(content: bytes, rows: int, columns: int) -> list[tuple[str, Message]]:
    away = sorted({n for x in _HIDDEN_ROW.findall(content) if (n := int(x)) <= rows})
    found = hidden_rows(away)
    out: set[int] = set()
    for attributes in _HIDDEN_COLUMN.findall(content):
        ends = {key: int(value) for key, value in _FROM_TO.findall(attributes)}
        out.update(range(ends.get(b"min", 1), min(ends.get(b"max", 0), columns) + 1))
    return found + hidden_columns([n - 1 for n in sorted(out)])


def hidden_rows(numbers: Sequence[int]) -> list[tuple[str, Message]]:
    """Return the finding that rows (from 1) are hidden, if any is."""
    text = N_("The rows {rows} are hidden; they were read like the others.")
    return [("hidden_rows", message(text, rows=numbers_in_words(numbers)))] if numbers else []


def hidden_columns(columns: Sequence[int]) -> list[tuple[str, Message]]:
    """Return the finding that columns (from 0) are hidden, if any is."""
    text = N_("The columns {columns} are hidden; they were read like the others.")
    shown = ", ".join(map(column_name, columns[:20])) + (", …" if len(columns) > 20 else "")
    return [("hidden_columns", message(text, columns=shown))] if columns else []


def _by_sheet(package: zipfile.ZipFile, seen: dict[str, T], rels: bytes) -> dict[str, T]:
    """Return what was seen in the parts by the names of the sheets."""
    from xml.etree import ElementTree as ET

    try:
        parts = {r.get("Id"): (r.get("Target") or "").lstrip("/").removeprefix("xl/") for r in ET.fromstring(rels)}  # noqa: S314 - DOCTYPE was refused
        book = ET.fromstring(package.read("xl/workbook.xml"))  # noqa: S314 - likewise
    except ET.ParseError as error:
        raise ValueError(str(error)) from None
    found = {}
    for element in book.iter():
        if _SHEET.fullmatch(element.tag):
            ids = [value for key, value in element.attrib.items() if key.endswith("}id")]
            part = "xl/" + parts.get(ids[0], "") if ids else ""
            if part in seen:
                found[element.get("name") or ""] = seen[part]
    return found


def error_cells(data: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """Return, by sheet, the (row, column) from 0 and the text of every cell that holds an error (``#DIV/0!``)."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        contents = {name: content for name in package.namelist() if b"sheetData" in (content := package.read(name))}
        found = {name: cells for name, content in contents.items() if (cells := _errors(content)) is None or cells}
        if None in found.values():
            return _errors_by_openpyxl(data)
        known = {name: cells for name, cells in found.items() if cells}
        return _by_sheet(package, known, package.read(_RELS) if _RELS in package.namelist() else b"")


def _errors(content: bytes) -> dict[tuple[int, int], str] | None:
    """Return the cells of a sheet that hold errors; None where one does not say where it stands."""
    found = {}
    for cell in _ERROR_CELL.finditer(content):
        letters, digits, value = _LETTERS.search(cell[1]), _DIGITS.search(cell[1]), _VALUE.search(cell[2])
        if not letters or not digits:
            return None
        found[int(digits[1]) - 1, _column_number(letters[1]) - 1] = value[1].decode("utf-8", "replace").strip() if value else "#VALUE!"
    return found


def _errors_by_openpyxl(data: bytes) -> dict[str, dict[tuple[int, int], str]]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    return {
        page.title: {
            (cell.row - 1, cell.column - 1): str(cell.value)
            for row in page.iter_rows()
            for cell in row
            if getattr(cell, "data_type", "") == "e"
        }
        for page in book.worksheets
    }
