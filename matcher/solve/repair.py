"""A solved month's flow repaired for a month that differs little from it, instead of solving that one from the start.

The flow and its potentials are carried over; what is no longer possible is cancelled, what has become better is done, and both
are brought to balance by shortest augmenting paths. All levels, the households' draw among them, are searched as one. What
comes out is proved level by level like any other flow, so it is optimal; and as all optimal flows leave the same face, the
draw decides alike and the roster is the one that solving from the start gives. Source: reoptimisation of minimum-cost flows
(Ahuja, Magnanti, Orlin, *Network Flows*, 1993, sections 9.7 and 9.11).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from matcher.domain import Instance, Ints, Mask
from matcher.formulation.build import HubNetwork
from matcher.formulation.network import Kind, Network
from matcher.formulation.objectives import COSTLY, Objective
from matcher.solve.augment import Augmenter, Combined
from matcher.solve.carry import Carried, absorb, carry, replace_flow
from matcher.solve.draw import ARC_DRAW, HOUSEHOLD_DRAW, drawn_of, household_costs
from matcher.solve.lexicographic import Face, Level, proved, whole_face
from matcher.solve.potentials import EVERY, distances, reduced_costs
from matcher.solve.words import Cost, Words, joined

MOST_UNITS, MOST_LOOKED_AT = 200, 150_000
"""Units to be brought elsewhere, and arcs looked at for it, beyond which solving from the start is faster."""
_WIDE, _LOWERED = 32, 12


@dataclass(frozen=True)
class Round:
    """A network that was solved: the month's or, where hubs dealt somebody twice, that of one round.

    Attributes
    ----------
    flow : (arcs,) int
        The only optimal one.
    levels : tuple of (str, (nodes,) int)
        Name and potentials of every level of the proof, without the arcs' draw.
    arcs : (nodes,) int or None
        Potentials of the arcs' draw; None where nothing was left to it.
    led : dict of bool to list of (nodes,) int
        Potentials of the levels that lead to the sink (True), or from it (False), where these are known; see :func:`led`.
    """

    instance: Instance
    hubs: HubNetwork
    flow: Ints
    levels: tuple[tuple[str, Ints], ...]
    arcs: Ints | None
    led: dict[bool, list[Ints]]


class Repaired(NamedTuple):
    """What solving from the start gives up to the draw of arcs.

    Attributes
    ----------
    face : Face
        Of all flows that are optimal in all levels; its potentials prove it, but need not be those of solving from the start.
    drawn : (k,) int
        See :func:`matcher.solve.draw.draw_households`.
    arcs : (nodes,) int or None
        Potentials for the draw of arcs to begin from: those of the other month.
    """

    face: Face
    drawn: Ints
    arcs: Ints | None


def levels_of(network: Network, wanted: Sequence[Objective], cut: int, ids: tuple[str, ...], seed: str) -> list[tuple[str, Ints]]:
    """Return the name and the cost of every level of a proof, the households' draw after the first ``cut`` objectives."""
    draw = [(HOUSEHOLD_DRAW, household_costs(network, ids, seed))]
    parts = [[(o.name, cost) for o in some for cost in o.proof] for some in (wanted[:cut], wanted[cut:])]
    return [*parts[0], *draw, *parts[1]]


def led(base: Round, levels: Sequence[tuple[str, Ints]], forward: bool) -> list[Ints]:
    """Return potentials of every level that tell how far it is, as the flow is, from every node to the sink, or from the sink to it.

    By them the nearest way there costs nothing, and a unit that has lost its place, or a place that has lost its unit, finds it
    at once; else its search would look at all who are nearly alike. They prove the flow optimal like those that the round has.

    Parameters
    ----------
    levels : sequence of (str, (arcs,) int)
        Name and costs of the round's levels.
    """
    network, known = base.hubs.network, [potential for _, potential in base.levels]
    words = Words.of([_cost(network, *level) for level in levels], known)
    if words is None:
        return known
    tight, sink = np.ones(len(base.flow), np.bool_), np.arange(network.nodes) == 0
    for k, cost in enumerate(words.cost):
        reduced = reduced_costs(network, cost, words.potential[k])
        room, used = np.flatnonzero(tight & (base.flow < network.capacity)), np.flatnonzero(tight & (base.flow > 0))
        start, end = np.append(network.tail[room], network.head[used]), np.append(network.head[room], network.tail[used])
        length = np.append(reduced[room], -reduced[used])
        words.potential[k] += -distances(end, start, length, sink) if forward else distances(start, end, length, sink)
        tight &= reduced_costs(network, cost, words.potential[k]) == 0
    found = words.levels_of(words.potential)
    return found if words.hold(found) else known


def repaired(
    base: Round, potentials: Sequence[Ints], instance: Instance, hubs: HubNetwork, levels: Sequence[tuple[str, Ints]],
    order: tuple[str, ...],
) -> Repaired | None:
    """Return what solving from the start gives up to the draw of arcs, from another month's; None where that is not the shorter way.

    Parameters
    ----------
    potentials : sequence of (nodes,) int
        Of the other month's levels.
    """
    net = hubs.network
    carried = carry((base.instance, base.hubs, base.flow), instance, hubs, order)
    words = Words.of([_cost(net, *level) for level in levels], [_carried(potential, carried) for potential in potentials])
    if words is None:
        return None
    short = absorb(net, carried.flow)
    cost = Combined(words.cost, words.bits)
    potential = _filled_in(net, carried, words, cost)
    found = _balanced(net, carried.flow, short, words, cost, potential)
    if found is None:
        return None
    proof = _proved(net, found, levels, words, potential)
    return Repaired(*proof, None if base.arcs is None else _carried(base.arcs, carried)) if proof else None


def _cost(network: Network, name: str, column: Ints) -> Cost:
    alone = name == HOUSEHOLD_DRAW  # for it is proved, and who is drawn is seen, after all before
    return Cost(column, [network.span(kind) for kind in ((Kind.ENTER,) if alone else COSTLY[name])], alone)


def _carried(potential: Ints, carried: Carried) -> Ints:
    """Return the potentials of the nodes that there were before, for the others any."""
    return np.asarray(potential[np.maximum(carried.origin, 0)])


def arcs_repaired(network: Network, face: Face, cost: Ints, potential: Ints) -> Face | None:
    """Return the face after the draw of arcs, from potentials of another month's draw; None where that is not the shorter way.

    Parameters
    ----------
    network : Network
        The arcs that vary, with the flow of the face in balance on them.
    cost : (arcs,) int
        Their tickets.
    potential : (nodes,) int
    """
    words = Words.of([Cost(cost)], [potential])
    if words is None:
        return None
    combined = Combined(words.potential, words.bits)
    flow = _balanced(network, face.flow.copy(), np.zeros(network.nodes, np.int64), words, Combined(words.cost, words.bits), combined)
    if flow is None:
        return None
    (column,) = words.split(combined)
    free = _proved_by(network, Face(flow, face.free), cost, column)
    return Face(flow, free, (*face.levels, Level(ARC_DRAW, cost, column))) if free is not None else None


def _proved(
    network: Network, flow: Ints, levels: Sequence[tuple[str, Ints]], words: Words, potential: Combined
) -> tuple[Face, Ints] | None:
    """Return the face that the potentials prove and who is drawn in it, None if they prove nothing.

    A word's reduced cost has the sign of its first level that is not 0, for no level leaves its room.
    """
    potentials = words.split(potential)
    columns = words.levels_of(potentials)
    if not words.hold(columns):
        return None
    face, at = Face(flow, np.ones(len(flow), np.bool_)), 0
    for cost, column, part in zip(words.cost, potentials, words.parts, strict=True):
        if levels[at][0] == HOUSEHOLD_DRAW:
            drawn, varying = drawn_of(network, face)
        better = _proved_by(network, face, cost, column)
        if better is None:
            return None
        face, at = Face(flow, better), at + len(part)
    return Face(flow, face.free & varying, tuple(Level(*level, column) for level, column in zip(levels, columns, strict=True))), drawn


def proved_anew(network: Network, flow: Ints, levels: Sequence[tuple[str, Ints]]) -> Face:
    """Return the face of an optimal flow with the potentials that solving from the start gives, as the certificate wants them."""
    face = Face(flow, whole_face(network).free)
    for name, cost in levels:
        face = proved(network, face, Objective(name, cost, (cost,), (cost,)))
    return face


def _proved_by(network: Network, face: Face, cost: Ints, potential: Ints) -> Mask | None:
    """Return the arcs that stay free, if these potentials prove the flow optimal among those of a face."""
    arcs = EVERY if face.free.all() else np.flatnonzero(face.free)
    reduced, flow = reduced_costs(network, cost, potential, arcs), face.flow[arcs]
    if (((reduced < 0) & (flow < network.capacity[arcs])) | ((reduced > 0) & (flow > 0))).any():
        return None
    free = np.zeros(len(face.free), np.bool_)
    free[arcs] = reduced == 0
    return free


def _filled_in(network: Network, carried: Carried, words: Words, cost: Combined) -> Combined:
    """Return the potentials, those of new nodes such that what leaves them costs nothing less than 0 if it can be."""
    potential = Combined(words.potential, words.bits)
    new = np.flatnonzero(carried.origin < 0)
    if not len(new):
        return potential
    fresh = np.zeros(network.nodes, np.bool_)
    fresh[new] = True
    arcs = np.flatnonzero(fresh[network.tail])
    leaving: dict[int, list[tuple[int, int]]] = {int(node): [] for node in new}
    for arc, tail, head in zip(*(column.tolist() for column in (arcs, network.tail[arcs], network.head[arcs])), strict=True):
        leaving[tail].append((head, cost[arc]))
    left = set(leaving)
    while left:  # what a node leads to comes first; the network has no cycle but through the sink, which is never new
        ready = sorted(node for node in left if not any(head in left for head, _ in leaving[node]))
        for node in ready:
            potential[node] = max((potential[head] - c for head, c in leaving[node]), default=0)
        left -= set(ready)
        if not ready:
            break
    return potential


def _balanced(network: Network, flow: Ints, short: Ints, words: Words, cost: Combined, potential: Combined) -> Ints | None:
    """Return the carried flow with all done that pays and all undone that no longer does, in balance again; it is changed in place."""
    for _ in range(_LOWERED):
        columns = words.split(potential)
        reduced = [reduced_costs(network, c, p) for c, p in zip(words.cost, columns, strict=True)]
        sign = _signs(reduced)
        wide = np.flatnonzero((sign < 0) & (network.capacity - flow > _WIDE) & (network.head > 0))
        if not len(wide):
            break
        for arc, tail, head in zip(*(column.tolist() for column in (wide, network.tail[wide], network.head[wide])), strict=True):
            potential[head] = min(potential[head], potential[tail] + cost[arc])
    else:
        return None
    replace_flow(network, flow, np.where(sign < 0, network.capacity, np.where(sign > 0, 0, flow)), short)
    if int(np.maximum(short, 0).sum()) > MOST_UNITS:
        return None
    augmenter = Augmenter(network, flow, Combined(*joined(reduced, words.bits)), short)
    if not augmenter.run(MOST_LOOKED_AT):
        return None
    for node, by in augmenter.raised.items():
        potential[node] += by
    return flow


def _signs(reduced: Sequence[Ints]) -> Ints:
    """Return the sign of every arc's reduced cost, the earlier words before the later."""
    sign = np.sign(reduced[0])
    for column in reduced[1:]:
        rest = np.flatnonzero(sign == 0)
        sign[rest] = np.sign(column[rest])
    return sign
