"""The last check before anything is published: the roster is worth what the proof proved."""

from __future__ import annotations

import numpy as np

from matcher.domain import Instance
from matcher.errors import ProofError
from matcher.formulation.network import Kind
from matcher.formulation.values import Value, values
from matcher.messages import N_, message
from matcher.solve.rounds import Solution, Task

_FALLS = frozenset({"balance"})


def check_values(instance: Instance, solution: Solution, task: Task) -> None:
    """Recount every objective from the pairs and compare it with the proved flow's costs, in Python integers.

    Raises
    ------
    ProofError
        They differ: a fault of the program.
    """
    every = values(instance, solution.household, solution.cadre, task.order, task.by_income, task.leximax)
    fixed = values(instance, instance.fixed.household, instance.fixed.cadre, task.order, task.by_income, task.leximax)
    _check_served(instance, solution)
    for name in task.order:
        costs = [int(np.dot(solution.face.flow, level.cost)) for level in solution.face.levels if level.name == name]
        if name == "coverage":
            costs = [] if task.by_income else [sum(costs)]  # level by level: _check_served
        gained = _difference(every[name], fixed[name], name == "coverage")
        proved = [c if name in _FALLS else -c for c in costs]
        longest = max(len(proved), len(gained))  # loads that only fixed pairs reach have no level, and levels may lie above all loads
        if costs and _padded(proved, longest) != _padded(gained, longest):
            text = N_("The roster's {name} is not what was proved; nothing was written.")
            raise ProofError(message(text, name=name))


def _check_served(instance: Instance, solution: Solution) -> None:
    """Check that every household has as many cadres as the flow says, the first before the second: coverage at every level."""
    net, flow = solution.hubs.network, solution.face.flow
    enter = net.of_kind(Kind.ENTER)
    size = len(instance.households)
    fixed = np.bincount(instance.fixed.household, minlength=size)
    got = np.bincount(solution.household, minlength=size)
    used = enter[flow[enter] > 0]
    last = np.zeros(size, np.int64)
    np.maximum.at(last, net.subject[used], net.detail[used] + 1)
    counted = fixed + np.bincount(net.subject[used], minlength=size)
    if (counted != got).any() or (np.maximum(last, fixed) != got).any():
        raise ProofError(message(N_("The roster's {name} is not what was proved; nothing was written."), name="coverage"))


def _padded(figures: list[int], length: int) -> list[int]:
    return [0] * (length - len(figures)) + figures


def _difference(every: Value, fixed: Value, total: bool) -> list[int]:
    if isinstance(every, int) or isinstance(fixed, int):
        return [int(every) - int(fixed)]  # type: ignore[arg-type]
    if total:
        return [sum(every) - sum(fixed)]
    return [a - b for a, b in zip(every, [0] * (len(every) - len(fixed)) + fixed, strict=True)]
