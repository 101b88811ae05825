"""A network flow with side constraints, in whole numbers: the linear program first, then an integer program on the arcs near it.

By linear programming the value has a bound, and every arc a reduced cost; an arc whose reduced cost exceeds the gap between the
bound and a known solution carries in every better solution what it carries in the linear one (Dantzig, Fulkerson, Johnson 1954).
HiGHS by way of SciPy, in floating point: a solution is taken over only if it stands in integers, a bound with a tolerance of 1e-6.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from matcher.domain import Ints, Mask
from matcher.formulation.network import Network

Floats = npt.NDArray[np.float64]
_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Row:
    """A side constraint: cost times flow is the limit at most."""

    cost: Ints
    limit: int


@dataclass(frozen=True)
class Best:
    """The best flow found.

    Attributes
    ----------
    flow : (a,) int
    free : (a,) bool
        The arcs on which flows as good may differ.
    value, bound : int
        Its cost, and the least that any can have; equal if it is optimal.
    """

    flow: Ints
    free: Mask
    value: int
    bound: int


def stands(network: Network, flow: Ints, rows: list[Row]) -> bool:
    """Return whether a flow is one, and keeps the side constraints."""
    balance = np.bincount(network.tail, flow, network.nodes) - np.bincount(network.head, flow, network.nodes)
    inside = bool((flow >= 0).all() and (flow <= network.capacity).all() and (balance == network.supply).all())
    return inside and all(int(row.cost @ flow) <= row.limit for row in rows)


def smallest(network: Network, free: Mask, flow: Ints, rows: list[Row], cost: Ints, nodes: int) -> Best:
    """Return the flow of least cost that keeps the side constraints.

    Parameters
    ----------
    free : (a,) bool
    flow : (a,) int
        A flow that keeps them; what the arcs that are not free carry.
    nodes : int
        Of the integer program's search at most; where it ends there, the bound may stay below the value.
    """
    from scipy.optimize import linprog

    arcs = np.flatnonzero(free)
    known = int(cost @ flow)
    if not len(arcs) or not cost[arcs].any():
        return Best(flow, free, known, known)
    equal, right, above, limits, upper = _program(network, arcs, flow, rows)
    base = known - int(cost[arcs] @ flow[arcs])
    solved = linprog(cost[arcs].astype(np.float64), A_ub=above, b_ub=limits, A_eq=equal, b_eq=right,
                     bounds=np.stack([np.zeros(len(arcs)), upper], axis=1), method="highs")
    if solved.status != 0:
        return Best(flow, free, known, _lowest(cost, arcs, network) + base)
    bound = ceil(solved.fun - _TOLERANCE * max(1.0, abs(solved.fun))) + base
    found = _whole(network, arcs, flow, solved.x, rows)
    reduced = np.asarray(solved.lower.marginals + solved.upper.marginals)
    value = known if found is None else int(cost @ found)
    if found is None or value > bound:
        near = np.abs(reduced) <= value - base - solved.fun + _TOLERANCE
        held = flow.copy()
        held[arcs[~near]] = np.rint(solved.x[~near]).astype(np.int64)
        better, least = _branched(network, arcs[near], held, rows, cost, nodes)
        bound = max(bound, min(least, value))
        if better is not None and int(cost @ better) < value:
            found, value = better, int(cost @ better)
        found = flow if found is None else found
    bound = min(bound, value)
    kept = free.copy()
    kept[arcs] = np.abs(reduced) <= value - base - solved.fun + _TOLERANCE
    return Best(found, kept, value, bound)


def _lowest(cost: Ints, arcs: Ints, network: Network) -> int:
    return int(np.minimum(cost[arcs], 0) @ network.capacity[arcs])


def _whole(network: Network, arcs: Ints, flow: Ints, solution: Floats, rows: list[Row]) -> Ints | None:
    """Return the flow that a solution means if it is one in whole numbers."""
    found = flow.copy()
    found[arcs] = np.rint(solution).astype(np.int64)
    return found if np.abs(solution - found[arcs]).max(initial=0) < _TOLERANCE and stands(network, found, rows) else None


def _branched(network: Network, arcs: Ints, flow: Ints, rows: list[Row], cost: Ints, nodes: int) -> tuple[Ints | None, int]:
    """Return the best whole flow on some arcs, None if none is found, and the least cost that any can have."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    equal, right, above, limits, upper = _program(network, arcs, flow, rows)
    base = int(cost @ flow) - int(cost[arcs] @ flow[arcs])
    solved = milp(cost[arcs].astype(np.float64), integrality=np.ones(len(arcs)), bounds=Bounds(0, upper),
                  constraints=[LinearConstraint(equal, right, right), LinearConstraint(above, -np.inf, limits)],
                  options={"mip_rel_gap": 0.0, "node_limit": nodes})
    none = _lowest(cost, arcs, network) + base
    if solved.status == 2:  # nothing is better than what is known
        return None, 2**62
    least = none if solved.mip_dual_bound is None or not np.isfinite(solved.mip_dual_bound) else ceil(
        solved.mip_dual_bound - _TOLERANCE * max(1.0, abs(solved.mip_dual_bound))) + base
    return None if solved.x is None else _whole(network, arcs, flow, solved.x, rows), max(least, none)


def _program(network: Network, arcs: Ints, flow: Ints, rows: list[Row]) -> tuple[object, Floats, object, Floats, Floats]:
    """Return the balances of the nodes, the side constraints, and the capacities of the arcs; the other arcs carry what they carry."""
    from scipy.sparse import csr_array

    held = flow.copy()
    held[arcs] = 0
    supply = network.supply - np.bincount(network.tail, held, network.nodes) + np.bincount(network.head, held, network.nodes)
    ends, number = np.unique(np.concatenate([network.tail[arcs], network.head[arcs]]), return_inverse=True)
    many = np.arange(len(arcs))
    sign = np.concatenate([np.ones(len(arcs)), -np.ones(len(arcs))])
    equal = csr_array((sign, (number, np.concatenate([many, many]))), shape=(len(ends), len(arcs)))
    above = csr_array(np.array([row.cost[arcs] for row in rows], np.float64).reshape(len(rows), len(arcs)))
    limits = np.array([row.limit - int(row.cost @ held) for row in rows], np.float64)
    return equal, supply[ends].astype(np.float64), above, limits, network.capacity[arcs].astype(np.float64)
