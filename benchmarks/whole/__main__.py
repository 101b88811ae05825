"""A whole peer: ``python -m benchmarks.whole PEER MONTH OUT``; OUT gets ``roster.csv`` and ``times.json``."""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from pathlib import Path

from benchmarks.whole.month import judged, write_roster


def main() -> None:
    """Read, judge, solve in stages, draw, write; every finished stage is noted at once, in case the cap comes."""
    name, month, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    told: list[tuple[str, float]] = []
    last = time.perf_counter()

    def done(stage: str) -> None:
        nonlocal last
        told.append((stage, round(time.perf_counter() - last, 3)))
        last = time.perf_counter()
        (out / "times.json").write_text(json.dumps(told), "utf-8")

    given = judged(month)
    done("judge")
    write_roster(out / "roster.csv", given, *import_module(f"benchmarks.whole.{name}").pairs(given, done))


if __name__ == "__main__":
    main()
