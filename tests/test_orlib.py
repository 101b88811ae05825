"""Assignment problems with known optima, entered through the tables of a month and solved by the command line."""

from __future__ import annotations

import random

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from benchmarks import orlib


@pytest.mark.parametrize("name", orlib.OPTIMA)
def test_known_optima_are_hit(name: str) -> None:
    """The roster of each problem of the OR-Library costs what the library says is least."""
    where = orlib.folder()
    if where is None or not (where / f"{name}.txt").exists():
        pytest.skip("the OR-Library's files are not here; JIEDUI_ORLIB names their folder")
    costs = orlib.read(where / f"{name}.txt")
    found = orlib.assigned(costs)
    assert (found.total, found.by_value, found.households) == (orlib.OPTIMA[name], orlib.OPTIMA[name], len(costs))


@pytest.mark.parametrize("top", [None, 0, 20], ids=["liking", "dislike", "both"])
def test_made_problem_equals_scipy(top: int | None) -> None:
    """A made problem of the same kind, with scores above, below and around 0, costs what scipy says is least."""
    rng = random.Random(7)  # noqa: S311 - a made problem, no secret
    costs = [[rng.randint(1, 40) for _ in range(60)] for _ in range(60)]
    rows, columns = linear_sum_assignment(np.array(costs))
    least = int(np.array(costs)[rows, columns].sum())
    found = orlib.assigned(costs, top)
    assert (found.total, found.by_value, found.households) == (least, least, 60)
