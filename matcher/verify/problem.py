"""A separate problem as the rules see it: who may be paired, who must, and how much of everything there is.

Written from docs/certificate.md alone; the solver's own answers to the same questions are elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from matcher.domain import Instance, Ints, Lists
from matcher.policy import Policy

Flags = npt.NDArray[np.bool_]
Tickets = npt.NDArray[np.uint64]


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
        self.left = self.households.partners - self.fixed_of_household

    def keys(self, household: Ints, cadre: Ints) -> Ints:
        """Return the keys of pairs."""
        return household * self.width + cadre

    def under(self, *order: str) -> Problem:
        """Return the same problem with other objectives; what does not depend on them is not found again."""
        other = copy(self)
        other.__dict__.pop("gains", None)
        other.rules = replace(self.rules, order=order)
        return other

    @cached_property
    def around(self) -> Ints:
        """(places, 4) int: every place, then those around it out to everywhere (0), then -1."""
        columns = [np.arange(len(self.instance.parents))]
        for _ in range(3):
            columns.append(np.where(columns[-1] > 0, self.instance.parents[columns[-1]], -1))
        return np.stack(columns, axis=1)

    @cached_property
    def cadres_at(self) -> Lists:
        """The cadres who may serve every place as such."""
        places = self.cadres.places
        return grouped(places.values, places.owners(), len(self.instance.parents))

    @cached_property
    def villages(self) -> dict[int, tuple[Ints, Ints]]:
        """For every village its households, and the cadres whose places hold it: permitted, but for the pairs to avoid."""
        of_village = grouped(self.households.village, np.arange(len(self.households)), len(self.instance.parents))
        found = {}
        for village in np.flatnonzero(np.diff(of_village.starts)).tolist():
            around = self.around[village]
            found[village] = of_village.of(village), together(self.cadres_at.of_each(around[around >= 0])[1])
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
        return self.serves(cadre, self.households.village[household])

    def serves(self, cadre: Ints, place: Ints) -> Flags:
        """Return for columns of cadres and places whether the cadre's places hold the place."""
        places, size = self.cadres.places, len(self.instance.parents)
        around = self.around[place]
        known = np.sort(places.owners() * size + places.values)
        return np.asarray(among(np.where(around >= 0, cadre[:, None] * size + around, -1), known).any(axis=1))

    def permitted(self, household: Ints, cadre: Ints) -> Flags:
        """Return for columns of pairs whether each is permitted."""
        return self.served_by_place(household, cadre) & ~among(self.keys(household, cadre), self.avoid)

    @cached_property
    def linked_to(self) -> Lists:
        """The cadres whose unit is linked to every village."""
        links = self.cadres.links
        return grouped(links.values, links.owners(), len(self.instance.parents))

    def linked(self, household: Ints, cadre: Ints) -> Flags:
        """Return for columns of pairs whether the household's village is linked to the cadre's unit."""
        known = self.keys(self.linked_to.owners(), self.linked_to.values)
        return among(self.keys(self.households.village[household], cadre), known)

    @cached_property
    def tickets(self) -> Tickets:
        """Every household's ticket."""
        return tickets(self.rules.seed, "household", self.households.ids)

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


def among(values: Ints, known: Ints) -> Flags:
    """Return which values are among known ones, which are sorted."""
    if not len(known):
        return np.zeros(values.shape, np.bool_)
    return np.asarray(known[np.minimum(np.searchsorted(known, values), len(known) - 1)] == values)


def together(*columns: Ints) -> Ints:
    """Return all distinct values of columns, sorted."""
    values = np.sort(np.concatenate([np.zeros(0, np.int64), *columns]))
    return np.asarray(values[np.concatenate([np.ones(min(len(values), 1), np.bool_), values[1:] != values[:-1]])])


def grouped(owner: Ints, values: Ints, owners: int) -> Lists:
    """Return the values of every owner, sorted."""
    order = np.lexsort((values, owner))
    return Lists(np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=owners))]), values[order])


def tickets(seed: str, kind: str, names: Iterable[str]) -> Tickets:
    """Return tickets of 64 bits: the first 8 bytes of SHA-256 of ``seed|kind|name``."""
    digests = b"".join([hashlib.sha256(f"{seed}|{kind}|{name}".encode()).digest() for name in names])
    return np.frombuffer(digests, ">u8")[::4].astype(np.uint64)


def _sorted(keys: Ints, gain: Ints) -> tuple[Ints, Ints]:
    order = np.argsort(keys)
    return keys[order], gain[order]
