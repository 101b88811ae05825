"""The order of a monthly run: read, judge, solve, compare, write. Nothing else knows it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from matcher.domain import Ints
from matcher.explain.bottlenecks import Bottleneck, Unmatched
from matcher.explain.fairness import Statement
from matcher.explain.why import Why
from matcher.formulation.values import Value, values
from matcher.messages import N_, Message, message
from matcher.parallel import meanwhile
from matcher.people.judge import Judgement, judge
from matcher.people.reused import Sharing
from matcher.policy import Policy, doubts, read_policy
from matcher.progress import silent
from matcher.roster.changes import NO_STATUSES, Statuses, compare
from matcher.separate import Solved, solve_parts
from matcher.solve.near import Near
from matcher.solve.rounds import Task
from matcher.tables.canonical import inputs_hash
from matcher.tables.month import POLICY_FILE, RawTables, check_folder, read_tables

if TYPE_CHECKING:
    from matcher.scenario import Scenario

ENOUGH_TO_HASH = 30_000
"""Rows from which on the hash of the tables is worth a process."""
Progress = Callable[[Message], object]
"""Told what begins now."""


@dataclass(frozen=True)
class Month:
    """A month's tables and policy as read, before anything is judged.

    Attributes
    ----------
    scenario : Scenario or None
        What was changed of what the folder holds.
    """

    tables: RawTables
    policy: Policy
    folder: Path | None = None
    policy_bytes: bytes = b""
    seconds: float = field(default=0.0, compare=False)
    scenario: Scenario | None = None

    def replace(self, **changes: object) -> Month:
        """Return a month that differs in the given fields (``policy`` for one)."""
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Source:
    """What a run came from: enough to say so, without the tables themselves (a province's fill the memory).

    Attributes
    ----------
    rows : dict of str to int
        Rows read by table.
    files : dict of str to str
        File name to the SHA-256 of its bytes.
    inputs : str
        SHA-256 of what the tables say (see :func:`matcher.tables.canonical.inputs_hash`).
    scenario : Scenario or None
        What was changed of the month folder.
    """

    policy: Policy
    folder: Path | None
    rows: dict[str, int]
    files: dict[str, str]
    inputs: str
    scenario: Scenario | None = None


@dataclass(frozen=True)
class Outcome:
    """What a run found.

    Attributes
    ----------
    objectives : dict of str to value
        In the policy's order.
    household, cadre : (pairs,) int
        By the numbers of the instance, sorted.
    drawn : list of int
        The households decided by lot.
    compared : callable
        Gives how the pairs stand to last month's: asked for by the tables that tell it, which a process of their own may write.
    why, certificates : callable
        The reasons, and every separate problem's certificate (see :class:`matcher.separate.Solved`).
    seconds : dict of str to float
        Time per step.
    """

    source: Source
    judgement: Judgement
    objectives: dict[str, Value]
    household: Ints
    cadre: Ints
    drawn: list[int]
    compared: Callable[[], Statuses]
    why: Callable[[], Why]
    certificates: Callable[[], list[bytes]]
    seconds: dict[str, float] = field(compare=False)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Household and cadre ids, sorted."""
        ids = self.judgement.instance.households.ids, self.judgement.instance.cadres.ids
        columns = zip(ids, (self.household, self.cadre), strict=True)
        return list(zip(*(map(known.__getitem__, numbers.tolist()) for known, numbers in columns), strict=True))

    @property
    def unmatched(self) -> list[Unmatched]:
        """Who lacks a cadre."""
        return self.why().unmatched

    @property
    def bottlenecks(self) -> list[Bottleneck]:
        """Who must share too few places."""
        return self.why().bottlenecks

    @property
    def fairness(self) -> list[Statement]:
        """What holds of the roster's fairness."""
        return self.why().fairness


def load_month(folder: Path, progress: Progress = silent, begun: Callable[[], RawTables] | None = None) -> Month:
    """Read a month folder.

    Parameters
    ----------
    begun : callable, optional
        Gives the folder's tables where reading them began before (:func:`matcher.tables.month.reading`).

    Raises
    ------
    InputError
        The policy or a table cannot be used.
    """
    begin = time.perf_counter()
    check_folder(folder)
    policy, data = read_policy(folder)
    reading = N_("reading {file}")
    tables = begun() if begun else read_tables(folder, lambda name: progress(message(reading, file=name)))
    tables = replace(tables, findings=(*tables.findings, *doubts(policy, folder.resolve().name)))
    return Month(tables, policy, folder, data, time.perf_counter() - begin)


class _Clock:
    """Measures the steps."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds = seconds

    @contextmanager
    def __call__(self, step: str) -> Iterator[None]:
        begin = time.perf_counter()
        yield
        self.seconds[step] = self.seconds.get(step, 0.0) + time.perf_counter() - begin


def changed(month: Month, scenario: Scenario) -> Month:
    """Return a month with a scenario's changes.

    Raises
    ------
    InputError, ContradictionError
    """
    from matcher.scenario import Inputs, apply  # the monthly run needs none of it

    found = apply(Inputs(month.tables, month.policy, month.policy_bytes, month.folder), scenario)
    return month.replace(tables=found.tables, policy=found.policy, scenario=scenario)


@dataclass(frozen=True)
class Case:
    """A month as judged, ready to be solved.

    Attributes
    ----------
    month : Month
        Without its tables: what was read is not held while it is solved.
    rows : dict of str to int
        Rows read by table.
    inputs : callable
        Gives the hash of what the tables say.
    """

    month: Month
    judgement: Judgement
    rows: dict[str, int]
    files: dict[str, str]
    inputs: Callable[[], str]
    clock: _Clock
    sharing: Sharing


def run_month(
    month: Month, progress: Progress = silent, guess: bool = True, sharing: Sharing | None = None, near: Near | None = None
) -> Outcome:
    """Judge and solve a month; everything is proved before it is returned.

    Parameters
    ----------
    near : Near, optional
        Similar months solved before; this one is added to them.

    Raises
    ------
    InputError, ContradictionError, ProofError
    """
    case = judge_month(month, progress, sharing)
    del month  # what was read is not held while it is solved
    outcome = solve_month(case, progress, guess, near)
    outcome.certificates()
    return outcome


def judge_month(month: Month, progress: Progress = silent, sharing: Sharing | None = None) -> Case:
    """Judge a month.

    Parameters
    ----------
    sharing : Sharing, optional
        Of a run that is one of several.

    Raises
    ------
    InputError, ContradictionError
    """
    clock, alone = _Clock({"read": month.seconds}), sharing is None or (sharing.alone and not sharing.brief)
    rows = {name: len(table) for name, table in month.tables.tables.items()}
    files = {POLICY_FILE: hashlib.sha256(month.policy_bytes).hexdigest(), **month.tables.hashes}
    hashing = partial(_hash_of, month.tables, month.policy.tables.income_unit, sharing)
    inputs = meanwhile(hashing, alone and sum(rows.values()) >= ENOUGH_TO_HASH, gives_way=True)
    with clock("judge"):
        progress(message(N_("judging households and cadres")))
        judgement = judge(month.tables, month.policy, sharing.reused if sharing else None)
    return Case(month.replace(tables=RawTables({})), judgement, rows, files, inputs, clock, sharing or Sharing())


def _hash_of(tables: RawTables, unit: str, sharing: Sharing | None) -> str:
    if sharing is None:
        return inputs_hash(tables, unit)
    return "" if sharing.brief else sharing.reused("hash", tuple(tables.tables.values()), (unit,), [], lambda _: inputs_hash(tables, unit))


def solve_month(case: Case, progress: Progress = silent, guess: bool = True, near: Near | None = None) -> Outcome:
    """Solve a month that was judged; the solver's proof is done, the checker's is waited for where the certificates are asked for.

    Raises
    ------
    InputError, ProofError
    """
    policy, judgement, clock = case.month.policy, case.judgement, case.clock
    instance, task = judgement.instance, task_of(policy, guess)
    with clock("solve"):
        progress(message(N_("finding and proving the best roster")))
        solved = solve_parts(instance, task, progress, case.sharing.alone, case.sharing.brief, near)
    with clock("compare"):
        worth = values(instance, solved.household, solved.cadre, task.order, task.by_income, task.leximax)
    source = Source(policy, case.month.folder, case.rows, case.files, case.inputs(), case.month.scenario)
    return Outcome(source, judgement, worth, solved.household, solved.cadre, solved.drawn.tolist(),
                   cache(partial(_compared, case, solved)), solved.why, lambda: [one.data for one in solved.certified()], clock.seconds)


def _compared(case: Case, solved: Solved) -> Statuses:
    return NO_STATUSES if case.sharing.brief else compare(case.judgement, solved.household, solved.cadre)


def task_of(policy: Policy, guess: bool = True) -> Task:
    """Return what a policy asks to be optimised."""
    return Task(policy.order, policy.priority.by == "income", policy.objectives.balance == "leximax",
                policy.ties.seed, policy.ties.position, guess)
