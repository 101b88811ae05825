"""Who lacks a cadre and why, and the bottlenecks, counted again: docs/certificate.md, "Reasons"."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np

from matcher.domain import Ints
from matcher.verify.components import components
from matcher.verify.hubs import Hubs
from matcher.verify.problem import Flags, Problem, Roster, totals

NOBODY, BOTTLENECK, QUOTA, EARLIER = "no_permitted_cadre", "bottleneck", "township_capacity", "earlier_objective"


@dataclass(frozen=True)
class Bottleneck:
    """What bottlenecks.csv says of one; ``members`` lack cadres because of it."""

    members: list[int]
    townships: str
    households: int
    cadres: int
    places: int
    shortfall: int


def count_again(given: Problem, roster: Roster) -> tuple[dict[int, str], list[Bottleneck]]:
    """Return the reason of everybody who lacks cadres, and the bottlenecks in their order.

    What else counts lets nobody reach more, so coverage alone is looked at. A household of several partners goes its own way to each
    cadre it has: nobody is to be counted as reaching a cadre whom it has already.
    """
    problem = Problem(given.instance, replace(given.rules, order=("coverage",)))
    several = problem.households.partners[roster.household] > 1
    net, _ = Hubs(problem, problem.keys(roster.household[several], roster.cadre[several])).network(roster)
    net = net.only(~net.of_kind("ENTER", "BYPASS"))
    start, end, _, _ = net.residual()
    size, homes, lacking = len(net.names), problem.households, problem.households.partners - roster.got
    short = np.flatnonzero(lacking > 0).tolist()
    free = _spread([0], end, start, size)
    reasons = {h: NOBODY if not problem.permitted_of_household[h] else EARLIER if free[problem.household + h] else BOTTLENECK for h in short}
    stuck = [h for h in short if reasons[h] == BOTTLENECK]
    reached = _closures([problem.household + h for h in stuck], start, end, size)
    of_cadres = ((1 << len(problem.cadres)) - 1) << problem.cadre
    alike: dict[int, list[int]] = defaultdict(list)
    for h in stuck:
        alike[reached[problem.household + h] & of_cadres].append(h)
    found = []
    for members in sorted(alike.values()):
        bits = 0
        for h in members:
            bits |= reached[problem.household + h]
        inside = np.unpackbits(np.frombuffer(bits.to_bytes(size // 8 + 1, "little"), np.uint8), bitorder="little")[:size] == 1
        out = inside[net.tail] & ~inside[net.head] & net.of_kind("SEAT", "UNIT")
        households = np.flatnonzero(inside[problem.household : problem.cadre])
        cadres = int(inside[problem.cadre : problem.cadre + len(problem.cadres)].sum())
        found.append(_bottleneck(problem, members, households, cadres, int(net.flow[out].sum()), lacking))
    quota, used = problem.instance.township_capacity, totals(homes.township, roster.got, len(problem.instance.parents))
    full = (quota >= 0) & (totals(homes.township, homes.partners, len(quota)) > quota) & (used >= quota)
    capped: dict[int, list[int]] = defaultdict(list)
    for h in short:
        if reasons[h] == EARLIER and full[homes.township[h]]:
            reasons[h] = QUOTA
            capped[int(homes.township[h])].append(h)
    for town, members in sorted(capped.items(), key=lambda item: item[1]):
        here = homes.township == town
        holding = np.flatnonzero(here & (roster.got > problem.fixed_of_household))
        places = int(quota[town] - problem.fixed_of_household[here].sum())
        found.append(_bottleneck(problem, members, np.union1d(holding, members), 0, places, lacking))
    return reasons, found


def _bottleneck(problem: Problem, members: list[int], households: Ints, cadres: int, places: int, lacking: Ints) -> Bottleneck:
    towns = {problem.instance.place_names[t].partition("/")[2] for t in problem.households.township[households].tolist()}
    return Bottleneck(members, "、".join(sorted(towns)), len(households), cadres, places, int(lacking[households].sum()))


def _spread(nodes: list[int], start: Ints, end: Ints, size: int) -> Flags:
    """Return what can be reached from some nodes."""
    found = np.zeros(size, np.bool_)
    found[nodes] = True
    many = 0
    while many != (many := int(found.sum())):
        found[end[found[start]]] = True
    return found


def _closures(nodes: list[int], start: Ints, end: Ints, size: int) -> dict[int, int]:
    """Return for some nodes all that each reaches, as bits of an integer."""
    keep = _spread(nodes, start, end, size)[start]
    component = components(start[keep], end[keep], size)
    reached = [0] * (int(component.max(initial=-1)) + 1)
    for node in np.flatnonzero(component >= 0).tolist():
        reached[component[node]] |= 1 << node
    for a, b in sorted(set(zip(component[start[keep]].tolist(), component[end[keep]].tolist(), strict=True))):
        reached[a] |= reached[b]  # which is whole: its number is smaller
    return {node: reached[component[node]] if component[node] >= 0 else 1 << node for node in nodes}
