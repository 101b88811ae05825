"""CP-SAT with a boolean for each permitted pair, the objectives one after the other, each then held by a constraint."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.peers.stages import Done
from benchmarks.problem import Flow, Pairwise
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


def run(built: tuple[Pairwise, Flow, Any, list[Any]], done: Done) -> Found:
    """Solve every objective after the other."""
    from ortools.sat.python.cp_model import OPTIMAL, CpSolver, LinearExpr

    month, flow, model, arcs = built
    carried = np.zeros(len(arcs), np.int64)
    for stage, name in enumerate(flow.stages):
        cost = flow.rough(stage)
        some = np.flatnonzero(cost).tolist()
        total = LinearExpr.weighted_sum([arcs[a] for a in some], cost[some].tolist())
        model.minimize(total)
        solver = CpSolver()
        if solver.solve(model) != OPTIMAL:
            raise ArithmeticError(f"CP-SAT found no optimum of {name}")
        carried = np.array([solver.value(a) for a in arcs], np.int64)
        model.add(total == int(cost @ carried))
        done(name)
    return pairs_of(month, flow, carried)
