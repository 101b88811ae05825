"""Proofs of something else, offered as proofs of the month: the best roster of a month with less in it, or by another lot.

Such a certificate is right in itself and its roster is allowed; only the check against the month's own tables can refuse it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcher import pipeline
from matcher.domain import Instance, Pairs
from matcher.errors import JieduiError
from matcher.people.permission import Permission
from matcher.separate import solve_part
from matcher.solve import rounds, split
from matcher.solve.rounds import Task
from matcher.verify import Flaw
from matcher.verify.certificate import Part, read_part
from matcher.verify.draw import check_draw
from matcher.verify.optimal import check_optimal
from matcher.verify.problem import Problem, Roster, Rules, check_feasible, columns, separate
from matcher.verify.recount import values

from .oracle.months import random_month, write_month

Alter = Callable[[random.Random, Instance], Instance]


def solved(instance: Instance, task: Task) -> Part:
    """Return the certificate of an instance, right in itself."""
    whole = split.Part(instance, np.arange(len(instance.households)), np.arange(len(instance.cadres)))
    return read_part(solve_part(whole, task, alone=False).certified()[0].data)


def instances(folder: Path, seeds: range) -> Iterator[tuple[random.Random, Instance, Task]]:
    """Yield the separate problems of random months."""
    for seed in seeds:
        month = pipeline.load_month(write_month(folder / str(seed), *random_month(seed, "medium")))
        policy = month.policy
        task = Task(policy.order, policy.priority.by == "income", policy.objectives.balance == "leximax", "2008-07", policy.ties.position)
        for instance in separate(pipeline.judge(month.tables, policy).instance):
            yield random.Random(seed), instance, task  # noqa: S311 - any will do


def rules(task: Task) -> Rules:
    """Return the rules of a task."""
    return Rules(task.order, task.by_income, task.leximax, task.seed, task.position)


def proves(problem: Problem, part: Part) -> bool:
    """Whether the potentials pass; the roster must be allowed."""
    roster = check_feasible(problem, part.pairs)
    try:
        check_optimal(problem, part, roster)
    except Flaw:
        return False
    return True


def worth(problem: Problem, part: Part) -> dict[str, Any]:
    """Return what a part's roster is worth."""
    return values(problem, *columns(problem, part.pairs))


# --- months with less in them


def fewer_places_of_cadres(rng: random.Random, instance: Instance) -> Instance:
    """Take a place from every other cadre."""
    cadres = instance.cadres
    fixed = np.bincount(instance.fixed.cadre, minlength=len(cadres))
    less = np.array([rng.randrange(2) for _ in range(len(cadres))], np.int64)
    return instance.replace(cadres=replace(cadres, capacity=np.maximum(cadres.capacity - less, fixed)))


def fewer_places_of_units(rng: random.Random, instance: Instance) -> Instance:
    """Take places from every unit with a limit."""
    fixed = np.bincount(instance.cadres.unit[instance.fixed.cadre], minlength=len(instance.unit_capacity))
    less = np.where(instance.unit_capacity >= 0, np.maximum(instance.unit_capacity - rng.randint(1, 3), fixed), -1)
    return instance.replace(unit_capacity=less)


def smaller_quotas(rng: random.Random, instance: Instance) -> Instance:
    """Take pairings from every township with a quota."""
    town = instance.households.township[instance.fixed.household]
    fixed = np.bincount(town, minlength=len(instance.township_capacity))
    less = np.where(instance.township_capacity >= 0, np.maximum(instance.township_capacity - rng.randint(1, 3), fixed), -1)
    return instance.replace(township_capacity=less)


def fewer_permitted(rng: random.Random, instance: Instance) -> Instance:
    """Forbid a third of the pairs."""
    size = len(instance.households), len(instance.cadres)
    every = [(h, c, 0) for h in range(size[0]) for c in range(size[1]) if rng.random() < 0.33]
    keys = {(int(h), int(c)) for h, c in zip(instance.fixed.household, instance.fixed.cadre, strict=True)}
    old = {(int(h), int(c), 0) for h, c in zip(instance.avoid.household, instance.avoid.cadre, strict=True)}
    return instance.replace(avoid=Pairs.from_rows(sorted(old | {row for row in every if row[:2] not in keys})))


def fewer_partners(rng: random.Random, instance: Instance) -> Instance:
    """Let households want one cadre less, where they want several."""
    homes = instance.households
    fixed = np.bincount(instance.fixed.household, minlength=len(homes))
    least = np.maximum(fixed, 1)
    return instance.replace(households=replace(homes, partners=np.maximum(homes.partners - rng.randint(1, 2), least)))


def other_needs(rng: random.Random, instance: Instance) -> Instance:
    """Let no skill meet a need, no link and no seniority count."""
    cadres = instance.cadres
    return instance.replace(met=instance.met * 0, cadres=replace(cadres, level=cadres.level * 0, duty=cadres.duty * rng.randrange(2)))


def nothing_before(_: random.Random, instance: Instance) -> Instance:
    """Forget last month's pairs and the scores, and who has waited."""
    none = Pairs.from_rows([])
    homes = instance.households
    return instance.replace(previous=none, affinity=none, households=replace(homes, waiting=homes.waiting * 0))


ALTERED: list[Alter] = [
    fewer_places_of_cadres, fewer_places_of_units, smaller_quotas, fewer_permitted, fewer_partners, other_needs, nothing_before,
]


@pytest.mark.parametrize("alter", ALTERED, ids=[a.__name__ for a in ALTERED])
def test_the_best_of_a_smaller_month_is_refused(tmp_path: Path, alter: Alter) -> None:
    """The proof of a month with less in it does not pass for the month, unless it is as good there too."""
    refused = 0
    for rng, instance, task in instances(tmp_path, range(7000, 7030)):
        problem = Problem(instance, rules(task))
        right = solved(instance, task)
        assert proves(problem, right)
        try:
            forged = solved(alter(rng, instance), task)
        except JieduiError:
            continue
        if worth(problem, forged) != worth(problem, right):
            assert not proves(problem, forged)
            refused += 1
    assert refused > 3


def test_the_best_without_an_objective_is_refused(tmp_path: Path) -> None:
    """A proof that leaves an objective out, with a blank stage in its place, does not pass."""
    refused: dict[str, int] = {}
    for _, instance, task in instances(tmp_path, range(7000, 7030)):
        problem = Problem(instance, rules(task))
        right = solved(instance, task)
        for name in task.order:
            if name in ("coverage", task.position):
                continue
            forged = solved(instance, replace(task, order=tuple(o for o in task.order if o != name)))
            lines = dict(zip(forged.levels, forged.potentials, strict=True))
            blank = [0] * len(forged.potentials[0])
            offered = replace(forged, levels=right.levels, potentials=[lines.get(level, blank) for level in right.levels])
            if worth(problem, offered) != worth(problem, right):
                assert not proves(problem, offered), name
                refused[name] = refused.get(name, 0) + 1
    assert set(refused) >= {"duty", "continuity", "village_link", "fit", "affinity", "waiting", "rank_match", "balance"}


# --- another lot


def test_another_seed_is_refused(tmp_path: Path) -> None:
    """The roster of another seed is as good in every objective, and refused."""
    refused = 0
    for _, instance, task in instances(tmp_path, range(7000, 7015)):
        problem = Problem(instance, rules(task))
        right, forged = solved(instance, task), solved(instance, replace(task, seed="other"))
        assert worth(problem, forged) == worth(problem, right) or task.position != "last"
        if sorted(forged.pairs) != sorted(right.pairs):
            refused += 1
            assert not (proves(problem, forged) and follows(problem, forged))
    assert refused > 8


def follows(problem: Problem, part: Part) -> bool:
    """Whether the draw passes."""
    try:
        check_draw(problem, part, Roster.of(problem, *columns(problem, part.pairs)))
    except Flaw:
        return False
    return True


def test_no_draw_on_the_arcs_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any one of the best rosters, dealt by the rule, is not enough: the arcs' tickets say which."""
    right = [(instance, task, solved(instance, task)) for _, instance, task in instances(tmp_path, range(7000, 7040))]
    monkeypatch.setattr(rounds, "draw_arcs", lambda _network, face, *_: face)
    refused = 0
    for instance, task, part in right:
        problem, forged = Problem(instance, rules(task)), solved(instance, task)
        assert follows(problem, part)
        if sorted(forged.pairs) != sorted(part.pairs):
            assert proves(problem, forged)
            assert not follows(problem, forged)
            refused += 1
    assert refused > 3


def test_potentials_of_hubs_are_checked(tmp_path: Path) -> None:
    """A hub's potential that is off does not pass, for it would hide or invent arcs that the lot may decide."""
    asked = refused = 0
    for _, instance, task in instances(tmp_path, range(7000, 7006)):
        problem, part = Problem(instance, rules(task)), solved(instance, task)
        for k, name in enumerate(part.nodes):
            if name.startswith(("needs", "skills")):
                first, *rest = ([*column, column[part.vector[k]]] for column in part.potentials)  # a vector of its own
                first[-1] += 1000
                vector = [*part.vector[:k], len(first) - 1, *part.vector[k + 1 :]]
                asked += 1
                refused += not follows(problem, replace(part, vector=vector, potentials=[first, *rest]))
    assert refused > 0.8 * asked > 0


def test_permission_is_the_problems_own(tmp_path: Path) -> None:
    """The checker's own count of permitted pairs is that of the judgement."""
    for _, instance, task in instances(tmp_path, range(7000, 7010)):
        problem, permission = Problem(instance, rules(task)), Permission(instance)
        assert problem.permitted_of_household.tolist() == permission.counts()[0].tolist()
        assert problem.permitted_of_cadre.tolist() == permission.counts()[1].tolist()
