"""The costs of every objective on the arcs of a network: minimised, integers.

Source of the stages: lexicographic optimisation by complementary slackness (Ahuja, Magnanti, Orlin, *Network Flows*, 1993,
chapters 9 and 11); poorest-first as a greedy solution of a gammoid (Perfect 1968).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from matcher.domain import Instance, Ints, Mask
from matcher.formulation.build import HubNetwork
from matcher.formulation.network import Kind
from matcher.formulation.pairs import looked_up, pair_gains
from matcher.integers import among, unique

_EXACT_BITS = 62
_PAIRED = (Kind.MATCH, Kind.DIRECT, Kind.PAIR)
COSTLY = {
    "coverage": (Kind.ENTER,), "waiting": (Kind.ENTER,), "continuity_first": (Kind.PAIR,), "continuity": (Kind.PAIR,),
    "affinity": (Kind.PAIR,), "village_link": _PAIRED, "fit": _PAIRED, "rank_match": _PAIRED, "duty": (Kind.SEAT,), "balance": (Kind.SEAT,),
}
"""The kinds of arcs to which each objective gives costs."""


@dataclass(frozen=True)
class Objective:
    """An objective as costs on arcs.

    Attributes
    ----------
    name : str
    guess : (a,) int
        One column whose minimum is likely, not surely, the lexicographic optimum.
    proof : tuple of columns
        The lexicographic levels that a proof goes through; int64, or Python integers where one column holds many levels.
    stages : tuple of (a,) int
        Columns that are exact when each is minimised after the other.
    """

    name: str
    guess: Ints
    proof: tuple[Ints, ...]
    stages: tuple[Ints, ...]


def objectives(instance: Instance, hubs: HubNetwork, order: tuple[str, ...], by_income: bool, leximax: bool) -> list[Objective]:
    """Return the objectives in use, the most important first."""
    costs = _Costs(instance, hubs, order)
    found = []
    for name in order:
        if name == "coverage":
            found.append(costs.coverage(by_income))
        elif name == "balance":
            found.append(costs.leximax() if leximax else costs.single(name, costs.squares()))
        else:
            found.append(costs.single(name, _LINEAR[name](costs)))
    return found


class _Costs:
    def __init__(self, instance: Instance, hubs: HubNetwork, order: tuple[str, ...]) -> None:
        self._instance, self._hubs, self._net = instance, hubs, hubs.network
        net = self._net
        self._enter, self._pair, self._seat = (net.span(k) for k in (Kind.ENTER, Kind.PAIR, Kind.SEAT))
        self._match, self._direct = net.span(Kind.MATCH), net.span(Kind.DIRECT)
        self._keys = net.subject[self._pair] * len(instance.cadres) + net.detail[self._pair]
        self._gains = pair_gains(instance, order)

    def single(self, name: str, cost: Ints) -> Objective:
        """Return an objective that is one linear cost."""
        column = (cost,)
        return Objective(name, cost, column, column)

    def _cost(self, *gains: tuple[slice, Ints | Mask]) -> Ints:
        """Return the costs of all arcs, given what some kinds of them gain; the others cost nothing."""
        cost = np.zeros(len(self._net.tail), np.int64)
        for arcs, gain in gains:
            cost[arcs] -= gain
        return cost

    def on_pairs(self, name: str) -> Ints:
        return self._cost((self._pair, looked_up(self._gains[name], self._keys)))

    def duty(self) -> Ints:
        net, seat = self._net, self._seat
        return self._cost((seat, net.detail[seat] <= self._instance.cadres.duty[net.subject[seat]]))

    def village_link(self) -> Ints:
        cadres, net, size = self._instance.cadres, self._net, len(self._instance.parents)
        links = unique(cadres.links.owners() * size + cadres.links.values)
        village = self._instance.households.village[net.subject[self._pair]]
        hubs = [(arcs, self._hubs.skills.linked[net.detail[arcs]]) for arcs in (self._match, self._direct)]
        return self._cost(*hubs, (self._pair, among(net.detail[self._pair] * size + village, links)))

    def _by_class(
        self, gain: Callable[[Ints, Ints], Ints], of_need_hub: Ints, of_household: Ints, of_skill_hub: Ints, of_cadre: Ints
    ) -> Ints:
        """Return the costs of the arcs from households to cadres, given what the household's and the cadre's class gain together."""
        net, ends = self._net, ((of_need_hub, of_skill_hub), (of_household, of_skill_hub), (of_household, of_cadre))
        return self._cost(*((arcs, gain(left[net.subject[arcs]], right[net.detail[arcs]]))
                            for arcs, (left, right) in zip((self._match, self._direct, self._pair), ends, strict=True)))

    def fit(self) -> Ints:
        hubs, met = self._hubs, self._instance.met
        return self._by_class(lambda needs, skills: met[needs, skills],
                              hubs.needs.needs, self._instance.households.needs, hubs.skills.skills, self._instance.cadres.skills)

    def rank_match(self) -> Ints:
        hubs, bands = self._hubs, self._instance.bands
        return self._by_class(lambda band, level: (bands - band) * level,
                              hubs.needs.band, self._instance.households.band, hubs.skills.level, self._instance.cadres.level)

    def waiting(self) -> Ints:
        net, enter = self._net, self._enter
        months = self._instance.households.waiting[net.subject[enter]]
        return self._cost((enter, np.where(net.detail[enter] == 0, months, 0)))

    def squares(self) -> Ints:
        """Return the cost of every seat: load squared rises by 2 × load − 1."""
        return self._cost((self._seat, 1 - 2 * self._net.detail[self._seat]))

    def leximax(self) -> Objective:
        """Return balance as levels: for each load from the largest down, the places from that load on."""
        load = self._net.detail[self._seat]
        columns = tuple(-self._cost((self._seat, load >= floor)) for floor in range(int(load.max(initial=0)), 0, -1))
        return Objective("balance", -self._cost((self._seat, np.minimum(load, 200) ** 3)), columns, columns)

    def coverage(self, by_income: bool) -> Objective:
        """Return coverage: first cadres from the poorest on, then second cadres, and so on.

        Any strictly falling rewards give the poorest-first optimum where the servable households form a gammoid; that
        holds by income where no township has a quota, and then the one column is its own proof.
        """
        enter, households = self._enter, self._instance.households
        group = households.income_rank if by_income else households.band
        width = (int(group.max(initial=0)) + 1) if by_income else self._instance.bands
        level = self._net.detail[enter] * width + group[self._net.subject[enter]]
        used = unique(level)
        place = np.searchsorted(used, level)
        guess = self._cost((enter, len(used) - place))
        if by_income and not (self._instance.township_capacity[self._hubs.townships] >= 0).any():
            return self.single("coverage", guess)
        counts = np.bincount(place, minlength=len(used))
        if not by_income:
            levels = tuple(self._merged(place, counts, range(k, k + 1)) for k in range(len(used)))
            return Objective("coverage", guess, levels, levels)
        stages = tuple(self._merged(place, counts, part) for part in _parts(counts, self._net.nodes))
        return Objective("coverage", guess, (self._one_column(place, counts),), stages)

    def _merged(self, place: Ints, counts: Ints, part: range) -> Ints:
        """Return adjacent levels as one exact column: each reward exceeds all that the later ones can sum to."""
        rewards, reward = np.zeros(len(counts), np.int64), 1
        for level in reversed(part):
            rewards[level] = reward
            reward *= int(counts[level]) + 1
        return self._cost((self._enter, rewards[place]))

    def _one_column(self, place: Ints, counts: Ints) -> Ints:
        """Return all levels as one column of Python integers that compares as the levels do.

        Along a simple path a level of m arcs contributes between −m and m, a reduced cost between −2m−1 and 2m+1; with
        a base of 4m + 4 a level neither carries into the next nor hides it.
        """
        rewards, reward = [0] * len(counts), 1
        for level in range(len(counts) - 1, -1, -1):
            rewards[level] = -reward
            reward *= 4 * int(counts[level]) + 4
        cost = np.zeros(len(self._net.tail), object)
        cost[self._enter] = np.array(rewards, object)[place]
        return cost


_LINEAR: dict[str, Callable[[_Costs], Ints]] = {
    **{name: partial(_Costs.on_pairs, name=name) for name in ("continuity_first", "continuity", "affinity")},
    "duty": _Costs.duty,
    "village_link": _Costs.village_link,
    "fit": _Costs.fit,
    "waiting": _Costs.waiting,
    "rank_match": _Costs.rank_match,
}
"""The costs of every objective that is linear."""


def _parts(counts: Ints, nodes: int) -> list[range]:
    """Return runs of adjacent levels whose exact rewards stay below the solver's bound on costs."""
    most = 2 ** (_EXACT_BITS - 2 * max(nodes, 2).bit_length())
    parts, first, reward = [], 0, 1
    for level, count in enumerate(counts.tolist()):
        if level > first and reward * (count + 1) > most:
            parts.append(range(first, level))
            first, reward = level, 1
        reward *= count + 1
    return [*parts, range(first, len(counts))] if len(counts) else []
