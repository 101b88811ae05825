"""``python -m benchmarks``: jiedui, the floor and every peer on the same months in one run; figures into docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks import report, scenarios
from benchmarks.campaign import Section, campaign
from benchmarks.orlib import measure
from benchmarks.process import ROOT
from benchmarks.registry import BENCHMARKS
from benchmarks.whole.campaign import PEERS

WHAT_IF = "what-if"
PAGE = ROOT / "docs" / "benchmarks.md"
SIZES = ("county", "prefecture", "province")


def tell(text: str) -> None:
    """Say what is being done."""
    print(text, file=sys.stderr, flush=True)


def options() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", default="county", help="county, prefecture, province, or a number of households; peers run up to 20,000")
    parser.add_argument("--all", action="store_true", help="county, prefecture and province, and the growth from one to the next")
    parser.add_argument("--quick", action="store_true", help="one turn, no peer that takes more than about 20 s, no page written")
    known = ", ".join(b.name for b in (*PEERS, *BENCHMARKS))
    parser.add_argument("--only", default="", help=f"some peers: {known}; or {WHAT_IF} alone; no page written")
    parser.add_argument("--repeats", type=int, help="turns of what is short, the best counts (5; prefecture 2, province 1)")
    return parser.parse_args()


QUICK = frozenset({"pairs", "highs", "ortools-stages", "ortools-guess", "ortools-weights", "highs-hubs", "highs-hubs-weights",
                   "matching-sparse", "greedy"})
REPEATS = {"prefecture": 2, "province": 1}


def main() -> int:
    """Measure and report."""
    said = options()
    only = frozenset(said.only.split(",")) if said.only else QUICK if said.quick else frozenset()
    sections: list[Section] = []
    blocks: dict[str, list[str]] = {}
    ran = " ".join(["python -m benchmarks", *sys.argv[1:]])
    sizes = () if said.only == WHAT_IF else SIZES if said.all else (said.size,)
    for size in sizes:
        repeats = said.repeats or (1 if said.quick else REPEATS.get(size, 5))
        with tempfile.TemporaryDirectory() as folder:
            sections.append(campaign(size, Path(folder), repeats, size not in REPEATS, only, tell))
        blocks[size] = report.section(sections[-1], ran)
        print("\n".join(blocks[size]), flush=True)
    if len(sections) > 1:
        blocks["growth"] = ["## Growth", "", *(f"- {line}" for line in report.growth(sections)), ""]
        print("\n".join(blocks["growth"]), flush=True)
    rows = measure(tell) if "county" in blocks and not said.only else []
    if rows:
        blocks["orlib"] = ["## Assignment problems of the OR-Library", "",
                           *report.table(["problem", "optimum", "cost of the roster", "seconds, whole process", "MB"], rows)]
        print("\n".join(blocks["orlib"]), flush=True)
    if said.size == "county" and not said.quick and only <= {WHAT_IF}:
        header = ["whole process", "seconds", "× the monthly run's"]
        blocks["what-if"] = ["## What-if", "", f"`{ran}` on {report.machine()}. The month as it is is run in each.", "",
                             *report.table(header, scenarios.measure(said.repeats or 3, tell)),
                             "", *report.table(["the solver's step alone", "seconds, CPU", "times as fast"],
                                               scenarios.repair(2 * (said.repeats or 3), tell))]
        print("\n".join(blocks["what-if"]), flush=True)
    if not said.quick and not said.only and said.size in SIZES:
        PAGE.write_text(report.merged(PAGE.read_text("utf-8"), blocks), "utf-8")
    wrong = [title for found in sections for title in report.disagreeing(found)] + [row[0] for row in rows if row[1] != row[2]]
    for title in wrong:
        tell(f"DISAGREES: {title}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
