"""Bottlenecks, counted again from the month; and what is said to help, tried."""

from __future__ import annotations

import copy
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcher import match, read_month
from matcher.domain import Instance, Ints
from matcher.explain import most
from matcher.explain.fixes import with_places
from matcher.explain.most import most_served
from matcher.explain.remedies import Place
from matcher.formulation.network import Kind, Network
from matcher.people.permission import Permission
from matcher.pipeline import task_of
from matcher.solve.flow import min_cost_flow
from matcher.solve.rounds import Task, solve

from .months import cadre, households, write_month
from .oracle import months


def solved(tables: dict[str, Any], policy: dict[str, Any], folder: Path) -> Any:
    """Return the run of a month whose only objective is coverage."""
    policy = {**policy, "objectives": {"order": ["coverage"]}, "continuity": {}, "ties": {"position": "last"}}
    return match(read_month(months.write_month(folder, tables, policy)))


def quota_counts(outcome: Any, found: Any) -> bool:
    """Whether a township's quota is used up, by the bottleneck's households alone, and what they lack beyond it is the shortfall."""
    instance = outcome.judgement.instance
    there = [h for h in outcome.household if instance.households.township[h] == found.quota]
    fixed = [h for h in instance.fixed.household.tolist() if instance.households.township[h] == found.quota]
    got = np.bincount(outcome.household, minlength=len(instance.households))
    lacking = (instance.households.partners - got)[found.households].sum()
    return bool(
        len(there) == instance.township_capacity[found.quota] and found.places == len(there) - len(fixed) and not len(found.cadres)
        and set(there) - set(fixed) <= set(found.households.tolist()) and found.shortfall == lacking == found.needed - found.places
    )


@pytest.mark.parametrize("seed", range(40))
def test_bottlenecks_count(seed: int, tmp_path: Path) -> None:
    """Households of a bottleneck can go to its cadres only, and those are full, or their units are."""
    outcome = solved(*months.random_month(seed, "medium"), tmp_path / "m").outcome
    judgement = outcome.judgement
    instance, permission = judgement.instance, judgement.permission
    pairs = set(zip(outcome.household, outcome.cadre, strict=True))
    load = np.bincount(outcome.cadre, minlength=len(instance.cadres))
    used = np.bincount(instance.cadres.unit, load, len(instance.unit_names)) if len(instance.cadres) else np.zeros(0)
    for u in outcome.unmatched:
        if u.bottleneck < 0:
            continue
        found = outcome.bottlenecks[u.bottleneck]
        if found.quota >= 0:
            assert quota_counts(outcome, found)
            continue
        every = np.arange(len(instance.cadres))
        allowed = every[permission.of_pairs(np.full(len(every), u.household), every)]
        assert {int(c) for c in allowed if (u.household, int(c)) not in pairs} <= set(found.cadres.tolist())
        for c in found.cadres.tolist():
            limit = instance.unit_capacity[instance.cadres.unit[c]]
            everyone = permission.counts()[1][c]
            assert load[c] >= min(instance.cadres.capacity[c], everyone) or 0 <= limit <= used[instance.cadres.unit[c]]
        assert found.shortfall > 0


@pytest.mark.parametrize("seed", range(40))
def test_the_fix_helps(seed: int, tmp_path: Path) -> None:
    """One more place where smallest_fix says so: one pairing more, whatever the objectives are."""
    tables, policy = months.random_month(seed, "medium")
    run = match(read_month(months.write_month(tmp_path / "m", tables, policy)))
    fixes = sorted(set(run.unmatched["smallest_fix"]) - {""})[:4]
    capacity = dict(zip(run.cadres["cadre_id"], run.cadres["capacity"], strict=True))
    several = len({h.get("county", "") for h in tables["households"]} - {""}) > 1
    for nth, fix in enumerate(fixes):
        kind, name = fix.split(" ", 1)[0], fix.split(" ", 1)[1].removesuffix(" +1")
        changed, rules = copy.deepcopy(tables), copy.deepcopy(policy)
        if several and kind != "cadre":
            continue  # the name alone does not say in which county
        if kind == "cadre":
            for row in changed["cadres"]:
                if row["cadre_id"] == name:
                    row["capacity"] = str(capacity[name] + 1)
        elif kind == "unit":
            for row in changed["units"]:
                if row["unit"] == name and row["capacity"] != "":
                    row["capacity"] = str(int(row["capacity"]) + 1)
        else:
            rules["townships"]["capacity"][name] += 1
        assert len(match(read_month(months.write_month(tmp_path / f"m{nth}", changed, rules))).pairs) > len(run.pairs), fix


@pytest.mark.parametrize("start", range(0, 300, 50))
def test_a_bottlenecks_remedy_serves_one_more(start: int, tmp_path: Path) -> None:
    """One more place where a bottleneck says so serves one household more.

    Where it says nothing, no place of its cadres and units serves one of its households without taking a cadre from another. Objectives
    before coverage would take some places (months 25 and 111, medium), full townships stop others (months 0 and 22, small).
    """
    remedies = without = 0
    for seed, size in [(seed, size) for seed in range(start, start + 50) for size in ("small", "medium")]:
        month = read_month(months.write_month(tmp_path / f"{size} {seed}", *months.random_month(seed, size)))
        run, task = match(month), task_of(month.policy)
        instance, had = run.outcome.judgement.instance, Counter(h for h, _ in run.pairs)
        order = task.order[: task.order.index("coverage")]

        def gains(place: Place, instance: Instance = instance, task: Task = task, had: Counter[str] = had) -> dict[str, int]:
            changed = with_places(instance, instance.cadres.duty, (place,))
            has = Counter(instance.households.ids[h] for h in solve(changed, Permission(changed), task).household)
            return {h: has[h] - had[h] for h in has | had}

        for found in run.outcome.bottlenecks:
            if found.fix[0]:
                assert sum(gains(found.fix).values()) == 1, (seed, size, found.fix)
                remedies += 1
            elif "duty" not in order:
                units = {int(u) for u in instance.cadres.unit[found.cadres] if instance.unit_capacity[u] >= 0}
                places = [*(("cadre", c) for c in found.cadres.tolist()), *(("unit", u) for u in sorted(units))]
                places += [("township", found.quota)] if found.quota >= 0 else []
                inside = [instance.households.ids[h] for h in found.households.tolist()]
                good = [gained for gained in map(gains, places) if sum(gained.values()) > 0]
                assert not any(gained.get(h, 0) > 0 for gained in good for h in inside), (seed, size)
                without += 1
    assert remedies > 50
    assert without > 3


def test_a_full_cadre_is_named(tmp_path: Path) -> None:
    """Two households, one cadre of one place: the bottleneck holds the cadre and the place, and says where one more helps."""
    run = match(read_month(write_month(tmp_path / "m", households=households(2), cadres=[cadre(capacity=1)])))
    assert run.bottlenecks[["households", "cadres", "places", "shortfall"]].to_numpy().tolist() == [[2, 1, 1, 1]]
    assert run.unmatched["smallest_fix"].tolist() == ["cadre C1 +1"]


@pytest.mark.parametrize("seed", range(300, 340))
def test_a_cheapest_flow_serves_as_many_of_every_band(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The most that can be served up to a band is what another method finds: a flow of which each unit is worth one."""
    tables, policy = months.random_month(seed, "medium")
    policy |= {"priority": {"bands": [600, 900, 1200, 1500], "by": "bands"}}
    instance = solved(tables, policy, tmp_path / "m").outcome.judgement.instance
    told = most_served(instance, Permission(instance))

    def by_costs(net: Network, capacity: Ints) -> int:
        enter = net.of_kind(Kind.ENTER)
        cost = np.zeros(len(net.tail), np.int64)
        cost[enter] = -(capacity[enter] > 0).astype(np.int64)
        return -int(cost @ min_cost_flow(net, np.ones(len(cost), np.bool_), np.zeros(len(cost), np.int64), cost))

    monkeypatch.setattr(most, "max_flow", by_costs)
    assert most_served(instance, Permission(instance)) == told
