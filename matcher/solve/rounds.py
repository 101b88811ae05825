"""The whole solution of an instance: rounds of relaxations until the hubs have dealt nobody the same cadre twice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.domain import Instance, Ints
from matcher.formulation.build import FIRST_SEATS, HubNetwork, Relaxation, build, seats_of
from matcher.formulation.objectives import objectives
from matcher.integers import order_of
from matcher.people.permission import Permission
from matcher.solve.deal import deal
from matcher.solve.draw import draw_arcs, draw_households
from matcher.solve.lexicographic import Face, optimise, whole_face
from matcher.solve.near import Asked, Near


@dataclass(frozen=True)
class Task:
    """What is to be optimised: the objectives in order, how ties are broken.

    Attributes
    ----------
    position : str
        ``last``, or the objective after which the households' tickets are drawn.
    guess : bool
        False: in stages from the start.
    """

    order: tuple[str, ...]
    by_income: bool
    leximax: bool
    seed: str
    position: str
    guess: bool = True


@dataclass(frozen=True)
class Solution:
    """The best roster of an instance.

    Attributes
    ----------
    household, cadre : (pairs,) int
        Sorted by household, then cadre; fixed pairs included.
    drawn : (k,) int
        Households for whom the lot decided, so far as the hubs tell, whether they have (one more) cadre.
    hubs : HubNetwork
        The network of the last round.
    face : Face
        The flow and the proof.
    twice : frozenset of (household, cadre)
        Pairs that a hub dealt twice in an earlier round.
    """

    household: Ints
    cadre: Ints
    drawn: Ints
    hubs: HubNetwork
    face: Face
    twice: frozenset[tuple[int, int]]


def solve(instance: Instance, permission: Permission, task: Task, near: Near | None = None) -> Solution:
    """Return the best roster.

    Each round is a relaxation of the month, so a round whose roster stands is exact. Seats are modelled up to a bound that
    is raised where it was reached: the next seat of a cadre who has one to spare is never better.

    Parameters
    ----------
    near : Near, optional
        Months solved before, to begin from; this one is added to them.
    """
    if near is not None:
        near.begin(Asked(task.order, task.by_income, task.leximax, task.seed, task.position, instance.bands), instance)
    most = seats_of(instance, permission)
    relaxation = Relaxation(frozenset(), np.minimum(most, FIRST_SEATS) if "balance" in task.order else most)
    while True:
        hubs = build(instance, permission, task.order, relaxation)
        face, drawn = _solved(instance, hubs, task, near)
        household, cadre = deal(instance, hubs, face.flow, task.seed)
        keys, times = np.unique(household * len(instance.cadres) + cadre, return_counts=True)
        load = np.bincount(cadre, minlength=len(instance.cadres))
        full = (load >= relaxation.seats) & (relaxation.seats < most)
        again = {(int(k) // len(instance.cadres), int(k) % len(instance.cadres)) for k in keys[times > 1]}
        if not again and not full.any():
            break
        seats = np.where(full, np.minimum(most, 2 * relaxation.seats), relaxation.seats)
        relaxation = Relaxation(relaxation.dealt_twice | again, seats)
    household = np.concatenate([household, instance.fixed.household])
    cadre = np.concatenate([cadre, instance.fixed.cadre])
    order = order_of(household, cadre)
    return Solution(household[order], cadre[order], drawn, hubs, face, relaxation.dealt_twice)


def _solved(instance: Instance, hubs: HubNetwork, task: Task, near: Near | None) -> tuple[Face, Ints]:
    """Return the single optimal flow, and who was decided by lot."""
    network = hubs.network
    wanted = objectives(instance, hubs, task.order, task.by_income, task.leximax)
    cut = len(wanted) if task.position == "last" else task.order.index(task.position) + 1
    found = near.face(instance, hubs, wanted, cut, task.seed) if near else None
    if found is None:
        face = optimise(network, whole_face(network), wanted[:cut], task.guess)
        face, drawn = draw_households(network, face, instance.households.ids, task.seed)
        found = optimise(network, face, wanted[cut:], task.guess), drawn
    face = draw_arcs(network, found[0], task.seed, near.arcs if near else None)
    if near:
        near.solved(instance, hubs, face)
    return face, found[1]
