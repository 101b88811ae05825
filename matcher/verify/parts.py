"""The separate problems of a month: docs/certificate.md, "Separate problems"."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, TypeVar

import numpy as np

from matcher.domain import Cadres, Households, Instance, Ints, Lists, Pairs
from matcher.integers import unique
from matcher.verify.arrays import Flags, grouped
from matcher.verify.components import components

T = TypeVar("T", Households, Cadres)


def separate(instance: Instance) -> list[Instance]:
    """Return the separate problems: counties are one problem if a cadre, or a unit with a limit, serves places in several."""
    size, county, cadres = len(instance.parents), np.arange(len(instance.parents)), len(instance.cadres)
    for _ in range(2):
        county = np.where(instance.parents[county] > 0, instance.parents[county], county)
    home, who = county[instance.households.village], instance.cadres.places.owners()
    if len(unique(home)) < 2:
        return [instance]
    served, unit = county[instance.cadres.places.values], instance.cadres.unit[who]
    limited, everywhere = instance.unit_capacity[unit] >= 0, home if (served == 0).any() else home[:0]
    near = np.concatenate([np.arange(size), size + who, size + cadres + unit[limited], 0 * everywhere])
    far = np.concatenate([np.arange(size), served, served[limited], everywhere])
    group = components(np.concatenate([near, far]), np.concatenate([far, near]), size + cadres + len(instance.unit_capacity))
    of_household, of_cadre = group[home], group[size : size + cadres]
    of_cadre = np.where(of_cadre < 0, of_household[0], of_cadre)
    ordered = dict.fromkeys(group[unique(county)].tolist())
    return [_only(instance, of_household == g, of_cadre == g) for g in ordered if (of_household == g).any()]


def _only(instance: Instance, household: Flags, cadre: Flags) -> Instance:
    """Return the instance of some households and cadres."""
    cadres = _taken(instance.cadres, np.flatnonzero(cadre))
    units, unit = np.unique(cadres.unit, return_inverse=True)
    number = [np.where(chosen, np.cumsum(chosen) - 1, -1) for chosen in (household, cadre)]
    changes: dict[str, Any] = {}
    for name in ("previous", "fixed", "avoid", "affinity"):
        old: Pairs = getattr(instance, name)
        moved = Pairs(number[0][old.household], number[1][old.cadre], old.value)
        changes[name] = moved.where((moved.household >= 0) & (moved.cadre >= 0))
    return instance.replace(households=_taken(instance.households, np.flatnonzero(household)), cadres=replace(cadres, unit=unit),
                            unit_capacity=instance.unit_capacity[units],
                            unit_names=tuple(instance.unit_names[u] for u in units.tolist()), **changes)


def _taken(rows: T, chosen: Ints) -> T:
    found: dict[str, Any] = {}
    for field in fields(rows):
        column = getattr(rows, field.name)
        if isinstance(column, Lists):
            which, values = column.of_each(chosen)
            found[field.name] = grouped(which, values, len(chosen))
        else:
            found[field.name] = tuple(column[k] for k in chosen.tolist()) if isinstance(column, tuple) else column[chosen]
    return replace(rows, **found)
