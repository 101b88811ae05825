"""The order of a monthly run: read, judge, solve, compare, write. Nothing else knows it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from matcher.domain import Instance, Ints
from matcher.errors import ProofError
from matcher.explain.bottlenecks import Bottleneck, Unmatched, why_unmatched
from matcher.explain.fairness import Statement, fairness, together
from matcher.explain.most import most_served
from matcher.explain.standing import Standing
from matcher.formulation.values import Value, values
from matcher.messages import N_, Message, message
from matcher.parallel import meanwhile, side_by_side
from matcher.people.judge import Judgement, judge
from matcher.people.permission import Permission
from matcher.people.reused import Sharing
from matcher.policy import Policy, read_policy
from matcher.progress import silent
from matcher.proof.write import part_of
from matcher.roster.changes import Statuses, compare
from matcher.solve.check import check_values
from matcher.solve.rounds import Solution, Task, solve
from matcher.solve.split import Part, parts
from matcher.tables.canonical import inputs_hash
from matcher.tables.month import POLICY_FILE, RawTables, check_folder, read_tables
from matcher.verify.before import check_part
from matcher.verify.problem import Rules
from matcher.verify.verdict import Flaw

if TYPE_CHECKING:
    from matcher.scenario import Scenario

ENOUGH_FOR_PROCESSES = 30_000
"""Households from which on separate counties, and files, are worth processes of their own."""
ENOUGH_TO_HASH = 30_000
"""Rows from which on the hash of the tables is worth a process."""
ENOUGH_TO_CHECK = 3_000
"""Households from which on the checker, and the largest total, are worth a process each."""
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
    pairs : list of (str, str)
        Household and cadre ids, sorted.
    objectives : dict of str to value
        In the policy's order.
    household, cadre, drawn : list of int
        The pairs and the households decided by lot, by the numbers of the instance.
    certificate : callable
        Gives the part of every separate problem (see :func:`matcher.proof.write.part_of`), once the checker has passed all of
        them; raises :class:`matcher.errors.ProofError` if it does not.
    fairness : list of Statement
    seconds : dict of str to float
        Time per step.
    """

    source: Source
    judgement: Judgement
    pairs: list[tuple[str, str]]
    objectives: dict[str, Value]
    household: list[int]
    cadre: list[int]
    drawn: list[int]
    unmatched: list[Unmatched]
    bottlenecks: list[Bottleneck]
    statuses: Statuses
    certificate: Callable[[], list[bytes]]
    fairness: list[Statement]
    seconds: dict[str, float] = field(compare=False)


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


def run_month(month: Month, progress: Progress = silent, guess: bool = True, sharing: Sharing | None = None) -> Outcome:
    """Judge and solve a month; everything is proved before it is returned.

    Raises
    ------
    InputError, ContradictionError, ProofError
    """
    case = judge_month(month, progress, sharing)
    del month  # what was read is not held while it is solved
    outcome = solve_month(case, progress, guess)
    outcome.certificate()
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
    clock, alone = _Clock({"read": month.seconds}), sharing is None or sharing.alone
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


def solve_month(case: Case, progress: Progress = silent, guess: bool = True) -> Outcome:
    """Solve a month that was judged; the solver's proof is done, the checker's is waited for where the certificate is asked for.

    Raises
    ------
    InputError, ProofError
    """
    policy, judgement, clock = case.month.policy, case.judgement, case.clock
    instance, task = judgement.instance, task_of(policy, guess)
    with clock("solve"):
        progress(message(N_("finding and proving the best roster")))
        solved = _solve_parts(instance, task, progress, case.sharing)
    with clock("compare"):
        ids = instance.households.ids, instance.cadres.ids
        household, cadre = solved.household.tolist(), solved.cadre.tolist()
        pairs = list(zip(map(ids[0].__getitem__, household), map(ids[1].__getitem__, cadre), strict=True))
        worth = values(instance, solved.household, solved.cadre, task.order, task.by_income, task.leximax)
        statuses = Statuses([], [], [], []) if case.sharing.brief else compare(judgement, solved.household, solved.cadre)
    source = Source(policy, case.month.folder, case.rows, case.files, case.inputs(), case.month.scenario)
    return Outcome(source, judgement, pairs, worth, household, cadre, solved.drawn.tolist(), solved.unmatched,
                   solved.bottlenecks, statuses, cache(solved.certificates), together(solved.fairness), clock.seconds)


def task_of(policy: Policy, guess: bool = True) -> Task:
    """Return what a policy asks to be optimised."""
    return Task(policy.order, policy.priority.by == "income", policy.objectives.balance == "leximax",
                policy.ties.seed, policy.ties.position, guess)


Reasons = tuple[list[Unmatched], list[Bottleneck]]
"""Who lacks a cadre and why, and the bottlenecks."""


@dataclass(frozen=True)
class _Solved:
    household: Ints
    cadre: Ints
    drawn: Ints
    unmatched: list[Unmatched]
    bottlenecks: list[Bottleneck]
    certificate: list[Callable[[], bytes]]
    fairness: list[list[Statement]]

    def certificates(self) -> list[bytes]:
        """Return the certificates of all parts, once they are checked."""
        return [each() for each in self.certificate]


def _solve_separate(part: Part, task: Task, brief: bool) -> tuple[_Solved, bytes]:
    """Solve a part in a process of its own."""
    solved = _solve_part(part, task, alone=False, brief=brief)
    return replace(solved, certificate=[]), solved.certificates()[0]


def _solve_part(part: Part, task: Task, alone: bool, brief: bool = False) -> _Solved:
    """Solve a part; where it is alone, what can be done beside is, and its certificate is still to be waited for."""
    instance = part.instance
    permission = Permission(instance)
    beside = alone and len(instance.households) >= ENOUGH_TO_CHECK
    with meanwhile(partial(most_served, instance, permission, range(instance.bands)), beside and not brief, gives_way=True) as most:
        solution = solve(instance, permission, task)
        check_values(instance, solution, task)
        certificate = meanwhile(partial(_certified, instance, solution, task), beside)
        standing = Standing.of(instance, permission, task, solution.household, solution.cadre)
        reasons, fair = why_unmatched(standing), [] if brief else fairness(standing, solution.drawn, most())
    return _Solved(solution.household, solution.cadre, solution.drawn, *reasons, [certificate], [fair])


def _certified(instance: Instance, solution: Solution, task: Task) -> bytes:
    """Return a part's certificate, once the checker, which knows nothing of the solver, finds that it proves the roster.

    Raises
    ------
    ProofError
        It does not.
    """
    found = part_of(instance, solution, task)
    try:
        check_part(instance, Rules(task.order, task.by_income, task.leximax, task.seed, task.position), found)
    except Flaw as flaw:
        text = N_("The roster did not pass its check; nothing was written: {why}")
        raise ProofError(message(text, why=flaw.message)) from None
    return found


def _solve_parts(instance: Instance, task: Task, progress: Progress, sharing: Sharing) -> _Solved:
    """Solve the separate problems of an instance and number the answers as the whole does."""
    found = parts(instance)
    counted = N_("solved {done} of {all} separate counties")
    if len(found) < 2:
        return _solve_part(found[0], task, sharing.alone, sharing.brief)
    jobs = [partial(_solve_separate, part, task, sharing.brief) for part in found]
    each = side_by_side(jobs, sharing.alone and len(instance.households) >= ENOUGH_FOR_PROCESSES)
    household, cadre, drawn = ([np.zeros(0, np.int64)] for _ in range(3))
    reasons: list[Reasons] = []
    certificate: list[Callable[[], bytes]] = []
    fair: list[list[Statement]] = []
    for done, (part, (solved, proof)) in enumerate(zip(found, each, strict=True), 1):
        progress(message(counted, done=done, all=len(found)))
        household.append(part.household[solved.household])
        cadre.append(part.cadre[solved.cadre])
        drawn.append(part.household[solved.drawn])
        certificate.append(partial(bytes, proof))
        fair += solved.fairness
        reasons.append((solved.unmatched, solved.bottlenecks))
    pairs = np.concatenate(household), np.concatenate(cadre)
    order = np.lexsort(pairs[::-1])
    return _Solved(pairs[0][order], pairs[1][order], np.sort(np.concatenate(drawn)), *whole_reasons(found, reasons), certificate, fair)


def whole_reasons(separate: Sequence[Part], each: Sequence[Reasons]) -> Reasons:
    """Return the reasons and bottlenecks of separate parts, numbered as the whole is: bottlenecks part by part."""
    unmatched: list[Unmatched] = []
    bottlenecks: list[Bottleneck] = []
    for part, (lacking, found) in zip(separate, each, strict=True):
        shift = len(bottlenecks)
        unmatched += [
            replace(u, household=int(part.household[u.household]), bottleneck=u.bottleneck + shift if u.bottleneck >= 0 else -1)
            for u in lacking
        ]
        bottlenecks += [_renumbered(b, part) for b in found]
    return sorted(unmatched, key=lambda u: u.household), bottlenecks


def _renumbered(found: Bottleneck, part: Part) -> Bottleneck:
    kind, number = found.fix
    of_whole = {"cadre": part.cadre, "unit": part.units}.get(kind)
    fix = (kind, number if of_whole is None else int(of_whole[number]))
    return replace(found, households=part.household[found.households], cadres=part.cadre[found.cadres], fix=fix)
