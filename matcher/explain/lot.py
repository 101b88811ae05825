"""The households' lot: whom it decided, and, from a roster alone, whether it is still the best one and the lot was kept."""

from __future__ import annotations

from itertools import chain

import numpy as np

from matcher.domain import Instance, Ints
from matcher.explain.distances import distances
from matcher.explain.levels import draw_level
from matcher.explain.routes import flow_of
from matcher.explain.standing import Standing
from matcher.formulation.build import Relaxation, build
from matcher.formulation.network import Kind
from matcher.formulation.objectives import objectives
from matcher.integers import among
from matcher.people.permission import Permission
from matcher.solve.draw import HOUSEHOLD_DRAW, drawn_of
from matcher.solve.lexicographic import Face
from matcher.solve.potentials import optimal_face
from matcher.solve.rounds import Solution, Task


def decided_by_lot(instance: Instance, permission: Permission, task: Task, solution: Solution) -> Ints:
    """Return the households, sorted, who have another number of cadres in another roster as good before the lot.

    A flow through hubs may stand for no roster, as it may give a household a cadre that it has already. So those who lack several
    cadres go their own way to each that they have, and the same potentials say where this network's flows may differ.
    """
    width = len(instance.cadres)
    fixed = np.sort(instance.fixed.household * width + instance.fixed.cadre)
    free = ~among(solution.household * width + solution.cadre, fixed)
    household, cadre = solution.household[free], solution.cadre[free]
    several = instance.lacking()[household] > 1
    if not len(solution.drawn) or not several.any():
        return solution.drawn
    own = frozenset(zip(household[several].tolist(), cadre[several].tolist(), strict=True))
    before = solution.hubs.network
    seats = before.of_kind(Kind.SEAT)
    places = np.bincount(before.subject[seats], before.capacity[seats], width).astype(np.int64)
    hubs = build(instance, permission, task.order, Relaxation(solution.twice | own, places))
    flow = flow_of(instance, permission, hubs, household, cadre)
    costs = chain.from_iterable(o.proof for o in objectives(instance, hubs, task.order, task.by_income, task.leximax))
    face = np.ones(len(flow), np.bool_)
    for cost, level in zip(costs, solution.face.levels, strict=False):
        if level.name == HOUSEHOLD_DRAW:
            break
        face = optimal_face(hubs.network, face, cost, level.potential)
    return drawn_of(hubs.network, Face(flow, face))[0]


def check_lot(standing: Standing) -> None:
    """Look for a rearrangement that is better in some objective, or as good in all of them and better by lot.

    Raises
    ------
    ProofError
        There is one: the roster is not the one that these tables give.
    """
    levels = standing.levels
    if not any(level.name == HOUSEHOLD_DRAW for level in levels):
        levels = (*levels, draw_level(standing.instance, standing.hubs, standing.task.seed))
    distances(standing.graph_of(levels), 0)
