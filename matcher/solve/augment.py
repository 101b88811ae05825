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

_Arcs = tuple[list[int], list[int], list[int]]
"""Neighbours, costs and arcs (the complement of those gone through backwards)."""
MANY = 12
"""Units from which on it is worth making all arcs ready at once, and not node by node."""
_A_FEW = 3
"""Units after which what all of them will take can be told."""


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
        self.columns, self.bits = columns, bits

    def __missing__(self, number: int) -> int:
        total = 0
        for column, bits in zip(self.columns, self.bits, strict=True):
            total = (total << bits) + int(column[number])
        self[number] = total
        return total

    def of(self, numbers: Ints | slice) -> list[int]:
        """Return several at once, without keeping them."""
        first, *rest = (column[numbers].tolist() for column in self.columns)
        found: list[int] = first
        for values, bits in zip(rest, self.bits[1:], strict=True):
            found = [(total << bits) + value for total, value in zip(found, values, strict=True)]
        return found


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
        self.network, self.flow, self.cost = network, flow, cost
        nodes = np.flatnonzero(surplus)
        self.surplus = dict(zip(nodes.tolist(), surplus[nodes].tolist(), strict=True))
        self.looked_at, self._most = 0, 0
        self._all = potential
        self._many = int(np.abs(surplus).sum()) > 2 * MANY
        self._potential: Combined | list[int] = potential
        self._changed: set[int] = set()
        self._orders = [np.argsort(ends, kind="stable") for ends in (network.head, network.tail)]
        self._sides: dict[tuple[bool, bool], _Side] = {}
        self._near: tuple[dict[int, list[_Arcs]], dict[int, list[_Arcs]]] = ({}, {})
        self._touched: set[int] = set()

    def run(self, most: int) -> bool:
        """Balance the flow by shortest paths; False if that takes more than so many arcs looked at, or cannot be done.

        After a few units it is clear whether all of them will take more.
        """
        self._most, done = most, 0
        units = max(sum(n for node, n in self.surplus.items() if node and sign * n > 0) * sign for sign in (1, -1))
        if self._many:
            self._potential = self._all.of(slice(None))
            for node, value in self._all.items():
                self._potential[node] = value
        while self.surplus:
            over = next((node for node, n in self.surplus.items() if n > 0 and node), None)
            source = over if over is not None else next((node for node in self.surplus if node), None)
            if source is None or not self._one(source, over is not None):
                return False
            done += 1
            if done >= _A_FEW and self.looked_at * units > most * done:
                return False
        for node in self._changed if self._many else ():
            self._all[node] = self._potential[node]
        return True

    def _one(self, source: int, forward: bool) -> bool:
        """Bring a unit from a node to the nearest that lacks one, or to it from the nearest that has one too many."""
        found = self._search(source, forward)
        if found is None:
            return False
        target, far, done, came = found
        sign = 1 if forward else -1
        for node, distance in done.items():
            self._potential[node] += sign * (distance - far)
        self._changed.update(done)
        path, node = [], target
        while node != source:
            node, arc = came[node]
            path.append(arc)
        amount = min(abs(self.surplus[source]), abs(self.surplus[target]), *(self._room(arc) for arc in path))
        for arc in path:
            self._push(arc, amount)
        for node, gain in ((source, -sign * amount), (target, sign * amount)):
            self.surplus[node] += gain
            if not self.surplus[node]:
                del self.surplus[node]
        return True

    def _search(self, source: int, forward: bool) -> tuple[int, int, dict[int, int], dict[int, tuple[int, int]]] | None:
        """Return the nearest node to be balanced, how far it is, the nodes nearer than it, and how each was come to."""
        potential, surplus = self._potential, self.surplus
        near, sign = self._near[not forward], 1 if forward else -1
        distance, done, came = {source: 0}, dict[int, int](), dict[int, tuple[int, int]]()
        heap, nearest = [(0, source)], None
        while heap:
            d, node = heappop(heap)
            if node in done:
                continue
            if sign * surplus.get(node, 0) < 0:
                return node, d, done, came
            if self.looked_at > self._most:
                return None
            done[node] = d
            here = d + sign * potential[node]
            for side in near.get(node) or self._arcs(node, forward):
                self.looked_at += len(side[0])
                for other, cost, arc in zip(*side, strict=True):
                    if other not in done:
                        there = here + cost - sign * potential[other]
                        known = distance.get(other, nearest)  # what is no nearer than the nearest end is not gone to
                        if known is None or there < known:
                            distance[other] = there
                            came[other] = node, arc
                            heappush(heap, (there, other))
                            if sign * surplus.get(other, 0) < 0 and (nearest is None or there < nearest):
                                nearest = there
        return None

    def _arcs(self, node: int, forward: bool) -> list[_Arcs]:
        """Return the residual arcs that leave a node (or come into it): of parallel ones the next one and the last one used."""
        found: list[_Arcs] = []
        for turned in (False, True):
            by_tail = forward is not turned
            side = self._sides.get((by_tail, turned))
            if side is None:
                side = self._sides[by_tail, turned] = _Side(
                    self.network, self.flow, self.cost, self._orders[by_tail], by_tail, turned, self._many)
            found.append(side.at(node) if node not in self._touched else side.now(node, self.flow))
        if not self._many or node in self._touched:
            self._near[not forward][node] = found
        return found

    def _room(self, arc: int) -> int:
        return int(self.network.capacity[arc] - self.flow[arc]) if arc >= 0 else int(self.flow[~arc])

    def _push(self, arc: int, amount: int) -> None:
        self.flow[arc if arc >= 0 else ~arc] += amount if arc >= 0 else -amount
        for end in (self.network.tail, self.network.head):
            node = int(end[arc if arc >= 0 else ~arc])
            self._touched.add(node)
            for near in self._near:
                near.pop(node, None)


class _Side:
    """The arcs at every node on one of their sides, as they can be gone through (or gone back through).

    Parameters
    ----------
    order : (arcs,) int
        All arcs, by their end on this side.
    ready : bool
        Whether all are made ready at once.
    """

    def __init__(
        self, network: Network, flow: Ints, cost: Combined, order: Ints, by_tail: bool, turned: bool, ready: bool
    ) -> None:
        self._network, self._cost, self._turned, self._order = network, cost, turned, order
        self._here, self._there = (network.tail, network.head) if by_tail else (network.head, network.tail)
        self._all = _starts(self._here, network.nodes)
        self._arcs = self._usable(order, flow)
        self._start = _starts(self._here[self._arcs], network.nodes).tolist()
        self._ready = self._told(self._arcs) if ready else None

    def _usable(self, arcs: Ints, flow: Ints) -> Ints:
        """Return the arcs that can be used, of adjacent parallel ones the cheapest; the first is the cheapest to be filled."""
        usable = flow[arcs] > 0 if self._turned else flow[arcs] < self._network.capacity[arcs]
        arcs = arcs[usable]
        here, there = self._here[arcs], self._there[arcs]
        other = (here[1:] != here[:-1]) | (there[1:] != there[:-1])
        edge = np.ones(min(len(arcs), 1), np.bool_)
        keep = np.concatenate([other, edge] if self._turned else [edge, other])
        return np.asarray(arcs[keep])

    def at(self, node: int) -> _Arcs:
        """Return a node's arcs as they were at first."""
        part = slice(self._start[node], self._start[node + 1])
        if self._ready is None:
            return self._told(self._arcs[part])
        return self._ready[0][part], self._ready[1][part], self._ready[2][part]

    def now(self, node: int, flow: Ints) -> _Arcs:
        """Return a node's arcs as they are with a flow."""
        return self._told(self._usable(self._order[self._all[node] : self._all[node + 1]], flow))

    def _told(self, arcs: Ints) -> _Arcs:
        if not len(arcs):
            return [], [], []
        cost = self._cost.of(arcs)
        if self._turned:
            return self._there[arcs].tolist(), [-c for c in cost], (~arcs).tolist()
        return self._there[arcs].tolist(), cost, arcs.tolist()


def _starts(ends: Ints, nodes: int) -> Ints:
    """Return where every node's arcs begin among arcs sorted by it, and where the last one's end."""
    starts: Ints = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=nodes))])
    return starts
