"""What the run's files say, told and counted again from the tables, the policy and the roster."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import zip_longest
from typing import Any

import numpy as np

from matcher.domain import Decision, Ints, Mask
from matcher.messages import N_, message
from matcher.people.judge import Judgement
from matcher.policy import Policy
from matcher.verify import Flaw
from matcher.verify.arrays import components, numbered, together, totals
from matcher.verify.draw import Hubs, residual
from matcher.verify.files import CERTIFICATE, SUMMARY, Columns, as_columns, sha256_of
from matcher.verify.optimal import Arcs, arcs, enter_arcs, levels_of, pair_arcs
from matcher.verify.problem import Problem, Roster, columns

Pair = tuple[str, str]
Value = int | list[int]
Row = tuple[str, str, str, str, str]
Short = tuple[str, str, int, int | str]
"""A row of unmatched.csv: household, reason, cadres lacking, bottleneck."""
Bottleneck = tuple[int, str, int, int, int, int, int, str]
"""A row of bottlenecks.csv: number, townships, households, cadres, places, shortfall, needed, quota."""
_DECISIONS = {Decision.ON_WELFARE_LIST: "now_on_welfare", Decision.ABOVE_THRESHOLD: "income_rose"}
_PARTS = {"unavailable": "left_post", "capacity_0": "capacity"}
NOBODY, BOTTLENECK, QUOTA, EARLIER = "no_permitted_cadre", "bottleneck", "township_capacity", "earlier_objective"
SERVED = ("fully_served", "partly_served", "unserved")
_NOT_COUNTED = frozenset({"fairness"})
"""Statements that the run checked itself; that nobody changed them since, the hashes say."""


def decisions(judgement: Judgement, pairs: list[Pair], language: str) -> dict[str, Columns]:
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


def changes(judgement: Judgement, pairs: list[Pair]) -> dict[str, Columns]:
    """Return what roster.csv and changes.csv must say of last month's pairs and of new ones: docs/certificate.md, "Changes"."""
    last, required, now = judgement.relations.roster.said(), set(judgement.relations.require.said()), set(pairs)
    moves: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for household, cadre in sorted(last.keys() ^ now):
        moves[household][(household, cadre) in now].append(cadre)
    ended = _Ended(judgement)
    said = {pair: ("kept", "pinned" if last[pair] else "kept") for pair in now & last.keys()}
    rows: list[Row] = []
    for household, (lost, got) in moves.items():
        for before, after in zip_longest(lost, got):
            kind = "ended" if after is None else "new" if before is None else "changed"
            reason = "newly_served" if before is None else ended.reason(household, before)
            rows.append((household, before or "", after or "", kind, reason))
            if after is not None:
                said[household, after] = kind, reason
    said |= {pair: (said[pair][0], "required") for pair in required & now}
    return {"roster": as_columns("status reason", [said[pair] for pair in pairs]),
            "changes": as_columns("household_id from_cadre to_cadre kind reason", sorted(rows))}


class _Ended:
    """Answers why a pair of last month ended."""

    def __init__(self, judgement: Judgement) -> None:
        self._cadres, last, homes = judgement.cadres, judgement.relations.roster.cadres, judgement.instance.households
        self._decision = dict(zip(judgement.households.ids, (j.decision for j in judgement.decisions), strict=True))
        self._at = {c: k for k, c in enumerate(self._cadres.ids)}
        self._load, self._of_unit = Counter(last), Counter(self._cadres.units[self._at[c]] for c in last if c in self._at)
        self._avoid = set(judgement.relations.avoid.said())
        self._village, self._parents = dict(zip(homes.ids, homes.village.tolist(), strict=True)), judgement.instance.parents

    def reason(self, household: str, cadre: str) -> str:
        """Return the household's reason, else the cadre's, the pair's, the places', else a better roster."""
        decision = self._decision.get(household)
        if decision is not Decision.ELIGIBLE:
            return "household_absent" if decision is None else _DECISIONS.get(decision, str(decision))
        k = self._at.get(cadre)
        out = "unavailable" if k is None else self._cadres.why_not[k]
        if k is None or out:
            return _PARTS.get(out, out)
        if (household, cadre) in self._avoid:
            return "avoid"
        place = self._village[household]
        while place not in self._cadres.places[k]:
            if not place:
                return "moved"
            place = int(self._parents[place])
        row = self._cadres.unit_rows.get(self._cadres.units[k])
        shrunk = row is not None and 0 <= row.capacity < self._of_unit[self._cadres.units[k]]
        return "capacity" if shrunk or self._cadres.capacity[k] < self._load[cadre] else "better_objective"


def reasons(given: Problem, roster: Roster, before: int) -> tuple[list[Short], list[Bottleneck]]:
    """Return everybody who lacks cadres, and the bottlenecks in their order, numbered after those before: docs/certificate.md, "Reasons".

    What else counts lets nobody reach more, so coverage alone is looked at. A household of several partners goes its own way to each
    cadre it has: nobody is to be counted as reaching a cadre whom it has already.
    """
    p = Problem(given.instance, replace(given.rules, order=("coverage",)))
    homes, town, lacking = p.households, p.households.township, p.households.partners - roster.got
    several = homes.partners[roster.household] > 1
    net, _ = Hubs(p, p.keys(roster.household[several], roster.cadre[several])).network(roster)
    net = net.only(~net.of_kind("ENTER", "BYPASS"))
    start, end, _, _ = residual(net)
    free = _spread([0], end, start, len(net.names))
    quota, wanted, got = (p.instance.township_capacity, *(totals(town, c, len(p.around)) for c in (homes.partners, roster.got)))
    full = ((quota >= 0) & (wanted > quota) & (got >= quota))[town]
    why = {h: NOBODY if not p.permitted_of_household[h] else BOTTLENECK if not free[p.household + h] else QUOTA if full[h] else EARLIER
           for h in np.flatnonzero(lacking > 0).tolist()}
    reached = _cadres_reached(p, [h for h in why if why[h] == BOTTLENECK], start, end, len(net.names))
    groups: dict[tuple[str, int], list[int]] = defaultdict(list)
    for h in (h for h in why if why[h] in (BOTTLENECK, QUOTA)):
        groups[why[h], reached.get(h, int(town[h]))].append(h)
    found: list[Bottleneck] = []
    number: dict[int, int] = {}
    for (kind, what), members in sorted(groups.items(), key=lambda group: (group[0][0], group[1])):
        who, cadres, places = _narrow(p, roster, net, kind == QUOTA, what, members)
        towns, short = "、".join(sorted({_town(p, t) for t in town[who].tolist()})), int(lacking[who].sum())
        quota_of = _town(p, what) if kind == QUOTA else ""
        found.append((before + len(found) + 1, towns, len(who), cadres, places, short, places + short, quota_of))
        number.update(dict.fromkeys(members, before + len(found)))
    return [(homes.ids[h], reason, int(lacking[h]), number.get(h, "")) for h, reason in why.items()], found


def _town(p: Problem, place: int) -> str:
    return p.instance.place_names[place].partition("/")[2]


def _narrow(p: Problem, roster: Roster, net: Arcs, quota: bool, what: int, members: list[int]) -> tuple[Ints, int, int]:
    """Return the households, the number of cadres and the places of a bottleneck: of a township's quota, or of cadres, as bits."""
    if quota:
        here = p.households.township == what
        who = together(np.flatnonzero(here & (roster.got > p.fixed_of_household)), np.array(members, np.int64))
        return who, 0, int(p.instance.township_capacity[what] - p.fixed_of_household[here].sum())
    inside = _spread([p.household + h for h in members], *residual(net)[:2], len(net.names))
    out = inside[net.tail] & ~inside[net.head] & net.of_kind("SEAT", "UNIT")
    return np.flatnonzero(inside[p.household : p.cadre]), what.bit_count(), int(net.flow[out].sum())


def _spread(nodes: list[int], start: Ints, end: Ints, size: int) -> Mask:
    """Return what can be reached from some nodes."""
    found, many = np.zeros(size, np.bool_), 0
    found[nodes] = True
    while many != (many := int(found.sum())):
        found[end[found[start]]] = True
    return found


def _cadres_reached(p: Problem, households: list[int], start: Ints, end: Ints, size: int) -> dict[int, int]:
    """Return for some households the cadres whom each reaches, as bits of an integer."""
    keep = _spread([p.household + h for h in households], start, end, size)[start]
    component = components(start[keep], end[keep], size)
    reached = [0] * (int(component.max(initial=-1)) + 2)  # the last one's for nodes without arcs
    for cadre, its in enumerate(component[p.cadre : p.cadre + len(p.cadres)].tolist()):
        reached[its] |= (its >= 0) << cadre
    for a, b in sorted(set(zip(component[start[keep]].tolist(), component[end[keep]].tolist(), strict=True))):
        reached[a] |= reached[b]  # which is whole: its number is smaller
    return {h: reached[component[p.household + h]] for h in households}


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


def summary(problem: Problem, judgement: Judgement, policy: Policy, inputs: str, pairs: list[Pair], drawn: int | None) -> dict[str, Any]:
    """Return what summary.json must say; how many were drawn only where that is known."""
    decided, served, homes = Counter(j.decision for j in judgement.decisions), Counter(h for h, _ in pairs), problem.households
    counts = {
        "household_rows": len(judgement.decisions), **{str(d): decided[d] for d in Decision},
        "cadre_rows": len(judgement.cadres.ids), "cadres": sum(not why for why in judgement.cadres.why_not),
        "permitted_pairs": int(problem.permitted_of_household.sum()), "pairs": len(pairs),
        "unmatched": sum(served[h] < p for h, p in zip(homes.ids, homes.partners.tolist(), strict=True)),
        **({} if drawn is None else {"drawn": drawn}), **_served(homes.partners.tolist(), [served[h] for h in homes.ids]),
    }
    return {
        "month": policy.programme.month, "programme": policy.programme.name, "source": policy.programme.source, "counts": counts,
        "objectives": [{"name": name, "value": value, "optimal": True, "bound": value}
                       for name, value in values(problem, *columns(problem, pairs)).items()],
        "seed": policy.ties.seed, "inputs_sha256": inputs, "policy_sha256": policy_hash(policy),
        "roster_sha256": lines_hash(f"{h}\t{c}" for h, c in pairs),
    }


def _served(partners: list[int], got: list[int]) -> dict[str, int]:
    """Return how many households have all their cadres, some of them, none."""
    kinds = Counter("fully_served" if g >= p else "partly_served" if g else "unserved" for g, p in zip(got, partners, strict=True))
    return {kind: kinds[kind] for kind in SERVED}


def check_figures(told: Mapping[str, Any], head: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Check summary.json, and what the certificate says of the whole run, key by key."""
    if isinstance(told.get("counts"), dict) and "drawn" not in wanted["counts"]:
        told = {**told, "counts": {key: value for key, value in told["counts"].items() if key != "drawn"}}
    keys = [(SUMMARY, told, key) for key in (*wanted, *told) if key not in _NOT_COUNTED]
    for file, said, key in [*keys, *((CERTIFICATE, head, key) for key in wanted if key in head)]:
        if key not in said or key not in wanted or json.dumps(said[key]) != json.dumps(wanted[key]):
            raise Flaw(message(N_("{file} says {key} otherwise than it is counted again."), file=file, key=key))


def lines_hash(lines: Iterable[str]) -> str:
    """Return the SHA-256 of lines in UTF-8, each closed by a line feed."""
    return sha256_of("".join(line + "\n" for line in lines).encode("utf-8", "surrogatepass"))


def policy_hash(policy: Policy) -> str:
    """Return the hash of the whole policy, defaults filled in."""
    return lines_hash([json.dumps(policy.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)])
