"""Lexicographic distances in a residual graph, exactly.

Several levels are searched at once with weights that probably dominate; the distances are then taken apart into their levels
and proved: no arc may be lexicographically shorter than they say, and every arc that the search used must be tight at every
level. Where the proof fails, fewer levels are searched at once. Sources: Bellman–Ford; lexicographic shortest paths on tight
arcs (Ahuja, Magnanti, Orlin 1993, chapter 5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matcher.domain import Ints, Mask
from matcher.errors import ProofError
from matcher.integers import order_of
from matcher.messages import N_, message

_FAR = 2**62
_BITS = 60
_ROUNDS_FOR_A_GUESS = 400


@dataclass(frozen=True)
class Graph:
    """A directed graph whose arcs have a vector of lengths.

    Attributes
    ----------
    nodes : int
    start, end : (m,) int
    lengths : tuple of (m,) int
        One column a level, the most important first; int64, or Python integers where 64 bits do not hold them.
    """

    nodes: int
    start: Ints
    end: Ints
    lengths: tuple[Ints, ...]

    def backwards(self) -> Graph:
        """Return the graph with every arc turned round: distances from a node become distances to it."""
        return Graph(self.nodes, self.end, self.start, self.lengths)

    def without(self, arcs: Mask) -> Graph:
        """Return the graph without some arcs."""
        keep = ~arcs
        return Graph(self.nodes, self.start[keep], self.end[keep], tuple(c[keep] for c in self.lengths))


@dataclass(frozen=True)
class Distances:
    """Lexicographic distances from one node.

    Attributes
    ----------
    reached : (nodes,) bool
    levels : tuple of (nodes,) int
        Meaningless where a node is not reached.
    """

    reached: Mask
    levels: tuple[Ints, ...]

    def to(self, node: int) -> tuple[int, ...] | None:
        """Return the distance to a node, None if it cannot be reached."""
        return tuple(int(level[node]) for level in self.levels) if self.reached[node] else None


def distances(graph: Graph, source: int) -> Distances:
    """Return the lexicographic distances from a node.

    Raises
    ------
    ProofError
        There is a cycle of lexicographically negative length: the flow was not the best one.
    """
    order = order_of(graph.end)
    arcs = _Arcs(graph.nodes, graph.start[order], graph.end[order])
    reached = arcs.reached(source)
    inside = reached[arcs.start]
    arcs, order = arcs.kept(inside), order[inside]
    lengths = [column[order] for column in graph.lengths]
    found: list[Ints] = []
    while lengths:
        count, levels, tight = _first_levels(arcs, lengths, source)
        found += levels
        arcs = arcs.kept(tight)
        lengths = [column[tight] for column in lengths[count:]]
    return Distances(reached, tuple(found))


def _first_levels(arcs: _Arcs, lengths: Sequence[Ints], source: int) -> tuple[int, list[Ints], Mask]:
    """Return how many levels were searched at once, their distances, and the arcs that are tight at all of them."""
    count = _fitting(lengths)
    while True:
        radix = [_radix(column) for column in lengths[:count]]
        combined = _combined(lengths[:count], radix)
        distance = arcs.shortest(combined, source, _ROUNDS_FOR_A_GUESS if count > 1 else arcs.nodes + 1)
        if distance is not None:
            levels = _digits(distance, radix)
            tight = _proved(arcs, lengths[:count], levels, combined + distance[arcs.start] == distance[arcs.end])
            if tight is not None:
                return count, levels, tight
        if count == 1:
            raise ProofError(message(N_("The roster is not the best one for these tables; nothing can be explained.")))
        count //= 2


def _radix(column: Ints) -> int:
    """Return a base that the sums of a level along a path will hardly leave: for 1, between −8 and 7."""
    return 1 << (int(np.abs(column).max(initial=0)).bit_length() + 3)


def _fitting(lengths: Sequence[Ints]) -> int:
    """Return how many first levels fit one column of 64 bits; at least one."""
    count, bits = 0, 0
    for column in lengths:
        bits += _radix(column).bit_length()
        if column.dtype == object or bits > _BITS:
            break
        count += 1
    return max(count, 1)


def _combined(lengths: Sequence[Ints], radix: Sequence[int]) -> Ints:
    """Return several levels as one column; a single one as Python integers where its paths might leave 64 bits."""
    if len(lengths) == 1:
        largest = int(np.abs(lengths[0]).max(initial=0)) * (len(lengths[0]) + 1)
        return lengths[0] if largest < _FAR // 4 else lengths[0].astype(object)
    total = lengths[0]
    for column, base in zip(lengths[1:], radix[1:], strict=True):
        total = total * base + column
    return total


def _digits(distance: Ints, radix: Sequence[int]) -> list[Ints]:
    """Return the levels of combined distances: digits between −base/2 and base/2 − 1."""
    found = []
    for base in reversed(radix[1:]):
        digit = (distance + base // 2) % base - base // 2
        found.append(digit)
        distance = (distance - digit) // base
    return [distance, *reversed(found)]


def _proved(arcs: _Arcs, lengths: Sequence[Ints], levels: Sequence[Ints], tight: Mask) -> Mask | None:
    """Return the tight arcs if no arc is lexicographically shorter than the distances and tight ones are tight at every level."""
    undecided = np.ones(len(arcs.start), np.bool_)
    for length, level in zip(lengths, levels, strict=True):
        reduced = length + level[arcs.start] - level[arcs.end]
        if (reduced[undecided] < 0).any():
            return None
        undecided &= np.asarray(reduced == 0, np.bool_)
    return undecided if (undecided | ~tight).all() else None


@dataclass(frozen=True)
class _Arcs:
    """Arcs sorted by their end."""

    nodes: int
    start: Ints
    end: Ints

    def kept(self, keep: Mask) -> _Arcs:
        return _Arcs(self.nodes, self.start[keep], self.end[keep])

    def reached(self, source: int) -> Mask:
        found = np.zeros(self.nodes, np.bool_)
        found[source] = True
        count = 0
        while count != (count := int(found.sum())):
            found[self.end[found[self.start]]] = True
        return found

    def shortest(self, length: Ints, source: int, rounds: int) -> Ints | None:
        """Return the distances from the source, None if they do not settle in so many rounds."""
        far = _FAR if length.dtype != object else int(np.abs(length).max(initial=0)) * (self.nodes + 1) * 4 + 4
        distance = np.full(self.nodes, far, length.dtype)
        distance[source] = 0
        if not len(self.end):
            return distance
        first = np.flatnonzero(np.concatenate([[True], self.end[1:] != self.end[:-1]]))
        target = self.end[first]
        for _ in range(rounds):
            begin = distance[self.start]
            best = np.minimum.reduceat(np.where(begin < far, begin + length, far), first)
            before = distance[target]
            better = best < before
            if not better.any():
                return distance
            distance[target[better]] = best[better]
            if distance[source] < 0:
                return None
        return None
