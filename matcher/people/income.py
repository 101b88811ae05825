"""Incomes: exact decimals, or the reason why a household is held back."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import accumulate

import numpy as np

from matcher.errors import InputError
from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.people.misplaced import number_in
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
    a spreadsheet shows. Never guessed: a cell that says 元 in a column of 万元 is unusable, and so is an ID number.
    """
    if isinstance(cell, bool) or number_in(cell):
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


@dataclass(frozen=True)
class Amounts:
    """Every household row's income as it stands in the table, and what each file's are about.

    Attributes
    ----------
    whole : Coded of Income
    rows : dict of str to slice
        The rows of every file's parts, a slice for each.
    middle : dict of str to Decimal
        The median of every file that has an amount.
    """

    whole: Coded[Income]
    rows: dict[str, list[slice]]
    middle: dict[str, Decimal]


def read_amounts(table: RawTable, unit: str, findings: list[Finding]) -> Amounts:
    """Return every household row's income, which the policy's unit decides where the table does not say it.

    Raises
    ------
    InputError
        The title of a file says another unit than the policy.
    """
    found: list[Coded[Income]] = []
    rows: dict[str, list[slice]] = {}
    for part, begin in zip(table.parts, table.starts, strict=True):
        _refuse_other_unit(table.name, part, unit)
        cells = part.columns.get("income", constant(None, len(part.rows)))
        rows.setdefault(part.file, []).append(slice(begin, begin + len(part.rows)))
        found.append(cells.map(partial(read_income, unit=part.income_unit or unit)))
        kind = N_("{value} is no amount in yuan; the household is held back. Ask the township for the figure.")
        for index in found[-1].rows_where(lambda v: v == UNUSABLE):
            what = message(kind, value=excerpt(cells[index]))
            findings.append(Finding(table.name, part.label, part.rows[index], "income", "income_unusable", what, table.header("income")))
    middle = {file: _middle(joined([own for own, part in zip(found, table.parts, strict=True) if part.file == file])) for file in rows}
    return Amounts(joined(found), rows, {file: figure for file, figure in middle.items() if figure is not None})


def incomes(table: RawTable, amounts: Amounts, threshold: Decimal, findings: list[Finding]) -> Coded[Income]:
    """Return every household row's income; a file whose median is far from the threshold is suspect as a whole.

    The median alarm (below a twentieth, above twenty times the threshold) catches 万元 written for 元.
    """
    found = amounts.whole
    for file, middle in amounts.middle.items():
        if threshold and (middle * _SUSPECT < threshold or middle > threshold * _SUSPECT):
            text = N_("The median income of {file} is far from the threshold of {threshold}: are the amounts in 万元 or in 元? "
                      "All its households are held back; say the unit in the header or in tables.income_unit.")
            filled = message(text, file=file, threshold=threshold)
            affected = sum(rows.stop - rows.start for rows in amounts.rows[file])
            findings.append(Finding(table.name, file, None, "income", "income_suspect", filled, affected=affected))
            found = _held_back(found, amounts.rows[file])
    return found


def _held_back(values: Coded[Income], rows: list[slice]) -> Coded[Income]:
    """Return incomes, the amounts in some rows suspect."""
    codes, amount = values.codes.copy(), np.array([isinstance(v, Decimal) for v in values.values], np.bool_)
    for some in rows:
        codes[some] = np.where(amount[codes[some]], len(values.values), codes[some])
    return Coded([*values.values, SUSPECT], codes)


def _refuse_other_unit(table: str, part: Part, unit: str) -> None:
    if part.unit_above not in ("", unit):
        text = N_("The title says {said}, tables.income_unit says {unit}, the header says nothing. Write the unit into the header.")
        filled = message(text, said=part.unit_above, unit=unit)
        finding = Finding(table, part.label, None, "income", "unit_contradiction", filled, part.headers.get("income", ""))
        raise InputError(message(N_("The tables cannot be used.")), [finding])


def _middle(values: Coded[Income]) -> Decimal | None:
    """Return the median of the amounts among a file's incomes; None where there is none."""
    times = np.bincount(values.codes, minlength=len(values.values)).tolist()
    amounts = sorted((v, n) for v, n in zip(values.values, times, strict=True) if isinstance(v, Decimal) and n)
    if not amounts:
        return None
    until = list(accumulate(n for _, n in amounts))
    low, high = (amounts[bisect_right(until, k)][0] for k in ((until[-1] - 1) // 2, until[-1] // 2))
    return (low + high) / 2
