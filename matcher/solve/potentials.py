"""Exact potentials on the residual graph: the proof that a flow is optimal, and the face of all optimal flows.

Source: Bellman–Ford; reduced-cost optimality and complementary slackness (Ahuja, Magnanti, Orlin 1993, theorem 9.3).
"""

from __future__ import annotations

import numpy as np

from matcher.domain import Ints
from matcher.formulation.network import Network
from matcher.solve.flow import Mask


def potentials(network: Network, free: Mask, flow: Ints, cost: Ints, rounds: int | None = None) -> Ints | None:
    """Return node potentials under which no free residual arc has a negative reduced cost.

    Parameters
    ----------
    cost : (a,) int
        int64, or Python integers (object) where they exceed 64 bits.
    rounds : int or None
        Give up after so many rounds; None: as many as nodes, after which a negative cycle is certain.

    Returns
    -------
    (nodes,) int or None
        The reduced cost of an arc is ``cost + potential[tail] - potential[head]``. None: no proof in that many rounds.
    """
    start, end, order = network.both_ways
    residual = np.concatenate([free & (flow < network.capacity), free & (flow > 0)])[order]
    start, end = start[residual], end[residual]
    length = np.concatenate([cost, -cost])[order[residual]]
    distance = np.zeros(network.nodes, cost.dtype)
    if not len(end):
        return distance
    first = np.flatnonzero(np.concatenate([[True], end[1:] != end[:-1]]))
    target = end[first]
    for _ in range(rounds if rounds is not None else network.nodes + 1):
        best = np.minimum.reduceat(distance[start] + length, first)
        before = distance[target]
        if not (best < before).any():
            return distance
        distance[target] = np.minimum(best, before)
    return None


def reduced_costs(network: Network, cost: Ints, potential: Ints) -> Ints:
    """Return the reduced cost of every arc."""
    return cost + potential[network.tail] - potential[network.head]


def optimal_face(network: Network, free: Mask, cost: Ints, potential: Ints) -> Mask:
    """Return the arcs that stay free: on all others every optimal flow agrees with this one."""
    return np.asarray(free & (reduced_costs(network, cost, potential) == 0), np.bool_)
