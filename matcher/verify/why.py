"""Who lacks a cadre and why, and the bottlenecks, counted again: docs/certificate.md, "Reasons"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from matcher.domain import Ints
from matcher.verify.components import components
from matcher.verify.hubs import Hubs
from matcher.verify.network import Network
from matcher.verify.optimal import Roster
from matcher.verify.problem import Flags, Problem

NOBODY, BOTTLENECK, QUOTA, EARLIER = "no_permitted_cadre", "bottleneck", "township_capacity", "earlier_objective"


@dataclass(frozen=True)
class Short:
    """A household that lacks cadres; the bottleneck is -1 if the reason is another."""

    household: str
    lacking: int
    reason: str
    bottleneck: int


@dataclass(frozen=True)
class Bottleneck:
    """What bottlenecks.csv says of one; the townships by name."""

    townships: str
    households: int
    cadres: int
    places: int
    shortfall: int


class _Ways:
    """Every way to rearrange pairs that takes no cadre from anybody: what is residual between households and the sink."""

    def __init__(self, net: Network) -> None:
        self.net = net
        inner = ~(net.of_kind("ENTER") | net.of_kind("BYPASS"))
        forward, backward = inner & (net.flow < net.limit), inner & (net.flow > 0)
        self.start = np.concatenate([net.tail[forward], net.head[backward]])
        self.end = np.concatenate([net.head[forward], net.tail[backward]])

    def spread(self, nodes: Iterable[int], against: bool = False) -> Flags:
        """Return what can be reached from some nodes, or from where they can be."""
        start, end = (self.end, self.start) if against else (self.start, self.end)
        found = np.zeros(len(self.net.nodes.names), np.bool_)
        found[list(nodes)] = True
        many = 0
        while many != (many := int(found.sum())):
            found[end[found[start]]] = True
        return found

    def closures(self, nodes: list[int]) -> dict[int, int]:
        """Return for some nodes all that each reaches, as bits of an integer."""
        inside = self.spread(nodes)
        keep = inside[self.start] & inside[self.end]
        start, end = self.start[keep], self.end[keep]
        component = components(start, end, len(inside))
        reached = [0] * (int(component.max(initial=-1)) + 1)
        for node in np.flatnonzero(component >= 0).tolist():
            reached[component[node]] |= 1 << node
        for a, b in sorted(set(zip(component[start].tolist(), component[end].tolist(), strict=True))):
            reached[a] |= reached[b]  # which is whole: its number is smaller
        return {node: reached[component[node]] if component[node] >= 0 else 1 << node for node in nodes}


def network_of_reasons(problem: Problem, roster: Roster) -> tuple[Problem, Network]:
    """Return the problem with coverage alone, and its network: what else counts lets nobody reach more.

    Every household of several partners goes its own way to each cadre it has, so that nobody is counted as reaching a cadre
    whom it has already.
    """
    several = problem.households.partners[roster.household] > 1
    own = problem.keys(roster.household[several], roster.cadre[several])
    alone = problem.under("coverage")
    return alone, Network(alone, Hubs(alone, own), roster, None)


def count_again(given: Problem, roster: Roster) -> tuple[list[Short], list[Bottleneck]]:
    """Return everybody who lacks cadres with the reason, sorted, and the bottlenecks in the order of their first household."""
    problem, net = network_of_reasons(given, roster)
    homes = problem.households
    lacking = homes.partners - roster.got
    short = np.flatnonzero(lacking > 0).tolist()
    ways = _Ways(net)
    free = ways.spread([net.nodes.sink], against=True)
    node = net.nodes.household.tolist()
    stuck = [h for h in short if problem.permitted_of_household[h] and not free[node[h]]]
    closure = ways.closures([node[h] for h in stuck])
    cadre_bits = sum(1 << c for c in net.nodes.cadre.tolist())
    groups: dict[int, list[int]] = defaultdict(list)
    for h in stuck:
        groups[closure[node[h]] & cadre_bits].append(h)
    found: list[Bottleneck] = []
    of_household: dict[int, int] = {}
    for members in sorted(groups.values()):
        of_household |= dict.fromkeys(members, len(found))
        reached = 0
        for h in members:
            reached |= closure[node[h]]
        found.append(_bottleneck(problem, net, reached, lacking))
    reasons = {h: NOBODY if not problem.permitted_of_household[h] else BOTTLENECK if h in of_household else EARLIER for h in short}
    capped: dict[int, list[int]] = defaultdict(list)
    full = _full(problem, roster)
    for h in short:
        if reasons[h] == EARLIER and int(homes.township[h]) in full:
            reasons[h] = QUOTA
            capped[int(homes.township[h])].append(h)
    for town, members in sorted(capped.items(), key=lambda item: item[1]):
        of_household |= dict.fromkeys(members, len(found))
        found.append(_of_quota(problem, roster, town, members, lacking))
    return [Short(homes.ids[h], int(lacking[h]), why, of_household.get(h, -1)) for h, why in reasons.items()], found


def _bottleneck(problem: Problem, net: Network, reached: int, lacking: Ints) -> Bottleneck:
    size = len(net.nodes.names)
    inside = np.unpackbits(np.frombuffer(reached.to_bytes(size // 8 + 1, "little"), np.uint8), bitorder="little")[:size] == 1
    households = np.flatnonzero(inside[net.nodes.household])
    out = inside[net.tail] & ~inside[net.head] & (net.of_kind("SEAT") | net.of_kind("UNIT"))
    places = int(net.flow[out].sum())
    towns = {problem.instance.place_names[t].partition("/")[2] for t in problem.households.township[households].tolist()}
    return Bottleneck("、".join(sorted(towns)), len(households), int(inside[net.nodes.cadre].sum()), places, int(lacking[households].sum()))


def _of_quota(problem: Problem, roster: Roster, town: int, members: list[int], lacking: Ints) -> Bottleneck:
    """Return a quota's bottleneck: who holds its places besides fixed pairs, and who lacks one though cadres have some."""
    here = problem.households.township == town
    holding = np.flatnonzero(here & (roster.got > problem.fixed_of_household))
    households = np.union1d(holding, np.array(members, np.int64))
    places = int(problem.instance.township_capacity[town] - problem.fixed_of_household[here].sum())
    return Bottleneck(problem.instance.place_names[town].partition("/")[2], len(households), 0, places, int(lacking[households].sum()))


def _full(problem: Problem, roster: Roster) -> set[int]:
    """Return the townships whose quota is used up though more was wanted."""
    town, size = problem.households.township, len(problem.instance.parents)
    wanted, got = (np.bincount(town, column, size).astype(np.int64) for column in (problem.households.partners, roster.got))
    quota = problem.instance.township_capacity
    return set(np.flatnonzero((quota >= 0) & (wanted > quota) & (got >= quota)).tolist())
