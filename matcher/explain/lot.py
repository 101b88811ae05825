"""Whether a roster is still the best one and the households' lot was kept, from the roster alone."""

from __future__ import annotations

from matcher.explain.distances import distances
from matcher.explain.levels import draw_level
from matcher.explain.standing import Standing
from matcher.solve.draw import HOUSEHOLD_DRAW


def check_lot(standing: Standing) -> None:
    """Look for a rearrangement that is better in some objective, or as good in all of them and better by lot.

    Raises
    ------
    ProofError
        There is one: the roster is not the one that these tables give.
    """
    levels = standing.levels
    if not any(level.name == HOUSEHOLD_DRAW for level in levels):
        levels = (*levels, draw_level(standing.instance, standing.hubs, standing.task.seed))
    distances(standing.graph_of(levels), 0)
