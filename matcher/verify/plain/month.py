"""What the judged tables and the policy say, by ids and names: who may be paired, who must, what limits there are, what a pair gains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from matcher.domain import Instance, Lists, Pairs
from matcher.policy import Policy

Pair = tuple[str, str]


class Home(NamedTuple):
    """An eligible household; ``kind`` is alike for those whose pairs gain alike."""

    township: str
    partners: int
    band: int
    income_rank: int
    waiting: int
    kind: tuple[int, int]


class Cadre(NamedTuple):
    """A cadre who takes part; ``kind`` is alike for those whose pairs gain alike."""

    unit: str
    capacity: int
    duty: int
    kind: tuple[int, int]


class Ground(NamedTuple):
    """What the hubs of the draw are made of: places by number, with those around each; sets of needs and skills by number.

    A household's village, a cadre's places and the villages linked to the cadre's unit; pairs to avoid; needs met by needs and skills.
    """

    village: Mapping[str, int]
    around: Mapping[int, list[int]]
    places: Mapping[str, set[int]]
    links: Mapping[str, set[int]]
    avoid: set[Pair]
    met: list[list[int]]
    bands: int
    place_names: tuple[str, ...]
    needs_names: tuple[str, ...]
    skills_names: tuple[str, ...]

    @staticmethod
    def of(instance: Instance) -> Ground:
        """Return what there is in the judged month."""
        homes, cadres, parents = instance.households, instance.cadres, instance.parents.tolist()
        around: dict[int, list[int]] = {0: [0]}
        for place in range(1, len(parents)):
            chain = [place]
            while chain[-1]:
                chain.append(parents[chain[-1]])
            around[place] = chain
        return Ground(
            dict(zip(homes.ids, homes.village.tolist(), strict=True)), around,
            _sets(cadres.ids, cadres.places), _sets(cadres.ids, cadres.links), set(_pairs(instance, instance.avoid)),
            instance.met.tolist(), instance.bands, instance.place_names, instance.needs_names, instance.skills_names,
        )


@dataclass(frozen=True)
class Month:
    """What tables and policy say, by ids and names.

    Attributes
    ----------
    order, by_income, leximax, seed, position
        Of the policy: the objectives, how they are meant, the lot.
    allowed : dict of str to callable
        Gives the cadres permitted with each household.
    fixed : set of pairs
        That must stand.
    units, townships : dict of str to int
        The limits that there are.
    gains : dict of str to callable
        What a pair gains in each objective that looks at pairs.
    special : set of pairs
        Whose gains are not those of their kinds: of last month, scored.
    linked : callable
        Whether the household's village is linked to the cadre's unit.
    """

    order: tuple[str, ...]
    by_income: bool
    leximax: bool
    seed: str
    position: str
    homes: Mapping[str, Home]
    cadres: Mapping[str, Cadre]
    allowed: Callable[[str], list[str]]
    fixed: set[Pair]
    units: Mapping[str, int]
    townships: Mapping[str, int]
    gains: Mapping[str, Callable[[str, str], int]]
    special: set[Pair]
    linked: Callable[[str, str], bool]

    @staticmethod
    def of(instance: Instance, policy: Policy, ground: Ground) -> Month:
        """Return the month that was judged."""
        h, c, names = instance.households, instance.cadres, instance.place_names
        of_homes = (column.tolist() for column in (h.township, h.partners, h.band, h.income_rank, h.waiting, h.needs))
        homes = {key: Home(names[town], partners, band, rank, waiting, (needs, band))
                 for key, town, partners, band, rank, waiting, needs in zip(h.ids, *of_homes, strict=True)}
        of_cadres = (column.tolist() for column in (c.unit, c.capacity, c.duty, c.skills, c.level))
        cadres = {key: Cadre(instance.unit_names[unit], capacity, duty, (skills, level))
                  for key, unit, capacity, duty, skills, level in zip(c.ids, *of_cadres, strict=True)}
        serving: dict[int, list[str]] = defaultdict(list)
        for cadre, places in ground.places.items():
            for place in places:
                serving[place].append(cadre)
        first = {key for key, kept in zip(h.ids, h.first_kept.tolist(), strict=True) if kept}
        last, scores = _pairs(instance, instance.previous), _pairs(instance, instance.affinity)

        def allowed(home: str) -> list[str]:
            return [cadre for place in ground.around[ground.village[home]] for cadre in serving[place] if (home, cadre) not in ground.avoid]

        def linked(home: str, cadre: str) -> bool:
            return ground.village[home] in ground.links[cadre]

        return Month(
            policy.order, policy.priority.by == "income", policy.objectives.balance == "leximax", policy.ties.seed, policy.ties.position,
            homes, cadres, allowed, set(_pairs(instance, instance.fixed)),
            {u: n for u, n in zip(instance.unit_names, instance.unit_capacity.tolist(), strict=True) if n >= 0},
            {t: n for t, n in zip(names, instance.township_capacity.tolist(), strict=True) if n >= 0},
            {"continuity_first": lambda home, cadre: int((home, cadre) in last and home in first),
             "continuity": lambda home, cadre: int((home, cadre) in last), "affinity": lambda home, cadre: scores.get((home, cadre), 0),
             "village_link": linked, "fit": lambda home, cadre: ground.met[homes[home].kind[0]][cadres[cadre].kind[0]],
             "rank_match": lambda home, cadre: (ground.bands - homes[home].band) * cadres[cadre].kind[1]},
            {*last, *scores}, linked,
        )


def _sets(ids: tuple[str, ...], lists: Lists) -> dict[str, set[int]]:
    return {key: set(lists.of(k).tolist()) for k, key in enumerate(ids)}


def _pairs(instance: Instance, pairs: Pairs) -> dict[Pair, int]:
    homes, cadres = instance.households.ids, instance.cadres.ids
    return {(homes[h], cadres[c]): v for h, c, v in zip(pairs.household.tolist(), pairs.cadre.tolist(), pairs.value.tolist(), strict=True)}
