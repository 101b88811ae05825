"""A solved network's flow carried over to another network of the same kind: arc by arc, known by what they stand for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.domain import Instance, Ints
from matcher.formulation.build import HubNetwork
from matcher.formulation.network import PARALLEL, Kind, Network
from matcher.integers import order_of


@dataclass(frozen=True)
class Carried:
    """What of another network's solution fits a network.

    Attributes
    ----------
    origin : (nodes,) int
        The other network's node that stands for the same; -1 where there is none.
    flow : (arcs,) int
        Within the capacities; not yet balanced (see :func:`surplus`).
    """

    origin: Ints
    flow: Ints


def carry(old: tuple[Instance, HubNetwork, Ints], instance: Instance, hubs: HubNetwork, order: tuple[str, ...]) -> Carried:
    """Return another network's flow as far as this network has its arcs.

    Parameters
    ----------
    old : (Instance, HubNetwork, (arcs,) int)
        The other network with its flow.
    """
    before, known, flow = old
    origin = _origins(before, known, instance, hubs, order)
    return Carried(origin, _flows(known.network, hubs.network, origin, flow))


def surplus(network: Network, flow: Ints) -> Ints:
    """Return how much more comes into every node than leaves it; all 0 where the flow is one."""
    used = np.flatnonzero(flow)
    leaves, comes = (np.bincount(end[used], flow[used], network.nodes).astype(np.int64) for end in (network.tail, network.head))
    return np.asarray(network.supply - leaves + comes)


def absorb(network: Network, flow: Ints) -> Ints:
    """Let units' and townships' own arcs to the sink take up what is too much or too little there; return the surplus that is left."""
    short = surplus(network, flow)
    arcs = np.concatenate([network.of_kind(Kind.UNIT), network.of_kind(Kind.BYPASS)])
    changed = flow.copy()
    changed[arcs] = np.clip(flow[arcs] + short[network.tail[arcs]], 0, network.capacity[arcs])
    replace_flow(network, flow, changed, short)
    return short


def replace_flow(network: Network, flow: Ints, by: Ints, short: Ints) -> None:
    """Replace a flow by one that differs on few arcs, and correct every node's surplus; both arrays are changed."""
    arcs = np.flatnonzero(flow != by)
    more = by[arcs] - flow[arcs]
    np.subtract.at(short, network.tail[arcs], more)
    np.add.at(short, network.head[arcs], more)
    flow[arcs] = by[arcs]


def _origins(before: Instance, known: HubNetwork, instance: Instance, hubs: HubNetwork, order: tuple[str, ...]) -> Ints:
    place = _numbers(before.place_names, instance.place_names)
    same = np.zeros(1, np.int64)
    needs, skills = ((_numbers(before.needs_names, instance.needs_names), _numbers(before.skills_names, instance.skills_names))
                     if "fit" in order else (same, same))
    unit = _numbers(before.unit_names, instance.unit_names)[hubs.limited_units]
    a, b, c, d = known.needs, known.skills, hubs.needs, hubs.skills
    origins = (
        same,
        _shifted(located((known.townships,), (place[hubs.townships],)), 1),
        _shifted(_numbers(before.households.ids, instance.households.ids), known.first_household),
        _shifted(located((a.place, a.needs, a.band), (place[c.place], needs[c.needs], c.band)), known.first_need),
        _shifted(located((b.place, b.linked, b.skills, b.level), (place[d.place], d.linked, skills[d.skills], d.level)), known.first_skill),
        _shifted(_numbers(before.cadres.ids, instance.cadres.ids), known.first_cadre),
        _shifted(located((known.limited_units,), (unit,)), known.first_cadre + len(before.cadres)),
    )
    return np.concatenate(origins)


def _shifted(numbers: Ints, first: int) -> Ints:
    return np.where(numbers >= 0, numbers + first, -1)


def _numbers(old: tuple[str, ...], new: tuple[str, ...]) -> Ints:
    """Return the number that every new name had, -1 where it is new."""
    if old == new:
        return np.arange(len(new))
    number = {name: k for k, name in enumerate(old)}
    return np.fromiter((number.get(name, -1) for name in new), np.int64, len(new))


def located(known: tuple[Ints, ...], wanted: tuple[Ints, ...]) -> Ints:
    """Return the row among known rows that equals every wanted row, -1 where none does."""
    if all(np.array_equal(one, other) for one, other in zip(known, wanted, strict=True)):
        return np.arange(len(known[0]))
    keys, asked = np.zeros(len(known[0]), np.int64), np.zeros(len(wanted[0]), np.int64)
    there = np.ones(len(asked), np.bool_)
    for one, other in zip(known, wanted, strict=True):
        low = min(int(one.min(initial=0)), 0)
        width = int(one.max(initial=0)) - low + 2
        there &= (other >= low) & (other < low + width)
        keys, asked = keys * width + (one - low), asked * width + (other - low)
    if not len(keys):
        return np.full(len(asked), -1, np.int64)
    if (keys[1:] < keys[:-1]).any():
        order = order_of(keys)
        keys = keys[order]
    else:
        order = np.arange(len(keys))
    at = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return np.where(there & (keys[at] == asked), order[at], -1)


def _flows(old: Network, new: Network, origin: Ints, flow: Ints) -> Ints:
    """Return every arc's old flow; an arc is known by its kind, its ends and, of parallel ones, its place among them."""
    place = np.full(old.nodes, -1, np.int64)
    known = np.flatnonzero(origin >= 0)
    place[origin[known]] = known
    found = np.zeros(len(new.tail), np.int64)
    used = np.flatnonzero(flow > 0)
    for kind, block in new.blocks.items():
        if kind not in old.blocks:
            continue
        before, known_by = old.blocks[kind], _known_by(new, kind, block, None)
        wanted = _known_by(old, kind, before, place)
        left = np.flatnonzero((wanted[0] >= 0) & (wanted[1] >= 0))
        if len(left) == len(known_by[0]) and all(map(np.array_equal, known_by, (column[left] for column in wanted))):
            found[block] = flow[before][left]  # most often nothing else has come or gone
            continue
        here = used[np.searchsorted(used, before.start) : np.searchsorted(used, before.stop)]
        at = located(known_by, _known_by(old, kind, here, place))
        found[block.start + at[at >= 0]] = flow[here[at >= 0]]
    return np.minimum(found, new.capacity)


def _known_by(network: Network, kind: int, arcs: Ints | slice, place: Ints | None) -> tuple[Ints, ...]:
    """Return what arcs of a kind are known by, in the order in which they stand, so that nothing need be sorted."""
    ends = [end[arcs] if place is None else place[end[arcs]] for end in (network.tail, network.head)]
    if kind == Kind.ENTER:
        ends.reverse()
    return (*ends, network.detail[arcs]) if kind in PARALLEL else tuple(ends)
