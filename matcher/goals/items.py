"""From a month and what may be added to the items that may grow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matcher.domain import Instance, Ints
from matcher.errors import InputError, UsageError
from matcher.goals.goal import CADRES, NEW, TOWNSHIPS, UNITS, Means
from matcher.goals.ground import ADDED, CADRE, RANK, TOWNSHIP, UNIT, Ground, Item, Newcomer, rooms
from matcher.messages import N_, message
from matcher.people.cadres import read_cadres
from matcher.people.judge import Judgement
from matcher.people.permission import Permission
from matcher.people.places import TOWNSHIP as TOWNSHIP_LEVEL
from matcher.pipeline import Month
from matcher.policy import Policy
from matcher.tables.cells import fold_name

_NOBODY = np.zeros(0, np.int64)


def ground_of(month: Month, judgement: Judgement, means: Means) -> Ground:
    """Return the judged month with the items that may grow, in the order cadres, units, townships, each by id or name.

    Raises
    ------
    UsageError
        A township of new cadres does not exist.
    """
    instance, policy = judgement.instance, month.policy
    due = np.array([judgement.cadres.due[i] for i in judgement.taking_part.tolist()], np.int64)
    newcomer = None
    if means.by == (NEW,):
        meaning = policy.meaning()
        skills = tuple(sorted({meaning.get(s, s) for s in means.skills}))
        newcomer = Newcomer(skills, means.capacity or policy.capacity.default, policy.duty.default)
        if not newcomer.capacity:
            raise UsageError(message(N_("A new cadre's capacity is 1 or more.")))
        items = _newcomers(judgement, means.townships, newcomer.capacity)
    elif set(means.by) <= {CADRES, UNITS, TOWNSHIPS}:
        items = _places(judgement, means)
    else:
        items = _ranks(month, judgement)
    return Ground(instance, due, tuple(items), newcomer)


def _places(judgement: Judgement, means: Means) -> list[Item]:
    instance = judgement.instance
    room, found = rooms(instance), []
    if CADRES in means.by:
        found += [Item(CADRE, c, key, np.array([c]), 1, 1, int(room[c])) for c, key in enumerate(instance.cadres.ids) if room[c]]
    if UNITS in means.by:
        permitted = Permission(instance).counts()[1]
        may = permitted if CADRES in means.by else np.minimum(instance.cadres.capacity, permitted)
        most = np.bincount(instance.cadres.unit, weights=may, minlength=len(instance.unit_names)).astype(np.int64)
        found += [Item(UNIT, int(u), short(judgement, instance.unit_names[u]), _NOBODY, 1, 1, int(most[u] - instance.unit_capacity[u]))
                  for u in np.flatnonzero((instance.unit_capacity >= 0) & (most > instance.unit_capacity))]
    if TOWNSHIPS in means.by:
        wanted = wanted_at(instance, instance.households.partners)
        quota = instance.township_capacity
        found += [Item(TOWNSHIP, int(t), short(judgement, instance.place_names[t]), _NOBODY, 1, 1, int(wanted[t] - quota[t]))
                  for t in np.flatnonzero((quota >= 0) & (wanted > quota))]
    return found


def _ranks(month: Month, judgement: Judgement) -> list[Item]:
    """Return the named ranks whose cadres take their capacity from the rule, not from a column of their own."""
    rows, instance = judgement.cadres, judgement.instance
    again = read_cadres(month.tables["cadres"], rows.unit_rows, judgement.households.places, _raised(month.policy), [])
    room, of_rank = rooms(instance), dict[str, list[int]]()
    for number, row in enumerate(judgement.taking_part.tolist()):
        if rows.ranks[row] and again.capacity[row] != rows.capacity[row]:
            of_rank.setdefault(rows.ranks[row], []).append(number)
    members = {rank: np.array(who, np.int64) for rank, who in sorted(of_rank.items())}
    return [Item(RANK, -1, rank, who, len(who), len(who), int(room[who].max())) for rank, who in members.items() if room[who].any()]


def _raised(policy: Policy) -> Policy:
    """Return the policy with every capacity that it says itself one larger."""
    by_rank = {rank: n + 1 for rank, n in policy.capacity.by_rank.items()}
    return policy.with_("capacity.default", policy.capacity.default + 1).with_("capacity.by_rank", by_rank)


def _newcomers(judgement: Judgement, townships: Sequence[str], capacity: int) -> list[Item]:
    instance, places = judgement.instance, judgement.households.places
    numbers = []
    for text in townships:
        place = places.resolve(fold_name(text), places.county_of(""))
        if place is None or places.levels[place] != TOWNSHIP_LEVEL:
            raise InputError(message(N_("There is no township {name} in the households' table."), name=text))
        numbers.append(place)
    left = instance.lacking()
    wanted = wanted_at(instance, left)
    deepest = np.zeros(len(wanted), np.int64)
    np.maximum.at(deepest, instance.households.township, left)
    most = np.maximum(-(-wanted // capacity), deepest)
    return [Item(ADDED, t, short(judgement, instance.place_names[t]), _NOBODY, 1, capacity, int(most[t]))
            for t in sorted(set(numbers), key=lambda t: instance.place_names[t]) if wanted[t]]


def wanted_at(instance: Instance, each: Ints) -> Ints:
    """Return how many cadres the households of every place want together, given what each wants."""
    return np.bincount(instance.households.township, weights=each, minlength=len(instance.parents)).astype(np.int64)


def short(judgement: Judgement, name: str) -> str:
    """Return a unit's or a township's name, with its county only where there are several."""
    return name.strip("/") if len(judgement.households.places.counties) > 1 else name.partition("/")[2]
