"""What every other cadre would cost a household: the exact price of forcing the pair, for all of them in one search.

The price of a pair that is not in the roster is the lexicographic length of the shortest cycle through it in the residual
graph: the pair itself, then the cheapest way to set everything else right. Source: successive shortest paths (Ahuja, Magnanti,
Orlin 1993, section 9.7).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.domain import Ints
from matcher.explain.distances import Distances, distances
from matcher.explain.levels import cost_of_pairs
from matcher.explain.standing import Standing, sortable
from matcher.formulation.values import Value


@dataclass(frozen=True)
class Alternative:
    """Another permitted cadre of a household, or another permitted household of a cadre.

    Attributes
    ----------
    number : int
    price : dict of str to value, or None
        How much worse each objective becomes; None where limits and fixed pairs leave no room for the pair.
    steps : tuple of int
        The same level by level, the draw included: what alternatives are ordered by.
    over : str
        What decides before any figure of the price does: ``coverage`` if somebody would give way to one who comes later (by income the
        total may be the same; where it is less, the price says so), ``household_draw`` if somebody's lot would be passed over; else empty.
    """

    number: int
    price: dict[str, Value] | None
    steps: tuple[int, ...]
    over: str = ""

    @property
    def free(self) -> bool:
        """Whether it costs nothing at all: then the lot chose between it and what is in the roster."""
        return self.price is not None and not any(self.steps)

    @property
    def fewer(self) -> int | None:
        """How many pairings fewer there are in all, the forced one counted; None where it cannot be."""
        if self.price is None:
            return None
        coverage = self.price["coverage"]
        return coverage if isinstance(coverage, int) else sum(coverage)


def for_household(standing: Standing, household: int) -> list[Alternative]:
    """Return every other permitted cadre of a household, the cheapest first, the impossible last."""
    cadres = np.arange(len(standing.instance.cadres))
    allowed = cadres[standing.permission.of_pairs(np.full(len(cadres), household), cadres)]
    others = np.setdiff1d(allowed, standing.cadre[standing.household == household])
    away = distances(standing.graph.backwards(), standing.hubs.first_household + household)
    own = cost_of_pairs(standing.instance, standing.task, standing.levels, np.full(len(others), household), others)
    return _ranked(standing, others, own, standing.hubs.first_cadre + others, away)


def for_cadre(standing: Standing, cadre: int) -> list[Alternative]:
    """Return every other permitted household of a cadre, the cheapest first, the impossible last."""
    households = np.arange(len(standing.instance.households))
    allowed = households[standing.permission.of_pairs(households, np.full(len(households), cadre))]
    others = np.setdiff1d(allowed, standing.household[standing.cadre == cadre])
    away = distances(standing.graph, standing.hubs.first_cadre + cadre)
    own = cost_of_pairs(standing.instance, standing.task, standing.levels, others, np.full(len(others), cadre))
    return _ranked(standing, others, own, standing.hubs.first_household + others, away)


def _ranked(standing: Standing, others: Ints, own: list[Ints], nodes: Ints, away: Distances) -> list[Alternative]:
    reached = away.reached[nodes]
    total = [cost + level[nodes] for cost, level in zip(own, away.levels, strict=True)]
    order = np.lexsort((others, *(sortable(column) for column in reversed(total)), ~reached))
    found = []
    for k in order.tolist():
        if reached[k]:
            steps = tuple(int(column[k]) for column in total)
            price = standing.shape.told(standing.levels, steps)
            found.append(Alternative(int(others[k]), price, steps, _over(standing, steps, price)))
        else:
            found.append(Alternative(int(others[k]), None, ()))
    return found


def _over(standing: Standing, steps: tuple[int, ...], price: dict[str, Value]) -> str:
    """Return what decides before any figure; pairings that are lost are a figure, whoever loses them."""
    decides = next((level for level, n in zip(standing.levels, steps, strict=True) if n), None)
    if decides is None or decides.told:
        return ""
    lost = price["coverage"] if decides.name == "coverage" else 0
    return "" if isinstance(lost, int) and lost > 0 else decides.name
