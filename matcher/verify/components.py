"""Strongly connected components of residual arcs."""

from __future__ import annotations

import numpy as np

from matcher.domain import Ints
from matcher.verify.arrays import grouped
from matcher.verify.levels import Arcs


def residual(net: Arcs) -> tuple[Ints, Ints, Ints, Ints]:
    """Return where residual arcs begin and end, those with room, then those with flow; and the arc, and 1 forward, -1 backward."""
    forward, backward = np.flatnonzero(net.flow < net.limit), np.flatnonzero(net.flow > 0)
    return (np.append(net.tail[forward], net.head[backward]), np.append(net.head[forward], net.tail[backward]),
            np.append(forward, backward), np.repeat([1, -1], [len(forward), len(backward)]))


def components(start: Ints, end: Ints, nodes: int) -> Ints:
    """Return for every node which component it is in, -1 for nodes without arcs (Tarjan 1972, without recursion).

    A component has a larger number than those that its arcs, from ``start`` to ``end``, lead to.
    """
    ways = grouped(start, end, nodes)
    at, stop, to = ways.starts[:-1].tolist(), ways.starts[1:].tolist(), ways.values.tolist()
    seen, low, found = [0] * nodes, [0] * nodes, [-1] * nodes  # low: the earliest node, still open, that is known to be reached
    open_: list[int] = []
    clock = many = 0
    for root in np.flatnonzero(np.diff(ways.starts)).tolist():
        path = [] if seen[root] else [root]
        while path:
            node = path[-1]
            if not seen[node]:
                clock += 1
                seen[node] = low[node] = clock
                open_.append(node)
            while at[node] < stop[node]:
                other = to[at[node]]
                if not seen[other]:
                    path.append(other)  # and look at it again on the way back
                    break
                if found[other] < 0 and low[other] < low[node]:
                    low[node] = low[other]
                at[node] += 1
            else:
                path.pop()
                if low[node] == seen[node]:
                    while found[node] < 0:
                        found[open_.pop()] = many
                    many += 1
    return np.array(found, np.int64)
