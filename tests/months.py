"""Small month folders for tests, and the command line called without a process of its own."""

from __future__ import annotations

import contextlib
import csv
import gc
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import settings

from matcher.api import Run, match, read_month

from .oracle.model import with_check_digit
from .oracle.months import toml_lines

Row = Mapping[str, object]
HERE = Path(__file__).parent.parent
CANARY = with_check_digit("00000019681123037")
"""An ID number of a region that does not exist; no message may show it whole."""


def household(**cells: object) -> dict[str, object]:
    """Return a row of an eligible household; cells replace or add to it."""
    return {"household_id": "H1", "head_name": "王大山", "township": "鹤溪镇", "village": "东村", "income": "1000", **cells}


def cadre(**cells: object) -> dict[str, object]:
    """Return a row of a cadre who takes part; cells replace or add to it."""
    return {"cadre_id": "C1", "name": "李明", "unit": "农业局", **cells}


def households(many: int, **cells: object) -> list[dict[str, object]]:
    """Return rows H1, H2, … that differ in id and name."""
    return [household(household_id=f"H{k}", head_name=f"户主{k}", **cells) for k in range(1, many + 1)]


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return a tree of sections with another's values in it."""
    out = dict(base)
    for key, value in over.items():
        out[key] = merged(out.get(key, {}), value) if isinstance(value, Mapping) else value
    return out


POLICY: dict[str, Any] = {"programme": {"name": "试", "month": "2008-07", "language": "en"}, "eligibility": {"income_threshold": 2500}}


def csv_text(rows: Sequence[Row]) -> str:
    """Return rows as CSV, every column that any of them has."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write_month(folder: Path, policy: Mapping[str, Any] | None = None, **tables: Sequence[Row]) -> Path:
    """Write a month folder: one eligible household and one cadre unless others are given, and a policy with changes."""
    folder.mkdir(parents=True, exist_ok=True)
    every: dict[str, Sequence[Row]] = {"households": [household()], "cadres": [cadre()], **tables}
    for name, rows in every.items():
        if rows:
            (folder / f"{name}.csv").write_text(csv_text(rows), "utf-8")
    (folder / "policy.toml").write_text("\n".join(toml_lines(merged(POLICY, policy or {}))), "utf-8")
    return folder


class Solved:
    """A month's run as the interface from Python tells it."""

    def __init__(self, folder: Path) -> None:
        self.run: Run = match(read_month(folder))

    @property
    def decisions(self) -> dict[str, str]:
        """household_id to decision."""
        frame = self.run.decisions
        return dict(zip(frame["household_id"], frame["decision"], strict=True))

    @property
    def evidence(self) -> dict[str, str]:
        """household_id to evidence."""
        frame = self.run.decisions
        return dict(zip(frame["household_id"], frame["evidence"], strict=True))

    @property
    def findings(self) -> list[dict[str, Any]]:
        """Rows of findings.csv."""
        return list(self.run.findings.to_dict("records"))  # type: ignore[arg-type]

    @property
    def codes(self) -> list[str]:
        """Codes of the findings, sorted."""
        return sorted(self.run.findings["code"])

    @property
    def cadres(self) -> dict[str, dict[str, Any]]:
        """cadre_id to row of cadres.csv."""
        return {row["cadre_id"]: row for row in self.run.cadres.to_dict("records")}  # type: ignore[misc]

    @property
    def why_not(self) -> dict[str, str]:
        """cadre_id to why not."""
        return {key: row["why_not"] for key, row in self.cadres.items()}

    @property
    def permitted(self) -> set[tuple[str, str]]:
        """All permitted pairs, counted twice: as the graph and as the summary's number."""
        edges = (dict(edge) for edge in self.run.graph.to_networkx().edges)
        found = {(ends["household"], ends["cadre"]) for ends in edges}
        assert len(found) == self.counts["permitted_pairs"]
        return found

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The roster."""
        return self.run.pairs

    @property
    def objectives(self) -> dict[str, Any]:
        """Name to value, in the policy's order."""
        return {o["name"]: o["value"] for o in self.run.summary["objectives"]}

    @property
    def counts(self) -> dict[str, int]:
        """What summary.json counts."""
        return dict(self.run.summary["counts"])

    @property
    def changes(self) -> list[dict[str, Any]]:
        """Rows of changes.csv."""
        return list(self.run.changes.to_dict("records"))  # type: ignore[arg-type]


def judged(folder: Path, policy: Mapping[str, Any] | None = None, **tables: Sequence[Row]) -> Solved:
    """Write a month and run it."""
    return Solved(write_month(folder, policy, **tables))


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def both(self) -> str:
        """Everything that was printed."""
        return self.out + self.err

    def json(self) -> Any:
        """Return stdout as JSON."""
        return json.loads(self.out)


@contextlib.contextmanager
def _streams() -> Iterator[tuple[io.TextIOWrapper, io.TextIOWrapper]]:
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        yield out, err


def command(*words: object, lang: str = "en") -> Said:
    """Run the command line in this process; whatever it changes in the process is put back."""
    import cli

    argv = ["jiedui", *map(str, words)]
    environment = {"LC_ALL": "zh_CN.UTF-8" if lang == "zh" else "C.UTF-8"}
    with _streams() as (out, err), patch.object(sys, "argv", argv), patch.dict(os.environ, environment):
        try:
            code = cli.run()
        finally:
            gc.enable()
        out.flush()
        err.flush()
    return Said(code, *(stream.buffer.getvalue().decode() for stream in (out, err)))  # type: ignore[attr-defined]


def csv_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file of a run."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def environment(**values: str) -> dict[str, str]:
    """Return an environment for a child process that can import the checkout, with values of its own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "PYTHON"))}
    return {**kept, "PYTHONPATH": str(HERE), **values}


def examples(many: int = 100) -> settings:
    """Return settings of a property test: a fixed sample, the same on every machine, and no clock."""
    return settings(max_examples=many, deadline=None, derandomize=True, database=None)


CLI = (sys.executable, str(HERE / "cli.py"))
"""The command line as a process of its own."""


def accounted(run: Path) -> dict[str, dict[str, int]]:
    """Return the rows read, judged and refused by table, as run.json says them."""
    return dict(json.loads((run / "run.json").read_text("utf-8"))["rows"])
