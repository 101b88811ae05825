"""Assignment problems of the OR-Library through the tables of a month: a cadre of one place for each household, costs as scores.

Beasley, J. E. (1990), OR-Library: distributing test problems by electronic mail. JORS 41(11), 1069–1072.
"""

from __future__ import annotations

import csv
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.campaign import command
from benchmarks.process import ROOT, Measured, measured

OPTIMA = {"assign100": 305, "assign500": 991, "assign600": 1176, "assign700": 1362}
Costs = list[list[int]]
_POLICY = """[programme]
month = "2008-07"
[eligibility]
income_threshold = 2500
[capacity]
default = 1
[townships]
rule = "any"
[objectives]
order = ["coverage", "affinity"]
"""


@dataclass(frozen=True)
class Assigned:
    """What the roster of a problem costs, by its own pairs and by the value of affinity; and what the process took."""

    total: int
    by_value: int
    households: int
    process: Measured


def folder() -> Path | None:
    """Return where the problems are: ``JIEDUI_ORLIB``, else ``shared/data/orlib`` beside the repository; None if nowhere."""
    named = os.environ.get("JIEDUI_ORLIB")
    found = Path(named) if named else ROOT.parent / "shared" / "data" / "orlib"
    return found if found.is_dir() else None


def read(path: Path) -> Costs:
    """Read a problem: n, then n × n costs."""
    n, *costs = (int(word) for word in path.read_text("ascii").split())
    if len(costs) != n * n:
        raise ValueError(f"{path.name} holds {len(costs)} costs, not {n} × {n}")
    return [costs[k * n : (k + 1) * n] for k in range(n)]


def write_month(month: Path, costs: Costs, top: int) -> None:
    """Write a problem as a month; the score of a pair is ``top`` less its cost.

    Everyone is served in the end, so the sum of scores is ``top`` × households less the cost, whatever ``top`` is: above every
    cost all scores are positive, with 0 they are the costs with their sign turned.
    """
    month.mkdir(parents=True)
    width = len(str(len(costs)))
    people = [f"{k:0{width}}" for k in range(1, len(costs) + 1)]
    _table(month / "households.csv", [["household_id", "head_name", "township", "village", "income"],
                                      *([f"H{k}", f"H{k}", "T", "V", "1000"] for k in people)])
    _table(month / "cadres.csv", [["cadre_id", "name", "unit"], *([f"C{k}", f"C{k}", "U"] for k in people)])
    _table(month / "affinity.csv", [["household_id", "cadre_id", "score"],
                                    *([f"H{h}", f"C{c}", str(top - cost)] for h, row in zip(people, costs, strict=True)
                                      for c, cost in zip(people, row, strict=True))])
    (month / "policy.toml").write_text(_POLICY, "utf-8")


def _table(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def assigned(costs: Costs, top: int | None = None, cap: float = 600.0) -> Assigned:
    """Solve a problem by the command line, in a temporary folder.

    Raises
    ------
    RuntimeError
        The command failed.
    """
    top = 1 + max(map(max, costs)) if top is None else top
    with tempfile.TemporaryDirectory() as place:
        month, run = Path(place) / "2008-07", Path(place) / "run"
        write_month(month, costs, top)
        process = measured([*command(), "match", str(month), "--out", str(run), "--no-workbook", "--quiet"], cap)
        if process.status != "ok":
            raise RuntimeError(process.status)
        with (run / "roster.csv").open(encoding="utf-8-sig", newline="") as file:
            pairs = [(int(row["household_id"][1:]) - 1, int(row["cadre_id"][1:]) - 1) for row in csv.DictReader(file)]
        told = {o["name"]: o["value"] for o in json.loads((run / "summary.json").read_text("utf-8"))["objectives"]}
    if len({c for _, c in pairs}) != len(pairs):
        raise RuntimeError("a cadre has two households")
    return Assigned(sum(costs[h][c] for h, c in pairs), top * len(pairs) - told["affinity"], len({h for h, _ in pairs}), process)


def measure(tell: Callable[[str], object]) -> list[list[str]]:
    """Return a row for each problem there is: name, optimum, the roster's cost, seconds, megabytes."""
    where, rows = folder(), []
    for name, optimum in OPTIMA.items():
        if where and (where / f"{name}.txt").exists():
            tell(f"OR-Library: {name}")
            found = assigned(read(where / f"{name}.txt"))
            rows.append([name, str(optimum), str(found.total), f"{found.process.seconds:.2f}", f"{found.process.megabytes:.0f}"])
    return rows
