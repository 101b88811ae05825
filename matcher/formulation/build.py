"""From an instance to the network of hubs.

township → household → hub of needs (village, then the places around) → hub of skills → cadre → seats → unit → sink, with
explicit arcs for single pairs. A township's quota is its supply; what is not paired returns by the bypass. Fixed pairs are
taken out beforehand: they use up their household's, cadre's, unit's and township's places.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from matcher.domain import Instance, Ints, Lists
from matcher.formulation.groups import NeedHubs, SkillHubs, cross, grouped, need_hubs, skill_hubs
from matcher.formulation.network import ArcColumns, Kind, Network
from matcher.formulation.pairs import Extras, extras, leave_hubs
from matcher.people.permission import Permission

FIRST_SEATS = 16
"""Seats modelled for a cadre at first; more only where all of them are taken."""


@dataclass(frozen=True)
class Relaxation:
    """What the hubs did not see in earlier rounds.

    Attributes
    ----------
    dealt_twice : frozenset of (household, cadre)
        Pairs that a hub dealt twice; each gets an explicit arc.
    seats : (cadres,) int
        The most places modelled of each cadre.
    """

    dealt_twice: frozenset[tuple[int, int]]
    seats: Ints


@dataclass(frozen=True)
class HubNetwork:
    """The network with the hubs and nodes that its arcs speak of."""

    network: Network
    needs: NeedHubs
    skills: SkillHubs
    first_household: int
    first_need: int
    first_skill: int
    first_cadre: int
    townships: Ints
    limited_units: Ints


def seats_of(instance: Instance, permission: Permission) -> Ints:
    """Return the most pairings that each cadre can have besides fixed ones: no more than permitted households."""
    fixed = np.bincount(instance.fixed.cadre, minlength=len(instance.cadres))
    return np.maximum(np.minimum(instance.cadres.capacity, permission.counts()[1]) - fixed, 0)


def build(instance: Instance, permission: Permission, order: tuple[str, ...], relaxation: Relaxation) -> HubNetwork:
    """Return the network for the objectives in use; nodes and arcs in canonical order."""
    households, cadres = instance.households, instance.cadres
    skills = skill_hubs(instance, order)
    needs = need_hubs(instance, skills, order)
    townships, township_of = np.unique(households.township, return_inverse=True)
    limited = np.flatnonzero(instance.unit_capacity >= 0)
    sizes = [1, len(townships), len(households), len(needs.place), len(skills.place), len(cadres), len(limited)]
    _, town, house, need, skill, cadre, unit = np.concatenate([[0], np.cumsum(sizes)[:-1]]).tolist()
    left = instance.lacking()
    supply, arcs = np.zeros(sum(sizes), np.int64), ArcColumns()
    supply[town : town + len(townships)] = _supplies(instance, townships, township_of, left)
    supply[0] = -supply.sum()
    arcs.add(Kind.BYPASS, np.arange(town, house), 0, supply[town:house], townships)
    _enter(arcs, town + township_of, house, households.partners, left)
    special = extras(instance, permission, order, relaxation.dealt_twice)
    around = permission.chains
    _from_households(arcs, instance, needs, skills, special, around, left, (house, need, skill, cadre))
    rising = np.flatnonzero(needs.above >= 0)
    many = int(left.sum()) + 1  # never full, so that no hub can hide a dearer pair behind a cheaper one
    arcs.add(Kind.RISE, need + rising, need + needs.above[rising], many, rising)
    n, g = cross(grouped(needs.place, np.arange(len(needs.place)), len(instance.parents)), skills.at_place)
    arcs.add(Kind.MATCH, need + n, skill + g, many, n, g)
    arcs.add(Kind.PICK, skill + skills.members.owners(), cadre + skills.members.values,
             many, skills.members.owners(), skills.members.values)
    _seats(arcs, instance, order, relaxation.seats, limited, cadre, unit)
    names = partial(_names, instance, order, townships, needs, skills, limited)
    tail, head, capacity, kind, subject, detail = arcs.columns()
    network = Network(sum(sizes), tail, head, capacity, kind, subject, detail, supply, names)
    return HubNetwork(network, needs, skills, house, need, skill, cadre, townships, limited)


def _supplies(instance: Instance, townships: Ints, township_of: Ints, left: Ints) -> Ints:
    """Return every township's pairings at most, less the fixed ones."""
    wanted = np.bincount(township_of, weights=left, minlength=len(townships)).astype(np.int64)
    quota = instance.township_capacity[townships]
    fixed = np.bincount(township_of[instance.fixed.household], minlength=len(townships))
    return np.where(quota >= 0, np.minimum(wanted, quota - fixed), wanted)


def _enter(arcs: ArcColumns, township: Ints, house: int, partners: Ints, left: Ints) -> None:
    """Add an arc for each cadre that a household still lacks; detail counts those it has by fixed pairs."""
    who = np.repeat(np.arange(len(left)), left)
    nth = np.arange(len(who)) - np.repeat(np.cumsum(left) - left, left) + np.repeat(partners - left, left)
    arcs.add(Kind.ENTER, township[who], house + who, 1, who, nth)


def _from_households(
    arcs: ArcColumns, instance: Instance, needs: NeedHubs, skills: SkillHubs, special: Extras, around: Ints, left: Ints,
    first: tuple[int, int, int, int],
) -> None:
    house, need, skill, cadre = first
    who, hub, keys = leave_hubs(instance, skills, special, around)
    stays = needs.of_household >= 0
    stays[list(special.apart)] = False
    inside = np.flatnonzero(stays)
    arcs.add(Kind.JOIN, house + inside, need + needs.of_household[inside], left[inside], inside, needs.of_household[inside])
    arcs.add(Kind.DIRECT, house + who, skill + hub, left[who], who, hub)
    pair = keys // len(instance.cadres), keys % len(instance.cadres)
    arcs.add(Kind.PAIR, house + pair[0], cadre + pair[1], 1, *pair)


def _seats(arcs: ArcColumns, instance: Instance, order: tuple[str, ...], seats: Ints, limited: Ints, cadre: int, unit: int) -> None:
    """Add the seats: one arc each where the load's balance counts, else one up to a duty that counts and one for the rest."""
    fixed = np.bincount(instance.fixed.cadre, minlength=len(instance.cadres))
    if "balance" in order:
        blocks = Lists(np.concatenate([[0], np.cumsum(seats)]), np.zeros(0, np.int64))
        who = blocks.owners()
        nth = np.arange(len(who)) - blocks.starts[who] + 1
        width = np.ones(len(who), np.int64)
    else:
        due = np.clip(instance.cadres.duty - fixed, 0, seats) if "duty" in order else np.zeros_like(seats)
        who = np.repeat(np.arange(len(seats)), 2)
        width = np.stack([due, seats - due], axis=1).ravel()
        nth = np.stack([np.ones(len(due), np.int64), due + 1], axis=1).ravel()
    of_unit = instance.cadres.unit[who]
    sink = np.zeros(len(instance.unit_capacity), np.int64)
    sink[limited] = unit + np.arange(len(limited))
    arcs.add(Kind.SEAT, cadre + who, sink[of_unit], width, who, nth + fixed[who])
    used = np.bincount(instance.cadres.unit[instance.fixed.cadre], minlength=len(instance.unit_capacity))
    arcs.add(Kind.UNIT, unit + np.arange(len(limited)), 0, (instance.unit_capacity - used)[limited], limited)


def _names(
    instance: Instance, order: tuple[str, ...], townships: Ints, needs: NeedHubs, skills: SkillHubs, limited: Ints, nodes: Ints
) -> tuple[str, ...]:
    """Return some nodes' canonical names, by rising numbers; the unit separator parts what no folded name holds."""
    place, homes, cadres = instance.place_names, instance.households.ids, instance.cadres.ids
    words = [names if "fit" in order else ("",) * len(names) for names in (instance.needs_names, instance.skills_names)]
    sizes = [1, len(townships), len(homes), len(needs.place), len(skills.place), len(cadres), len(limited)]
    first = np.concatenate([[0], np.cumsum(sizes)])
    cuts = np.searchsorted(nodes, first)
    sink, town, home, need, skill, cadre, unit = (nodes[a:b] - f for a, b, f in zip(cuts[:-1], cuts[1:], first[:-1], strict=True))
    needed = zip(*(column[need].tolist() for column in (needs.place, needs.needs, needs.band)), strict=True)
    skilled = zip(*(column[skill].tolist() for column in (skills.place, skills.linked, skills.skills, skills.level)), strict=True)
    return (
        *("sink" for _ in sink),
        *(f"township\x1f{place[t]}" for t in townships[town].tolist()),
        *(f"household\x1f{homes[h]}" for h in home.tolist()),
        *(f"needs\x1f{place[p]}\x1f{words[0][s]}\x1f{b}" for p, s, b in needed),
        *(f"skills\x1f{place[p]}\x1f{link}\x1f{words[1][s]}\x1f{v}" for p, link, s, v in skilled),
        *(f"cadre\x1f{cadres[c]}" for c in cadre.tolist()),
        *(f"unit\x1f{instance.unit_names[u]}" for u in limited[unit].tolist()),
    )
