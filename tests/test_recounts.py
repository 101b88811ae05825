"""Bottlenecks and statements of fairness, counted again from the raw tables by the oracle's model, which knows nothing of the engine."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import networkx
import pytest

from matcher import match, read_month
from matcher.api import Run

from .oracle import brute, months
from .oracle.model import Model, build


def solved(seed: int, size: str, folder: Path) -> tuple[Run, Model]:
    """Return the run of a random month, and the month as the oracle sees it."""
    tables, policy = months.random_month(seed, size)
    return match(read_month(months.write_month(folder / "m", tables, policy))), build(tables, policy)


def most_pairs(model: Model, households: Iterable[str], cadres: Iterable[str]) -> int:
    """Return how many pairs besides fixed ones households and cadres can have together, quotas of townships aside."""
    graph, fixed = networkx.DiGraph(), model.fixed
    by_cadre, by_unit = Counter(c for _, c in fixed), Counter(model.cadres[c].unit for _, c in fixed)
    by_house = Counter(h for h, _ in fixed)
    graph.add_nodes_from(("source", "sink"))
    for h in households:
        graph.add_edge("source", ("h", h), capacity=model.houses[h].partners - by_house[h])
    for c in cadres:
        unit = model.cadres[c].unit
        graph.add_edge(("c", c), ("u", unit), capacity=model.cadres[c].capacity - by_cadre[c])
        graph.add_edge(("u", unit), "sink", capacity=model.units.get(unit, 10**6) - by_unit[unit])
    for h, c in set(model.pairs) - fixed:
        if ("h", h) in graph and ("c", c) in graph:
            graph.add_edge(("h", h), ("c", c), capacity=1)
    return int(networkx.maximum_flow_value(graph, "source", "sink"))


def named(run: Run) -> list[tuple[list[str], list[str], Any]]:
    """Return the bottlenecks with the ids of their households and cadres."""
    instance, found = run.outcome.judgement.instance, run.outcome.bottlenecks
    return [([instance.households.ids[h] for h in b.households], [instance.cadres.ids[c] for c in b.cadres], b) for b in found]


@pytest.mark.parametrize("seed", range(60))
def test_bottlenecks_recount(seed: int, tmp_path: Path) -> None:
    """Whom else its households may have they have; its places are all its cadres can give; the shortfall is who lacks.

    None is larger than needed: without any one of its paired households as many places would be filled, so that each of them
    stands between a place and somebody who lacks it.
    """
    run, model = solved(seed, "medium", tmp_path)
    got, pairs = Counter(h for h, _ in run.pairs), set(run.pairs)
    for households, cadres, found in named(run):
        lacking = sum(model.houses[h].partners - got[h] for h in households)
        assert found.shortfall == lacking == found.needed - found.places
        if found.quota >= 0:
            continue
        inside = set(cadres)
        assert all((h, c) in pairs for h, c in model.pairs if h in set(households) and c not in inside)
        assert {h for h, c in pairs - model.fixed if c in inside} <= set(households)
        assert most_pairs(model, households, cadres) == found.places
        for h in households:
            if got[h] == model.houses[h].partners == 1:
                assert most_pairs(model, [x for x in households if x != h], cadres) == found.places


@pytest.mark.parametrize("seed", range(60))
def test_quotas_recount(seed: int, tmp_path: Path) -> None:
    """A quota's bottleneck holds a township whose places are used up, by its households, who need more."""
    run, model = solved(seed, "medium", tmp_path)
    fixed = Counter(h for h, _ in model.fixed)
    reasons = dict(zip(run.unmatched["household_id"], run.unmatched["reason"], strict=True))
    for households, cadres, found in named(run):
        if found.quota < 0:
            continue
        (town,) = {model.houses[h].place[:2] for h in households}
        there = [(h, c) for h, c in run.pairs if model.houses[h].place[:2] == town]
        assert cadres == []
        assert len(there) == model.towns[town]
        assert {h for h, _ in set(there) - model.fixed} <= set(households)
        assert found.places == len(set(there) - model.fixed)
        assert found.needed == sum(model.houses[h].partners - fixed[h] for h in households)
        assert "township_capacity" in {reasons.get(h) for h in households}


def envious(model: Model, run: Run) -> int:
    """Return how many households lack a cadre whom a household that comes later has, pair by pair."""
    got = Counter(h for h, _ in run.pairs)
    used = Counter(model.houses[h].place[:2] for h, _ in run.pairs)
    free = {h: model.houses[h].place[:2] for h in model.houses}
    permitted, pairs = set(model.pairs), set(run.pairs)
    found = 0
    for h, house in model.houses.items():
        mine = (got[h], house.level)
        full = used[free[h]] >= model.towns.get(free[h], 10**6)
        found += got[h] < house.partners and any(
            (got[g] - 1, model.houses[g].level) > mine and (h, c) in permitted - pairs and (not full or free[g] == free[h])
            for g, c in pairs - model.fixed
        )
    return found


def most_served(tables: Any, policy: Any, bands: list[int]) -> int:
    """Return how many households of the poorest of these bands can have a cadre, by going through all rosters."""
    changed = copy.deepcopy(policy) | {"priority": {"bands": bands, "by": "bands"}, "objectives": {"order": ["coverage"]}, "continuity": {}}
    value = brute.optimum(build(tables, changed))["coverage"]
    return int(value[0]) if isinstance(value, list) else int(value)


@pytest.mark.parametrize("seed", range(120))
def test_fairness_recounts(seed: int, tmp_path: Path) -> None:
    """Envy pair by pair; the largest number served by going through all rosters; poorest first band by band likewise."""
    tables, policy = months.random_month(seed, "small")
    run = match(read_month(months.write_month(tmp_path / "m", tables, policy)))
    model, told = build(tables, policy), {f["name"]: f for f in run.summary["fairness"]}
    several = len({h["county"] for h in tables["households"]}) > 1
    assert told["no_envy"]["count"] == envious(model, run)
    assert told["no_envy"]["holds"] is (not envious(model, run))
    served = {h for h, _ in run.pairs}
    assert (told["largest_total"]["served"], told["largest_total"]["possible"]) == (len(served), most_served(tables, policy, []))
    bands = policy.get("priority", {}).get("bands", [1500])
    short = [
        b for k, b in enumerate(bands)
        if most_served(tables, policy, bands[k:]) > sum(model.houses[h].income <= b for h in served)
    ]
    if several:
        return  # points are counted county by county there
    if short:
        assert not told["poorest_first"]["holds"]
    if model.order[0] == "coverage" and not model.towns:
        assert told["poorest_first"]["holds"]
    if told["poorest_first"]["holds"]:
        assert not short


def most_up_to(model: Model, turn: tuple[int, int]) -> int:
    """Return how many pairings up to a place in the order of coverage there can be, by going through all rosters."""
    cadres, towns = sorted(model.cadres), sorted(model.towns)
    states = {((0,) * len(cadres), (0,) * len(towns)): 0}
    for h, sets in brute.choices(model).items():
        house, following = model.houses[h], dict[Any, int]()
        for (loads, used), count in states.items():
            for s in sets:
                load = tuple(n + (c in s) for c, n in zip(cadres, loads, strict=True))
                town = tuple(n + len(s) * (t == house.place[:2]) for t, n in zip(towns, used, strict=True))
                if brute.room(model, cadres, load, towns, town):
                    more = count + sum((n, house.level) <= turn for n in range(len(s)))
                    following[load, town] = max(following.get((load, town), 0), more)
        states = following
    return max(states.values())


@pytest.mark.parametrize("start", range(0, 200, 50))
def test_points_recount(start: int, tmp_path: Path) -> None:
    """By income, with an objective before coverage and no quota: at how many points a roster could serve more, of how many there are."""
    fell = 0
    for seed in range(start, start + 50):
        tables, policy = months.random_month(seed, "small")
        if len({h["county"] for h in tables["households"]}) > 1:
            continue
        before = [o for o in policy.get("objectives", {}).get("order", ["fit", "affinity"]) if o not in ("coverage", "balance")]
        policy |= {"priority": {"bands": [], "by": "income"}, "objectives": {"order": [*before, "coverage"]}}
        policy["townships"]["capacity"] = {}
        run = match(read_month(months.write_month(tmp_path / str(seed), tables, policy)))
        model, got = build(tables, policy), Counter(h for h, _ in run.pairs)
        told = {f["name"]: f for f in run.summary["fairness"]}
        points = sorted({(n, x.level) for x in model.houses.values() for n in range(x.partners)})
        short = [
            turn for turn in points
            if most_up_to(model, turn) > sum((n, model.houses[h].level) <= turn for h, many in got.items() for n in range(many))
        ]
        assert told["poorest_first"]["holds"] is not bool(short), seed
        if short and told["largest_total"]["holds"]:  # else it is the band, of all incomes, that is told
            assert (told["poorest_first"]["short"], told["poorest_first"]["prefixes"]) == (len(short), len(points)), seed
            fell += 1
    assert fell > 0


def test_a_quota_can_void_the_largest_total(tmp_path: Path) -> None:
    """The example of the design: poorest first serves one, the total could be two, and the run says so and why."""
    place = {"household_id": "a1", "head_name": "甲", "township": "A", "village": "v1", "income": "500"}
    tables: dict[str, Any] = {name: [] for name in months.COLUMNS}
    blank = dict.fromkeys(months.COLUMNS["households"].split(), "")
    tables["households"] = [
        blank | place, blank | place | {"household_id": "a2", "head_name": "乙", "village": "v2", "income": "1600"},
        blank | place | {"household_id": "b", "head_name": "丙", "township": "B", "village": "w", "income": "2000"},
    ]
    blank = dict.fromkeys(months.COLUMNS["cadres"].split(), "") | {"name": "干部", "unit": "单位", "capacity": "1"}
    tables["cadres"] = [blank | {"cadre_id": "c", "townships": "A/v1;B/w"}, blank | {"cadre_id": "d", "townships": "A/v2"}]
    policy = {
        "programme": {"name": "试", "month": "2008-07", "language": "en"}, "eligibility": {"income_threshold": 2500},
        "priority": {"bands": [1000, 1700], "by": "income"}, "townships": {"capacity": {"A": 1}},
    }
    run = match(read_month(months.write_month(tmp_path / "m", tables, policy)))
    assert run.pairs == [("a1", "c")]
    told = {f["name"]: f for f in run.summary["fairness"]}
    assert {k: told["largest_total"][k] for k in ("holds", "served", "possible", "why")} == {
        "holds": False, "served": 1, "possible": 2, "why": "quota",
    }
    assert (told["poorest_first"]["holds"], told["poorest_first"]["why"]) == (False, "quota")
    assert told["largest_total"]["message"] == "1 households have a cadre, 2 could have one. Cause: a township's quota."


