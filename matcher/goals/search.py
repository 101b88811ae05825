"""The smallest additions where one flow does not tell: an implicit hitting set.

A small integer program proposes the smallest steps that satisfy every inequality known so far; a flow, and then the best roster of
the changed month, either accept them or give one more inequality that they violate:

- if not enough *could* be served, the dual of the flow (the bottleneck) says how much its steps are short (Benders 1962);
- if enough could be served but the best roster serves fewer, because something comes before coverage, then the additions that
  would change nothing at all are found, by one search for the worth of one place more everywhere, and made as large as can be; what
  is short needs as many places among the others. Where additions themselves count in what comes before coverage (a duty, a need
  met by new cadres), such additions are found by solving again (Karp, Moreno-Centeno 2013, on hitting sets).

Both are valid whatever the objectives are (see :class:`matcher.goals.served.Counter`), so the first accepted steps are the smallest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.domain import Ints, Mask
from matcher.explain.distances import Distances, Graph, distances
from matcher.goals.frame import Frame, up_to_coverage
from matcher.goals.least import Dealer
from matcher.goals.master import Cut, Master
from matcher.goals.served import Counter
from matcher.solve.lexicographic import optimise, whole_face
from matcher.solve.potentials import reduced_costs


@dataclass(frozen=True)
class Smallest:
    """What a search found.

    Attributes
    ----------
    steps : tuple of int or None
        The smallest steps; None if the search was given up, or if nothing suffices.
    bound : int
        No sufficient steps weigh less.
    others : bool or None
        Whether other steps of the same weight suffice; None if that was not settled.
    """

    steps: tuple[int, ...] | None
    bound: int
    others: bool | None


class _GivenUpError(Exception):
    """More months would have to be solved than is allowed."""


class Search:
    """Searches the smallest sufficient steps of a goal.

    Parameters
    ----------
    limit : int
        Months solved, after which the search is given up.
    """

    def __init__(self, dealer: Dealer, served: Counter, limit: int) -> None:
        self._dealer, self._served, self._limit = dealer, served, limit
        self._ground, self._target = dealer.ground, dealer.target
        self._master = Master(self._ground.items)
        before = dealer.task.order[:-1]
        self._costless = "duty" not in before and not (self._ground.newcomer and "fit" in before) and dealer.task.position not in before
        """Whether additions cost and bring nothing by themselves in what is compared before coverage."""

    def smallest(self) -> Smallest:
        """Return the smallest sufficient steps, or as much as is known where the search is given up."""
        bound, nothing = 0, [0] * len(self._ground.items)
        try:
            self._master.cuts.append(self._worth_cut(nothing) if self._costless else self._every(nothing))
            while (steps := self._master.smallest()) is not None:
                bound = self._ground.weight(steps)
                if self._accepted(steps):
                    return Smallest(steps, bound, self._others(steps, bound))
        except _GivenUpError:
            pass
        return Smallest(None, bound, None)

    def _others(self, steps: tuple[int, ...], weight: int) -> bool | None:
        try:
            while (other := self._master.smallest(other_than=steps)) is not None and self._ground.weight(other) == weight:
                if self._accepted(other):
                    return True
        except _GivenUpError:
            return None
        return False

    def _accepted(self, steps: tuple[int, ...]) -> bool:
        """Return whether steps suffice; if not, an inequality that they violate is added."""
        cut = self._flow_cut(steps)
        if cut is None:
            if self._count(steps) >= self._target:
                return True
            cut = self._roster_cut(list(steps))
        self._master.cuts.append(cut)
        return False

    def _count(self, steps: tuple[int, ...]) -> int:
        if self._served.solves >= self._limit:
            raise _GivenUpError
        return self._served(steps)

    def _flow_cut(self, steps: tuple[int, ...]) -> Cut | None:
        """Return what the bottleneck says, None if enough could be served.

        By weak duality the shortage at any capacities u is at least a constant less the sum of u times the negative part of the
        reduced cost; at these steps it is exactly that.
        """
        made = np.array(steps, np.int64)

        def solved(found: Frame) -> tuple[Ints, Ints]:
            face = optimise(found.at(made), whole_face(found.network), [found.short()], self._dealer.task.guess)
            level = face.levels[0]
            return face.flow, np.maximum(-reduced_costs(found.network, level.cost, level.potential)[found.arcs], 0)

        found, flow, worth = self._dealer.until_dealt(solved)
        short = int(flow[found.overflow])
        if not short:
            return None
        gains: dict[int, Ints] = {}
        for k in np.unique(found.item[worth > 0]).tolist():
            arcs = np.flatnonzero((found.item == k) & (worth > 0))
            wide = np.minimum(np.arange(self._ground.items[k].most + 1)[:, None] * found.slope[arcs], found.most[arcs])
            gains[k] = np.diff(wide @ worth[arcs])
        return Cut(gains, short + sum(int(g[: steps[k]].sum()) for k, g in gains.items()))

    def _roster_cut(self, steps: list[int]) -> Cut:
        """Return what follows from steps at which the best roster serves too few, made as large as possible."""
        if self._costless:
            return self._worth_cut(steps)
        self._grow(steps, 0, len(steps))
        return self._every(steps)

    def _every(self, steps: list[int]) -> Cut:
        """Return that what is short needs as many places beyond these steps."""
        gains = {}
        for k, item in enumerate(self._ground.items):
            if steps[k] < item.most:
                gains[k] = np.concatenate([np.zeros(steps[k], np.int64), np.full(1, item.each)])
        return Cut(gains, self._target - self._count(tuple(steps)))

    def _worth_cut(self, steps: list[int]) -> Cut:
        """Return that what is short needs as many places where one place more changes anything.

        Places whose worth is nothing may be added without end: the potentials that are distances from the sink prove the roster
        best with them too. Every other place adds one pairing at most.
        """
        made = np.array(steps, np.int64)

        def solved(found: Frame) -> tuple[Ints, Ints]:
            network = found.at(made)
            wanted = up_to_coverage(self._ground, self._dealer.task, found)
            flow = optimise(network, whole_face(network), wanted, self._dealer.task.guess).flow
            more, less = np.flatnonzero(flow < network.capacity), np.flatnonzero(flow > 0)
            ends = [(network.tail[more], network.head[more]), (network.head[less], network.tail[less])]
            start, end = (np.concatenate(column) for column in zip(*ends, strict=True))
            columns = [c for objective in wanted for c in objective.proof]
            away = distances(Graph(network.nodes, start, end, tuple(np.concatenate([c[more], -c[less]]) for c in columns)), 0)
            return flow, _worthy(found, away).astype(np.int64)

        found, _, changes = self._dealer.until_dealt(solved)
        worthy = changes > 0
        gains: dict[int, Ints] = {}
        for k in np.unique(found.item[worthy]).tolist():
            arcs = np.flatnonzero((found.item == k) & worthy)
            wide = np.minimum(np.arange(self._ground.items[k].most + 1)[:, None] * found.slope[arcs], found.most[arcs])
            gains[k] = np.diff(wide.sum(axis=1))
            gains[k][: steps[k]] = 0
        return Cut(gains, self._target - self._count(tuple(steps)))

    def _grow(self, steps: list[int], first: int, last: int) -> None:
        """Raise the steps of a run of items as far as the best roster still serves too few."""
        before, most = steps[first:last], [i.most for i in self._ground.items[first:last]]
        if before == most:
            return
        steps[first:last] = most
        if self._count(tuple(steps)) < self._target:
            return
        steps[first:last] = before
        if last - first > 1:
            middle = (first + last) // 2
            self._grow(steps, first, middle)
            self._grow(steps, middle, last)
            return
        low, high = before[0], most[0]
        while high - low > 1:
            steps[first] = (low + high) // 2
            if self._count(tuple(steps)) < self._target:
                low = steps[first]
            else:
                high = steps[first]
        steps[first] = low


def _worthy(found: Frame, away: Distances) -> Mask:
    """Return on which growing arcs one more place would change the best roster, given the distances from the sink.

    New cadres' places count where they leave their node, if a household or the node itself would gain by one.
    """
    gains = _before(away, found.start, np.where(found.end < 0, 0, found.end))
    leaves = np.isin(found.arcs, found.arcs[found.end >= 0])
    for k in np.unique(found.item[~leaves]).tolist():
        gains[(found.item == k) & leaves] = gains[found.item == k].any()
    return np.asarray(gains & leaves, np.bool_)


def _before(away: Distances, start: Ints, end: Ints) -> Mask:
    """Return where the distance to the start is lexicographically smaller than that to the end; what is not reached is farthest."""
    smaller = away.reached[start] & ~away.reached[end]
    undecided = away.reached[start] & away.reached[end]
    for level in away.levels:
        difference = np.where(undecided, level[start] - level[end], 0)
        smaller |= np.asarray(difference < 0, np.bool_)
        undecided &= np.asarray(difference == 0, np.bool_)
    return np.asarray(smaller, np.bool_)
