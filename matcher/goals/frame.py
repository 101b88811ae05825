"""The network of a goal: the hubs of the month with room for what may be added, and an arc for what is short of the goal.

    gate of a township with a quota → township → … → cadre → seats → unit → sink
    what is not paired → B → sink: as much as the goal allows for nothing, the rest at a cost of 1 each

What may grow are arcs beside those of the month: of a cadre, a unit's limit, a township's quota, and for new cadres of one
township a node of their own (households with several partners share n such cadres if none takes more than n of their places:
Gale 1957, Ryser 1957).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matcher.domain import Ints
from matcher.formulation.build import HubNetwork, Relaxation, build, seats_of
from matcher.formulation.network import Kind, Network
from matcher.formulation.objectives import Objective, objectives
from matcher.goals.ground import ADDED, TOWNSHIP, UNIT, Ground, rooms
from matcher.goals.items import wanted_at
from matcher.people.permission import Permission
from matcher.solve.rounds import Task


@dataclass(frozen=True)
class Frame:
    """The network of a goal.

    Attributes
    ----------
    network : Network
        The arcs of ``hubs.network`` come first; those that may grow have capacity 0.
    arcs, item, slope, most : (g,) int
        The arcs that may grow: each step of the item adds the slope, up to the most.
    start, end : (g,) int
        The nodes that a growing arc joins in the end: for a cadre's places the cadre and the unit or the sink. For new cadres a
        household's arc ends at −1: the places are counted where they leave the new cadres' node.
    again : (k,) int
        The arcs of a cadre's places beyond its first added one, which has an arc of its own.
    overflow : int
        The arc of what is short of the goal.
    """

    network: Network
    hubs: HubNetwork
    arcs: Ints
    item: Ints
    slope: Ints
    most: Ints
    start: Ints
    end: Ints
    again: Ints
    overflow: int

    def at(self, steps: Ints) -> Network:
        """Return the network after so many steps of every item."""
        capacity = self.network.capacity.copy()
        capacity[self.arcs] = np.minimum(steps[self.item] * self.slope, self.most)
        return replace(self.network, capacity=capacity)

    def short(self) -> Objective:
        """Return what is short of the goal as an objective."""
        return self.on("short", np.array([self.overflow]), 1)

    def on(self, name: str, arcs: Ints, cost: Ints | int) -> Objective:
        """Return an objective that has a cost on some arcs."""
        column = np.zeros(len(self.network.tail), np.int64)
        column[arcs] = cost
        return Objective(name, column, (column,), (column,))


class _Arcs:
    """Collects what is added to the month's network."""

    def __init__(self, first: int) -> None:
        self.first, self.rows = first, list[tuple[int, int, int]]()
        self.grow = list[tuple[int, int, int, int, int, int]]()
        self.again: list[int] = []

    def add(self, tail: int, head: int, capacity: int) -> int:
        self.rows.append((tail, head, capacity))
        return self.first + len(self.rows) - 1

    def growing(self, item: int, tail: int, head: int, slope: int, most: int, end: int | None = None) -> None:
        self.grow.append((self.add(tail, head, 0), item, slope, most, tail, head if end is None else end))


def frame(ground: Ground, task: Task, target: int, twice: frozenset[tuple[int, int]]) -> Frame:
    """Return the network of a goal.

    Parameters
    ----------
    target : int
        Pairings to reach, fixed ones included.
    twice : frozenset of (household, cadre)
        Pairs that a hub dealt twice before.
    """
    instance = ground.instance
    permission = Permission(instance)
    hubs = build(instance, permission, task.order, Relaxation(twice, seats_of(instance, permission)))
    net, left = hubs.network, instance.lacking()
    wanted = wanted_at(instance, left)[hubs.townships]
    quota = instance.township_capacity[hubs.townships]
    given = net.supply[1 : len(wanted) + 1]
    gated = np.flatnonzero((quota >= 0) & (given < wanted))
    rest, node = net.nodes, net.nodes + 1
    head, capacity, supply = net.head.copy(), net.capacity.copy(), list(net.supply.tolist())
    bypass = net.of_kind(Kind.BYPASS)
    head[bypass] = rest
    capacity[bypass[np.isin(net.tail[bypass], gated + 1)]] = 0
    arcs, supply = _Arcs(len(net.tail)), [*supply, 0]
    of_item = {(i.kind, i.number): k for k, i in enumerate(ground.items)}
    for k in gated.tolist():
        supply[k + 1] = 0
        supply.append(int(wanted[k]))
        arcs.add(node, rest, int(wanted[k]))
        arcs.add(node, k + 1, int(given[k]))
        if (at := of_item.get((TOWNSHIP, int(hubs.townships[k])))) is not None:
            arcs.growing(at, node, k + 1, 1, int(wanted[k] - given[k]))
        node += 1
    nodes = _grow(ground, hubs, arcs, left, node)
    supply += [0] * (nodes - len(supply))
    everybody, needed = int(left.sum()), max(target - len(instance.fixed), 0)
    supply[0] = -everybody
    arcs.add(rest, 0, everybody - needed)
    overflow = arcs.add(rest, 0, needed)
    more = np.array(arcs.rows, np.int64).reshape(-1, 3).T
    none = np.full(len(arcs.rows), -1, np.int64)
    network = Network(
        nodes, np.concatenate([net.tail, more[0]]), np.concatenate([head, more[1]]), np.concatenate([capacity, more[2]]),
        np.concatenate([net.kind, none * 0]), np.concatenate([net.subject, none]), np.concatenate([net.detail, none]),
        np.array(supply, np.int64), tuple,
    )
    grow = np.array(arcs.grow, np.int64).reshape(-1, 6).T
    return Frame(network, hubs, grow[0], grow[1], grow[2], grow[3], grow[4], grow[5], np.array(arcs.again, np.int64), overflow)


def _grow(ground: Ground, hubs: HubNetwork, arcs: _Arcs, left: Ints, node: int) -> int:
    """Add the arcs that grow at cadres, units and for new cadres; return the number of nodes."""
    instance = ground.instance
    room, unit = rooms(instance).tolist(), instance.cadres.unit.tolist()
    after = hubs.first_cadre + len(instance.cadres)
    of_unit = {int(u): after + k for k, u in enumerate(hubs.limited_units)}
    for k, item in enumerate(ground.items):
        if item.kind == UNIT:
            arcs.growing(k, of_unit[item.number], 0, 1, item.most)
        elif item.kind == ADDED:
            here = np.flatnonzero((instance.households.township == item.number) & (left > 0))
            for h in here.tolist():
                arcs.growing(k, hubs.first_household + h, node, 1, int(left[h]), -1)
            arcs.growing(k, node, 0, item.each, item.each * item.most)
            node += 1
        for c in item.cadres.tolist():
            if room[c]:
                end = of_unit.get(unit[c], 0)
                arcs.growing(k, hubs.first_cadre + c, node, 1, room[c], end)
                arcs.add(node, end, 1)
                arcs.again.append(arcs.add(node, end, room[c]))
                node += 1
    return node


def before_coverage(ground: Ground, task: Task, found: Frame) -> list[Objective]:
    """Return what the policy compares before coverage, on the arcs of the frame (nothing on those that grow)."""
    return up_to_coverage(ground, task, found)[:-1]


def up_to_coverage(ground: Ground, task: Task, found: Frame) -> list[Objective]:
    """Return what the policy compares up to and with coverage, on the arcs of the frame (nothing on those that grow)."""
    more = len(found.network.tail) - len(found.hubs.network.tail)

    def wide(column: Ints) -> Ints:
        return np.concatenate([column, np.zeros(more, column.dtype)])

    order = task.order[: task.order.index("coverage") + 1]
    return [
        Objective(o.name, wide(o.guess), tuple(map(wide, o.proof)), tuple(map(wide, o.stages)))
        for o in objectives(ground.instance, found.hubs, order, task.by_income, task.leximax)
    ]
