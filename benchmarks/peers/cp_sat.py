"""CP-SAT with a boolean for each permitted pair, all objectives in one figure."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.peers.stages import Done
from benchmarks.problem import Flow, Pairwise, weighted
from benchmarks.solution import Found, pairs_of


def build(month: Pairwise) -> tuple[Pairwise, Flow, Any, list[Any]]:
    """Return the model: the network's arcs as variables, its nodes as sums."""
    from ortools.sat.python.cp_model import CpModel, LinearExpr

    flow, model = month.flow(), CpModel()
    arcs = [model.new_bool_var("") if most == 1 else model.new_int_var(0, most, "") for most in flow.capacity.tolist()]
    ends = np.concatenate([flow.tail, flow.head])
    order = np.argsort(ends, kind="stable")
    starts = np.searchsorted(ends[order], np.arange(flow.nodes + 1)).tolist()
    touched = (order % len(arcs)).tolist()
    signs = np.where(order < len(arcs), 1, -1).tolist()
    for node, supply in enumerate(flow.supply.tolist()):
        part = slice(starts[node], starts[node + 1])
        if node:  # what is left over arrives at the sink
            model.add(LinearExpr.weighted_sum([arcs[a] for a in touched[part]], signs[part]) == supply)
    return month, flow, model, arcs


def run(built: tuple[Pairwise, Flow, Any, list[Any]], done: Done) -> Found:  # noqa: ARG001 - one solve has no stages
    """Solve all objectives weighed into one figure (held by a constraint each, they took it far longer)."""
    from ortools.sat.python.cp_model import OPTIMAL, CpSolver, LinearExpr

    month, flow, model, arcs = built
    model.minimize(LinearExpr.weighted_sum(arcs, weighted(flow).tolist()))
    solver = CpSolver()
    if solver.solve(model) != OPTIMAL:
        raise ArithmeticError("CP-SAT found no optimum")
    return pairs_of(month, flow, np.array([solver.value(a) for a in arcs], np.int64))
