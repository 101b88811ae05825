"""What-if beside the monthly run: whole processes on the sample county, in turn, in one run."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.campaign import command
from benchmarks.process import ROOT, measured
from cli import keep_freed_memory
from matcher.people.judge import judge
from matcher.people.permission import Permission
from matcher.pipeline import Month, changed, load_month, task_of
from matcher.scenario.read import scenario_of
from matcher.solve.near import Near
from matcher.solve.rounds import Task, solve

_MONTH = ROOT / "data" / "sample" / "2008-07"
_KEY = "eligibility.income_threshold"
_CADRE = "C112700261"
_CAP = 300.0
CADRES = 15
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
    """Return what a cadre's leaving takes, solved from the start and repaired: the solver's step alone, in turn, CPU seconds.

    Cadres are taken from all along the list; the middle one of all figures is told, and how far the cadres differ.

    Raises
    ------
    RuntimeError
        The repair was not taken, or gives another roster.
    """
    keep_freed_memory()  # as the command does
    month = load_month(_MONTH)
    judged = judge(month.tables, month.policy)
    some = [key for key, why in zip(judged.cadres.ids, judged.cadres.why_not, strict=True) if not why]
    task, near = task_of(month.policy), Near()
    solve(judged.instance, Permission(judged.instance), task, near)
    found = []
    for turn, cadre in enumerate(some[len(some) // CADRES // 2 :: len(some) // CADRES][:CADRES]):
        tell(f"repair, {turn + 1} of {CADRES}")
        found.append(_repaired(changed(month, scenario_of([("remove-cadre", cadre)])), task, near, repeats))
    columns = zip(*((full, repaired, full / repaired) for full, repaired in found), strict=True)
    full, repaired, times = (sorted(column) for column in columns)
    middle = CADRES // 2
    return [["a cadre fewer, solved from the start", f"{full[middle]:.3f}", "1.0"],
            [f"a cadre fewer, repaired: the middle of {CADRES} cadres", f"{repaired[middle]:.3f}",
             f"{times[middle]:.1f} ({times[0]:.1f} to {times[-1]:.1f})"]]


def _repaired(month: Month, task: Task, near: Near, repeats: int) -> tuple[float, float]:
    """Return the least processor time from the start, and repaired."""
    instance, best = judge(month.tables, month.policy).instance, [_CAP, _CAP]
    for _ in range(repeats):
        before, begin = near.repaired, time.process_time()
        full = solve(instance, Permission(instance), task)
        between = time.process_time()
        repaired = solve(instance, Permission(instance), task, near)
        best = [min(best[0], between - begin), min(best[1], time.process_time() - between)]
        del near.months[1:]
        if near.repaired == before or not all((getattr(repaired, side) == getattr(full, side)).all() for side in ("household", "cadre")):
            raise RuntimeError("the repair was not taken, or is wrong")
    return best[0], best[1]
