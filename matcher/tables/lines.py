"""Texts kept as the lines of one text until somebody reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np
import numpy.typing as npt


class Lines(Sequence[str]):
    """The lines of a text, as a sequence.

    A text of its own costs 50 bytes before its first letter; a column that is seldom read, or once from end to end, is a
    fifth as large so, and a forked process that reads it copies nothing else. To be read from end to end: one line alone
    costs a multiple of an item of a list.

    Parameters
    ----------
    text : str
        At least one line.
    """

    __slots__ = ("_length", "_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._length = text.count("\n") + 1
        self._starts: npt.NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[str]:
        return iter(self.text.split("\n"))

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            first, end, step = index.indices(self._length)
            return self._between(first, end).split("\n")[::step] if step > 0 and first < end else list(self)[index]
        first = range(self._length)[index]
        return self._between(first, first + 1)

    def _between(self, first: int, end: int) -> str:
        """Return the lines from ``first`` to before ``end``, at least one."""
        if self._starts is None:
            letters = np.frombuffer(self.text.encode("utf-32-le", "surrogatepass"), np.uint32)
            self._starts = np.concatenate([[0], np.flatnonzero(letters == ord("\n")) + 1, [len(self.text) + 1]])
        return self.text[int(self._starts[first]) : int(self._starts[end]) - 1]

    def __reduce__(self) -> tuple[type[Lines], tuple[str]]:
        return Lines, (self.text,)
