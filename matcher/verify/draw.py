"""Whether the lot decided as the rule says, and left one roster: docs/certificate.md, "The draw"."""

from __future__ import annotations

from collections import defaultdict

import networkx
import numpy as np

from matcher.domain import Ints
from matcher.messages import N_, message
from matcher.verify.certificate import Part
from matcher.verify.hubs import Hubs
from matcher.verify.levels import DRAW, Costs, ticket, ticket_bits, tickets
from matcher.verify.network import Network
from matcher.verify.optimal import Roster, first_signs
from matcher.verify.problem import Problem
from matcher.verify.verdict import Flaw

TRIES = 8


def check_draw(problem: Problem, part: Part, roster: Roster) -> list[int]:
    """Return the households whom the lot decided, sorted, after checking that it decided as the rule says.

    Raises
    ------
    Flaw
        Another roster is as good and has the better tickets, or the certificate's hubs prove nothing.
    """
    hubs = Hubs(problem, twice_keys(problem, part))
    net = Network(problem, hubs, roster, part)
    bits = ticket_bits(len(part.nodes))
    costs = Costs(problem, bits)
    reduced = []
    for level, column in zip(part.levels, part.potentials, strict=True):
        large = max(map(abs, column), default=0) >= 1 << 58
        potential = np.array(column, object if large else np.int64)
        reduced.append(net.cost(level, costs) + potential[net.tail] - potential[net.head])
    signs = first_signs(reduced, len(net.flow))
    bad = ((signs < 0) & (net.flow < net.limit)) | ((signs > 0) & (net.flow > 0))
    if bad.any():
        where = net.name(int(np.argmax(bad))).replace("\x1f", " ")
        raise Flaw(message(N_("The proof does not hold in the draw's network: {where}."), where=where))
    before = first_signs(reduced[: part.levels.index((DRAW,))], len(net.flow)) == 0
    household, _ = problem.enter
    inside = _components(net, np.flatnonzero(before))[0]
    drawn = sorted(set(household[inside[inside < net.entering]].tolist()))
    _check_only(problem, net, np.flatnonzero(signs == 0), bits)
    _check_dealt(problem, hubs, net, roster)
    return drawn


def twice_keys(problem: Problem, part: Part) -> Ints:
    """Return the keys of the pairs that a hub dealt twice; only a household that lacks several cadres can have such a pair."""
    number = [{key: k for k, key in enumerate(ids)} for ids in (problem.households.ids, problem.cadres.ids)]
    try:
        pairs = np.array([(number[0][h], number[1][c]) for h, c in part.twice], np.int64).reshape(-1, 2)
    except KeyError:
        pairs = np.full((1, 2), -1)
    household, cadre = pairs[:, 0], pairs[:, 1]
    keys = problem.keys(household, cadre)
    good = (keys >= 0).all() and (np.diff(keys) > 0).all() and (problem.left[household] > 1).all()
    if not (good and problem.permitted(household, cadre).all() and not np.isin(keys, problem.fixed).any()):
        raise Flaw(message(N_("The certificate lets households out of their hubs that have no reason to be.")))
    return keys


def _components(net: Network, arcs: Ints) -> tuple[Ints, Ints]:
    """Return the arcs with both ends in one strongly connected component of the residual graph, and those in one with a cycle."""
    arcs = _trimmed(net, arcs)
    tail, head, flow = net.tail[arcs], net.head[arcs], net.flow[arcs]
    forward, backward = flow < net.limit[arcs], flow > 0
    graph = networkx.DiGraph()
    graph.add_edges_from(zip(tail[forward].tolist(), head[forward].tolist(), strict=True))
    graph.add_edges_from(zip(head[backward].tolist(), tail[backward].tolist(), strict=True))
    component = np.full(len(net.nodes.names), -1)
    size = []
    for k, nodes in enumerate(networkx.strongly_connected_components(graph)):
        component[list(nodes)] = k
        size.append(len(nodes))
    inside = (component[tail] == component[head]) & (component[tail] >= 0)
    of_arc = component[tail[inside]]
    excess = np.bincount(of_arc, minlength=len(size)) - np.array(size, np.int64) + 1
    return arcs[inside], arcs[inside][excess[of_arc] > 0] if len(of_arc) else arcs[:0]


def _trimmed(net: Network, arcs: Ints) -> Ints:
    """Return the arcs without those that touch a node which nothing enters or nothing leaves: no cycle goes through it."""
    while True:
        tail, head, flow = net.tail[arcs], net.head[arcs], net.flow[arcs]
        forward, backward = flow < net.limit[arcs], flow > 0
        left, entered = (np.bincount(np.concatenate(ends), minlength=len(net.nodes.names)) > 0
                         for ends in ((tail[forward], head[backward]), (head[forward], tail[backward])))
        keep = (left & entered)[tail] & (left & entered)[head]
        if keep.all():
            return arcs
        arcs = arcs[keep]


def _check_only(problem: Problem, net: Network, tight: Ints, bits: int) -> None:
    """Check that no other flow is as good, tickets on the arcs included."""
    seed = problem.rules.seed
    for counter in range(TRIES):
        open_ = _components(net, tight)[1]
        if not len(open_):
            return
        cost = tickets(f"{seed}|{counter}" if counter else seed, "arc", map(net.name, open_.tolist()), bits)
        distance = _distances(net, open_, cost)
        tight = open_[cost + distance[net.tail[open_]] - distance[net.head[open_]] == 0]
    raise Flaw(message(N_("The draw leaves more than one roster.")))


def _distances(net: Network, arcs: Ints, cost: Ints) -> Ints:
    """Return distances under which no residual arc of these is negative (Bellman 1958, Ford 1956)."""
    forward, backward = net.flow[arcs] < net.limit[arcs], net.flow[arcs] > 0
    start = np.concatenate([net.tail[arcs][forward], net.head[arcs][backward]])
    end = np.concatenate([net.head[arcs][forward], net.tail[arcs][backward]])
    length = np.concatenate([cost[forward], -cost[backward]])
    distance = np.zeros(len(net.nodes.names), np.int64)
    for _ in range(len(net.nodes.names) + 1):
        before = distance.copy()
        np.minimum.at(distance, end, before[start] + length)
        if (distance == before).all():
            return distance
    raise Flaw(message(N_("The lot was not followed: another roster, as good in every objective, has the better tickets.")))


def _check_dealt(problem: Problem, hubs: Hubs, net: Network, roster: Roster) -> None:
    """Deal what passes through the hubs to their households and cadres, and compare with the roster."""
    route, seed = net.route, problem.rules.seed
    turn = _turns(seed, "household", problem.households.ids)
    seat = _turns(seed, "cadre", problem.cadres.ids)
    waiting: dict[object, list[tuple[int, int, int]]] = defaultdict(list)
    dealt = sorted(route.single)
    for h in sorted({*route.joined, *(h for h, _ in route.direct)}):
        stops: list[object] = [hubs.entry[h]] * route.joined[h]
        stops += [g for g in hubs.apart.get(h, ()) for _ in range(route.direct[h, g])]
        for nth, stop in enumerate(stops):
            waiting[stop].append((nth, turn[h], h))
    for needs in sorted(hubs.needs, key=lambda hub: -len(problem.around(hub.place))):
        slots: list[object] = [g for g in sorted(hubs.at[needs.place], key=lambda g: -g.linked) for _ in range(route.matched[needs, g])]
        slots += [hubs.rise(needs)] * route.risen[needs]
        for unit, slot in zip(sorted(waiting[needs]), slots, strict=True):
            waiting[slot].append(unit)
    for hub, cadres in hubs.members.items():
        picks = [c for c in sorted(cadres, key=seat.__getitem__) for _ in range(route.picked[hub, c])]
        dealt += [unit[2] * problem.width + c for unit, c in zip(sorted(waiting[hub]), picks, strict=True)]
    wanted = problem.keys(roster.household, roster.cadre)
    if sorted(dealt) != wanted.tolist():
        key = min(set(dealt) ^ set(wanted.tolist()), default=int(wanted[0]))
        text = N_("The lot was not followed: by the tickets {household} and {cadre} are dealt otherwise.")
        ids = problem.households.ids[key // problem.width], problem.cadres.ids[key % problem.width]
        raise Flaw(message(text, household=ids[0], cadre=ids[1]))


def _turns(seed: str, kind: str, ids: tuple[str, ...]) -> list[int]:
    """Return everybody's place in the order of (ticket, id)."""
    drawn = [ticket(seed, kind, name) for name in ids]
    turn = [0] * len(ids)
    for place, k in enumerate(sorted(range(len(ids)), key=lambda k: (drawn[k], k))):
        turn[k] = place
    return turn
