"""The oracle checked against itself and against months whose optimum is known."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from . import brute, months, recount, second
from .model import Model, build, read_month

CONFORMANCE = Path(os.environ.get("JIEDUI_CONFORMANCE") or Path(__file__).parents[3] / "shared" / "conformance") / "cases"
CASES = sorted(p.parent for p in CONFORMANCE.glob("*/expected.json"))
RUNS = int(os.environ.get("JIEDUI_ORACLE_RUNS", "100"))
CHUNK = 25


def small(seed: int) -> Model:
    """Return a small random month, judged."""
    return build(*months.random_month(seed, "small"))


@pytest.mark.parametrize("start", range(0, RUNS, CHUNK))
def test_brute_force_equals_the_second_solver(start: int) -> None:
    """Two ways to the optimum agree in every objective, and the second's roster, counted again, keeps the rules and has it."""
    for seed in range(start, min(start + CHUNK, RUNS)):
        model = small(seed)
        found, roster = second.solve(model)
        assert found == brute.optimum(model), f"small month {seed}"
        assert found == recount.values(model, roster), f"small month {seed}"
        assert recount.broken(model, roster) == [], f"small month {seed}"


@pytest.mark.parametrize("start", range(0, RUNS, CHUNK))
def test_listing_every_roster_finds_the_same(start: int) -> None:
    """On months with few rosters brute force, which takes equal loads together, equals looking at every single roster."""
    for seed in range(start, min(start + CHUNK, RUNS)):
        model = small(seed)
        if brute.rosters(model) <= 2_000:
            assert brute.by_listing(model) == brute.optimum(model), f"small month {seed}"


@pytest.mark.parametrize("seed", range(max(1, RUNS // 50)))
def test_linear_programming_is_enough(seed: int) -> None:
    """Whole numbers asked for or not, a medium month's optimum is the same, and its roster has it."""
    model = build(*months.random_month(seed, "medium"))
    found, roster = second.solve(model)
    assert found == second.optimum(model, whole=True)
    assert found == recount.values(model, roster)
    assert recount.broken(model, roster) == []


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_conformance(case: Path) -> None:
    """The second solver finds the expected values of the conformance cases, whose decisions are taken as they are."""
    expected = json.loads((case / "expected.json").read_text("utf-8"))
    model = build(*read_month(case / "month"), decisions=expected["decisions"])
    found, roster = second.solve(model)
    assert len(model.pairs) == expected["permitted_pairs"]
    assert list(found.items()) == list(expected["objectives"].items())
    assert recount.values(model, roster) == found
    assert recount.broken(model, roster) == []


def test_a_month_survives_its_folder(tmp_path: Path) -> None:
    """A month written and read back is judged alike."""
    for seed in range(20):
        tables, policy = months.random_month(seed, "small")
        again = read_month(months.write_month(tmp_path / str(seed), tables, policy))
        assert build(*again) == build(tables, policy)


def test_the_months_hold_everything() -> None:
    """Every feature that the months are made for occurs in a fixed sample of them."""
    seen: Counter[str] = Counter()
    for seed in range(150):
        tables, policy = months.random_month(seed, "small")
        model = build(tables, policy)
        rule, fixed = policy["townships"], model.fixed
        seen.update(model.order)
        counties = {row["county"] for row in tables["households"]}
        seen.update([rule["rule"], f"empty means {rule['empty_means']}", f"{len(counties)} counties"])
        seen.update(model.decisions.values())
        seen.update(f"{h.partners} partners" for h in model.houses.values())
        seen["before coverage"] += model.order.index("coverage") > ("continuity_first" in model.order)
        seen["by income"] += model.by_income
        seen["leximax"] += model.leximax and "balance" in model.order
        seen["nobody served"] += not model.pairs
        seen["required"] += bool(tables["require"])
        seen["pinned"] += bool(fixed)
        pinned = {(r["household_id"], r["cadre_id"]) for r in tables["roster"] if r["pinned"]}
        seen["pinned, not permitted"] += bool(pinned - fixed)
        seen["unit without places"] += 0 in model.units.values()
        seen["township quota"] += bool(model.towns)
        seen["negative score"] += any(g < 0 for g in model.gains["affinity"].values())
        seen["duty above capacity"] += any(c["duty"] == "9" for c in tables["cadres"])
    wanted = [*months.LATER, "coverage", "continuity_first", "listed", "units", "villages", "any", "empty means any",
              "empty means none", "1 counties", "2 counties", "3 counties", "eligible", "above_threshold", "on_welfare_list",
              "1 partners", "2 partners", "3 partners", "before coverage", "by income", "leximax", "nobody served", "required",
              "pinned", "pinned, not permitted", "unit without places", "township quota", "negative score",
              "duty above capacity"]  # fmt: skip
    assert [name for name in wanted if not seen[name]] == []


def test_a_broken_roster_is_told() -> None:
    """Recounting names a pair that stands twice, one that may not be, a missing fixed one, and every capacity overrun."""
    model = next(m for m in map(small, range(1000)) if m.fixed and m.towns and m.units and len(m.pairs) > 5)
    every = recount.broken(model, [*model.pairs, model.pairs[0], ("H999", "C999")])
    assert any("stand 2 times" in x for x in every)
    assert "H999 and C999 may not be paired" in every
    assert any(x.startswith("household") for x in every)
    assert any(x.startswith("cadre") for x in every)
    assert any("is missing" in x for x in recount.broken(model, []))
