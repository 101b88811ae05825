"""What a check found."""

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
