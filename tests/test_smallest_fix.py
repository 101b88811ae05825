"""The smallest fix is the smallest: with fewer places nobody can be served without somebody else's losing a cadre, by trying everything."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from matcher import match, read_month
from matcher.domain import Instance, Pairs
from matcher.errors import ProofError
from matcher.explain.bottlenecks import why_unmatched
from matcher.explain.fixes import Place, smallest_fix, with_places
from matcher.explain.standing import Standing
from matcher.people.permission import Permission
from matcher.pipeline import task_of
from matcher.solve.rounds import Solution, solve

from .oracle import months


def keeps_limits(instance: Instance, found: Solution) -> bool:
    """Return whether a roster keeps all limits: required pairs may have left no room."""
    counted = ((found.cadre, instance.cadres.capacity), (instance.cadres.unit[found.cadre], instance.unit_capacity),
               (instance.households.township[found.household], instance.township_capacity))
    return all(not ((limits >= 0) & (np.bincount(who, minlength=len(limits)) > limits)).any() for who, limits in counted)


def may_have(standing: Standing, household: int) -> list[int]:
    """Return the cadres whom a household may have and has not."""
    every = np.arange(len(standing.instance.cadres))
    allowed = every[standing.permission.of_pairs(np.full(len(every), household), every)]
    return list(np.setdiff1d(allowed, standing.cadre[standing.household == household]).tolist())


def others_served(standing: Standing, where: tuple[Place, ...]) -> list[int]:
    """Return who has a cadre more by some places alone."""
    changed = with_places(standing.instance, standing.instance.cadres.duty, where)
    size, found = len(standing.instance.households), solve(changed, Permission(changed), standing.task)
    more = np.bincount(found.household, minlength=size) - np.bincount(standing.household, minlength=size)
    return list(np.flatnonzero(more > 0).tolist())


def fewer(standing: Standing, household: int, less: int) -> Iterator[tuple[tuple[Place, ...], int]]:
    """Yield fewer places, and the pair required if any, that give a household a cadre more while nobody has one fewer."""
    instance, size = standing.instance, len(standing.instance.households)
    had = np.bincount(standing.household, minlength=size)
    places: list[Place] = [("cadre", c) for c in range(len(instance.cadres))]
    places += [("unit", u) for u in np.flatnonzero(instance.unit_capacity >= 0).tolist()]
    places += [("township", t) for t in np.flatnonzero(instance.township_capacity >= 0).tolist()]
    others = may_have(standing, household)
    fixed = [*zip(instance.fixed.household.tolist(), instance.fixed.cadre.tolist(), [0] * len(instance.fixed), strict=True)]
    for where in (some for count in range(less) for some in combinations(places, count)):
        changed = with_places(instance, instance.cadres.duty, where)
        for pair in (-1, *others):
            tried = changed if pair < 0 else changed.replace(fixed=Pairs.from_rows([*fixed, (household, pair, 0)]))
            try:
                found = solve(tried, Permission(tried), standing.task)
            except ProofError:  # required pairs leave no room at all
                continue
            more = np.bincount(found.household, minlength=size) - had
            if keeps_limits(tried, found) and more[household] > 0 and (more >= 0).all():
                yield where, pair


@pytest.mark.parametrize("start", range(0, 250, 50))
def test_no_fewer_places_serve_a_household(start: int, tmp_path: Path) -> None:
    """Small random months: also those where a quota binds (209), and where an objective before coverage stands against it (183)."""
    checked = 0
    for seed in range(start, start + 50):
        month = read_month(months.write_month(tmp_path / str(seed), *months.random_month(seed, "small")))
        run, task = match(month), task_of(month.policy)
        instance = run.outcome.judgement.instance
        solution, permission = solve(instance, Permission(instance), task), Permission(instance)
        standing = Standing.of(instance, permission, task, solution.household, solution.cadre)
        unmatched, bottlenecks = why_unmatched(standing)
        for u in unmatched[:4]:
            fix = smallest_fix(standing, instance.cadres.duty, u, bottlenecks[u.bottleneck] if u.bottleneck >= 0 else None)
            assert (fix is None) == (not may_have(standing, u.household)), (seed, u.household, fix)
            if fix and fix.cadres:  # somebody else comes first, or an objective before coverage stands against it: as it is told
                assert fix.others == bool(others_served(standing, fix.where)), (seed, u.household, fix)
            if fix and fix.where:
                assert next(fewer(standing, u.household, len(fix.where)), None) is None, (seed, u.household, fix)
                checked += 1
    assert checked > 20
