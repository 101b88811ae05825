"""A separate problem as the rules see it: who may be paired, who must, and how much of everything there is.

Written from docs/certificate.md alone; the solver's own answers to the same questions are elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from matcher.domain import Instance, Ints
from matcher.policy import Policy

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Rules:
    """What the policy says of the order of objectives and of ties."""

    order: tuple[str, ...]
    by_income: bool
    leximax: bool
    seed: str
    position: str

    @staticmethod
    def of(policy: Policy) -> Rules:
        """Return the rules of a policy."""
        return Rules(policy.order, policy.priority.by == "income", policy.objectives.balance == "leximax",
                     policy.ties.seed, policy.ties.position)


class Problem:
    """A separate problem and what follows from its tables.

    Pairs are known by their key, household × cadres + cadre.
    """

    def __init__(self, instance: Instance, rules: Rules) -> None:
        self.instance, self.rules = instance, rules
        self.households, self.cadres = instance.households, instance.cadres
        self.width = max(len(instance.cadres), 1)
        fixed = instance.fixed
        self.fixed = np.sort(self.keys(fixed.household, fixed.cadre))
        self.avoid = np.sort(self.keys(instance.avoid.household, instance.avoid.cadre))
        self.fixed_of_household = np.bincount(fixed.household, minlength=len(self.households))
        self.fixed_of_cadre = np.bincount(fixed.cadre, minlength=len(self.cadres))
        self._around: dict[int, list[int]] = {}
        self.left = self.households.partners - self.fixed_of_household

    def keys(self, household: Ints, cadre: Ints) -> Ints:
        """Return the keys of pairs."""
        return household * self.width + cadre

    def around(self, place: int) -> list[int]:
        """Return a place and the places around it, out to everywhere (0)."""
        if place not in self._around:
            self._around[place] = [place, *(self.around(int(self.instance.parents[place])) if place else ())]
        return self._around[place]

    @cached_property
    def cadres_at(self) -> dict[int, list[int]]:
        """The cadres of every place that has some."""
        found: dict[int, list[int]] = {}
        places = self.cadres.places
        for cadre, place in zip(places.owners().tolist(), places.values.tolist(), strict=True):
            found.setdefault(place, []).append(cadre)
        return found

    @cached_property
    def villages(self) -> dict[int, tuple[Ints, Ints]]:
        """For every village its households, and the cadres whose places hold it: permitted, but for the pairs to avoid."""
        order = np.argsort(self.households.village, kind="stable")
        names, first = np.unique(self.households.village[order], return_index=True)
        found = {}
        for village, households in zip(names.tolist(), np.split(order, first[1:])[: len(names)], strict=True):
            serving = {c for place in self.around(village) for c in self.cadres_at.get(place, ())}
            found[village] = households, np.array(sorted(serving), np.int64)
        return found

    @cached_property
    def permitted_of_cadre(self) -> Ints:
        """How many households every cadre may have."""
        count = np.zeros(len(self.cadres), np.int64)
        for households, serving in self.villages.values():
            count[serving] += len(households)
        avoided = self.avoid[self.served_by_place(self.avoid // self.width, self.avoid % self.width)]
        return count - np.bincount(avoided % self.width, minlength=len(self.cadres))

    @cached_property
    def permitted_of_household(self) -> Ints:
        """How many cadres every household may have."""
        count = np.zeros(len(self.households), np.int64)
        for households, serving in self.villages.values():
            count[households] = len(serving)
        avoided = self.avoid[self.served_by_place(self.avoid // self.width, self.avoid % self.width)]
        return count - np.bincount(avoided // self.width, minlength=len(self.households))

    def served_by_place(self, household: Ints, cadre: Ints) -> Flags:
        """Return for columns of pairs whether the cadre's places hold the household's village."""
        places, size = self.cadres.places, len(self.instance.parents)
        known = np.unique(places.owners() * size + places.values)
        found = np.zeros(len(household), np.bool_)
        at = self.households.village[household]
        for _ in range(4):  # village, township, county, everywhere
            found |= np.isin(cadre * size + at, known)
            at = self.instance.parents[at]
        return found

    def permitted(self, household: Ints, cadre: Ints) -> Flags:
        """Return for columns of pairs whether each is permitted."""
        return self.served_by_place(household, cadre) & ~np.isin(self.keys(household, cadre), self.avoid)

    @cached_property
    def links(self) -> Ints:
        """Cadre × places + village for every village linked to a cadre's unit, sorted."""
        links = self.cadres.links
        return np.unique(links.owners() * len(self.instance.parents) + links.values)

    @cached_property
    def linked_to(self) -> dict[int, list[int]]:
        """The cadres whose unit is linked to each village."""
        found: dict[int, list[int]] = {}
        for key in self.links.tolist():
            found.setdefault(key % len(self.instance.parents), []).append(key // len(self.instance.parents))
        return found

    def linked(self, household: Ints, cadre: Ints) -> Flags:
        """Return for columns of pairs whether the household's village is linked to the cadre's unit."""
        return np.isin(cadre * len(self.instance.parents) + self.households.village[household], self.links)

    @cached_property
    def gains(self) -> dict[str, tuple[Ints, Ints]]:
        """What concerns single pairs: for each such objective in use sorted keys and the gain of each."""
        previous, affinity = self.instance.previous, self.instance.affinity
        first = self.households.first_kept[previous.household]
        every = {
            "continuity_first": (self.keys(previous.household, previous.cadre)[first], np.ones(int(first.sum()), np.int64)),
            "continuity": (self.keys(previous.household, previous.cadre), np.ones(len(previous), np.int64)),
            "affinity": (self.keys(affinity.household, affinity.cadre), affinity.value),
        }
        return {name: _sorted(*every[name]) for name in self.rules.order if name in every}

    def gain(self, name: str, keys: Ints) -> Ints:
        """Return what pairs gain in such an objective."""
        known, gain = self.gains[name]
        if not len(known):
            return np.zeros(len(keys), np.int64)
        at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
        return np.where(known[at] == keys, gain[at], 0)

    @cached_property
    def enter(self) -> tuple[Ints, Ints]:
        """(household, nth) of every cadre that a household may still get besides fixed ones; nth counts those, from 0."""
        who = np.repeat(np.arange(len(self.left)), self.left)
        first = np.cumsum(self.left) - self.left
        return who, np.arange(len(who)) - first[who] + self.fixed_of_household[who]


def _sorted(keys: Ints, gain: Ints) -> tuple[Ints, Ints]:
    order = np.argsort(keys)
    return keys[order], gain[order]
