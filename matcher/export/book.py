"""From a run's tables to the book that the workbook shows."""

from __future__ import annotations

from matcher.export.book_model import Book
from matcher.policy import Policy
from matcher.roster.tables import Tables


def book_of(policy: Policy, tables: Tables) -> Book:
    """Return the book of a run."""
    programme = policy.programme
    return Book(
        programme.name, programme.source, programme.month, programme.language, tables.roster, tables.unmatched,
        tables.decisions, tables.changes, tables.cadres, tables.statistics, policy.eligibility.missing_income == "review",
        tables.bottlenecks,
    )
