"""What explanations and comparisons say in words, on random months: every sentence that names a cause is held against the month."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from matcher import match, read_month
from matcher.domain import Instance, Pairs
from matcher.errors import JieduiError
from matcher.people.permission import Permission
from matcher.pipeline import changed, judge_month
from matcher.questions.answers import HouseholdAnswer
from matcher.questions.ask import Asker
from matcher.questions.known import Known
from matcher.questions.words import Words
from matcher.scenario.read import scenario_of
from matcher.solve.rounds import solve
from matcher.whatif.ask import answer
from matcher.whatif.facts import Facts
from matcher.whatif.sweep import axis_of
from matcher.whatif.words import difference, lines_of

from .oracle import months
from .test_whatif_equal import Changer

Turn = tuple[int, int]
"""How many cadres a household has already, and its place by income."""


def turns(instance: Instance, household: np.ndarray) -> Counter[Turn]:
    """Return whose turn every pairing was."""
    got = Counter(household.tolist())
    return Counter((n, int(instance.households.income_rank[h])) for h, many in got.items() for n in range(many))


def known(seed: int, folder: Path, by_income: bool = False) -> Known:
    """Return the run of a small random month."""
    tables, policy = months.random_month(seed, "small")
    if by_income:
        policy["priority"] = {**policy.get("priority", {}), "by": "income"}
    return Known.of(match(read_month(months.write_month(folder / str(seed), tables, policy))).outcome)


@pytest.mark.parametrize("start", range(0, 200, 50))
def test_who_gives_way_gives_way_to_somebody_later(start: int, tmp_path: Path) -> None:
    """By income a pair that passes over somebody gives a later turn instead of an earlier one; where one is lost, the price says so."""
    passed = 0
    for seed in range(start, start + 50):
        run = known(seed, tmp_path, by_income=True)
        instance, asker, fixed = run.judgement.instance, Asker(run), run.judgement.instance.fixed
        before = turns(instance, run.household)
        rows = [*zip(fixed.household.tolist(), fixed.cadre.tolist(), fixed.value.tolist(), strict=True)]
        for h, key in enumerate(instance.households.ids):
            said = asker.household(key)
            for option in said.alternatives:
                if option.over != "coverage":
                    continue
                forced = instance.replace(fixed=Pairs.from_rows([*rows, (h, instance.cadres.ids.index(option.who.id), 0)]))
                change = turns(instance, solve(forced, Permission(forced), run.task).household)
                change.subtract(before)
                lost, got = ([turn for turn, n in change.items() if n * sign > 0] for sign in (-1, 1))
                assert lost, (seed, key)
                assert max(got) > min(lost), (seed, key, option.who.id)
                passed += 1
    assert passed > 20


@pytest.mark.parametrize("start", range(0, 200, 50))
def test_why_not_more_and_what_is_lacking(start: int, tmp_path: Path) -> None:
    """Nobody is left only where no other household may be paired; a household that has everyone is told so, and no places."""
    left = everyone = 0
    for seed in range(start, start + 50):
        run = known(seed, tmp_path)
        asker, words = Asker(run), Words("en")
        for key in run.judgement.instance.cadres.ids:
            said = asker.cadre(key)
            assert (said.more.reason in ("nobody_left", "no_part")) == (not said.alternatives), (seed, key)
            left += said.more.reason == "no_room"
        for key in run.judgement.instance.households.ids:
            home = asker.household(key)
            assert isinstance(home, HouseholdAnswer)
            if home.lack and home.pairs and not home.alternatives:
                everyone += 1
                assert "it has every cadre that may be paired with it" in words.household(home), (seed, key)
            assert "to these 0 cadres" not in words.household(home), (seed, key)
    assert left > 1
    assert everyone > 3


def test_a_limit_without_fixed_pairs_leaves_no_room(tmp_path: Path) -> None:
    """A township's quota of one that the cadre's own household holds: others may be paired, but there is no room for one more."""
    tables, policy = months.random_month(22, "small")
    run = Known.of(match(read_month(months.write_month(tmp_path / "m", tables, policy))).outcome)
    said = Asker(run).cadre("C000")
    assert (said.more.reason, len(said.alternatives)) == ("no_room", 4)
    assert "the limits and fixed pairs leave no room for another household" in Words("en").cadre(said)


@pytest.mark.parametrize("start", range(0, 250, 50))
def test_a_comparisons_causes(start: int, tmp_path: Path) -> None:
    """Left the post, an upper limit, nothing changes: each is so in the changed month."""
    seen: Counter[str] = Counter()
    for seed in range(start, start + 50):
        folder = tmp_path / str(seed)
        folder.mkdir()
        size = "medium" if seed % 5 == 0 else "small"
        month = months.random_month(seed, size)
        original = read_month(months.write_month(folder / "2008-07", *month))
        said = Changer(seed, month, folder).make()
        try:
            found = answer(original, [scenario_of(said)]).comparisons[0] if said else None
        except JieduiError:
            continue
        if found is None:
            continue
        rows = judge_month(changed(original, scenario_of(said))).judgement.cadres
        for move in (m for m in found.changed if m.from_cadre):
            why = rows.why_not[rows.index[move.from_cadre]] if move.from_cadre in rows.index else "gone"
            wanted = {"gone": "left_post", "unavailable": "left_post", "capacity_0": "capacity"}.get(why, why)
            assert move.reason == "required" or not why or move.reason == wanted, (seed, move)
            if not why and move.reason == "capacity":
                assert too_little_room(found.base, found.facts, move.from_cadre), (seed, move)
            seen[why] += 1
        if any("nothing changes" in line for line in lines_of(found, "en")):
            same = difference(found.base, found.facts)
            assert not any(n for value in same.values() for n in (value if isinstance(value, list) else [value])), (seed, said)
            assert found.base.short == found.facts.short
            seen["quiet"] += 1
    assert seen[""]
    assert seen["quiet"]


def too_little_room(base: Facts, facts: Facts, cadre: str) -> bool:
    """Return whether a cadre, or the unit, has less room than its pairs of the base take."""
    number, instance = facts.number[1][cadre], facts.instance
    unit = int(instance.cadres.unit[number])
    colleagues = [key for key, its in zip(instance.cadres.ids, instance.cadres.unit.tolist(), strict=True) if its == unit]
    taken = Counter(c for cadres in base.cadres_of.values() for c in cadres)
    limit = int(instance.unit_capacity[unit])
    return taken[cadre] > int(instance.cadres.capacity[number]) or 0 <= limit < sum(taken[c] for c in colleagues)


def test_an_upper_limit_of_none_is_no_lost_post(tmp_path: Path) -> None:
    """A rank's limit of 0: its cadres are in post, so who had one of them has another for the limit."""
    tables, policy = months.random_month(47, "medium")
    original = read_month(months.write_month(tmp_path / "m", tables, policy))
    (found,) = answer(original, [scenario_of([("set", "capacity.by_rank.一般干部=0")])]).comparisons
    assert "left_post" not in {m.reason for m in found.changed}
    assert "capacity" in {m.reason for m in found.changed}


@pytest.mark.parametrize("start", range(0, 80, 40))
def test_places_are_too_few_only_where_a_place_is_lacking(start: int, tmp_path: Path) -> None:
    """On a turning point's side of too few places somebody there lacks a cadre and may have another."""
    kinks = 0
    for seed in range(start, start + 40):
        month = read_month(months.write_month(tmp_path / str(seed), *months.random_month(seed, "small")))
        axis = axis_of("eligibility.income_threshold=500:2700:550")
        try:
            sweep = answer(month, [scenario_of([])], [axis]).sweep
        except JieduiError:
            continue
        assert sweep is not None
        for kink in sweep.kinks:
            if kink.what not in ("runs_out", "suffices"):
                continue
            value = kink.from_ if kink.what == "runs_out" else kink.until
            outcome = match(changed(month, scenario_of([("set", f"{axis.key}={value:f}")]))).outcome
            instance = outcome.judgement.instance
            permitted, got = Permission(instance).counts()[0], np.bincount(outcome.household, minlength=len(instance.households))
            label = outcome.judgement.households.places.label
            assert any(
                label(int(instance.households.township[u.household])) == kink.township
                and u.reason in ("bottleneck", "township_capacity") and permitted[u.household] > got[u.household]
                for u in outcome.unmatched
            ), (seed, kink)
            kinks += 1
    assert kinks > 3
