"""The fewest additions that let enough pairings be made, place by place: minimum-cost flows, proved.

Every addition costs 1, every place of the month nothing; what is short of the goal counts before all (Ahuja, Magnanti, Orlin 1993,
chapter 9). The flow says what *could* be served: whether the best roster serves it is for :mod:`matcher.goals.served` to say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from matcher.domain import Ints, Mask
from matcher.explain.distances import Graph, distances
from matcher.formulation.network import Network
from matcher.formulation.objectives import Objective
from matcher.goals.frame import Frame, before_coverage, frame
from matcher.goals.ground import Ground
from matcher.solve.deal import deal
from matcher.solve.lexicographic import Face, optimise, whole_face
from matcher.solve.rounds import Task


@dataclass(frozen=True)
class Least:
    """The fewest additions by which enough could be served.

    Attributes
    ----------
    steps : tuple of int
        Of every item.
    others : tuple of (tuple of int)
        Some other additions, as few, that would do for the flow too, if any were found.
    """

    steps: tuple[int, ...]
    others: tuple[tuple[int, ...], ...]


class Dealer:
    """Remembers the pairs that a hub dealt twice, so that no network has to find them again."""

    def __init__(self, ground: Ground, task: Task, target: int) -> None:
        self.ground, self.task, self.target = ground, task, target
        self._twice: frozenset[tuple[int, int]] = frozenset()

    def until_dealt(self, solved: Callable[[Frame], tuple[Ints, Ints]]) -> tuple[Frame, Ints, Ints]:
        """Solve until no household is dealt a cadre twice; return the frame and what the last solution was.

        Parameters
        ----------
        solved : callable
            From a frame to its flow and whatever else belongs to it. Each frame is a relaxation of the next.
        """
        while True:
            found = frame(self.ground, self.task, self.target, self._twice)
            flow, more = solved(found)
            again = self._dealt_twice(found, flow)
            if not again:
                return found, flow, more
            self._twice |= again

    def _dealt_twice(self, found: Frame, flow: Ints) -> frozenset[tuple[int, int]]:
        width = len(self.ground.instance.cadres)
        household, cadre = deal(self.ground.instance, found.hubs, flow[: len(found.hubs.network.tail)], self.task.seed)
        keys, times = np.unique(household * width + cadre, return_counts=True)
        return frozenset((int(k) // width, int(k) % width) for k in keys[times > 1])


def least(dealer: Dealer) -> Least | None:
    """Return the fewest additions by which enough could be served; None if none are enough.

    Among as few those are chosen that keep most of what the policy compares before coverage, then those with the fewest places
    beyond a cadre's first added one, then those that come first in the order of the items (the sum of their numbers is smallest).
    """

    def solved(found: Frame) -> tuple[Ints, Ints]:
        network = found.at(np.array(dealer.ground.most, np.int64))
        return _fewest(network, whole_face(network), found, before_coverage(dealer.ground, dealer.task, found), dealer.task.guess)

    return _read(dealer, *dealer.until_dealt(solved))


def least_beside(dealer: Dealer) -> Least | None:
    """Return the fewest additions that leave what the policy compares before coverage provably as it is; None if none are enough.

    The flow that is best before coverage has potentials; with those that are distances to the sink, every addition is an arc of
    negative or no reduced cost, so a flow that uses all that is added, and of the month's arcs only those of reduced cost 0, is
    best before coverage in the changed month too (complementary slackness).
    """

    def solved(found: Frame) -> tuple[Ints, Ints]:
        guess, before = dealer.task.guess, before_coverage(dealer.ground, dealer.task, found)
        network = found.at(np.zeros(len(dealer.ground.items), np.int64))
        settled = optimise(network, whole_face(network), before, guess) if before else whole_face(network)
        free = _kept_free(network, found, settled.flow, before) if before else settled.free
        grown = found.at(np.array(dealer.ground.most, np.int64))
        return _fewest(grown, Face(settled.flow, free), found, [], guess)

    return _read(dealer, *dealer.until_dealt(solved))


def _fewest(network: Network, face: Face, found: Frame, before: list[Objective], guess: bool) -> tuple[Ints, Ints]:
    """Return the flow with the fewest additions, and flows with as few that lie elsewhere, or come last in the order of the items."""
    few = optimise(network, face, [found.short(), found.on("added", found.arcs, 1)], guess)
    rest = [*before, found.on("again", found.again, 1), found.on("order", found.arcs, found.item + 1)]
    flow = optimise(network, few, rest, guess).flow
    away = (found.on("elsewhere", found.arcs, (flow[found.arcs] > 0).astype(np.int64)), found.on("reversed", found.arcs, -found.item - 1))
    return flow, np.array([optimise(network, few, [objective], guess).flow for objective in away])


def _read(dealer: Dealer, found: Frame, flow: Ints, others: Ints) -> Least | None:
    if flow[found.overflow]:
        return None
    steps, *other = (tuple(np.bincount(found.item, each[found.arcs], len(dealer.ground.items)).astype(int).tolist())
                     for each in (flow, *others))
    return Least(steps, tuple(one for one in dict.fromkeys(other) if one != steps))


def _kept_free(network: Network, found: Frame, flow: Ints, before: list[Objective]) -> Mask:
    """Return the arcs on which a flow may change without becoming worse before coverage, whatever is added where it may be.

    Where a free place is reached only through an addition, the distance has one more level, above all others.
    """
    adding = np.zeros(len(network.tail), np.int64)
    adding[found.arcs] = 1
    levels = [adding, *(column for objective in before for column in objective.proof)]
    more, less = np.flatnonzero((flow < network.capacity) | (adding > 0)), np.flatnonzero(flow > 0)
    start, end = np.concatenate([network.tail[more], network.head[less]]), np.concatenate([network.head[more], network.tail[less]])
    graph = Graph(network.nodes, start, end, tuple(np.concatenate([c[more], -c[less]]) for c in levels))
    to_sink = distances(graph.backwards(), 0)
    both = to_sink.reached[network.tail] & to_sink.reached[network.head]
    free, allowed, undecided = both.copy(), np.zeros_like(both), np.ones_like(both)
    for level, column in enumerate(levels):
        cost = column if level else np.zeros_like(column)
        distance = to_sink.levels[level]
        reduced = np.where(both, cost - distance[network.tail] + distance[network.head], 0)
        free &= np.asarray(reduced == 0, np.bool_)
        allowed |= undecided & np.asarray(reduced < 0, np.bool_)
        undecided &= np.asarray(reduced == 0, np.bool_)
    grows = adding > 0
    return np.where(grows, both & (allowed | undecided), free)
