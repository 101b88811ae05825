"""HTML tables, which many systems export under the name .xls: read by lxml, with the merged cells that they tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from matcher.messages import N_, message
from matcher.tables.csv_file import decode
from matcher.tables.grid import MOST_BYTES, too_large, unreadable
from matcher.tables.layout import Span
from matcher.tables.package import hidden_rows
from matcher.tables.quick_look import MOST_CELLS
from matcher.tables.sheet import Sheet
from matcher.tables.table import Cell

_CHARSET = re.compile(rb"""<meta[^>]*?charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_CHINESE = frozenset({"gb2312", "gbk", "gb18030", "gb_2312-80", "x-gbk"})
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_NO_TEXT = frozenset({"script", "style", "head"})


def html_sheets(data: bytes, label: str) -> Iterator[Sheet]:
    """Yield every table of an HTML file that holds no other table, in their order.

    Raises
    ------
    InputError
        An encoding that is not known, no table, more than the limits of what is read.
    """
    from lxml import etree, html

    if len(data) > MOST_BYTES // 10:
        raise too_large("", label)
    text = _text(data)
    try:
        root = html.document_fromstring(text.encode("utf-8"), parser=html.HTMLParser(encoding="utf-8")) if text else None
    except (etree.LxmlError, ValueError):
        root = None
    tables = [] if root is None else [t for t in root.iter("table") if next(t.iterdescendants("table"), None) is None]
    if not tables:
        raise unreadable("", label, None, "format", message(N_("The file is HTML, and no table was found in it. Save it as .xlsx.")))
    for number, table in enumerate(tables, 1):
        yield _sheet(table, f"HTML {number}", label)


def _text(data: bytes) -> str | None:
    """Return the text, by the encoding that the file names, else as a CSV file's; strictly."""
    named = _CHARSET.search(data[:4096])
    if named is None or data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:3] == b"\xef\xbb\xbf":
        return decode(data)
    charset = named[1].decode("ascii").lower()
    try:
        return data.decode("gb18030" if charset in _CHINESE else charset)
    except (UnicodeDecodeError, LookupError):
        return decode(data)


def _sheet(table: Any, name: str, label: str) -> Sheet:
    rows: list[list[Cell]] = []
    spans: list[Span] = []
    covered: dict[tuple[int, int], bool] = {}
    away: list[int] = []
    cells = 0
    for at, row in enumerate(table.iter("tr")):
        if _HIDDEN.search(row.get("style") or ""):
            away.append(at + 1)
        line: list[Cell] = []
        for cell in row.iterchildren("td", "th"):
            while covered.pop((at, len(line)), False):
                line.append("")
            down, across = _number(cell.get("rowspan")), _number(cell.get("colspan"))
            column = len(line)
            cells += down * across
            if cells > MOST_CELLS:
                raise too_large("", label)
            line += [_value(cell), *[""] * (across - 1)]
            if down > 1 or across > 1:
                spans.append(Span(at, column, at + down - 1, column + across - 1))
                covered.update({(at + r, column + c): True for r in range(1, down) for c in range(across)})
        rows.append(line)
    last = len(rows) - 1
    ended = tuple(Span(s.top, s.left, min(s.bottom, last), s.right) for s in spans)
    return Sheet(name, iter(rows), ended, hidden_rows(away))


def _number(said: str | None) -> int:
    text = (said or "").strip()
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def _value(cell: Any) -> Cell:
    """Return a cell's text, or the number behind it where a spreadsheet wrote one (``x:num``): that is what it holds."""
    try:
        return float(cell.get("x:num") or "")
    except ValueError:
        return _words(cell)


def _words(cell: Any) -> str:
    """Return a cell's text; white space counts once, as a browser shows it, and a line break as one."""
    parts: list[str] = []
    for element in cell.iter():
        if isinstance(element.tag, str):
            if element.tag == "br":
                parts.append("\n")
            elif element.tag not in _NO_TEXT:
                parts.append(re.sub(r"[ \t\r\n\f]+", " ", element.text or ""))
        if element is not cell:
            parts.append(re.sub(r"[ \t\r\n\f]+", " ", element.tail or ""))
    return "".join(parts).strip(" \n\t")
