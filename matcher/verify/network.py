"""The network of the draw with the flow that a roster means: docs/certificate.md, "The network of the draw"."""

from __future__ import annotations

from collections import Counter
from functools import cached_property

import numpy as np

from matcher.domain import Ints
from matcher.messages import N_, message
from matcher.verify.certificate import LevelName, Part
from matcher.verify.hubs import Hubs, Needs, Skills
from matcher.verify.levels import BY_PAIR, Costs
from matcher.verify.optimal import Roster
from matcher.verify.problem import Problem
from matcher.verify.verdict import Flaw

NO_LIMIT = 1 << 60


class Route:
    """How the pairs of a roster pass through the hubs: each the one way that is best for it.

    Attributes
    ----------
    joined, risen, matched, direct, picked : Counter
        How many pairs pass from where to where.
    single : set of int
        Keys of the roster's pairs that have an arc of their own.
    """

    def __init__(self, problem: Problem, hubs: Hubs, roster: Roster) -> None:
        self.joined: Counter[int] = Counter()
        self.risen: Counter[Needs] = Counter()
        self.matched: Counter[tuple[Needs, Skills]] = Counter()
        self.direct: Counter[tuple[int, Skills]] = Counter()
        self.picked: Counter[tuple[Skills, int]] = Counter()
        own = set(hubs.single)
        keys = problem.keys(roster.household, roster.cadre).tolist()
        self.single = own.intersection(keys)
        of_cadre: dict[int, list[Skills]] = {}
        for hub, cadres in hubs.members.items():
            for c in cadres:
                of_cadre.setdefault(c, []).append(hub)
        for key in keys:
            if key not in own:
                self._through(problem, hubs, key // problem.width, key % problem.width, of_cadre)

    def _through(self, problem: Problem, hubs: Hubs, household: int, cadre: int, of_cadre: dict[int, list[Skills]]) -> None:
        around = problem.around(int(problem.households.village[household]))
        ways = [hub for hub in of_cadre.get(cadre, ()) if hub.place in around]
        if household in hubs.apart:
            ways = [hub for hub in ways if hub in hubs.apart[household]]
        if not ways:
            raise Flaw(message(N_("The draw's network has no way for {household} with {cadre}."),
                               household=problem.households.ids[household], cadre=problem.cadres.ids[cadre]))
        hub = max(ways, key=lambda way: way.linked)
        self.picked[hub, cadre] += 1
        if household in hubs.apart:
            self.direct[household, hub] += 1
            return
        self.joined[household] += 1
        at = hubs.entry[household]
        while at.place != hub.place:
            self.risen[at] += 1
            up = hubs.rise(at)
            assert up is not None  # noqa: S101 - the hub's place lies around and has cadres
            at = up
        self.matched[at, hub] += 1


class Network:
    """The arcs as columns.

    Attributes
    ----------
    names : list of str
        Every arc's name: what its ticket is drawn for.
    tail, head : (a,) int
        Positions among the certificate's nodes.
    limit, flow : (a,) int
    entering : int
        How many arcs lead into households; they come first, in the order of ``problem.enter``.
    """

    def __init__(self, problem: Problem, hubs: Hubs, roster: Roster, part: Part) -> None:
        self._p, self._hubs = problem, hubs
        self._number = {name: k for k, name in enumerate(part.nodes)}
        self._nodes: set[str] = {"sink"}
        self._rows: list[tuple[str, int, int, int, int, tuple[int, int, int, int, int]]] = []
        self.route = Route(problem, hubs, roster)
        self._enter(roster)
        self.entering = len(self._rows)
        self._inside()
        self._leave(roster)
        if self._nodes != set(part.nodes):
            raise Flaw(message(N_("The certificate's nodes are not those of the draw's network.")))
        self.nodes = len(part.nodes)
        self.names = [row[0] for row in self._rows]
        self.tail, self.head, self.limit, self.flow = (np.array([row[k] for row in self._rows], np.int64) for k in range(1, 5))

    def _add(self, kind: str, tail: str, head: str, limit: int, flow: int, number: int = 0,
             classes: tuple[int, int, int, int, int] = (-1, 0, 0, 0, 0)) -> None:
        try:
            ends = self._number[tail], self._number[head]
        except KeyError:
            raise Flaw(message(N_("The certificate's nodes are not those of the draw's network."))) from None
        self._nodes |= {tail, head}
        name = f"{kind}\x1f{tail}\x1f{head}" + (f"\x1f{number}" if kind in ("ENTER", "SEAT") else "")
        self._rows.append((name, *ends, limit, flow, classes))

    def _household(self, h: int) -> str:
        return f"household\x1f{self._p.households.ids[h]}"

    def _cadre(self, c: int) -> str:
        return f"cadre\x1f{self._p.cadres.ids[c]}"

    def _enter(self, roster: Roster) -> None:
        p = self._p
        names = {t: f"township\x1f{p.instance.place_names[t]}" for t in set(p.households.township.tolist())}
        of_household = p.households.township.tolist()
        got = roster.got.tolist()
        for h, nth in zip(*(c.tolist() for c in p.enter), strict=True):
            self._add("ENTER", names[of_household[h]], self._household(h), 1, int(nth < got[h]), nth)
        self._nodes |= {*names.values(), *map(self._household, range(len(p.households)))}

    def _inside(self) -> None:
        p, hubs, route = self._p, self._hubs, self.route
        every: list[Needs | Skills] = [*hubs.members, *hubs.needs()]
        name = {hub: hubs.name(hub) for hub in every}
        self._nodes |= set(name.values())
        for h, entry in hubs.entry.items():
            if h not in hubs.apart and p.left[h]:
                self._add("JOIN", self._household(h), name[entry], NO_LIMIT, route.joined[h])
        for hub in hubs.needs():
            up = hubs.rise(hub)
            if up:
                self._add("RISE", name[hub], name[up], NO_LIMIT, route.risen[hub])
            for g in hubs.at[hub.place]:
                classes = hub.needs, hub.band, g.skills, g.level, g.linked
                self._add("MATCH", name[hub], name[g], NO_LIMIT, route.matched[hub, g], 0, classes)
        needs, band = p.households.needs.tolist(), p.households.band.tolist()
        for h, whole in hubs.apart.items():
            for g in whole:
                classes = (needs[h], band[h], g.skills, g.level, g.linked)
                self._add("DIRECT", self._household(h), name[g], NO_LIMIT, route.direct[h, g], 0, classes)
        for g, cadres in hubs.members.items():
            for c in cadres:
                self._add("PICK", name[g], self._cadre(c), NO_LIMIT, route.picked[g, c])
        self._singles()

    def _singles(self) -> None:
        p, keys = self._p, np.array(self._hubs.single, np.int64)
        h, c = keys // p.width, keys % p.width
        columns = (p.households.needs[h], p.households.band[h], p.cadres.skills[c], p.cadres.level[c], p.linked(h, c).astype(np.int64))
        self._first_single = len(self._rows)
        for key, *classes in zip(keys.tolist(), *(column.tolist() for column in columns), strict=True):
            ends = self._household(key // p.width), self._cadre(key % p.width)
            self._add("PAIR", *ends, 1, int(key in self.route.single), 0, tuple(classes))

    def _leave(self, roster: Roster) -> None:
        p, capacity = self._p, self._p.instance.unit_capacity
        self._nodes |= set(map(self._cadre, range(len(p.cadres))))
        units = {u: f"unit\x1f{p.instance.unit_names[u]}" for u in np.flatnonzero(capacity >= 0).tolist()}
        self._nodes |= set(units.values())
        self._first_seat = len(self._rows)
        self._seat: list[tuple[int, int]] = []
        most = np.minimum(p.cadres.capacity, p.permitted_of_cadre).tolist()
        used: Counter[int] = Counter()
        columns = (p.cadres.unit, p.fixed_of_cadre, roster.load, p.cadres.duty)
        for c, (unit, fixed, load, duty) in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
            used[unit] += load - fixed
            for first, last in self._seats(fixed, load, most[c], duty):
                flow = min(max(load - first + 1, 0), last - first + 1)
                self._add("SEAT", self._cadre(c), units.get(unit, "sink"), last - first + 1, flow, first)
                self._seat.append((c, first))
        taken = np.bincount(p.cadres.unit, p.fixed_of_cadre, len(capacity)).astype(np.int64)
        for u, name in units.items():
            if capacity[u] > taken[u]:
                self._add("UNIT", name, "sink", int(capacity[u] - taken[u]), used[u])
        self._bypass(roster)

    def _seats(self, fixed: int, load: int, most: int, duty: int) -> list[tuple[int, int]]:
        """Return the first and the last load of every seat: where balance counts, one a load, of which only two can be open."""
        if "balance" in self._p.rules.order:
            return [(k, k) for k in (load, load + 1) if fixed < k <= most]
        due = min(duty, most) if "duty" in self._p.rules.order else 0
        return [(a, b) for a, b in ((fixed + 1, due), (max(fixed, due) + 1, most)) if a <= b]

    def _bypass(self, roster: Roster) -> None:
        p, town = self._p, self._p.households.township
        size = len(p.instance.parents)
        wanted, fixed, got = (np.bincount(town, column, size).astype(np.int64).tolist()
                              for column in (p.left, p.fixed_of_household, roster.got))
        for t in sorted(set(town.tolist())):
            quota = int(p.instance.township_capacity[t])
            supply = min(wanted[t], quota - fixed[t]) if quota >= 0 else wanted[t]
            if supply > 0:
                self._add("BYPASS", f"township\x1f{p.instance.place_names[t]}", "sink", supply, supply - (got[t] - fixed[t]))

    @cached_property
    def _classes(self) -> tuple[Ints, ...]:
        return tuple(np.array([row[5][k] for row in self._rows], np.int64) for k in range(5))

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
