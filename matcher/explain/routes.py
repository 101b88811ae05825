"""A roster as a flow: which way each of its pairs takes through the hubs."""

from __future__ import annotations

import numpy as np

from matcher.domain import Instance, Ints, Mask
from matcher.errors import ProofError
from matcher.formulation.build import HubNetwork
from matcher.formulation.network import Kind, Network
from matcher.messages import N_, message
from matcher.people.permission import Permission


def flow_of(instance: Instance, permission: Permission, hubs: HubNetwork, household: Ints, cadre: Ints) -> Ints:
    """Return the flow that stands for pairs, each on its best way.

    Parameters
    ----------
    household, cadre : (k,) int
        The pairs besides the fixed ones.

    Returns
    -------
    (arcs,) int

    Raises
    ------
    ProofError
        A pair has no way, or there are more pairs than places: the pairs do not belong to the instance.
    """
    net = hubs.network
    flow = np.zeros(len(net.tail), np.int64)
    np.add.at(flow, _ways(instance, permission, hubs, household, cadre), 1)
    for kind, who in ((Kind.ENTER, household), (Kind.SEAT, cadre)):
        _fill_in_turn(net, flow, kind, np.bincount(who, minlength=max(len(instance.households), len(instance.cadres))))
    units = net.of_kind(Kind.UNIT)
    flow[units] = np.bincount(instance.cadres.unit[cadre], minlength=len(instance.unit_names))[net.subject[units]]
    bypass = net.of_kind(Kind.BYPASS)
    enter = net.of_kind(Kind.ENTER)
    flow[bypass] = (net.supply - np.bincount(net.tail[enter], flow[enter], net.nodes).astype(np.int64))[net.tail[bypass]]
    balance = np.bincount(net.tail, flow, net.nodes) - np.bincount(net.head, flow, net.nodes)
    if (flow < 0).any() or (flow > net.capacity).any() or (balance != net.supply).any():
        raise _foreign()
    return flow


def _foreign() -> ProofError:
    return ProofError(message(N_("The roster does not fit these tables; nothing can be explained.")))


def _fill_in_turn(net: Network, flow: Ints, kind: Kind, wanted: Ints) -> None:
    """Let everybody's parallel arcs carry what is wanted, the first ones first."""
    arcs = net.of_kind(kind)
    arcs = arcs[np.lexsort((net.detail[arcs], net.subject[arcs]))]
    who, capacity = net.subject[arcs], net.capacity[arcs]
    before = np.cumsum(capacity) - capacity
    first = np.searchsorted(who, who)
    flow[arcs] = np.clip(wanted[who] - (before - before[first]), 0, capacity)


def _ways(instance: Instance, permission: Permission, hubs: HubNetwork, household: Ints, cadre: Ints) -> Ints:
    """Return the arcs between households and cadres that the pairs use, once for each use."""
    net, width, many = hubs.network, len(instance.cadres), len(hubs.skills.place)
    used, own = _found(net, Kind.PAIR, width, household, cadre)
    found = [used[own]]
    household, cadre = household[~own], cadre[~own]
    hub = _skill_hub(instance, permission, hubs, household, cadre)
    found.append(_all_found(*_found(net, Kind.PICK, width, hub, cadre)))
    used, own = _found(net, Kind.DIRECT, many, household, hub)
    found.append(used[own])
    household, hub = household[~own], hub[~own]
    if len(household) and (hubs.needs.of_household[household] < 0).any():
        raise _foreign()
    needs = hubs.needs.of_household[household]
    found.append(_all_found(*_found(net, Kind.JOIN, max(len(hubs.needs.place), 1), household, needs)))
    while True:
        below = hubs.needs.place[needs] != hubs.skills.place[hub]
        if not below.any():
            break
        found.append(_all_found(*_found(net, Kind.RISE, 1, needs[below], np.zeros(int(below.sum()), np.int64))))
        needs = np.where(below, hubs.needs.above[needs], needs)
    found.append(_all_found(*_found(net, Kind.MATCH, many, needs, hub)))
    return np.concatenate(found)


def _found(net: Network, kind: Kind, width: int, subject: Ints, detail: Ints) -> tuple[Ints, Mask]:
    """Return the arcs of a kind with these subjects and details, and which there are."""
    arcs = net.of_kind(kind)
    keys = net.subject[arcs] * width + net.detail[arcs]
    wanted = subject * width + detail
    if not len(arcs):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.bool_)
    order = np.argsort(keys, kind="stable")
    at = order[np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)]
    return arcs[at], np.asarray(keys[at] == wanted, np.bool_)


def _all_found(arcs: Ints, there: Mask) -> Ints:
    if not there.all():
        raise _foreign()
    return arcs


def _skill_hub(instance: Instance, permission: Permission, hubs: HubNetwork, household: Ints, cadre: Ints) -> Ints:
    """Return the hub of skills of each pair: the linked one where the cadre's unit is linked to the village, else the place's."""
    skills, size = hubs.skills, len(instance.parents)
    owner, who = skills.members.owners(), skills.members.values
    keys = (who * size + skills.place[owner]) * 2 + skills.linked[owner]
    order = np.argsort(keys, kind="stable")
    keys, owner = keys[order], owner[order]
    around = permission.chains[instance.households.village[household]]
    found = np.full(len(household), -1, np.int64)
    for step, linked in ((0, 1), (0, 0), (1, 0), (2, 0), (3, 0)):
        wanted = (cadre * size + around[:, step]) * 2 + linked
        at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
        if len(keys):
            found = np.where((found < 0) & (keys[at] == wanted), owner[at], found)
    if (found < 0).any():
        raise _foreign()
    return found
