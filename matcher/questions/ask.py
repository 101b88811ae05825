"""From a question to its answer: a household or a cadre of a finished run."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np

from matcher.domain import Decision
from matcher.errors import UsageError
from matcher.explain.alternatives import Alternative, for_cadre, for_household
from matcher.explain.bottlenecks import Bottleneck, why_unmatched
from matcher.explain.fixes import smallest_fix
from matcher.explain.places import one_fewer, one_more, steps_at_cadre, steps_at_unit
from matcher.explain.standing import Standing
from matcher.messages import N_, message
from matcher.questions.answers import CadreAnswer, Change, Gap, HouseholdAnswer, Lack, Option, Pair, Person, Step
from matcher.questions.known import Known, near
from matcher.roster.tables import listed_fix
from matcher.tables.cells import fold

_RULES = {
    Decision.DUPLICATE: N_("Of several rows with one ID number only the first is judged."),
    Decision.ON_WELFARE_LIST: N_("Households on these lists are not paired: {categories} (eligibility.welfare_categories)."),
    Decision.MISSING_INCOME: N_("A household without an income is held back until the income is known."),
    Decision.REVIEW_INCOME: N_("A household whose income cannot be relied on is held back until it is checked."),
    Decision.ABOVE_THRESHOLD: N_("Only incomes up to {threshold} are paired (eligibility.income_threshold)."),
    Decision.REVIEW_WELFARE: N_("A household that may be on a list is held back until it is checked (eligibility.uncertain_welfare)."),
}


class Asker:
    """Answers questions to a run."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self._instance, self._judgement = known.judgement.instance, known.judgement
        self._rows, self._cadres = known.judgement.households, known.judgement.cadres

    def answer(self, key: str, kind: str | None = None) -> HouseholdAnswer | CadreAnswer:
        """Return the answer to a household's or a cadre's id.

        Parameters
        ----------
        kind : str, optional
            ``household`` or ``cadre``, where both have the id.

        Raises
        ------
        UsageError
            Nobody has the id, or somebody of each kind.
        """
        folded = fold(key)
        as_household, as_cadre = folded in self._rows.index, folded in self._cadres.index
        if as_household and as_cadre and kind is None:
            raise UsageError(message(N_("{id} is a household and a cadre. Say which with --as household or --as cadre."), id=folded))
        if as_household and kind != "cadre":
            return self.household(folded)
        if as_cadre and kind != "household":
            return self.cadre(folded)
        like = near(folded, [*self._rows.ids, *self._cadres.ids])
        text = N_("There is no household or cadre {id} in this run.")
        if like:
            text = N_("There is no household or cadre {id} in this run. Like it: {near}.")
        raise UsageError(message(text, id=folded, near=", ".join(like)))

    def household(self, key: str) -> HouseholdAnswer:
        """Return the answer to a household's id."""
        row = self._rows.index[key]
        judged, policy = self._judgement.decisions[row], self.known.policy
        rule = _RULES.get(judged.decision)
        told = None if rule is None else message(rule, categories="、".join(policy.eligibility.welfare_categories),
                                                 threshold=f"{policy.eligibility.income_threshold:f}")
        pairs: tuple[Pair, ...] = ()
        options: tuple[Option, ...] = ()
        lack, drawn = None, False
        if judged.decision is Decision.ELIGIBLE:
            number = int(np.searchsorted(self._judgement.eligible, row))
            part, local = self.known.with_household(number)
            standing = self.known.standing(part)
            pairs = tuple(self._pair(number, int(c), cadres=True) for c in self.known.cadre[self.known.household == number])
            cadres = self._instance.cadres.ids
            lack, drawn = self._lack(number), number in self.known.drawn
            people = [self._cadre_person(cadres[k]) for k in part.cadre]
            options = self._options(for_household(standing, local), people, unserved=not pairs)
        return HouseholdAnswer(
            self._household_person(key), self._rows.income_text[row], str(judged.decision), judged.evidence, told, pairs, drawn,
            options, lack, policy.programme.language, self.known.shape, self._bands,
        )

    def cadre(self, key: str) -> CadreAnswer:
        """Return the answer to a cadre's id."""
        row = self._cadres.index[key]
        pairs: tuple[Pair, ...] = ()
        options: tuple[Option, ...] = ()
        more = fewer = Step("no_part")
        why_not = self._cadres.why_not[row]
        found = None if why_not else self.known.with_cadre(int(np.searchsorted(self._judgement.taking_part, row)))
        if found:
            part, local = found
            standing, number = self.known.standing(part), int(part.cadre[local])
            pairs = tuple(self._pair(int(h), number, cadres=False) for h in self.known.household[self.known.cadre == number])
            people = [self._household_person(self._instance.households.ids[k]) for k in part.household]
            options = self._options(for_cadre(standing, local), people)
            more, fewer = self._more(standing, local, int(self.known.due[number]), bool(options)), self._fewer(standing, local)
        return CadreAnswer(self._cadre_person(key), why_not, pairs, self._cadres.capacity[row], self._cadres.duty[row], more, fewer,
                           options, self.known.shape, self._bands)

    @cached_property
    def _bands(self) -> tuple[str, ...]:
        return tuple(f"{b:f}" for b in self.known.policy.priority.bands)

    @cached_property
    def _marks(self) -> tuple[dict[tuple[str, str], int], set[tuple[str, str]], dict[tuple[str, str], int]]:
        """Return last month's pairs (1: pinned), required pairs, and scores, by ids."""
        said = self._judgement.relations
        return said.roster.said(), set(said.require.said()), said.affinity.said()

    def _household_person(self, key: str) -> Person:
        row = self._rows.index[key]
        return Person(key, self._rows.names[row], self._rows.places.label(int(self._rows.place[row])))

    def _cadre_person(self, key: str) -> Person:
        row = self._cadres.index[key]
        return Person(key, self._cadres.names[row], self._cadres.units[row][1])

    def _pair(self, household: int, cadre: int, cadres: bool) -> Pair:
        instance = self._instance
        ids = instance.households.ids[household], instance.cadres.ids[cadre]
        last, required, scores = self._marks
        row = self._cadres.index[ids[1]]
        needs = tuple(w for w in instance.needs_names[instance.households.needs[household]].split("、") if w)
        skills = set(self._cadres.skills[row])
        fixed = "required" if ids in required else "pinned" if last.get(ids) else ""
        who = self._cadre_person(ids[1]) if cadres else self._household_person(ids[0])
        return Pair(who, fixed, ids in last, int(instance.households.village[household]) in self._cadres.links[row], needs,
                    tuple(w for w in needs if w in skills), scores.get(ids, 0))

    def _options(self, found: Iterable[Alternative], people: list[Person], unserved: bool = False) -> tuple[Option, ...]:
        """Return what was found with names; where a household without any cadre would get one, with what others lose by it."""
        return tuple(Option(people[a.number], a.price, a.free, a.over, 1 + a.fewer if unserved and a.fewer is not None else None)
                     for a in found)

    def _lack(self, number: int) -> Lack | None:
        unmatched, bottlenecks = self.known.why.unmatched, self.known.why.bottlenecks
        u = next((u for u in unmatched if u.household == number), None)
        if u is None:
            return None
        gap = self.gap(u.bottleneck, bottlenecks[u.bottleneck]) if u.bottleneck >= 0 else None
        return Lack(u.lacking, u.reason, gap, self._change(number), listed_fix(self._instance, u, bottlenecks))

    def _change(self, number: int) -> Change | None:
        """Return the smallest fix, found in the household's own part."""
        known = self.known
        part, local = known.with_household(number)
        standing, instance = known.standing(part), part.instance
        unmatched, bottlenecks = why_unmatched(standing)
        u = next(u for u in unmatched if u.household == local)
        fix = smallest_fix(standing, known.due[part.cadre], u, bottlenecks[u.bottleneck] if u.bottleneck >= 0 else None)
        if fix is None:
            return None
        names = {"cadre": instance.cadres.ids, "unit": instance.unit_names, "township": instance.place_names}
        where = tuple((kind, names[kind][k] if kind == "cadre" else self.short(names[kind][k])) for kind, k in fix.where)
        pairs = tuple((instance.households.ids[local], instance.cadres.ids[c]) for c in fix.cadres)
        served, turn = (tuple(instance.households.ids[h] for h in those) for those in (fix.served, fix.turn))
        return Change(where, pairs, served, turn, fix.others)

    def short(self, name: str) -> str:
        """Return a unit's or township's name, with its county only where there are several."""
        return name.strip("/") if len(self._rows.places.counties) > 1 else name.partition("/")[2]

    def gap(self, index: int, found: Bottleneck) -> Gap:
        """Return a bottleneck by ids and names."""
        instance = self._instance
        towns = sorted({self.short(instance.place_names[t]) for t in instance.households.township[found.households].tolist()})
        households = tuple(instance.households.ids[h] for h in found.households)
        cadres = tuple(instance.cadres.ids[c] for c in found.cadres)
        quota = "" if found.quota < 0 else self.short(instance.place_names[found.quota])
        return Gap(index + 1, households, cadres, tuple(towns), found.places, found.needed, found.shortfall, quota, self._besides(found))

    def _besides(self, found: Bottleneck) -> bool:
        """Return whether a bottleneck's figures leave some pairs aside: fixed ones, and those with cadres who are not of it."""
        fixed, township = self._instance.fixed, self._instance.households.township
        if found.quota >= 0:
            return bool((township[fixed.household] == found.quota).any())
        own = np.isin(self.known.household, found.households)
        away = own & ~np.isin(self.known.cadre, found.cadres)
        return bool(away.any() or np.isin(fixed.household, found.households).any() or np.isin(fixed.cadre, found.cadres).any())

    def _more(self, standing: Standing, cadre: int, due: int, others: bool) -> Step:
        instance = standing.instance
        load, capacity, unit = int(standing.load[cadre]), int(instance.cadres.capacity[cadre]), int(instance.cadres.unit[cadre])
        steps = one_more(standing, cadre, due)
        price = None if steps is None else standing.shape.told(standing.levels, steps)
        if not others:
            return Step("nobody_left")
        if load >= capacity:
            gain = steps_at_cadre(standing, cadre, due)
            return Step("capacity", None, standing.shape.told(standing.levels, gain, -1), any(gain))
        if unit in standing.full_units:
            gain = steps_at_unit(standing, unit)
            return Step("unit_capacity", price, standing.shape.told(standing.levels, gain, -1), any(gain))
        return Step("price", price, behind=any(steps or ())) if price is not None else Step("no_room")

    def _fewer(self, standing: Standing, cadre: int) -> Step:
        if not standing.load[cadre]:
            return Step("no_load")
        steps = one_fewer(standing, cadre)
        return Step("fixed") if steps is None else Step("price", standing.shape.told(standing.levels, steps), behind=any(steps))
