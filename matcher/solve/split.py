"""Counties without a shared cadre or unit are separate problems: split, solve side by side, put together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from matcher.domain import Cadres, Households, Instance, Ints, Lists, Pairs
from matcher.integers import among, unique
from matcher.people.permission import chains


@dataclass(frozen=True)
class Part:
    """A part of an instance: which households and cadres of the whole it holds."""

    whole: Instance
    household: Ints
    cadre: Ints

    @cached_property
    def instance(self) -> Instance:
        """The part as an instance of its own, made where it is asked for: in the process that solves it."""
        everybody = len(self.household) == len(self.whole.households) and len(self.cadre) == len(self.whole.cadres)
        return self.whole if everybody else _subset(self.whole, self.household, self.cadre)

    @cached_property
    def units(self) -> Ints:
        """The whole's number of each unit of the part."""
        return unique(self.whole.cadres.unit[self.cadre])


def parts(instance: Instance) -> list[Part]:
    """Return the separate problems of an instance, in the order of their first county; one if they all hang together."""
    chain = chains(instance.parents)
    county = _county(chain)
    counties = unique(county[instance.households.village])
    if len(counties) < 2:
        return [Part(instance, np.arange(len(instance.households)), np.arange(len(instance.cadres)))]
    group = _groups(instance, county, counties)
    of_household = group[county[instance.households.village]]
    first_place = _first_places(instance)
    of_cadre = np.where(first_place > 0, group[county[first_place]], of_household[0] if len(of_household) else 0)
    return [
        Part(instance, h, c)
        for g in sorted(set(of_household.tolist()))
        for h, c in [(np.flatnonzero(of_household == g), np.flatnonzero(of_cadre == g))]
    ]


def _county(chain: Ints) -> Ints:
    """Return the county of every place, 0 for everywhere."""
    level = (chain != 0).sum(axis=1)
    return np.where(level > 0, chain[np.arange(len(chain)), np.maximum(level - 1, 0)], 0)


def _first_places(instance: Instance) -> Ints:
    starts, values = instance.cadres.places.starts, instance.cadres.places.values
    found = np.zeros(len(instance.cadres), np.int64)
    some = np.diff(starts) > 0
    found[some] = values[starts[:-1][some]]
    return found


def _groups(instance: Instance, county: Ints, counties: Ints) -> Ints:
    """Return the group of every county (by place number): joined by cadres and by units with a limit."""
    root = np.arange(len(instance.parents))

    def find(place: int) -> int:
        while root[place] != place:
            root[place] = root[root[place]]
            place = int(root[place])
        return place

    owner = instance.cadres.places.owners()
    at = county[instance.cadres.places.values]
    limited = instance.unit_capacity[instance.cadres.unit[owner]] >= 0
    by_unit = len(instance.cadres) + instance.cadres.unit[owner]
    size = len(instance.parents)
    edges = unique(np.concatenate([owner * size + at, (by_unit * size + at)[limited]]))
    shared = np.flatnonzero(np.bincount(edges // size) > 1)  # of a single county: joins nothing
    edges = edges[among(edges // size, shared) | (edges % size == 0)]
    first: dict[int, int] = {}
    for edge in edges.tolist():
        key, place = divmod(edge, size)
        near = [place] if place else counties.tolist()
        anchor = first.setdefault(key, near[0])
        for other in near:
            a, b = sorted((find(anchor), find(other)))
            root[b] = a
    return np.array([find(p) for p in range(len(root))], np.int64)


def _subset(instance: Instance, household: Ints, cadre: Ints) -> Instance:
    h, c = instance.households, instance.cadres
    take = {name: getattr(h, name)[household] for name in
            ("village", "township", "band", "income_rank", "first_kept", "needs", "partners", "waiting")}
    households = Households(ids=tuple(map(h.ids.__getitem__, household.tolist())), **take)
    units, unit = np.unique(c.unit[cadre], return_inverse=True)
    cadres = Cadres(
        tuple(map(c.ids.__getitem__, cadre.tolist())), unit, c.capacity[cadre], c.duty[cadre], c.level[cadre], c.skills[cadre],
        _sublists(c.places, cadre), _sublists(c.links, cadre),
    )
    number = _numbers(household, len(h)), _numbers(cadre, len(c))
    return replace(
        instance, households=households, cadres=cadres, unit_names=tuple(instance.unit_names[u] for u in units),
        unit_capacity=instance.unit_capacity[units], previous=_subpairs(instance.previous, *number),
        fixed=_subpairs(instance.fixed, *number), avoid=_subpairs(instance.avoid, *number),
        affinity=_subpairs(instance.affinity, *number),
    )


def _numbers(chosen: Ints, size: int) -> Ints:
    number = np.full(size, -1, np.int64)
    number[chosen] = np.arange(len(chosen))
    return number


def _sublists(lists: Lists, chosen: Ints) -> Lists:
    starts = np.concatenate([[0], np.cumsum(np.diff(lists.starts)[chosen])])
    return Lists(starts, lists.of_each(chosen)[1])


def _subpairs(pairs: Pairs, household: Ints, cadre: Ints) -> Pairs:
    some = np.flatnonzero((household >= 0)[pairs.household])  # a small part of the whole's: the rest is not looked at again
    some = some[cadre[pairs.cadre[some]] >= 0]
    return Pairs(household[pairs.household[some]], cadre[pairs.cadre[some]], pairs.value[some])
