"""What became of last month's pairs: kept, changed, ended, and why; which pairs are new."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from matcher.domain import Decision
from matcher.people.judge import Judgement

LEFT_POST, MOVED, CAPACITY, BETTER, AVOID, ABSENT = "left_post", "moved", "capacity", "better_objective", "avoid", "household_absent"
NEWLY_SERVED = "newly_served"
_BY_DECISION = {
    Decision.ON_WELFARE_LIST: "now_on_welfare",
    Decision.ABOVE_THRESHOLD: "income_rose",
}
_BY_WHY_NOT = {"": "", "unavailable": LEFT_POST, "capacity_0": CAPACITY}


@dataclass(frozen=True)
class Change:
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
    status, reason : dict of (household_id, cadre_id) to str
    changes : list of Change
        Sorted by household, from_cadre, to_cadre.
    """

    status: dict[tuple[str, str], str]
    reason: dict[tuple[str, str], str]
    changes: list[Change]


def compare(judgement: Judgement, pairs: list[tuple[str, str]]) -> Statuses:
    """Return the status of every pair: a household that lost cadres got as many ``changed`` ones, in the order of cadre_id."""
    now = set(pairs)
    old = {(r.household, r.cadre): bool(r.value) for r in judgement.relations.roster}
    required = {(r.household, r.cadre) for r in judgement.relations.require}
    why = _WhyEnded(judgement, pairs)
    lost: dict[str, list[str]] = defaultdict(list)
    for household, cadre in sorted(old):
        if (household, cadre) not in now:
            lost[household].append(cadre)
    got: dict[str, list[str]] = defaultdict(list)
    status, reason, changes = {}, {}, []
    for pair in pairs:
        if pair in old:
            status[pair] = "kept"
            reason[pair] = "required" if pair in required else "pinned" if old[pair] else "kept"
        else:
            got[pair[0]].append(pair[1])
    for household in sorted(lost.keys() | got.keys()):
        gone, come = lost.get(household, []), got.get(household, [])
        for nth in range(max(len(gone), len(come))):
            before, after = gone[nth] if nth < len(gone) else "", come[nth] if nth < len(come) else ""
            kind = "changed" if before and after else "ended" if before else "new"
            cause = why(household, before) if before else NEWLY_SERVED
            changes.append(Change(household, before, after, kind, cause))
            if after:
                status[household, after] = kind
                reason[household, after] = "required" if (household, after) in required else cause
    return Statuses(status, reason, sorted(changes, key=lambda c: (c.household, c.from_cadre, c.to_cadre)))


class _WhyEnded:
    """Answers why a pair of last month ended."""

    def __init__(self, judgement: Judgement, pairs: list[tuple[str, str]]) -> None:
        self._decision = {k: d.decision for k, d in zip(judgement.households.ids, judgement.decisions, strict=True)}
        rows = judgement.cadres
        self._why_not = dict(zip(rows.ids, rows.why_not, strict=True))
        self._capacity = dict(zip(rows.ids, rows.capacity, strict=True))
        self._unit = dict(zip(rows.ids, rows.units, strict=True))
        self._units = rows.unit_rows
        self._load: dict[object, int] = defaultdict(int)
        for _, cadre in pairs:
            self._load[cadre] += 1
            self._load[self._unit[cadre]] += 1
        self._avoid = {(r.household, r.cadre) for r in judgement.relations.avoid}
        instance = judgement.instance
        ids = instance.households.ids, instance.cadres.ids
        previous = instance.previous
        allowed = judgement.permission.of_pairs(previous.household, previous.cadre)
        self._permitted = {(ids[0][h], ids[1][c]) for h, c, ok in zip(previous.household, previous.cadre, allowed, strict=True) if ok}

    def __call__(self, household: str, cadre: str) -> str:
        decision = self._decision.get(household)
        if decision is None:
            return ABSENT
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
        full = unit is not None and 0 <= unit.capacity <= self._load[self._unit[cadre]]
        return CAPACITY if full or self._load[cadre] >= self._capacity[cadre] else BETTER
