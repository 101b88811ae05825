"""What the run's files say, counted again from the tables, the policy and the roster."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from matcher.domain import Decision
from matcher.messages import N_, message
from matcher.people.judge import Judgement
from matcher.policy import Policy
from matcher.verify.files import CERTIFICATE, SUMMARY, Files, check_columns
from matcher.verify.roster import Value
from matcher.verify.verdict import Flaw

Pairs = list[tuple[str, str]]


def sha256(lines: Iterable[str]) -> str:
    """Return the SHA-256 of lines in UTF-8, each closed by a line feed."""
    text = "".join(line + "\n" for line in lines)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def policy_hash(policy: Policy) -> str:
    """Return the hash of the whole policy, defaults filled in."""
    return sha256([json.dumps(policy.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)])


def roster_hash(pairs: Pairs) -> str:
    """Return the hash of a roster: a line for every pair, the ids parted by a tabulator."""
    return sha256(f"{h}\t{c}" for h, c in pairs)


def check_decisions(files: Files, judgement: Judgement, pairs: Pairs, language: str) -> None:
    """Check decisions.csv and cadres.csv against the tables judged again."""
    check_columns(files, "decisions", {
        "household_id": judgement.households.ids,
        "decision": [str(j.decision) for j in judgement.decisions],
        "evidence": [j.evidence.render(language) for j in judgement.decisions],
    })
    rows = judgement.cadres
    load = Counter(c for _, c in pairs)
    check_columns(files, "cadres", {
        "cadre_id": rows.ids, "takes_part": ["no" if why else "yes" for why in rows.why_not], "why_not": rows.why_not,
        "load": [load[c] for c in rows.ids], "capacity": rows.capacity, "duty": rows.duty,
        "unmet_duty": [0 if why else max(d - load[c], 0) for c, d, why in zip(rows.ids, rows.duty, rows.why_not, strict=True)],
    })


_NOT_COUNTED = frozenset({"fairness"})
"""Statements that the run checked itself; that nobody changed them since, the hashes say."""


def check_figures(told: Mapping[str, Any], head: Mapping[str, Any], wanted: Mapping[str, object]) -> None:
    """Check summary.json, and what the certificate says of the whole run, key by key."""
    text = N_("{file} says {key} otherwise than it is counted again.")
    counts, sure = told.get("counts"), wanted["counts"]
    if isinstance(counts, dict) and isinstance(sure, dict) and "drawn" not in sure:
        told = {**told, "counts": {key: value for key, value in counts.items() if key != "drawn"}}
    for key in (*wanted, *(k for k in told if k not in _NOT_COUNTED)):
        if key not in told or key not in wanted or json.dumps(told[key]) != json.dumps(wanted[key]):
            raise Flaw(message(text, file=SUMMARY, key=key))
    for key in head.keys() & wanted.keys():
        if json.dumps(head[key]) != json.dumps(wanted[key]):
            raise Flaw(message(text, file=CERTIFICATE, key=key))


def wanted_summary(
    judgement: Judgement, policy: Policy, inputs: str, pairs: Pairs, worth: Mapping[str, Value], permitted: int, drawn: int | None
) -> dict[str, object]:
    """Return what summary.json must say; how many were drawn only where that is known."""
    decided = Counter(j.decision for j in judgement.decisions)
    served = Counter(h for h, _ in pairs)
    homes = judgement.instance.households
    counts = {"household_rows": len(judgement.decisions), **{str(d): decided[d] for d in Decision}}
    counts |= {
        "cadre_rows": len(judgement.cadres.ids), "cadres": sum(not why for why in judgement.cadres.why_not),
        "permitted_pairs": permitted, "pairs": len(pairs),
        "unmatched": sum(served[h] < p for h, p in zip(homes.ids, homes.partners.tolist(), strict=True)),
        **({} if drawn is None else {"drawn": drawn}),
    }
    return {
        "month": policy.programme.month, "programme": policy.programme.name, "source": policy.programme.source, "counts": counts,
        "objectives": [{"name": n, "value": v, "optimal": True, "bound": v} for n, v in worth.items()],
        "seed": policy.ties.seed, "inputs_sha256": inputs, "policy_sha256": policy_hash(policy), "roster_sha256": roster_hash(pairs),
    }
