"""Where a list's row says somebody lives, against where households live: the same village, one alike, the township only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from matcher.integers import unique
from matcher.people.households import HouseholdRows
from matcher.people.sound import sounds_like
from matcher.people.spelling import one_error
from matcher.tables.cells import fold_name

SAME: Final = "same village"
ALIKE: Final = "village alike"
TOWNSHIP: Final = "same township"
ELSEWHERE: Final = "same village name elsewhere"
VILLAGE_WORDS = ("居民委员会", "村民委员会", "居委会", "村委会", "行政村", "社区", "村")
"""What kind of place it is, at the end of its name."""
_TOWNSHIP_WORDS = ("街道办事处", "民族乡", "街道", "镇", "乡")


@dataclass(frozen=True)
class Agreement:
    """How a village agrees with what a row says.

    Attributes
    ----------
    level : str
        ``SAME``, ``ALIKE``, ``TOWNSHIP`` or ``ELSEWHERE``.
    households : int
        How many live where the row agrees as well: the more, the less it says.
    """

    level: str
    households: int


class Whereabouts:
    """Finds the villages that agree with a row's place.

    That somebody lives in the only township, or in a village of the only name, says nothing and counts for nothing.
    """

    def __init__(self, households: HouseholdRows) -> None:
        places = self._places = households.places
        self._rows = households
        judged = np.ones(len(households.ids), np.bool_)
        judged[[households.index[key] for key in households.judged_as]] = False
        self._count = np.bincount(households.place[judged], minlength=len(places.names))
        self._townships: dict[int, list[int]] = defaultdict(list)
        self._named: dict[str, list[int]] = defaultdict(list)
        self._towns_named: dict[str, list[int]] = defaultdict(list)
        for village in np.flatnonzero(self._count).tolist():
            self._townships[places.parents[village]].append(village)
            self._named[places.names[village]].append(village)
        for town in self._townships:
            self._towns_named[places.names[town]].append(town)
        self.of: Callable[[str, str, str], dict[int, Agreement]] = cache(self._of)
        self._hamlets: dict[str, set[int]] | None = None

    def _of(self, county: str, township: str, village: str) -> dict[int, Agreement]:
        """Return the villages that agree with a county, township and village (each may be blank), and how."""
        found: dict[int, Agreement] = {}
        for town in self._towns(county, township):
            villages = self._townships[town]
            people = sum(self._count[v] for v in villages)
            known = any(self._places.names[v] == village for v in villages)
            for v in villages:
                level = self._level(village, v, known)
                if level:
                    found[v] = Agreement(level, int(self._count[v]))
                elif township and len(self._townships) > 1:
                    found[v] = Agreement(TOWNSHIP, int(people))
        if len(self._named) > 1:
            elsewhere = [v for v in self._named.get(village, ()) if v not in found and self._in_county(v, county)]
            people = sum(self._count[v] for v in elsewhere)
            found |= {v: Agreement(ELSEWHERE, int(people)) for v in elsewhere}
        return found

    def _in_county(self, place: int, county: str) -> bool:
        own = self._places.path(place)[0]
        return not (county and own) or county == own

    def _towns(self, county: str, township: str) -> list[int]:
        """Return the townships of a county that are so called, or else those alike; all of them where none is said."""
        if not township:
            return [t for t in self._townships if self._in_county(t, county)]
        exact = [t for t in self._towns_named.get(township, ()) if self._in_county(t, county)]
        own = stem(township, _TOWNSHIP_WORDS)
        return exact or [
            t for name, towns in self._towns_named.items() if _stems_alike(own, stem(name, _TOWNSHIP_WORDS))
            for t in towns if self._in_county(t, county)
        ]

    def _level(self, said: str, village: int, known: bool) -> str:
        """Return how a row's village agrees with a village of a township that agrees; a name known there is no slip for another."""
        name = self._places.names[village]
        if said == name:
            return SAME
        if known or not said:
            return ""
        alike = _stems_alike(stem(said, VILLAGE_WORDS), stem(name, VILLAGE_WORDS)) or village in self._with_hamlet(said)
        return ALIKE if alike else ""

    def _with_hamlet(self, name: str) -> set[int]:
        """Return the villages with a hamlet of a name: villages that were merged live on as hamlets."""
        if self._hamlets is None:
            self._hamlets = defaultdict(set)
            keys = self._rows.hamlets.map(lambda h: stem(fold_name(h), VILLAGE_WORDS))
            width = len(keys.values)
            if width:
                for pair in unique(self._rows.place * width + keys.codes).tolist():
                    self._hamlets[keys.values[pair % width]].add(pair // width)
        own = stem(name, VILLAGE_WORDS)
        return self._hamlets.get(own, set()) if own else set()


def stem(name: str, words: tuple[str, ...]) -> str:
    """Return a place's name without the word for what kind of place it is."""
    return next((name.removesuffix(w) for w in words if name.endswith(w) and name != w), name)


def may_stand_for(name: str, other: str, errors: bool) -> bool:
    """Return whether a place's name may be another, written otherwise: without its kind of place, by its sound, or with an error."""
    one, two = (stem(text, (*VILLAGE_WORDS, *_TOWNSHIP_WORDS)) for text in (name, other))
    return name != other and (one == two or sounds_like(one, two) or (errors and one_error(one, two)))


@cache
def _stems_alike(name: str, other: str) -> bool:
    return name == other or sounds_like(name, other) or one_error(name, other)
