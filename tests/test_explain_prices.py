"""Prices of forced pairs, the worth of one more place and smallest fixes, against solving the changed month again.

``JIEDUI_EXPLAIN_RUNS=400 python -m pytest tests/test_explain_prices.py`` tries 400 months of each kind, more than 10,000 checks;
without it a fixed sample is tried.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .explain_checks import Checker, Solve, Values
from .oracle import brute, second
from .oracle.model import Policy, Tables, build

RUNS = os.environ.get("JIEDUI_EXPLAIN_RUNS", "")
SMALL, MEDIUM = int(RUNS or 60), int(RUNS or 12)


def by_brute_force(tables: Tables, policy: Policy, _folder: Path) -> Values:
    """Return the values of a small month by going through all rosters: nothing of the engine."""
    return dict(brute.optimum(build(tables, policy)))


def by_second_solver(tables: Tables, policy: Policy, _folder: Path) -> Values:
    """Return the values of a month by HiGHS on explicit pairs: nothing of the engine."""
    return dict(second.optimum(build(tables, policy)))


def chunks(many: int, size: int) -> list[range]:
    """Return the seeds from 0 on, a few at a time."""
    return [range(start, min(start + size, many)) for start in range(0, many, size)]


def wrong(seeds: range, size: str, folder: Path, solve: Solve | None, many: int, fixes: int) -> Iterator[str]:
    """Yield what is wrong with the explanations of some months; the number of checks goes to stdout (seen with -s)."""
    checks = 0
    for seed in seeds:
        checker = Checker(seed, size, folder / f"{size}-{seed}", solve)
        said = [*checker.prices(many), *checker.places(many), *checker.fixes(fixes)]
        checks += checker.count
        yield from (f"{size} month {seed}: {text}" for text in said)
    sys.stdout.write(f"{size} months {seeds[0]} to {seeds[-1]}: {checks} checks\n")


@pytest.mark.parametrize("seeds", chunks(SMALL, 20), ids=lambda s: f"{s[0]}-{s[-1]}")
def test_small_months_by_brute_force(seeds: range, tmp_path: Path) -> None:
    """On small months every price and every worth is what going through all rosters says."""
    assert [*wrong(seeds, "small", tmp_path, by_brute_force, 2, 1)] == []


@pytest.mark.parametrize("seeds", chunks(SMALL, 20), ids=lambda s: f"{s[0]}-{s[-1]}")
def test_small_months_with_any_draw(seeds: range, tmp_path: Path) -> None:
    """Wherever the policy puts the draw, prices and worths are what the engine finds when it solves again."""
    assert [*wrong(seeds, "small", tmp_path, None, 2, 2)] == []


@pytest.mark.parametrize("seeds", chunks(MEDIUM, 4), ids=lambda s: f"{s[0]}-{s[-1]}")
def test_medium_months(seeds: range, tmp_path: Path) -> None:
    """On medium months likewise, against the engine."""
    assert [*wrong(seeds, "medium", tmp_path, None, 3, 3)] == []


@pytest.mark.parametrize("seeds", chunks(2 * SMALL, 20), ids=lambda s: f"{s[0]}-{s[-1]}")
def test_one_household_more_or_fewer(seeds: range, tmp_path: Path) -> None:
    """What a cadre's having one household more, or one fewer, costs is what solving again finds, on months of either size."""
    said, checks = list[str](), 0
    for seed in seeds:
        checker = Checker(seed, ("small", "medium")[seed % 2], tmp_path / str(seed))
        said += [f"month {seed}: {text}" for text in checker.loads(4)]
        checks += checker.count
    sys.stdout.write(f"months {seeds[0]} to {seeds[-1]}: {checks} checks\n")
    assert said == []
    assert checks > len(seeds) // 2


@pytest.mark.parametrize("seeds", chunks(MEDIUM // 4, 3), ids=lambda s: f"{s[0]}-{s[-1]}")
def test_medium_months_by_a_second_solver(seeds: range, tmp_path: Path) -> None:
    """On medium months likewise, against another solver on another formulation."""
    assert [*wrong(seeds, "medium", tmp_path, by_second_solver, 1, 0)] == []
