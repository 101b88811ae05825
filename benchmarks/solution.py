"""What a peer finds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.problem import Flow, Ints, Pairwise


@dataclass(frozen=True)
class Found:
    """Pairs, or the flow on a network of hubs."""

    household: Ints | None = None
    cadre: Ints | None = None
    flow: Ints | None = None

    def save(self, path: Path) -> None:
        """Write it as a NumPy file."""
        columns = {"household": self.household, "cadre": self.cadre, "flow": self.flow}
        there: dict[str, Any] = {name: column for name, column in columns.items() if column is not None}
        np.savez(path, **there)


def load(path: Path) -> Found:
    """Read what a peer found."""
    with np.load(path) as file:
        return Found(**file)


def pairs_of(month: Pairwise, flow: Flow, carried: Ints) -> Found:
    """Return the pairs that a flow with an arc for each pair means."""
    chosen = carried[flow.pairs] > 0
    return Found(month.household[chosen].astype(np.int64), month.cadre[chosen].astype(np.int64))
