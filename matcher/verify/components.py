"""Strongly connected components."""

from __future__ import annotations

import numpy as np

from matcher.domain import Ints
from matcher.verify.problem import grouped


def components(start: Ints, end: Ints, nodes: int) -> Ints:
    """Return for every node which component it is in, -1 for nodes without arcs (Tarjan 1972, without recursion).

    A component has a larger number than those that its arcs lead to.

    Parameters
    ----------
    start, end : (a,) int
        The arcs.
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
