"""The network of the draw with the flow that a roster means: docs/certificate.md, "The network of the draw"."""

from __future__ import annotations

from collections import Counter

import numpy as np

from matcher.domain import Ints
from matcher.messages import N_, message
from matcher.verify.certificate import LevelName, Part
from matcher.verify.hubs import Hubs, Needs, Skills
from matcher.verify.levels import BY_PAIR, Costs
from matcher.verify.optimal import Roster
from matcher.verify.problem import Problem
from matcher.verify.route import Route
from matcher.verify.verdict import Flaw

NO_LIMIT = 1 << 60
_NO_CLASSES = (-1, 0, 0, 0, 0)


class Nodes:
    """The nodes of the network, by their positions in the certificate; their names must be exactly those of the certificate.

    Without a certificate's part they are numbered as they come.
    """

    def __init__(self, problem: Problem, hubs: Hubs, part: Part | None) -> None:
        self.names = part.nodes if part else []
        self._own = part is None
        self._number = {name: k for k, name in enumerate(self.names)}
        self._found = 0
        instance = problem.instance
        towns = sorted(set(problem.households.township.tolist()))
        limited = np.flatnonzero(instance.unit_capacity >= 0).tolist()
        every: list[Needs | Skills] = [*hubs.members, *hubs.needs]
        self.sink = self._of(["sink"])[0]
        self.town = dict(zip(towns, self._of([f"township\x1f{instance.place_names[t]}" for t in towns]), strict=True))
        self.household = self._of([f"household\x1f{h}" for h in problem.households.ids])
        self.cadre = self._of([f"cadre\x1f{c}" for c in problem.cadres.ids])
        self.unit = dict(zip(limited, self._of([f"unit\x1f{instance.unit_names[u]}" for u in limited]), strict=True))
        self.hub = dict(zip(every, self._of([hubs.name(hub) for hub in every]), strict=True))
        if self._found != len(self.names):
            raise Flaw(message(N_("The certificate's nodes are not those of the draw's network.")))

    def _of(self, names: list[str]) -> list[int]:
        if self._own:
            self._number.update({name: len(self.names) + k for k, name in enumerate(names)})
            self.names.extend(names)
        try:
            found = [self._number[name] for name in names]
        except KeyError:
            raise Flaw(message(N_("The certificate's nodes are not those of the draw's network."))) from None
        self._found += len(found)
        return found


class Network:
    """The arcs as columns.

    Attributes
    ----------
    whole : bool
        Show all seats of a cadre; False: of those of one place only the last that is taken and the next, which speak for all.
    nodes : Nodes
    kind : tuple of str
    tail, head, limit, flow : (a,) int
    entering : int
        How many arcs lead into households; they come first, in the order of ``problem.enter``.
    """

    def __init__(self, problem: Problem, hubs: Hubs, roster: Roster, part: Part | None, whole: bool = False) -> None:
        self._p, self._hubs = problem, hubs
        self._shown = int(roster.load.max(initial=0)) + 1 if whole else 0
        self.nodes = Nodes(problem, hubs, part)
        self._rows: list[tuple[str, int, int, int, int, int, tuple[int, int, int, int, int]]] = []
        self.route = Route(problem, hubs, roster)
        self._enter(roster)
        self.entering = len(self._rows)
        self._inside()
        self._singles()
        self._leave(roster)
        self._bypass(roster)
        kind, tail, head, limit, flow, _, classes = zip(*self._rows, strict=True) if self._rows else ((),) * 7
        self.kind: tuple[str, ...] = kind
        self.tail, self.head, self.limit, self.flow = (np.array(column, np.int64) for column in (tail, head, limit, flow))
        self._classes = np.array(classes, np.int64).reshape(-1, 5).T

    def name(self, arc: int) -> str:
        """Return an arc's name: what its ticket is drawn for."""
        kind, tail, head, _, _, number, _ = self._rows[arc]
        nth = f"\x1f{number}" if kind in ("ENTER", "SEAT") else ""
        return f"{kind}\x1f{self.nodes.names[tail]}\x1f{self.nodes.names[head]}{nth}"

    def _add(self, kind: str, tail: int, head: int, limit: int, flow: int, number: int = 0,
             classes: tuple[int, int, int, int, int] = _NO_CLASSES) -> None:
        self._rows.append((kind, tail, head, limit, flow, number, classes))

    def _enter(self, roster: Roster) -> None:
        p, nodes = self._p, self.nodes
        town, got = p.households.township.tolist(), roster.got.tolist()
        for h, nth in zip(*(c.tolist() for c in p.enter), strict=True):
            self._add("ENTER", nodes.town[town[h]], nodes.household[h], 1, int(nth < got[h]), nth)

    def _inside(self) -> None:
        hubs, route, nodes = self._hubs, self.route, self.nodes
        left = self._p.left.tolist()
        for h, entry in hubs.entry.items():
            if h not in hubs.apart and left[h]:
                self._add("JOIN", nodes.household[h], nodes.hub[entry], NO_LIMIT, route.joined[h])
        for hub in hubs.needs:
            if up := hubs.rise(hub):
                self._add("RISE", nodes.hub[hub], nodes.hub[up], NO_LIMIT, route.risen[hub])
            for g in hubs.at[hub.place]:
                classes = hub.needs, hub.band, g.skills, g.level, g.linked
                self._add("MATCH", nodes.hub[hub], nodes.hub[g], NO_LIMIT, route.matched[hub, g], 0, classes)
        needs, band = self._p.households.needs.tolist(), self._p.households.band.tolist()
        for h, whole in hubs.apart.items():
            for g in whole:
                classes = needs[h], band[h], g.skills, g.level, g.linked
                self._add("DIRECT", nodes.household[h], nodes.hub[g], NO_LIMIT, route.direct[h, g], 0, classes)
        for g, cadres in hubs.members.items():
            for c in cadres:
                self._add("PICK", nodes.hub[g], nodes.cadre[c], NO_LIMIT, route.picked[g, c])

    def _singles(self) -> None:
        p, nodes, keys = self._p, self.nodes, np.array(self._hubs.single, np.int64)
        h, c = keys // p.width, keys % p.width
        columns = (p.households.needs[h], p.households.band[h], p.cadres.skills[c], p.cadres.level[c], p.linked(h, c).astype(np.int64))
        self._first_single = len(self._rows)
        for key, *classes in zip(keys.tolist(), *(column.tolist() for column in columns), strict=True):
            ends = nodes.household[key // p.width], nodes.cadre[key % p.width]
            self._add("PAIR", *ends, 1, int(key in self.route.single), 0, tuple(classes))

    def _leave(self, roster: Roster) -> None:
        p, nodes, capacity = self._p, self.nodes, self._p.instance.unit_capacity
        self._first_seat = len(self._rows)
        self._seat: list[tuple[int, int]] = []
        most = np.minimum(p.cadres.capacity, p.permitted_of_cadre).tolist()
        used: Counter[int] = Counter()
        columns = (p.cadres.unit, p.fixed_of_cadre, roster.load, p.cadres.duty)
        for c, (unit, fixed, load, duty) in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
            used[unit] += load - fixed
            for first, last in self._seats(fixed, load, most[c], duty):
                flow = min(max(load - first + 1, 0), last - first + 1)
                self._add("SEAT", nodes.cadre[c], nodes.unit.get(unit, nodes.sink), last - first + 1, flow, first)
                self._seat.append((c, first))
        taken = np.bincount(p.cadres.unit, p.fixed_of_cadre, len(capacity)).astype(np.int64)
        for u, node in nodes.unit.items():
            if capacity[u] > taken[u]:
                self._add("UNIT", node, nodes.sink, int(capacity[u] - taken[u]), used[u])

    def _seats(self, fixed: int, load: int, most: int, duty: int) -> list[tuple[int, int]]:
        """Return the first and the last load of every seat: where balance counts, one a load, of which only two can be open."""
        if "balance" in self._p.rules.order:
            if self._shown:  # those further above the largest load cost no less than the first of them
                rest = [(self._shown + 1, most)] if most > self._shown else []
                return [*((k, k) for k in range(fixed + 1, min(most, self._shown) + 1)), *rest]
            return [(k, k) for k in (load, load + 1) if fixed < k <= most]
        due = min(duty, most) if "duty" in self._p.rules.order else 0
        return [(a, b) for a, b in ((fixed + 1, due), (max(fixed, due) + 1, most)) if a <= b]

    def _bypass(self, roster: Roster) -> None:
        p, town = self._p, self._p.households.township
        size = len(p.instance.parents)
        wanted, fixed, got = (np.bincount(town, column, size).astype(np.int64).tolist()
                              for column in (p.left, p.fixed_of_household, roster.got))
        for t, node in self.nodes.town.items():
            quota = int(p.instance.township_capacity[t])
            supply = min(wanted[t], quota - fixed[t]) if quota >= 0 else wanted[t]
            if supply > 0:
                self._add("BYPASS", node, self.nodes.sink, supply, supply - (got[t] - fixed[t]))

    def cost(self, level: LevelName, costs: Costs) -> Ints:
        """Return every arc's cost of a level."""
        found = np.zeros(len(self._rows), np.int64)
        enter = costs.enter(level)
        if enter.dtype == object:
            found = found.astype(object)
        found[: self.entering] = enter
        needs, band, skills, rank, linked = self._classes
        some = needs >= 0
        if level[0] == "fit":
            found[some] = -self._p.instance.met[needs[some], skills[some]]
        elif level[0] == "rank_match":
            found[some] = -(self._p.instance.bands - band[some]) * rank[some]
        elif level[0] == "village_link":
            found[some] = -linked[some]
        elif level[0] in BY_PAIR:
            keys = np.array(self._hubs.single, np.int64)
            found[self._first_single : self._first_single + len(keys)] = -self._p.gain(str(level[0]), keys)
        elif level[0] in ("duty", "balance"):
            cadre, load = np.array(self._seat, np.int64).reshape(-1, 2).T
            found[self._first_seat : self._first_seat + len(cadre)] = costs.seat(level, cadre, load)
        return found
