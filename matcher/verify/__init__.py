"""The independent checker: a run's folder against the month's tables, without the solver or anything it was built from.

docs/certificate.md says what is checked and why that is enough. Read, in this order,

1. ``certificate``, ``problem``, ``optimal``: **that the roster is allowed and that no roster is better**. A certificate read from bytes
   that may hold anything; who may be paired and what limits there are, in each separate problem; what every objective costs, and whether
   the potentials prove the roster, for every permitted pair. ``arrays`` holds what they say in a word (sets, groups and counts);
2. ``draw``: that the lot was followed, in the network of the draw;
3. ``recount``, ``readable``, ``files``: that what the files say is what tables, policy and roster give;
4. ``checks``, ``run``: all checks in order, the command. What a check finds is below.

``second`` is no part of it: another solver's proof, for ``--independent``. Every run passes ``optimal.check_part`` before it is published.
"""

from __future__ import annotations

from dataclasses import dataclass

from matcher.messages import Message


class Flaw(Exception):  # noqa: N818 - it is a finding about a run, not an error of the program
    """A check failed; the message says on what, for a clerk."""

    def __init__(self, text: Message) -> None:
        super().__init__(text.text)
        self.message = text


@dataclass(frozen=True)
class Check:
    """One check: its name, for machines and never translated; whether it was passed; what was checked, or found."""

    name: str
    valid: bool
    message: Message


@dataclass(frozen=True)
class Verdict:
    """All checks of a run, in order."""

    checks: tuple[Check, ...]

    @property
    def valid(self) -> bool:
        """Whether every check was passed."""
        return all(check.valid for check in self.checks)
