"""Places: counties, townships and villages as a tree of numbers, and what the names in the tables mean."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from matcher.domain import Ints
from matcher.tables.coded import Coded, distinct_rows

ALL = 0
"""The root of the tree: everywhere."""
COUNTY, TOWNSHIP, VILLAGE = 1, 2, 3
"""Levels of places."""


@dataclass
class Places:
    """The tree of places where households live.

    Attributes
    ----------
    names : list of str
        A place's own name.
    parents : list of int
        The place around it; the root is its own parent.
    counties : tuple of str
        The counties that households name, sorted; none if they name none.
    """

    counties: tuple[str, ...]
    names: list[str] = field(default_factory=lambda: [""])
    parents: list[int] = field(default_factory=lambda: [ALL])
    levels: list[int] = field(default_factory=lambda: [0])
    _index: dict[tuple[int, str], int] = field(default_factory=dict)

    def add(self, county: str, township: str, village: str) -> int:
        """Return the number of a village, new or known."""
        place = ALL
        for level, name in enumerate((county, township, village), 1):
            key = (place, name)
            place = self._index.get(key, -1)
            if place < 0:
                place = self._index[key] = len(self.names)
                self.names.append(name)
                self.parents.append(key[0])
                self.levels.append(level)
        return place

    def county_of(self, named: str) -> str:
        """Return the county that somebody who names this one belongs to: the only county, where there is one."""
        if not self.counties:  # households name none: then all belong together
            return ""
        return named or (self.counties[0] if len(self.counties) == 1 else "")

    def find(self, *path: str) -> int | None:
        """Return the place of a county, township, village path, or None where no household has it."""
        place: int | None = ALL
        for name in path:
            place = self._index.get((place, name)) if place is not None else None
        return place

    def resolve(self, text: str, county: str) -> int | None:
        """Return the place that ``township``, ``township/village`` or ``county/…`` means to somebody of a county.

        Somebody's own county comes first; another one has to be written.
        """
        path = tuple(p.strip() for p in text.split("/"))
        own = self.find(county, *path) if len(path) < 3 else None
        return own if own is not None else self.find(*path) if len(path) > 1 else None

    def path(self, place: int) -> tuple[str, ...]:
        """Return the names from the county down to a place."""
        names: list[str] = []
        while place != ALL:
            names.append(self.names[place])
            place = self.parents[place]
        return tuple(reversed(names))

    def label(self, place: int) -> str:
        """Return a place as tables write it: ``township/village``, with its county where there are several."""
        names = self.path(place)
        return "/".join(names if len(self.counties) > 1 else names[1:])


def places_of(county: Coded[str], township: Coded[str], village: Coded[str]) -> tuple[Places, Ints]:
    """Return the tree of all households' places, numbered in the order of their names, and every row's village."""
    named = tuple(c for c in county.numbered()[0] if c)
    places = Places(named)
    only = named[0] if len(named) == 1 else ""
    rows, number = distinct_rows(county.codes, township.codes, village.codes)
    keys = [(county.values[c] or only, township.values[t], village.values[v]) for c, t, v in zip(*rows, strict=True)]
    place = {key: places.add(*key) for key in sorted(set(keys))}
    return places, np.array([place[key] for key in keys], np.int64)[number]
