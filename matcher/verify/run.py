"""A run's folder checked, and the verdict told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from matcher.errors import InputError
from matcher.messages import N_, Message, mask_numbers, message
from matcher.progress import silent
from matcher.tables.month import reading
from matcher.verify import Check, Flaw, Verdict
from matcher.verify.files import RECORD, read_files

NOT_CHECKED = N_("The proof was not checked: {why}")
_NO_MONTH = N_("run.json does not say which month it was; give it with --month.")


def verify(run: Path, month: Path | None = None, independent: bool = False, plain: bool = False,
           progress: Callable[[Message], object] = silent) -> Verdict:
    """Check a run's folder against its month's tables: of the given folder, else of the one that run.json names.

    With ``independent`` every level is also solved again, by another solver; ``progress`` is told which. With ``plain`` the checker
    that is to be read in one go says its word, too.

    Raises
    ------
    InputError
        There is no run folder, or no month folder, or its tables cannot be read: the proof was not checked.
    """
    files = read_files(run)
    try:
        record = files.json(RECORD)
    except Flaw as flaw:  # told among the hashes, if there are tables
        if month is None:
            return Verdict((Check("hashes", False, flaw.message), Check("inputs", False, message(NOT_CHECKED, why=message(_NO_MONTH)))))
        record = {}
    month = month or Path(str(record.get("month_folder")))
    if not month.is_dir():
        raise InputError(message(NOT_CHECKED, why=message(N_("the month's folder {folder} is not there; give it with --month."),
                                                          folder=str(month))))
    tables = reading(month)  # while what checks them is loaded
    from matcher.policy import read_policy
    from matcher.scenario import Inputs, apply
    from matcher.scenario.read import read_record
    from matcher.verify.checks import verify_files

    policy, data = read_policy(month)
    found = Inputs(tables(), policy, data, month)
    if record.get("scenario") is not None:
        found = apply(found, read_record(record["scenario"]))
    return verify_files(files, found.tables, found.policy, data, independent, plain, progress)


def record_of(verdict: Verdict, language: str) -> dict[str, Any]:
    """Return what ``verify --json`` prints: of every check what it says, with whatever could be an ID number masked."""
    said = [(c.name, c.valid, mask_numbers(c.message.render(language))) for c in verdict.checks]
    return {"valid": verdict.valid, "checks": [{"name": name, "valid": valid, "message": text} for name, valid, text in said]}


def lines_of(verdict: Verdict, language: str) -> str:
    """Return what ``verify`` prints: a line for every check, then the verdict."""
    end = N_("The run is valid.") if verdict.valid else N_("The run is NOT valid.")
    checks = record_of(verdict, language)["checks"]
    return "\n".join([*(f"{'✓' if c['valid'] else '✗'} {c['name']}: {c['message']}" for c in checks), message(end).render(language)])
