"""A run as a whole: what can be said of its fairness, and where places are too few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.explain.fairness import Statement, fairness, together
from matcher.explain.lot import check_lot
from matcher.explain.most import most_served
from matcher.messages import N_, mask_numbers, message
from matcher.questions.answers import Gap
from matcher.questions.ask import Asker
from matcher.questions.known import Known
from matcher.questions.words import Words


@dataclass(frozen=True)
class Overview:
    """What there is to say of a run as a whole."""

    statements: tuple[Statement, ...]
    gaps: tuple[Gap, ...]

    def record(self, language: str) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"fairness": [s.record(language) for s in self.statements], "bottlenecks": [g.record() for g in self.gaps]}

    def text(self, language: str) -> str:
        """Return it in words."""
        words = Words(language)
        lines = [message(N_("Fairness, checked on this roster:")).render(language)]
        lines += [("✓ " if s.holds else "✗ ") + s.message().render(language) for s in self.statements]
        lines += [line for gap in self.gaps for line in words.gap(gap)]
        return mask_numbers("\n".join(lines))


def overview(known: Known) -> Overview:
    """Return the overview of a run.

    Raises
    ------
    ProofError
        The roster is not the best one for its tables, or not the one that the lot gives.
    """
    asker, each = Asker(known), []
    drawn = np.array(sorted(known.drawn), np.int64)
    for part in known.separate:
        standing = known.standing(part)
        check_lot(standing)
        most = most_served(standing.instance, standing.permission)
        each.append(fairness(standing, drawn[np.isin(drawn, part.household)], most))
    gaps = tuple(asker.gap(k, b) for k, b in enumerate(known.why.bottlenecks))
    return Overview(tuple(together(each)), gaps)
