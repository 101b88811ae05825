"""One size measured: the month made, jiedui and the floor in turn, then every peer, all answers valued."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.process import ROOT, Measured, measured
from benchmarks.registry import BENCHMARKS, Benchmark
from benchmarks.whole.campaign import Took, in_turn

CAP = 60.0
_PATIENCE = 900.0
_SHORT = 10.0
Tell = Callable[[str], object]


@dataclass(frozen=True)
class Ours:
    """What jiedui took.

    Attributes
    ----------
    title : str
    best : Measured
        The quickest run.
    seconds : dict of str to float
        Its steps, as run.json tells them.
    """

    title: str
    best: Measured
    seconds: dict[str, float]


@dataclass(frozen=True)
class Theirs:
    """What a peer took.

    Attributes
    ----------
    peer : Benchmark
    best : Measured
        The quickest run.
    build, run : float or None
        Seconds in its process; None where it did not come so far.
    stages : str
        Where it was stopped: how many objectives it had done.
    values : dict or None
    broken : int
        Rules that its roster breaks.
    """

    peer: Benchmark
    best: Measured
    build: float | None
    run: float | None
    stages: str
    values: dict[str, Any] | None = None
    broken: int = 0

    @property
    def seconds(self) -> float | None:
        """Building and solving, no start, reading or writing."""
        return None if self.build is None or self.run is None else self.build + self.run


@dataclass(frozen=True)
class Section:
    """The figures of one size; ``whole`` are the peers that do the whole job, ``rows`` those of all tables."""

    size: str
    counts: dict[str, int]
    network: dict[str, int]
    values: dict[str, Any]
    floor: Measured | None
    ours: list[Ours]
    theirs: list[Theirs]
    whole: list[Took]
    rows: int
    repeats: int


def command() -> list[str]:
    """Return the command line of jiedui: the installed one, else the checkout's."""
    installed = Path(sys.executable).parent / "jiedui"
    return [str(installed)] if installed.exists() else [sys.executable, str(ROOT / "cli.py")]


def checked(words: list[str]) -> str:
    """Run a helper and return what it printed."""
    result = measured(words, _PATIENCE)
    if result.status != "ok":
        raise RuntimeError(f"{' '.join(words[1:4])}: {result.status}")
    return result.out


def campaign(size: str, folder: Path, repeats: int, peers: bool, only: frozenset[str], tell: Tell) -> Section:
    """Measure one size in a folder of its own."""
    tell(f"{size}: making the month")
    checked([sys.executable, "data/generate.py", str(folder), "--size", size, "--months", "2008-07"])
    month, case = folder / "2008-07", folder / "case"
    network: dict[str, int] = {}
    if size != "province":
        network = json.loads(checked([sys.executable, "-m", "benchmarks.prepare", str(month), str(case), *([] if peers else ["hubs"])]))
    floors: list[Measured] = []
    runs: dict[str, list[tuple[Measured, dict[str, float]]]] = {}
    summary: dict[str, Any] = {}
    rows = 0
    for turn in range(repeats):
        tell(f"{size}: jiedui and the floor, {turn + 1} of {repeats}")
        if network:
            paths = [str(month), str(case / "floor.npz"), str(folder / "out")]
            floors.append(measured([sys.executable, "-m", "benchmarks.floor", *paths], CAP))
        for title, words in (("without workbook", ["--no-workbook"]), ("with workbook", [])):
            if size == "province" and not words:
                continue
            result, summary, seconds, rows = _match(month, folder / "run", words, CAP if peers else _PATIENCE)
            runs.setdefault(title, []).append((result, seconds))
    values = {o["name"]: o["value"] for o in summary["objectives"]}

    def again() -> Measured:
        return _match(month, folder / "run", ["--no-workbook"], CAP)[0]

    def valued(rosters: list[Path]) -> list[dict[str, Any]]:
        words = [sys.executable, "-m", "benchmarks.prepare", str(month), str(case), *map(str, rosters)]
        return [json.loads(line) for line in checked(words).splitlines()]

    whole = in_turn(month, folder, repeats, only, again, valued, values, tell) if peers else []
    ours = [Ours(title, *min(found, key=lambda r: r[0].seconds)) for title, found in runs.items()]
    theirs = []
    for peer in BENCHMARKS if peers else ():
        if not only or peer.name in only:
            tell(f"{size}: {peer.title}")
            theirs.append(_peer(peer, case, folder, repeats))
    theirs = _valued(theirs, month, case, folder)
    floor = min(floors, key=lambda f: f.seconds) if floors else None
    return Section(size, summary["counts"], network, values, floor, ours, theirs, whole, rows, repeats)


def _match(month: Path, run: Path, words: list[str], cap: float) -> tuple[Measured, dict[str, Any], dict[str, float], int]:
    shutil.rmtree(run, ignore_errors=True)
    result = measured([*command(), "match", str(month), "--out", str(run), "--quiet", *words], cap)
    if result.status != "ok":
        raise RuntimeError(f"jiedui match: {result.status}")
    summary = json.loads((run / "summary.json").read_text("utf-8"))
    record = json.loads((run / "run.json").read_text("utf-8"))
    shutil.rmtree(run)
    return result, summary, record["seconds"], sum(counts["read"] for counts in record["rows"].values())


def _peer(peer: Benchmark, case: Path, folder: Path, repeats: int) -> Theirs:
    """Run a peer once, and again where that was short."""
    best: Theirs | None = None
    for turn in range(repeats):
        out = folder / f"{peer.name}-{turn}"
        out.mkdir()
        result = measured([sys.executable, "-m", "benchmarks.worker", peer.name, str(case), str(out)], CAP)
        times = out / "times.json"
        told: dict[str, Any] = {"stages": [], "of": 0, "build": None, "run": None}
        if times.exists():
            told |= json.loads(times.read_text("utf-8"))
        stages = f"{len(told['stages'])} of {told['of']} stages" if told["stages"] and result.status != "ok" else ""
        found = Theirs(peer, result, told["build"], told["run"] if result.status == "ok" else None, stages)
        if best is None or (found.best.status == "ok" and found.best.seconds < best.best.seconds):
            best = found
        if turn == 0:
            (folder / f"{peer.name}-answer").mkdir()
            if result.status == "ok":
                (out / "answer.npz").rename(folder / f"{peer.name}-answer" / "answer.npz")
        shutil.rmtree(out)
        if result.status != "ok" or result.seconds > _SHORT:
            break
    if best is None:
        raise ValueError("repeats must be at least 1")
    return best


def _valued(theirs: list[Theirs], month: Path, case: Path, folder: Path) -> list[Theirs]:
    answers = {t.peer.name: folder / f"{t.peer.name}-answer" / "answer.npz" for t in theirs}
    there = {name: path for name, path in answers.items() if path.exists()}
    if not there:
        return theirs
    lines = checked([sys.executable, "-m", "benchmarks.prepare", str(month), str(case), *map(str, there.values())]).splitlines()
    told = dict(zip(there, map(json.loads, lines), strict=True))
    return [replace(t, **told[t.peer.name]) if t.peer.name in told and t.best.status == "ok" else t for t in theirs]
