"""Strongly connected components of the tight residual graph: where optimal flows may still differ.

Source: Tarjan (1972), without recursion. (The graph is trimmed by array first; a library's import would cost more than
the whole search.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.domain import Ints, Mask
from matcher.formulation.network import Network
from matcher.integers import order_of, unique


def varying_arcs(network: Network, free: Mask, flow: Ints) -> tuple[Ints, Ints]:
    """Return the free arcs with both ends in one component, and the component of each.

    Exactly on these can another optimal flow carry something else, unless the component is a tree (each arc once): a
    flow in a tree has no cycle to go round.
    """
    return _inside(_Core.of(network, free, flow))


def cyclic_arcs(network: Network, free: Mask, flow: Ints) -> Ints:
    """Return the arcs of the components that are no trees, but for what hangs on them as a tree.

    There are none if and only if the flow is the only optimal one.
    """
    arcs, component = _inside(_Core.of(network, free, flow).without_leaves())
    if not len(arcs):
        return arcs
    ends = np.concatenate([network.tail[arcs], network.head[arcs]])
    members = unique(np.concatenate([component, component]) * network.nodes + ends) // network.nodes
    size = int(component.max()) + 1
    excess = np.bincount(component, minlength=size) - np.bincount(members, minlength=size) + 1
    return arcs[excess[component] > 0]


@dataclass(frozen=True)
class _Core:
    """Free arcs between the nodes that something enters and something leaves, and the ways along them that a flow leaves.

    Nodes are numbered anew, without gaps.

    Attributes
    ----------
    nodes : int
    arcs, tail, head : (k,) int
    start, end : (r,) int
    """

    nodes: int
    arcs: Ints
    tail: Ints
    head: Ints
    start: Ints
    end: Ints

    @staticmethod
    def of(network: Network, free: Mask, flow: Ints) -> _Core:
        """Return the free arcs as a flow leaves them; all at a node that nothing enters or nothing leaves are trimmed off."""
        arcs = np.flatnonzero(free)
        tail, head, forward, backward = network.tail[arcs], network.head[arcs], flow[arcs] < network.capacity[arcs], flow[arcs] > 0
        start, end = np.concatenate([tail[forward], head[backward]]), np.concatenate([head[forward], tail[backward]])
        many = -1
        while many != (many := len(start)):
            leaves, enters = np.zeros((2, network.nodes), np.bool_)
            leaves[start] = enters[end] = True
            keep = leaves[end] & enters[start]
            start, end = start[keep], end[keep]
        number = np.cumsum(leaves) - 1  # what leaves a node enters another: these are all
        inner = leaves[tail] & leaves[head]
        return _Core(int(number[-1]) + 1, arcs[inner], number[tail[inner]], number[head[inner]], number[start], number[end])

    def without_leaves(self) -> _Core:
        """Return the arcs without those at nodes with no other: no cycle goes through these."""
        tail, head, many = self.tail, self.head, -1
        inner = np.arange(len(tail))
        while many != (many := len(inner)):
            degree = np.bincount(tail[inner], minlength=self.nodes) + np.bincount(head[inner], minlength=self.nodes)
            inner = inner[(degree[tail[inner]] > 1) & (degree[head[inner]] > 1)]
        left = degree > 1
        ways = left[self.start] & left[self.end]
        return _Core(self.nodes, self.arcs[inner], tail[inner], head[inner], self.start[ways], self.end[ways])


def _inside(residual: _Core) -> tuple[Ints, Ints]:
    component = strong_components(residual.start, residual.end, residual.nodes)
    of_tail = component[residual.tail]
    inside = of_tail == component[residual.head]
    return residual.arcs[inside], of_tail[inside]


def strong_components(start: Ints, end: Ints, nodes: int) -> Ints:
    """Return every node's strongly connected component, numbered so that no arc leads to a higher number.

    The component of the busiest node, often the largest by far, is found by array, and is a single node in the search for the others.
    """
    if not len(start):
        return np.arange(nodes)
    busiest = int(np.bincount(start).argmax())
    large = _reached(start, end, busiest, nodes) & _reached(end, start, busiest, nodes)
    number = np.where(large, 0, np.cumsum(~large))
    start, end = number[start], number[end]
    apart = start != end
    return _searched(start[apart], end[apart], int(number.max()) + 1)[number]


def _reached(start: Ints, end: Ints, node: int, nodes: int) -> Mask:
    """Return the nodes that can be reached from a node."""
    found = np.zeros(nodes, np.bool_)
    found[node] = True
    count = 0
    while count != (count := int(np.count_nonzero(found))):
        found[end[found[start]]] = True
    return found


def _searched(start: Ints, end: Ints, nodes: int) -> Ints:  # noqa: C901 - one loop, as Tarjan wrote it
    """Return the components of a graph, numbered so that no arc leads to a higher number."""
    order = order_of(start)
    targets = end[order].tolist()
    first = np.concatenate([[0], np.cumsum(np.bincount(start, minlength=nodes))]).tolist()
    index, low, component = [-1] * nodes, [0] * nodes, [-1] * nodes
    stack: list[int] = []
    step, count = 0, 0
    at = first[:-1]
    for root in range(nodes):
        if index[root] >= 0:
            continue
        path = [root]
        while path:
            node = path[-1]
            if index[node] < 0:
                index[node] = low[node] = step
                step += 1
                stack.append(node)
            while at[node] < first[node + 1]:
                target = targets[at[node]]
                at[node] += 1
                if index[target] < 0:
                    path.append(target)
                    break
                if component[target] < 0 and index[target] < low[node]:
                    low[node] = index[target]
            else:
                path.pop()
                if path and low[node] < low[path[-1]]:
                    low[path[-1]] = low[node]
                if low[node] == index[node]:
                    while True:
                        member = stack.pop()
                        component[member] = count
                        if member == node:
                            break
                    count += 1
    return np.array(component, np.int64)
