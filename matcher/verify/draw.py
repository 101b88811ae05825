"""Whether the lot decided as the rule says, and left one roster: docs/certificate.md, "The draw"."""

from __future__ import annotations

import numpy as np

from matcher.domain import Ints
from matcher.integers import among, unique
from matcher.messages import N_, message
from matcher.verify.arrays import tickets
from matcher.verify.certificate import DRAW, Part
from matcher.verify.components import components, residual
from matcher.verify.hubs import Hubs, Paths
from matcher.verify.levels import KINDS, Arcs, cut
from matcher.verify.problem import Problem, Roster
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
    net, paths = hubs.network(roster)
    if set(part.nodes) != set(net.names) - {""}:
        raise Flaw(message(N_("The certificate's nodes are not those of the draw's network.")))
    proof = part.proof(net.names)
    signs = net.signs(proof)
    for arc in net.against(signs):
        raise Flaw(message(N_("The proof does not hold in the draw's network: {where}."), where=_name(net, arc).replace("\x1f", " ")))
    _check_only(net.only(signs == 0), part.bits)
    _check_dealt(problem, hubs, paths)
    even = net.only(net.signs(proof[: part.levels.index((DRAW,))]) == 0)
    decided = even.only(_inside(even)[0])
    drawn: list[int] = unique(decided.head[decided.of_kind("ENTER")] - problem.household).tolist()
    return drawn


def twice_keys(problem: Problem, part: Part) -> Ints:
    """Return the keys of the pairs that a hub dealt twice; only a household that lacks several cadres can have such a pair."""
    household, cadre = ({key: k for k, key in enumerate(ids)} for ids in (problem.households.ids, problem.cadres.ids))
    known = all(h in household and c in cadre for h, c in part.twice)
    keys = np.array([household[h] * problem.width + cadre[c] for h, c in part.twice if known], np.int64)
    good = known and (np.diff(keys) > 0).all() and (problem.left[keys // problem.width] > 1).all()
    if not (good and problem.permitted(keys).all() and not among(keys, problem.fixed).any()):
        raise Flaw(message(N_("The certificate lets households out of their hubs that have no reason to be.")))
    return keys


def _name(net: Arcs, arc: int) -> str:
    """Return an arc's name: what its ticket is drawn for."""
    kind, ends = KINDS[net.kind[arc]], (net.names[net.tail[arc]], net.names[net.head[arc]])
    return "\x1f".join([kind, *ends, *([str(net.number[arc])] if kind in ("ENTER", "SEAT") else [])])


def _inside(net: Arcs) -> tuple[Ints, Ints]:
    """Return the arcs with both ends in one strongly connected component of the residual graph, and those in one that is no tree."""
    component = components(*residual(net)[:2], len(net.names))
    inside = np.flatnonzero((component[net.tail] == component[net.head]) & (component[net.tail] >= 0))
    of_arc, many = component[net.tail[inside]], int(component.max(initial=-1)) + 1
    excess = np.bincount(of_arc, minlength=many) - np.bincount(component[component >= 0], minlength=many) + 1
    return inside, inside[excess[of_arc] > 0]


def _check_only(net: Arcs, bits: int) -> None:
    """Check that no other flow along arcs that are all tight is as good, tickets on the arcs included."""
    seed = net.problem.rules.seed
    for counter in range(TRIES):
        net = net.only(_inside(net)[1])
        if not len(net.kind):
            return
        cost = cut(tickets(f"{seed}|{counter}" if counter else seed, "arc", [_name(net, k) for k in range(len(net.kind))]), bits)
        distance = _distances(net, cost)
        net = net.only(cost + distance[net.tail] == distance[net.head])
    raise Flaw(message(N_("The draw leaves more than one roster.")))


def _distances(net: Arcs, cost: Ints) -> Ints:
    """Return distances under which no residual arc is negative (Bellman 1958, Ford 1956)."""
    start, end, arc, sign = residual(net)
    distance = np.zeros(len(net.names), np.int64)
    for _ in range(len(net.names) + 1):
        before = distance.copy()
        np.minimum.at(distance, end, before[start] + sign * cost[arc])
        if (distance == before).all():
            return distance
    raise Flaw(message(N_("The lot was not followed: another roster, as good in every objective, has the better tickets.")))


def _check_dealt(problem: Problem, hubs: Hubs, paths: Paths) -> None:
    """Check that at every hub those who came first by (number, queue) left by what goes out first: dealing gives this and no other roster.

    A household's pairs are numbered as its own hub deals them: by how far outwards they go, then by the hub of skills, then by the cadre.
    """
    household, cadre, hub = paths.household, paths.cadre, paths.hub
    turn, seat = _turns(problem.rules.seed, "household", problem.households.ids), _turns(problem.rules.seed, "cadre", problem.cadres.ids)
    (_, first), many = hubs.first, hubs.skills.shape[1]
    linked_first = np.where(hubs.skills[1] == 1, 0, many) + np.arange(many)
    far = (problem.around[problem.households.village[household]] == hubs.skills[0, hub][:, None]).argmax(axis=1)
    order = np.lexsort((seat[cadre], np.where(hubs.apart[household], hub, linked_first[hub]), far, household))
    number = np.empty_like(order)
    number[order] = np.arange(len(order)) - np.searchsorted(household[order], household[order])
    dealt = paths.tail >= hubs.first[0]  # every step out of a hub; those upwards are the last
    pair, tail, head = paths.pair[dealt], paths.tail[dealt], paths.head[dealt]
    way = np.where(tail >= first, seat[cadre[pair]], np.where(head >= first, linked_first[hub[pair]], 2 * many))
    came = np.lexsort((turn[household[pair]], number[pair], tail))
    tail, way, pair = tail[came], way[came], pair[came]
    for wrong in pair[1:][(tail[1:] == tail[:-1]) & (way[1:] < way[:-1])]:
        text = N_("The lot was not followed: by the tickets {household} and {cadre} are dealt otherwise.")
        raise problem.about(text, problem.keys(household, cadre)[wrong])


def _turns(seed: str, kind: str, ids: tuple[str, ...]) -> Ints:
    """Return everybody's place in the order of (ticket, id)."""
    turn = np.empty(len(ids), np.int64)
    turn[np.argsort(tickets(seed, kind, ids), kind="stable")] = np.arange(len(ids))
    return turn
