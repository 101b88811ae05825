"""A separate problem as the rules see it: who may be paired, who must, how much there is of everything; and a roster of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
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
    """A separate problem and what follows from its tables; a pair is known by its key, household × cadres + cadre.

    Attributes
    ----------
    town, unit, household, cadre : int
        The first node of each kind; the sink is node 0.
    left : (households,) int
        Cadres that each may get besides fixed ones.
    permitted_of_household, permitted_of_cadre : int columns
        How many permitted pairs everybody has.
    """

    def __init__(self, instance: Instance, rules: Rules) -> None:
        self.instance, self.rules = instance, rules
        self.households, self.cadres = instance.households, instance.cadres
        self.width = max(len(instance.cadres), 1)
        self.fixed, self.avoid = (np.sort(self.keys(p.household, p.cadre)) for p in (instance.fixed, instance.avoid))
        self.fixed_of_household = np.bincount(instance.fixed.household, minlength=len(self.households))
        self.fixed_of_cadre = np.bincount(instance.fixed.cadre, minlength=len(self.cadres))
        self.left = self.households.partners - self.fixed_of_household
        self.town, self.unit = 1, 1 + len(instance.parents)
        self.household = self.unit + len(instance.unit_names)
        self.cadre = self.household + len(self.households)
        self.permitted_of_household, self.permitted_of_cadre = self._permitted()

    @cached_property
    def names(self) -> list[str]:
        """Every node's name in the certificate; "" for places without households of their own and units without a limit."""
        instance, towns = self.instance, set(self.households.township.tolist())
        return [
            "sink", *(f"township\x1f{name}" if place in towns else "" for place, name in enumerate(instance.place_names)),
            *(f"unit\x1f{name}" if limit >= 0 else "" for name, limit in zip(instance.unit_names, instance.unit_capacity, strict=True)),
            *(f"household\x1f{key}" for key in self.households.ids), *(f"cadre\x1f{key}" for key in self.cadres.ids),
        ]

    @cached_property
    def traits(self) -> Ints:
        """(2, nodes) int: a household's needs and band, a cadre's skills and level."""
        homes, cadres = self.households, self.cadres
        return np.concatenate([np.zeros((2, self.household), np.int64), [homes.needs, homes.band], [cadres.skills, cadres.level]], axis=1)

    def keys(self, household: Ints, cadre: Ints) -> Ints:
        """Return the keys of pairs."""
        return household * self.width + cadre

    @cached_property
    def around(self) -> Ints:
        """(places, 4) int: every place, then those around it out to everywhere (0), then -1."""
        columns = [np.arange(len(self.instance.parents))]
        for _ in range(3):
            columns.append(np.where(columns[-1] > 0, self.instance.parents[columns[-1]], -1))
        return np.stack(columns, axis=1)

    @cached_property
    def serving(self) -> Lists:
        """The cadres who may serve every place as such; no place of a cadre lies inside another."""
        return grouped(self.cadres.places.values, self.cadres.places.owners(), len(self.instance.parents))

    def serves(self, cadre: Ints, place: Ints) -> Flags:
        """Return for columns of cadres and places whether the cadre's places hold the place."""
        around = self.around[place]
        known = self.keys(self.serving.owners(), self.serving.values)
        return np.asarray(among(np.where(around >= 0, self.keys(around, cadre[:, None]), -1), known).any(axis=1))

    def permitted(self, keys: Ints) -> Flags:
        """Return for pairs whether each is permitted."""
        return self.serves(keys % self.width, self.households.village[keys // self.width]) & ~among(keys, self.avoid)

    def _permitted(self) -> tuple[Ints, Ints]:
        """Return how many cadres every household, how many households every cadre may have."""
        places, around = self.cadres.places, self.around[self.households.village]
        size = len(self.instance.parents)
        here, living = np.bincount(places.values, minlength=size), np.bincount(around[around >= 0], minlength=size)
        household, cadre = np.divmod(self.avoid, self.width)
        gone = self.serves(cadre, self.households.village[household])
        of_household = np.where(around >= 0, here[around], 0).sum(axis=1) - np.bincount(household[gone], minlength=len(around))
        of_cadre = totals(places.owners(), living[places.values], len(self.cadres))
        return of_household, of_cadre - np.bincount(cadre[gone], minlength=len(of_cadre))

    @cached_property
    def linked_to(self) -> Lists:
        """The cadres whose unit is linked to every village."""
        return grouped(self.cadres.links.values, self.cadres.links.owners(), len(self.instance.parents))

    def linked(self, household: Ints, cadre: Ints) -> Flags:
        """Return for columns of pairs whether the household's village is linked to the cadre's unit."""
        return among(self.keys(self.households.village[household], cadre), self.keys(self.linked_to.owners(), self.linked_to.values))

    @cached_property
    def gains(self) -> dict[str, tuple[Ints, Ints]]:
        """What concerns single pairs: for each such objective in use sorted keys and the gain of each."""
        last, scores = self.instance.previous, self.instance.affinity
        kept, first = self.keys(last.household, last.cadre), self.households.first_kept[last.household]
        every = {"continuity_first": (kept[first], kept[first] * 0 + 1), "continuity": (kept, kept * 0 + 1),
                 "affinity": (self.keys(scores.household, scores.cadre), scores.value)}
        return {name: (np.sort(keys), gain[np.argsort(keys)]) for name, (keys, gain) in every.items() if name in self.rules.order}

    def gain(self, name: str, keys: Ints) -> Ints:
        """Return what pairs gain in such an objective."""
        known, gain = self.gains[name]
        at = np.searchsorted(known, keys) * among(keys, known)
        return np.where(among(keys, known), gain[at], 0) if len(known) else keys * 0

    @cached_property
    def enter(self) -> tuple[Ints, Ints]:
        """(household, nth) of every cadre that a household may still get besides fixed ones; nth counts those, from 0."""
        who, nth = numbered(self.left)
        return who, nth + self.fixed_of_household[who]


@dataclass(frozen=True)
class Roster:
    """The pairs besides fixed ones, as columns sorted by key, and the loads of everybody, fixed ones included."""

    household: Ints
    cadre: Ints
    got: Ints
    load: Ints

    @staticmethod
    def of(problem: Problem, household: Ints, cadre: Ints) -> Roster:
        """Return the roster of all its pairs."""
        keys = np.sort(problem.keys(household, cadre))
        return Roster(*np.divmod(keys[~among(keys, problem.fixed)], problem.width),
                      np.bincount(household, minlength=len(problem.households)), np.bincount(cadre, minlength=len(problem.cadres)))


def among(values: Ints, known: Ints) -> Flags:
    """Return which values are among known ones, which are sorted."""
    if not len(known):
        return np.zeros(values.shape, np.bool_)
    return np.asarray(known[np.minimum(np.searchsorted(known, values), len(known) - 1)] == values)


def together(*columns: Ints) -> Ints:
    """Return all distinct values of columns, sorted."""
    return np.unique(np.concatenate([np.zeros(0, np.int64), *columns]))


def distinct(*columns: Ints) -> tuple[Ints, Ints]:
    """Return the distinct rows of columns, sorted, again as columns; and for every row which of them it is."""
    table = np.stack(columns)
    order = np.lexsort(table[::-1])
    ordered = table[:, order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)
    number = np.empty(len(order), np.int64)
    number[order] = np.cumsum(new) - 1
    return ordered[:, new], number


def grouped(owner: Ints, values: Ints, owners: int) -> Lists:
    """Return the values of every owner, sorted."""
    return Lists(np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=owners))]), values[np.lexsort((values, owner))])


def numbered(counts: Ints) -> tuple[Ints, Ints]:
    """Return everybody as often as counted, and a number for each time, from 0."""
    who = np.repeat(np.arange(len(counts)), counts)
    return who, np.arange(len(who)) - (np.cumsum(counts) - counts)[who]


def totals(owner: Ints, values: Ints, owners: int) -> Ints:
    """Return the sum of every owner's values."""
    return np.bincount(owner, values, owners).astype(np.int64)


def tickets(seed: str, kind: str, names: Iterable[str]) -> Tickets:
    """Return tickets of 64 bits: the first 8 bytes of SHA-256 of ``seed|kind|name``."""
    digests = b"".join([hashlib.sha256(f"{seed}|{kind}|{name}".encode()).digest() for name in names])
    return np.frombuffer(digests, ">u8")[::4].astype(np.uint64)
