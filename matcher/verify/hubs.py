"""Who shares a hub in the network of the draw: docs/certificate.md, "Hubs".

Only the draw depends on hubs; that the roster is the best is checked on the pairs themselves.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import NamedTuple

import numpy as np

from matcher.domain import Ints
from matcher.verify.problem import Problem


class Skills(NamedTuple):
    """A hub of skills: cadres who may serve a place, as linked to it or not, with one set of skills and one level."""

    place: int
    linked: int
    skills: int
    level: int


class Needs(NamedTuple):
    """A hub of needs: households in or around a place, with one set of needs and of one band."""

    place: int
    needs: int
    band: int


class Hubs:
    """Who shares a hub with whom, and which single pairs stand beside the hubs.

    Attributes
    ----------
    members : dict of Skills to list of int
        The cadres of every hub of skills, sorted.
    at : dict of int to list of Skills
        The hubs of skills of every place that has some, sorted.
    entry : dict of int to Needs
        The hub of needs of every household; none where nobody serves the place.
    apart : dict of int to list of Skills
        For every household that left its hub of needs, the hubs of skills that it may go to whole.
    single : list of int
        Keys of pairs with an arc of their own, sorted.
    """

    def __init__(self, problem: Problem, twice: Ints) -> None:
        self._p, order = problem, problem.rules.order
        self._by_skills, self._by_level = "fit" in order, "rank_match" in order
        self.members: dict[Skills, list[int]] = defaultdict(list)
        for place, cadres in problem.cadres_at.items():
            for c in cadres:
                self.members[self._skills(place, 0, c)].append(c)
        if "village_link" in order:
            self._add_links()
        self.at: dict[int, list[Skills]] = {}
        for hub in sorted(self.members):
            self.at.setdefault(hub.place, []).append(hub)
            self.members[hub].sort()
        self._rise: dict[Needs, Needs | None] = {}
        self.entry = {h: first for h in range(len(problem.households)) if (first := self._entry(h))}
        self.apart: dict[int, list[Skills]] = {}
        self.single = self._leave(twice)

    def _skills(self, place: int, linked: int, cadre: int) -> Skills:
        cadres = self._p.cadres
        return Skills(place, linked, int(cadres.skills[cadre]) if self._by_skills else 0, int(cadres.level[cadre]) if self._by_level else 0)

    def _add_links(self) -> None:
        cadres = self._p.cadres
        for c in range(len(cadres)):
            mine = set(cadres.places.of(c).tolist())
            for village in set(cadres.links.of(c).tolist()):
                if mine.intersection(self._p.around(village)):
                    self.members[self._skills(village, 1, c)].append(c)

    def _around(self, household: int) -> list[int]:
        """Return the places around a household that have cadres, its village first."""
        return [place for place in self._p.around(int(self._p.households.village[household])) if place in self.at]

    def _entry(self, h: int) -> Needs | None:
        households = self._p.households
        around = self._around(h)
        needs, band = int(households.needs[h]) if self._by_skills else 0, int(households.band[h]) if self._by_level else 0
        return Needs(around[0], needs, band) if around else None

    def rise(self, hub: Needs) -> Needs | None:
        """Return the hub of the same needs in the next place around that has cadres."""
        if hub not in self._rise:
            self._rise[hub] = next((hub._replace(place=place) for place in self._p.around(hub.place)[1:] if place in self.at), None)
        return self._rise[hub]

    @cached_property
    def needs(self) -> list[Needs]:
        """All hubs of needs, sorted: those that households enter, and all above them."""
        found: set[Needs] = set()
        new = set(self.entry.values())
        while new:
            found |= new
            new = {up for hub in new if (up := self.rise(hub))} - found
        return sorted(found)

    def _leave(self, twice: Ints) -> list[int]:
        """Let households out of their hubs, and return the single pairs."""
        p = self._p
        better, worse = self._signed()
        never = {*p.fixed.tolist(), *p.avoid.tolist()}
        without: dict[int, set[int]] = defaultdict(set)
        for key in {*worse, *never, *twice.tolist()}:
            without[key // p.width].add(key % p.width)
        single = set(better)
        for h in sorted(without):
            if p.left[h]:
                every = [hub for place in self._around(h) for hub in self.at[place]]
                self.apart[h] = [hub for hub in every if without[h].isdisjoint(self.members[hub])]
                split = {c for hub in every if hub not in self.apart[h] for c in self.members[hub]}
                split -= {c for hub in self.apart[h] if hub.linked for c in self.members[hub]}
                single |= {h * p.width + c for c in split}
        return sorted(key for key in single - never if p.left[key // p.width])

    def _signed(self) -> tuple[list[int], list[int]]:
        """Return the permitted pairs that are better, and those that are worse, than others of their classes."""
        p = self._p
        keys = np.unique(np.concatenate([np.zeros(0, np.int64), *(known for known, _ in p.gains.values())]))
        keys = keys[p.permitted(keys // p.width, keys % p.width)]
        sign = np.zeros(len(keys), np.int64)
        for name in p.gains:
            sign = np.where(sign == 0, np.sign(p.gain(name, keys)), sign)
        return keys[sign > 0].tolist(), keys[sign < 0].tolist()

    def name(self, hub: Skills | Needs) -> str:
        """Return a hub's name among the nodes."""
        instance = self._p.instance
        place = instance.place_names[hub.place]
        if isinstance(hub, Needs):
            return f"needs\x1f{place}\x1f{instance.needs_names[hub.needs] if self._by_skills else ''}\x1f{hub.band}"
        return f"skills\x1f{place}\x1f{hub.linked}\x1f{instance.skills_names[hub.skills] if self._by_skills else ''}\x1f{hub.level}"
