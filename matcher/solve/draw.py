"""The draw: among equals the public lot decides, so that the roster is the only one and anyone can redraw it.

A ticket is the first 8 bytes of SHA-256 of ``seed|kind|names`` (UTF-8), big-endian. Households' tickets decide who is
served among equals; a ticket on every arc then leaves one flow. Cut to the bits that the solver's bound allows; if two
tickets meet, a counter is added to the seed and the draw repeated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

from matcher.domain import Ints
from matcher.errors import ProofError
from matcher.formulation.network import Kind, Network
from matcher.formulation.objectives import Objective
from matcher.messages import N_, message
from matcher.solve.components import cyclic_arcs, varying_arcs
from matcher.solve.flow import most_cost
from matcher.solve.lexicographic import Face, optimise

_TRIES = 8
HOUSEHOLD_DRAW, ARC_DRAW = "household_draw", "arc_draw"


def tickets(seed: str, kind: str, names: Iterable[str]) -> list[int]:
    """Return the 64-bit ticket of every name."""
    prefix = hashlib.sha256(f"{seed}|{kind}|".encode())
    found = []
    for name in names:
        digest = prefix.copy()
        digest.update(name.encode())
        found.append(int.from_bytes(digest.digest()[:8]))
    return found


def bits(network: Network) -> int:
    """Return how many bits of a ticket the solver's bound on costs leaves."""
    return min(63, most_cost(network.nodes).bit_length() - 1)


def draw_households(network: Network, face: Face, ids: tuple[str, ...], seed: str) -> tuple[Face, Ints]:
    """Return the face after the households' tickets, and the households whose cadres the lot decided, sorted.

    The smaller ticket wins. A household's second cadre counts half its ticket's worth, the third a quarter, so that a
    cadre more never comes before a cadre at all.
    """
    varying, _ = varying_arcs(network, face.free, face.flow)
    enter = varying[network.kind[varying] == Kind.ENTER]
    if not len(enter):
        return face, enter
    drawn = np.unique(network.subject[enter])
    worth = np.zeros(len(ids), np.int64)
    top = (1 << 64) - 1
    worth[drawn] = [(top - t) >> (64 - bits(network)) for t in tickets(seed, "household", (ids[h] for h in drawn))]
    cost = np.zeros(len(network.tail), np.int64)
    cost[enter] = -(worth[network.subject[enter]] >> np.minimum(network.detail[enter], 62))
    return optimise(network, face, [Objective(HOUSEHOLD_DRAW, cost, (cost,), (cost,))]), drawn


def draw_arcs(network: Network, face: Face, seed: str) -> Face:
    """Return the face of a single flow, by a ticket on every arc that may still vary.

    Raises
    ------
    ProofError
        Tickets met in every try, which chance does not explain.
    """
    for counter in range(_TRIES):
        varying = cyclic_arcs(network, face.free, face.flow)
        if not len(varying):
            return face
        names = (_arc_name(network, int(a)) for a in varying)
        cost = np.zeros(len(network.tail), np.int64)
        cost[varying] = [t >> (64 - bits(network)) for t in tickets(seed if not counter else f"{seed}|{counter}", "arc", names)]
        face = optimise(network, face, [Objective(ARC_DRAW, cost, (cost,), (cost,))])
    raise ProofError(message(N_("The draw did not come to an end; nothing was written.")))


def _arc_name(network: Network, arc: int) -> str:
    kind, tail, head = Kind(int(network.kind[arc])), network.tail[arc], network.head[arc]
    nth = f"\x1f{network.detail[arc]}" if kind in (Kind.ENTER, Kind.SEAT) else ""
    return f"{kind.name}\x1f{network.node_names[tail]}\x1f{network.node_names[head]}{nth}"
