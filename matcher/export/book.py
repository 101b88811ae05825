"""From a run's tables to the book that the workbook shows."""

from __future__ import annotations

from matcher.export.book_model import Book
from matcher.policy import Policy
from matcher.roster.tables import Columns, Tables


def book_of(policy: Policy, tables: Tables) -> Book:
    """Return the book of a run."""
    programme = policy.programme
    roster, unmatched, decisions, changes = map(_by_place, (tables.roster, tables.unmatched, tables.decisions, tables.changes))
    return Book(
        programme.name, programme.source, programme.month, programme.language, roster, unmatched, decisions, changes, tables.cadres,
        tables.statistics, policy.eligibility.missing_income == "review", tables.bottlenecks,
    )


def _by_place(table: Columns) -> Columns:
    """Return a table of households as an office reads it: by county, township, village, then id."""
    keys = list(zip(*(table[name] for name in ("county", "township", "village", "household_id") if name in table), strict=True))
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return {name: [values[row] for row in order] for name, values in table.items()}
