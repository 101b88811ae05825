"""From the words of ``jiedui whatif`` to scenarios run and compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from matcher.errors import ContradictionError, JieduiError, UsageError
from matcher.export.folder import check_absent, published
from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.pipeline import Month, Progress, load_month
from matcher.progress import silent
from matcher.scenario import Scenario
from matcher.scenario.changes import KINDS
from matcher.scenario.read import Said, read_file, scenario_of
from matcher.whatif.answer import Answer
from matcher.whatif.compare import compare
from matcher.whatif.facts import Facts
from matcher.whatif.folder import places, write_comparison
from matcher.whatif.kinks import Kink, with_besides
from matcher.whatif.run import TURNING, Study, Write
from matcher.whatif.sweep import MOST_RUNS, Axis, Point, State, Sweep, axis_of, find_kinks, scenario_at, scenarios_at, state_of
from matcher.whatif.words import RELEASE


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
    kinks : bool
        Whether a sweep's turning points are looked for exactly.
    """

    said: Said
    name: str = ""
    file: Path | None = None
    sweeps: Sequence[str] = ()
    out: Path | None = None
    kinks: bool = True
    workbook: bool = True
    command: str = ""

    @staticmethod
    def of(given: Mapping[str, Any], command: str) -> Asked:
        """Return what the command line's parameters ask, each change under its option's name."""
        said = [(kind.option, words) for kind in KINDS for words in given[kind.option.replace("-", "_")]]
        return Asked(said, given["name"] or "", given["scenario"], given["sweep"], given["out"],
                     not given["no_kinks"], not given["no_workbook"], command)


def answered(month: Path, asked: Asked, progress: Progress = silent) -> Answer:
    """Run what was asked of a month's folder; with ``out``, write it there, all of it or nothing.

    Raises
    ------
    UsageError
        Nothing was asked, the words cannot be read, ``out`` exists.
    InputError, ContradictionError
        The month or a scenario cannot be used.
    """
    scenarios, axes = scenarios_of(asked), tuple(map(axis_of, asked.sweeps))
    if asked.out is None:
        return answer(load_month(month, progress), scenarios, axes, asked.kinks, progress)
    check_absent(asked.out)
    loaded = load_month(month, progress)
    with published(asked.out) as work:
        folders = partial(places, work, workbook=asked.workbook, command=asked.command)
        found = answer(loaded, scenarios, axes, asked.kinks, progress, folders)
        progress(message(N_("writing the comparison")))
        write_comparison(work, found)
    return found


def scenarios_of(asked: Asked) -> list[Scenario]:
    """Return the scenarios that are asked: one of the command line's words, or those of a file with these words added to each.

    Before a sweep, it is one that holds at all its points and may change nothing.
    """
    if asked.file is not None:
        if asked.name or asked.sweeps:
            raise UsageError(message(N_("--scenario FILE goes neither with --name nor with --sweep.")))
        own = scenario_of(asked.said)
        return [Scenario.of(s.name, [*s.changes, *own.changes]) for s in read_file(asked.file)]
    if not asked.said and not asked.sweeps:
        raise UsageError(message(N_("Say what shall be different: --set, --remove-cadre, --scenario, --sweep … (jiedui whatif --help).")))
    return [scenario_of(asked.said, asked.name)]


Places = Callable[[Sequence[Scenario]], Sequence[Write]]


def answer(
    month: Month, scenarios: Sequence[Scenario], axes: Sequence[Axis] = (), kinks: bool = True, progress: Progress = silent,
    places: Places | None = None,
) -> Answer:
    """Compare scenarios, or the points of a sweep, with a month.

    A scenario that has no roster refuses all; a point of a sweep is told as impossible, unless all of them are.

    Parameters
    ----------
    axes : sequence of Axis
        Of a sweep; the only scenario then holds at all its points.
    places : callable, optional
        Gives the folders in which the scenarios' runs are written.

    Raises
    ------
    InputError, ContradictionError
    """
    study = Study(month, progress)
    if axes:
        return _swept(study, scenarios[0], axes, kinks, places)
    base, *found = study.run([None, *scenarios], places(scenarios) if places else ())
    facts = [_good(f, s.name) for f, s in zip(found, scenarios, strict=True)]
    first = _good(base)
    return Answer(month.policy, first, tuple(compare(s, first, f) for s, f in zip(scenarios, facts, strict=True)))


def _swept(study: Study, changes: Scenario, axes: Sequence[Axis], kinks: bool, places: Places | None) -> Answer:
    at = scenarios_at(axes, changes)
    scenarios = [s for _, s in at]
    base, *found = study.run([None, *scenarios], places(scenarios) if places else ())
    first = _good(base)
    points = tuple(Point(values, s, f) for (values, s), f in zip(at, found, strict=True))
    comparisons = tuple(compare(p.scenario, first, p.found) for p in points if isinstance(p.found, Facts))
    if not comparisons:
        _good(points[0].found, points[0].scenario.name)
    known = {p.values[0]: state_of(p.found) for p in points}
    besides = {p.values[0]: p.found.short_besides for p in points if isinstance(p.found, Facts)}
    turning: list[Kink] = []
    if len(axes) == 1:

        def states(values: Sequence[Decimal]) -> list[State]:
            ran = study.run([scenario_at(axes, [v], changes) for v in values], doing=TURNING)
            besides.update((v, f.short_besides) for v, f in zip(values, ran, strict=True) if isinstance(f, Facts))
            return list(map(state_of, ran))

        turning = find_kinks(axes[0], known, study.turning(scenarios[-1], axes[0].key), states, MOST_RUNS if kinks else 0)
        turning = [with_besides(kink, besides) for kink in turning]
    starts = next((state for _, state in sorted(known.items()) if state is not None), None)
    return Answer(study.month.policy, first, comparisons, Sweep(tuple(axes), points, tuple(turning), starts or frozenset()))


def _good(found: Facts | JieduiError, name: str = "") -> Facts:
    """Return what a run found, or raise why it failed, saying which scenario it is."""
    if isinstance(found, Facts):
        return found
    raise in_scenario(found, name) if name else found


def in_scenario(error: JieduiError, name: str) -> JieduiError:
    """Return a failure with the scenario's name before it."""
    summary = message(N_("Scenario {name}: {why}"), name=name, why=error.summary)
    findings = list(error.findings) or [Finding("scenario", "", None, "", "scenario", error.summary)]
    if isinstance(error, ContradictionError) and not any(f.table == "scenario" for f in findings):
        findings = [*findings[:9], Finding("", "", None, "", "release", message(RELEASE))]
    return type(error)(summary, findings)
