"""A repaired flow against solving from the start: the same flow, roster and lot, and with potentials found anew the same proof."""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

import matcher.solve.augment as augmenting
import matcher.solve.near as nearest
import matcher.solve.repair as repairing
from matcher.errors import JieduiError
from matcher.formulation.build import Relaxation, build, seats_of
from matcher.formulation.network import Kind
from matcher.formulation.objectives import COSTLY, objectives
from matcher.people.judge import judge
from matcher.people.permission import Permission
from matcher.pipeline import changed, load_month, task_of
from matcher.scenario.read import scenario_of
from matcher.solve.near import Near
from matcher.solve.potentials import distances
from matcher.solve.repair import led
from matcher.solve.rounds import Solution, solve

from .oracle import months
from .test_whatif_equal import Changer

RUNS = int(os.environ.get("JIEDUI_REPAIRS", "") or 60)


def solved(month: Any, near: Near | None = None) -> Solution:
    instance = judge(month.tables, month.policy).instance
    return solve(instance, Permission(instance), task_of(month.policy), near)


def difference(one: Solution, other: Solution, proof: bool) -> list[str]:
    """Return what two solutions of one month do not share."""
    wrong = [name for name in ("household", "cadre", "drawn") if getattr(one, name).tolist() != getattr(other, name).tolist()]
    wrong += ["flow"] * (one.face.flow.tolist() != other.face.flow.tolist())
    wrong += ["levels"] * ([level.name for level in one.face.levels] != [level.name for level in other.face.levels])
    if proof:
        wrong += ["free"] * bool((one.face.free != other.face.free).any())
        wrong += [a.name for a, b in zip(one.face.levels, other.face.levels, strict=False) if a.potential.tolist() != b.potential.tolist()]
    return wrong


def try_one(seed: int, folder: Path) -> tuple[list[str], int, int]:
    """Return what differs between a repaired random variant of a random month and the same solved alone; rounds repaired; variants."""
    folder.mkdir()
    month = months.random_month(seed, "medium" if seed % 3 else "small")
    base = load_month(months.write_month(folder / "2008-07", *month))
    near = Near()
    wrong: list[str] = []
    tried = 0
    try:
        solved(base, near)
    except JieduiError:
        return [], 0, 0
    for turn in range(3):
        said = Changer(1000 * turn + seed, copy.deepcopy(month), folder).make()
        try:
            variant = changed(base, scenario_of(said))
            alone = solved(variant)
        except JieduiError:
            continue
        near.anew = turn == 1
        tried += 1
        wrong += [f"seed {seed} {said}: {name}" for name in difference(solved(variant, near), alone, near.anew)]
    return wrong, near.repaired, tried


@pytest.mark.parametrize("start", range(0, RUNS, 20))
def test_repaired_is_solved_from_the_start(start: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Random variants of random months, repaired however far they are: everything is what solving them alone gives.

    Most are really repaired; the others differ in more than people and places (another order, another seed). What was repaired is proved:
    nothing is thrown away.
    """
    monkeypatch.setattr(repairing, "MOST_UNITS", 10**6)
    monkeypatch.setattr(repairing, "MOST_LOOKED_AT", 10**9)
    proofs: list[object] = []
    monkeypatch.setattr(repairing, "_proved", lambda *given, prove=repairing._proved: proofs.append(prove(*given)) or proofs[-1])
    found = [try_one(seed, tmp_path / str(seed)) for seed in range(start, min(start + 20, RUNS))]
    assert [text for wrong, _, _ in found for text in wrong] == []
    assert sum(n for _, n, _ in found) > 0.5 * sum(n for _, _, n in found) > 4
    assert None not in proofs


def test_the_arcs_of_a_changed_flow_are_those_of_one_begun_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a node's arcs are after units were moved over it is what making all arcs ready anew gives."""
    monkeypatch.setattr(repairing, "MOST_UNITS", 10**6)
    monkeypatch.setattr(repairing, "MOST_LOOKED_AT", 10**9)
    looked = [0, 0]
    now = augmenting._Residual.now

    def compared(self: augmenting._Residual, node: int, moved: set[int]) -> augmenting._Arcs:
        found = now(self, node, moved)
        anew = augmenting._Residual(self._network, self._flow, self._forward).at(node)
        assert sorted(zip(*found, strict=True)) == sorted(zip(*anew, strict=True))
        looked[self._forward] += 1
        return found

    monkeypatch.setattr(augmenting._Residual, "now", compared)
    assert [text for seed in range(30) for text in try_one(seed, tmp_path / str(seed))[0]] == []
    assert min(looked) > 20


def test_what_cannot_be_proved_is_thrown_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repair that leaves undone what would pay is refused by its proof, and the month is solved from the start."""
    sound = sum(try_one(seed, tmp_path / f"sound {seed}")[1] for seed in range(12))
    monkeypatch.setattr(repairing, "_signs", lambda reduced: np.zeros(len(reduced[0]), np.int64))
    spoilt = [try_one(seed, tmp_path / str(seed)) for seed in range(12)]
    assert [text for wrong, _, _ in spoilt for text in wrong] == []
    assert sum(n for _, n, _ in spoilt) < sound


def test_the_draw_of_arcs_is_repaired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lot among arcs is alike from another month's potentials, from any others, and where a flow that is not the best is refused."""
    right = [drawn_alike(seed, tmp_path / str(seed)) for seed in range(12)]
    assert sum(right) > 6
    known = nearest.arcs_repaired
    rng = np.random.default_rng(1)
    monkeypatch.setattr(nearest, "arcs_repaired", lambda net, face, cost, p: known(net, face, cost, rng.integers(-(2**32), 2**32, len(p))))
    assert sum(drawn_alike(seed, tmp_path / f"any {seed}") for seed in range(12)) > 0
    monkeypatch.setattr(nearest, "arcs_repaired", known)
    monkeypatch.setattr(repairing, "_balanced", spoilt(repairing._balanced))
    assert sum(drawn_alike(seed, tmp_path / f"spoilt {seed}") for seed in range(12)) < sum(right)


def drawn_alike(seed: int, folder: Path) -> int:
    """Return how many draws of arcs were repaired for months with one cadre fewer, after comparing each with solving alone."""
    base = load_month(months.write_month(folder / "2008-07", *months.random_month(seed, "medium")))
    near = Near()
    solved(base, near)
    for cadre in sorted(judge(base.tables, base.policy).cadres.ids)[:3]:
        month = changed(base, scenario_of([("remove-cadre", cadre)]))
        try:
            alone = solved(month)
        except JieduiError:  # a required pair's
            continue
        assert difference(solved(month, near), alone, proof=False) == [], (seed, cadre)
    return near.drawn


def spoilt(balanced: Any) -> Any:
    """Return a function that for the arcs' draw, of a single word, gives back the flow that it was given."""
    return lambda net, flow, short, words, *rest: balanced(net, flow, short, words, *rest) if len(words.cost) > 1 else flow


@pytest.mark.parametrize("seed", range(80))
def test_distances(seed: int) -> None:
    """How far every node is from the nearest source is what NetworkX finds; what cannot be reached begins as far as the farthest."""
    rng = np.random.default_rng(seed)
    nodes, arcs = int(rng.integers(1, 30)), int(rng.integers(0, 80))
    start, end, length = rng.integers(0, nodes, arcs), rng.integers(0, nodes, arcs), rng.integers(0, 5, arcs)
    height = rng.integers(0, 9, nodes) * (seed % 2)
    length += height[start] - height[end]  # shorter than 0 here and there, but along no cycle
    sources = rng.random(nodes) < 0.2
    graph = nx.DiGraph()
    graph.add_nodes_from(range(nodes))
    for a, b, d in sorted(zip(start.tolist(), end.tolist(), length.tolist(), strict=True), reverse=True):
        graph.add_edge(a, b, weight=d)  # of parallel arcs the shortest last
    graph.add_edges_from((("", node) for node in np.flatnonzero(sources).tolist()), weight=0)
    right = nx.single_source_bellman_ford_path_length(graph, "") if sources.any() else {}
    farthest = max((d for node, d in right.items() if node != ""), default=0)
    graph.add_edges_from((("", node) for node in range(nodes) if node not in right), weight=farthest)
    right = nx.single_source_bellman_ford_path_length(graph, "")
    assert distances(start, end, length, sources).tolist() == [right[node] for node in range(nodes)]


@pytest.mark.parametrize("forward", [True, False])
def test_potentials_lead_to_the_sink(forward: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By led potentials a flow is optimal, and from wherever the sink can be reached a way costs nothing; or from there, turned round."""
    kept = []
    monkeypatch.setattr(nearest, "led", lambda base, levels, way: kept.append((base, levels)) or led(base, levels, way))
    for seed in range(20):
        near = Near()
        base = load_month(months.write_month(tmp_path / f"{seed}" / "2008-07", *months.random_month(seed, "medium")))
        solved(base, near)
        solved(base, near)
    assert len(kept) > 12
    for base, levels in kept:
        net, found = base.hubs.network, led(base, levels, forward)
        reduced = list(zip(*((cost + p[net.tail] - p[net.head]).tolist() for (_, cost), p in zip(levels, found, strict=True)), strict=True))
        every, free = nx.DiGraph(), nx.DiGraph()
        ends = zip(net.tail.tolist(), net.head.tolist(), net.capacity.tolist(), base.flow.tolist(), reduced, strict=True)
        for tail, head, capacity, flow, cost in ends:
            nothing = (0,) * len(cost)
            assert cost >= nothing or flow == capacity
            assert cost <= nothing or flow == 0
            for graph in (every, free) if cost == nothing else (every,):
                graph.add_edges_from([(tail, head)] * (flow < capacity) + [(head, tail)] * (flow > 0))
        reached = nx.ancestors if forward else nx.descendants
        assert reached(every, 0) == (reached(free, 0) if 0 in free else set())


def test_what_costs_nothing_is_left_out_of_words(tmp_path: Path) -> None:
    """Every objective gives costs to the kinds of arcs that are said, and to no others."""
    seen = set()
    for seed in range(30):
        month = load_month(months.write_month(tmp_path / str(seed) / "2008-07", *months.random_month(seed, "medium")))
        try:
            instance = judge(month.tables, month.policy).instance
        except JieduiError:
            continue
        task, permission = task_of(month.policy), Permission(instance)
        hubs = build(instance, permission, task.order, Relaxation(frozenset(), seats_of(instance, permission)))
        for objective in objectives(instance, hubs, task.order, task.by_income, task.leximax):
            for cost in objective.proof:
                kinds = {Kind(kind) for kind in hubs.network.kind[np.flatnonzero(cost)].tolist()}
                assert kinds <= set(COSTLY[objective.name]), objective.name
                seen |= {(objective.name, kind) for kind in kinds}
    assert seen == {(name, kind) for name, kinds in COSTLY.items() for kind in kinds}


def test_a_month_of_another_policy_is_no_start(tmp_path: Path) -> None:
    """Where the objectives are others, nothing is carried over."""
    base = load_month(months.write_month(tmp_path / "2008-07", *months.random_month(3, "medium")))
    near = Near()
    solved(base, near)
    other = changed(base, scenario_of([("set", "objectives.order=coverage,fit,balance,continuity")]))
    assert difference(solved(other, near), solved(other), proof=True) == []
    assert near.repaired == 0


def test_a_repair_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few arcs a search may look at, the roster is that of solving from the start; and fewer months are then repaired."""
    sound = sum(try_one(seed, tmp_path / f"sound {seed}")[1] for seed in range(12))
    for most in (0, 40):
        monkeypatch.setattr(repairing, "MOST_LOOKED_AT", most)
        short = [try_one(seed, tmp_path / f"{most} {seed}") for seed in range(12)]
        assert [text for wrong, _, _ in short for text in wrong] == []
        assert sum(n for _, n, _ in short) < sound


def test_what_was_too_far_is_not_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a repair was given up, a month with as many other people is solved from the start at once, a nearer one is not."""
    base = load_month(months.write_month(tmp_path / "2008-07", *months.random_month(3, "medium")))
    cadres = sorted(judge(base.tables, base.policy).cadres.ids)
    tried: list[bool] = []
    monkeypatch.setattr(nearest, "repaired", lambda *_: tried.append(True))
    monkeypatch.setattr(nearest, "FEW", 2)
    near = Near(keep=0)
    solved(base, near)
    for count, wanted in ((3, True), (3, False), (4, False), (2, True), (1, True), (2, False)):
        tried.clear()
        month = changed(base, scenario_of([("remove-cadre", key) for key in cadres[:count]]))
        assert difference(solved(month, near), solved(month), proof=True) == []
        assert any(tried) == wanted, count
