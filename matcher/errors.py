"""The exception family: each kind knows its exit status (product.md calls them exit codes)."""

from __future__ import annotations

import errno
from collections.abc import Sequence

from matcher.findings import Finding
from matcher.messages import N_, Message, mask_numbers, message

_FULL = N_("the disk is full")
_NOT_ALLOWED = N_("you may not write there, or another program has it open")
_REASONS = {
    errno.ENOSPC: _FULL, errno.EDQUOT: _FULL, errno.EFBIG: N_("the file would be larger than the disk allows"),
    errno.EACCES: _NOT_ALLOWED, errno.EPERM: _NOT_ALLOWED, errno.EBUSY: _NOT_ALLOWED, errno.EROFS: N_("the disk is write-protected"),
    errno.ENOENT: N_("the file or folder is not there"), errno.ENOTDIR: N_("a file stands where a folder should be"),
    errno.EISDIR: N_("a folder stands where a file should be"), errno.EEXIST: N_("it is there already"),
    errno.ENAMETOOLONG: N_("the name is too long"), errno.EIO: N_("the disk or the network drive failed"),
}
"""What the system's reasons mean, where a clerk may meet them."""
_LOCKED = frozenset({errno.EACCES, errno.EPERM, errno.EBUSY})


def reason_of(error: OSError) -> Message:
    """Return why the system refused, in words of ours; what is not known here as the system says it."""
    known = _REASONS.get(error.errno or 0)
    return message(known) if known else message(N_("the system says: {text}"), text=error.strerror or type(error).__name__)


def not_opened(error: OSError, file: str) -> Message:
    """Return that a file that was to be read cannot be opened, and why."""
    if error.errno in _LOCKED or isinstance(error, PermissionError):
        text = N_("{file} cannot be opened: it may be open in Excel or WPS, or you may not read it. Close it and try again.")
        return message(text, file=file)
    return message(N_("{file} cannot be opened: {reason}."), file=file, reason=reason_of(error))


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
