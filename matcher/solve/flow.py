"""Flows by OR-Tools, with every bound asserted before it is called. The only user of OR-Tools."""

from __future__ import annotations

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # type: ignore[import-untyped]

from matcher.domain import Ints, Mask
from matcher.errors import ProofError
from matcher.formulation.network import Network
from matcher.messages import N_, message


def most_cost(nodes: int) -> int:
    """Return the largest cost per unit for which no overflow is possible: 2^63 / (2 n^2)."""
    return (2**63 - 1) // (2 * max(nodes, 2) ** 2)


def min_cost_flow(network: Network, free: Mask, flow: Ints, cost: Ints) -> Ints:
    """Return an optimal flow in which the arcs that are not free keep their flow.

    Parameters
    ----------
    network : Network
    free : (a,) bool
    flow : (a,) int
        What the fixed arcs carry.
    cost : (a,) int
        Per unit; at most :func:`most_cost` in absolute value.

    Raises
    ------
    ProofError
        A cost beyond the bound, or the solver finds no optimum: both are faults of the program.
    """
    arcs = np.flatnonzero(free)
    if not len(arcs):
        return flow
    if int(np.abs(cost[arcs]).max()) > most_cost(network.nodes):
        raise ProofError(message(N_("A cost is too large for the solver; nothing was written.")))
    held = np.where(free, 0, flow)
    supply = network.supply - np.bincount(network.tail, held, network.nodes).astype(np.int64)
    supply += np.bincount(network.head, held, network.nodes).astype(np.int64)
    used = np.zeros(network.nodes, np.bool_)
    used[network.tail[arcs]] = used[network.head[arcs]] = True
    number = np.cumsum(used) - 1
    solver = SimpleMinCostFlow()
    handles = solver.add_arcs_with_capacity_and_unit_cost(
        number[network.tail[arcs]], number[network.head[arcs]], network.capacity[arcs], cost[arcs]
    )
    solver.set_nodes_supplies(np.arange(int(used.sum())), supply[used])
    if supply.sum() or supply[~used].any() or solver.solve() != solver.OPTIMAL:
        raise ProofError(message(N_("The solver found no optimal flow; nothing was written.")))
    found = held.copy()
    found[arcs] = solver.flows(handles)
    return found


def max_flow(network: Network, capacity: Ints) -> int:
    """Return how much of the supplies can flow to the sink, node 0, at most; a cut proves that it is no more.

    Parameters
    ----------
    capacity : (a,) int
        Of every arc.

    Raises
    ------
    ProofError
        The solver finds no maximum, or no cut proves it: both are faults of the program.
    """
    from ortools.graph.python.max_flow import SimpleMaxFlow  # type: ignore[import-untyped]  # the reasons alone need it

    begin, source, arcs = np.flatnonzero(network.supply > 0), network.nodes, np.flatnonzero(capacity)
    if not len(begin):
        return 0
    tail = np.concatenate([np.full(len(begin), source), network.tail[arcs]])
    head = np.concatenate([begin, network.head[arcs]])
    room = np.concatenate([network.supply[begin], capacity[arcs]])
    solver = SimpleMaxFlow()
    solver.add_arcs_with_capacity(tail, head, room)
    good, before = solver.solve(source, 0) == solver.OPTIMAL, np.zeros(network.nodes + 1, np.bool_)
    before[solver.get_source_side_min_cut()] = True
    found = int(solver.optimal_flow())
    if not good or int(room[before[tail] & ~before[head]].sum()) != found:
        raise ProofError(message(N_("The solver found no optimal flow; nothing was written.")))
    return found
