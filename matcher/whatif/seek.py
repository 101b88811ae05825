"""``jiedui whatif --reach`` and ``--budget-changes``: what would be enough, and the best roster with few changes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matcher.errors import UsageError
from matcher.goals.budget import Budget
from matcher.goals.goal import NEW, PLACES, read_goal, read_means
from matcher.goals.reach import reach
from matcher.goals.words import budgets_in_words, reached_in_words
from matcher.messages import N_, message
from matcher.people.judge import judge
from matcher.pipeline import Progress, changed, load_month
from matcher.report import alarming
from matcher.whatif.answer import OF_MONTH
from matcher.whatif.ask import Asked, scenarios_of

_GIVEN = ("reach", "budget_changes", "continuity_curve")
_OF_REACH = ("by", "in_township", "with_skill", "places")
CURVE_STEPS = 3
"""Equal steps between the smallest budget and the one that costs nothing, besides the budgets at which something changes."""


def asks_for_goal(given: Mapping[str, Any]) -> bool:
    """Return whether the command line asks what would be enough, and not only what would be.

    Raises
    ------
    UsageError
        It asks for several such things at once, or gives words that belong to another.
    """
    asked = [name for name in _GIVEN if given[name] is not None and given[name] is not False]  # a budget of 0 is one
    if len(asked) > 1:
        raise UsageError(message(N_("--reach, --budget-changes and --continuity-curve are asked one at a time.")))
    if asked != ["reach"] and any(given[name] for name in _OF_REACH):
        raise UsageError(message(N_("--by, --in-township, --with-skill and --places say what --reach may add; give --reach as well.")))
    return bool(asked)


def sought(folder: Path, given: Mapping[str, Any], asked: Asked, language: str, progress: Progress) -> tuple[dict[str, Any], str, str]:
    """Return the answer for a month with the command line's changes: a record, words, and what is odd about the month.

    Raises
    ------
    UsageError
        Words that do not go together.
    InputError, ContradictionError
        The month or a change cannot be used.
    """
    if asked.out or asked.sweeps or asked.file:
        raise UsageError(message(N_("A goal goes neither with --out nor with --sweep or --scenario; --set and the like are welcome.")))
    goal = read_goal(given["reach"]) if given["reach"] is not None else None
    by = given["by"] or ((NEW,) if given["in_township"] or given["with_skill"] or given["places"] else PLACES)
    means = read_means(by, given["in_township"], given["with_skill"], given["places"] or 0) if goal else None
    month = load_month(folder, progress)
    if asked.said:
        month = changed(month, scenarios_of(asked)[0])
    judgement = judge(month.tables, month.policy)
    alarms = "\n".join(alarming(judgement.findings, OF_MONTH, language))
    progress(message(N_("looking for the best way there")))
    if goal and means:
        found = reach(month, judgement, goal, means)
        return {"reach": found.record()}, reached_in_words(found, language), alarms
    return *_budgets(Budget(month.policy, judgement), given["budget_changes"], language), alarms


def _budgets(budget: Budget, most: int | None, language: str) -> tuple[dict[str, Any], str]:
    """Return the best roster with at most so many changes, or the price of continuity at all budgets that matter."""
    found = budget.curve(CURVE_STEPS) if most is None else (budget.best(most),)
    return {"budgets": [one.record() for one in found]}, budgets_in_words(found, language)
