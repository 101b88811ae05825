"""How many households can have a cadre at most: a maximum flow through the hubs of the places alone."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from matcher.domain import Instance, Ints
from matcher.formulation.build import Relaxation, build, seats_of
from matcher.formulation.network import Kind
from matcher.people.permission import Permission
from matcher.solve.flow import max_flow

_ALONE = ("coverage",)


def most_served(instance: Instance, permission: Permission) -> list[int]:
    """Return, for each band, how many households up to it can have a cadre at most, if nothing else counted.

    One cadre each is wanted, so no hub can deal a household the same one twice. Fixed pairs stand.
    """
    households = instance.households
    fixed = np.bincount(instance.fixed.household, minlength=len(households))
    alone = _grouped(instance, fixed)
    net = build(alone, permission, _ALONE, Relaxation(frozenset(), seats_of(alone, permission))).network
    enter = net.of_kind(Kind.ENTER)
    of_enter = alone.households.band[net.subject[enter]]
    found = []
    for band in range(instance.bands):
        capacity = np.where(net.kind == Kind.BYPASS, 0, net.capacity)
        capacity[enter[of_enter > band]] = 0
        found.append(max_flow(net, capacity) + int(((fixed > 0) & (households.band <= band)).sum()))
    return found


def _grouped(instance: Instance, fixed: Ints) -> Instance:
    """Return the instance with one cadre wanted for each household; those alike in village and band stand as one household."""
    households = instance.households
    special = fixed > 0
    special[instance.avoid.household] = True
    apart, plain = np.flatnonzero(special), np.flatnonzero(~special)
    alike = households.village[plain] * instance.bands + households.band[plain]
    _, first, many = np.unique(alike, return_index=True, return_counts=True)
    rows = np.concatenate([apart, plain[first]])
    number = np.full(len(households), -1, np.int64)
    number[rows] = np.arange(len(rows))
    chosen = {f.name: getattr(households, f.name)[rows] for f in fields(households) if f.name != "ids"}
    chosen["partners"] = np.concatenate([np.maximum(fixed[apart], 1), many])
    return instance.replace(
        households=replace(households, ids=tuple(households.ids[k] for k in rows.tolist()), **chosen),
        fixed=replace(instance.fixed, household=number[instance.fixed.household]),
        avoid=replace(instance.avoid, household=number[instance.avoid.household]),
    )
