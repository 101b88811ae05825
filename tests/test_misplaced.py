"""ID numbers that stand in another column: refused before any list shows them; what says so shows none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from matcher.messages import mask_numbers
from matcher.people.misplaced import misplaced, number_in
from matcher.tables.coded import coded
from matcher.tables.lines import Lines
from matcher.tables.table import Part, RawTable

from .months import Solved, cadre, command, household, write_month
from .oracle.model import with_check_digit

NUMBER = with_check_digit("33072719950515367")
OLD = NUMBER[:6] + NUMBER[8:17]
WITH_X = next(n for n in (with_check_digit(f"33072719800101{k:03}") for k in range(100)) if n.endswith("X"))
WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
GROUPED = f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}"
PLACES: list[tuple[str, str]] = [
    *(("households", c) for c in ("head_name", "hamlet", "township", "village", "needs", "members", "tags", "county")),
    *(("cadres", c) for c in ("name", "unit", "rank", "skills", "townships", "tags")),
    *(("units", c) for c in ("kind", "villages")),
    ("roster", "since"), ("avoid", "reason"), ("require", "reason"), ("members", "name"), ("welfare", "name"), ("welfare", "village"),
]
ROWS: dict[str, dict[str, Any]] = {
    "households": household(), "cadres": cadre(), "units": {"unit": "农业局"}, "roster": {"household_id": "H1", "cadre_id": "C1"},
    "avoid": {"household_id": "H1", "cadre_id": "C1"}, "require": {"household_id": "H1", "cadre_id": "C1"},
    "members": {"household_id": "H1", "name": "王小", "id_number": ""}, "welfare": {"name": "甲", "category": "低保"},
}


def shown(text: str) -> bool:
    """Return whether a text shows any of the made numbers."""
    return any(n in text for number in (NUMBER, OLD, WITH_X) for n in (number, number.lower(), number.translate(WIDE)))


@pytest.mark.parametrize(("table", "column"), PLACES, ids=["-".join(place) for place in PLACES])
def test_an_id_number_in_another_column(tmp_path: Path, table: str, column: str) -> None:
    """Whatever column of whatever table: exit code 3, file, row, column and remedy told, the number masked, nothing written."""
    folder = write_month(tmp_path / "m", **{table: [{**ROWS[table], column: f"甲{NUMBER}"}]})
    said = command("match", folder, "--out", tmp_path / "run", "--lang", "en")
    assert said.code == 3
    assert not (tmp_path / "run").exists()
    for word in (f"{table}.csv, row 2, column {column}", "330727********", "Move it to id_number"):
        assert word in said.err
    assert not shown(said.both)


@pytest.mark.parametrize(
    "written",
    [NUMBER, OLD, NUMBER.translate(WIDE), WITH_X.lower(), WITH_X.translate(WIDE), GROUPED, f"12 {GROUPED}", f"H1{NUMBER}", NUMBER + "43",
     f"户主 {OLD}（旧）", NUMBER[:17] + "\u200b" + NUMBER[17:], NUMBER.replace("5", "5\u200b", 1), int(OLD), float(OLD)],
)
def test_ways_of_writing_it(written: object) -> None:
    """Full-width digits, a small x, 15 digits, groups, words beside it, more digits after it, number cells."""
    assert number_in(written)


@pytest.mark.parametrize(
    "written",
    ["", "2008-07-01 2008-07-31", "0578-2345678 13957812345", "330727199513013", "330727199513013675", "12345678901234567890", 2300.5,
     123456789012345, True, None, NUMBER[:14], "9133072719950515367X1"],
)
def test_what_is_no_id_number(written: object) -> None:
    """Dates, telephone numbers, birth dates that cannot be, long codes of other kinds."""
    assert number_in(written) == ""


def test_all_are_told_at_once(tmp_path: Path) -> None:
    """Several cells in several tables are one refusal."""
    rows = [household(), household(household_id="H2", hamlet=NUMBER), household(household_id="H3", head_name=WITH_X)]
    folder = write_month(tmp_path / "m", households=rows, cadres=[cadre(skills=OLD)])
    said = command("check", folder, "--json")
    assert said.code == 3
    found = {(f["table"], f["row"], f["column"]) for f in said.json()["findings"] if f["code"] == "id_in_other_column"}
    assert found == {("households", 3, "hamlet"), ("households", 4, "head_name"), ("cadres", 2, "skills")}
    assert not shown(said.both)


@pytest.mark.parametrize("written", [NUMBER, OLD, NUMBER.translate(WIDE), WITH_X.lower()])
def test_an_id_number_for_an_income(tmp_path: Path, written: str) -> None:
    """One bad income holds back one household; no file of the run shows the number."""
    folder = write_month(tmp_path / "m", households=[household(), household(household_id="H2", income=written)])
    solved = Solved(folder)
    assert solved.decisions == {"H1": "eligible", "H2": "review_income"}
    assert "income_unusable" in solved.codes
    assert command("match", folder, "--out", tmp_path / "run", "--no-workbook").code == 0
    for path in (tmp_path / "run").glob("*.csv"):
        assert not shown(path.read_text("utf-8"))


def test_id_numbers_used_as_ids(tmp_path: Path) -> None:
    """A finding that shows none, once for a file; a long code of another kind is none."""
    rows = [household(household_id=with_check_digit(f"3307271980010100{k}"), head_name=f"户{k}") for k in range(3)]
    solved = Solved(write_month(tmp_path / "m", households=rows))
    (finding,) = [f for f in solved.findings if f["code"] == "id_number_as_id"]
    assert (finding["table"], finding["row"], finding["column"]) == ("households", 2, "household_id")
    assert rows[0]["household_id"] not in finding["message"]
    code = with_check_digit("33072700100200300")
    assert "id_number_as_id" not in Solved(write_month(tmp_path / "n", households=[household(household_id=code)])).codes


def test_columns_kept_as_one_text() -> None:
    """A long column that is kept as one text is looked at part by part, and the row is still the right one."""
    names = [f"户{k}" for k in range(400_000)]
    names[399_998] = NUMBER
    cells = coded(names)
    part = Part("a.csv", {"head_name": type(cells)(Lines("\n".join(cells.values)), cells.codes)}, range(2, 400_002))
    (finding,) = misplaced([RawTable("households", (part,))], [])
    assert finding.row == 400_000


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"Household H11270033 {NUMBER} is", f"Household H11270033 330727********{NUMBER[14:]} is"),
        (f"{NUMBER} {OLD}", f"330727********{NUMBER[14:]} 330727*****{OLD[11:]}"),
        (f"甲{WITH_X}乙", f"甲330727********{WITH_X[14:]}乙"),
        (f"{NUMBER}{NUMBER}", f"330727{'*' * 26}{NUMBER[14:]}"),
        (f"H0012 {GROUPED}", f"H0012 330727**********{NUMBER[14:]}"),
        (f"ID{GROUPED}", f"ID330727**********{NUMBER[14:]}"),
        ("2008-07 12345", "2008-07 12345"),
    ],
)
def test_each_number_is_masked_by_itself(text: str, masked: str) -> None:
    """Six characters before and four after are shown at most, and what stands beside a number stays."""
    assert mask_numbers(text) == masked


def test_what_else_is_wrong_is_told_with_it(tmp_path: Path) -> None:
    """A blank cell and pairs that contradict each other are told in the same refusal."""
    folder = write_month(tmp_path / "m", households=[household(hamlet=NUMBER, head_name="")])
    found = command("check", folder, "--json").json()["findings"]
    assert {f["code"] for f in found} == {"id_in_other_column", "blank_required"}
    pair = {"household_id": "H1", "cadre_id": "C1"}
    folder = write_month(tmp_path / "n", avoid=[{**pair, "reason": OLD}], require=[pair])
    said = command("match", folder, "--out", tmp_path / "run", "--lang", "en")
    assert said.code == 3
    assert "Move it to id_number" in said.err
