"""The first look at a sheet's bytes, all at once: is it surely harmless? And the limits of what is read."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

MOST_CELLS = 2**24
"""The largest grid, blank cells counted: about what half a gigabyte holds."""
MOST_MERGED = 200_000
FARTHEST_ROW, FARTHEST_COLUMN = 1_048_576, 16_384
_PREFIXED = (b":c ", b":c>", b":c\n", b":c\r", b":c\t", b":c/")
_LETTER = np.zeros(256, np.bool_)
_LETTER[[*range(65, 91), *range(97, 123)]] = True


def is_plain(content: bytes) -> bool:
    """Return whether a sheet is surely within the limits and hides nothing, by one look at its bytes.

    Only cells as Excel, WPS and LibreOffice write them (``<c r="AB12"``, upper case) are understood, blank ones counted; whatever
    else may be a cell, or may hide something, is left to the closer look.
    """
    shown = content.count(b'hidden="false"') + content.count(b'hidden="0"') if b"hidden" in content else 0
    if (b"hidden" in content and content.count(b"hidden") != shown) or _may_hold(content, b":c", _PREFIXED):
        return False
    if content.count(b"mergeCell ") > MOST_MERGED:
        return False
    data = np.frombuffer(content, np.uint8)
    at = np.flatnonzero(data == ord("<"))
    if not len(at) or at[-1] > len(data) - 3:
        return False
    at = at[data[at + 1] == ord("c")]
    at = at[~_LETTER[data[at + 2]]]  # <col, <cols and the like are no cells
    if len(at) and at[-1] > len(data) - 20:
        return False
    return all((data[at + k] == ord(letter)).all() for k, letter in enumerate(' r="', 2)) and _are_near(data, at + 6)


def may_hold_errors(content: bytes) -> bool:
    """Return whether a cell of a sheet may hold an error; none is overlooked."""
    return _may_hold(content, b'e"', (b'"e"', b"'e\"")) or _may_hold(content, b"e'", (b"'e'", b"\"e'"))


def _may_hold(content: bytes, rare: bytes, marks: tuple[bytes, ...]) -> bool:
    return rare in content and any(mark in content for mark in marks)


def _are_near(data: npt.NDArray[np.uint8], at: npt.NDArray[np.int64]) -> bool:
    """Return whether all references that begin at some places are whole, and their outermost cell is within the limits."""
    rows, columns = np.zeros(len(at), np.int32), np.zeros(len(at), np.int32)
    inside, lettered = np.ones(len(at), np.bool_), np.ones(len(at), np.bool_)
    for k in range(11):
        byte = data[at + k]
        letter, digit = inside & (byte >= ord("A")) & (byte <= ord("Z")), inside & (byte >= ord("0")) & (byte <= ord("9"))
        if (letter & ~lettered).any() or (inside & ~letter & ~digit & (byte != ord('"'))).any():
            return False
        if (letter.any() and k > 2) or (digit & (rows > FARTHEST_ROW)).any():
            return False
        columns[letter] = columns[letter] * 26 + byte[letter] - (ord("A") - 1)
        rows[digit] = rows[digit] * 10 + byte[digit] - ord("0")
        lettered &= letter
        inside = letter | digit
        if not inside.any():
            break
    if inside.any() or not (rows.all() and columns.all()):
        return False
    row, column = int(rows.max(initial=0)), int(columns.max(initial=0))
    return row <= FARTHEST_ROW and column <= FARTHEST_COLUMN and row * column <= MOST_CELLS
