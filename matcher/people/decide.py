"""One decision for every household row: the first of the contract's list that applies, with its evidence."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from matcher.domain import Decision
from matcher.findings import Finding
from matcher.messages import N_, Message, masked, message
from matcher.people.households import HouseholdRows
from matcher.people.income import MISSING, SUSPECT, Income
from matcher.people.welfare import Link
from matcher.policy import Policy
from matcher.tables.cells import excerpt
from matcher.tables.coded import Coded, distinct_rows

DUPLICATE_OF = N_("same ID number as {judged}, which is judged in its place")
INCOME_BLANK = N_("the income is blank")
INCOME_UNUSABLE = N_("the income {shown} is no amount in yuan")
INCOME_SUSPECT = N_("the income {shown} is suspect: the median of its file is far from the threshold")
ABOVE = N_("income {shown}, above {threshold}")
NOT_BELOW = N_("income {shown}, not below {threshold}")
UP_TO = N_("income {shown}, not above {threshold}")
BELOW = N_("income {shown}, below {threshold}")
UNCERTAIN_MATCHED = N_("{income}; paired although uncertain: {evidence}")


@dataclass(frozen=True)
class Judged:
    """A row's decision, and what it rests on: words, or the welfare row that means the household."""

    decision: Decision
    ground: Message | Link

    @property
    def evidence(self) -> Message:
        """The ground in words; those of a welfare row are made when somebody reads them."""
        return self.ground if isinstance(self.ground, Message) else self.ground.evidence()


def surely_listed(households: HouseholdRows, links: dict[str, list[Link]]) -> dict[int, Judged]:
    """Return the decision of every row that a welfare row surely means."""
    return {households.index[key]: Judged(Decision.ON_WELFARE_LIST, own[0]) for key, own in links.items() if own[0].sure}


def decide(households: HouseholdRows, links: dict[str, list[Link]], sure: dict[int, Judged], policy: Policy) -> Coded[Judged]:
    """Return every row's decision, in the order of the rows.

    Parameters
    ----------
    sure : dict of int to Judged
        See :func:`surely_listed`.
    """
    income, shown = households.income, households.income_text
    figures, number = distinct_rows(income.codes, shown.codes)
    found = _by_incomes([income.values[i] for i in figures[0]], [shown.values[t] for t in figures[1]], policy)
    by_income = Coded(found, number.astype(np.int32))
    own_rows = dict(sure)
    for key, own in links.items():
        row = households.index[key]
        if not own[0].sure and by_income[row].decision is Decision.ELIGIBLE:
            own_rows[row] = _uncertain(own, policy.eligibility.uncertain_welfare, by_income[row])
    for key, judged in households.judged_as.items():
        own_rows[households.index[key]] = Judged(Decision.DUPLICATE, message(DUPLICATE_OF, judged=judged))
    by_income.codes[list(own_rows)] = np.arange(len(found), len(found) + len(own_rows))
    return Coded([*found, *own_rows.values()], by_income.codes)


def _by_incomes(incomes: Sequence[Income], shown: Sequence[str], policy: Policy) -> list[Judged]:
    """Return the decisions of incomes alone, which stand in the table as shown."""
    rule = policy.eligibility
    line, inclusive, threshold = rule.income_threshold, rule.threshold_inclusive, f"{rule.income_threshold:f}"
    above, below = (ABOVE, UP_TO) if inclusive else (NOT_BELOW, BELOW)
    return [
        _without_income(income, text) if isinstance(income, str) else
        Judged(Decision.ELIGIBLE, masked(below, shown=text, threshold=threshold)) if income < line or (inclusive and income == line) else
        Judged(Decision.ABOVE_THRESHOLD, masked(above, shown=text, threshold=threshold))
        for income, text in zip(incomes, shown, strict=True)
    ]


def _without_income(why: str, shown: str) -> Judged:
    if why == MISSING:
        return Judged(Decision.MISSING_INCOME, message(INCOME_BLANK))
    return Judged(Decision.REVIEW_INCOME, message(INCOME_SUSPECT if why == SUSPECT else INCOME_UNUSABLE, shown=excerpt(shown)))


def _uncertain(links: Sequence[Link], rule: str, eligible: Judged) -> Judged:
    if rule == "match":
        return Judged(Decision.ELIGIBLE, message(UNCERTAIN_MATCHED, income=eligible.evidence, evidence=links[0].evidence()))
    return Judged(Decision.ON_WELFARE_LIST if rule == "exclude" else Decision.REVIEW_WELFARE, links[0])


def uncertain_findings(households: HouseholdRows, decisions: Coded[Judged], policy: Policy) -> list[Finding]:
    """Return a finding for every household that is paired although a welfare row may mean it."""
    if policy.eligibility.uncertain_welfare != "match":
        return []
    return [
        Finding("households", "", None, "household_id", "welfare_uncertain_matched",
                message(N_("{id}: {text}"), id=households.ids[row], text=decisions[row].evidence))
        for row in decisions.rows_where(lambda j: isinstance(j.ground, Message) and j.ground.text == UNCERTAIN_MATCHED)
    ]


def band_of(income: Decimal, bands: Sequence[Decimal]) -> int:
    """Return the band of an income: 0 the poorest, a band includes its figure; the figures rise."""
    return bisect_left(bands, income)
