"""What became of last month's pairs, told again: docs/certificate.md, "Changes"."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import zip_longest

from matcher.domain import Decision
from matcher.people.judge import Judgement

Pair = tuple[str, str]
Row = tuple[str, str, str, str, str]
_DECISIONS = {Decision.ON_WELFARE_LIST: "now_on_welfare", Decision.ABOVE_THRESHOLD: "income_rose"}
_PARTS = {"unavailable": "left_post", "capacity_0": "capacity"}


def told_again(judgement: Judgement, pairs: list[Pair]) -> tuple[list[str], list[str], list[Row]]:
    """Return every pair's status and reason, and the rows of changes.csv: household, from, to, kind, reason."""
    last, required, now = judgement.relations.roster.said(), set(judgement.relations.require.said()), set(pairs)
    moves: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for household, cadre in sorted(last.keys() ^ now):
        moves[household][(household, cadre) in now].append(cadre)
    ended = _Ended(judgement)
    said = {pair: ("kept", "pinned" if last[pair] else "kept") for pair in now & last.keys()}
    rows: list[Row] = []
    for household, (lost, got) in moves.items():
        for before, after in zip_longest(lost, got):
            kind = "ended" if after is None else "new" if before is None else "changed"
            reason = "newly_served" if before is None else ended.reason(household, before)
            rows.append((household, before or "", after or "", kind, reason))
            if after is not None:
                said[household, after] = kind, reason
    said |= {pair: (said[pair][0], "required") for pair in required & now}
    return [said[p][0] for p in pairs], [said[p][1] for p in pairs], sorted(rows)


class _Ended:
    """Answers why a pair of last month ended."""

    def __init__(self, judgement: Judgement) -> None:
        self._judgement, self._cadres = judgement, judgement.cadres
        self._decision = dict(zip(judgement.households.ids, (j.decision for j in judgement.decisions), strict=True))
        self._at = {c: k for k, c in enumerate(self._cadres.ids)}
        self._load = Counter(judgement.relations.roster.cadres)
        self._of_unit = Counter(self._cadres.units[self._at[c]] for c in judgement.relations.roster.cadres if c in self._at)
        self._avoid = set(judgement.relations.avoid.said())
        self._village = dict(zip(judgement.instance.households.ids, judgement.instance.households.village.tolist(), strict=True))

    def reason(self, household: str, cadre: str) -> str:
        """Return the household's reason, else the cadre's, the pair's, the places', else a better roster."""
        decision = self._decision.get(household)
        if decision is not Decision.ELIGIBLE:
            return "household_absent" if decision is None else _DECISIONS.get(decision, str(decision))
        k = self._at.get(cadre)
        out = "unavailable" if k is None else self._cadres.why_not[k]
        if k is None or out:
            return _PARTS.get(out, out)
        if (household, cadre) in self._avoid:
            return "avoid"
        if not self._serves(k, self._village[household]):
            return "moved"
        row = self._cadres.unit_rows.get(self._cadres.units[k])
        shrunk = row is not None and 0 <= row.capacity < self._of_unit[self._cadres.units[k]]
        return "capacity" if shrunk or self._cadres.capacity[k] < self._load[cadre] else "better_objective"

    def _serves(self, cadre: int, place: int) -> bool:
        mine, parents = set(self._cadres.places[cadre]), self._judgement.instance.parents
        while place and place not in mine:
            place = int(parents[place])
        return place in mine
