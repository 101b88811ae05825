"""The optimum by a second solver: HiGHS on an explicit variable per permitted pair, an objective level at a time.

Variables between 0 and 1: a pair; the k-th cadre of a household; the k-th household of a cadre. Quotas nest on both sides
(cadre in unit, household in township), so this is a flow: the corners of every optimal face are whole numbers, and linear
programming is enough (`whole=True` asks for whole numbers all the same). Earlier places of a household or of a cadre bring at
least as much as later ones to every objective, so it needs no rule that they be filled in turn.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from .model import Model, Pair
from .recount import Value

Weights = dict[int, int]  # variable -> whole number
LARGEST = 20_000  # largest weight by which levels are solved together


@dataclass
class Problem:
    """Variables by what they stand for, and rows low <= weights <= high."""

    low: list[int] = field(default_factory=list)  # of each variable; all are at most 1
    pair: dict[Pair, int] = field(default_factory=dict)
    place: dict[str, list[int]] = field(default_factory=dict)  # household -> its first cadre, its second, …
    seat: dict[str, list[int]] = field(default_factory=dict)  # cadre -> the first household, the second, …
    rows: list[tuple[Weights, float, float]] = field(default_factory=list)

    def variable(self, low: int = 0) -> int:
        """Return a new variable."""
        self.low.append(low)
        return len(self.low) - 1

    def row(self, weights: Weights, low: float, high: float) -> None:
        """Return a new row."""
        if weights:
            self.rows.append((weights, low, high))

    def matrix(self) -> LinearConstraint:
        """Return the rows as HiGHS takes them."""
        lines = [(i, j, w) for i, (weights, _, _) in enumerate(self.rows) for j, w in weights.items()]
        row, column, weight = (np.array(x) for x in zip(*lines, strict=True))
        table = csr_array((weight.astype(float), (row, column)), shape=(len(self.rows), len(self.low)))
        return LinearConstraint(table, np.array([r[1] for r in self.rows]), np.array([r[2] for r in self.rows]))


def formulate(model: Model) -> Problem:
    """Return the month's rules as rows."""
    p = Problem()
    for x in model.pairs:
        p.pair[x] = p.variable(low=int(x in model.fixed))
    for h, cadres in model.of_house().items():
        p.place[h] = [p.variable() for _ in range(min(model.houses[h].partners, len(cadres)))]
        p.row({p.pair[h, c]: 1 for c in cadres} | dict.fromkeys(p.place[h], -1), 0, 0)
    for c, houses in model.of_cadre().items():
        p.seat[c] = [p.variable() for _ in range(min(model.cadres[c].capacity, len(houses)))]
        p.row({p.pair[h, c]: 1 for h in houses} | dict.fromkeys(p.seat[c], -1), 0, 0)
    for u, most in model.units.items():
        p.row({v: 1 for c, seats in p.seat.items() if model.cadres[c].unit == u for v in seats}, 0, most)
    for t, most in model.towns.items():
        p.row({v: 1 for h, places in p.place.items() if model.houses[h].place[:2] == t for v in places}, 0, most)
    return p


def levels_of(model: Model, p: Problem, name: str) -> list[Weights]:
    """Return what is made as large as it can be for one objective, one thing strictly before the next."""
    if name == "coverage":
        levels: list[Weights] = [{} for _ in range(model.levels * model.deepest)]
        for h, places in p.place.items():
            for k, v in enumerate(places):
                levels[k * model.levels + model.houses[h].level][v] = 1
        return levels
    if name == "waiting":
        return [{places[0]: model.houses[h].waiting for h, places in p.place.items() if places}]
    if name == "duty":
        return [{v: 1 for c, seats in p.seat.items() for v in seats[: model.cadres[c].duty]}]
    if name == "balance" and model.leximax:
        most = max((len(seats) for seats in p.seat.values()), default=0)
        return [{v: -1 for seats in p.seat.values() for v in seats[n - 1 :]} for n in range(most, 0, -1)]
    if name == "balance":
        return [{v: -(2 * k + 1) for seats in p.seat.values() for k, v in enumerate(seats)}]
    return [{p.pair[x]: gain for x, gain in model.gains[name].items() if gain}]


def span(weights: Weights) -> tuple[int, int]:
    """Return the least and the most that a level could be."""
    return sum(min(w, 0) for w in weights.values()), sum(max(w, 0) for w in weights.values())


def in_groups(levels: list[Weights]) -> list[list[Weights]]:
    """Neighbouring levels that are solved in one go: the product of their numbers of values stays small."""
    out: list[list[Weights]] = []
    size = 1
    for weights in levels:
        low, high = span(weights)
        size *= high - low + 1
        if out and size <= LARGEST:
            out[-1].append(weights)
        else:
            out.append([weights])
            size = high - low + 1
    return out


def solve_group(p: Problem, group: list[Weights], whole: bool) -> tuple[list[int], NDArray[np.float64]]:
    """Make the levels largest, the first strictly before the next, and fix them; returns their values and the solution.

    Each level, counted from its least, is a digit of one number, in a base above anything that it can be; so the largest
    number is the answer, and its digits are the levels.
    """
    objective, base, least = np.zeros(len(p.low)), 1, 0
    for weights in reversed(group):
        low, high = span(weights)
        for v, w in weights.items():
            objective[v] += w * base
        least += low * base
        base *= high - low + 1
    solved = milp(
        -objective,
        constraints=p.matrix(),
        bounds=Bounds(np.array(p.low), np.ones(len(p.low))),
        integrality=np.full(len(p.low), int(whole)),
        options={"mip_rel_gap": 0.0},
    )
    if solved.status != 0:
        raise AssertionError(f"the second solver found no optimum: {solved.message}")
    number, solution = round(-solved.fun), np.asarray(solved.x)
    if abs(number + solved.fun) > 1e-3 or np.abs(solution - solution.round()).max() > 1e-4:
        raise AssertionError(f"not a whole number: {-solved.fun}")
    number, found = number - least, []
    for weights in reversed(group):
        low, high = span(weights)
        number, digit = divmod(number, high - low + 1)
        found.append(low + digit)
        p.row(weights, low + digit, low + digit)
    return found[::-1], solution


def shaped(model: Model, name: str, found: list[int]) -> Value:
    """Return the values of an objective's levels as summary.json has them."""
    if name == "coverage":
        return sum(found) if model.by_income else found
    if name == "balance" and model.leximax:
        return [-n for n in found if n]
    return -found[0] if name == "balance" else found[0]


def solve(model: Model, whole: bool = False) -> tuple[dict[str, Value], list[Pair]]:
    """Return the value of every objective at the lexicographic optimum, and a roster that has them."""
    p = formulate(model)
    solution = np.array(p.low, dtype=float)
    out: dict[str, Value] = {}
    for name in model.order:
        found: list[int] = []
        for group in in_groups(levels_of(model, p, name)):
            if any(group):
                more, solution = solve_group(p, group, whole)
            else:
                more = [0] * len(group)
            found += more
        out[name] = shaped(model, name, found)
    return out, [x for x, v in p.pair.items() if solution[v] > 0.5]


def optimum(model: Model, whole: bool = False) -> dict[str, Value]:
    """Return the value of every objective at the lexicographic optimum."""
    return solve(model, whole)[0]
