"""What `check` prints: causes with their remedies, the worst first; the month beside the month before; all of it for machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from matcher.checking.causes import Weight, cause_of
from matcher.checking.examine import Examined, examine
from matcher.checking.fix_list import check_new, write_fix_list
from matcher.checking.profile import Figures, Profile
from matcher.findings import Finding
from matcher.messages import N_, Message, mask_numbers, message
from matcher.pipeline import Progress
from matcher.report import finding_line
from matcher.tables.aliases import table_in

_CAUSES, _PLACES, _TOWNSHIPS = 10, 3, 10
_FIFTH = Decimal("0.2")


@dataclass(frozen=True)
class Checked:
    """An answer to print.

    Attributes
    ----------
    status : int
        The exit status.
    """

    text: str
    record: dict[str, Any]
    status: int


@dataclass(frozen=True)
class Group:
    """The findings of one code."""

    code: str
    weight: Weight
    findings: list[Finding]

    def title(self) -> Message:
        """Return the cause in words."""
        cause = cause_of(self.code)
        return message(cause.title) if cause else self.findings[0].message

    def remedy(self) -> Message | None:
        """Return what to do, where the findings themselves do not say it all."""
        cause = cause_of(self.code)
        return message(cause.remedy) if cause else None

    def line(self, language: str) -> str:
        """Return the cause with how often it was found and its code, on one line."""
        text = N_("{title} ({count} times; {code})")
        return mask_numbers(message(text, title=self.title(), count=len(self.findings), code=self.code).render(language))


def checked(folder: Path, last: Path | None, fix_list: Path | None, language: str, progress: Progress) -> Checked:
    """Look at a month, write the list to mend if one is wanted, and return what to print.

    Raises
    ------
    InputError
        There is no such folder, or ``last`` cannot be read.
    UsageError
        The list's file is there already, or cannot be written.
    """
    if fix_list is not None:
        check_new(fix_list)
    found = examine(folder, last, progress)
    lines = list(text_of(found, language))
    if fix_list is not None:
        lines += [text.render(language) for text in write_fix_list(folder, found, fix_list, found.language or language)]
    lines.append(found.summary.render(language))
    return Checked("\n".join(lines), record_of(found, language), found.error.exit_status if found.error else 0)


def groups(found: Examined) -> list[Group]:
    """Return the findings by code, the worst first: what refuses the month, then by weight, then what most rows hang on."""
    by_code: dict[str, list[Finding]] = {}
    refusing = {f.code for f in found.findings[: found.refusing]}
    for finding in found.findings:
        by_code.setdefault(finding.code, []).append(finding)
    weighed = []
    for code, each in by_code.items():
        cause = cause_of(code)
        weighed.append(Group(code, Weight.REFUSED if code in refusing else cause.weight if cause else Weight.TO_LOOK_AT, each))
    return sorted(weighed, key=lambda g: (g.code not in refusing, g.weight, -sum(f.affected for f in g.findings), g.code))


def text_of(found: Examined, language: str) -> Iterator[str]:
    """Yield the lines for a person, but for the conclusion."""
    every = groups(found)
    for group in every[:_CAUSES]:
        yield group.line(language)
        remedy = group.remedy()
        if remedy is not None:
            yield "  → " + remedy.render(language)
        yield from (finding_line(f, language) for f in group.findings[:_PLACES])
        if len(group.findings) > _PLACES:
            yield "  " + message(N_("… and {count} more."), count=len(group.findings) - _PLACES).render(language)
    yield from (group.line(language) for group in every[_CAUSES:])
    if found.now is not None:
        yield from (line.render(language) for line in _beside(found.now, found.before, language))


def _beside(now: Profile, before: Profile | None, language: str) -> Iterator[Message]:
    if before is None:
        yield message(N_("There is no month before to compare with; --last FOLDER names one."))
        return
    yield message(N_("Beside the month before ({name}):"), name=before.name)
    for table in {**now.rows, **before.rows}:
        text = N_("  {table}: {now} rows, {before} then")
        yield message(text, table=table_in(language, table), now=now.rows.get(table, 0), before=before.rows.get(table, 0))
    yield message(N_("  median income: {now}, {before} then"), now=_shown(now.all), before=_shown(before.all))
    for text, names in ((N_("  Townships that are missing: {names}"), before.townships.keys() - now.townships.keys()),
                        (N_("  Townships that are new: {names}"), now.townships.keys() - before.townships.keys())):
        if names:
            yield message(text, names="、".join(sorted(names)))
    odd = [name for name in now.townships if _odd(now.townships[name], before.townships.get(name))]
    for name in odd[:_TOWNSHIPS]:
        text = N_("  {name}: {now} rows, {before} then; median income {income}, {income_before} then")
        one, two = now.townships[name], before.townships[name]
        yield message(text, name=name, now=one.rows, before=two.rows, income=_shown(one), income_before=_shown(two))
    if len(odd) > _TOWNSHIPS:
        yield message(N_("… and {count} more."), count=len(odd) - _TOWNSHIPS)


def _odd(now: Figures, before: Figures | None) -> bool:
    """Return whether rows or median differ by more than a fifth of what they were."""
    if before is None:
        return False
    incomes = now.income is not None and before.income is not None and abs(now.income - before.income) > before.income * _FIFTH
    return abs(now.rows - before.rows) > before.rows * _FIFTH or incomes


def _shown(figures: Figures) -> str:
    return "—" if figures.income is None else f"{figures.income.normalize():f}"


def record_of(found: Examined, language: str) -> dict[str, Any]:
    """Return what ``check --json`` prints: every finding, the causes, the profile."""
    decided = Counter(str(j.decision) for j in found.judgement.decisions) if found.judgement else Counter[str]()
    return {
        "usable": found.error is None,
        "decisions": dict(sorted(decided.items())),
        "findings": [
            {"table": f.table, "sheet": f.sheet, "row": f.row, "column": mask_numbers(f.column), "code": f.code,
             "message": mask_numbers(f.message.render(language))}
            for f in found.findings
        ],
        "causes": [
            {"code": g.code, "count": len(g.findings), "weight": g.weight.name.lower(), "title": mask_numbers(g.title().render(language)),
             "remedy": remedy.render(language) if (remedy := g.remedy()) else ""}
            for g in groups(found)
        ],
        "profile": {"now": _profile(found.now), "before": _profile(found.before)},
    }


def _profile(found: Profile | None) -> dict[str, Any] | None:
    if found is None:
        return None
    places = {name: {"rows": f.rows, "median_income": _number(f)} for name, f in found.townships.items()}
    return {"name": found.name, "rows": found.rows, "median_income": _number(found.all), "townships": places}


def _number(figures: Figures) -> float | None:
    return None if figures.income is None else float(figures.income)
