"""One decision for every household row: the first of the contract's list that applies, with its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from matcher.domain import Decision
from matcher.findings import Finding
from matcher.messages import N_, Message, message
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


def decide(households: HouseholdRows, links: dict[str, list[Link]], policy: Policy) -> Coded[Judged]:
    """Return every row's decision, in the order of the rows."""
    income, shown = households.income, households.income_text
    figures, number = distinct_rows(income.codes, shown.codes)
    found = [_by_income(income.values[i], shown.values[t], policy) for i, t in zip(*figures, strict=True)]
    by_income = Coded(found, number.astype(np.int32))
    own_rows: dict[int, Judged] = {}
    for key, own in links.items():
        row = households.index[key]
        if own[0].sure:
            own_rows[row] = Judged(Decision.ON_WELFARE_LIST, own[0])
        elif by_income[row].decision is Decision.ELIGIBLE:
            own_rows[row] = _uncertain(own, policy.eligibility.uncertain_welfare, by_income[row])
    for key, judged in households.judged_as.items():
        own_rows[households.index[key]] = Judged(Decision.DUPLICATE, message(DUPLICATE_OF, judged=judged))
    by_income.codes[list(own_rows)] = np.arange(len(found), len(found) + len(own_rows))
    return Coded([*found, *own_rows.values()], by_income.codes)


def _by_income(income: Income, shown: str, policy: Policy) -> Judged:
    """Return the decision of an income alone, which stands in the table as shown."""
    rule = policy.eligibility
    if isinstance(income, str):
        return _without_income(income, shown)
    over = income > rule.income_threshold or (income == rule.income_threshold and not rule.threshold_inclusive)
    kinds = (ABOVE, UP_TO) if rule.threshold_inclusive else (NOT_BELOW, BELOW)
    evidence = message(kinds[0] if over else kinds[1], shown=shown, threshold=f"{rule.income_threshold:f}")
    return Judged(Decision.ABOVE_THRESHOLD if over else Decision.ELIGIBLE, evidence)


def _without_income(why: str, shown: str) -> Judged:
    if why == MISSING:
        return Judged(Decision.MISSING_INCOME, message(INCOME_BLANK))
    return Judged(Decision.REVIEW_INCOME, message(INCOME_SUSPECT if why == SUSPECT else INCOME_UNUSABLE, shown=excerpt(shown)))


def _uncertain(links: Sequence[Link], rule: str, eligible: Judged) -> Judged:
    if rule == "match":
        return Judged(Decision.ELIGIBLE, message(UNCERTAIN_MATCHED, income=eligible.evidence, evidence=links[0].evidence()))
    return Judged(Decision.ON_WELFARE_LIST if rule == "exclude" else Decision.REVIEW_WELFARE, links[0])


def uncertain_findings(households: HouseholdRows, decisions: Coded[Judged]) -> list[Finding]:
    """Return a finding for every household that is paired although a welfare row may mean it."""
    return [
        Finding("households", "", None, "household_id", "welfare_uncertain_matched",
                message(N_("{id}: {text}"), id=households.ids[row], text=decisions[row].evidence))
        for row in decisions.rows_where(lambda j: isinstance(j.ground, Message) and j.ground.text == UNCERTAIN_MATCHED)
    ]


def band_of(income: Decimal, bands: Sequence[Decimal]) -> int:
    """Return the band of an income: 0 the poorest, a band includes its figure."""
    return sum(income > figure for figure in bands)
