"""Whether a roster is the best there is, by the potentials: docs/certificate.md, "The proof".

Every arc on which a roster leaves room must not be better than nothing, level by level; every arc that it uses must not be worse. The
arcs are those to a household's first and further cadres, a cadre's last and next place, units, townships, and **every permitted pair**.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np

from matcher.domain import Instance, Ints
from matcher.integers import among
from matcher.messages import N_, message
from matcher.verify.arrays import distinct, numbered, together, totals
from matcher.verify.certificate import Part, Proof, read_part
from matcher.verify.levels import KINDS, Arcs, arcs, check_levels, enter_arcs, pair_arcs
from matcher.verify.problem import Problem, Roster, Rules, check_feasible, columns
from matcher.verify.verdict import Flaw

_PLACES = N_("The proof does not hold: another number of pairings of {what} might be better.")
_OTHERS = {
    "ENTER": N_("The proof does not hold: whether {what} has a cadre, or one more, might be better otherwise."),
    "SEAT": N_("The proof does not hold: another number of households for {what} might be better."), "UNIT": _PLACES, "BYPASS": _PLACES,
}
_MANY = 1 << 20
"""Kinds of pairs that are looked at together: as many as leave the memory alone."""


def check_part(instance: Instance, rules: Rules, data: bytes | dict[str, Any]) -> list[tuple[str, str]]:
    """Return the pairs of a part (its gzip member, or what that would hold), by ids; raise :class:`Flaw` unless it proves them."""
    part, problem = read_part(data), Problem(instance, rules)
    pairs = columns(problem, part.pairs)
    check_feasible(problem, *pairs)
    check_optimal(problem, part, Roster.of(problem, *pairs))
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
    rank[np.lexsort([p for _, p in proof[::-1]])] = np.arange(len(rank))
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
