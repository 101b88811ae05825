"""What explanations claim, made true or false by solving the changed month again, from its tables."""

from __future__ import annotations

import copy
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from matcher import match, read_month
from matcher.api import Run
from matcher.errors import ContradictionError
from matcher.formulation.values import values as of_roster
from matcher.people.permission import Permission
from matcher.pipeline import task_of
from matcher.solve.rounds import solve

from .oracle import months
from .oracle.model import Policy, Tables, build
from .oracle.recount import coverage_levels

Values = dict[str, Any]
Solve = Callable[[Tables, Policy, Path], Values]
"""From a month to the optimal value of every objective."""


def by_engine(tables: Tables, policy: Policy, folder: Path) -> Values:
    """Return the values that the engine finds for a month."""
    return values(match(read_month(months.write_month(folder, tables, policy))))


def values(run: Run) -> Values:
    """Return the values of a run's objectives."""
    return {o["name"]: o["value"] for o in run.summary["objectives"]}


def worse(before: Values, after: Values) -> Values:
    """Return by how much each objective is worse afterwards; vectors of loads are aligned at their ends."""
    out: Values = {}
    for name, old in before.items():
        sign, new = 1 if name == "balance" else -1, after[name]
        if isinstance(old, int):
            out[name] = sign * (new - old)
        else:
            size = max(len(old), len(new))
            pads = [0] * (size - len(old)) + list(old), [0] * (size - len(new)) + list(new)
            out[name] = [sign * (b - a) for a, b in zip(*pads, strict=True)]
    return out


def negative(change: Values) -> Values:
    """Return the opposite of a change."""
    return {name: [-n for n in v] if isinstance(v, list) else -v for name, v in change.items()}


class Checker:
    """Checks what is said of one random month; every check returns what is wrong, or nothing."""

    def __init__(self, seed: int, size: str, folder: Path, solve: Solve | None = None) -> None:
        self.rng, self.folder, self.count = random.Random(f"explain {seed} {size}"), folder, 0  # noqa: S311 - no secret
        self.tables, self.policy = months.random_month(seed, size)
        if solve is None and seed % 3 == 0:  # the oracle knows no draw
            order = self.policy.get("objectives", {}).get("order", ["coverage"])
            self.policy["ties"]["position"] = self.rng.choice([*order, "coverage"])
        self.solve = solve or by_engine
        self.month = read_month(months.write_month(folder / "base", self.tables, self.policy))
        self.run = match(self.month)
        self.base = values(self.run) if solve is None else solve(self.tables, self.policy, folder)
        self.several = len({h["county"] for h in self.tables["households"]} - {""}) > 1

    def again(self, tables: Tables, policy: Policy) -> Values:
        """Return the values of a changed month."""
        self.count += 1
        return self.solve(tables, policy, self.folder / f"changed-{self.count}")

    def prices(self, many: int) -> Iterator[str]:
        """Check prices of forced pairs, of a household's and of a cadre's alternatives."""
        instance = self.run.outcome.judgement.instance
        for kind, ids in (("household", instance.households.ids), ("cadre", instance.cadres.ids)):
            for who in self.rng.sample(ids, min(2, len(ids))):
                said = self.run.explain(who, kind).record()["alternatives"]
                for option in self.rng.sample(said, min(many, len(said))):
                    pair = (who, option["cadre_id"]) if kind == "household" else (option["household_id"], who)
                    yield from self.price(pair, option)

    def price(self, pair: tuple[str, str], option: dict[str, Any]) -> Iterator[str]:
        """Check the price of one pair by requiring it, and what is said to decide before any figure does."""
        tables, price = copy.deepcopy(self.tables), option["price"]
        tables["require"].append({"household_id": pair[0], "cadre_id": pair[1], "reason": ""})
        try:  # whether it is possible at all is the engine's own rule, whoever finds the values
            forced = match(read_month(months.write_month(self.folder / f"required-{self.count}", tables, self.policy)))
        except ContradictionError:
            self.count += 1
            yield from [f"{pair} has a price, but cannot be"] * (price is not None)
            return
        want = worse(self.base, self.again(tables, self.policy))
        if price != want:
            yield f"{pair} costs {want}, not {price}"
        if (over := self.passed_over(forced)) != (option["passes_over"], option["equal"]):
            yield f"{pair} passes over {over}, not {option['passes_over']}, {option['equal']}"

    def passed_over(self, forced: Run) -> tuple[str, bool]:
        """Return what decides against a roster before any figure, and whether nothing at all does, household by household."""
        model, order = build(self.tables, self.policy), self.month.policy.order
        before, after = list(map(tuple, self.run.pairs)), list(map(tuple, forced.pairs))
        had, has = (Counter(h for h, _ in pairs) for pairs in (before, after))
        loss = worse(values(self.run), values(forced))
        for name in order:
            worse_turns = name == "coverage" and model.by_income and coverage_levels(model, after) != coverage_levels(model, before)
            if worse_turns and loss["coverage"] <= 0:
                return "coverage", False
            if loss[name] if isinstance(loss[name], int) else any(loss[name]):
                return "", False
            if name == self.month.policy.ties.position and name != order[-1] and had != has:
                return "household_draw", False
        return "", True

    def places(self, many: int) -> Iterator[str]:
        """Check what one more place is worth, mostly where it is worth something."""
        rows = self.run.places()
        by_kind = {kind: [r for r in rows if r.kind == kind] for kind in ("cadre", "unit", "township", "skill")}
        for kind, found in by_kind.items():
            good, rest = [r for r in found if any(r.steps)], [r for r in found if not any(r.steps)]
            for row in [*self.rng.sample(good, min(many, len(good))), *self.rng.sample(rest, min(1, len(rest)))]:
                changed = self.with_place(kind, row.name)
                if changed and (want := negative(worse(self.base, self.again(*changed)))) != row.gain:
                    yield f"one more place at {kind} {row.name} brings {want}, not {row.gain}"

    def loads(self, many: int) -> Iterator[str]:
        """Check what one household fewer and one more cost cadres, by solving again: with a lower limit; with a duty above all else."""
        ids, order = self.run.outcome.judgement.instance.cadres.ids, self.month.policy.order
        for who in self.rng.sample(ids, min(many, len(ids))):
            answer = self.run.explain(who, "cadre").record()
            load, fewer, more = answer["load"], answer["fewer"]["price"], answer["more"]["price"]
            if fewer is not None:
                tables = copy.deepcopy(self.tables)
                next(r for r in tables["cadres"] if r["cadre_id"] == who)["capacity"] = str(load - 1)
                if (want := worse(self.base, self.again(tables, self.policy))) != fewer:
                    yield f"one household fewer for {who} costs {want}, not {fewer}"
            if more is None or "duty" in order or load == answer["capacity"]:
                continue
            if (want := worse(self.base, self.with_load(ids.index(who), load + 1))) != more:
                yield f"one household more for {who} costs {want}, not {more}"

    def with_load(self, cadre: int, load: int) -> Values:
        """Return the values of the best roster in which a cadre has at least so many households."""
        self.count += 1
        instance, task = self.run.outcome.judgement.instance, task_of(self.month.policy)
        duty = np.where(np.arange(len(instance.cadres)) == cadre, load, 0)
        forced = instance.replace(cadres=replace(instance.cadres, duty=duty))
        found = solve(forced, Permission(forced), replace(task, order=("duty", *task.order)))
        assert np.bincount(found.cadre, minlength=cadre + 1)[cadre] >= load
        return of_roster(instance, found.household, found.cadre, task.order, task.by_income, task.leximax)

    def with_place(self, kind: str, name: str) -> tuple[Tables, Policy] | None:
        """Return the month with one more place; None where there is no limit, or the name leaves the county open."""
        tables, policy = copy.deepcopy(self.tables), copy.deepcopy(self.policy)
        if kind == "cadre":
            capacity = dict(zip(self.run.cadres["cadre_id"], self.run.cadres["capacity"], strict=True))
            row = next(r for r in tables["cadres"] if r["cadre_id"] == name)
            row["capacity"] = str(capacity[name] + 1)
        elif kind == "unit":
            rows = [r for r in tables["units"] if name in (r["unit"], f"{r['county']}/{r['unit']}") and r["capacity"]]
            if len(rows) != 1 or (self.several and "/" not in name):
                return None
            rows[0]["capacity"] = str(int(rows[0]["capacity"]) + 1)
        elif kind == "township":
            quotas = policy["townships"]["capacity"]
            if name not in quotas:
                return None
            quotas[name] += 1
        else:
            if self.several or policy["townships"]["rule"] != "listed":
                return None
            town, skill = name.split("/")
            county = next(h["county"] for h in tables["households"])
            row = dict.fromkeys(months.COLUMNS["cadres"].split(), "")
            tables["cadres"].append(row | {"cadre_id": "ZZZ", "name": "新", "unit": "新单位", "county": county, "townships": town,
                                           "skills": skill, "capacity": "1"})
        return tables, policy

    def fixes(self, many: int) -> Iterator[str]:
        """Check that whoever may have another cadre has a smallest fix, which serves it, and would not without the required pairs."""
        short = sorted(set(self.run.unmatched["household_id"]))
        for who in self.rng.sample(short, min(many, len(short))):
            answer = self.run.explain(who, "household").record()
            rows = self.run.unmatched
            said, listed = answer["unmatched"], dict(zip(rows["household_id"], rows["smallest_fix"], strict=True))
            if (said["smallest_fix"] is None) != (not answer["alternatives"]):
                yield f"{who} is told {said['smallest_fix']}, others whom it may have: {answer['alternatives']}"
            if (said["listed_fix"] or "") != listed[who]:
                yield f"{who} is told {said['listed_fix']}, unmatched.csv says {listed[who]}"
            for fix, serves in (("smallest_fix", "fix_serves"), ("listed_fix", "listed_fix_serves")):
                changed = self.fixed(said[fix] or "")
                if changed is None or (fix == "listed_fix" and not said["fix_confirmed"]):
                    continue
                gained = sorted(h for h, n in self.gains(*changed).items() if n > 0)
                if fix == "smallest_fix" and who not in gained:
                    yield f"{who} is not served by {said[fix]}"
                places, required, _ = (said[fix] or "").partition("; require ")
                alone = self.fixed(places) if required else None
                if alone and self.gains(*alone)[who] > 0:
                    yield f"{who} is served by {places} alone, and not only by {said[fix]}"
                if gained != said[serves]:
                    yield f"{said[fix]} serves {gained}, not {said[serves]}"
            yield from self.others(who, answer)

    def gains(self, tables: Tables, policy: Policy) -> Counter[str]:
        """Return by how many cadres more every household has in a changed month."""
        self.count += 1
        again = match(read_month(months.write_month(self.folder / f"fixed-{self.count}", tables, policy)))
        found = Counter(h for h, _ in again.pairs)
        found.subtract(h for h, _ in self.run.pairs)
        return found

    def others(self, who: str, answer: dict[str, Any]) -> Iterator[str]:
        """Check how many cadres all others together lose when a household without any gets the cheapest one."""
        told = [o for o in answer["alternatives"] if "others_lose" in o]
        if bool(told) != (not answer["cadres"] and any(o["possible"] for o in answer["alternatives"])):
            yield f"{who}: what others lose is told of {len(told)} cadres"
        for option in told[:1]:
            tables = copy.deepcopy(self.tables)
            tables["require"].append({"household_id": who, "cadre_id": option["cadre_id"], "reason": ""})
            gains = self.gains(tables, self.policy)
            lost = -sum(n for h, n in gains.items() if h != who)
            if (gains[who], lost) != (1, option["others_lose"]):
                yield f"{who} with {option['cadre_id']}: others lose {lost}, not {option['others_lose']}"

    def fixed(self, text: str) -> tuple[Tables, Policy] | None:
        """Return the month with a smallest fix; None where there is none, or a name leaves the county open."""
        tables, policy = self.tables, self.policy
        for step in filter(None, text.split("; ")):
            kind, rest = step.split(" ", 1)
            if kind == "require":
                household, cadre = rest.split("=")
                tables = copy.deepcopy(tables)
                tables["require"].append({"household_id": household, "cadre_id": cadre, "reason": ""})
                continue
            kept, self.tables, self.policy = (self.tables, self.policy), tables, policy
            changed = self.with_place(kind, rest.removesuffix(" +1"))
            self.tables, self.policy = kept
            if changed is None:
                return None
            tables, policy = changed
        return (tables, policy) if text else None
