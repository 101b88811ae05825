"""Tables that name a household and a cadre (roster, avoid, require, affinity), and the members' table."""

from __future__ import annotations

from collections.abc import Container, Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.people.cadres import CadreRows, yes_no_column
from matcher.people.households import HouseholdRows
from matcher.people.identity import id_keys
from matcher.people.problems import filled, ids, refuse_if_any, wholes
from matcher.tables.cells import as_text, excerpt, month_of, read_each, read_names
from matcher.tables.coded import repeated_rows
from matcher.tables.table import RawTable


class Relation(NamedTuple):
    """A row that names a household and a cadre, with what it says of them (pinned, a score, since when)."""

    household: str
    cadre: str
    value: int
    note: str
    row: int
    """Index in the raw table, for findings."""


@dataclass(frozen=True)
class Relations:
    """The rows of the four tables, each pair once, sorted; rows that name someone absent are among ``roster`` only."""

    roster: list[Relation]
    avoid: list[Relation]
    require: list[Relation]
    affinity: list[Relation]


def _repeats(
    table: RawTable, keys: Sequence[Hashable], says: Sequence[object], findings: list[Finding], problems: list[Finding]
) -> frozenset[int]:
    """Return the rows whose key stood before: said twice alike is a finding, twice differently a problem."""
    column = "household_id" if table.has("household_id") else ""
    again = repeated_rows(keys)
    for row, first in again:
        at = table.finding(first, "", "", message(""))
        if says[first] == says[row]:
            text = message(N_("The row stands twice (also in row {row} of {sheet}); it counts once."), row=at.row, sheet=at.sheet)
            findings.append(table.finding(row, column, "repeated_row", text))
        else:
            kind = N_("Row {row} of {sheet} says something else of the same. Keep one of the two.")
            problems.append(table.finding(row, column, "contradicting_rows", message(kind, row=at.row, sheet=at.sheet)))
    return frozenset(row for row, _ in again)


def read_members(
    table: RawTable, households: HouseholdRows, wanted: Container[str]
) -> tuple[dict[str, list[tuple[str, str]]], list[Finding]]:
    """Return, for the ID keys that are wanted, the (household_id, name) of the members who have them; and what was noticed.

    A duplicate household's members count for the one that is judged in its place.
    """
    findings: list[Finding] = []
    problems: list[Finding] = []
    keys = ids(table, "household_id", problems)
    names = filled(table, "name", problems, read_names)
    numbers = id_keys(table, findings, problems)
    text = message(N_("The member has no ID number; a welfare row cannot find the household by it."))
    findings += [table.finding(i, "id_number", "member_without_id", text) for i, number in enumerate(numbers) if not number]
    absent = frozenset(i for i, key in enumerate(keys) if key not in households.index)
    findings += [_absent(table, i, "household_id", keys[i]) for i in sorted(absent)]
    named = [(key, number or index) for index, (key, number) in enumerate(zip(keys, numbers, strict=True))]
    _repeats(table, named, names.tolist(), findings, problems)
    refuse_if_any(problems)
    as_written = table.column("name")
    found: dict[str, list[tuple[str, str]]] = {}
    for index, number in enumerate(numbers):
        if number in wanted and index not in absent:
            household = households.judged_as.get(keys[index], keys[index])
            found.setdefault(number, []).append((household, as_text(as_written[index]).strip()))
    return {number: sorted(who) for number, who in found.items()}, findings


def _absent(table: RawTable, row: int, column: str, key: str) -> Finding:
    of = message(N_("households") if column == "household_id" else N_("cadres"))
    text = message(N_("{id} is in no row of the {table} table."), id=key, table=of)
    return table.finding(row, column, "absent", text)


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
    pinned = list(map(int, yes_no_column(tables["roster"], "pinned", False, problems)))
    _check_since(tables["roster"], findings)
    score = wholes(tables["affinity"], "score", None, problems, least=None)
    reader = _Reader(households.index, cadres.index, households.judged_as, findings, problems)
    since = tables["roster"].column("since").over(read_each).tolist()
    found = Relations(
        reader.rows(tables["roster"], pinned, since),
        reader.rows(tables["avoid"], [0] * len(tables["avoid"])),
        reader.rows(tables["require"], [0] * len(tables["require"]), tables["require"].column("reason").over(read_each).tolist()),
        reader.rows(tables["affinity"], score.tolist()),
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
    households: Container[str]
    cadres: Container[str]
    judged_as: dict[str, str]
    findings: list[Finding]
    problems: list[Finding]

    def rows(self, table: RawTable, values: Sequence[int], notes: Sequence[str] | None = None) -> list[Relation]:
        """Return a table's rows, each pair once, sorted by pair."""
        named, cadre = ids(table, "household_id", self.problems), ids(table, "cadre_id", self.problems)
        said = notes or [""] * len(table)
        absent = self._absent(table, named, cadre)
        household = self._judged(table, named)
        pairs = list(zip(household, cadre, strict=True))
        out = _repeats(table, pairs, list(zip(values, said, strict=True)), self.findings, self.problems)
        if table.name != "roster":
            out |= absent
        every = zip(household, cadre, values, said, range(len(table)), strict=True)
        return sorted(Relation(*r) for r in every if r[4] not in out)

    def _absent(self, table: RawTable, household: Sequence[str], cadre: Sequence[str]) -> frozenset[int]:
        """Return the rows that name somebody absent: a problem among the required ones, else a finding."""
        found = set()
        for column, keys, known in (("household_id", household, self.households), ("cadre_id", cadre, self.cadres)):
            missing = [i for i, key in enumerate(keys) if key not in known]
            told = self.problems if table.name == "require" else self.findings
            told.extend(_absent(table, i, column, keys[i]) for i in missing)
            found.update(missing)
        return frozenset(found)

    def _judged(self, table: RawTable, household: Sequence[str]) -> Sequence[str]:
        """Return the households with the one judged in a duplicate's place where the table counts for it."""
        if self.judged_as.keys().isdisjoint(household):
            return household
        if table.name == "avoid":
            return [self.judged_as.get(key, key) for key in household]
        text = N_("{id} is a duplicate of {judged}.")
        self.findings.extend(
            table.finding(i, "household_id", "names_duplicate", message(text, id=key, judged=self.judged_as[key]))
            for i, key in enumerate(household)
            if key in self.judged_as
        )
        return household
