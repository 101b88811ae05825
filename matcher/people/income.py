"""Incomes: exact decimals, or the reason why a household is held back."""

from __future__ import annotations

import re
from bisect import bisect_right
from decimal import Decimal
from functools import partial
from itertools import accumulate

import numpy as np

from matcher.errors import InputError
from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.tables.cells import excerpt, read
from matcher.tables.coded import Coded, constant, joined
from matcher.tables.table import Cell, Part, RawTable

_AMOUNT = re.compile(r"(\d+|\d{1,3}(?:,\d{3})+)(\.\d+)?(元)?", re.ASCII)
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


def incomes(table: RawTable, threshold: Decimal, unit: str, findings: list[Finding]) -> Coded[Income]:
    """Return every household row's income; a file whose median is far from the threshold is suspect as a whole.

    The median alarm (below a twentieth, above twenty times the threshold) catches 万元 written for 元.
    """
    found = []
    for part in table.parts:
        _refuse_other_unit(table.name, part, unit)
        cells = part.columns.get("income", constant(None, len(part.rows)))
        found.append(cells.map(partial(read_income, unit=part.income_unit or unit)))
        kind = N_("{value} is no amount in yuan; the household is held back. Ask the township for the figure.")
        for index in found[-1].rows_where(lambda v: v == UNUSABLE):
            what = message(kind, value=excerpt(cells[index]))
            findings.append(Finding(table.name, part.label, part.rows[index], "income", "income_unusable", what, table.header("income")))
    for file in dict.fromkeys(part.file for part in table.parts):
        own = [k for k, part in enumerate(table.parts) if part.file == file]
        if _is_suspect(joined([found[k] for k in own]), threshold):
            text = N_("The median income of {file} is far from the threshold of {threshold}: are the amounts in 万元 or in 元? "
                      "All its households are held back; say the unit in the header or in tables.income_unit.")
            filled = message(text, file=file, threshold=threshold)
            findings.append(Finding(table.name, file, None, "income", "income_suspect", filled))
            for k in own:
                found[k] = found[k].map(lambda v: SUSPECT if isinstance(v, Decimal) else v)
    return joined(found)


def _refuse_other_unit(table: str, part: Part, unit: str) -> None:
    if part.unit_above not in ("", unit):
        text = N_("The title says {said}, tables.income_unit says {unit}, the header says nothing. Write the unit into the header.")
        filled = message(text, said=part.unit_above, unit=unit)
        finding = Finding(table, part.label, None, "income", "unit_contradiction", filled, part.headers.get("income", ""))
        raise InputError(message(N_("The tables cannot be used.")), [finding])


def _is_suspect(values: Coded[Income], threshold: Decimal) -> bool:
    times = np.bincount(values.codes, minlength=len(values.values)).tolist()
    amounts = sorted((v, n) for v, n in zip(values.values, times, strict=True) if isinstance(v, Decimal) and n)
    if not amounts or not threshold:
        return False
    until = list(accumulate(n for _, n in amounts))
    low, high = (amounts[bisect_right(until, k)][0] for k in ((until[-1] - 1) // 2, until[-1] // 2))
    middle = (low + high) / 2
    return middle * _SUSPECT < threshold or middle > threshold * _SUSPECT
