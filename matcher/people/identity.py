"""ID numbers: one key for the ways of writing one number, and the mask under which it may be shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from operator import mul
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.tables.cells import read
from matcher.tables.coded import Coded, is_text, packed, text_of
from matcher.tables.table import Cell, RawTable

_FULL = re.compile(r"[0-9]{17}[0-9X]")
_OLD = re.compile(r"[0-9]{15}")
_DISABILITY = re.compile(r"([0-9]{17}[0-9X])[0-9]{2}")
_ROUNDED = re.compile(r"\?[0-9](\.[0-9]+)?E\+?[0-9]{2}")
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
_WEIGHTS = tuple(pow(2, 17 - i, 11) for i in range(17))
_CHECK = "10X98765432"


def check_digit(first17: str) -> str:
    """Return the check character of the first 17 digits (GB 11643, ISO 7064 MOD 11-2)."""
    return _CHECK[sum(map(mul, _WEIGHTS, map(int, first17))) % 11]


def id_key(cell: Cell) -> str:
    """Return the 18 characters that an ID number's ways of writing share, ``""`` for none, ``?…`` for what is no ID number.

    Full-width digits, a lower-case x and white space are understood, 15 digits are upgraded (19 after the sixth, check
    digit added), a 20-digit disability certificate holds the number in its first 18 digits.
    """
    text = "".join(read(cell).upper().split()).translate(INVISIBLE).removeprefix("'")
    if not text or _FULL.fullmatch(text):
        return text
    if _OLD.fullmatch(text):
        first17 = text[:6] + "19" + text[6:]
        return first17 + check_digit(first17)
    certificate = _DISABILITY.fullmatch(text)
    return certificate[1] if certificate else "?" + text


def mask_id(key: str) -> str:
    """Return an ID number as internal lists show it: the first 6 and the last 4 characters."""
    if len(key) == 18 and key[0] != "?":
        return f"{key[:6]}********{key[14:]}"
    key = key.removeprefix("?")
    if len(key) >= 15:
        return key[:6] + "*" * (len(key) - 10) + key[-4:]
    return "*" * (len(key) - 4) + key[-4:] if len(key) > 8 else "*" * len(key)


def id_keys(table: RawTable, findings: list[Finding], problems: list[Finding]) -> Coded[str]:
    """Return the key of every row's ID number; what is no ID number is a finding, a number cell a problem."""
    cells = table.column("id_number")
    keys, odd, wrong = _keys(cells.values)

    def rows_of(test: Callable[[int], object]) -> list[int]:
        return cells.rows_of([k for k in odd if test(k)])

    damaged = message(
        N_("The ID number stands in a number cell: Excel keeps only 15 digits, the number is already damaged. "
           "Format the column as text and enter the numbers again.")
    )
    in_numbers = rows_of(lambda k: isinstance(cells.values[k], int | float) or _is_rounded(cells.values[k], keys[k]))
    problems += [table.finding(i, "id_number", "id_in_number_cell", damaged) for i in in_numbers]
    of_row = cells.over(lambda _: keys)
    malformed = N_("{value} is no ID number (15 or 18 digits); it links to nobody. Correct it.")
    for index in rows_of(lambda k: keys[k][:1] == "?"):
        findings.append(table.finding(index, "id_number", "id_malformed", message(malformed, value=mask_id(of_row[index]))))
    checked = N_("The check digit of {value} is wrong. Compare it with the ID card.")
    for index in cells.rows_of(wrong):
        findings.append(table.finding(index, "id_number", "id_checksum", message(checked, value=mask_id(of_row[index]))))
    certificate = message(N_("A 20-digit disability certificate stands here; its first 18 digits were used as the ID number."))
    long = rows_of(lambda k: _is_certificate(cells.values[k]))
    findings += [table.finding(i, "id_number", "disability_certificate", certificate) for i in long]
    return of_row


def _keys(cells: Sequence[Cell]) -> tuple[Sequence[str], list[int], list[int]]:
    """Return the key of every cell, which cells are not written as 18 plain characters, and whose check character is wrong."""
    plain, digits = _plain(cells)
    odd = np.flatnonzero(~plain).tolist()
    wrong = np.flatnonzero(plain)[_due_checks(digits) != digits[:, 17]].tolist()
    if not odd:
        return cells, odd, wrong  # type: ignore[return-value]
    keys: list[Any] = list(cells)
    for k in odd:
        keys[k] = id_key(keys[k])
    wrong += [k for k in odd if len(keys[k]) == 18 and keys[k][0] != "?" and check_digit(keys[k][:17]) != keys[k][17]]
    return packed(keys), odd, sorted(wrong)


def _plain(cells: Sequence[Cell]) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.uint8]]:
    """Return which cells are texts of 17 digits and a digit or X, and the (n, 18) characters of these: one look at all cells together."""
    plain = np.zeros(len(cells), np.bool_)
    joined = text_of(cells if is_text(cells) else [c if isinstance(c, str) else "" for c in cells])
    if joined is None or not len(cells):  # a line break within a cell
        return plain, np.zeros((0, 18), np.uint8)
    data = np.frombuffer(f"{joined}\n".encode("utf-8", "surrogatepass"), np.uint8)
    ends = np.flatnonzero(data == ord("\n"))
    starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64)
    plain[ends - starts == 18] = True
    if not plain.any():
        return plain, np.zeros((0, 18), np.uint8)
    found = np.ascontiguousarray(sliding_window_view(data, 18)[starts[plain]].T)  # (18, n): looked through character by character
    digit = found - np.uint8(ord("0")) <= 9
    good = digit[:17].all(axis=0) & (digit[17] | (found[17] == ord("X")))
    plain[plain] = good
    return plain, found[:, good].T


def _is_rounded(cell: Cell, key: str) -> bool:
    """Return whether a text is a number cell's short form, such as 1.10101E+17."""
    return isinstance(cell, str) and "E+" in key and _ROUNDED.fullmatch(key) is not None


def _is_certificate(cell: Cell) -> bool:
    long = isinstance(cell, str) and len(cell) >= 20
    return long and _DISABILITY.fullmatch("".join(read(cell).upper().split())) is not None


def _due_checks(text: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return the check character due for every row of 18 characters."""
    total = np.zeros(len(text), np.int32)
    for weight, digit in zip(_WEIGHTS, text.T, strict=False):
        total += weight * (digit.astype(np.int32) - ord("0"))
    return np.asarray(np.frombuffer(_CHECK.encode("ascii"), np.uint8)[total % 11])
