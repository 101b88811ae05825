"""Shortest augmenting paths on the residual graph, under potentials that make no residual arc negative.

Costs and potentials are single Python integers that hold all levels one after the other, so that they compare as the levels
do. Only the nodes that a search comes to are looked at; their potentials change, all others stay. Source: successive shortest
paths with Dijkstra's search under reduced costs (Ahuja, Magnanti, Orlin, *Network Flows*, 1993, sections 9.7 and 9.11).
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush

import numpy as np

from matcher.domain import Ints
from matcher.formulation.network import Network

_Arc = tuple[int, int, int]
"""Neighbour, cost, arc (its complement where it is gone through backwards)."""


class Combined(dict[int, int]):
    """Numbers of several columns as one integer each, made where it is asked for.

    Parameters
    ----------
    columns : sequence of (n,) int
        The most important first.
    bits : sequence of int
        Room of every column.
    """

    def __init__(self, columns: Sequence[Ints], bits: Sequence[int]) -> None:
        super().__init__()
        self._columns, self._bits = columns, bits

    def __missing__(self, number: int) -> int:
        total = 0
        for column, bits in zip(self._columns, self._bits, strict=True):
            total = (total << bits) + int(column[number])
        self[number] = total
        return total

    def of(self, numbers: Ints) -> list[int]:
        """Return several at once, without keeping them."""
        total = self._columns[0][numbers].tolist()
        for column, bits in zip(self._columns[1:], self._bits[1:], strict=True):
            total = [(t << bits) + c for t, c in zip(total, column[numbers].tolist(), strict=True)]
        return total


class Augmenter:
    """A flow in the making, and the potentials under which all that is residual costs nothing less than 0.

    Parameters
    ----------
    flow : (arcs,) int
        Changed in place.
    cost, potential : Combined
        Of the arcs and of the nodes; the potentials that change are set there.
    surplus : (nodes,) int
        What is too much (or too little) at every node.
    """

    def __init__(self, network: Network, flow: Ints, cost: Combined, potential: Combined, surplus: Ints) -> None:
        self.network, self.flow, self.cost, self.potential = network, flow, cost, potential
        nodes = np.flatnonzero(surplus)
        self.surplus = dict(zip(nodes.tolist(), surplus[nodes].tolist(), strict=True))
        self.looked_at = 0
        self._starts = [_by_node(ends, network.nodes) for ends in (network.tail, network.head)]
        self._near: tuple[dict[int, list[_Arc]], dict[int, list[_Arc]]] = ({}, {})

    def run(self, most: int) -> bool:
        """Balance the flow by shortest paths; False if that takes more than so many arcs looked at, or cannot be done."""
        while True:
            self.surplus = {node: n for node, n in self.surplus.items() if n}
            if not self.surplus:
                return True
            over = [node for node, n in self.surplus.items() if n > 0 and node]
            under = [node for node, n in self.surplus.items() if n < 0 and node]
            if not over and not under:
                return False
            if not self._one(over[0] if over else under[0], bool(over)) or self.looked_at > most:
                return False

    def _one(self, source: int, forward: bool) -> bool:
        """Bring a unit from a node to the nearest that lacks one, or to it from the nearest that has one too many."""
        found = self._search(source, forward)
        if found is None:
            return False
        target, far, done, came = found
        sign = 1 if forward else -1
        for node, distance in done.items():
            self.potential[node] += sign * (distance - far)
        path, node = [], target
        while node != source:
            node, arc = came[node]
            path.append(arc)
        amount = min(abs(self.surplus[source]), abs(self.surplus[target]), *(self._room(arc) for arc in path))
        for arc in path:
            self._push(arc, amount)
        self.surplus[source] -= sign * amount
        self.surplus[target] += sign * amount
        return True

    def _search(self, source: int, forward: bool) -> tuple[int, int, dict[int, int], dict[int, tuple[int, int]]] | None:
        """Return the nearest node to be balanced, how far it is, the nodes nearer than it, and how each was come to."""
        potential, surplus = self.potential, self.surplus
        near, sign = self._near[not forward], 1 if forward else -1
        distance, done, came = {source: 0}, dict[int, int](), dict[int, tuple[int, int]]()
        heap = [(0, source)]
        while heap:
            d, node = heappop(heap)
            if node in done:
                continue
            if sign * surplus.get(node, 0) < 0:
                return node, d, done, came
            done[node] = d
            arcs = near.get(node)
            if arcs is None:
                arcs = near[node] = self._arcs(node, forward)
            self.looked_at += len(arcs)
            here = d + sign * potential[node]
            for other, cost, arc in arcs:
                if other not in done:
                    there = here + cost - sign * potential[other]
                    known = distance.get(other)
                    if known is None or there < known:
                        distance[other] = there
                        came[other] = node, arc
                        heappush(heap, (there, other))
        return None

    def _arcs(self, node: int, forward: bool) -> list[_Arc]:
        """Return the residual arcs that leave a node (or come into it)."""
        net = self.network
        (order, start), (order_in, start_in) = self._starts if forward else self._starts[::-1]
        arcs, turned = order[start[node] : start[node + 1]], order_in[start_in[node] : start_in[node + 1]]
        arcs, turned = arcs[self.flow[arcs] < net.capacity[arcs]], turned[self.flow[turned] > 0]
        ends, ends_turned = (net.head, net.tail) if forward else (net.tail, net.head)
        found = list(zip(ends[arcs].tolist(), self.cost.of(arcs), arcs.tolist(), strict=True))
        found += [(end, -cost, ~arc) for end, cost, arc in
                  zip(ends_turned[turned].tolist(), self.cost.of(turned), turned.tolist(), strict=True)]
        return found

    def _room(self, arc: int) -> int:
        return int(self.network.capacity[arc] - self.flow[arc]) if arc >= 0 else int(self.flow[~arc])

    def _push(self, arc: int, amount: int) -> None:
        self.flow[arc if arc >= 0 else ~arc] += amount if arc >= 0 else -amount
        for end in (self.network.tail, self.network.head):
            for near in self._near:
                near.pop(int(end[arc if arc >= 0 else ~arc]), None)


def _by_node(ends: Ints, nodes: int) -> tuple[Ints, Ints]:
    """Return the arcs by their end at one side, and where each node's begin."""
    order = np.argsort(ends, kind="stable")
    return order, np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=nodes))])
