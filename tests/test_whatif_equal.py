"""A scenario's run against a fresh run on a month folder that was changed by hand: the same files, byte for byte.

The number of random scenarios is JIEDUI_SCENARIOS; without it a fixed sample is tried.
"""

from __future__ import annotations

import copy
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from matcher import match, read_month
from matcher.api import Run
from matcher.errors import JieduiError
from matcher.scenario.read import scenario_of
from matcher.whatif.ask import answer
from matcher.whatif.folder import places

from .months import csv_text
from .oracle import months

RUNS = int(os.environ.get("JIEDUI_SCENARIOS", "") or 25)
Month = tuple[dict[str, list[dict[str, Any]]], dict[str, Any]]
MAY_DIFFER = {"run.json", "findings.csv"}


class Changer:
    """Changes of a random month: as words for the command, and by hand in its rows and its policy."""

    def __init__(self, seed: int, month: Month, folder: Path) -> None:
        self.rng = random.Random(f"scenario {seed}")  # noqa: S311 - made-up data
        self.tables, self.policy = copy.deepcopy(month)
        self.folder, self.said = folder, []  # type: ignore[var-annotated]
        self.removed: set[str] = set()

    def make(self) -> list[tuple[str, str]]:
        """Make a few changes, each kind at most once, in any order; return the words."""
        kinds: list[Callable[[], None]] = [
            self.threshold, self.by_rank, self.order, self.remove_cadre, self.remove_unit, self.close, self.require, self.avoid,
            self.cadre_cell, self.household_cell, self.add_cadres, self.replace_welfare, self.default,
        ]
        chosen = self.rng.sample(kinds, self.rng.randint(1, 4))
        for kind in sorted(chosen, key=kinds.index, reverse=True):  # cells and files by hand before rows vanish
            kind()
        self.rng.shuffle(self.said)
        return self.said

    def put(self, section: str, key: str, value: Any) -> None:
        self.policy.setdefault(section, {})[key] = value

    def threshold(self) -> None:
        value = self.rng.choice([1000, 1500, 2000, 2400, 3000])
        self.put("eligibility", "income_threshold", value)
        self.said.append(("set", f"eligibility.income_threshold={value}"))

    def default(self) -> None:
        self.policy.get("duty", {}).pop("default", None)
        self.said.append(("set", "duty.default="))

    def by_rank(self) -> None:
        ranks = sorted({c["rank"] for c in self.tables["cadres"] if c["rank"]})
        if ranks:
            rank, value = self.rng.choice(ranks), self.rng.randint(0, 4)
            self.policy.setdefault("capacity", {}).setdefault("by_rank", {})[rank] = value
            self.said.append(("set", f"capacity.by_rank.{rank}={value}"))

    def order(self) -> None:
        order = ["coverage", *self.rng.sample(months.LATER, 3)]
        self.put("objectives", "order", order)
        self.said.append(("set", f"objectives.order={','.join(order)}"))

    def remove_cadre(self) -> None:
        if len(self.tables["cadres"]) > 1:
            gone = self.rng.choice(self.tables["cadres"])
            if gone["cadre_id"].startswith("C"):
                self.tables["cadres"].remove(gone)
                self.said.append(("remove-cadre", gone["cadre_id"]))

    def remove_unit(self) -> None:
        names = sorted({(c["county"], c["unit"]) for c in self.tables["cadres"]})
        county, unit = self.rng.choice(names)
        counties = {h["county"] for h in self.tables["households"]}
        rest = [c for c in self.tables["cadres"] if (c["county"], c["unit"]) != (county, unit)]
        other = any(u["unit"] == unit and u["county"] != county for u in self.tables["units"])
        if len(names) > len({u for _, u in names}) or len(counties) > 1 or not rest or other:
            return  # the same name in two counties: another test
        self.tables["cadres"] = rest
        self.tables["units"] = [u for u in self.tables["units"] if u["unit"] != unit]
        self.said.append(("remove-unit", unit))

    def close(self) -> None:
        county, town = self.rng.choice(sorted({(h["county"], h["township"]) for h in self.tables["households"]}))
        several = len({h["county"] for h in self.tables["households"]}) > 1
        quotas = self.policy.setdefault("townships", {}).setdefault("capacity", {})
        key = f"{county}/{town}" if several else town
        quotas[key] = 0
        self.said.append(("close-township", f"{county}/{town}" if county else town))

    def pair(self) -> tuple[str, str]:
        return self.rng.choice(self.tables["households"])["household_id"], self.rng.choice(self.tables["cadres"])["cadre_id"]

    def require(self) -> None:
        h, c = self.pair()
        if (h, c) not in [(r["household_id"], r["cadre_id"]) for r in self.tables["require"]]:
            self.tables["require"].append({"household_id": h, "cadre_id": c, "reason": ""})
        self.said.append(("require", f"{h}={c}"))

    def avoid(self) -> None:
        h, c = self.pair()
        if ("require", f"{h}={c}") in self.said:
            return
        if (h, c) not in [(r["household_id"], r["cadre_id"]) for r in self.tables["avoid"]]:
            self.tables["avoid"].append({"household_id": h, "cadre_id": c, "reason": ""})
        self.said.append(("avoid", f"{h}={c}"))

    def cadre_cell(self) -> None:
        row = self.rng.choice(self.tables["cadres"])
        if row["cadre_id"].startswith("C"):
            column, value = self.rng.choice([("capacity", "2"), ("duty", "1"), ("skills", "资金;技术"), ("available", "否"), ("rank", "")])
            row[column] = value
            self.said.append(("cadre", f"{row['cadre_id']}:{column}={value}"))
            self.removed.add(row["cadre_id"])

    def household_cell(self) -> None:
        row = self.rng.choice(self.tables["households"])
        column, value = self.rng.choice([("income", "700"), ("人均纯收入", "9000"), ("needs", "资金"), ("partners", "2"), ("income", "")])
        row["income" if column == "人均纯收入" else column] = value
        self.said.append(("household", f"{row['household_id']}:{column}={value}"))

    def add_cadres(self) -> None:
        row = {**self.rng.choice(self.tables["cadres"]), "cadre_id": "X1", "name": "新来", "capacity": "2"}
        file = self.folder / "more.csv"
        file.write_text(csv_text([row]), "utf-8")
        self.tables["cadres"].append(row)
        self.said.append(("add", f"cadres={file}"))

    def replace_welfare(self) -> None:
        home = self.rng.choice(self.tables["households"])
        row = {k: home[k] for k in ("id_number", "township", "village")} | {"name": home["head_name"], "category": "低保"}
        file = self.folder / "低保.csv"
        file.write_text(csv_text([row]), "utf-8")
        self.tables["welfare"] = [{**row, "valid_from": "", "valid_to": ""}]
        self.said.append(("replace", f"welfare={file}"))

    def clean(self) -> bool:
        """Whether no change by hand was undone by a later one (a cell of a cadre who was then removed)."""
        gone = {w for k, w in self.said if k == "remove-cadre"}
        left = {c["cadre_id"] for c in self.tables["cadres"]}
        required = {w.partition("=")[2] for k, w in self.said if k in ("require", "avoid")}
        return not gone & self.removed and (self.removed | required) <= left


def files(folder: Path) -> dict[str, bytes]:
    """Return a run's files that may not differ."""
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.name not in MAY_DIFFER}


def outcome(run: Callable[[], Any]) -> tuple[Any, int]:
    """Return what a call gives, and the exit status that it ends with."""
    try:
        return run(), 0
    except JieduiError as error:
        return None, error.exit_status


def try_one(seed: int, folder: Path) -> list[str]:
    """Return what differs between a random scenario's run and the fresh run of the month changed by hand."""
    folder.mkdir()
    size = "medium" if seed % 5 == 0 else "small"
    month = months.random_month(seed, size)
    original = read_month(months.write_month(folder / "2008-07", *month))
    changer = Changer(seed, month, folder)
    said = changer.make()
    if not said or not changer.clean():
        return []
    months.write_month(folder / "changed", changer.tables, changer.policy)
    fresh, code = outcome(lambda: match(read_month(folder / "changed")))
    scenario = scenario_of(said)
    (folder / "out").mkdir()
    found, status = outcome(lambda: answer(original, [scenario], places=lambda s: places(folder / "out", s, seed % 7 == 0, "")))
    if code != status:
        return [f"seed {seed} {said}: exit {status}, not {code}"]
    if fresh is None:
        return []
    fresh.write(folder / "fresh", workbook=seed % 7 == 0)
    written = next((folder / "out").iterdir())
    a, b = files(folder / "fresh"), files(written)
    wrong = [name for name in a.keys() | b.keys() if a.get(name) != b.get(name)]
    told = found.comparisons[0].record()
    return [f"seed {seed} {said}: {name} differs" for name in wrong] + compared(seed, match(original), fresh, told)


def compared(seed: int, base: Run, fresh: Run, told: dict[str, Any]) -> list[str]:
    """Return what the comparison says otherwise than the two rosters."""
    before, after = ({h for h, _ in run.pairs} for run in (base, fresh))
    moved = {h for h in before & after if {c for k, c in base.pairs if k == h} != {c for k, c in fresh.pairs if k == h}}
    summary = json.loads(json.dumps(fresh.summary))
    wanted = {
        "newly_served": sorted(after - before), "no_longer_served": sorted(before - after),
        "objectives": summary["objectives"], "counts": summary["counts"],
    }
    plain = json.loads(json.dumps(told))
    bad = [f"seed {seed}: {key} is {plain[key]}, not {value}" for key, value in wanted.items() if plain[key] != value]
    return bad + [f"seed {seed}: changed"] * ({m["household_id"] for m in told["changed"]} != moved)


@pytest.mark.parametrize("start", range(0, RUNS, 5))
def test_scenarios_equal_fresh_runs(start: int, tmp_path: Path) -> None:
    """Random scenarios on random months: every file is what `match` writes of the changed month, every figure that of the two rosters."""
    assert [text for seed in range(start, min(start + 5, RUNS)) for text in try_one(seed, tmp_path / str(seed))] == []


def test_the_sample_is_not_idle(tmp_path: Path) -> None:
    """Most of the random scenarios change something and can be run."""
    changed = 0
    for seed in range(25):
        folder = tmp_path / str(seed)
        folder.mkdir()
        changer = Changer(seed, months.random_month(seed, "small"), folder)
        changed += bool(changer.make()) and changer.clean()
    assert changed >= 15
