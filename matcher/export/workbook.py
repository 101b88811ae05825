"""``roster.xlsx``: the month's roster as an office prints, signs and files it."""

from __future__ import annotations

from pathlib import Path

from matcher.export.book_fill import fill
from matcher.export.book_model import Book, Columns
from matcher.export.book_page import BODY, draw
from matcher.export.book_pages import pages_of

__all__ = ["Book", "Columns", "write_workbook"]


def write_workbook(path: Path, book: Book) -> None:
    """Write the workbook of a run: the same bytes for the same book.

    Sheets, in this order: the whole roster, one per township (left out above 250), households unmatched, not included,
    to be reviewed, changes, cadres, statistics. A sheet that would pass Excel's number of rows goes on in a numbered one.

    Parameters
    ----------
    path : Path
        Where to write; an existing file is replaced.
    book : Book
        What to write, in the order in which it shall stand.

    Raises
    ------
    ValueError
        If the columns of a table are not all of one length.
    """
    _write(path, book, rows_drawn=1)


def _write(path: Path, book: Book, rows_drawn: int) -> None:
    pages = pages_of(book)
    fill(draw(book, pages, rows_drawn), path, pages, BODY + 1, rows_drawn)
