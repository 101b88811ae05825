"""A month beside the month before: rows, median incomes, townships that are missing."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from statistics import median

from matcher.errors import InputError
from matcher.people.income import read_income
from matcher.policy import Policy, read_policy
from matcher.tables.cells import read_names
from matcher.tables.coded import constant
from matcher.tables.month import RawTables, read_tables
from matcher.tables.table import RawTable


@dataclass(frozen=True)
class Figures:
    """Some rows of households.

    Attributes
    ----------
    rows : int
    income : Decimal or None
        The median of the incomes that are amounts, in yuan.
    """

    rows: int = 0
    income: Decimal | None = None


@dataclass(frozen=True)
class Profile:
    """What a month's tables amount to.

    Attributes
    ----------
    rows : dict of str to int
        Rows by table.
    all : Figures
    townships : dict of str to Figures
        By name, with the county before it where the tables say one.
    """

    name: str
    rows: dict[str, int]
    all: Figures
    townships: dict[str, Figures] = field(default_factory=dict)


def profile(tables: RawTables, policy: Policy, name: str) -> Profile:
    """Return the profile of a month's tables."""
    table, unit = tables["households"], policy.tables.income_unit
    places = _places(table)
    found: defaultdict[str, list[Decimal]] = defaultdict(list)
    rows: defaultdict[str, int] = defaultdict(int)
    at = 0
    for part in table.parts:
        cells = part.columns.get("income", constant(None, len(part.rows)))
        for income in cells.map(partial(read_income, unit=part.income_unit or unit)).tolist():
            rows[places[at]] += 1
            if isinstance(income, Decimal):
                found[places[at]].append(income)
            at += 1
    townships = {place: Figures(rows[place], _median(found[place])) for place in sorted(rows)}
    whole = Figures(len(table), _median([income for each in found.values() for income in each]))
    return Profile(name, {key: len(each) for key, each in tables.tables.items() if len(each)}, whole, townships)


def _places(table: RawTable) -> list[str]:
    county, township = (table.column(name).over(read_names).tolist() for name in ("county", "township"))
    return [f"{c}/{t}" if c else t for c, t in zip(county, township, strict=True)]


def _median(incomes: list[Decimal]) -> Decimal | None:
    return median(incomes) if incomes else None


def last_month(folder: Path, policy: Policy, last: Path | None) -> Profile | None:
    """Return the profile of the month before: of the folder that is named, else of one beside the month's own that bears its name.

    Raises
    ------
    InputError
        The folder that is named cannot be read.
    """
    year, month = int(policy.programme.month[:4]), int(policy.programme.month[5:])
    before = f"{year - (month == 1)}-{(month - 2) % 12 + 1:02}"
    found = last or folder.resolve().parent / before
    if last is None and not found.is_dir():
        return None
    try:
        tables = read_tables(found)
    except InputError:
        if last is not None:
            raise
        return None
    with suppress(InputError):  # then its tables are read by this month's policy: only the unit of the income matters
        policy = read_policy(found)[0]
    return profile(tables, policy, found.name)
