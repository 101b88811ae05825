"""Makes the pages of a book: which rows stand on which sheet, under which name and title."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import TypeVar

from matcher.export import book_sheets as sheets
from matcher.export.book_codes import REASON, fix_in_words, naming
from matcher.export.book_model import Book, Columns, Field, Page, height
from matcher.export.book_text import SheetNames
from matcher.messages import N_, translator

MOST_TOWNSHIP_SHEETS = 250
MOST_ROWS = 1_048_576 - 5
_T = TypeVar("_T")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_SAID_BY_STATUS = ("kept", "newly_served")
_YES = ("yes", "true", "1", "True", 1)


@dataclass(frozen=True)
class _Sheet:
    """How a table of the book becomes a sheet: messages for its name, its title and the units of its figures."""

    name: str
    title: str
    units: str
    shown: tuple[sheets.Shown, ...]


_ROSTER = _Sheet(N_("Roster"), N_("{programme}: roster"), N_("persons, yuan"), sheets.ROSTER)
_UNMATCHED = _Sheet(N_("Unmatched"), N_("{programme}: households that lack cadres"), N_("persons, yuan"), sheets.UNMATCHED)
_BOTTLENECKS = _Sheet(N_("Bottlenecks"), N_("{programme}: where places are too few"), N_("households, places"), sheets.BOTTLENECKS)
_EXCLUDED = _Sheet(N_("Not included"), N_("{programme}: households not included"), N_("yuan"), sheets.EXCLUDED)
_REVIEW = _Sheet(N_("To review"), N_("{programme}: households to be reviewed"), "", sheets.REVIEW)
_CHANGES = _Sheet(N_("Changes"), N_("{programme}: changes since last month"), "", sheets.CHANGES)
_CADRES = _Sheet(N_("Cadres"), N_("{programme}: cadres"), N_("households"), sheets.CADRES)
_STATISTICS = _Sheet(N_("Statistics"), N_("{programme}: statistics"), "", sheets.STATISTICS)


def pages_of(book: Book) -> list[Page]:
    """Return the pages of a book in their order, those that are too long for one sheet in parts.

    Raises
    ------
    ValueError
        If the columns of a table are not all of one length.
    """
    binder = _Binder(book)
    excluded, review = _split(book.decisions, book.review_missing_income)
    tables = (
        (_UNMATCHED, _with_fixes(book.unmatched, book.language)),
        *(((_BOTTLENECKS, _with_fixes(book.bottlenecks, book.language)),) if height(book.bottlenecks) else ()),
        (_EXCLUDED, excluded),
        (_REVIEW, review),
        (_CHANGES, book.changes),
        (_CADRES, book.cadres),
    )
    roster = _with_remarks(book.roster, book.language)
    others = (binder.page(sheet, table) for sheet, table in tables)
    pages = [binder.page(_ROSTER, roster), *binder.townships(roster), *others, binder.statistics()]
    return [part for page in pages for part in binder.parts(page)]


class _Binder:
    def __init__(self, book: Book) -> None:
        self._book, self._names = book, SheetNames()
        self._: Callable[[str], str] = translator(book.language)
        fixed = (_ROSTER, _UNMATCHED, _BOTTLENECKS, _EXCLUDED, _REVIEW, _CHANGES, _CADRES, _STATISTICS)
        self._name_of = {sheet.name: self._names.claim(self._(sheet.name), sheet.name) for sheet in fixed}
        self._places = _places(book.roster)
        self._one_county = len({county for county, _ in self._places}) <= 1

    def page(self, sheet: _Sheet, table: Columns) -> Page:
        """Return a table as a page."""
        columns = self._columns(sheet, table, ("county",) if self._one_county else ())
        title = self._(sheet.title).format(programme=self._book.title)
        return Page(self._name_of[sheet.name], title, self._notes(sheet.units), columns, sheets.lines(columns))

    def _columns(self, sheet: _Sheet, table: Columns, without: Sequence[str]) -> tuple[Field, ...]:
        shown = tuple(column for column in sheet.shown if column.source not in without)
        return sheets.fitted(sheets.fields(table, shown, self._book.language))

    def townships(self, roster: Columns) -> Iterator[Page]:
        """Yield a page per township with its rows of the whole roster, none if there are too many townships."""
        if not 0 < len(self._places) <= MOST_TOWNSHIP_SHEETS:
            return
        _, notes = self._, self._notes(_ROSTER.units)
        columns = self._columns(_ROSTER, roster, ("county", "township"))
        lines = sheets.lines(columns)
        for (county, township), rows in self._places.items():
            place = township if self._one_county else f"{county} {township}".strip()
            chosen = tuple(replace(field, values=_chosen(field.values, rows)) for field in columns[1:])
            title = _("{programme}: roster of {place}").format(programme=self._book.title, place=place)
            fields = (replace(columns[0], values=range(1, len(rows) + 1)), *chosen)
            yield Page(self._names.claim(place, _("Township")), title, notes, fields, _chosen(lines, rows))

    def statistics(self) -> Page:
        """Return the statistics page, with a line where the townships have no sheets of their own."""
        _, table = self._, self._book.statistics
        if len(self._places) > MOST_TOWNSHIP_SHEETS:
            note = {
                "section": _("Note"),
                "item": _("No sheets by township: there are more than {most}").format(most=MOST_TOWNSHIP_SHEETS),
                "value": len(self._places),
            }
            table = {name: [*table.get(name, ()), value] for name, value in note.items()}
        return self.page(_STATISTICS, table)

    def parts(self, page: Page) -> Iterator[Page]:
        """Yield a page, or as many numbered ones as its rows need."""
        yield _part(page, page.name, 0) if page.rows > MOST_ROWS else page
        for start in range(MOST_ROWS, page.rows, MOST_ROWS):
            yield _part(page, self._names.claim(page.name, page.name), start)

    def _notes(self, units: str) -> str:
        _, found = self._, _MONTH.fullmatch(self._book.month)
        month = _("{year}-{month:02d}").format(year=found[1], month=int(found[2])) if found else self._book.month
        notes = [_("Source: {source}").format(source=self._book.source)] if self._book.source else []
        notes.append(_("Month: {month}").format(month=month))
        if units:
            notes.append(_("In: {units}").format(units=_(units)))
        return "    ".join(notes)


def _part(page: Page, name: str, start: int) -> Page:
    rows = slice(start, start + MOST_ROWS)
    fields = tuple(replace(field, values=field.values[rows]) for field in page.fields)
    return replace(page, name=name, fields=fields, lines=page.lines[rows])


def _chosen(values: Sequence[_T], rows: Sequence[int]) -> Sequence[_T]:
    return itemgetter(*rows)(values) if len(rows) > 1 else (values[rows[0]],)


def _places(roster: Columns) -> dict[tuple[str, str], list[int]]:
    """Return the rows of each county and township, in the order of the roster."""
    rows: dict[tuple[str, str], list[int]] = {}
    count = height(roster)
    blank = [""] * count
    for row, (county, township) in enumerate(zip(roster.get("county", blank), roster.get("township", blank), strict=True)):
        rows.setdefault((str(county or ""), str(township or "")), []).append(row)
    return rows


def _split(decisions: Columns, review_missing_income: bool) -> tuple[Columns, Columns]:
    """Return the decisions that leave a household out, and those that hold it back."""
    held = {"review_income", "review_welfare"} | ({"missing_income"} if review_missing_income else set())
    excluded: list[int] = []
    review: list[int] = []
    height(decisions)
    for row, decision in enumerate(decisions.get("decision", ())):
        if decision != "eligible":
            (review if decision in held else excluded).append(row)
    first, second = ({k: [v[row] for row in rows] for k, v in decisions.items()} for rows in (excluded, review))
    return first, second


def _with_fixes(table: Columns, language: str) -> Columns:
    """Return a table with its smallest remedies in words."""
    fixes = table.get("smallest_fix")
    return table if fixes is None else {**table, "smallest_fix": [fix_in_words(fix, language) for fix in fixes]}


def _with_remarks(roster: Columns, language: str) -> Columns:
    """Return the roster with a column of remarks: reason, linked village, needs met, draw."""
    _, reason_of = translator(language), naming(REASON, language)
    linked, drawn, needs, mark = _("unit linked to the village"), _("drawn by lot"), _("needs met: {number}"), _("; ")
    known: dict[tuple[object, ...], str] = {}

    def remark(row: tuple[object, ...]) -> str:
        reason, village_link, needs_met, lot = row
        said = [str(reason_of(reason))] if reason and reason not in _SAID_BY_STATUS else []
        said += [linked] if village_link in _YES else []
        said += [needs.format(number=needs_met)] if needs_met not in (None, "", 0, "0") else []
        said += [drawn] if lot in _YES else []
        return mark.join(dict.fromkeys(said))

    blank = [None] * height(roster)
    columns = [roster.get(name, blank) for name in ("reason", "village_link", "needs_met", "drawn")]
    rows = list(zip(*columns, strict=True))
    for row in set(rows):
        known[row] = remark(row)
    return {**roster, "remarks": [known[row] for row in rows]}
