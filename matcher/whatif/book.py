"""``comparison.xlsx``: the comparison as an office prints it, in the manner of roster.xlsx."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from matcher.export.book_fill import fill
from matcher.export.book_model import Book, Columns, Page, height
from matcher.export.book_page import BODY, draw
from matcher.export.book_sheets import Shown, fields, fitted, lines
from matcher.export.book_text import SheetNames
from matcher.messages import N_, translator
from matcher.policy import Policy
from matcher.whatif.reasons import GAPS, KINDS, REASONS

_SCENARIO = Shown("scenario", N_("Scenario"), "long", {"base": N_("as it is")}, always=True)
_TOWNSHIP = Shown("township", N_("Township"), always=True)
_COMPARISON = (
    _SCENARIO,
    Shown("eligible", N_("Eligible"), "number", always=True),
    Shown("fully_served", N_("All their cadres"), "number", always=True),
    Shown("partly_served", N_("Some of them"), "number", always=True),
    Shown("unserved", N_("None of them"), "number", always=True),
    Shown("cadres", N_("Cadres taking part"), "number", always=True),
    Shown("newly_served", N_("Newly with a cadre"), "number", always=True),
    Shown("no_longer_served", N_("No longer with a cadre"), "number", always=True),
    Shown("changed", N_("With another cadre"), "number", always=True),
    Shown("objectives", N_("Objectives, compared with the month as it is"), "long"),
)
_COVERAGE = (
    _SCENARIO, _TOWNSHIP, Shown("band", N_("Income (yuan)"), always=True),
    Shown("base_eligible", N_("Eligible before"), "number", always=True), Shown("eligible", N_("Eligible"), "number", always=True),
    Shown("base_served", N_("With a cadre before"), "number", always=True), Shown("served", N_("With a cadre"), "number", always=True),
    Shown("difference", N_("Difference"), "number", always=True),
)
_HOUSEHOLDS = (
    _SCENARIO, Shown("household_id", N_("Household ID"), always=True), Shown("head_name", N_("Head of household"), always=True), _TOWNSHIP,
    Shown("village", N_("Village"), always=True), Shown("income", N_("Income per person\n(yuan)"), "money", always=True),
    Shown("kind", N_("Kind of change"), words=KINDS, always=True), Shown("from_name", N_("Cadre before"), always=True),
    Shown("from_cadre", N_("Cadre ID before"), always=True), Shown("to_name", N_("Cadre now"), always=True),
    Shown("to_cadre", N_("Cadre ID now"), always=True), Shown("reason", N_("Reason"), "long", REASONS, always=True),
)
_BOTTLENECKS = (
    _SCENARIO, Shown("kind", N_("Kind of change"), words=GAPS, always=True), Shown("townships", N_("Townships"), "long", always=True),
    Shown("quota", N_("Quota of the township")), Shown("base_places", N_("Places before"), "number", always=True),
    Shown("base_shortfall", N_("Too few before by"), "number", always=True), Shown("places", N_("Places there are"), "number", always=True),
    Shown("shortfall", N_("Too few by"), "number", always=True),
)
_LOADS = (
    _SCENARIO, Shown("cadre_id", N_("Cadre ID"), always=True), Shown("name", N_("Name"), always=True),
    Shown("unit", N_("Unit"), "long", always=True), Shown("base_load", N_("Households before"), "number", always=True),
    Shown("load", N_("Households paired"), "number", always=True), Shown("base_capacity", N_("Upper limit before"), "number", always=True),
    Shown("capacity", N_("Upper limit"), "number", always=True),
)
_KINKS = (
    Shown("key", N_("Policy key"), "long", always=True), Shown("until", N_("Up to"), "money", always=True),
    Shown("from", N_("From"), "money", always=True), Shown("what", N_("What happens between"), "long", always=True),
)
SHEETS: Final[Mapping[str, tuple[str, tuple[Shown, ...]]]] = {
    "comparison": (N_("Comparison"), _COMPARISON), "kinks": (N_("Turning points"), _KINKS), "coverage": (N_("Coverage"), _COVERAGE),
    "households": (N_("Households"), _HOUSEHOLDS), "bottlenecks": (N_("Bottlenecks"), _BOTTLENECKS), "loads": (N_("Cadres"), _LOADS),
}
MOST_ROWS = 100_000
"""Rows up to which a table has a sheet; longer ones (a long sweep's households) are in their CSV file only."""


def write_book(path: Path, policy: Policy, tables: Mapping[str, Columns]) -> None:
    """Write the workbook: a sheet for each table that has rows, the same bytes for the same tables.

    Parameters
    ----------
    tables : dict
        By the names of :data:`SHEETS`.
    """
    programme = policy.programme
    _ = translator(programme.language)
    title = _("{programme}: what if (not in force)").format(programme=programme.name)
    book = Book(title, programme.source, programme.month, programme.language, {}, {}, {}, {}, {}, {}, False)
    names = SheetNames()
    pages = [
        _page(names.claim(_(heading), name), title, book, tables[name], shown)
        for name, (heading, shown) in SHEETS.items()
        if name in tables and 0 < height(tables[name]) <= MOST_ROWS
    ]
    fill(draw(book, pages, 1), path, pages, BODY + 1, 1)


def _page(name: str, title: str, book: Book, table: Columns, shown: Sequence[Shown]) -> Page:
    columns = fitted(fields(table, tuple(shown), book.language))
    notes = translator(book.language)("Month: {month}").format(month=book.month)
    return Page(name, f"{title} · {name}", notes, columns, lines(columns))
