"""A linear programming solver in the place of jiedui's minimum-cost flow: the same hubs, stages, tickets and dealing.

Objectives come one after the other, coverage level by level. After each the dual values, rounded to whole numbers, are checked as
potentials on every arc in integers (Bellman–Ford where they are none); a reduced cost that is not zero fixes its arc. Then the
households' tickets and the arcs' until one flow is left. Everything is as in jiedui run in stages, so the roster must be its roster.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Protocol

import numpy as np

from benchmarks.problem import Ints
from benchmarks.whole.month import Given
from matcher.formulation.network import Kind, Network

ARC_DRAWS = 8


class Solver(Protocol):
    """A solver that minimises one cost after the other on a network."""

    def minimise(self, cost: Ints) -> tuple[Ints, Ints]:
        """Return an optimal flow and the nodes' dual values, rounded; reduced costs are cost + dual[tail] − dual[head]."""
        ...

    def fix(self, arcs: Ints, carried: Ints) -> None:
        """Let arcs carry what they carry from now on."""
        ...


def without_ortools() -> None:
    """Let ``matcher.solve`` be imported without OR-Tools, which no hubs peer calls and highspy cannot share a process with."""
    for name in ("ortools", "ortools.graph", "ortools.graph.python", "ortools.graph.python.min_cost_flow"):
        sys.modules[name] = ModuleType(name)
    sys.modules["ortools.graph.python.min_cost_flow"].SimpleMinCostFlow = None  # type: ignore[attr-defined]


def solved(given: Given, solver_of: Callable[[Network], Solver], done: Callable[[str], object]) -> tuple[Ints, Ints]:
    """Return the (household, cadre) columns of the one best roster, fixed pairs left out."""
    without_ortools()
    from matcher.formulation.build import FIRST_SEATS, Relaxation, build, seats_of
    from matcher.solve.deal import deal

    instance, width = given.instance, len(given.instance.cadres)
    most = seats_of(instance, given.permission)
    relaxation = Relaxation(frozenset(), np.minimum(most, FIRST_SEATS) if "balance" in given.order else most)
    while True:  # the same rounds as matcher.solve.rounds; the sample needs one
        hubs = build(instance, given.permission, given.order, relaxation)
        stages = _Stages(hubs.network, solver_of(hubs.network), done)
        stages.objectives(given, hubs)
        stages.draw(given)
        household, cadre = deal(instance, hubs, stages.flow, given.seed)
        keys, times = np.unique(household * width + cadre, return_counts=True)
        full = (np.bincount(cadre, minlength=width) >= relaxation.seats) & (relaxation.seats < most)
        again = {(k // width, k % width) for k in keys[times > 1].tolist()}
        if not again and not full.any():
            return household, cadre
        seats = np.where(full, np.minimum(most, 2 * relaxation.seats), relaxation.seats)
        relaxation = Relaxation(relaxation.dealt_twice | again, seats)


class _Stages:
    """The flows that are optimal so far: one of them, and the arcs on which they may differ."""

    def __init__(self, network: Network, solver: Solver, done: Callable[[str], object]) -> None:
        self._net, self._solver, self._done = network, solver, done
        self.flow, self.free = np.zeros(len(network.tail), np.int64), np.ones(len(network.tail), np.bool_)

    def objectives(self, given: Given, hubs: object) -> None:
        """Go through the policy's objectives, each level a stage."""
        from matcher.formulation.objectives import objectives

        for objective in objectives(given.instance, hubs, given.order, by_income=False, leximax=False):  # type: ignore[arg-type]
            for cost in objective.stages:
                self._stage(objective.name, cost)

    def draw(self, given: Given) -> None:
        """Draw the households' tickets, then the arcs', as jiedui does.

        Raises
        ------
        ArithmeticError
            More than one flow is left.
        """
        from matcher.solve.components import cyclic_arcs, varying_arcs

        varying = varying_arcs(self._net, self.free, self.flow)[0]
        for name, arcs, cost in _tickets(given, self._net, varying[self._net.kind[varying] == Kind.ENTER],
                                         lambda: cyclic_arcs(self._net, self.free, self.flow)):
            column = np.zeros(len(self.flow), np.int64)
            column[arcs] = cost
            self._stage(name, column)

    def _stage(self, name: str, cost: Ints) -> None:
        from matcher.solve.potentials import potentials

        flow, dual = self._solver.minimise(cost)
        reduced = self._reduced(flow, cost, dual)
        if reduced is None:
            exact = potentials(self._net, self.free, flow, cost)
            reduced = None if exact is None else self._reduced(flow, cost, exact)
        if reduced is None:
            raise ArithmeticError(f"{name} is not proved")
        decided = np.flatnonzero(self.free & (reduced != 0))
        self.flow = flow
        self.free[decided] = False
        self._solver.fix(decided, flow[decided])
        self._done(name)

    def _reduced(self, flow: Ints, cost: Ints, potential: Ints) -> Ints | None:
        """Return the reduced costs if the flow is feasible, agrees with what is decided and they prove it optimal, else None."""
        net, free = self._net, self.free
        balance = np.bincount(net.tail, flow, net.nodes) - np.bincount(net.head, flow, net.nodes)
        kept = (flow[~free] == self.flow[~free]).all() and (flow >= 0).all() and (flow <= net.capacity).all()
        reduced = cost + potential[net.tail] - potential[net.head]
        right = ((reduced >= 0) | (flow == net.capacity)) & ((reduced <= 0) | (flow == 0)) | ~free
        return reduced if kept and right.all() and (balance == net.supply).all() else None


def _tickets(given: Given, net: Network, enter: Ints, cyclic: Callable[[], Ints]) -> Iterator[tuple[str, Ints, Ints]]:
    """Yield the stages of the draw: their name, the arcs that have a ticket, and their costs; bits and names are jiedui's."""
    from matcher.solve.draw import _arc_names, household_costs, ticket_bits, tickets

    cut = 64 - ticket_bits(net.nodes)
    if len(enter):
        yield "household_draw", enter, household_costs(net, given.instance.households.ids, given.seed)[enter]
    for counter in range(ARC_DRAWS):
        arcs = cyclic()
        if not len(arcs):
            return
        names = _arc_names(net, arcs)
        drawn_arcs = tickets(given.seed if not counter else f"{given.seed}|{counter}", "arc", names)
        yield "arc_draw", arcs, np.array([t >> cut for t in drawn_arcs], np.int64)
    raise ArithmeticError("more than one flow is left")
