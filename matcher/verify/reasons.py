"""Who lacks a cadre and why, and the bottlenecks, counted again: docs/certificate.md, "Reasons"."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np

from matcher.domain import Ints
from matcher.verify.arrays import Flags, totals
from matcher.verify.components import components, residual
from matcher.verify.hubs import Hubs
from matcher.verify.problem import Problem, Roster

NOBODY, BOTTLENECK, QUOTA, EARLIER = "no_permitted_cadre", "bottleneck", "township_capacity", "earlier_objective"


Short = tuple[str, str, int, int | str]
"""A row of unmatched.csv: household, reason, cadres lacking, bottleneck."""
Bottleneck = tuple[int, str, int, int, int, int]
"""A row of bottlenecks.csv: number, townships, households, cadres, places, shortfall."""


def count_again(given: Problem, roster: Roster, before: int) -> tuple[list[Short], list[Bottleneck]]:
    """Return everybody who lacks cadres, and the bottlenecks in their order, numbered after those before.

    What else counts lets nobody reach more, so coverage alone is looked at. A household of several partners goes its own way to each
    cadre it has: nobody is to be counted as reaching a cadre whom it has already.
    """
    p = Problem(given.instance, replace(given.rules, order=("coverage",)))
    homes, town, lacking = p.households, p.households.township, p.households.partners - roster.got
    several = homes.partners[roster.household] > 1
    net, _ = Hubs(p, p.keys(roster.household[several], roster.cadre[several])).network(roster)
    net = net.only(~net.of_kind("ENTER", "BYPASS"))
    short = np.flatnonzero(lacking > 0).tolist()
    start, end, _, _ = residual(net)
    free = _spread([0], end, start, len(net.names))
    quota, wanted, got = (p.instance.township_capacity, *(totals(town, c, len(p.around)) for c in (homes.partners, roster.got)))
    full = ((quota >= 0) & (wanted > quota) & (got >= quota))[town]
    reasons = {h: NOBODY if not p.permitted_of_household[h] else BOTTLENECK if not free[p.household + h] else
               QUOTA if full[h] else EARLIER for h in short}
    reached = _reached([p.household + h for h in short if reasons[h] == BOTTLENECK], start, end, len(net.names))
    alike: dict[int, list[int]] = defaultdict(list)
    capped: dict[int, list[int]] = defaultdict(list)
    of_cadres = ((1 << len(p.cadres)) - 1) << p.cadre
    for h in short:
        if reasons[h] == BOTTLENECK:
            alike[reached[p.household + h] & of_cadres].append(h)
        elif reasons[h] == QUOTA:
            capped[int(town[h])].append(h)
    found: list[Bottleneck] = []
    number: dict[int, int] = {}

    def tell(members: list[int], households: Ints, cadres: int, places: int) -> None:
        towns = {p.instance.place_names[t].partition("/")[2] for t in town[households].tolist()}
        found.append((before + len(found) + 1, "、".join(sorted(towns)), len(households), cadres, places, int(lacking[households].sum())))
        number.update(dict.fromkeys(members, before + len(found)))

    for members in sorted(alike.values()):
        bits = 0
        for h in members:
            bits |= reached[p.household + h]
        inside = np.array([bits >> node & 1 for node in range(len(net.names))]) == 1
        out = inside[net.tail] & ~inside[net.head] & net.of_kind("SEAT", "UNIT")
        tell(members, np.flatnonzero(inside[p.household : p.cadre]), (bits & of_cadres).bit_count(), int(net.flow[out].sum()))
    for place, members in sorted(capped.items(), key=lambda item: item[1]):
        here = town == place
        households = np.union1d(np.flatnonzero(here & (roster.got > p.fixed_of_household)), members)
        tell(members, households, 0, int(quota[place] - p.fixed_of_household[here].sum()))
    return [(homes.ids[h], why, int(lacking[h]), number.get(h, "")) for h, why in reasons.items()], found


def _spread(nodes: list[int], start: Ints, end: Ints, size: int) -> Flags:
    """Return what can be reached from some nodes."""
    found, many = np.zeros(size, np.bool_), 0
    found[nodes] = True
    while many != (many := int(found.sum())):
        found[end[found[start]]] = True
    return found


def _reached(nodes: list[int], start: Ints, end: Ints, size: int) -> dict[int, int]:
    """Return for some nodes all that each reaches, as bits of an integer."""
    keep = _spread(nodes, start, end, size)[start]  # the bits of all nodes would fill the memory of a large problem
    component = components(start[keep], end[keep], size)
    reached = [0] * (int(component.max(initial=-1)) + 1)
    for node in np.flatnonzero(component >= 0).tolist():
        reached[component[node]] |= 1 << node
    for a, b in sorted(set(zip(component[start[keep]].tolist(), component[end[keep]].tolist(), strict=True))):
        reached[a] |= reached[b]  # which is whole: its number is smaller
    return {node: reached[component[node]] if component[node] >= 0 else 1 << node for node in nodes}
