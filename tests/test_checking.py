"""`check`: causes in words, the worst first; the month beside the one before; the list to mend."""

from __future__ import annotations

import ast
import errno
import io
import stat
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from matcher.checking.causes import CAUSES, cause_of
from matcher.checking.fix_list import _named
from matcher.tables.raw import raw_sheets

from .corpus.kinds import KINDS
from .corpus.page import INCOME, Page
from .months import CANARY, HERE, cadre, command, csv_text, household, households, write_month

CODE_AT = {"Finding": 4, "finding": 2, "unreadable": 3, "refuse": 1, "_refusal": 1, "at": 2}
"""Which argument of a call is a finding's code."""
OF_WHATIF = {"no_table_file", "release"}


def codes_in_the_code() -> set[str]:
    """Return the codes that the program gives findings, as its text says."""
    found = set()
    for path in (HERE / "matcher").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            code: ast.expr | None = None
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                code = node.args[CODE_AT[name]] if name in CODE_AT and len(node.args) > CODE_AT[name] else None
            elif isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(node.elts[1], ast.Call):
                code = node.elts[0] if getattr(node.elts[1].func, "id", "") == "message" else None
            either = (code.body, code.orelse) if isinstance(code, ast.IfExp) else (code,)
            found |= {c.value for c in either if isinstance(c, ast.Constant) and isinstance(c.value, str) and c.value}
    return {c for c in found if not c.startswith("scenario")} - OF_WHATIF


def test_every_code_has_a_cause() -> None:
    """Every code has a cause and a remedy, every cause a code, and the page of the codes names each once."""
    codes = codes_in_the_code()
    assert len(codes) > 60
    assert codes == set(CAUSES) - {"policy"}, codes ^ set(CAUSES)
    page = (HERE / "docs" / "findings.md").read_text("utf-8")
    for cause in CAUSES.values():
        assert page.count(f"| `{cause.code}` | {cause.title} | {cause.remedy} |") == 1
    assert page.count("\n| `") == len(CAUSES)
    assert cause_of("policy_extra_forbidden") is CAUSES["policy"]
    assert cause_of("heard_of_by_nobody") is None


def test_the_worst_first_in_words(tmp_path: Path) -> None:
    """What holds households back stands before what is only told; each cause once, counted, three places, the code beside it."""
    rows = [{**row, "income": "约2000" if k < 5 else "1000", "colour": "x"} for k, row in enumerate(households(8))]
    rows[7]["id_number"] = "123"
    said = command("check", write_month(tmp_path, households=rows), lang="zh")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    heads = [line for line in lines if line.endswith("）") and not line.startswith(" ")]
    assert heads == [
        "收入不是金额，该户暂缓。（5 处；income_unusable）", "身份证号一栏填的不是身份证号。（1 处；id_malformed）",
        "有不认识的列，未读入。（1 处；unknown_column）",
    ]
    assert lines[1] == "  → 请向乡镇核实数字。"
    assert [line.count("income") for line in lines[2:5]] == [1, 1, 1]
    assert lines[5].strip() == "……还有 2 处。"
    assert lines[-1] == "表格可以使用。农户 8 行，符合条件 3 户。"


def test_ten_causes_in_full_and_the_others_by_name(tmp_path: Path) -> None:
    """No more than ten causes are told with their places; the rest by a line each, and with --json nothing is left out."""
    odd = {"a": 1}
    units = [{"unit": "林业局", "villages": "鹤溪镇/无此村"}]
    cadres = [cadre(townships="无此镇", **odd)]
    rows = [household(income="约", id_number="1", household_id="H1", **odd),
            household(household_id="H2", id_number="12345678901234567890", **odd),
            household(household_id="H3", id_number=CANARY[:-1] + ("0" if CANARY[-1] != "0" else "1"))]
    pair = {"household_id": "H1", "cadre_id": "C1"}
    folder = write_month(
        tmp_path, households=rows, cadres=cadres, units=units,
        roster=[{**pair, "since": "2008-06"}] * 2 + [{**pair, "cadre_id": "C9", "since": "x"}],
        members=[{"household_id": "H1", "name": "李", "id_number": ""}],
        welfare=[{"name": "王大山", "category": "低保", "id_number": "", "township": "别处", "village": "某村"}],
        avoid=[{**pair, "household_id": "H9"}], affinity=[{**pair, "score": "1"}, {**pair, "score": "1"}],
    )
    (folder / "notes.txt").write_text("x", "utf-8")
    told = command("check", folder, "--json").json()
    assert len(told["causes"]) > 10
    assert sum(cause["count"] for cause in told["causes"]) == len(told["findings"])
    lines = command("check", folder).out.splitlines()
    heads = [k for k, line in enumerate(lines) if line.endswith(")") and any(f"; {c['code']})" in line for c in told["causes"])]
    assert len(heads) == len(told["causes"])
    weights = [CAUSES[c["code"]].weight for c in told["causes"]]
    assert weights == sorted(weights)
    assert [lines[k + 1].startswith("  → ") for k in heads] == [True] * 10 + [False] * (len(heads) - 10)


def test_a_month_that_cannot_be_used(tmp_path: Path) -> None:
    """What refuses comes first, on stderr with exit code 3; all files that are refused are told of; --json says it to a machine."""
    folder = write_month(tmp_path, households=[household(household_id=""), household(colour="x")])
    said = command("check", folder)
    assert (said.code, said.out) == (3, "")
    assert said.err.splitlines()[0] == "A cell that is required is blank. (1 times; blank_required)"
    assert "unknown_column" in said.err
    told = command("check", folder, "--json")
    assert (told.code, told.err, told.json()["usable"]) == (3, "", False)
    assert told.json()["causes"][0]["code"] == "blank_required"
    assert told.json()["profile"]["now"]["rows"] == {"households": 2, "cadres": 1}
    (folder / "welfare.csv").write_text("name\n王\n", "utf-8")
    (folder / "units.csv").write_text("x\n1\n", "utf-8")
    broken = command("check", folder, "--json").json()
    assert {f["sheet"] for f in broken["findings"]} == {"welfare.csv", "units.csv"}


def months(tmp_path: Path) -> Path:
    """Write two months; in the second a township is missing, one is new, one shrank."""

    def rows(*places: tuple[str, int, int]) -> list[dict[str, object]]:
        return [household(household_id=f"{t}{k}", township=t, income=str(i)) for t, many, i in places for k in range(many)]

    first = rows(("甲镇", 10, 1000), ("乙镇", 5, 2000), ("丙镇", 5, 900))
    write_month(tmp_path / "2008-06", {"programme": {"month": "2008-06"}}, households=first)
    return write_month(tmp_path / "2008-07", households=rows(("甲镇", 10, 1000), ("乙镇", 3, 2000), ("丁镇", 2, 1500), ("丙镇", 5, 1500)))


def test_beside_the_month_before(tmp_path: Path) -> None:
    """Rows, medians, missing and new townships, what differs by more than a fifth; found beside the month, or named."""
    folder = months(tmp_path)
    lines = command("check", folder).out.splitlines()
    assert lines[-8:-1] == [
        "Beside the month before (2008-06):",
        "  households: 20 rows, 20 then",
        "  cadres: 1 rows, 1 then",
        "  median income: 1250, 1000 then",
        "  Townships that are new: 丁镇",
        "  丙镇: 5 rows, 5 then; median income 1500, 900 then",
        "  乙镇: 3 rows, 5 then; median income 2000, 2000 then",
    ]
    told = command("check", folder, "--json").json()["profile"]
    assert told["before"]["townships"]["乙镇"] == {"rows": 5, "median_income": 2000.0}
    other = write_month(tmp_path / "alone" / "old", households=[household(township="戊镇")])
    said = command("check", folder, "--last", other).out
    assert "  Townships that are missing: 戊镇" in said
    assert "Beside the month before (old):" in said
    assert command("check", folder, "--last", tmp_path / "none").code == 3
    assert "no month before" in command("check", other).out


# --- the list to mend


def marked(path: Path) -> dict[str, dict[str, str]]:
    """Return, by sheet, the cells that are filled and their comments; a fill without a comment, or the other way, is a fault."""
    book = openpyxl.load_workbook(path)
    found: dict[str, dict[str, str]] = {}
    for sheet in book.worksheets[1:]:
        for row in sheet.iter_rows():
            for cell in row:
                filled = cell.fill.fill_type == "solid"
                assert filled == (cell.comment is not None), cell.coordinate
                if cell.comment is not None:
                    found.setdefault(sheet.title, {})[cell.coordinate] = cell.comment.text
    return found


def bad_page() -> Page:
    """Return a page below a title with a bad income, and texts that would be formulas and links."""
    page = Page(above=[["低收入农户登记表"]])
    body = [list(row) for row in page.body]
    body[2][INCOME] = "约2000"
    body[3][1] = "=1+1"
    body[4][7] = "http://example.org"
    return page.but(body=body)


@pytest.mark.parametrize("kind", ["csv", "csv GB18030", "xlsx", "xls", "html"])
def test_the_list_to_mend(tmp_path: Path, kind: str) -> None:
    """Whatever kind of file: values stand where they stood, unchanged; the bad cell is filled and its comment tells no value."""
    folder = write_month(tmp_path / "m", households=[])
    office = folder / f"低收入农户.{KINDS[kind].ending}"
    office.write_bytes(KINDS[kind].write(bad_page()))
    out = tmp_path / "errors.xlsx"
    said = command("check", folder, "--fix-list", out)
    assert said.code == 0
    assert "1 cells marked" in said.out
    found = marked(out)
    assert list(found) == ["低收入农户" if "csv" in kind else "低收入农户 " + ("HTML 1" if kind == "html" else "Sheet1")]
    (cells,) = found.values()
    assert list(cells) == ["F5"]
    assert "income_unusable" in cells["F5"]
    assert "2000" not in cells["F5"]
    sheet = openpyxl.load_workbook(out).worksheets[1]
    values = [[c.value if c.value is not None else "" for c in row] for row in sheet.iter_rows()]
    assert values == bad_page().lines()
    assert all(c.data_type != "f" for row in sheet.iter_rows() for c in row)
    with zipfile.ZipFile(out) as package:
        parts = b"".join(package.read(name) for name in package.namelist() if "worksheets/" in name)
    assert b"<f>" not in parts
    assert b"hyperlink" not in parts.lower()
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    again = tmp_path / "again.xlsx"
    command("check", folder, "--fix-list", again)
    assert again.read_bytes() == out.read_bytes()


def test_the_list_of_a_month_that_is_refused(tmp_path: Path) -> None:
    """Several tables, an ID number in a number cell, blank cells, a column that is missing: all listed, marked where there is a cell."""
    page = Page()
    body: list[list[Any]] = [list(row) for row in page.body]
    body[0][2], body[1][3] = float(110101199003078671), ""
    folder = write_month(tmp_path / "m", households=[], cadres=[cadre(name=f"王{CANARY}")])
    (folder / "households.xlsx").write_bytes(KINDS["xlsx"].write(page.but(body=body)))
    out = tmp_path / "errors.xlsx"
    said = command("check", folder, "--fix-list", out)
    assert said.code == 3
    found = marked(out)
    assert {k: sorted(v) for k, v in found.items()} == {"cadres": ["B2"], "households Sheet1": ["C2", "D3"]}
    values = openpyxl.load_workbook(out)["households Sheet1"]
    original = openpyxl.load_workbook(folder / "households.xlsx").worksheets[0]
    assert values["C2"].value == original["C2"].value
    page_listed = openpyxl.load_workbook(out).worksheets[0]
    listed = [[c.value for c in row] for row in page_listed.iter_rows(min_row=2)]
    assert sorted((row[0], row[2], row[6], row[7]) for row in listed) == [
        ("cadres.csv", 2, "id_in_other_column", "cadres!B2"),
        ("households.xlsx", 2, "id_in_number_cell", "households Sheet1!C2"),
        ("households.xlsx", 3, "blank_required", "households Sheet1!D3"),
    ]
    told = " ".join(str(cell) for row in listed for cell in row) + " ".join(v for cells in found.values() for v in cells.values())
    assert all(str(row[1]) not in told for row in page.body)  # no name
    (folder / "households.xlsx").unlink()
    (folder / "households.csv").write_text("户编号,户主姓名\n1,王\n", "utf-8")
    (folder / "cadres.csv").write_bytes(b"\xff\x00\xfe")
    second = tmp_path / "second.xlsx"
    assert command("check", folder, "--fix-list", second).code == 3
    listed = [[c.value for c in row] for row in openpyxl.load_workbook(second).worksheets[0].iter_rows(min_row=2)]
    assert {(row[0], row[6]) for row in listed} == {("households.csv", "missing_column"), ("cadres.csv", "encoding")}


def test_the_list_by_persons_and_ragged_rows(tmp_path: Path) -> None:
    """A head's name is marked where the person's name stands; a row with too many fields at its first cell."""
    base = {"户编号": "1", "姓名": "", "与户主关系": "户主", "乡镇": "镇", "行政村": "村", "人均纯收入": "1"}
    folder = write_month(tmp_path / "m", households=[base])
    assert command("check", folder, "--fix-list", tmp_path / "a.xlsx").code == 3
    assert list(marked(tmp_path / "a.xlsx")["households"]) == ["B2"]
    ragged = "household_id,head_name,township,village,income\nH1,王,镇,村,1\nH2,王,镇,村,1,9\n"
    (folder / "households.csv").write_text(ragged, "utf-8")
    assert command("check", folder, "--fix-list", tmp_path / "b.xlsx").code == 3
    assert list(marked(tmp_path / "b.xlsx")["households"]) == ["A3"]


def test_where_the_list_goes(tmp_path: Path) -> None:
    """A file that is there stays, another ending and a folder that is not there are refused: exit code 2, nothing read or written."""
    folder = write_month(tmp_path / "m")
    there = tmp_path / "there.xlsx"
    there.write_text("mine", "utf-8")
    for path in (there, tmp_path / "x.csv", tmp_path / "none" / "x.xlsx"):
        assert command("check", folder, "--fix-list", path).code == 2
    assert there.read_text("utf-8") == "mine"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m", "there.xlsx"]


def _several(folder: Path) -> Path:
    """Write a month of three townships' files, bad cells in two of them."""
    write_month(folder, households=[])
    for name, income in (("鹤溪", "？"), ("东坑", "10"), ("渤海", "？")):
        rows = [household(household_id=f"{name}{k}", head_name=f"{name}户{k}", income=income if k else "1000") for k in range(2)]
        (folder / f"households-{name}.csv").write_text(csv_text(rows), "utf-8")
    return folder


def test_a_list_for_each_sender(tmp_path: Path) -> None:
    """A folder holds a workbook for each file with marked cells, and in it nobody else's rows; one workbook says whose it holds."""
    folder, out, one = _several(tmp_path / "m"), tmp_path / "errors", tmp_path / "errors.xlsx"
    said = command("check", folder, "--fix-list", out, "--lang", "en")
    assert said.code == 0
    assert "holds 2 workbooks" in said.out
    assert "whole ID numbers" in said.out
    assert sorted(path.name for path in out.iterdir()) == ["households-渤海.xlsx", "households-鹤溪.xlsx"]
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    for path in out.iterdir():
        ((name, cells),) = marked(path).items()
        assert (name, list(cells)) == (path.stem, ["E3"])
        values = " ".join(str(c.value) for page in openpyxl.load_workbook(path).worksheets for row in page.iter_rows() for c in row)
        assert values.count(path.stem.partition("-")[2]) >= 4
        assert all(other not in values for other in {"鹤溪户", "渤海户", "东坑户"} - {f"{path.stem.partition('-')[2]}户"})
    said = command("check", folder, "--fix-list", one, "--lang", "en")
    assert "tables of 2 files, with whole ID numbers" in said.out
    assert f"--fix-list {out} writes" in said.out
    assert sorted(marked(one)) == ["households-渤海", "households-鹤溪"]
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert command("check", folder, "--fix-list", out).code == 2
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_all_lists_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full at the second workbook: there is no folder at all."""
    folder, plain, calls = _several(tmp_path / "m"), Path.replace, []

    def filling(path: Path, target: Path) -> Path:
        calls.append(path)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return plain(path, target)

    monkeypatch.setattr(Path, "replace", filling)
    assert command("check", folder, "--fix-list", tmp_path / "errors").code == 2
    assert len(calls) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_no_list_where_nothing_is_marked(tmp_path: Path) -> None:
    """Neither a workbook nor a folder is made, and it is said."""
    folder = write_month(tmp_path / "m")
    for name in ("e.xlsx", "e"):
        said = command("check", folder, "--fix-list", tmp_path / name, "--lang", "en")
        assert said.code == 0
        assert "no list to mend was written" in said.out
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_the_list_of_one_file(tmp_path: Path) -> None:
    """One file's table is its sender's: nothing is said of others; files that are told apart by their endings stay apart."""
    folder = write_month(tmp_path / "m", households=[household(), household(household_id="H2", income="？")])
    said = command("check", folder, "--fix-list", tmp_path / "e.xlsx", "--lang", "en")
    assert "one file's table, with whole ID numbers" in said.out
    assert sorted(_named({"a.csv": b"1", "A.xlsx": b"2", "b.csv": b"3"})) == ["A.xlsx", "a.csv.xlsx", "b.xlsx"]


def test_raw_sheets(tmp_path: Path) -> None:
    """A file that cannot be opened gives nothing; dates and numbers come as they are."""
    (tmp_path / "households.xlsx").write_bytes(b"PK\x03\x04 no")
    assert raw_sheets(tmp_path / "households.xlsx", {"households.xlsx › a"}, "households") == []
    assert raw_sheets(tmp_path / "none.csv", {"none.csv"}, "households") == []
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["a", 1.5, True, None])
    out = io.BytesIO()
    book.save(out)
    (tmp_path / "households.xlsx").write_bytes(out.getvalue())
    (found,) = raw_sheets(tmp_path / "households.xlsx", {"households.xlsx › Sheet"}, "households")
    assert found.rows[0][:3] == ["a", 1.5, True]
    assert found.columns("households") == {"a": 0, "1.5": 1, "True": 2}


def test_several_sheets_of_one_workbook(tmp_path: Path) -> None:
    """Each sheet with bad cells stands on a sheet of its own, marked; the others are left out."""
    pages = [bad_page().but(name="鹤溪镇"), Page(name="渤海镇", body=[["X1", "王", "", "渤海镇", "西村", "900", "1", ""]])]
    third = bad_page().but(name="东坑镇", body=[[f"Z{k}", *row[1:]] for k, row in enumerate(bad_page().body)])
    folder = write_month(tmp_path / "m", households=[])
    (folder / "低收入农户.xlsx").write_bytes(KINDS["xlsx"].write(pages[0].but(others=(pages[1], third))))
    assert command("check", folder, "--fix-list", tmp_path / "e.xlsx").code == 0
    found = marked(tmp_path / "e.xlsx")
    assert [name.rpartition(" ")[2] for name in found] == ["鹤溪镇", "东坑镇"]
    assert all("F5" in cells for cells in found.values())
