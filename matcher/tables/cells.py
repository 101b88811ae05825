"""Reading single cells: folding, blanks, lists, yes and no, whole numbers, months."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date

from matcher.messages import mask_numbers
from matcher.tables.coded import text_of
from matcher.tables.table import Cell

_BLANKS = frozenset({"", "无", "/", "-", "—", "——"})
_SPACES = "\t\v\f\r\x1c\x1d\x1e\x1f \x85\u1680\u2028\u2029"
"""All white space but the line feed that NFKC leaves as it is."""
_GUARDED = frozenset("=+-@")
_ODD_DOTS = "•・‧∙⋅●"
_DOTS = str.maketrans(dict.fromkeys(_ODD_DOTS, "·"))
_SEPARATORS = re.compile(r"[;,、]")
_SEPARATORS_AND_SLASH = re.compile(r"[;,、/]")
_YES = frozenset({"是", "yes", "true", "1", "√"})
_NO = frozenset({"否", "no", "false", "0", "×"})
_WHOLE = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.0+)?(户|人|个|个月|月|分)?", re.ASCII)
_SPACE = re.compile(r"[^\S\n]")
_MONTH = re.compile(r"(\d{4})[-./年](\d{1,2})(?:月|[-./月](\d{1,2})日?)?|(\d{4})(\d{2})(\d{2})?", re.ASCII)


def fold(text: str) -> str:
    """Return a text as all comparisons see it: NFKC, trimmed."""
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFKC", text).strip()


def fold_name(text: str) -> str:
    """Return a person's name as comparisons see it: folded, no white space inside, all dots one."""
    return "".join(fold(text).split()).translate(_DOTS)


def as_text(cell: Cell) -> str:
    """Return what a cell says, as it came; a whole number without a decimal point."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
    return cell.isoformat()[:10] if isinstance(cell, date) else str(cell)


def excerpt(cell: Cell) -> str:
    """Return the beginning of a cell as a message may show it."""
    return mask_numbers(as_text(cell))[:20]


def read(cell: Cell) -> str:
    """Return the folded text of a cell, empty where it is blank or says that there is nothing (无, /, -)."""
    text = cell.strip() if isinstance(cell, str) and cell.isascii() else fold(as_text(cell))
    if text[:1] == "'" and text[1:2] in _GUARDED:
        text = text[1:]  # our own CSV files guard such a text from being run
    return "" if text in _BLANKS else text


def read_each(cells: Sequence[Cell]) -> Sequence[str]:
    """Return :func:`read` of every cell; what is clean already is returned as it is, after one look at all of it."""
    if _clean_text(cells) is not None:
        return cells  # type: ignore[return-value]
    return [c if type(c) is str and c.isascii() and c.isalnum() else read(c) for c in cells]


def read_names(cells: Sequence[Cell]) -> Sequence[str]:
    """Return the folded name of every cell (see :func:`fold_name`), empty where it is blank."""
    joined = _clean_text(cells)
    if joined is None:
        return [fold_name(text) if (text := read(cell)) else "" for cell in cells]
    return joined.translate(_DOTS).split("\n") if any(dot in joined for dot in _ODD_DOTS) else cells  # type: ignore[return-value]


def shown_each(cells: Sequence[Cell]) -> Sequence[str]:
    """Return the text of every cell as it came, trimmed; what needs no trimming is returned as it is."""
    joined = text_of(cells)
    if joined is not None and not _SPACE.search(joined):
        return cells  # type: ignore[return-value]
    texts: Iterable[str] = cells if joined is not None else map(as_text, cells)  # type: ignore[assignment]
    return list(map(str.strip, texts))


def _clean_text(cells: Sequence[Cell]) -> str | None:
    """Return cells as lines of one text if none needs folding, holds white space or says in words that there is nothing, else None."""
    joined = text_of(cells)
    if joined is None or any(mark in joined for mark in ("'", *_SPACES)) or not unicodedata.is_normalized("NFKC", joined):
        return None
    lines = f"\n{joined}\n"
    said = (blank for blank in _BLANKS if blank and blank in joined)
    return None if any(f"\n{blank}\n" in lines for blank in said) else joined


def several(text: str, places: bool = False) -> tuple[str, ...]:
    """Return the values of a folded cell that may hold several, each once, in their order.

    With ``places`` the slash belongs to a name (``township/village``) and does not separate.
    """
    parts = map(str.strip, (_SEPARATORS if places else _SEPARATORS_AND_SLASH).split(text))
    return tuple(dict.fromkeys(p for p in parts if p not in _BLANKS))


def yes_or_no(text: str, blank: bool) -> bool | None:
    """Return what a folded yes-or-no cell says; None where it says neither."""
    text = text.lower()
    return blank if not text else True if text in _YES else False if text in _NO else None


def whole(text: str) -> int | None:
    """Return the whole number of a folded, non-blank cell (``3``, ``1,200``, ``5户``), or None."""
    found = _WHOLE.fullmatch(text)
    if not found or len(text) > 20:
        return None
    return int(re.sub(r"[,户人个月分]|\.0+", "", text))


def month_of(cell: Cell) -> int | None:
    """Return the month of a cell, 0 where it is blank, None where it cannot be read; 2008.1 in a number cell may be October."""
    if isinstance(cell, float) and not cell.is_integer():
        return None
    text = read(cell)
    return month(text) if text else 0


def month(text: str) -> int | None:
    """Return a folded month (``2008-07``, ``2008.7``, ``200807``, ``2008年7月``, a date) as months since year 0, or None."""
    found = _MONTH.fullmatch(text.removesuffix(" 00:00:00"))
    if not found:
        return None
    year, number, day = found[1] or found[4], found[2] or found[5], found[3] or found[6]
    if not (1900 <= int(year) <= 2200 and 1 <= int(number) <= 12 and 1 <= int(day or 1) <= 31):
        return None
    return int(year) * 12 + int(number) - 1
