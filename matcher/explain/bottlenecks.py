"""Why eligible households lack a cadre: nobody permitted, too few places, the township's quota, or an earlier objective.

A bottleneck is a residual closure: from a household that lacks a cadre, everything that rearranging pairs could reach
without taking a cadre from anyone. If no free place is in it, its households can go to its cadres only, and their places
are all taken. Where a free place is in it but the township's quota is used up, the quota is the bottleneck: the township's
paired households and those who lack a cadre share its places. Source: the max-flow min-cut theorem (Ford, Fulkerson 1956).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from matcher.domain import Ints, Mask
from matcher.explain.remedies import Place, Remedies
from matcher.explain.standing import Standing
from matcher.formulation.network import Kind
from matcher.integers import unique, without
from matcher.solve.components import strong_components

NOBODY, BOTTLENECK, QUOTA, EARLIER = "no_permitted_cadre", "bottleneck", "township_capacity", "earlier_objective"


@dataclass(frozen=True)
class Bottleneck:
    """Households that can go to these cadres only, who have too few places; or that share a township's quota.

    Attributes
    ----------
    households, cadres : (k,), (l,) int
        Numbers of the instance, sorted.
    places : int
        Places of the cadres together, under their units' limits, or of the quota; besides fixed pairs.
    needed : int
        Places that the households need together, besides fixed pairs and other cadres that they have.
    shortfall : int
        Cadres that the households lack: ``needed - places``.
    quota : int
        The township whose quota it is; −1 if cadres are the bottleneck.
    fix : (str, int)
        A cadre, a unit or a township (``cadre``, ``unit``, ``township``) where one more place serves one household more; ``""`` if none
        does: the households have everyone they may have, a quota is used up too, or an objective before coverage takes the place.
    """

    households: Ints
    cadres: Ints
    places: int
    needed: int
    shortfall: int
    quota: int
    fix: Place


@dataclass(frozen=True)
class Unmatched:
    """Why a household lacks cadres.

    Attributes
    ----------
    household : int
    lacking : int
    reason : str
    bottleneck : int
        Index in the list of bottlenecks; -1 if the reason is neither places nor a quota.
    helped : bool
        Whether the bottleneck's fix alone gives it a cadre: not if its township is full as well, nor if it has everyone it may.
    everyone : bool
        Whether it has some cadres, and they are all that it may have: no place is lacking then, though it counts to a bottleneck.
    """

    household: int
    lacking: int
    reason: str
    bottleneck: int
    helped: bool
    everyone: bool = False


def why_unmatched(standing: Standing) -> tuple[list[Unmatched], list[Bottleneck]]:
    """Return everyone who lacks a cadre with the reason, and the bottlenecks: of cadres, then of quotas, each by first household."""
    instance, permission = standing.instance, standing.permission
    got = np.bincount(standing.household, minlength=len(instance.households))
    lacking = instance.households.partners - got
    short = np.flatnonzero(lacking > 0)
    if not len(short):
        return [], []
    permitted, of_cadre = permission.counts()
    graph = _Residual(standing, of_cadre > instance.cadres.capacity)
    first = standing.hubs.first_household
    stuck = [int(h) for h in short if permitted[h] and not graph.reaches[first + h]]
    remedies = Remedies(standing)
    of_household, bottlenecks = _bottlenecks(standing, graph, stuck, lacking, remedies)
    full = _full_townships(standing)
    town = instance.households.township
    capped: dict[int, list[int]] = defaultdict(list)
    for h in short.tolist():
        if permitted[h] and h not in of_household and int(town[h]) in full:
            capped[int(town[h])].append(h)
    for place, members in sorted(capped.items(), key=lambda item: item[1]):
        of_household |= dict.fromkeys(members, len(bottlenecks))
        bottlenecks.append(_of_quota(standing, place, members, lacking, remedies))
    found = []
    for h in short.tolist():
        reason = NOBODY if not permitted[h] else EARLIER if h not in of_household else _reason(bottlenecks[of_household[h]])
        everyone = 0 < int(permitted[h]) <= int(got[h])
        helped = int(town[h]) not in full and int(permitted[h]) > int(got[h])
        found.append(Unmatched(h, int(lacking[h]), reason, of_household.get(h, -1), helped, everyone))
    return found, bottlenecks


def _reason(bottleneck: Bottleneck) -> str:
    return BOTTLENECK if bottleneck.quota < 0 else QUOTA


def _of_quota(standing: Standing, place: int, members: list[int], lacking: Ints, remedies: Remedies) -> Bottleneck:
    """Return the bottleneck of a township's quota: who holds its places, and who lacks one."""
    net = standing.hubs.network
    enter = net.of_kind(Kind.ENTER)
    node = int(np.searchsorted(standing.hubs.townships, place)) + 1
    holding = net.subject[enter[(net.tail[enter] == node) & (standing.flow[enter] > 0)]]
    households = unique(np.concatenate([holding, np.array(members, np.int64)]))
    places, shortfall = int(net.supply[node]), int(lacking[households].sum())
    fix = remedies.first([("township", place)])
    return Bottleneck(households, np.zeros(0, np.int64), places, places + shortfall, shortfall, place, fix)


def _full_townships(standing: Standing) -> set[int]:
    """Return the townships whose whole supply is paired though more was wanted (only a quota makes the supply less)."""
    net, flow = standing.hubs.network, standing.flow
    enter, bypass = net.of_kind(Kind.ENTER), net.of_kind(Kind.BYPASS)
    node_supply = net.supply
    wanted = np.bincount(net.tail[enter], minlength=net.nodes)
    slack = {int(net.tail[a]): int(flow[a]) for a in bypass}
    return {
        int(place) for k, place in enumerate(standing.hubs.townships)
        if wanted[k + 1] > node_supply[k + 1] and not slack.get(k + 1, 0)
    }


class _Residual:
    """The residual graph of feasibility: every way to rearrange pairs that takes no cadre from anybody."""

    def __init__(self, standing: Standing, limited: Mask) -> None:
        self.limited = limited
        """The cadres whom their capacity limits, and not the number of households they may serve."""
        self.net, self.flow = standing.hubs.network, standing.flow
        inner = ~np.isin(self.net.kind, (Kind.ENTER, Kind.BYPASS))
        forward, backward = inner & (self.flow < self.net.capacity), inner & (self.flow > 0)
        self.start = np.concatenate([self.net.tail[forward], self.net.head[backward]])
        self.end = np.concatenate([self.net.head[forward], self.net.tail[backward]])
        self.reaches = self._spread(self.end, self.start, np.zeros(1, np.int64))
        """The nodes from which a free place can be reached."""

    def reached_from(self, nodes: Ints) -> Mask:
        """Return the nodes that can be reached from some of these."""
        return self._spread(self.start, self.end, nodes)

    def _spread(self, start: Ints, end: Ints, nodes: Ints) -> Mask:
        reached = np.zeros(self.net.nodes, np.bool_)
        reached[nodes] = True
        count = -1
        while count != (count := int(reached.sum())):
            reached[end[reached[start]]] = True
        return reached


def _bottlenecks(
    standing: Standing, graph: _Residual, stuck: list[int], lacking: Ints, remedies: Remedies
) -> tuple[dict[int, int], list[Bottleneck]]:
    """Return every stuck household's bottleneck; those who can go to the same cadres only share one."""
    if not stuck:
        return {}, []
    hubs, instance = standing.hubs, standing.instance
    nodes_of_stuck = hubs.first_household + np.array(stuck)
    component, reach = _reach(graph, nodes_of_stuck)
    first, beyond = hubs.first_cadre, hubs.first_cadre + len(instance.cadres)
    with_cadres = sum(1 << c for c in unique(component[first:beyond]).tolist() if c >= 0)
    groups: dict[int, list[int]] = defaultdict(list)
    reached: dict[int, int] = defaultdict(int)
    for h, c in zip(stuck, component[nodes_of_stuck].tolist(), strict=True):
        cadres = reach[c] & with_cadres
        groups[cadres].append(h)
        reached[cadres] |= reach[c]
    of_household: dict[int, int] = {}
    found: list[Bottleneck] = []
    for cadres, members in sorted(groups.items(), key=lambda group: group[1]):
        nodes = np.flatnonzero(_flags(reached[cadres], len(reach) + 1)[component])  # the last flag, for whom nobody reaches, is 0
        for h in members:
            of_household[h] = len(found)
        found.append(_bottleneck(standing, graph, nodes, lacking, remedies))
    return of_household, found


def _reach(graph: _Residual, nodes: Ints) -> tuple[Ints, list[int]]:
    """Return every node's strong component among those that some nodes reach, else -1; and whom each reaches, as bits of an integer."""
    inside = graph.reached_from(nodes)
    keep = inside[graph.start] & inside[graph.end]
    number = np.cumsum(inside) - 1
    start, end = number[graph.start[keep]], number[graph.end[keep]]
    found = strong_components(start, end, int(inside.sum()))
    bits = [1 << c for c in range(int(found.max(initial=-1)) + 1)]
    edges = unique(found[start] * len(bits) + found[end])
    for c, d in zip((edges // len(bits)).tolist(), (edges % len(bits)).tolist(), strict=True):
        bits[c] |= bits[d]  # components are numbered sinks first, so every successor is complete
    component = np.full(len(inside), -1, np.int64)
    component[inside] = found
    return component, bits


def _flags(bits: int, size: int) -> Mask:
    """Return bits as flags, the lowest first."""
    data = np.frombuffer(bits.to_bytes(size // 8 + 1, "little"), np.uint8)
    return np.unpackbits(data, bitorder="little")[:size].astype(np.bool_)


def _bottleneck(standing: Standing, graph: _Residual, nodes: Ints, lacking: Ints, remedies: Remedies) -> Bottleneck:
    hubs, net, flow, instance = standing.hubs, standing.hubs.network, standing.flow, standing.instance
    inside = np.zeros(net.nodes, np.bool_)
    inside[nodes] = True
    households = nodes[(nodes >= hubs.first_household) & (nodes < hubs.first_need)] - hubs.first_household
    cadres = nodes[(nodes >= hubs.first_cadre) & (nodes < hubs.first_cadre + len(instance.cadres))] - hubs.first_cadre
    leaving = np.flatnonzero(inside[net.tail] & ~inside[net.head] & np.isin(net.kind, (Kind.SEAT, Kind.UNIT)))
    seats = leaving[net.kind[leaving] == Kind.SEAT]
    full = net.subject[seats[graph.reaches[net.head[seats]]]]
    full = full[graph.limited[full]]  # a place more at a cadre helps only where the unit has room and a household may take it
    empty = without(cadres[graph.limited[cadres]], np.sort(net.subject[net.of_kind(Kind.SEAT)]))
    units = nodes[nodes >= hubs.first_cadre + len(instance.cadres)] - hubs.first_cadre - len(instance.cadres)
    fix = remedies.first([
        *(("cadre", c) for c in unique(full).tolist()), *(("unit", u) for u in np.sort(hubs.limited_units[units]).tolist()),
        *(("cadre", c) for c in np.sort(empty).tolist()),
    ])
    places, shortfall = int(flow[leaving].sum()), int(lacking[households].sum())
    return Bottleneck(households, cadres, places, places + shortfall, shortfall, -1, fix)
