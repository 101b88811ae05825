"""The same inputs give the same bytes: whatever the order of rows and columns, the format, the language of headers, the machine."""

from __future__ import annotations

import csv
import random
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from matcher.pipeline import load_month, run_month
from matcher.publish import write_run
from matcher.tables.aliases import TABLES, chinese_table_name

from .months import CLI, HERE, cadre, environment, household, write_month
from .oracle.months import COLUMNS, random_month
from .oracle.months import write_month as write_plain

Rows = list[dict[str, Any]]
DIFFER = {"findings.csv", "run.json"}


def county(seed: int = 5) -> tuple[dict[str, Rows], dict[str, Any]]:
    """Return a month of about 200 households, made of three random ones side by side, with duplicates and odd rows of every kind."""
    tables: dict[str, Rows] = {name: [] for name in COLUMNS}
    policy: dict[str, Any] = {}
    for part in range(3):
        made, one = random_month(seed + part, "medium")
        policy = policy or one
        for name, rows in made.items():
            for row in rows:
                kept = {k: v for k, v in row.items() if k != "county"}
                for key in ("household_id", "cadre_id", "unit"):
                    if kept.get(key):
                        kept[key] = f"{part}{kept[key]}"
                tables[name].append(kept)
    tables["units"] = list({u["unit"]: u for u in tables["units"]}.values())
    tables["require"] = []
    for row in tables["roster"]:
        row["pinned"] = ""
    homes = tables["households"]
    for k in range(0, 40, 5):
        homes[k]["id_number"] = homes[k + 1]["id_number"]
    homes[3]["income"], homes[4]["income"] = "", "约2000"
    tables["welfare"] += [
        {"name": homes[k]["head_name"], "township": homes[k]["township"], "village": homes[k]["village"], "category": c}
        for k, c in ((7, "低保"), (8, "残疾补贴"), (9, "五保"), (9, "低保"))
    ]
    policy["programme"] = {"name": "试", "month": "2008-07"}
    policy["objectives"] = {"order": ["coverage", "duty", "continuity", "fit", "balance"]}
    policy["townships"] = {"rule": "listed", "empty_means": "any"}
    return tables, policy


def write(folder: Path, tables: Mapping[str, Rows], policy: dict[str, Any]) -> Path:
    """Write the month as plain CSV."""
    return write_plain(folder, dict(tables), policy)


def shuffled(tables: Mapping[str, Rows], seed: int) -> dict[str, Rows]:
    """Return the tables with rows and columns in another order."""
    rng = random.Random(seed)  # noqa: S311 - any order will do
    out = {}
    for name, rows in tables.items():
        columns = list(dict.fromkeys(k for row in rows for k in row))
        rng.shuffle(columns)
        out[name] = [{k: row.get(k, "") for k in columns} for row in rng.sample(rows, len(rows))]
    return out


def write_raw(
    folder: Path, tables: Mapping[str, Rows], encoding: str = "utf-8", rename: Callable[[str, str], str] = lambda _, c: c
) -> None:
    """Write tables as CSV just as they stand, columns included."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        if rows:
            with (folder / f"{name}.csv").open("w", encoding=encoding, newline="") as out:
                writer = csv.writer(out)
                writer.writerow([rename(name, c) for c in rows[0]])
                writer.writerows(row.values() for row in rows)


def outputs(folder: Path, workbook: bool = True) -> dict[str, bytes]:
    """Run a month in this process and return its files."""
    run = folder.parent / f"{folder.name}-run"
    write_run(run_month(load_month(folder)), run, workbook)
    return files(run)


def files(run: Path) -> dict[str, bytes]:
    """Return the files that must not differ."""
    return {p.name: p.read_bytes() for p in run.iterdir() if p.name not in DIFFER}


def differing(first: Mapping[str, bytes], second: Mapping[str, bytes]) -> list[str]:
    """Return the names of files that differ."""
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))


@pytest.fixture(scope="module")
def made() -> tuple[dict[str, Rows], dict[str, Any]]:
    """Return the month."""
    return county()


@pytest.fixture(scope="module")
def base(made: tuple[dict[str, Rows], dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the month's outputs as they come first."""
    tables, policy = made
    found = outputs(write(tmp_path_factory.mktemp("base") / "m", tables, policy))
    assert found["roster.csv"].count(b"\n") > 60
    assert found["unmatched.csv"].count(b"\n") > 1
    assert found["changes.csv"].count(b"\n") > 10
    return found


@pytest.mark.parametrize("seed", range(5))
def test_order_of_rows_and_columns(made: tuple[Any, Any], base: dict[str, bytes], tmp_path: Path, seed: int) -> None:
    """Shuffled rows and columns of every table."""
    folder = write(tmp_path / "m", *made)
    write_raw(folder, shuffled(made[0], seed))
    assert differing(base, outputs(folder)) == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_encoding(made: tuple[Any, Any], base: dict[str, bytes], tmp_path: Path, encoding: str) -> None:
    """With a BOM, in GB18030, in UTF-16."""
    folder = write(tmp_path / "m", *made)
    write_raw(folder, shuffled(made[0], 9), encoding)
    assert differing(base, outputs(folder)) == []


def test_chinese_headers(made: tuple[Any, Any], base: dict[str, bytes], tmp_path: Path) -> None:
    """Headers in Chinese, files under their Chinese names."""
    folder = write(tmp_path / "m", *made)

    def chinese(table: str, column: str) -> str:
        return next(c.headers[-1] for c in TABLES[table] if c.name == column)

    write_raw(folder, shuffled(made[0], 10), rename=chinese)
    for name in TABLES:
        if (folder / f"{name}.csv").exists():
            (folder / f"{name}.csv").rename(folder / f"{chinese_table_name(name)}.csv")
    assert differing(base, outputs(folder)) == []


def sheet(book: openpyxl.Workbook, name: str, rows: Sequence[Mapping[str, Any]], numbers: bool) -> None:
    """Add rows as a sheet; with ``numbers`` figures stand in number cells."""
    page = book.create_sheet(name)
    page.append(list(rows[0]))
    for row in rows:
        page.append(
            [
                float(v) if numbers and k in ("income", "capacity", "duty", "waiting", "score") and v and v != "约2000" else v or None
                for k, v in row.items()
            ]
        )


@pytest.mark.parametrize("numbers", [False, True])
@pytest.mark.parametrize("together", [False, True])
def test_workbooks(made: tuple[Any, Any], base: dict[str, bytes], tmp_path: Path, numbers: bool, together: bool) -> None:
    """A workbook a table, or one for the month; figures as text or in number cells."""
    folder = write(tmp_path / "m", *made)
    month = openpyxl.Workbook()
    month.remove(month["Sheet"])
    for name, rows in shuffled(made[0], 11).items():
        if rows:
            (folder / f"{name}.csv").unlink()
            book = month
            if not together:
                book = openpyxl.Workbook()
                book.remove(book["Sheet"])
            sheet(book, name if together else "Sheet1", rows, numbers)
            if not together:
                book.save(folder / f"{name}.xlsx")
    if together:
        month.save(folder / "month.xlsx")
    assert differing(base, outputs(folder)) == []


def test_several_files(made: tuple[Any, Any], base: dict[str, bytes], tmp_path: Path) -> None:
    """The households cut into files, whichever holds whom."""
    folder = write(tmp_path / "m", *made)
    rows = shuffled(made[0], 12)["households"]
    (folder / "households.csv").unlink()
    write_raw(folder, {f"households-{k}": rows[k::3] for k in range(3)})
    assert differing(base, outputs(folder)) == []


MACHINES: dict[str, dict[str, str]] = {
    "hash seed 0": {"PYTHONHASHSEED": "0"},
    "hash seed 4321": {"PYTHONHASHSEED": "4321", "LC_ALL": "C"},
    "C": {"LC_ALL": "C", "TZ": "Asia/Shanghai"},
    "Chinese": {"LC_ALL": "zh_CN.UTF-8", "LANG": "zh_CN.UTF-8", "TZ": "America/New_York", "PYTHONHASHSEED": "7"},
    "POSIX without UTF-8": {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "optimised": {"PYTHONOPTIMIZE": "2", "TZ": "Pacific/Kiritimati"},
}


@pytest.mark.parametrize("machine", MACHINES)
def test_machine(made: tuple[Any, Any], base: dict[str, bytes], tmp_path: Path, machine: str) -> None:
    """Hash seed, locale, time zone and working directory, each in a process of its own; the folder's name in Chinese."""
    folder = write(tmp_path / "某月", *made)
    write_raw(folder, shuffled(made[0], 13))
    (tmp_path / "elsewhere").mkdir()
    words = [*CLI, "match", "../某月", "--out", "../结果", "-q"]
    said = subprocess.run(words, check=False, capture_output=True, cwd=tmp_path / "elsewhere", env=environment(**MACHINES[machine]))  # noqa: S603
    assert said.returncode == 0, said.stderr.decode()
    assert differing(base, files(tmp_path / "结果")) == []


def test_twice_in_one_process(made: tuple[Any, Any], base: dict[str, bytes], tmp_path: Path) -> None:
    """Nothing is remembered from one run to the next."""
    folder = write(tmp_path / "m", *made)
    outputs(write_month(tmp_path / "other"))
    assert differing(base, outputs(folder)) == []


def test_the_harness_notices(made: tuple[Any, Any], base: dict[str, bytes], tmp_path: Path) -> None:
    """The broken control: another seed, and one household fewer, give other files."""
    tables, policy = made
    seeded = outputs(write(tmp_path / "seed", tables, {**policy, "ties": {"seed": "other"}}), workbook=False)
    assert "roster.csv" in differing(base, seeded)
    fewer = outputs(write(tmp_path / "few", {**tables, "households": tables["households"][1:]}, policy), workbook=False)
    assert {"decisions.csv", "summary.json"} <= set(differing(base, fewer))


@pytest.mark.parametrize(
    "rows",
    [
        {
            "members": [{"household_id": "H1", "name": n, "id_number": "000000196811230377"} for n in ("王小山", "王 小山")],
            "welfare": [{"name": "x", "id_number": "000000196811230377", "category": "低保"}],
        },
        {"welfare": [{"name": n, "township": "鹤溪镇", "village": "东村", "category": "低保"} for n in ("王大山", "王 大山")]},
        {
            "welfare": [
                {"name": "王大山", "id_number": i, "township": "鹤溪镇", "village": "东村", "category": "低保"}
                for i in ("000000196811230377", "", "000000197001010017")
            ]
        },
        {"households": [household(household_id=i, id_number="000000196811230377", income=k) for k, i in enumerate(("H2", "H1", "H10"))]},
        {
            "households": [
                household(township=t, household_id=f"H{k}", head_name=f"户主{k}") for k, t in enumerate(("鹤溪镇", "鹤 溪镇", "鹤溪镇 "))
            ]
        },
        {
            "cadres": [cadre(unit=u, cadre_id=f"C{k}") for k, u in enumerate(("农业局", "农 业局"))],
            "units": [{"unit": "农业局", "villages": "鹤溪镇/东村"}],
        },
        {"households": [household(needs="资金；物资", household_id="H1"), household(needs="物资,资金", household_id="H2", head_name="李")]},
        {"roster": [{"household_id": "H1", "cadre_id": "C1", "since": s} for s in ("2008-06", " 2008-06")]},
    ],
    ids=["members", "welfare names", "welfare ids", "duplicates", "places", "units", "needs", "roster"],
)
def test_rows_alike_in_any_order(tmp_path: Path, rows: dict[str, Rows]) -> None:
    """Rows that say one thing in several spellings: which of them is shown does not depend on their order."""
    orders = [rows, {name: found[::-1] for name, found in rows.items()}, {name: found[1:] + found[:1] for name, found in rows.items()}]
    found = [outputs(write_month(tmp_path / f"m{k}", **order), workbook=False) for k, order in enumerate(orders)]
    assert [differing(found[0], other) for other in found[1:]] == [[], []]


def test_nothing_cites_a_row_or_the_clock(base: dict[str, bytes]) -> None:
    """The workbook holds no time of its making, and no file that must not differ names this machine."""
    assert not [name for name, data in base.items() if str(HERE).encode() in data]
