"""Looks at a month: everything that can be told of its tables, whether they can be used or not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from matcher.checking.profile import Profile, last_month, profile
from matcher.errors import ContradictionError, InputError, JieduiError
from matcher.findings import Finding
from matcher.messages import N_, Message, message
from matcher.people.judge import Judgement, judge
from matcher.pipeline import Month, Progress, load_month
from matcher.progress import silent


@dataclass(frozen=True)
class Examined:
    """What was found.

    Attributes
    ----------
    findings : tuple of Finding
    error : JieduiError or None
        Why the month cannot be used; its findings are the first of ``findings``.
    judgement : Judgement or None
    now, before : Profile or None
        This month and the one before, as far as they can be read.
    language : str
        That of the policy's exports; empty where no policy can be read.
    """

    findings: tuple[Finding, ...]
    error: JieduiError | None = None
    judgement: Judgement | None = None
    now: Profile | None = None
    before: Profile | None = None
    language: str = ""

    @property
    def refusing(self) -> int:
        """How many of the findings, from the first, refuse the month."""
        return len(self.error.findings) if self.error else 0

    @property
    def summary(self) -> Message:
        """Whether the month can be used."""
        if self.error:
            return message(N_("{why} Mend what is named and check again; more may show then."), why=self.error.summary)
        decided = self.judgement.decisions if self.judgement else []
        eligible = len(self.judgement.eligible) if self.judgement else 0
        return message(N_("The tables can be used. {rows} household rows, {eligible} eligible."), rows=len(decided), eligible=eligible)


def examine(folder: Path, last: Path | None = None, progress: Progress = silent) -> Examined:
    """Read and judge a month.

    Parameters
    ----------
    last : Path, optional
        The month before; else the folder beside that bears its name, if there is one.

    Raises
    ------
    InputError
        There is no such folder, or ``last`` cannot be read.
    """
    try:
        month = load_month(folder, progress)
    except InputError as error:
        if not error.findings:
            raise
        return Examined(error.findings, error)
    return _judged(month, last, progress)


def _judged(month: Month, last: Path | None, progress: Progress) -> Examined:
    assert month.folder is not None  # noqa: S101 - it was read from one
    progress(message(N_("judging households and cadres")))
    language, now = month.policy.programme.language, profile(month.tables, month.policy, month.policy.programme.month)
    before = last_month(month.folder, month.policy, last)
    try:
        judgement = judge(month.tables, month.policy)
    except (InputError, ContradictionError) as error:
        return Examined((*error.findings, *error.noticed), error, None, now, before, language)
    return Examined(judgement.findings, None, judgement, now, before, language)
