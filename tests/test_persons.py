"""Exports with a row for every person: the same month as households and members, or refused by the rows that contradict."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import InputError
from matcher.findings import Finding
from matcher.tables.cells import as_text
from matcher.tables.coded import coded
from matcher.tables.grid import Grid
from matcher.tables.headers import parts_of
from matcher.tables.month import read_tables
from matcher.tables.table import Part

from .corpus.kinds import KINDS
from .corpus.page import Page
from .months import CANARY, Solved, cadre, command, write_month
from .oracle.model import with_check_digit
from .oracle.months import random_month
from .test_determinism import differing, outputs, write, write_raw

HEADERS = {
    "household_id": "户编号", "relation": "与户主关系", "name": "姓名", "id_number": "证件号码", "county": "县(市、区、旗)",
    "township": "乡(镇)",
    "village": "行政村", "hamlet": "自然村", "members": "家庭人口数", "income": "人均纯收入", "needs": "帮扶措施",
    "partners": "应配干部数", "waiting": "等待月数",
}
NATIONAL = [
    "省(区、市)", "市(盟、州)", "县(市、区、旗)", "乡(镇)", "行政村", "自然村", "户编号", "人编号", "姓名", "性别", "证件号码",
    "人数",
    "与户主关系", "民族", "文化程度", "在校生状况", "健康状况", "劳动技能", "务工状况", "务工时间", "是否参加新农合", "脱贫属性",
    "贫困户属性", "主要致贫原因", "人均纯收入", "联系电话",
]
Rows = list[dict[str, Any]]


def persons(homes: Rows, members: Rows, rng: random.Random) -> Rows:
    """Return the households' rows by persons, in any order; what is the household's stands in some of its rows, the head's or others'."""
    found: Rows = []
    for home in homes:
        said = {k: v for k, v in home.items() if k not in ("head_name", "id_number")}
        own = [{"relation": "户主", "name": home["head_name"], "id_number": home.get("id_number", "")}]
        own += [{"relation": rng.choice(["配偶", "之子", "其他"]), "name": m["name"], "id_number": m["id_number"]}
                for m in members if m["household_id"] == home["household_id"]]
        tells = {column: rng.randrange(len(own)) for column in said}
        for k, person in enumerate(own):
            shared = {c: v if tells[c] == k or rng.random() < 0.5 else "" for c, v in said.items()}
            found.append({**shared, **person, "household_id": home["household_id"]})
    return rng.sample(found, len(found))


@pytest.mark.parametrize("seed", range(6))
def test_the_same_month_by_persons(tmp_path: Path, seed: int) -> None:
    """A random month and its export by persons give the same files, to the byte, from CSV and from a workbook."""
    tables, policy = random_month(seed, "medium")
    policy["programme"] = {"name": "试", "month": "2008-07"}
    known = {home["household_id"] for home in tables["households"]}
    tables["members"] = [m for m in tables["members"] if m["household_id"] in known]
    for k, home in enumerate(tables["households"]):
        home["members"] = home.get("members") or "1"
        if k % 3 == 0:
            number = with_check_digit(f"0000001985050{k:04}")
            tables["members"].append({"household_id": home["household_id"], "name": f"家人{k}", "id_number": number})
    base = outputs(write(tmp_path / "base", tables, policy), workbook=False)
    by_person = persons(tables["households"], tables["members"], random.Random(seed))  # noqa: S311 - any order will do
    columns = [c for c in HEADERS if any(c in row for row in by_person)]
    lines = [{c: row.get(c, "") for c in columns} for row in by_person]
    rest = {k: v for k, v in tables.items() if k not in ("households", "members")}
    folder = write(tmp_path / "csv", rest, policy)
    write_raw(folder, {"households": lines}, rename=lambda _, c: HEADERS[c])
    assert {f.code for f in read_tables(folder).findings} >= {"persons"}
    assert differing(base, outputs(folder, workbook=False)) == []
    folder = write(tmp_path / "xlsx", rest, policy)
    page = Page(header=[[HEADERS[c] for c in columns]], body=[list(row.values()) for row in lines], above=[["贫困人口信息"]])
    (folder / "贫困户.xlsx").write_bytes(KINDS["xlsx"].write(page))
    assert differing(base, outputs(folder, workbook=False)) == []


def grid_of(rows: Rows) -> Grid:
    """Return rows as a grid."""
    return Grid(list(HEADERS.values()), 1, [coded([row.get(c, "") for row in rows]) for c in HEADERS], range(2, len(rows) + 2))


def rows_of(part: Part) -> set[tuple[str, ...]]:
    """Return the rows of a part as texts."""
    return set(zip(*([as_text(cell) for cell in part.columns[name].tolist()] for name in sorted(part.columns)), strict=True))


NEEDS = st.sampled_from(["", "资金", "技术;资金"])
HOMES = st.lists(
    st.tuples(st.sampled_from(["鹤溪镇", "渤海镇"]), st.integers(0, 9999), NEEDS, st.integers(0, 4)), min_size=1, max_size=8
)
"""Township, income, needs and members of some households."""


def month_of(homes: list[tuple[str, int, str, int]]) -> tuple[Rows, Rows]:
    """Return households and their members."""
    rows = [
        {"household_id": f"H{k}", "head_name": f"户主{k}", "id_number": f"{k:018}", "township": town, "village": "东村",
         "income": str(income), "needs": needs}
        for k, (town, income, needs, _) in enumerate(homes)
    ]
    members = [
        {"household_id": f"H{k}", "name": f"成员{k}{m}", "id_number": f"9{k:08}{m:09}"}
        for k, home in enumerate(homes) for m in range(home[3])
    ]
    return rows, members


@settings(max_examples=100, deadline=None)
@given(homes=HOMES, rng=st.randoms(use_true_random=False))
def test_any_households_by_persons(homes: list[tuple[str, int, str, int]], rng: random.Random) -> None:
    """Whatever the order of the rows and wherever a value stands: households and members come out as they went in."""
    rows, members = month_of(homes)
    findings: list[Finding] = []
    parts = dict(parts_of(grid_of(persons(rows, members, rng)), "households", "x.csv", findings))
    for k, row in enumerate(rows):
        row["members"] = homes[k][3] + 1  # nothing said how many they are: they were counted
    columns = sorted(parts["households"].columns)
    assert rows_of(parts["households"]) == {tuple(str(row.get(c, "")) for c in columns) for row in rows}
    assert rows_of(parts["members"]) == {(m["household_id"], m["id_number"], m["name"]) for m in members}
    assert [f.code for f in findings] == ["persons"]


@settings(max_examples=100, deadline=None)
@given(homes=HOMES, rng=st.randoms(use_true_random=False), column=st.sampled_from(["township", "village", "income", "needs"]))
def test_any_contradiction_is_refused(homes: list[tuple[str, int, str, int]], rng: random.Random, column: str) -> None:
    """One household's row that says something else is refused, by a row of that household and by the column."""
    rows, members = month_of([*homes[:-1], (*homes[-1][:2], "资金", max(homes[-1][3], 1))])
    lines = persons(rows, members, rng)
    for line in lines:
        if line["household_id"] == rows[-1]["household_id"]:
            line[column] = rows[-1][column]
    own = [k for k, line in enumerate(lines) if line["household_id"] == rows[-1]["household_id"]]
    changed = rng.choice(own)
    lines[changed][column] = "9" if column == "income" else "别的"
    if column == "income" and rows[-1][column] == "9":
        lines[changed][column] = "8"
    with pytest.raises(InputError) as refused:
        parts_of(grid_of(lines), "households", "x.csv", [])
    found = refused.value.findings
    assert {(f.code, f.column, f.sheet) for f in found} == {("persons_contradict", column, "x.csv")}
    assert {f.row for f in found} <= {k + 2 for k in own}


def refused(folder: Path, *lines: dict[str, str]) -> list[tuple[str, int | None]]:
    """Return the codes and rows for which a month of persons is refused, with exit code 3 and no ID number told."""
    who = {"户编号": "H1", "与户主关系": "配偶", "姓名": "李四", "证件号码": CANARY}
    base = {**who, "乡镇": "鹤溪镇", "行政村": "东村", "人均纯收入": "1000"}
    rows = [{**base, **line} for line in lines]
    write_month(folder, households=rows, cadres=[cadre()])
    said = command("match", folder, "--out", folder / "run")
    assert said.code == 3
    assert CANARY not in said.both
    with pytest.raises(InputError) as problem:
        read_tables(folder)
    return [(f.code, f.row) for f in problem.value.findings]


def test_what_cannot_be_put_together(tmp_path: Path) -> None:
    """No head, two heads, no household_id, another head's name, different households' figures: by code and row."""
    head = {"与户主关系": "户主"}
    assert refused(tmp_path / "a", {}, {}) == [("no_head", 2)]
    assert refused(tmp_path / "b", head, {}, head) == [("two_heads", 4)]
    assert refused(tmp_path / "c", head, {"户编号": " "}) == [("blank_required", 3)]
    assert refused(tmp_path / "d", {**head, "户主姓名": "李四"}, {"户主姓名": "王五"}) == [("persons_contradict", 3)]
    both = [("persons_contradict", 3), ("persons_contradict", 4)]
    assert refused(tmp_path / "e", head, {"人均纯收入": "900"}, {"行政村": "西村"}) == both


def test_the_national_export(tmp_path: Path) -> None:
    """All 26 columns of the national system: the son on the welfare list keeps his household out; a wrong count of persons is told."""
    son = with_check_digit("00000019900101001")

    def row(**cells: str) -> dict[str, str]:
        return {header: cells.get(header, "") for header in NATIONAL}

    place = {"县(市、区、旗)": "景宁县", "乡(镇)": "鹤溪镇", "行政村": "东村", "人均纯收入": "1200", "人数": "2"}
    month = write_month(
        tmp_path / "m",
        households=[row(户编号="1", 姓名="王大山", 与户主关系="户主", **place),
                    row(户编号="1", 姓名="王小山", 与户主关系="之子", 证件号码=son, **place),
                    row(户编号="2", 姓名="李四", 与户主关系="本人或户主", **place)],
        cadres=[cadre(county="景宁县")],
        welfare=[{"name": "王小山", "id_number": son, "category": "低保"}],
    )
    found = Solved(month)
    assert found.decisions == {"1": "on_welfare_list", "2": "eligible"}
    told = [(f["code"], str(f["row"])) for f in found.findings if f["code"].startswith("persons")]
    assert sorted(told) == [("persons", ""), ("persons_count", "4")]
    said = command("whatif", month, "--replace", f"households={month / 'households.csv'}")
    assert said.code == 3
    assert "households.csv" in said.err


def test_households_with_a_relation_of_somebody_else(tmp_path: Path) -> None:
    """A column 与户主关系 beside a household's row, without a person's name, does not make it a row of a person."""
    rest = {"户主姓名": "王", "乡镇": "镇", "行政村": "村", "人均纯收入": "1", "联系人": "李", "与户主关系": "亲戚"}
    rows = [{"户编号": f"H{k}", **rest} for k in (1, 2)]
    tables = read_tables(write_month(tmp_path, households=rows))
    assert len(tables["households"]) == 2
    assert "persons" not in {f.code for f in tables.findings}
