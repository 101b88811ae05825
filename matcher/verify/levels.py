"""The levels that a proof has to go through, and what they cost: docs/certificate.md, "Levels".

Every level is a cost that is to be as small as it can be once all levels before are. It falls on a household's first,
second … cadre (`enter`), on pairs (`pair`, `block`) and on a cadre's first, second … household (`seat`).
"""

from __future__ import annotations

import numpy as np

from matcher.domain import Ints
from matcher.messages import N_, message
from matcher.verify.certificate import LevelName
from matcher.verify.problem import Problem, Tickets
from matcher.verify.verdict import Flaw

BY_PAIR = ("continuity_first", "continuity", "affinity")
DRAW = "draw"


def ticket_bits(nodes: int) -> int:
    """Return how many bits of a ticket count."""
    power = 0
    while 1 << power < nodes:
        power += 1
    return min(32, 62 - 2 * power)


def cut(drawn: Tickets, bits: int) -> Ints:
    """Return the first bits of tickets."""
    return (drawn >> np.uint64(64 - bits)).astype(np.int64)


def wanted_levels(problem: Problem, largest: int) -> list[LevelName]:
    """Return the levels that the rules demand; those of leximax begin with the largest load that a seat may have."""
    found: list[LevelName] = []
    for name in problem.rules.order:
        if name == "coverage" and not problem.rules.by_income:
            household, nth = problem.enter
            turns = sorted(set(zip(nth.tolist(), problem.households.band[household].tolist(), strict=True)))
            found += [(name, *turn) for turn in turns]
        elif name == "balance" and problem.rules.leximax:
            found += [(name, load) for load in range(largest, 0, -1)]
        else:
            found.append((name,))
        if name == problem.rules.position:
            found.append((DRAW,))
    return [*found, (DRAW,)] if problem.rules.position == "last" else found


def check_levels(problem: Problem, claimed: list[LevelName], largest: int) -> None:
    """Raise :class:`Flaw` unless the levels of a certificate are those that the policy demands, in its order."""
    wanted = wanted_levels(problem, largest)
    for k, level in enumerate(wanted):
        if k >= len(claimed) or claimed[k] != level:
            text = N_("The proof's stages are not the objectives in the policy's order: {level} is missing or misplaced.")
            raise Flaw(message(text, level=" ".join(map(str, level))))
    if len(claimed) > len(wanted):
        text = N_("The proof's stages are not the objectives in the policy's order: {level} does not belong there.")
        raise Flaw(message(text, level=" ".join(map(str, claimed[len(wanted)]))))


class Costs:
    """The cost of every level; what does not depend on a level costs nothing there."""

    def __init__(self, problem: Problem, bits: int) -> None:
        self._p, self._bits = problem, bits
        self._i = problem.instance
        self.kind = problem.households.needs * self._i.bands + problem.households.band
        """Of households: pairs of those of one kind cost the same with the same cadre in ``block``."""

    def enter(self, level: LevelName) -> Ints:
        """Return the cost of every ``(household, nth)`` of ``problem.enter``; coverage by income may need Python integers."""
        household, nth = self._p.enter
        name = level[0]
        if name == DRAW:
            worth = (1 << self._bits) - 1 - cut(self._p.tickets, self._bits)
            return np.asarray(-(worth[household] >> np.minimum(nth, 62)))
        if name == "waiting":
            return np.asarray(np.where(nth == 0, -self._p.households.waiting[household], 0))
        if name == "coverage":
            if len(level) == 3:
                return np.asarray(-((nth == level[1]) & (self._p.households.band[household] == level[2])).astype(np.int64))
            return self._by_income(household, nth)
        return np.zeros(len(household), np.int64)

    def _by_income(self, household: Ints, nth: Ints) -> Ints:
        """Return rewards that fall strictly from the first cadre of the poorest on.

        Where no township has a limit, any will do: what can be served is then a gammoid, in which the greedy choice is the best
        of every prefix. Otherwise each reward outweighs all that the later ones can sum to, along any cycle.
        """
        rank = self._p.households.income_rank
        turns, place = np.unique(nth * (int(rank.max(initial=0)) + 1) + rank[household], return_inverse=True)
        limits = self._i.township_capacity[self._p.households.township]
        if not (limits >= 0).any():
            return np.asarray(place - len(turns))
        count = np.bincount(place, minlength=len(turns)).tolist()
        rewards = [0] * len(turns)
        reward = 1
        for turn in range(len(turns) - 1, -1, -1):
            rewards[turn] = -reward
            reward *= 4 * count[turn] + 4
        return np.array([rewards[k] for k in place.tolist()], object)

    def pair(self, level: LevelName, household: Ints, cadre: Ints) -> Ints:
        """Return the cost of single pairs, whatever it depends on."""
        name = level[0]
        if name in BY_PAIR:
            return -self._p.gain(str(name), self._p.keys(household, cadre))
        if name == "village_link":
            return -self._p.linked(household, cadre).astype(np.int64)
        return self.block(level, household, cadre)

    def block(self, level: LevelName, household: Ints, cadre: Ints) -> Ints:
        """Return the cost of pairs as far as it depends on needs, skills, bands and ranks; the columns may be broadcast."""
        households, cadres = self._p.households, self._p.cadres
        if level[0] == "fit":
            return -self._i.met[households.needs[household], cadres.skills[cadre]]
        if level[0] == "rank_match":
            return -(self._i.bands - households.band[household]) * cadres.level[cadre]
        return np.zeros(np.broadcast_shapes(household.shape, cadre.shape), np.int64)

    def seat(self, level: LevelName, cadre: Ints, load: Ints) -> Ints:
        """Return the cost of a cadre's household number ``load``."""
        if level[0] == "duty":
            return -(load <= self._p.cadres.duty[cadre]).astype(np.int64)
        if level[0] == "balance":
            return 2 * load - 1 if len(level) == 1 else (load >= int(level[1])).astype(np.int64)
        return np.zeros(len(cadre), np.int64)
