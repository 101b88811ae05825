"""The smallest addition that reaches a coverage; confirmed by solving the changed month again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.domain import Instance
from matcher.explain.bottlenecks import why_unmatched
from matcher.explain.standing import Standing
from matcher.formulation.values import Value, values
from matcher.goals.goal import NEW, RANKS, Goal, Means
from matcher.goals.ground import Ground, Item
from matcher.goals.items import ground_of
from matcher.goals.least import Dealer, least, least_beside
from matcher.goals.search import Search, Smallest
from matcher.goals.served import Counter, solved, up_to_coverage
from matcher.people.judge import Judgement
from matcher.people.permission import Permission
from matcher.pipeline import Month, task_of
from matcher.solve.rounds import Task

REACHED, OUT_OF_REACH, OPEN = "reached", "out_of_reach", "open"
_MONTHS = 120
"""Months that are solved again at most before a search is given up."""


@dataclass(frozen=True)
class Added:
    """What is added at one place.

    Attributes
    ----------
    kind : str
        ``cadre``, ``unit``, ``township``, ``rank`` or ``new_cadre``.
    name : str
        The cadre's id, the unit, the township, the rank; of new cadres the township.
    steps, places : int
        By how much it rises, or how many new cadres; and how many places that is.
    """

    kind: str
    name: str
    steps: int
    places: int


@dataclass(frozen=True)
class Barred:
    """A household that lacks cadres even after every addition that could matter.

    Attributes
    ----------
    reason : str
        ``no_permitted_cadre``, ``bottleneck``, ``township_capacity`` or ``earlier_objective``, as in unmatched.csv.
    everyone : bool
        Whether it has some cadres, and they are all that it may have.
    """

    household_id: str
    lacking: int
    reason: str
    everyone: bool


@dataclass(frozen=True)
class Reached:
    """The answer to a goal.

    Attributes
    ----------
    status : str
        ``reached``; ``out_of_reach``: no additions of these kinds reach it; ``open``: the search was given up.
    wanted, target, now, after : int
        Pairings: all that are wanted, the goal's, this month's, and the changed month's (out of reach: the most there can be).
    added : tuple of Added
    total : int
        Places added, or new cadres.
    bound : int
        No addition smaller than this reaches the goal; ``optimal`` if it is the total.
    others : bool or None
        Whether another addition is as small; None if that was not settled.
    served : tuple of str
        Households that have more cadres than now.
    objectives : dict of str to value
        Of the changed month's best roster.
    barred : tuple of Barred
    fewer : tuple of str
        Households that have fewer cadres than now.
    gained, lost : int
        Cadres that those with more get, and those with fewer lose: ``after - now`` is the one without the other.
    """

    goal: Goal
    means: Means
    status: str
    wanted: int
    target: int
    now: int
    after: int
    added: tuple[Added, ...] = ()
    total: int = 0
    bound: int = 0
    others: bool | None = None
    served: tuple[str, ...] = ()
    objectives: dict[str, Value] | None = None
    barred: tuple[Barred, ...] = ()
    fewer: tuple[str, ...] = ()
    gained: int = 0
    lost: int = 0

    def record(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "goal": {"coverage": str(self.goal.percent), "wanted": self.wanted, "target": self.target},
            "by": list(self.means.by), "status": self.status, "pairs": {"now": self.now, "after": self.after},
            "additions": [vars(a) for a in self.added], "total": self.total, "bound": self.bound,
            "optimal": self.status == REACHED and self.total == self.bound, "others": self.others,
            "newly_served": list(self.served), "objectives": self.objectives, "fewer_cadres": list(self.fewer),
            "cadres_gained": self.gained, "cadres_lost": self.lost,
            "out_of_reach": [vars(b) for b in self.barred],
        }


def reach(month: Month, judgement: Judgement, goal: Goal, means: Means, months: int = _MONTHS) -> Reached:
    """Return the smallest addition that reaches a goal.

    Parameters
    ----------
    month, judgement : Month, Judgement
        The month, and as it was judged.
    months : int
        Months solved again at most, where one flow does not tell; then the answer is ``open`` with the bound so far.

    Raises
    ------
    UsageError
        A township of new cadres does not exist.
    InputError, ContradictionError, ProofError
        As in a run.
    """
    ground, task = ground_of(month, judgement, means), task_of(month.policy)
    target, counted = goal.pairings(ground.wanted), Counter(ground, task)
    nothing = (0,) * len(ground.items)
    now = counted(nothing)
    if now >= target:
        return _reached(ground, task, goal, means, Smallest(nothing, 0, False), now)
    most = counted(ground.most)
    if most < target:
        return Reached(goal, means, OUT_OF_REACH, ground.wanted, target, now, most, barred=_barred(ground, task))
    found = _smallest(Dealer(ground, up_to_coverage(task), target), counted, means, months, target - now)
    if found.steps is None:
        return Reached(goal, means, OPEN, ground.wanted, target, now, now, bound=found.bound)
    return _reached(ground, task, goal, means, found, now)


def _smallest(dealer: Dealer, counted: Counter, means: Means, months: int, lacking: int) -> Smallest:
    """Return the smallest steps: by one flow if its answer stands, by one beside what comes before coverage, else by a search."""
    bound = 0
    upper: Smallest | None = None
    if means.by not in ((RANKS,), (NEW,)):
        first = least(dealer)
        if first is not None:
            bound = max(lacking, dealer.ground.weight(first.steps))
            for found in (first, least_beside(dealer)):
                if found is not None and counted(found.steps) >= dealer.target:
                    weight = dealer.ground.weight(found.steps)
                    if weight == bound:
                        others = any(counted(other) >= dealer.target for other in found.others)  # a flow alone does not tell
                        return Smallest(found.steps, bound, others or None)
                    upper = Smallest(found.steps, bound, None)
                    break
    searched = Search(dealer, counted, counted.solves + months).smallest()
    if searched.steps is None and upper is not None:
        return Smallest(upper.steps, max(bound, searched.bound), None)
    return Smallest(searched.steps, max(bound, searched.bound), searched.others)


def _reached(ground: Ground, task: Task, goal: Goal, means: Means, found: Smallest, now: int) -> Reached:
    """Solve the changed month in full and say what became of it."""
    steps = found.steps or ()
    before, after = solved(ground, (0,) * len(ground.items), task), solved(ground, steps, task)
    instance, size = ground.changed(steps), len(ground.instance.households)
    more = np.bincount(after.household, minlength=size) - np.bincount(before.household, minlength=size)

    def named(those: npt.NDArray[np.bool_]) -> tuple[str, ...]:
        return tuple(ground.instance.households.ids[h] for h in np.flatnonzero(those))

    objectives = values(instance, after.household, after.cadre, task.order, task.by_income, task.leximax)
    added = tuple(_added(i, n) for i, n in zip(ground.items, steps, strict=True) if n)
    return Reached(
        goal, means, REACHED, ground.wanted, goal.pairings(ground.wanted), now, len(after.household), added, ground.weight(steps),
        found.bound, found.others, named(more > 0), objectives, fewer=named(more < 0), gained=int(more[more > 0].sum()),
        lost=-int(more[more < 0].sum()),
    )


def _added(item: Item, steps: int) -> Added:
    return Added(item.kind, item.name, steps, steps * item.each)


def _barred(ground: Ground, task: Task) -> tuple[Barred, ...]:
    """Return who lacks a cadre after everything that may be added, and why: as of any month, so all that decides between equals counts."""
    instance, found = ground.changed(ground.most), solved(ground, ground.most, task)
    return _why(instance, Standing.of(instance, Permission(instance), task, found.household, found.cadre))


def _why(instance: Instance, standing: Standing) -> tuple[Barred, ...]:
    return tuple(Barred(instance.households.ids[u.household], u.lacking, u.reason, u.everyone) for u in why_unmatched(standing)[0])
