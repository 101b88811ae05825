"""The benchmarks compare like with like: on a small month every peer reaches what it claims to reach."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from benchmarks import report
from benchmarks.campaign import Ours, Section
from benchmarks.prepare import Subject
from benchmarks.problem import Hubs, Pairwise
from benchmarks.process import ROOT, Measured, measured
from benchmarks.registry import BENCHMARKS, Benchmark, named
from benchmarks.whole.campaign import PEERS, Peer, Took, agrees

sys.path.insert(0, str(ROOT / "data"))

from generate import write

SLOW = {"cp-sat"}
SEPARATE = {"highspy"}
"""OR-Tools and highspy cannot be imported in one process."""


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    """Return a month of 150 households."""
    return Subject(write(tmp_path_factory.mktemp("month"), 150, ["2008-07"])[0])


@pytest.fixture(scope="module")
def given(subject: Subject) -> dict[str, Hubs | Pairwise]:
    """Return what the peers are given."""
    return {"hubs": subject.hubs(), "pairs": subject.pairwise()}


@pytest.fixture(scope="module")
def best(subject: Subject) -> dict[str, Any]:
    """Return the engine's values."""
    return dict(subject.run.outcome.objectives)


def here(peer: Benchmark) -> bool:
    """Return whether a peer can be called in this process."""
    return all(find_spec(module.split(".")[0]) for module in peer.imports) and not SEPARATE & set(peer.imports)


IN_PROCESS = [b for b in BENCHMARKS if here(b) and b.name not in SLOW]


def answered(peer: Benchmark, subject: Subject, given: dict[str, Hubs | Pairwise]) -> dict[str, Any]:
    """Return the values of a peer's answer."""
    return subject.value(peer.found(peer.built(given[peer.network])))


@pytest.mark.parametrize("peer", [b for b in IN_PROCESS if b.whole], ids=lambda b: b.name)
def test_whole_peers_reach_the_same_values(peer: Benchmark, subject: Subject, given: dict[str, Any], best: dict[str, Any]) -> None:
    """A peer that claims to solve everything has the engine's value at every objective, and breaks no rule."""
    assert answered(peer, subject, given) == {"values": best, "broken": 0}


def ranked(values: dict[str, Any]) -> list[int]:
    """Return values as one list that is larger where the roster is better."""
    return [n for name, v in values.items() for n in (v if isinstance(v, list) else [-v if name == "balance" else v])]


@pytest.mark.parametrize("peer", [b for b in IN_PROCESS if not b.whole], ids=lambda b: b.name)
def test_no_peer_that_keeps_the_rules_is_better(peer: Benchmark, subject: Subject, given: dict[str, Any], best: dict[str, Any]) -> None:
    """A peer that solves a part does not beat the optimum unless it breaks rules."""
    found = answered(peer, subject, given)
    assert found["broken"] or ranked(found["values"]) <= ranked(best)


def test_the_assignment_solvers_agree(given: dict[str, Any]) -> None:
    """Both of scipy's solvers reach the same sum of weights, so neither is handicapped by how it is asked."""
    from scipy.optimize import linear_sum_assignment
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    from benchmarks.peers.scipy_matching import build_dense, build_sparse

    month, table = build_dense(given["pairs"])
    _, cells = build_sparse(month)
    full = table[linear_sum_assignment(table)].sum()
    alone = cells[0, len(month.chairs[0])]
    assert cells[min_weight_full_bipartite_matching(cells)].sum() - alone * len(month.places[0]) == full


@pytest.mark.skipif(find_spec("highspy") is None, reason="highspy is not installed")
@pytest.mark.parametrize("name", ["highs-hubs", "highs-pairs"])
def test_highs_reaches_the_same_values(name: str, subject: Subject, given: dict[str, Any], best: dict[str, Any], tmp_path: Path) -> None:
    """HiGHS, in a process of its own as benchmarks run it, has the engine's value at every objective."""
    from benchmarks.problem import save
    from benchmarks.solution import load

    peer = named(name)
    save(tmp_path / peer.file, given[peer.network])
    result = measured([sys.executable, "-m", "benchmarks.worker", name, str(tmp_path), str(tmp_path)], 60)
    assert result.status == "ok"
    assert subject.value(load(tmp_path / "answer.npz")) == {"values": best, "broken": 0}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    """Return a month of 600 households, in which lots are drawn."""
    found = Subject(write(tmp_path_factory.mktemp("small"), 600, ["2008-07"])[0])
    assert found.run.outcome.drawn
    return found


def whole(peer: Peer, subject: Subject, out: Path) -> tuple[dict[str, Any], list[str]]:
    """Return what is told of a whole peer's roster, and the steps that it went through."""
    folder = subject.run.outcome.source.folder
    result = measured([sys.executable, "-m", "benchmarks.whole", peer.name, str(folder), str(out)], 120)
    assert result.status == "ok"
    return subject.value_roster(out / "roster.csv"), [name for name, _ in json.loads((out / "times.json").read_text("utf-8"))]


@pytest.mark.parametrize("peer", PEERS, ids=lambda p: p.name)
def test_whole_peers_do_the_whole_job(peer: Peer, small: Subject, tmp_path: Path) -> None:
    """A whole peer has the engine's value at every level and serves whom the engine serves; on the hubs it has the very pairs.

    So its draw is the engine's: the households' lot decides for some of this month.
    """
    if peer.name.startswith("highs") and find_spec("highspy") is None:
        pytest.skip("highspy is not installed")
    told, steps = whole(peer, small, tmp_path)
    values = dict(small.run.outcome.objectives)
    assert agrees(peer, told, values)
    levels = len({*small.pairwise().levels.tolist()})
    wanted = [name for name in small.order for _ in range(levels if name == "coverage" else 1)]
    assert [s for s in steps if s not in ("judge", "build")] == [*wanted, "household_draw", "arc_draw"]


def test_another_roster_does_not_agree(small: Subject, tmp_path: Path) -> None:
    """A roster without one of its pairs, or with two cadres changed for each other, does not pass as the engine's."""
    pairs = small.run.outcome.pairs
    peer, values = next(p for p in PEERS if p.roster == "same"), dict(small.run.outcome.objectives)

    def told(rows: list[tuple[str, str]]) -> dict[str, Any]:
        path = tmp_path / "roster.csv"
        path.write_text("\n".join(["household_id,cadre_id", *map(",".join, rows)]) + "\n", "utf-8")
        return small.value_roster(path)

    first, other = pairs[0], next(p for p in pairs if p[1] != pairs[0][1])
    changed = [(first[0], other[1]), (other[0], first[1]), *(p for p in pairs if p not in (first, other))]
    assert agrees(peer, told(pairs), values)
    assert not agrees(peer, told(pairs[1:]), values)
    assert not agrees(peer, told(changed), values)
    assert told(changed)["served"]
    assert not told(pairs[1:])["served"]


def section(size: str, rows: int, seconds: float, *took: Took) -> Section:
    """Return made-up figures of one size."""
    ours = Ours("without workbook", Measured("ok", seconds, 100.0, 0.0, ""), {"solve": 1.0})
    counts = {"eligible": 1, "cadres": 1, "permitted_pairs": 1}
    return Section(size, counts, {}, {}, None, [ours], [], [*took], rows, 1)


def test_only_what_agrees_has_a_figure() -> None:
    """A whole peer's seconds and ratio are shown if it ended with the engine's values, else why there are none."""
    ours = Measured("ok", 2.0, 100.0, 0.0, "")
    good = Took(PEERS[0], Measured("ok", 24.0, 500.0, 0.0, ""), ours, 3, [("judge", 1.0)], True)
    wrong, late = replace(good, agrees=False), replace(good, best=Measured("time-out", 300.0, 500.0, 0.0, ""))
    shown = [[cell.strip() for cell in line.split("|")] for t in (good, wrong, late)
             for line in report.section(section("county", 10, 1.5, t), "x") if "OR-Tools flow" in line]
    assert [row[2:5] for row in shown] == [
        ["24.00", "12.0", "10 ×"], ["other values than jiedui's", "", "10 ×"], ["> 300, time-out", "", "10 ×"],
    ]
    assert report.disagreeing(section("county", 10, 2.0, good, late)) == []
    assert len(report.disagreeing(section("county", 10, 2.0, wrong))) == 1


def test_growth_is_told_step_by_step() -> None:
    """Ten times the rows in ten times the time is the exponent 1, in a hundred times 2; then over all."""
    lines = report.growth([section("county", 100, 1.0), section("prefecture", 1000, 10.0), section("province", 10_000, 1000.0)])
    assert [line.rsplit(" ", 1)[1] for line in lines] == ["rows^1.00.", "rows^2.00.", "rows^1.50."]


def test_a_time_out_is_not_ok() -> None:
    """What does not end in time is called so, and what fails is told by its last words."""
    assert measured([sys.executable, "-c", "import time; time.sleep(60)"], 0.5).status == "time-out"
    assert measured([sys.executable, "-c", "raise SystemExit('no luck')"], 30).status == "failed: no luck"


def test_memory_is_the_childs() -> None:
    """The peak of a child that fills 200 MB is above that, and of one that does nothing far below."""
    code = "import sys; from benchmarks.process import measured; print(measured([sys.executable, '-c', 'x = bytearray({})'], 30).megabytes)"
    peaks = [float(measured([sys.executable, "-c", code.format(size)], 30).out) for size in (200_000_000, 1)]
    assert peaks[0] > 200
    assert peaks[0] - peaks[1] > 150


def test_sections_are_replaced_and_others_kept() -> None:
    """A run replaces its own sections of the page."""
    page = report.merged(report.merged("# B\n", {"county": ["old"], "orlib": ["kept"]}), {"county": ["new"]})
    assert ("old" in page, page.count("new"), page.count("kept")) == (False, 1, 1)
