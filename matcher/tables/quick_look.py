"""The first look at a sheet's bytes, all at once: is it surely harmless? And the limits of what is read."""

from __future__ import annotations

from string import ascii_letters

import numpy as np
import numpy.typing as npt

MOST_CELLS = 2**24
"""The largest grid, blank cells counted: about what half a gigabyte holds."""
MOST_MERGED = 200_000
FARTHEST_ROW, FARTHEST_COLUMN = 1_048_576, 16_384
_NOTHING = np.zeros(0, np.uint16)
_PIECE = 2**19
"""Bytes looked at at a time: what is made of them stays in the processor's cache."""
_REACH = 20
"""Bytes behind the beginning of a cell that are looked at."""


def _bytes(those: bytes) -> npt.NDArray[np.bool_]:
    found = np.zeros(256, np.bool_)
    found[list(those)] = True
    return found


_AFTER_A_NAME, _QUOTES, _LETTER = _bytes(b" >\n\r\t/"), _bytes(b"\"'"), _bytes(ascii_letters.encode())


def is_plain(content: bytes) -> bool:
    """Return whether a sheet is surely within the limits and hides nothing, by one look at its bytes.

    Only cells as Excel, WPS and LibreOffice write them (``<c r="AB12"``, upper case) are understood, blank ones counted; whatever
    else may be a cell, or may hide something, is left to the closer look.
    """
    shown = content.count(b'hidden="false"') + content.count(b'hidden="0"') if b"hidden" in content else 0
    if b"hidden" in content and content.count(b"hidden") != shown:
        return False
    if content.count(b"mergeCell ") > MOST_MERGED or not 0 <= content.rfind(b"<") < len(content) - 2:
        return False
    row = column = 0
    for start in range(0, len(content), _PIECE):
        corner = _outermost(content[start : start + _PIECE + _REACH])
        if corner is None:
            return False
        row, column = max(row, corner[0]), max(column, corner[1])
    return row * column <= MOST_CELLS


def _outermost(piece: bytes) -> tuple[int, int] | None:
    """Return the farthest row and column of the cells that begin in a piece, 0 without any; None where a cell is not understood."""
    if _stands(piece, b":c", 2, _AFTER_A_NAME):
        return None
    data = np.frombuffer(piece, np.uint8)
    at = _places(piece, b"<c")
    at = at[at < _PIECE]
    at = at[at < len(data) - 2]
    at = at[~_LETTER[data[at + 2]]]  # <col, <cols and the like are no cells
    if len(at) and at.max() >= len(data) - _REACH:  # the last of a sheet, with nothing behind: no sheet ends so
        return None
    good = all((data[at + k] == ord(letter)).all() for k, letter in enumerate(' r="', 2))
    return _farthest(data, at + 6) if good else None


def may_hold_errors(content: bytes) -> bool:
    """Return whether a cell of a sheet may hold an error; none is overlooked."""
    return any(_stands(content, pair, -1, _QUOTES) for pair in (b'e"', b"e'"))


def _places(content: bytes, pair: bytes) -> npt.NDArray[np.int64]:
    """Return where two bytes stand, the even places before the odd: two bytes are compared as one number, far faster than a search."""
    number = int.from_bytes(pair, "little")
    views = [np.frombuffer(content, "<u2", (len(content) - k) // 2, k) if len(content) > k + 1 else _NOTHING for k in (0, 1)]
    return np.concatenate([np.flatnonzero(view == number) * 2 + k for k, view in enumerate(views)])


def _stands(content: bytes, pair: bytes, beside: int, marks: npt.NDArray[np.bool_]) -> bool:
    """Return whether two bytes stand anywhere with one of some marks so many bytes beside the first."""
    at = _places(content, pair) + beside
    at = at[(at >= 0) & (at < len(content))]
    return bool(marks[np.frombuffer(content, np.uint8)[at]].any())


def _farthest(data: npt.NDArray[np.uint8], at: npt.NDArray[np.int64]) -> tuple[int, int] | None:
    """Return the farthest row and column of the references that begin at some places; None where one is not whole, or too far."""
    rows, columns = np.zeros(len(at), np.int32), np.zeros(len(at), np.int32)
    inside, lettered = np.ones(len(at), np.bool_), np.ones(len(at), np.bool_)
    for k in range(11):
        byte = data[at + k]
        letter, digit = inside & (byte >= ord("A")) & (byte <= ord("Z")), inside & (byte >= ord("0")) & (byte <= ord("9"))
        if (letter & ~lettered).any() or (inside & ~letter & ~digit & (byte != ord('"'))).any():
            return None
        if (letter.any() and k > 2) or (digit & (rows > FARTHEST_ROW)).any():
            return None
        columns = np.where(letter, columns * 26 + byte - (ord("A") - 1), columns)
        rows = np.where(digit, rows * 10 + byte - ord("0"), rows)
        lettered &= letter
        inside = letter | digit
        if not inside.any():
            break
    if inside.any() or not (rows.all() and columns.all()):
        return None
    row, column = int(rows.max(initial=0)), int(columns.max(initial=0))
    return (row, column) if row <= FARTHEST_ROW and column <= FARTHEST_COLUMN else None
