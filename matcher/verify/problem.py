"""Separate problems, each as the rules see it: who may be paired, who must, how much there is of everything; and a roster of it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from matcher.domain import Cadres, Households, Instance, Ints, Lists, Mask, Pairs
from matcher.integers import among, unique, without
from matcher.messages import N_, message
from matcher.policy import Policy
from matcher.verify import Flaw
from matcher.verify.arrays import components, grouped, numbered, totals

T = TypeVar("T", Households, Cadres)


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
        by_income, leximax = policy.priority.by == "income", policy.objectives.balance == "leximax"
        return Rules(policy.order, by_income, leximax, policy.ties.seed, policy.ties.position)


class Problem:
    """A separate problem and what follows from its tables; a pair is known by its key, household × cadres + cadre.

    ``town``, ``unit``, ``household``, ``cadre`` are the first nodes of each kind; the sink is node 0. ``left`` is how many cadres each
    household may get besides fixed ones, ``permitted_of_…`` how many permitted pairs everybody has.
    """

    def __init__(self, instance: Instance, rules: Rules) -> None:
        self.instance, self.rules = instance, rules
        self.households, self.cadres, self.width = instance.households, instance.cadres, max(len(instance.cadres), 1)
        self.fixed, self.avoid = (np.sort(self.keys(p.household, p.cadre)) for p in (instance.fixed, instance.avoid))
        self.fixed_of_household = np.bincount(instance.fixed.household, minlength=len(self.households))
        self.fixed_of_cadre = np.bincount(instance.fixed.cadre, minlength=len(self.cadres))
        self.left = self.households.partners - self.fixed_of_household
        self.permitted_of_household, self.permitted_of_cadre = self._permitted()
        self.town, self.unit = 1, 1 + len(instance.parents)
        self.household = self.unit + len(instance.unit_names)
        self.cadre = self.household + len(self.households)

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

    def serves(self, cadre: Ints, place: Ints) -> Mask:
        """Return for columns of cadres and places whether the cadre's places hold the place."""
        around, known = self.around[place], self.keys(self.serving.owners(), self.serving.values)
        return np.asarray(among(np.where(around >= 0, self.keys(around, cadre[:, None]), -1), known).any(axis=1))

    def permitted(self, keys: Ints) -> Mask:
        """Return for pairs whether each is permitted."""
        return self.serves(keys % self.width, self.households.village[keys // self.width]) & ~among(keys, self.avoid)

    def _permitted(self) -> tuple[Ints, Ints]:
        places, around, size = self.cadres.places, self.around[self.households.village], len(self.instance.parents)
        here, living = np.bincount(places.values, minlength=size), np.bincount(around[around >= 0], minlength=size)
        household, cadre = np.divmod(self.avoid, self.width)
        gone = self.serves(cadre, self.households.village[household])
        of_household = np.where(around >= 0, here[around], 0).sum(axis=1) - np.bincount(household[gone], minlength=len(around))
        of_cadre = totals(places.owners(), living[places.values], len(self.cadres))
        return of_household, of_cadre - np.bincount(cadre[gone], minlength=len(of_cadre))

    def linked(self, village: Ints, cadre: Ints) -> Ints:
        """Return for columns of villages and cadres 1 where the village is linked to the cadre's unit, else 0."""
        links = self.cadres.links
        return among(self.keys(village, cadre), np.sort(self.keys(links.values, links.owners()))).astype(np.int64)

    @cached_property
    def ways(self) -> tuple[Ints, Ints, Ints]:
        """(cadre, place, linked): cadres and the places that they serve as such; if links count, and the villages that they serve so."""
        places, links = self.cadres.places, self.cadres.links
        near = self.serves(links.owners(), links.values) & ("village_link" in self.rules.order)
        cadre, place = (np.concatenate([a, b[near]]) for a, b in ((places.owners(), links.owners()), (places.values, links.values)))
        return cadre, place, (np.arange(len(cadre)) >= len(places.values)).astype(np.int64)

    @cached_property
    def gains(self) -> dict[str, tuple[Ints, Ints]]:
        """What concerns single pairs: for each such objective, in the policy's order, sorted keys and the gain of each."""
        last, scores = self.instance.previous, self.instance.affinity
        kept, first = self.keys(last.household, last.cadre), self.households.first_kept[last.household]
        every = {"continuity_first": (kept[first], kept[first] * 0 + 1), "continuity": (kept, kept * 0 + 1),
                 "affinity": (self.keys(scores.household, scores.cadre), scores.value)}
        return {name: (np.sort(every[name][0]), every[name][1][np.argsort(every[name][0])]) for name in self.rules.order if name in every}

    def gain(self, name: str, keys: Ints) -> Ints:
        """Return what pairs gain in such an objective."""
        known, gain = self.gains[name]
        return np.where(among(keys, known), np.append(gain, 0)[np.searchsorted(known, keys)], 0)

    @cached_property
    def enter(self) -> tuple[Ints, Ints]:
        """(household, nth) of every cadre that a household may still get besides fixed ones; nth counts those, from 0."""
        who, nth = numbered(self.left)
        return who, nth + self.fixed_of_household[who]

    def about(self, text: str, key: int) -> Flaw:
        """Return the flaw that a message tells of a pair."""
        household, cadre = divmod(int(key), self.width)
        return Flaw(message(text, household=self.households.ids[household], cadre=self.cadres.ids[cadre]))


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
        keys = without(problem.keys(household, cadre), problem.fixed)
        return Roster(*np.divmod(keys, problem.width), np.bincount(household, minlength=len(problem.households)),
                      np.bincount(cadre, minlength=len(problem.cadres)))


def columns(problem: Problem, pairs: list[tuple[str, str]]) -> tuple[Ints, Ints]:
    """Return pairs of ids as numbers, or raise :class:`Flaw` if somebody is paired who is not eligible or takes no part."""
    household, cadre = (dict(zip(ids, range(len(ids)), strict=True)) for ids in (problem.households.ids, problem.cadres.ids))
    try:
        return np.array([household[h] for h, _ in pairs], np.int64), np.array([cadre[c] for _, c in pairs], np.int64)
    except KeyError:
        h, c = next((h, c) for h, c in pairs if h not in household or c not in cadre)
        raise Flaw(message(N_("{household} with {cadre}: one of them must not be paired."), household=h, cadre=c)) from None


def check_feasible(problem: Problem, pairs: list[tuple[str, str]]) -> Roster:
    """Return the roster of pairs of ids, or raise :class:`Flaw` unless all are permitted, all fixed ones there, and every limit is kept."""
    household, cadre = columns(problem, pairs)
    instance, homes, cadres, keys = problem.instance, problem.households, problem.cadres, problem.keys(household, cadre)
    for key in keys[~problem.permitted(keys)]:
        raise problem.about(N_("{household} and {cadre} may not be paired."), key)
    if len(unique(keys)) < len(keys):
        raise Flaw(message(N_("A pair stands in the roster twice.")))
    for key in without(problem.fixed, np.sort(keys)):
        raise problem.about(N_("The fixed pair {household} and {cadre} is not in the roster."), key)
    for text, who, limit, names in (
        (N_("household {name} has {count} cadres, more than {limit}"), household, homes.partners, homes.ids),
        (N_("cadre {name} has {count} households, more than {limit}"), cadre, cadres.capacity, cadres.ids),
        (N_("unit {name} has {count} pairings, more than {limit}"), cadres.unit[cadre], instance.unit_capacity, instance.unit_names),
        (N_("township {name} has {count} pairings, more than {limit}"), homes.township[household],
         instance.township_capacity, instance.place_names),
    ):
        count = np.bincount(who, minlength=len(limit))
        for k in np.flatnonzero((limit >= 0) & (count > limit)):
            raise Flaw(message(text, name=names[k].strip("/"), count=int(count[k]), limit=int(limit[k])))
    return Roster.of(problem, household, cadre)


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


def _only(instance: Instance, household: Mask, cadre: Mask) -> Instance:
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
