"""The draw: among equals the public lot decides, so that the roster is the only one and anyone can redraw it.

A ticket is the first bits of SHA-256 of ``seed|kind|names`` (UTF-8), big-endian. Households' tickets decide who is served
among equals; a ticket on every arc then leaves one flow. A ticket has 32 bits, fewer only where the solver's bound demands
it; if two tickets meet, a counter is added to the seed and the draw repeated. docs/certificate.md holds the whole rule.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from matcher.domain import Ints, Mask
from matcher.errors import ProofError
from matcher.formulation.network import Kind, Network
from matcher.formulation.objectives import Objective
from matcher.integers import unique
from matcher.messages import N_, message
from matcher.solve.components import cyclic_arcs, varying_arcs
from matcher.solve.lexicographic import Face, Level, optimise, proved

Tickets = npt.NDArray[np.uint64]
_TRIES = 8
_MOST_KEPT = 100_000
"""People up to which tickets are kept one by one, for other months with most of the same people."""
HOUSEHOLD_DRAW, ARC_DRAW = "household_draw", "arc_draw"


def tickets(seed: str, kind: str, names: Iterable[str]) -> Tickets:
    """Return the 64-bit ticket of every name."""
    begun, digests = hashlib.sha256(f"{seed}|{kind}|".encode()).copy, []
    for name in names:
        digest = begun()
        digest.update(name.encode())
        digests.append(digest.digest())
    return np.frombuffer(b"".join(digests), ">u8")[::4].astype(np.uint64)


@lru_cache(maxsize=4)
def people_tickets(seed: str, kind: str, ids: tuple[str, ...]) -> Tickets:
    """Return the tickets of everybody of a kind, made once: the draw and the deal, and months of much the same people, ask for them."""
    if len(ids) > _MOST_KEPT:
        return tickets(seed, kind, ids)
    known = _drawn(seed, kind)
    new = ids if known.keys().isdisjoint(ids) else [name for name in ids if name not in known]
    known.update(zip(new, tickets(seed, kind, new).tolist(), strict=True))
    return np.array(list(map(known.__getitem__, ids)), np.uint64)


@lru_cache(maxsize=4)
def _drawn(*_seed_and_kind: str) -> dict[str, int]:
    """Return the tickets that were drawn so far with a seed for a kind: filled where they are asked for."""
    return {}


def ticket_bits(nodes: int) -> int:
    """Return how many bits of a ticket count: 32, or 62 − 2k where 2^k, the next power of two to the nodes, leaves fewer."""
    return min(32, 62 - 2 * (nodes - 1).bit_length())


def household_costs(network: Network, ids: tuple[str, ...], seed: str) -> Ints:
    """Return the costs of the households' draw: every household's ticket on its arcs, the smaller ticket the better."""
    bits = ticket_bits(network.nodes)
    first = people_tickets(seed, "household", ids) >> np.uint64(64 - bits)
    worth = (1 << bits) - 1 - first.astype(np.int64)
    enter = network.of_kind(Kind.ENTER)
    cost = np.zeros(len(network.tail), np.int64)
    cost[enter] = -(worth[network.subject[enter]] >> np.minimum(network.detail[enter], 62))
    return cost


def draw_households(network: Network, face: Face, ids: tuple[str, ...], seed: str) -> tuple[Face, Ints]:
    """Return the face after the households' tickets, and the households whose cadres the lot decided, sorted.

    The smaller ticket wins. A household's second cadre counts half its ticket's worth, the third a quarter, so that a
    cadre more never comes before a cadre at all. Every household has its ticket in the costs, also where nothing is left to
    decide: so nobody need say for whom it was before the proof can be checked.
    """
    cost = household_costs(network, ids, seed)
    varying, _ = varying_arcs(network, face.free, face.flow)
    drawn = _households_of(network, varying)
    column = (cost,)
    objective = Objective(HOUSEHOLD_DRAW, cost, column, column)
    if not len(drawn):
        return proved(network, face, objective), drawn
    return optimise(network, face, [objective], among=_mask(network, varying)), drawn


def drawn_of(network: Network, face: Face) -> tuple[Ints, Mask]:
    """Return the households whose cadres the lot decides among the flows of a face, sorted, and the arcs that can vary in it."""
    varying, _ = varying_arcs(network, face.free, face.flow)
    return _households_of(network, varying), _mask(network, varying)


def _households_of(network: Network, varying: Ints) -> Ints:
    return unique(network.subject[varying[network.kind[varying] == Kind.ENTER]])


def draw_arcs(network: Network, face: Face, seed: str, known: Callable[[Network, Face, Ints], Face | None] | None = None) -> Face:
    """Return the face of a single flow, by a ticket on every arc that may still vary.

    Parameters
    ----------
    known : callable, optional
        Given the part of the network that varies, a face and the arcs' tickets, it returns what optimising gives, None if it cannot.

    Raises
    ------
    ProofError
        Tickets met in every try, which chance does not explain.
    """
    arcs = cyclic_arcs(network, face.free, face.flow)
    inner, rest = network.part(arcs, face.flow), Face(face.flow[arcs], np.ones(len(arcs), np.bool_))  # nothing else can vary
    varying = np.arange(len(arcs))
    for counter in range(_TRIES):
        if not len(varying):
            return _put_back(face, arcs, rest)
        names = _arc_names(inner, varying)
        cost = np.zeros(len(arcs), np.int64)
        drawn = tickets(seed if not counter else f"{seed}|{counter}", "arc", names)
        cost[varying] = drawn >> np.uint64(64 - ticket_bits(network.nodes))
        column = (cost,)
        found = known(inner, rest, cost) if known and not counter else None
        rest = found or optimise(inner, rest, [Objective(ARC_DRAW, cost, column, column)], among=_mask(inner, varying))
        varying = cyclic_arcs(inner, rest.free, rest.flow)
    raise ProofError(message(N_("The draw did not come to an end; nothing was written.")))


def _put_back(face: Face, arcs: Ints, found: Face) -> Face:
    """Return a face that was narrowed among some of its arcs alone as one of the whole network."""
    flow, free = face.flow.copy(), face.free.copy()
    flow[arcs], free[arcs] = found.flow, found.free
    levels = []
    for level in found.levels:
        cost = np.zeros(len(flow), np.int64)
        cost[arcs] = level.cost
        levels.append(Level(level.name, cost, level.potential))
    return Face(flow, free, (*face.levels, *levels))


def _mask(network: Network, arcs: Ints) -> Mask:
    found = np.zeros(len(network.tail), np.bool_)
    found[arcs] = True
    return found


def _arc_names(network: Network, arcs: Ints) -> list[str]:
    called = {int(kind): kind.name for kind in Kind}
    numbers = unique(np.concatenate([network.tail[arcs], network.head[arcs]]))
    nodes = dict(zip(numbers.tolist(), network.names(numbers), strict=True))
    columns = (column[arcs].tolist() for column in (network.kind, network.tail, network.head, network.detail))
    return [
        f"{called[kind]}\x1f{nodes[tail]}\x1f{nodes[head]}" + (f"\x1f{nth}" if kind in (Kind.ENTER, Kind.SEAT) else "")
        for kind, tail, head, nth in zip(*columns, strict=True)
    ]
