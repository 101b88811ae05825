"""A peer in a process of its own: ``python -m benchmarks.worker PEER CASE OUT``; OUT gets ``answer.npz`` and ``times.json``."""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.registry import named


def main() -> None:
    """Import, load, then measure building and solving; note every finished stage at once, in case the cap comes."""
    name, case, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    peer = named(name)
    for module in (*peer.imports, f"benchmarks.peers.{peer.module}"):
        import_module(module)
    month = peer.load(case / peer.file)
    told: dict[str, Any] = {"stages": [], "of": len(month.order), "build": None, "run": None}

    def note() -> None:
        (out / "times.json").write_text(json.dumps(told), "utf-8")

    def done(stage: str) -> None:
        told["stages"].append(stage)
        note()

    note()
    begin = time.perf_counter()
    built = peer.built(month)
    told["build"] = time.perf_counter() - begin
    note()
    begin = time.perf_counter()
    found = peer.found(built, done)
    told["run"] = time.perf_counter() - begin
    found.save(out / "answer.npz")
    note()


if __name__ == "__main__":
    main()
