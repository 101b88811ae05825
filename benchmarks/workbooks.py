"""``python -m benchmarks.workbooks``: how long a large workbook takes to be read and judged, and how much memory its parser.

Makes a month whose households stand in one .xlsx of so many rows (100,000 unless given), beside as many cadres as go with them, and
reads and judges it in processes of their own: seconds beyond the interpreter's start and the imports.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import xlsxwriter

from benchmarks.process import ROOT

READER = """
import gc, json, resource, sys, time
from pathlib import Path
gc.disable()
import openpyxl, python_calamine
from matcher.pipeline import load_month
from matcher.people.judge import judge
begun = time.perf_counter(), sum(resource.getrusage(r).ru_utime + resource.getrusage(r).ru_stime for r in (0, -1))
month = load_month(Path(sys.argv[1]))
read = time.perf_counter()
judge(month.tables, month.policy)
done = time.perf_counter()
used = sum(resource.getrusage(r).ru_utime + resource.getrusage(r).ru_stime for r in (0, -1))
print(json.dumps({"rows": len(month.tables["households"]), "read": read - begun[0], "judge": done - read, "processor": used - begun[1],
                  "parser": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
                  "whole": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def make(folder: Path, rows: int, kind: str) -> Path:
    """Write a month whose households' table has so many rows, as .xlsx or .csv, and return its folder."""
    words = [sys.executable, str(ROOT / "data" / "generate.py"), str(folder), "--size", str(rows * 10 // 13 + 1000)]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own generator
    month = folder / "2008-07"
    path = month / "households.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))[: rows + 1]
    for name in ("members", "welfare", "roster", "avoid", "require"):
        (month / f"{name}.csv").unlink(missing_ok=True)
    if kind == "xlsx":
        path.unlink()
        with xlsxwriter.Workbook(str(path.with_suffix(".xlsx"))) as book:
            sheet = book.add_worksheet("低收入农户")
            for at, line in enumerate(lines):
                for column, cell in enumerate(line):
                    if cell:
                        sheet.write_string(at, column, cell)
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(lines)
    return month


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workbooks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--kind", choices=("xlsx", "csv"), default="xlsx")
    parser.add_argument("--repeats", type=int, default=5)
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        month = make(Path(folder), said.rows, said.kind)
        found = []
        for _ in range(said.repeats):
            words = [sys.executable, "-c", READER, str(month)]
            out = subprocess.run(words, check=True, capture_output=True, text=True, cwd=ROOT).stdout  # noqa: S603 - ourselves
            found.append(json.loads(out))
            print({key: round(value, 2) for key, value in found[-1].items()}, flush=True)
    best = min(found, key=lambda f: f["read"] + f["judge"])
    print(f"{best['rows']} rows of {said.kind}: read {best['read']:.2f} s + judged {best['judge']:.2f} s (best of {said.repeats}); "
          f"parser at most {max(f['parser'] for f in found):.0f} MB, the whole {max(f['whole'] for f in found):.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
