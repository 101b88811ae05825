"""A second opinion: every level solved again, by another solver (HiGHS), from the tables.

The network of the draw holds every roster, so the least cost that a linear programme finds on it is a bound for all of them. If the
bound is what the roster costs, no roster is better. Source: total unimodularity of network matrices, by which optima and duals are
whole numbers (Ahuja, Magnanti, Orlin 1993, section 11.12).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matcher.domain import Ints
from matcher.messages import N_, message
from matcher.verify.certificate import LevelName, Part
from matcher.verify.draw import twice_keys
from matcher.verify.hubs import Hubs
from matcher.verify.levels import DRAW, Costs, ticket_bits
from matcher.verify.network import Network
from matcher.verify.optimal import Roster
from matcher.verify.problem import Flags, Problem
from matcher.verify.verdict import Flaw

_EXACT = 1 << 40
"""Sums up to here are far inside what floating-point numbers hold exactly."""
_TOLERANCE = 0.01
_MOST = 1 << 40
"""Limits from here on are none."""


def solve_again(problem: Problem, part: Part, roster: Roster) -> None:
    """Raise :class:`Flaw` unless the least cost of every level, those before kept at theirs, is the roster's.

    The draw is not solved again (its tickets are too large for floating-point numbers): where it comes before the last objective, who has
    how many cadres is kept as it is from there on.
    """
    net = Network(problem, Hubs(problem, twice_keys(problem, part)), roster, part, whole=True)
    free = np.ones(len(net.flow), np.bool_)
    costs = Costs(problem, ticket_bits(len(part.nodes)))
    for level in part.levels:
        if level == (DRAW,):
            free[: net.entering] = False
            continue
        for cost in _columns(net.cost(level, costs), net.flow):
            free = _face(net, free, level, cost)


def _face(net: Network, free: Flags, level: LevelName, cost: Ints) -> Flags:
    """Return the arcs on which the optima of a level may differ, given those on which the optima of all before may.

    The other solver's duals are whole numbers but for rounding; rounded, they are a proof of their own, which is checked exactly.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    arcs = np.flatnonzero(free)
    if not len(arcs):
        return free
    (tail, head, price), which = np.unique(np.stack([net.tail[arcs], net.head[arcs], cost[arcs]]), axis=1, return_inverse=True)
    many = len(tail)  # parallel arcs of one cost are one: a cadre's seats, most of the time
    limit = np.minimum(np.bincount(which, np.minimum(net.limit[arcs], _MOST), many), _MOST).astype(np.int64)
    flow = np.bincount(which, net.flow[arcs], many).astype(np.int64)
    ends = np.concatenate([tail, head]), np.tile(np.arange(many), 2)
    matrix = csr_array((np.repeat([1.0, -1.0], many), ends), shape=(len(net.nodes.names), many))
    bounds = np.stack([np.zeros(many), np.where(limit >= _MOST, np.inf, limit)], axis=1)
    found = linprog(price, A_eq=matrix, b_eq=matrix @ flow, bounds=bounds, method="highs-ds")
    worth = int(price @ flow)
    if found.status != 0 or abs(found.fun - worth) > _TOLERANCE:
        _refuse(level, worth, found.fun)
    dual = np.rint(found.eqlin.marginals).astype(np.int64)
    reduced = cost[arcs] - dual[net.tail[arcs]] + dual[net.head[arcs]]
    filled, used = net.flow[arcs] == net.limit[arcs], net.flow[arcs] > 0
    if ((reduced < 0) & ~filled).any() or ((reduced > 0) & used).any():
        _refuse(level, worth, found.fun)
    left = free.copy()
    left[arcs] = reduced == 0
    return left


def _refuse(level: LevelName, worth: int, found: float | None) -> None:
    text = N_("HiGHS finds another optimum of {level}: {found} instead of {worth}.")
    raise Flaw(message(text, level=" ".join(map(str, level)), found=found, worth=worth))


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
