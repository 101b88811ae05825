"""ID numbers in columns that every list shows: they are refused before anything is written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.people.identity import INVISIBLE, check_digit, mask_id
from matcher.tables.coded import Coded
from matcher.tables.lines import Lines
from matcher.tables.table import Cell, Part, RawTable

IDS = frozenset({"household_id", "cadre_id"})
"""Columns in which some offices use long codes: only what is surely an ID number is told, and nothing is refused."""
_ELSEWHERE = frozenset({"id_number", "income"})
"""Columns that may hold an ID number, or are judged by themselves: a bad income holds back one household."""
_SHORTEST = 15
_CHUNK = 2**20
_GAP = "[ \t\u3000\u00a0\u200b\u200c\u200d\u2060\ufeff-]"
_CANDIDATE = re.compile(f"[0-9０-９](?:{_GAP}?[0-9０-９]){{14}}")
_RUN = re.compile(r"[0-9]{15,}X?")
_GROUPS = re.compile(r"[0-9]+(?:[ -][0-9]+)*(?:[ -]?X)?")
_PROVINCES = (range(11, 16), range(21, 24), range(31, 38), range(41, 47), range(50, 55), range(61, 66), (71, 81, 82, 83))
_REGIONS = frozenset(str(code) for codes in _PROVINCES for code in codes)
"""How region codes begin."""


def misplaced(tables: Iterable[RawTable], findings: list[Finding]) -> list[Finding]:
    """Return a problem for every cell where an ID number stands in another column than its own.

    Parameters
    ----------
    findings : list of Finding
        Receives where ID numbers are used as ids.
    """
    problems: list[Finding] = []
    for table in tables:
        for part in table.parts:
            for column, cells in part.columns.items():
                if column in IDS:
                    findings += _used_as_id(table.name, part, column, cells)
                elif column not in _ELSEWHERE:
                    problems += _in_column(table.name, part, column, cells)
    return problems


def number_in(cell: Cell) -> str:
    """Return the ID number that stands in a cell, alone or among other words, as 15 or 18 characters; ``""`` where there is none.

    18 characters by themselves are one if the check digit is right or region and birth date fit, 15 if region and birth date
    do; within longer digits, and written in groups, all three must fit.
    """
    if not isinstance(cell, str):
        return _in_number_cell(cell)
    if len(cell) < _SHORTEST or not _CANDIDATE.search(cell):
        return ""
    text = unicodedata.normalize("NFKC", cell).upper().translate(INVISIBLE)
    alone = (found[0] if len(found[0]) == 18 else found[0].removesuffix("X") for found in _RUN.finditer(text))
    return next(filter(_is_number, alone), "") or next(filter(None, map(_within, _runs(text))), "")


def _is_surely(text: str) -> bool:
    """Return whether 18 characters are an ID number by region, birth date and check digit."""
    digits = text[:17].isdigit() and text[:2] in _REGIONS and _is_birthday(text[6:14])
    return len(text) == 18 and digits and check_digit(text[:17]) == text[17]


def _is_number(run: str) -> bool:
    if len(run) == 18 and check_digit(run[:17]) == run[17]:
        return True
    return len(run) in (15, 18) and run[:2] in _REGIONS and _is_birthday(run[6:14] if len(run) == 18 else "19" + run[6:12])


def _in_number_cell(cell: Cell) -> str:
    """Return the digits of a number cell that begin as an ID number does; the last ones may be lost."""
    if isinstance(cell, bool) or not isinstance(cell, int | float) or not 1e14 <= cell < 1e18:
        return ""
    text = str(int(cell))
    return text if float(cell).is_integer() and _is_number(text) else ""


def _is_birthday(text: str) -> bool:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])).year >= 1850
    except ValueError:
        return False


def _runs(text: str) -> Iterator[str]:
    """Yield digits that stand together, and digits in groups from every group on."""
    for found in _GROUPS.finditer(" ".join(text.split())):
        groups = re.split("[ -]", found[0])
        yield from (run for run in groups if len(run) > 18)
        yield from ("".join(groups[k : k + 18])[:18] for k in range(len(groups)) if len(groups[k]) < 18)


def _within(run: str) -> str:
    return next((run[k : k + 18] for k in range(len(run) - 17) if _is_surely(run[k : k + 18])), "")


def _chunks(values: Sequence[Cell]) -> Iterator[Sequence[Cell]]:
    """Yield values a part at a time: lines of one text are not all made texts of their own at once."""
    if not isinstance(values, Lines):
        yield values
        return
    text, at = values.text, 0
    while at >= 0:
        end = text.find("\n", at + _CHUNK)
        yield text[at : end if end >= 0 else len(text)].split("\n")
        at = end + 1 if end >= 0 else -1


def _perhaps(values: Sequence[Cell]) -> Iterator[tuple[int, Cell]]:
    """Yield the values that may hold an ID number, with their places: most columns have none that is long enough."""
    begin = 0
    for chunk in _chunks(values):
        for k in [k for k, value in enumerate(chunk) if type(value) is not str or len(value) >= _SHORTEST]:
            if not isinstance(value := chunk[k], str) or _CANDIDATE.search(value):
                yield begin + k, value
        begin += len(chunk)


def _in_column(table: str, part: Part, column: str, cells: Coded[Cell]) -> Iterator[Finding]:
    shown = {k: mask_id(number) for k, value in _perhaps(cells.values) if (number := number_in(value))}
    header = part.headers.get(column, column)
    for row in cells.rows_of(list(shown)):
        text = message(_ELSEWHERE_TEXT, value=shown[int(cells.codes[row])], column=header)
        yield Finding(table, part.label, part.rows[row], column, "id_in_other_column", text, header)


_ELSEWHERE_TEXT = N_("An ID number ({value}) stands in the column {column}, which the lists show to everybody. "
                     "Move it to id_number (身份证号), or delete it.")
_AS_ID_TEXT = N_("ID numbers are used as ids in the column {column} (here {value}): every list shows them whole. Use numbers of your own.")


def _used_as_id(table: str, part: Part, column: str, cells: Coded[Cell]) -> Iterator[Finding]:
    """Yield a finding where an ID number is used as an id: the first only, for all may be."""
    for k, value in _perhaps(cells.values):
        text = unicodedata.normalize("NFKC", value).strip().upper() if isinstance(value, str) else ""
        rows = cells.rows_of([k]) if _is_surely(text) else []
        if rows:
            header = part.headers.get(column, column)
            said = message(_AS_ID_TEXT, column=header, value=mask_id(text))
            yield Finding(table, part.label, part.rows[rows[0]], column, "id_number_as_id", said, header)
            return
