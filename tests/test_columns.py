"""Columns by their distinct values: written, numbered and searched for repetitions as their cells are."""

from __future__ import annotations

import csv
import hashlib
import io
import pickle
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.export.csv_files import Column, csv_data
from matcher.integers import among, order_of, unique
from matcher.proof.write import _numbered
from matcher.tables import canonical, joined
from matcher.tables.aliases import TABLES
from matcher.tables.canonical import inputs_hash
from matcher.tables.coded import Coded, coded, distinct_rows, repeated_rows
from matcher.tables.lines import Lines
from matcher.tables.month import RawTables
from matcher.tables.table import Part, RawTable
from matcher.verify.arrays import people_tickets
from matcher.verify.arrays import tickets as hashed

from .months import examples

TEXT = st.text(alphabet='=-＝a王1,"\n\r', max_size=3)
CELLS = st.one_of(TEXT, st.none(), st.integers(-3, 3))
RUNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@examples(200)
@given(st.lists(st.text(alphabet="a王\U00020000\ud800 ", max_size=3), min_size=1, max_size=6), st.data())
def test_packed_texts_are_a_sequence(texts: list[str], data: st.DataObject) -> None:
    """Lines of one text are what a list of them is, also beyond the first plane and where half a letter stands alone."""
    packed = Lines("\n".join(texts))
    bounds = st.one_of(st.none(), st.integers(-8, 8))
    some = slice(data.draw(bounds), data.draw(bounds), data.draw(st.sampled_from([None, 1, 2, -1])))
    assert (len(packed), list(packed), packed[some]) == (len(texts), texts, texts[some])
    assert [packed[k] for k in range(-len(texts), len(texts))] == texts + texts
    assert list(pickle.loads(pickle.dumps(packed))) == texts  # noqa: S301 - our own
    with pytest.raises(IndexError):
        packed[len(texts)]


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Column]:
    """Draw a table of lists and coded columns, some with the codes of another."""
    rows = draw(st.integers(0, 12))
    codes = np.array(draw(st.lists(st.integers(0, 4), min_size=rows, max_size=rows)), np.int32)
    found: dict[str, Column] = {}
    for k, kind in enumerate(draw(st.lists(st.sampled_from(["list", "same codes", "own codes"]), min_size=2, max_size=6))):
        values = draw(st.lists(CELLS, min_size=5, max_size=5))
        own = np.array(draw(st.lists(st.integers(0, 4), min_size=rows, max_size=rows)), np.int32)
        column = Coded(values, codes if kind == "same codes" else own)
        found[f"{k},"] = column.tolist() if kind == "list" else column
    return found


def by_the_module(columns: dict[str, Sequence[object]]) -> bytes:
    """Return what the csv module makes of the cells; quoted throughout where a text holds a carriage return."""
    guarded = [["'" + c if isinstance(c, str) and c.startswith(RUNS) else c for c in cells] for cells in columns.values()]
    quoted = any(isinstance(c, str) and "\r" in c for cells in columns.values() for c in cells)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    writer.writerows([list(columns), *zip(*guarded, strict=True)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


@examples(400)
@given(tables())
def test_coded_columns_are_written_as_their_cells(columns: dict[str, Column]) -> None:
    """Whatever is put together, and in whatever pieces, the file is the csv module's."""
    cells = {name: c.tolist() if isinstance(c, Coded) else c for name, c in columns.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(joined, "FEW_ROWS", 5)
        patch.setattr(joined, "_FEW", 0.2)
        assert b"".join(csv_data(columns)) == by_the_module(cells)
    assert b"".join(csv_data(cells)) == by_the_module(cells)


@examples(200)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["C1", "c", "和"])), max_size=30), st.sampled_from([1, 4, 30]))
def test_the_hash_is_of_the_sorted_rows(rows: list[tuple[str, str]], in_order: int) -> None:
    """Rows that come in order, piece by piece or not, and those that do not have the hash that docs/certificate.md defines."""
    rows = [row for start in range(0, len(rows), in_order) for row in sorted(rows[start : start + in_order])]
    columns = {"household_id": coded([a for a, _ in rows]), "cadre_id": coded([b for _, b in rows])}
    tables = {name: RawTable(name, ()) for name in TABLES}
    tables["avoid"] = RawTable("avoid", (Part("avoid.csv", columns, list(range(2, len(rows) + 2))),))
    said = sorted(f"{a}\x1f{b}\x1f" for a, b in rows)
    text = "".join(f"\x1d{name}\n" + "".join(f"{row}\n" for row in (said if name == "avoid" else ())) for name in TABLES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(joined, "FEW_ROWS", 4)
        patch.setattr(canonical, "_AT_ONCE", 7)
        assert inputs_hash(RawTables(tables), "元") == hashlib.sha256(text.encode()).hexdigest()


def test_columns_of_different_lengths_are_no_table() -> None:
    """Nothing is written of them, be one empty."""
    for columns in ({"a": ["1"], "b": ["1", "2"]}, {"a": ["1"], "b": []}):
        with pytest.raises(ValueError, match="lengths"):
            list(csv_data(columns))


@examples(300)
@given(st.lists(st.tuples(*[st.integers(0, 3) | st.integers(10**6, 10**6 + 2)] * 3), max_size=30))
def test_distinct_rows_are_the_rows(rows: list[tuple[int, int, int]]) -> None:
    """Every row is the distinct row of its number; these are in their order, and each occurs."""
    columns = [np.array([row[k] for row in rows], np.int32) for k in range(3)]
    found, number = distinct_rows(*columns)
    each = list(zip(*found, strict=True))
    assert [each[k] for k in number.tolist()] == rows
    assert each == sorted(set(rows))


@examples(300)
@given(st.lists(st.sampled_from(["", "a", "b", "王", "1"]) | st.integers(0, 2), max_size=12))
def test_repeated_rows_are_those_that_stood_before(keys: list[object]) -> None:
    """Each is told with the first row of its key, in the order of the rows."""
    assert repeated_rows(keys) == [(row, keys.index(key)) for row, key in enumerate(keys) if keys.index(key) < row]


@st.composite
def integer_columns(draw: st.DrawFn) -> list[np.ndarray]:
    """Draw columns of integers of one length, narrow and wide, below zero, and Python integers beyond 64 bits."""
    rows = draw(st.integers(0, 40))
    found = []
    for bits in draw(st.lists(st.sampled_from([1, 3, 15, 16, 17, 31, 32, 33, 62, 80]), min_size=1, max_size=4)):
        low = -(1 << bits) if draw(st.booleans()) else 0
        some = draw(st.lists(st.integers(low, (1 << bits) - 1), min_size=1, max_size=5))
        cells = draw(st.lists(st.sampled_from(some), min_size=rows, max_size=rows))
        found.append(np.array(cells, object if bits > 62 else np.int64))
    return found


@examples(400)
@given(st.lists(st.integers(-300, 300) | st.integers(-(1 << 60), 1 << 60), max_size=30), st.lists(st.integers(-9, 9)), st.booleans())
def test_known_numbers_are_found(some: list[int], others: list[int], both: bool) -> None:
    """Whether they lie close together or far apart, exactly the known ones are found."""
    values = np.array([others, some + others * 3][both], np.int64)
    known = unique(np.array([some, others][both], np.int64))
    assert among(values, known).tolist() == [v in set(known.tolist()) for v in values.tolist()]
    assert among(values[None, :], known).tolist() == [[v in set(known.tolist()) for v in values.tolist()]]


@examples(400)
@given(integer_columns())
def test_rows_are_ordered_as_tuples_are(columns: list[np.ndarray]) -> None:
    """Packed, by digits or as they are: the order is that of the rows, and of equal rows the first one stands first."""
    rows = list(zip(*(c.tolist() for c in columns), strict=True))
    assert order_of(*columns).tolist() == sorted(range(len(rows)), key=rows.__getitem__)


@examples(400)
@given(integer_columns())
def test_rows_are_numbered_as_they_come(columns: list[np.ndarray]) -> None:
    """Every distinct row of potentials has the number of its first appearance, as the certificate tells them."""
    number: dict[tuple[int, ...], int] = {}
    wanted = [number.setdefault(row, len(number)) for row in zip(*(c.tolist() for c in columns), strict=True)]
    first, found = _numbered(columns)
    assert found.tolist() == wanted
    assert first.tolist() == [wanted.index(k) for k in range(len(number))]


def test_tickets_of_much_the_same_people() -> None:
    """Months checked one after the other share tickets; each gets those that it would have alone."""
    ids = tuple(f"H{k}" for k in range(9))
    for seed, some in (("a", ids[:5]), ("a", ids[2:]), ("b", ids[1:7]), ("a", ids[::-1]), ("a", ())):
        assert people_tickets(seed, "household", some).tolist() == hashed(seed, "household", some).tolist()
