"""The quick rows of a CSV text are those of Python's reader, whatever the text."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.tables import csv_lines
from matcher.tables.csv_lines import Rows
from matcher.tables.grid import LONGEST_CELL

PIECES = ["a", "王", ",", ";", '"', '""', " ", "\n", "\r\n", "\r", "\x0b", "\u2028", '"b,c"', "d,e\n"]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=40)


def found(take: Callable[[], list[list[str]]], lines: Callable[[], int]) -> tuple[list[tuple[list[str], int]], str]:
    """Return all rows with the lines read after each, and the error at the end."""
    rows: list[tuple[list[str], int]] = []
    try:
        while following := take():
            rows += [(row or [""], lines()) for row in following]
    except csv.Error as error:
        return rows, f"{lines()} {error}"
    return rows, ""


def both(text: str, count: int) -> tuple[object, object]:
    """Return what the quick rows and Python's reader give, a row at a time for the numbers of the lines."""
    mine = Rows(io.StringIO(text, newline=""), ",")
    theirs = csv.reader(io.StringIO(text, newline=""), delimiter=",", strict=True)
    said = found(lambda: [row] if (row := next(theirs, None)) is not None else [], lambda: theirs.line_num)
    if count == 1:
        return found(lambda: mine.take(1), lambda: mine.line_num), said
    rows, error = found(lambda: mine.take(count), lambda: mine.line_num)
    kept = len(rows)  # what stands before an error in one lot is not given
    return ([row for row, _ in rows], error), ([row for row, _ in said[0]][: kept if error else None], said[1])


@settings(max_examples=600, deadline=None)
@given(TEXTS.map("".join), st.sampled_from([1, 2, 3, 50]))
def test_rows_are_as_pythons_reader_gives_them(text: str, count: int) -> None:
    """Rows, the line of every row, and the error and its line."""
    mine, theirs = both(text, count)
    assert mine == theirs


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from([*PIECES, "a,b\n", "a,b\n", 'c,"d"\r\n']), max_size=40).map("".join), st.sampled_from([1, 2, 3, 50]))
def test_columns_are_the_rows(text: str, count: int) -> None:
    """Where rows of two fields come as columns they are Python's, and so are those that follow, and the number of lines."""
    mine = Rows(io.StringIO(text, newline=""), ",")

    def take() -> list[list[str]]:
        columns = mine.take_columns(count, 2)
        if columns is None:
            return mine.take(count)
        assert len(columns) == 2
        assert all(cell.strip() for cell in columns[0])
        return [list(row) for row in zip(*columns, strict=True)]

    rows, error = found(take, lambda: mine.line_num)
    theirs = csv.reader(io.StringIO(text, newline=""), delimiter=",", strict=True)
    said = found(lambda: [row] if (row := next(theirs, None)) is not None else [], lambda: theirs.line_num)
    assert [row for row, _ in rows] == [row for row, _ in said[0]][: len(rows) if error else None]
    assert error == said[1]
    assert error or mine.line_num == theirs.line_num


def test_columns_of_plain_lines_and_quoted_ones() -> None:
    """Lines of one width are columns, whatever ends them; a blank first field, another width or the end gives and takes nothing."""
    rows = Rows(io.StringIO('a,b\r\n"c,d",e\nf,\n,h\ni,j,k\nl,m\n', newline=""), ",")
    assert rows.take_columns(3, 2) == [["a", "c,d", "f"], ["b", "e", ""]]
    assert (rows.take_columns(1, 2), rows.take(1)) == (None, [["", "h"]])
    assert (rows.take_columns(1, 2), rows.line_num) == (None, 4)
    assert rows.take_columns(1, 3) == [["i"], ["j"], ["k"]]
    assert (rows.take_columns(9, 2), rows.take_columns(9, 2)) == ([["l"], ["m"]], None)
    assert (rows.take(9), rows.line_num) == ([], 6)


def test_a_field_that_is_too_long() -> None:
    """It is refused where Python's reader refuses it; a long line of short fields is not."""
    usual = csv.field_size_limit(LONGEST_CELL)
    try:
        for text in ("a,b\n" + "x" * (LONGEST_CELL + 1) + ",b\n", "a,b\n" + "x" * LONGEST_CELL + ",b\nc,d\n"):
            mine, theirs = both(text, 1)
            assert mine == theirs
    finally:
        csv.field_size_limit(usual)


def test_plain_lines_need_no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's reader is given the lines with quotation marks only."""
    given_to: list[str] = []
    usual = csv.reader

    def listening(lines: object, **more: object) -> object:
        kept = list(lines)  # type: ignore[call-overload]
        given_to.extend(kept)
        return usual(kept, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(csv_lines.csv, "reader", listening)
    rows = Rows(io.StringIO('a,b\n"c,d",e\nf,g'), ",")
    assert rows.take(10) == [["a", "b"], ["c,d", "e"], ["f", "g"]]
    assert given_to == ['"c,d",e\n']
