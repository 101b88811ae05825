"""HiGHS by way of scipy's ``linprog``, on hubs and pair by pair.

A flow's linear programme has whole corners, so no integer variables are asked for. After each stage the duals fix every arc
whose reduced cost is not zero, and those arcs leave the next stage's programme.
"""

from __future__ import annotations

import numpy as np

from benchmarks.peers.stages import Done
from benchmarks.problem import Flow, Hubs, Ints, Pairwise
from benchmarks.solution import Found, pairs_of

METHOD = "highs-ds"


def in_stages(flow: Flow, done: Done) -> Ints:
    """Return the lexicographic optimum, a linear programme for each stage."""
    from scipy.optimize import linprog
    from scipy.sparse import csc_array

    free, carried = np.arange(len(flow.tail)), np.zeros(len(flow.tail), np.int64)
    for stage, name in enumerate(flow.stages):
        cost = flow.cost(stage)[free]
        ones, many = np.ones(len(free)), np.arange(len(free))
        ends = np.concatenate([flow.tail[free], flow.head[free]])
        matrix = csc_array((np.concatenate([ones, -ones]), (ends, np.concatenate([many, many]))), shape=(flow.nodes, len(free)))
        held = carried.copy()
        held[free] = 0
        supply = flow.supply - np.bincount(flow.tail, held, flow.nodes) + np.bincount(flow.head, held, flow.nodes)
        bounds = np.stack([np.zeros(len(free)), flow.capacity[free]], axis=1)
        solved = linprog(cost, A_eq=matrix, b_eq=supply, bounds=bounds, method=METHOD)
        if solved.status != 0:
            raise ArithmeticError(f"HiGHS found no optimum of {name}: {solved.message}")
        carried[free] = np.rint(solved.x).astype(np.int64)
        price = np.rint(solved.eqlin.marginals).astype(np.int64)
        free = free[cost - price[flow.tail[free]] + price[flow.head[free]] == 0]
        done(name)
    return carried


def build_hubs(month: Hubs) -> Flow:
    """Return the network of hubs."""
    return month.flow()


def hubs(flow: Flow, done: Done) -> Found:
    """Solve every objective after the other on the hubs."""
    return Found(flow=in_stages(flow, done))


def build_pairs(month: Pairwise) -> tuple[Pairwise, Flow]:
    """Return the network with an arc for each pair."""
    return month, month.flow()


def pairs(built: tuple[Pairwise, Flow], done: Done) -> Found:
    """Solve every objective after the other, pair by pair."""
    return pairs_of(*built, in_stages(built[1], done))
