"""Text as a workbook may hold it: safe cell values, safe and unique sheet names, widths with East Asian characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from math import ceil
from numbers import Integral, Real

CELL_LIMIT = 32_767
NAME_LIMIT = 31
CUT_MARK = "…"
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_EXACT = 10**15
_PLAIN_NUMBER = re.compile(r"(0|[1-9][0-9]{0,9})(\.[0-9]{0,3}[1-9])?")


def cut(text: str, limit: int, mark: str = "") -> str:
    """Return a text of at most ``limit`` UTF-16 units (what Excel counts); if it was cut, its end is the mark."""
    if len(text) * 2 <= limit:
        return text
    encoded = text.encode("utf-16-le", "surrogatepass")
    if len(encoded) <= 2 * limit:
        return text
    return encoded[: 2 * (limit - len(mark))].decode("utf-16-le", "ignore") + mark


def safe_text(text: str) -> str:
    """Return a text as a cell can hold it: no characters that XML forbids, line ends as LF, at most 32,767 units.

    A text that looks like rich-text markup gets a space at its end, since XlsxWriter would pass it on as markup.
    """
    text = _NOT_XML.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    if text.startswith("<r>") and text.endswith("</r>"):
        text += " "
    return cut(text, CELL_LIMIT, CUT_MARK)


def cell_value(value: object, as_text: bool) -> str | int | float | None:
    """Return what a cell shows: None for blank, a number that a spreadsheet keeps exactly, else safe text."""
    if value is None or value == "":
        return None
    if not as_text and isinstance(value, Real):
        number = int(value) if isinstance(value, Integral) else float(value)
        if -_EXACT < number < _EXACT:
            return number
    return safe_text(str(value))


def number_in(value: object) -> object:
    """Return the number that a text is written as, if no digit of it is lost; anything else as it is."""
    if not isinstance(value, str) or not _PLAIN_NUMBER.fullmatch(value):
        return value
    return float(value) if "." in value else int(value)


class SheetNames:
    """Gives out sheet names that are allowed and unique.

    Only letters, digits and a few harmless signs stay, in at most 31 UTF-16 units; names alike but for case or width are
    numbered; ``History`` is Excel's own.
    """

    def __init__(self) -> None:
        self._taken = {"history"}

    def claim(self, wanted: str, otherwise: str) -> str:
        """Return a free name for what is wanted, or for ``otherwise`` where nothing of it may be in a name."""
        base = _slug(wanted) or _slug(otherwise)
        name, number = base, 1
        while name.casefold() in self._taken:
            number += 1
            name = cut(base, NAME_LIMIT - len(str(number))) + str(number)
        self._taken.add(name.casefold())
        return name


def _slug(text: str) -> str:
    kept = (c if unicodedata.category(c)[0] in "LNM" or c in "·-_()" else " " for c in unicodedata.normalize("NFKC", text))
    return cut(" ".join("".join(kept).split()), NAME_LIMIT).strip()


@cache
def _wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WFA"


def text_width(text: str) -> int:
    """Return the width of the longest line of a text in characters, East Asian ones counted twice."""
    if text.isascii() and "\n" not in text:
        return len(text)
    return max(len(line) + sum(map(_wide, line)) for line in text.split("\n"))


def lines_of(text: str, room: float) -> int:
    """Return how many lines a text takes where a line has room for so many characters."""
    return sum(max(1, ceil(text_width(line) / room)) for line in text.split("\n"))


def widest(values: Iterable[object]) -> int:
    """Return the greatest text width among values."""
    return max((text_width(str(v)) for v in set(values) if v is not None), default=0)
