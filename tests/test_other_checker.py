"""A second checker, written from docs/certificate.md alone, says of certificates what the package's checker says.

The number of months of each size is JIEDUI_CHECKER_RUNS; without it a fixed sample.
"""

from __future__ import annotations

import copy
import os
import random
from pathlib import Path
from typing import Any

import pytest

from matcher import match, read_month
from matcher.verify import Flaw
from matcher.verify.optimal import check_part
from matcher.verify.problem import Rules, separate

from .oracle import months
from .oracle.checker import flaws_of, read_parts
from .oracle.model import build

RUNS, LIES = int(os.environ.get("JIEDUI_CHECKER_RUNS", "40")), 8
Parts = list[dict[str, Any]]


def other_pair(part: dict[str, Any], rng: random.Random) -> None:
    """Give a household another cadre, or a cadre twice."""
    if part["cadres"]:
        cadres = [name.partition("\x1f")[2] for name in part["nodes"] if name.startswith("cadre\x1f")]
        part["cadres"][rng.randrange(len(part["cadres"]))] = rng.choice(cadres)


def pair_less(part: dict[str, Any], rng: random.Random) -> None:
    """Leave a pair out."""
    if part["cadres"]:
        at = rng.randrange(len(part["cadres"]))
        del part["cadres"][at], part["households"][at]


def exchanged(part: dict[str, Any], rng: random.Random) -> None:
    """Exchange the cadres of two pairs."""
    if part["cadres"]:
        a, b = (rng.randrange(len(part["cadres"])) for _ in range(2))
        part["cadres"][a], part["cadres"][b] = part["cadres"][b], part["cadres"][a]


def other_potential(part: dict[str, Any], rng: random.Random) -> None:
    """Raise or lower a node's potential at one level."""
    at, level = rng.randrange(len(part["nodes"])), rng.randrange(len(part["levels"]))
    vector = [int(v, 16) if isinstance(v, str) else v for v in part["potentials"][part["vector"][at]]]
    vector[level] += rng.choice([-2, -1, 1, 2])
    part["potentials"] = [[int(v, 16) if isinstance(v, str) else v for v in one] for one in part["potentials"]] + [vector]
    part["vector"][at] = len(part["potentials"]) - 1


def other_levels(part: dict[str, Any], rng: random.Random) -> None:
    """Exchange two levels, with their potentials."""
    a, b = (rng.randrange(len(part["levels"])) for _ in range(2))
    for column in (part["levels"], *part["potentials"]):
        column[a], column[b] = column[b], column[a]


CHANGES = (other_pair, pair_less, exchanged, other_potential, other_potential, other_levels)


@pytest.mark.parametrize("size", ["small", "medium"])
def test_both_checkers_say_the_same(size: str, tmp_path: Path) -> None:
    """Both accept every run's certificate, and of a certificate that was changed both refuse the same."""
    refused = accepted = 0
    for seed in range(RUNS):
        rng, (tables, policy) = random.Random(seed), months.random_month(seed, size)  # noqa: S311 - no secret
        month = read_month(months.write_month(tmp_path / f"{seed}", tables, policy))
        run, model = match(month), build(tables, policy)
        run.write(tmp_path / f"{seed} run", workbook=False)
        parts = read_parts(tmp_path / f"{seed} run")
        assert flaws_of(parts, model, policy) == [], seed
        instances, rules = separate(run.outcome.judgement.instance), Rules.of(month.policy)
        for change in rng.choices(CHANGES, k=LIES):
            told: Parts = copy.deepcopy(parts)
            change(rng.choice(told), rng)
            try:
                for instance, part in zip(instances, told, strict=True):
                    check_part(instance, rules, part)
                good = True
            except Flaw:
                good = False
            found = flaws_of(told, model, policy)
            assert good == (found == []), (seed, change.__name__, found)
            refused, accepted = refused + (not good), accepted + good
    assert refused > RUNS
    assert accepted
