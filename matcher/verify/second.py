"""A second opinion: every level solved again, by another solver (HiGHS), from the tables.

The network of the draw holds every roster, so a flow on it that no other betters, level by level, bounds all of them. HiGHS is
given several levels at once, each with a weight many times the next one's: alone, a level leaves it so many equal choices that it
takes minutes. Whether the weights were large enough, and the answer right, is then checked exactly: HiGHS' duals, parted by level,
stand for potentials as those of the certificate do. Where they prove nothing, fewer levels are solved at once, at last each alone.
Source: network matrices are totally unimodular, their bases spanning trees, so that optima and duals are whole numbers and a tree
gives the duals of each level (Ahuja, Magnanti, Orlin 1993, sections 11.11 and 11.12).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from matcher.domain import Ints, Mask
from matcher.messages import N_, Message, message
from matcher.progress import silent
from matcher.verify import Flaw
from matcher.verify.arrays import distinct, numbered
from matcher.verify.certificate import DRAW, LevelName, Part
from matcher.verify.draw import Hubs, twice_keys
from matcher.verify.optimal import Arcs, first_signs, seat_arcs
from matcher.verify.problem import Problem, Roster

_EXACT = 1 << 40
"""Costs and sums up to here are far inside what floating-point numbers hold exactly."""
_LEAST, _MOST = 16, 1 << 10
"""How many times the next level's weight a level's is."""
_NO_LIMIT = 1 << 40


@dataclass(frozen=True)
class _Stage:
    """A level, or a part of one: the cost of every arc, and the costs that HiGHS is given for them."""

    level: LevelName
    cost: Ints
    given: Ints

    @staticmethod
    def of(level: LevelName, cost: Ints) -> _Stage:
        """Return the stage of a whole level; for costs by income that are too large HiGHS is given their ranks."""
        if level != ("coverage",) or int(np.abs(cost).sum()) < _EXACT:
            cost = cost.astype(np.int64)
            return _Stage(level, cost, cost)
        ranks = {value: k for k, value in enumerate(sorted({0, *cost.tolist()}))}
        return _Stage(level, cost, np.array([ranks[value] - ranks[0] for value in cost.tolist()], np.int64))

    def parts(self) -> list[_Stage]:
        """Return the stage as several that do the same one after the other; none where HiGHS was given the costs themselves."""
        return [] if self.given is self.cost else [_Stage(self.level, column, column) for column in _columns(self.cost)]

    def __str__(self) -> str:
        return " ".join(map(str, self.level))


def solve_again(problem: Problem, part: Part, roster: Roster, progress: Callable[[Message], object] = silent) -> None:
    """Raise :class:`Flaw` unless the roster is the best at every level, those before kept at theirs.

    The draw is not solved again (its tickets are too large for floating-point numbers): where it comes before the last objective, who has
    how many cadres is kept as it is from there on.

    Parameters
    ----------
    progress
        Is told which levels are being solved.
    """
    net, _ = Hubs(problem, twice_keys(problem, part)).network(roster)
    net = _with_all_seats(net, roster) if "balance" in problem.rules.order else net
    free = np.ones(len(net.flow), np.bool_)
    stages: list[_Stage] = []
    for level in part.levels:
        if level == (DRAW,):
            free = _solve(net, free, stages, progress)
            free[net.of_kind("ENTER")] = False
            stages = []
        else:
            stages.append(_Stage.of(level, net.cost(level)))
    _solve(net, free, stages, progress)


def _with_all_seats(net: Arcs, roster: Roster) -> Arcs:
    """Return the network with a seat for every load; those above the largest by more than one cost no less, and are one."""
    problem, fixed = net.problem, net.problem.fixed_of_cadre
    most, shown = np.minimum(problem.cadres.capacity, problem.permitted_of_cadre), int(roster.load.max(initial=0)) + 1
    who, number = numbered(np.maximum(np.minimum(most, shown) - fixed, 0))
    seats = [(who, fixed[who] + 1 + number, fixed[who] + 1 + number)]
    beyond = np.flatnonzero(most > np.maximum(fixed, shown))
    seats.append((beyond, np.maximum(fixed, shown)[beyond] + 1, most[beyond]))
    rest = net.only(~net.of_kind("SEAT"))
    columns = np.stack([rest.kind, rest.tail, rest.head, rest.limit, rest.flow, rest.number])
    every = np.concatenate([columns, *(seat_arcs(problem, roster, *seat) for seat in seats)], axis=1)
    return Arcs(problem, net.names, net.traits, *every)


def _solve(net: Arcs, free: Mask, stages: list[_Stage], progress: Callable[[Message], object]) -> Mask:
    """Return the arcs on which the optima of all stages may differ, given those on which the optima of all before may."""
    if not stages or not free.any():
        return free
    weights = _weights(stages)
    if weights:
        names = dict.fromkeys(str(stage.level[0]) for stage in stages)
        progress(message(N_("HiGHS solves again: {objectives}"), objectives=", ".join(names)))
        left = _face(net, free, stages, weights)
        if left is not None:
            return left
    fewer = [stages[: len(stages) // 2], stages[len(stages) // 2 :]] if len(stages) > 1 else [[part] for part in stages[0].parts()]
    if not fewer:
        raise Flaw(message(N_("HiGHS proves no optimum of {level}."), level=str(stages[0])))
    for some in fewer:
        free = _solve(net, free, some, progress)
    return free


def _weights(stages: list[_Stage]) -> list[int]:
    """Return every stage's weight, the last one's 1; none if costs would become too large."""
    largest = [int(np.abs(stage.given).max(initial=0)) for stage in stages]
    times = _MOST
    while times >= _LEAST:
        weights = [1]
        for after in largest[:0:-1]:
            weights.insert(0, weights[0] * max(times, 2 * after))
        if len(stages) == 1 or sum(weight * most for weight, most in zip(weights, largest, strict=True)) < _EXACT:
            return weights
        times //= 2
    return []


def _face(net: Arcs, free: Mask, stages: list[_Stage], weights: list[int]) -> Mask | None:
    """Solve stages at once, and return the arcs on which their optima may differ; None if that is not proved."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    arcs = np.flatnonzero(free)
    given = [stage.given[arcs] for stage in stages]
    (tail, head, *each), which = distinct(net.tail[arcs], net.head[arcs], *given)
    many = len(tail)  # parallel arcs of the same costs are one: a cadre's seats, most of the time
    limit = np.minimum(np.bincount(which, np.minimum(net.limit[arcs], _NO_LIMIT), many), _NO_LIMIT).astype(np.int64)
    flow = np.bincount(which, net.flow[arcs], many).astype(np.int64)
    ends = np.concatenate([tail, head]), np.tile(np.arange(many), 2)
    matrix = csr_array((np.repeat([1, -1], many), ends), shape=(len(net.names), many))
    bounds = np.stack([np.zeros(many), np.where(limit >= _NO_LIMIT, np.inf, limit)], axis=1)
    plain = {"presolve": False}  # which is faster here, by income ten times
    found = linprog(weights @ np.stack(each), A_eq=matrix, b_eq=matrix @ flow, bounds=bounds, method="highs-ds", options=plain)
    if found.status != 0:
        return None
    dual = np.rint(found.eqlin.marginals).astype(np.int64)
    ends = net.tail[arcs], net.head[arcs]
    basic = np.flatnonzero(weights @ np.stack(given) - dual[ends[0]] + dual[ends[1]] == 0)
    costs = [stage.cost[arcs] for stage in stages]
    potentials = _parted(ends[0][basic], ends[1][basic], [cost[basic] for cost in costs], dual == 0)
    signs = first_signs(zip(costs, potentials, strict=True), ends[1], ends[0])
    if net.only(arcs).against(signs):
        other = np.rint(found.x).astype(np.int64)
        if ((other >= 0) & (other <= limit)).all() and (matrix @ other == matrix @ flow).all():
            _refuse_worse(stages, np.stack(each) @ flow, np.stack(each) @ other)
        return None
    left = free.copy()
    left[arcs] = signs == 0
    return left


def _parted(tail: Ints, head: Ints, costs: list[Ints], known: Mask) -> list[Ints]:
    """Return the potentials of every stage, of which the duals of all, weighted, are the sums.

    Where a dual is 0 so are they; from there they follow the arcs whose weighted reduced cost is 0, among which is a basis.
    """
    found = [np.zeros(len(known), cost.dtype) for cost in costs]
    while True:
        before, known = known, known.copy()
        for near, far, sign in ((tail, head, -1), (head, tail, 1)):
            arcs = np.flatnonzero(known[near] & ~known[far])
            arcs = arcs[np.unique(far[arcs], return_index=True)[1]]
            for potential, cost in zip(found, costs, strict=True):
                potential[far[arcs]] = potential[near[arcs]] + sign * cost[arcs]
            known[far[arcs]] = True
        if (known == before).all():
            return found


def _refuse_worse(stages: list[_Stage], ours: Ints, theirs: Ints) -> None:
    """Refuse the roster if another flow is better at the first stage at which they differ, and HiGHS was given its costs."""
    for stage, worth, found in zip(stages, ours.tolist(), theirs.tolist(), strict=True):
        if found < worth and stage.given is stage.cost:
            text = N_("HiGHS finds another optimum of {level}: {found} instead of {worth}.")
            raise Flaw(message(text, level=str(stage), found=found, worth=worth))
        if found > worth or stage.given is not stage.cost:
            return


def _columns(cost: Ints) -> Iterator[Ints]:
    """Yield costs by income in several columns, one after the other, whose sums are exact."""
    values = sorted(set(cost.tolist()) - {0})
    begin = 0
    while begin < len(values):
        column, reward, end = np.zeros(len(cost), np.int64), 1, begin
        block: list[tuple[Ints, int]] = []
        while end < len(values) and reward < _EXACT >> 8:
            where = np.flatnonzero(cost == values[end])
            block.append((where, len(where)))
            reward *= len(where) + 1
            end += 1
        reward = 1
        for where, many in reversed(block):
            column[where] = -reward
            reward *= many + 1
        yield column
        begin = end
