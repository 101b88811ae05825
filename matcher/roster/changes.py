"""What became of last month's pairs: kept, changed, ended, and why; which pairs are new."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import zip_longest
from typing import NamedTuple

import numpy as np

from matcher.domain import Decision, Ints
from matcher.people.cadres import UnitKey
from matcher.people.judge import Judgement
from matcher.people.relations import PairRows

LEFT_POST, MOVED, CAPACITY, BETTER, AVOID, ABSENT = "left_post", "moved", "capacity", "better_objective", "avoid", "household_absent"
NEWLY_SERVED = "newly_served"
_BY_DECISION = {
    Decision.ON_WELFARE_LIST: "now_on_welfare",
    Decision.ABOVE_THRESHOLD: "income_rose",
}
_BY_WHY_NOT = {"": "", "unavailable": LEFT_POST, "capacity_0": CAPACITY}


class Change(NamedTuple):
    """A household's change: ``new`` (to), ``ended`` (from) or ``changed`` (from, to), and its reason."""

    household: str
    from_cadre: str
    to_cadre: str
    kind: str
    reason: str


@dataclass(frozen=True)
class Statuses:
    """How this month's pairs stand to last month's.

    Attributes
    ----------
    status, reason : list of str
        Of every pair, in the order of the pairs.
    last : list of int
        Index of the pair's row among ``relations.roster``; -1 if it was not in last month's roster.
    changes : list of Change
        Sorted by household, from_cadre, to_cadre.
    """

    status: list[str]
    reason: list[str]
    last: list[int]
    changes: list[Change]


def compare(judgement: Judgement, household: Ints, cadre: Ints) -> Statuses:
    """Return the status of every pair: a household that lost cadres got as many ``changed`` ones, in the order of cadre_id.

    Parameters
    ----------
    household, cadre : (pairs,) int
        Numbers of the instance, sorted by household, then cadre.
    """
    roster, ids = judgement.relations.roster, judgement.instance.cadres.ids
    rows = judgement.eligible[household], judgement.taking_part[cadre]
    last = _looked_up(judgement, *rows)
    pinned = roster.value[last] == 1 if len(roster) else np.zeros(len(last), np.bool_)
    status = ["kept" if at >= 0 else "" for at in last.tolist()]
    reason = ["" if at < 0 else "pinned" if pin else "kept" for at, pin in zip(last.tolist(), pinned.tolist(), strict=True)]
    got: dict[str, list[int]] = defaultdict(list)
    for k in np.flatnonzero(last < 0).tolist():
        got[judgement.households.ids[rows[0][k]]].append(k)
    lost: dict[str, list[int]] = defaultdict(list)
    for at in np.setdiff1d(np.arange(len(roster)), last).tolist():
        lost[roster.households[at]].append(at)
    why, changes = _WhyEnded(judgement), []
    for key in sorted(lost.keys() | got.keys()):
        for at, k in zip_longest(lost.get(key, ()), got.get(key, ())):
            kind = "ended" if k is None else "new" if at is None else "changed"
            cause = NEWLY_SERVED if at is None else why(at)
            changes.append(Change(key, "" if at is None else roster.cadres[at], "" if k is None else ids[cadre[k]], kind, cause))
            if k is not None:
                status[k], reason[k] = kind, cause
    for k in np.flatnonzero(np.isin(_key(judgement, *rows), _keys(judgement, judgement.relations.require))).tolist():
        reason[k] = "required"
    return Statuses(status, reason, last.tolist(), sorted(changes))


def _key(judgement: Judgement, household: Ints, cadre: Ints) -> Ints:
    return household * len(judgement.cadres.ids) + cadre


def _keys(judgement: Judgement, rows: PairRows) -> Ints:
    """Return one number for every row's pair, -1 where it names somebody absent; the others rise."""
    return np.where((rows.household < 0) | (rows.cadre < 0), -1, _key(judgement, rows.household, rows.cadre))


def _looked_up(judgement: Judgement, household: Ints, cadre: Ints) -> Ints:
    """Return every pair's row in last month's roster, -1 for none."""
    known = _keys(judgement, judgement.relations.roster)
    there = np.flatnonzero(known >= 0)
    wanted, known = _key(judgement, household, cadre), known[there]
    if not len(known):
        return np.full(len(wanted), -1, np.int64)
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[at] == wanted, there[at], -1)


class _WhyEnded:
    """Answers why a pair of last month ended; ``capacity`` only where there is less of it than last month's pairs took."""

    def __init__(self, judgement: Judgement) -> None:
        self._judgement, self._roster = judgement, judgement.relations.roster
        rows, roster = judgement.cadres, self._roster
        self._last_load = np.bincount(roster.cadre[roster.cadre >= 0], minlength=len(rows.ids)).tolist()
        self._unit_load: dict[UnitKey, int] = defaultdict(int)
        for unit, load in zip(rows.units, self._last_load, strict=True):
            self._unit_load[unit] += load
        self._avoided = np.isin(_keys(judgement, roster), _keys(judgement, judgement.relations.avoid))
        self._permitted = judgement.permitted_last

    def __call__(self, at: int) -> str:
        household, cadre = int(self._roster.household[at]), int(self._roster.cadre[at])
        if household < 0:
            return ABSENT
        decision = self._judgement.decisions[household].decision
        if decision is not Decision.ELIGIBLE:
            return _BY_DECISION.get(decision, str(decision))
        if cadre < 0:
            return LEFT_POST
        rows = self._judgement.cadres
        why_not = rows.why_not[cadre]
        if why_not:
            return _BY_WHY_NOT.get(why_not, why_not)
        if not self._permitted[at]:
            return AVOID if self._avoided[at] else MOVED
        unit = rows.unit_rows.get(rows.units[cadre])
        shrunk = unit is not None and 0 <= unit.capacity < self._unit_load[rows.units[cadre]]
        return CAPACITY if shrunk or rows.capacity[cadre] < self._last_load[cadre] else BETTER
