"""Reading tables: names and headers, files and sheets, cells; and what a spreadsheet would run is written as text."""

from __future__ import annotations

import contextlib
import csv
import io
import math
import random
import tempfile
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from matcher.api import match, read_month
from matcher.errors import InputError, JieduiError
from matcher.export.csv_files import write_csv
from matcher.pipeline import load_month, run_month
from matcher.tables.aliases import TABLES, headers_of, normal_header, table_named
from matcher.tables.cells import fold, fold_name, month, read, read_each, read_names, several, whole, yes_or_no
from matcher.tables.csv_file import decode, read_csv
from matcher.tables.month import RawTables, read_tables

from .months import Row, cadre, csv_rows, csv_text, examples, household, households, write_month


def codes(tables: RawTables) -> list[str]:
    """Return the codes of the findings, sorted."""
    return sorted(f.code for f in tables.findings)


def cells(column: Any) -> list[object]:
    """Return the cells of a column."""
    return [column[k] for k in range(len(column))]


# --- headers and names


@pytest.mark.parametrize(
    ("header", "normal", "unit"),
    [
        ("人均纯收入（元）", "人均纯收入", "元"),
        ("人均纯收入(万元)", "人均纯收入", "万元"),
        ("2007年人均纯收入", "人均纯收入", ""),
        ("年人均纯收入（元）", "年人均纯收入", "元"),
        ("2007年度人均纯收入（元）", "人均纯收入", "元"),
        ("人均\n纯收入 （元）", "人均纯收入", "元"),
        ("家庭人口（人）", "家庭人口", ""),
        ("人均纯收入（元/年）", "人均纯收入", "元"),
        ("乡(镇)", "乡(镇)", ""),
        ("乡（镇）", "乡(镇)", ""),
        ("县(市、区、旗)", "县(市、区、旗)", ""),
        ("Household_ID ", "household_id", ""),
        ("户\u3000编 号", "户编号", ""),
    ],
)
def test_normal_header(header: str, normal: str, unit: str) -> None:
    """White space, units and years fall away; the unit of money is told, 万元 never lost."""
    assert normal_header(header) == (normal, unit)


@pytest.mark.parametrize(
    ("table", "canonical", "header"), [(t, c.name, h) for t, cs in TABLES.items() for c in cs for h in (c.name, *c.headers)]
)
def test_every_alias_means_its_column(table: str, canonical: str, header: str) -> None:
    """Every header that is known means the column under which it stands, and no other of the table."""
    assert headers_of(table)[normal_header(header)[0]] == canonical


NOTED = {
    "households": """县(市、区、旗) 乡(镇) 乡镇 镇名称 镇(乡) 街道 行政村 村名称 村组（社区） 自然村 自然屯 村民小组
        户编号 贫困户编号 户号 卡号 编号 户主姓名 户名 农户姓名 证件号码 身份证号 公民身份号码 户主身份证 人数 家庭人口数
        人均纯收入 年人均纯收入（元） 2007年人均纯收入 帮扶需求 需求 需帮扶人数 应配干部数 等待月数 未结对月数""",
    "cadres": """帮扶责任人 结对帮扶责任人 帮扶人姓名 结对干部 责任人 帮扶单位 帮扶单位名称 派出单位 职务级别 职务 职级
        干部编号 工号 人员编号 编号 帮扶户数上限 可结对户数 上限 应帮扶户数 下限 任务户数
        可结对乡镇 联系乡镇 包片乡镇 挂钩乡镇 帮扶能力 特长 技能 是否在岗 在岗 可参加""",
    "units": "联系村 结对村 联村 帮扶村 包村 单位性质 单位类别",
    "welfare": "保障类别 户类型 起始保障年月 享受起始 开始日期 截止年月 停保日期 结束日期",
    "roster": "不作调整 固定 锁定 结对时间 帮扶开始时间",
    "affinity": "分值 匹配分 意向分",
    "avoid": "原因 理由 备注",
}


@pytest.mark.parametrize("table", NOTED)
def test_headers_of_the_field_notes(table: str) -> None:
    """The headers that offices use are known."""
    assert [h for h in NOTED[table].split() if normal_header(h)[0] not in headers_of(table)] == []


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("households", "households"),
        ("households-01", "households"),
        ("households01", "households"),
        ("Households_2", "households"),
        ("低收入农户", "households"),
        ("低收入农户-鹤溪", "households"),
        ("低收入农户（渤海）", "households"),
        ("农户 鹤溪", "households"),
        ("户", "households"),
        ("建档立卡户", "households"),
        ("家庭成员", "members"),
        ("干部", "cadres"),
        ("帮扶干部", "cadres"),
        ("干部名单", "cadres"),
        ("单位", "units"),
        ("联村单位", "units"),
        ("低保五保", "welfare"),
        ("低保", "welfare"),
        ("五保", "welfare"),
        ("低保名单", "welfare"),
        ("花名册", "roster"),
        ("上月结对", "roster"),
        ("结对花名册", "roster"),
        ("回避", "avoid"),
        ("指定", "require"),
        ("意向", "affinity"),
        ("匹配分", "affinity"),
        ("花名册2008-06", "roster"),
        ("低保名单2008年7月", "welfare"),
        ("说明", None),
        ("Sheet1", None),
        ("月", None),
        ("鹤溪", None),
    ],
)
def test_table_named(name: str, table: str | None) -> None:
    """Names of files and sheets, with what offices add to them."""
    assert table_named(name) == table


def test_unknown_column_and_file_are_findings(tmp_path: Path) -> None:
    """What is not known is ignored and told; blank columns and hidden files are not worth telling."""
    folder = write_month(tmp_path / "m", households=[household(血型="A", **{" ": ""})])
    (folder / "照片.zip").write_bytes(b"PK")
    (folder / "notes.csv").write_text("x")
    (folder / "~$households.xlsx").write_bytes(b"lock")
    (folder / ".hidden.csv").write_text("x")
    (folder / "folder").mkdir()
    tables = read_tables(folder)
    assert codes(tables) == ["unknown_column", "unknown_file", "unknown_file"]
    assert next(f for f in tables.findings if f.code == "unknown_column").column == "血型"


# --- files and sheets


def save(path: Path, **sheets: list[Row]) -> None:
    """Save a workbook with a sheet for each list of rows."""
    book = openpyxl.Workbook()
    book.remove(book["Sheet"])
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        columns = list(dict.fromkeys(k for row in rows for k in row))
        if rows:
            page.append(columns)
        for row in rows:
            page.append([row.get(k) for k in columns])
    book.save(path)


def test_one_workbook_for_the_month(tmp_path: Path) -> None:
    """`month.xlsx`: a sheet that is no table is ignored with a finding, an empty one and our own instructions silently."""
    folder = write_month(tmp_path / "m", households=[], cadres=[])
    note = [{"说明": "每月五日前"}]
    save(folder / "month.xlsx", 低收入农户=households(2), 干部=[cadre()], 填表说明=note, 备忘=note, Sheet9=[])
    tables = read_tables(folder)
    assert (len(tables["households"]), len(tables["cadres"])) == (2, 1)
    assert [(f.code, f.sheet) for f in tables.findings] == [("unknown_sheet", "month.xlsx › 备忘")]


def test_a_sheet_a_township(tmp_path: Path) -> None:
    """The sheets of a table's own workbook are put together, whatever they are called; row numbers are the sheet's."""
    folder = write_month(tmp_path / "m", households=[])
    save(folder / "households.xlsx", 鹤溪=households(2), 渤海=[household(household_id="X", partners="零")])
    tables = read_tables(folder)
    assert len(tables["households"]) == 3
    with pytest.raises(JieduiError) as refused:
        run_month(load_month(folder))
    assert [(f.sheet, f.row, f.column) for f in refused.value.findings] == [("households.xlsx › 渤海", 2, "partners")]


def test_several_files_for_one_table(tmp_path: Path) -> None:
    """Files by township add up, with columns of their own and in their own order, CSV beside workbook."""
    folder = write_month(tmp_path / "m", households=[])
    (folder / "households-01.csv").write_text(csv_text([household(household_id="a", members=3)]), "utf-8")
    back = dict(reversed(household(household_id="b").items()))
    (folder / "低收入农户-渤海.csv").write_text(csv_text([back]), "utf-8")
    save(folder / "households-02.xlsx", Sheet1=[household(household_id="c", needs="资金")])
    roster = match(read_month(folder)).roster
    assert roster["household_id"].tolist() == ["a", "b", "c"]
    assert roster["members"].tolist() == ["3", "", ""]
    assert roster["needs"].tolist() == ["", "", "资金"]


def test_each_of_several_welfare_files_counts(tmp_path: Path) -> None:
    """低保.csv and 五保.csv are both read."""
    folder = write_month(tmp_path / "m", households=households(3))
    for k, name in ((1, "低保"), (2, "五保")):
        row = {"name": f"户主{k}", "township": "鹤溪镇", "village": "东村", "category": name}
        (folder / f"{name}.csv").write_text(csv_text([row]), "utf-8")
    assert {h for h, _ in run_month(load_month(folder)).pairs} == {"H3"}


@pytest.mark.parametrize("ending", [".xls", ".csv"])
def test_wrong_ending_is_read_by_content(tmp_path: Path, ending: str) -> None:
    """A workbook named otherwise is read by its content, with a finding."""
    folder = write_month(tmp_path / "m", households=[])
    save(folder / "households.xlsx", Sheet1=households(2))
    (folder / "households.xlsx").rename(folder / f"households{ending}")
    tables = read_tables(folder)
    assert (len(tables["households"]), codes(tables)) == (2, ["wrong_extension"])


def test_text_named_xlsx(tmp_path: Path) -> None:
    """A CSV named .xlsx likewise."""
    folder = write_month(tmp_path / "m")
    (folder / "households.csv").rename(folder / "households.xlsx")
    assert codes(read_tables(folder)) == ["wrong_extension"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings(tmp_path: Path, encoding: str, newline: str) -> None:
    """UTF-8 with and without BOM, GB18030 (rare characters too) and UTF-16 with a BOM are read to the same."""
    folder = write_month(tmp_path / "m")
    rows = [household(head_name="䶮𬭊", 备注='a,"b"')]
    (folder / "households.csv").write_bytes(csv_text(rows).replace("\n", newline).encode(encoding))
    assert match(read_month(folder)).decisions["head_name"].tolist() == ["䶮𬭊"]


def test_damaged_utf8_is_not_taken_for_gb18030() -> None:
    """A UTF-8 file with one bit turned is refused, or is still UTF-8: it is never read as other characters of GB18030."""
    rows = [household(household_id=f"H{k}", head_name=n, township="鹤溪") for k, n in enumerate(("王山", "李四", "欧阳修文", "赵六"))]
    data = csv_text(rows).encode()
    wrong = []
    for at, byte in enumerate(data):
        for bit in range(8 if byte >= 0x80 else 0):
            spoilt = data[:at] + bytes([byte ^ 1 << bit]) + data[at + 1 :]
            said = decode(spoilt)
            if said is not None and said.encode() != spoilt:
                wrong.append((at, bit))
    assert wrong == []


def test_gb18030_names_are_not_taken_for_utf8() -> None:
    """GB18030 files stay readable: their bytes are hardly ever UTF-8 by chance."""
    text = csv_text([household(household_id=f"H{k}", head_name=n) for k, n in enumerate(("王大山", "蓝光", "雷马", "钟水小", "䶮", "𬭊"))])
    assert decode(text.encode("gb18030")) == text


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_damaged_workbooks_are_refused(tmp_path: Path, packing: int) -> None:
    """A workbook with one bit turned says the same or is refused: the zip's own checksums are heeded."""
    folder = write_month(tmp_path / "m", households=[])
    path = folder / "households.xlsx"
    book = xlsxwriter.Workbook(str(path))  # it keeps its texts in a part of their own, as Excel and WPS do
    page = book.add_worksheet()
    for at, row in enumerate([dict.fromkeys(household()), *households(30)]):
        for column, cell in enumerate(row.values() if at else row):
            page.write_string(at, column, str(cell))
    book.close()
    packed, loose = zipfile.ZipFile(io.BytesIO(path.read_bytes())), io.BytesIO()
    with zipfile.ZipFile(loose, "w", packing) as copy:
        for item in packed.infolist():
            copy.writestr(item.filename, packed.read(item))
    data = loose.getvalue()
    path.write_bytes(data)
    good = read_tables(folder)["households"]
    expected = {c: cells(good.column(c)) for c in ("household_id", "head_name", "income", "township", "village")}
    rng, wrong = random.Random(8), []  # noqa: S311 - which bits does not matter
    part = zipfile.ZipFile(loose).getinfo("xl/sharedStrings.xml")
    texts = range(part.header_offset + 30, part.header_offset + 30 + part.compress_size)
    for at in [rng.choice(texts) for _ in range(200)] + [rng.randrange(len(data)) for _ in range(200)]:
        bit = rng.randrange(8)
        path.write_bytes(data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :])
        try:
            found = read_tables(folder)["households"]
        except JieduiError:
            continue
        if {c: cells(found.column(c)) for c in expected} != expected:
            wrong.append((at, bit))
    assert wrong == []


def test_leading_blank_rows_and_row_numbers(tmp_path: Path) -> None:
    """Blank rows before, between and after are skipped; findings cite the spreadsheet's own row."""
    folder = write_month(tmp_path / "m", households=[])
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for at, row in ((3, list(household())), (4, list(household().values())), (7, ["H2", "李四", "鹤溪镇", "东村", "很多"])):
        for column, cell in enumerate(row, 1):
            page.cell(at, column, cell)
    book.save(folder / "households.xlsx")
    findings = match(read_month(folder)).findings
    assert list(zip(findings["row"], findings["code"], strict=True)) == [(7, "income_unusable")]
    text = "\n\n" + csv_text([household()]) + ",,,,\n\n" + "H2,李四,鹤溪镇,东村,很多\n,,,,\n"
    grid = read_csv(text.encode(), "households", "x")
    assert grid is not None
    assert (grid.header_row, list(grid.rows)) == (3, [4, 7])


@pytest.mark.parametrize("blank", [1, 20_000, 20_001, 45_000])
def test_many_blank_rows(blank: int) -> None:
    """Any number of blank rows, at any place, says nothing."""
    text = "a,b\n" + ",\n" * blank + "1,2\n" + ",\n" * blank
    grid = read_csv(text.encode(), "households", "x")
    assert grid is not None
    assert (list(grid.rows), [cells(c) for c in grid.columns]) == ([blank + 2], [["1"], ["2"]])


def test_only_blank_rows() -> None:
    """A table of blank rows has a header and no row."""
    grid = read_csv(b"a,b\n,\n,\n", "households", "x")
    assert grid is not None
    assert (list(grid.rows), [cells(c) for c in grid.columns]) == ([], [[], []])


def test_trailing_commas(tmp_path: Path) -> None:
    """A spreadsheet's trailing empty columns are no fields too many."""
    folder = write_month(tmp_path / "m")
    text = csv_text([household()]).replace("\n", ",,\n")
    (folder / "households.csv").write_text(text, "utf-8")
    assert codes(read_tables(folder)) == []


# --- cells


@pytest.mark.parametrize("sign", list(";；、,，/／"))
def test_several_values(sign: str) -> None:
    """Every separator, blanks and repeats left out."""
    assert several(read(f"资金{sign} 物资 {sign}{sign}无{sign}资金{sign}—")) == ("资金", "物资")


def test_slash_belongs_to_places() -> None:
    """`/` does not separate where a place is named; spaces never separate."""
    assert several(read("鹤溪镇/东村；渤海镇／西村"), places=True) == ("鹤溪镇/东村", "渤海镇/西村")
    assert several(read("生产 技术 资金")) == ("生产 技术 资金",)


@pytest.mark.parametrize("word", ["", "无", "/", "-", "—", "－", "／", " ", "\u3000", None])
def test_blanks(word: str | None) -> None:
    """Words that alone mean nothing."""
    assert read(word) == ""


@pytest.mark.parametrize("word", ["无名", "//", "a-b", "0", "无无"])
def test_no_blanks(word: str) -> None:
    """Only alone do they."""
    assert read(word) == word


@pytest.mark.parametrize(
    ("said", "value"),
    [(w, True) for w in ("是", "yes", "YES", "true", "1", "√", "１")]
    + [(w, False) for w in ("否", "no", "No", "false", "0", "×")]
    + [(w, None) for w in ("对", "y", "2", "x", "是的", "10")],
)
def test_yes_or_no(said: str, value: bool | None) -> None:
    """Yes, no, and neither."""
    assert yes_or_no(read(said), blank=True) is value
    assert yes_or_no("", blank=True) is True
    assert yes_or_no("", blank=False) is False


@pytest.mark.parametrize(
    "said",
    [
        "2008-07",
        "2008.7",
        "2008/07",
        "200807",
        "2008年7月",
        "2008年07月",
        "2008-7-31",
        "20080731",
        "2008/7/1",
        "2008年7月15日",
        "２００８．０７",
        date(2008, 7, 3),
        datetime(2008, 7, 3, 12, 0),  # noqa: DTZ001 - as a workbook gives it
        200807,
        200807.0,
        "2008-07-01 00:00:00",
    ],
)
def test_months(said: object) -> None:
    """All forms of July 2008."""
    assert month(read(said)) == 2008 * 12 + 6


@pytest.mark.parametrize(
    "said", ["2008-13", "2008-00", "08-07", "2008", "7月", "长期", "2008-07-32", "200813", "2008--7", "20087", "٢٠٠٨-٠٧"]
)
def test_no_months(said: str) -> None:
    """What is no month is not guessed."""
    assert month(read(said)) is None


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("3", 3),
        ("３", 3),
        ("1,200", 1200),
        ("5户", 5),
        ("2人", 2),
        ("3.0", 3),
        (3.0, 3),
        (3, 3),
        ("0", 0),
        ("-2", -2),
        ("12个月", 12),
        ("90分", 90),
        ("三", None),
        ("三个多", None),
        ("2.5", None),
        (2.5, None),
        ("1e3", None),
        ("", None),
        ("3 户", None),
        ("1,20", None),
        ("٣", None),
        ("0x3", None),
        ("1_000", None),
        (True, None),
    ],
)
def test_whole_numbers(said: object, value: int | None) -> None:
    """Whole numbers as offices write them, and nothing else."""
    assert whole(read(said)) == value


@examples()
@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    """`fold` is idempotent, whatever the characters."""
    assert fold(fold(text)) == fold(text)


@examples()
@given(st.text(alphabet="王阿依古丽䶮𬭊·•・．･Ｌａ１ \t\u3000\u00a0ﾊﾟé"))
def test_names_fold_to_one_key(text: str) -> None:
    """A name's key is idempotent and does not depend on white space or on which dot it has."""
    assert fold_name(fold_name(text)) == fold_name(text)
    assert fold_name(text.replace("·", "•")) == fold_name(text) == fold_name(f" {text}\u3000")


CELLS = st.one_of(
    st.none(),
    st.text(max_size=3),
    st.sampled_from(["无", "/", "-", "—", "——", "王 山", "·", "•", "\n", "Ａ", "x", "王山", "e\u0301", "\u0301",
                     "", "x\u1680", "\u2028", "x\x85y", "\x1f", "aX1", "ß"]),
    st.integers(-3, 3),
    st.booleans(),
    st.floats(-3, 3),
)


@examples()
@given(st.lists(CELLS, max_size=5))
def test_columns_are_read_as_their_cells(cells: list[object]) -> None:
    """The looks at a whole column give what reading cell by cell gives, clean column or not."""
    assert list(read_each(cells)) == [read(c) for c in cells]
    assert list(read_names(cells)) == [fold_name(read(c)) for c in cells]


@examples()
@given(st.lists(st.sampled_from(["王山", "x", "a·b", "a•b", "李"]), max_size=5))
def test_clean_columns_are_read_as_their_cells(cells: list[object]) -> None:
    """The same where nothing needs folding."""
    test_columns_are_read_as_their_cells.hypothesis.inner_test(cells)  # type: ignore[attr-defined]


@examples()
@given(st.one_of(st.text(), st.integers(), st.floats(allow_nan=True), st.booleans(), st.dates(), st.datetimes(), st.none()))
def test_no_cell_is_a_failure(cell: object) -> None:
    """Whatever stands in a cell, every reader gives a value or none."""
    text = read(cell)
    for reader in (month, whole, several, fold_name):
        reader(text)  # type: ignore[operator]
    if isinstance(cell, float) and not math.isfinite(cell):
        assert whole(text) is None


@examples(200)
@given(st.binary(max_size=200))
def test_no_bytes_are_an_unexpected_failure(data: bytes) -> None:
    """Any bytes are a grid, nothing, or a refusal with the documented exit code."""
    with contextlib.suppress(InputError):
        read_csv(data, "households", "x")


@examples(200)
@given(st.lists(st.lists(st.text(alphabet='ab,"\n\r 王;', max_size=4), min_size=2, max_size=2), max_size=5))
def test_written_rows_are_read_back(rows: list[list[str]]) -> None:
    """What a spreadsheet writes is read back cell by cell, or refused: a field with a line break never passes as another row."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([["x", "y"], *rows])
    kept = [row for row in rows if any(c.strip() for c in row)]
    try:
        grid = read_csv(out.getvalue().encode(), "households", "x")
    except JieduiError:
        assert any(c in cell for row in rows for cell in row for c in "\n\r")
        return
    assert grid is not None
    assert [list(row) for row in zip(*map(cells, grid.columns), strict=True)] == kept


# --- what a spreadsheet would run


@examples()
@given(st.lists(st.text(alphabet='=+-@\t\r＝＋－＠a1,"\n', max_size=5), min_size=1))
def test_no_cell_begins_a_formula(texts: list[str]) -> None:
    """Text that a spreadsheet would run gets a leading apostrophe; other text and numbers stay."""
    with tempfile.TemporaryDirectory() as folder:
        write_csv(Path(folder, "x.csv"), {"text": texts, "number": [-1] * len(texts)})
        data = Path(folder, "x.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1:]
    for said, (written, number) in zip(texts, rows, strict=True):
        assert written == ("'" + said if said[:1] in "=+-@\t\r＝＋－＠" and said else said)
        assert number == "-1"


def test_no_formula_in_any_file(tmp_path: Path) -> None:
    """Names, places, units, needs and reasons that look like formulas are text in every CSV of a run."""
    bad = '=HYPERLINK("http://x")'
    home = household(household_id="@H", head_name=bad, village="+村", hamlet="-屯", needs="=1+1", members="@SUM(1)", county="＝县")
    away = household(household_id="=H", head_name="-王", income="-5", county="＝县")
    person = cadre(cadre_id="+C", name="=cmd", unit="@局", rank="-级", skills="=1+1", townships="")
    roster = [{"household_id": "=H", "cadre_id": "+C", "since": "=1"}, {"household_id": "-gone", "cadre_id": "=gone"}]
    folder = write_month(
        tmp_path / "m",
        households=[home, away],
        cadres=[person],
        roster=roster,
        welfare=[{"name": bad, "category": "=x", "township": "鹤溪镇", "village": "+村", "id_number": "=1"}],
    )
    from matcher.publish import write_run

    write_run(run_month(load_month(folder)), tmp_path / "run", workbook=False)
    for path in (tmp_path / "run").glob("*.csv"):
        for row in csv_rows(path):
            for name, cell in row.items():
                if name not in ("load", "capacity", "duty"):
                    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")), (path.name, name, cell)
