"""Who shares a hub in the network of the draw: docs/certificate.md, "Hubs".

Only the draw depends on hubs; that the roster is the best is checked on the pairs themselves.
"""

from __future__ import annotations

import numpy as np

from matcher.domain import Ints
from matcher.verify.problem import Flags, Problem, among, grouped, together


class Hubs:
    """Who shares a hub with whom, and which single pairs stand beside the hubs.

    Attributes
    ----------
    place, linked, skills, level : (s,) int
        The hubs of skills, sorted by these.
    members : Lists
        The cadres of every hub of skills.
    of_cadre : Lists
        The hubs of skills of every cadre.
    at : Lists
        The hubs of skills of every place.
    needs_place, needs, band : (n,) int
        The hubs of needs, sorted by these.
    entry : (households,) int
        The hub of needs of every household; -1 where nobody serves the place.
    rise : (n,) int
        The next hub of needs above every one, or -1.
    apart : (households,) bool
        Who left the hub of needs.
    direct : tuple of (d,) int
        Households apart, and the hubs of skills that they may go to whole, from their village outwards.
    single : (k,) int
        Keys of pairs with an arc of their own, sorted.
    """

    def __init__(self, problem: Problem, twice: Ints) -> None:
        self._p = problem
        self._by_skills, self._by_level = "fit" in problem.rules.order, "rank_match" in problem.rules.order
        self._group_cadres()
        self._group_households()
        self._leave(twice)

    def _group_cadres(self) -> None:
        p, cadres = self._p, self._p.cadres
        places, links = cadres.places, cadres.links
        rows = np.stack([places.owners(), places.values, np.zeros(len(places.values), np.int64)])
        if "village_link" in p.rules.order:
            served = p.serves(links.owners(), links.values)
            rows = np.concatenate([rows, np.stack([links.owners(), links.values, np.ones(len(served), np.int64)])[:, served]], axis=1)
        who, place, linked = rows
        none = np.zeros(len(who), np.int64)
        found, hub = distinct(place, linked, cadres.skills[who] if self._by_skills else none, cadres.level[who] if self._by_level else none)
        self.place, self.linked, self.skills, self.level = found
        (hub, who), _ = distinct(hub, who)
        self.members, self.of_cadre = grouped(hub, who, len(self.place)), grouped(who, hub, len(cadres))
        self.at = grouped(self.place, np.arange(len(self.place)), len(p.instance.parents))

    def _group_households(self) -> None:
        p, homes = self._p, self._p.households
        have = p.around >= 0
        have &= (np.diff(self.at.starts) > 0)[p.around]
        nearest = _first(p.around, have)
        above = _first(p.around, have & (p.around != np.arange(len(have))[:, None]))
        none = np.zeros(len(homes), np.int64)
        needs, band = homes.needs if self._by_skills else none, homes.band if self._by_level else none
        ways = [nearest[homes.village]]
        for _ in range(3):
            ways.append(np.where(ways[-1] >= 0, above[ways[-1]], -1))
        way = np.stack(ways)  # the places with hubs around every household
        inside = way >= 0
        found, number = distinct(*(column[inside] for column in (way, *np.broadcast_arrays(needs, band, way)[:2])))
        self.needs_place, self.needs, self.band = found
        hub = np.full((5, len(homes)), -1)
        hub[:4][inside] = number
        self.entry = hub[0]
        self.rise = np.full(len(self.needs), -1)
        self.rise[number] = hub[1:][inside]

    def _leave(self, twice: Ints) -> None:
        """Let households out of their hubs, and find the single pairs."""
        p, many = self._p, len(self.place)
        better, worse = self._signed()
        never = together(p.fixed, p.avoid)
        without = together(worse, never, twice)
        without = without[p.left[without // p.width] > 0]
        self.apart = np.zeros(len(p.households), np.bool_)
        self.apart[without // p.width] = True
        who = np.flatnonzero(self.apart)
        around = p.around[p.households.village[who]]
        owner, hub = self.at.of_each(np.maximum(around, 0).ravel())
        good = (around >= 0).ravel()[owner]
        household, hub = who[owner[good] // around.shape[1]], hub[good]
        at, theirs = self.of_cadre.of_each(without % p.width)
        whole = ~among(household * many + hub, np.sort(without[at] // p.width * many + theirs))
        self.direct = household[whole], hub[whole]
        linked = whole & (self.linked[hub] == 1)
        split = self._keys(household[~whole], hub[~whole])
        split = split[~among(split, np.sort(self._keys(household[linked], hub[linked])))]
        single = together(better, split)
        self.single = single[(p.left[single // p.width] > 0) & ~among(single, never)]

    def _keys(self, household: Ints, hub: Ints) -> Ints:
        """Return the keys of households with all cadres of hubs."""
        which, cadre = self.members.of_each(hub)
        return self._p.keys(household[which], cadre)

    def _signed(self) -> tuple[Ints, Ints]:
        """Return the permitted pairs that are better, and those that are worse, than others of their classes."""
        p = self._p
        keys = together(*(known for known, _ in p.gains.values()))
        keys = keys[p.permitted(keys // p.width, keys % p.width)]
        sign = np.zeros(len(keys), np.int64)
        for name in p.gains:
            sign = np.where(sign == 0, np.sign(p.gain(name, keys)), sign)
        return keys[sign > 0], keys[sign < 0]

    def names(self) -> tuple[list[str], list[str]]:
        """Return the names of the hubs of needs and of the hubs of skills among the nodes."""
        instance = self._p.instance
        place = instance.place_names
        needs = instance.needs_names if self._by_skills else ("",)
        skills = instance.skills_names if self._by_skills else ("",)
        return (
            [f"needs\x1f{place[p]}\x1f{needs[n]}\x1f{b}" for p, n, b in _rows(self.needs_place, self.needs, self.band)],
            [f"skills\x1f{place[p]}\x1f{linked}\x1f{skills[s]}\x1f{level}"
             for p, linked, s, level in _rows(self.place, self.linked, self.skills, self.level)],
        )


def _rows(*columns: Ints) -> list[tuple[int, ...]]:
    return list(zip(*(column.tolist() for column in columns), strict=True))


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


def _first(table: Ints, good: Flags) -> Ints:
    """Return the first good entry of every row, -1 where there is none."""
    return np.where(good.any(axis=1), table[np.arange(len(table)), good.argmax(axis=1)], -1)
