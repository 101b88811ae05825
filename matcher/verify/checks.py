"""All checks of a run, in order: docs/certificate.md, "What is checked"."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from matcher.errors import JieduiError
from matcher.messages import N_, Message, message
from matcher.parallel import meanwhile
from matcher.people.judge import Judgement, judge
from matcher.policy import Policy
from matcher.progress import silent
from matcher.tables.canonical import inputs_hash
from matcher.tables.month import POLICY_FILE, RawTables
from matcher.verify.certificate import Certificate, Part, read_certificate
from matcher.verify.changes import told_again
from matcher.verify.counts import check_decisions, check_figures, policy_hash, wanted_summary
from matcher.verify.draw import check_draw
from matcher.verify.files import CERTIFICATE, RECORD, SUMMARY, Files, check_columns, check_hashes
from matcher.verify.levels import ticket_bits
from matcher.verify.optimal import Roster, check_optimal
from matcher.verify.parts import separate
from matcher.verify.problem import Problem, Rules
from matcher.verify.roster import check_feasible, columns, values
from matcher.verify.verdict import Check, Flaw, Verdict
from matcher.verify.why import Bottleneck, Short, count_again

T = TypeVar("T")
_AT_LEAST, _BY_ROW = 1 << 26, 1 << 12
"""Bytes that a certificate's text may have: for any month, and for every row of households and cadres."""
_WORTH_A_PROCESS = 3_000
"""Households' rows or pairs from which on checks are made in processes of their own."""
_ORDER = (
    "hashes", "inputs", "certificate", "decisions", "roster", "changes", "feasible", "optimal", "draw", "independent", "reasons", "counts",
)


def verify_files(
    files: Files, tables: RawTables, policy: Policy, policy_bytes: bytes, independent: bool = False,
    progress: Callable[[Message], object] = silent,
) -> Verdict:
    """Check a run's files against tables and policy."""
    return _Checker(files, tables, policy, policy_bytes, progress if independent else None).verdict()


def _beside(check: Callable[[], T], worth: bool) -> Callable[[], T]:
    """Begin a check in a process of its own, where that is worth it, and return the function that ends as the check ends."""

    def tried() -> T | Message:
        try:
            return check()
        except Flaw as flaw:
            return flaw.message

    found = meanwhile(tried, worth)

    def ended() -> T:
        told = found()
        if isinstance(told, Message):
            raise Flaw(told)
        return told

    return ended


class _Checker:
    """Makes one check after the other; what cannot be checked because an earlier check failed is not valid either."""

    def __init__(self, files: Files, tables: RawTables, policy: Policy, policy_bytes: bytes,
                 progress: Callable[[Message], object] | None) -> None:
        self._progress = progress
        self._files, self._tables, self._policy, self._policy_bytes = files, tables, policy, policy_bytes
        self._checks: list[Check] = []
        self._problems: list[tuple[Problem, Part, Roster]] = []

    def verdict(self) -> Verdict:
        """Return all checks."""
        files = self._files
        self._try("hashes", N_("All files of the run are as they were written."), lambda: check_hashes(files, files.json(RECORD)))
        inputs = _beside(self._inputs, len(self._tables["households"]) >= _WORTH_A_PROCESS)
        judgement = self._try("decisions", None, self._judged)
        told = self._try("certificate", N_("The certificate is complete and of this run."), self._certificate)
        hashed = self._try("inputs", N_("The tables and the policy are those of the run."), inputs)
        if judgement is None or told is None:
            return self._ordered()
        pairs = sorted(pair for part in told.parts for pair in part.pairs)
        worth = len(pairs) >= _WORTH_A_PROCESS
        decisions = _beside(lambda: check_decisions(files, judgement, pairs, self._policy.programme.language), worth)
        changes = _beside(lambda: self._changes(judgement, pairs), worth)
        self._try("roster", N_("The roster is the one that is proved."), lambda: self._roster(pairs))
        if self._try("feasible", N_("Every pair is permitted, every fixed pair stands, every limit is kept."),
                     lambda: self._feasible(judgement, told)):
            self._proof(judgement, told, pairs, hashed or "")
        self._try("decisions", N_("Every household's decision and every cadre's part is what tables and policy give."), decisions)
        self._try("changes", N_("What became of last month's pairs is told as it is."), changes)
        return self._ordered()

    def _ordered(self) -> Verdict:
        return Verdict(tuple(sorted(self._checks, key=lambda check: _ORDER.index(check.name))))

    def _try(self, name: str, good: str | None, check: Callable[[], T]) -> T | None:
        """Make a check; a check that gives nothing gives True."""
        try:
            found = check()
        except Flaw as flaw:
            self._checks.append(Check(name, False, flaw.message))
            return None
        if good is not None:
            self._checks.append(Check(name, True, message(good)))
        return True if found is None else found  # type: ignore[return-value]

    def _inputs(self) -> str:
        """Check that the tables and the policy say what they said at the run, and return their hash."""
        record, told = self._files.json(RECORD), self._files.json(SUMMARY)
        found = inputs_hash(self._tables, self._policy.tables.income_unit)
        now = {POLICY_FILE: hashlib.sha256(self._policy_bytes).hexdigest(), **self._tables.hashes}
        before = record.get("files_sha256")
        before = before if isinstance(before, dict) else {}
        if found != told.get("inputs_sha256") or policy_hash(self._policy) != told.get("policy_sha256"):
            changed = sorted(name for name in now.keys() | before.keys() if now.get(name) != before.get(name))
            text = N_("The tables are not those of the run. Changed since: {files}.")
            raise Flaw(message(text, files="、".join(changed) or SUMMARY))
        return found

    def _judged(self) -> Judgement:
        try:
            return judge(self._tables, self._policy)
        except JieduiError as error:
            raise Flaw(message(N_("The tables cannot be judged: {why}"), why=error.summary)) from None

    def _certificate(self) -> Certificate:
        rows = len(self._tables["households"]) + len(self._tables["cadres"])
        return read_certificate(self._files.bytes(CERTIFICATE), _AT_LEAST + _BY_ROW * rows)

    def _roster(self, pairs: list[tuple[str, str]]) -> None:
        check_columns(self._files, "roster", {"household_id": [h for h, _ in pairs], "cadre_id": [c for _, c in pairs]})

    def _changes(self, judgement: Judgement, pairs: list[tuple[str, str]]) -> None:
        status, reason, rows = told_again(judgement, pairs)
        check_columns(self._files, "roster", {"status": status, "reason": reason})
        names = ("household_id", "from_cadre", "to_cadre", "kind", "reason")
        check_columns(self._files, "changes", {name: [row[k] for row in rows] for k, name in enumerate(names)})

    def _feasible(self, judgement: Judgement, told: Certificate) -> None:
        found = separate(judgement.instance)
        if len(found) != len(told.parts):
            raise Flaw(message(N_("The certificate has {count} parts; the month has {wanted} separate problems."),
                               count=len(told.parts), wanted=len(found)))
        rules = Rules.of(self._policy)
        for instance, part in zip(found, told.parts, strict=True):
            problem = Problem(instance, rules)
            household, cadre = columns(problem, part.pairs)
            check_feasible(problem, household, cadre)
            self._problems.append((problem, part, Roster.of(problem, household, cadre)))

    def _proof(self, judgement: Judgement, told: Certificate, pairs: list[tuple[str, str]], inputs: str) -> None:
        reasons = _beside(self._reasons, len(pairs) >= _WORTH_A_PROCESS)
        proved = self._try("optimal", N_("No roster is better: proved for every permitted pair, in every objective."), self._optimal)
        drawn = self._try("draw", N_("The lot was followed, and leaves this roster alone."), self._draw if proved else self._no_draw)
        if proved and self._progress:
            again = partial(self._solve_again, self._progress)
            self._try("independent", N_("Another solver finds the same optimum at every level."), again)
        if drawn is not None:
            self._try("reasons", N_("Everybody who lacks a cadre is listed with the reason; every bottleneck is counted again."),
                      reasons)
        whole = self._problems[0][0] if len(self._problems) == 1 else Problem(judgement.instance, Rules.of(self._policy))
        worth = values(whole, *columns(whole, pairs))
        permitted = int(whole.permitted_of_household.sum())
        wanted = wanted_summary(judgement, self._policy, inputs, pairs, worth, permitted, None if drawn is None else len(drawn))
        self._try("counts", N_("All figures of the summary and of the certificate are counted again."),
                  lambda: check_figures(self._files.json(SUMMARY), told.head, wanted))

    def _optimal(self) -> None:
        for problem, part, roster in self._problems:
            check_optimal(problem, part, roster, ticket_bits(len(part.nodes)))

    def _solve_again(self, progress: Callable[[Message], object]) -> None:
        from matcher.verify.second import solve_again

        for problem, part, roster in self._problems:
            solve_again(problem, part, roster, progress)

    def _no_draw(self) -> set[str]:
        raise Flaw(message(N_("Not checked, because the proof does not hold.")))

    def _draw(self) -> set[str]:
        drawn: set[str] = set()
        for problem, part, roster in self._problems:
            drawn |= {problem.households.ids[k] for k in check_draw(problem, part, roster)}
        for name in ("roster", "unmatched"):
            header, rows = self._files.table(name)
            if "household_id" in header:
                at = header.index("household_id")
                check_columns(self._files, name, {"drawn": ["yes" if row[at].removeprefix("'") in drawn else "no" for row in rows]})
        return drawn

    def _reasons(self) -> None:
        """Check unmatched.csv and bottlenecks.csv."""
        short: list[Short] = []
        found: list[Bottleneck] = []
        for problem, _, roster in self._problems:
            lacking, narrow = count_again(problem, roster)
            short += [replace(s, bottleneck=s.bottleneck + len(found) if s.bottleneck >= 0 else -1) for s in lacking]
            found += narrow
        short.sort(key=lambda s: s.household)
        check_columns(self._files, "unmatched", {
            "household_id": [s.household for s in short], "reason": [s.reason for s in short], "lacking": [s.lacking for s in short],
            "bottleneck": [s.bottleneck + 1 if s.bottleneck >= 0 else "" for s in short],
        })
        names = ("townships", "households", "cadres", "places", "shortfall")
        check_columns(self._files, "bottlenecks", {
            "bottleneck": list(range(1, len(found) + 1)), **{name: [getattr(b, name) for b in found] for name in names},
        })
