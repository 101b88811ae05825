"""Incomes: exact decimals, or the reason why a household is held back."""

from __future__ import annotations

import re
from decimal import Decimal

from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.tables.cells import as_text, each, read
from matcher.tables.table import Cell, Part, RawTable

_AMOUNT = re.compile(r"(\d+|\d{1,3}(?:,\d{3})+)(\.\d+)?(元)?")
_SUSPECT = 20
MISSING, UNUSABLE, SUSPECT = "missing", "unusable", "suspect"
Income = Decimal | str
"""An amount in yuan, or why there is none: ``missing``, ``unusable`` or ``suspect``."""


def read_income(cell: Cell, unit: str) -> Income:
    """Return the amount of a cell in yuan, or ``missing`` or ``unusable``.

    Accepted are ``2499.5``, ``2,499.5``, full-width digits and ``2300元``; a number cell counts with the 15 digits that
    a spreadsheet shows. Never guessed: a cell that says 元 in a column of 万元 is unusable.
    """
    if isinstance(cell, bool):
        return UNUSABLE
    text = read(f"{cell:.15g}" if isinstance(cell, float) else cell)
    if not text:
        return MISSING
    amount = _AMOUNT.fullmatch(text)
    if amount is None or len(text) > 30 or (amount[3] and unit == "万元"):
        try:
            return Decimal(text) if isinstance(cell, float) and cell >= 0 and Decimal(text).is_finite() else UNUSABLE
        except ArithmeticError:
            return UNUSABLE
    value = Decimal(amount[1].replace(",", "") + (amount[2] or ""))
    return value * 10_000 if unit == "万元" else value


def incomes(table: RawTable, threshold: Decimal, unit: str, findings: list[Finding]) -> list[Income]:
    """Return every household row's income; a file whose median is far from the threshold is suspect as a whole.

    The median alarm (below a twentieth, above twenty times the threshold) catches 万元 written for 元.
    """
    found: list[Income] = []
    for part in table.parts:
        cells = part.columns.get("income", ())
        values = each(list(cells), lambda cell, u=part.income_unit or unit: read_income(cell, u))  # type: ignore[misc]
        if _is_suspect(values, threshold):
            text = N_("The median income of {file} is far from the threshold of {threshold}: are the amounts in 万元 or in 元? "
                      "All its households are held back; say the unit in the header or in tables.income_unit.")
            filled = message(text, file=part.label, threshold=threshold)
            findings.append(Finding(table.name, part.label, None, "income", "income_suspect", filled))
            values = [SUSPECT if isinstance(v, Decimal) else v for v in values]
        findings += _unusable(table, part, values)
        found += values
    return found


def _is_suspect(values: list[Income], threshold: Decimal) -> bool:
    amounts = sorted(v for v in values if isinstance(v, Decimal))
    if not amounts or not threshold:
        return False
    middle = (amounts[(len(amounts) - 1) // 2] + amounts[len(amounts) // 2]) / 2
    return middle * _SUSPECT < threshold or middle > threshold * _SUSPECT


def _unusable(table: RawTable, part: Part, values: list[Income]) -> list[Finding]:
    found = []
    for index, value in enumerate(values):
        if value == UNUSABLE:
            said = as_text(part.columns["income"][index])[:20]
            text = message(N_("{value} is no amount in yuan; the household is held back. Ask the township for the figure."), value=said)
            found.append(Finding(table.name, part.label, part.rows[index], "income", "income_unusable", text))
    return found
