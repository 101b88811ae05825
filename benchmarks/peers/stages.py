"""Objectives one after the other with any minimum-cost flow solver: fix by reduced costs, then the next.

The potentials come from Bellman–Ford on the residual graph, since OR-Tools tells none; an arc whose reduced cost is not zero
carries the same in every optimal flow and is taken out. Source: Ahuja, Magnanti, Orlin, *Network Flows*, 1993, chapter 9.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from benchmarks.problem import Flow, Ints, weighted

Mask = npt.NDArray[np.bool_]
Solve = Callable[[Flow, Mask, Ints, Ints], Ints]
"""(flow, free arcs, what the others carry, cost) to an optimal flow."""
Done = Callable[[str], object]
"""Told of every stage that is finished."""
_ROUNDS_FOR_A_GUESS = 1000


def in_stages(flow: Flow, solve: Solve, done: Done) -> Ints:
    """Return the lexicographic optimum, a solve for each stage."""
    free, carried = np.ones(len(flow.tail), np.bool_), np.zeros(len(flow.tail), np.int64)
    return _rest(flow, solve, done, free, carried, range(len(flow.stages)))


def by_guess(flow: Flow, solve: Solve, done: Done) -> Ints:
    """Return the lexicographic optimum: as many stages as fit are weighed into one solve, then proved, else in stages."""
    free, carried = np.ones(len(flow.tail), np.bool_), np.zeros(len(flow.tail), np.int64)
    most, first = (2**63 - 1) // (2 * flow.nodes**2), 0
    while first < len(flow.stages):
        last, cost = _chunk(flow, first, most)
        guess = solve(flow, free, carried, cost)
        left = free
        for stage in range(first, last):
            potential = potentials(flow, left, guess, flow.cost(stage), _ROUNDS_FOR_A_GUESS)
            if potential is None:
                return _rest(flow, solve, done, free, carried, range(first, len(flow.stages)))
            left = tight(flow, left, flow.cost(stage), potential)
            done(flow.stages[stage])
        free, carried, first = left, guess, last
    return carried


def _chunk(flow: Flow, first: int, most: int) -> tuple[int, Ints]:
    for last in range(len(flow.stages), first, -1):
        for ratio in (100, 60, 30):
            cost = weighted(flow, first, last, ratio)
            if int(np.abs(cost).max()) <= most:
                return last, cost
    return first + 1, flow.cost(first)


def _rest(flow: Flow, solve: Solve, done: Done, free: Mask, carried: Ints, stages: range) -> Ints:
    for stage in stages:
        cost = flow.cost(stage)
        potential = None
        for tried, rounds in ((flow.rough(stage), _ROUNDS_FOR_A_GUESS), (cost, flow.nodes + 1)):  # small costs are solved faster
            carried = solve(flow, free, carried, tried)
            potential = potentials(flow, free, carried, cost, rounds)
            if potential is not None:
                break
        if potential is None:
            raise ArithmeticError(f"{flow.stages[stage]} is not optimal")
        free = tight(flow, free, cost, potential)
        done(flow.stages[stage])
    return carried


def tight(flow: Flow, free: Mask, cost: Ints, potential: Ints) -> Mask:
    """Return the free arcs whose reduced cost is zero."""
    return np.asarray(free & (cost + potential[flow.tail] == potential[flow.head]), np.bool_)


def potentials(flow: Flow, free: Mask, carried: Ints, cost: Ints, rounds: int) -> Ints | None:
    """Return node potentials that prove a flow optimal on its free arcs; None if there are none after so many rounds."""
    forward, backward = np.flatnonzero(free & (carried < flow.capacity)), np.flatnonzero(free & (carried > 0))
    start = np.concatenate([flow.tail[forward], flow.head[backward]])
    end = np.concatenate([flow.head[forward], flow.tail[backward]])
    length = np.concatenate([cost[forward], -cost[backward]])
    distance = np.zeros(flow.nodes, np.int64)
    if not len(end):
        return distance
    order = np.argsort(end, kind="stable")
    start, end, length = start[order], end[order], length[order]
    first = np.flatnonzero(np.concatenate([[True], end[1:] != end[:-1]]))
    target = end[first]
    for _ in range(rounds):
        best = np.minimum.reduceat(distance[start] + length, first)
        before = distance[target]
        if not (best < before).any():
            return distance
        distance[target] = np.minimum(best, before)
    return None
