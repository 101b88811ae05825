"""The best roster within a budget of changes against trying every roster, on small random months.

JIEDUI_GOALS is the number of months; without it a fixed sample.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from matcher.errors import UsageError
from matcher.goals.budget import Budget
from matcher.goals.words import budgets_in_words
from matcher.people.judge import judge
from matcher.pipeline import Month, load_month

from .oracle import brute, months, recount
from .oracle.model import Model, Pair, Tables, build

RUNS = int(os.environ.get("JIEDUI_GOALS", "24"))
State = tuple[tuple[int, ...], tuple[int, ...], int]


def keepable(model: Model, tables: Tables) -> set[Pair]:
    """Return last month's pairs that could stand today."""
    return {(r["household_id"], r["cadre_id"]) for r in tables["roster"]} & set(model.pairs)


def by_kept(model: Model, old: set[Pair]) -> dict[int, list[Pair]]:
    """Return the best roster for every number of kept pairs: as the brute force does, with that number part of the state."""
    cadres, towns = sorted(model.cadres), sorted(model.towns)
    width = len(next((brute.brought(model, h, ()) for h in model.houses), ()))
    states: dict[State, tuple[tuple[int, ...], list[Pair]]] = {((0,) * len(cadres), (0,) * len(towns), 0): ((0,) * width, [])}
    for h, sets in brute.choices(model).items():
        following: dict[State, tuple[tuple[int, ...], list[Pair]]] = {}
        for (loads, used, kept), (sums, roster) in states.items():
            for s in sets:
                load = tuple(n + (c in s) for c, n in zip(cadres, loads, strict=True))
                town = tuple(n + len(s) * (t == model.houses[h].place[:2]) for t, n in zip(towns, used, strict=True))
                if brute.room(model, cadres, load, towns, town):
                    total = tuple(a + b for a, b in zip(sums, brute.brought(model, h, s), strict=True))
                    state = (load, town, kept + sum((h, c) in old for c in s))
                    if state not in following or following[state][0] < total:
                        following[state] = (total, [*roster, *((h, c) for c in s)])
        states = following
    best: dict[int, list[Pair]] = {}
    for (_, _, kept), (_, roster) in states.items():
        if kept not in best or recount.standing(model, roster) > recount.standing(model, best[kept]):
            best[kept] = roster
    return best


def budget_of(month: Month) -> Budget:
    """Return what answers for a month, whatever the budget."""
    return Budget(month.policy, judge(month.tables, month.policy))


def wrong(seed: int, folder: Path) -> Iterator[str]:
    """Compare every budget of one month with trying every roster."""
    tables, policy = months.random_month(seed, "small")
    model = build(tables, policy)
    old, best = keepable(model, tables), by_kept(model, keepable(model, tables))
    month = load_month(months.write_month(folder / str(seed), tables, policy))
    asked = budget_of(month)
    if (asked.keepable, asked.least) != (len(old), len(old) - max(best)):
        yield f"{seed}: {asked.keepable} and {asked.least}, not {len(old)} and {len(old) - max(best)}"
    if asked.least and asked.best(asked.least - 1).changes != -1:
        yield f"{seed}: a budget below {asked.least} has a roster"
    for n in range(asked.least, len(old) + 1):
        answer = asked.best(n)
        rosters = [r for kept, r in best.items() if len(old) - kept <= n]
        want = recount.values(model, max(rosters, key=lambda r: recount.standing(model, r)))
        told: dict[str, Any] = {s.name: s.value for s in answer.stages}
        if told != want or not all(s.optimal for s in answer.stages):
            yield f"{seed}, {n} changes: {answer.stages}, not {want}"
        if len(old - set(answer.pairs)) != answer.changes or answer.changes > n or recount.broken(model, list(answer.pairs)):
            yield f"{seed}, {n} changes: {answer.changes} told; {recount.broken(model, list(answer.pairs))}"
    for name, n in budget_of(month).thresholds():  # as nobody has asked anything before
        free, bound = asked.best(len(old)), asked.best(n)
        upto = [s.name for s in free.stages].index(name) + 1
        if [s.value for s in free.stages[:upto]] != [s.value for s in bound.stages[:upto]]:
            yield f"{seed}: {name} is not what it can be with {n} changes"
        if n > asked.least and [s.value for s in asked.best(n - 1).stages[:upto]] == [s.value for s in free.stages[:upto]]:
            yield f"{seed}: {name} is what it can be with fewer than {n} changes"


HARD = (831, 1075)
"""Months in which a hub deals a household the same cadre twice where changes are fewest."""


def usable(number: int) -> list[int]:
    """Return the first seeds whose month is compared by bands and has pairs of last month's."""
    found: list[int] = []
    seed = 0
    while len(found) < number:
        tables, policy = months.random_month(seed, "small")
        if policy.get("priority", {}).get("by") != "income" and keepable(build(tables, policy), tables):
            found.append(seed)
        seed += 1
    return found


def test_budgets_equal_trying_every_roster(tmp_path: Path) -> None:
    """For every budget no roster within it is better, the changes are counted rightly, and the thresholds are the fewest."""
    assert [text for seed in usable(RUNS) for text in wrong(seed, tmp_path)] == []


def test_budgets_by_income_are_refused(tmp_path: Path) -> None:
    """Income by income a budget would have to weigh thousands of levels: it is refused, not answered in part."""
    tables, policy = months.random_month(0, "small")
    policy["priority"] = {"by": "income"}
    with pytest.raises(UsageError):
        budget_of(load_month(months.write_month(tmp_path / "month", tables, policy)))


def test_the_curve_rises_and_is_told_in_both_languages(tmp_path: Path) -> None:
    """From the smallest budget to the last threshold no roster is worse than the one before; the last is as without a budget."""
    grew = 0
    for seed in (*usable(RUNS), *HARD):
        tables, policy = months.random_month(seed, "small")
        model = build(tables, policy)
        asked = budget_of(load_month(months.write_month(tmp_path / str(seed), tables, policy)))
        curve = asked.curve(between=2)
        standings = [recount.standing(model, list(one.pairs)) for one in curve]
        assert standings == sorted(standings)
        assert [one.budget for one in curve] == sorted({one.budget for one in curve})
        assert standings[-1] == recount.standing(model, list(asked.best(asked.keepable).pairs))
        grew += standings[0] < standings[-1]
        english, chinese = (budgets_in_words(curve, language) for language in ("en", "zh"))
        assert english.count("\n") == chinese.count("\n")
        assert "changes" not in chinese
        json.dumps([one.record() for one in curve])
    assert grew
