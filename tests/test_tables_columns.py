"""Columns by their distinct values: what is quick about them changes nothing of what they say."""

from __future__ import annotations

import pickle
import random
import sys
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.tables import canonical
from matcher.tables import cells as cells_module
from matcher.tables.cells import read
from matcher.tables.coded import Coder, Numbers, coded

from .months import examples
from .test_tables import CELLS

ID_NUMBERS = st.one_of(CELLS, st.text("0123Xx \n１", max_size=6))


@examples()
@given(st.lists(ID_NUMBERS, max_size=5))
def test_id_numbers_are_hashed_as_each_is_read(cells: list[object]) -> None:
    """Folded, upper case, no white space inside: plain ones are no exception."""
    assert list(canonical._id_numbers(cells)) == ["".join(read(c).upper().split()) for c in cells]


def test_all_white_space_is_known() -> None:
    """A column is clean only without any white space that folding leaves: every such character is looked for."""
    spaces = {c for c in map(chr, range(sys.maxunicode + 1)) if c.isspace() and normalize("NFKC", c) == c}
    assert spaces == {*cells_module._SPACES, "\n"}


@examples()
@given(st.lists(CELLS, max_size=8))
def test_columns_go_to_another_process(cells: list[object]) -> None:
    """A column comes back as it was, its types too, as texts and as other cells."""
    column = coded(cells)
    back = pickle.loads(pickle.dumps(column))  # noqa: S301 - our own
    assert list(map(repr, back.tolist())) == list(map(repr, cells)) == list(map(repr, column.tolist()))


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_long_columns_are_coded_by_their_repetition(share: float) -> None:
    """A column whose cells hardly repeat is kept as it comes, another by its distinct cells; both say what was added."""
    rng = random.Random(1)  # noqa: S311 - which cells does not matter
    cells = [str(k) if rng.random() < share else "x" for k in range(50_000)]
    coder: Coder[str] = Coder()
    for start in range(0, len(cells), 1000):
        coder.add(cells[start : start + 1000])
    column = coder.column()
    assert column.tolist() == cells
    assert (len(column.values) == len(set(cells))) == (share < 0.5)


def test_numbers_of_rows() -> None:
    """A range as long as no row is left out, and the same numbers after."""
    numbers = Numbers()
    for more in (range(2, 5), range(5, 7)):
        numbers.add(more)
    assert numbers.numbers == range(2, 7)
    for more in ([8, 9], range(10, 12)):
        numbers.add(more)
    assert list(numbers.numbers) == [2, 3, 4, 5, 6, 8, 9, 10, 11]
    late = Numbers()
    for more in (range(2, 4), range(5, 6)):
        late.add(more)
    assert list(late.numbers) == [2, 3, 5]
