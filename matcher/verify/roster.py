"""Whether a roster is one that the rules allow, and what it is worth in every objective."""

from __future__ import annotations

from typing import Any

import numpy as np

from matcher.domain import Ints
from matcher.messages import N_, message
from matcher.verify.problem import Problem
from matcher.verify.verdict import Flaw

Value = int | list[int]


def columns(problem: Problem, pairs: list[tuple[str, str]]) -> tuple[Ints, Ints]:
    """Return pairs of ids as numbers.

    Raises
    ------
    Flaw
        Somebody who is not eligible, or takes no part, is paired.
    """
    number = [{key: k for k, key in enumerate(ids)} for ids in (problem.households.ids, problem.cadres.ids)]
    for household, cadre in pairs:
        if household not in number[0] or cadre not in number[1]:
            text = N_("{household} with {cadre}: one of them must not be paired.")
            raise Flaw(message(text, household=household, cadre=cadre))
    return np.array([number[0][h] for h, _ in pairs], np.int64), np.array([number[1][c] for _, c in pairs], np.int64)


def check_feasible(problem: Problem, household: Ints, cadre: Ints) -> None:
    """Raise :class:`Flaw` unless all pairs are permitted, all fixed ones among them, and every limit is kept."""
    keys = problem.keys(household, cadre)
    ids = problem.households.ids, problem.cadres.ids
    permitted = problem.permitted(household, cadre)
    if not permitted.all():
        k = int(np.argmin(permitted))
        raise Flaw(message(N_("{household} and {cadre} may not be paired."), household=ids[0][household[k]], cadre=ids[1][cadre[k]]))
    if len(np.unique(keys)) < len(keys):
        raise Flaw(message(N_("A pair stands in the roster twice.")))
    missing = np.setdiff1d(problem.fixed, keys)
    if len(missing):
        key = int(missing[0])
        text = N_("The fixed pair {household} and {cadre} is not in the roster.")
        raise Flaw(message(text, household=ids[0][key // problem.width], cadre=ids[1][key % problem.width]))
    instance = problem.instance
    for kind, key_, limit, names in (
        (N_("household {name} has {count} cadres, more than {limit}"), household, problem.households.partners, ids[0]),
        (N_("cadre {name} has {count} households, more than {limit}"), cadre, problem.cadres.capacity, ids[1]),
        (N_("unit {name} has {count} pairings, more than {limit}"), problem.cadres.unit[cadre], instance.unit_capacity,
         instance.unit_names),
        (N_("township {name} has {count} pairings, more than {limit}"), problem.households.township[household],
         instance.township_capacity, instance.place_names),
    ):
        count = np.bincount(key_, minlength=len(limit))
        over = np.flatnonzero((limit >= 0) & (count > limit))
        if len(over):
            k = int(over[0])
            raise Flaw(message(kind, name=names[k].strip("/"), count=int(count[k]), limit=int(limit[k])))


def values(problem: Problem, household: Ints, cadre: Ints) -> dict[str, Value]:
    """Return what a roster is worth in every objective, in the policy's order (docs/certificate.md, "Values")."""
    households, cadres, rules = problem.households, problem.cadres, problem.rules
    load = np.bincount(cadre, minlength=len(cadres))
    got = np.bincount(household, minlength=len(households))
    found: dict[str, Any] = {}
    for name in rules.order:
        if name in problem.gains:
            found[name] = problem.gain(name, problem.keys(household, cadre)).sum()
        elif name == "coverage":
            deepest = int(households.partners.max(initial=1))
            turns = [(nth, band) for nth in range(deepest) for band in range(problem.instance.bands)]
            found[name] = got.sum() if rules.by_income else [int(((got > n) & (households.band == b)).sum()) for n, b in turns]
        elif name == "duty":
            found[name] = np.minimum(load, cadres.duty).sum()
        elif name == "village_link":
            found[name] = problem.linked(household, cadre).sum()
        elif name == "fit":
            found[name] = problem.instance.met[households.needs[household], cadres.skills[cadre]].sum()
        elif name == "waiting":
            found[name] = households.waiting[got > 0].sum()
        elif name == "rank_match":
            found[name] = ((problem.instance.bands - households.band[household]) * cadres.level[cadre]).sum()
        elif rules.leximax:
            found[name] = [int(np.maximum(load - k + 1, 0).sum()) for k in range(int(load.max(initial=0)), 0, -1)]
        else:
            found[name] = (load * load).sum()
    return {name: value if isinstance(value, list) else int(value) for name, value in found.items()}
