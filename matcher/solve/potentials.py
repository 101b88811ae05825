"""Exact potentials on the residual graph: the proof that a flow is optimal, and the face of all optimal flows.

Source: Bellman–Ford; reduced-cost optimality and complementary slackness (Ahuja, Magnanti, Orlin 1993, theorem 9.3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.domain import Ints, Mask
from matcher.formulation.network import Network
from matcher.integers import order_of

EVERY = slice(None)
_FAR = 1 << 61


@dataclass(frozen=True)
class Residual:
    """The free arcs as a flow leaves them, turned round where it can be taken back, by end.

    Attributes
    ----------
    nodes : int
    start, end, arc : (r,) int
    turned : (r,) bool
    """

    nodes: int
    start: Ints
    end: Ints
    arc: Ints
    turned: Mask

    @staticmethod
    def of(network: Network, free: Mask, flow: Ints) -> Residual:
        """Return the residual arcs of a flow."""
        start, end, order = network.both_ways
        some = np.concatenate([free & (flow < network.capacity), free & (flow > 0)])[order]
        number = order[some]
        turned = number >= len(flow)
        return Residual(network.nodes, start[some], end[some], np.where(turned, number - len(flow), number), turned)

    def within(self, free: Mask) -> Residual:
        """Return those of fewer free arcs."""
        some = free[self.arc]
        return Residual(self.nodes, self.start[some], self.end[some], self.arc[some], self.turned[some])

    def potentials(self, cost: Ints, rounds: int | None = None) -> Ints | None:
        """Return node potentials (see :func:`potentials`)."""
        length = cost[self.arc]
        length = np.where(self.turned, -length, length)
        distance = np.zeros(self.nodes, cost.dtype)
        arcs, lowered = np.flatnonzero(length < 0), np.zeros(self.nodes, np.bool_)
        for _ in range(rounds if rounds is not None else self.nodes + 1):
            if not len(arcs):
                return distance
            end = self.end[arcs]
            first = np.flatnonzero(np.concatenate([[True], end[1:] != end[:-1]]))
            best = np.minimum.reduceat(distance[self.start[arcs]] + length[arcs], first)
            target = end[first]
            better = best < distance[target]
            target = target[better]
            distance[target] = best[better]
            lowered[target] = True
            arcs = np.flatnonzero(lowered[self.start])  # only what leaves a node that was lowered can lower another
            lowered[target] = False
        return None


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
    return Residual.of(network, free, flow).potentials(cost, rounds)


def distances(start: Ints, end: Ints, length: Ints, sources: Mask) -> Ints:
    """Return how far every node is from the nearest source; what cannot be reached counts as far as the farthest that can.

    Parameters
    ----------
    start, end, length : (r,) int
        Arcs; no cycle is shorter than 0.
    sources : (nodes,) bool

    Returns
    -------
    (nodes,) int
        No arc ends farther than it begins and it is long: also not where nothing can be reached.
    """
    order = order_of(end)
    start, end, length = start[order], end[order], length[order]
    distance, lowered = np.where(sources, 0, _FAR), sources.copy()
    for _ in range(2):
        for _ in range(len(sources)):  # no shortest path is longer
            arcs = np.flatnonzero(lowered[start])
            if not len(arcs):
                break
            lowered[:] = False
            into = end[arcs]
            first = np.flatnonzero(np.concatenate([[True], into[1:] != into[:-1]]))
            best = np.minimum.reduceat(distance[start[arcs]] + length[arcs], first)
            target = into[first]
            better = best < distance[target]
            distance[target[better]] = best[better]
            lowered[target[better]] = True
        lowered = distance == _FAR
        distance[lowered] = distance[~lowered].max(initial=0)
    return distance


def reduced_costs(network: Network, cost: Ints, potential: Ints, arcs: Ints | slice = EVERY) -> Ints:
    """Return the reduced cost of every arc, or of some."""
    return cost[arcs] + potential[network.tail[arcs]] - potential[network.head[arcs]]


def optimal_face(network: Network, free: Mask, cost: Ints, potential: Ints) -> Mask:
    """Return the arcs that stay free: on all others every optimal flow agrees with this one."""
    return np.asarray(free & (reduced_costs(network, cost, potential) == 0), np.bool_)
