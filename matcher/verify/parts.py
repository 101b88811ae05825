"""The separate problems of a month: docs/certificate.md, "Separate problems"."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TypeVar

import numpy as np

from matcher.domain import Cadres, Households, Instance, Ints, Lists, Pairs
from matcher.verify.problem import grouped

T = TypeVar("T", Households, Cadres)


def separate(instance: Instance) -> list[Instance]:
    """Return the separate problems: counties are one problem if a cadre, or a unit with a limit, serves places in several."""
    parents = instance.parents.tolist()

    def county(place: int) -> int:
        while place and parents[place]:
            place = parents[place]
        return place

    of_place = np.array([county(p) for p in range(len(parents))], np.int64)
    home = of_place[instance.households.village]
    counties = sorted(set(home.tolist()))
    if len(counties) < 2:
        return [instance]
    groups = _joined(_neighbours(instance, of_place), set(of_place.tolist()), counties)
    number = {c: min(group) for group in groups for c in group}
    of_household = np.array([number[c] for c in home.tolist()], np.int64)
    places = instance.cadres.places
    of_cadre = [number.get(int(of_place[p[0]]), -1) if len(p := places.of(c)) and p[0] else int(of_household[0])
                for c in range(len(instance.cadres))]
    at = np.array(of_cadre, np.int64)
    return [_only(instance, np.flatnonzero(of_household == g), np.flatnonzero(at == g)) for g in sorted(set(of_household.tolist()))]


def _neighbours(instance: Instance, of_place: Ints) -> list[set[int]]:
    """Return the sets of counties that a cadre, or a unit with a limit, serves; 0 is everywhere."""
    found: dict[tuple[str, int], set[int]] = {}
    places, unit = instance.cadres.places, instance.cadres.unit.tolist()
    for c, place in zip(places.owners().tolist(), places.values.tolist(), strict=True):
        found.setdefault(("cadre", c), set()).add(int(of_place[place]))
        if instance.unit_capacity[unit[c]] >= 0:
            found.setdefault(("unit", unit[c]), set()).add(int(of_place[place]))
    return list(found.values())


def _joined(sets: list[set[int]], every: set[int], counties: list[int]) -> list[set[int]]:
    groups = [{c} for c in sorted(every)]
    for near in {frozenset(s | set(counties) if 0 in s else s) for s in sets}:
        touched = [g for g in groups if g & near]
        if len(touched) > 1:
            groups = [g for g in groups if not g & near] + [set().union(*touched)]
    return groups


def _only(instance: Instance, household: Ints, cadre: Ints) -> Instance:
    """Return the instance of some households and cadres."""
    households = _taken(instance.households, household)
    cadres = _taken(instance.cadres, cadre)
    units, unit = np.unique(cadres.unit, return_inverse=True)
    new_household, new_cadre = (_numbers(chosen, size) for chosen, size in
                                ((household, len(instance.households)), (cadre, len(instance.cadres))))
    pairs = {}
    for name in ("previous", "fixed", "avoid", "affinity"):
        old: Pairs = getattr(instance, name)
        moved = Pairs(new_household[old.household], new_cadre[old.cadre], old.value)
        pairs[name] = moved.where((moved.household >= 0) & (moved.cadre >= 0))
    return instance.replace(households=households, cadres=replace(cadres, unit=unit), unit_capacity=instance.unit_capacity[units],
                            unit_names=tuple(instance.unit_names[u] for u in units.tolist()), **pairs)


def _taken(rows: T, chosen: Ints) -> T:
    found: dict[str, object] = {}
    for field in fields(rows):
        column = getattr(rows, field.name)
        if isinstance(column, Lists):
            which, values = column.of_each(chosen)
            found[field.name] = grouped(which, values, len(chosen))
        else:
            found[field.name] = tuple(column[k] for k in chosen.tolist()) if isinstance(column, tuple) else column[chosen]
    return replace(rows, **found)  # type: ignore[arg-type]


def _numbers(chosen: Ints, size: int) -> Ints:
    found = np.full(size, -1, np.int64)
    found[chosen] = np.arange(len(chosen))
    return found
