"""From a run's tables to the book that the workbook shows."""

from __future__ import annotations

from collections.abc import Mapping

from matcher.export.book_model import Book, Columns
from matcher.policy import Policy


def book_of(policy: Policy, tables: Mapping[str, Columns], statistics: Columns) -> Book:
    """Return the book of a run."""
    programme = policy.programme
    return Book(
        programme.name, programme.source, programme.month, programme.language, tables["roster"], tables["unmatched"],
        tables["decisions"], tables["changes"], tables["cadres"], statistics, policy.eligibility.missing_income == "review",
    )
