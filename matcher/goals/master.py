"""The smallest steps that satisfy all inequalities found so far: a small integer program (HiGHS, by way of SciPy)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.domain import Ints
from matcher.errors import ProofError
from matcher.goals.ground import Item
from matcher.messages import N_, message

Floats = npt.NDArray[np.float64]
_VARIABLES = 200
"""Steps that the first window holds together."""
_INFEASIBLE = 2


@dataclass(frozen=True)
class Cut:
    """An inequality that all sufficient steps satisfy: the sum of the gains of all steps made is the need at least.

    Attributes
    ----------
    gains : dict of int to (n,) int
        Item to what its first, second, … step brings; beyond the last one as much as the last one, items left out nothing.
    need : int
    """

    gains: dict[int, Ints]
    need: int


class Master:
    """The steps so far, in a window that grows where a solution could lie outside it.

    A variable of 0 or 1 for every step of every item, in turn. A solution within the window is the smallest of all if nothing
    beyond the window is as small.
    """

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = items
        self._reach = max(1, _VARIABLES // max(len(items), 1))
        self.cuts: list[Cut] = []

    def smallest(self, other_than: Sequence[int] | None = None) -> tuple[int, ...] | None:
        """Return the steps of least weight, among those with the fewest, among those the first ones; None if nothing suffices.

        Parameters
        ----------
        other_than : sequence of int, optional
            Steps that are not to be returned.
        """
        while True:
            window = [min(i.most, self._reach) for i in self._items]
            cut_off = [i.weight * (w + 1) for i, w in zip(self._items, window, strict=True) if w < i.most]
            found = self._within(window, other_than)
            if not cut_off or (found is not None and sum(i.weight * n for i, n in zip(self._items, found, strict=True)) < min(cut_off)):
                return found
            self._reach *= 4

    def _within(self, window: list[int], other_than: Sequence[int] | None) -> tuple[int, ...] | None:
        owner = np.repeat(np.arange(len(window)), window)
        first = np.cumsum([0, *window])
        rows: list[tuple[Ints, Ints, int]] = [self._row(cut, window, first) for cut in self.cuts]
        rows += [(np.array([k - 1, k]), np.array([1, -1]), 0) for k in range(1, len(owner)) if owner[k] == owner[k - 1]]
        if other_than is not None:
            rows.append(_other(other_than, window, first))
        weight = np.array([i.weight for i in self._items], np.int64)
        found: Ints | None = None
        for cost in (weight[owner], np.ones(len(owner), np.int64), owner + 1):
            found = _solved(cost, rows)
            if found is None:
                return None
            rows.append((np.arange(len(owner)), -cost, -int(cost @ found)))
        assert found is not None  # noqa: S101 - three costs were minimised
        return tuple(np.bincount(owner, weights=found, minlength=len(window)).astype(int).tolist())

    def _row(self, cut: Cut, window: list[int], first: Ints) -> tuple[Ints, Ints, int]:
        which, gains = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for item, gain in cut.gains.items():
            width = window[item]
            padded = np.concatenate([gain[:width], np.full(max(width - len(gain), 0), gain[-1])])
            which.append(first[item] + np.arange(width))
            gains.append(padded)
        return np.concatenate(which), np.concatenate(gains), cut.need


def _other(steps: Sequence[int], window: list[int], first: Ints) -> tuple[Ints, Ints, int]:
    """Return the row that excludes one vector of steps: one of its last steps is not made, or one more is."""
    last = np.array([first[k] + n - 1 for k, n in enumerate(steps) if n], np.int64)
    after = np.array([first[k] + n for k, n in enumerate(steps) if n < window[k]], np.int64)
    return np.concatenate([last, after]), np.concatenate([np.full(len(last), -1), np.ones(len(after), np.int64)]), 1 - len(last)


def _solved(cost: Ints, rows: Sequence[tuple[Ints, Ints, int]]) -> Ints | None:
    """Return 0 or 1 for every variable, of least cost, so that every row has its need at least; None if that cannot be.

    Raises
    ------
    ProofError
        The solver gave no optimum, or one that does not stand in integers.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    if not len(cost):
        return None if any(need > 0 for *_, need in rows) else np.zeros(0, np.int64)
    at = np.concatenate([np.full(len(which), k) for k, (which, _, _) in enumerate(rows)]) if rows else np.zeros(0, np.int64)
    which, gains = (np.concatenate([r[k] for r in rows]) if rows else np.zeros(0, np.int64) for k in (0, 1))
    table = csr_array((gains.astype(np.float64), (at, which)), shape=(len(rows), len(cost)))
    need = np.array([r[2] for r in rows], np.int64)
    limits = LinearConstraint(table, need.astype(np.float64), np.inf) if rows else ()
    solved = milp(cost.astype(np.float64), constraints=limits, bounds=Bounds(0, 1), integrality=np.ones(len(cost)),
                  options={"mip_rel_gap": 0.0})
    if solved.status == _INFEASIBLE:
        return None
    fault = message(N_("The integer program for the smallest addition could not be solved; nothing is claimed."))
    if solved.status != 0 or solved.x is None:
        raise ProofError(fault)
    found: Ints = np.asarray(np.rint(solved.x), np.int64)
    value = int(cost @ found)
    each = np.bincount(at, weights=gains * found[which], minlength=len(rows)).astype(np.int64)
    if (each < need).any() or np.abs(solved.x - found).max() > 1e-5 or solved.mip_dual_bound < value - 0.5:
        raise ProofError(fault)
    return found
