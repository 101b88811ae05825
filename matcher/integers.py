"""Sets of integers as sorted columns, by sorting (since version 2.3 ``numpy.unique`` hashes, at ten times the cost); the order of rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from matcher.domain import Ints

_MOST, _DIGIT = 2**63, 2**16
_ROOMY = 100
"""How wide a table of known numbers may be for every number that is looked up."""


def unique(values: Ints) -> Ints:
    """Return the distinct values, sorted."""
    ordered = np.sort(values, axis=None)
    new = np.ones(len(ordered), np.bool_)
    new[1:] = ordered[1:] != ordered[:-1]
    return ordered[new]


def among(values: Ints, known: Ints) -> npt.NDArray[np.bool_]:
    """Return, for values of any shape, which are among known ones, which are sorted."""
    if not len(known):
        return np.zeros(values.shape, np.bool_)
    low, width = int(known[0]), int(known[-1]) - int(known[0]) + 1
    if width <= _ROOMY * values.size:  # a table of all numbers between is sooner made than so many are looked for one by one
        there = np.zeros(width + 1, np.bool_)
        there[known - low] = True
        return np.asarray(there[np.where((values >= low) & (values <= known[-1]), values - low, width)])
    return np.asarray(known[np.minimum(np.searchsorted(known, values), len(known) - 1)] == values)


def without(values: Ints, others: Ints) -> Ints:
    """Return the distinct values that are not among others, which are sorted; sorted."""
    found = unique(values)
    return found[~among(found, others)]


def order_of(*columns: Ints) -> Ints:
    """Return the order of rows by columns, the first one before the others; of equal rows the first one stands first.

    Adjacent columns are packed into one where they fit. Numbers are sorted by their digits of 16 bits, for NumPy does that in
    a seventh of the time that larger ones take.
    """
    packed: list[tuple[Ints, int]] = []
    for column in columns:
        if column.dtype == object:
            packed.append((column, _MOST))
            continue
        low = int(column.min(initial=0))
        width = int(column.max(initial=0)) - low + 1
        numbers = column.astype(np.int64, copy=False)
        numbers = numbers - low if low else numbers
        if packed and packed[-1][1] * width <= _MOST:
            before, wide = packed.pop()
            packed.append((before * width + numbers, wide * width))
        else:
            packed.append((numbers, width))
    order: Ints | None = None
    for column, width in reversed(packed):
        for digit in _digits(column, width):
            found = np.argsort(digit if order is None else digit[order], kind="stable")
            order = found if order is None else order[found]
    assert order is not None  # noqa: S101 - says to mypy that there is a column
    return order


def _digits(column: Ints, width: int) -> list[npt.NDArray[np.integer]]:
    """Return the two digits of numbers below a width, the last one first, or the one; the numbers themselves where there were more."""
    if width > _DIGIT * _DIGIT:
        return [column]
    last = (column & (_DIGIT - 1)).astype(np.uint16)
    return [last, (column >> 16).astype(np.uint16)] if width > _DIGIT else [last]
