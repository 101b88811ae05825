"""The whole answer to a what-if question: the base, the scenarios compared with it, and the sweep that they may be points of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.policy import Policy
from matcher.report import alarming
from matcher.whatif.compare import Comparison
from matcher.whatif.facts import Facts
from matcher.whatif.sweep import Sweep
from matcher.whatif.words import base_line, lines_of, sweep_lines

OF_MONTH = message(N_("Look at this in the month's tables, too; the answer is of them as they are:"))


@dataclass(frozen=True)
class Answer:
    """The base and every scenario compared with it.

    Attributes
    ----------
    policy : Policy
        Of the month as it is.
    sweep : Sweep or None
        Whose possible points the comparisons are.
    """

    policy: Policy
    base: Facts
    comparisons: tuple[Comparison, ...]
    sweep: Sweep | None = None

    def record(self, language: str = "en") -> dict[str, Any]:
        """Return the answer as ``--json`` prints it."""
        found: dict[str, Any] = {
            "base": {"objectives": self.base.objectives, "counts": self.base.counts},
            "scenarios": [c.record() for c in self.comparisons],
        }
        return found | ({"sweep": self.sweep.record(language)} if self.sweep else {})

    def text(self, language: str) -> str:
        """Return the answer as the terminal shows it."""
        lines = [base_line(self.base).render(language)]
        if self.sweep is not None:
            lines += ["", *sweep_lines(self.sweep, language)]
        else:
            for found in self.comparisons:
                lines += ["", *lines_of(found, language)]
        proved = N_("Every roster is proved to be the best possible. Nothing is in force; the month was not changed.")
        return "\n".join([*lines, "", message(proved).render(language)])

    def alarms(self, language: str) -> str:
        """Return what is odd about the month as a whole, and what else about a scenario; empty where there is nothing."""
        lines = alarming(self.base.alarms, OF_MONTH, language)
        known = set(map(_about, self.base.alarms))
        for found in () if self.sweep else self.comparisons:
            new = [f for f in found.facts.alarms if _about(f) not in known]
            lines += alarming(new, message(N_("Look at this in scenario {name}:"), name=found.scenario.name), language)
        return "\n".join(lines)


def _about(finding: Finding) -> tuple[str, object]:
    """Return what a finding is about, whatever its figures."""
    return finding.code, finding.message.values.get("place")
