"""HiGHS by way of highspy, on hubs and pair by pair: dual simplex from the last stage's basis, without presolve.

Of what was tried on the sample county this was the fastest by far: with presolve it took twice as long, primal simplex three
times, the interior point longer, and scipy's ``linprog``, which cannot go on from a basis, did not end. A flow's linear
programme has whole corners, so no integer variables are asked for. After each stage the reduced costs fix every arc on which all
optimal flows agree. Coverage is rewarded by falling whole numbers, which would need a proof that is not made here.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.peers.stages import Done
from benchmarks.problem import Flow, Hubs, Ints, Pairwise, weighted
from benchmarks.solution import Found, pairs_of


def model_of(flow: Flow) -> Any:
    """Return a solver with the network's linear programme, without costs."""
    from highspy import Highs, HighsLp, MatrixFormat

    programme, many = HighsLp(), len(flow.tail)
    programme.num_col_, programme.num_row_ = many, flow.nodes
    programme.col_cost_, programme.col_lower_ = np.zeros(many), np.zeros(many)
    programme.col_upper_ = flow.capacity.astype(np.float64)
    programme.row_lower_ = programme.row_upper_ = flow.supply.astype(np.float64)
    programme.a_matrix_.format_ = MatrixFormat.kColwise
    programme.a_matrix_.start_ = np.arange(0, 2 * many + 1, 2)
    programme.a_matrix_.index_ = np.stack([flow.tail, flow.head], axis=1).ravel()
    programme.a_matrix_.value_ = np.tile([1.0, -1.0], many)
    solver: Any = Highs()  # type: ignore[no-untyped-call]
    for option, value in {"output_flag": False, "solver": "simplex", "simplex_strategy": 1, "presolve": "off"}.items():
        solver.setOptionValue(option, value)
    solver.passModel(programme)
    return solver


def _solved(solver: Any, cost: Ints) -> tuple[Ints, Ints]:
    """Return the flow of least cost and the reduced costs."""
    from highspy import HighsModelStatus

    columns = np.arange(len(cost), dtype=np.int32)
    solver.changeColsCost(len(cost), columns, cost.astype(np.float64))
    solver.run()
    if solver.getModelStatus() != HighsModelStatus.kOptimal:
        raise ArithmeticError("HiGHS found no optimum")
    found = solver.getSolution()
    return np.rint(found.col_value).astype(np.int64), np.rint(found.col_dual).astype(np.int64)


def in_stages(flow: Flow, solver: Any, done: Done) -> Ints:
    """Return the lexicographic optimum, a linear programme for each stage."""
    low, high = np.zeros(len(flow.tail)), flow.capacity.astype(np.float64)
    columns, carried = np.arange(len(low), dtype=np.int32), np.zeros(len(low), np.int64)
    for stage, name in enumerate(flow.stages):
        carried, reduced = _solved(solver, flow.rough(stage))
        fixed = reduced != 0
        low[fixed] = high[fixed] = carried[fixed]
        solver.changeColsBounds(len(low), columns, low, high)
        done(name)
    return carried


def build_hubs(month: Hubs) -> tuple[Flow, Any]:
    """Return the programme of the hubs."""
    flow = month.flow()
    return flow, model_of(flow)


def hubs(built: tuple[Flow, Any], done: Done) -> Found:
    """Solve every objective after the other on the hubs."""
    return Found(flow=in_stages(*built, done))


def hubs_one_figure(built: tuple[Flow, Any], done: Done) -> Found:  # noqa: ARG001 - one solve has no stages
    """Solve all objectives weighed into one figure on the hubs."""
    flow, solver = built
    return Found(flow=_solved(solver, weighted(flow))[0])


def build_pairs(month: Pairwise) -> tuple[Pairwise, Flow, Any]:
    """Return the programme with a variable for each pair."""
    flow = month.flow()
    return month, flow, model_of(flow)


def pairs(built: tuple[Pairwise, Flow, Any], done: Done) -> Found:
    """Solve every objective after the other, pair by pair."""
    month, flow, solver = built
    return pairs_of(month, flow, in_stages(flow, solver, done))
