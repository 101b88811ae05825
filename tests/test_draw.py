"""One roster among equals: guess or stages, any order, decided by the seed alone; and the pieces that the uniqueness rests on."""

from __future__ import annotations

import hashlib
import itertools
import os
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import networkx
import numpy as np
import pytest

from matcher.formulation.network import Network
from matcher.formulation.objectives import Objective
from matcher.pipeline import Outcome, load_month, run_month
from matcher.solve.components import cyclic_arcs, strong_components
from matcher.solve.draw import people_tickets, tickets
from matcher.solve.flow import max_flow, min_cost_flow, most_cost
from matcher.solve.lexicographic import optimise, whole_face
from matcher.solve.potentials import potentials, reduced_costs

from .months import cadre, household, households, write_month
from .oracle import brute, recount
from .oracle.model import build
from .oracle.months import random_month
from .oracle.months import write_month as write_plain


def solved(folder: Path, policy: Mapping[str, Any] | None = None, **tables: Any) -> Outcome:
    """Write and solve a month."""
    return run_month(load_month(write_month(folder, policy, **tables)))


# --- the whole


@pytest.mark.parametrize("seed", range(100, 120))
@pytest.mark.parametrize("size", ["small", "medium"])
def test_guess_or_stages(tmp_path: Path, seed: int, size: str) -> None:
    """The roster, who was drawn, and every value are the same whether a guess was proved or the stages were solved one by one."""
    month = load_month(write_plain(tmp_path / "m", *random_month(seed, size)))
    guessed, staged = run_month(month), run_month(month, guess=False)
    assert guessed.pairs == staged.pairs
    assert guessed.objectives == staged.objectives
    assert guessed.drawn == staged.drawn


@pytest.mark.parametrize("seed", range(100, 120))
def test_order_of_rows(tmp_path: Path, seed: int) -> None:
    """The roster and who was drawn do not depend on the order of the rows."""
    tables, policy = random_month(seed, "medium")
    rng = random.Random(seed)  # noqa: S311 - any order will do
    first = run_month(load_month(write_plain(tmp_path / "a", tables, policy)))
    mixed = {name: rng.sample(rows, len(rows)) for name, rows in tables.items()}
    second = run_month(load_month(write_plain(tmp_path / "b", mixed, policy)))
    assert (first.pairs, first.drawn, first.objectives) == (second.pairs, second.drawn, second.objectives)


MONTHS = int(os.environ.get("JIEDUI_DRAWS", "150"))
DEALT_TWICE = (56, 290, 602)
"""Months in which the only other flow through hubs gives a household a cadre that it has."""


def decided_by_lot(seed: int) -> set[str] | None:
    """Return who has another number of cadres in another roster as good before the lot, by listing; None where it would be long."""
    tables, policy = random_month(seed, "small")
    model, position = build(tables, policy), policy.get("ties", {}).get("position", "last")
    if brute.rosters(model) > 60_000:
        return None
    before = len(model.order) if position == "last" else model.order.index(position) + 1
    best: list[list[int]] = []
    equals: list[Counter[str]] = []
    for roster in brute.every_roster(model):
        if not recount.broken(model, roster) and (worth := recount.standing(model, roster)[:before]) >= best:
            equals = [*(equals if worth == best else []), Counter(h for h, _ in roster)]
            best = worth
    return {h for h in model.houses if len({had[h] for had in equals}) > 1}


@pytest.mark.parametrize("start", range(0, MONTHS, 25))
def test_who_was_drawn_equals_listing(start: int, tmp_path: Path) -> None:
    """Whom the lot is said to have decided could have more or fewer cadres in another roster as good; all others could not."""
    drawn = 0
    for seed in (*range(start, start + 25), *(DEALT_TWICE if start == 0 else ())):
        wanted = decided_by_lot(seed)
        if wanted is not None:
            found = run_month(load_month(write_plain(tmp_path / str(seed), *random_month(seed, "small"))))
            assert ({found.judgement.instance.households.ids[k] for k in found.drawn}, seed) == (wanted, seed)
            drawn += bool(wanted)
    assert drawn or start


def test_the_seed_decides_among_equals(tmp_path: Path) -> None:
    """Ten alike for three places: each seed draws three of them, different seeds different ones, and all ten are told as drawn."""
    chosen = set()
    for seed in range(12):
        found = solved(tmp_path / f"m{seed}", {"ties": {"seed": str(seed)}}, households=households(10))
        assert found.objectives["coverage"] == [3, 0]
        assert len(found.drawn) == 10
        chosen.add(tuple(h for h, _ in found.pairs))
    assert len(chosen) > 8


def test_the_month_is_the_seed(tmp_path: Path) -> None:
    """Without a seed the month is the seed."""
    told = solved(tmp_path / "a", households=households(10))
    said = solved(tmp_path / "b", {"ties": {"seed": "2008-07"}}, households=households(10))
    other = solved(tmp_path / "c", {"programme": {"month": "2008-08"}}, households=households(10))
    assert told.pairs == said.pairs
    assert told.pairs != other.pairs


def test_anyone_can_redraw(tmp_path: Path) -> None:
    """Among equals the smallest tickets win: the first 8 bytes of SHA-256 of ``seed|household|id``."""
    for seed in ("2008-07", "摇号", ""):
        found = solved(tmp_path / f"m{seed}", {"ties": {"seed": seed}}, households=households(10))
        order = sorted((hashlib.sha256(f"{seed or '2008-07'}|household|H{k}".encode()).digest()[:8], f"H{k}") for k in range(1, 11))
        assert sorted(h for h, _ in found.pairs) == sorted(h for _, h in order[:3])
    assert tickets("s", "household", ["a"]).tolist() == [int.from_bytes(hashlib.sha256(b"s|household|a").digest()[:8], "big")]


def test_tickets_are_kept_by_name() -> None:
    """Whoever asked before, and for whom, the tickets are those of the names, in their order, of this seed and kind."""
    for seed, kind, names in (("s", "household", "abc"), ("s", "household", "dcxa"), ("s", "cadre", "ab"), ("t", "household", "ba"),
                              ("s", "household", "abc"), ("s", "household", "")):
        assert people_tickets(seed, kind, tuple(names)).tolist() == tickets(seed, kind, names).tolist()


def test_a_hub_deals_in_the_order_of_tickets(tmp_path: Path) -> None:
    """Who is alike to every objective is dealt by tickets: the first household by ticket gets the first cadre by ticket, and so on."""
    people = [cadre(cadre_id=f"C{k}", capacity="1") for k in range(5)]
    dealt = set()
    for seed in "abcdef":
        found = solved(tmp_path / seed, {"ties": {"seed": seed}}, households=households(5), cadres=people)
        names = [[f"H{k}" for k in range(1, 6)], [f"C{k}" for k in range(5)]]
        turns = [
            sorted(n, key=lambda name, s=seed, k=kind: tickets(s, k, [name]).tolist())
            for kind, n in zip(("household", "cadre"), names, strict=True)
        ]
        assert found.pairs == sorted(zip(*turns, strict=True))
        assert found.drawn == []
        dealt.add(tuple(found.pairs))
    assert len(dealt) > 3


def test_nothing_to_draw(tmp_path: Path) -> None:
    """Where everybody is served, or need decides, nobody was drawn, and the seed changes nothing about who is served."""
    rows = [household(household_id=f"H{k}", head_name=f"户主{k}", income=str(500 + k)) for k in range(6)]
    for seed in ("a", "b"):
        found = solved(tmp_path / seed, {"ties": {"seed": seed}, "priority": {"by": "income"}}, households=rows)
        assert (found.drawn, [h for h, _ in found.pairs]) == ([], ["H0", "H1", "H2"])
        everyone = solved(tmp_path / f"{seed}2", {"ties": {"seed": seed}}, households=rows[:3])
        assert everyone.drawn == []


def test_position(tmp_path: Path) -> None:
    """Drawn after coverage the lot comes before fit; drawn last, fit decides first."""
    rows = [household(household_id=f"H{k}", head_name=f"户主{k}", needs="资金" if k in (2, 5) else "物资") for k in range(8)]
    people = [cadre(skills="资金", capacity="1")]
    fits, served = {}, {}
    for position in ("last", "coverage", "fit"):
        for seed in range(8):
            policy = {"objectives": {"order": ["coverage", "fit"]}, "ties": {"seed": str(seed), "position": position}}
            found = solved(tmp_path / f"{position}{seed}", policy, households=rows, cadres=people)
            fits.setdefault(position, []).append(found.objectives["fit"])
            served.setdefault(position, set()).add(found.pairs[0][0])
            assert len(found.drawn) == (8 if position == "coverage" else 2)
    assert fits["last"] == fits["fit"] == [1] * 8
    assert 0 in fits["coverage"]
    assert served["last"] <= {"H2", "H5"}
    assert len(served["coverage"]) > 2


def test_a_second_cadre_never_comes_before_a_first(tmp_path: Path) -> None:
    """Where coverage comes late, the lot still gives nobody a second cadre before a first."""
    rows = [household(household_id=f"H{k}", head_name=f"户主{k}", partners="2") for k in range(4)]
    people = [cadre(cadre_id=f"C{k}", capacity="1") for k in range(4)]
    for seed in range(6):
        found = solved(tmp_path / f"m{seed}", {"ties": {"seed": str(seed)}}, households=rows, cadres=people)
        assert sorted(h for h, _ in found.pairs) == ["H0", "H1", "H2", "H3"]


# --- the pieces


def random_network(rng: random.Random) -> tuple[Network, np.ndarray[Any, Any]]:
    """Return a small network with supplies that a flow can serve, and that flow."""
    nodes, arcs = rng.randint(2, 5), rng.randint(1, 7)
    tail = np.array([rng.randrange(nodes) for _ in range(arcs)], np.int64)
    head = np.array([(t + rng.randrange(1, nodes)) % nodes for t in tail], np.int64)
    capacity = np.array([rng.randint(1, 2) for _ in range(arcs)], np.int64)
    flow = np.array([rng.randint(0, c) for c in capacity], np.int64)
    supply = np.bincount(tail, flow, nodes).astype(np.int64) - np.bincount(head, flow, nodes).astype(np.int64)
    blank = np.zeros(arcs, np.int64)
    return Network(nodes, tail, head, capacity, blank, blank, blank, supply, lambda some: tuple(map(str, some.tolist()))), flow


def every_flow(network: Network) -> np.ndarray[Any, Any]:
    """Return every integral flow that serves the supplies, one a row."""
    found = []
    for flow in itertools.product(*(range(c + 1) for c in network.capacity.tolist())):
        column = np.array(flow, np.int64)
        out = np.bincount(network.tail, column, network.nodes) - np.bincount(network.head, column, network.nodes)
        if (out == network.supply).all():
            found.append(column)
    return np.stack(found)


@pytest.mark.parametrize("seed", range(300))
def test_unique_if_and_only_if_no_cycle(seed: int) -> None:
    """`cyclic_arcs` is empty exactly where a flow is the only one on its free arcs, and else covers every arc that may vary."""
    rng = random.Random(seed)  # noqa: S311 - made-up networks
    network, flow = random_network(rng)
    free = np.array([rng.random() < 0.8 for _ in flow], np.bool_)
    rivals = [f for f in every_flow(network) if (f[~free] == flow[~free]).all()]
    arcs = cyclic_arcs(network, free, flow)
    assert (len(arcs) == 0) == (len(rivals) == 1)
    varying = {int(a) for f in rivals for a in np.flatnonzero(f != flow)}
    assert varying <= set(arcs.tolist())


@pytest.mark.parametrize("seed", range(150))
def test_lexicographic_optimum(seed: int) -> None:
    """Three objectives one after the other equal a single flow with weights of any size (networkx, Python integers).

    The face is exactly the set of lexicographic optima, whether guessed or in stages.
    """
    rng = random.Random(seed)  # noqa: S311 - made-up networks
    network, _ = random_network(rng)
    columns = [np.array([rng.randint(-2, 3) for _ in network.tail], np.int64) for _ in range(3)]
    flows = every_flow(network)
    values = [tuple(int(f @ c) for c in columns) for f in flows]
    best = min(values)
    assert by_networkx(network, columns) == best
    for guess in (True, False):
        wanted = [Objective(f"o{k}", c, (c,), (c,)) for k, c in enumerate(columns)]
        face = optimise(network, whole_face(network), wanted, guess)
        assert tuple(int(face.flow @ c) for c in columns) == best
        optimal = [f for f, v in zip(flows, values, strict=True) if v == best]
        assert all((f[~face.free] == face.flow[~face.free]).all() for f in optimal)
        on_face = [v for f, v in zip(flows, values, strict=True) if (f[~face.free] == face.flow[~face.free]).all()]
        assert set(on_face) == {best}
        for level in face.levels:
            reduced = reduced_costs(network, level.cost, level.potential)
            assert (reduced[face.free] == 0).all()


def by_networkx(network: Network, columns: list[np.ndarray[Any, Any]]) -> tuple[int, ...]:
    """Return the lexicographic optimum found by a single network simplex with big integers."""
    graph = networkx.MultiDiGraph()
    for node, supply in enumerate(network.supply.tolist()):
        graph.add_node(node, demand=-supply)
    base = 10**9
    for arc in range(len(network.tail)):
        weight = sum(int(c[arc]) * base ** (len(columns) - k) for k, c in enumerate(columns))
        graph.add_edge(int(network.tail[arc]), int(network.head[arc]), key=arc, capacity=int(network.capacity[arc]), weight=weight)
    _, flow = networkx.network_simplex(graph)
    carried = [flow[int(network.tail[a])][int(network.head[a])][a] for a in range(len(network.tail))]
    return tuple(sum(int(c[a]) * carried[a] for a in range(len(carried))) for c in columns)


@pytest.mark.parametrize("seed", range(150))
def test_potentials_exist_exactly_for_optimal_flows(seed: int) -> None:
    """Potentials are found for every optimal flow and for no other; they prove it arc by arc."""
    rng = random.Random(seed)  # noqa: S311 - made-up networks
    network, _ = random_network(rng)
    cost = np.array([rng.randint(-3, 3) for _ in network.tail], np.int64)
    everything = np.ones(len(cost), np.bool_)
    flows = every_flow(network)
    least = min(int(f @ cost) for f in flows)
    for flow in flows:
        found = potentials(network, everything, flow, cost)
        assert (found is not None) == (int(flow @ cost) == least)
        big = potentials(network, everything, flow, cost.astype(object) * 10**30)
        assert (big is None) == (found is None)
        if found is not None:
            reduced = reduced_costs(network, cost, found)
            assert (reduced[flow < network.capacity] >= 0).all()
            assert (reduced[flow > 0] <= 0).all()
    assert int(min_cost_flow(network, everything, flows[0], cost) @ cost) == least


@pytest.mark.parametrize("seed", range(50))
def test_strong_components(seed: int) -> None:
    """Components equal networkx's, and are numbered so that no arc leads to a higher one."""
    rng = random.Random(seed)  # noqa: S311 - made-up graphs
    nodes = rng.randint(1, 12)
    arcs = [(rng.randrange(nodes), rng.randrange(nodes)) for _ in range(rng.randint(0, 25))]
    start, end = (np.array([a[k] for a in arcs], np.int64) for k in (0, 1))
    found = strong_components(start, end, nodes)
    graph = networkx.DiGraph(arcs)
    graph.add_nodes_from(range(nodes))
    assert {frozenset(np.flatnonzero(found == c).tolist()) for c in set(found.tolist())} == set(
        map(frozenset, networkx.strongly_connected_components(graph))
    )
    assert (found[start] >= found[end]).all()


def test_costs_beyond_the_bound_are_refused() -> None:
    """The bound under which no overflow is possible is asserted before the solver is called."""
    two = np.ones(2, np.int64)
    network = Network(3, 0 * two, two, two, two, two, two, np.array([1, -1, 0]), lambda _: ("a", "b", "c"))
    most = most_cost(3)
    assert min_cost_flow(network, two > 0, 0 * two, np.array([most, most - 1])).tolist() == [0, 1]
    with pytest.raises(Exception, match="too large") as refused:
        min_cost_flow(network, two > 0, 0 * two, np.array([most + 1, 0]))
    assert getattr(refused.value, "exit_status", None) == 5


def test_the_largest_flow(monkeypatch: pytest.MonkeyPatch) -> None:
    """As much as the narrowest cut lets through; nothing where nothing is supplied; a solver that tells more is not believed."""
    tail, head = np.array([1, 1, 2, 3, 4]), np.array([2, 3, 0, 0, 0])
    for supply, capacity, most in ((9, [2, 5, 9, 3, 9], 5), (4, [2, 5, 9, 3, 9], 4), (9, [0, 5, 9, 0, 9], 0), (0, [2, 5, 9, 3, 9], 0)):
        blank = np.zeros(5, np.int64)
        network = Network(5, tail, head, np.array(capacity), blank, blank, blank, np.array([-supply, supply, 0, 0, 0]), lambda _: ())
        assert max_flow(network, network.capacity) == most
    monkeypatch.setattr("ortools.graph.python.max_flow.SimpleMaxFlow.optimal_flow", lambda _: 6)
    network = replace(network, supply=np.array([-9, 9, 0, 0, 0]))
    with pytest.raises(Exception, match="no optimal flow"):
        max_flow(network, network.capacity)


def test_unbalanced_supplies_are_refused() -> None:
    """A network whose supplies do not sum to zero, or that no flow serves, is refused and not half solved."""
    two = np.ones(2, np.int64)
    for supply in ([1, 0], [3, -3]):
        network = Network(2, 0 * two, two, two, two, two, two, np.array(supply), lambda _: ("a", "b"))
        with pytest.raises(Exception, match="no optimal flow"):
            min_cost_flow(network, two > 0, 0 * two, two)
