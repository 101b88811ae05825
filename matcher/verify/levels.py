"""What is optimised: arcs, the levels that a proof has to go through, and what every arc costs at each.

docs/certificate.md, "Levels" and "Values". A level's cost is to be as small as it can be once all levels before are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import numpy.typing as npt

from matcher.domain import Ints
from matcher.messages import N_, message
from matcher.verify.arrays import Flags, Tickets, tickets
from matcher.verify.certificate import DRAW, LevelName, Proof
from matcher.verify.problem import Problem
from matcher.verify.verdict import Flaw

KINDS = ("ENTER", "JOIN", "RISE", "MATCH", "DIRECT", "PICK", "PAIR", "SEAT", "UNIT", "BYPASS")

Signs = npt.NDArray[np.int8]
_WORD = 1 << 62


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
        some, own = self._costs(level)
        found = np.zeros(len(self.kind), own.dtype)
        found[some] = own
        return found

    def _costs(self, level: LevelName) -> tuple[Ints, Ints]:
        """Return the arcs that a level costs, and what each of them does."""
        kinds, cost = COSTS[str(level[0])]
        some = np.flatnonzero(self.of_kind(*kinds))
        costly = self if len(some) == len(self.kind) else self.only(some)
        return some, cost(costly, *level[1:]) if len(some) else np.zeros(0, np.int64)

    def signs(self, proof: Proof) -> Signs:
        """Return the sign of every arc's reduced cost; the first level at which it is not 0 decides."""
        return first_signs(((cost + p[self.tail], p[self.head]) for cost, p in self._words(proof)), len(self.kind))

    def _words(self, proof: Proof) -> Iterator[tuple[Ints, Ints]]:
        """Yield costs and potentials of as many levels at a time as one integer holds.

        A level counts as often as all later ones of its integer can differ together, and once more, so the sign is that of the first.
        """
        cost, word, weight = np.zeros(len(self.kind), np.int64), np.zeros(len(self.names), np.int64), 1
        for level, p in proof:
            some, own = self._costs(level)
            low, high = int(p.min()), int(p.max())
            span = 2 * (int(abs(own).max(initial=0)) + high - low) + 1
            if weight * span >= _WORD:
                yield cost, word
                kind = np.int64 if span < _WORD else object
                cost, word, weight = np.zeros(len(self.kind), kind), np.zeros(len(self.names), kind), 1
            if span > 1:
                cost, word, weight = cost * span, word * span + (p - low).astype(word.dtype), weight * span
                cost[some] += own.astype(cost.dtype)
        yield cost, word

    def against(self, signs: Signs) -> list[int]:
        """Return the arcs along which something is better: with room at a negative reduced cost, or with flow at a positive one."""
        return np.flatnonzero(((signs < 0) & (self.flow < self.limit)) | ((signs > 0) & (self.flow > 0))).tolist()


def enter_arcs(problem: Problem, household: Ints, nth: Ints, flow: Flags | int) -> Ints:
    """Return arcs from townships to households, one for each cadre of a household."""
    return arcs("ENTER", problem.town + problem.households.township[household], problem.household + household, 1, flow, nth)


def pair_arcs(problem: Problem, keys: Ints, flow: Flags | int) -> Ints:
    """Return arcs from households to cadres."""
    household, cadre = np.divmod(keys, problem.width)
    linked = problem.linked(problem.households.village[household], cadre)
    return arcs("PAIR", problem.household + household, problem.cadre + cadre, 1, flow, linked)


def first_signs(columns: Iterable[tuple[Ints, Ints]], size: int) -> Signs:
    """Return for every row -1, 0 or 1: how the first two sides that differ compare."""
    sign = np.zeros(size, np.int8)
    for left, right in columns:
        sign = np.where(sign == 0, (left > right).astype(np.int8) - (left < right), sign)
    return sign


def cut(drawn: Tickets, bits: int) -> Ints:
    """Return the first bits of tickets."""
    return (drawn >> np.uint64(64 - bits)).astype(np.int64)


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
