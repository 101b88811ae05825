"""Figures as Markdown: ratios first, with what they were measured on."""

from __future__ import annotations

import math
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.campaign import CAP, Ours, Section
from benchmarks.whole.campaign import CAP as WHOLE_CAP

_PACKAGES = ("numpy", "ortools", "highspy", "scipy", "networkx", "matching")
TARGETS = {"without workbook": "8 floors, 300 MB", "with workbook": "20 floors"}
WHOLE_TARGETS = {"pairs": 10, "highs": 15}
_COUNTY = ("county", "sample")


def machine() -> str:
    """Return the processor, cores, memory and versions."""
    try:
        model = next(line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines() if "model name" in line)
        memory = f", {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB"
    except (OSError, StopIteration, ValueError):
        model, memory = platform.processor() or platform.machine(), ""
    versions = [f"Python {platform.python_version()}", *(f"{name} {found}" for name in _PACKAGES if (found := _version(name)))]
    return f"{model}, {os.cpu_count()} cores{memory}, {platform.system()}; {', '.join(versions)}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def table(header: list[str], rows: list[list[str]]) -> list[str]:
    """Return a Markdown table; all columns but the first right-aligned."""
    return ["| " + " | ".join(header) + " |", "|---|" + "---:|" * (len(header) - 1), *("| " + " | ".join(r) + " |" for r in rows), ""]


def section(found: Section, ran: str) -> list[str]:
    """Return the lines of one size."""
    counts = found.counts
    size = (f"{counts['eligible']:,} eligible households, {counts['cadres']:,} cadres taking part, "
            f"{counts['permitted_pairs']:,} permitted pairs")
    hubs = f"; through hubs {found.network['nodes']:,} nodes and {found.network['arcs']:,} arcs" if found.network else ""
    lines = [f"## {found.size.capitalize()}", "", f"{size}{hubs}.", "", f"`{ran}` on {machine()}. Best of {found.repeats}.", ""]
    lines += _ours(found)
    if found.whole:
        lines += _whole(found)
    if found.theirs:
        lines += _theirs(found) + _values(found)
    return lines


def _ours(found: Section) -> list[str]:
    floor = found.floor
    rows = []
    if floor:
        rows.append(["the floor", f"{floor.seconds:.2f}", "1.0", f"{floor.megabytes:.0f}", "", ""])
    for ours in found.ours:
        floors = f"{ours.best.seconds / floor.seconds:.1f}" if floor else ""
        memory = f"{ours.best.megabytes:.0f}" + (f" (together {ours.best.together:.0f})" if ours.best.together else "")
        steps = ", ".join(f"{name} {seconds:.2f}" for name, seconds in ours.seconds.items())
        aim = TARGETS.get(ours.title, "") if found.size in _COUNTY else ""
        rows.append([f"`jiedui match`, {ours.title}", f"{ours.best.seconds:.2f}", floors, f"{memory}", steps, aim])
    return table(["whole process", "seconds", "floors", "MB", "of which, seconds", "at most"], rows)


def _whole(found: Section) -> list[str]:
    ours, rows = found.whole[0].ours, []
    rows.append(["`jiedui match --no-workbook`", f"{ours.seconds:.2f}", "1.0", "", f"{ours.megabytes:.0f}", "1.0", ""])
    for t in found.whole:
        megabytes = [f"{t.best.megabytes:.0f}", f"{t.best.megabytes / ours.megabytes:.1f}"]
        steps = ", ".join(f"{name} {seconds:.2f}" for name, seconds in t.stages)
        if t.best.status == "time-out":
            figures = [f"> {WHOLE_CAP:.0f}, time-out", ""]
        elif t.best.status != "ok" or not t.agrees:
            figures = [t.best.status if t.best.status != "ok" else "other values than jiedui's", ""]
        else:
            figures = [f"{t.best.seconds:.2f}", f"{t.best.seconds / ours.seconds:.1f}"]
        aim = f"{WHOLE_TARGETS[t.peer.name]} ×" if t.peer.name in WHOLE_TARGETS and found.size in _COUNTY else ""
        rows.append([t.peer.title, *figures, aim, *megabytes, f"{steps}; best of {t.runs}"])
    header = ["the same job, whole process", "seconds", "× jiedui's whole process", "aimed at", "MB", "× jiedui's", "of which, seconds"]
    told = ("The same job, whole process against whole process, in turn: reading, judging, the objectives in stages (coverage level by "
            "level), proof, draw, roster. Only what has jiedui's value at every level and serves the same households has a figure; "
            "peers on the hubs must have its very pairs.")
    return [told, "", *table(header, rows)]


def _theirs(found: Section) -> list[str]:
    ours = _plain(found)
    solve = ours.seconds.get("solve", math.nan)
    rows = []
    for t in found.theirs:
        seconds = t.seconds
        if seconds is None:
            verdict = t.best.status + (f" after {CAP:.0f} s" if t.best.status == "time-out" else "") + (f", {t.stages}" if t.stages else "")
            figures = [verdict, "", ""]
        else:
            figures = [f"{seconds:.2f}", f"{seconds / ours.best.seconds:.1f}", f"{seconds / solve:.1f}"]
        rows.append([t.peer.title, t.peer.says, *figures, f"{t.best.megabytes:.0f}", f"{t.best.megabytes / ours.best.megabytes:.1f}"])
    header = ["peer", "solves", "seconds to build and solve", "× jiedui's whole process", "× its solve, proof and draw", "MB", "× jiedui's"]
    return table(header, rows)


def _values(found: Section) -> list[str]:
    names = list(found.values)
    rows = [["jiedui", *(_shown(found.values[n]) for n in names), "0"]]
    rows += [[t.peer.title, *(_against(t.values[n], found.values[n]) for n in names), str(t.broken)] for t in found.theirs if t.values]
    told = "Objective values, in the policy's order; others by their difference to the optimum:"
    return [told, "", *table(["", *names, "rules broken"], rows)]


def _plain(found: Section) -> Ours:
    return next(o for o in found.ours if o.title == "without workbook")


def _shown(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _against(value: Any, best: Any) -> str:
    if value == best:
        return "="
    if isinstance(value, list):
        return " ".join(f"{a - b:+d}" for a, b in zip(value, best, strict=True))
    return f"{value - best:+d}"


def disagreeing(found: Section) -> list[str]:
    """Return peers that solve everything and have other values: a fault of one side."""
    apart = [t.peer.title for t in found.theirs if t.peer.whole and t.values and t.values != found.values]
    return apart + [f"{t.peer.title}, the whole job" for t in found.whole if not t.agrees]


def growth(sections: list[Section]) -> list[str]:
    """Return the exponent of whole processes' time against the rows of all tables, from each size to the next and over all."""
    steps = list(pairwise(sections))
    return [_exponent(a, b) for a, b in (*steps, *([(sections[0], sections[-1])] if len(steps) > 1 else []))]


def _exponent(small: Section, large: Section) -> str:
    rows = large.rows / small.rows
    time = _plain(large).best.seconds / _plain(small).best.seconds
    return (f"From {small.size} to {large.size}: rows of all tables × {rows:.1f} ({small.rows:,} to {large.rows:,}), time of the whole "
            f"process × {time:.1f}, rows^{math.log(time) / math.log(rows):.2f}.")


def merged(text: str, blocks: dict[str, list[str]]) -> str:
    """Return a document whose marked blocks are replaced; new ones come last."""
    for name, lines in blocks.items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        block = "\n".join([begin, *lines, end])
        if begin in text:
            text = text[: text.index(begin)] + block + text[text.index(end) + len(end) :]
        else:
            text = text.rstrip("\n") + "\n\n" + block + "\n"
    return text
