"""The smallest change that would serve a household, confirmed by solving again.

First the one place more that the bottleneck names: if it is this household's turn, that is enough. Else one place more at a cadre
who may serve it (and of the unit or the township, where they are full); if somebody comes before it there as well, the place has to be
kept for it: the pair is required. A household that has some cadres already would lose one of them to whoever comes before it: then the
pairs that it has are required too. Where fewer places do, and nobody loses a cadre, these are enough; where only an objective before
coverage stands against it, no place at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from matcher.domain import Instance, Ints, Pairs
from matcher.explain.bottlenecks import EARLIER, Bottleneck, Unmatched
from matcher.explain.levels import cost_of_pairs, cost_of_seat
from matcher.explain.standing import Standing
from matcher.people.permission import Permission
from matcher.solve.rounds import solve

Place = tuple[str, int]
"""``cadre``, ``unit`` or ``township``, and its number."""


@dataclass(frozen=True)
class Fix:
    """A change that serves a household; it was solved again with it.

    Attributes
    ----------
    where : tuple of (str, int)
        Each of these gets one place more.
    cadres : tuple of int
        The cadres for whom the pair is required, the new one first; none if the places alone do.
    served : tuple of int
        Everybody who then has one cadre more, sorted.
    turn : tuple of int
        Whose turn it is where the bottleneck's one place more goes to somebody else: everybody who then has one cadre more.
    others : bool
        Whether others come first: without the pairs required somebody else has one cadre more by the places.
    """

    where: tuple[Place, ...]
    cadres: tuple[int, ...]
    served: tuple[int, ...]
    turn: tuple[int, ...] = ()
    others: bool = False


def smallest_fix(standing: Standing, due: Ints, unmatched: Unmatched, bottleneck: Bottleneck | None) -> Fix | None:
    """Return the smallest change that serves a household, None if it has every cadre that it may have.

    Parameters
    ----------
    due : (cadres,) int
        Duties before the capacity limits them.
    """
    turn: tuple[int, ...] = ()
    tried: tuple[Place, ...] = ()
    if bottleneck and bottleneck.fix[0] and (unmatched.helped or bottleneck.quota >= 0):
        tried = (bottleneck.fix,)
        turn, _ = _changed(standing, with_places(standing.instance, due, tried))
        if unmatched.household in turn:
            return Fix(tried, (), turn)
    found = _kept_place(standing, due, unmatched.household)
    if found is None:
        return None
    every, cadre = found
    required = _required(standing, unmatched.household, cadre)
    least = 0 if unmatched.reason == EARLIER else 1  # else somebody would have to lose a cadre
    for where in (some for count in range(least, len(every) + 1) for some in combinations(every, count)):
        changed = with_places(standing.instance, due, where)
        first = turn if where == tried else ()
        for pairs in ((), *required):
            if (not pairs and where in ((), tried)) or not _has_room(changed, unmatched.household, pairs):
                continue
            served, nobody_loses = _changed(standing, changed, unmatched.household, pairs)
            if unmatched.household in served and (nobody_loses or where == every):
                return Fix(where, pairs, served, turn, bool(pairs and first))
            first = first if pairs else served
    return None


def _required(standing: Standing, household: int, cadre: int) -> list[tuple[int, ...]]:
    """Return whom to require for a household, the fewest first: the new cadre; and all whom it has besides fixed ones."""
    fixed = standing.instance.fixed
    has = np.setdiff1d(standing.cadre[standing.household == household], fixed.cadre[fixed.household == household]).tolist()
    return [(cadre,), *([(cadre, *has)] if has else [])]


def _kept_place(standing: Standing, due: Ints, household: int) -> tuple[tuple[Place, ...], int] | None:
    """Return the fewest places and the cadre, the best pair among equals, by which a household can have one cadre more."""
    instance = standing.instance
    every = np.arange(len(instance.cadres))
    allowed = every[standing.permission.of_pairs(np.full(len(every), household), every)]
    others = np.setdiff1d(allowed, standing.cadre[standing.household == household])
    own = cost_of_pairs(instance, standing.task, standing.levels, np.full(len(others), household), others)
    town = int(instance.households.township[household])
    paired = int((instance.households.township[standing.household] == town).sum())
    quota = (("township", town),) if 0 <= int(instance.township_capacity[town]) <= paired else ()
    options = []
    for k, c in enumerate(others.tolist()):
        load, unit = int(standing.load[c]) + 1, int(instance.cadres.unit[c])
        where: tuple[Place, ...] = (*((("cadre", c),) if load > int(instance.cadres.capacity[c]) else ()),
                                    *((("unit", unit),) if unit in standing.full_units else ()), *quota)
        seat = cost_of_seat(standing.levels, load, min(int(due[c]), max(load, int(instance.cadres.capacity[c]))))
        options.append((len(where), [int(column[k]) + s for column, s in zip(own, seat, strict=True)], c, where))
    best = min(options, default=None)
    return None if best is None else (best[3], best[2])


def _has_room(instance: Instance, household: int, cadres: tuple[int, ...]) -> bool:
    """Return whether the pairs that are fixed leave room for a household's pairs with some cadres to be as well."""
    fixed, unit, town = instance.fixed, instance.cadres.unit, instance.households.township
    who, where = np.append(fixed.cadre, np.array(cadres, np.int64)), np.append(fixed.household, np.full(len(cadres), household))
    counts = ((who, instance.cadres.capacity), (unit[who], instance.unit_capacity), (town[where], instance.township_capacity))
    return all(not ((limits >= 0) & (np.bincount(those, minlength=len(limits)) > limits)).any() for those, limits in counts)


def _changed(standing: Standing, changed: Instance, household: int = -1, cadres: tuple[int, ...] = ()) -> tuple[tuple[int, ...], bool]:
    """Return who has one cadre more after solving the changed instance, and whether nobody has one fewer; perhaps with pairs required."""
    if cadres:
        fixed = changed.fixed
        rows = zip(fixed.household.tolist(), fixed.cadre.tolist(), fixed.value.tolist(), strict=True)
        changed = changed.replace(fixed=Pairs.from_rows([*rows, *((household, cadre, 0) for cadre in cadres)]))
    found = solve(changed, Permission(changed), standing.task)
    size = len(changed.households)
    more = np.bincount(found.household, minlength=size) - np.bincount(standing.household, minlength=size)
    return tuple(np.flatnonzero(more > 0).tolist()), bool((more >= 0).all())


def with_places(instance: Instance, due: Ints, where: tuple[Place, ...]) -> Instance:
    """Return an instance with one place more at each of these; a duty that the capacity had cut grows with it."""
    for kind, number in where:
        if kind == "cadre":
            capacity, duty = instance.cadres.capacity.copy(), instance.cadres.duty.copy()
            capacity[number] += 1
            duty[number] = min(int(due[number]), int(capacity[number]))
            instance = instance.replace(cadres=replace(instance.cadres, capacity=capacity, duty=duty))
        else:
            name = "unit_capacity" if kind == "unit" else "township_capacity"
            limits = getattr(instance, name).copy()
            limits[number] += 1
            instance = instance.replace(**{name: limits})
    return instance
