"""What the best roster of a changed month serves: the month is solved again, as far as coverage and no further."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from matcher.goals.ground import Ground
from matcher.people.permission import Permission
from matcher.solve.rounds import Solution, Task, solve


def up_to_coverage(task: Task) -> Task:
    """Return the task without what is compared after coverage: it cannot change how many are served."""
    order = task.order[: task.order.index("coverage") + 1]
    return replace(task, order=order, position=task.position if task.position in order else "last")


def solved(ground: Ground, steps: Sequence[int], task: Task) -> Solution:
    """Return the best roster after so many steps of every item."""
    changed = ground.changed(steps)
    return solve(changed, Permission(changed), task)


class Counter:
    """Counts the pairings of the best roster after steps; solves each only once.

    One place more, wherever it is, changes the best roster along one cycle through that place, and a cycle passes the sink once:
    so the pairings never become fewer by it, and at most one more, whatever the objectives are.
    """

    def __init__(self, ground: Ground, task: Task) -> None:
        self._ground, self._task = ground, up_to_coverage(task)
        self._known: dict[tuple[int, ...], int] = {}

    @property
    def solves(self) -> int:
        """How many months were solved."""
        return len(self._known)

    def __call__(self, steps: tuple[int, ...]) -> int:
        """Return the pairings after so many steps of every item."""
        if steps not in self._known:
            self._known[steps] = len(solved(self._ground, steps, self._task).household)
        return self._known[steps]
