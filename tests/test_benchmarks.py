"""The benchmarks compare like with like: on a small month every peer reaches what it claims to reach."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from benchmarks import report
from benchmarks.prepare import Subject
from benchmarks.problem import Hubs, Pairwise
from benchmarks.process import ROOT, measured
from benchmarks.registry import BENCHMARKS, Benchmark, named

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
