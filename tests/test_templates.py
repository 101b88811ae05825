"""Blank workbooks: the reader must know their headers, and they must keep what is typed."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest

from matcher.export.templates import _USES, write_templates
from matcher.tables.aliases import TABLES, headers_of, normal_header, table_named
from matcher.tables.month import read_tables

from .months import HERE, command

LANGUAGES = ("zh", "en")


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_workbook_for_each_table(tmp_path: Path, language: str) -> None:
    """They bear the tables' canonical names, and their first sheet a name of the table."""
    paths = write_templates(tmp_path / "blank", language)
    assert [path.name for path in paths] == [f"{table}.xlsx" for table in TABLES]
    for path in paths:
        assert table_named(openpyxl.load_workbook(path).sheetnames[0]) == path.stem


def test_headers_mean_the_columns(tmp_path: Path, language: str) -> None:
    """Every header is one that the reader takes for its column; English ones are the canonical names."""
    for path in write_templates(tmp_path, language):
        sheet = openpyxl.load_workbook(path).worksheets[0]
        headers = [str(cell.value) for cell in sheet[1]]
        known = headers_of(path.stem)
        assert [known[normal_header(header)[0]] for header in headers] == [column.name for column in TABLES[path.stem]]
        assert (language == "en") == (headers == [column.name for column in TABLES[path.stem]])


def test_required_columns_are_shaded(tmp_path: Path, language: str) -> None:
    """The fill tells required from optional columns; the header is frozen and repeated on paper."""
    for path in write_templates(tmp_path, language):
        sheet = openpyxl.load_workbook(path).worksheets[0]
        shades = {
            required: {sheet.cell(1, i).fill.fgColor.rgb for i, c in enumerate(TABLES[path.stem], 1) if c.required == required}
            for required in (True, False)
        }
        assert len(shades[True]) == 1
        assert shades[True].isdisjoint(shades[False])
        assert sheet.freeze_panes == "A2"
        assert sheet.print_title_rows == "$1:$1"


def test_ids_are_kept_as_text(tmp_path: Path, language: str) -> None:
    """Whole columns of ids have the text format, so that Excel does not round 18 digits."""
    for path in write_templates(tmp_path, language):
        sheet = openpyxl.load_workbook(path).worksheets[0]
        formats = {i: group.number_format for group in sheet.column_dimensions.values() for i in range(group.min, group.max + 1)}
        for index, column in enumerate(TABLES[path.stem], 1):
            if column.name in ("household_id", "cadre_id", "id_number"):
                assert formats[index] == "@"


def test_columns_are_checked_as_they_are_typed(tmp_path: Path, language: str) -> None:
    """Yes and no are chosen from a list, counts are whole numbers, and each column says what stands in it."""
    kinds = {"available": "list", "pinned": "list", "answer": "list", "income": "decimal", "id_number": "textLength"}
    kinds |= dict.fromkeys(("capacity", "duty", "partners", "waiting", "members", "score"), "whole")
    for path in write_templates(tmp_path, language):
        sheet = openpyxl.load_workbook(path).worksheets[0]
        checks = {next(iter(check.sqref.ranges)).min_col: check for check in sheet.data_validations.dataValidation}
        for index, column in enumerate(TABLES[path.stem], 1):
            check = checks[index]
            assert check.type == kinds.get(column.name)
            assert check.prompt
            assert next(iter(check.sqref.ranges)).max_row == 1_048_576
    choice = {"zh": '"是,否"', "en": '"yes,no"'}[language]
    roster = openpyxl.load_workbook(tmp_path / "roster.xlsx").worksheets[0]
    assert choice in {check.formula1 for check in roster.data_validations.dataValidation}


def test_every_column_is_explained(tmp_path: Path, language: str) -> None:
    """The second sheet has a line for each column; nothing is left without words."""
    for path in write_templates(tmp_path, language):
        lines = list(openpyxl.load_workbook(path).worksheets[1].iter_rows(4, values_only=True))
        assert len(lines) == len(TABLES[path.stem])
        assert all(line[0] and line[2] for line in lines)
    columns = {column.name for table in TABLES.values() for column in table}
    assert columns == {name for name in _USES if "." not in name}


def test_the_reader_takes_them(tmp_path: Path, language: str) -> None:
    """Filled in and read back, the instructions are ignored with a finding and the rows are there."""
    rows = {"households": ["H1", "张三", "331127199001010012"], "cadres": ["C1", "李四", "农业局"]}
    for path in write_templates(tmp_path, language):
        filled = openpyxl.load_workbook(path)
        for index, text in enumerate(rows.get(path.stem, []), 1):
            filled.worksheets[0].cell(2, index, text)
        filled.save(path)
    tables = read_tables(tmp_path)
    assert [len(tables[name]) for name in rows] == [1, 1]
    assert {finding.code for finding in tables.findings} <= {"unknown_sheet"}


def test_the_same_bytes_every_time(tmp_path: Path, language: str) -> None:
    """Nothing of the clock is in them, no formula and no link."""
    first, second = (write_templates(tmp_path / name, language) for name in ("a", "b"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    for path in first:
        with zipfile.ZipFile(path) as archive:
            sheets = [archive.read(name) for name in archive.namelist() if "sheets/sheet" in name]
        assert not any(b"<f>" in sheet or b"<hyperlink" in sheet for sheet in sheets)


def test_filled_workbooks_are_not_overwritten(tmp_path: Path) -> None:
    """If one is there, none is written."""
    (tmp_path / "cadres.xlsx").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        write_templates(tmp_path, "en")
    assert [path.name for path in tmp_path.iterdir()] == ["cadres.xlsx"]


def checks(path: Path) -> dict[str, tuple[str, str | None]]:
    """Return the drop-downs of a workbook by the header: the list, and what happens to another word."""
    sheet = openpyxl.load_workbook(path).worksheets[0]
    return {
        str(sheet.cell(1, next(iter(check.sqref.ranges)).min_col).value): (str(check.formula1), check.errorStyle)
        for check in sheet.data_validations.dataValidation
        if check.type == "list"
    }


def test_the_command(tmp_path: Path) -> None:
    """`jiedui template` writes the workbooks and names them; what is there stays; a policy's words are offered, others told of."""
    said = command("template", tmp_path / "blank", lang="zh")
    assert said.code == 0
    assert said.out.splitlines() == [str(tmp_path / "blank" / f"{table}.xlsx") for table in TABLES]
    assert checks(tmp_path / "blank" / "cadres.xlsx") == {"是否在岗": ('"是,否"', None)}
    again = command("template", tmp_path / "blank")
    assert (again.code, again.out) == (2, "")
    assert str(tmp_path / "blank" / "households.xlsx") in again.err
    policy = HERE / "data" / "sample" / "2008-07" / "policy.toml"
    assert command("template", tmp_path / "more", "--policy", policy, lang="zh").code == 0
    ranks = '"正处级,副处级,正科级,副科级,一般干部,试用期人员"'
    assert checks(tmp_path / "more" / "cadres.xlsx") == {"职务级别": (ranks, "information"), "是否在岗": ('"是,否"', None)}
    assert checks(tmp_path / "more" / "welfare.xlsx")["保障类别"] == ('"低保,五保"', "information")
    (tmp_path / "file").write_text("x", "utf-8")
    assert command("template", tmp_path / "file").code == 2
    (tmp_path / "bad.toml").write_text("x = 1", "utf-8")
    assert command("template", tmp_path / "none", "--policy", tmp_path / "bad.toml").code == 3
    assert not (tmp_path / "none").exists()
