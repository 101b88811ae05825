"""All checks of a run, in order: docs/certificate.md, "What is checked"."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from matcher.errors import JieduiError
from matcher.messages import N_, Message, message
from matcher.people.judge import Judgement, judge
from matcher.policy import Policy
from matcher.progress import silent
from matcher.tables.canonical import inputs_hash
from matcher.tables.month import POLICY_FILE, RawTables
from matcher.verify.certificate import Part, read_certificate
from matcher.verify.changes import told_again
from matcher.verify.counts import check_figures, policy_hash, values, wanted_decisions, wanted_summary
from matcher.verify.draw import check_draw
from matcher.verify.files import CERTIFICATE, RECORD, SUMMARY, Files, check_hashes
from matcher.verify.optimal import check_optimal
from matcher.verify.parts import separate
from matcher.verify.problem import Problem, Roster, Rules, check_feasible, columns
from matcher.verify.reasons import Bottleneck, Short, count_again
from matcher.verify.verdict import Check, Flaw, Verdict

T = TypeVar("T")
Pairs = list[tuple[str, str]]
_AT_LEAST, _BY_ROW = 1 << 26, 1 << 12
"""Bytes that a certificate's text may have: for any month, and for every row of households and cadres."""
GOOD = {
    "hashes": N_("All files of the run are as they were written."),
    "inputs": N_("The tables and the policy are those of the run."),
    "certificate": N_("The certificate is complete and of this run."),
    "decisions": N_("Every household's decision and every cadre's part is what tables and policy give."),
    "roster": N_("The roster is the one that is proved."),
    "changes": N_("What became of last month's pairs is told as it is."),
    "feasible": N_("Every pair is permitted, every fixed pair stands, every limit is kept."),
    "optimal": N_("No roster is better: proved for every permitted pair, in every objective."),
    "draw": N_("The lot was followed, and leaves this roster alone."),
    "independent": N_("Another solver finds the same optimum at every level."),
    "reasons": N_("Everybody who lacks a cadre is listed with the reason; every bottleneck is counted again."),
    "counts": N_("All figures of the summary and of the certificate are counted again."),
}
"""Every check, in order, with what is told where it is passed."""


def verify_files(
    files: Files, tables: RawTables, policy: Policy, policy_bytes: bytes, independent: bool = False,
    progress: Callable[[Message], object] = silent,
) -> Verdict:
    """Check a run's files against tables and policy; what cannot be checked because an earlier check failed is not told of."""
    checker = _Checker(files, tables, policy, policy_bytes)
    checker.run(progress if independent else None)
    return Verdict(tuple(checker.checks))


class _Checker:
    """Makes one check after the other."""

    def __init__(self, files: Files, tables: RawTables, policy: Policy, policy_bytes: bytes) -> None:
        self._files, self._tables, self._policy, self._policy_bytes = files, tables, policy, policy_bytes
        self.checks: list[Check] = []
        self._problems: list[tuple[Problem, Part, Roster]] = []

    def run(self, progress: Callable[[Message], object] | None) -> None:
        """Make all checks; with a progress also the second solver's."""
        self._try("hashes", lambda: check_hashes(self._files))
        inputs = self._try("inputs", self._inputs)
        told = self._try("certificate", self._certificate)
        judgement = self._try("decisions", self._judged)
        if told is None or judgement is None:
            return
        head, parts = told
        pairs = sorted(pair for part in parts for pair in part.pairs)
        self._try("decisions", lambda: self._decisions(judgement, pairs))
        self._try("roster", lambda: self._check_rows("roster", ("household_id", "cadre_id"), pairs))
        self._try("changes", lambda: self._changes(judgement, pairs))
        if not self._try("feasible", lambda: self._feasible(judgement, parts)):
            return
        proved = self._try("optimal", lambda: [check_optimal(*problem) for problem in self._problems])
        drawn = self._try("draw", lambda: self._draw(proved is not None))
        if proved is not None and progress:
            self._try("independent", lambda: self._solve_again(progress))
        if drawn is not None:
            self._try("reasons", self._reasons)
        self._try("counts", lambda: self._counts(judgement, head, pairs, inputs or "", drawn))

    def _try(self, name: str, check: Callable[[], T]) -> T | None:
        """Make a check, told once under its name; one that gives nothing gives True."""
        self.checks = [other for other in self.checks if other.name != name]
        try:
            found = check()
        except Flaw as flaw:
            self.checks.append(Check(name, False, flaw.message))
            return None
        self.checks.append(Check(name, True, message(GOOD[name])))
        return True if found is None else found  # type: ignore[return-value]

    def _inputs(self) -> str:
        """Check that the tables and the policy say what they said at the run, and return their hash."""
        before, told, found = self._files.json(RECORD).get("files_sha256"), self._files.json(SUMMARY), inputs_hash(self._tables)
        if found != told.get("inputs_sha256") or policy_hash(self._policy) != told.get("policy_sha256"):
            now = {POLICY_FILE: hashlib.sha256(self._policy_bytes).hexdigest(), **self._tables.hashes}
            before = before if isinstance(before, dict) else {}
            changed = sorted(name for name in now.keys() | before.keys() if now.get(name) != before.get(name))
            text = N_("The tables are not those of the run. Changed since: {files}.")
            raise Flaw(message(text, files="、".join(changed) or SUMMARY))
        return found

    def _certificate(self) -> tuple[dict[str, Any], list[Part]]:
        rows = len(self._tables["households"]) + len(self._tables["cadres"])
        return read_certificate(self._files.bytes(CERTIFICATE), _AT_LEAST + _BY_ROW * rows)

    def _judged(self) -> Judgement:
        try:
            return judge(self._tables, self._policy)
        except JieduiError as error:
            raise Flaw(message(N_("The tables cannot be judged: {why}"), why=error.summary)) from None

    def _decisions(self, judgement: Judgement, pairs: Pairs) -> None:
        for name, wanted in wanted_decisions(judgement, pairs, self._policy.programme.language).items():
            self._files.check(name, wanted)

    def _changes(self, judgement: Judgement, pairs: Pairs) -> None:
        status, reason, rows = told_again(judgement, pairs)
        self._files.check("roster", {"status": status, "reason": reason})
        self._check_rows("changes", ("household_id", "from_cadre", "to_cadre", "kind", "reason"), rows)

    def _feasible(self, judgement: Judgement, parts: list[Part]) -> None:
        found = separate(judgement.instance)
        if len(found) != len(parts):
            raise Flaw(message(N_("The certificate has {count} parts; the month has {wanted} separate problems."),
                               count=len(parts), wanted=len(found)))
        for instance, part in zip(found, parts, strict=True):
            problem = Problem(instance, Rules.of(self._policy))
            pairs = columns(problem, part.pairs)
            check_feasible(problem, *pairs)
            self._problems.append((problem, part, Roster.of(problem, *pairs)))

    def _draw(self, proved: bool) -> set[str]:
        if not proved:
            raise Flaw(message(N_("Not checked, because the proof does not hold.")))
        drawn = {problem.households.ids[k] for problem, part, roster in self._problems for k in check_draw(problem, part, roster)}
        for name in ("roster", "unmatched"):
            ids = self._files.table(name).get("household_id", ())
            self._files.check(name, {"drawn": ["yes" if key.removeprefix("'") in drawn else "no" for key in ids]})
        return drawn

    def _solve_again(self, progress: Callable[[Message], object]) -> None:
        from matcher.verify.second import solve_again

        for problem, part, roster in self._problems:
            solve_again(problem, part, roster, progress)

    def _reasons(self) -> None:
        short: list[Short] = []
        found: list[Bottleneck] = []
        for problem, _, roster in self._problems:
            lacking, narrow = count_again(problem, roster, len(found))
            short, found = short + lacking, found + narrow
        self._check_rows("unmatched", ("household_id", "reason", "lacking", "bottleneck"), sorted(short))
        self._check_rows("bottlenecks", ("bottleneck", "townships", "households", "cadres", "places", "shortfall"), found)

    def _check_rows(self, name: str, columns: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> None:
        self._files.check(name, {column: [row[k] for row in rows] for k, column in enumerate(columns)})

    def _counts(self, judgement: Judgement, head: dict[str, Any], pairs: Pairs, inputs: str, drawn: set[str] | None) -> None:
        whole = Problem(judgement.instance, Rules.of(self._policy))
        worth, permitted = values(whole, *columns(whole, pairs)), int(whole.permitted_of_household.sum())
        wanted = wanted_summary(judgement, self._policy, inputs, pairs, worth, permitted, None if drawn is None else len(drawn))
        check_figures(self._files.json(SUMMARY), head, wanted)
