"""Goals against trying everything: the smallest addition on small random months, and what is said where there is none.

JIEDUI_GOALS is the number of instances of each kind; without it a fixed sample.
"""

from __future__ import annotations

import copy
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from itertools import combinations_with_replacement
from pathlib import Path

import pytest

from matcher import match, read_month
from matcher.errors import UsageError
from matcher.goals.goal import Means, read_goal, read_means
from matcher.goals.ground import Newcomer, with_newcomers
from matcher.goals.reach import OPEN, OUT_OF_REACH, REACHED, Reached, reach
from matcher.goals.words import reached_in_words
from matcher.people.judge import judge
from matcher.pipeline import load_month

from .oracle import brute, months, recount, second
from .oracle.model import Model, Policy, Tables, build

RUNS = int(os.environ.get("JIEDUI_GOALS", "24"))
Change = tuple[str, str]  # kind, name
Grown = Callable[[Change], None]
BY = {"cadres": ("cadres",), "places": ("cadres", "units", "townships"), "limits": ("units", "townships"), "ranks": ("ranks",),
      "new": ("new-cadres",)}
MOST = 4  # additions tried one by one


def pairings(model: Model) -> int:
    """Return the pairings of the best roster: of the best way to every state only coverage and what comes before it counts."""
    return len(max((roster for _, roster in brute.reach(model).values()), key=lambda r: recount.standing(model, r)))


class Small:
    """One small month and everything that may be added to it, found from its tables."""

    def __init__(self, seed: int, kind: str) -> None:
        self.tables, self.policy = months.random_month(seed, "small")
        self.kind, self.model = kind, build(self.tables, self.policy)
        self.counties = len({r["county"] for r in self.tables["households"]} - {""})
        self.town = sorted({r["township"] for r in self.tables["households"]})[0]
        self.capacity = 1 + seed % 2
        self.rank_of = {r["cadre_id"]: r["rank"] for r in self.tables["cadres"]}
        self.pairs_now = pairings(self.model)
        self.known: dict[tuple[Change, ...], int | None] = {}

    @property
    def wanted(self) -> int:
        """All pairings that are wanted."""
        return sum(h.partners for h in self.model.houses.values())

    def changes(self) -> list[Change]:
        """Everything that may be raised."""
        by = BY[self.kind]
        found = [("cadre", c) for c in sorted(self.model.cadres)] if "cadres" in by else []
        found += [("unit", u["unit"]) for u in self.tables["units"] if u["capacity"]] if "units" in by else []
        found += [("township", t) for t in sorted(self.policy["townships"]["capacity"])] if "townships" in by else []
        if by == ("ranks",):
            own = {r["cadre_id"] for r in self.tables["cadres"] if r["capacity"]}
            found += sorted({("rank", self.rank_of[c]) for c in self.model.cadres if self.rank_of[c] and c not in own})
        return [*found, ("new_cadre", self.town)] if by == ("new-cadres",) else found

    def weight(self, change: Change) -> int:
        """Return what a change counts: a rank's as many places as it has cadres without a capacity of their own."""
        own = {r["cadre_id"] for r in self.tables["cadres"] if r["capacity"]}
        return sum(self.rank_of[c] == change[1] and c not in own for c in self.model.cadres) if change[0] == "rank" else 1

    def after(self, changes: tuple[Change, ...]) -> int:
        """Return the pairings after changes; by the second solver where there are too many rosters to go through."""
        if changes not in self.known:
            tables, policy = copy.deepcopy(self.tables), copy.deepcopy(self.policy)
            for k, change in enumerate(changes):
                grow(self, tables, policy, change, k)
            model = build(tables, policy, self.model.decisions)
            self.known[changes] = pairings(model) if len(changes) <= MOST else len(second.solve(model)[1])
        found = self.known[changes]
        assert found is not None
        return found

    def smallest(self, target: int, most: int) -> int | None:
        """Return the smallest addition up to a weight, by trying all."""
        options = self.changes()
        weight = {c: self.weight(c) for c in options}
        sufficient = [
            total for size in range(most + 1) for chosen in combinations_with_replacement(options, size)
            if (total := sum(weight[c] for c in chosen)) <= most and self.after(chosen) >= target
        ]
        return min(sufficient, default=None)


def grow(small: Small, tables: Tables, policy: Policy, change: Change, k: int) -> None:
    """Raise one thing by one in the tables or the policy."""
    kind, name = change
    if kind == "cadre":
        row = next(r for r in tables["cadres"] if r["cadre_id"] == name)
        row["capacity"] = str((int(row["capacity"]) if row["capacity"] else small.model.cadres[name].capacity) + 1)
    elif kind == "unit":
        row = next(r for r in tables["units"] if r["unit"] == name)
        row["capacity"] = str(int(row["capacity"]) + 1)
    elif kind == "township":
        policy["townships"]["capacity"][name] += 1
    elif kind == "rank":
        rule = policy.setdefault("capacity", {})
        by_rank = rule.setdefault("by_rank", {})
        by_rank[name] = by_rank.get(name, rule.get("default", 3)) + 1
    else:
        county = next((r["county"] for r in tables["households"] if r["township"] == name), "")
        row = dict.fromkeys(months.COLUMNS["cadres"].split(), "")
        tables["cadres"].append(row | {"cadre_id": f"Z{k}", "name": "新", "unit": "新单位", "county": county, "townships": name,
                                       "skills": "资金", "capacity": str(small.capacity)})


@cache
def usable(kind: str, number: int) -> list[int]:
    """Return the first seeds whose month is of one county, lacks pairings and has something that may be added."""
    found: list[int] = []
    seed = 0
    while len(found) < number:
        small = Small(seed, kind)
        rule = small.policy["townships"]["rule"]
        if small.counties < 2 and small.wanted > small.pairs_now and small.changes() and (kind != "new" or rule == "listed"):
            found.append(seed)
        seed += 1
    return found


def said(small: Small, percent: str, folder: Path) -> Reached:
    """Return what the module answers."""
    by = BY[small.kind]
    means = read_means(by, (small.town,), ("资金",), small.capacity) if small.kind == "new" else read_means(by)
    month = load_month(months.write_month(folder, small.tables, small.policy))
    return reach(month, judge(month.tables, month.policy), read_goal(f"coverage={percent}%"), means)


def gains(small: Small, answer: Reached, chosen: tuple[Change, ...], folder: Path) -> Iterator[str]:
    """Compare who gains and who loses cadres with the monthly runs before and after (new cadres are called otherwise there)."""
    if small.kind == "new":
        return
    tables, policy = copy.deepcopy(small.tables), copy.deepcopy(small.policy)
    for k, change in enumerate(chosen):
        grow(small, tables, policy, change, k)
    now, after = (match(read_month(months.write_month(folder / name, *month))) for name, month in
                  (("now", (small.tables, small.policy)), ("after", (tables, policy))))
    more = Counter(h for h, _ in after.pairs)
    more.subtract(h for h, _ in now.pairs)
    want = ({h for h, n in more.items() if n > 0}, {h for h, n in more.items() if n < 0}, sum(n for n in more.values() if n > 0),
            -sum(n for n in more.values() if n < 0))
    if (set(answer.served), set(answer.fewer), answer.gained, answer.lost) != want:
        yield f"{folder.name}: gained and lost {answer.served}, {answer.fewer}, {answer.gained}, {answer.lost}, not {want}"
    if answer.gained - answer.lost != answer.after - answer.now:
        yield f"{folder.name}: {answer.gained} - {answer.lost} cadres, {answer.after} - {answer.now} pairs"


def others_suffice(small: Small, answer: Reached, chosen: tuple[Change, ...]) -> bool:
    """Return whether another addition of the same weight reaches the goal, by trying all."""
    options = small.changes()
    weight = {c: small.weight(c) for c in options}
    tried = (some for size in range(1, answer.total + 1) for some in combinations_with_replacement(options, size))
    return any(
        sum(weight[c] for c in some) == answer.total and tuple(sorted(some)) != chosen and small.after(some) >= answer.target
        for some in tried
    )


def still_short(small: Small, answer: Reached, folder: Path) -> Iterator[str]:
    """Compare what is told to be out of reach with the monthly run after everything was raised, more than could be used."""
    if small.kind == "new":
        return
    raised = copy.copy(small)
    raised.tables, raised.policy = copy.deepcopy(small.tables), copy.deepcopy(small.policy)
    for k in range(8):
        for change in small.changes():
            grow(raised, raised.tables, raised.policy, change, k)
    run = match(read_month(months.write_month(folder, raised.tables, raised.policy)))
    want = sorted(zip(*(run.unmatched[name] for name in ("household_id", "lacking", "reason")), strict=True))
    told = sorted((b.household_id, b.lacking, b.reason) for b in answer.barred)
    if (len(run.pairs), want) != (answer.after, told):
        yield f"{folder.name}: {answer.after} pairs and {told}, not {len(run.pairs)} and {want}"


def wrong(seed: int, kind: str, folder: Path) -> Iterator[str]:
    """Compare the answers for one month with trying every addition."""
    small = Small(seed, kind)
    for percent in ("100", str(min(100, -(-100 * (small.pairs_now + 1) // small.wanted)))):
        answer = said(small, percent, folder / f"{kind}-{seed}-{percent}")
        name = f"{kind} {seed} {percent}%"
        if answer.now != small.pairs_now:
            yield f"{name}: {answer.now} pairs now, not {small.pairs_now}"
        if answer.status not in (REACHED, OUT_OF_REACH):
            yield f"{name}: {answer.status}"
        elif answer.status == REACHED:
            chosen = tuple(sorted((a.kind, a.name) for a in answer.added for _ in range(a.steps)))
            if small.after(chosen) < answer.target or small.after(chosen) != answer.after:
                yield f"{name}: {chosen} brings {small.after(chosen)} pairs, not {answer.after}; the goal is {answer.target}"
            if answer.total != sum(small.weight(c) for c in chosen) or answer.bound != answer.total:
                yield f"{name}: {answer.total}, bound {answer.bound}, for {chosen}"
            yield from gains(small, answer, chosen, folder / f"{name}-gains")
            if answer.others is not None and 0 < answer.total < MOST and answer.others != others_suffice(small, answer, chosen):
                yield f"{name}: others than {chosen} are told as {answer.others}"
            best = small.smallest(answer.target, min(MOST, answer.total - 1))
            if best is not None:
                yield f"{name}: {answer.total} added, {best} are enough"
        elif (best := small.smallest(answer.target, MOST - 1)) is not None:
            yield f"{name}: out of reach, but {best} are enough"
        else:
            yield from still_short(small, answer, folder / f"{name}-most")


@pytest.mark.parametrize("kind", list(BY))
def test_smallest_addition_equals_trying_all(kind: str, tmp_path: Path) -> None:
    """No smaller addition of the kind reaches the goal, the one told does, and what is out of reach is."""
    assert [text for seed in usable(kind, RUNS) for text in wrong(seed, kind, tmp_path)] == []


@pytest.mark.parametrize("text", ["coverage", "coverage=0%", "coverage=101%", "coverage=nan", "fit=100%", "coverage=-3", "coverage=1e9"])
def test_goals_that_mean_nothing_are_refused(text: str) -> None:
    """A goal is a share of the coverage above 0 and up to 100 per cent."""
    with pytest.raises(UsageError):
        read_goal(text)


def test_shares_are_counted_exactly() -> None:
    """The share is rounded up in decimal figures, never in floating point."""
    assert read_goal("coverage=98.6%").pairings(1000) == 986
    assert read_goal("coverage=98.61%").pairings(1000) == 987
    assert read_goal("coverage=100").pairings(7) == 7


@pytest.mark.parametrize("words", [(), ("villages",), ("cadres", "ranks"), ("new-cadres",)])
def test_means_that_do_not_go_together_are_refused(words: tuple[str, ...]) -> None:
    """Ranks and new cadres stand alone; new cadres need a township."""
    with pytest.raises(UsageError):
        read_means(words)


def test_means_keep_their_order() -> None:
    """The order of the words does not matter."""
    assert read_means(("units", "cadres")) == Means(("cadres", "units"))


def test_a_search_given_up_claims_no_more_than_it_knows(tmp_path: Path) -> None:
    """Where no month may be solved again, nothing is called smallest; the bound is at most the smallest."""
    checked = 0
    for seed in usable("ranks", RUNS):
        small = Small(seed, "ranks")
        folder = months.write_month(tmp_path / str(seed), small.tables, small.policy)
        goal, means = read_goal("coverage=100%"), read_means(["ranks"])
        month = load_month(folder)
        judgement = judge(month.tables, month.policy)
        settled, given_up = (reach(month, judgement, goal, means, months=n) for n in (120, 0))
        if given_up.status == OPEN:
            checked += 1
            assert settled.status == REACHED
            assert given_up.bound <= settled.total
            assert not given_up.record()["optimal"]
            assert given_up.added == ()
    assert checked


def test_answers_are_told_in_both_languages(tmp_path: Path) -> None:
    """Words and record say the same; the Chinese has no English left; the record is JSON."""
    statuses = set()
    for kind in ("cadres", "new"):
        for seed in usable(kind, RUNS):
            small = Small(seed, kind)
            answer = said(small, "100", tmp_path / f"{kind}-{seed}")
            statuses.add(answer.status)
            json.dumps(answer.record())
            english, chinese = (reached_in_words(answer, language) for language in ("en", "zh"))
            assert english.count("\n") == chinese.count("\n")
            assert f"{answer.after if answer.status == REACHED else answer.target}" in english
            assert not re.search("[a-z]{4}", chinese)
    assert statuses == {REACHED, OUT_OF_REACH}


def test_new_cadres_have_names_of_their_own(tmp_path: Path) -> None:
    """A set of skills that somebody has already is not named twice: the draw tells hubs and cadres apart by their names."""
    for seed in usable("new", 5):
        small = Small(seed, "new")
        month = load_month(months.write_month(tmp_path / str(seed), small.tables, small.policy))
        instance = judge(month.tables, month.policy).instance
        for said_before in instance.skills_names:
            skills = tuple(word for word in said_before.split("、") if word)
            grown = with_newcomers(instance, Newcomer(skills, 2, 1), [int(instance.households.township[0])] * 3)
            for names in (grown.skills_names, grown.unit_names, grown.cadres.ids):
                assert len(set(names)) == len(names)
            assert list(grown.cadres.ids) == sorted(grown.cadres.ids)
            assert grown.met.shape == (len(grown.needs_names), len(grown.skills_names))
