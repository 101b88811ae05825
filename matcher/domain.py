"""The judged month: what is decided of every row, and the columnar instance that is solved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Decision(StrEnum):
    """What is decided of a household row; the codes of the contract."""

    DUPLICATE = "duplicate"
    ON_WELFARE_LIST = "on_welfare_list"
    MISSING_INCOME = "missing_income"
    REVIEW_INCOME = "review_income"
    ABOVE_THRESHOLD = "above_threshold"
    REVIEW_WELFARE = "review_welfare"
    ELIGIBLE = "eligible"


@dataclass(frozen=True)
class Lists:
    """Several integers for each of n things: those of thing i are ``values[starts[i]:starts[i + 1]]``."""

    starts: Ints
    values: Ints

    def of(self, index: int) -> Ints:
        """Return the integers of one thing."""
        return self.values[self.starts[index] : self.starts[index + 1]]

    def owners(self) -> Ints:
        """Return, for every value, the thing that it belongs to."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def of_each(self, indices: Ints) -> tuple[Ints, Ints]:
        """Return the integers of several things, one after the other, and for each integer the position of its thing."""
        sizes = np.diff(self.starts)[indices]
        which = np.repeat(np.arange(len(indices)), sizes)
        within = np.arange(len(which)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return which, self.values[self.starts[indices][which] + within]

    @staticmethod
    def from_rows(rows: Sequence[Sequence[int]]) -> Lists:
        """Return the lists of a list of rows."""
        starts = np.zeros(len(rows) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, rows), np.int64, len(rows)), out=starts[1:])
        return Lists(starts, np.fromiter(chain.from_iterable(rows), np.int64, int(starts[-1])))


@dataclass(frozen=True)
class Pairs:
    """Pairs of household and cadre numbers, with a value for each where one belongs to them (a score)."""

    household: Ints
    cadre: Ints
    value: Ints

    def __len__(self) -> int:
        return len(self.household)

    @staticmethod
    def from_rows(rows: list[tuple[int, int, int]]) -> Pairs:
        """Return sorted (household, cadre, value) rows as columns."""
        table = np.array(rows, np.int64).reshape(-1, 3)
        table = table[np.lexsort((table[:, 1], table[:, 0]))]
        return Pairs(*(np.ascontiguousarray(c) for c in table.T))

    def where(self, mask: npt.NDArray[np.bool_]) -> Pairs:
        """Return the pairs that a mask keeps."""
        return Pairs(self.household[mask], self.cadre[mask], self.value[mask])


@dataclass(frozen=True)
class Households:
    """The eligible households, sorted by id.

    Attributes
    ----------
    ids : tuple of str
    village, township : (n,) int
        Place numbers.
    band : (n,) int
        0 is the poorest band.
    income_rank : (n,) int
        Rank among the distinct incomes, 0 the poorest.
    first_kept : (n,) bool
        Whether last month's pairs are kept before all else (``continuity.first_up_to_income``).
    needs : (n,) int
        Row of ``Instance.met``.
    partners, waiting : (n,) int
    """

    ids: tuple[str, ...]
    village: Ints
    township: Ints
    band: Ints
    income_rank: Ints
    first_kept: npt.NDArray[np.bool_]
    needs: Ints
    partners: Ints
    waiting: Ints

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Cadres:
    """The cadres who take part, sorted by id.

    Attributes
    ----------
    ids : tuple of str
    unit : (m,) int
    capacity, duty : (m,) int
        Households; the duty at most the capacity.
    level : (m,) int
        Seniority from ``[rank_levels]``.
    skills : (m,) int
        Column of ``Instance.met``.
    places : Lists
        Places that each may serve, none inside another; a village counts as served by its township or county.
    links : Lists
        Villages linked to each one's unit.
    """

    ids: tuple[str, ...]
    unit: Ints
    capacity: Ints
    duty: Ints
    level: Ints
    skills: Ints
    places: Lists
    links: Lists

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Instance:
    """Everything that the best roster depends on, in integers; all orders canonical.

    Attributes
    ----------
    parents : (p,) int
        The place around each place; 0 is everywhere and its own parent.
    place_names : tuple of str
        County, township and village of a place, joined by ``/``.
    met : (needs, skills) int
        How many needs of a set of needs a set of skills meets.
    needs_names, skills_names : tuple of str
        The sets as words.
    unit_names : tuple of str
    unit_capacity, township_capacity : (units,), (p,) int
        Pairings; -1 for no limit.
    previous, fixed, avoid, affinity : Pairs
        Last month's pairs, pairs that must stand, pairs that must not, scores. ``fixed`` are permitted.
    bands : int
        Number of bands (one more than the policy's figures).
    """

    households: Households
    cadres: Cadres
    parents: Ints
    place_names: tuple[str, ...]
    met: Ints
    needs_names: tuple[str, ...]
    skills_names: tuple[str, ...]
    unit_names: tuple[str, ...]
    unit_capacity: Ints
    township_capacity: Ints
    previous: Pairs
    fixed: Pairs
    avoid: Pairs
    affinity: Pairs
    bands: int

    def lacking(self) -> Ints:
        """Return how many cadres every household is to have besides its fixed ones: (households,)."""
        households = self.households
        return np.asarray(households.partners - np.bincount(self.fixed.household, minlength=len(households)), np.int64)

    def replace(self, **changes: object) -> Instance:
        """Return an instance that differs in the given fields."""
        return replace(self, **changes)  # type: ignore[arg-type]
