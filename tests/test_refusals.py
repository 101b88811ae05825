"""What cannot be used is refused: the documented exit code, a message that names the place, nothing left behind, no ID number shown."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from .months import CANARY, CLI, Said, cadre, command, csv_text, environment, household, households, write_month

Spoil = Callable[[Path], object]
HAN = re.compile("[\u4e00-\u9fff]")


def refused(folder: Path, code: int, *names: str) -> Said:
    """Run a month into a new folder, twice (in both languages), and check that it is refused as it should be."""
    run = folder.parent / "out" / "run"
    run.parent.mkdir(exist_ok=True)
    for lang in ("zh", "en"):
        said = command("match", folder, "--out", run, "--lang", lang)
        assert said.code == code, said.both
        assert said.out == ""
        assert said.err.strip()
        for name in names:
            assert name in said.err
        for word in ("Traceback", 'File "', "pydantic", "Error:", "object at 0x", "{", CANARY):
            assert word not in said.both
        assert list(run.parent.iterdir()) == []
    return said


def table(name: str, *rows: Mapping[str, object]) -> Spoil:
    """Return a function that replaces a table by rows."""
    return lambda folder: (folder / f"{name}.csv").write_text(csv_text(rows), "utf-8")


def text(name: str, content: str | bytes) -> Spoil:
    """Return a function that replaces a file by a text."""
    return lambda folder: (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def gone(name: str) -> Spoil:
    """Return a function that removes a file."""
    return lambda folder: (folder / name).unlink()


def policy(content: str) -> Spoil:
    """Return a function that adds lines to the policy."""
    return lambda folder: (folder / "policy.toml").write_text('programme.month = "2008-07"\n' + content, "utf-8")


HEADER = "household_id,head_name,township,village,income\n"
GOOD = "H1,王大山,鹤溪镇,东村,1000\n"
PAIR = {"household_id": "H1", "cadre_id": "C1"}

TABLES: dict[str, tuple[Spoil, tuple[str, ...]]] = {
    "no households": (gone("households.csv"), ("households", "低收入农户")),
    "no cadres": (gone("cadres.csv"), ("cadres", "干部")),
    "no policy": (gone("policy.toml"), ("policy.toml", "income_threshold")),
    "households without a row": (text("households.csv", HEADER), ("households",)),
    "households of blank rows": (text("households.csv", HEADER + ",,,,\n\n , ,,,\n"), ("households",)),
    "cadres without a row": (text("cadres.csv", "cadre_id,name,unit\n"), ("cadres",)),
    "empty file": (text("households.csv", ""), ("households",)),
    "missing column": (
        text("households.csv", "household_id,head_name,township,village\nH1,王,鹤溪镇,东村\n"),
        ("households.csv", "row 1", "income"),
    ),
    "missing column of welfare": (table("welfare", {"name": "王"}), ("welfare.csv", "row 1", "category")),
    "two columns for one field": (
        table("households", household(id_number="") | {"身份证号": "", "户主身份证": ""}),
        ("households.csv", "row 1", "户主身份证", "id_number"),
    ),
    "canonical and Chinese for one field": (table("cadres", cadre() | {"单位": "水利局"}), ("cadres.csv", "单位", "unit")),
    "repeated header": (
        text("households.csv", HEADER.replace("\n", ",备用,备用\n") + "H1,王,鹤溪镇,东村,1000,,\n"),
        ("households.csv", "备用"),
    ),
    "repeated known header": (
        text("households.csv", HEADER.replace("\n", ",income\n") + "H1,王,鹤溪镇,东村,1000,\n"),
        ("households.csv", "income"),
    ),
    "a field too many": (text("households.csv", HEADER + GOOD + "H2,李四,鹤溪镇,东村,1,000\n"), ("households.csv", "row 3", "6", "5")),
    "a field too few": (text("households.csv", HEADER + GOOD + "H2,李四,鹤溪镇,1000\n"), ("households.csv", "row 3", "4", "5")),
    "NUL": (text("households.csv", HEADER + GOOD.replace("大", "\0")), ("households.csv",)),
    "unknown encoding": (text("households.csv", (HEADER + GOOD).encode() + b"\xff\xff\x80,\xff"), ("households.csv", "UTF-8")),
    "UTF-16 cut short": (text("households.csv", (HEADER + GOOD).encode("utf-16")[:-1]), ("households.csv",)),
    "a quotation mark closed on a later line": (
        text("households.csv", HEADER + 'H1,"王大山,鹤溪镇,东村,1000\nH2,李四",鹤溪镇,东村,1000\n'),
        ("households.csv", "row 2"),
    ),
    "a quotation mark never closed": (text("households.csv", HEADER + GOOD + 'H2,"李四,鹤溪镇,东村,1000\n'), ("households.csv", "row 3")),
    "a quotation mark inside a field": (
        text("households.csv", HEADER + GOOD + 'H2,"李"四,鹤溪镇,东村,1000\n'),
        ("households.csv", "row 3"),
    ),
    "a huge field": (text("households.csv", HEADER + GOOD + f"H2,{'李' * 200_000},鹤溪镇,东村,1000\n"), ("households.csv", "row 3")),
    "capacity in words": (table("cadres", cadre(), cadre(cadre_id="C2", capacity="三个多")), ("cadres.csv", "row 3", "capacity", "三个多")),
    "negative capacity": (table("cadres", cadre(capacity="-1")), ("cadres.csv", "row 2", "capacity", "-1")),
    "half a capacity": (table("cadres", cadre(capacity="2.5")), ("cadres.csv", "row 2", "capacity", "2.5")),
    "endless capacity": (table("cadres", cadre(capacity="99999999999")), ("cadres.csv", "row 2", "capacity")),
    "digits of another script": (table("cadres", cadre(capacity="٣")), ("cadres.csv", "row 2", "capacity")),
    "negative duty": (table("cadres", cadre(duty="-2")), ("cadres.csv", "row 2", "duty", "-2")),
    "unit's capacity": (table("units", {"unit": "农业局", "capacity": "若干"}), ("units.csv", "row 2", "capacity", "若干")),
    "partners 0": (table("households", household(partners="0")), ("households.csv", "row 2", "partners", "0")),
    "partners in words": (table("households", household(partners="两个")), ("households.csv", "row 2", "partners", "两个")),
    "negative waiting": (table("households", household(waiting="-1")), ("households.csv", "row 2", "waiting", "-1")),
    "score in words": (table("affinity", PAIR | {"score": "高"}), ("affinity.csv", "row 2", "score", "高")),
    "blank score": (table("affinity", PAIR | {"score": ""}), ("affinity.csv", "row 2", "score")),
    "available maybe": (table("cadres", cadre(available="也许")), ("cadres.csv", "row 2", "available", "也许")),
    "pinned maybe": (table("roster", PAIR | {"pinned": "待定"}), ("roster.csv", "row 2", "pinned", "待定")),
    "repeated household_id": (
        table("households", household(), household(household_id="H2"), household(household_id="Ｈ１")),
        ("households.csv", "row 4", "row 2", "H1"),
    ),
    "repeated cadre_id": (table("cadres", cadre(), cadre(name="赵六")), ("cadres.csv", "row 3", "row 2", "C1")),
    "repeated unit": (table("units", {"unit": "农业局"}, {"unit": "农 业局"}), ("units.csv", "row 3", "row 2", "农业局")),
    "blank household_id": (table("households", household(), household(household_id="")), ("households.csv", "row 3", "household_id")),
    "blank head_name": (
        table("households", household(), household(household_id="H2", head_name="无")),
        ("households.csv", "row 3", "head_name"),
    ),
    "blank village": (
        table("households", household(), household(household_id="H2", village=" \u3000")),
        ("households.csv", "row 3", "village"),
    ),
    "blank unit": (table("cadres", cadre(unit="")), ("cadres.csv", "row 2", "unit")),
    "welfare of nobody": (table("welfare", {"name": "", "category": "低保"}), ("welfare.csv", "row 2")),
    "county missing among several": (
        table("households", *(household(household_id=f"H{k}", county=c) for k, c in enumerate(("东县", "西县", "")))),
        ("households.csv", "row 4", "county"),
    ),
    "contradicting roster": (table("roster", PAIR | {"pinned": "是"}, PAIR | {"pinned": "否"}), ("roster.csv", "row 3", "2")),
    "contradicting scores": (table("affinity", PAIR | {"score": "1"}, PAIR | {"score": "2"}), ("affinity.csv", "row 3", "2")),
    "contradicting members": (
        table(
            "members", {"household_id": "H1", "name": "甲", "id_number": CANARY}, {"household_id": "H1", "name": "乙", "id_number": CANARY}
        ),
        ("members.csv", "row 3"),
    ),
    "required household absent": (table("require", PAIR | {"household_id": "H9"}), ("require.csv", "row 2", "household_id", "H9")),
    "required cadre absent": (table("require", PAIR | {"cadre_id": "C9"}), ("require.csv", "row 2", "cadre_id", "C9")),
    "HTML named xls": (text("welfare.xls", "\ufeff<html><table><tr><td>name</td></tr></table></html>"), ("welfare.xls",)),
    "parquet": (text("welfare.parquet", b"PAR1...."), ("welfare.parquet",)),
    "no workbook inside": (text("welfare.xlsx", b"PK\x03\x04" + b"nothing" * 20), ("welfare.xlsx",)),
    "an empty zip": (text("welfare.xlsx", b"PK\x05\x06" + bytes(18)), ("welfare.xlsx",)),
    "an encrypted workbook": (text("welfare.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000)), ("welfare.xlsx",)),
}


@pytest.mark.parametrize("case", TABLES)
def test_unusable_tables(tmp_path: Path, case: str) -> None:
    """Each fault of a table: exit code 3, and the message names file, row, column and value."""
    spoil, names = TABLES[case]
    folder = write_month(tmp_path / "m")
    spoil(folder)
    refused(folder, 3, *(n if not n.startswith("row ") else n.removeprefix("row ") for n in names))
    english = command("match", folder, "--out", tmp_path / "run", "--lang", "en")
    for name in names:
        assert name in english.err


ELIGIBLE = "eligibility.income_threshold = 2500\n"
POLICIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "unknown key": (
        ELIGIBLE + "eligibility.treshold_inclusive = true",
        ("eligibility.treshold_inclusive", "eligibility.threshold_inclusive"),
    ),
    "unknown section": (ELIGIBLE + 'prioritty.by = "income"', ("prioritty", "priority")),
    "no threshold": ("eligibility.threshold_inclusive = true", ("eligibility.income_threshold",)),
    "threshold nan": ("eligibility.income_threshold = nan", ("eligibility.income_threshold",)),
    "threshold inf": ("eligibility.income_threshold = inf", ("eligibility.income_threshold",)),
    "threshold in quotation marks": ('eligibility.income_threshold = "2500"', ("eligibility.income_threshold",)),
    "negative threshold": ("eligibility.income_threshold = -1", ("eligibility.income_threshold",)),
    "threshold true": ("eligibility.income_threshold = true", ("eligibility.income_threshold",)),
    "broken TOML": ("[eligibility\nincome_threshold = 2500", ("policy.toml", "2")),
    "a key twice": (ELIGIBLE * 2, ("policy.toml",)),
    "deep TOML": ("a = " + "[" * 5000, ("policy.toml",)),
    "huge TOML": (ELIGIBLE + "# " + "x" * 1_100_000, ("policy.toml",)),
    "bad month": (ELIGIBLE + 'programme.month = "2008-13"', ("policy.toml",)),
    "unknown objective": (ELIGIBLE + 'objectives.order = ["coverage", "happiness"]', ("happiness", "balance")),
    "repeated objective": (ELIGIBLE + 'objectives.order = ["coverage", "fit", "fit"]', ("fit",)),
    "compactness": (ELIGIBLE + 'objectives.order = ["coverage", "compactness"]', ("compactness",)),
    "balance before coverage": (ELIGIBLE + 'objectives.order = ["balance", "coverage"]', ("balance", "coverage")),
    "continuity_first listed": (ELIGIBLE + 'objectives.order = ["continuity_first"]', ("continuity_first",)),
    "order no list": (ELIGIBLE + 'objectives.order = "coverage"', ("objectives.order",)),
    "bands falling": (ELIGIBLE + "priority.bands = [1500, 1000]", ("priority",)),
    "bands twice": (ELIGIBLE + "priority.bands = [1500, 1500]", ("priority",)),
    "bands nan": (ELIGIBLE + "priority.bands = [nan]", ("priority.bands",)),
    "by nothing": (ELIGIBLE + 'priority.by = "need"', ("priority.by", "bands", "income")),
    "language": (ELIGIBLE + 'programme.language = "fr"', ("programme.language", "zh")),
    "negative default": (ELIGIBLE + "capacity.default = -1", ("capacity.default",)),
    "default 2.5": (ELIGIBLE + "capacity.default = 2.5", ("capacity.default",)),
    "capacity of a rank": (ELIGIBLE + 'capacity.by_rank."正处级" = "8"', ("capacity.by_rank.正处级",)),
    "inclusive yes": (ELIGIBLE + 'eligibility.threshold_inclusive = "yes"', ("eligibility.threshold_inclusive",)),
    "rule": (ELIGIBLE + 'townships.rule = "township"', ("townships.rule", "listed")),
    "position": (ELIGIBLE + 'ties.position = "first"', ("ties.position",)),
    "vocabulary of two meanings": (ELIGIBLE + 'vocabulary."资金" = ["钱"]\nvocabulary."物资" = ["钱"]', ("vocabulary", "钱")),
    "section no table": (ELIGIBLE + "capacity = 3", ("capacity",)),
}


@pytest.mark.parametrize("case", POLICIES)
def test_unusable_policies(tmp_path: Path, case: str) -> None:
    """Each fault of the policy: exit code 3, and the message names the key."""
    content, names = POLICIES[case]
    folder = write_month(tmp_path / "m")
    first = "" if "programme.month" in content else 'programme.month = "2008-07"\n'
    (folder / "policy.toml").write_text(first + content, "utf-8")
    refused(folder, 3, *names)


def test_no_month(tmp_path: Path) -> None:
    """The month comes from the policy or from the folder's name, else the run is refused."""
    folder = write_month(tmp_path / "July")
    (folder / "policy.toml").write_text(ELIGIBLE)
    refused(folder, 3, "programme.month", "July")
    named = folder.rename(tmp_path / "2008-07")
    assert command("match", named, "--out", tmp_path / "run", "--json").json()["month"] == "2008-07"


def test_no_month_folder(tmp_path: Path) -> None:
    """A month folder that is not there, or is a file."""
    refused(tmp_path / "nowhere", 3, "nowhere")
    (tmp_path / "file").write_text("")
    refused(tmp_path / "file", 3, "file")


@pytest.mark.parametrize(("first", "second"), [("households.csv", "households.xlsx"), ("households.xls", "households.csv")])
def test_same_stem_in_two_formats(tmp_path: Path, first: str, second: str) -> None:
    """The same table in two formats is the same table twice."""
    folder = write_month(tmp_path / "m")
    for name in (first, second):
        (folder / name).write_bytes(csv_text([household()]).encode())
    refused(folder, 3, first, second)


def test_all_tables_that_are_there_twice(tmp_path: Path) -> None:
    """They are one refusal, with the files that cannot be read besides."""
    folder = write_month(tmp_path / "m", units=[{"unit": "农业局"}])
    for name in ("households", "cadres"):
        (folder / f"{name}.xlsx").write_bytes(book(["a"], [1]))
    (folder / "units.csv").write_bytes(b"\xff\x00\xfe")
    refused(folder, 3, "households.csv", "households.xlsx", "cadres.csv", "cadres.xlsx", "units.csv")


def test_blank_workbooks_beside_tables(tmp_path: Path) -> None:
    """What `init` makes gives way to files with rows, with a finding; not where anything was entered, and not to a blank file."""
    folder = tmp_path / "2008-07"
    assert command("init", folder).code == 0
    alone = write_month(tmp_path / "m", roster=[{"household_id": "H1", "cadre_id": "C1"}])
    write_month(folder, roster=[{"household_id": "H1", "cadre_id": "C1"}])
    said = command("check", folder, "--json")
    assert said.code == 0
    gone = sorted(f["sheet"] for f in said.json()["findings"] if f["code"] == "empty_beside")
    assert gone == ["cadres.xlsx", "households.xlsx", "roster.xlsx"]
    for month, run in ((alone, "a"), (folder, "b")):
        assert command("match", month, "--out", tmp_path / run, "--no-workbook").code == 0
    assert (tmp_path / "a" / "roster.csv").read_bytes() == (tmp_path / "b" / "roster.csv").read_bytes()
    assert command("verify", tmp_path / "b").code == 0
    filled = openpyxl.load_workbook(folder / "roster.xlsx")
    filled.worksheets[0].append(["H1", "C2"])
    filled.save(folder / "roster.xlsx")
    refused(folder, 3, "roster.csv", "roster.xlsx")
    assert command("template", tmp_path / "t").code == 0
    (folder / "roster.xlsx").write_bytes((tmp_path / "t" / "roster.xlsx").read_bytes())
    (folder / "roster.csv").write_text("household_id,cadre_id\n", "utf-8")
    refused(folder, 3, "roster.csv", "roster.xlsx")


def book(*rows: list[object]) -> bytes:
    """Return a workbook of one sheet."""
    made = openpyxl.Workbook()
    page = made.active
    assert page is not None
    for row in rows:
        page.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.mark.parametrize("name", ["households", "members", "welfare"])
def test_id_number_in_a_number_cell(tmp_path: Path, name: str) -> None:
    """An ID number in a number cell is already damaged, checksum or not; the message does not show it."""
    folder = write_month(tmp_path / "m", **({"households": []} if name == "households" else {}))
    number = 110101196811230379
    row = {**household(), "name": "王小山", "category": "低保", "id_number": number}
    (folder / f"{name}.xlsx").write_bytes(book(list(row), list(row.values())))
    said = refused(folder, 3, f"{name}.xlsx", "id_number")
    assert str(number)[:15] not in said.both
    assert "row 2" in said.err


def test_long_ids_in_number_cells(tmp_path: Path) -> None:
    """A household_id longer than a number cell can hold is damaged as well."""
    folder = write_month(tmp_path / "m", households=[])
    row = household(household_id=3311270000000001)
    (folder / "households.xlsx").write_bytes(book(list(row), list(row.values())))
    refused(folder, 3, "households.xlsx", "household_id", "2")


def test_damaged_workbook(tmp_path: Path) -> None:
    """A workbook with its middle overwritten, or cut short, is refused whole."""
    folder = write_month(tmp_path / "m", households=[])
    data = book(
        ["household_id", "head_name", "township", "village", "income"], *[[f"H{k}", "王", "鹤溪镇", "东村", k] for k in range(2000)]
    )
    for spoilt in (data[: len(data) // 2], data[:3000] + bytes(2000) + data[5000:]):
        (folder / "households.xlsx").write_bytes(spoilt)
        refused(folder, 3, "households.xlsx")


def test_workbook_without_its_parts(tmp_path: Path) -> None:
    """A zip that is no workbook, or one whose sheet is missing, is damaged and not an empty list of those to keep out."""
    folder = write_month(tmp_path / "m")
    good = zipfile.ZipFile(io.BytesIO(book(["name", "township", "village", "category"], ["王大山", "鹤溪镇", "东村", "低保"])))
    for left_out in ("xl/workbook.xml", "xl/worksheets/sheet1.xml"):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as copy:
            for item in good.infolist():
                if item.filename != left_out:
                    copy.writestr(item.filename, good.read(item.filename))
        (folder / "welfare.xlsx").write_bytes(out.getvalue())
        refused(folder, 3, "welfare.xlsx")


# --- fixed pairs


def test_contradicting_requires(tmp_path: Path) -> None:
    """Requires that cannot all stand: exit code 4 with a smallest set that conflicts, and nothing else in it."""
    rows = [{"household_id": f"H{k}", "cadre_id": "C1"} for k in range(1, 5)] + [{"household_id": "H5", "cadre_id": "C2"}]
    people = [cadre(capacity=2), cadre(cadre_id="C2")]
    folder = write_month(tmp_path / "m", households=households(5), cadres=people, require=rows)
    said = refused(folder, 4, "C1", "H1", "H2", "H3")
    assert "H4" not in said.err
    assert "H5" not in said.err


@pytest.mark.parametrize(
    ("over", "names", "policy_"),
    [
        ({"require": [PAIR, PAIR | {"cadre_id": "C2"}]}, ("H1", "C1", "C2"), {}),
        ({"require": [PAIR, PAIR | {"household_id": "H2"}], "units": [{"unit": "农业局", "capacity": "1"}]}, ("农业局", "H1", "H2"), {}),
        ({"require": [PAIR, PAIR | {"household_id": "H2"}]}, ("鹤溪镇", "H1", "H2"), {"townships": {"capacity": {"鹤溪镇": 1}}}),
        ({"require": [PAIR], "roster": [PAIR | {"cadre_id": "C2", "pinned": "是"}]}, ("H1", "C1", "C2"), {}),
        ({"require": [PAIR], "units": [{"unit": "农业局", "capacity": "0"}]}, ("农业局", "H1"), {}),
    ],
    ids=["partners", "unit", "township", "pin", "unit of 0"],
)
def test_fixed_pairs_that_cannot_all_stand(
    tmp_path: Path, over: Mapping[str, Any], names: tuple[str, ...], policy_: Mapping[str, Any]
) -> None:
    """Every limit can be the reason: partners, unit, township, a pin beside a require."""
    folder = write_month(tmp_path / "m", policy_, households=households(3), cadres=[cadre(), cadre(cadre_id="C2")], **over)
    refused(folder, 4, *names)
    english = command("match", folder, "--out", tmp_path / "run", "--lang", "en").err
    for table_, column in (("require", "household_id"), ("roster", "pinned")):
        for row in range(len(over.get(table_, ()))):
            assert f"{table_}.csv, row {row + 2}, column {column}: H" in english


@pytest.mark.parametrize(
    ("over", "why"),
    [
        ({"avoid": [PAIR]}, "to avoid"),
        ({"households": [household(income="9999")]}, "not paired this month"),
        ({"households": [household(income="")]}, "not paired this month"),
        ({"cadres": [cadre(available="否"), cadre(cadre_id="C2")]}, "takes no part"),
        ({"cadres": [cadre(capacity="0"), cadre(cadre_id="C2")]}, "takes no part"),
        ({"cadres": [cadre(townships="渤海镇"), cadre(cadre_id="C2")]}, "may not serve"),
        ({"welfare": [{"name": "王大山", "township": "鹤溪镇", "village": "东村", "category": "低保"}]}, "not paired this month"),
        ({"households": [household(household_id="H0", id_number=CANARY), household(id_number=CANARY)]}, "not paired this month"),
    ],
    ids=["avoid", "income", "no income", "unavailable", "capacity 0", "elsewhere", "listed", "duplicate"],
)
def test_required_pair_that_is_not_permitted(tmp_path: Path, over: Mapping[str, Any], why: str) -> None:
    """A required pair that is not permitted stops the run with exit code 4, cites the row and says what stands against it."""
    folder = write_month(tmp_path / "m", require=[PAIR], **over)
    refused(folder, 4, "require.csv", "2", "H1", "C1")
    assert why in command("match", folder, "--out", tmp_path / "run", "--lang", "en").err


# --- the run's folder


@pytest.mark.parametrize("kind", ["folder", "empty", "file", "link"])
def test_existing_run_is_refused_and_unchanged(tmp_path: Path, kind: str) -> None:
    """An existing RUN is refused with exit code 2 before anything is read, and stays as it is."""
    folder, run = write_month(tmp_path / "m"), tmp_path / "run"
    if kind == "file":
        run.write_text("mine")
    elif kind == "link":
        run.symlink_to(tmp_path / "nowhere")
    else:
        run.mkdir()
        if kind == "folder":
            (run / "roster.csv").write_text("mine")
    before = sorted((str(p), p.lstat().st_mtime_ns, p.read_bytes() if p.is_file() else b"") for p in [run, *run.rglob("*")])
    said = command("match", folder, "--out", run)
    assert (said.code, said.out) == (2, "")
    assert str(run) in said.err
    assert before == sorted((str(p), p.lstat().st_mtime_ns, p.read_bytes() if p.is_file() else b"") for p in [run, *run.rglob("*")])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m", "run"]


@pytest.mark.parametrize("name", ["2008-07-run", "run-20080701-120000-123", "200807011200001234"])
def test_paths_are_shown_whole(tmp_path: Path, name: str) -> None:
    """A path is the caller's own: whatever figures stand in it, messages name it as it is."""
    folder = write_month(tmp_path / "m").rename(tmp_path / f"m{name}")
    assert name in command("match", folder, "--out", tmp_path / name).out
    assert name in command("match", folder, "--out", tmp_path / name).err


def test_missing_parent(tmp_path: Path) -> None:
    """RUN in a folder that is not there, or below a file."""
    folder = write_month(tmp_path / "m")
    for run in (tmp_path / "no" / "run", folder / "policy.toml" / "run"):
        said = command("match", folder, "--out", run)
        assert said.code == 2
        assert str(run.parent) in said.err
        assert not run.exists()


@pytest.mark.parametrize("length", [240, 250, 300])
def test_name_too_long(tmp_path: Path, length: int) -> None:
    """A name that the file system does not take is the caller's, not an unexpected failure; one that it takes is served or refused."""
    said = command("match", write_month(tmp_path / "m"), "--out", tmp_path / ("r" * length))
    assert said.code in ((0, 2) if length < 255 else (2,))
    assert sorted(p.name[:1] for p in tmp_path.iterdir()) == (["m", "r"] if said.code == 0 else ["m"])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("setpriv"), reason="needs root to become nobody")
def test_read_only_parent() -> None:
    """A folder that cannot be written: exit code 2, a sentence, nothing left (as another user: root may write everywhere)."""
    nobody = ["setpriv", "--reuid=65534", "--clear-groups"]
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        month, out = write_month(Path(place, "m")), Path(place, "out")
        out.mkdir()
        for path in (month, out, *month.iterdir()):
            path.chmod(0o755)
        if subprocess.run([*nobody, *CLI, "--help"], check=False, capture_output=True, cwd=place).returncode:  # noqa: S603
            pytest.skip("the checkout cannot be reached by another user")
        words = [*nobody, *CLI, "match", str(month), "--out", str(out / "run"), "--lang", "en"]
        said = subprocess.run(words, check=False, capture_output=True, text=True, env=environment(), cwd=place)  # noqa: S603
        assert (said.returncode, said.stdout) == (2, "")
        assert str(out / "run") in said.stderr
        assert "Traceback" not in said.stderr
        assert list(out.iterdir()) == []


# --- no ID number on the terminal


SWAPPED = {
    "partners": ("households", {"partners": CANARY}),
    "waiting": ("households", {"waiting": CANARY}),
    "household_id": ("households", {"household_id": CANARY}),
    "income": ("households", {"income": CANARY[:17] + "X"}),
    "capacity": ("cadres", {"capacity": CANARY}),
    "duty": ("cadres", {"duty": f" {CANARY}"}),
    "available": ("cadres", {"available": CANARY}),
    "cadre_id": ("cadres", {"cadre_id": CANARY}),
    "townships": ("cadres", {"townships": CANARY}),
    "valid_to": ("welfare", {"valid_to": CANARY}),
    "welfare name": ("welfare", {"name": CANARY, "township": ""}),
    "pinned": ("roster", {"pinned": CANARY}),
    "since": ("roster", {"since": CANARY}),
    "score": ("affinity", {"score": CANARY + "分"}),
    "header": ("households", {CANARY: "x"}),
    "absent": ("avoid", {"household_id": CANARY}),
    "required": ("require", {"household_id": CANARY}),
    "cert": ("households", {"partners": CANARY + "43"}),
    "broken id": ("welfare", {"id_number": CANARY + "4"}),
}


@pytest.mark.parametrize("case", SWAPPED)
@pytest.mark.parametrize("verb", ["match", "check"])
def test_no_id_number_on_the_terminal(tmp_path: Path, case: str, verb: str) -> None:
    """Whatever column an ID number strays into (swapped columns), no command prints it whole."""
    name, cells = SWAPPED[case]
    full = {
        "households": household(),
        "cadres": cadre(),
        "welfare": {"name": "王大山", "id_number": "", "township": "鹤溪镇", "village": "东村", "category": "低保"},
        "roster": PAIR,
        "avoid": PAIR,
        "require": PAIR,
        "affinity": PAIR | {"score": "1"},
    }[name]
    rows = [full | cells] * (2 if case in ("household_id", "cadre_id") else 1)
    folder = write_month(tmp_path / "m", **{name: rows})
    if case == "welfare name":
        write_month(folder, households=[household(head_name=CANARY)], welfare=rows)
    said = command(verb, folder, *(["--out", tmp_path / "run"] if verb == "match" else []))
    assert said.code in (0, 3)
    for shown in (CANARY, CANARY[:17] + "X"):
        assert shown not in said.both


def test_unexpected_failure_says_nothing_of_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever fails: exit code 1, a sentence, no traceback, no text of the failure, nothing left."""

    def fail(*_: object, **__: object) -> None:
        raise KeyError(CANARY)

    monkeypatch.setattr("matcher.pipeline.judge", fail)
    said = command("match", write_month(tmp_path / "m"), "--out", tmp_path / "run")
    assert (said.code, said.out) == (1, "")
    assert "Traceback" not in said.err
    assert CANARY not in said.err
    assert [p.name for p in tmp_path.iterdir()] == ["m"]


# --- what is no refusal


def test_one_bad_income_holds_back_one_household(tmp_path: Path) -> None:
    """One bad income holds back one household and not the month."""
    rows = households(4)
    rows[2]["income"] = "两千多"
    told = command("match", write_month(tmp_path / "m", households=rows), "--out", tmp_path / "run", "--json").json()
    assert (told["counts"]["review_income"], told["counts"]["eligible"], told["counts"]["pairs"]) == (1, 3, 3)


def test_nobody_eligible_gives_empty_outputs(tmp_path: Path) -> None:
    """Nobody eligible is no fault: the outputs are empty and say why."""
    said = command("match", write_month(tmp_path / "m", households=[household(income="9999")]), "--out", tmp_path / "run", "--json")
    assert said.json()["counts"]["pairs"] == 0
    assert (tmp_path / "run" / "roster.csv").read_text("utf-8-sig").count("\n") == 1


def test_nobody_takes_part(tmp_path: Path) -> None:
    """No cadre who takes part is no fault: every household says so."""
    said = command("match", write_month(tmp_path / "m", cadres=[cadre(available="否")]), "--out", tmp_path / "run", "--json")
    assert said.json()["counts"]["unmatched"] == 1
    assert "no_permitted_cadre" in (tmp_path / "run" / "unmatched.csv").read_text("utf-8-sig")


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_language_before_and_after_the_command(tmp_path: Path, before: bool, lang: str) -> None:
    """`--lang` counts before and after the command, against the locale; ids and codes are in both."""
    folder = write_month(tmp_path / "m", require=[PAIR, PAIR | {"household_id": "H9"}])
    words = ["match", folder, "--out", tmp_path / "run"]
    said = command(*(["--lang", lang, *words] if before else [*words, "--lang", lang]), lang={"zh": "en", "en": "zh"}[lang])
    assert said.code == 3
    assert "H9" in said.err
    if lang == "en":
        assert not HAN.search(said.err)


def test_unknown_language(tmp_path: Path) -> None:
    """Another language is a usage error."""
    assert command("match", tmp_path, "--out", tmp_path / "run", "--lang", "fr").code == 2
