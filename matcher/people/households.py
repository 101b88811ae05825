"""The households' table as judged columns, sorted by household_id."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count

import numpy as np

from matcher.domain import Ints
from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.people.identity import id_keys
from matcher.people.income import MISSING, Amounts, Income, incomes
from matcher.people.places import Places, places_of
from matcher.people.problems import filled, ids, refuse_if_any, unique, wholes
from matcher.policy import Policy
from matcher.tables.cells import as_text, fold, read, read_each, read_names, several, shown_each
from matcher.tables.coded import Coded, constant, repeated_rows
from matcher.tables.table import Cell, RawTable


@dataclass(frozen=True)
class HouseholdRows:
    """All rows of the table, eligible or not, in the order of their ids.

    Attributes
    ----------
    ids : list of str
    index : dict of str to int
        Id to its place in the order.
    names, name_keys, id_keys, hamlets, members, income_text : Coded of str
        Names as they came, and as comparisons see them; ID numbers as comparisons see them.
    place : (n,) int
        The village's number in ``places``.
    income : Coded of Decimal or str
    needs : Coded of tuple of str
        Canonical words, sorted.
    partners, waiting : (n,) int
    order : (n,) int
        Every row's place in the table.
    judged_as : dict of str to str
        A duplicate's id to the id that is judged in its place.
    """

    ids: list[str]
    index: dict[str, int]
    names: Coded[str]
    name_keys: Coded[str]
    id_keys: Coded[str]
    place: Ints
    places: Places
    hamlets: Coded[str]
    members: Coded[str]
    income: Coded[Income]
    income_text: Coded[str]
    needs: Coded[tuple[str, ...]]
    partners: Ints
    waiting: Ints
    order: Ints
    judged_as: dict[str, str]


def with_incomes(rows: HouseholdRows, table: RawTable, amounts: Amounts, threshold: Decimal, findings: list[Finding]) -> HouseholdRows:
    """Return the rows with their incomes, which depend on the policy's threshold: a file far from it is suspect."""
    return replace(rows, income=incomes(table, amounts, threshold, findings).taken(rows.order))


def read_rows(table: RawTable, policy: Policy, findings: list[Finding]) -> HouseholdRows:
    """Return the households' rows, their incomes not read yet (:func:`with_incomes`).

    Raises
    ------
    InputError
        A blank or repeated id, a blank name or place, unreadable partners or waiting, an ID number in a number cell.
    """
    problems: list[Finding] = []
    keys = ids(table, "household_id", problems)
    unique(table, "household_id", keys, problems)
    name_keys = filled(table, "head_name", problems, read_names)
    township = filled(table, "township", problems, read_names)
    village = filled(table, "village", problems, read_names)
    county = table.column("county").over(read_names)
    problems += _county_missing(table, county)
    partners = wholes(table, "partners", 1, problems, least=1)
    waiting = wholes(table, "waiting", 0, problems)
    id_numbers = id_keys(table, findings, problems)
    refuse_if_any(problems)
    meaning = policy.meaning()
    places, place = places_of(county, township, village)
    rows = sorted(range(len(keys)), key=keys.__getitem__)
    order = np.array(rows, np.int64)
    ordered, numbers = list(map(keys.__getitem__, rows)), id_numbers.taken(order)
    return HouseholdRows(
        ids=ordered,
        index=dict(zip(ordered, count())),
        names=table.column("head_name").over(shown_each).taken(order),
        name_keys=name_keys.taken(order),
        id_keys=numbers,
        place=place[order],
        places=places,
        hamlets=table.column("hamlet").map(lambda c: fold(as_text(c))).taken(order),
        members=table.column("members").over(read_each).taken(order),
        income=constant(MISSING, len(order)),
        income_text=table.column("income").over(shown_each).taken(order),
        needs=table.column("needs").map(lambda c: words_of(c, meaning)).taken(order),
        partners=partners[order],
        waiting=waiting[order],
        order=order,
        judged_as={ordered[k]: ordered[first] for k, first in repeated_rows(numbers.tolist()) if numbers[k][:1] not in ("", "?")},
    )


def words_of(cell: Cell, meaning: dict[str, str]) -> tuple[str, ...]:
    """Return the words of a cell by what they stand for, sorted."""
    return tuple(sorted({meaning.get(w, w) for w in several(read(cell))}))


def _county_missing(table: RawTable, county: Coded[str]) -> list[Finding]:
    if len(set(county.values) - {""}) < 2:
        return []
    text = message(N_("The county is blank in a month of several counties. Fill it in."))
    return [table.finding(i, "county", "blank_county", text) for i in county.rows_where(lambda c: not c)]
