"""Whole peers and jiedui in turn on one month, all rosters valued."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.process import Measured, measured

CAP = 300.0
_TURNS = 3
_LONG = 60.0


@dataclass(frozen=True)
class Peer:
    """A peer that does the whole job; its name is its module's."""

    name: str
    title: str
    roster: str
    """What its roster must share with jiedui's: ``same`` (every pair), or ``served`` (who has how many cadres)."""


PEERS = (
    Peer("pairs", "OR-Tools flow, an arc per pair", "served"),
    Peer("pairs_tuned", "OR-Tools flow, an arc per pair, tuned", "served"),
    Peer("highs", "HiGHS (highspy) on the same hubs", "same"),
    Peer("highs_tuned", "HiGHS (highspy) on the same hubs, tuned on this county", "same"),
    Peer("linprog", "HiGHS by scipy's `linprog` on the same hubs", "same"),
)


@dataclass(frozen=True)
class Took:
    """What a whole peer took.

    Attributes
    ----------
    peer : Peer
    best, ours : Measured
        The quickest run, and jiedui's quickest in the same turns.
    runs : int
    stages : list of (str, float)
        The steps that it finished and their seconds, of the quickest run.
    agrees : bool
        Every run that ended breaks no rule, has jiedui's values at every level, and shares of its roster what it must.
    """

    peer: Peer
    best: Measured
    ours: Measured
    runs: int
    stages: list[tuple[str, float]]
    agrees: bool


def in_turn(month: Path, folder: Path, turns: int, only: frozenset[str], ours: Callable[[], Measured],
            valued: Callable[[list[Path]], list[dict[str, Any]]], values: dict[str, Any], tell: Callable[[str], object]) -> list[Took]:
    """Run jiedui and the peers one after the other, again and again; what is long, only once.

    Parameters
    ----------
    ours : callable
        Runs jiedui's whole process.
    valued : callable
        Rosters to what ``benchmarks.prepare`` tells of each.
    values : dict
        jiedui's objective values.
    """
    found: dict[str, list[tuple[Measured, list[tuple[str, float]], Path]]] = {p.name: [] for p in PEERS if not only or p.name in only}
    own: list[Measured] = []
    for turn in range(min(turns, _TURNS) if found else 0):
        tell(f"whole processes in turn, {turn + 1} of {min(turns, _TURNS)}")
        own.append(ours())
        for peer in PEERS:
            if peer.name in found and all(r.status == "ok" and r.seconds <= _LONG for r, *_ in found[peer.name]):
                found[peer.name].append(_run(peer, month, folder / f"whole-{peer.name}-{turn}", tell))
    rosters = [where / "roster.csv" for runs in found.values() for result, _, where in runs if result.status == "ok"]
    told = dict(zip(rosters, valued(rosters) if rosters else [], strict=True))
    took = []
    for peer in PEERS:
        runs = found.get(peer.name, [])
        if runs:
            best, stages, _ = min(runs, key=lambda r: (r[0].status != "ok", r[0].seconds))
            checks = [told[where / "roster.csv"] for result, _, where in runs if result.status == "ok"]
            same = all(agrees(peer, c, values) for c in checks)
            took.append(Took(peer, best, min(own, key=lambda r: r.seconds), len(runs), stages, same))
    return took


def agrees(peer: Peer, told: dict[str, Any], values: dict[str, Any]) -> bool:
    """Return whether a peer's roster is what it must be."""
    return bool(told["values"] == values and not told["broken"] and told[peer.roster])


def _run(peer: Peer, month: Path, out: Path, tell: Callable[[str], object]) -> tuple[Measured, list[tuple[str, float]], Path]:
    tell(f"whole process: {peer.title}")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    result = measured([sys.executable, "-m", "benchmarks.whole", peer.name, str(month), str(out)], CAP)
    times = out / "times.json"
    return result, json.loads(times.read_text("utf-8")) if times.exists() else [], out
