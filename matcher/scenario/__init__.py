"""What-if changes: pure changes of a month's tables and policy, said in words, applied, written down and read again."""

from matcher.scenario.apply import Inputs, apply
from matcher.scenario.changes import Scenario

__all__ = ["Inputs", "Scenario", "apply"]
