"""Sets of integers as sorted columns, by sorting: since version 2.3 ``numpy.unique`` hashes, at ten times the cost and more."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from matcher.domain import Ints


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
    return np.asarray(known[np.minimum(np.searchsorted(known, values), len(known) - 1)] == values)


def without(values: Ints, others: Ints) -> Ints:
    """Return the distinct values that are not among others, which are sorted; sorted."""
    found = unique(values)
    return found[~among(found, others)]


def order_of(*columns: Ints) -> Ints:
    """Return the order of rows by columns, the first one before the others: packed into one they are sorted once, not column by column."""
    lows = [int(c.min(initial=0)) for c in columns]
    widths = [int(c.max(initial=0)) - low + 1 for c, low in zip(columns, lows, strict=True)]
    if math.prod(widths) >= 2**63:
        return np.lexsort(columns[::-1])
    packed = np.zeros(len(columns[0]), np.int64)
    for column, low, width in zip(columns, lows, widths, strict=True):
        packed *= width
        packed += column - low if low else column
    return np.argsort(packed, kind="stable")
