"""Tables that name a household and a cadre (roster, avoid, require, affinity), and the members' table."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np

from matcher.domain import Ints
from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.people.cadres import CadreRows, yes_no_column
from matcher.people.households import HouseholdRows
from matcher.people.identity import id_keys
from matcher.people.problems import filled, id_column, ids, refuse_if_any, wholes
from matcher.tables.cells import as_text, excerpt, month_of, read_each, read_names
from matcher.tables.coded import Coded, perhaps_repeated, repeated_rows
from matcher.tables.table import Cell, RawTable


@dataclass(frozen=True)
class PairRows:
    """The rows of a table that name a household and a cadre: each pair once, sorted by pair (by code point, not by row).

    Attributes
    ----------
    households, cadres : list of str
        Ids.
    household, cadre : (n,) int
        Their rows in :class:`HouseholdRows` and :class:`CadreRows`; -1 for somebody absent.
    value : (n,) int
        What the row says of the pair: pinned, a score.
    notes : list of str
        The reason, or since when.
    row : (n,) int
        Index in the raw table, for findings.
    """

    households: list[str]
    cadres: list[str]
    household: Ints
    cadre: Ints
    value: Ints
    notes: list[str]
    row: Ints

    def __len__(self) -> int:
        return len(self.row)

    def said(self) -> dict[tuple[str, str], int]:
        """Return what the table says of every pair, by ids."""
        return dict(zip(zip(self.households, self.cadres, strict=True), self.value.tolist(), strict=True))


@dataclass(frozen=True)
class Relations:
    """The four tables; rows that name someone absent are among ``roster`` only."""

    roster: PairRows
    avoid: PairRows
    require: PairRows
    affinity: PairRows


def _repeats(
    table: RawTable, again: Sequence[tuple[int, int]], says: Callable[[int], object], findings: list[Finding],
    problems: list[Finding],
) -> list[int]:
    """Return the rows of which the same stood before, given with their first: said alike is a finding, differently a problem."""
    column = "household_id" if table.has("household_id") else ""
    for row, first in again:
        at = table.finding(first, "", "", message(""))
        if says(first) == says(row):
            text = message(N_("The row stands twice (also in row {row} of {sheet}); it counts once."), row=at.row, sheet=at.sheet)
            findings.append(table.finding(row, column, "repeated_row", text))
        else:
            kind = N_("Row {row} of {sheet} says something else of the same. Keep one of the two.")
            problems.append(table.finding(row, column, "contradicting_rows", message(kind, row=at.row, sheet=at.sheet)))
    return [row for row, _ in again]


@dataclass(frozen=True)
class MemberRows:
    """The members' table.

    Attributes
    ----------
    household : (n,) int
        Row in :class:`HouseholdRows`, a duplicate's members counting for the one judged in its place; -1 for somebody absent.
    names : Coded of cells
        As they came.
    name_keys : Coded of str
        As comparisons see them.
    numbers : Coded of str
        ID keys.
    """

    household: Ints
    names: Coded[Cell]
    name_keys: Coded[str]
    numbers: Coded[str]

    def by_number(self, wanted: Container[str], ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        """Return, for the ID keys that are wanted, the (household_id, name) of the members who have them; ``ids`` are the households'."""
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        is_wanted = np.fromiter(map(wanted.__contains__, self.numbers.values), np.bool_, len(self.numbers.values))[self.numbers.codes]
        for index in np.flatnonzero(is_wanted & (self.household >= 0)).tolist():
            found[self.numbers[index]].append((ids[self.household[index]], as_text(self.names[index]).strip()))
        return {number: sorted(who) for number, who in found.items()}


def read_members(table: RawTable, households: HouseholdRows, findings: list[Finding]) -> MemberRows:
    """Return the members' rows.

    Raises
    ------
    InputError
        A blank household_id or name, an ID number in a number cell, a member who stands twice with different names.
    """
    problems: list[Finding] = []
    keys = id_column(table, "household_id", problems)
    names = filled(table, "name", problems, read_names)
    numbers = id_keys(table, findings, problems)
    text = message(N_("The member has no ID number; a welfare row cannot find the household by it."))
    findings += [table.finding(i, "id_number", "member_without_id", text) for i in numbers.rows_where(lambda number: not number)]
    at = _numbers(keys.values, households.index)[keys.codes]
    findings += [absent_finding(table, i, "household_id", keys[i]) for i in np.flatnonzero(at < 0).tolist()]
    first: dict[tuple[str, str], int] = {}
    suspects = [row for row in perhaps_repeated(numbers.tolist()) if numbers[row]]
    again = [(row, before) for row in suspects if (before := first.setdefault((keys[row], numbers[row]), row)) != row]
    _repeats(table, again, names.__getitem__, findings, problems)
    refuse_if_any(problems)
    judged = np.arange(len(households.ids) + 1)
    judged[-1] = -1
    for key, instead in households.judged_as.items():
        judged[households.index[key]] = households.index[instead]
    return MemberRows(judged[at], table.column("name"), names, numbers)


def absent_finding(table: RawTable, row: int, column: str, key: str) -> Finding:
    """Return a finding about a row that names somebody absent."""
    of = message(N_("households") if column == "household_id" else N_("cadres"))
    text = message(N_("{id} is in no row of the {table} table."), id=key, table=of)
    return table.finding(row, column, "required_absent" if table.name == "require" else "absent", text)


def read_relations(
    tables: dict[str, RawTable], households: HouseholdRows, cadres: CadreRows, findings: list[Finding]
) -> Relations:
    """Return the four tables' rows.

    Raises
    ------
    InputError
        Blank ids, unreadable ``pinned`` or ``score``, rows that contradict each other, a required pair of someone absent.
    """
    problems: list[Finding] = []
    pinned = np.array(yes_no_column(tables["roster"], "pinned", False, problems), np.int64)
    _check_since(tables["roster"], findings)
    score = wholes(tables["affinity"], "score", None, problems, least=None)
    reader = _Reader(households, cadres, findings, problems)
    found = Relations(
        reader.rows(tables["roster"], pinned, "since"), reader.rows(tables["avoid"]),
        reader.rows(tables["require"], note="reason"), reader.rows(tables["affinity"], score),
    )
    refuse_if_any(problems)
    return found


def _check_since(table: RawTable, findings: list[Finding]) -> None:
    cells = table.column("since")
    kind = N_("{value} is no month such as 2008-07; it is shown as it stands.")
    for index in cells.map(month_of).rows_where(lambda m: m is None):
        findings.append(table.finding(index, "since", "month_unreadable", message(kind, value=excerpt(cells[index]))))


@dataclass(frozen=True)
class _Reader:
    households: HouseholdRows
    cadres: CadreRows
    findings: list[Finding]
    problems: list[Finding]

    def rows(self, table: RawTable, value: Ints | None = None, note: str = "") -> PairRows:
        """Return a table's rows, each pair once, sorted by pair."""
        named, cadres = ids(table, "household_id", self.problems), id_column(table, "cadre_id", self.problems)
        cadre = cadres.tolist()
        value = np.zeros(len(table), np.int64) if value is None else value
        notes = table.column(note).over(read_each).tolist() if note else [""] * len(table)
        household = self._judged(table, named)
        at = _numbers(household, self.households.index), _numbers(cadres.values, self.cadres.index)[cadres.codes]
        self._tell_absent(table, "household_id", named, _numbers(named, self.households.index) if household is not named else at[0])
        self._tell_absent(table, "cadre_id", cadre, at[1])
        rank = _ranks(household, at[0], self.households.ids), _ranks(cadre, at[1], self.cadres.ids)
        keys = rank[0] * (int(rank[1].max(initial=0)) + 1) + rank[1]
        kept = np.ones(len(table), np.bool_)
        kept[_repeats(table, repeated_rows(keys), lambda row: (value[row], notes[row]), self.findings, self.problems)] = False
        if table.name != "roster":
            kept &= (at[0] >= 0) & (at[1] >= 0)
        order = np.lexsort(rank[::-1])
        order = order[kept[order]]
        rows = order.tolist()
        household, cadre, notes = (list(map(column.__getitem__, rows)) for column in (household, cadre, notes))
        at = at[0][order], at[1][order]
        household, cadre = _as_known(household, at[0], self.households.ids), _as_known(cadre, at[1], self.cadres.ids)
        return PairRows(household, cadre, *at, value[order], notes, order)

    def _tell_absent(self, table: RawTable, column: str, keys: Sequence[str], at: Ints) -> None:
        """Tell of the rows that name somebody absent: a problem among the required ones, else a finding."""
        told = self.problems if table.name == "require" else self.findings
        told.extend(absent_finding(table, i, column, keys[i]) for i in np.flatnonzero(at < 0).tolist())

    def _judged(self, table: RawTable, household: Sequence[str]) -> Sequence[str]:
        """Return the households with the one judged in a duplicate's place where the table counts for it."""
        judged_as = self.households.judged_as
        if judged_as.keys().isdisjoint(household):
            return household
        if table.name == "avoid":
            return [judged_as.get(key, key) for key in household]
        text = N_("{id} is a duplicate of {judged}.")
        self.findings.extend(
            table.finding(i, "household_id", "names_duplicate", message(text, id=key, judged=judged_as[key]))
            for i, key in enumerate(household)
            if key in judged_as
        )
        return household


def _numbers(keys: Sequence[str], index: dict[str, int]) -> Ints:
    """Return the row of every id, -1 for somebody absent."""
    return np.fromiter(map(index.get, keys, repeat(-1)), np.int64, len(keys))


def _as_known(keys: Sequence[str], at: Ints, known: Sequence[str]) -> list[str]:
    """Return ids as those that are known, so that a province does not hold each twice; ``at`` are their places there, -1 for none."""
    found = list(map(known.__getitem__, at.tolist()))
    for i in np.flatnonzero(at < 0).tolist():
        found[i] = keys[i]
    return found


def _ranks(keys: Sequence[str], at: Ints, known: Sequence[str]) -> Ints:
    """Return numbers that order ids as their texts do; ``at`` are their places among the known ones, -1 for none."""
    strangers = {key: k for k, key in enumerate(sorted({keys[i] for i in np.flatnonzero(at < 0).tolist()}), 1)}
    step = len(strangers) + 1
    ranks = (at + 1) * step
    for i in np.flatnonzero(at < 0).tolist():
        ranks[i] = bisect_left(known, keys[i]) * step + strangers[keys[i]]
    return np.asarray(ranks)
