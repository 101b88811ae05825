"""OR-Tools' SimpleMinCostFlow with an arc for each permitted pair, the whole job, tuned.

After every stage the arcs outside strongly connected components leave too, since every optimal flow agrees on them: with so many
arcs that saves a third. (jiedui does so for its draw alone.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from benchmarks.problem import Ints
from benchmarks.whole import pairs as plain
from benchmarks.whole.month import Given
from matcher.formulation.network import Network
from matcher.solve.lexicographic import Face


def varying(net: Network, face: Face) -> Face:
    """Return a face without the arcs on which all its flows agree: those outside strongly connected residual components."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    free = np.flatnonzero(face.free)
    tail, head = net.tail[free], net.head[free]
    forward, backward = face.flow[free] < net.capacity[free], face.flow[free] > 0
    start, end = np.concatenate([tail[forward], head[backward]]), np.concatenate([head[forward], tail[backward]])
    graph = csr_array((np.ones(len(start), np.int8), (start, end)), (net.nodes, net.nodes))
    component = connected_components(graph, connection="strong")[1]
    left = face.free.copy()
    left[free[component[tail] != component[head]]] = False
    return replace(face, free=left)


def pairs(given: Given, done: Callable[[str], object]) -> tuple[Ints, Ints]:
    """Return the (household, cadre) columns of the one best roster, fixed pairs left out."""
    return plain.pairs(given, done, varying)
