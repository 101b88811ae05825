"""Files as they stand, cell by cell, with nothing judged: for showing an office its own tables."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from matcher.errors import InputError
from matcher.tables.aliases import headers_of, layout_of, normal_header
from matcher.tables.csv_file import csv_rows
from matcher.tables.html_file import html_sheets
from matcher.tables.kind import HTML, PARQUET, PARSED_APART, TEXT, kind_of, refuse_kind
from matcher.tables.layout import WINDOW, Span
from matcher.tables.limited import GaveUpError, limited
from matcher.tables.parquet_file import read_parquet
from matcher.tables.sheet import Sheet, opened
from matcher.tables.table import SHEET_MARK, Cell
from matcher.tables.workbook import sheets


@dataclass(frozen=True)
class RawSheet:
    """A sheet as it stands.

    Attributes
    ----------
    label : str
        As findings cite it.
    rows : list of list
        Row 1 of the spreadsheet first.
    spans : tuple of Span
    """

    label: str
    rows: list[list[Cell]]
    spans: tuple[Span, ...] = ()

    def columns(self, table: str) -> dict[str, int]:
        """Return where, from 0, the columns of a table stand, by canonical name and by header; empty where no header is found."""
        try:
            page = opened(Sheet("", iter([list(row) for row in self.rows[: 10 * WINDOW]]), self.spans))
            texts = page.head(table, self.label).texts if page is not None else []
        except InputError:
            return {}
        known = headers_of(layout_of(texts, table))
        found: dict[str, int] = {}
        for at, text in enumerate(texts):
            for name in (text, known.get(normal_header(text)[0])):
                if name:
                    found.setdefault(name, at)
        if "head_name" not in found and "relation" in found and "name" in found:
            found["head_name"] = found["name"]
        return found


def raw_sheets(path: Path, wanted: Container[str], table: str) -> list[RawSheet]:
    """Return the sheets of a file whose labels are wanted; none where the file cannot be opened at all."""
    try:
        data = path.read_bytes()
        job = partial(_sheets, path, data, wanted, table)
        return limited(job) if kind_of(data) in PARSED_APART else job()
    except (InputError, GaveUpError, OSError):
        return []


def _sheets(path: Path, data: bytes, wanted: Container[str], table: str) -> list[RawSheet]:
    kind = kind_of(data)
    refuse_kind(kind, data, table, path.name)
    if kind == TEXT:
        return [RawSheet(path.name, csv_rows(data, table))]
    if kind == PARQUET:
        grid = read_parquet(data, table, path.name)
        return [RawSheet(path.name, [list[Cell](grid.header), *map(list, zip(*(c.tolist() for c in grid.columns), strict=True))])]
    return list(_wanted(html_sheets(data, path.name) if kind == HTML else sheets(data, path.name), path.name, wanted))


def _wanted(found: Iterator[Sheet], file: str, wanted: Container[str]) -> Iterator[RawSheet]:
    for sheet in found:
        label = f"{file}{SHEET_MARK}{sheet.name}"
        if label in wanted:
            yield RawSheet(label, list(sheet.rows), sheet.spans)
