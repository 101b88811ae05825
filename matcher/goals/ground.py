"""The judged month with everything that may be added to it: items that grow step by step, and the month after some steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from matcher.domain import Cadres, Instance, Ints, Lists
from matcher.people.permission import Permission

CADRE, UNIT, TOWNSHIP, RANK, ADDED = "cadre", "unit", "township", "rank", "new_cadre"


@dataclass(frozen=True)
class Item:
    """Something that may grow.

    Attributes
    ----------
    kind : str
        ``cadre``, ``unit``, ``township``, ``rank`` or ``new_cadre``.
    number : int
        Of the cadre or unit; of the township's place, where it is one or where new cadres would serve; −1 for a rank.
    name : str
        As the tables call it.
    cadres : (k,) int
        Whose capacities one step raises: of a cadre itself, of a rank its cadres; else none.
    weight : int
        What one step counts: places, or new cadres.
    each : int
        Pairings that one step makes room for, at most.
    most : int
        Steps beyond which nothing more can be served.
    """

    kind: str
    number: int
    name: str
    cadres: Ints
    weight: int
    each: int
    most: int


@dataclass(frozen=True)
class Newcomer:
    """What every new cadre is.

    Attributes
    ----------
    skills : tuple of str
        In the policy's words.
    capacity, duty : int
    """

    skills: tuple[str, ...]
    capacity: int
    duty: int


@dataclass(frozen=True)
class Ground:
    """A judged month and what may be added to it.

    Attributes
    ----------
    due : (cadres,) int
        Duties before the capacity limits them.
    newcomer : Newcomer or None
    """

    instance: Instance
    due: Ints
    items: tuple[Item, ...]
    newcomer: Newcomer | None = None

    @property
    def wanted(self) -> int:
        """The pairings that the eligible households want together."""
        return int(self.instance.households.partners.sum())

    @property
    def most(self) -> tuple[int, ...]:
        """As many steps of everything as can matter."""
        return tuple(i.most for i in self.items)

    def weight(self, steps: Sequence[int]) -> int:
        """Return what steps count together."""
        return sum(i.weight * n for i, n in zip(self.items, steps, strict=True))

    def changed(self, steps: Sequence[int]) -> Instance:
        """Return the month after so many steps of every item."""
        instance = self.instance
        capacity, limits = instance.cadres.capacity.copy(), instance.unit_capacity.copy()
        quotas = instance.township_capacity.copy()
        added: list[int] = []
        for item, n in zip(self.items, steps, strict=True):
            capacity[item.cadres] += n
            if item.kind == UNIT:
                limits[item.number] += n
            elif item.kind == TOWNSHIP:
                quotas[item.number] += n
            elif item.kind == ADDED:
                added += [item.number] * n
        duty = np.minimum(self.due, capacity)
        cadres = replace(instance.cadres, capacity=capacity, duty=duty)
        grown = instance.replace(cadres=cadres, unit_capacity=limits, township_capacity=quotas)
        return with_newcomers(grown, self.newcomer, added) if self.newcomer and added else grown


def rooms(instance: Instance) -> Ints:
    """Return by how much every cadre's capacity could rise before it exceeds the households that it may serve."""
    return np.asarray(np.maximum(Permission(instance).counts()[1] - instance.cadres.capacity, 0), np.int64)


def with_newcomers(instance: Instance, newcomer: Newcomer, places: Sequence[int]) -> Instance:
    """Return a month with one more cadre at each of these places, of one new unit without a limit, after all others.

    They have no rank, no link and none of last month's pairs.
    """
    old, many = instance.cadres, len(places)
    words, said = set(newcomer.skills), "、".join(sorted(newcomer.skills))
    if said not in instance.skills_names:  # a set of skills has one column and one name, else the draw could not tell its hubs apart
        column = np.array([[len(words & set(names.split("、"))) for names in instance.needs_names]], np.int64).T
        instance = instance.replace(met=np.concatenate([instance.met, column], axis=1), skills_names=(*instance.skills_names, said))
    last = max(old.ids, default="")
    empty = Lists(np.zeros(many + 1, np.int64), np.zeros(0, np.int64))
    cadres = Cadres(
        (*old.ids, *(f"{last}~{k:05d}" for k in range(many))), _longer(old.unit, many, len(instance.unit_names)),
        _longer(old.capacity, many, newcomer.capacity), _longer(old.duty, many, min(newcomer.duty, newcomer.capacity)),
        _longer(old.level, many, 0), _longer(old.skills, many, instance.skills_names.index(said)),
        _joined(old.places, Lists(np.arange(many + 1), np.array(places, np.int64))), _joined(old.links, empty),
    )
    return instance.replace(
        cadres=cadres, unit_names=(*instance.unit_names, max(instance.unit_names, default="") + "~"),
        unit_capacity=_longer(instance.unit_capacity, 1, -1),
    )


def _longer(column: Ints, many: int, value: int) -> Ints:
    return np.concatenate([column, np.full(many, value, np.int64)])


def _joined(first: Lists, second: Lists) -> Lists:
    return Lists(np.concatenate([first.starts, second.starts[1:] + len(first.values)]), np.concatenate([first.values, second.values]))
