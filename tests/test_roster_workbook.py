"""roster.xlsx of a run: amounts as they were judged, households that are in no table any more, figures that add up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from .months import cadre, command, csv_rows, household, households, write_month

HEADER = 3


def sheets(folder: Path, lang: str = "zh", **tables: Any) -> dict[str, list[list[object]]]:
    """Return the body of every sheet of a month's workbook, its header first."""
    write_month(folder / "month", {"programme": {"language": lang}}, **tables)
    assert command("match", folder / "month", "--out", folder / "run").code == 0
    read = CalamineWorkbook.from_path(folder / "run" / "roster.xlsx")
    return {name: read.get_sheet_by_name(name).to_python(skip_empty_area=False)[HEADER - 1 : -2] for name in read.sheet_names}


def column(rows: list[list[object]], heading: str) -> list[object]:
    """Return a column by its heading."""
    return [row[rows[0].index(heading)] for row in rows[1:]]


def test_amounts_are_those_that_were_judged(tmp_path: Path) -> None:
    """Full-width digits, thousands and 元 are printed as numbers; what could not be read, and every CSV file, as it was written."""
    written = ["２３００", "1,383元", "900.50", "3,236", "约2000"]
    rows = [household(household_id=f"H{k}", head_name=f"户{k}", income=text) for k, text in enumerate(written)]
    found = sheets(tmp_path, households=rows, cadres=[cadre(capacity=2)])
    heading = "人均纯收入\n（元）"
    shown = dict(zip(*(column(found["总表"], name) + column(found["未结对"], name) for name in ("户编号", heading)), strict=True))
    assert shown == {"H0": 2300.0, "H1": 1383.0, "H2": 900.5}
    assert dict(zip(column(found["鹤溪镇"], "户编号"), column(found["鹤溪镇"], heading), strict=True)).items() <= shown.items()
    assert column(found["不纳入"], heading) == [3236.0]
    assert column(found["待核"], "人均纯收入\n（填报原文）") == ["约2000"]
    assert [r["income"] for r in csv_rows(tmp_path / "run" / "decisions.csv")] == written


def test_an_id_number_in_the_income_column_is_masked(tmp_path: Path) -> None:
    """Such a household is held back; no sheet and no file shows the number whole."""
    digits = "331127199001010012"
    rows = [*households(3), household(household_id="H4", head_name="丁", income=digits)]
    found = sheets(tmp_path, households=rows)
    assert column(found["待核"], "人均纯收入\n（填报原文）") == [f"{digits[:6]}********{digits[-4:]}"]
    assert digits not in str(found)
    assert digits not in "".join(path.read_text("utf-8") for path in (tmp_path / "run").iterdir() if path.suffix in (".csv", ".json"))
    assert command("verify", tmp_path / "run").code == 0
    assert digits not in command("explain", tmp_path / "run", "H4").out


def test_amounts_are_in_yuan(tmp_path: Path) -> None:
    """A table in 万元 is printed in yuan, as the heading says."""
    write_month(tmp_path / "m", {"tables": {"income_unit": "万元"}}, households=[household(income="0.23")])
    assert command("match", tmp_path / "m", "--out", tmp_path / "run").code == 0
    rows = CalamineWorkbook.from_path(tmp_path / "run" / "roster.xlsx").get_sheet_by_name("Roster").to_python(skip_empty_area=False)
    assert column(rows[HEADER - 1 : -2], "Income per person\n(yuan)") == [2300.0]


def test_households_that_are_gone_stand_last(tmp_path: Path) -> None:
    """Whose row is no longer there comes after all others, and the sheet says so; changes.csv keeps its order."""
    last = [{"household_id": key, "cadre_id": "C1"} for key in ("A1", "H1", "H2")]
    rows = [household(household_id="H1", income="9000"), household(household_id="H2", head_name="乙", income="9000")]
    found = sheets(tmp_path, households=rows, roster=last)["变动"]
    assert list(zip(column(found, "户编号"), column(found, "乡镇"), strict=True)) == [
        ("H1", "鹤溪镇"), ("H2", "鹤溪镇"), ("A1", "本月户表中没有"),
    ]
    first = csv_rows(tmp_path / "run" / "changes.csv")[0]
    assert (first["household_id"], first["township"]) == ("A1", "")


def test_a_pair_out_of_place_is_told_for_both_causes(tmp_path: Path) -> None:
    """The household stays and the cadre's townships change: the code is `moved`, and no word says that the household moved."""
    rows = [household(), household(household_id="H2", head_name="乙", township="东坑镇", village="西村")]
    cadres = [cadre(townships="东坑镇"), cadre(cadre_id="C2", name="乙")]
    found = sheets(tmp_path, households=rows, cadres=cadres, roster=[{"household_id": "H1", "cadre_id": "C1"}])
    assert csv_rows(tmp_path / "run" / "changes.csv")[0]["reason"] == "moved"
    words = "已不在干部可结对范围（户迁移、干部调动等）"
    assert words in column(found["变动"], "原因")
    assert words in str(column(found["总表"], "备注"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_three_figures_make_up_the_eligible(tmp_path: Path, lang: str) -> None:
    """All their cadres, some of them, none: printed by match and whatif, in summary.json and in the statistics; cadres that lack apart."""
    month = write_month(tmp_path / "m", {"programme": {"language": "zh"}}, cadres=[cadre(capacity=2), cadre(cadre_id="C2", capacity=1)],
                        households=[*households(2, partners="2"), *households(4)[2:]])
    said = command("match", month, "--out", tmp_path / "run", "--lang", lang).out
    counts = json.loads((tmp_path / "run" / "summary.json").read_text("utf-8"))["counts"]
    three = [counts[key] for key in ("fully_served", "partly_served", "unserved")]
    assert (three, counts["eligible"], counts["unmatched"]) == ([1, 2, 1], 4, 3)
    words = {"zh": "已配足干部的 1 户，部分配足的 2 户，一名也没有的 1 户", "en": "1 have all the cadres they need, 2 some of them, 1 none"}
    assert words[lang] in said
    told = command("whatif", month, "--cadre", "C2:capacity=2", "--lang", lang).out
    words = {"zh": "已配足干部 1 户，部分配足 2 户，一名也没有 1 户", "en": "1 have all the cadres they need, 2 some of them, 1 none"}
    assert words[lang] in told
    words = {"zh": "已配足干部 2（+1） 户，部分配足 2（±0） 户，一名也没有 0（-1） 户",
             "en": "2 (+1) have all the cadres they need, 2 (±0) some of them, 0 (-1) none"}
    assert words[lang] in told
    rows = CalamineWorkbook.from_path(tmp_path / "run" / "roster.xlsx").get_sheet_by_name("统计").to_python(skip_empty_area=False)
    figures = {(row[1], row[2]): row[3] for row in rows[HEADER:-2]}
    assert [figures["符合条件的户", item] for item in ("已配足", "部分配足", "一名也没有", "合计")] == [*three, 4]
    assert figures["各乡镇尚缺干部数", "合计"] == 3
