"""The best roster with at most so many changed pairs, and what continuity costs.

A change is a pair of last month's that could stand today (its household is eligible, its cadre takes part, the pair is permitted)
and does not. Pairs that end because somebody is gone, and households served for the first time, are none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

from matcher.domain import Instance, Ints
from matcher.errors import ProofError, UsageError
from matcher.formulation.build import HubNetwork, Relaxation, build, seats_of
from matcher.formulation.objectives import Objective, objectives
from matcher.formulation.values import Value, values
from matcher.goals.integer import Row, smallest, stands
from matcher.goals.lagrange import Side, relaxed
from matcher.messages import N_, message
from matcher.people.judge import Judgement
from matcher.people.permission import Permission
from matcher.pipeline import task_of
from matcher.policy import Policy
from matcher.solve.deal import deal
from matcher.solve.lexicographic import Face, optimise, whole_face
from matcher.solve.rounds import Task

T = TypeVar("T")
_SEARCHED = 20_000
"""Nodes of an integer program at most: a limit of seconds would make the answer depend on the machine."""
_ARCS = 20_000
"""Arcs of a linear or integer program at most."""


@dataclass(frozen=True)
class Stage:
    """An objective's value within the budget.

    Attributes
    ----------
    optimal : bool
        Whether every level of it is closed, and every one before.
    gap : int
        By how much its levels together might be better, where they are not closed; None where that is not known.
    """

    name: str
    value: Value
    optimal: bool
    gap: int | None


@dataclass(frozen=True)
class Budgeted:
    """The best roster within a budget of changes.

    Attributes
    ----------
    budget : int
    keepable : int
        Pairs of last month's that could stand today, each by itself.
    least : int
        The fewest changes that are possible: some such pairs cannot all stand. A smaller budget has no roster.
    changes : int
        Pairs of those that the roster does not keep; −1 where there is no roster.
    pairs : tuple of (str, str)
        Household and cadre ids, sorted.
    stages : tuple of Stage
        In the policy's order.
    """

    budget: int
    keepable: int
    least: int
    changes: int
    pairs: tuple[tuple[str, str], ...]
    stages: tuple[Stage, ...]

    def record(self) -> dict[str, Any]:
        """Return it as JSON has it, without the pairs."""
        return {"budget": self.budget, "keepable": self.keepable, "least_changes": self.least, "changes": self.changes,
                "pairs": len(self.pairs), "objectives": [vars(s) for s in self.stages]}


@dataclass(frozen=True)
class _Hard:
    """A month with the pairs to keep counted.

    Attributes
    ----------
    kept : Objective
        Less is better: −1 on each arc of a pair to keep.
    fixed : int
        Pairs to keep that are fixed.
    """

    instance: Instance
    task: Task
    hubs: HubNetwork
    wanted: list[Objective]
    kept: Objective
    fixed: int


class _DealtTwiceError(Exception):
    """A hub dealt households the same cadre twice: these pairs need arcs of their own."""

    def __init__(self, pairs: frozenset[tuple[int, int]]) -> None:
        super().__init__()
        self.pairs = pairs


@dataclass(frozen=True)
class _Found:
    flow: Ints
    gaps: dict[str, int | None]

    def tell(self, name: str, gap: int | None) -> None:
        """Add the gap of one level of an objective."""
        before = self.gaps.get(name, 0)
        self.gaps[name] = None if gap is None or before is None else before + gap


class Budget:
    """Answers for one month, whatever the budget.

    Raises
    ------
    UsageError
        Coverage is compared income by income: there a budget would have to weigh thousands of levels.
    ContradictionError, ProofError
        As in a run.
    """

    def __init__(self, policy: Policy, judgement: Judgement) -> None:
        self._judgement, self._task = judgement, task_of(policy)
        if self._task.by_income:
            raise UsageError(message(N_("A budget of changes needs coverage by bands (priority.by).")))
        instance = self._judgement.instance
        self._permission, last = Permission(instance), instance.previous
        can = self._permission.of_pairs(last.household, last.cadre)
        self._keys = (last.household * len(instance.cadres) + last.cadre)[can]
        self.keepable = len(self._keys)
        self._seen = Relaxation(frozenset(), seats_of(instance, self._permission))
        self.least = self._exactly(lambda hard: self._changes(hard, whole_face(hard.hubs.network)))

    def best(self, budget: int) -> Budgeted:
        """Return the best roster with at most so many changes."""
        if budget < self.least:
            return Budgeted(budget, self.keepable, self.least, -1, (), ())
        instance, task = self._judgement.instance, self._task

        def within(hard: _Hard) -> tuple[tuple[Ints, Ints], dict[str, int | None]]:
            found = _within(hard, self.keepable - budget - hard.fixed)
            return self._dealt(hard, found.flow), found.gaps

        (household, cadre), gaps = self._exactly(within)
        household = np.concatenate([household, instance.fixed.household])
        cadre = np.concatenate([cadre, instance.fixed.cadre])
        order = np.lexsort((cadre, household))
        household, cadre = household[order], cadre[order]
        changes = self.keepable - int(np.isin(self._keys, household * len(instance.cadres) + cadre).sum())
        if changes > budget:
            raise ProofError(message(N_("The roster does not keep to the budget of changes; nothing is claimed.")))
        worth = values(instance, household, cadre, task.order, task.by_income, task.leximax)
        pairs = tuple((instance.households.ids[h], instance.cadres.ids[c]) for h, c in zip(household, cadre, strict=True))
        return Budgeted(budget, self.keepable, self.least, changes, pairs, tuple(_stages(worth, gaps)))

    def thresholds(self) -> tuple[tuple[str, int], ...]:
        """Return, objective by objective, the fewest changes by which it and all before it are as good as without a budget."""
        return self._exactly(self._fewest_by_objective)

    def curve(self, between: int = 0) -> tuple[Budgeted, ...]:
        """Return the best rosters by rising budgets: the smallest one, all thresholds, and some in equal steps before the last.

        Parameters
        ----------
        between : int
            How many budgets besides.
        """
        steps = [n for _, n in self.thresholds()]
        span = max(steps, default=self.least) - self.least
        even = [self.least + span * k // (between + 1) for k in range(1, between + 1)]
        return tuple(self.best(n) for n in sorted({self.least, *steps, *even}))

    def _exactly(self, asked: Callable[[_Hard], T]) -> T:
        """Return what is asked of the hubs once they deal nobody the same cadre twice: until then it would be a bound alone."""
        while True:
            try:
                return asked(self._hard())
            except _DealtTwiceError as again:
                self._seen = Relaxation(self._seen.dealt_twice | again.pairs, self._seen.seats)

    def _fewest_by_objective(self, hard: _Hard) -> tuple[tuple[str, int], ...]:
        face, found = whole_face(hard.hubs.network), []
        for objective in hard.wanted:
            face = optimise(hard.hubs.network, face, [objective], self._task.guess)
            found.append((objective.name, self._changes(hard, face)))
        return tuple(found)

    def _changes(self, hard: _Hard, face: Face) -> int:
        """Return the fewest changes of a face's rosters."""
        most = optimise(hard.hubs.network, face, [hard.kept], self._task.guess)
        self._dealt(hard, most.flow)
        return self.keepable - hard.fixed + int(hard.kept.proof[0] @ most.flow)

    def _dealt(self, hard: _Hard, flow: Ints) -> tuple[Ints, Ints]:
        """Return the pairs that a flow means, or raise :class:`_DealtTwiceError`."""
        width = len(self._judgement.instance.cadres)
        household, cadre = deal(self._judgement.instance, hard.hubs, flow, self._task.seed)
        keys, times = np.unique(household * width + cadre, return_counts=True)
        again = [divmod(key, width) for key in keys[times > 1].tolist()]
        if again:
            raise _DealtTwiceError(frozenset(again))
        return household, cadre

    def _hard(self) -> _Hard:
        instance, task = self._judgement.instance, self._task
        order = task.order if "continuity" in task.order else (*task.order, "continuity")
        hubs = build(instance, self._permission, order, self._seen)
        fixed = instance.fixed.household * len(instance.cadres) + instance.fixed.cadre
        kept = objectives(instance, hubs, ("continuity",), by_income=False, leximax=False)[0]
        wanted = objectives(instance, hubs, task.order, task.by_income, task.leximax)
        return _Hard(instance, task, hubs, wanted, kept, int(np.isin(self._keys, fixed).sum()))


def _within(hard: _Hard, keep: int) -> _Found:
    """Return the best flow that keeps so many pairs.

    While the best flows hold one that keeps enough, the objective is at its optimum. Then by Lagrangean relaxation, as long as that
    closes; then, on the arcs that are left, by linear and integer programs; where those are too large, what is found is told with
    its bound, and the levels after it are left as they are.
    """
    net = hard.hubs.network
    side = Side(net, optimise(net, whole_face(net), [hard.kept], hard.task.guess).flow, whole_face(net).free, hard.kept.proof[0], -keep)
    found, proved, rows = _Found(side.flow, {}), True, list[Row]()
    for name, cost in _levels(hard):
        closed = None if rows else relaxed(side, cost)
        if closed is not None and (closed.exact or int(side.free.sum()) > _ARCS):
            side = closed.side or side
            found.tell(name, int(cost @ side.flow) - closed.bound if proved else None)
            proved = proved and closed.exact
            continue
        if not rows:
            rows = [Row(side.cost, side.limit), *([Row(-side.cost, -side.limit)] if side.equal else [])]
        best = smallest(net, side.free, side.flow, rows, cost, _SEARCHED)
        if not stands(net, best.flow, rows):
            raise ProofError(message(N_("The roster does not keep to the budget of changes; nothing is claimed.")))
        side = replace(side, flow=best.flow, free=best.free)
        rows.append(Row(cost, best.value))
        found.tell(name, best.value - best.bound if proved else None)
    return replace(found, flow=side.flow)


def _levels(hard: _Hard) -> Iterator[tuple[str, Ints]]:
    """Return the levels of all objectives; of coverage the single bands."""
    for objective in hard.wanted:
        for column in objective.proof:
            yield objective.name, column


def _stages(worth: dict[str, Value], gaps: dict[str, int | None]) -> Iterator[Stage]:
    closed = True
    for name, value in worth.items():
        gap = gaps.get(name, 0)  # an objective without a place to differ has no level
        closed = closed and gap == 0
        yield Stage(name, value, closed, gap)

