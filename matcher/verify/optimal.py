"""What is optimised, and whether a roster is the best there is, by the potentials: docs/certificate.md, "Levels" and "The proof".

A roster is a flow on arcs; at each level every arc has a cost, and a level's cost is to be as small as it can be once all levels before
are. So every arc on which a roster leaves room must not be better than nothing, level by level; every arc that it uses must not be worse.
The arcs are those to a household's first and further cadres, a cadre's last and next place, units, townships, and **every permitted pair**.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.domain import Instance, Ints, Mask
from matcher.integers import among, order_of
from matcher.messages import N_, message
from matcher.verify import Flaw
from matcher.verify.arrays import distinct, numbered, people_tickets, together, totals
from matcher.verify.certificate import DRAW, LevelName, Part, Proof, read_part
from matcher.verify.problem import Problem, Roster, Rules, check_feasible

KINDS = ("ENTER", "JOIN", "RISE", "MATCH", "DIRECT", "PICK", "PAIR", "SEAT", "UNIT", "BYPASS")

Signs = npt.NDArray[np.int8]
_PLACES = N_("The proof does not hold: another number of pairings of {what} might be better.")
_OTHERS = {
    "ENTER": N_("The proof does not hold: whether {what} has a cadre, or one more, might be better otherwise."),
    "SEAT": N_("The proof does not hold: another number of households for {what} might be better."), "UNIT": _PLACES, "BYPASS": _PLACES,
}
_MANY = 1 << 20
"""Kinds of pairs that are looked at together: as many as leave the memory alone."""


def arcs(kind: str, tail: Ints, head: Ints | int, limit: Ints | int, flow: Ints | Mask | int, number: Ints | int = 0) -> Ints:
    """Return arcs of a kind as the columns of :class:`Arcs`."""
    return np.stack(np.broadcast_arrays(KINDS.index(kind), tail, head, limit, flow, number)).astype(np.int64)


@dataclass(frozen=True)
class Arcs:
    """Arcs with the flow of a roster, as columns; ``number`` is an ENTER's n, a SEAT's first load, the link of a MATCH, DIRECT or PAIR.

    Nodes are those of the problem, then hubs; their ``traits`` are needs and band, or skills and level.
    """

    problem: Problem
    names: list[str]
    traits: Ints
    kind: Ints
    tail: Ints
    head: Ints
    limit: Ints
    flow: Ints
    number: Ints

    @staticmethod
    def of(problem: Problem, *columns: Ints) -> Arcs:
        """Return arcs between the nodes of a problem."""
        return Arcs(problem, problem.names, problem.traits, *np.concatenate(columns, axis=1))

    def only(self, which: Mask | Ints) -> Arcs:
        """Return some of the arcs."""
        columns = (c[which] for c in (self.kind, self.tail, self.head, self.limit, self.flow, self.number))
        return Arcs(self.problem, self.names, self.traits, *columns)

    def of_kind(self, *kinds: str) -> Mask:
        """Return which arcs are of some kinds."""
        return np.array([kind in kinds for kind in KINDS])[self.kind]

    def cost(self, level: LevelName) -> Ints:
        """Return every arc's cost of a level; of coverage by income perhaps Python integers."""
        kinds, cost = COSTS[str(level[0])]
        some = np.flatnonzero(self.of_kind(*kinds))
        costly = self if len(some) == len(self.kind) else self.only(some)
        own = cost(costly, *level[1:]) if len(some) else some
        found = np.zeros(len(self.kind), own.dtype)
        found[some] = own
        return found

    def signs(self, proof: Proof) -> Signs:
        """Return the sign of every arc's reduced cost."""
        return first_signs(((self.cost(level), p) for level, p in proof), self.tail, self.head)

    def against(self, signs: Signs) -> list[int]:
        """Return the arcs along which something is better: with room at a negative reduced cost, or with flow at a positive one."""
        return np.flatnonzero(((signs < 0) & (self.flow < self.limit)) | ((signs > 0) & (self.flow > 0))).tolist()


def enter_arcs(problem: Problem, household: Ints, nth: Ints, flow: Mask | int) -> Ints:
    """Return arcs from townships to households, one for each cadre of a household."""
    return arcs("ENTER", problem.town + problem.households.township[household], problem.household + household, 1, flow, nth)


def pair_arcs(problem: Problem, keys: Ints, flow: Mask | int) -> Ints:
    """Return arcs from households to cadres."""
    household, cadre = np.divmod(keys, problem.width)
    linked = problem.linked(problem.households.village[household], cadre)
    return arcs("PAIR", problem.household + household, problem.cadre + cadre, 1, flow, linked)


def first_signs(levels: Iterable[tuple[Ints, Ints]], tail: Ints, head: Ints) -> Signs:
    """Return the sign of every arc's reduced cost by costs and potentials: the first level at which it is not 0 decides."""
    sign, rest = np.zeros(len(tail), np.int8), np.arange(len(tail))
    for cost, p in levels:
        sign[rest] = found = np.sign(cost[rest] + p[tail] - p[head]).astype(np.int8)
        if found.any():
            open_ = np.flatnonzero(found == 0)
            rest, tail, head = rest[open_], tail[open_], head[open_]
    return sign


def _coverage(a: Arcs, *turn: int) -> Ints:
    if turn:
        return np.where((a.number == turn[0]) & (a.traits[1, a.head] == turn[1]), -1, 0)
    rank, homes = a.problem.households.income_rank, a.problem.households
    turns, place = np.unique(a.number * (int(rank.max(initial=0)) + 1) + rank[a.head - a.problem.household], return_inverse=True)
    if (a.problem.instance.township_capacity[homes.township] < 0).all():
        return np.asarray(place - len(turns))  # what can be served is a gammoid: any falling rewards give the best of every prefix
    rewards = [-1]
    for many in np.bincount(place).tolist()[:0:-1]:
        rewards.insert(0, rewards[0] * (4 * many + 4))  # along any cycle more than the later ones can sum to
    return np.array([rewards[k] for k in place.tolist()], object)


def _draw(a: Arcs, bits: int) -> Ints:
    first = people_tickets(a.problem.rules.seed, "household", a.problem.households.ids) >> np.uint64(64 - bits)
    worth = (1 << bits) - 1 - first.astype(np.int64)
    return -(worth[a.head - a.problem.household] >> np.minimum(a.number, 62))


def _gain(name: str) -> Callable[[Arcs], Ints]:
    return lambda a: -a.problem.gain(name, a.problem.keys(a.tail - a.problem.household, a.head - a.problem.cadre))


_PAIRED = ("MATCH", "DIRECT", "PAIR")
COSTS: dict[str, tuple[tuple[str, ...], Callable[..., Ints]]] = {
    "coverage": (("ENTER",), _coverage),
    DRAW: (("ENTER",), _draw),
    "waiting": (("ENTER",), lambda a: np.where(a.number == 0, -a.problem.households.waiting[a.head - a.problem.household], 0)),
    **{name: (("PAIR",), _gain(name)) for name in ("continuity_first", "continuity", "affinity")},
    "village_link": (_PAIRED, lambda a: -a.number),
    "fit": (_PAIRED, lambda a: -a.problem.instance.met[a.traits[0, a.tail], a.traits[0, a.head]]),
    "rank_match": (_PAIRED, lambda a: (a.traits[1, a.tail] - a.problem.instance.bands) * a.traits[1, a.head]),
    "duty": (("SEAT",), lambda a: np.where(a.number <= a.problem.cadres.duty[a.tail - a.problem.cadre], -1, 0)),
    "balance": (("SEAT",), lambda a, *load: np.where(a.number >= load[0], 1, 0) if load else 2 * a.number - 1),
}
"""Of every objective: the kinds of arcs that it costs, and what each of these costs."""


def levels_of(problem: Problem, name: str, turns: list[tuple[int, int]], largest: int) -> list[LevelName]:
    """Return an objective's levels: by bands one for each turn (n, band), with leximax one for each load from the largest down."""
    if name == "coverage" and not problem.rules.by_income:
        return [(name, *turn) for turn in turns]
    if name == "balance" and problem.rules.leximax:
        return [(name, load) for load in range(largest, 0, -1)]
    return [(name,)]


def check_levels(problem: Problem, claimed: list[LevelName], largest: int) -> None:
    """Raise :class:`Flaw` unless a certificate's levels are those that the policy demands; leximax begins with the largest load."""
    household, nth = problem.enter
    turns = sorted(set(zip(nth.tolist(), problem.households.band[household].tolist(), strict=True)))
    wanted: list[LevelName] = []
    for name in (*problem.rules.order, "last"):
        wanted += levels_of(problem, name, turns, largest) if name != "last" else []
        wanted += [(DRAW,)] if name == problem.rules.position else []
    for level, told in zip_longest(wanted, claimed):
        if level != told:
            text = (N_("The proof's stages are not the objectives in the policy's order: {level} is missing or misplaced.") if level else
                    N_("The proof's stages are not the objectives in the policy's order: {level} does not belong there."))
            raise Flaw(message(text, level=" ".join(map(str, level or told))))


def check_part(instance: Instance, rules: Rules, data: bytes | dict[str, Any]) -> list[tuple[str, str]]:
    """Return the pairs of a part (its gzip member, or what that would hold), by ids; raise :class:`Flaw` unless it proves them."""
    part, problem = read_part(data), Problem(instance, rules)
    check_optimal(problem, part, check_feasible(problem, part.pairs))
    return part.pairs


def check_optimal(problem: Problem, part: Part, roster: Roster) -> None:
    """Raise :class:`Flaw` unless the part's potentials prove that no roster is better."""
    outer = Arcs.of(problem, *outer_arcs(problem, roster))
    check_levels(problem, part.levels, int(outer.number[outer.of_kind("SEAT")].max(initial=0)))
    proof = part.proof(problem.names)
    for arc in outer.against(outer.signs(proof)):
        kind = KINDS[outer.kind[arc]]
        node = outer.names[(outer.head if kind == "ENTER" else outer.tail)[arc]]
        raise Flaw(message(_OTHERS[kind], what=node.partition("\x1f")[2].strip("/")))
    paired = problem.keys(roster.household, roster.cadre)
    for some in chain([together(paired, *(known for known, _ in problem.gains.values()))], _pairs_in_doubt(problem, proof)):
        keys = some[problem.permitted(some) & ~among(some, problem.fixed) & (problem.left[some // problem.width] > 0)]
        pairs = Arcs.of(problem, pair_arcs(problem, keys, among(keys, paired)))
        for pair in pairs.against(pairs.signs(proof)):
            text = N_("The proof does not hold: a roster that treats {household} with {cadre} otherwise might be better.")
            raise problem.about(text, keys[pair])


def _pairs_in_doubt(problem: Problem, proof: Proof) -> Iterator[Ints]:
    """Yield the keys of all permitted pairs that could be better than nothing by what they share with others.

    Among the households at a place with the same needs and band, and the cadres who serve it as such with the same skills and level (or
    are linked to it), a pair's cost is the same, but for what concerns it alone. No pair of theirs has a smaller reduced cost than that of
    the household with the smallest and the cadre with the largest potentials; where that is not negative, none is.
    """
    rank = np.empty(len(problem.names), np.int64)
    rank[order_of(*(p for _, p in proof))] = np.arange(len(rank))
    homes = np.flatnonzero(problem.left > 0)
    homes = homes[np.argsort(rank[problem.household + homes])]
    around = problem.around[problem.households.village[homes]]
    living = homes[np.nonzero(around >= 0)[0]]
    serving, place, linked = problem.ways
    order = np.argsort(-rank[problem.cadre + serving])
    serving, place, linked = serving[order], place[order], linked[order]
    homely, kind = distinct(around[around >= 0], *problem.traits[:, problem.household + living])
    cadrely, sort = distinct(place, linked, *problem.traits[:, problem.cadre + serving])
    least, most = living[np.unique(kind, return_index=True)[1]], serving[np.unique(sort, return_index=True)[1]]
    begin, end = (np.searchsorted(cadrely[0], homely[0], side) for side in ("left", "right"))
    for some in np.split(np.arange(len(least)), np.searchsorted(np.cumsum(end - begin), range(_MANY, int((end - begin).sum()), _MANY))):
        one, other = numbered((end - begin)[some])
        one, other = some[one], other + begin[some][one]
        worst = Arcs.of(problem, arcs("MATCH", problem.household + least[one], problem.cadre + most[other], 1, 0, cadrely[1, other]))
        for doubt in worst.against(worst.signs(proof)):
            yield problem.keys(living[kind == one[doubt]][:, None], serving[sort == other[doubt]]).ravel()


def outer_arcs(problem: Problem, roster: Roster) -> list[Ints]:
    """Return the arcs besides those between households and cadres; where balance counts, a cadre's last seat that is taken and the next.

    These two speak for all the cadre's seats, whose costs rise.
    """
    p, unit, capacity, quota = problem, problem.cadres.unit, problem.instance.unit_capacity, problem.instance.township_capacity
    household, nth = p.enter
    c, first, last = _seats(problem, roster.load)
    fixed, load = (totals(unit, column, len(capacity)) for column in (p.fixed_of_cadre, roster.load))
    limited = np.flatnonzero(capacity > fixed)
    left, settled, got = (totals(p.households.township, column, len(quota)) for column in (p.left, p.fixed_of_household, roster.got))
    supply = np.where(quota >= 0, np.minimum(left, quota - settled), left)
    towns = np.flatnonzero(supply > 0)
    return [
        enter_arcs(p, household, nth, nth < roster.got[household]),
        seat_arcs(p, roster, c, first, last),
        arcs("UNIT", p.unit + limited, 0, (capacity - fixed)[limited], (load - fixed)[limited]),
        arcs("BYPASS", p.town + towns, 0, supply[towns], (supply - got + settled)[towns]),
    ]


def _seats(problem: Problem, load: Ints) -> tuple[Ints, Ints, Ints]:
    """Return cadres with the first and the last load of every seat."""
    fixed, order, most = problem.fixed_of_cadre, problem.rules.order, np.minimum(problem.cadres.capacity, problem.permitted_of_cadre)
    if "balance" in order:
        ranges = [(k, np.where((fixed < k) & (k <= most), k, -1)) for k in (load, load + 1)]
    else:
        due = np.minimum(problem.cadres.duty, most) if "duty" in order else 0 * most
        ranges = [(fixed + 1, due), (np.maximum(fixed, due) + 1, most)]
    c, first, last = np.concatenate([np.stack([np.arange(len(fixed)), *columns]) for columns in ranges], axis=1)
    return c[first <= last], first[first <= last], last[first <= last]


def seat_arcs(problem: Problem, roster: Roster, cadre: Ints, first: Ints, last: Ints) -> Ints:
    """Return arcs from cadres to their units, where these have a limit, else to the sink, for the loads from the first to the last."""
    unit = problem.cadres.unit[cadre]
    to = np.where(problem.instance.unit_capacity[unit] < 0, 0, problem.unit + unit)
    return arcs("SEAT", problem.cadre + cadre, to, last - first + 1, np.clip(roster.load[cadre] - first + 1, 0, last - first + 1), first)
