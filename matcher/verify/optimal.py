"""Whether a roster is the best there is, by the potentials: docs/certificate.md, "The proof".

Every arc that a roster leaves room on must not be better than nothing, level by level; every arc that it uses must not be worse. The
arcs are those to a household's first and further cadres, a cadre's last and next place, units, townships, and **every permitted pair**.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matcher.domain import Ints
from matcher.messages import N_, message
from matcher.verify.certificate import Part
from matcher.verify.levels import Arcs, Proof, arcs, check_levels, enter_arcs, pair_arcs, proof_of
from matcher.verify.problem import Problem, Roster, among, distinct, numbered, together, totals
from matcher.verify.roster import pair_message
from matcher.verify.verdict import Flaw

_PAIR = N_("The proof does not hold: a roster that treats {household} with {cadre} otherwise might be better.")
_PLACES = N_("The proof does not hold: another number of pairings of {what} might be better.")
_VILLAGES = 64
"""Villages that are looked at together: as many as leave the memory alone."""
_OTHERS = {
    "ENTER": N_("The proof does not hold: whether {what} has a cadre, or one more, might be better otherwise."),
    "SEAT": N_("The proof does not hold: another number of households for {what} might be better."),
    "UNIT": _PLACES, "BYPASS": _PLACES,
}


def check_optimal(problem: Problem, part: Part, roster: Roster) -> None:
    """Raise :class:`Flaw` unless the part's potentials prove that no roster is better."""
    outer = Arcs.of(problem, outer_arcs(problem, roster))
    check_levels(problem, part.levels, int((outer.number[outer.of_kind("SEAT")]).max(initial=0)))
    proof = proof_of(part, problem.names)
    against = outer.against(outer.signs(proof))
    for kind, text in _OTHERS.items():
        for arc in np.flatnonzero(against & outer.of_kind(kind)):
            node = outer.names[(outer.head if kind == "ENTER" else outer.tail)[arc]]
            raise Flaw(message(text, what=node.partition("\x1f")[2].strip("/")))
    paired = problem.keys(roster.household, roster.cadre)
    for keys in (together(paired, *(known for known, _ in problem.gains.values())), *_pairs_in_doubt(problem, proof)):
        keys = keys[problem.permitted(keys) & ~among(keys, problem.fixed) & (problem.left[keys // problem.width] > 0)]
        pairs = Arcs.of(problem, [pair_arcs(problem, keys, among(keys, paired))])
        for key in keys[pairs.against(pairs.signs(proof))]:
            raise Flaw(pair_message(_PAIR, problem, int(key)))


def _pairs_in_doubt(problem: Problem, proof: Proof) -> Iterator[Ints]:
    """Yield the keys of all permitted pairs that could be better than nothing by what they share with others.

    Among the households of a village with the same needs and band, and the cadres who serve it with the same skills, level and link, a
    pair's cost is the same, but for what concerns it alone. No pair of theirs has a smaller reduced cost than that of the household with
    the smallest and the cadre with the largest potentials; where that is not negative, none is.
    """
    rank = np.empty(len(problem.names), np.int64)
    rank[np.lexsort([p for _, p in proof[::-1]])] = np.arange(len(rank))
    village, linked = problem.households.village, problem.keys(problem.linked_to.owners(), problem.linked_to.values)
    homes = np.flatnonzero(problem.left > 0)
    homes = homes[np.argsort(rank[problem.household + homes])]
    for villages in np.split(np.unique(village[homes]), range(_VILLAGES, len(problem.around), _VILLAGES)):
        living = homes[among(village[homes], villages)]
        near = problem.around[villages]
        at, serving = problem.serving.of_each(near[near >= 0])
        served = villages[np.nonzero(near >= 0)[0][at]]
        order = np.argsort(-rank[problem.cadre + serving])
        served, serving = served[order], serving[order]
        kinds, kind = distinct(village[living], *problem.traits[:, problem.household + living])
        sorts, sort = distinct(served, *problem.traits[:, problem.cadre + serving], among(problem.keys(served, serving), linked).astype(np.int64))
        least, most = living[np.unique(kind, return_index=True)[1]], serving[np.unique(sort, return_index=True)[1]]
        begin, end = (np.searchsorted(sorts[0], kinds[0], side) for side in ("left", "right"))
        one, other = numbered(end - begin)
        other += begin[one]
        worst = Arcs.of(problem, [arcs("MATCH", problem.household + least[one], problem.cadre + most[other], 1, 0, sorts[3, other])])
        for doubt in np.flatnonzero(worst.against(worst.signs(proof))).tolist():
            yield problem.keys(living[kind == one[doubt]][:, None], serving[sort == other[doubt]]).ravel()


def outer_arcs(problem: Problem, roster: Roster, shown: int = 0) -> list[Ints]:
    """Return the arcs besides those between households and cadres.

    Parameters
    ----------
    shown : int
        Where balance counts, show all seats of a cadre, those above this load as one; 0: only the last that is taken and the next, which
        speak for all.
    """
    p, homes, cadres, capacity = problem, problem.households, problem.cadres, problem.instance.unit_capacity
    household, nth = p.enter
    c, first, last = _seats(problem, roster.load, shown)
    unit = cadres.unit[c]
    fixed, load = (totals(cadres.unit, column, len(capacity)) for column in (p.fixed_of_cadre, roster.load))
    limited = np.flatnonzero(capacity > fixed)
    quota = p.instance.township_capacity
    left, settled, got = (totals(homes.township, column, len(quota)) for column in (p.left, p.fixed_of_household, roster.got))
    supply = np.where(quota >= 0, np.minimum(left, quota - settled), left)
    towns = np.flatnonzero(supply > 0)
    return [
        enter_arcs(p, household, nth, nth < roster.got[household]),
        arcs("SEAT", p.cadre + c, np.where(capacity[unit] < 0, 0, p.unit + unit), last - first + 1,
             np.clip(roster.load[c] - first + 1, 0, last - first + 1), first),
        arcs("UNIT", p.unit + limited, 0, (capacity - fixed)[limited], (load - fixed)[limited]),
        arcs("BYPASS", p.town + towns, 0, supply[towns], (supply - got + settled)[towns]),
    ]


def _seats(problem: Problem, load: Ints, shown: int) -> tuple[Ints, Ints, Ints]:
    """Return cadres with the first and the last load of every seat."""
    fixed, order, most = problem.fixed_of_cadre, problem.rules.order, np.minimum(problem.cadres.capacity, problem.permitted_of_cadre)
    who = np.arange(len(fixed))
    if "balance" not in order:
        due = np.minimum(problem.cadres.duty, most) if "duty" in order else 0 * most
        ranges = [(fixed + 1, due), (np.maximum(fixed, due) + 1, most)]
    elif shown:
        ranges = [(0 * who + k, np.where(fixed < k, np.minimum(k, most), -1)) for k in range(1, shown + 1)]
        ranges.append((np.maximum(fixed, shown) + 1, most))
    else:
        ranges = [(k, np.where((fixed < k) & (k <= most), k, -1)) for k in (load, load + 1)]
    c, first, last = np.concatenate([np.stack([who, *columns]) for columns in ranges], axis=1)
    some = first <= last
    return c[some], first[some], last[some]
