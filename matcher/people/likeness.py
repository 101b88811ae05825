"""Households that a welfare row without a usable ID number may mean although nothing fits exactly (Fellegi and Sunter 1969).

A household's odds are those of the agreements seen (name, place, number of persons) if the row means it, against seeing them
by chance: the share of people who agree so far, times how many live where the place agrees. The shares among true links are set
here once, in round figures (nothing is trained on a month); those by chance are counted in its tables. All in integers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Final

import numpy as np

from matcher.messages import N_
from matcher.people.households import HouseholdRows
from matcher.people.relations import MemberRows
from matcher.people.sound import near_keys, near_syllables, sounds_like, sounds_nearly_like
from matcher.people.sounding import sounding
from matcher.people.spelling import keys, one_error
from matcher.people.whereabouts import ALIKE, ELSEWHERE, SAME, TOWNSHIP, Agreement, Whereabouts
from matcher.tables.cells import whole
from matcher.tables.coded import Codes

NAME_SAME = N_("same name")
NAME_SOUNDS = N_("name sounds the same")
NAME_NEAR = N_("name sounds nearly the same")
NAME_ERROR = N_("name differs by one typing error")
MEMBER_SAME = N_("a member ({member}) has the name")
MEMBER_SOUNDS = N_("the name sounds like a member's ({member})")
MEMBER_NEAR = N_("the name sounds nearly like a member's ({member})")
MEMBER_ERROR = N_("the name differs from a member's ({member}) by one typing error")
PLACES = {
    SAME: N_("same village"), ALIKE: N_("village's name alike"), TOWNSHIP: N_("same township, another village"),
    ELSEWHERE: N_("a village of the same name in another township"),
}
PERSONS_SAME = N_("same number of persons")
PERSONS_OTHER = N_("another number of persons")

LEAST = 60
"""Points from which on a household is held back."""
_POINTS_AT_EVEN, _POINTS_FOR_TWICE, _MOST = 85, 5, 99
_OF_MEMBER: Final = {NAME_SAME: MEMBER_SAME, NAME_SOUNDS: MEMBER_SOUNDS, NAME_NEAR: MEMBER_NEAR, NAME_ERROR: MEMBER_ERROR}
_NAME_SHARE: Final = {NAME_SAME: Fraction(3, 10), NAME_SOUNDS: Fraction(3, 10), NAME_NEAR: Fraction(1, 10), NAME_ERROR: Fraction(3, 10)}
_PLACE_SHARE: Final = {SAME: Fraction(65, 100), ALIKE: Fraction(15, 100), TOWNSHIP: Fraction(15, 100), ELSEWHERE: Fraction(5, 100)}
_MEMBER_SHARE: Final = {NAME_SAME: Fraction(1, 4), NAME_SOUNDS: Fraction(1, 4), NAME_NEAR: Fraction(1, 4), NAME_ERROR: Fraction(1, 20)}
"""How many rows name a member rather than the head; two slips in one row are rare."""
_PERSONS_SHARE, _PERSONS_FEWER, _PERSONS_MORE = Fraction(8, 10), Fraction(1, 2), Fraction(1, 4)
"""Of the rows that say how many: as many as live in the household; fewer (not all of them are on the list); more."""
_ERROR_BY_CHANCE: Final = {2: Fraction(1, 60), 3: Fraction(1, 500)}
_LONG_BY_CHANCE = Fraction(1, 3000)
_STRANGERS = 2_000
"""People beside the table's own among whom a name is thought of: in a small table no name is rare by itself."""


@dataclass(frozen=True)
class Sought:
    """What a row says of the person, folded."""

    name: str
    county: str
    township: str
    village: str
    persons: int | None


@dataclass(frozen=True)
class Candidate:
    """A household that a row may mean.

    Attributes
    ----------
    household : int
        Row of :class:`HouseholdRows`.
    points : int
        60 to 99; five more for twice the odds, 85 where they are even.
    name, place, persons : str
        Message ids of what agrees; ``persons`` is empty where one of the two does not say how many.
    member : str
        The member whose name it is; empty for the head's.
    """

    household: int
    points: int
    name: str
    place: str
    persons: str
    member: str


class Likeness:
    """Finds the candidates of rows.

    Parameters
    ----------
    sought : sequence of Sought
        All that will be asked for.
    """

    def __init__(self, households: HouseholdRows, members: MemberRows, sought: Sequence[Sought]) -> None:
        self._rows, self._where = households, Whereabouts(households)
        self._heads = households.name_keys.codes.copy()
        self._heads[[households.index[key] for key in households.judged_as]] = -1
        self._place = households.place.tolist()
        self._persons = households.members.map(lambda text: whole(text) if text else None)
        self._sizes: Counter[int | None] = Counter()
        times = np.bincount(self._persons.codes, minlength=len(self._persons.values))
        for size, here in zip(self._persons.values, times.tolist(), strict=True):
            self._sizes[size] += here
        self._sounds = _Sounds(households.name_keys.values, self._heads, sought)
        self._villages = self._known_in(members, sought)

    def of(self, sought: Sought) -> list[Candidate]:
        """Return a row's candidates, the likeliest first, then by household_id."""
        where = self._where.of(sought.county, sought.township, sought.village)
        names: dict[int, set[tuple[str, bool]]] = defaultdict(set)
        for row in self._sounds.rows(sought.name):
            if self._place[row] in where:
                names[row].add((self._rows.name_keys[row], True))
        for village, agreement in where.items():
            if agreement.level in (SAME, ALIKE):
                for row, name, is_head in self._villages[village].near(sought.name):
                    names[row].add((name, is_head))
        found = [c for row, each in names.items() for c in self._best(sought, row, each, where[self._place[row]])]
        return sorted((c for c in found if c.points >= LEAST), key=lambda c: (-c.points, c.household))

    @staticmethod
    def _level(name: str, other: str) -> str:
        if name == other:
            return NAME_SAME
        if sounds_like(name, other):
            return NAME_SOUNDS
        if sounds_nearly_like(name, other):
            return NAME_NEAR
        return NAME_ERROR if one_error(name, other) else ""

    def _best(self, sought: Sought, row: int, names: set[tuple[str, bool]], place: Agreement) -> list[Candidate]:
        """Return the household as a candidate by the best of its people's names, or nothing where none of them agrees."""
        size, text = self._size(sought.persons, self._persons[row])
        found = []
        for name, is_head in sorted(names):
            level = self._level(sought.name, name)
            if level:
                odds = self._odds(sought.name, name, level, is_head) * _PLACE_SHARE[place.level] / place.households * size
                said, member = (level, "") if is_head else (_OF_MEMBER[level], name)
                found.append(Candidate(row, _points(odds), said, PLACES[place.level], text, member))
        return [max(found, key=lambda c: (c.points, not c.member, c.member))] if found else []

    def _size(self, said: int | None, own: int | None) -> tuple[Fraction, str]:
        """Return what the numbers of persons say, and how it is told."""
        if not (said and own):
            return Fraction(1), ""
        if said == own:
            return _PERSONS_SHARE * (len(self._heads) + 10) / (self._sizes[own] + 1), PERSONS_SAME
        return (_PERSONS_FEWER if said < own else _PERSONS_MORE), PERSONS_OTHER

    def _odds(self, name: str, other: str, level: str, is_head: bool) -> Fraction:
        """Return how much likelier a name agrees so far if the row means the person than if somebody else stands there."""
        share = _NAME_SHARE[level] * (1 if is_head else _MEMBER_SHARE[level] / 2)  # members are about twice the heads
        if level == NAME_ERROR:
            return share / _ERROR_BY_CHANCE.get(max(len(name), len(other)), _LONG_BY_CHANCE)
        return share * (len(self._heads) + _STRANGERS) / (Fraction(1, 2) + self._sounds.bearers(name, level))

    def _known_in(self, members: MemberRows, sought: Sequence[Sought]) -> dict[int, _Village]:
        """Return the people of all villages that some row means or may mean."""
        villages = sorted({
            village
            for s in sought
            for village, agreement in self._where.of(s.county, s.township, s.village).items()
            if agreement.level in (SAME, ALIKE)
        })
        there = np.zeros(len(self._rows.places.names), np.bool_)
        there[villages] = True
        living = there[self._rows.place] & (self._heads >= 0)
        heads = np.flatnonzero(living)
        others = np.flatnonzero(living[members.household] & (members.household >= 0))
        names = self._rows.name_keys.taken(heads).tolist() + members.name_keys.taken(others).tolist()
        rows = np.concatenate([heads, members.household[others]])
        order = np.argsort(self._rows.place[rows], kind="stable")
        people = [(row, names[k], k < len(heads)) for k, row in zip(order.tolist(), rows[order].tolist(), strict=True)]
        starts = np.searchsorted(self._rows.place[rows[order]], [*villages, len(there)]).tolist()
        return {village: _Village(people[start:end]) for village, start, end in zip(villages, starts, starts[1:], strict=False)}


@dataclass(frozen=True)
class _Village:
    """Everybody who lives in a village: (row, name, whether the head)."""

    people: list[tuple[int, str, bool]]

    def near(self, name: str) -> list[tuple[int, str, bool]]:
        """Return those who may be one typing error away or, but for heads, who are found by sound in the whole county, one sound."""
        spelt, said = set(keys(name)), set(near_keys(name))
        written, begun = frozenset(name), frozenset(key[0] for key in said)
        return [
            found for found in self.people  # what is looked at first is quick, and spares most people the rest
            if (not written.isdisjoint(found[1]) and not spelt.isdisjoint(keys(found[1])))
            or (not found[2] and not begun.isdisjoint(near_syllables(found[1][0])) and not said.isdisjoint(near_keys(found[1])))
        ]


class _Sounds:
    """The heads' names that sound nearly like those sought."""

    def __init__(self, names: Sequence[str], heads: Codes, sought: Sequence[Sought]) -> None:
        wanted = {key for s in sought for key in near_keys(s.name)}
        self._names = names
        self._of: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for number, key in sounding(names, wanted):
            self._of[key].append(number)
        self._rows: dict[int, list[int]] = {n: [] for numbers in self._of.values() for n in numbers}
        matched = np.zeros(len(names) + 1, np.bool_)
        matched[list(self._rows)] = True
        rows = np.flatnonzero(matched[heads])
        for row, number in zip(rows.tolist(), heads[rows].tolist(), strict=True):
            self._rows[number].append(row)
        self._alike: Callable[[str], list[int]] = cache(self._numbers)
        self.bearers: Callable[[str, str], int] = cache(self._bearers)

    def rows(self, name: str) -> list[int]:
        """Return the households whose head's name sounds nearly like a name, or is it."""
        return [row for number in self._alike(name) for row in self._rows[number]]

    def _numbers(self, name: str) -> list[int]:
        return sorted({n for key in near_keys(name) for n in self._of.get(key, ())})

    def _bearers(self, name: str, level: str) -> int:
        """Return how many heads' names agree with a name at a level or better."""
        test = {NAME_SAME: str.__eq__, NAME_SOUNDS: sounds_like, NAME_NEAR: sounds_nearly_like}[level]
        return sum(len(self._rows[n]) for n in self._alike(name) if test(name, self._names[n]))


@cache
def _points(odds: Fraction) -> int:
    """Return the points of odds: 5 for twice as much, rounded down, by integers alone."""
    powered = odds**_POINTS_FOR_TWICE
    whole_bits = powered.numerator.bit_length() - powered.denominator.bit_length()
    if powered < Fraction(2) ** whole_bits:
        whole_bits -= 1
    return max(min(_POINTS_AT_EVEN + whole_bits, _MOST), 0)
