"""What became of last month's pairs, told again: docs/certificate.md, "Changes"."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import zip_longest

from matcher.domain import Decision
from matcher.people.judge import Judgement

Pair = tuple[str, str]
Row = tuple[str, str, str, str, str]


def told_again(judgement: Judgement, pairs: list[Pair]) -> tuple[list[str], list[str], list[Row]]:
    """Return every pair's status and reason, and the rows of changes.csv: household, from, to, kind, reason."""
    last = judgement.relations.roster.said()
    now = set(pairs)
    required = set(judgement.relations.require.said())
    lost, got = _by_household(sorted(last.keys() - now)), _by_household(sorted(now - last.keys()))
    why = _Why(judgement)
    said = {pair: ("kept", "pinned" if last[pair] else "kept") for pair in now & last.keys()}
    rows: list[Row] = []
    for household in lost.keys() | got.keys():
        for before, after in zip_longest(lost[household], got[household]):
            kind = "ended" if after is None else "new" if before is None else "changed"
            reason = "newly_served" if before is None else why.ended(household, before)
            rows.append((household, before or "", after or "", kind, reason))
            if after is not None:
                said[household, after] = kind, reason
    for pair in required & now:
        said[pair] = said[pair][0], "required"
    return [said[p][0] for p in pairs], [said[p][1] for p in pairs], sorted(rows)


def _by_household(pairs: list[Pair]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for household, cadre in pairs:
        found[household].append(cadre)
    return found


class _Why:
    """Answers why a pair of last month ended."""

    def __init__(self, judgement: Judgement) -> None:
        rows, instance = judgement.cadres, judgement.instance
        self._decision = dict(zip(judgement.households.ids, (j.decision for j in judgement.decisions), strict=True))
        self._cadres, self._at = rows, {c: k for k, c in enumerate(rows.ids)}
        self._load = Counter(judgement.relations.roster.cadres)
        self._of_unit = Counter(rows.units[self._at[c]] for c in judgement.relations.roster.cadres if c in self._at)
        self._avoid = set(judgement.relations.avoid.said())
        self._places = dict(zip(instance.households.ids, instance.households.village.tolist(), strict=True))
        self._parents = instance.parents.tolist()

    def ended(self, household: str, cadre: str) -> str:
        """Return the reason: the household's, then the cadre's, then the pair's, then places, else a better roster."""
        decision = self._decision.get(household)
        if decision is None:
            return "household_absent"
        if decision is not Decision.ELIGIBLE:
            return {Decision.ON_WELFARE_LIST: "now_on_welfare", Decision.ABOVE_THRESHOLD: "income_rose"}.get(decision, str(decision))
        k = self._at.get(cadre)
        if k is None or self._cadres.why_not[k] == "unavailable":
            return "left_post"
        if self._cadres.why_not[k]:
            return {"capacity_0": "capacity"}.get(self._cadres.why_not[k], self._cadres.why_not[k])
        if (household, cadre) in self._avoid:
            return "avoid"
        if not self._serves(k, self._places[household]):
            return "moved"
        unit = self._cadres.units[k]
        row = self._cadres.unit_rows.get(unit)
        shrunk = row is not None and 0 <= row.capacity < self._of_unit[unit]
        return "capacity" if shrunk or self._cadres.capacity[k] < self._load[cadre] else "better_objective"

    def _serves(self, cadre: int, place: int) -> bool:
        mine = set(self._cadres.places[cadre])
        while place and place not in mine:
            place = self._parents[place]
        return place in mine
