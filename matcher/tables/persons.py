"""A row for every person, as the national system exports them: put together to households and their members."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from matcher.errors import InputError
from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.tables.aliases import TABLES
from matcher.tables.cells import as_text, fold_name, read, read_each, read_names, whole
from matcher.tables.coded import Coded, coded, constant
from matcher.tables.table import Cell, Part

_HEADS = frozenset({"户主", "本人", "户主本人", "本人或户主", "户主或本人", "head"})
_PERSONAL = frozenset({"head_name", "id_number"})
"""What the head's own row says."""


@dataclass(frozen=True)
class _Persons:
    """The rows of a part by households.

    Attributes
    ----------
    ids : list of str
        Folded, of every row.
    rows : dict of str to list of int
        Household to its rows; households in the order of their first row.
    heads : dict of str to int
        Household to the row of its head.
    """

    part: Part
    ids: list[str]
    rows: dict[str, list[int]]
    heads: dict[str, int]

    def at(self, index: int, column: str, code: str, text: str, /, **values: object) -> Finding:
        """Return a finding about a row."""
        part = self.part
        return Finding("households", part.label, part.rows[index], column, code, message(text, **values), part.headers.get(column, ""))


def collapsed(part: Part, findings: list[Finding]) -> dict[str, Part]:
    """Return the households and the members of a part that has a row for every person.

    The head (与户主关系 户主) gives name and ID number; every other column must say one thing, or nothing, in all rows of a
    household. Where nothing says how many persons there are, the rows are counted.

    Raises
    ------
    InputError
        A household without a head or with two, a blank household_id, rows of a household that say different things.
    """
    problems: list[Finding] = []
    persons = _grouped(part, problems)
    columns: dict[str, Coded[Cell]] = {"household_id": coded(list[Cell](persons.heads))}
    for column in (c.name for c in TABLES["households"][1:] if c.name == "head_name" or c.name in part.columns):
        if column in _PERSONAL:
            of_head = part.columns["name" if column == "head_name" else column]
            columns[column] = coded([of_head[row] for row in persons.heads.values()])
        else:
            columns[column] = coded(list(_said(persons, column, problems)))
    problems += _other_heads(persons)
    if problems:
        raise InputError(message(N_("The tables cannot be used.")), sorted(problems, key=lambda f: (f.row or 0, f.column)))
    columns["members"] = _counted(persons, columns.get("members"), findings)
    text = N_("A row for every person: {rows} rows were put together to {households} households.")
    filled = message(text, rows=len(part.rows), households=len(persons.rows))
    findings.append(Finding("households", part.label, None, "", "persons", filled))
    headers = {k: v for k, v in part.headers.items() if k not in ("relation", "name")} | {"head_name": part.headers["name"]}
    numbers = [part.rows[row] for row in persons.heads.values()]
    return {"households": replace(part, columns=columns, rows=numbers, headers=headers), "members": _members(persons)}


def _grouped(part: Part, problems: list[Finding]) -> _Persons:
    ids = part.columns["household_id"].over(read_each).tolist()
    found = _Persons(part, ids, {}, {})
    is_head = part.columns["relation"].map(lambda cell: fold_name(read(cell)).lower() in _HEADS).tolist()
    for row, key in enumerate(ids):
        if not key:
            text = N_("The cell is blank, and {column} is required. Fill it in or delete the row.")
            column = part.headers.get("household_id", "household_id")
            problems.append(found.at(row, "household_id", "blank_required", text, column=column))
            continue
        found.rows.setdefault(key, []).append(row)
        if not is_head[row]:
            continue
        first = found.heads.setdefault(key, row)
        if first != row:
            text = N_("Household {id} has a second head (the first is in row {row}). Correct the relation of one of them.")
            problems.append(found.at(row, "relation", "two_heads", text, id=key, row=part.rows[first]))
    for key in found.rows.keys() - found.heads.keys():
        text = N_("Household {id} has no head. Write 户主 where the head's relation stands.")
        problems.append(found.at(found.rows[key][0], "relation", "no_head", text, id=key))
    return found


def _said(persons: _Persons, column: str, problems: list[Finding]) -> Iterator[Cell]:
    """Yield what every household's rows say in a column, as its head's row writes it if that says it."""
    cells = persons.part.columns[column]
    keys, codes = [fold_name(read(value)) for value in cells.values], cells.codes.tolist()
    for household, head in persons.heads.items():
        telling = [row for row in persons.rows[household] if keys[codes[row]]]
        witness = head if keys[codes[head]] or not telling else min(telling, key=lambda row: as_text(cells[row]))
        for row in telling:
            if keys[codes[row]] != keys[codes[witness]]:
                text = N_("Household {id} says something else here than in row {row}. Make its rows agree.")
                problems.append(persons.at(row, column, "persons_contradict", text, id=household, row=persons.part.rows[witness]))
        yield cells[witness]


def _other_heads(persons: _Persons) -> list[Finding]:
    """Return the problems that a row names another head than the head's own row."""
    if "head_name" not in persons.part.columns:
        return []
    told, own = (persons.part.columns[c].over(read_names).tolist() for c in ("head_name", "name"))
    text = N_("The row names another head than row {row} of household {id}. Make its rows agree.")
    return [
        persons.at(row, "head_name", "persons_contradict", text, id=household, row=persons.part.rows[head])
        for household, head in persons.heads.items()
        for row in persons.rows[household]
        if told[row] and told[row] != own[head]
    ]


def _counted(persons: _Persons, said: Coded[Cell] | None, findings: list[Finding]) -> Coded[Cell]:
    """Return how many persons every household has: what its rows say, else how many they are; both are compared."""
    found: list[Cell] = []
    for k, (household, head) in enumerate(persons.heads.items()):
        many, cell = len(persons.rows[household]), None if said is None else said[k]
        found.append(cell if read(cell) else many)
        if read(cell) and whole(read(cell)) not in (many, None):
            text = N_("Household {id} has {rows} rows of persons, and says that they are {said}; what it says was kept.")
            findings.append(persons.at(head, "members", "persons_count", text, id=household, rows=many, said=read(cell)[:10]))
    return coded(found)


def _members(persons: _Persons) -> Part:
    part, heads = persons.part, set(persons.heads.values())
    others = np.array([row for row in range(len(part.rows)) if row not in heads], np.int64)
    blank: Coded[Cell] = constant(None, len(part.rows))
    columns = {name: part.columns.get(name, blank).taken(others) for name in ("household_id", "name", "id_number")}
    headers = {name: part.headers[name] for name in columns if name in part.headers}
    return Part(part.label, columns, [part.rows[row] for row in others.tolist()], headers=headers)
