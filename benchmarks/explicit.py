"""A judged month pair by pair: the permitted pairs and what each brings, as columns."""

from __future__ import annotations

import numpy as np

from benchmarks.problem import Ints, Pairwise
from matcher.domain import Instance


def pairwise(instance: Instance, order: tuple[str, ...], pairs: tuple[Ints, Ints]) -> Pairwise:
    """Return the month; ``pairs`` are all permitted ones, and what is fixed is taken out."""
    h, c, fixed = instance.households, instance.cadres, instance.fixed
    towns, town = np.unique(h.township, return_inverse=True)
    done = np.bincount(fixed.household, minlength=len(h))
    load = np.bincount(fixed.cadre, minlength=len(c))
    household, cadre = pairs
    most = np.minimum(c.capacity, np.bincount(cadre, minlength=len(c)))
    left, seats = h.partners - done, np.maximum(most - load, 0)
    free = (left[household] > 0) & (seats[cadre] > 0)
    free &= ~np.isin(household * len(c) + cadre, fixed.household * len(c) + fixed.cadre)
    household, cadre = household[free], cadre[free]
    names = [n for n in order if n in _GAINS]
    gains = np.stack([_GAINS[n](instance, household, cadre) for n in names], axis=1) if names else np.zeros((len(cadre), 0))
    in_town = np.bincount(town[fixed.household], minlength=len(towns))
    in_unit = np.bincount(c.unit[fixed.cadre], minlength=len(instance.unit_capacity))
    limit = instance.township_capacity[towns]
    return Pairwise(
        order=np.array(order), bands=np.array([instance.bands]), left=left, done=done, band=h.band, income_rank=h.income_rank,
        waiting=h.waiting, township=town, seats=seats, load=load, duty=c.duty, unit=c.unit,
        township_left=np.where(limit >= 0, limit - in_town, -1),
        unit_left=np.where(instance.unit_capacity >= 0, instance.unit_capacity - in_unit, -1),
        household=household.astype(np.int32), cadre=cadre.astype(np.int32), gains=gains.astype(np.int32), gained=np.array(names, "U20"),
    )


def _linked(instance: Instance, household: Ints, cadre: Ints) -> Ints:
    size = len(instance.parents)
    links = instance.cadres.links.owners() * size + instance.cadres.links.values
    return np.isin(cadre * size + instance.households.village[household], links).astype(np.int64)


def _kept(instance: Instance, household: Ints, cadre: Ints) -> Ints:
    width, previous = len(instance.cadres), instance.previous
    return np.isin(household * width + cadre, previous.household * width + previous.cadre).astype(np.int64)


def _scored(instance: Instance, household: Ints, cadre: Ints) -> Ints:
    width, score = len(instance.cadres), instance.affinity
    known, keys = score.household * width + score.cadre, household * width + cadre
    if not len(known):
        return np.zeros(len(keys), np.int64)
    at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.where(known[at] == keys, score.value[at], 0)


_GAINS = {
    "continuity_first": lambda i, h, c: _kept(i, h, c) * i.households.first_kept[h],
    "continuity": _kept,
    "village_link": _linked,
    "fit": lambda i, h, c: i.met[i.households.needs[h], i.cadres.skills[c]],
    "affinity": _scored,
    "rank_match": lambda i, h, c: (i.bands - i.households.band[h]) * i.cadres.level[c],
}
