"""Fills a drawn workbook with rows.

XlsxWriter draws every sheet with its first body row and all around it; a county's half a million further cells would take
it most of the month's run. They are alike but for what they hold, so the first row's cells are repeated here as plain
SpreadsheetML: shared strings and numbers, nothing else, hence no formula and no link whatever a cell says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import ascii_uppercase
from typing import BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from matcher.export.book_model import Page, row_height
from matcher.export.book_text import cell_value

_STRINGS = "xl/sharedStrings.xml"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_BATCH = 2000
_COUNTS = re.compile(r' count="\d+" uniqueCount="(\d+)"')
_CELL = re.compile(r'<c r="[A-Z]+\d+"( s="\d+")')
_ESCAPE_LIKE = re.compile("(_x[0-9a-fA-F]{4}_)")
TEXT_KINDS: Final = frozenset({"id", "text", "long"})


class _Strings:
    """The shared strings of the workbook, those of the drawn part included."""

    def __init__(self, drawn: str) -> None:
        counts = _COUNTS.search(drawn)
        if counts is None:
            raise RuntimeError("the drawn workbook does not count its strings")
        self._drawn, self._start = drawn, int(counts[1])
        self._added: dict[str, int] = {}

    def index(self, text: str) -> int:
        return self._added.setdefault(text, self._start + len(self._added))

    def xml(self) -> Iterator[str]:
        head = _COUNTS.sub(f' uniqueCount="{self._start + len(self._added)}"', self._drawn, count=1)
        yield head.removesuffix("</sst>")
        for text in self._added:
            kept = ' xml:space="preserve"' if text[0].isspace() or text[-1].isspace() else ""
            yield f"<si><t{kept}>{_escape(text)}</t></si>"
        yield "</sst>"


class _Tails(dict[object, str]):
    """Cell value -> what follows the cell's place and style, made once for each distinct value."""

    def __init__(self, strings: _Strings, as_text: bool) -> None:
        super().__init__()
        self._strings, self._as_text = strings, as_text

    def __missing__(self, value: object) -> str:
        shown = cell_value(value, self._as_text)
        if shown is None:
            tail = "/>"
        elif isinstance(shown, str):
            tail = f' t="s"><v>{self._strings.index(shown)}</v></c>'
        else:
            tail = f"><v>{shown:.16G}</v></c>"
        self[value] = tail
        return tail


def _escape(text: str) -> str:
    text = _ESCAPE_LIKE.sub(r"_x005F\1", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def fill(drawn: BinaryIO, path: Path, pages: list[Page], first_row: int, rows_drawn: int) -> None:
    """Write the drawn workbook to ``path`` with all rows of its pages.

    Parameters
    ----------
    drawn : BinaryIO
        The workbook as XlsxWriter made it, one sheet a page, in their order.
    path : Path
        Where to write; an existing file is replaced.
    pages : list of Page
        What the sheets show.
    first_row : int
        The place of the first body row, counted from 1.
    rows_drawn : int
        How many body rows of a page (that has as many) are drawn already.
    """
    short = {f"xl/worksheets/sheet{i}.xml": page for i, page in enumerate(pages, 1) if page.rows > rows_drawn}
    with ZipFile(drawn) as source, path.open("wb") as file, ZipFile(file, "w", ZIP_DEFLATED, compresslevel=4) as target:
        strings = _Strings(source.read(_STRINGS).decode())
        tails = _Tails(strings, as_text=True), _Tails(strings, as_text=False)
        for name in source.namelist():
            if name == _STRINGS:
                continue
            text = source.read(name).decode()
            page = short.get(name)
            _store(target, name, _filled(text, page, first_row, rows_drawn, tails) if page else iter((text,)))
        _store(target, _STRINGS, strings.xml())


def _store(target: ZipFile, name: str, parts: Iterator[str]) -> None:
    info = ZipInfo(name, _EPOCH)
    info.compress_type, info.create_system = ZIP_DEFLATED, 0
    with target.open(info, "w") as entry:
        batch: list[str] = []
        for part in parts:
            batch.append(part)
            if len(batch) >= _BATCH:
                entry.write("".join(batch).encode())
                batch.clear()
        entry.write("".join(batch).encode())


def _filled(sheet: str, page: Page, first_row: int, rows_drawn: int, tails: tuple[_Tails, _Tails]) -> Iterator[str]:
    last_drawn = first_row + rows_drawn - 1
    opening = sheet.index(f'<row r="{last_drawn}"')
    closing = sheet.index("</row>", opening) + len("</row>")
    pattern = _row_pattern(sheet[opening:closing], len(page.fields))
    templates = {lines: pattern % row_height(lines) for lines in set(page.lines)}
    yield sheet[:closing]
    columns = [map(tails[f.kind not in TEXT_KINDS].__getitem__, f.values[rows_drawn:]) for f in page.fields]
    rows = zip(page.lines[rows_drawn:], zip(*columns, strict=True), strict=True)
    for place, (lines, row) in enumerate(rows, last_drawn + 1):
        yield templates[lines].replace("#", str(place)) % row
    yield sheet[closing:]


def _row_pattern(drawn: str, width: int) -> str:
    """Return a row with the styles of the drawn one: ``#`` for its number, places for its height and, doubled, its cells."""
    styles = _CELL.findall(drawn)
    if len(styles) != width:
        raise RuntimeError("the drawn row is not as wide as its page")
    cells = "".join(f'<c r="{_letters(i)}#"{style}%%s' for i, style in enumerate(styles))
    return f'<row r="#" spans="1:{width}" ht="%g" customHeight="1">{cells}</row>'


def _letters(column: int) -> str:
    before, last = divmod(column, len(ascii_uppercase))
    return (_letters(before - 1) if before else "") + ascii_uppercase[last]
