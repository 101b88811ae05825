"""The exception family: each kind knows its exit status (product.md calls them exit codes)."""

from __future__ import annotations

from collections.abc import Sequence

from matcher.findings import Finding
from matcher.messages import Message, mask_numbers


class JieduiError(Exception):
    """Something that a clerk can mend; never shown as a traceback.

    Parameters
    ----------
    summary : Message
        What happened, in one sentence.
    findings : sequence of Finding
        The places where it happened.

    Attributes
    ----------
    noticed : tuple of Finding
        What else had been noticed in the tables until then: often the cause.
    """

    exit_status = 1

    def __init__(self, summary: Message, findings: Sequence[Finding] = ()) -> None:
        said = [summary.render("en"), *(f"{f.sheet or f.table}: {f.message.render('en')}" for f in findings[:3])]
        super().__init__(mask_numbers("; ".join(said)))
        self.summary = summary
        self.findings = tuple(findings)
        self.noticed: tuple[Finding, ...] = ()

    def __reduce__(self) -> tuple[type[JieduiError], tuple[Message, tuple[Finding, ...]], dict[str, object]]:
        """Let the error come back whole from another process."""
        return type(self), (self.summary, self.findings), {"noticed": self.noticed}


class UsageError(JieduiError):
    """The command was called in a way it cannot serve (an existing RUN, for one)."""

    exit_status = 2


class InputError(JieduiError):
    """A table or the policy cannot be used; nothing was written."""

    exit_status = 3


class ContradictionError(JieduiError):
    """Fixed pairs contradict each other or the policy; nothing was written."""

    exit_status = 4


class ProofError(JieduiError):
    """A proof failed; nothing was published."""

    exit_status = 5
