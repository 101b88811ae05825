"""What a peer is given: the judged month as columns of integers, with everything fixed already taken out.

Peers read these from a file, so reading, judging, and even writing out the permitted pairs cost them nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
RATIO = 100
"""One unit of an objective is worth so many of the next where objectives are weighed into one figure."""
_LOAD_MOST = 16


@dataclass(frozen=True)
class Flow:
    """A minimum-cost flow with a cost column for each stage.

    Attributes
    ----------
    nodes : int
    tail, head, capacity : (a,) int
    supply : (nodes,) int
    stages : tuple of str
        The objectives, the most important first.
    cost : callable
        Stage number to its exact (a,) cost.
    rough : callable
        Stage number to a smaller (a,) cost that serves where objectives are weighed into one: only for coverage different.
    pairs : slice
        The arcs that are pairs; empty in a network of hubs.
    """

    nodes: int
    tail: Ints
    head: Ints
    capacity: Ints
    supply: Ints
    stages: tuple[str, ...]
    cost: Callable[[int], Ints]
    rough: Callable[[int], Ints]
    pairs: slice


@dataclass(frozen=True)
class Pairwise:
    """A month pair by pair.

    Attributes
    ----------
    order : (k,) str
        The objectives.
    bands : (1,) int
    left, done, band, income_rank, waiting, township : (n,) int
        Of each household: cadres that it lacks, cadres that it has by fixed pairs, and so on.
    seats, load, duty, unit : (m,) int
        Of each cadre: free places, households by fixed pairs, and so on.
    township_left, unit_left : int columns
        Free places of every township and unit; -1 for no limit.
    household, cadre : (p,) int
        The permitted pairs, sorted.
    gains : (p, g) int
        What each pair brings to the objectives ``gained``.
    gained : (g,) str
    """

    order: npt.NDArray[np.str_]
    bands: Ints
    left: Ints
    done: Ints
    band: Ints
    income_rank: Ints
    waiting: Ints
    township: Ints
    seats: Ints
    load: Ints
    duty: Ints
    unit: Ints
    township_left: Ints
    unit_left: Ints
    household: Ints
    cadre: Ints
    gains: Ints
    gained: npt.NDArray[np.str_]

    @cached_property
    def places(self) -> tuple[Ints, Ints]:
        """The cadres that households lack, one by one: (household, how many it has before)."""
        who = np.repeat(np.arange(len(self.left)), self.left)
        nth = np.arange(len(who)) - np.repeat(np.cumsum(self.left) - self.left, self.left) + self.done[who]
        return who, nth

    @cached_property
    def levels(self) -> Ints:
        """The level of coverage that each of ``places`` belongs to, 0 the most important."""
        who, nth = self.places
        level: Ints = np.unique(nth * int(self.bands[0]) + self.band[who], return_inverse=True)[1]
        return level

    @cached_property
    def chairs(self) -> tuple[Ints, Ints]:
        """The free places of cadres, one by one: (cadre, load once it is taken)."""
        many = np.minimum(self.seats, _LOAD_MOST) if "balance" in self.order else self.seats
        who = np.repeat(np.arange(len(many)), many)
        nth = np.arange(len(who)) - np.repeat(np.cumsum(many) - many, many) + self.load[who] + 1
        return who, nth

    def gain(self, name: str) -> Ints:
        """Return what each pair brings to an objective."""
        return np.asarray(self.gains[:, self.gained.tolist().index(name)], np.int64)

    def place_cost(self, name: str, rough: bool = False) -> Ints:
        """Return the cost of each of ``places``; exact coverage weighs a level above all that later ones can sum to."""
        who, nth = self.places
        if name == "waiting":
            return np.where(nth == 0, -self.waiting[who], 0)
        if name != "coverage":
            return np.zeros(len(who), np.int64)
        return self.levels - int(self.levels.max(initial=0)) - 1 if rough else dominating(self.levels)

    def chair_cost(self, name: str) -> Ints:
        """Return the cost of each of ``chairs``."""
        who, nth = self.chairs
        if name == "duty":
            return -(nth <= self.duty[who]).astype(np.int64)
        return 2 * nth - 1 if name == "balance" else np.zeros(len(who), np.int64)

    def weights(self) -> dict[str, int]:
        """Return weights that put objectives into one figure: likely, not surely, in their order."""
        weight, found = 1, {}
        for name in reversed(self.order.tolist()):
            found[name] = weight
            most = [np.abs(c).max(initial=1) for c in (self.place_cost(name, rough=True), self.chair_cost(name))]
            if name in self.gained:
                most.append(np.abs(self.gain(name)).max(initial=1))
            weight *= max(RATIO, 4 * int(max(most)))
        return found

    def one_figure(self) -> tuple[Ints, Ints, Ints]:
        """Return the weighted cost of places, pairs and chairs."""
        place, chair = (np.zeros(len(x[0]), np.int64) for x in (self.places, self.chairs))
        pair = np.zeros(len(self.household), np.int64)
        for name, weight in self.weights().items():
            place += weight * self.place_cost(name, rough=True)
            chair += weight * self.chair_cost(name)
            if name in self.gained:
                pair -= weight * self.gain(name)
        return place, pair, chair

    def flow(self) -> Flow:
        """Return the network with an arc for each pair: township → household → cadre → places → unit → sink."""
        towns, houses, cadres = len(self.township_left), len(self.left), len(self.seats)
        limited = np.flatnonzero(self.unit_left >= 0)
        town, house, cadre, unit = np.cumsum([1, towns, houses, cadres]).tolist()
        who, (chair, _) = self.places[0], self.chairs
        wanted = np.bincount(self.township, self.left, towns).astype(np.int64)
        supply = np.zeros(unit + len(limited), np.int64)
        supply[town:house] = np.where(self.township_left >= 0, np.minimum(wanted, self.township_left), wanted)
        supply[0] = -supply.sum()
        sink = np.zeros(len(self.unit_left), np.int64)
        sink[limited] = unit + np.arange(len(limited))
        blocks = [
            (np.arange(town, house), np.zeros(towns, np.int64), supply[town:house]),
            (town + self.township[who], house + who, np.ones(len(who), np.int64)),
            (house + self.household, cadre + self.cadre, np.ones(len(self.household), np.int64)),
            (cadre + chair, sink[self.unit[chair]], np.ones(len(chair), np.int64)),
            (unit + np.arange(len(limited)), np.zeros(len(limited), np.int64), self.unit_left[limited]),
        ]
        tail, head, capacity = (np.concatenate(c) for c in zip(*blocks, strict=True))

        def cost(stage: int, rough: bool = False) -> Ints:
            name = str(self.order[stage])
            pair = -self.gain(name) if name in self.gained else np.zeros(len(self.household), np.int64)
            parts = np.zeros(towns, np.int64), self.place_cost(name, rough), pair, self.chair_cost(name), np.zeros(len(limited), np.int64)
            return np.concatenate(parts)

        first = towns + len(who)
        return Flow(len(supply), tail, head, capacity, supply, tuple(self.order.tolist()), cost,
                    lambda stage: cost(stage, rough=True), slice(first, first + len(self.household)))


@dataclass(frozen=True)
class Hubs:
    """A month as the engine's network of hubs, with its costs.

    Attributes
    ----------
    order : (k,) str
    tail, head, capacity : (a,) int
    supply : (nodes,) int
    exact, rough : (k, a) int
        The objectives' costs.
    enter, level : (e,) int
        The arcs by which households enter, and the position of each in the value of coverage.
    """

    order: npt.NDArray[np.str_]
    tail: Ints
    head: Ints
    capacity: Ints
    supply: Ints
    exact: Ints
    rough: Ints
    enter: Ints
    level: Ints

    def flow(self) -> Flow:
        """Return the network."""
        return Flow(len(self.supply), self.tail, self.head, self.capacity, self.supply, tuple(self.order.tolist()),
                    self.exact.__getitem__, self.rough.__getitem__, slice(0, 0))


def dominating(levels: Ints) -> Ints:
    """Return costs that reward every level, 0 the first, above all that the later ones can sum to."""
    counts = np.bincount(levels)
    rewards = np.concatenate([np.cumprod((counts[:0:-1] + 1).astype(np.int64))[::-1], [1]])
    return -rewards[levels]


def weighted(flow: Flow, first: int = 0, last: int | None = None, ratio: int = RATIO) -> Ints:
    """Return the stages from ``first`` up to ``last`` as one cost column, each unit above ``ratio`` of the next."""
    weight, total = 1, np.zeros(len(flow.tail), np.int64)
    for stage in reversed(range(first, len(flow.stages) if last is None else last)):
        cost = flow.rough(stage)
        total += weight * cost
        weight *= max(ratio, 4 * int(np.abs(cost).max(initial=1)))
    return total


def save(path: Path, columns: Pairwise | Hubs) -> None:
    """Write columns as a NumPy file."""
    np.savez(path, **{name: getattr(columns, name) for name in columns.__dataclass_fields__})


def load_pairs(path: Path) -> Pairwise:
    """Read a month pair by pair."""
    with np.load(path) as file:
        return Pairwise(**file)


def load_hubs(path: Path) -> Hubs:
    """Read a month as hubs."""
    with np.load(path) as file:
        return Hubs(**file)
