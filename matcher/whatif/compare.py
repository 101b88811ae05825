"""A scenario beside the base: who is newly served or dropped, whose cadre changes and why, where places open and run out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np

from matcher.domain import Decision
from matcher.people.permission import Permission
from matcher.roster.changes import AVOID, BETTER, CAPACITY, MOVED, of_leaving
from matcher.scenario import Scenario
from matcher.whatif.facts import Facts, Narrow

REQUIRED = "required"
_ALIKE = 0.5
"""Share of common cadres from which on two bottlenecks are the same, wider or narrower."""


@dataclass(frozen=True)
class Served:
    """A household that gets or loses its cadres; ``reason``: why it has none without the change (or with it)."""

    household: str
    cadres: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Moved:
    """A household that has another cadre; one of the two is empty where the number of its cadres changes."""

    household: str
    from_cadre: str
    to_cadre: str
    reason: str

    def record(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"household_id": self.household, "from": self.from_cadre or None, "to": self.to_cadre or None}


@dataclass(frozen=True)
class Coverage:
    """Eligible households of a township and band, and those who have a cadre: in the base and in the scenario."""

    township: str
    band: str
    eligible: tuple[int, int]
    served: tuple[int, int]


@dataclass(frozen=True)
class Gap:
    """A bottleneck in the base (``before``), in the scenario (``after``), or in both."""

    before: Narrow | None
    after: Narrow | None

    @property
    def kind(self) -> str:
        """``opened``, ``closed``, ``changed`` or ``same``."""
        if self.before is None:
            return "opened"
        if self.after is None:
            return "closed"
        figures = [(n.households, n.places, n.shortfall) for n in (self.before, self.after)]
        return "same" if figures[0] == figures[1] else "changed"


@dataclass(frozen=True)
class Comparison:
    """A scenario compared with the base.

    Attributes
    ----------
    newly_served, no_longer_served, changed : tuple
        Sorted by household.
    coverage : tuple of Coverage
        Sorted by township, then band.
    gaps : tuple of Gap
    loads : dict of int to (int, int)
        Number of households to the number of cadres who have so many, in the base and in the scenario.
    """

    scenario: Scenario
    base: Facts
    facts: Facts
    newly_served: tuple[Served, ...]
    no_longer_served: tuple[Served, ...]
    changed: tuple[Moved, ...]
    coverage: tuple[Coverage, ...]
    gaps: tuple[Gap, ...]
    loads: dict[int, tuple[int, int]]

    def record(self) -> dict[str, Any]:
        """Return the comparison as ``whatif --json`` has it."""
        return {
            "name": self.scenario.name, "objectives": self.facts.objectives, "counts": self.facts.counts,
            "newly_served": [s.household for s in self.newly_served],
            "no_longer_served": [s.household for s in self.no_longer_served],
            "changed": [m.record() for m in self.changed],
            "reasons": {s.household: s.reason for s in (*self.newly_served, *self.no_longer_served)}
            | {m.household: m.reason for m in self.changed},
            "coverage": [
                {"township": c.township, "band": c.band, "eligible": c.eligible[1], "served": c.served[1],
                 "base_eligible": c.eligible[0], "base_served": c.served[0]} for c in self.coverage
            ],
            "bottlenecks": [
                {"kind": g.kind, "base": g.before and g.before.record(), "scenario": g.after and g.after.record()} for g in self.gaps
            ],
            "loads": [{"load": load, "cadres": n[1], "base_cadres": n[0]} for load, n in self.loads.items()],
        }


def compare(scenario: Scenario, base: Facts, facts: Facts) -> Comparison:
    """Return a scenario's comparison with the base."""
    before, after = base.cadres_of, facts.cadres_of
    new, gone = sorted(after.keys() - before.keys()), sorted(before.keys() - after.keys())
    return Comparison(
        scenario, base, facts,
        tuple(Served(h, after[h], without(base, h)) for h in new), tuple(Served(h, before[h], without(facts, h)) for h in gone),
        tuple(_moved(base, facts)), tuple(_coverage(base, facts)), tuple(_gaps(base, facts)), _loads(base, facts),
    )


def without(facts: Facts, household: str) -> str:
    """Return why a household has no cadre in a run: the decision if it is not eligible, else why it lacks one."""
    decision = facts.decision_of(household)
    return decision if decision != Decision.ELIGIBLE else facts.short.get(household, "")


def _moved(base: Facts, facts: Facts) -> Iterator[Moved]:
    before, after = base.cadres_of, facts.cadres_of
    steps: list[tuple[str, str, str]] = []
    for household in sorted(h for h in before.keys() & after.keys() if before[h] != after[h]):
        lost = [c for c in before[household] if c not in after[household]]
        got = [c for c in after[household] if c not in before[household]]
        steps += [(household, *pair) for pair in zip_longest(lost, got, fillvalue="")]
    why = _Why(base, facts, [(household, lost) for household, lost, _ in steps])
    for step in steps:
        yield Moved(*step, why(*step))


class _Why:
    """Answers why a pair of the base is none in the scenario; the codes are those of changes.csv.

    Parameters
    ----------
    lost : sequence of (str, str)
        The pairs that it will be asked of.
    """

    def __init__(self, base: Facts, facts: Facts, lost: Sequence[tuple[str, str]]) -> None:
        self._base, self._facts = base, facts
        loads = [base.load_of(c) for c in facts.instance.cadres.ids]
        self._base_load = np.bincount(facts.instance.cadres.unit, loads, len(facts.instance.unit_names))
        homes, cadres = facts.number
        known = [(homes[h], cadres[c]) for h, c in lost if c in cadres]
        household, cadre = np.array(known, np.int64).reshape(-1, 2).T
        may = Permission(facts.instance).of_pairs(household, cadre).tolist()
        avoid = facts.instance.avoid
        avoided = set(zip(avoid.household.tolist(), avoid.cadre.tolist(), strict=True))
        self._forbidden = {pair: AVOID if pair in avoided else MOVED for pair, good in zip(known, may, strict=True) if not good}

    def __call__(self, household: str, lost: str, got: str) -> str:
        if (household, got) in self._facts.required:
            return REQUIRED
        homes, cadres = self._facts.number
        if lost and lost not in cadres:
            return of_leaving(self._facts.why_not.get(lost, ""))
        if not lost:
            return BETTER
        pair = homes[household], cadres[lost]
        return self._forbidden.get(pair) or (CAPACITY if self._shrunk(lost) else BETTER)

    def _shrunk(self, cadre: str) -> bool:
        """Return whether a cadre or the unit has fewer places than its pairs of the base take."""
        number, instance = self._facts.number[1][cadre], self._facts.instance
        unit = int(instance.cadres.unit[number])
        limit = int(instance.unit_capacity[unit])
        return self._base.load_of(cadre) > int(instance.cadres.capacity[number]) or 0 <= limit < self._base_load[unit]


def _coverage(base: Facts, facts: Facts) -> Iterator[Coverage]:
    before, after = base.coverage(), facts.coverage()
    order = {band: k for k, band in enumerate(dict.fromkeys((*facts.bands, *base.bands)))}
    for key in sorted(before.keys() | after.keys(), key=lambda k: (k[0], order[k[1]])):
        (e0, s0), (e1, s1) = before.get(key, (0, 0)), after.get(key, (0, 0))
        yield Coverage(*key, (e0, e1), (s0, s1))


def _gaps(base: Facts, facts: Facts) -> Iterator[Gap]:
    """Yield every bottleneck of either run: those of one quota are one, of cadres those with the most cadres in common."""
    left = list(base.bottlenecks)
    alike = sorted(
        ((-_likeness(b, a), i, k) for i, b in enumerate(base.bottlenecks) for k, a in enumerate(facts.bottlenecks)
         if _likeness(b, a) >= _ALIKE)
    )
    partner: dict[int, Narrow] = {}
    taken: set[int] = set()
    for _, i, k in alike:
        if i not in taken and k not in partner:
            taken.add(i)
            partner[k] = base.bottlenecks[i]
    for k, after in enumerate(facts.bottlenecks):
        yield Gap(partner.get(k), after)
    for i, before in enumerate(left):
        if i not in taken:
            yield Gap(before, None)


def _likeness(one: Narrow, other: Narrow) -> float:
    if one.quota or other.quota:
        return float(one.quota == other.quota)
    whole = len(one.cadres | other.cadres)
    return len(one.cadres & other.cadres) / whole if whole else float(one.townships == other.townships)


def _loads(base: Facts, facts: Facts) -> dict[int, tuple[int, int]]:
    before, after = Counter(base.loads.tolist()), Counter(facts.loads.tolist())
    return {load: (before[load], after[load]) for load in sorted(before.keys() | after.keys())}
