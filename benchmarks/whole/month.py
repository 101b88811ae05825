"""What every whole peer shares with jiedui: reading and judging the month, by its own code; and writing the roster."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.problem import Ints
from matcher.domain import Instance
from matcher.people.judge import judge
from matcher.people.permission import Permission
from matcher.policy import read_policy
from matcher.tables.month import check_folder, read_tables


@dataclass(frozen=True)
class Given:
    """A judged month, and what the policy wants of the roster."""

    instance: Instance
    permission: Permission
    order: tuple[str, ...]
    seed: str


def judged(folder: Path) -> Given:
    """Read and judge a month folder.

    Raises
    ------
    ValueError
        The policy asks for what the peers are not written for.
    """
    check_folder(folder)
    policy, _ = read_policy(folder)
    if (policy.priority.by, policy.objectives.balance, policy.ties.position) != ("bands", "squares", "last"):
        raise ValueError("benchmarks are for coverage by bands, balance by squares and the draw after everything")
    judgement = judge(read_tables(folder, lambda _: None), policy)
    return Given(judgement.instance, judgement.permission, policy.order, policy.ties.seed)


def write_roster(path: Path, given: Given, household: Ints, cadre: Ints) -> None:
    """Write the pairs and the fixed ones, by household, then cadre."""
    fixed, ids = given.instance.fixed, (given.instance.households.ids, given.instance.cadres.ids)
    every = np.concatenate([household, fixed.household]), np.concatenate([cadre, fixed.cadre])
    order = np.lexsort(every[::-1])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("household_id", "cadre_id"))
        writer.writerows((ids[0][h], ids[1][c]) for h, c in zip(every[0][order].tolist(), every[1][order].tolist(), strict=True))


def read_roster(path: Path, instance: Instance) -> tuple[Ints, Ints]:
    """Return a written roster as numbers of the instance."""
    numbers = [{name: k for k, name in enumerate(ids)} for ids in (instance.households.ids, instance.cadres.ids)]
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(numbers[0][r["household_id"]], numbers[1][r["cadre_id"]]) for r in csv.DictReader(file)]
    household, cadre = np.array(rows, np.int64).reshape(-1, 2).T
    return household, cadre
