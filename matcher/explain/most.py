"""How many households can have a cadre at most: a maximum flow through the hubs of the places alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from matcher.domain import Instance
from matcher.formulation.build import Relaxation, build, seats_of
from matcher.formulation.network import Kind
from matcher.people.permission import Permission
from matcher.solve.flow import min_cost_flow

_ALONE = ("coverage",)


def most_served(instance: Instance, permission: Permission, bands: Sequence[int]) -> list[int]:
    """Return, for each of the bands, how many households up to it can have a cadre at most, if nothing else counted.

    One cadre each is wanted, so no hub can deal a household the same one twice. Fixed pairs stand.
    """
    households = instance.households
    fixed = np.bincount(instance.fixed.household, minlength=len(households))
    alone = instance.replace(households=replace(households, partners=np.maximum(fixed, 1)))
    net = build(alone, permission, _ALONE, Relaxation(frozenset(), seats_of(alone, permission))).network
    enter = net.of_kind(Kind.ENTER)
    everybody, nothing = np.ones(len(net.tail), np.bool_), np.zeros(len(net.tail), np.int64)
    found = []
    for band in bands:
        wanted = enter[households.band[net.subject[enter]] <= band]
        cost = nothing.copy()
        cost[wanted] = -1
        flow = min_cost_flow(net, everybody, nothing, cost)
        found.append(int(flow[wanted].sum()) + int(((fixed > 0) & (households.band <= band)).sum()))
    return found
