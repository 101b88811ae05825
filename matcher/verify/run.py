"""A run's folder checked, and the verdict told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from matcher.errors import InputError
from matcher.messages import N_, Message, mask_numbers, message
from matcher.progress import silent
from matcher.tables.month import reading
from matcher.verify.files import RECORD, read_files
from matcher.verify.verdict import Check, Flaw, Verdict

NOT_CHECKED = N_("The proof was not checked: {why}")
_NO_MONTH = N_("run.json does not say which month it was; give it with --month.")


def verify(run: Path, month: Path | None = None, independent: bool = False, progress: Callable[[Message], object] = silent) -> Verdict:
    """Check a run's folder against its month's tables: of the given folder, else of the one that run.json names.

    With ``independent`` every level is also solved again, by another solver; ``progress`` is told which.

    Raises
    ------
    InputError
        There is no run folder, or no month folder, or its tables cannot be read: the proof was not checked.
    """
    files = read_files(run)
    if month is None:
        try:
            named = files.json(RECORD).get("month_folder")
        except Flaw as flaw:
            return Verdict((Check("hashes", False, flaw.message), Check("inputs", False, message(NOT_CHECKED, why=message(_NO_MONTH)))))
        month = Path(named) if isinstance(named, str) else None
    if month is None or not month.is_dir():
        raise InputError(message(NOT_CHECKED, why=message(N_("the month's folder {folder} is not there; give it with --month."),
                                                          folder=str(month))))
    tables = reading(month)  # while what checks them is loaded
    from matcher.policy import read_policy
    from matcher.scenario import Inputs, apply
    from matcher.scenario.read import read_record
    from matcher.verify.checks import verify_files

    policy, data = read_policy(month)
    found = Inputs(tables(), policy, data, month)
    try:
        scenario = files.json(RECORD).get("scenario")
    except Flaw:  # told among the hashes
        scenario = None
    if scenario is not None:
        found = apply(found, read_record(scenario))
    return verify_files(files, found.tables, found.policy, data, independent, progress)


def record_of(verdict: Verdict, language: str) -> dict[str, Any]:
    """Return what ``verify --json`` prints."""
    return {
        "valid": verdict.valid,
        "checks": [{"name": c.name, "valid": c.valid, "message": said(c.message, language)} for c in verdict.checks],
    }


def lines_of(verdict: Verdict, language: str) -> str:
    """Return what ``verify`` prints: a line for every check, then the verdict."""
    end = N_("The run is valid.") if verdict.valid else N_("The run is NOT valid.")
    lines = [f"{'✓' if c.valid else '✗'} {c.name}: {said(c.message, language)}" for c in verdict.checks]
    return "\n".join([*lines, message(end).render(language)])


def said(text: Message, language: str) -> str:
    """Return a message with whatever could be an ID number masked."""
    return mask_numbers(text.render(language))
