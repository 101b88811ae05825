"""How a roster passes through the hubs: docs/certificate.md, "The flow of a roster"."""

from __future__ import annotations

import numpy as np

from matcher.domain import Ints
from matcher.messages import N_, message
from matcher.verify.hubs import Hubs
from matcher.verify.optimal import Roster
from matcher.verify.problem import Problem, among
from matcher.verify.verdict import Flaw


class Route:
    """How the pairs of a roster pass through the hubs: each the one way that is best for it.

    Attributes
    ----------
    single : (s,) int
        How many pairs go by themselves, for every pair of ``hubs.single``.
    joined, risen : (households,), (n,) int
        How many go into a hub of needs, and from each upwards.
    match : tuple of (m,) int
        Every hub of needs with every hub of skills of its place.
    matched, direct, picked : (m,), (d,), (p,) int
        How many pass there, along ``hubs.direct``, and to each of ``hubs.members``.
    """

    def __init__(self, problem: Problem, hubs: Hubs, roster: Roster) -> None:
        self._hubs = hubs
        keys = problem.keys(roster.household, roster.cadre)
        self.single = among(hubs.single, keys).astype(np.int64)
        keys = keys[~among(keys, hubs.single)]
        household, cadre = keys // problem.width, keys % problem.width
        hub = self._hub_of(problem, household, cadre)
        members = problem.keys(hubs.members.owners(), hubs.members.values)
        self.picked = _count(members, problem.keys(hub, cadre))
        apart = hubs.apart[household]
        many = len(hubs.place)
        self.direct = _count(hubs.direct[0] * many + hubs.direct[1], household[apart] * many + hub[apart])
        self._climb(household[~apart], hub[~apart])

    def _hub_of(self, problem: Problem, household: Ints, cadre: Ints) -> Ints:
        """Return the hub of skills that each pair goes through: linked = 1 if it can."""
        hubs, many = self._hubs, len(self._hubs.place)
        which, hub = hubs.of_cadre.of_each(cadre)
        who = household[which]
        near = (problem.around[problem.households.village[who]] == hubs.place[hub][:, None]).any(axis=1)
        near &= ~hubs.apart[who] | among(who * many + hub, np.sort(hubs.direct[0] * many + hubs.direct[1]))
        found = np.full(len(household), -1)
        for linked in (0, 1):
            good = near & (hubs.linked[hub] == linked)
            found[which[good]] = hub[good]
        if (found < 0).any():
            k = int(np.argmin(found))
            raise Flaw(message(N_("The draw's network has no way for {household} with {cadre}."),
                               household=problem.households.ids[household[k]], cadre=problem.cadres.ids[cadre[k]]))
        return found

    def _climb(self, household: Ints, hub: Ints) -> None:
        """Count the pairs through hubs of needs: each rises to the place of its hub of skills."""
        hubs = self._hubs
        self.joined = np.bincount(household, minlength=len(hubs.entry))
        self.risen = np.zeros(len(hubs.needs), np.int64)
        at = hubs.entry[household]
        while (below := hubs.needs_place[at] != hubs.place[hub]).any():
            self.risen += np.bincount(at[below], minlength=len(self.risen))
            at = np.where(below, hubs.rise[at], at)
        self.match = hubs.at.of_each(hubs.needs_place)
        self.matched = _count(*(needs * len(hubs.place) + skills for needs, skills in (self.match, (at, hub))))


def _count(keys: Ints, found: Ints) -> Ints:
    """Return how often each of some keys is among those found, which are all of them."""
    order = np.argsort(keys)
    return np.bincount(order[np.searchsorted(keys, found, sorter=order)], minlength=len(keys))
