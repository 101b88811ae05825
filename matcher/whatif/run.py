"""The base and its scenarios from shared work: read once, judged again only where something changed, solved side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from matcher.errors import ContradictionError, InputError, JieduiError
from matcher.messages import N_, message
from matcher.parallel import side_by_side
from matcher.people.judge import judge
from matcher.pipeline import Month, Progress, Sharing, changed, run_month
from matcher.progress import silent
from matcher.publish import fill_run
from matcher.scenario import Scenario
from matcher.whatif.facts import Facts, facts_of

ENOUGH_FOR_PROCESSES = 2_000
"""Household rows from which on scenarios are worth processes."""


@dataclass(frozen=True)
class Write:
    """Where a scenario's run is written.

    Attributes
    ----------
    folder : Path
        New; its parent is there.
    command : str
        As run.json tells it.
    """

    folder: Path
    workbook: bool
    command: str


@dataclass(frozen=True)
class Study:
    """A month whose variants are run.

    Attributes
    ----------
    sharing : Sharing
        What was read of the month, once.
    """

    month: Month
    progress: Progress = silent
    sharing: Sharing = field(default_factory=lambda: Sharing(alone=False, brief=True))

    def variants(self, scenarios: Sequence[Scenario]) -> list[Month]:
        """Return the month with each scenario's changes, before anything is solved.

        Raises
        ------
        InputError, ContradictionError
            A scenario cannot be applied.
        """
        return [changed(self.month, scenario) for scenario in scenarios]

    def run(self, months: Sequence[Month], write: Sequence[Write | None] = ()) -> Iterator[Facts | JieduiError]:
        """Yield what each month's run found, in order, or why it has no roster; where asked, its folder is written on the way.

        Raises
        ------
        ProofError
            A proof failed (a fault of the program).
        """
        judge(self.month.tables, self.month.policy, self.sharing.reused)  # so that every process finds it ready
        places = [*write, *[None] * (len(months) - len(write))]
        jobs: list[Callable[[], Facts | JieduiError]] = [partial(self._one, m, w) for m, w in zip(months, places, strict=True)]
        worth = len(jobs) > 1 and len(self.month.tables["households"]) >= ENOUGH_FOR_PROCESSES
        text = N_("solved {done} of {all} variants")
        self.progress(message(text, done=0, all=len(jobs)))
        for done, found in enumerate(side_by_side(jobs, worth), 1):
            self.progress(message(text, done=done, all=len(jobs)))
            yield found

    def _one(self, month: Month, write: Write | None) -> Facts | JieduiError:
        sharing = Sharing(self.sharing.reused, brief=write is None, alone=self.sharing.alone)
        try:
            outcome = run_month(month, sharing=sharing)
        except (InputError, ContradictionError) as error:
            return error
        if write is not None:
            write.folder.mkdir()
            fill_run(outcome, write.folder, write.workbook, write.command)
        return facts_of(outcome)
