"""Who is alike: the hubs that households and cadres share, as the objectives in use demand.

The method: ``fit`` depends only on (set of needs, set of skills), ``rank_match`` only on (band, level), ``village_link``
only on (village, cadre), and permission only on place. So cadres are alike who may serve one place, with one set of skills
and one level; households are alike who live in one place, with one set of needs and one band.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.domain import Instance, Ints, Lists
from matcher.integers import among, order_of
from matcher.people.permission import chains


@dataclass(frozen=True)
class SkillHubs:
    """Hubs of alike cadres, sorted by (place, linked, skills, level).

    Attributes
    ----------
    place, linked, skills, level : (g,) int
        ``linked`` is 1 where the hub's cadres are those whose unit is linked to the village.
    members : Lists
        The cadres of every hub.
    at_place : Lists
        The hubs of every place.
    of_cadre : Lists
        The hubs of every cadre.
    """

    place: Ints
    linked: Ints
    skills: Ints
    level: Ints
    members: Lists
    at_place: Lists
    of_cadre: Lists


@dataclass(frozen=True)
class NeedHubs:
    """Hubs of alike households, sorted by (place, needs, band).

    Attributes
    ----------
    place, needs, band : (n,) int
    above : (n,) int
        The hub of the same needs and band in the next place around that has cadres; -1 if none.
    of_household : (households,) int
        -1 where nobody may serve the household's place.
    """

    place: Ints
    needs: Ints
    band: Ints
    above: Ints
    of_household: Ints


def skill_hubs(instance: Instance, order: tuple[str, ...]) -> SkillHubs:
    """Return the hubs of cadres for the objectives in use."""
    cadres = instance.cadres
    owner, place = cadres.places.owners(), cadres.places.values
    linked = np.zeros(len(owner), np.int64)
    if "village_link" in order:
        who, village = permitted_links(instance)
        owner, place = np.concatenate([owner, who]), np.concatenate([place, village])
        linked = np.concatenate([linked, np.ones(len(who), np.int64)])
    skills = cadres.skills[owner] if "fit" in order else np.zeros(len(owner), np.int64)
    level = cadres.level[owner] if "rank_match" in order else np.zeros(len(owner), np.int64)
    (at, link, skill, rank), hub = distinct(place, linked, skills, level)
    return SkillHubs(
        at, link, skill, rank, members=grouped(hub, owner, len(at)),
        at_place=grouped(at, np.arange(len(at)), len(instance.parents)), of_cadre=grouped(owner, hub, len(cadres)),
    )


def permitted_links(instance: Instance) -> tuple[Ints, Ints]:
    """Return (cadre, village) of every village that is linked to the cadre's unit and permitted to the cadre."""
    cadres, size = instance.cadres, len(instance.parents)
    who, village = cadres.links.owners(), cadres.links.values
    serves = np.sort(cadres.places.owners() * size + cadres.places.values)
    around = chains(instance.parents)[village]
    allowed = among(who[:, None] * size + around, serves).any(axis=1)
    return who[allowed], village[allowed]


def need_hubs(instance: Instance, hubs: SkillHubs, order: tuple[str, ...]) -> NeedHubs:
    """Return the hubs of households for the objectives in use."""
    households = instance.households
    staffed = np.diff(hubs.at_place.starts) > 0
    around = np.where(np.arange(len(instance.parents)) == 0, -1, instance.parents)
    nearest = _nearest(staffed, around)
    up = np.where(around >= 0, nearest[around], -1)
    entry = nearest[households.village]
    inside = entry >= 0
    needs = households.needs if "fit" in order else np.zeros(len(households), np.int64)
    band = households.band if "rank_match" in order else np.zeros(len(households), np.int64)
    own, of_own = distinct(entry[inside], needs[inside], band[inside])
    blocks = [np.stack(own)]
    while blocks[-1].shape[1]:
        place, *rest = blocks[-1]
        higher = up[place] >= 0
        blocks.append(np.stack(distinct(up[place][higher], *(r[higher] for r in rest))[0]))
    keys, number = distinct(*np.concatenate(blocks, axis=1))
    of_household = np.full(len(households), -1, np.int64)
    of_household[inside] = number[of_own]
    above = np.full(len(keys[0]), -1, np.int64)
    higher = up[keys[0]] >= 0
    above[higher] = _find(keys, (up[keys[0]][higher], keys[1][higher], keys[2][higher]))
    return NeedHubs(keys[0], keys[1], keys[2], above=above, of_household=of_household)


def _nearest(staffed: npt.NDArray[np.bool_], around: Ints) -> Ints:
    """Return for every place the nearest place, itself or around it, that has cadres; -1 if none."""
    found = np.where(staffed, np.arange(len(staffed)), -1)
    step = around
    for _ in range(3):
        found = np.where((found < 0) & (step >= 0), np.where(step >= 0, np.where(staffed[step], step, -1), -1), found)
        step = np.where(step >= 0, around[step], -1)
    return found


def distinct(*columns: Ints) -> tuple[tuple[Ints, ...], Ints]:
    """Return the distinct rows of columns, sorted, and every row's number."""
    if not len(columns[0]):
        return tuple(np.zeros(0, np.int64) for _ in columns), np.zeros(0, np.int64)
    order = order_of(*columns)
    rows = [c[order] for c in columns]
    new = np.ones(len(order), np.bool_)
    new[1:] = np.any([r[1:] != r[:-1] for r in rows], axis=0)
    number = np.empty(len(order), np.int64)
    number[order] = np.cumsum(new) - 1
    return tuple(r[new] for r in rows), number


def _find(keys: tuple[Ints, ...], wanted: tuple[Ints, ...]) -> Ints:
    """Return the numbers of rows that are known to be among sorted distinct rows."""
    both, number = distinct(*(np.concatenate([k, w]) for k, w in zip(keys, wanted, strict=True)))
    back = np.empty(len(both[0]), np.int64)
    back[number[: len(keys[0])]] = np.arange(len(keys[0]))
    return back[number[len(keys[0]) :]]


def grouped(key: Ints, value: Ints, size: int) -> Lists:
    """Return the values of every key 0 … size − 1, each list sorted."""
    order = order_of(key, value)
    starts = np.zeros(size + 1, np.int64)
    np.cumsum(np.bincount(key, minlength=size), out=starts[1:])
    return Lists(starts, value[order])


def cross(left: Lists, right: Lists) -> tuple[Ints, Ints]:
    """Return every pair of a left and a right value of the same owner, owner by owner."""
    sizes_left, sizes_right = np.diff(left.starts), np.diff(right.starts)
    repeats = np.repeat(sizes_right, sizes_left)
    first = np.repeat(left.values, repeats)
    ends = np.cumsum(repeats)
    offset = np.arange(len(first)) - np.repeat(ends - repeats, repeats)
    return first, right.values[np.repeat(np.repeat(right.starts[:-1], sizes_left), repeats) + offset]
