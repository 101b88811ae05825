"""From the words of ``jiedui whatif`` to scenarios run and compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matcher.errors import JieduiError, UsageError
from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.pipeline import Month, Progress, load_month
from matcher.progress import silent
from matcher.scenario import Scenario
from matcher.scenario.changes import KINDS
from matcher.scenario.read import Said, read_file, scenario_of
from matcher.whatif.compare import Comparison, compare
from matcher.whatif.facts import Facts
from matcher.whatif.run import Study
from matcher.whatif.words import base_line, lines_of


@dataclass(frozen=True)
class Asked:
    """What was asked.

    Attributes
    ----------
    said : sequence of (str, str)
        The changes on the command line: option without dashes, words.
    name : str
        Of the scenario that they make.
    file : Path or None
        Of named scenarios; the changes of the command line then come to each of them.
    sweeps : sequence of str
    out : Path or None
    """

    said: Said
    name: str = ""
    file: Path | None = None
    sweeps: Sequence[str] = ()
    out: Path | None = None
    workbook: bool = True
    command: str = ""

    @staticmethod
    def of(given: Mapping[str, Any], command: str) -> Asked:
        """Return what the command line's parameters ask, each change under its option's name."""
        said = [(kind.option, words) for kind in KINDS for words in given[kind.option.replace("-", "_")]]
        return Asked(said, given["name"] or "", given["scenario"], given["sweep"], given["out"], not given["no_workbook"], command)


@dataclass(frozen=True)
class Answer:
    """The base and every scenario compared with it."""

    base: Facts
    comparisons: tuple[Comparison, ...]

    def record(self) -> dict[str, Any]:
        """Return the answer as ``--json`` prints it."""
        return {
            "base": {"objectives": self.base.objectives, "counts": self.base.counts},
            "scenarios": [c.record() for c in self.comparisons],
        }

    def text(self, language: str) -> str:
        """Return the answer as the terminal shows it."""
        lines = [base_line(self.base).render(language)]
        for found in self.comparisons:
            lines += ["", *lines_of(found, language)]
        proved = N_("Every roster is proved to be the best possible. Nothing is in force; the month was not changed.")
        return "\n".join([*lines, "", message(proved).render(language)])


def answered(month: Path, asked: Asked, progress: Progress = silent) -> Answer:
    """Run what was asked of a month's folder.

    Raises
    ------
    UsageError
        Nothing was asked, or the words cannot be read.
    InputError, ContradictionError
        The month or a scenario cannot be used.
    """
    scenarios = scenarios_of(asked)
    return answer(load_month(month, progress), scenarios, progress)


def scenarios_of(asked: Asked) -> list[Scenario]:
    """Return the scenarios that are asked: one of the command line's words, or those of a file with these words added to each."""
    if asked.file is not None:
        if asked.name:
            raise UsageError(message(N_("--name is for a scenario of the command line; those of a file have their names there.")))
        own = scenario_of(asked.said)
        return [Scenario.of(s.name, [*s.changes, *own.changes]) for s in read_file(asked.file)]
    if not asked.said:
        raise UsageError(message(N_("Say what shall be different: --set, --remove-cadre, --scenario, --sweep … (jiedui whatif --help).")))
    return [scenario_of(asked.said, asked.name)]


def answer(month: Month, scenarios: Sequence[Scenario], progress: Progress = silent) -> Answer:
    """Compare scenarios with a month; one that has no roster refuses all."""
    study = Study(month, progress)
    base, *found = _good(study.run([month, *study.variants(scenarios)]), scenarios)
    return Answer(base, tuple(compare(s.name, base, facts) for s, facts in zip(scenarios, found, strict=True)))


def _good(found: Any, scenarios: Sequence[Scenario]) -> list[Facts]:
    """Return the runs, or raise the first failure, saying which scenario it is."""
    good = []
    for k, facts in enumerate(found):
        if isinstance(facts, JieduiError):
            raise facts if k == 0 else in_scenario(facts, scenarios[k - 1].name)
        good.append(facts)
    return good


def in_scenario(error: JieduiError, name: str) -> JieduiError:
    """Return a failure with the scenario's name before it."""
    summary = message(N_("Scenario {name}: {why}"), name=name, why=error.summary)
    findings = error.findings or (Finding("scenario", "", None, "", "scenario", error.summary),)
    return type(error)(summary, findings)
