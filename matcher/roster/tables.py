"""The run's tables as columns: what the files of a run folder hold, in canonical order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.domain import Instance, Ints
from matcher.explain.bottlenecks import BOTTLENECK, QUOTA, Bottleneck, Unmatched
from matcher.explain.why import Why
from matcher.integers import among
from matcher.messages import mask_numbers
from matcher.people.households import HouseholdRows
from matcher.people.identity import mask_id
from matcher.people.income import Income
from matcher.people.judge import Judgement
from matcher.roster.changes import Statuses
from matcher.roster.served import served_of
from matcher.tables.coded import Coded, coded

Columns = dict[str, Sequence[object]]
"""A table: column name to its cells (text, whole number or None), all of one length."""
CodedColumns = dict[str, Sequence[object] | Coded[Any]]
"""The same, some columns by their distinct values: enough to write it."""
_NO_YES = ("no", "yes")


def plain(columns: Mapping[str, Sequence[object] | Coded[Any]]) -> Columns:
    """Return a table with all its cells."""
    return {name: column.tolist() if isinstance(column, Coded) else column for name, column in columns.items()}


@dataclass(frozen=True)
class Answers:
    """Everything a run found, by numbers: what the tables are made from; what only some tables tell is asked for by them."""

    judgement: Judgement
    month: str
    household: Ints
    cadre: Ints
    drawn: frozenset[int]
    compared: Callable[[], Statuses]
    why: Callable[[], Why]


def _paths(rows: HouseholdRows) -> list[tuple[str, ...]]:
    """Return county, township and village of every place."""
    return [(*rows.places.path(p), "", "", "")[:3] for p in range(len(rows.places.names))]


def _people(rows: HouseholdRows, chosen: Sequence[int] | Ints) -> dict[str, Coded[str]]:
    """Return the readable columns of some household rows."""
    at = np.array(chosen, np.int64)
    place = rows.place[at].astype(np.int32)
    columns = {"hamlet": rows.hamlets, "head_name": rows.names, "members": rows.members, "income": rows.income_text.map(mask_numbers)}
    return {
        **dict(zip(("county", "township", "village"), (Coded(names, place) for names in zip(*_paths(rows), strict=True)), strict=True)),
        **{name: column.taken(at) for name, column in columns.items()},
    }


def decisions_table(judgement: Judgement, language: str) -> CodedColumns:
    """Return every household row with its decision and the evidence."""
    rows, judged = judgement.households, judgement.decided
    people = _people(rows, np.arange(len(rows.ids)))
    return {
        "household_id": rows.ids, "decision": judged.map(lambda j: str(j.decision)),
        "evidence": judged.map(lambda j: j.evidence.render(language)),
        **{k: people[k] for k in ("county", "township", "village", "head_name", "income")},
    }


def review_table(judgement: Judgement, language: str) -> Columns:
    """Return what is to be reviewed, and the answers so far: filled in, it is next month's ``review`` table."""
    rows, found = judgement.households, judgement.reviews
    people = plain(_people(rows, [rows.index[r.household] for r in found]))
    persons, answers = [r.person for r in found], [r.answer for r in found]
    return {
        "household_id": [r.household for r in found], "name": [p.name for p in persons],
        "id_number": [mask_id(p.id_key) for p in persons], "county": [p.county for p in persons],
        "township": [p.township for p in persons], "village": [p.village for p in persons],
        "answer": ["" if a is None else "yes" if a.yes else "no" for a in answers],
        "who": ["" if a is None else a.who for a in answers], "when": ["" if a is None else a.when for a in answers],
        "points": ["" if r.points is None else r.points for r in found], "evidence": [r.evidence.render(language) for r in found],
        "category": ["、".join(p.categories) for p in persons], "head_name": people["head_name"],
        "household_township": people["township"], "household_village": people["village"],
    }


def listed_fix(instance: Instance, unmatched: Unmatched, bottlenecks: Sequence[Bottleneck]) -> str:
    """Return the smallest fix of a household's bottleneck as unmatched.csv has it: for one household, whichever's turn it is."""
    helps = unmatched.reason == QUOTA or (unmatched.reason == BOTTLENECK and unmatched.helped)
    return place_text(instance, *bottlenecks[unmatched.bottleneck].fix) if helps else ""


def place_text(instance: Instance, kind: str, number: int) -> str:
    """Return one more place at a cadre, a unit or a township as the files write it; empty if none helps."""
    if not kind:
        return ""
    names = {"cadre": instance.cadres.ids, "unit": instance.unit_names, "township": instance.place_names}
    name = names[kind][number]
    return f"{kind} {name if kind == 'cadre' else name.split('/')[1]} +1"


class Tables:
    """Makes the tables of a run."""

    def __init__(self, answers: Answers, language: str) -> None:
        self._a, self._language = answers, language
        judgement = answers.judgement
        self._instance, self._rows, self._cadres = judgement.instance, judgement.households, judgement.cadres
        self._row_of, self._cadre_row = judgement.eligible.tolist(), judgement.taking_part.tolist()
        self._paths = _paths(self._rows)

    def columns(self, name: str) -> CodedColumns:
        """Return the table of a name as it is written, its columns by their distinct values where that is less."""
        if name == "roster":
            return self._roster()
        return decisions_table(self._a.judgement, self._language) if name == "decisions" else getattr(self, name)

    @cached_property
    def roster(self) -> Columns:
        """Return the pairs with their status, reason and readable columns."""
        return plain(self._roster())

    def _roster(self) -> CodedColumns:
        a, h, instance = self._a, self._rows, self._instance
        household, cadre, statuses = a.household, a.cadre, a.compared()
        rows, of_cadre = a.judgement.eligible[household], cadre.astype(np.int32)
        people, before = _people(h, rows), a.judgement.relations.roster
        needs, skills = instance.households.needs[household], instance.cadres.skills
        since, drawn = coded([*before.notes, a.month]), np.zeros(len(instance.households), np.int32)
        drawn[list(a.drawn)] = 1
        return {
            "household_id": list(map(instance.households.ids.__getitem__, household.tolist())),
            "cadre_id": Coded(instance.cadres.ids, of_cadre), "township": people["township"], "village": people["village"],
            "unit": Coded(self._of_cadres([unit for _, unit in self._cadres.units]), of_cadre),
            "status": statuses.status, "reason": statuses.reason, "county": _once(people["county"]), "hamlet": people["hamlet"],
            "head_name": people["head_name"], "id_number": list(map(mask_id, h.id_keys.taken(rows).tolist())),
            "members": people["members"], "income": people["income"], "needs": Coded(instance.needs_names, needs.astype(np.int32)),
            "cadre_name": Coded(self._of_cadres(self._cadres.names), of_cadre),
            "rank": Coded(self._of_cadres(self._cadres.ranks), of_cadre),
            "skills": Coded([instance.skills_names[k] for k in skills.tolist()], of_cadre),
            "village_link": Coded(_NO_YES, self._linked(household, cadre).astype(np.int32)),
            "needs_met": _numbers(instance.met[needs, skills[cadre]]),
            "since": Coded(since.values, since.codes[statuses.last]),  # -1, for none, is the month at the end
            "pinned": Coded(_NO_YES, np.append(before.value != 0, False)[statuses.last].astype(np.int32)),
            "drawn": Coded(_NO_YES, drawn[household]),
        }

    def _of_cadres(self, cells: Sequence[str]) -> list[str]:
        """Return the cells of the cadres who take part."""
        return list(map(cells.__getitem__, self._cadre_row))

    def _linked(self, household: Ints, cadre: Ints) -> npt.NDArray[np.bool_]:
        """Return of every pair whether the household's village is linked to the cadre's unit."""
        links, width = self._instance.cadres.links, len(self._instance.parents)
        return among(cadre * width + self._instance.households.village[household], np.sort(links.owners() * width + links.values))

    def amounts(self, households: Sequence[str]) -> list[str]:
        """Return the income of households as it was judged, in yuan and plain digits; as it was written where it is no amount."""
        rows = self._rows
        known, written = rows.income.map(_plain), rows.income_text.map(mask_numbers)
        at = [rows.index[key] for key in households]
        return [known[row] or written[row] for row in at]

    @cached_property
    def unmatched(self) -> Columns:
        """Return the eligible households with fewer cadres than they need."""
        found = self._a.why().unmatched
        rows = [self._row_of[u.household] for u in found]
        people = plain(_people(self._rows, rows))
        return {
            "household_id": [self._rows.ids[r] for r in rows], "reason": [u.reason for u in found],
            "bottleneck": [u.bottleneck + 1 if u.bottleneck >= 0 else "" for u in found],
            "smallest_fix": [listed_fix(self._instance, u, self._a.why().bottlenecks) for u in found],
            "county": people["county"], "township": people["township"], "village": people["village"],
            "head_name": people["head_name"], "income": people["income"], "partners": [int(self._rows.partners[r]) for r in rows],
            "lacking": [u.lacking for u in found], "drawn": ["yes" if u.household in self._a.drawn else "no" for u in found],
        }

    @cached_property
    def bottlenecks(self) -> Columns:
        """Return the bottlenecks, numbered from 1."""
        found = self._a.why().bottlenecks
        towns = [sorted({self._paths[p][1] for p in self._instance.households.township[b.households].tolist()}) for b in found]
        return {
            "bottleneck": list(range(1, len(found) + 1)), "townships": ["、".join(t) for t in towns],
            "households": [len(b.households) for b in found], "cadres": [len(b.cadres) for b in found],
            "places": [b.places for b in found], "shortfall": [b.shortfall for b in found], "needed": [b.needed for b in found],
            "quota": ["" if b.quota < 0 else self._paths[b.quota][1] for b in found],
            "smallest_fix": [place_text(self._instance, *b.fix) for b in found],
        }

    @cached_property
    def decisions(self) -> Columns:
        """Return every household row with its decision and the evidence."""
        return plain(decisions_table(self._a.judgement, self._language))

    @cached_property
    def review(self) -> Columns:
        """Return what is to be reviewed, and the answers so far."""
        return review_table(self._a.judgement, self._language)

    @cached_property
    def cadres(self) -> Columns:
        """Return every cadre with load, capacity and duty."""
        c = self._cadres
        load = np.bincount(self._a.judgement.taking_part[self._a.cadre], minlength=len(c.ids)).tolist()
        duty = [0 if why else d for d, why in zip(c.duty, c.why_not, strict=True)]
        return {
            "cadre_id": c.ids, "unit": [u[1] for u in c.units], "takes_part": ["no" if why else "yes" for why in c.why_not],
            "why_not": c.why_not, "load": load, "capacity": c.capacity, "duty": c.duty,
            "unmet_duty": [max(d - n, 0) for d, n in zip(duty, load, strict=True)], "name": c.names, "rank": c.ranks,
            "county": [u[0] for u in c.units], "townships": c.townships,
        }

    @cached_property
    def changes(self) -> Columns:
        """Return what changed against last month's roster."""
        found, rows = self._a.compared().changes, self._rows
        at = [rows.index.get(c.household, -1) for c in found]
        paths = [self._paths[rows.place[row]] if row >= 0 else ("", "", "") for row in at]
        return {
            "household_id": [c.household for c in found], "from_cadre": [c.from_cadre for c in found],
            "to_cadre": [c.to_cadre for c in found], "kind": [c.kind for c in found], "reason": [c.reason for c in found],
            "township": [p[1] for p in paths], "village": [p[2] for p in paths],
            "head_name": [rows.names[row] if row >= 0 else "" for row in at],
            "from_name": [self._name_of(c.from_cadre) for c in found], "to_name": [self._name_of(c.to_cadre) for c in found],
        }

    def _name_of(self, cadre: str) -> str:
        """Return the name of a cadre, empty for nobody and for somebody absent."""
        at = self._cadres.index.get(cadre)
        return "" if at is None else self._cadres.names[at]

    @cached_property
    def statistics(self) -> Columns:
        """Return the figures of a month in long form: section, item, value."""
        counts = self._a.judgement.counts()
        served, lacking = self._by_township()
        sections: dict[str, dict[str, int]] = {
            "decisions": counts,
            "households": served_of(self._instance.households.partners, self._a.household)._asdict(),
            "paired_by_township": dict(sorted(served.items())),
            "unmatched_by_township": dict(sorted(lacking.items())),
            "status": dict(sorted(Counter(self._a.compared().status.tolist()).items())),
        }
        rows = [(name, item, n) for name, part in sections.items() for item, n in (part | {"total": sum(part.values())}).items()]
        return {"section": [r[0] for r in rows], "item": [r[1] for r in rows], "value": [r[2] for r in rows]}

    def _by_township(self) -> tuple[dict[str, int], dict[str, int]]:
        several = len(self._rows.places.counties) > 1
        label = [f"{p[0]}/{p[1]}" if several else p[1] for p in self._paths]
        township = self._instance.households.township
        served: dict[str, int] = {label[t]: 0 for t in sorted(set(township.tolist()))}
        lacking = dict.fromkeys(served, 0)
        for t in township[self._a.household].tolist():
            served[label[t]] += 1
        for u in self._a.why().unmatched:
            lacking[label[township[u.household]]] += u.lacking
        return served, lacking


def _plain(income: Income) -> str:
    """Return an amount in plain digits, empty for what is none; what may be an ID number in the wrong column is masked."""
    text = "" if isinstance(income, str) else f"{income:f}"
    return mask_numbers(text.rstrip("0").rstrip(".") if "." in text else text)


def _once(column: Coded[str]) -> Coded[str]:
    """Return a column whose values do not repeat."""
    own = coded(column.values)
    return Coded(own.values, own.codes[column.codes])


def _numbers(column: Ints) -> Coded[int]:
    """Return a column of small whole numbers, none of them negative, by their values."""
    return Coded(range(int(column.max(initial=0)) + 1), column.astype(np.int32))
