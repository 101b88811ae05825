"""Whether a roster is one that the rules allow."""

from __future__ import annotations

import numpy as np

from matcher.domain import Ints
from matcher.messages import N_, Message, message
from matcher.verify.problem import Problem
from matcher.verify.verdict import Flaw


def columns(problem: Problem, pairs: list[tuple[str, str]]) -> tuple[Ints, Ints]:
    """Return pairs of ids as numbers.

    Raises
    ------
    Flaw
        Somebody who is not eligible, or takes no part, is paired.
    """
    household, cadre = ({key: k for k, key in enumerate(ids)} for ids in (problem.households.ids, problem.cadres.ids))
    for h, c in pairs:
        if h not in household or c not in cadre:
            raise Flaw(message(N_("{household} with {cadre}: one of them must not be paired."), household=h, cadre=c))
    return np.array([household[h] for h, _ in pairs], np.int64), np.array([cadre[c] for _, c in pairs], np.int64)


def check_feasible(problem: Problem, household: Ints, cadre: Ints) -> None:
    """Raise :class:`Flaw` unless all pairs are permitted, all fixed ones among them, and every limit is kept."""
    instance, keys = problem.instance, problem.keys(household, cadre)
    ids = problem.households.ids, problem.cadres.ids
    if len(np.unique(keys)) < len(keys):
        raise Flaw(message(N_("A pair stands in the roster twice.")))
    for wrong, text in (
        (keys[~problem.permitted(keys)], N_("{household} and {cadre} may not be paired.")),
        (np.setdiff1d(problem.fixed, keys), N_("The fixed pair {household} and {cadre} is not in the roster.")),
    ):
        if len(wrong):
            raise Flaw(pair_message(text, problem, int(wrong[0])))
    for text, who, limit, names in (
        (N_("household {name} has {count} cadres, more than {limit}"), household, problem.households.partners, ids[0]),
        (N_("cadre {name} has {count} households, more than {limit}"), cadre, problem.cadres.capacity, ids[1]),
        (N_("unit {name} has {count} pairings, more than {limit}"), problem.cadres.unit[cadre], instance.unit_capacity, instance.unit_names),
        (N_("township {name} has {count} pairings, more than {limit}"), problem.households.township[household],
         instance.township_capacity, instance.place_names),
    ):
        count = np.bincount(who, minlength=len(limit))
        for k in np.flatnonzero((limit >= 0) & (count > limit)):
            raise Flaw(message(text, name=names[k].strip("/"), count=int(count[k]), limit=int(limit[k])))


def pair_message(text: str, problem: Problem, key: int) -> Message:
    """Return a message about a pair."""
    household, cadre = divmod(key, problem.width)
    return message(text, household=problem.households.ids[household], cadre=problem.cadres.ids[cadre])
