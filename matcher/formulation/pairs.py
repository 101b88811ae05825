"""Explicit arcs: the pairs that are better or worse than their path through the hubs.

An explicit arc can only improve. So a pair that is *better* gets one beside its hub path; a household with a pair that is
*worse*, or must not be, leaves its hub of needs: it gets an arc to every hub of skills that holds none of those cadres, and
an arc to every cadre of the hubs that do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.domain import Instance, Ints
from matcher.formulation.groups import SkillHubs
from matcher.integers import among, unique, without
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
    keys = unique(np.concatenate([np.zeros(0, np.int64), *(known for known, _ in gains.values())]))
    keys = keys[permission.of_pairs(keys // width, keys % width)] if len(keys) else keys
    sign = np.ones(len(keys), np.int64)
    if any((gain <= 0).any() for _, gain in gains.values()):
        sign[:] = 0
        for table in gains.values():
            sign = np.where(sign == 0, np.sign(looked_up(table, keys)), sign)
    fixed = instance.fixed.household * width + instance.fixed.cadre
    never = set(fixed.tolist()) | set((instance.avoid.household * width + instance.avoid.cadre).tolist())
    apart: dict[int, set[int]] = {}
    for key in [*keys[sign < 0].tolist(), *never, *(h * width + c for h, c in dealt_twice)]:
        apart.setdefault(key // width, set()).add(key % width)
    left = instance.lacking() > 0
    better = keys[(sign > 0) & ~among(keys, np.sort(fixed))]
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
    width, many = len(instance.cadres), len(hubs.place)
    apart = np.array(list(found.apart), np.int64)
    chain = around[instance.households.village[apart]]
    new = np.ones(chain.shape, np.bool_)
    new[:, 1:] = chain[:, 1:] != chain[:, :-1]  # a short chain repeats its end
    row, step = np.nonzero(new)
    at, here = hubs.at_place.of_each(chain[row, step])
    of = row[at]
    never = np.array([[k, c] for k, cadres in enumerate(found.apart.values()) for c in sorted(cadres)], np.int64).reshape(-1, 2)
    at, through = hubs.of_cadre.of_each(never[:, 1])
    split = among(of * many + here, np.sort(never[at, 0] * many + through))

    def pairs(arcs: npt.NDArray[np.bool_]) -> Ints:
        at, members = hubs.members.of_each(here[arcs])
        return np.asarray(apart[of[arcs]][at] * width + members)

    linked = pairs(~split & (hubs.linked[here] == 1))  # reached as well through that hub: one way is enough
    keys = unique(np.concatenate([found.better, without(pairs(split), np.sort(linked))]))
    keys = without(keys, np.sort(np.fromiter(found.never, np.int64, len(found.never))))
    return apart[of[~split]], here[~split], keys
