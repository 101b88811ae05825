"""networkx' network simplex on the hubs: Python integers, so weights above every sum fit and one solve is exact."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.peers.stages import Done
from benchmarks.problem import Flow, Hubs
from benchmarks.solution import Found


def build(month: Hubs) -> tuple[Flow, Any]:
    """Return the network as a networkx graph; an objective's unit weighs more than all later ones together."""
    import networkx

    flow = month.flow()
    weight, total = 1, np.zeros(len(flow.tail), object)
    for stage in reversed(range(len(flow.stages))):
        cost = flow.cost(stage)
        total += cost.astype(object) * weight
        weight *= 2 * int(np.abs(cost) @ flow.capacity) + 1
    graph = networkx.MultiDiGraph()
    graph.add_nodes_from((node, {"demand": -wants}) for node, wants in enumerate(flow.supply.tolist()))
    arcs = zip(flow.tail.tolist(), flow.head.tolist(), range(len(flow.tail)), flow.capacity.tolist(), total.tolist(), strict=True)
    graph.add_edges_from((tail, head, arc, {"capacity": most, "weight": cost}) for tail, head, arc, most, cost in arcs)
    return flow, graph


def run(built: tuple[Flow, Any], done: Done) -> Found:  # noqa: ARG001 - one solve has no stages
    """Solve by ``network_simplex``."""
    import networkx

    flow, graph = built
    carried = np.zeros(len(flow.tail), np.int64)
    for heads in networkx.network_simplex(graph)[1].values():
        for arcs in heads.values():
            for arc, amount in arcs.items():
                carried[arc] = amount
    return Found(flow=carried)
