"""Whatever is changed in a right run, however well it is covered, the checker refuses it.

``JIEDUI_MUTATIONS=10000 python -m pytest tests/test_mutations.py -n 2`` runs the long campaign; fewer by default.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcher.errors import JieduiError
from matcher.pipeline import Month, Outcome, load_month, run_month
from matcher.publish import write_run
from matcher.roster.changes import compare
from matcher.verify import Flaw, Verdict
from matcher.verify.certificate import read_part
from matcher.verify.checks import verify_files
from matcher.verify.files import read_files
from matcher.verify.problem import Problem, Rules, check_feasible, separate
from matcher.verify.recount import values
from matcher.verify.second import solve_again

from .oracle.months import random_month, write_month

MANY = int(os.environ.get("JIEDUI_MUTATIONS", "240"))
EACH = 10
"""Mutations of one month."""
Pairs = list[tuple[int, int]]
Random = random.Random


def parts_of(outcome: Outcome) -> list[dict[str, Any]]:
    """Return the parts of an outcome's certificate."""
    return [json.loads(gzip.decompress(part)) for part in outcome.certificates()]


def with_parts(outcome: Outcome, parts: list[dict[str, Any]]) -> Outcome:
    """Return an outcome with other parts in its certificate."""
    packed = [gzip.compress(json.dumps(p, ensure_ascii=False).encode()) for p in parts]
    return replace(outcome, certificates=lambda: packed)


def with_pairs(month: Month, outcome: Outcome, pairs: Pairs) -> Outcome:
    """Return an outcome of other pairs, with all that follows from them told as it would be for these: a lie without a seam."""
    instance = outcome.judgement.instance
    pairs = sorted(pairs)
    ids = [(instance.households.ids[h], instance.cadres.ids[c]) for h, c in pairs]
    columns = [np.array([p[k] for p in pairs], np.int64) for k in (0, 1)]
    worth = values(Problem(instance, Rules.of(month.policy)), *columns)
    parts = parts_of(outcome)
    for part in parts:
        own = set(part["nodes"])
        mine = [(h, c) for h, c in ids if f"household\x1f{h}" in own]
        part["households"], part["cadres"] = [h for h, _ in mine], [c for _, c in mine]
    return replace(
        with_parts(outcome, parts), objectives=worth, household=columns[0], cadre=columns[1],
        compared=partial(compare, outcome.judgement, *columns),
    )


def pairs_of(outcome: Outcome) -> Pairs:
    """Return an outcome's pairs by number."""
    return list(zip(outcome.household.tolist(), outcome.cadre.tolist(), strict=True))


# --- mutations: None where a month has nothing to change so


def moved_pair(rng: Random, month: Month, outcome: Outcome) -> Outcome | None:
    """Give a household another cadre, of those permitted."""
    pairs, judgement = pairs_of(outcome), outcome.judgement
    if not pairs:
        return None
    h, c = rng.choice(pairs)
    every = np.arange(len(judgement.instance.cadres))
    others = [int(d) for d in every[judgement.permission.of_pairs(np.full(len(every), h), every)] if (h, int(d)) not in set(pairs)]
    return with_pairs(month, outcome, [*(p for p in pairs if p != (h, c)), (h, rng.choice(others))]) if others else None


def exchanged(rng: Random, month: Month, outcome: Outcome) -> Outcome | None:
    """Let two households exchange cadres: often as good, but not what the lot said."""
    pairs = pairs_of(outcome)
    if len(pairs) < 2:
        return None
    (h, c), (g, d) = rng.sample(pairs, 2)
    new = [*(p for p in pairs if p not in ((h, c), (g, d))), (h, d), (g, c)]
    return with_pairs(month, outcome, new) if len(set(new)) == len(new) and set(new) != set(pairs) else None


def replaced_household(rng: Random, month: Month, outcome: Outcome) -> Outcome | None:
    """Let another household have a pair."""
    pairs, judgement = pairs_of(outcome), outcome.judgement
    if not pairs:
        return None
    h, c = rng.choice(pairs)
    every = np.arange(len(judgement.instance.households))
    others = [int(g) for g in every[judgement.permission.of_pairs(every, np.full(len(every), c))] if (int(g), c) not in set(pairs)]
    return with_pairs(month, outcome, [*(p for p in pairs if p != (h, c)), (rng.choice(others), c)]) if others else None


def lost_pair(rng: Random, month: Month, outcome: Outcome) -> Outcome | None:
    """Drop a pair."""
    pairs = pairs_of(outcome)
    if not pairs:
        return None
    gone = rng.choice(pairs)
    return with_pairs(month, outcome, [p for p in pairs if p != gone])


def added_pair(rng: Random, month: Month, outcome: Outcome) -> Outcome | None:
    """Add a pair."""
    pairs, instance = pairs_of(outcome), outcome.judgement.instance
    if not len(instance.households) or not len(instance.cadres):
        return None
    new = rng.randrange(len(instance.households)), rng.randrange(len(instance.cadres))
    return with_pairs(month, outcome, [*pairs, new]) if new not in pairs else None


def other_order(rng: Random, _: Month, outcome: Outcome) -> Outcome | None:
    """Exchange two stages of the proof, or drop one, or say one twice."""
    parts = parts_of(outcome)
    part = rng.choice(parts)
    size = len(part["levels"])
    a, b = rng.randrange(size), rng.randrange(size)
    kind = rng.choice(["exchange", "drop", "twice"])
    for column in (part["levels"], *part["potentials"]):
        if kind == "exchange":
            column[a], column[b] = column[b], column[a]
        elif kind == "drop":
            del column[a]
        else:
            column.insert(a, column[b])
    if kind == "exchange" and a == b:
        return None
    return with_parts(outcome, parts)


def other_figure(rng: Random, _: Month, outcome: Outcome) -> Outcome | None:
    """Tell another value of an objective."""
    name = rng.choice(list(outcome.objectives))
    value = outcome.objectives[name]
    told = [*value[:-1], value[-1] + 1] if isinstance(value, list) and value else 1 if isinstance(value, list) else value - 1
    return replace(outcome, objectives={**outcome.objectives, name: told})


def with_why(outcome: Outcome, **changes: Any) -> Outcome:
    """Return an outcome that tells other reasons."""
    told = replace(outcome.why(), **changes)
    return replace(outcome, why=lambda: told)


def other_bottleneck(rng: Random, _: Month, outcome: Outcome) -> Outcome | None:
    """Tell another number of places of a bottleneck, or another reason."""
    if outcome.bottlenecks and rng.random() < 0.5:
        k = rng.randrange(len(outcome.bottlenecks))
        changed = [replace(b, places=b.places + (i == k)) for i, b in enumerate(outcome.bottlenecks)]
        return with_why(outcome, bottlenecks=changed)
    if not outcome.unmatched:
        return None
    k = rng.randrange(len(outcome.unmatched))
    other = {"earlier_objective": "no_permitted_cadre"}.get(outcome.unmatched[k].reason, "earlier_objective")
    return with_why(outcome, unmatched=[replace(u, reason=other) if i == k else u for i, u in enumerate(outcome.unmatched)])


def other_drawn(rng: Random, _: Month, outcome: Outcome) -> Outcome | None:
    """Tell of somebody that the lot decided, or that it did not."""
    if not len(outcome.household):
        return None
    return replace(outcome, drawn=sorted(set(outcome.drawn) ^ {rng.choice(outcome.household.tolist())}))


def other_proof(rng: Random, _: Month, outcome: Outcome) -> Outcome | None:
    """Set all potentials of a stage to 0, unless they are: most often no proof any more (see the test)."""
    parts = parts_of(outcome)
    part = rng.choice(parts)
    k = rng.randrange(len(part["levels"]))
    if not any(vector[k] for vector in part["potentials"]):
        return None
    for vector in part["potentials"]:
        vector[k] = 0
    return with_parts(outcome, parts)


MUTATIONS: list[Callable[[Random, Month, Outcome], Outcome | None]] = [
    moved_pair, exchanged, exchanged, exchanged, replaced_household, lost_pair, added_pair, other_order, other_figure,
    other_bottleneck, other_drawn,
]


def examined(month: Month, outcome: Outcome, plain: bool = False) -> Verdict:
    """Write an outcome and check its files."""
    with tempfile.TemporaryDirectory() as folder:
        write_run(outcome, Path(folder, "run"), workbook=False)
        return verify_files(read_files(Path(folder, "run")), month.tables, month.policy, month.policy_bytes, plain=plain)


def solved(folder: Path, seed: int) -> tuple[Month, Outcome] | None:
    """Return a random month and its right outcome, which is accepted."""
    month = load_month(write_month(folder, *random_month(seed, "small" if seed % 3 == 0 else "medium")))
    try:
        outcome = run_month(month)
    except JieduiError:
        return None
    assert examined(month, outcome).valid
    return month, outcome


@pytest.mark.parametrize("seed", range(5000, 5000 + max(MANY // EACH, 1)))
def test_mutations_are_refused(tmp_path: Path, seed: int) -> None:
    """No lie about pairs, stages, figures, reasons or the lot passes."""
    found = solved(tmp_path / "m", seed)
    if found is None:
        pytest.skip("the month has no roster")
    month, outcome = found
    rng = Random(seed)
    by: Counter[str] = Counter()
    while by.total() < EACH:
        mutation = rng.choice(MUTATIONS)
        spoilt = mutation(rng, month, outcome)
        if spoilt is None:
            by["none"] += 1
            continue
        verdict = examined(month, spoilt, plain=True)
        assert not verdict.valid, mutation.__name__
        valid = {check.name: check.valid for check in verdict.checks}
        if "plain" in valid:  # the lot's check also looks at who is told to have been drawn
            assert valid["plain"] <= (valid["feasible"] and valid["optimal"]), mutation.__name__
            assert valid["plain"] >= (valid["feasible"] and valid["optimal"] and valid["draw"]), mutation.__name__
        by[mutation.__name__] += 1


def test_tie_variants_are_refused_by_the_draw_alone(tmp_path: Path) -> None:
    """An exchange that every objective finds as good is refused by the draw, and by nothing else."""
    alone = 0
    for seed in range(6000, 6012):
        found = solved(tmp_path / f"m{seed}", seed)
        rng = Random(seed)
        for _ in range(8 if found else 0):
            assert found is not None
            spoilt = exchanged(rng, *found)
            if spoilt and spoilt.objectives == found[1].objectives:
                wrong = {c.name for c in examined(found[0], spoilt).checks if not c.valid}
                assert wrong & {"draw", "feasible"}
                alone += wrong == {"draw"}
    assert alone > 3


def test_another_solver_finds_the_better_roster(tmp_path: Path) -> None:
    """The second solver passes the right roster, and finds that one with other values, though permitted, is not the best."""
    refused = 0
    for seed in range(6000, 6010):
        found = solved(tmp_path / f"m{seed}", seed)
        rng = Random(seed)
        for _ in range(4 if found else 0):
            assert found is not None
            second_opinion(*found)
            spoilt = rng.choice([exchanged, lost_pair])(rng, *found)
            if spoilt and spoilt.objectives != found[1].objectives:
                with pytest.raises(Flaw):
                    second_opinion(found[0], spoilt)
                refused += 1
    assert refused > 15


def second_opinion(month: Month, outcome: Outcome) -> None:
    """Solve an outcome's problems again with another solver, if its roster is allowed."""
    rules = Rules.of(month.policy)
    instances = separate(outcome.judgement.instance)
    for instance, data in zip(instances, outcome.certificates(), strict=True):
        problem, part = Problem(instance, rules), read_part(data)
        solve_again(problem, part, check_feasible(problem, part.pairs))


def test_no_proof_without_potentials(tmp_path: Path) -> None:
    """A proof whose potentials are wiped out does not hold; where it still does, the potentials were not needed."""
    refused = 0
    for seed in range(6000, 6010):
        found = solved(tmp_path / f"m{seed}", seed)
        rng = Random(seed)
        for _ in range(4 if found else 0):
            assert found is not None
            spoilt = other_proof(rng, *found)
            refused += spoilt is not None and not examined(found[0], spoilt).valid
    assert refused > 15
