"""What-if beside the monthly run: whole processes on the sample county, in turn, in one run."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.campaign import command
from benchmarks.process import ROOT, measured

_MONTH = ROOT / "data" / "sample" / "2008-07"
_KEY = "eligibility.income_threshold"
_CAP = 300.0
FEW, MANY = 3, 11
"""Values of two sweeps: what they differ by is the price of a further value."""


def _words() -> dict[str, list[str]]:
    """Return what is measured, by title."""
    def sweep(upto: int, step: int = 20, start: int = 2400) -> list[str]:
        return ["whatif", str(_MONTH), "--sweep", f"{_KEY}={start}:{upto}:{step}", "--no-kinks"]

    return {
        "`match --no-workbook`": ["match", str(_MONTH), "--no-workbook"],
        "`whatif`, the line at 2,900": ["whatif", str(_MONTH), "--set", f"{_KEY}=2900"],
        "`whatif`, one cadre fewer": ["whatif", str(_MONTH), "--remove-cadre", "C112700261"],
        f"a sweep of {FEW} values": sweep(2400 + 20 * (FEW - 1)),
        f"a sweep of {MANY} values": sweep(2400 + 20 * (MANY - 1)),
        "26 thresholds, 2,000 to 3,000 by 40": sweep(3000, 40, 2000),
    }


def measure(repeats: int, tell: Callable[[str], object]) -> list[list[str]]:
    """Return a row for each command (title, seconds, ratio to the monthly run), then what a further value of a sweep takes."""
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
    month, *_, few, many, _ = best.values()
    further = (many - few) / (MANY - FEW)
    rows = [[title, f"{seconds:.2f}", f"{seconds / month:.2f}"] for title, seconds in best.items()]
    return [*rows, ["a further value of a sweep", f"{further:.2f}", f"{further / month:.2f}"]]
