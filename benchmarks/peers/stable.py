"""The PyPI package ``matching``: stable matching of residents (households) and hospitals (cadres), each with a preference list.

A stable matching pleases lists and optimises nothing. Quotas, duty, balance and second cadres have no place in it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.peers.stages import Done
from benchmarks.problem import Pairwise
from benchmarks.solution import Found


def build(month: Pairwise) -> Any:
    """Return the game: households prefer the cadre who brings more, cadres the poorer household, then the one that brings more."""
    from matching.games import HospitalResident  # type: ignore[import-untyped]

    worth = -month.one_figure()[1]
    household, cadre = month.household, month.cadre
    by_household = np.lexsort((cadre, -worth, household))
    by_cadre = np.lexsort((household, -worth, month.band[household], cadre))
    wishes = _lists(household[by_household], cadre[by_household], len(month.left))
    ranks = _lists(cadre[by_cadre], household[by_cadre], len(month.seats))
    places = {c: int(month.seats[c]) for c in ranks}
    return _deep(lambda: HospitalResident.create_from_dictionaries(wishes, ranks, places))


def run(game: Any, done: Done) -> Found:  # noqa: ARG001 - one solve has no stages
    """Solve with the households' best stable matching."""
    pairs = [(r.name, h.name) for h, residents in game.solve(optimal="resident").items() for r in residents]
    household, cadre = np.array(pairs, np.int64).reshape(-1, 2).T
    return Found(household, cadre)


def _deep(work: Callable[[], Any]) -> Any:
    """Call with a stack as deep as there are people: the package copies its players by recursion."""
    found: list[Any] = []
    before = sys.getrecursionlimit(), threading.stack_size()
    sys.setrecursionlimit(1_000_000)
    threading.stack_size(2**30)
    thread = threading.Thread(target=lambda: found.append(work()))
    try:
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(before[0])
        threading.stack_size(before[1])
    if not found:
        raise RecursionError("the players could not be copied")
    return found[0]


def _lists(key: Any, value: Any, size: int) -> dict[int, list[int]]:
    starts = np.searchsorted(key, np.arange(size + 1))
    values = value.tolist()
    return {k: values[starts[k] : starts[k + 1]] for k in range(size) if starts[k] < starts[k + 1]}
