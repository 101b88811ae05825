"""HiGHS by way of highspy on the hubs, the whole job, tuned on the very county it is measured on.

Of what was tried on the sample county this was the quickest by far: simplex without presolve from the basis of the stage before,
what is decided taken out of the programme, and 2,500 steps of primal simplex before dual simplex: after a stage that changes little
they are enough, and else dual simplex is quicker from where they end. Fewer or more steps, primal or dual alone, Devex or Dantzig
weights, rarer factorisation and costs that are not perturbed were all slower; scaling made no difference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.problem import Ints
from benchmarks.whole.highs import programme
from benchmarks.whole.hubs import solved
from benchmarks.whole.month import Given
from matcher.formulation.network import Network

_DUAL, _PRIMAL = 1, 4
_SHORT = 2500
_NO_LIMIT = 2**31 - 1
_TURNS = (_PRIMAL, _SHORT), (_DUAL, _NO_LIMIT), (_PRIMAL, _NO_LIMIT)
"""What is run until HiGHS says optimal; the last where tickets are so large that dual simplex ends without a verdict."""


class Simplex:
    """Simplex from the basis of the stage before, over the arcs that are not decided yet."""

    def __init__(self, network: Network) -> None:
        from highspy import Highs

        self._net, self._left = network, np.arange(len(network.tail))
        self._held, self._supply = np.zeros(len(network.tail), np.int64), network.supply.copy()
        self._solver: Any = Highs()  # type: ignore[no-untyped-call]
        self._options(output_flag=False, solver="simplex", presolve="off")
        self._solver.passModel(programme(network))
        self._first = True

    def _options(self, **options: object) -> None:
        for name, value in options.items():
            self._solver.setOptionValue(name, value)

    def minimise(self, cost: Ints) -> tuple[Ints, Ints]:
        """Return the flow of least cost and the dual values of the rows, as potentials.

        Raises
        ------
        ArithmeticError
            HiGHS does not call it optimal.
        """
        from highspy import HighsModelStatus

        self._solver.changeColsCost(len(self._left), np.arange(len(self._left), dtype=np.int32), cost[self._left].astype(np.float64))
        for strategy, most in _TURNS[int(self._first) :]:
            self._options(simplex_strategy=strategy, simplex_iteration_limit=most)
            self._solver.run()
            if self._solver.getModelStatus() == HighsModelStatus.kOptimal:
                break
        if self._solver.getModelStatus() != HighsModelStatus.kOptimal:
            raise ArithmeticError("HiGHS found no optimum")
        self._first = False
        found, flow = self._solver.getSolution(), self._held.copy()
        flow[self._left] = np.rint(found.col_value).astype(np.int64)
        return flow, -np.rint(found.row_dual).astype(np.int64)

    def fix(self, arcs: Ints, carried: Ints) -> None:
        """Take arcs out; a reduced cost that is not zero is that of no basic arc, so the basis stands."""
        net, nodes = self._net, np.arange(self._net.nodes, dtype=np.int32)
        self._supply -= np.bincount(net.tail[arcs], carried, net.nodes).astype(np.int64)
        self._supply += np.bincount(net.head[arcs], carried, net.nodes).astype(np.int64)
        self._held[arcs] = carried
        at = np.searchsorted(self._left, arcs)
        self._solver.deleteCols(len(at), at.astype(np.int32))
        self._solver.changeRowsBounds(net.nodes, nodes, self._supply.astype(np.float64), self._supply.astype(np.float64))
        self._left = np.delete(self._left, at)


def pairs(given: Given, done: Callable[[str], object]) -> tuple[Ints, Ints]:
    """Return the one best roster."""
    return solved(given, Simplex, done)
