"""The households' table as judged columns, sorted by household_id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.people.identity import id_keys
from matcher.people.income import Income, incomes
from matcher.people.places import Places, places_of
from matcher.people.problems import filled, ids, refuse_if_any, unique, wholes
from matcher.policy import Policy
from matcher.tables.cells import as_text, each, fold, read, read_each, read_names, several, shown
from matcher.tables.table import RawTable

T = TypeVar("T")


@dataclass(frozen=True)
class HouseholdRows:
    """All rows of the table, eligible or not, in the order of their ids.

    Attributes
    ----------
    row : list of int
        Index in the raw table, for findings.
    ids, names, name_keys, id_keys, hamlets, members, income_text : list of str
    place : list of int
        The village's number in ``places``.
    income : list of Decimal or str
    needs : list of tuple of str
        Canonical words, sorted.
    partners, waiting : list of int
    judged_as : dict of str to str
        A duplicate's id to the id that is judged in its place.
    """

    row: list[int]
    ids: list[str]
    names: list[str]
    name_keys: list[str]
    id_keys: list[str]
    place: list[int]
    places: Places
    hamlets: list[str]
    members: list[str]
    income: list[Income]
    income_text: list[str]
    needs: list[tuple[str, ...]]
    partners: list[int]
    waiting: list[int]
    judged_as: dict[str, str]


def read_households(table: RawTable, policy: Policy, findings: list[Finding]) -> HouseholdRows:
    """Return the households' rows.

    Raises
    ------
    InputError
        A blank or repeated id, a blank name or place, unreadable partners or waiting, an ID number in a number cell.
    """
    problems: list[Finding] = []
    keys = ids(table, "household_id", problems)
    unique(table, "household_id", keys, problems)
    name_keys = filled(table, "head_name", problems, read_names)
    townships = filled(table, "township", problems, read_names)
    villages = filled(table, "village", problems, read_names)
    counties = read_names(table.column("county"))
    problems += _county_missing(table, counties)
    partners = wholes(table, "partners", 1, problems, least=1)
    waiting = wholes(table, "waiting", 0, problems)
    id_numbers = id_keys(table, findings, problems)
    refuse_if_any(problems)
    amounts = incomes(table, policy.eligibility.income_threshold, policy.tables.income_unit, findings)
    meaning = policy.meaning()

    def words(cell: object) -> tuple[str, ...]:
        return tuple(sorted({meaning.get(w, w) for w in several(read(cell))}))

    places, place = places_of(counties, townships, villages)
    order = sorted(range(len(keys)), key=keys.__getitem__)

    def take(column: Sequence[T]) -> list[T]:
        return [column[i] for i in order]

    return HouseholdRows(
        row=order,
        ids=take(keys),
        names=take(shown(table.column("head_name"))),
        name_keys=take(name_keys),
        id_keys=take(id_numbers),
        place=take(place),
        places=places,
        hamlets=take(each(table.column("hamlet"), lambda c: fold(as_text(c)))),
        members=take(read_each(table.column("members"))),
        income=take(amounts),
        income_text=take(shown(table.column("income"))),
        needs=take(each(table.column("needs"), words)),
        partners=take(partners),
        waiting=take(waiting),
        judged_as=_duplicates(take(keys), take(id_numbers)),
    )


def _duplicates(keys: Sequence[str], id_numbers: Sequence[str]) -> dict[str, str]:
    """Return every duplicate's id and the id judged in its place; the rows are sorted, so the first is the smallest."""
    first: dict[str, str] = {}
    found = {}
    for key, number in zip(keys, id_numbers, strict=True):
        if number and number[0] != "?":
            judged = first.setdefault(number, key)
            if judged != key:
                found[key] = judged
    return found


def _county_missing(table: RawTable, counties: Sequence[str]) -> list[Finding]:
    if len(set(counties) - {""}) < 2:
        return []
    text = message(N_("The county is blank in a month of several counties. Fill it in."))
    return [table.finding(i, "county", "blank_county", text) for i, c in enumerate(counties) if not c]
