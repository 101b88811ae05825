"""Whether the lot was followed, in the network of the draw: docs/certificate.md, "The draw"."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import networkx

from matcher.messages import N_, message
from matcher.verify import Flaw
from matcher.verify.plain.month import Ground, Pair
from matcher.verify.plain.proof import Level, Part

Hub = tuple[int, ...]
"""Of skills: place, linked, skills, level; of needs: place, needs, band."""
_SINGLE = ("continuity_first", "continuity", "affinity")
_TRIES, _NO_LIMIT = 8, 1 << 60


class Arc(NamedTuple):
    """An arc with its flow; ``number`` stands in the name of an ENTER and a SEAT, ``gains`` is what its costs depend on."""

    kind: str
    tail: str
    head: str
    limit: int
    flow: int
    number: int | None = None
    gains: tuple[Any, ...] = ()

    @property
    def name(self) -> str:
        """What its ticket is drawn for."""
        return "\x1f".join([self.kind, self.tail, self.head, *([] if self.number is None else [str(self.number)])])


class Draw:
    """The hubs and the network of a part, with the flow of its roster."""

    def __init__(self, part: Part, ground: Ground, twice: list[Pair]) -> None:
        self.part, self.month, self.ground, order = part, part.month, ground, part.month.order
        self.fit, self.ranks, self.twice = "fit" in order, "rank_match" in order, twice
        self.members: dict[Hub, list[str]] = defaultdict(list)
        for c in part.cadres:
            for place, linked in self._places(c):
                self.members[self._kind((place, linked), self.month.cadres[c].kind)].append(c)
        self.rank = {hub: k for k, hub in enumerate(sorted(self.members))}
        self.at: dict[int, list[Hub]] = defaultdict(list)
        for hub in self.rank:
            self.at[hub[0]].append(hub)
        self.way = {h: [self._kind((place,), self.month.homes[h].kind) for place in self.around(h) if place in self.at] for h in part.homes}
        self._leave()
        self.paths = {pair: self._path(*pair) for pair in part.roster if pair not in part.fixed and pair not in self.single}

    def _places(self, cadre: str) -> Iterator[tuple[int, int]]:
        places = self.ground.places[cadre]
        yield from ((place, 0) for place in places)
        if "village_link" in self.month.order:
            yield from ((village, 1) for village in self.ground.links[cadre] if places.intersection(self.ground.around[village]))

    def around(self, household: str) -> list[int]:
        """Return the places around a household, from its village outwards."""
        return self.ground.around[self.ground.village[household]]

    def _kind(self, where: Hub, kind: tuple[int, int]) -> Hub:
        """Return the hub of a place for needs and band, or skills and level, so far as they count."""
        return (*where, kind[0] if self.fit else 0, kind[1] if self.ranks else 0)

    def _leave(self) -> None:
        """Let households out of their hubs of needs, and find the single pairs."""
        month, part = self.month, self.part
        gains = [month.gains[name] for name in month.order if name in _SINGLE]
        free = {h for h in part.homes if month.homes[h].partners > part.fixed_got[h]}
        first = {(h, c): next((g for gain in gains if (g := gain(h, c))), 0)
                 for h, c in month.special if h in free and c in month.allowed(h)}
        never = part.fixed | {(h, c) for h, c in self.ground.avoid if c in part.most}
        banned: dict[str, set[str]] = defaultdict(set)
        for h, c in {*(pair for pair, gain in first.items() if gain < 0), *never, *self.twice}:
            if h in free:
                banned[h].add(c)
        self.direct: dict[str, list[Hub]] = {}
        split = set[Pair]()
        for h, cadres in banned.items():
            hubs = [hub for place in self.around(h) for hub in self.at.get(place, ())]
            self.direct[h] = [hub for hub in hubs if not cadres.intersection(self.members[hub])]
            linked = {c for hub in self.direct[h] if hub[1] for c in self.members[hub]}
            split |= {(h, c) for hub in hubs if hub not in self.direct[h] for c in self.members[hub] if c not in linked}
        self.single = ({pair for pair, gain in first.items() if gain > 0} | split) - never

    def _path(self, household: str, cadre: str) -> list[Hub]:
        """Return the hubs through which a pair goes: by a hub of skills with linked = 1 if it can."""
        kind, best = self.month.cadres[cadre].kind, None
        for place, linked in sorted(self._places(cadre), key=lambda where: where[1]):
            hub = self._kind((place, linked), kind)
            if place in self.around(household) and hub in self.direct.get(household, [hub]):
                best = hub
        if best is None:
            raise Flaw(message(N_("The draw's network has no way for {household} with {cadre}."), household=household, cadre=cadre))
        if household in self.direct:
            return [best]
        way = self.way[household]
        return [*way[: [hub[0] for hub in way].index(best[0]) + 1], best]

    def node(self, hub: Hub) -> str:
        """Return a hub's name."""
        place, ground = self.ground.place_names[hub[0]], self.ground
        if len(hub) == 4:
            return f"skills\x1f{place}\x1f{hub[1]}\x1f{ground.skills_names[hub[2]] if self.fit else ''}\x1f{hub[3]}"
        return f"needs\x1f{place}\x1f{ground.needs_names[hub[1]] if self.fit else ''}\x1f{hub[2]}"

    def arcs(self) -> list[Arc]:
        """Return the network with the flow of the roster."""
        flow = defaultdict[tuple[str, str], int](int)
        for (h, c), hubs in self.paths.items():
            for step in pairwise([f"household\x1f{h}", *map(self.node, hubs), f"cadre\x1f{c}"]):
                flow[step] += 1
        inner = [Arc(kind, tail, head, _NO_LIMIT, flow[tail, head], None, tuple(gains))
                 for kind, tail, head, *gains in self._through_hubs()]
        taken = set(self.part.roster)
        pairs = [Arc("PAIR", f"household\x1f{h}", f"cadre\x1f{c}", 1, int((h, c) in taken), None, (h, c))
                 for h, c in sorted(self.single)]
        return [*inner, *pairs, *self._outer()]

    def _through_hubs(self) -> Iterator[tuple[Any, ...]]:
        """Yield kind, tail, head and what concerns the gains of every arc at a hub."""
        for h, way in self.way.items():
            if way and h not in self.direct and self.month.homes[h].partners > self.part.fixed_got[h]:
                yield "JOIN", f"household\x1f{h}", self.node(way[0])
        for lower, upper in sorted({step for way in self.way.values() for step in pairwise(way)}):
            yield "RISE", self.node(lower), self.node(upper)
        for needs in sorted({hub for way in self.way.values() for hub in way}):
            yield from (("MATCH", self.node(needs), self.node(skills), needs[1:], skills[1:]) for skills in self.at[needs[0]])
        for h, hubs in self.direct.items():
            kind = self.month.homes[h].kind
            yield from (("DIRECT", f"household\x1f{h}", self.node(skills), kind, skills[1:]) for skills in hubs)
        for skills, cadres in self.members.items():
            yield from (("PICK", self.node(skills), f"cadre\x1f{c}") for c in cadres)

    def _outer(self) -> Iterator[Arc]:
        """Yield the arcs besides those between households and cadres; of places alike that matter no more, one for all."""
        part, month = self.part, self.month
        for h, n in part.turns():
            yield Arc("ENTER", f"township\x1f{month.homes[h].township}", f"household\x1f{h}", 1, int(n < part.got[h]), n, (h, n))
        for c, first, last in self._seats():
            to = f"unit\x1f{month.cadres[c].unit}" if month.cadres[c].unit in month.units else "sink"
            limit = last - first + 1
            yield Arc("SEAT", f"cadre\x1f{c}", to, limit, min(max(part.load[c] - first + 1, 0), limit), first, (c, first))
        for kind, of, rooms in (("UNIT", "unit", part.rooms_of_units()), ("BYPASS", "township", part.rooms_of_townships())):
            for name, (room, used) in rooms.items():
                if room:
                    yield Arc(kind, f"{of}\x1f{name}", "sink", room, room - used if kind == "BYPASS" else used)

    def _seats(self) -> Iterator[tuple[str, int, int]]:
        """Yield cadres with the first and the last load of their seats."""
        if "balance" in self.month.order:
            yield from ((c, k, k) for c, k in self.part.seats())
            return
        for c in self.part.cadres:
            fixed, most = self.part.fixed_load[c], self.part.most[c]
            due = min(self.month.cadres[c].duty, most) if "duty" in self.month.order else 0
            yield from ((c, a, b) for a, b in ((fixed + 1, due), (max(fixed, due) + 1, most)) if a <= b)

    def cost(self, arc: Arc, level: Level) -> int:
        """Return what an arc costs at a level."""
        name, month = str(level[0]), self.month
        if arc.kind == "ENTER":
            return self.part.cost_of_turn(level, *arc.gains)
        if arc.kind == "SEAT":
            return self.part.cost_of_seat(level, *arc.gains)
        if arc.kind == "PAIR" and name in month.gains:
            return -month.gains[name](*arc.gains)
        if arc.kind in ("MATCH", "DIRECT") and name in ("village_link", "fit", "rank_match"):
            (needs, band), (linked, skills, rank) = arc.gains
            if name == "fit":
                return int(-self.ground.met[needs][skills])
            return int(-linked if name == "village_link" else (band - self.ground.bands) * rank)
        return 0


def check_draw(part: Part, ground: Ground) -> set[str]:
    """Return the households whom the lot decided, or raise :class:`Flaw` unless it decided as the rule says and left one roster."""
    _check_twice(part)
    draw = Draw(part, ground, part.twice)
    arcs = draw.arcs()
    nodes = {"sink", *(node for arc in arcs for node in (arc.tail, arc.head)), *map(draw.node, draw.rank)}
    if not nodes <= part.vector.keys():
        raise Flaw(message(N_("The certificate's nodes are not those of the draw's network.")))
    tight: list[Arc] = []
    for arc in arcs:
        decided = part.deciding(partial(draw.cost, arc), arc.tail, arc.head)
        reduced = decided[1] if decided else 0
        if (reduced < 0 and arc.flow < arc.limit) or (reduced > 0 and arc.flow):
            raise Flaw(message(N_("The proof does not hold in the draw's network: {where}."), where=arc.name.replace("\x1f", " ")))
        tight += [] if decided else [arc]
    _check_only(tight, part)
    _check_dealt(draw)
    return _drawn(part, ground)


def _drawn(part: Part, ground: Ground) -> set[str]:
    """Return the households who have another number of cadres in another roster as good in all that comes before the lot."""
    several = {(h, c) for h, c in part.roster if part.month.homes[h].partners - part.fixed_got[h] > 1} - part.fixed
    draw, lot = Draw(part, ground, sorted({*part.twice, *several})), part.levels.index(("draw",))
    open_: list[Arc] = []
    for arc in draw.arcs():
        decided = part.deciding(partial(draw.cost, arc), arc.tail, arc.head)
        open_ += [arc] if decided is None or decided[0] >= lot else []
    return {str(arc.gains[0]) for arc in _inside(open_)[0] if arc.kind == "ENTER"}


def _check_twice(part: Part) -> None:
    """Check that only households that lack several cadres are let out of their hubs for having been dealt one twice."""
    month = part.month
    good = all(h in month.homes and c in month.allowed(h) and month.homes[h].partners - part.fixed_got[h] > 1 and (h, c) not in part.fixed
               for h, c in part.twice)
    if not good or part.twice != sorted(set(part.twice)):
        raise Flaw(message(N_("The certificate lets households out of their hubs that have no reason to be.")))


def _residual(arcs: list[Arc], costs: list[int]) -> networkx.MultiDiGraph:
    """Return the arcs with room, and those with flow turned round, with their costs."""
    graph = networkx.MultiDiGraph()
    for arc, cost in zip(arcs, costs, strict=True):
        if arc.flow < arc.limit:
            graph.add_edge(arc.tail, arc.head, weight=cost)
        if arc.flow:
            graph.add_edge(arc.head, arc.tail, weight=-cost)
    return graph


def _inside(arcs: list[Arc]) -> tuple[list[Arc], list[Arc]]:
    """Return the arcs inside strongly connected components of the residual graph, and those inside such that are no trees."""
    graph = _residual(arcs, [0] * len(arcs))
    component = {node: k for k, nodes in enumerate(networkx.strongly_connected_components(graph)) for node in nodes}
    groups: dict[int, list[Arc]] = defaultdict(list)
    for arc in arcs:
        if arc.tail in component and component[arc.tail] == component.get(arc.head):
            groups[component[arc.tail]].append(arc)
    size = defaultdict[int, int](int)
    for k in component.values():
        size[k] += 1
    every = [arc for its in groups.values() for arc in its]
    return every, [arc for k, its in groups.items() if len(its) >= size[k] for arc in its]


def _check_only(arcs: list[Arc], part: Part) -> None:
    """Check that no other flow along tight arcs is as good, with tickets on the arcs."""
    for counter in range(_TRIES):
        arcs = _inside(arcs)[1]
        if not arcs:
            return
        seed = f"{part.month.seed}|{counter}" if counter else part.month.seed
        costs = [_ticket(f"{seed}|arc|{arc.name}") >> (64 - part.bits) for arc in arcs]
        graph = _residual(arcs, costs)
        graph.add_edges_from((("", node) for node in list(graph)), weight=0)
        try:
            far = networkx.single_source_bellman_ford_path_length(graph, "")
        except networkx.NetworkXUnbounded:
            text = N_("The lot was not followed: another roster, as good in every objective, has the better tickets.")
            raise Flaw(message(text)) from None
        arcs = [arc for arc, cost in zip(arcs, costs, strict=True) if far[arc.tail] + cost == far[arc.head]]
    raise Flaw(message(N_("The draw leaves more than one roster.")))


def _check_dealt(draw: Draw) -> None:
    """Check that at every hub those who came first left by what goes out first."""
    month, many = draw.month, len(draw.rank)
    turn, seat = _queue(month.seed, "household", draw.part.homes), _queue(month.seed, "cadre", draw.part.cadres)
    out: dict[Hub, list[tuple[int, int, int, Pair]]] = defaultdict(list)
    of_home: dict[str, list[Pair]] = defaultdict(list)
    for pair in draw.paths:
        of_home[pair[0]].append(pair)

    def order(hub: Hub) -> int:
        return draw.rank[hub] + (0 if hub[1] else many)

    for h, pairs in of_home.items():
        around, apart = draw.around(h), h in draw.direct
        last = {pair: draw.paths[pair][-1] for pair in pairs}
        pairs.sort(key=lambda pair: (around.index(last[pair][0]), draw.rank[last[pair]] if apart else order(last[pair]), seat[pair[1]]))
        for number, pair in enumerate(pairs):
            *needs, skills = draw.paths[pair]
            for k, hub in enumerate(needs):
                out[hub].append((number, turn[h], order(skills) if k == len(needs) - 1 else 2 * many, pair))
            out[skills].append((number, turn[h], seat[pair[1]], pair))
    for steps in out.values():
        steps.sort(key=lambda step: step[:2])
        for (_, _, way, _), (_, _, later, (h, c)) in pairwise(steps):
            if later < way:
                text = N_("The lot was not followed: by the tickets {household} and {cadre} are dealt otherwise.")
                raise Flaw(message(text, household=h, cadre=c))


def _queue(seed: str, kind: str, ids: list[str]) -> dict[str, int]:
    """Return everybody's place in the queue."""
    return {key: k for k, key in enumerate(sorted(ids, key=lambda key: (_ticket(f"{seed}|{kind}|{key}"), key)))}


def _ticket(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
