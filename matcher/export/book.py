"""From a run's tables to the book that the workbook shows."""

from __future__ import annotations

from collections.abc import Sequence

from matcher.export.book_model import Book
from matcher.messages import translator
from matcher.policy import Policy
from matcher.roster.tables import Columns, Tables


def book_of(policy: Policy, tables: Tables) -> Book:
    """Return the book of a run."""
    programme = policy.programme
    roster, unmatched, decisions, changes = map(_by_place, (tables.roster, tables.unmatched, tables.decisions, tables.changes))
    roster, unmatched = ({**table, "income": tables.amounts(_ids(table))} for table in (roster, unmatched))
    decisions = {**decisions, "amount": tables.amounts(_ids(decisions))}
    changes = _absent_last(changes, programme.language)
    return Book(
        programme.name, programme.source, programme.month, programme.language, roster, unmatched, decisions, changes, tables.cadres,
        tables.statistics, policy.eligibility.missing_income == "review", tables.bottlenecks,
    )


def _by_place(table: Columns) -> Columns:
    """Return a table of households as an office reads it: by county, township, village, then id."""
    keys = list(zip(*(table[name] for name in ("county", "township", "village", "household_id") if name in table), strict=True))
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return {name: [values[row] for row in order] for name, values in table.items()}


def _ids(table: Columns) -> Sequence[str]:
    return list(map(str, table["household_id"]))


def _absent_last(changes: Columns, language: str) -> Columns:
    """Return the changes with those of households that are in no table any more at the end, and said to be so."""
    there = [bool(township) for township in changes["township"]]
    order = sorted(range(len(there)), key=lambda row: not there[row])
    _ = translator(language)
    absent = _("not in this month's tables")
    found: Columns = {name: [values[row] for row in order] for name, values in changes.items()}
    return {**found, "township": [township or absent for township in found["township"]]}
