"""All checks of a run, in order: docs/certificate.md, "What is checked"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from matcher.errors import JieduiError
from matcher.messages import N_, Message, message
from matcher.people.judge import Judgement, judge
from matcher.policy import Policy
from matcher.progress import silent
from matcher.tables.canonical import inputs_hash
from matcher.tables.month import POLICY_FILE, RawTables
from matcher.verify import Check, Flaw, Verdict
from matcher.verify.certificate import Part, read_certificate
from matcher.verify.draw import check_draw
from matcher.verify.files import CERTIFICATE, RECORD, SUMMARY, Files, as_columns, check_hashes, sha256_of
from matcher.verify.optimal import check_optimal
from matcher.verify.plain import check_plainly, read_parts
from matcher.verify.problem import Problem, Roster, Rules, check_feasible, separate
from matcher.verify.readable import Readable
from matcher.verify.recount import Bottleneck, Short, changes, check_figures, decisions, policy_hash, reasons, summary

Proved = tuple[Problem, Part, Roster]
_AT_LEAST, _BY_ROW = 1 << 26, 1 << 12
"""Bytes that a certificate's text may have: for any month, and for every row of households and cadres."""
GOOD = {
    "hashes": N_("All files of the run are as they were written."),
    "inputs": N_("The tables and the policy are those of the run."),
    "certificate": N_("The certificate is complete and of this run."),
    "decisions": N_("Every household's decision and every cadre's part is what tables and policy give."),
    "roster": N_("The roster is the one that is proved, with the names, places and units that the tables have."),
    "changes": N_("What became of last month's pairs is told as it is."),
    "feasible": N_("Every pair is permitted, every fixed pair stands, every limit is kept."),
    "optimal": N_("No roster is better: proved for every permitted pair, in every objective."),
    "draw": N_("The lot was followed, and leaves this roster alone."),
    "independent": N_("Another solver finds the same optimum at every level."),
    "reasons": N_("Everybody who lacks a cadre is listed with the reason; every bottleneck is counted again."),
    "counts": N_("All figures of the summary and of the certificate are counted again."),
    "plain": N_("The checker that can be read in one go finds the same, pair by pair: every rule is kept, no roster is better, "
                "the lot was followed."),
}
"""Every check, in order, with what is told where it is passed."""


def verify_files(
    files: Files, tables: RawTables, policy: Policy, policy_bytes: bytes, independent: bool = False, plain: bool = False,
    progress: Callable[[Message], object] = silent,
) -> Verdict:
    """Check a run's files against tables and policy; what cannot be checked because an earlier check failed is not told of."""
    checker = _Checker(files, tables, policy, policy_bytes)
    checker.run(progress if independent else None)
    if plain:
        progress(message(N_("Every permitted pair is looked at once more, one by one")))
        checker.run_plainly()
    return Verdict(tuple(checker.checks.values()))


class _Checker:
    """Makes one check after the other."""

    def __init__(self, files: Files, tables: RawTables, policy: Policy, policy_bytes: bytes) -> None:
        self._files, self._tables, self._policy, self._policy_bytes = files, tables, policy, policy_bytes
        self._rules = Rules.of(policy)
        self._judgement: Judgement | None = None
        self.checks: dict[str, Check] = {}

    @contextmanager
    def _check(self, name: str) -> Iterator[None]:
        """Tell a check under its name: passed, unless what is done meanwhile raises a flaw."""
        try:
            yield
            self.checks[name] = Check(name, True, message(GOOD[name]))
        except Flaw as flaw:
            self.checks[name] = Check(name, False, flaw.message)

    def _passed(self, *names: str) -> bool:
        return all(self.checks[name].valid for name in names)

    def run(self, progress: Callable[[Message], object] | None) -> None:
        """Make all checks; with a progress also the second solver's."""
        inputs = inputs_hash(self._tables, self._policy.tables.income_unit)
        with self._check("hashes"):
            check_hashes(self._files)
        with self._check("inputs"):
            self._inputs(inputs)
        with self._check("certificate"):
            rows = len(self._tables["households"]) + len(self._tables["cadres"])
            head, parts = read_certificate(self._files.bytes(CERTIFICATE), _AT_LEAST + _BY_ROW * rows)
        with self._check("decisions"):
            self._judgement = judgement = self._judged()
        if not self._passed("certificate", "decisions"):
            return
        pairs, beside = sorted(pair for part in parts for pair in part.pairs), Readable(judgement)
        with self._check("decisions"):
            self._files.check(decisions(judgement, pairs, self._policy.programme.language))
            self._files.check({**beside.decisions(), **beside.review(self._policy.programme.language)})
        with self._check("roster"):
            self._files.check({"roster": as_columns("household_id cadre_id", pairs)})
        with self._check("changes"):
            told = changes(judgement, pairs)
            self._files.check(told)
            self._files.check(beside.changes(told["changes"]))
        with self._check("feasible"):
            problems = list(self._problems(judgement, parts))
        if self._passed("feasible"):
            if self._passed("roster"):
                with self._check("roster"):  # by now everybody in it is known to be in the tables
                    self._files.check(beside.roster(pairs, self._policy.programme.month))
            drawn = self._proved(problems, beside, progress)
            with self._check("counts"):
                wanted = summary(Problem(judgement.instance, self._rules), judgement, self._policy, inputs, pairs, drawn)
                check_figures(self._files.json(SUMMARY), head, wanted)

    def run_plainly(self) -> None:
        """Let the checker that is to be read look at a certificate that could be read."""
        if self._judgement and self._passed("certificate"):
            with self._check("plain"):
                check_plainly(self._judgement.instance, self._policy, read_parts(self._files.bytes(CERTIFICATE)))

    def _inputs(self, found: str) -> None:
        """Check that the tables, by their hash, and the policy say what they said at the run."""
        before, told = self._files.json(RECORD).get("files_sha256"), self._files.json(SUMMARY)
        if found != told.get("inputs_sha256") or policy_hash(self._policy) != told.get("policy_sha256"):
            now = {POLICY_FILE: sha256_of(self._policy_bytes), **self._tables.hashes}
            before = before if isinstance(before, dict) else {}
            changed = sorted(name for name in now.keys() | before.keys() if now.get(name) != before.get(name))
            text = N_("The tables are not those of the run. Changed since: {files}.")
            raise Flaw(message(text, files="、".join(changed) or SUMMARY))

    def _judged(self) -> Judgement:
        try:
            return judge(self._tables, self._policy)
        except JieduiError as error:
            raise Flaw(message(N_("The tables cannot be judged: {why}"), why=error.summary)) from None

    def _problems(self, judgement: Judgement, parts: list[Part]) -> Iterator[Proved]:
        found = separate(judgement.instance)
        if len(found) != len(parts):
            raise Flaw(message(N_("The certificate has {count} parts; the month has {wanted} separate problems."),
                               count=len(parts), wanted=len(found)))
        for instance, part in zip(found, parts, strict=True):
            problem = Problem(instance, self._rules)
            yield problem, part, check_feasible(problem, part.pairs)

    def _proved(self, problems: list[Proved], beside: Readable, progress: Callable[[Message], object] | None) -> int | None:
        """Check what the potentials prove, the draw and the reasons; return how many were drawn, where that is known."""
        with self._check("optimal"):
            for proved in problems:
                check_optimal(*proved)
        drawn: set[str] = set()
        with self._check("draw"):
            if not self._passed("optimal"):
                raise Flaw(message(N_("Not checked, because the proof does not hold.")))
            drawn = {problem.households.ids[k] for problem, part, roster in problems for k in check_draw(problem, part, roster)}
            for name in ("roster", "unmatched"):
                ids = self._files.table(f"{name}.csv").get("household_id", ())
                self._files.check({name: {"drawn": ["yes" if str(key).removeprefix("'") in drawn else "no" for key in ids]}})
        if progress and self._passed("optimal"):
            from matcher.verify.second import solve_again

            with self._check("independent"):
                for proved in problems:
                    solve_again(*proved, progress)
        if not self._passed("draw"):
            return None
        with self._check("reasons"):
            self._reasons(problems, beside)
        return len(drawn)

    def _reasons(self, problems: list[Proved], beside: Readable) -> None:
        short: list[Short] = []
        found: list[Bottleneck] = []
        for problem, _, roster in problems:
            lacking, narrow = reasons(problem, roster, len(found))
            short, found = short + lacking, found + narrow
        short.sort()
        self._files.check({
            "unmatched": as_columns("household_id reason lacking bottleneck", short),
            "bottlenecks": as_columns("bottleneck townships households cadres places shortfall needed quota", found),
        })
        self._files.check(beside.unmatched([home for home, *_ in short]))
