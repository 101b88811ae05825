"""What a run leaves for the comparison: columns, so that it comes back from another process at little cost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.domain import Decision, Instance, Ints
from matcher.explain.bottlenecks import BOTTLENECK, NOBODY, QUOTA
from matcher.findings import Finding
from matcher.people.cadres import CadreRows
from matcher.people.households import HouseholdRows
from matcher.people.reused import Reused
from matcher.pipeline import Outcome
from matcher.publish import counts, objectives
from matcher.report import is_loud

PLACES = (BOTTLENECK, QUOTA)
"""Reasons for lacking a cadre that are a want of places."""
ABSENT = "absent"
"""Stands for the decision of a household that has no row."""
_CODES = tuple(Decision)


@dataclass(frozen=True)
class Narrow:
    """A bottleneck by names.

    Attributes
    ----------
    quota : str
        The township whose quota it is; empty where cadres are the bottleneck.
    cadres : frozenset of str
        Ids.
    """

    quota: str
    townships: tuple[str, ...]
    households: int
    cadres: frozenset[str]
    places: int
    shortfall: int

    def record(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "townships": list(self.townships), "quota": self.quota or None, "households": self.households,
            "cadres": len(self.cadres), "places": self.places, "shortfall": self.shortfall,
        }


@dataclass(frozen=True)
class People:
    """Every row of the households' and the cadres' table, eligible and taking part or not, in the order of the ids.

    Attributes
    ----------
    ids, names, incomes : list of str
    town, village : (n,) int
        Index of ``labels``.
    labels : tuple of str
        Names of the places, a village's as ``township/village``, with the county where there are several.
    cadre_ids, cadre_names, units : list of str
    """

    ids: list[str]
    names: list[str]
    incomes: list[str]
    town: Ints
    village: Ints
    labels: tuple[str, ...]
    cadre_ids: list[str]
    cadre_names: list[str]
    units: list[str]

    @cached_property
    def row(self) -> dict[str, int]:
        """Household to row."""
        return {key: k for k, key in enumerate(self.ids)}

    def town_of(self, household: str) -> str:
        """Return the township where a household lives."""
        return self.labels[int(self.town[self.row[household]])]

    @cached_property
    def cadre_row(self) -> dict[str, int]:
        """Cadre to row."""
        return {key: k for k, key in enumerate(self.cadre_ids)}


@dataclass(frozen=True)
class Facts:
    """A run as the comparison sees it.

    Attributes
    ----------
    objectives : list of dict
        As in summary.json.
    counts : dict of str to int
    bands : tuple of str
        Every band in words: ``≤1500``, ``>1500``.
    decision : (n,) uint8
        Number of every household's decision, by the rows of ``people``.
    eligible, taking_part : (n,), (m,) int
        Rows of ``people`` of the instance's households and cadres.
    household, cadre : (pairs,) int
        Numbers of the instance.
    short : dict of str to str
        Household that lacks a cadre to the reason.
    everyone : frozenset of str
        Of these, those who have every cadre that they may have: they lack no place.
    why_not : dict of str to str
        Cadre who takes no part to the code of why not.
    required : frozenset of (str, str)
    alarms : tuple of Finding
        What is odd about the month as a whole.
    """

    objectives: list[dict[str, Any]]
    counts: dict[str, int]
    bands: tuple[str, ...]
    people: People
    decision: npt.NDArray[np.uint8]
    instance: Instance
    eligible: Ints
    household: Ints
    cadre: Ints
    short: dict[str, str]
    bottlenecks: tuple[Narrow, ...]
    required: frozenset[tuple[str, str]]
    everyone: frozenset[str]
    why_not: dict[str, str]
    alarms: tuple[Finding, ...]

    def decision_of(self, household: str) -> str:
        """Return a household's decision, ``absent`` where it has no row."""
        row = self.people.row.get(household)
        return ABSENT if row is None else str(_CODES[int(self.decision[row])])

    @cached_property
    def cadres_of(self) -> dict[str, tuple[str, ...]]:
        """Household to its cadres, sorted; those without one are left out."""
        homes, cadres = self.instance.households.ids, self.instance.cadres.ids
        names = [cadres[c] for c in self.cadre.tolist()]
        begin = np.flatnonzero(np.diff(self.household, prepend=-1))
        ends = zip(self.household[begin].tolist(), begin.tolist(), [*begin[1:].tolist(), len(names)][: len(begin)], strict=True)
        return {homes[h]: tuple(names[a:b]) for h, a, b in ends}

    @cached_property
    def number(self) -> tuple[dict[str, int], dict[str, int]]:
        """Household and cadre to the number in the instance."""
        return tuple({key: k for k, key in enumerate(ids)} for ids in (self.instance.households.ids, self.instance.cadres.ids))  # type: ignore[return-value]

    @cached_property
    def loads(self) -> Ints:
        """Households of every cadre who takes part."""
        return np.bincount(self.cadre, minlength=len(self.instance.cadres))

    def load_of(self, cadre: str) -> int:
        """Return a cadre's households, 0 for one who takes no part."""
        number = self.number[1].get(cadre)
        return 0 if number is None else int(self.loads[number])

    @cached_property
    def short_townships(self) -> frozenset[str]:
        """The townships where somebody lacks a cadre for want of places."""
        return frozenset(self.people.town_of(h) for h, why in self.short.items() if why in PLACES and h not in self.everyone)

    @cached_property
    def short_besides(self) -> Counter[tuple[str, str]]:
        """How many households lack a cadre though places are enough, by township and reason: no place more would serve them."""
        said = ((h, NOBODY if h in self.everyone else why) for h, why in self.short.items())
        return Counter((self.people.town_of(h), why) for h, why in said if why not in PLACES)

    @property
    def short_places(self) -> int:
        """How many places too few the bottlenecks are together."""
        return sum(b.shortfall for b in self.bottlenecks)

    def coverage(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Return, by township and band, the eligible households and those who have a cadre."""
        bands = len(self.bands)
        key = self.people.town[self.eligible] * bands + self.instance.households.band
        served = np.zeros(len(key), np.bool_)
        served[self.household] = True
        size = len(self.people.labels) * bands
        all_, with_ = np.bincount(key, minlength=size), np.bincount(key[served], minlength=size)
        return {
            (self.people.labels[k // bands], self.bands[k % bands]): (int(all_[k]), int(with_[k])) for k in np.flatnonzero(all_).tolist()
        }


def facts_of(outcome: Outcome, reused: Reused) -> Facts:
    """Return what the comparison needs of a run; what it has in common with other runs is looked for, and kept, in what they reuse."""
    judgement = outcome.judgement
    rows, cadres = judgement.households, judgement.cadres
    people: People = reused("people", (rows.ids, rows.names, rows.income_text, rows.place, rows.places, cadres), (), [],
                            lambda _: _people(rows, cadres))
    homes = judgement.instance.households.ids
    relations = judgement.relations
    required = zip(relations.require.households, relations.require.cadres, strict=True)
    code = {decision: k for k, decision in enumerate(_CODES)}
    decision = np.array([code[j.decision] for j in judgement.decided.values], np.uint8)[judgement.decided.codes]
    return Facts(
        objectives(outcome), counts(outcome), bands_of(outcome), people, decision, judgement.instance, judgement.eligible,
        outcome.household, outcome.cadre,
        {homes[u.household]: u.reason for u in outcome.unmatched}, _bottlenecks(outcome), frozenset(required),
        frozenset(homes[u.household] for u in outcome.unmatched if u.everyone),
        {key: why for key, why in zip(cadres.ids, cadres.why_not, strict=True) if why},
        tuple(filter(is_loud, judgement.findings)),
    )


def bands_of(outcome: Outcome) -> tuple[str, ...]:
    """Return the bands of a run in words."""
    figures = [f"{figure:f}" for figure in outcome.source.policy.priority.bands]
    return (*(f"≤{figure}" for figure in figures), f">{figures[-1]}" if figures else "*")


def _people(rows: HouseholdRows, cadres: CadreRows) -> People:
    places = rows.places
    labels = tuple(places.label(p) for p in range(len(places.names)))
    return People(
        rows.ids, rows.names.tolist(), rows.income_text.tolist(), np.array(places.parents, np.int64)[rows.place], rows.place, labels,
        cadres.ids, cadres.names, [unit for _, unit in cadres.units],
    )


def _bottlenecks(outcome: Outcome) -> tuple[Narrow, ...]:
    instance, places = outcome.judgement.instance, outcome.judgement.households.places
    ids = instance.cadres.ids
    return tuple(
        Narrow(
            places.label(b.quota) if b.quota >= 0 else "",
            tuple(sorted({places.label(p) for p in np.unique(instance.households.township[b.households]).tolist()})),
            len(b.households), frozenset(ids[c] for c in b.cadres.tolist()), b.places, b.shortfall,
        )
        for b in outcome.bottlenecks
    )
