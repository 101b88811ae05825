"""How many households can have a cadre at most: a maximum flow through the hubs of the places alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np

from matcher.domain import Instance, Ints
from matcher.formulation.build import Relaxation, build, seats_of
from matcher.formulation.network import Kind
from matcher.people.permission import Permission
from matcher.solve.flow import min_cost_flow
from matcher.solve.potentials import Residual

_ALONE = ("coverage",)
_ROUNDS = 1000
"""After which a proof is given up, and the flow sought."""


def most_served(instance: Instance, permission: Permission, bands: Sequence[int]) -> list[int]:
    """Return, for each of the bands, how many households up to it can have a cadre at most, if nothing else counted.

    One cadre each is wanted, so no hub can deal a household the same one twice. Fixed pairs stand.
    """
    households = instance.households
    fixed = np.bincount(instance.fixed.household, minlength=len(households))
    alone = _grouped(instance, fixed)
    net = build(alone, permission, _ALONE, Relaxation(frozenset(), seats_of(alone, permission))).network
    enter = net.of_kind(Kind.ENTER)
    of_enter = alone.households.band[net.subject[enter]]

    def cost(worth: Ints) -> Ints:
        found = np.zeros(len(net.tail), np.int64)
        found[enter] = -worth
        return found

    everybody, nobody = np.ones(len(net.tail), np.bool_), np.zeros(len(net.tail), np.int64)
    likely = min_cost_flow(net, everybody, nobody, cost(instance.bands - of_enter))  # hardly ever serves fewer of any band than could be
    residual = Residual.of(net, everybody, likely)
    found = []
    for band in bands:
        wanted = cost((of_enter <= band).astype(np.int64))
        proved = residual.potentials(wanted, _ROUNDS) is not None
        flow = likely if proved else min_cost_flow(net, everybody, nobody, wanted)
        found.append(int(flow[enter][of_enter <= band].sum()) + int(((fixed > 0) & (households.band <= band)).sum()))
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
