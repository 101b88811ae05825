"""The peers, one record each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from benchmarks.problem import Hubs, Pairwise, load_hubs, load_pairs
from benchmarks.solution import Found


@dataclass(frozen=True)
class Benchmark:
    """A peer.

    Attributes
    ----------
    name : str
    title : str
        As the report calls it.
    network : str
        What it is given: ``hubs`` or ``pairs``.
    module, build, run : str
        Where it is: the functions ``build(month)`` and ``run(built, done)`` of a module in ``benchmarks.peers``.
    imports : tuple of str
        Imported before the clock starts.
    whole : bool
        Whether it solves all objectives one strictly before the other and keeps every rule.
    says : str
        What it solves.
    """

    name: str
    title: str
    network: str
    module: str
    build: str
    run: str
    imports: tuple[str, ...]
    whole: bool
    says: str

    @property
    def file(self) -> str:
        """The file in the folder of a case that it is given."""
        return f"{self.network}.npz"

    @property
    def load(self) -> Callable[..., Hubs | Pairwise]:
        """The reader of that file."""
        return load_hubs if self.network == "hubs" else load_pairs

    def built(self, month: Hubs | Pairwise) -> Any:
        """Return the peer's own form of a month."""
        return getattr(import_module(f"benchmarks.peers.{self.module}"), self.build)(month)

    def found(self, built: Any, done: Callable[[str], object] = str) -> Found:
        """Return the peer's solution; ``done`` is told of finished stages."""
        result: Found = getattr(import_module(f"benchmarks.peers.{self.module}"), self.run)(built, done)
        return result


_FLOW = ("ortools.graph.python.min_cost_flow",)
BENCHMARKS = (
    Benchmark("ortools-stages", "OR-Tools flow, an arc per pair, in stages", "pairs", "ortools_flow", "build", "stages", _FLOW, True,
              "all objectives, one solve each; potentials fix what is decided"),
    Benchmark("ortools-guess", "OR-Tools flow, an arc per pair, jiedui's method", "pairs", "ortools_flow", "build", "guess", _FLOW, True,
              "all objectives, several in one solve and then proved, as jiedui does on hubs"),
    Benchmark("ortools-weights", "OR-Tools flow, an arc per pair, one figure", "pairs", "ortools_flow", "build", "one_figure", _FLOW, False,
              "one sum of weights, not proved"),
    Benchmark("highs-hubs", "HiGHS on the hubs, in stages", "hubs", "highs", "build_hubs", "hubs", ("highspy",), True,
              "all objectives, one linear programme each; reduced costs fix what is decided"),
    Benchmark("highs-hubs-weights", "HiGHS on the hubs, one figure", "hubs", "highs", "build_hubs", "hubs_one_figure", ("highspy",), False,
              "one sum of weights, not proved"),
    Benchmark("highs-pairs", "HiGHS pair by pair, in stages", "pairs", "highs", "build_pairs", "pairs", ("highspy",), True,
              "all objectives, one linear programme each"),
    Benchmark("networkx", "networkx network_simplex on the hubs", "hubs", "networkx_simplex", "build", "run", ("networkx",), True,
              "all objectives in one exact sum of large integers"),
    Benchmark("cp-sat", "CP-SAT, a boolean per pair", "pairs", "cp_sat", "build", "run", ("ortools.sat.python.cp_model",), False,
              "one sum of weights"),
    Benchmark("assignment", "scipy linear_sum_assignment", "pairs", "scipy_matching", "build_dense", "dense", ("scipy.optimize",), False,
              "one sum of weights; no quotas"),
    Benchmark("matching-sparse", "scipy min_weight_full_bipartite_matching", "pairs", "scipy_matching", "build_sparse", "sparse",
              ("scipy.sparse.csgraph",), False, "one sum of weights; no quotas"),
    Benchmark("stable", "PyPI matching, HospitalResident", "pairs", "stable", "build", "run", ("matching.games",), False,
              "a stable matching of preference lists; no quotas, no second cadres"),
    Benchmark("greedy", "greedy pass", "pairs", "greedy", "build", "run", (), False, "poorest household first, the best free cadre"),
)


def named(name: str) -> Benchmark:
    """Return a peer by its name."""
    return next(b for b in BENCHMARKS if b.name == name)
