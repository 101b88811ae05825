"""The base and its scenarios from shared work: read once, judged again only where something changed, solved side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from itertools import chain, pairwise
from pathlib import Path

from matcher.errors import ContradictionError, InputError, JieduiError
from matcher.messages import N_, message
from matcher.parallel import side_by_side
from matcher.people.income import incomes, read_amounts
from matcher.people.judge import judge
from matcher.people.reused import Sharing
from matcher.pipeline import Month, Progress, changed, judge_month, solve_month
from matcher.progress import silent
from matcher.publish import fill_run
from matcher.scenario import Scenario
from matcher.solve.near import Near
from matcher.whatif.facts import Facts, facts_of

ENOUGH_FOR_PROCESSES = 2_000
"""Household rows from which on scenarios are worth processes."""
_CENT = Decimal("0.01")
SOLVED = N_("solved {done} of {all} variants")
TURNING = N_("looking for turning points: solved {done} of {all} in this round")
"""What progress is told."""


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


_Job = Callable[..., Facts | JieduiError]


@dataclass(frozen=True)
class Study:
    """A month whose variants are run.

    Attributes
    ----------
    sharing : Sharing
        What was read of the month, once.
    near : Near
        The month as it is, once it is solved, and the last variants that this process solved.
    """

    month: Month
    progress: Progress = silent
    sharing: Sharing = field(default_factory=lambda: Sharing(brief=True))
    near: Near = field(default_factory=Near)

    def run(self, scenarios: Sequence[Scenario | None], write: Sequence[Write] = (), doing: str = SOLVED) -> list[Facts | JieduiError]:
        """Return what each scenario's run found, in order, or why it has no roster; None stands for the month as it is.

        Parameters
        ----------
        write : sequence of Write
            Where the runs of the scenarios (not of the month as it is) are written on the way; none if they are not.
        doing : str
            What progress is told: a message id with ``done`` and ``all``.

        Raises
        ------
        InputError, ContradictionError
            A scenario names somebody absent, or contradicts itself: found before anything is solved.
        ProofError
            A proof failed (a fault of the program).
        """
        months = [self.month if s is None else changed(self.month, s) for s in scenarios]
        self._ready()
        at = iter(write)
        jobs: dict[int, _Job] = {}
        same: list[int] = []
        for k, month in enumerate(months):
            place = next(at, None) if month is not self.month else None
            twin = next((j for j in jobs if _alike(months[j], month)), k) if place is None else k
            same.append(twin)
            if twin == k:
                jobs[k] = partial(self._one, month, place)
        base = [k for k in jobs if months[k] is self.month]  # it comes first: the others are repaired from it
        order = [*base, *(k for k in jobs if k not in base)]
        done = dict(zip(order, self._solved([jobs[k] for k in order], len(base), doing), strict=True))
        return [done[k] for k in same]

    def _ready(self) -> None:
        """Judge the month once, so that every process finds what was read of it."""
        if not self.sharing.reused:
            with suppress(ContradictionError):  # told when the month's own run comes to it
                judge(self.month.tables, self.month.policy, self.sharing.reused)

    def _solved(self, jobs: Sequence[_Job], first: int, doing: str) -> Iterator[Facts | JieduiError]:
        """Run jobs, so many first ones before the others; who runs alone may use processes."""
        beside = [partial(job, alone=len(jobs) == first + 1) for job in jobs[first:]]
        worth = len(beside) > 1 and len(self.month.tables["households"]) >= ENOUGH_FOR_PROCESSES
        self.progress(message(doing, done=0, all=len(jobs)))
        each = chain((job(alone=True) for job in jobs[:first]), side_by_side(beside, worth, self.sharing.reused.known))
        for done, found in enumerate(each, 1):
            self.progress(message(doing, done=done, all=len(jobs)))
            yield found

    def incomes(self, scenario: Scenario) -> list[Decimal]:
        """Return the distinct incomes of a scenario's households, rising."""
        month = changed(self.month, scenario)
        table = month.tables["households"]
        amounts = self.sharing.reused("amounts", (table,), (month.policy.tables.income_unit,), [],
                                      lambda noticed: read_amounts(table, month.policy.tables.income_unit, noticed))
        found = incomes(table, amounts, month.policy.eligibility.income_threshold, [])
        return sorted({v for v in found.values if isinstance(v, Decimal)})

    def turning(self, scenario: Scenario, key: str) -> list[Decimal]:
        """Return the values of a key of incomes that could make a difference: incomes, and a cent more where the line excludes it."""
        found = self.incomes(scenario)
        if key != "eligibility.income_threshold" or changed(self.month, scenario).policy.eligibility.threshold_inclusive:
            return found
        above = (min(v + _CENT, (v + after) / 2) for v, after in pairwise([*found, Decimal("Infinity")]))
        return sorted({*found, *above})

    def _one(self, month: Month, write: Write | None, alone: bool) -> Facts | JieduiError:
        self.near.anew = write is not None
        try:
            case = judge_month(month, sharing=Sharing(self.sharing.reused, brief=write is None, alone=alone))
            outcome = solve_month(case, near=self.near)
        except (InputError, ContradictionError) as error:
            return error
        found = facts_of(outcome, self.sharing.reused)
        outcome.certificates()  # the checker may have been at work meanwhile
        if write is not None:
            write.folder.mkdir()
            fill_run(outcome, write.folder, write.workbook, write.command, alone=alone)
        return found


def _alike(one: Month, other: Month) -> bool:
    """Return whether two months are the same: one run then stands for both."""
    return one.tables is other.tables and one.policy == other.policy
