"""The order of a monthly run: read, judge, solve, compare, write. Nothing else knows it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from matcher.domain import Instance, Ints
from matcher.errors import ProofError
from matcher.explain.bottlenecks import Bottleneck, Unmatched, why_unmatched
from matcher.formulation.values import Value, values
from matcher.messages import N_, Message, message
from matcher.parallel import side_by_side
from matcher.people.judge import Judgement, judge
from matcher.people.permission import Permission
from matcher.policy import Policy, read_policy
from matcher.progress import silent
from matcher.proof.write import part_of
from matcher.roster.changes import Statuses, compare
from matcher.solve.check import check_values
from matcher.solve.rounds import Task, solve
from matcher.solve.split import parts
from matcher.tables.canonical import inputs_hash
from matcher.tables.month import POLICY_FILE, RawTables, check_folder, read_tables
from matcher.verify.before import check_part
from matcher.verify.problem import Rules
from matcher.verify.verdict import Flaw

ENOUGH_FOR_PROCESSES = 30_000
"""Households from which on separate counties, and files, are worth processes of their own."""
Progress = Callable[[Message], object]
"""Told what begins now."""


@dataclass(frozen=True)
class Month:
    """A month's tables and policy as read, before anything is judged."""

    tables: RawTables
    policy: Policy
    folder: Path | None = None
    policy_bytes: bytes = b""
    seconds: float = field(default=0.0, compare=False)

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
    """

    policy: Policy
    folder: Path | None
    rows: dict[str, int]
    files: dict[str, str]
    inputs: str


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
    certificate : list of bytes
        The part of every separate problem (see :func:`matcher.proof.write.part_of`).
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
    certificate: list[bytes]
    seconds: dict[str, float] = field(compare=False)


def load_month(folder: Path, progress: Progress = silent) -> Month:
    """Read a month folder.

    Raises
    ------
    InputError
        The policy or a table cannot be used.
    """
    begin = time.perf_counter()
    check_folder(folder)
    policy, data = read_policy(folder)
    reading = N_("reading {file}")
    tables = read_tables(folder, lambda name: progress(message(reading, file=name)))
    return Month(tables, policy, folder, data, time.perf_counter() - begin)


def run_month(month: Month, progress: Progress = silent, guess: bool = True) -> Outcome:
    """Judge and solve a month; everything is proved before it is returned.

    Raises
    ------
    InputError, ContradictionError, ProofError
    """
    clock = _Clock({"read": month.seconds})
    with clock("judge"):
        progress(message(N_("judging households and cadres")))
        judgement = judge(month.tables, month.policy)
    policy, instance = month.policy, judgement.instance
    task = Task(policy.order, policy.priority.by == "income", policy.objectives.balance == "leximax",
                policy.ties.seed, policy.ties.position, guess)
    with clock("solve"):
        progress(message(N_("finding and proving the best roster")))
        solved, inputs = _solve_parts(instance, task, month.tables, progress)
    with clock("compare"):
        ids = instance.households.ids, instance.cadres.ids
        pairs = [(ids[0][h], ids[1][c]) for h, c in zip(solved.household, solved.cadre, strict=True)]
        columns = np.array(solved.household, np.int64), np.array(solved.cadre, np.int64)
        worth = values(instance, *columns, task.order, task.by_income, task.leximax)
        statuses = compare(judgement, pairs)
    files = {POLICY_FILE: hashlib.sha256(month.policy_bytes).hexdigest(), **month.tables.hashes}
    source = Source(policy, month.folder, {name: len(t) for name, t in month.tables.tables.items()}, files, inputs)
    return Outcome(source, judgement, pairs, worth, solved.household, solved.cadre, solved.drawn, solved.unmatched,
                   solved.bottlenecks, statuses, solved.certificate, clock.seconds)


@dataclass(frozen=True)
class _Solved:
    household: list[int]
    cadre: list[int]
    drawn: list[int]
    unmatched: list[Unmatched]
    bottlenecks: list[Bottleneck]
    certificate: list[bytes]


def _solve_part(instance: Instance, task: Task) -> _Solved:
    permission = Permission(instance)
    solution = solve(instance, permission, task)
    check_values(instance, solution, task)
    certificate = part_of(instance, solution, task)
    try:
        check_part(instance, Rules(task.order, task.by_income, task.leximax, task.seed, task.position), certificate)
    except Flaw as flaw:
        raise ProofError(message(N_("The roster did not pass its check; nothing was written: {why}"), why=flaw.message)) from None
    unmatched, bottlenecks = why_unmatched(instance, permission, solution)
    return _Solved(solution.household.tolist(), solution.cadre.tolist(), solution.drawn.tolist(), unmatched, bottlenecks,
                   [certificate])


def _solve_parts(instance: Instance, task: Task, tables: RawTables, progress: Progress) -> tuple[_Solved, str]:
    """Solve the separate problems of an instance and number the answers as the whole does; hash the tables on the way."""
    found = parts(instance)
    counted = N_("solved {done} of {all} separate counties")
    jobs: list[Callable[[], Any]] = [partial(inputs_hash, tables), *(partial(_solve_part, part.instance, task) for part in found)]
    each = side_by_side(jobs, len(instance.households) >= ENOUGH_FOR_PROCESSES)
    inputs: str = next(each)
    household: list[int] = []
    cadre: list[int] = []
    drawn: list[int] = []
    unmatched: list[Unmatched] = []
    bottlenecks: list[Bottleneck] = []
    certificate: list[bytes] = []
    for done, (part, solved) in enumerate(zip(found, each, strict=True), 1):
        if len(found) > 1:
            progress(message(counted, done=done, all=len(found)))
        household += part.household[solved.household].tolist()
        cadre += part.cadre[solved.cadre].tolist()
        drawn += part.household[solved.drawn].tolist()
        certificate += solved.certificate
        shift = len(bottlenecks)
        unmatched += [
            replace(u, household=int(part.household[u.household]), bottleneck=u.bottleneck + shift if u.bottleneck >= 0 else -1)
            for u in solved.unmatched
        ]
        bottlenecks += [_renumbered(b, part.household, part.cadre, instance, part.instance) for b in solved.bottlenecks]
    order = sorted(range(len(household)), key=lambda k: (household[k], cadre[k]))
    return _Solved([household[k] for k in order], [cadre[k] for k in order], sorted(drawn),
                   sorted(unmatched, key=lambda u: u.household), bottlenecks, certificate), inputs


def _renumbered(found: Bottleneck, household: Ints, cadre: Ints, whole: Instance, part: Instance) -> Bottleneck:
    kind, number = found.fix
    if kind:
        number = int(cadre[number]) if kind == "cadre" else whole.unit_names.index(part.unit_names[number])
    return replace(found, households=household[found.households], cadres=cadre[found.cadres], fix=(kind, number))


class _Clock:
    """Measures the steps."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds = seconds

    @contextmanager
    def __call__(self, step: str) -> Iterator[None]:
        begin = time.perf_counter()
        yield
        self.seconds[step] = self.seconds.get(step, 0.0) + time.perf_counter() - begin
