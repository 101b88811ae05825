"""Explicit arcs: the pairs that are better or worse than their path through the hubs.

An explicit arc can only improve. So a pair that is *better* gets one beside its hub path; a household with a pair that is
*worse*, or must not be, leaves its hub of needs: it gets an arc to every hub of skills that holds none of those cadres, and
an arc to every cadre of the hubs that do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.domain import Instance, Ints
from matcher.formulation.groups import SkillHubs
from matcher.people.permission import Permission


@dataclass(frozen=True)
class Extras:
    """What is special of single pairs.

    Attributes
    ----------
    better : (k,) int
        Keys (household × cadres + cadre) of pairs better than their hub path, sorted.
    apart : dict of int to set of int
        Household to the cadres that it must not reach through a hub.
    never : set of int
        Keys of pairs that get no arc at all: to avoid, or fixed already.
    """

    better: Ints
    apart: dict[int, set[int]]
    never: set[int]


def pair_gains(instance: Instance, order: tuple[str, ...]) -> dict[str, tuple[Ints, Ints]]:
    """Return, for the objectives in use that look at single pairs, (sorted pair keys, gain of each)."""
    width, previous, affinity = len(instance.cadres), instance.previous, instance.affinity
    kept = previous.household * width + previous.cadre
    found = {}
    if "continuity_first" in order:
        first = instance.households.first_kept[previous.household]
        found["continuity_first"] = (kept[first], np.ones(int(first.sum()), np.int64))
    if "continuity" in order:
        found["continuity"] = (kept, np.ones(len(kept), np.int64))
    if "affinity" in order:
        some = affinity.value != 0
        found["affinity"] = ((affinity.household * width + affinity.cadre)[some], affinity.value[some])
    return {name: found[name] for name in order if name in found}


def looked_up(table: tuple[Ints, Ints], keys: Ints) -> Ints:
    """Return the gain of every pair key, 0 where the table has none."""
    known, gain = table
    if not len(known):
        return np.zeros(len(keys), np.int64)
    at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.where(known[at] == keys, gain[at], 0)


def extras(instance: Instance, permission: Permission, order: tuple[str, ...], dealt_twice: frozenset[tuple[int, int]]) -> Extras:
    """Return what is special of single pairs: lexicographically better or worse, to avoid, fixed, or dealt twice before."""
    width = len(instance.cadres)
    gains = pair_gains(instance, order)
    keys = np.unique(np.concatenate([np.zeros(0, np.int64), *(known for known, _ in gains.values())]))
    keys = keys[permission.of_pairs(keys // width, keys % width)] if len(keys) else keys
    sign = np.zeros(len(keys), np.int64)
    for table in gains.values():
        sign = np.where(sign == 0, np.sign(looked_up(table, keys)), sign)
    fixed = instance.fixed.household * width + instance.fixed.cadre
    never = set(fixed.tolist()) | set((instance.avoid.household * width + instance.avoid.cadre).tolist())
    apart: dict[int, set[int]] = {}
    for key in [*keys[sign < 0].tolist(), *never, *(h * width + c for h, c in dealt_twice)]:
        apart.setdefault(key // width, set()).add(key % width)
    left = (instance.households.partners - np.bincount(instance.fixed.household, minlength=len(instance.households))) > 0
    better = keys[(sign > 0) & ~np.isin(keys, fixed)]
    return Extras(better[left[better // width]], {h: apart[h] for h in sorted(apart) if left[h]}, never)


def leave_hubs(instance: Instance, hubs: SkillHubs, found: Extras, around: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the arcs of the households that left their hub of needs.

    Returns
    -------
    household, hub : (d,) int
        Arcs to hubs of skills.
    keys : (e,) int
        Sorted keys of all pairs with an explicit arc, the better ones included.
    """
    width = len(instance.cadres)
    households, direct, keys = [], [], [found.better]
    for household, cadres in found.apart.items():
        place = list(dict.fromkeys(around[instance.households.village[household]].tolist()))
        here = np.concatenate([hubs.at_place.of(p) for p in place])
        split = np.isin(here, np.concatenate([hubs.of_cadre.of(c) for c in sorted(cadres)]))
        direct.append(here[~split])
        households.append(np.full(len(direct[-1]), household))
        members = np.concatenate([hubs.members.of(g) for g in here[split]] or [np.zeros(0, np.int64)])
        linked = [hubs.members.of(g) for g in here[~split] if hubs.linked[g]]  # reached as well through that hub: one way is enough
        keys.append(household * width + np.setdiff1d(members, np.concatenate(linked) if linked else members[:0]))
    every = np.unique(np.concatenate(keys))
    every = every[~np.isin(every, np.fromiter(found.never, np.int64, len(found.never)))]
    none = [np.zeros(0, np.int64)]
    return np.concatenate(households or none), np.concatenate(direct or none), every
