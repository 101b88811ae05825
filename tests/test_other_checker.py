"""The checker that is to be read, in plain loops, says of certificates what the fast one says.

It is given the month as the package judges it, and as the tests judge it on their own (tests/oracle/model.py).

The number of months of each size is JIEDUI_CHECKER_RUNS; without it a fixed sample.
"""

from __future__ import annotations

import copy
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import matcher.solve.rounds as rounds
from matcher import match, read_month
from matcher.domain import Instance
from matcher.policy import Policy
from matcher.verify import Flaw
from matcher.verify.certificate import read_part
from matcher.verify.draw import check_draw
from matcher.verify.optimal import check_part
from matcher.verify.plain import check_plainly, read_parts
from matcher.verify.plain.month import Cadre, Home, Month
from matcher.verify.plain.proof import Part, check_parts
from matcher.verify.problem import Problem, Rules, check_feasible, separate

from .oracle import months
from .oracle.model import Model, build

RUNS, LIES = int(os.environ.get("JIEDUI_CHECKER_RUNS", "40")), 8
KNOWN = {"small": (558,), "medium": (49,)}
"""Months on which the two once differed: a county of cadres alone, a pair to avoid across two parts."""
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


def dealt_twice(part: dict[str, Any], rng: random.Random) -> None:
    """Let a household out of its hub, or no longer."""
    if part["twice"] and rng.random() < 0.5:
        del part["twice"][rng.randrange(len(part["twice"]))]
    elif part["cadres"]:
        at = rng.randrange(len(part["cadres"]))
        part["twice"] = sorted([*part["twice"], [part["households"][at], part["cadres"][at]]])


def exchanged(part: dict[str, Any], rng: random.Random) -> None:
    """Exchange the cadres of two pairs."""
    if part["cadres"]:
        a, b = (rng.randrange(len(part["cadres"])) for _ in range(2))
        part["cadres"][a], part["cadres"][b] = part["cadres"][b], part["cadres"][a]


def other_potential(part: dict[str, Any], rng: random.Random) -> None:
    """Raise or lower a node's potential at one level."""
    hubs = [k for k, node in enumerate(part["nodes"]) if node.startswith(("needs", "skills"))]
    at = rng.choice(hubs) if hubs and rng.random() < 0.5 else rng.randrange(len(part["nodes"]))
    level = rng.randrange(len(part["levels"]))
    vector = [int(v, 16) if isinstance(v, str) else v for v in part["potentials"][part["vector"][at]]]
    vector[level] += rng.choice([-2, -1, 1, 2])
    part["potentials"] = [[int(v, 16) if isinstance(v, str) else v for v in one] for one in part["potentials"]] + [vector]
    part["vector"][at] = len(part["potentials"]) - 1


def other_levels(part: dict[str, Any], rng: random.Random) -> None:
    """Exchange two levels, with their potentials."""
    a, b = (rng.randrange(len(part["levels"])) for _ in range(2))
    for column in (part["levels"], *part["potentials"]):
        column[a], column[b] = column[b], column[a]


CHANGES = (other_pair, pair_less, exchanged, exchanged, other_potential, other_potential, other_levels, dealt_twice)


def judged_apart(model: Model, policy: Policy) -> Month:
    """Return a month as the tests judge it; nobody is taken for alike."""
    of_home = model.of_house()
    houses, people = enumerate(model.houses.items()), enumerate(model.cadres.items())
    homes = {h: Home("/".join(x.place[:2]), x.partners, x.band, x.level, x.waiting, (k, k)) for k, (h, x) in houses}
    cadres = {c: Cadre("/".join(x.unit), x.capacity, x.duty, (k, k)) for k, (c, x) in people}

    def gained(of_pair: dict[tuple[str, str], int]) -> Callable[[str, str], int]:
        return lambda h, c: of_pair.get((h, c), 0)

    return Month(
        model.order, model.by_income, model.leximax, policy.ties.seed, policy.ties.position, homes, cadres, of_home.__getitem__,
        set(model.fixed), {"/".join(unit): n for unit, n in model.units.items()}, {"/".join(town): n for town, n in model.towns.items()},
        {name: gained(of_pair) for name, of_pair in model.gains.items()}, set(), lambda *_: False,
    )


def check_fast(instances: list[Instance], rules: Rules, parts: Parts) -> None:
    """Check parts as every run is checked before it is published: without the lot."""
    for instance, part in zip(instances, parts, strict=True):
        check_part(instance, rules, part)


def check_lot(instances: list[Instance], rules: Rules, parts: Parts) -> set[str]:
    """Return the households whom the lot decided, after the fast checker's checks, with the lot."""
    check_fast(instances, rules, parts)
    drawn = set()
    for instance, told in zip(instances, parts, strict=True):
        part, problem = read_part(told), Problem(instance, rules)
        found = check_draw(problem, part, check_feasible(problem, part.pairs))
        drawn |= {instance.households.ids[k] for k in found}
    return drawn


def check_judged_apart(month: Month, parts: Parts) -> None:
    """Check parts against a month that was judged otherwise."""
    check_parts(month, [Part(part, month) for part in parts])


def refuses(check: Callable[..., object], *given: Any) -> bool:
    """Return whether a check finds a flaw."""
    try:
        check(*given)
    except Flaw:
        return True
    return False


@pytest.mark.parametrize("size", ["small", "medium"])
def test_both_checkers_say_the_same(size: str, tmp_path: Path) -> None:
    """Both accept every run's certificate, and of a certificate that was changed both refuse the same."""
    refused = accepted = by_lot = 0
    for seed in {*range(RUNS), *KNOWN[size]}:
        rng, (tables, policy) = random.Random(seed), months.random_month(seed, size)  # noqa: S311 - no secret
        month = read_month(months.write_month(tmp_path / f"{seed}", tables, policy))
        run = match(month)
        run.write(tmp_path / f"{seed} run", workbook=False)
        parts, instance = read_parts((tmp_path / f"{seed} run" / "certificate.json.gz").read_bytes()), run.outcome.judgement.instance
        apart, instances, rules = judged_apart(build(tables, policy), month.policy), separate(instance), Rules.of(month.policy)
        check_judged_apart(apart, parts)
        assert check_plainly(instance, month.policy, parts) == check_lot(instances, rules, parts), seed
        for change in rng.choices(CHANGES, k=LIES):
            told: Parts = copy.deepcopy(parts)
            change(rng.choice(told), rng)
            where = (seed, change.__name__)
            proof, lot = refuses(check_fast, instances, rules, told), refuses(check_lot, instances, rules, told)
            assert refuses(check_judged_apart, apart, told) == proof, where
            assert refuses(check_plainly, instance, month.policy, told) == lot, where
            refused, accepted, by_lot = refused + lot, accepted + (not lot), by_lot + (lot and not proof)
    assert refused > RUNS
    assert accepted
    assert by_lot > RUNS / 4


def test_a_roster_as_good_as_the_drawn_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any one of the best rosters, dealt by the rule and proved, is not the one that the lot decided."""
    monkeypatch.setattr(rounds, "draw_arcs", lambda _network, face, *_: face)
    refused = 0
    for seed in range(40):
        month = read_month(months.write_month(tmp_path / f"{seed}", *months.random_month(seed, "medium")))
        run = match(month)
        run.write(tmp_path / f"{seed} run", workbook=False)
        parts, instance = read_parts((tmp_path / f"{seed} run" / "certificate.json.gz").read_bytes()), run.outcome.judgement.instance
        instances, rules = separate(instance), Rules.of(month.policy)
        check_fast(instances, rules, parts)
        lot = refuses(check_lot, instances, rules, parts)
        assert refuses(check_plainly, instance, month.policy, parts) == lot, seed
        refused += lot
    assert refused > 3
