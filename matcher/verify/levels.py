"""What is optimised: arcs, the levels that a proof has to go through, and what every arc costs at each.

docs/certificate.md, "Levels" and "Values". A level's cost is to be as small as it can be once all levels before are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from matcher.domain import Ints
from matcher.messages import N_, message
from matcher.verify.certificate import LevelName, Part
from matcher.verify.problem import Flags, Problem, Tickets, numbered, tickets
from matcher.verify.verdict import Flaw

KINDS = ("ENTER", "JOIN", "RISE", "MATCH", "DIRECT", "PICK", "PAIR", "SEAT", "UNIT", "BYPASS")
DRAW = "draw"
Value = int | list[int]
Proof = list[tuple[LevelName, Ints]]
"""Every level with the potentials of all nodes."""


def arcs(kind: str, tail: Ints, head: Ints | int, limit: Ints | int, flow: Ints | Flags | int, number: Ints | int = 0) -> Ints:
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

    def only(self, which: Flags | Ints) -> Arcs:
        """Return some of the arcs."""
        columns = (c[which] for c in (self.kind, self.tail, self.head, self.limit, self.flow, self.number))
        return Arcs(self.problem, self.names, self.traits, *columns)

    def of_kind(self, *kinds: str) -> Flags:
        """Return which arcs are of some kinds."""
        return np.array([kind in kinds for kind in KINDS])[self.kind]

    def cost(self, level: LevelName) -> Ints:
        """Return every arc's cost of a level; of coverage by income perhaps Python integers."""
        kinds, cost = COSTS[str(level[0])]
        mask = self.of_kind(*kinds)
        some = cost(self.only(mask), *level[1:]) if mask.any() else np.zeros(0, np.int64)
        found = np.zeros(len(mask), some.dtype)
        found[mask] = some
        return found

    def signs(self, proof: Proof) -> Ints:
        """Return the sign of every arc's reduced cost; the first level at which it is not 0 decides."""
        return first_signs(((self.cost(level) + p[self.tail], p[self.head]) for level, p in proof), len(self.kind))

    def against(self, signs: Ints) -> list[int]:
        """Return the arcs along which something is better: with room at a negative reduced cost, or with flow at a positive one."""
        return np.flatnonzero(((signs < 0) & (self.flow < self.limit)) | ((signs > 0) & (self.flow > 0))).tolist()

    def residual(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Return where residual arcs begin and end, those with room, then those with flow; and the arc, and 1 forward, -1 backward."""
        forward, backward = np.flatnonzero(self.flow < self.limit), np.flatnonzero(self.flow > 0)
        return (np.append(self.tail[forward], self.head[backward]), np.append(self.head[forward], self.tail[backward]),
                np.append(forward, backward), np.repeat([1, -1], [len(forward), len(backward)]))

    def name(self, arc: int) -> str:
        """Return an arc's name: what its ticket is drawn for."""
        kind, ends = KINDS[self.kind[arc]], (self.names[self.tail[arc]], self.names[self.head[arc]])
        return "\x1f".join([kind, *ends, *([str(self.number[arc])] if kind in ("ENTER", "SEAT") else [])])


def enter_arcs(problem: Problem, household: Ints, nth: Ints, flow: Flags | int) -> Ints:
    """Return arcs from townships to households, one for each cadre of a household."""
    return arcs("ENTER", problem.town + problem.households.township[household], problem.household + household, 1, flow, nth)


def pair_arcs(problem: Problem, keys: Ints, flow: Flags | int) -> Ints:
    """Return arcs from households to cadres."""
    household, cadre = np.divmod(keys, problem.width)
    linked = problem.linked(problem.households.village[household], cadre)
    return arcs("PAIR", problem.household + household, problem.cadre + cadre, 1, flow, linked)


def first_signs(columns: Iterable[tuple[Ints, Ints]], size: int) -> Ints:
    """Return for every row -1, 0 or 1: how the first two sides that differ compare."""
    sign = np.zeros(size, np.int64)
    for left, right in columns:
        sign = np.where(sign == 0, (left > right).astype(np.int64) - (left < right), sign)
        if sign.all():
            break
    return sign


def ticket_bits(part: Part) -> int:
    """Return how many bits of a ticket count: all costs must fit, whatever the number of nodes."""
    return min(32, 62 - 2 * max(len(part.nodes) - 1, 0).bit_length())


def cut(drawn: Tickets, bits: int) -> Ints:
    """Return the first bits of tickets."""
    return (drawn >> np.uint64(64 - bits)).astype(np.int64)


def proof_of(part: Part, names: list[str]) -> Proof:
    """Return a certificate's proof for nodes of some names; the level of the draw says how many bits of a ticket count."""
    levels = [(*level, ticket_bits(part)) if level == (DRAW,) else level for level in part.levels]
    return list(zip(levels, part.ordered(names), strict=True))


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
    worth = (1 << bits) - 1 - cut(tickets(a.problem.rules.seed, "household", a.problem.households.ids), bits)
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


def _levels_of(problem: Problem, name: str, turns: list[tuple[int, int]], largest: int) -> list[LevelName]:
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
        wanted += _levels_of(problem, name, turns, largest) if name != "last" else []
        wanted += [(DRAW,)] if name == problem.rules.position else []
    for level, told in zip_longest(wanted, claimed):
        if level != told:
            text = (N_("The proof's stages are not the objectives in the policy's order: {level} is missing or misplaced.") if level else
                    N_("The proof's stages are not the objectives in the policy's order: {level} does not belong there."))
            raise Flaw(message(text, level=" ".join(map(str, level or told))))


def values(problem: Problem, household: Ints, cadre: Ints) -> dict[str, Value]:
    """Return what a roster is worth in every objective, in the policy's order: what the levels cost, summed over all its pairs."""
    got, load = np.bincount(household, minlength=len(problem.households)), np.bincount(cadre, minlength=len(problem.cadres))
    seat, number = numbered(load)
    every = Arcs.of(problem, enter_arcs(problem, *numbered(got), 1), pair_arcs(problem, problem.keys(household, cadre), 1),
                    arcs("SEAT", problem.cadre + seat, 0, 1, 1, number + 1))
    turns = [(n, band) for n in range(int(problem.households.partners.max(initial=1))) for band in range(problem.instance.bands)]
    found: dict[str, Value] = {}
    for name in problem.rules.order:
        levels, sign = _levels_of(problem, name, turns, int(load.max(initial=0))), 1 if name == "balance" else -1
        if (name, levels) == ("coverage", [(name,)]):  # by income: its rewards say who comes first, no more
            found[name] = len(household)
        else:
            sums = [sign * int(every.cost(level).sum()) for level in levels]
            found[name] = sums[0] if levels == [(name,)] else sums
    return found
