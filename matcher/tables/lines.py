"""Texts kept as the lines of one text until somebody reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload


class Lines(Sequence[str]):
    """The lines of a text, as a sequence.

    A text of its own costs 50 bytes before its first letter; a column that is seldom read, or read once from end to end, is a
    fifth as large so, and a forked process that reads it copies nothing else.

    Parameters
    ----------
    text : str
        At least one line.
    """

    __slots__ = ("_each", "_length", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._length = text.count("\n") + 1
        self._each: list[str] | None = None

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[str]:
        return iter(self.text.split("\n") if self._each is None else self._each)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        if self._each is None:  # who asks for one asks for more
            self._each = self.text.split("\n")
        return self._each[index]

    def __reduce__(self) -> tuple[type[Lines], tuple[str]]:
        return Lines, (self.text,)
