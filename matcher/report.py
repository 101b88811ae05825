"""What the commands say at the end, what is so odd that it is said loudly, and how a refusal is told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matcher.domain import Decision
from matcher.errors import JieduiError
from matcher.findings import Finding
from matcher.messages import N_, Message, mask_numbers, message
from matcher.pipeline import Outcome
from matcher.roster.served import served_of
from matcher.tables.aliases import table_in

_SHOWN, _OF_EACH = 10, 3
_LOUD = ("nobody_eligible", "no_welfare_list", "income_suspect", "empty_file", "month_not_folder", "seed_not_month", "many_absent",
         "nobody_may_serve")
"""Codes of findings that are told at the end of a run too, the gravest first."""


def failure(error: JieduiError, language: str) -> str:
    """Return a refusal: what happened, then the places with what to do."""
    lines = [error.summary.render(language)]
    lines += [finding_line(f, language) for f in error.findings[:_SHOWN] if f.message != error.summary]
    if len(error.findings) > _SHOWN:
        lines.append(message(N_("… and {count} more."), count=len(error.findings) - _SHOWN).render(language))
    title = message(N_("Also noticed, and often the cause (jiedui check tells all):"))
    return "\n".join([*lines, *alarming(error.noticed, title, language)])


def finding_line(finding: Finding, language: str) -> str:
    """Return a finding on a line of its own; no ID number is shown in full, whatever column it stood in."""
    where = finding.sheet or table_in(language, finding.table)
    if finding.row is not None:
        kind = N_("{where}, line {row}") if finding.table == "policy" else N_("{where}, row {row}")
        where = message(kind, where=where, row=finding.row).render(language)
    if finding.column:
        kind = N_("{where}, key {column}") if finding.table == "policy" else N_("{where}, column {column}")
        where = message(kind, where=where, column=finding.header or finding.column).render(language)
    return mask_numbers(f"  {where}: " * bool(where) + finding.message.render(language))


def is_loud(finding: Finding) -> bool:
    """Return whether it is so odd about a month as a whole that somebody should look at it."""
    return finding.code in _LOUD


def alarming(findings: Sequence[Finding], title: Message, language: str) -> list[str]:
    """Return under a title what is so odd that somebody should look at it, the gravest first, a few of each code; nothing if none."""
    lines = []
    for code in _LOUD:
        each = sorted((f for f in findings if f.code == code), key=lambda f: -f.affected)
        lines += [finding_line(f, language) for f in each[:_OF_EACH]]
        if len(each) > _OF_EACH:
            lines.append("  " + message(N_("… and {count} more."), count=len(each) - _OF_EACH).render(language))
    return [title.render(language), *lines] if lines else []


def after_match(outcome: Outcome, run: Path, language: str) -> str:
    """Return the headline figures of a run."""
    decided = outcome.judgement.counts()
    served = served_of(outcome.judgement.instance.households.partners, outcome.household)
    review = decided[Decision.REVIEW_INCOME] + decided[Decision.REVIEW_WELFARE] + decided[Decision.MISSING_INCOME]
    lines = [
        message(N_("{rows} household rows: {eligible} eligible, {review} to be reviewed."), rows=len(outcome.judgement.decided),
                eligible=decided[Decision.ELIGIBLE], review=review),
        message(N_("{pairs} pairings. Of the eligible households {fully_served} have all the cadres they need, {partly_served} some of "
                   "them, {unserved} none."), pairs=len(outcome.household), **served._asdict()),
        message(N_("Every objective is proved to be the best possible.")),
        message(N_("{count} things were noticed in the tables (findings.csv)."), count=len(outcome.judgement.findings)),
        message(N_("The results are in {run}."), run=str(run)),
    ]
    return "\n".join(line.render(language) for line in lines)


def alarms_of_match(outcome: Outcome, language: str) -> str:
    """Return what somebody should look at before a run's roster is used; empty where there is nothing."""
    return "\n".join(alarming(outcome.judgement.findings, message(N_("Look at this before the roster goes out:")), language))
