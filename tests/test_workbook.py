"""roster.xlsx: what is on its sheets, that it prints as a roster, and that nothing in it is live."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from matcher.export import book_pages, workbook
from matcher.export.book_text import CELL_LIMIT, SheetNames, cell_value, cut, number_in, text_width
from matcher.export.workbook import Book, write_workbook
from matcher.messages import translator

HEADER = 3
ROSTER = (
    "household_id cadre_id county township village hamlet head_name id_number members income needs cadre_name unit rank skills"
    " status reason village_link needs_met since drawn"
)
UNMATCHED = "household_id reason bottleneck smallest_fix county township village head_name income lacking partners drawn"
DECISIONS = "household_id decision evidence county township village head_name income amount"
CHANGES = "household_id from_cadre to_cadre kind reason head_name township village from_name to_name"
CADRES = "cadre_id unit takes_part why_not load capacity duty unmet_duty name rank county townships"
LIVE = ("=1+1", "{=1+1}", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "http://example.org", "mailto:a@example.org", "internal:Sheet1!A1")
DECIDED = ("eligible", "duplicate", "on_welfare_list", "missing_income", "review_income", "above_threshold", "review_welfare", "odd")


def table(names: str, rows: int, **given: object) -> dict[str, list[object]]:
    """Return a table of so many rows, each cell saying its column and row unless given."""
    return {name: list(given.get(name, [f"{name} {i}" for i in range(rows)])) for name in names.split()}  # type: ignore[call-overload]


def book(rows: int = 5, **changes: object) -> Book:
    """Return a small book in which each table has rows."""
    towns = [("红星街道", "鹤溪街道")[i % 2] for i in range(rows)]
    figures = {"income": range(1000, 1000 + rows), "members": range(rows), "county": ["景宁县"] * rows, "township": towns}
    whole = Book(
        title="低收入农户结对帮扶",
        source="县委办发[2008]24号",
        month="2008-07",
        language="en",
        roster=table(ROSTER, rows, **figures, status=["kept"] * rows, id_number=["331127********0012"] * rows),
        unmatched=table(UNMATCHED, 2, income=[900, None]),
        decisions=table(DECISIONS, len(DECIDED), decision=DECIDED),
        changes=table(CHANGES, 3, kind=["new", "ended", "changed"]),
        cadres=table(CADRES, 2, load=[3, 0], capacity=[4, 0], takes_part=["yes", "no"], why_not=["", "capacity_0"]),
        statistics={"section": ["a", "a", "b"], "item": ["x", "y", "z"], "value": [1, "2; 3", 4]},
        review_missing_income=True,
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def cells(path: Path) -> dict[str, list[list[object]]]:
    """Return the values of every sheet, as calamine reads them."""
    read = CalamineWorkbook.from_path(path)
    return {name: read.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in read.sheet_names}


def column(rows: list[list[object]], heading: str) -> list[object]:
    """Return a column of a sheet by its heading, down to the line for signatures."""
    place = rows[HEADER - 1].index(translator("en")(heading))
    return [row[place] for row in rows[HEADER:-2]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "roster.xlsx"


def test_sheets_stand_in_their_order(path: Path) -> None:
    """The whole roster, the townships as they come, and the other tables."""
    write_workbook(path, book())
    names = ["Roster", "红星街道", "鹤溪街道", "Unmatched", "Not included", "To review", "Changes", "Cadres", "Statistics"]
    assert list(cells(path)) == names


def test_rows_keep_their_order_and_kind(path: Path) -> None:
    """Every row is there, integers as numbers, IDs as text, serial numbers in front."""
    write_workbook(path, book(50))
    read = cells(path)
    assert column(read["Roster"], "Household ID") == [f"household_id {i}" for i in range(50)]
    assert column(read["Roster"], "Income per person\n(yuan)") == [float(i) for i in range(1000, 1050)]
    assert column(read["Roster"], "ID number") == ["331127********0012"] * 50
    assert column(read["Roster"], "No.") == [float(i) for i in range(1, 51)]
    assert column(read["鹤溪街道"], "Household ID") == [f"household_id {i}" for i in range(1, 50, 2)]
    assert column(read["鹤溪街道"], "No.") == [float(i) for i in range(1, 26)]


def test_ids_of_digits_stay_text(path: Path) -> None:
    """A column of IDs that came as integers is not shown as numbers, and integers too long for Excel become text."""
    long = 331127199001010012
    given = book(2)
    write_workbook(path, replace(given, roster={**given.roster, "household_id": [7, 8], "members": [long, 2]}))
    read = cells(path)["Roster"]
    assert column(read, "Household ID") == ["7", "8"]
    assert column(read, "Persons") == [str(long), 2.0]


@pytest.mark.parametrize("review", [True, False])
def test_decisions_are_divided(path: Path, review: bool) -> None:
    """Reviews are held apart, missing incomes as the flag says, and every other decision but eligible is listed."""
    write_workbook(path, book(review_missing_income=review))
    read = cells(path)
    held = [i for i, d in enumerate(DECIDED) if d in ("review_income", "review_welfare") or (review and d == "missing_income")]
    left = [i for i in range(1, len(DECIDED)) if i not in held]
    assert column(read["To review"], "Household ID") == [f"household_id {i}" for i in held]
    assert column(read["Not included"], "Household ID") == [f"household_id {i}" for i in left]


def test_codes_are_put_into_words(path: Path) -> None:
    """Known codes, alone or several, are named; unknown ones are shown as they are."""
    given = book(3)
    write_workbook(path, replace(given, changes={**given.changes, "reason": ["left_post", "moved;capacity", "mystery"]}))
    reasons = column(cells(path)["Changes"], "Reason")
    assert reasons == ["cadre left the post", "the household's place is no longer among the cadre's; upper limit reached", "mystery"]


def test_several_counties_are_told_apart(path: Path) -> None:
    """Townships of one name in two counties have a sheet each, and the county is a column."""
    given = book(4)
    write_workbook(path, replace(given, roster={**given.roster, "county": ["A", "A", "B", "B"], "township": ["T"] * 4}))
    read = cells(path)
    assert [name for name in read if name.endswith("T")] == ["A T", "B T"]
    assert column(read["Roster"], "County") == ["A", "A", "B", "B"]
    assert "County" not in read["A T"][HEADER - 1]


def test_empty_tables_say_so(path: Path) -> None:
    """A table without rows gives a sheet with its header and a line that says none."""
    empty = {name: {c: [] for c in getattr(book(), name)} for name in ("roster", "unmatched", "decisions", "changes", "cadres")}
    write_workbook(path, book(**empty, statistics={}))
    for rows in cells(path).values():
        assert rows[HEADER - 1][0] == "No."
        assert rows[HEADER][0] == "none"


def test_too_many_townships_have_no_sheets(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the limit the township sheets are left out, and the statistics say so."""
    monkeypatch.setattr(book_pages, "MOST_TOWNSHIP_SHEETS", 1)
    write_workbook(path, book())
    read = cells(path)
    assert list(read)[:2] == ["Roster", "Unmatched"]
    assert read["Statistics"][-3][1:] == ["Note", "No sheets by township: there are more than 1", 2.0]


def test_long_tables_go_on_in_numbered_sheets(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No row is cut at Excel's limit."""
    monkeypatch.setattr(book_pages, "MOST_ROWS", 4)
    write_workbook(path, book(10))
    read = cells(path)
    parts = [name for name in read if name.startswith("Roster")]
    assert parts == ["Roster", "Roster2", "Roster3"]
    assert [i for name in parts for i in column(read[name], "No.")] == [float(i) for i in range(1, 11)]


def test_columns_of_different_lengths_are_refused(path: Path) -> None:
    """A table that is not rectangular is a mistake of the caller."""
    with pytest.raises(ValueError, match="different lengths"):
        write_workbook(path, book(unmatched={"household_id": ["1"], "reason": []}))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_prints_as_a_roster(path: Path, language: str) -> None:
    """Landscape A4 on the width of one page, header frozen and repeated, title merged, borders all around."""
    write_workbook(path, book(language=language))
    for sheet in openpyxl.load_workbook(path).worksheets:
        assert isinstance(sheet, Worksheet)
        assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize)) == ("landscape", "9")
        assert (sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToHeight) == (True, 0)
        assert sheet.print_title_rows == "$3:$3"
        assert sheet.freeze_panes == "A4"
        assert "&P" in sheet.oddFooter.center.text
        assert "&N" not in sheet.oddFooter.center.text
        assert (sheet.page_setup.firstPageNumber or 1, sheet.page_setup.useFirstPageNumber) == (1, True)
        assert any(str(merged).startswith("A1:") for merged in sheet.merged_cells.ranges)
        assert all(cell.border.left.style == "thin" for row in sheet.iter_rows(3, sheet.max_row - 2) for cell in row)
        assert sheet.auto_filter.ref is None or sheet.auto_filter.ref.endswith(str(sheet.max_row - 2))


def test_nothing_is_live(path: Path) -> None:
    """No text of the tables, the titles or the townships becomes a formula, a link or markup."""
    nasty = [*LIVE, "<r><t>x</t></r>", "<script>", "a&b", "_x0041_", " spaces ", "\x00\x1f\ufffe\ud800", "&G", "two\nlines"]
    given = book(
        title="=1+1",
        source="=2",
        roster=dict.fromkeys(ROSTER.split(), nasty),
        unmatched=dict.fromkeys(UNMATCHED.split(), nasty),
        statistics=dict.fromkeys(("section", "item", "value"), nasty),
    )
    write_workbook(path, given)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert not any(re.search(r"<f[ >]|<hyperlink|<r>", text) for name, text in parts.items() if name.startswith("xl/"))
    assert not [name for name in parts if "worksheets/_rels" in name or "external" in name.lower()]
    for sheet in openpyxl.load_workbook(path).worksheets:
        assert not any(cell.data_type == "f" or cell.hyperlink for row in sheet.iter_rows() for cell in row)
    shown = column(cells(path)["Roster"], "Unit")
    assert len(shown) == len(nasty)
    assert shown[: len(LIVE)] == [text.replace("\r", "\n") for text in LIVE]
    assert shown[len(LIVE) :] == ["<r><t>x</t></r> ", "<script>", "a&b", "_x0041_", " spaces ", "\ufffd" * 4, "&G", "two\nlines"]


def test_long_text_is_cut_with_a_mark(path: Path) -> None:
    """A text that no cell can hold is cut visibly, counted in UTF-16 units as Excel does."""
    given = book(3)
    texts = ["x" * 40_000, "𠀀" * 20_000, "y" * CELL_LIMIT]
    write_workbook(path, replace(given, roster={**given.roster, "unit": texts}))
    shown = [str(text) for text in column(cells(path)["Roster"], "Unit")]
    assert shown == ["x" * (CELL_LIMIT - 1) + "…", "𠀀" * ((CELL_LIMIT - 1) // 2) + "…", texts[2]]


def test_the_same_book_gives_the_same_bytes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No clock, no time zone and no temporary name is in the file."""
    write_workbook(path, book(30))
    first = path.read_bytes()
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    write_workbook(path, book(30))
    assert path.read_bytes() == first
    with zipfile.ZipFile(path) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert "2000-01-01" in archive.read("docProps/core.xml").decode()


def test_filled_rows_are_those_xlsxwriter_would_write(path: Path) -> None:
    """Cell by cell, a sheet filled from its first row is the sheet drawn by XlsxWriter alone: place, style, height, value."""
    given = book(60)
    odd = [("", None, "=1", " a ", "_x0041_", 5, 2.5, "<&>", "a\nb", "长" * 30)[i % 10] for i in range(60)]
    given = replace(given, roster={**given.roster, "unit": odd, "needs": odd, "members": odd})
    drawn = path.with_name("drawn.xlsx")
    write_workbook(path, given)
    workbook._write(drawn, given, rows_drawn=10**6)
    assert cell_xml(path) == cell_xml(drawn)


def cell_xml(path: Path) -> dict[str, list[tuple[str, ...]]]:
    """Return rows and cells of every sheet as they stand in the file, shared strings looked up."""
    with zipfile.ZipFile(path) as archive:
        strings = re.findall(r"<si>(.*?)</si>", archive.read("xl/sharedStrings.xml").decode(), re.DOTALL)
        sheets = {name: archive.read(name).decode() for name in archive.namelist() if "sheets/sheet" in name}
    found: dict[str, list[tuple[str, ...]]] = {}
    for name, text in sheets.items():
        found[name] = [(text[: text.index("<sheetData>")], text[text.index("</sheetData>") :])]
        found[name] += re.findall(r'<row r="(\d+)" spans="[\d:]+"([^>]*)>', text)
        for place, kind, value in re.findall(r'<c (r="\w+"(?: s="\d+")?)( t="s")?(?:/>|><v>(.*?)</v>)', text):
            found[name].append((place, strings[int(value)] if kind else value))
    return found


@given(st.lists(st.text(max_size=60), max_size=40))
def test_sheet_names_are_safe_whatever_is_wanted(wanted: list[str]) -> None:
    """Names have 1 to 31 units of harmless characters, and no two are alike but for case or width."""
    names = SheetNames()
    claimed = [names.claim(text, "Township") for text in [*wanted, "History", "HISTORY", "总表", "总表", "a" * 40, "A" * 40]]
    assert all(0 < len(name.encode("utf-16-le")) // 2 <= 31 for name in claimed)
    assert not any(set(name) & set("[]:*?/\\'") or name != name.strip() for name in claimed)
    assert all(unicodedata.category(c)[0] in "LNM" or c in "·-_() " for name in claimed for c in name)
    assert len({name.casefold() for name in claimed} - {"history"}) == len(claimed)


@given(st.text(max_size=30), st.integers(1, 20))
def test_cut_keeps_within_the_limit(text: str, limit: int) -> None:
    """A cut text is a beginning of the whole one, no longer than allowed."""
    kept = cut(text, limit)
    assert text.startswith(kept)
    assert len(kept.encode("utf-16-le")) // 2 <= limit


@pytest.mark.parametrize(
    ("value", "as_text", "shown"),
    [(None, False, None), ("", False, None), (3, False, 3), (3, True, "3"), (10**15, False, str(10**15)), (float("nan"), False, "nan")],
)
def test_cell_values(value: object, as_text: bool, shown: object) -> None:
    """Blank is blank, exact numbers are numbers, all else is text."""
    assert cell_value(value, as_text) == shown


@pytest.mark.parametrize(
    ("text", "number"), [("0", 0), ("2499.5", 2499.5), ("007", "007"), ("2.50", "2.50"), ("-1", "-1"), ("1e5", "1e5"), ("２", "２"), (3, 3)]
)
def test_numbers_written_as_text(text: object, number: object) -> None:
    """Only what would be shown again as it was written becomes a number."""
    assert number_in(text) == number


def test_the_smallest_fix_is_put_into_words(path: Path) -> None:
    """What a run notes in short is a sentence on paper."""
    given = book()
    write_workbook(path, replace(given, unmatched={**given.unmatched, "smallest_fix": ["cadre C1 +1", "?"]}))
    heading = "Smallest remedy for one household more (whichever's turn it is)"
    assert column(cells(path)["Unmatched"], heading) == ["cadre C1: 1 more", "?"]


def test_the_main_columns_are_printed(path: Path) -> None:
    """A roster prints what is posted, title and signatures above and below it; the other columns stand to the right, with their values."""
    aside = {"Cadre ID", "Hamlet", "ID number", "Rank", "Skills", "Paired since"}
    write_workbook(path, book())
    for name, sheet in zip(cells(path), openpyxl.load_workbook(path).worksheets, strict=True):
        assert isinstance(sheet, Worksheet)
        headings = [str(cell.value) for cell in sheet[HEADER]]
        many = sheet[sheet.print_area.split("!")[-1]][0][-1].column
        assert sheet.print_area.endswith(f"${sheet.max_row}")
        assert set(headings[many:]) == (aside if name in ("Roster", "红星街道", "鹤溪街道") else set())
        assert {merged.max_col for merged in sheet.merged_cells.ranges if merged.min_row in (1, sheet.max_row)} == {many}
        assert all(cell.value for cell in sheet[HEADER + 1][many:])


def test_printed_columns_fit_a_page_in_readable_size(path: Path) -> None:
    """However long the texts are, the printed columns take the width of one page at 10 points, and what does not fit wraps."""
    long = {name: [f"{name} {'长' * 40}"] * 5 for name in ("unit", "needs", "village", "cadre_name", "head_name")}
    given = book()
    write_workbook(path, replace(given, roster={**given.roster, **long}))
    for sheet in openpyxl.load_workbook(path).worksheets:
        assert isinstance(sheet, Worksheet)
        last = sheet[sheet.print_area.split("!")[-1]][0][-1].column
        widths = [(k, group.width) for group in sheet.column_dimensions.values() for k in range(group.min, group.max + 1)]
        assert 140 < sum(width for k, width in widths if k <= last) < 147
    assert sheet.parent.worksheets[0].row_dimensions[HEADER + 1].height > 60


def test_amounts_as_judged_and_as_written(path: Path) -> None:
    """Who is not included is shown with the amount that was judged, a number to the right; who is to be reviewed with what was written."""
    given = book()
    many = len(DECIDED)
    write_workbook(path, replace(given, decisions={**given.decisions, "income": ["２３００"] * many, "amount": ["2300"] * many}))
    read = cells(path)
    assert set(column(read["Not included"], "Income per person\n(yuan)")) == {2300.0}
    assert set(column(read["To review"], "Income per person\n(as written)")) == {"２３００"}
    sheet = openpyxl.load_workbook(path)["Not included"]
    assert sheet[HEADER + 1][[c.value for c in sheet[HEADER]].index("Income per person\n(yuan)")].alignment.horizontal == "right"


def test_widths_count_east_asian_characters_twice() -> None:
    """The widest line decides."""
    assert [text_width(text) for text in ("abc", "结对", "a结\nabcdef")] == [3, 4, 6]
