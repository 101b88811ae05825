"""A network flow with one side constraint, by flows alone: Lagrangean relaxation, closed on the face of its optimal flows.

The multiplier is found on the lower hull of (side, cost) by the chord through two flows, one on each side of the limit; each step
is a minimum-cost flow and every figure a whole number, so the bound is exact (Handler, Zang 1980). On the last face a flow that
meets the limit exactly is sought by freeing side arcs one after the other; if there is one, it is optimal, and the face with the
limit as an equation holds all others as good.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import gcd

import numpy as np

from matcher.domain import Ints, Mask
from matcher.formulation.network import Network
from matcher.formulation.objectives import Objective
from matcher.solve.flow import most_cost
from matcher.solve.lexicographic import Face, optimise


@dataclass(frozen=True)
class Side:
    """Flows of a face under a side constraint.

    Attributes
    ----------
    flow : (a,) int
        One that keeps it.
    free : (a,) bool
    cost : (a,) int
        Of the side constraint.
    limit : int
    equal : bool
        Whether the limit is to be met exactly; else it is the most.
    """

    network: Network
    flow: Ints
    free: Mask
    cost: Ints
    limit: int
    equal: bool = False

    def of(self, flow: Ints) -> int:
        """Return the side constraint's figure of a flow."""
        return int(self.cost @ flow)

    def best(self, *costs: Ints) -> Face:
        """Return the flows of the face, whatever the side constraint, that are best by these costs in turn."""
        return optimise(self.network, Face(self.flow, self.free), [Objective("side", c, (c,), (c,)) for c in costs])


@dataclass(frozen=True)
class Closed:
    """What the relaxation tells.

    Attributes
    ----------
    side : Side or None
        Flows of one cost that keep the side constraint; None if none better than the one known was found.
    exact : bool
        Whether they are all optimal flows, and no others.
    bound : int
        The least cost that any flow under the side constraint can have.
    """

    side: Side | None
    exact: bool
    bound: int


def relaxed(side: Side, cost: Ints) -> Closed:
    """Return the flows of least cost under the side constraint, or a bound."""
    for sign in (1, -1) if side.equal else (1,):
        turned = side if sign > 0 else replace(side, cost=-side.cost, limit=-side.limit)
        least = turned.best(cost, turned.cost)
        if turned.of(least.flow) > turned.limit:
            return _by_chords(turned, cost, least.flow, sign)
    face = side.best(cost)
    value = int(cost @ face.flow)
    if not side.equal:
        least = side.best(cost, side.cost)
        return Closed(replace(side, flow=least.flow, free=face.free), exact=True, bound=value)
    met = _met(replace(side, flow=face.flow, free=face.free))
    return Closed(met, met is not None, value)


def _by_chords(side: Side, cost: Ints, above: Ints, sign: int) -> Closed:
    below = side.best(side.cost, cost).flow
    while True:
        p, q = int(cost @ below) - int(cost @ above), side.of(above) - side.of(below)
        p, q = p // (g := gcd(p, q)), q // g
        weighted = q * cost + p * side.cost
        if q * int(np.abs(cost).max(initial=0)) + p > most_cost(side.network.nodes):
            return Closed(None, exact=False, bound=int(cost @ above))
        face = side.best(weighted)
        value = int(weighted @ face.flow)
        if value == int(weighted @ below):
            break
        if side.of(face.flow) > side.limit:
            above = face.flow
        else:
            below = face.flow
    bound = -((p * side.limit - value) // q)
    met = _met(replace(side, flow=below, free=face.free))
    if met is None:
        return Closed(None, exact=False, bound=bound)
    return Closed(met if sign > 0 else replace(met, cost=-met.cost, limit=-met.limit), met.limit == side.limit, bound)


def _met(side: Side) -> Side | None:
    """Return the face with a flow that meets the limit exactly, or, where the limit is the most, as nearly as is found."""
    low, high = side.best(side.cost).flow, side.best(-side.cost).flow
    if not side.of(low) <= side.limit <= side.of(high):
        return None
    counted = side.cost != 0
    moves = np.flatnonzero(counted & (low != high))
    first, last, nearest = 0, len(moves), low
    while first <= last:
        many = (first + last) // 2
        free = side.free & ~counted
        free[moves[:many]] = True
        flow = optimise(side.network, Face(low, free), [Objective("side", c, (c,), (c,)) for c in (-side.cost,)]).flow
        if side.of(flow) == side.limit:
            return replace(side, flow=flow, equal=True)
        if side.of(flow) < side.limit:
            first, nearest = many + 1, max(nearest, flow, key=side.of)
        else:
            last = many - 1
    return None if side.equal else replace(side, flow=nearest, limit=side.of(nearest), equal=True)
