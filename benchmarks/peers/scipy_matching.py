"""scipy's two assignment solvers: households' places as rows, cadres' free places as columns, all objectives in one figure.

Both match rows to columns and nothing else, so quotas of units and townships are left out, and a household with two places may
be given the same cadre twice. The objectives over places of a cadre (duty, balance) are costs of columns.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.peers.stages import Done
from benchmarks.problem import Ints, Pairwise
from benchmarks.solution import Found


def cells(month: Pairwise) -> tuple[Ints, Ints, Ints]:
    """Return (row, column, cost) of every place of a household with every free place of a cadre that it may have."""
    place, pair, chair = month.one_figure()
    first_row = np.concatenate([[0], np.cumsum(month.left)])
    first_column = np.searchsorted(month.chairs[0], np.arange(len(month.seats) + 1))
    rows, columns, costs = [], [], []
    for nth in range(int(month.left.max(initial=0))):
        for seat in range(int(np.diff(first_column).max(initial=0))):
            here = (month.left[month.household] > nth) & (np.diff(first_column)[month.cadre] > seat)
            row, column = first_row[month.household[here]] + nth, first_column[month.cadre[here]] + seat
            rows.append(row.astype(np.int32))
            columns.append(column.astype(np.int32))
            costs.append(pair[here] + place[row] + chair[column])
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(costs)


def build_dense(month: Pairwise) -> tuple[Pairwise, Any]:
    """Return the full table, a row for each free place of a cadre; 0 where nothing is permitted: assigned there means not served."""
    row, column, cost = cells(month)
    table = np.zeros((len(month.chairs[0]), len(month.places[0])))
    table[column, row] = cost
    return month, table


def dense(built: tuple[Pairwise, Any], done: Done) -> Found:  # noqa: ARG001 - one solve has no stages
    """Solve by ``linear_sum_assignment``."""
    from scipy.optimize import linear_sum_assignment

    month, table = built
    column, row = linear_sum_assignment(table)
    good = table[column, row] < 0
    return _found(month, row[good], column[good])


def build_sparse(month: Pairwise) -> tuple[Pairwise, Any]:
    """Return the permitted cells only, and a column of its own for each row to stay unserved in; all costs above 0."""
    from scipy.sparse import csr_array

    row, column, cost = cells(month)
    rows, columns = len(month.places[0]), len(month.chairs[0])
    shift = 1 - int(cost.min(initial=0))
    every = np.arange(rows)
    values = np.concatenate([cost + shift, np.full(rows, shift)]).astype(np.float64)
    at = np.concatenate([row, every]), np.concatenate([column, columns + every])
    return month, csr_array((values, at), shape=(rows, columns + rows))


def sparse(built: tuple[Pairwise, Any], done: Done) -> Found:  # noqa: ARG001 - one solve has no stages
    """Solve by ``min_weight_full_bipartite_matching``."""
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    month, table = built
    row, column = min_weight_full_bipartite_matching(table)
    served = column < len(month.chairs[0])
    return _found(month, row[served], column[served])


def _found(month: Pairwise, row: Ints, column: Ints) -> Found:
    return Found(month.places[0][row].astype(np.int64), month.chairs[0][column].astype(np.int64))
