"""The check that every separate problem passes before anything is published: the same as afterwards, on the pairs."""

from __future__ import annotations

from typing import Any

from matcher.domain import Instance
from matcher.verify.certificate import read_part
from matcher.verify.levels import ticket_bits
from matcher.verify.optimal import Roster, check_optimal
from matcher.verify.problem import Problem, Rules
from matcher.verify.roster import check_feasible, columns


def check_part(instance: Instance, rules: Rules, data: bytes | dict[str, Any]) -> None:
    """Raise :class:`matcher.verify.verdict.Flaw` unless a problem's part of the certificate, as written, proves its roster.

    Parameters
    ----------
    data : bytes or dict
        The part's gzip member; its record where nothing is written.
    """
    part, problem = read_part(data), Problem(instance, rules)
    household, cadre = columns(problem, part.pairs)
    check_feasible(problem, household, cadre)
    check_optimal(problem, part, Roster.of(problem, household, cadre), ticket_bits(len(part.nodes)))
