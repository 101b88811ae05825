"""Whether the lot decided as the rule says, and left one roster, in the network of the draw: docs/certificate.md, "The draw".

Only the draw depends on hubs; that the roster is the best is checked on the pairs themselves.
"""

from __future__ import annotations

import numpy as np

from matcher.domain import Ints
from matcher.integers import among, unique, without
from matcher.messages import N_, message
from matcher.verify import Flaw
from matcher.verify.arrays import components, distinct, grouped, tickets, together
from matcher.verify.certificate import DRAW, Part
from matcher.verify.optimal import KINDS, Arcs, arcs, outer_arcs, pair_arcs
from matcher.verify.problem import Problem, Roster, columns

TRIES = 8
_NO_LIMIT = 1 << 60


class Hubs:
    """Who shares a hub with whom, and which single pairs stand beside the hubs.

    ``skills`` (place, link, skills, level) and ``needs`` (place, needs, band) are the hubs as sorted columns. ``members`` are the cadres of
    every hub of skills; ``at`` the hubs of skills of every place; ``way`` (households, 4) the hubs of needs around every household, from
    its village outwards, then -1; ``apart`` who left the hub of needs, ``direct`` the hubs of skills that those may go to whole;
    ``single`` the keys of pairs with an arc of their own; ``first`` the first nodes of the hubs of needs and of the hubs of skills.
    """

    def __init__(self, problem: Problem, twice: Ints) -> None:
        self._p = p = problem
        self._used = np.array([["fit" in p.rules.order], ["rank_match" in p.rules.order]])  # what tells hubs apart
        homes, cadres = p.traits[:, p.household : p.cadre] * self._used, p.traits[:, p.cadre :] * self._used
        who, place, linked = p.ways
        self.skills, hub = distinct(place, linked, *cadres[:, who])
        (hub, who), _ = distinct(hub, who)
        many, places = self.skills.shape[1], len(p.instance.parents)
        self.members, self.of_cadre = grouped(hub, who, many), grouped(who, hub, len(p.cadres))
        self.at = grouped(self.skills[0], np.arange(many), places)
        around = p.around[p.households.village]
        inside = (around >= 0) & (np.diff(self.at.starts) > 0)[around]
        owner = np.nonzero(inside)[0]
        self.needs, number = distinct(around[inside], *homes[:, owner])
        self.way = np.full(around.shape, -1)
        self.way[inside] = number
        self.first = len(p.names), len(p.names) + self.needs.shape[1]
        # places without hubs of skills are passed over: what is left moves to the front
        self.way = np.take_along_axis(self.way, np.argsort(self.way < 0, axis=1, kind="stable"), axis=1)
        self._leave(around, twice)

    def _leave(self, around: Ints, twice: Ints) -> None:
        """Let households out of their hubs, and find the single pairs."""
        p, many = self._p, self.skills.shape[1]
        keys = together(*(known for known, _ in p.gains.values()))
        keys = keys[p.permitted(keys)]
        sign = np.zeros(len(keys), np.int64)
        for name in p.gains:
            sign = np.where(sign == 0, np.sign(p.gain(name, keys)), sign)
        never = together(p.fixed, p.avoid)
        worse = together(keys[sign < 0], never, twice)
        household, cadre = np.divmod(worse[p.left[worse // p.width] > 0], p.width)
        self.apart = np.bincount(household, minlength=len(around)) > 0
        who = np.flatnonzero(self.apart)
        near = around[who]
        at, hub = self.at.of_each(near[near >= 0])  # all hubs of skills around those apart, whole or to be split
        owner = np.nonzero(near >= 0)[0][at]
        at, theirs = self.of_cadre.of_each(cadre)
        whole = ~among(who[owner] * many + hub, np.sort(household[at] * many + theirs))
        self.direct = grouped(who[owner[whole]], hub[whole], len(around))
        linked = whole & (self.skills[1, hub] == 1)
        split = without(self._pairs(who[owner[~whole]], hub[~whole]), np.sort(self._pairs(who[owner[linked]], hub[linked])))
        single = together(keys[sign > 0], split)
        self.single = single[(p.left[single // p.width] > 0) & ~among(single, never)]

    def _pairs(self, household: Ints, hub: Ints) -> Ints:
        """Return the keys of households with all cadres of hubs."""
        which, cadre = self.members.of_each(hub)
        return self._p.keys(household[which], cadre)

    def network(self, roster: Roster) -> tuple[Arcs, Ints]:
        """Return the network with a roster's flow, and the ways of its pairs through hubs."""
        p, paths, (needs, skills) = self._p, self._paths(roster), self.first
        rises = distinct(*self.way[:, [0, 1, 1, 2, 2, 3]].reshape(-1, 2).T)[0]
        rises = rises[:, rises[1] >= 0]
        joining = np.flatnonzero((self.way[:, 0] >= 0) & ~self.apart & (p.left > 0))
        n, s = self.at.of_each(self.needs[0])
        inside = np.concatenate([arcs(kind, tail, head, _NO_LIMIT, 0, number) for kind, tail, head, number in (
            ("JOIN", p.household + joining, needs + self.way[joining, 0], 0), ("RISE", needs + rises[0], needs + rises[1], 0),
            ("MATCH", needs + n, skills + s, self.skills[1, s]),
            ("DIRECT", p.household + self.direct.owners(), skills + self.direct.values, self.skills[1, self.direct.values]),
            ("PICK", skills + self.members.owners(), p.cadre + self.members.values, 0),
        )], axis=1)
        names = p.names + self._names()
        keys, taken = (tail * len(names) + head for tail, head in (inside[1:3], _steps(paths)[1:]))
        order = np.argsort(keys)
        inside[4] = np.bincount(order[np.searchsorted(keys, taken, sorter=order)], minlength=len(keys))
        single = pair_arcs(p, self.single, among(self.single, p.keys(roster.household, roster.cadre)))
        traits = np.concatenate([p.traits, self.needs[1:], self.skills[2:]], axis=1)
        return Arcs(p, names, traits, *np.concatenate([inside, single, *outer_arcs(p, roster)], axis=1)), paths

    def _paths(self, roster: Roster) -> Ints:
        """Return the one best way of every pair that is no single one, by a hub of skills with linked = 1 if it can.

        These are (pairs, 7) nodes: the household, hubs of needs or -1, the hub of skills, the cadre.
        """
        p, many = self._p, self.skills.shape[1]
        keys = p.keys(roster.household, roster.cadre)
        keys = keys[~among(keys, self.single)]
        household, cadre = np.divmod(keys, p.width)
        which, hub = self.of_cadre.of_each(cadre)
        who = household[which]
        near = (p.around[p.households.village[who]] == self.skills[0, hub][:, None]).any(axis=1)
        near &= ~self.apart[who] | among(who * many + hub, self.direct.owners() * many + self.direct.values)
        found = np.full(len(keys), -1)
        for linked in (0, 1):
            good = near & (self.skills[1, hub] == linked)
            found[which[good]] = hub[good]
        for key in keys[found < 0]:
            raise p.about(N_("The draw's network has no way for {household} with {cadre}."), key)
        needs, skills = self.first
        way = self.way[household]
        last = (np.where(way < 0, -1, self.needs[0][way]) == self.skills[0, found][:, None]).argmax(axis=1)
        climbed = np.where(self.apart[household][:, None] | (np.arange(4) > last[:, None]), -1, needs + way)
        return np.stack([p.household + household, *climbed.T, skills + found, p.cadre + cadre], axis=1)

    def _names(self) -> list[str]:
        """Return the names of the hubs of needs, then of the hubs of skills."""
        instance, (fit, _) = self._p.instance, self._used
        place, needs, skills = instance.place_names, instance.needs_names, instance.skills_names
        return [
            *(f"needs\x1f{place[p]}\x1f{needs[n] if fit else ''}\x1f{band}" for p, n, band in self.needs.T.tolist()),
            *(f"skills\x1f{place[p]}\x1f{link}\x1f{skills[s] if fit else ''}\x1f{level}" for p, link, s, level in self.skills.T.tolist()),
        ]


def _steps(paths: Ints) -> Ints:
    """Return every step of paths, as columns: whose it is, from and to which node."""
    pair, node = np.nonzero(paths >= 0)[0], paths[paths >= 0]
    return np.stack([pair[1:], node[:-1], node[1:]])[:, pair[1:] == pair[:-1]]


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
    own = _of_several(problem, roster)
    if len(own):  # hubs may deal a household a cadre that it has: who was drawn is told with an arc for each such pair
        net, _ = Hubs(problem, together(twice_keys(problem, part), own)).network(roster)
    even = net.only(net.signs(proof[: part.levels.index((DRAW,))]) == 0)
    decided = even.only(_inside(even)[0])
    drawn: list[int] = unique(decided.head[decided.of_kind("ENTER")] - problem.household).tolist()
    return drawn


def twice_keys(problem: Problem, part: Part) -> Ints:
    """Return the keys of the pairs that a hub dealt twice; only a household that lacks several cadres can have such a pair."""
    keys = problem.keys(*columns(problem, part.twice))
    good = problem.permitted(keys) & (problem.left[keys // problem.width] > 1) & ~among(keys, problem.fixed)
    if not good.all() or (np.diff(keys) <= 0).any():
        raise Flaw(message(N_("The certificate lets households out of their hubs that have no reason to be.")))
    return keys


def _of_several(problem: Problem, roster: Roster) -> Ints:
    """Return the keys of the pairs, besides fixed ones, of households that lack several cadres."""
    keys = problem.keys(roster.household, roster.cadre)
    return keys[(problem.left[roster.household] > 1) & ~among(keys, problem.fixed)]


def _name(net: Arcs, arc: int) -> str:
    """Return an arc's name: what its ticket is drawn for."""
    kind, ends = KINDS[net.kind[arc]], (net.names[net.tail[arc]], net.names[net.head[arc]])
    return "\x1f".join([kind, *ends, *([str(net.number[arc])] if kind in ("ENTER", "SEAT") else [])])


def residual(net: Arcs) -> tuple[Ints, Ints, Ints, Ints]:
    """Return where residual arcs begin and end, those with room, then those with flow; and the arc, and 1 forward, -1 backward."""
    forward, backward = np.flatnonzero(net.flow < net.limit), np.flatnonzero(net.flow > 0)
    return (np.append(net.tail[forward], net.head[backward]), np.append(net.head[forward], net.tail[backward]),
            np.append(forward, backward), np.repeat([1, -1], [len(forward), len(backward)]))


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
        names = [_name(net, arc) for arc in range(len(net.kind))]
        cost = tickets(f"{seed}|{counter}" if counter else seed, "arc", names, bits).astype(np.int64)
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


def _check_dealt(problem: Problem, hubs: Hubs, paths: Ints) -> None:
    """Check that at every hub those who came first by (number, queue) left by what goes out first: dealing gives this and no other roster.

    A household's pairs are numbered as its own hub deals them: by how far outwards they go, then by the hub of skills, then by the cadre.
    """
    (needs, skills), many = hubs.first, hubs.skills.shape[1]
    household, hub, cadre = (paths[:, k] - first for k, first in ((0, problem.household), (5, skills), (6, problem.cadre)))
    turn, seat = _turns(problem.rules.seed, "household", problem.households.ids), _turns(problem.rules.seed, "cadre", problem.cadres.ids)
    linked_first = np.where(hubs.skills[1] == 1, 0, many) + np.arange(many)
    far = (problem.around[problem.households.village[household]] == hubs.skills[0, hub][:, None]).argmax(axis=1)
    order = np.lexsort((seat[cadre], np.where(hubs.apart[household], hub, linked_first[hub]), far, household))
    number = np.empty_like(order)
    number[order] = np.arange(len(order)) - np.searchsorted(household[order], household[order])
    steps = _steps(paths)
    pair, tail, head = steps[:, steps[1] >= needs]  # every step out of a hub; those upwards are the last
    way = np.where(tail >= skills, seat[cadre[pair]], np.where(head >= skills, linked_first[hub[pair]], 2 * many))
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
