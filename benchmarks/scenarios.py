"""What-if beside the monthly run: whole processes on the sample county, in turn, in one run."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.campaign import command
from benchmarks.process import ROOT, measured
from cli import keep_freed_memory
from matcher.domain import Instance
from matcher.people.judge import judge
from matcher.people.permission import Permission
from matcher.pipeline import Month, changed, load_month, task_of
from matcher.scenario.read import scenario_of
from matcher.solve.near import Near
from matcher.solve.rounds import solve

_MONTH = ROOT / "data" / "sample" / "2008-07"
_KEY = "eligibility.income_threshold"
_CADRE = "C112700261"
_CAP = 300.0
FEW, MANY = 3, 11
"""Values of two sweeps: what they differ by is the price of a further value."""


def _words() -> dict[str, list[str]]:
    """Return what is measured, by title."""
    def sweep(upto: int, step: int = 20, start: int = 2400) -> list[str]:
        return ["whatif", str(_MONTH), "--sweep", f"{_KEY}={start}:{upto}:{step}", "--no-kinks"]

    return {
        "`match --no-workbook`": ["match", str(_MONTH), "--no-workbook"],
        "`whatif`, nothing changed": ["whatif", str(_MONTH), "--set", f"{_KEY}=2500"],
        "`whatif`, the line at 2,900": ["whatif", str(_MONTH), "--set", f"{_KEY}=2900"],
        "`whatif`, one cadre fewer": ["whatif", str(_MONTH), "--remove-cadre", _CADRE],
        f"a sweep of {FEW} values": sweep(2400 + 20 * (FEW - 1)),
        f"a sweep of {MANY} values": sweep(2400 + 20 * (MANY - 1)),
        "26 thresholds, 2,000 to 3,000 by 40": sweep(3000, 40, 2000),
    }


def measure(repeats: int, tell: Callable[[str], object]) -> list[list[str]]:
    """Return a row for each command (title, seconds, ratio to the monthly run), then what a scenario and a further value add."""
    best: dict[str, float] = {}
    for turn in range(repeats):
        tell(f"what-if, {turn + 1} of {repeats}")
        for title, words in _words().items():
            with tempfile.TemporaryDirectory() as folder:
                out = ["--out", str(Path(folder) / "run")] if words[0] == "match" else []
                took = measured([*command(), *words, *out, "--quiet"], _CAP)
            if took.status != "ok":
                raise RuntimeError(f"{title}: {took.status}")
            best[title] = min(best.get(title, took.seconds), took.seconds)
    month, base, _, scenario, few, many, _ = best.values()
    further = {"a scenario (one cadre fewer) beyond the month as it is": scenario - base,
               "a further value of a sweep": (many - few) / (MANY - FEW)}
    return [[title, f"{seconds:.2f}", f"{seconds / month:.2f}"] for title, seconds in [*best.items(), *further.items()]]


def repair(repeats: int, tell: Callable[[str], object]) -> list[list[str]]:
    """Return what one cadre's change takes, solved from the start and repaired: the solver's step alone, in turn, CPU seconds.

    Raises
    ------
    RuntimeError
        The repair was not taken, or gives another roster.
    """
    keep_freed_memory()  # as the command does
    month = load_month(_MONTH)
    before, after = (_judged(m) for m in (month, changed(month, scenario_of([("remove-cadre", _CADRE)]))))
    task, near = task_of(month.policy), Near()
    solve(before, Permission(before), task, near)
    best = [_CAP, _CAP]
    for turn in range(repeats):
        tell(f"repair, {turn + 1} of {repeats}")
        begin = time.process_time()
        full = solve(after, Permission(after), task)
        between = time.process_time()
        repaired = solve(after, Permission(after), task, near)
        best = [min(best[0], between - begin), min(best[1], time.process_time() - between)]
        del near.months[1:]
        same = all((getattr(repaired, side) == getattr(full, side)).all() for side in ("household", "cadre"))
        if near.repaired <= turn or not same:
            raise RuntimeError("the repair was not taken, or is wrong")
    titles = ("one cadre fewer, solved from the start", "one cadre fewer, repaired")
    return [[title, f"{seconds:.3f}", f"{best[0] / seconds:.1f}"] for title, seconds in zip(titles, best, strict=True)]


def _judged(month: Month) -> Instance:
    return judge(month.tables, month.policy).instance
