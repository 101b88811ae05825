"""Where the headers stand: below titles, in one row, or in two or three whose cells are merged.

A row, or up to three rows together, can be the header if its columns hold all that the table requires. Exactly one place on
the first rows must qualify; two are refused with what was seen, never chosen between.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from matcher.errors import InputError
from matcher.findings import Finding
from matcher.messages import N_, mask_numbers, message
from matcher.tables.aliases import LAYOUTS, PERSONS, headers_of, normal_header

WINDOW = 30
"""Rows, from the first that is not blank, among which the headers are looked for."""
_MOST_HEADER_ROWS = 3
_OF_A_GROUP = re.compile(r"(?:基本)?(?:信息|情况|资料)$")
_HELPERS = ("帮扶", "干部", "责任人", "结对", "联系")
_OTHERS = {"households": _HELPERS, PERSONS: _HELPERS, "cadres": ("户主", "农户", "贫困户", "家庭", "对象")}
"""Words of a group's header that say that its columns describe somebody else than the table's rows."""


@dataclass(frozen=True)
class Span:
    """Merged cells: rows and columns from 0, the last included."""

    top: int
    left: int
    bottom: int
    right: int

    def moved(self, rows: int) -> Span:
        """Return the span with its rows counted from another row."""
        return Span(self.top - rows, self.left, self.bottom - rows, self.right)


@dataclass(frozen=True)
class Head:
    """The header that was found.

    Attributes
    ----------
    first, last : int
        Its rows, by their places among those looked at.
    texts : list of str
        What each column is called.
    found : int
        How many of the table's columns it names.
    complete : bool
        Whether all that the table requires is among them.
    """

    first: int
    last: int
    texts: list[str]
    found: int
    complete: bool


def tight(text: str) -> str:
    """Return a text without white space."""
    return "".join(text.split())


def find_head(rows: Sequence[Sequence[str]], spans: Sequence[Span], table: str, label: str, numbers: Sequence[int]) -> Head:
    """Return the header among the first rows of a sheet.

    Parameters
    ----------
    rows : sequence of sequence of str
        At least one; the first is not blank.
    spans : sequence of Span
        Merged cells as the file tells them, by places in ``rows``; none where the kind of file tells none.
    numbers : sequence of int
        The rows' numbers as a spreadsheet shows them.

    Raises
    ------
    InputError
        Two places could be the header.
    """
    if table == "households" and any("relation" in _named(row, PERSONS) for row in rows):
        head = _find(rows, spans, PERSONS, label, numbers)
        if head.complete:
            return head
    return _find(rows, spans, table, label, numbers)


def _find(rows: Sequence[Sequence[str]], spans: Sequence[Span], table: str, label: str, numbers: Sequence[int]) -> Head:
    own = [_named(row, table) for row in rows]
    blocks = _complete_blocks(rows, spans, table, own)
    if not blocks:
        best = max(range(len(rows)), key=lambda k: (len(own[k]), -k))
        best = best if len(own[best]) > max(1, len(own[0])) else 0
        return Head(best, best, list(rows[best]), len(own[best]), complete=False)
    head = blocks[0]
    for other in blocks[1:]:
        if other.first <= head.last:
            head = other if _goes_on(rows, head, other, table) else head
        elif list(map(tight, other.texts)) != list(map(tight, head.texts)):
            raise _two_headers(head, other, table, label, numbers)
    return head


def _named(texts: Sequence[str], table: str) -> frozenset[str]:
    known = headers_of(table)
    return frozenset(known[key] for text in texts if text and (key := normal_header(text)[0]) in known)


def _complete_blocks(
    rows: Sequence[Sequence[str]], spans: Sequence[Span], table: str, own: Sequence[frozenset[str]]
) -> list[Head]:
    """Return, for every last row, the least rows that together name all that is required."""
    required = {c.name for c in LAYOUTS[table] if c.required}
    tall = [s for s in spans if s.top < s.bottom]
    found = []
    for last in range(len(rows)):
        for first in range(last, max(last - _MOST_HEADER_ROWS, -1), -1):
            if not any(map(str.strip, rows[first])):
                break
            if not any(own[first : last + 1]) or any(_cuts(s, first, last) for s in tall):
                continue
            texts = _together(rows, spans, first, last, table)
            named = own[last] if first == last and texts == rows[last] else _named(texts, table)
            if required <= named:
                found.append(Head(first, last, texts, len(named), complete=True))
                break
    return found


def _cuts(span: Span, first: int, last: int) -> bool:
    return span.top < first <= span.bottom or span.top <= last < span.bottom


def _together(rows: Sequence[Sequence[str]], spans: Sequence[Span], first: int, last: int, table: str) -> list[str]:
    """Return what each column is called by some rows together: a group's header counts for all columns below it."""
    if first == last:
        return list(rows[last])
    width = max(len(rows[k]) for k in range(first, last + 1))
    lines = [[*map(str.strip, rows[k]), *[""] * (width - len(rows[k]))] for k in range(first, last + 1)]
    told = [s for s in spans if first <= s.top and s.bottom <= last]
    if told:
        for span in told:
            for row in range(span.top - first, span.bottom - first + 1):
                for column in range(span.left, min(span.right + 1, width)):
                    lines[row][column] = lines[span.top - first][span.left]
    else:
        for line in lines[:-1]:
            for column in range(1, width):
                if not line[column] and lines[-1][column]:
                    line[column] = line[column - 1]
    return [_called([line[column] for line in lines], table) for column in range(width)]


def _called(parts: list[str], table: str) -> str:
    """Return what a column is called, given the texts above one another; what belongs to somebody else keeps its group's name."""
    words = [word for k, word in enumerate(parts) if word and word not in parts[:k]]
    if len(words) < 2:
        return "".join(words)
    known = headers_of(table)
    groups = [_OF_A_GROUP.sub("", tight(w)) for w in words[:-1]]
    joined = ["".join([*groups[k:], words[-1]]) for k in range(len(groups))]
    name = next((j for j in joined if normal_header(j)[0] in known), None)
    if name is None:
        if any(word in group for group in groups for word in _OTHERS.get(table, ())):
            return "/".join(words)
        name = words[-1]
    units = {normal_header(w)[1] for w in words} - {"", normal_header(name)[1]}
    return name + "".join(f"({unit})" for unit in sorted(units))


def _goes_on(rows: Sequence[Sequence[str]], head: Head, other: Head, table: str) -> bool:
    """Return whether a row below a header that is complete divides its groups, and is no row of data.

    Where a required column stands it says nothing, or what the column is called still (户主 above 姓名). Each other text stands
    below a blank cell, or begins a group: the header's cell to its right is blank, and it says something there.
    """
    known = headers_of(table)
    required = {c.name for c in LAYOUTS[table] if c.required}
    below = rows[other.last]
    above = [*rows[head.last], *[""] * (len(below) + 1)]
    called = {k: name for k, t in enumerate(head.texts) if (name := known.get(normal_header(t)[0])) in required}
    says = [k for k, text in enumerate(below) if text.strip() and k not in called]
    return (
        all(k >= len(below) or not below[k].strip() or known.get(normal_header(other.texts[k])[0]) == called[k] for k in called)
        and any(map(str.strip, below))
        and all(not above[k].strip() or (not above[k + 1].strip() and k + 1 in says) for k in says)
    )


def _two_headers(head: Head, other: Head, table: str, label: str, numbers: Sequence[int]) -> InputError:
    text = N_("Row {first} ({one}) and row {second} ({two}) could both be the header. Keep one, or give each table a sheet of its own.")
    filled = message(
        text, first=numbers[head.last], one=_shown(head.texts), second=numbers[other.last], two=_shown(other.texts)
    )
    finding = Finding("households" if table == PERSONS else table, label, numbers[other.last], "", "two_headers", filled)
    return InputError(message(N_("The header of {file} cannot be used."), file=label), [finding])


def _shown(texts: Sequence[str]) -> str:
    return mask_numbers(" ".join(filter(None, map(tight, texts))))[:60]
