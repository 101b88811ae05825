"""A month for the tests of `whatif`, and the command called on it."""

from __future__ import annotations

import random
from pathlib import Path

from .months import Said, cadre, command, household, write_month

LINE = "eligibility.income_threshold"


def three_townships(tmp_path: Path) -> Path:
    """Three townships, incomes all over the range, too few places."""
    rng = random.Random(7)  # noqa: S311 - made-up data
    towns = ["鹤溪镇", "渤海镇", "东坑镇"]
    homes = [
        household(household_id=f"H{k:02}", head_name=f"户{k}", township=towns[k % 3], income=str(rng.randrange(600, 4000)), needs="资金")
        for k in range(60)
    ]
    people = [
        cadre(cadre_id=f"C{k:02}", name=f"干部{k}", unit=("林业局", "农业局")[k % 2], rank="副科级" if k % 4 == 0 else "科员",
              townships=towns[k % 3])
        for k in range(9)
    ]
    units = [{"unit": "林业局", "kind": "县直", "villages": "鹤溪镇/东村"}, {"unit": "农业局", "kind": "县直", "villages": ""}]
    last = [{"household_id": f"H{k:02}", "cadre_id": f"C{k % 9:02}", "since": "2007-05", "pinned": ""} for k in range(0, 30, 3)]
    policy = {"capacity": {"by_rank": {"副科级": 4}}}
    return write_month(tmp_path / "2008-07", policy, households=homes, cadres=people, units=units, roster=last)


def whatif(month: Path, *words: object, lang: str = "en") -> Said:
    """Call the command."""
    return command("whatif", month, *words, lang=lang)


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
