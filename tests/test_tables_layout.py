"""Where the headers stand, what is left out below them, and what is refused rather than guessed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from matcher.errors import InputError
from matcher.findings import Finding
from matcher.tables.aliases import units_said
from matcher.tables.csv_file import read_csv
from matcher.tables.headers import part_of
from matcher.tables.layout import Span, find_head
from matcher.tables.month import read_tables

from .months import cadre, command, household, write_month

FULL = ["户编号", "户主姓名", "乡镇", "行政村", "人均纯收入"]
DATA = ["H1", "王大山", "鹤溪镇", "东村", "900"]


def head(*rows: Sequence[str], spans: Sequence[Span] = (), table: str = "households") -> tuple[int, int, list[str], bool]:
    """Return where the header is, what it says, and whether it is whole."""
    found = find_head([list(r) for r in rows], spans, table, "x", range(1, len(rows) + 1))
    return found.first, found.last, found.texts, found.complete


@pytest.mark.parametrize("titles", [0, 1, 2, 5])
def test_titles_above(titles: int) -> None:
    """However many rows stand above, the row that names all columns is the header."""
    rows = [["低收入农户花名册", "", "", "", ""]] * titles
    assert head(*rows, FULL, DATA) == (titles, titles, FULL, True)


def test_the_plain_header_stays() -> None:
    """A header in the first row is the header, whatever data look like."""
    assert head(FULL, ["户主", "户主姓名", "乡镇", "村", "900"], DATA)[:2] == (0, 0)


def test_groups_without_merged_cells() -> None:
    """A blank cell beside a group's header, above a text, belongs to the group."""
    top = ["户编号", "户主信息", "", "住址", "", "收入（万元）"]
    low = ["", "姓名", "身份证号", "乡镇", "行政村", "人均纯收入"]
    assert head(top, low, DATA) == (0, 1, ["户编号", "户主姓名", "户主身份证号", "乡镇", "行政村", "人均纯收入(万元)"], True)


def test_a_groups_unit_is_not_lost() -> None:
    """万元 above the income's column counts, and 元 below 万元 is a contradiction."""
    top = ["户编号", "户主", "乡镇", "行政村", "收入（万元）"]
    text = [",".join(top), ",姓名,,,人均纯收入", ",".join(DATA)]
    grid = read_csv("\n".join(text).encode(), "households", "x")
    assert grid is not None
    assert part_of(grid, "households", "x", []).income_unit == "万元"
    grid = read_csv("\n".join([text[0], ",姓名,,,人均纯收入（元）", text[2]]).encode(), "households", "x")
    assert grid is not None
    with pytest.raises(InputError) as refused:
        part_of(grid, "households", "x", [])
    assert [f.code for f in refused.value.findings] == ["unit_contradiction"]


def test_somebody_elses_columns() -> None:
    """A group that describes the cadre gives the household nothing, though its columns are called alike."""
    top = ["户编号", "户主", "乡镇", "行政村", "人均纯收入", "帮扶干部", ""]
    low = ["", "姓名", "", "", "", "编号", "乡镇"]
    assert head(top, low, DATA)[2][5:] == ["帮扶干部/编号", "帮扶干部/乡镇"]
    assert head(["干部编号", "姓名", "单位", "农户", ""], ["", "", "", "编号", "乡镇"], table="cadres")[:2] == (0, 1)
    assert head(["干部编号", "姓名", "单位", "农户", ""], ["", "", "", "编号", "乡镇"], table="cadres")[2][3:] == ["农户/编号", "农户/乡镇"]


def test_merged_cells_bind_their_rows() -> None:
    """A header whose cells are merged over two rows is not cut, though its first row alone would do."""
    down = [Span(0, k, 1, k) for k in range(5)]
    assert head([*FULL, "电话", ""], ["", "", "", "", "", "手机", "固话"], DATA, spans=[*down, Span(0, 5, 0, 6)])[:2] == (0, 1)
    assert head([*FULL, "电话", ""], ["", "", "", "", "", "手机", "固话"], DATA)[:2] == (0, 1)


def test_a_row_of_data_never_joins_the_header() -> None:
    """A row without id, name, place and income that fills other columns is data to be refused, not a header."""
    assert head([*FULL, "备用"], ["", "", "", "", "", "病"], DATA)[:2] == (0, 0)


def test_two_headers_are_refused() -> None:
    """Two rows that could be the header are both named; the same header twice is one."""
    with pytest.raises(InputError) as refused:
        head(FULL, DATA, ["户编号", "户主", "乡镇", "村", "人均收入"], DATA)
    (finding,) = refused.value.findings
    assert (finding.row, finding.code) == (3, "two_headers")
    for part in ("1", "3", "户主姓名", "人均收入"):
        assert part in finding.message.render("zh")
    assert head(FULL, DATA, FULL, DATA)[:2] == (0, 0)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("单位：元", {"元"}),
        ("金额单位:万元", {"万元"}),
        ("单 位 ： 万元  填报时间：2008年", {"万元"}),
        ("（单位：户、人、元）", {"元"}),
        ("填报单位：三元乡", set()),
        ("单位：元宝山镇", set()),
        ("人均2500元以下", set()),
        ("收入（万元）", {"万元"}),
        ("（元）（万元）", {"元", "万元"}),
    ],
)
def test_units_said(text: str, units: set[str]) -> None:
    """A title's unit is understood only where it is written as one."""
    assert units_said(text) == units


@pytest.mark.parametrize(
    ("title", "unit", "code"), [("单位：万元", "元", 3), ("单位：元", "元", 0), ("单位：万元", "万元", 0), ("单位：元", "万元", 3)]
)
def test_a_titles_unit_is_a_hint(tmp_path: Path, title: str, unit: str, code: int) -> None:
    """A unit in the title is told and never read by; where it says another than the policy, the month is refused."""
    folder = write_month(tmp_path / "m", {"tables": {"income_unit": unit}})
    (folder / "households.csv").write_text(f"{title},,,,\n{','.join(FULL)}\n{','.join(DATA[:-1])},0.2\n", "utf-8")
    result = command("check", folder)
    assert result.code == code, result.both
    assert title[3:] in result.both


FOOTERS = [
    "合计,3户,,,", "合 计,2,2,2,1800", "总计：,,,,900", ",合计,,,1800", "小计",
    "填表人：张三,,审核人：李四,,", "填表人,张三,,,", "备注：无,,,,",
    "2008年7月5日,,,,",
]
DATA_ALL_THE_SAME = [
    "H2,合计,鹤溪镇,东村,1", "H2,小计,鹤溪镇,东村,", "备注一,王,鹤溪镇,东村,1", "注,王,鹤溪镇,东村,1",
    ",王,鹤溪镇,东村,1", "鹤溪镇,,,,", "合计局,,,,",
]


@pytest.mark.parametrize("footer", FOOTERS)
def test_footers(footer: str) -> None:
    """A total, a signature, a remark, a date: left out, and told with its row."""
    noticed: list[Finding] = []
    grid = read_csv("\n".join([",".join(FULL), ",".join(DATA), footer]).encode(), "households", "x", noticed)
    assert grid is not None
    assert (list(grid.rows), [(f.row, f.code) for f in noticed]) == ([2], [(3, "row_left_out")])


@pytest.mark.parametrize("row", DATA_ALL_THE_SAME)
def test_no_footers(row: str) -> None:
    """Whatever could be somebody's row stays, to be judged or refused."""
    noticed: list[Finding] = []
    grid = read_csv("\n".join([",".join(FULL), ",".join(DATA), row]).encode(), "households", "x", noticed)
    assert grid is not None
    assert (list(grid.rows), noticed) == ([2, 3], [])


def test_rows_above_and_left_out_are_told(tmp_path: Path) -> None:
    """Nothing disappears silently, and no ID number is shown."""
    folder = write_month(tmp_path / "m")
    lines = ["名册 110101196811230373,,,,", ",".join(FULL), ",".join(DATA), "备注：110101196811230373,,,,"]
    (folder / "households.csv").write_text("\n".join(lines), "utf-8")
    findings = read_tables(folder).findings
    assert [(f.code, f.row) for f in findings] == [("row_left_out", 4), ("above_header", 2)]
    assert all("110101********03" in f.message.render("en") for f in findings)


def test_short_footers_are_no_ragged_rows(tmp_path: Path) -> None:
    """A footer of a CSV file may have fewer fields than the header; a row of data may not."""
    folder = write_month(tmp_path / "m")
    text = ",".join(FULL) + "\n" + ",".join(DATA) + "\n"
    (folder / "households.csv").write_text(text + "合计,1户\n", "utf-8")
    assert len(read_tables(folder)["households"]) == 1
    (folder / "households.csv").write_text(text + "H2,李四\n", "utf-8")
    with pytest.raises(InputError):
        read_tables(folder)


@pytest.mark.parametrize("rows", [[household(), household(household_id="1")], [household()]])
def test_numbers_are_no_numbering(tmp_path: Path, rows: list[dict[str, object]]) -> None:
    """Only the row below the header that counts all columns from 1 is left out."""
    folder = write_month(tmp_path / "m", households=rows, cadres=[cadre(cadre_id="1", name="2", unit="4")])
    tables = read_tables(folder)
    assert (len(tables["households"]), len(tables["cadres"])) == (len(rows), 1)
