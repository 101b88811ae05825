"""The floor: what no process that reads tables, solves a flow and writes a roster can be quicker than.

``python -m benchmarks.floor MONTH NETWORK OUT`` imports NumPy and OR-Tools' minimum-cost flow, reads the tables' bytes, solves one
ready-made network of hubs (the first two objectives in one figure) and writes as many bytes as a roster has.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # type: ignore[import-untyped]

BYTES = 2**21


def main() -> None:
    """Read, solve, write."""
    month, network, out = (Path(p) for p in sys.argv[1:])
    read = sum(len(path.read_bytes()) for path in sorted(month.glob("*.csv")))
    with np.load(network) as file:
        solver = SimpleMinCostFlow()
        arcs = solver.add_arcs_with_capacity_and_unit_cost(file["tail"], file["head"], file["capacity"], file["cost"])
        solver.set_nodes_supplies(np.arange(len(file["supply"])), file["supply"])
    status = solver.solve()
    if not read or status != solver.OPTIMAL:
        raise ArithmeticError("the floor was not solved")
    out.write_bytes(solver.flows(arcs).tobytes()[:BYTES].ljust(BYTES, b"\0"))


if __name__ == "__main__":
    main()
