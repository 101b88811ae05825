"""Which columns each sheet shows, under which headings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from matcher.export import book_codes as codes
from matcher.export.book_model import Columns, Field, Kind, height
from matcher.export.book_text import lines_of, number_in, text_width, widest
from matcher.messages import N_, translator

_WIDEST: Final[Mapping[Kind, int]] = {"id": 20, "text": 24, "long": 72, "number": 14, "money": 12}
_PADDING: Final[Mapping[Kind, float]] = {"id": 1.6, "text": 2.5, "long": 2.5, "number": 1.6, "money": 2.5}
_ONE_LINE = 10
_NARROWEST = 4
_PAPER_WIDTH, _CELL_MARGIN = 145.0, 0.72
"""Characters of 10 points on a landscape page, and what each column takes besides its width. Where the fonts are replaced by wider ones
the page is printed smaller, with not less than 8 points."""


@dataclass(frozen=True)
class Shown:
    """A column of a sheet: where its values come from, its heading, its kind, the words for its codes.

    A column that is blank throughout is left out, unless ``always``; one of lists is shown with commas for semicolons. A column
    that is not ``printed`` stands behind all that are.
    """

    source: str
    heading: str
    kind: Kind = "id"
    words: Mapping[str, str] | None = None
    always: bool = False
    lists: bool = False
    printed: bool = True


_HOUSEHOLD = Shown("household_id", N_("Household ID"), always=True)
_COUNTY = Shown("county", N_("County"))
_TOWNSHIP = Shown("township", N_("Township"), always=True)
_VILLAGE = Shown("village", N_("Village"), always=True)
_HEAD = Shown("head_name", N_("Head of household"), always=True)
_INCOME = Shown("income", N_("Income per person\n(yuan)"), "money", always=True)
_DRAWN = Shown("drawn", N_("Drawn by lot"), words=codes.YES_NO)

ROSTER: Final = (
    _HOUSEHOLD,
    _COUNTY,
    _TOWNSHIP,
    _VILLAGE,
    _HEAD,
    Shown("members", N_("Persons"), "number"),
    _INCOME,
    Shown("needs", N_("Needs"), "text", lists=True),
    Shown("cadre_name", N_("Responsible cadre"), always=True),
    Shown("unit", N_("Unit"), "text", always=True),
    Shown("status", N_("Status"), words=codes.STATUS, always=True),
    Shown("remarks", N_("Remarks"), "text"),
    Shown("cadre_id", N_("Cadre ID"), always=True, printed=False),
    Shown("hamlet", N_("Hamlet"), printed=False),
    Shown("id_number", N_("ID number"), printed=False),
    Shown("rank", N_("Rank"), printed=False),
    Shown("skills", N_("Skills"), "text", lists=True, printed=False),
    Shown("since", N_("Paired since"), printed=False),
)
UNMATCHED: Final = (
    _HOUSEHOLD,
    _COUNTY,
    _TOWNSHIP,
    _VILLAGE,
    _HEAD,
    _INCOME,
    Shown("partners", N_("Cadres needed"), "number"),
    Shown("lacking", N_("Cadres lacking"), "number"),
    Shown("reason", N_("Why unpaired"), "long", codes.UNMATCHED, always=True),
    Shown("bottleneck", N_("Bottleneck no.")),
    Shown("smallest_fix", N_("Smallest remedy for one household more (whichever's turn it is)"), "long"),
    _DRAWN,
)
BOTTLENECKS: Final = (
    Shown("bottleneck", N_("Bottleneck no."), always=True),
    Shown("townships", N_("Townships"), "long", always=True),
    Shown("households", N_("Households in it"), "number", always=True),
    Shown("needed", N_("Places needed"), "number", always=True),
    Shown("cadres", N_("Cadres they can go to"), "number", always=True),
    Shown("quota", N_("Quota of the township")),
    Shown("places", N_("Places there are"), "number", always=True),
    Shown("shortfall", N_("Too few by"), "number", always=True),
    Shown("smallest_fix", N_("Smallest remedy for one household more (for one only)"), "long"),
)
_WHO: Final = (_HOUSEHOLD, _COUNTY, _TOWNSHIP, _VILLAGE, _HEAD)
_WHY: Final = (
    Shown("decision", N_("Decision"), "long", codes.DECISION, always=True),
    Shown("evidence", N_("Evidence"), "long", always=True),
)
EXCLUDED: Final = (*_WHO, Shown("amount", _INCOME.heading, "money", always=True), *_WHY)
REVIEW: Final = (*_WHO, Shown("income", N_("Income per person\n(as written)"), "text", always=True), *_WHY)
CHANGES: Final = (
    _HOUSEHOLD,
    _HEAD,
    _COUNTY,
    _TOWNSHIP,
    _VILLAGE,
    Shown("kind", N_("Kind of change"), words=codes.CHANGE, always=True),
    Shown("from_name", N_("Cadre before"), always=True),
    Shown("from_cadre", N_("Cadre ID before"), always=True),
    Shown("to_name", N_("Cadre now"), always=True),
    Shown("to_cadre", N_("Cadre ID now"), always=True),
    Shown("reason", N_("Reason"), "long", codes.REASON, always=True),
)
CADRES: Final = (
    Shown("cadre_id", N_("Cadre ID"), always=True),
    Shown("name", N_("Name"), always=True),
    _COUNTY,
    Shown("unit", N_("Unit"), "long", always=True),
    Shown("rank", N_("Rank")),
    Shown("townships", N_("Townships"), "long", lists=True),
    Shown("takes_part", N_("Takes part"), words=codes.YES_NO, always=True),
    Shown("why_not", N_("Why not"), "text", codes.WHY_NOT),
    Shown("load", N_("Households paired"), "number", always=True),
    Shown("capacity", N_("Upper limit"), "number", always=True),
    Shown("duty", N_("Lower limit"), "number"),
    Shown("unmet_duty", N_("Below the lower limit by"), "number"),
)
STATISTICS: Final = (
    Shown("section", N_("Section"), "id", codes.ANY, always=True),
    Shown("item", N_("Item"), "long", codes.ANY, always=True),
    Shown("value", N_("Figure"), "number", always=True),
)


def fields(table: Columns, shown: tuple[Shown, ...], language: str) -> tuple[Field, ...]:
    """Return a table's columns as a sheet shows them, behind their serial numbers."""
    _ = translator(language)
    rows = height(table)
    serial = Field(_("No."), range(1, rows + 1), "number", max(_NARROWEST, len(str(rows))) + _PADDING["number"])
    return (serial, *(field for field in (_field(table, column, language) for column in shown) if field is not None))


def lines(shown: tuple[Field, ...]) -> list[int]:
    """Return how many lines of text each row needs in columns of these widths."""
    needed = [1] * len(shown[0].values)
    for field in shown:
        room = round(field.width - _PADDING[field.kind], 2)
        if isinstance(field.values, range) or widest(field.values) <= room:
            continue
        of_value = {value: lines_of(str(value), room) for value in set(field.values)}
        needed = [max(so_far, of_value[value]) for so_far, value in zip(needed, field.values, strict=True)]
    return needed


def _field(table: Columns, column: Shown, language: str) -> Field | None:
    _, values = translator(language), table.get(column.source)
    if values is None or (not column.always and not set(values) - {None, ""}):
        if not column.always:
            return None
        values = [None] * height(table)
    if column.words is not None:
        values = list(map(codes.naming(column.words, language), values))
    if column.kind in ("number", "money"):
        values = list(map(number_in, values))
    if column.lists:
        comma = _(", ")
        values = [value.replace(";", comma) if isinstance(value, str) else value for value in values]
    heading = _(column.heading)
    needed = min(max(widest(values), _NARROWEST), _WIDEST[column.kind])
    return Field(heading, values, column.kind, max(needed, _heading_width(heading)) + _PADDING[column.kind], column.printed)


def fitted(shown: tuple[Field, ...]) -> tuple[Field, ...]:
    """Return columns of which those that are printed fill a landscape page.

    Narrow ones are stretched, all but the serial numbers; of wide ones the widest are narrowed and their text wraps.
    """
    serial, *rest = shown
    widths = [field.width for field in rest if field.printed]
    room = _PAPER_WIDTH - serial.width - _CELL_MARGIN * (len(widths) + 1)
    factor, most = max(room / sum(widths), 1.0), _level(widths, room)
    return (serial, *(replace(f, width=round(min(f.width, most) * factor, 2)) if f.printed else f for f in rest))


def _level(widths: Sequence[float], room: float) -> float:
    """Return the width to which the widest are cut so that all together have room."""
    rising = sorted(widths)
    for k, width in enumerate(rising):
        each = (room - sum(rising[:k])) / (len(rising) - k)
        if each < width:
            return max(each, _NARROWEST)
    return rising[-1]


def _heading_width(heading: str) -> int:
    """Return the width that a heading needs on one line, if it is short or has its own line break, or on two."""
    width = text_width(heading)
    return width if width <= _ONE_LINE or "\n" in heading else width // 2 + 2
