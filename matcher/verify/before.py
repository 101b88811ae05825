"""The check that every separate problem passes before anything is published: the same as afterwards, on the pairs."""

from __future__ import annotations

from matcher.domain import Instance
from matcher.verify.certificate import read_part
from matcher.verify.optimal import check_optimal
from matcher.verify.problem import Problem, Roster, Rules
from matcher.verify.roster import check_feasible, columns


def check_part(instance: Instance, rules: Rules, data: bytes) -> None:
    """Raise :class:`matcher.verify.verdict.Flaw` unless a part's gzip member, as written, proves its roster."""
    part, problem = read_part(data), Problem(instance, rules)
    pairs = columns(problem, part.pairs)
    check_feasible(problem, *pairs)
    check_optimal(problem, part, Roster.of(problem, *pairs))
