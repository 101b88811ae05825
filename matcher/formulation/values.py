"""The value of every objective of a roster, recounted from the instance and not from costs or flows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from matcher.domain import Instance, Ints
from matcher.formulation.pairs import looked_up, pair_gains
from matcher.integers import among, unique

Value = int | list[int]


def values(instance: Instance, household: Ints, cadre: Ints, order: tuple[str, ...], by_income: bool, leximax: bool) -> dict[str, Value]:
    """Return the values in the order of the objectives (product.md, section 5), as Python integers."""
    households, cadres, width = instance.households, instance.cadres, len(instance.cadres)
    gains = pair_gains(instance, order)
    load = np.bincount(cadre, minlength=width)
    served = unique(household)
    keys = household * width + cadre
    links = unique(cadres.links.owners() * len(instance.parents) + cadres.links.values)
    counted: dict[str, Callable[[], Any]] = {
        "coverage": lambda: len(household) if by_income else _coverage(instance, household),
        "duty": np.minimum(load, cadres.duty).sum,
        "village_link": among(cadre * len(instance.parents) + households.village[household], links).sum,
        "fit": instance.met[households.needs[household], cadres.skills[cadre]].sum,
        "waiting": households.waiting[served].sum,
        "rank_match": ((instance.bands - households.band[household]) * cadres.level[cadre]).sum,
        "balance": lambda: _leximax(load) if leximax else (load * load).sum(),
    }
    found: dict[str, Value] = {}
    for name in order:
        value = looked_up(gains[name], keys).sum() if name in gains else counted[name]()
        found[name] = value if isinstance(value, list) else int(value)
    return found


def _coverage(instance: Instance, household: Ints) -> list[int]:
    """Return how many households of each band have a first cadre, then a second, and so on."""
    deepest = int(instance.households.partners.max(initial=1))
    got = np.bincount(household, minlength=len(instance.households))
    return [
        int(((got > nth) & (instance.households.band == band)).sum()) for nth in range(deepest) for band in range(instance.bands)
    ]


def _leximax(load: Ints) -> list[int]:
    return [int(np.maximum(load - level + 1, 0).sum()) for level in range(int(load.max(initial=0)), 0, -1)]
