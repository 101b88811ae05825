"""A run's folder: every file from the outcome, then one rename."""

from __future__ import annotations

import hashlib
import json
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from matcher.export.csv_files import csv_data, write_csv
from matcher.export.folder import check_absent, published
from matcher.export.summary import json_bytes, policy_hash, sha256
from matcher.findings import Finding
from matcher.messages import N_, mask_numbers, message
from matcher.parallel import meanwhile
from matcher.people.judge import Judgement
from matcher.pipeline import Month, Outcome, Progress, judge_month, solve_month
from matcher.progress import silent
from matcher.proof.write import RULES, certificate
from matcher.roster.served import served_of
from matcher.roster.tables import Answers, Columns, Tables, decisions_table
from matcher.separate import ENOUGH_FOR_PROCESSES

ENOUGH_PAIRS = 5_000
"""Pairs from which on writing the roster is worth a process."""
REFUSING = frozenset({"absent", "repeated_row", "member_without_id", "names_duplicate"})
"""Codes of findings by which a row of a table other than households and cadres is refused."""


def answers(outcome: Outcome) -> Answers:
    """Return an outcome as the tables are made from it."""
    return Answers(
        outcome.judgement, outcome.source.policy.programme.month, outcome.household, outcome.cadre, frozenset(outcome.drawn),
        outcome.compared, outcome.why,
    )


def counts(outcome: Outcome) -> dict[str, int]:
    """Return the counts of rows, decisions and pairs."""
    judgement = outcome.judgement
    return {
        "household_rows": len(judgement.decided), **judgement.counts(),
        "cadre_rows": len(judgement.cadres.ids), "cadres": len(judgement.instance.cadres),
        "permitted_pairs": int(judgement.permission.counts()[0].sum()), "pairs": len(outcome.household),
        "unmatched": len(outcome.unmatched), "drawn": len(outcome.drawn),
        **served_of(judgement.instance.households.partners, outcome.household)._asdict(),
    }


def objectives(outcome: Outcome) -> list[dict[str, object]]:
    """Return every objective's value, each proved the best there is."""
    return [{"name": n, "value": v, "optimal": True, "bound": v} for n, v in outcome.objectives.items()]


def summary(outcome: Outcome) -> dict[str, object]:
    """Return what summary.json says."""
    policy = outcome.source.policy
    return {
        "month": policy.programme.month, "programme": policy.programme.name, "source": policy.programme.source,
        "counts": counts(outcome), "objectives": objectives(outcome),
        "seed": policy.ties.seed, "inputs_sha256": outcome.source.inputs, "policy_sha256": policy_hash(policy),
        "roster_sha256": sha256(map("\t".join, outcome.pairs)),
        "fairness": [f.record(policy.programme.language) for f in outcome.fairness],
    }


def certificate_head(told: Mapping[str, object]) -> dict[str, object]:
    """Return what the certificate says of the whole run, given the run's summary."""
    return {
        "certificate": "jiedui", "rules": RULES,
        **{key: told[key] for key in ("month", "seed", "inputs_sha256", "policy_sha256", "roster_sha256", "objectives")},
    }


def findings_columns(findings: tuple[Finding, ...], language: str) -> Columns:
    """Return findings as a table."""
    return {
        "table": [f.table for f in findings], "sheet": [f.sheet for f in findings],
        "row": ["" if f.row is None else f.row for f in findings], "column": [mask_numbers(f.column) for f in findings],
        "code": [f.code for f in findings], "message": [mask_numbers(f.message.render(language)) for f in findings],
    }


def rows_accounted(outcome: Outcome) -> dict[str, dict[str, int]]:
    """Return for every table the rows read, judged and refused; judged and refused make up the read."""
    refused: dict[str, set[tuple[str, int | None]]] = {}
    for f in outcome.judgement.findings:
        if f.code in REFUSING and not (f.table == "roster" and f.code != "repeated_row"):
            refused.setdefault(f.table, set()).add((f.sheet, f.row))
    found = {}
    for name, rows in outcome.source.rows.items():
        out = len(refused.get(name, ()))
        found[name] = {"read": rows, "judged": rows - out, "refused": out}
    return found


def run_record(outcome: Outcome, command: str, hashes: Mapping[str, str]) -> dict[str, object]:
    """Return what run.json says of how the run came about."""
    folder = outcome.source.folder
    record: dict[str, object] = {
        "command": command, "month_folder": str(folder.resolve()) if folder else None,
        "files_sha256": outcome.source.files,
        "outputs_sha256": dict(hashes), "rows": rows_accounted(outcome), "versions": _versions(),
        "seconds": {step: round(value, 3) for step, value in outcome.seconds.items()},
    }
    if outcome.source.scenario is not None:
        record["scenario"] = outcome.source.scenario.record()
    canonical = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return {**record, "record_sha256": hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()}


def installed_version(name: str) -> str:
    """Return the version of an installed distribution; ``source`` where it runs from a checkout."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "source"


def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: installed_version(name) for name in ("jiedui", "ortools", "numpy")}}


def publish_month(
    month: Month, run: Path, workbook: bool = True, command: str = "", progress: Progress = silent
) -> tuple[Outcome, dict[str, object]]:
    """Judge, solve and write a month; return what was found and the run's summary.

    Raises
    ------
    UsageError, InputError, ContradictionError, ProofError
    """
    check_absent(run)
    case = judge_month(month, progress)
    del month  # what was read is not held while it is solved
    table = partial(_decisions, case.judgement, case.month.policy.programme.language)
    worth = ENOUGH_PAIRS <= len(case.judgement.decided) < ENOUGH_FOR_PROCESSES
    with meanwhile(table, worth, gives_way=True) as decisions:
        outcome = solve_month(case, progress)
        return outcome, write_run(outcome, run, workbook, command, progress, decisions if decisions.begun else None)


def _decisions(judgement: Judgement, language: str) -> bytes:
    """Return decisions.csv: it needs no roster, so it is made while that is sought."""
    return b"".join(csv_data(decisions_table(judgement, language)))


def write_run(
    outcome: Outcome, run: Path, workbook: bool = True, command: str = "", progress: Progress = silent,
    decisions: Callable[[], bytes] | None = None,
) -> dict[str, object]:
    """Write a run folder, all of it or nothing, and return its summary.

    Parameters
    ----------
    decisions : callable, optional
        Gives decisions.csv where it was begun before.

    Raises
    ------
    UsageError
        The folder exists or cannot be written.
    """
    with published(run) as work:
        return fill_run(outcome, work, workbook, command, progress, decisions)


def fill_run(
    outcome: Outcome, work: Path, workbook: bool = True, command: str = "", progress: Progress = silent,
    decisions: Callable[[], bytes] | None = None, alone: bool = True,
) -> dict[str, object]:
    """Write the files of a run into an empty folder that is not yet where it belongs, and return the run's summary.

    Parameters
    ----------
    decisions : callable, optional
        As for :func:`write_run`.
    alone : bool
        Whether processes may be used.
    """
    begin = time.perf_counter()
    language = outcome.source.policy.programme.language
    tables = Tables(answers(outcome), language)
    progress(message(N_("writing the tables")))
    beside = alone and len(outcome.household) >= ENOUGH_PAIRS and not workbook
    with meanwhile(partial(_write_tables, work, tables, ("roster", "changes")), beside) as half:
        hashes = _write_tables(work, tables, ("unmatched", "bottlenecks", "review", "cadres"))
        ready = decisions and _write(work / "decisions.csv", decisions())
        hashes |= {"decisions.csv": ready} if ready else _write_tables(work, tables, ("decisions",))
        told = summary(outcome)
        hashes["summary.json"] = _write(work / "summary.json", json_bytes(told))
        hashes["certificate.json.gz"] = _write(work / "certificate.json.gz", certificate(certificate_head(told), outcome.certificates()))
        hashes["findings.csv"] = write_csv(work / "findings.csv", findings_columns(outcome.judgement.findings, language))
        hashes |= half()
    if workbook:
        from matcher.export.book import book_of
        from matcher.export.workbook import write_workbook

        progress(message(N_("writing the workbook")))
        write_workbook(work / "roster.xlsx", book_of(outcome.source.policy, tables))
        hashes["roster.xlsx"] = hashlib.sha256((work / "roster.xlsx").read_bytes()).hexdigest()
    outcome.seconds["write"] = time.perf_counter() - begin
    (work / "run.json").write_bytes(json_bytes(run_record(outcome, command, dict(sorted(hashes.items())))))
    return told


def _write_tables(work: Path, tables: Tables, names: Sequence[str]) -> dict[str, str]:
    """Write some tables and return their files' SHA-256."""
    return {f"{name}.csv": _write_table(work, tables, name) for name in names}


def _write_table(work: Path, tables: Tables, name: str) -> str:
    return write_csv(work / f"{name}.csv", tables.columns(name))


def _write(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return hashlib.sha256(data).hexdigest()
