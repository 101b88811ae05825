"""OR-Tools' SimpleMinCostFlow with an arc for each permitted pair, the whole job.

township → household → cadre → places → unit → sink. Objectives come one after the other, coverage level by level; after each the
potentials by Bellman–Ford in integers prove it, and what is decided is left out of the next. Then the households' tickets, and a
ticket on every arc that may still vary, until one flow is left. Solving, proving and drawing is jiedui's own code, run in stages:
what differs is the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.explicit import pairwise
from benchmarks.problem import Ints, Pairwise
from benchmarks.whole.month import Given
from matcher.formulation.network import Kind, Network
from matcher.formulation.objectives import Objective
from matcher.graph.bipartite import PairGraph
from matcher.solve.draw import draw_arcs, draw_households
from matcher.solve.lexicographic import Face, optimise, whole_face


def network_of(given: Given, month: Pairwise) -> Network:
    """Return the network with an arc for each pair; names, and so tickets, are as jiedui's."""
    instance, flow = given.instance, month.flow()
    towns, limited = np.unique(instance.households.township), np.flatnonzero(instance.unit_capacity >= 0)
    (who, nth), (chair, load) = month.places, month.chairs
    blocks = (
        (Kind.BYPASS, towns, np.zeros(len(towns), np.int64)), (Kind.ENTER, who, nth), (Kind.PAIR, month.household, month.cadre),
        (Kind.SEAT, chair, load), (Kind.UNIT, limited, np.zeros(len(limited), np.int64)),
    )
    kind = np.repeat([int(k) for k, _, _ in blocks], [len(s) for _, s, _ in blocks])
    subject, detail = (np.concatenate(c).astype(np.int64) for c in zip(*((s, d) for _, s, d in blocks), strict=True))
    names = (
        "sink", *(f"township\x1f{instance.place_names[t]}" for t in towns), *(f"household\x1f{h}" for h in instance.households.ids),
        *(f"cadre\x1f{c}" for c in instance.cadres.ids), *(f"unit\x1f{instance.unit_names[u]}" for u in limited),
    )
    return Network(flow.nodes, flow.tail, flow.head, flow.capacity, kind, subject, detail, flow.supply,
                   lambda some: tuple(map(names.__getitem__, some.tolist())))


def costs_of(month: Pairwise, net: Network) -> Iterator[tuple[str, Ints]]:
    """Yield the stages, the most important first: coverage level by level."""
    enter, pair, seat = (net.of_kind(k) for k in (Kind.ENTER, Kind.PAIR, Kind.SEAT))
    for name in month.order.tolist():
        for level in range(int(month.levels.max(initial=0)) + 1) if name == "coverage" else (None,):
            cost = np.zeros(len(net.tail), np.int64)
            cost[enter] = month.place_cost(name) if level is None else -(month.levels == level).astype(np.int64)
            cost[seat] = month.chair_cost(name)
            if name in month.gained:
                cost[pair] = -month.gain(name)
            yield name, cost


def pairs(
    given: Given, done: Callable[[str], object], narrowed: Callable[[Network, Face], Face] = lambda _, face: face
) -> tuple[Ints, Ints]:
    """Return the (household, cadre) columns of the one best roster, fixed pairs left out.

    Parameters
    ----------
    narrowed : callable
        What is done to the face after every stage.

    Raises
    ------
    ArithmeticError
        A cadre took all places that are modelled and has more.
    """
    month = pairwise(given.instance, given.order, PairGraph(given.instance, given.permission).columns())
    net = network_of(given, month)
    face = whole_face(net)
    done("build")
    for name, cost in costs_of(month, net):
        face = optimise(net, face, [Objective(name, cost, (cost,), (cost,))], guess=False)
        face = narrowed(net, face)
        done(name)
    face = narrowed(net, draw_households(net, face, given.instance.households.ids, given.seed)[0])
    done("household_draw")
    face = draw_arcs(net, face, given.seed)
    done("arc_draw")
    seat, chosen = net.of_kind(Kind.SEAT), net.of_kind(Kind.PAIR)[face.flow[net.of_kind(Kind.PAIR)] > 0]
    seats, used = np.bincount(net.subject[seat]), np.bincount(net.subject[seat], face.flow[seat])
    if ((used == seats) & (seats < month.seats[: len(seats)])).any():
        raise ArithmeticError("a cadre took all places that are modelled")
    return net.subject[chosen], net.detail[chosen]
