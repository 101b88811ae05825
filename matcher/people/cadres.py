"""The cadres' and units' tables: who takes part, where, with how many places."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import count
from typing import TypeVar

import numpy as np

from matcher.domain import Ints
from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.people.households import words_of
from matcher.people.places import ALL, VILLAGE, Places
from matcher.people.problems import filled, ids, refuse_if_any, unique, wholes
from matcher.policy import Policy
from matcher.policy.model import Capacity, Duty
from matcher.tables.cells import excerpt, fold_name, read, read_each, read_names, several, shown_each, yes_or_no
from matcher.tables.coded import Coded, Codes, coded, distinct_rows
from matcher.tables.table import RawTable

T = TypeVar("T")
UnitKey = tuple[str, str]
"""County and name."""


@dataclass(frozen=True)
class Unit:
    """A row of the units' table.

    Attributes
    ----------
    kind : str
    named : bool
        Whether any village is linked, be it one where no household lives.
    villages, townships : tuple of int
        The linked villages where households live; the townships of all linked villages.
    capacity : int
        Most pairings; -1 for no limit.
    """

    kind: str
    named: bool
    villages: tuple[int, ...]
    townships: tuple[int, ...]
    capacity: int


NO_UNIT = Unit("", False, (), (), -1)
"""What holds for a unit without a row."""


@dataclass(frozen=True)
class CadreRows:
    """All rows of the table in the order of their ids.

    Attributes
    ----------
    why_not : list of str
        Code of why a cadre takes no part; empty if it does.
    due : list of int
        The duty before the capacity limits it.
    places : list of tuple of int
        Places that each may serve, none inside another.
    links : list of tuple of int
        Villages linked to each one's unit.
    townships : list of str
        As the table says them.
    """

    ids: list[str]
    index: dict[str, int]
    names: list[str]
    units: list[UnitKey]
    ranks: list[str]
    capacity: list[int]
    duty: list[int]
    due: list[int]
    skills: list[tuple[str, ...]]
    townships: list[str]
    why_not: list[str]
    places: list[tuple[int, ...]]
    links: list[tuple[int, ...]]
    unit_rows: dict[UnitKey, Unit]


def read_units(table: RawTable, places: Places, findings: list[Finding]) -> dict[UnitKey, Unit]:
    """Return the units by county and name.

    Raises
    ------
    InputError
        A blank or repeated unit, an unreadable capacity.
    """
    problems: list[Finding] = []
    names = filled(table, "unit", problems, read_names).tolist()
    counties = table.column("county").over(read_names).map(places.county_of).tolist()
    unique(table, "unit", [f"{c}/{n}" if n and c else n for c, n in zip(counties, names, strict=True)], problems)
    capacity = wholes(table, "capacity", -1, problems)
    refuse_if_any(problems)
    listed = table.column("villages").map(lambda cell: several(read(cell), places=True)).tolist()
    kinds = table.column("kind").over(read_each).tolist()
    finder = _PlaceFinder(table, "villages", places, findings)
    return {
        (county, name): Unit(kind, bool(texts), finder.numbers(texts, county, index), finder.townships(texts, county), limit)
        for index, (county, name, kind, texts, limit) in enumerate(
            zip(counties, names, kinds, listed, capacity.tolist(), strict=True)
        )
    }


class _PlaceFinder:
    """Resolves place names of a column; a name that no household has is a finding, once."""

    def __init__(self, table: RawTable, column: str, places: Places, findings: list[Finding]) -> None:
        self._table, self._column, self._places, self._findings = table, column, places, findings
        self._known: defaultdict[str, dict[str, int | None]] = defaultdict(dict)
        """By county, then by text."""

    def numbers(self, texts: tuple[str, ...], county: str, row: int) -> tuple[int, ...]:
        """Return the places, sorted."""
        known = self._known[county]
        for text in texts:
            if text not in known:
                known[text] = self._places.resolve(fold_name(text), county)
                if known[text] is None:
                    unknown = message(N_("No household lives in {place}. Is the name written as in the households' table?"), place=text)
                    self._findings.append(self._table.finding(row, self._column, "unknown_place", unknown))
        found = map(known.__getitem__, texts)
        return tuple(sorted({place for place in found if place is not None}))

    def townships(self, texts: tuple[str, ...], county: str) -> tuple[int, ...]:
        """Return the townships that villages lie in, also of villages where no household lives."""
        found = set()
        for text in texts:
            place = self._places.resolve(fold_name(text), county)
            if place is None:
                place = self._places.resolve(fold_name(text.rpartition("/")[0]), county)
            if place is not None:
                found.add(self._places.parents[place] if self._places.levels[place] == VILLAGE else place)
        return tuple(sorted(found))


def read_cadres(
    table: RawTable, units: dict[UnitKey, Unit], places: Places, policy: Policy, findings: list[Finding]
) -> CadreRows:
    """Return the cadres' rows.

    Raises
    ------
    InputError
        A blank or repeated id, a blank name or unit, an unreadable capacity, duty or ``available``.
    """
    problems: list[Finding] = []
    keys = ids(table, "cadre_id", problems)
    unique(table, "cadre_id", keys, problems)
    filled(table, "name", problems, read_names)
    unit = filled(table, "unit", problems, read_names)
    own = {c: wholes(table, c, -1, problems) for c in ("capacity", "duty")}
    available = yes_no_column(table, "available", True, problems)
    refuse_if_any(problems)
    county = table.column("county").over(read_names).map(places.county_of)
    (of_county, of_unit), number = distinct_rows(county.codes, unit.codes)
    unit_keys = Coded([(county.values[c], unit.values[u]) for c, u in zip(of_county, of_unit, strict=True)], number.astype(np.int32))
    own_unit = unit_keys.map(lambda key: units.get(key, NO_UNIT))
    rank = table.column("rank").over(read_each)
    capacity, due = _own_or_by_rank(own["capacity"], rank, policy.capacity), _own_or_by_rank(own["duty"], rank, policy.duty)
    out = policy.cadres
    excluded = {
        "unavailable": ~np.array(available, np.bool_),
        "excluded_kind": own_unit.map(lambda u: int(u.kind in out.exclude_kinds)).ints() > 0,
        "excluded_rank": rank.map(lambda r: int(r in out.exclude_ranks)).ints() > 0,
        "excluded_tag": table.column("tags").map(lambda c: int(not set(several(read(c))).isdisjoint(out.exclude_tags))).ints() > 0,
        "capacity_0": capacity == 0,
    }
    why_not = np.select(list(excluded.values()), [np.array(code, np.object_) for code in excluded], np.array("", np.object_))
    findings += _strangers(table, county.tolist(), unit_keys.tolist(), units, places)
    free = rank.map(lambda r: int(policy.townships.rule == "any" or r in policy.townships.any_ranks)).ints().astype(np.int32)
    served = _served(table, county, own_unit, free, places, policy, findings)
    meaning = policy.meaning()
    rows = sorted(range(len(keys)), key=keys.__getitem__)
    order, ordered = np.array(rows, np.int64), list(map(keys.__getitem__, rows))

    def take(column: Coded[T]) -> list[T]:
        return column.taken(order).tolist()

    return CadreRows(
        ids=ordered,
        index=dict(zip(ordered, count())),
        names=take(table.column("name").over(shown_each)),
        units=take(unit_keys),
        ranks=take(rank),
        capacity=capacity[order].tolist(),
        due=due[order].tolist(),
        duty=np.minimum(due, capacity)[order].tolist(),
        skills=take(table.column("skills").map(lambda c: words_of(c, meaning))),
        townships=take(table.column("townships").over(read_each)),
        why_not=why_not[order].tolist(),
        places=take(served),
        links=take(own_unit.map(lambda u: u.villages)),
        unit_rows=units,
    )


def _own_or_by_rank(own: Ints, rank: Coded[str], rule: Capacity | Duty) -> Ints:
    """Return every cadre's figure: the own column, else the rank's, else the default."""
    return np.where(own >= 0, own, rank.map(lambda r: rule.by_rank.get(r, rule.default)).ints())


def yes_no_column(table: RawTable, column: str, blank: bool, problems: list[Finding]) -> list[bool]:
    """Return a yes-or-no column; a cell that says neither is a problem."""
    cells = table.column(column)
    values = cells.map(lambda c: yes_or_no(read(c), blank))
    text = N_("{value} is neither yes (是) nor no (否).")
    problems += [
        table.finding(i, column, "not_yes_or_no", message(text, value=excerpt(cells[i])))
        for i in values.rows_where(lambda v: v is None)
    ]
    return values.map(bool).tolist()


def _strangers(
    table: RawTable, counties: list[str], unit_keys: list[UnitKey], units: dict[UnitKey, Unit], places: Places
) -> list[Finding]:
    """Return findings about counties where no household lives, and units that only one of the two tables knows."""
    text = N_("No household lives in the county {county}: these cadres serve nobody. Is it written as in the households' table?")
    found = [
        table.finding(counties.index(c), "county", "unknown_county", message(text, county=c))
        for c in sorted(set(counties) - {"", *places.counties})
    ]
    text = N_("The unit {unit} has no row in the units table: it has no kind and no linked villages.")
    missing = sorted(set(unit_keys) - set(units)) if units else []
    found += [table.finding(unit_keys.index(u), "unit", "unit_without_row", message(text, unit="/".join(filter(None, u)))) for u in missing]
    text = N_("No cadre belongs to the unit {unit}. Are the unit and the county written alike in both tables?")
    found += [
        Finding("units", "", None, "unit", "unit_without_cadres", message(text, unit="/".join(filter(None, u))))
        for u in sorted(set(units) - set(unit_keys))
    ]
    return found


def _served(
    table: RawTable, county: Coded[str], unit: Coded[Unit], free: Codes, places: Places, policy: Policy, findings: list[Finding]
) -> Coded[tuple[int, ...]]:
    """Return the places that every cadre may serve under the policy's rule; those who are free of it, the whole county."""
    rule, by_list = policy.townships, policy.townships.rule == "listed"
    listed = coded(table.column("townships").over(read_each).tolist()).map(lambda text: several(text, places=True))
    rows, number = distinct_rows(county.codes, listed.codes if by_list else unit.codes, free)
    first = np.full(len(rows[0]), len(table), np.int64)
    np.minimum.at(first, number, np.arange(len(table)))
    finder = _PlaceFinder(table, "townships", places, findings)

    def may_serve(of: str, code: int, is_free: int, row: int) -> tuple[int, ...]:
        place = places.find(of) if of or not places.counties else ALL
        whole = () if place is None else (place,)
        if is_free:
            return whole
        if by_list:
            found, given = finder.numbers(listed.values[code], of, row), bool(listed.values[code])
        else:
            own = unit.values[code]
            found, given = own.townships if rule.rule == "units" else own.villages, own.named
        return outermost(found, places) if given else whole if rule.empty_means == "any" else ()

    found: list[tuple[int, ...]] = [()] * len(first)
    for k in np.argsort(first).tolist():  # what is found is told of where it stands first
        found[k] = may_serve(county.values[rows[0][k]], rows[1][k], rows[2][k], int(first[k]))
    return Coded(found, number.astype(np.int32))


def outermost(numbers: tuple[int, ...], places: Places) -> tuple[int, ...]:
    """Return the places that lie in no other of them."""
    if len({places.levels[place] for place in numbers}) < 2:
        return numbers
    chosen = set(numbers)

    def inside(place: int) -> bool:
        while place != ALL:
            place = places.parents[place]
            if place in chosen:
                return True
        return False

    return tuple(p for p in numbers if p == ALL or not inside(p))
