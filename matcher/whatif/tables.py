"""The comparison as tables: what the CSV files hold and the workbook shows, codes as everywhere in the files of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from matcher.export.book_model import Columns
from matcher.messages import mask_numbers
from matcher.roster.served import Served
from matcher.whatif.compare import Comparison
from matcher.whatif.facts import Facts

BASE = "base"
"""What the month as it is is called among the scenarios."""
_PEOPLE = ("township", "village", "head_name", "income")


class Tables:
    """Makes the tables of an answer.

    Parameters
    ----------
    base : Facts
    comparisons : sequence of Comparison
        A row, or rows, for each.
    """

    def __init__(self, base: Facts, comparisons: Sequence[Comparison]) -> None:
        self._base, self._found = base, comparisons

    @cached_property
    def comparison(self) -> Columns:
        """Return a row for the base and for every scenario: its figures, and the value of every objective."""
        names = dict.fromkeys(o["name"] for f in (self._base, *(c.facts for c in self._found)) for o in f.objectives)
        rows = [self._figures(BASE, self._base, None, names), *(self._figures(c.scenario.name, c.facts, c, names) for c in self._found)]
        return columns_of(rows, rows[0])

    def _figures(self, name: str, facts: Facts, found: Comparison | None, names: Iterable[str]) -> dict[str, object]:
        values = {o["name"]: _value(o["value"]) for o in facts.objectives}
        return {
            "scenario": name, "eligible": facts.counts["eligible"], "served": len(facts.cadres_of), "unmatched": facts.counts["unmatched"],
            "pairs": facts.counts["pairs"], "cadres": facts.counts["cadres"],
            **{count: facts.counts[count] for count in Served._fields},
            "newly_served": len(found.newly_served) if found else 0, "no_longer_served": len(found.no_longer_served) if found else 0,
            "changed": len({m.household for m in found.changed}) if found else 0,
            **{objective: values.get(objective, "") for objective in names},
        }

    @cached_property
    def coverage(self) -> Columns:
        """Return every scenario's townships and bands: eligible households and those who have a cadre."""
        rows = [
            {"scenario": c.scenario.name, "township": r.township, "band": r.band, "base_eligible": r.eligible[0], "eligible": r.eligible[1],
             "base_served": r.served[0], "served": r.served[1], "difference": r.served[1] - r.served[0]}
            for c in self._found for r in c.coverage
        ]
        names = ("scenario", "township", "band", "base_eligible", "eligible", "base_served", "served", "difference")
        return columns_of(rows, names)

    @cached_property
    def households(self) -> Columns:
        """Return everybody who gets, loses or changes a cadre, with the reason."""
        names = ("scenario", "household_id", "kind", "from_cadre", "to_cadre", "reason", *_PEOPLE, "from_name", "to_name")
        return columns_of((row for c in self._found for row in _households(c)), names)

    @cached_property
    def bottlenecks(self) -> Columns:
        """Return the bottlenecks of either run: opened, closed, changed or the same."""
        rows = []
        for c in self._found:
            for gap in c.gaps:
                narrow = gap.after or gap.before
                figures: dict[str, object] = {}
                for prefix, side in (("base_", gap.before), ("", gap.after)):
                    sizes = (side.households, len(side.cadres), side.places, side.shortfall) if side else ("", "", "", "")
                    figures |= {prefix + n: s for n, s in zip(("households", "cadres", "places", "shortfall"), sizes, strict=True)}
                rows.append({
                    "scenario": c.scenario.name, "kind": gap.kind, "townships": "、".join(narrow.townships) if narrow else "",
                    "quota": narrow.quota if narrow else "", **figures,
                })
        figures_ = ("households", "cadres", "places", "shortfall")
        return columns_of(rows, ("scenario", "kind", "townships", "quota", *(f"base_{n}" for n in figures_), *figures_))

    @cached_property
    def loads(self) -> Columns:
        """Return every cadre whose number of households or limit differs; blank for one who takes no part."""
        names = ("scenario", "cadre_id", "name", "unit", "base_load", "load", "base_capacity", "capacity")
        return columns_of((row for c in self._found for row in _loads(c)), names)


def columns_of(rows: Iterable[dict[str, Any]], names: Iterable[str]) -> Columns:
    """Return rows as columns of these names."""
    every = list(rows)
    return {name: [row[name] for row in every] for name in names}


def _value(value: Any) -> object:
    return value if isinstance(value, int) else ";".join(map(str, value))


def _households(found: Comparison) -> Iterator[dict[str, object]]:
    rows = [(s.household, "newly_served", "", c, s.reason) for s in found.newly_served for c in s.cadres]
    rows += [(s.household, "no_longer_served", c, "", s.reason) for s in found.no_longer_served for c in s.cadres]
    rows += [(m.household, "changed", m.from_cadre, m.to_cadre, m.reason) for m in found.changed]
    for household, kind, lost, got, reason in sorted(rows):
        people = (found.facts if household in found.facts.people.row else found.base).people
        at = people.row[household]
        village = people.labels[int(people.village[at])]
        township = people.labels[int(people.town[at])]
        yield {
            "scenario": found.scenario.name, "household_id": household, "kind": kind, "from_cadre": lost, "to_cadre": got, "reason": reason,
            "township": township, "village": village.removeprefix(township + "/"), "head_name": people.names[at],
            "income": mask_numbers(people.incomes[at]), "from_name": _name(found, lost), "to_name": _name(found, got),
        }


def _name(found: Comparison, cadre: str) -> str:
    for facts in (found.facts, found.base):
        if cadre in facts.people.cadre_row:
            return facts.people.cadre_names[facts.people.cadre_row[cadre]]
    return ""


def _loads(found: Comparison) -> Iterator[dict[str, object]]:
    known = [_load_of(facts) for facts in (found.base, found.facts)]
    for cadre in sorted(known[0].keys() | known[1].keys()):
        before, after = known[0].get(cadre, ("", "")), known[1].get(cadre, ("", ""))
        if before == after:
            continue
        people = (found.facts if cadre in found.facts.people.cadre_row else found.base).people
        at = people.cadre_row[cadre]
        yield {
            "scenario": found.scenario.name, "cadre_id": cadre, "name": people.cadre_names[at], "unit": people.units[at],
            "base_load": before[0], "load": after[0], "base_capacity": before[1], "capacity": after[1],
        }


def _load_of(facts: Facts) -> dict[str, tuple[object, object]]:
    cadres = facts.instance.cadres
    return dict(zip(cadres.ids, zip(facts.loads.tolist(), cadres.capacity.tolist(), strict=True), strict=True))
