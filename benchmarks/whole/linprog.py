"""HiGHS by way of ``scipy.optimize.linprog`` on the hubs, the whole job: every stage from the start, since it takes no basis."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.problem import Ints
from benchmarks.whole.hubs import solved
from benchmarks.whole.month import Given
from matcher.formulation.network import Network


class Linprog:
    """``linprog(method="highs")`` over the arcs that are not decided yet."""

    def __init__(self, network: Network) -> None:
        self._net, self._left = network, np.arange(len(network.tail))
        self._held, self._supply = np.zeros(len(network.tail), np.int64), network.supply.copy()

    def minimise(self, cost: Ints) -> tuple[Ints, Ints]:
        """Return the flow of least cost and the dual values of the rows, as potentials.

        Raises
        ------
        ArithmeticError
            HiGHS does not call it optimal.
        """
        from scipy.optimize import linprog
        from scipy.sparse import csc_array

        net, left = self._net, self._left
        if not len(left):
            return self._held, np.zeros(net.nodes, np.int64)
        ends = np.stack([net.tail[left], net.head[left]], axis=1).ravel()
        matrix = csc_array((np.tile([1.0, -1.0], len(left)), ends, np.arange(0, 2 * len(left) + 1, 2)), (net.nodes, len(left)))
        bounds = np.stack([np.zeros(len(left)), net.capacity[left]], axis=1)
        found = linprog(cost[left], A_eq=matrix, b_eq=self._supply, bounds=bounds, method="highs")
        if found.status != 0:
            raise ArithmeticError(f"linprog: {found.message}")
        flow = self._held.copy()
        flow[left] = np.rint(found.x).astype(np.int64)
        return flow, -np.rint(found.eqlin.marginals).astype(np.int64)

    def fix(self, arcs: Ints, carried: Ints) -> None:
        """Take arcs out."""
        net = self._net
        self._supply -= np.bincount(net.tail[arcs], carried, net.nodes).astype(np.int64)
        self._supply += np.bincount(net.head[arcs], carried, net.nodes).astype(np.int64)
        self._held[arcs] = carried
        self._left = np.setdiff1d(self._left, arcs, assume_unique=True)


def pairs(given: Given, done: Callable[[str], object]) -> tuple[Ints, Ints]:
    """Return the one best roster."""
    return solved(given, Linprog, done)
