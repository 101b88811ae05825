"""A flow network as columns of integers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from itertools import pairwise

import numpy as np

from matcher.domain import Ints
from matcher.integers import order_of


class Kind(IntEnum):
    """What an arc stands for; ``Network.subject`` and ``Network.detail`` say of whom."""

    BYPASS = 0
    """township → sink: pairings not made."""
    ENTER = 1
    """township → household; detail: 0 for the first cadre, 1 for the second …"""
    JOIN = 2
    """household → hub of its needs."""
    RISE = 3
    """hub of needs → the same needs in the place around."""
    MATCH = 4
    """hub of needs → hub of skills."""
    DIRECT = 5
    """household → hub of skills, for a household that left its hub of needs."""
    PICK = 6
    """hub of skills → cadre."""
    PAIR = 7
    """household → cadre; detail: the cadre."""
    SEAT = 8
    """cadre → unit or sink; detail: the load up to which the arc's first place counts (1 for a cadre's first)."""
    UNIT = 9
    """unit → sink."""


PARALLEL = (Kind.ENTER, Kind.SEAT)
"""The kinds of which several arcs, beside each other, may have the same ends; their details differ."""


@dataclass(frozen=True)
class Network:
    """A capacitated network with supplies; arcs are ordered canonically.

    Attributes
    ----------
    nodes : int
    tail, head, capacity : (a,) int
    kind, subject, detail : (a,) int
        See :class:`Kind`.
    supply : (nodes,) int
        Sums to zero.
    names : callable
        Gives some nodes' names, by their numbers, rising; the proof and the draw ask for them.
    """

    nodes: int
    tail: Ints
    head: Ints
    capacity: Ints
    kind: Ints
    subject: Ints
    detail: Ints
    supply: Ints
    names: Callable[[Ints], tuple[str, ...]]

    @cached_property
    def node_names(self) -> tuple[str, ...]:
        """Every node's name: canonical and independent of numbering; the draw's tickets are named by them."""
        return self.names(np.arange(self.nodes))

    @cached_property
    def both_ways(self) -> tuple[Ints, Ints, Ints]:
        """Start, end and number of every arc as it stands and turned round (numbered on from the last), by end."""
        end = np.concatenate([self.head, self.tail])
        order = order_of(end)
        return np.concatenate([self.tail, self.head])[order], end[order], order

    def part(self, arcs: Ints, flow: Ints) -> Network:
        """Return the network of some arcs alone, with all nodes as they are, and with the supplies that a flow has there."""
        tail, head = self.tail[arcs], self.head[arcs]
        supply = np.bincount(tail, flow[arcs], self.nodes) - np.bincount(head, flow[arcs], self.nodes)
        return Network(self.nodes, tail, head, self.capacity[arcs], self.kind[arcs], self.subject[arcs], self.detail[arcs],
                       supply.astype(np.int64), self.names)

    @cached_property
    def blocks(self) -> dict[int, slice]:
        """The arcs of every kind that there is, which stand together."""
        edges = np.concatenate([[0], np.flatnonzero(self.kind[1:] != self.kind[:-1]) + 1, [len(self.kind)]]).tolist()
        return {int(self.kind[begin]): slice(begin, end) for begin, end in pairwise(edges) if begin < end}

    def span(self, kind: Kind) -> slice:
        """Return the arcs of a kind."""
        return self.blocks.get(kind, slice(0, 0))

    def of_kind(self, kind: Kind) -> Ints:
        """Return the numbers of the arcs of a kind."""
        arcs = self.span(kind)
        return np.arange(arcs.start, arcs.stop)


class ArcColumns:
    """Collects arcs block by block; every column of a block may be a scalar."""

    def __init__(self) -> None:
        self._blocks: list[tuple[Ints, ...]] = []

    def add(self, kind: Kind, tail: object, head: object, capacity: object, subject: object, detail: object = 0) -> None:
        """Add a block of arcs of one kind; those that can carry no flow are left out."""
        columns = np.broadcast_arrays(tail, head, capacity, int(kind), subject, detail)  # type: ignore[arg-type]
        keep = np.atleast_1d(columns[2]) > 0
        whole = bool(keep.all())
        self._blocks.append(tuple(np.atleast_1d(c) if whole else np.atleast_1d(c)[keep] for c in columns))

    def columns(self) -> list[Ints]:
        """Return the six columns of all arcs that can carry flow."""
        return [np.concatenate(c, dtype=np.int64) for c in zip(*self._blocks, strict=True)]
