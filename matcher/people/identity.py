"""ID numbers: one key for the ways of writing one number, and the mask under which it may be shown."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.tables.cells import read
from matcher.tables.coded import Coded
from matcher.tables.table import Cell, RawTable

_FULL = re.compile(r"[0-9]{17}[0-9X]")
_OLD = re.compile(r"[0-9]{15}")
_DISABILITY = re.compile(r"([0-9]{17}[0-9X])[0-9]{2}")
_ROUNDED = re.compile(r"\?[0-9](\.[0-9]+)?E\+?[0-9]{2}")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
_WEIGHTS = tuple(pow(2, 17 - i, 11) for i in range(17))
_CHECK = "10X98765432"


def check_digit(first17: str) -> str:
    """Return the check character of the first 17 digits (GB 11643, ISO 7064 MOD 11-2)."""
    return _CHECK[sum(w * int(d) for w, d in zip(_WEIGHTS, first17, strict=True)) % 11]


def id_key(cell: Cell) -> str:
    """Return the 18 characters that an ID number's ways of writing share, ``""`` for none, ``?…`` for what is no ID number.

    Full-width digits, a lower-case x and white space are understood, 15 digits are upgraded (19 after the sixth, check
    digit added), a 20-digit disability certificate holds the number in its first 18 digits.
    """
    text = "".join(read(cell).upper().split()).translate(_INVISIBLE).removeprefix("'")
    if not text or _FULL.fullmatch(text):
        return text
    if _OLD.fullmatch(text):
        first17 = text[:6] + "19" + text[6:]
        return first17 + check_digit(first17)
    certificate = _DISABILITY.fullmatch(text)
    return certificate[1] if certificate else "?" + text


def mask_id(key: str) -> str:
    """Return an ID number as internal lists show it: the first 6 and the last 4 characters."""
    key = key.removeprefix("?")
    if len(key) >= 15:
        return key[:6] + "*" * (len(key) - 10) + key[-4:]
    return "*" * (len(key) - 4) + key[-4:] if len(key) > 8 else "*" * len(key)


def id_keys(table: RawTable, findings: list[Finding], problems: list[Finding]) -> list[str]:
    """Return the key of every row's ID number; what is no ID number is a finding, a number cell a problem."""
    cells = table.column("id_number")
    damaged = message(
        N_("The ID number stands in a number cell: Excel keeps only 15 digits, the number is already damaged. "
           "Format the column as text and enter the numbers again.")
    )
    if not cells.all_text():
        wrong_type = cells.rows_where(lambda c: isinstance(c, int | float))
        problems += [table.finding(i, "id_number", "id_in_number_cell", damaged) for i in wrong_type]
    keys = cells.over(_keys)
    rounded = keys.rows_where(lambda key: _ROUNDED.fullmatch(key) is not None) if "E+" in "".join(keys.values) else []
    rounded = [i for i in rounded if isinstance(cells[i], str)]
    problems += [table.finding(i, "id_number", "id_in_number_cell", damaged) for i in rounded]
    malformed = N_("{value} is no ID number (15 or 18 digits); it links to nobody. Correct it.")
    for index in keys.rows_where(lambda key: key[:1] == "?") if "?" in "".join(keys.values) else ():
        findings.append(table.finding(index, "id_number", "id_malformed", message(malformed, value=mask_id(keys[index]))))
    checked = N_("The check digit of {value} is wrong. Compare it with the ID card.")
    for index in _wrong_checks(keys):
        findings.append(table.finding(index, "id_number", "id_checksum", message(checked, value=mask_id(keys[index]))))
    certificate = message(N_("A 20-digit disability certificate stands here; its first 18 digits were used as the ID number."))
    if max((len(c) for c in cells.values if isinstance(c, str)), default=0) >= 20:
        findings += [table.finding(i, "id_number", "disability_certificate", certificate) for i in cells.rows_where(_is_certificate)]
    return keys.tolist()


def _keys(cells: Sequence[Cell]) -> list[str]:
    return [c if isinstance(c, str) and len(c) == 18 and c.isascii() and c.isdigit() else id_key(c) for c in cells]


def _is_certificate(cell: Cell) -> bool:
    long = isinstance(cell, str) and len(cell) >= 20
    return long and _DISABILITY.fullmatch("".join(read(cell).upper().split())) is not None


def _due_checks(text: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return the check character due for every row of 18 characters."""
    total = np.zeros(len(text), np.int32)
    for weight, digit in zip(_WEIGHTS, text.T, strict=False):
        total += weight * (digit.astype(np.int32) - ord("0"))
    return np.asarray(np.frombuffer(_CHECK.encode("ascii"), np.uint8)[total % 11])


def _wrong_checks(keys: Coded[str]) -> list[int]:
    """Return the rows of the full-length keys whose check character is wrong."""
    full = [i for i, key in enumerate(keys.values) if len(key) == 18 and key[0] != "?"]
    digits = np.frombuffer("".join(keys.values[i] for i in full).encode("ascii"), np.uint8).reshape(-1, 18)
    wrong = np.zeros(len(keys.values), np.bool_)
    wrong[full] = _due_checks(digits) != digits[:, 17]
    return np.flatnonzero(wrong[keys.codes]).tolist() if wrong.any() else []
