"""A scenario applied: tables and policy in, the same changed out; nothing that was given is touched.

The order is fixed and never that of the words: files replaced and added, rows removed, cells, pairs, policy keys, townships closed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from matcher.errors import InputError
from matcher.findings import Finding
from matcher.messages import N_, masked
from matcher.policy import Policy
from matcher.policy.read import complete, policy_from, tree_of
from matcher.scenario import changes as kinds
from matcher.scenario.changes import Scenario
from matcher.scenario.clash import check_no_clash
from matcher.scenario.keys import Key, Tree, key_of, set_key
from matcher.scenario.names import Names, absent
from matcher.scenario.rows import with_cell, with_rows, without_rows
from matcher.tables.month import RawTables, read_table_file, require_rows
from matcher.tables.table import RawTable

_TOWNSHIP_QUOTAS = ("townships", "capacity")
_BY_RANK = (("capacity", "by_rank"), ("duty", "by_rank"), ("rank_levels",))


@dataclass(frozen=True)
class Inputs:
    """What a scenario changes: a month's tables and policy.

    Attributes
    ----------
    policy_bytes : bytes
        The policy file as it came; empty for a month that was not read from a folder.
    folder : Path or None
        The month's folder.
    """

    tables: RawTables
    policy: Policy
    policy_bytes: bytes = b""
    folder: Path | None = None


def apply(inputs: Inputs, scenario: Scenario) -> Inputs:
    """Return the tables and the policy with a scenario's changes.

    Raises
    ------
    InputError
        A change names somebody, a unit, a township or a key that is not there; a file or a value cannot be used.
    ContradictionError
        Changes contradict each other.
    """
    tables, found = inputs.tables.tables, _Tables(dict(inputs.tables.tables), list(inputs.tables.findings), dict(inputs.tables.hashes))
    found.files(scenario)
    names = Names(found.tables)
    check_no_clash(scenario, names)
    found.removals(scenario, names)
    found.cells(scenario, Names(found.tables))
    found.pairs(scenario, Names(found.tables))
    changed = any(found.tables[name] is not tables[name] for name in tables)
    if changed:
        require_rows(found.tables, scenario.name)
    policy = _policy(inputs, scenario, Names(found.tables))
    raw = RawTables(found.tables, tuple(found.findings), found.hashes) if changed else inputs.tables
    return replace(inputs, tables=raw, policy=policy)


@dataclass
class _Tables:
    """The tables in the making."""

    tables: dict[str, RawTable]
    findings: list[Finding]
    hashes: dict[str, str]

    def files(self, scenario: Scenario) -> None:
        """Put files in a table's place or beside it."""
        replaced: set[str] = set()
        for change in scenario.all(kinds.Replace) + scenario.all(kinds.Add):
            assert isinstance(change, kinds.FileChange)  # noqa: S101 - says to mypy what all() found
            table = self.tables[change.table]
            if isinstance(change, kinds.Replace) and change.table not in replaced:
                replaced.add(change.table)
                table = RawTable(change.table)
                self.findings = [f for f in self.findings if f.table != change.table]
            parts, findings, sha256 = read_table_file(change.file, change.table)
            self.findings += findings
            self.hashes[str(change.file)] = sha256
            self.tables[change.table] = RawTable(change.table, (*table.parts, *parts))

    def removals(self, scenario: Scenario, names: Names) -> None:
        """Leave out cadres and units."""
        gone: list[int] = []
        for change in scenario.all(kinds.RemoveCadre):
            assert isinstance(change, kinds.RemoveCadre)  # noqa: S101
            gone.append(cadre_row(names, change.id))
        for change in scenario.all(kinds.RemoveUnit):
            assert isinstance(change, kinds.RemoveUnit)  # noqa: S101
            unit = names.unit(change.name)
            gone += names.rows_of_unit("cadres", unit)
            self.tables["units"] = without_rows(self.tables["units"], names.rows_of_unit("units", unit))
        self.tables["cadres"] = without_rows(self.tables["cadres"], gone)

    def cells(self, scenario: Scenario, names: Names) -> None:
        """Change cells."""
        for change in scenario.all(kinds.SetCell):
            assert isinstance(change, kinds.SetCell)  # noqa: S101
            row = self._row(change, names)
            self.tables[change.table] = with_cell(self.tables[change.table], row, change.column, change.value)

    def _row(self, change: kinds.SetCell, names: Names) -> int:
        if change.table == "cadres":
            return cadre_row(names, change.id)
        if change.table == "households":
            return household_row(names, change.id)
        unit = names.unit(change.id)
        rows = Names(self.tables).rows_of_unit("units", unit)
        if not rows:
            row = {"unit": unit[1]} | ({"county": unit[0]} if unit[0] else {})
            self.tables["units"] = with_rows(self.tables["units"], "--unit", [row])
            return len(self.tables["units"]) - 1
        return rows[0]

    def pairs(self, scenario: Scenario, names: Names) -> None:
        """Require, avoid and release pairs."""
        for table, kind in (("require", kinds.Require), ("avoid", kinds.Avoid)):
            wanted = {c.pair for c in scenario.all(kind) if isinstance(c, kinds.PairChange)}
            for household, cadre in sorted(wanted):
                household_row(names, household)
                cadre_row(names, cadre)
            wanted -= set(self._pairs(table))
            rows = [{"household_id": h, "cadre_id": c} for h, c in sorted(wanted)]
            self.tables[table] = with_rows(self.tables[table], f"--{table}", rows)
        for change in scenario.all(kinds.Release):
            assert isinstance(change, kinds.Release)  # noqa: S101
            self._release(change.pair)

    def _release(self, pair: tuple[str, str]) -> None:
        required = [k for k, p in enumerate(self._pairs("require")) if p == pair]
        last = [k for k, p in enumerate(self._pairs("roster")) if p == pair]
        if not required and not last:
            text = masked(N_("{household} and {cadre} are neither required nor paired last month: there is nothing to release."),
                           household=pair[0], cadre=pair[1])
            raise InputError(text, [Finding("scenario", "--release", None, "", "scenario_absent", text)])
        self.tables["require"] = without_rows(self.tables["require"], required)
        for row in last:
            self.tables["roster"] = with_cell(self.tables["roster"], row, "pinned", "")

    def _pairs(self, table: str) -> list[tuple[str, str]]:
        names = Names(self.tables)
        return list(zip(names.ids(table, "household_id"), names.ids(table, "cadre_id"), strict=True))


def cadre_row(names: Names, key: str) -> int:
    """Return a cadre's row."""
    if key not in names.cadres:
        raise absent(masked(N_("There is no cadre {id}."), id=key), names.cadres, key)
    return names.cadres[key]


def household_row(names: Names, key: str) -> int:
    """Return a household's row."""
    if key not in names.households:
        raise absent(masked(N_("There is no household {id}."), id=key), names.households, key)
    return names.households[key]


def _policy(inputs: Inputs, scenario: Scenario, names: Names) -> Policy:
    """Return the policy with keys set and townships closed, checked as a file would be."""
    sets = [c for c in scenario.all(kinds.SetKey) if isinstance(c, kinds.SetKey)]
    closed = [c for c in scenario.all(kinds.CloseTownship) if isinstance(c, kinds.CloseTownship)]
    if not sets and not closed:
        return inputs.policy
    tree: Tree = tree_of(inputs.policy_bytes) if inputs.policy_bytes else inputs.policy.model_dump(exclude_unset=True)
    for change in sets:
        key = key_of(change.key)
        if key.path == _TOWNSHIP_QUOTAS and key.entry:
            key = _quota(tree, names.township(key.entry), names)
        elif key.path in _BY_RANK and key.entry and key.entry not in names.ranks():
            raise absent(masked(N_("No cadre has the rank {rank}."), rank=key.entry), names.ranks(), key.entry)
        set_key(tree, key, change.value)
    for shut in closed:
        set_key(tree, _quota(tree, names.township(shut.name), names), "0")
    policy = policy_from(tree)
    name = inputs.folder.resolve().name if inputs.folder else inputs.policy.programme.name
    return complete(policy, name)


def _quota(tree: Tree, place: tuple[str, str], names: Names) -> Key:
    """Return the key of a township's quota: the one that the policy has for it, however written, else a new one."""
    known = tree.get("townships", {}).get("capacity", {})
    said = next((k for k in known if names.townships_named(k) == [place]), names.township_key(place))
    return Key(_TOWNSHIP_QUOTAS, said, int)
