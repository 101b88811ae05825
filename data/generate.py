"""Makes month folders of invented people: ``python data/generate.py OUT --size sample``.

Sizes: ``sample`` and ``county`` (景宁, 13,000 eligible households, 4,000 cadres), ``prefecture`` (9 counties, 100,000 and
30,000), ``province`` (90 counties, 1,000,000 and 300,000), or a number of eligible households. The same size, seed and
month give the same bytes anywhere.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from maker.county import MONTHS, State, Table
from maker.county import months as months_of
from maker.plan import plan
from maker.policy import policy

SEED = 2008


def states(size: str | int, months: Sequence[str], seed: int = SEED) -> Iterator[tuple[str, State]]:
    """Yield the wanted months county by county; a state is good until the next one is asked for."""
    unknown = sorted(set(months) - set(MONTHS))
    if unknown or not months:
        raise ValueError(f"months must be among {', '.join(MONTHS)}")
    for share in plan(size):
        for month, state in months_of(share, seed):
            if month in months:
                yield month, state
            if month == max(months):
                break


def generate(size: str | int = "county", month: str = "2008-07", seed: int = SEED) -> dict[str, Table]:
    """Return a month's tables in memory: table name → column → texts (``pandas.DataFrame(tables["cadres"])``)."""
    found: dict[str, Table] = {}
    for _, state in states(size, [month], seed):
        for name, table in state.tables().items():
            known = found.setdefault(name, {column: [] for column in table})
            for column, cells in table.items():
                known[column] += cells
    return found


def quotas(state: State) -> dict[str, int]:
    """Return a county's township quotas, by ``county/township``."""
    return {f"{state.county.name}/{state.county.townships[t]}": places for t, places in state.rules.quotas.items()}


def write(out: Path, size: str | int, months: Sequence[str], seed: int = SEED) -> list[Path]:
    """Write month folders with their tables and policy.toml under ``out``, county by county; return the folders.

    Files of the same names are replaced.
    """
    limits: dict[str, dict[str, int]] = {month: {} for month in sorted(months)}
    for month in limits:
        (out / month).mkdir(parents=True, exist_ok=True)
    begun: set[Path] = set()
    for month, state in states(size, months, seed):
        for name, table in state.tables().items():
            path = out / month / f"{name}.csv"
            with path.open("a" if path in begun else "w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                if path not in begun:
                    writer.writerow(table)
                    begun.add(path)
                writer.writerows(zip(*table.values(), strict=True))
        limits[month] |= quotas(state)
    for month, places in limits.items():
        (out / month / "policy.toml").write_text(policy(month, places), encoding="utf-8", newline="\n")
    return [out / month for month in limits]


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path, help="folder that gets a folder for each month")
    parser.add_argument("--size", default="sample", help="sample, county, prefecture, province or a number of households")
    parser.add_argument("--months", help="such as 2008-06,2008-07 (these for sample, else 2008-07)")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args(arguments)
    months = options.months or ("2008-06,2008-07" if options.size == "sample" else "2008-07")
    try:
        folders = write(options.out, options.size, months.split(","), options.seed)
    except ValueError as error:
        parser.error(str(error))
    for folder in folders:
        print(folder)


if __name__ == "__main__":
    main()
