"""Objectives strictly one after the other, exactly: by guess-and-prove, else in stages; always proved by potentials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matcher.domain import Ints, Mask
from matcher.errors import InputError, ProofError
from matcher.formulation.network import Network
from matcher.formulation.objectives import Objective
from matcher.messages import N_, message
from matcher.solve.flow import min_cost_flow, most_cost
from matcher.solve.potentials import Residual, optimal_face

_QUICK, _SURE = (4,), (100, 60, 30)
"""How much one unit of an objective is worth in units of the next: small weights are solved faster, large ones proved more often."""
_ROUNDS_FOR_A_GUESS = 1000


@dataclass(frozen=True)
class Level:
    """One proved level: the objective it belongs to, its costs and its potentials."""

    name: str
    cost: Ints
    potential: Ints


@dataclass(frozen=True)
class Face:
    """All flows that are optimal so far.

    Attributes
    ----------
    flow : (a,) int
        One of them.
    free : (a,) bool
        The arcs on which they may differ; on all others they carry ``flow``.
    levels : tuple of Level
        The proof.
    residual : Residual or None
        Of the free arcs, where it is known.
    """

    flow: Ints
    free: Mask
    levels: tuple[Level, ...] = ()
    residual: Residual | None = None


def whole_face(network: Network) -> Face:
    """Return the face of all feasible flows (its flow is not one of them yet)."""
    return Face(np.zeros(len(network.tail), np.int64), np.ones(len(network.tail), np.bool_))


def optimise(
    network: Network, face: Face, objectives: Sequence[Objective], guess: bool = True, among: Mask | None = None
) -> Face:
    """Return the flows of a face that are optimal in the objectives, the earlier strictly before the later.

    Parameters
    ----------
    guess : bool
        False: in stages from the start (the result is the same; for tests and for a second opinion).
    among : (a,) bool, optional
        The free arcs that can carry anything else at all, where that is known: the others are left out of the search (the
        proof is on all of them).

    Raises
    ------
    ProofError
        A stage could not be proved: a fault of the program.
    """
    rest = list(objectives)
    movable = face.free if among is None else among
    while rest:
        found = None
        for ratios in (_QUICK, _SURE) if guess else (_SURE,):
            chunk, cost = _chunk(network, rest, ratios)
            found = _guess_and_prove(network, face, chunk, cost, movable) if guess else None
            if found:
                break
        face = found or _in_stages(network, face, chunk, movable)
        rest = rest[len(chunk) :]
    return face


def _chunk(network: Network, objectives: Sequence[Objective], ratios: Sequence[int]) -> tuple[Sequence[Objective], Ints]:
    """Return as many first objectives as fit one solve with dominating weights, and their weighted cost."""
    limit = most_cost(network.nodes)
    for count in range(len(objectives), 0, -1):
        for ratio in ratios:
            weight, weights = 1, []
            for objective in reversed(objectives[:count]):
                weights.append(weight)
                weight *= max(ratio, 2 * _largest(objective.guess))
            sizes = [w * _largest(o.guess) for w, o in zip(weights[::-1], objectives[:count], strict=True)]
            if sum(sizes) <= limit:
                cost = sum((w * o.guess for w, o in zip(weights[::-1], objectives[:count], strict=True)), np.int64(0))
                return objectives[:count], np.asarray(cost)
    name = objectives[0].name
    raise InputError(message(N_("The figures of objective {name} are too large to be solved exactly (at most {most})."),
                                name=name, most=limit))


def _largest(cost: Ints) -> int:
    return int(np.abs(cost).max(initial=1))


def _guess_and_prove(network: Network, face: Face, chunk: Sequence[Objective], cost: Ints, movable: Mask) -> Face | None:
    flow = min_cost_flow(network, movable & face.free, face.flow, cost)
    found = Face(flow, face.free, face.levels)
    for objective in chunk:
        for column in objective.proof:
            better = _prove(network, found, objective.name, column, _ROUNDS_FOR_A_GUESS)
            if better is None:
                return None
            found = better
    return found


def _prove(network: Network, face: Face, name: str, cost: Ints, rounds: int | None = None) -> Face | None:
    residual = face.residual or Residual.of(network, face.free, face.flow)
    potential = residual.potentials(cost, rounds)
    if potential is None:
        return None
    free = optimal_face(network, face.free, cost, potential)
    return Face(face.flow, free, (*face.levels, Level(name, cost, potential)), residual.within(free))


def proved(network: Network, face: Face, objective: Objective) -> Face:
    """Return the flows of a face that are optimal in an objective, given that its flow is one of them.

    Raises
    ------
    ProofError
        It is not: a fault of the program.
    """
    for cost in objective.proof:
        found = _prove(network, face, objective.name, cost)
        if found is None:
            text = N_("The optimum of {name} could not be proved; nothing was written.")
            raise ProofError(message(text, name=objective.name))
        face = found
    return face


def _in_stages(network: Network, face: Face, chunk: Sequence[Objective], movable: Mask) -> Face:
    for objective in chunk:
        begin = face
        for cost in objective.stages:
            flow = min_cost_flow(network, movable & face.free, face.flow, cost)
            face = proved(network, Face(flow, face.free, face.levels), Objective(objective.name, cost, (cost,), (cost,)))
        if objective.proof is not objective.stages:  # the certificate knows the levels of the proof alone
            face = proved(network, Face(face.flow, begin.free, begin.levels), objective)
    return face
