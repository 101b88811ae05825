"""What a finished run knows, from memory or read again from its folder and the month that it came from."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from matcher.domain import Ints
from matcher.errors import InputError, UsageError
from matcher.explain.bottlenecks import why_unmatched
from matcher.explain.levels import Shape
from matcher.explain.standing import Standing
from matcher.explain.why import Why
from matcher.export.summary import policy_hash, sha256
from matcher.messages import N_, message
from matcher.people.judge import Judgement, judge
from matcher.people.permission import Permission
from matcher.pipeline import Month, Outcome, Progress, changed, load_month, task_of
from matcher.policy import Policy
from matcher.progress import silent
from matcher.scenario.read import read_record
from matcher.separate import whole_why
from matcher.solve.rounds import Task
from matcher.solve.split import Part, parts
from matcher.tables.canonical import inputs_hash
from matcher.tables.month import POLICY_FILE


@dataclass(frozen=True)
class Known:
    """A finished run.

    Attributes
    ----------
    household, cadre : (pairs,) int
        Numbers of the instance, sorted by household, then cadre.
    drawn : frozenset of int
        Households for whom the lot decided whether they have (one more) cadre.
    """

    policy: Policy
    judgement: Judgement
    household: Ints
    cadre: Ints
    drawn: frozenset[int]

    @staticmethod
    def of(outcome: Outcome) -> Known:
        """Return a run in memory."""
        return Known(outcome.source.policy, outcome.judgement, outcome.household, outcome.cadre, frozenset(outcome.drawn))

    @cached_property
    def task(self) -> Task:
        """What was optimised."""
        return task_of(self.policy)

    @cached_property
    def separate(self) -> list[Part]:
        """The problems that were solved apart."""
        return parts(self.judgement.instance)

    @cached_property
    def shape(self) -> Shape:
        """How differences between this run's values are told."""
        return Shape.of(self.judgement.instance, self.task, self.cadre)

    @cached_property
    def due(self) -> Ints:
        """Duties of the cadres who take part, before the capacity limits them."""
        return np.array(self.judgement.cadres.due, np.int64)[self.judgement.taking_part]

    def standing(self, part: Part) -> Standing:
        """Return a part's roster with what moves from it cost."""
        return Standing.of(part.instance, Permission(part.instance), self.task, *self._pairs(part), self.shape)

    def _pairs(self, part: Part) -> tuple[Ints, Ints]:
        """Return a part's pairs by its own numbers."""
        inside = np.isin(self.household, part.household)
        return np.searchsorted(part.household, self.household[inside]), np.searchsorted(part.cadre, self.cadre[inside])

    def with_household(self, number: int) -> tuple[Part, int]:
        """Return the part that a household belongs to, and its number there."""
        return next((p, int(np.searchsorted(p.household, number))) for p in self.separate if number in p.household)

    def with_cadre(self, number: int) -> tuple[Part, int] | None:
        """Return the part that a cadre belongs to, and the number there; None where no household's county is the cadre's."""
        return next(((p, int(np.searchsorted(p.cadre, number))) for p in self.separate if number in p.cadre), None)

    @cached_property
    def why(self) -> Why:
        """Why households lack a cadre, numbered as in the run's files; what was said of fairness stands in its summary."""
        return whole_why(self.separate, [Why(*why_unmatched(self.standing(part)), []) for part in self.separate])


def reopen(run: Path, month: Path | None = None, progress: Progress = silent) -> Known:
    """Read a run's folder and its month again.

    Parameters
    ----------
    month : Path, optional
        Where the tables are now, if not where run.json says.

    Raises
    ------
    UsageError
        There is no such run.
    InputError
        The tables or the policy are not found, or are no longer those of the run; the run's files were changed.
    """
    if not run.exists():
        raise UsageError(message(N_("There is no run folder {run}."), run=str(run)))
    if not (run / "summary.json").is_file():
        raise UsageError(message(N_("{run} is no folder of a run (it holds no summary.json)."), run=str(run)))
    summary, record = _json(run / "summary.json"), _json(run / "run.json")
    folder = month or (Path(record["month_folder"]) if record.get("month_folder") else None)
    if folder is None or not folder.is_dir():
        text = N_("The month's tables are not found at {folder}. Say with --month where they are.")
        raise InputError(message(text, folder=str(folder or "—")))
    loaded = load_month(folder, progress)
    if "scenario" in record:
        loaded = changed(loaded, read_record(record["scenario"]))
    _check_same(loaded, summary, record)
    progress(message(N_("judging households and cadres")))
    judgement = judge(loaded.tables, loaded.policy)
    return _known(loaded.policy, judgement, run, summary)


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise InputError(message(N_("{file} of the run cannot be read."), file=path.name))
    return found


def _check_same(loaded: Month, summary: dict[str, Any], record: dict[str, Any]) -> None:
    """Raise :class:`InputError` if the tables or the policy are not those of the run; equal bytes need no second look."""
    now, then = loaded.tables.hashes, {k: v for k, v in record.get("files_sha256", {}).items() if k != POLICY_FILE}
    same = policy_hash(loaded.policy) == summary.get("policy_sha256")
    changed = [] if same else [POLICY_FILE]
    if now != then and inputs_hash(loaded.tables, loaded.policy.tables.income_unit) != summary.get("inputs_sha256"):
        changed += sorted(name for name in {*now, *then} if now.get(name) != then.get(name))
    if changed:
        text = N_("{files} changed after the run; what is asked would not be answered for this run. Run match again.")
        raise InputError(message(text, files=", ".join(changed)))


def _known(policy: Policy, judgement: Judgement, run: Path, summary: dict[str, Any]) -> Known:
    rows, instance = _rows(run / "roster.csv"), judgement.instance
    number = tuple({key: k for k, key in enumerate(ids)} for ids in (instance.households.ids, instance.cadres.ids))
    try:
        pairs = sorted((_numbered(r["household_id"], number[0]), _numbered(r["cadre_id"], number[1])) for r in rows)
        told = [*rows, *_rows(run / "unmatched.csv")]
        drawn = frozenset(_numbered(r["household_id"], number[0]) for r in told if r["drawn"] == "yes")
    except KeyError as error:
        raise _altered() from error
    lines = (f"{instance.households.ids[h]}\t{instance.cadres.ids[c]}" for h, c in pairs)
    if sha256(lines) != summary.get("roster_sha256"):
        raise _altered()
    columns = np.array(pairs, np.int64).reshape(-1, 2)
    return Known(policy, judgement, columns[:, 0].copy(), columns[:, 1].copy(), drawn)


def _altered() -> InputError:
    return InputError(message(N_("roster.csv or unmatched.csv of the run was changed afterwards. Run match again.")))


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return list(csv.DictReader(lines))
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(message(N_("{file} of the run cannot be read."), file=path.name)) from error


def _numbered(key: str, number: dict[str, int]) -> int:
    """Return somebody's number; in CSV an id that a spreadsheet would run has a mark before it."""
    return number[key] if key in number else number[key.removeprefix("'")]


def near(key: str, known: Iterable[str]) -> list[str]:
    """Return a few known ids that look like one that is not."""
    import difflib

    every = list(known)
    inside = [k for k in every if key and key.lower() in k.lower()][:5]
    return inside or difflib.get_close_matches(key, every, 3, 0.75) if len(every) < 200_000 else inside
