"""What a workbook is made of: the book a run hands over, and the pages that are drawn and filled from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal

Columns = Mapping[str, Sequence[object]]
LINE = 13.5
CREATED: Final = datetime(2000, 1, 1, tzinfo=UTC)
Kind = Literal["id", "text", "long", "number", "money"]


@dataclass(frozen=True)
class Book:
    """All that ``roster.xlsx`` shows: tables as columns of ``str | int | None``, sorted, all columns of a table of one length.

    Columns that a table lacks are left out of its sheet, and those it holds beyond these are ignored.

    Attributes
    ----------
    title, source : str
        The programme's name and its source document (may be empty).
    month : str
        ``YYYY-MM``.
    language : str
        ``zh`` or ``en``.
    roster : Columns
        household_id, cadre_id, county, township, village, hamlet, head_name, id_number (masked), members, income (the amount that
        was judged), needs, cadre_name, unit, rank, skills, status, reason, village_link, needs_met, since, drawn.
    unmatched : Columns
        household_id, reason, bottleneck, smallest_fix, county, township, village, head_name, income (as judged), lacking, partners,
        drawn.
    decisions : Columns
        household_id, decision, evidence, county, township, village, head_name, income (as written), amount (as judged).
    changes : Columns
        household_id, from_cadre, to_cadre, kind, reason, head_name, township, village, from_name, to_name.
    cadres : Columns
        cadre_id, unit, takes_part, why_not, load, capacity, duty, unmet_duty, name, rank, county, townships.
    statistics : Columns
        section, item, value: rows of one section stand together.
    bottlenecks : Columns
        bottleneck, townships, households, cadres, places, shortfall, needed, quota, smallest_fix.
    review_missing_income : bool
        Whether households without an income are listed for review, else among those not included.
    """

    title: str
    source: str
    month: str
    language: str
    roster: Columns
    unmatched: Columns
    decisions: Columns
    changes: Columns
    cadres: Columns
    statistics: Columns
    review_missing_income: bool
    bottlenecks: Columns = field(default_factory=dict)


@dataclass(frozen=True)
class Field:
    """A column as it is shown.

    ``id``: short text, centred; ``text``, ``long``: text, to the left; ``number``, ``money``: integers stay numbers, any
    other value is text. ``width`` counts characters, East Asian ones twice. Columns that are not ``printed`` stand to the right of
    those that are, outside the print area.
    """

    heading: str
    values: Sequence[object]
    kind: Kind
    width: float
    printed: bool = True


def row_height(lines: int) -> float:
    """Return the height in points of a body row with so many lines of text (whole pixels; Excel's most is 409)."""
    return min(LINE * lines + 4.5, 408.75)


@dataclass(frozen=True)
class Page:
    """A sheet: its safe name, the title above it, the notes beside the stamp, its columns, the lines of text of each row."""

    name: str
    title: str
    notes: str
    fields: tuple[Field, ...]
    lines: Sequence[int]

    @property
    def rows(self) -> int:
        """Return how many body rows the page has."""
        return len(self.lines)

    @property
    def printed(self) -> int:
        """Return how many columns are printed."""
        return sum(field.printed for field in self.fields)


def height(columns: Columns) -> int:
    """Return the number of rows of a table.

    Raises
    ------
    ValueError
        If its columns are not all of one length.
    """
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns of different lengths: {lengths}")
    return next(iter(lengths.values()), 0)
