"""What there is to say of a roster besides its pairs: who lacks a cadre and why, the bottlenecks, what holds of its fairness."""

from __future__ import annotations

from dataclasses import dataclass

from matcher.explain.bottlenecks import Bottleneck, Unmatched
from matcher.explain.fairness import Statement


@dataclass(frozen=True)
class Why:
    """The reasons of a roster; an unmatched household's bottleneck is a number of ``bottlenecks``."""

    unmatched: list[Unmatched]
    bottlenecks: list[Bottleneck]
    fairness: list[Statement]
