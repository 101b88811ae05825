"""The separate problems of a month: each is solved, proved and explained alone; the answers are then numbered as the whole is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np

from matcher.domain import Instance, Ints
from matcher.errors import ProofError
from matcher.explain.bottlenecks import Bottleneck, Unmatched, why_unmatched
from matcher.explain.fairness import fairness, together
from matcher.explain.lot import decided_by_lot
from matcher.explain.most import most_served
from matcher.explain.standing import Standing
from matcher.explain.why import Why
from matcher.integers import order_of
from matcher.messages import N_, Message, message
from matcher.parallel import meanwhile, side_by_side
from matcher.people.permission import Permission
from matcher.proof.write import part_of, record_of
from matcher.solve.check import check_values
from matcher.solve.near import Near
from matcher.solve.rounds import Solution, Task, solve
from matcher.solve.split import Part, parts
from matcher.verify import Flaw
from matcher.verify.optimal import check_part
from matcher.verify.problem import Rules

ENOUGH_FOR_PROCESSES = 30_000
"""Households from which on separate counties are worth processes of their own."""
ENOUGH_TO_CHECK = 3_000
"""Households from which on the checker is worth a process."""


@dataclass(frozen=True)
class Certified:
    """A part's certificate, passed by the checker.

    Attributes
    ----------
    data : bytes
        See :func:`matcher.proof.write.part_of`; empty where nothing is written.
    pairs : str
        Digest of the pairs that the checker read in it, by ids.
    """

    data: bytes
    pairs: str


@dataclass(frozen=True)
class Solved:
    """What was found, by the numbers of the instance; for several separate problems, by those of the whole.

    Attributes
    ----------
    household, cadre : (pairs,) int
        By household, then cadre.
    drawn : (d,) int
        The households decided by lot.
    why : callable
        Gives the reasons; a roster is there before them.
    certified : callable
        Gives every separate problem's certificate, once the checker has passed all of them; raises
        :class:`matcher.errors.ProofError` if it does not.
    """

    household: Ints
    cadre: Ints
    drawn: Ints
    why: Callable[[], Why]
    certified: Callable[[], list[Certified]]


def solve_parts(
    instance: Instance, task: Task, progress: Callable[[Message], object], alone: bool, brief: bool, near: Near | None = None
) -> Solved:
    """Solve the separate problems of an instance.

    Parameters
    ----------
    alone : bool
        Whether processes may be used.
    brief : bool
        Leave out what only files say: the statements of fairness, the bytes of the certificate.
    near : Near, optional
        Months solved before, for a month that is one problem.
    """
    found, each = parts(instance), list[Solved]()
    if len(found) < 2:
        each.append(solve_part(found[0], task, alone, brief, near))
    else:
        jobs = [partial(_solve_separate, part, task, brief) for part in found]
        for one in side_by_side(jobs, alone and len(instance.households) >= ENOUGH_FOR_PROCESSES):
            each.append(one.solved())
            progress(message(N_("solved {done} of {all} separate counties"), done=len(each), all=len(found)))
    both = list(zip(found, each, strict=True))  # a single part need not hold everybody
    household, cadre, drawn = (np.concatenate(columns) for columns in zip(*(
        (part.household[one.household], part.cadre[one.cadre], part.household[one.drawn]) for part, one in both), strict=True))
    order = order_of(household, cadre)
    household, cadre = household[order], cadre[order]

    def certified() -> list[Certified]:
        checked = [certificate for one in each for certificate in one.certified()]
        owner = np.zeros(len(instance.households), np.int64)
        for k, part in enumerate(found):
            owner[part.household] = k
        for k, certificate in enumerate(checked):
            inside = owner[household] == k
            if _digest_of(instance, household[inside], cadre[inside]) != certificate.pairs:
                raise ProofError(message(N_("The roster is not the one that was proved; nothing was written.")))
        return checked

    return Solved(household, cadre, np.sort(drawn), cache(lambda: whole_why(found, [one.why() for one in each])), cache(certified))


@dataclass(frozen=True)
class _Ready:
    """What comes back from another process: a part solved, checked and explained, by the part's numbers."""

    household: Ints
    cadre: Ints
    drawn: Ints
    why: Why
    certified: list[Certified]

    def solved(self) -> Solved:
        return Solved(self.household, self.cadre, self.drawn, lambda: self.why, lambda: self.certified)


def _solve_separate(part: Part, task: Task, brief: bool) -> _Ready:
    solved = solve_part(part, task, alone=False, brief=brief)
    return _Ready(solved.household, solved.cadre, solved.drawn, solved.why(), solved.certified())


def solve_part(part: Part, task: Task, alone: bool, brief: bool = False, near: Near | None = None) -> Solved:
    """Solve a part; where it may use processes, what can be done beside is, and is waited for where it is asked for."""
    instance = part.instance
    permission = Permission(instance)
    beside = alone and len(instance.households) >= ENOUGH_TO_CHECK
    solution = solve(instance, permission, task, near)
    check_values(instance, solution, task)
    drawn = decided_by_lot(instance, permission, task, solution)
    certificate = meanwhile(partial(_certified, instance, solution, task, brief), beside)

    def why() -> Why:
        standing = Standing.of(instance, permission, task, solution.household, solution.cadre)
        return Why(*why_unmatched(standing), [] if brief else fairness(standing, drawn, most_served(instance, permission)))

    return Solved(solution.household, solution.cadre, drawn, cache(why), cache(lambda: [certificate()]))


def _certified(instance: Instance, solution: Solution, task: Task, brief: bool) -> Certified:
    """Return a part's certificate, once the checker, which knows nothing of the solver, finds that it proves the roster.

    In brief, the checker is given what the certificate would hold, and nothing is written.

    Raises
    ------
    ProofError
        It does not.
    """
    found = record_of(instance, solution, task) if brief else part_of(instance, solution, task)
    try:
        pairs = check_part(instance, Rules(task.order, task.by_income, task.leximax, task.seed, task.position), found)
    except Flaw as flaw:
        text = N_("The roster did not pass its check; nothing was written: {why}")
        raise ProofError(message(text, why=flaw.message)) from None
    return Certified(found if isinstance(found, bytes) else b"", _digest(pairs))


def _digest_of(instance: Instance, household: Ints, cadre: Ints) -> str:
    """Return the digest of a roster's pairs by ids."""
    ids = instance.households.ids, instance.cadres.ids
    return _digest(zip(map(ids[0].__getitem__, household.tolist()), map(ids[1].__getitem__, cadre.tolist()), strict=True))


def _digest(pairs: Iterable[tuple[str, str]]) -> str:
    text = "\n".join(sorted(map("\t".join, pairs)))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def whole_why(separate: Sequence[Part], each: Sequence[Why]) -> Why:
    """Return the reasons of separate parts, numbered as the whole is: bottlenecks part by part."""
    unmatched: list[Unmatched] = []
    bottlenecks: list[Bottleneck] = []
    for part, why in zip(separate, each, strict=True):
        shift = len(bottlenecks)
        unmatched += [
            replace(u, household=int(part.household[u.household]), bottleneck=u.bottleneck + shift if u.bottleneck >= 0 else -1)
            for u in why.unmatched
        ]
        bottlenecks += [_renumbered(b, part) for b in why.bottlenecks]
    return Why(sorted(unmatched, key=lambda u: u.household), bottlenecks, together([why.fairness for why in each]))


def _renumbered(found: Bottleneck, part: Part) -> Bottleneck:
    kind, number = found.fix
    of_whole = {"cadre": part.cadre, "unit": part.units}.get(kind)
    fix = (kind, number if of_whole is None else int(of_whole[number]))
    return replace(found, households=part.household[found.households], cadres=part.cadre[found.cadres], fix=fix)
