"""Splink on the made welfare lists of tests/welfare_lists.py: what it finds, and the time that it takes.

`pip install splink==5.0.0`, then `python -m benchmarks.welfare_splink [ROWS]`. The model is that of matcher/people/likeness.py as far as
Splink's levels can say it: the same shares among true links, agreements by chance as round figures, nothing trained.
"""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from matcher.people.sound import near, syllables
from matcher.people.whereabouts import VILLAGE_WORDS, stem
from tests.welfare_lists import County

LEAST = 0.03
"""The probability from which on a household is held back: 60 points."""


def table(rows: Iterable[tuple[str, Mapping[str, str]]], name: str) -> Any:
    """Return rows as Arrow has them, with the sounds that Splink compares."""
    import pyarrow

    made = []
    for key, row in rows:
        own = stem(row["village"], VILLAGE_WORDS)
        made.append({
            "unique_id": key, "name": row[name], "township": row["township"], "village": row["village"], "members": row["members"] or None,
            "sound": " ".join(syllables(c)[0] for c in row[name]), "near": " ".join(near(syllables(c)[0]) for c in row[name]),
            "stem": own, "stem_sound": " ".join(syllables(c)[0] for c in own),
        })
    return pyarrow.Table.from_pylist(made)


def settings() -> Any:
    """Return the model. DuckDB counts bytes, so one typing error is up to three of them."""
    import splink.comparison_level_library as levels
    from splink import SettingsCreator, block_on
    from splink.comparison_library import CustomComparison

    def among(level: Any, true: float, chance: float) -> Any:
        return level.configure(m_probability=true, u_probability=chance)

    def error(length: int) -> Any:
        return levels.CustomLevel(f"greatest(length(name_l), length(name_r)) >= {length} and damerau_levenshtein(name_l, name_r) <= 3")

    exact = levels.ExactMatchLevel
    name = [levels.NullLevel("name"), among(exact("name"), 0.3, 1 / 9000), among(exact("sound"), 0.3, 1 / 6000),
            among(exact("near"), 0.1, 1 / 4000), among(error(4), 0.05, 1 / 3000), among(error(3), 0.2, 1 / 500),
            among(error(2), 0.05, 1 / 60), among(levels.ElseLevel(), 0.01, 0.98)]
    town, alike = exact("township"), levels.Or(exact("stem"), exact("stem_sound"))
    village = [levels.NullLevel("village"), among(levels.And(exact("village"), town), 0.65, 1 / 145),
               among(levels.And(alike, town), 0.15, 1 / 145), among(town, 0.15, 1 / 21), among(levels.ElseLevel(), 0.05, 0.94)]
    members = [levels.NullLevel("members"), among(exact("members"), 0.8, 0.25), among(levels.ElseLevel(), 0.2, 0.75)]
    each = {"name": name, "village": village, "members": members}
    blocks = [block_on("near"), block_on("township", "village"), block_on("township", "stem"), block_on("township", "stem_sound")]
    comparisons = [CustomComparison(output_column_name=k, comparison_levels=v) for k, v in each.items()]
    return SettingsCreator(link_type="link_only", comparisons=comparisons, blocking_rules_to_generate_predictions=blocks,
                           probability_two_random_records_match=1 / 17_000)


def main() -> None:
    """Link a list and print what was found."""
    county = County(seed=1)
    made = county.rows(int(sys.argv[1]) if len(sys.argv) > 1 else 4_000)
    begin = time.process_time()
    from splink import Linker
    from splink.backends.duckdb import DuckDBAPI

    api = DuckDBAPI()
    houses = api.register(table(((r["household_id"], r) for r in county.houses), "head_name"), table_name="houses")
    rows = api.register(table(((f"row {k}", m.cells) for k, m in enumerate(made)), "name"), table_name="list")
    predicted = Linker([houses, rows], settings()).inference.predict(threshold_match_probability=LEAST).as_duckdbpyrelation().fetchall()
    held: dict[str, set[str]] = defaultdict(set)
    for line in predicted:
        keys = [cell for cell in line if isinstance(cell, str) and cell[:1] in "rH" and cell[1:2] in "o1"]
        held[next(k for k in keys if k[0] == "r")].add(next(k for k in keys if k[0] == "H"))
    print(f"processor time {time.process_time() - begin:.1f} s")
    total, hit = Counter[str](), Counter[str]()
    for k, row in enumerate(made):
        total[row.kind] += 1
        hit[row.kind] += row.household in held[f"row {k}"]
    for kind in sorted(total):
        print(f"{kind:42} rows {total[kind]:6}  found {hit[kind]:6}")
    true = [kind for kind in total if not kind.startswith("decoy")]
    print(f"all: {sum(hit[k] for k in true)} of {sum(total[k] for k in true)}; pairs held {sum(map(len, held.values()))}")


if __name__ == "__main__":
    main()
