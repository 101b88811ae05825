"""Whether the lot decided as the rule says, and left one roster: docs/certificate.md, "The draw"."""

from __future__ import annotations

import numpy as np

from matcher.domain import Ints
from matcher.messages import N_, message
from matcher.verify.certificate import Part
from matcher.verify.components import components
from matcher.verify.hubs import Hubs
from matcher.verify.levels import DRAW, Costs, cut, ticket_bits
from matcher.verify.network import Network
from matcher.verify.optimal import Roster, first_signs
from matcher.verify.problem import Problem, Tickets, among, tickets
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
    for level, potential in zip(part.levels, part.columns, strict=True):
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
    if not (good and problem.permitted(household, cadre).all() and not among(keys, problem.fixed).any()):
        raise Flaw(message(N_("The certificate lets households out of their hubs that have no reason to be.")))
    return keys


def _components(net: Network, arcs: Ints) -> tuple[Ints, Ints]:
    """Return the arcs with both ends in one strongly connected component of the residual graph, and those in one with a cycle."""
    arcs = _trimmed(net, arcs)
    tail, head = net.tail[arcs], net.head[arcs]
    component = components(*_residual(net, arcs)[:2], len(net.nodes.names))
    inside = (component[tail] == component[head]) & (component[tail] >= 0)
    of_arc, many = component[tail[inside]], int(component.max(initial=-1)) + 1
    excess = np.bincount(of_arc, minlength=many) - np.bincount(component[component >= 0], minlength=many) + 1
    return arcs[inside], arcs[inside][excess[of_arc] > 0]


def _residual(net: Network, arcs: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Return where residual arcs begin and end, those with room and those with flow; and the arc, and 1 forward, -1 backward."""
    forward, backward = arcs[net.flow[arcs] < net.limit[arcs]], arcs[net.flow[arcs] > 0]
    return (np.concatenate([net.tail[forward], net.head[backward]]), np.concatenate([net.head[forward], net.tail[backward]]),
            np.concatenate([forward, backward]), np.repeat([1, -1], [len(forward), len(backward)]))


def _trimmed(net: Network, arcs: Ints) -> Ints:
    """Return the arcs without those that touch a node which nothing enters or nothing leaves: no cycle goes through it."""
    many = len(net.nodes.names)
    while True:
        start, end, _, _ = _residual(net, arcs)
        good = (np.bincount(start, minlength=many) > 0) & (np.bincount(end, minlength=many) > 0)
        keep = good[net.tail[arcs]] & good[net.head[arcs]]
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
        cost = cut(tickets(f"{seed}|{counter}" if counter else seed, "arc", map(net.name, open_.tolist())), bits)
        distance = _distances(net, open_, cost)
        tight = open_[cost + distance[net.tail[open_]] - distance[net.head[open_]] == 0]
    raise Flaw(message(N_("The draw leaves more than one roster.")))


def _distances(net: Network, arcs: Ints, cost: Ints) -> Ints:
    """Return distances under which no residual arc of these is negative (Bellman 1958, Ford 1956)."""
    start, end, which, sign = _residual(net, arcs)
    length = sign * cost[np.searchsorted(arcs, which)]
    distance = np.zeros(len(net.nodes.names), np.int64)
    for _ in range(len(net.nodes.names) + 1):
        before = distance.copy()
        np.minimum.at(distance, end, before[start] + length)
        if (distance == before).all():
            return distance
    raise Flaw(message(N_("The lot was not followed: another roster, as good in every objective, has the better tickets.")))


def _check_dealt(problem: Problem, hubs: Hubs, net: Network, roster: Roster) -> None:
    """Deal what passes through the hubs to their households and cadres, and compare with the roster.

    As many come into a hub as go out; both are put in their orders, hub by hub, and then stand side by side.
    """
    route = net.route
    turn, seat = _turns(problem.tickets), _turns(tickets(problem.rules.seed, "cadre", problem.cadres.ids))
    who, apart = (np.repeat(*column) for column in ((np.arange(len(turn)), route.joined), (hubs.direct[0], route.direct)))
    nth, at, hub = _nth(who), hubs.entry[who], np.zeros_like(who)
    needs, skills = route.match
    up = np.flatnonzero(hubs.rise >= 0)
    ways = np.stack([np.concatenate([needs, up]), np.concatenate([1 - hubs.linked[skills], np.full(len(up), 2)]),
                     np.concatenate([skills, hubs.rise[up]])])  # from a hub of needs, in which order, to where
    ways = np.repeat(ways, np.concatenate([route.matched, route.risen[up]]), axis=1)
    ways = ways[:, np.lexsort(ways[::-1])]
    depth = (problem.around >= 0).sum(axis=1)[hubs.needs_place]
    for inside in (4, 3, 2, 1):  # villages, townships, counties, everywhere
        here = np.flatnonzero(depth[at] == inside)
        here = here[np.lexsort((turn[who[here]], nth[here], at[here]))]
        _, order, to = ways[:, depth[ways[0]] == inside]
        risen = order == 2
        at[here[risen]], hub[here[~risen]] = to[risen], to[~risen]
    who, nth = np.concatenate([who, apart]), np.concatenate([nth, _nth(apart)])
    came = np.lexsort((turn[who], nth, np.concatenate([hub, np.repeat(hubs.direct[1], route.direct)])))
    g, c = np.repeat([hubs.members.owners(), hubs.members.values], route.picked, axis=1)
    dealt = np.concatenate([hubs.single[route.single > 0], problem.keys(who[came], c[np.lexsort((seat[c], g))])])
    wrong = np.setxor1d(dealt, problem.keys(roster.household, roster.cadre))
    if len(wrong):
        text = N_("The lot was not followed: by the tickets {household} and {cadre} are dealt otherwise.")
        ids = problem.households.ids[wrong[0] // problem.width], problem.cadres.ids[wrong[0] % problem.width]
        raise Flaw(message(text, household=ids[0], cadre=ids[1]))


def _nth(who: Ints) -> Ints:
    """Return for a sorted column how many the same stand before each."""
    return np.arange(len(who)) - np.searchsorted(who, who)


def _turns(drawn: Tickets) -> Ints:
    """Return everybody's place in the order of (ticket, id)."""
    turn = np.empty(len(drawn), np.int64)
    turn[np.argsort(drawn, kind="stable")] = np.arange(len(drawn))
    return turn
