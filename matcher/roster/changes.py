"""What became of last month's pairs: kept, changed, ended, and why; which pairs are new."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import zip_longest
from typing import NamedTuple

from matcher.domain import Decision
from matcher.people.judge import Judgement

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


def compare(judgement: Judgement, pairs: list[tuple[str, str]]) -> Statuses:
    """Return the status of every pair: a household that lost cadres got as many ``changed`` ones, in the order of cadre_id."""
    roster, required = judgement.relations.roster, {(r.household, r.cadre) for r in judgement.relations.require}
    last, lost = _matched(judgement, pairs)
    status = ["kept" if at >= 0 else "" for at in last]
    reason = ["" if at < 0 else "pinned" if roster[at].value else "kept" for at in last]
    got: dict[str, list[int]] = defaultdict(list)
    for k, at in enumerate(last):
        if at < 0:
            got[pairs[k][0]].append(k)
    why, changes = _WhyEnded(judgement), []
    for household in sorted(lost.keys() | got.keys()):
        for before, k in zip_longest(lost.get(household, ()), got.get(household, ())):
            kind = "ended" if k is None else "new" if before is None else "changed"
            cause = NEWLY_SERVED if before is None else why(household, before)
            changes.append(Change(household, before or "", "" if k is None else pairs[k][1], kind, cause))
            if k is not None:
                status[k], reason[k] = kind, cause
    for k, pair in enumerate(pairs if required else ()):
        if pair in required:
            reason[k] = "required"
    return Statuses(status, reason, last, sorted(changes))


def _matched(judgement: Judgement, pairs: list[tuple[str, str]]) -> tuple[list[int], dict[str, list[str]]]:
    """Return every pair's row in last month's roster (-1: none), and the cadres that each household lost, sorted.

    Both lists are sorted by (household_id, cadre_id), so one walk through the two finds what they share.
    """
    last, lost, at = [], defaultdict(list), 0
    roster = judgement.relations.roster
    for pair in pairs:
        while at < len(roster) and roster[at][:2] < pair:
            lost[roster[at].household].append(roster[at].cadre)
            at += 1
        same = at < len(roster) and roster[at][:2] == pair
        last.append(at if same else -1)
        at += same
    for row in roster[at:]:
        lost[row.household].append(row.cadre)
    return last, lost


class _WhyEnded:
    """Answers why a pair of last month ended; ``capacity`` only where there is less of it than last month's pairs took."""

    def __init__(self, judgement: Judgement) -> None:
        self._row, self._decisions = judgement.households.index, judgement.decisions
        rows = judgement.cadres
        self._why_not = dict(zip(rows.ids, rows.why_not, strict=True))
        self._capacity = dict(zip(rows.ids, rows.capacity, strict=True))
        self._unit = dict(zip(rows.ids, rows.units, strict=True))
        self._units = rows.unit_rows
        self._last_load: dict[object, int] = defaultdict(int)
        for row in judgement.relations.roster:
            self._last_load[row.cadre] += 1
            self._last_load[self._unit.get(row.cadre)] += 1
        self._avoid = {(r.household, r.cadre) for r in judgement.relations.avoid}
        instance = judgement.instance
        ids = instance.households.ids, instance.cadres.ids
        previous = instance.previous
        allowed = judgement.permission.of_pairs(previous.household, previous.cadre)
        self._permitted = {(ids[0][h], ids[1][c]) for h, c, ok in zip(previous.household, previous.cadre, allowed, strict=True) if ok}

    def __call__(self, household: str, cadre: str) -> str:
        row = self._row.get(household)
        if row is None:
            return ABSENT
        decision = self._decisions[row].decision
        if decision is not Decision.ELIGIBLE:
            return _BY_DECISION.get(decision, str(decision))
        why_not = self._why_not.get(cadre)
        if why_not is None:
            return LEFT_POST
        if why_not:
            return _BY_WHY_NOT.get(why_not, why_not)
        if (household, cadre) not in self._permitted:
            return AVOID if (household, cadre) in self._avoid else MOVED
        unit = self._units.get(self._unit[cadre])
        shrunk = unit is not None and 0 <= unit.capacity < self._last_load[self._unit[cadre]]
        return CAPACITY if shrunk or self._capacity[cadre] < self._last_load[cadre] else BETTER
