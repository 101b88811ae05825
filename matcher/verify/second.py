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

from matcher.domain import Ints
from matcher.messages import N_, Message, message
from matcher.progress import silent
from matcher.verify.certificate import LevelName, Part
from matcher.verify.draw import twice_keys
from matcher.verify.hubs import Hubs, distinct
from matcher.verify.levels import DRAW, Costs, ticket_bits
from matcher.verify.network import Network
from matcher.verify.optimal import Roster, first_signs
from matcher.verify.problem import Flags, Problem
from matcher.verify.verdict import Flaw

_EXACT = 1 << 40
"""Costs and sums up to here are far inside what floating-point numbers hold exactly."""
_LEAST, _MOST = 16, 1 << 10
"""How many times the next level's weight a level's is."""
_NO_LIMIT = 1 << 40


@dataclass(frozen=True)
class _Stage:
    """A level, or a part of one whose sums would not be exact, with the cost of every arc."""

    level: LevelName
    cost: Ints

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
    net = Network(problem, Hubs(problem, twice_keys(problem, part)), roster, part, whole=True)
    costs = Costs(problem, ticket_bits(len(part.nodes)))
    free = np.ones(len(net.flow), np.bool_)
    stages: list[_Stage] = []
    for level in part.levels:
        if level == (DRAW,):
            free = _solve(net, free, stages, progress)
            free[: net.entering] = False
            stages = []
        else:
            stages += [_Stage(level, cost) for cost in _columns(net.cost(level, costs), net.flow)]
    _solve(net, free, stages, progress)


def _solve(net: Network, free: Flags, stages: list[_Stage], progress: Callable[[Message], object]) -> Flags:
    """Return the arcs on which the optima of all stages may differ, given those on which the optima of all before may."""
    if not stages or not free.any():
        return free
    times = _weights(stages)
    if times:
        names = dict.fromkeys(str(stage.level[0]) for stage in stages)
        progress(message(N_("HiGHS solves again: {objectives}"), objectives=", ".join(names)))
        left = _face(net, free, stages, times)
        if left is not None:
            return left
    half = len(stages) // 2
    return _solve(net, _solve(net, free, stages[:half], progress), stages[half:], progress)


def _weights(stages: list[_Stage]) -> list[int]:
    """Return every stage's weight, the last one's 1; none if costs would become too large."""
    largest = [int(np.abs(stage.cost).max(initial=0)) for stage in stages]
    times = _MOST
    while len(stages) > 1 and sum(largest[-1 - k] * times**k for k in range(len(stages))) >= _EXACT:
        times //= 2
    return [times**k for k in range(len(stages))][::-1] if times >= _LEAST else []


def _face(net: Network, free: Flags, stages: list[_Stage], weights: list[int]) -> Flags | None:
    """Solve stages at once, and return the arcs on which their optima may differ; None if that is not proved."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    arcs = np.flatnonzero(free)
    costs = np.stack([stage.cost[arcs] for stage in stages])
    (tail, head, *each), which = distinct(net.tail[arcs], net.head[arcs], *costs)
    many = len(tail)  # parallel arcs of the same costs are one: a cadre's seats, most of the time
    limit = np.minimum(np.bincount(which, np.minimum(net.limit[arcs], _NO_LIMIT), many), _NO_LIMIT).astype(np.int64)
    flow = np.bincount(which, net.flow[arcs], many).astype(np.int64)
    ends = np.concatenate([tail, head]), np.tile(np.arange(many), 2)
    matrix = csr_array((np.repeat([1, -1], many), ends), shape=(len(net.nodes.names), many))
    bounds = np.stack([np.zeros(many), np.where(limit >= _NO_LIMIT, np.inf, limit)], axis=1)
    found = linprog(weights @ np.stack(each), A_eq=matrix, b_eq=matrix @ flow, bounds=bounds, method="highs-ds")
    if found.status == 0:
        potentials = _parted(net, arcs, costs, weights @ costs, np.rint(found.eqlin.marginals).astype(np.int64))
        reduced = costs - potentials[:, net.tail[arcs]] + potentials[:, net.head[arcs]]
        signs = first_signs(list(reduced), len(arcs))
        if not (((signs < 0) & (net.flow[arcs] < net.limit[arcs])) | ((signs > 0) & (net.flow[arcs] > 0))).any():
            left = free.copy()
            left[arcs] = signs == 0
            return left
        other = np.rint(found.x).astype(np.int64)
        if ((other >= 0) & (other <= limit)).all() and (matrix @ other == matrix @ flow).all():
            _refuse_worse(stages, np.stack(each) @ flow, np.stack(each) @ other)
    if len(stages) == 1:
        raise Flaw(message(N_("HiGHS proves no optimum of {level}."), level=str(stages[0])))
    return None


def _parted(net: Network, arcs: Ints, costs: Ints, cost: Ints, dual: Ints) -> Ints:
    """Return potentials for every stage that sum to the duals of all, weighted.

    Where a dual is 0 so are they; from there they follow the arcs whose reduced cost is 0, a basis among them.
    """
    tail, head = net.tail[arcs], net.head[arcs]
    basic = np.flatnonzero(cost - dual[tail] + dual[head] == 0)
    ends, known = (tail[basic], head[basic]), dual == 0
    found = np.zeros((len(costs), len(dual)), np.int64)
    while True:
        before = known.copy()
        for near, far, sign in ((*ends, -1), (*ends[::-1], 1)):
            step = np.flatnonzero(known[near] & ~known[far])
            found[:, far[step]] = found[:, near[step]] + sign * costs[:, basic[step]]
            known[far[step]] = True
        if (known == before).all():
            return found


def _refuse_worse(stages: list[_Stage], ours: Ints, theirs: Ints) -> None:
    """Refuse the roster if another flow is better at the first stage at which they differ."""
    for stage, worth, found in zip(stages, ours.tolist(), theirs.tolist(), strict=True):
        if found < worth:
            text = N_("HiGHS finds another optimum of {level}: {found} instead of {worth}.")
            raise Flaw(message(text, level=str(stage), found=found, worth=worth))
        if found > worth:
            return


def _columns(cost: Ints, flow: Ints) -> Iterator[Ints]:
    """Yield a level's costs, in several columns one after the other where its sums would not be exact."""
    if cost.dtype != object and int(np.abs(cost).sum()) * max(int(flow.max(initial=1)), 1) < _EXACT:
        yield cost
        return
    distinct = sorted(set(cost.tolist()) - {0})
    begin = 0
    while begin < len(distinct):
        column, reward, end = np.zeros(len(cost), np.int64), 1, begin
        block: list[tuple[Ints, int]] = []
        while end < len(distinct) and reward < _EXACT >> 8:
            where = np.flatnonzero(cost == distinct[end])
            block.append((where, len(where)))
            reward *= len(where) + 1
            end += 1
        reward = 1
        for where, many in reversed(block):
            column[where] = -reward
            reward *= many + 1
        yield column
        begin = end
