"""Shortest augmenting paths on the residual graph, under potentials that make no residual arc negative.

Reduced costs are single Python integers that hold all levels one after the other, so that they compare as the levels do. They are
those of the potentials at first; how far a search has changed these since is added node by node. Only the nodes that a search comes
to are looked at; their potentials change, all others stay. Source: successive shortest
paths with Dijkstra's search under reduced costs (Ahuja, Magnanti, Orlin, *Network Flows*, 1993, sections 9.7 and 9.11).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from heapq import heappop, heappush

import numpy as np

from matcher.domain import Ints
from matcher.formulation.network import Network
from matcher.integers import order_of

_Arcs = tuple[list[int], list[int]]
"""Neighbours and arcs (the complement of those gone through backwards)."""
_FAR = 1 << 4000
"""Farther than any node."""
_A_FEW = 10
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
        self.made = _maker([column.data for column in columns], bits)

    def __missing__(self, number: int) -> int:
        self[number] = found = self.made(number)
        return found


def _maker(columns: Sequence[memoryview], bits: Sequence[int]) -> Callable[[int], int]:
    """Return what makes the one integer of a number; for up to two columns, which is most often, it is the quicker."""
    first, *rest = columns
    if not rest:
        return first.__getitem__
    if len(rest) == 1:
        (second,), (_, room) = rest, bits
        return lambda number: (first[number] << room) + second[number]

    def made(number: int) -> int:
        total = 0
        for column, b in zip(columns, bits, strict=True):
            total = (total << b) + column[number]
        return total

    return made


class Augmenter:
    """A flow in the making, under potentials that make nothing residual cost less than 0.

    Parameters
    ----------
    flow : (arcs,) int
        Changed in place.
    reduced : Combined
        The arcs' reduced costs at first.
    surplus : (nodes,) int
        What is too much (or too little) at every node.

    Attributes
    ----------
    raised : dict of int to int
        By how much the potentials of nodes have changed.
    """

    def __init__(self, network: Network, flow: Ints, reduced: Combined, surplus: Ints) -> None:
        self.network, self.flow = network, flow
        nodes = np.flatnonzero(surplus)
        self.surplus = dict(zip(nodes.tolist(), surplus[nodes].tolist(), strict=True))
        self.looked_at, self._most = 0, 0
        self.raised: dict[int, int] = {}
        self._cost = reduced.made
        self._residual = cache(lambda forward: _Residual(network, flow, forward))
        self._near: tuple[dict[int, _Arcs], dict[int, _Arcs]] = ({}, {})
        self._moved: dict[int, set[int]] = {}

    def run(self, most: int) -> bool:
        """Balance the flow by shortest paths; False if that takes more than so many arcs looked at, or cannot be done.

        After a few units it is clear whether all of them will take more.
        """
        self._most, done = most, 0
        units = max(sum(n for node, n in self.surplus.items() if node and sign * n > 0) * sign for sign in (1, -1))
        while self.surplus:
            over = next((node for node, n in self.surplus.items() if n > 0 and node), None)
            source = over if over is not None else next((node for node in self.surplus if node), None)
            if source is None or not self._one(source, over is not None):
                return False
            done += 1
            if done >= _A_FEW and self.looked_at * units > most * done:
                return False
        return True

    def _one(self, source: int, forward: bool) -> bool:
        """Bring a unit from a node to the nearest that lacks one, or to it from the nearest that has one too many."""
        found = self._search(source, forward)
        if found is None:
            return False
        target, far, done, came = found
        sign = 1 if forward else -1
        for node, distance in done.items():
            if distance != far:
                self.raised[node] = self.raised.get(node, 0) + sign * (distance - far)
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
        """Return the nearest node to be balanced, how far it is, the nodes nearer than it, and how each was come to.

        Of nodes that are as near as each other the last one come to goes first: straight on.
        """
        raised, cost, near, sign = self.raised, self._cost, self._near[forward], 1 if forward else -1
        ends = {node for node, n in self.surplus.items() if sign * n < 0}
        distance, done, came = {source: 0}, dict[int, int](), dict[int, tuple[int, int]]()
        heap, nearest = [(0, 0, source)], _FAR
        while heap:
            d, _, node = heappop(heap)
            if node in done:
                continue
            if node in ends:
                return node, d, done, came
            if self.looked_at > self._most:
                return None
            done[node] = d
            here = d + sign * raised.get(node, 0)
            arcs = near.get(node) or self._arcs(node, forward)
            for other, arc in zip(*arcs, strict=True):
                if other not in done:
                    there = here + (cost(arc) if arc >= 0 else -cost(~arc))
                    if other in raised:
                        there -= sign * raised[other]
                    if there < distance.get(other, nearest):  # what is no nearer than the nearest end is not gone to
                        distance[other] = there
                        came[other] = node, arc
                        heappush(heap, (there, -len(came), other))
                        nearest = there if other in ends else nearest
                        if nearest == d:  # it is the next
                            break
            else:
                self.looked_at += len(arcs[0])
        return None

    def _arcs(self, node: int, forward: bool) -> _Arcs:
        """Return the residual arcs that leave a node (or come into it)."""
        residual = self._residual(forward)
        found = residual.now(node, self._moved[node]) if node in self._moved else residual.at(node)
        self._near[forward][node] = found
        return found

    def _room(self, arc: int) -> int:
        return int(self.network.capacity[arc] - self.flow[arc]) if arc >= 0 else int(self.flow[~arc])

    def _push(self, arc: int, amount: int) -> None:
        number = arc if arc >= 0 else ~arc
        self.flow[number] += amount if arc >= 0 else -amount
        for end in (self.network.tail, self.network.head):
            node = int(end[number])
            self._moved.setdefault(node, set()).add(number)
            for near in self._near:
                near.pop(node, None)


class _Residual:
    """The arcs as they can be gone through, or (turned, told by the complement) gone back through, by the node that they leave.

    Parameters
    ----------
    forward : bool
        False: by the node that they come into.
    """

    def __init__(self, network: Network, flow: Ints, forward: bool) -> None:
        self._network, self._flow, self._forward = network, flow, forward
        here, there, arc = self._sides(np.flatnonzero(flow < network.capacity), np.flatnonzero(flow > 0))
        order = order_of(here)
        self._start = np.concatenate([[0], np.cumsum(np.bincount(here, minlength=network.nodes))]).data
        self._there, self._arc = there[order].data, arc[order].data

    def at(self, node: int) -> _Arcs:
        """Return a node's arcs as they were at first."""
        begin, end = self._start[node], self._start[node + 1]
        return self._there[begin:end].tolist(), self._arc[begin:end].tolist()

    def now(self, node: int, moved: set[int]) -> _Arcs:
        """Return a node's arcs as they are with the flow, given those at it on which it was changed."""
        before = self._arc[self._start[node] : self._start[node + 1]].tolist()
        arcs = np.array(sorted({*(max(arc, ~arc) for arc in before), *moved}), np.int64)
        flow, capacity = self._flow[arcs], self._network.capacity[arcs]
        here, there, arc = self._sides(arcs[flow < capacity], arcs[flow > 0])
        return there[here == node].tolist(), arc[here == node].tolist()

    def _sides(self, room: Ints, used: Ints) -> tuple[Ints, Ints, Ints]:
        """Return of arcs with room, and then of used ones, turned, where they are known and where they lead, and their numbers."""
        ends = (self._network.tail, self._network.head)[:: 1 if self._forward else -1]
        here, there = (np.concatenate([one[room], other[used]]) for one, other in (ends, ends[::-1]))
        return here, there, np.concatenate([room, ~used])
