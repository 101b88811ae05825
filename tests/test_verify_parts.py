"""Parts of the independent checker that have an answer of their own."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import networkx
import numpy as np
import pytest

from matcher.integers import among
from matcher.messages import Message
from matcher.pipeline import load_month, run_month
from matcher.publish import write_run
from matcher.verify import second
from matcher.verify.arrays import components, together
from matcher.verify.certificate import read_part
from matcher.verify.files import CERTIFICATE
from matcher.verify.optimal import KINDS, Arcs, _pairs_in_doubt, pair_arcs
from matcher.verify.problem import Problem, Rules, separate
from matcher.verify.run import verify

from .months import command
from .oracle.months import random_month, write_month
from .test_verify import covered


@pytest.mark.parametrize("seed", range(60))
def test_components_are_those_of_networkx(seed: int) -> None:
    """Random digraphs, sparse and dense, with loops and parallel arcs: the same components, each numbered after those it leads to."""
    rng = random.Random(seed)  # noqa: S311 - any will do
    nodes = rng.randrange(1, 40)
    arcs = [(rng.randrange(nodes), rng.randrange(nodes)) for _ in range(rng.randrange(3 * nodes))]
    start, end = np.array(arcs, np.int64).reshape(-1, 2).T
    found = components(start, end, nodes)
    graph = networkx.DiGraph(arcs)
    for a in range(nodes):
        assert (found[a] >= 0) == (a in graph)
    wanted = {frozenset(c) for c in networkx.strongly_connected_components(graph)}
    assert {frozenset(np.flatnonzero(found == k).tolist()) for k in set(found.tolist()) - {-1}} == wanted
    assert (found[start] >= found[end]).all()
    assert set(found.tolist()) - {-1} == set(range(len(wanted)))


def test_sets_of_keys() -> None:
    """`together` is the sorted union, `among` membership; with nothing, too."""
    none = np.zeros(0, np.int64)
    some, more = np.array([5, 3, 3, 9]), np.array([3, -4])
    assert together(some, none, more).tolist() == [-4, 3, 5, 9]
    assert together().tolist() == together(none).tolist() == []
    assert among(np.array([[3, 4], [10, -5]]), together(some, more)).tolist() == [[True, False], [False, False]]
    assert not among(some, none).any()


def made(folder: Path, seed: int) -> Path:
    """Write the run of a random month."""
    month = load_month(write_month(folder / f"m{seed}", *random_month(seed, "medium")))
    write_run(run_month(month), folder / f"run{seed}", workbook=False)
    return folder / f"run{seed}"


def test_gains_count_in_the_policys_order(tmp_path: Path) -> None:
    """Of a pair with a bad score that was last month's, the objective that comes first says whether it is better or worse."""
    tables, policy = random_month(8076, "small")
    order, policy["ties"] = policy["objectives"]["order"], {"seed": "s"}
    assert order.index("affinity") < order.index("continuity")
    write_run(run_month(load_month(write_month(tmp_path / "m", tables, policy))), tmp_path / "run", workbook=False)
    assert verify(tmp_path / "run").valid


def test_classes_leave_no_pair_out(tmp_path: Path) -> None:
    """Under any potentials, each permitted pair that its own reduced cost speaks against is in a class that is in doubt."""
    against = 0
    for seed in range(330, 350):
        month = load_month(write_month(tmp_path / f"m{seed}", *random_month(seed, "medium")))
        outcome, rng = run_month(month), random.Random(seed)  # noqa: S311 - any will do
        instances = separate(outcome.judgement.instance)
        for instance, data in zip(instances, outcome.certificates(), strict=True):
            problem, part = Problem(instance, Rules.of(month.policy)), read_part(data)
            keys = np.arange(len(problem.households) * problem.width if len(problem.cadres) else 0)
            keys = keys[problem.permitted(keys) & (problem.left[keys // problem.width] > 0)]
            pairs = Arcs.of(problem, pair_arcs(problem, keys, 0))
            shared = pairs.only(np.arange(len(keys)))
            shared.kind[:] = KINDS.index("MATCH")  # without what concerns single pairs
            for noise in (0, 0, 1, 3):
                proof = [(level, p + np.array([rng.randint(-noise, noise) for _ in p])) for level, p in part.proof(problem.names)]
                doubted = together(*_pairs_in_doubt(problem, proof))
                bad = keys[shared.against(shared.signs(proof))]
                assert np.isin(bad, doubted).all()
                against += len(bad)
    assert against > 1000


def test_weights_too_small_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With weights under which the levels run into one another, the second solver proves nothing at once and goes on by fewer levels."""
    face, split = second._face, []

    def watched(*arguments: object) -> object:
        left = face(*arguments)  # type: ignore[arg-type]
        split.append(left is None)
        return left

    monkeypatch.setattr(second, "_weights", lambda stages: [1] * len(stages))
    monkeypatch.setattr(second, "_face", watched)
    for seed in range(300, 308):
        assert verify(made(tmp_path, seed), independent=True).valid
    assert sum(split) > 3


def test_levels_that_do_not_fit_one_number_are_parted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where weighted costs would be too large to be exact, fewer levels are solved at once, with the same verdict."""
    monkeypatch.setattr(second, "_EXACT", 1 << 20)
    for seed in range(310, 316):
        assert verify(made(tmp_path, seed), independent=True).valid


def test_second_solver_says_what_it_solves(tmp_path: Path) -> None:
    """Each objective is named before it is solved; standard error stays empty where it is no terminal."""
    run = made(tmp_path, 320)
    told: list[Message] = []
    assert verify(run, independent=True, progress=told.append).valid
    named = {name for text in told for name in str(text.values["objectives"]).split(", ")}
    assert "coverage" in named
    found = command("verify", run, "--independent")
    assert (found.code, found.err) == (0, "")
    assert any(line.startswith("✓ independent") for line in found.out.splitlines())


def test_the_checker_to_be_read_says_its_word(tmp_path: Path) -> None:
    """With ``--plain`` a right run has one line more; of one that lacks a pair it says that others are better."""
    run = made(tmp_path, 320)
    found = command("verify", run, "--plain")
    assert (found.code, found.err) == (0, "")
    assert [line for line in found.out.splitlines() if line.startswith("✓ plain")]
    assert [check["name"] for check in json.loads(command("verify", run, "--plain", "--json").out)["checks"]][-1] == "plain"
    tree = json.loads(gzip.decompress((run / CERTIFICATE).read_bytes()))
    part = max(tree["parts"], key=lambda part: len(part["cadres"]))
    part["households"], part["cadres"] = part["households"][:-1], part["cadres"][:-1]
    (run / CERTIFICATE).write_bytes(gzip.compress(json.dumps(tree, ensure_ascii=False).encode()))
    covered(run)
    found = command("verify", run, "--plain")
    assert found.code == 5
    assert [line for line in found.out.splitlines() if line.startswith("✗ plain")]
