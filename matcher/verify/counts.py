"""What the run's files say, counted again from the tables, the policy and the roster."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from matcher.domain import Decision, Ints
from matcher.messages import N_, message
from matcher.people.judge import Judgement
from matcher.policy import Policy
from matcher.verify.arrays import numbered
from matcher.verify.files import CERTIFICATE, SUMMARY, sha256_of
from matcher.verify.levels import Arcs, arcs, enter_arcs, levels_of, pair_arcs
from matcher.verify.problem import Problem
from matcher.verify.verdict import Flaw

Pairs = list[tuple[str, str]]
Value = int | list[int]
_NOT_COUNTED = frozenset({"fairness"})
"""Statements that the run checked itself; that nobody changed them since, the hashes say."""


def values(problem: Problem, household: Ints, cadre: Ints) -> dict[str, Value]:
    """Return what a roster is worth in every objective, in the policy's order: what the levels cost, summed over all its pairs."""
    got, load = np.bincount(household, minlength=len(problem.households)), np.bincount(cadre, minlength=len(problem.cadres))
    seat, number = numbered(load)
    every = Arcs.of(problem, enter_arcs(problem, *numbered(got), 1), pair_arcs(problem, problem.keys(household, cadre), 1),
                    arcs("SEAT", problem.cadre + seat, 0, 1, 1, number + 1))
    turns = [(n, band) for n in range(int(problem.households.partners.max(initial=1))) for band in range(problem.instance.bands)]
    found: dict[str, Value] = {}
    for name in problem.rules.order:
        levels, sign = levels_of(problem, name, turns, int(load.max(initial=0))), 1 if name == "balance" else -1
        if (name, levels) == ("coverage", [(name,)]):  # by income: its rewards say who comes first, no more
            found[name] = len(household)
        else:
            sums = [sign * int(every.cost(level).sum()) for level in levels]
            found[name] = sums[0] if levels == [(name,)] else sums
    return found


def lines_hash(lines: Iterable[str]) -> str:
    """Return the SHA-256 of lines in UTF-8, each closed by a line feed."""
    return sha256_of("".join(line + "\n" for line in lines).encode("utf-8", "surrogatepass"))


def policy_hash(policy: Policy) -> str:
    """Return the hash of the whole policy, defaults filled in."""
    return lines_hash([json.dumps(policy.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)])


def wanted_decisions(judgement: Judgement, pairs: Pairs, language: str) -> dict[str, dict[str, Iterable[object]]]:
    """Return what decisions.csv and cadres.csv must say."""
    decided, rows, load = judgement.decisions, judgement.cadres, Counter(c for _, c in pairs)
    return {
        "decisions": {"household_id": judgement.households.ids, "decision": [str(j.decision) for j in decided],
                      "evidence": [j.evidence.render(language) for j in decided]},
        "cadres": {
            "cadre_id": rows.ids, "takes_part": ["no" if why else "yes" for why in rows.why_not], "why_not": rows.why_not,
            "load": [load[c] for c in rows.ids], "capacity": rows.capacity, "duty": rows.duty,
            "unmet_duty": [0 if why else max(d - load[c], 0) for c, d, why in zip(rows.ids, rows.duty, rows.why_not, strict=True)],
        },
    }


def wanted_summary(judgement: Judgement, policy: Policy, inputs: str, pairs: Pairs, worth: Mapping[str, Value],
                   permitted: int, drawn: int | None) -> dict[str, object]:
    """Return what summary.json must say; how many were drawn only where that is known."""
    decided, served, homes = Counter(j.decision for j in judgement.decisions), Counter(h for h, _ in pairs), judgement.instance.households
    counts = {
        "household_rows": len(judgement.decisions), **{str(d): decided[d] for d in Decision},
        "cadre_rows": len(judgement.cadres.ids), "cadres": sum(not why for why in judgement.cadres.why_not),
        "permitted_pairs": permitted, "pairs": len(pairs),
        "unmatched": sum(served[h] < p for h, p in zip(homes.ids, homes.partners.tolist(), strict=True)),
        **({} if drawn is None else {"drawn": drawn}),
    }
    return {
        "month": policy.programme.month, "programme": policy.programme.name, "source": policy.programme.source, "counts": counts,
        "objectives": [{"name": n, "value": v, "optimal": True, "bound": v} for n, v in worth.items()], "seed": policy.ties.seed,
        "inputs_sha256": inputs, "policy_sha256": policy_hash(policy), "roster_sha256": lines_hash(f"{h}\t{c}" for h, c in pairs),
    }


def check_figures(told: Mapping[str, Any], head: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Check summary.json, and what the certificate says of the whole run, key by key."""
    if isinstance(told.get("counts"), dict) and "drawn" not in wanted["counts"]:
        told = {**told, "counts": {key: value for key, value in told["counts"].items() if key != "drawn"}}
    keys = [(SUMMARY, told, key) for key in (*wanted, *told) if key not in _NOT_COUNTED]
    for file, said, key in [*keys, *((CERTIFICATE, head, key) for key in wanted if key in head)]:
        if key not in said or key not in wanted or json.dumps(said[key]) != json.dumps(wanted[key]):
            raise Flaw(message(N_("{file} says {key} otherwise than it is counted again."), file=file, key=key))
