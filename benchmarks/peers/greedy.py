"""A greedy pass, as a clerk would: the poorest household first, to the best cadre with a free place."""

from __future__ import annotations

import numpy as np

from benchmarks.peers.stages import Done
from benchmarks.problem import Ints, Pairwise
from benchmarks.solution import Found


def build(month: Pairwise) -> tuple[Pairwise, Ints]:
    """Return what each pair brings, in one figure."""
    return month, -month.one_figure()[1]


def run(built: tuple[Pairwise, Ints], done: Done) -> Found:  # noqa: ARG001 - one pass has no stages
    """Give first cadres in the order of income, then second cadres; quotas are kept."""
    month, worth = built
    who, nth = month.places
    starts = np.searchsorted(month.household, np.arange(len(month.left) + 1))
    free, load = month.seats.copy(), month.load.copy()
    towns = np.where(month.township_left >= 0, month.township_left, len(who))
    units = np.where(month.unit_left >= 0, month.unit_left, len(who))
    taken = np.zeros(len(month.household), np.bool_)
    for household in who[np.lexsort((who, month.income_rank[who], nth))].tolist():
        part = slice(int(starts[household]), int(starts[household + 1]))
        cadres = month.cadre[part]
        able = (free[cadres] > 0) & (units[month.unit[cadres]] > 0) & ~taken[part]
        if not towns[month.township[household]] or not able.any():
            continue
        best = np.lexsort((load[cadres], -worth[part], ~able))[0]
        cadre = cadres[best]
        taken[part.start + best] = True
        free[cadre] -= 1
        load[cadre] += 1
        towns[month.township[household]] -= 1
        units[month.unit[cadre]] -= 1
    return Found(month.household[taken].astype(np.int64), month.cadre[taken].astype(np.int64))
