"""OR-Tools' SimpleMinCostFlow with an arc for each permitted pair, filled by columns and never by single arcs."""

from __future__ import annotations

import numpy as np

from benchmarks.peers.stages import Done, Mask, by_guess, in_stages
from benchmarks.problem import Flow, Ints, Pairwise, weighted
from benchmarks.solution import Found, pairs_of


def solve(flow: Flow, free: Mask, carried: Ints, cost: Ints) -> Ints:
    """Return an optimal flow in which the arcs that are not free keep what they carry."""
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # type: ignore[import-untyped]

    arcs = np.flatnonzero(free)
    if not len(arcs):
        return carried
    held = np.where(free, 0, carried)
    supply = flow.supply - np.bincount(flow.tail, held, flow.nodes).astype(np.int64)
    supply += np.bincount(flow.head, held, flow.nodes).astype(np.int64)
    solver = SimpleMinCostFlow()
    handles = solver.add_arcs_with_capacity_and_unit_cost(flow.tail[arcs], flow.head[arcs], flow.capacity[arcs], cost[arcs])
    solver.set_nodes_supplies(np.arange(flow.nodes), supply)
    if solver.solve() != solver.OPTIMAL:
        raise ArithmeticError("OR-Tools found no optimum")
    held[arcs] = solver.flows(handles)
    return held


def build(month: Pairwise) -> tuple[Pairwise, Flow]:
    """Return the network."""
    return month, month.flow()


def stages(built: tuple[Pairwise, Flow], done: Done) -> Found:
    """Solve every objective after the other."""
    return pairs_of(*built, in_stages(built[1], solve, done))


def guess(built: tuple[Pairwise, Flow], done: Done) -> Found:
    """Solve as many objectives at once as fit, prove, go on."""
    return pairs_of(*built, by_guess(built[1], solve, done))


def one_figure(built: tuple[Pairwise, Flow], done: Done) -> Found:  # noqa: ARG001 - one solve has no stages
    """Solve all objectives weighed into one figure; nothing is proved."""
    month, flow = built
    free, carried = np.ones(len(flow.tail), np.bool_), np.zeros(len(flow.tail), np.int64)
    return pairs_of(month, flow, solve(flow, free, carried, weighted(flow)))
