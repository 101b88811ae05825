"""What ``whatif --out`` writes: the comparison as tables, workbook and JSON, beside a run's folder for each scenario."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

from matcher.export.book_model import Columns
from matcher.export.csv_files import write_csv
from matcher.export.summary import json_bytes
from matcher.messages import translator
from matcher.scenario import Scenario
from matcher.whatif.answer import Answer
from matcher.whatif.book import write_book
from matcher.whatif.run import Write
from matcher.whatif.tables import Tables
from matcher.whatif.titles import title
from matcher.whatif.words import objectives_in_words

_MOST = 40


def places(work: Path, scenarios: Sequence[Scenario], workbook: bool, command: str) -> list[Write]:
    """Return where each scenario's run is written: numbered folders with what is safe of the scenarios' names."""
    width = max(2, len(str(len(scenarios))))
    return [Write(work / f"{k:0{width}d}-{slug(s.name)}".rstrip("-"), workbook, command) for k, s in enumerate(scenarios, 1)]


def slug(name: str) -> str:
    """Return the letters, digits and a few harmless signs of a name."""
    kept = (c if unicodedata.category(c)[0] in "LN" or c in "._=-" else "-" for c in unicodedata.normalize("NFKC", name))
    return "-".join("".join(kept).replace("-", " ").split())[:_MOST].strip(".-")


def write_comparison(work: Path, answer: Answer) -> None:
    """Write the comparison's files."""
    policy, language = answer.policy, answer.policy.programme.language
    tables = Tables(answer.base, answer.comparisons)
    sweep = answer.sweep.tables(language) if answer.sweep else {}
    every = {name: getattr(tables, name) for name in ("comparison", "coverage", "households", "bottlenecks", "loads")} | sweep
    for name, columns in every.items():
        write_csv(work / f"{name}.csv", columns)
    (work / "comparison.json").write_bytes(json_bytes(answer.record(language)))
    words = ["", *(objectives_in_words(c, language) for c in answer.comparisons)]
    shown = {c.scenario.name: title(c.scenario, language) for c in answer.comparisons}
    on_paper = every | {"comparison": {**every["comparison"], "objectives": words}}
    write_book(work / "comparison.xlsx", policy, {name: _titled(columns, shown) for name, columns in on_paper.items()})
    if answer.sweep:
        from matcher.whatif.charts import write_charts

        called = translator(language)("{programme}: what if (not in force)").format(programme=policy.programme.name)
        write_charts(work, answer.sweep, f"{called} {policy.programme.month}", language)


def _titled(columns: Columns, shown: Mapping[str, str]) -> Columns:
    """Return a table with its scenarios as they are called on paper."""
    return {name: [shown.get(str(v), v) for v in cells] if name == "scenario" else cells for name, cells in columns.items()}
