"""Sets of integers as sorted columns, by sorting: since version 2.3 ``numpy.unique`` hashes, at ten times the cost and more."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from matcher.domain import Ints

_MOST = 2**63


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
    """Return the order of rows by columns, the first one before the others; adjacent ones are packed into one where they fit, and sorted as one."""
    packed: list[Ints] = []
    room = 0
    for column in columns:
        if column.dtype == object:
            packed.append(column)
            room = 0
            continue
        low = int(column.min(initial=0))
        width = int(column.max(initial=0)) - low + 1
        if room // width:
            packed[-1] = packed[-1] * width + (column - low)
            room //= width
        else:
            packed.append(column.astype(np.int64, copy=False))
            room = _MOST // width
    return np.lexsort(packed[::-1]) if len(packed) > 1 else np.argsort(packed[0], kind="stable")
