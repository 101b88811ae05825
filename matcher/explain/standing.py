"""A roster as it stands: its flow, and the graph of every way to rearrange it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matcher.domain import Instance, Ints, Mask
from matcher.explain.distances import Distances, Graph, distances
from matcher.explain.levels import Level, Shape, levels_of
from matcher.explain.routes import flow_of
from matcher.formulation.build import HubNetwork, Relaxation, build, seats_of
from matcher.formulation.network import Kind
from matcher.integers import among
from matcher.people.permission import Permission
from matcher.solve.rounds import Task


@dataclass(frozen=True)
class Standing:
    """The best roster of an instance and what moves from it cost.

    Every household of several partners has an arc of its own to each cadre it has, so no single rearrangement can give it
    one of them twice: a path or a cycle passes a household once.

    Attributes
    ----------
    household, cadre : (pairs,) int
        Sorted; fixed pairs included.
    flow : (arcs,) int
    shape : Shape
        How differences are told.
    """

    instance: Instance
    permission: Permission
    task: Task
    household: Ints
    cadre: Ints
    hubs: HubNetwork
    flow: Ints
    shape: Shape

    @staticmethod
    def of(
        instance: Instance, permission: Permission, task: Task, household: Ints, cadre: Ints, shape: Shape | None = None
    ) -> Standing:
        """Return the standing of a roster; where it is a part of a larger one, the larger one's shape belongs to it.

        Raises
        ------
        ProofError
            The pairs do not fit the instance.
        """
        width = len(instance.cadres)
        fixed = among(household * width + cadre, np.sort(instance.fixed.household * width + instance.fixed.cadre))
        free = household[~fixed], cadre[~fixed]
        several = instance.households.partners[free[0]] > 1
        own = frozenset(zip(free[0][several].tolist(), free[1][several].tolist(), strict=True))
        taken = np.bincount(free[1], minlength=width)
        hubs = build(instance, permission, task.order, Relaxation(own, np.minimum(seats_of(instance, permission), taken + 1)))
        flow = flow_of(instance, permission, hubs, *free)
        return Standing(instance, permission, task, household, cadre, hubs, flow, shape or Shape.of(instance, task, cadre))

    @cached_property
    def load(self) -> Ints:
        """Every cadre's load."""
        return np.asarray(np.bincount(self.cadre, minlength=len(self.instance.cadres)), np.int64)

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The levels of the comparison, the most important first."""
        return levels_of(self.instance, self.hubs, self.task, self.load)

    @cached_property
    def graph(self) -> Graph:
        """The residual graph with the levels of the comparison."""
        return self.graph_of(self.levels)

    def graph_of(self, levels: tuple[Level, ...]) -> Graph:
        """Return the residual graph with the given levels: arcs that can carry more, and turned round those that can carry less.

        Of a household's and of a cadre's parallel arcs only the next one and the last one used: the others are never better.
        """
        net = self.hubs.network
        more, less = self.flow < net.capacity, self.flow > 0
        for kind in (Kind.ENTER, Kind.SEAT):
            arcs = net.of_kind(kind)
            arcs = arcs[np.lexsort((net.detail[arcs], net.subject[arcs]))]
            more[_others(arcs, net.subject[arcs], more)] = False
            less[_others(arcs[::-1], net.subject[arcs[::-1]], less)] = False
        forward, backward = np.flatnonzero(more), np.flatnonzero(less)
        start = np.concatenate([net.tail[forward], net.head[backward]])
        end = np.concatenate([net.head[forward], net.tail[backward]])
        return Graph(net.nodes, start, end, tuple(np.concatenate([v.cost[forward], -v.cost[backward]]) for v in levels))

    @cached_property
    def full_units(self) -> dict[int, int]:
        """The units whose limit is used up, with their nodes."""
        unit = self.instance.cadres.unit
        used = np.bincount(unit[self.cadre], minlength=len(self.instance.unit_names))
        first = self.hubs.first_cadre + len(unit)
        return {int(u): first + k for k, u in enumerate(self.hubs.limited_units) if used[u] >= self.instance.unit_capacity[u]}

    @cached_property
    def from_sink(self) -> Distances:
        """What it costs to bring one pairing more to each node, taken from wherever it is best taken."""
        return distances(self.graph, 0)

    @cached_property
    def to_sink(self) -> Distances:
        """What it costs to find a place for one pairing more from each node."""
        return distances(self.graph.backwards(), 0)


def _others(arcs: Ints, who: Ints, usable: Mask) -> Ints:
    """Return the usable arcs of everybody but the first; arcs of one person stand together."""
    arcs, who = arcs[usable[arcs]], who[usable[arcs]]
    return np.asarray(arcs[1:][who[1:] == who[:-1]], np.int64)


def sortable(column: Ints) -> Ints:
    """Return numbers that sort as a column of Python integers does."""
    return np.unique(column, return_inverse=True)[1] if column.dtype == object else column
