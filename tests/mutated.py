"""``python -m tests.mutated FOLDER FILE KIND COUNT``: read a month over and over, with one of its files spoilt each time.

A process of its own, with nothing loaded but what reads: what forks from it for each file is as small as it can be.
"""

from __future__ import annotations

import codecs
import importlib
import json
import random
import sys
from pathlib import Path

from matcher.errors import InputError
from matcher.tables.month import read_tables


def spoilt(data: bytes, rng: random.Random) -> bytes:
    """Return bytes with one flipped, cut off, some doubled, zeroed put in, or some overwritten at random."""
    at, size = rng.randrange(len(data)), rng.choice((1, 1, 4, 64))
    return {
        0: data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :],
        1: data[:at],
        2: data[: at + size] + data[at:],
        3: data[:at] + bytes(size) + data[at + size :],
        4: data[:at] + rng.randbytes(size) + data[at + size :],
    }[rng.randrange(5)]


def _load(name: str) -> None:
    """Load what every fork would load for itself; pyarrow starts threads, and what has threads should not fork."""
    if name.endswith((".xlsx", ".xls")):
        for module in ("lxml.html", "python_calamine"):
            importlib.import_module(module)
        for encoding in ("cp437", "gb18030", "utf-16-le"):
            codecs.lookup(encoding)


def main(folder: Path, name: str, kind: str, count: int) -> dict[str, object]:
    """Return how many files were made and how many refused, and the texts of refusals that say nothing or hold a gap.

    Whatever is neither read nor refused ends the process with its traceback, the file beside.
    """
    _load(name)
    rng = random.Random(kind)  # noqa: S311 - which bytes does not matter
    path = folder / name
    data, refused, unsaid = path.read_bytes(), 0, []
    for _ in range(count):
        path.write_bytes(spoilt(data, rng))
        try:
            read_tables(folder)
        except InputError as error:
            refused += 1
            told = [error.summary, *(f.message for f in error.findings)]
            unsaid += [m.text for m in told if not m.render("zh") or "{" in m.render("en")]
    return {"made": count, "refused": refused, "unsaid": unsaid}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))))
