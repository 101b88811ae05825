"""Lexicographic distances against tuples compared by Python."""

from __future__ import annotations

import random

import numpy as np
import pytest

from matcher.errors import ProofError
from matcher.explain.distances import Graph, distances

Arc = tuple[int, int, tuple[int, ...]]


def graph_of(nodes: int, arcs: list[Arc], kind: type = np.int64) -> Graph:
    """Return arcs as columns."""
    start, end = (np.array([a[k] for a in arcs], np.int64) for k in (0, 1))
    return Graph(nodes, start, end, tuple(np.array(c, kind) for c in zip(*(a[2] for a in arcs), strict=True)))


def plainly(nodes: int, arcs: list[Arc]) -> list[tuple[int, ...] | None]:
    """Return the distances from node 0 by relaxing arc after arc."""
    found: list[tuple[int, ...] | None] = [None] * nodes
    found[0] = (0,) * len(arcs[0][2])
    for _ in range(nodes):
        for start, end, length in arcs:
            here, there = found[start], found[end]
            if here is not None and (there is None or tuple(map(sum, zip(here, length, strict=True))) < there):
                found[end] = tuple(map(sum, zip(here, length, strict=True)))
    return found


@pytest.mark.parametrize("seed", range(200))
def test_distances_are_lexicographic(seed: int) -> None:
    """Random graphs; potentials make lengths of both signs without a negative cycle."""
    rng = random.Random(f"distances {seed}")  # noqa: S311 - no secret
    nodes, levels = rng.randint(2, 30), rng.randint(1, 6)
    spread = rng.choice([1, 3, 40])
    potential = [[rng.randint(-spread, spread) for _ in range(levels)] for _ in range(nodes)]
    arcs: list[Arc] = []
    for _ in range(rng.randint(1, 4 * nodes)):
        a, b = rng.randrange(nodes), rng.randrange(nodes)
        first = rng.randrange(levels + 1)  # a reduced cost whose first entry that is not zero is positive
        reduced = [0 if k < first else 1 if k == first else rng.randint(-spread, spread) for k in range(levels)]
        arcs.append((a, b, tuple(r + potential[b][k] - potential[a][k] for k, r in enumerate(reduced))))
    found = distances(graph_of(nodes, arcs, rng.choice([np.int64, object])), 0)
    assert [found.to(node) for node in range(nodes)] == plainly(nodes, arcs)


def test_long_paths_leave_the_guess() -> None:
    """A hundred small steps in a lower level outweigh one step in a higher one, if the guess is not checked."""
    steps = 100
    arcs: list[Arc] = [(k, k + 1, (0, -1)) for k in range(steps)]
    arcs += [(0, steps + 1, (0, 0)), (steps + 1, steps + 2, (0, 0)), (steps, steps + 2, (1, 0))]
    found = distances(graph_of(steps + 3, arcs), 0)
    assert found.to(steps) == (0, -steps)
    assert found.to(steps + 2) == (0, 0)


def test_large_lengths_do_not_overflow() -> None:
    """Lengths near the end of 64 bits are summed exactly."""
    large = 2**61
    found = distances(graph_of(4, [(0, 1, (large,)), (1, 2, (large,)), (2, 3, (large,)), (0, 3, (3 * large - 1,))], object), 0)
    assert found.to(3) == (3 * large - 1,)
    found = distances(graph_of(4, [(0, 1, (large,)), (1, 2, (large,)), (2, 3, (large,))]), 0)
    assert found.to(3) == (3 * large,)


def test_negative_cycles_are_refused() -> None:
    """A cycle that is negative in its second level alone: the flow was not the best one."""
    with pytest.raises(ProofError):
        distances(graph_of(3, [(0, 1, (0, 1)), (1, 2, (0, -2)), (2, 1, (0, 1))]), 0)


def test_nodes_out_of_reach() -> None:
    """A node that no path reaches has no distance."""
    assert distances(graph_of(3, [(0, 1, (1,)), (2, 1, (-9,))]), 0).to(2) is None
