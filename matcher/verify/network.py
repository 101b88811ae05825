"""The network of the draw with the flow that a roster means: docs/certificate.md, "The network of the draw"."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from matcher.domain import Ints
from matcher.messages import N_, message
from matcher.verify.certificate import LevelName, Part
from matcher.verify.hubs import Hubs
from matcher.verify.levels import BY_PAIR, Costs
from matcher.verify.optimal import Roster
from matcher.verify.problem import Flags, Problem
from matcher.verify.route import Route
from matcher.verify.verdict import Flaw

NO_LIMIT = 1 << 60
KINDS = ("ENTER", "JOIN", "RISE", "MATCH", "DIRECT", "PICK", "PAIR", "SEAT", "UNIT", "BYPASS")
_NUMBERED = ("ENTER", "SEAT")


class Nodes:
    """The nodes of the network, by their positions in the certificate; their names must be exactly those of the certificate.

    Without a certificate's part they are numbered as they come.

    Attributes
    ----------
    names : list of str
    sink : int
    town, unit : (places,), (units,) int
        -1 for places that are no township with households, and for units without a limit.
    household, cadre, needs, skills : int columns
        The last two are the hubs.
    """

    def __init__(self, problem: Problem, hubs: Hubs, part: Part | None) -> None:
        instance = problem.instance
        towns = np.unique(problem.households.township)
        limited = np.flatnonzero(instance.unit_capacity >= 0)
        groups = [
            ["sink"], [f"township\x1f{instance.place_names[t]}" for t in towns.tolist()],
            [f"household\x1f{h}" for h in problem.households.ids], [f"cadre\x1f{c}" for c in problem.cadres.ids],
            [f"unit\x1f{instance.unit_names[u]}" for u in limited.tolist()], *hubs.names(),
        ]
        every = [name for group in groups for name in group]
        self.names = part.nodes if part else every
        number = part.number if part else {name: k for k, name in enumerate(every)}
        found = np.array([number.get(name, -1) for name in every], np.int64)
        if len(every) != len(self.names) or (found < 0).any():
            raise Flaw(message(N_("The certificate's nodes are not those of the draw's network.")))
        sink, town, self.household, self.cadre, unit, self.needs, self.skills = np.split(found, np.cumsum([len(g) for g in groups])[:-1])
        self.sink = int(sink[0])
        self.town, self.unit = np.full(len(instance.parents), -1), np.full(len(instance.unit_capacity), -1)
        self.town[towns], self.unit[limited] = town, unit


class Network:
    """The arcs as columns.

    Attributes
    ----------
    whole : bool
        Show all seats of a cadre; False: of those of one place only the last that is taken and the next, which speak for all.
    nodes : Nodes
    kind : (a,) int
        Place in ``KINDS``.
    tail, head, limit, flow, number : (a,) int
        ``number`` is the n of an ENTER, the first household of a SEAT.
    entering : int
        How many arcs lead into households; they come first, in the order of ``problem.enter``.
    """

    def __init__(self, problem: Problem, hubs: Hubs, roster: Roster, part: Part | None, whole: bool = False) -> None:
        self._p, self._hubs = problem, hubs
        self.nodes, self.route = Nodes(problem, hubs, part), Route(problem, hubs, roster)
        self.entering = len(problem.enter[0])
        self._rows: list[Ints] = []
        self._enter(roster)
        self._inside()
        self._singles()
        self._leave(roster, whole)
        self._bypass(roster)
        self.kind, self.tail, self.head, self.limit, self.flow, self.number = np.concatenate(self._rows, axis=1)

    def of_kind(self, kind: str) -> Flags:
        """Return which arcs are of a kind."""
        return np.asarray(self.kind == KINDS.index(kind))

    def name(self, arc: int) -> str:
        """Return an arc's name: what its ticket is drawn for."""
        kind, names = KINDS[self.kind[arc]], self.nodes.names
        nth = f"\x1f{self.number[arc]}" if kind in _NUMBERED else ""
        return f"{kind}\x1f{names[self.tail[arc]]}\x1f{names[self.head[arc]]}{nth}"

    def _add(self, kind: str, tail: Ints, head: Ints | int, limit: Ints | int, flow: Ints | Flags, number: Ints | int = 0) -> None:
        self._rows.append(np.stack(np.broadcast_arrays(KINDS.index(kind), tail, head, limit, flow, number)))

    def _enter(self, roster: Roster) -> None:
        p, nodes = self._p, self.nodes
        h, nth = p.enter
        self._add("ENTER", nodes.town[p.households.township[h]], nodes.household[h], 1, nth < roster.got[h], nth)

    def _inside(self) -> None:
        hubs, route, nodes = self._hubs, self.route, self.nodes
        joining = np.flatnonzero((hubs.entry >= 0) & ~hubs.apart & (self._p.left > 0))
        self._add("JOIN", nodes.household[joining], nodes.needs[hubs.entry[joining]], NO_LIMIT, route.joined[joining])
        rising = np.flatnonzero(hubs.rise >= 0)
        self._add("RISE", nodes.needs[rising], nodes.needs[hubs.rise[rising]], NO_LIMIT, route.risen[rising])
        needs, skills = route.match
        self._add("MATCH", nodes.needs[needs], nodes.skills[skills], NO_LIMIT, route.matched)
        h, whole = hubs.direct
        self._add("DIRECT", nodes.household[h], nodes.skills[whole], NO_LIMIT, route.direct)
        g, c = hubs.members.owners(), hubs.members.values
        self._add("PICK", nodes.skills[g], nodes.cadre[c], NO_LIMIT, route.picked)

    def _singles(self) -> None:
        h, c = self._single = self._hubs.single // self._p.width, self._hubs.single % self._p.width
        self._add("PAIR", self.nodes.household[h], self.nodes.cadre[c], 1, self.route.single)

    def _leave(self, roster: Roster, whole: bool) -> None:
        p, nodes, capacity = self._p, self.nodes, self._p.instance.unit_capacity
        most = np.minimum(p.cadres.capacity, p.permitted_of_cadre)
        c, first, last = self._seat = self._seats(roster.load, most, int(roster.load.max(initial=0)) + 1 if whole else 0)
        to = nodes.unit[p.cadres.unit[c]]
        flow = np.clip(roster.load[c] - first + 1, 0, last - first + 1)
        self._add("SEAT", nodes.cadre[c], np.where(to < 0, nodes.sink, to), last - first + 1, flow, first)
        fixed, load = (np.bincount(p.cadres.unit, column, len(capacity)).astype(np.int64) for column in (p.fixed_of_cadre, roster.load))
        open_ = np.flatnonzero(capacity > fixed)
        self._add("UNIT", nodes.unit[open_], nodes.sink, (capacity - fixed)[open_], (load - fixed)[open_])

    def _seats(self, load: Ints, most: Ints, shown: int) -> tuple[Ints, Ints, Ints]:
        """Return cadres with the first and the last load of every seat: where balance counts, one a load, of which only two can be open.

        Those above ``shown``, which is above the largest load, cost no less than the first of them.
        """
        fixed, order = self._p.fixed_of_cadre, self._p.rules.order
        who = np.arange(len(fixed))
        if "balance" not in order:
            due = np.minimum(self._p.cadres.duty, most) if "duty" in order else 0 * most
            ranges = [(who, fixed + 1, due), (who, np.maximum(fixed, due) + 1, most)]
        elif shown:
            ranges = [(who, 0 * who + k, np.where(fixed < k, np.minimum(k, most), -1)) for k in range(1, shown + 1)]
            ranges.append((who, np.maximum(fixed, shown) + 1, most))
        else:
            ranges = [(who, k, np.where((fixed < k) & (k <= most), k, -1)) for k in (load, load + 1)]
        c, first, last = np.concatenate([np.stack(columns) for columns in ranges], axis=1)
        some = first <= last
        return c[some], first[some], last[some]

    def _bypass(self, roster: Roster) -> None:
        p, town = self._p, self._p.households.township
        quota = p.instance.township_capacity
        left, fixed, got = (np.bincount(town, column, len(quota)).astype(np.int64) for column in (p.left, p.fixed_of_household, roster.got))
        supply = np.where(quota >= 0, np.minimum(left, quota - fixed), left)
        some = np.flatnonzero(supply > 0)
        self._add("BYPASS", self.nodes.town[some], self.nodes.sink, supply[some], (supply - got + fixed)[some])

    def cost(self, level: LevelName, costs: Costs) -> Ints:
        """Return every arc's cost of a level."""
        found = np.zeros(len(self.kind), np.int64)
        enter = costs.enter(level)
        if enter.dtype == object:
            found = found.astype(object)
        found[: self.entering] = enter
        name = str(level[0])
        if name in BY_PAIR:
            found[self.of_kind("PAIR")] = -self._p.gain(name, self._hubs.single)
        elif name in ("duty", "balance"):
            found[self.of_kind("SEAT")] = costs.seat(level, *self._seat[:2])
        elif name in ("village_link", "fit", "rank_match"):
            needs, band, skills, rank, linked = self._classes
            worth = {"village_link": lambda: linked, "fit": lambda: self._p.instance.met[needs, skills],
                     "rank_match": lambda: (self._p.instance.bands - band) * rank}
            found[self.of_kind("MATCH") | self.of_kind("DIRECT") | self.of_kind("PAIR")] = -worth[name]()
        return found

    @cached_property
    def _classes(self) -> Ints:
        """(5, arcs) int: needs, band, skills, level and link of every MATCH, DIRECT and PAIR."""
        hubs, homes, cadres = self._hubs, self._p.households, self._p.cadres
        (n, s), (apart, whole), (h, c) = self.route.match, hubs.direct, self._single
        return np.concatenate([
            np.stack([hubs.needs[n], hubs.band[n], hubs.skills[s], hubs.level[s], hubs.linked[s]]),
            np.stack([homes.needs[apart], homes.band[apart], hubs.skills[whole], hubs.level[whole], hubs.linked[whole]]),
            np.stack([homes.needs[h], homes.band[h], cadres.skills[c], cadres.level[c], self._p.linked(h, c).astype(np.int64)]),
        ], axis=1)
