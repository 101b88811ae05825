"""HiGHS by way of highspy on the hubs, the whole job: as it comes, from the basis of the stage before.

What is decided is held by its bounds, which is how HiGHS' own documentation goes from one programme to the next.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.problem import Ints
from benchmarks.whole.hubs import solved
from benchmarks.whole.month import Given
from matcher.formulation.network import Network


def programme(network: Network) -> Any:
    """Return the network as HiGHS' linear programme, with no costs yet."""
    from highspy import HighsLp, MatrixFormat

    many = len(network.tail)
    lp: Any = HighsLp()
    lp.num_col_, lp.num_row_ = many, network.nodes
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.zeros(many), np.zeros(many), network.capacity.astype(np.float64)
    lp.row_lower_ = lp.row_upper_ = network.supply.astype(np.float64)
    lp.a_matrix_.format_ = MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.arange(0, 2 * many + 1, 2)
    lp.a_matrix_.index_ = np.stack([network.tail, network.head], axis=1).ravel()
    lp.a_matrix_.value_ = np.tile([1.0, -1.0], many)
    return lp


class Plain:
    """HiGHS with its own choices of method, over all arcs."""

    def __init__(self, network: Network) -> None:
        from highspy import Highs

        self._all = np.arange(len(network.tail), dtype=np.int32)
        self._solver: Any = Highs()  # type: ignore[no-untyped-call]
        self._solver.setOptionValue("output_flag", False)
        self._solver.passModel(programme(network))

    def minimise(self, cost: Ints) -> tuple[Ints, Ints]:
        """Return the flow of least cost and the dual values of the rows, as potentials.

        Raises
        ------
        ArithmeticError
            HiGHS does not call it optimal.
        """
        from highspy import HighsModelStatus

        self._solver.changeColsCost(len(self._all), self._all, cost.astype(np.float64))
        self._solver.run()
        if self._solver.getModelStatus() != HighsModelStatus.kOptimal:
            raise ArithmeticError("HiGHS found no optimum")
        found = self._solver.getSolution()
        return np.rint(found.col_value).astype(np.int64), -np.rint(found.row_dual).astype(np.int64)

    def fix(self, arcs: Ints, carried: Ints) -> None:
        """Hold arcs at what they carry."""
        held = carried.astype(np.float64)
        self._solver.changeColsBounds(len(arcs), arcs.astype(np.int32), held, held)


def pairs(given: Given, done: Callable[[str], object]) -> tuple[Ints, Ints]:
    """Return the one best roster."""
    return solved(given, Plain, done)
