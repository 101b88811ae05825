"""A look into an old workbook (.xls) for what calamine does not tell: hidden rows and columns, cells that hold an error.

The container is read by its sector chains ([MS-CFB], sections 2.2 to 2.6), the sheets by their records ([MS-XLS], section 2.4:
BoundSheet8, Row, ColInfo, BoolErr, Formula and those of other cells). Nothing else is understood, and whatever does not fit
raises :class:`NotUnderstoodError`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

_FREE = 0xFFFFFFFA
"""From here on a sector number is none."""
_BOF, _EOF, _BOUND_SHEET = 0x0809, 0x000A, 0x0085
_ROW, _COL_INFO, _BOOL_ERR, _FORMULA, _MANY = 0x0208, 0x007D, 0x0205, 0x0006, 0x00BD
_CELLS = frozenset({0x0006, 0x0205, 0x0203, 0x027E, 0x00BD, 0x00FD, 0x0204, 0x00D6})
"""Formula, BoolErr, Number, RK, MulRk, LabelSst, Label, RString: each begins with its row and first column."""
_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
_ENTRY = 128


class NotUnderstoodError(ValueError):
    """The bytes are no workbook as it is written down."""


@dataclass
class OldSheet:
    """What a sheet holds besides its values.

    Attributes
    ----------
    rows, columns : set of int
        Hidden ones, from 0.
    errors : dict of (int, int) to str
        (row, column) from 0 to the error's text.
    """

    name: str
    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)


def old_sheets(data: bytes) -> list[OldSheet]:
    """Return the sheets of a workbook in their order.

    Raises
    ------
    NotUnderstoodError
        The bytes do not fit the format.
    """
    try:
        return list(_sheets(_Container(data).stream("Workbook", "Book")))
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise NotUnderstoodError(str(error)) from None


class _Container:
    """A compound file."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        shift, small = struct.unpack_from("<HH", data, 0x1E)
        if shift not in (9, 12) or small != 6:
            raise NotUnderstoodError("sector size")
        self._size, self._small = 1 << shift, 1 << small
        first, self._cutoff, mini, _, more, _ = struct.unpack_from("<I4xIIIII", data, 0x30)
        tables = [n for n in struct.unpack_from("<109I", data, 0x4C) if n < _FREE]
        per = self._size // 4
        for _ in range(len(data) // self._size + 1):
            if more >= _FREE:
                break
            *found, more = struct.unpack(f"<{per}I", self._sector(more))
            tables += [n for n in found if n < _FREE]
        self._next = [n for t in tables for n in struct.unpack(f"<{per}I", self._sector(t))]
        self._entries = self._chain(first)
        smalls = self._chain(mini)
        self._next_small = list(struct.unpack(f"<{len(smalls) // 4}I", smalls))

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        if start >= len(self._data):
            raise NotUnderstoodError(f"sector {number}")
        return self._data[start : start + self._size].ljust(self._size, b"\0")

    def _chain(self, number: int) -> bytes:
        found = []
        while number < _FREE:
            found.append(self._sector(number))
            number = self._next[number]
            if len(found) > len(self._next):
                raise NotUnderstoodError("a chain without an end")
        return b"".join(found)

    def stream(self, *names: str) -> bytes:
        """Return the first stream that has one of some names."""
        entries = [self._entries[k : k + _ENTRY] for k in range(0, len(self._entries) - _ENTRY + 1, _ENTRY)]
        by_name = {e[: max(int.from_bytes(e[64:66], "little") - 2, 0)].decode("utf-16-le"): e for e in reversed(entries) if e[66] == 2}
        entry = next((by_name[name] for name in names if name in by_name), None)
        if entry is None:
            raise NotUnderstoodError("no workbook")
        start, size = struct.unpack_from("<II", entry, 0x74)
        if size >= self._cutoff:
            return self._chain(start)[:size]
        whole = self._chain(struct.unpack_from("<I", entries[0], 0x74)[0])
        found: list[bytes] = []
        while start < _FREE and len(found) <= len(self._next_small):
            found.append(whole[start * self._small : (start + 1) * self._small])
            start = self._next_small[start]
        return b"".join(found)[:size]


def _records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Yield the kind, the start and the length of the records of a part of a stream, up to its end; parts within it are left out."""
    depth = 0
    while True:
        kind, length = struct.unpack_from("<HH", stream, at)
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0:
            return
        if depth == 1:
            yield kind, at + 4, length
        at += 4 + length


def _sheets(stream: bytes) -> Iterator[OldSheet]:
    version = struct.unpack_from("<H", stream, 4)[0]
    for kind, at, length in list(_records(stream, 0)):
        if kind == _BOUND_SHEET:
            start, _, of, letters = struct.unpack_from("<IBBB", stream, at)
            text = stream[at + 7 : at + length]
            if version >= 0x0600:
                name = text[1 : 1 + 2 * letters].decode("utf-16-le") if text[0] & 1 else text[1 : 1 + letters].decode("latin-1")
            else:
                name = text[:letters].decode("gb18030", "replace")
            if of == 0:
                yield _sheet(stream, start, name)


def _sheet(stream: bytes, start: int, name: str) -> OldSheet:
    found, row_end, column_end = OldSheet(name), 0, 0
    for kind, at, length in _records(stream, start):
        if kind in _CELLS:
            row, column = struct.unpack_from("<HH", stream, at)
            row_end, column_end = max(row_end, row), max(column_end, column + (length // 6 - 2 if kind == _MANY else 0))
            if error := _error(stream, kind, at):
                found.errors[row, column] = error
        elif kind == _ROW:
            row, flags = struct.unpack_from("<H10xH", stream, at)
            if flags & 0x20:
                found.rows.add(row)
        elif kind == _COL_INFO:
            first, last, flags = struct.unpack_from("<HH4xH", stream, at)
            if flags & 1:
                found.columns.update(range(first, min(last, 255) + 1))
    found.rows = {row for row in found.rows if row <= row_end}
    found.columns = {column for column in found.columns if column <= column_end}
    return found


def _error(stream: bytes, kind: int, at: int) -> str:
    """Return the error that a cell holds, or nothing."""
    if kind == _BOOL_ERR:
        code, is_error = struct.unpack_from("<6xBB", stream, at)
        return _ERRORS.get(code, "#N/A") if is_error else ""
    if kind == _FORMULA:
        what, code, mark = struct.unpack_from("<6xBxB3xH", stream, at)
        return _ERRORS.get(code, "#N/A") if mark == 0xFFFF and what == 2 else ""
    return ""
