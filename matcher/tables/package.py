"""A look into an .xlsx before it is parsed: is it whole, does it fit, does any cell hold an error.

The full scan of foreign workbooks (far cells, macros, external links, a child process with limits) belongs here and comes
with the real-files issue.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from matcher.messages import N_, Message, message

_MOST_BYTES = 1_000_000_000
_TARGET = re.compile(rb'Target="/?(?:xl/)?(worksheets/[^"]+)"')
_ERROR = re.compile(rb"""<(?:\w+:)?c [^>]*t=["']e["']""")
_RELS = "xl/_rels/workbook.xml.rels"


def examine(data: bytes) -> tuple[Message | None, bool]:
    """Return what is wrong with a workbook's parts (None: nothing), and whether a cell holds an error value.

    Every part is read once, so that the checksums of the zip are heeded: the parser does not look at them.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            sizes = {item.filename: item.file_size for item in package.infolist()}
            if "xl/workbook.xml" not in sizes:
                return message(N_("The file is no workbook. Open it, save it again as .xlsx.")), False
            if sum(sizes.values()) > _MOST_BYTES:
                return message(N_("The workbook is too large when unpacked. Split it.")), False
            rels = package.read(_RELS) if _RELS in sizes else b""
            if any("xl/" + target.decode("utf-8", "replace") not in sizes for target in _TARGET.findall(rels)):
                return message(N_("A sheet of the workbook is missing. Open it, save it again as .xlsx.")), False
            found = [name for name in sizes if _holds_error(name, package.read(name))]
            return None, bool(found)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error):
        return message(N_("The workbook is damaged. Open it, save it again as .xlsx.")), False


def _holds_error(name: str, content: bytes) -> bool:
    return name.startswith("xl/worksheets/") and _ERROR.search(content) is not None


def error_cells(data: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """Return, by sheet, the (row, column) from 0 and the text of every cell that holds an error (``#DIV/0!``)."""
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
