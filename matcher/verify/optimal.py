"""Whether a roster is the best there is, by the potentials: docs/certificate.md, "The proof".

Every pair that is not in the roster must not be better than nothing, level by level; every pair in it must not be worse.
The same of every household's first and further cadres, of every cadre's next place, of units and townships. Then no way of
rearranging the roster can improve it. Millions of pairs are compared by array, village by village.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.domain import Ints
from matcher.messages import N_, Message, message
from matcher.verify.certificate import LevelName, Part, flaw
from matcher.verify.levels import Costs, check_levels
from matcher.verify.problem import Flags, Problem, among, together
from matcher.verify.verdict import Flaw

_WORD = 2**62


@dataclass(frozen=True)
class Roster:
    """The pairs besides fixed ones, as columns sorted by key, and the loads of everybody, fixed ones included."""

    household: Ints
    cadre: Ints
    got: Ints
    load: Ints

    @staticmethod
    def of(problem: Problem, household: Ints, cadre: Ints) -> Roster:
        """Return the roster of all its pairs."""
        keys = np.sort(problem.keys(household, cadre))
        free = keys[~among(keys, problem.fixed)]
        return Roster(free // problem.width, free % problem.width, np.bincount(household, minlength=len(problem.households)),
                      np.bincount(cadre, minlength=len(problem.cadres)))


class Potentials:
    """The potentials of a certificate by what they belong to, one column a level, relative to the sink."""

    def __init__(self, problem: Problem, part: Part) -> None:
        number, instance = part.number, problem.instance
        places = sorted(set(problem.households.township.tolist()))
        try:
            self._sink = number["sink"]
            self._household = _ints(number[f"household\x1f{h}"] for h in problem.households.ids)
            self._cadre = _ints(number[f"cadre\x1f{c}"] for c in problem.cadres.ids)
            self._town = np.zeros(len(instance.place_names), np.int64)
            self._town[places] = [number[f"township\x1f{instance.place_names[p]}"] for p in places]
            self._unit = np.full(len(instance.unit_names), self._sink)
            limited = np.flatnonzero(instance.unit_capacity >= 0)
            self._unit[limited] = [number[f"unit\x1f{instance.unit_names[u]}"] for u in limited.tolist()]
        except KeyError as missing:
            raise flaw(str(missing.args[0]).replace("\x1f", " ")) from None
        self._columns = part.columns

    def household(self, level: int) -> Ints:
        """Return the potential of every household."""
        return self._relative(level, self._household)

    def cadre(self, level: int) -> Ints:
        """Return the potential of every cadre."""
        return self._relative(level, self._cadre)

    def town(self, level: int, places: Ints) -> Ints:
        """Return the potential of townships, by place."""
        return self._relative(level, self._town[places])

    def unit(self, level: int, units: Ints) -> Ints:
        """Return the potential of units; 0 where a unit has no limit and leads straight to the sink."""
        return self._relative(level, self._unit[units])

    def _relative(self, level: int, nodes: Ints) -> Ints:
        column = self._columns[level]
        return np.asarray(column[nodes] - column[self._sink])


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, np.int64)


def first_signs(columns: Sequence[Ints], size: int) -> Ints:
    """Return the sign of the first entry that is not zero of every row of some columns; 0 if all are."""
    sign = np.zeros(size, np.int64)
    for column in columns:
        sign = np.where(sign == 0, (column > 0).astype(np.int64) - (column < 0), sign)
    return sign


def check_optimal(problem: Problem, part: Part, roster: Roster, bits: int) -> None:
    """Raise :class:`Flaw` unless the part's potentials prove that no roster is better.

    Parameters
    ----------
    bits : int
        Bits of a ticket in the draw.
    """
    seats = _seats(problem, roster)
    check_levels(problem, part.levels, int(seats[1].max(initial=0)))
    costs, potentials = Costs(problem, bits), Potentials(problem, part)
    _check_townships(problem, part, potentials, roster)
    _check_enter(problem, part, costs, potentials, roster)
    _check_seats(problem, part, costs, potentials, seats)
    _check_units(problem, part, potentials, roster)
    _check_single_pairs(problem, part, costs, potentials, roster)
    _check_all_pairs(problem, part, costs, potentials, roster)


def refuse(bad: Ints, text: Message) -> None:
    """Raise :class:`Flaw` if any sign is negative."""
    if (bad < 0).any():
        raise Flaw(text)


def _check_townships(problem: Problem, part: Part, potentials: Potentials, roster: Roster) -> None:
    town = problem.households.township
    places = np.unique(town)
    size = len(problem.instance.parents)
    supply = np.bincount(town, problem.left, size).astype(np.int64)[places]
    quota = problem.instance.township_capacity[places]
    fixed = np.bincount(town, problem.fixed_of_household, size).astype(np.int64)[places]
    supply = np.where(quota >= 0, np.minimum(supply, quota - fixed), supply)
    used = np.bincount(town[roster.household], minlength=size)[places]
    signs = first_signs([potentials.town(k, places) for k in range(len(part.levels))], len(places))
    text = N_("The proof does not hold: another number of pairings of {what} might be better.")
    bad = np.where((used > 0) & (signs < 0), -1, 0) + np.where((used < supply) & (signs > 0), -1, 0)
    at = int(places[np.argmin(bad)]) if len(places) else 0
    refuse(bad, message(text, what=problem.instance.place_names[at]))


def _check_enter(problem: Problem, part: Part, costs: Costs, potentials: Potentials, roster: Roster) -> None:
    household, nth = problem.enter
    town = problem.households.township[household]
    reduced = [costs.enter(level) + potentials.town(k, town) - potentials.household(k)[household] for k, level in enumerate(part.levels)]
    signs = first_signs(reduced, len(household))
    bad = np.where(nth < roster.got[household], -signs, signs)
    text = N_("The proof does not hold: whether {what} has a cadre, or one more, might be better otherwise.")
    who = problem.households.ids[int(household[np.argmin(bad)])] if len(bad) else ""
    refuse(bad, message(text, what=who))


def _seats(problem: Problem, roster: Roster) -> tuple[Ints, Ints, Ints]:
    """Return cadres with the number of their last and of their next household, and whether it is the last (1) or the next (0)."""
    last = np.flatnonzero(roster.load > problem.fixed_of_cadre)
    more = np.flatnonzero(roster.load < np.minimum(problem.cadres.capacity, problem.permitted_of_cadre))
    number = np.concatenate([roster.load[last], roster.load[more] + 1])
    return np.concatenate([last, more]), number, np.repeat([1, 0], [len(last), len(more)])


def _check_seats(problem: Problem, part: Part, costs: Costs, potentials: Potentials, seats: tuple[Ints, Ints, Ints]) -> None:
    who, number, taken = seats
    unit = problem.cadres.unit[who]
    reduced = [costs.seat(level, who, number) + potentials.cadre(k)[who] - potentials.unit(k, unit) for k, level in enumerate(part.levels)]
    signs = first_signs(reduced, len(who))
    bad = np.where(taken == 1, -signs, signs)
    text = N_("The proof does not hold: another number of households for {what} might be better.")
    refuse(bad, message(text, what=problem.cadres.ids[int(who[np.argmin(bad)])] if len(bad) else ""))


def _check_units(problem: Problem, part: Part, potentials: Potentials, roster: Roster) -> None:
    capacity = problem.instance.unit_capacity
    units = np.flatnonzero(capacity >= 0)
    of_unit = np.bincount(problem.cadres.unit, roster.load, len(capacity)).astype(np.int64)[units]
    fixed = np.bincount(problem.cadres.unit, problem.fixed_of_cadre, len(capacity)).astype(np.int64)[units]
    signs = first_signs([potentials.unit(k, units) for k in range(len(part.levels))], len(units))
    bad = np.where((of_unit > fixed) & (signs > 0), -1, 0) + np.where((of_unit < capacity[units]) & (signs < 0), -1, 0)
    text = N_("The proof does not hold: another number of pairings of {what} might be better.")
    refuse(bad, message(text, what=problem.instance.unit_names[int(units[np.argmin(bad)])].strip("/") if len(bad) else ""))


def _check_single_pairs(problem: Problem, part: Part, costs: Costs, potentials: Potentials, roster: Roster) -> None:
    """Check the pairs that something concerns which is theirs alone: those of the roster, of last month's, those with a score."""
    paired = problem.keys(roster.household, roster.cadre)
    keys = together(paired, *(known for known, _ in problem.gains.values()))
    keys = keys[problem.permitted(keys // problem.width, keys % problem.width) & ~among(keys, problem.fixed)]
    keys = keys[problem.left[keys // problem.width] > 0]  # the others have all their cadres by fixed pairs
    household, cadre = keys // problem.width, keys % problem.width
    reduced = [
        costs.pair(level, household, cadre) + potentials.household(k)[household] - potentials.cadre(k)[cadre]
        for k, level in enumerate(part.levels)
    ]
    signs = first_signs(reduced, len(keys))
    _refuse_pair(problem, keys, np.where(among(keys, paired), -signs, signs))


def _refuse_pair(problem: Problem, keys: Ints, bad: Ints) -> None:
    if (bad < 0).any():
        key = int(keys[np.argmin(bad)])
        text = N_("The proof does not hold: a roster that treats {household} with {cadre} otherwise might be better.")
        ids = problem.households.ids[key // problem.width], problem.cadres.ids[key % problem.width]
        raise Flaw(message(text, household=ids[0], cadre=ids[1]))


def _check_all_pairs(problem: Problem, part: Part, costs: Costs, potentials: Potentials, roster: Roster) -> None:
    """Check every permitted pair that is in no list of its own; those in a list have been checked one by one."""
    words = _words(problem, part, costs, potentials)
    listed = [problem.keys(roster.household, roster.cadre), problem.fixed, problem.avoid, *(known for known, _ in problem.gains.values())]
    own = together(*listed)
    for village, (everybody, serving) in problem.villages.items():
        households = everybody[problem.left[everybody] > 0]
        linked = among(serving, problem.linked_to.of(village))
        even = np.ones((len(households), len(serving)), np.bool_)
        bad = np.zeros_like(even)
        for word in words:
            reduced = word.reduced(households, serving, linked)
            bad |= even & (reduced < 0)
            even &= reduced == 0
            if not even.any():
                break
        if bad.any():
            row, column = np.nonzero(bad)
            keys = problem.keys(households[row], serving[column])
            keys = keys[~among(keys, own)]
            _refuse_pair(problem, keys, np.full(len(keys), -1))


@dataclass(frozen=True)
class _Word:
    """Some levels as one integer: the digits of a number in a base so large that no level reaches into the one before."""

    costs: Costs
    levels: tuple[tuple[LevelName, int], ...]
    household: Ints
    cadre: Ints

    def reduced(self, households: Ints, serving: Ints, linked: Flags) -> Ints:
        """Return the reduced costs of a block of pairs, without what concerns single pairs."""
        _, one, alike = np.unique(self.costs.kind[households], return_index=True, return_inverse=True)
        found = -self.cadre[serving][None, :]
        for level, weight in self.levels:
            if level[0] == "village_link":
                found = found - weight * linked
            elif level[0] in ("fit", "rank_match"):
                found = found + weight * self.costs.block(level, households[one][:, None], serving[None, :])
        return self.household[households][:, None] + (found[alike] if len(found) > 1 else found)


def _words(problem: Problem, part: Part, costs: Costs, potentials: Potentials) -> list[_Word]:
    """Return the levels packed into as few integers of 64 bits as hold them; their signs compare as the levels do."""
    most = {"village_link": 1, "fit": int(problem.instance.met.max(initial=0)),
            "rank_match": problem.instance.bands * int(np.abs(problem.cadres.level).max(initial=0))}
    chunks: list[list[tuple[LevelName, int, Ints, Ints]]] = [[]]
    size = 1
    for k, level in enumerate(part.levels):
        columns = potentials.household(k), potentials.cadre(k)
        if columns[0].dtype == object or columns[1].dtype == object:
            if level[0] != "coverage":
                raise flaw("potentials")
            columns = _ranks(*columns)
        bound = 2 * sum(int(np.abs(c).max(initial=0)) for c in columns) + 2 * most.get(str(level[0]), 0) + 1
        if size * bound >= _WORD:
            chunks.append([])
            size = 1
        size *= bound
        chunks[-1].append((level, bound, *columns))
    found = []
    for chunk in chunks:
        household, cadre = np.zeros(len(problem.households), np.int64), np.zeros(len(problem.cadres), np.int64)
        weight, levels = 1, []
        for level, bound, of_household, of_cadre in reversed(chunk):
            household, cadre = household + weight * of_household, cadre + weight * of_cadre
            levels.append((level, weight))
            weight *= bound
        if chunk:
            found.append(_Word(costs, tuple(levels), household, cadre))
    return found


def _ranks(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Return every value's rank among all: where pairs cost nothing, only the order of potentials matters."""
    rank = {value: k for k, value in enumerate(sorted({*left.tolist(), *right.tolist()}))}
    return _ints(rank[v] for v in left.tolist()), _ints(rank[v] for v in right.tolist())
