"""Tables that name a household and a cadre (roster, avoid, require, affinity), and the members' table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.people.cadres import CadreRows, yes_no_column
from matcher.people.households import HouseholdRows
from matcher.people.identity import id_keys
from matcher.people.problems import filled, ids, refuse_if_any, wholes
from matcher.tables.cells import as_text, each, fold_name, month, read
from matcher.tables.table import RawTable


@dataclass(frozen=True)
class Relation:
    """A row that names a household and a cadre, with what it says of them (pinned, a score) and the raw row for findings."""

    household: str
    cadre: str
    value: int
    row: int
    note: str = ""


@dataclass(frozen=True)
class Relations:
    """The rows of the four tables, each pair once, sorted; rows that name someone absent are among ``roster`` only."""

    roster: list[Relation]
    avoid: list[Relation]
    require: list[Relation]
    affinity: list[Relation]


class _Once:
    """Keeps the first of rows that say one thing; a row said twice alike is a finding, twice differently a problem."""

    def __init__(self, table: RawTable, findings: list[Finding], problems: list[Finding]) -> None:
        self._table, self._findings, self._problems = table, findings, problems
        self._said: dict[tuple[str, ...], tuple[int, object]] = {}

    def is_new(self, key: tuple[str, ...], says: object, row: int) -> bool:
        """Return whether the key is new."""
        first = self._said.setdefault(key, (row, says))
        if first[0] == row:
            return True
        other = self._table.finding(first[0], "", "", message(""))
        if first[1] == says:
            text = message(N_("The row stands twice (also in row {row} of {sheet}); it counts once."), row=other.row, sheet=other.sheet)
            self._findings.append(self._table.finding(row, key_column(self._table), "repeated_row", text))
        else:
            kind = N_("Row {row} of {sheet} says something else of the same. Keep one of the two.")
            text = message(kind, row=other.row, sheet=other.sheet)
            self._problems.append(self._table.finding(row, key_column(self._table), "contradicting_rows", text))
        return False


def key_column(table: RawTable) -> str:
    """Return the column by which findings about a whole row are cited."""
    return "household_id" if table.has("household_id") else ""


def read_members(
    table: RawTable, households: HouseholdRows, findings: list[Finding]
) -> dict[str, list[tuple[str, str]]]:
    """Return ID key -> (household_id, name) of the members; a duplicate household's count for the one judged in its place."""
    problems: list[Finding] = []
    keys = ids(table, "household_id", problems)
    names = filled(table, "name", lambda c: as_text(c).strip() if read(c) else "", problems)
    blank = [i for i, c in enumerate(each(table.column("id_number"), read)) if not c]
    text = message(N_("The member has no ID number; a welfare row cannot find the household by it."))
    findings += [table.finding(i, "id_number", "member_without_id", text) for i in blank]
    numbers = id_keys(table, findings, problems)
    known = set(households.ids)
    once = _Once(table, findings, problems)
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for index, (key, name, number) in enumerate(zip(keys, names, numbers, strict=True)):
        if key not in known:
            findings.append(_absent(table, index, "household_id", key))
        elif number and number[0] != "?" and once.is_new((key, number), fold_name(name), index):
            found[number].append((households.judged_as.get(key, key), name))
    refuse_if_any(problems)
    return {number: sorted(set(who)) for number, who in found.items()}


def _absent(table: RawTable, row: int, column: str, key: str) -> Finding:
    text = message(N_("{id} is in no row of the {table} table."), id=key, table="households" if column == "household_id" else "cadres")
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
    pinned = [int(v) for v in yes_no_column(tables["roster"], "pinned", False, problems)]
    _check_since(tables["roster"], findings)
    score = wholes(tables["affinity"], "score", None, problems, least=None)
    reader = _Reader(set(households.ids), set(cadres.ids), households.judged_as, findings, problems)
    since = each(tables["roster"].column("since"), read)
    found = Relations(
        reader.rows(tables["roster"], pinned, since),
        reader.rows(tables["avoid"], [0] * len(tables["avoid"])),
        reader.rows(tables["require"], [0] * len(tables["require"])),
        reader.rows(tables["affinity"], score),
    )
    refuse_if_any(problems)
    return found


def _check_since(table: RawTable, findings: list[Finding]) -> None:
    for index, value in enumerate(each(table.column("since"), read)):
        if value and month(value) is None:
            text = message(N_("{value} is no month such as 2008-07; it is shown as it stands."), value=value[:20])
            findings.append(table.finding(index, "since", "month_unreadable", text))


@dataclass(frozen=True)
class _Reader:
    households: set[str]
    cadres: set[str]
    judged_as: dict[str, str]
    findings: list[Finding]
    problems: list[Finding]

    def rows(self, table: RawTable, values: Sequence[int], notes: Sequence[str] | None = None) -> list[Relation]:
        """Return a table's rows, each pair once, sorted by pair."""
        columns = (ids(table, "household_id", self.problems), ids(table, "cadre_id", self.problems), values, notes or [""] * len(table))
        once = _Once(table, self.findings, self.problems)
        found = []
        for index, (named, cadre, value, note) in enumerate(zip(*columns, strict=True)):
            household = named
            missing = [
                _absent(table, index, column, key)
                for column, key, known in (("household_id", household, self.households), ("cadre_id", cadre, self.cadres))
                if key not in known
            ]
            if table.name == "require":
                self.problems.extend(missing)
            else:
                self.findings.extend(missing)
            if missing and table.name != "roster":
                continue
            if household in self.judged_as:
                if table.name == "avoid":
                    household = self.judged_as[household]
                else:
                    text = message(N_("{id} is a duplicate of {judged}."), id=household, judged=self.judged_as[household])
                    self.findings.append(table.finding(index, "household_id", "names_duplicate", text))
            if once.is_new((household, cadre), value if table.name != "roster" else (value, note), index):
                found.append(Relation(household, cadre, value, index, note))
        return sorted(found, key=lambda r: (r.household, r.cadre))
