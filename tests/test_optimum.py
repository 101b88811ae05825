"""The engine's optimum against the oracle's, on random months.

The number of months of each size is JIEDUI_ORACLE_RUNS; without it a fixed sample that takes a minute at most is tried.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from matcher import match, read_month

from .oracle import brute, months, recount, second
from .oracle.model import Model, build

RUNS = os.environ.get("JIEDUI_ORACLE_RUNS", "")
SMALL, MEDIUM = int(RUNS or 500), int(RUNS or 60)


def chunks(many: int, size: int) -> list[range]:
    """Return the seeds from 0 on, a few at a time, so that several processes can share them."""
    return [range(start, min(start + size, many)) for start in range(0, many, size)]


def compare(seed: int, size: str, optimum: Callable[[Model], dict[str, Any]], folder: Path) -> list[str]:
    """Return what is wrong with the engine's run of a random month; empty where it is the best there is."""
    tables, policy = months.random_month(seed, size)
    model = build(tables, policy)
    try:
        run = match(read_month(months.write_month(folder / f"{size}-{seed}", tables, policy)))
    except Exception as error:  # noqa: BLE001 - whatever it is, the report must name the month
        return [f"{size} month {seed}: {type(error).__name__}: {error}"]
    pairs = [(str(h), str(c)) for h, c in run.pairs]
    told = {o["name"]: o["value"] for o in run.summary["objectives"]}
    told = {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}
    best = optimum(model)
    bad = recount.broken(model, pairs)
    bad += [f"the objectives are {list(told)}, not {list(best)}"] * (list(told) != list(best))
    bad += [f"{name} is {told.get(name)}, the best is {value}" for name, value in best.items() if told.get(name) != value]
    counted = recount.values(model, pairs) if not bad else {}
    bad += [f"{name} is {value} by the roster, not {best[name]}" for name, value in counted.items() if value != best[name]]
    bad += [f"{o['name']} is not called optimal" for o in run.summary["objectives"] if o["optimal"] is not True]
    return [f"{size} month {seed}: {text}" for text in bad]


@pytest.mark.parametrize("seeds", chunks(SMALL, 50), ids=lambda s: f"{s[0]}-{s[-1]}")
def test_small_months_equal_brute_force(seeds: range, tmp_path: Path) -> None:
    """On small months no roster at all is better in any objective, in the policy's order, and no rule is broken."""
    assert [text for seed in seeds for text in compare(seed, "small", brute.optimum, tmp_path)] == []


@pytest.mark.parametrize("seeds", chunks(MEDIUM, 10), ids=lambda s: f"{s[0]}-{s[-1]}")
def test_medium_months_equal_a_second_solver(seeds: range, tmp_path: Path) -> None:
    """On medium months a second solver, on another formulation, finds the same value at every objective level."""
    assert [text for seed in seeds for text in compare(seed, "medium", second.optimum, tmp_path)] == []


@pytest.mark.parametrize(("size", "seed"), [("medium", 637), ("small", 78), ("small", 138), ("small", 733)])
def test_months_that_failed_once(size: str, seed: int, tmp_path: Path) -> None:
    """A largest load that only fixed pairs reach; units whose linked villages hold no household."""
    assert compare(seed, size, second.optimum, tmp_path) == []
