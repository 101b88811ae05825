"""From the flow to pairs: what goes through a hub is dealt to its households and cadres by one fixed, written rule.

At every hub the households that come in, ordered by (which of their cadres it is, ticket, id), are dealt to what goes out,
in the order of the arcs: linked cadres first, then those of the place itself, then of the places around; within a hub of
skills the cadres by (ticket, id).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from matcher.domain import Instance, Ints
from matcher.formulation.build import HubNetwork
from matcher.formulation.network import Kind, Network
from matcher.integers import order_of
from matcher.solve.draw import people_tickets


def deal(instance: Instance, hubs: HubNetwork, flow: Ints, seed: str) -> tuple[Ints, Ints]:
    """Return the (household, cadre) columns of the pairs that a flow means; one pair may come twice."""
    net = hubs.network
    turn = people_ranks(seed, "household", instance.households.ids)
    seat = people_ranks(seed, "cadre", instance.cadres.ids)
    leaving = _used(net, flow, Kind.JOIN, Kind.DIRECT, Kind.PAIR)
    leaving = leaving[order_of(net.subject[leaving])]
    units = np.repeat(leaving, flow[leaving])
    who = net.subject[units]
    nth = np.arange(len(who)) - np.searchsorted(who, who)
    at = net.head[units]
    out = _used(net, flow, Kind.RISE, Kind.MATCH, Kind.PICK)
    by_cadre = np.where(net.kind[out] == Kind.PICK, seat[np.minimum(net.detail[out], len(seat) - 1)], 0)
    linked = np.where(net.kind[out] == Kind.MATCH, 1 - hubs.skills.linked[np.minimum(net.detail[out], len(hubs.skills.linked) - 1)], 2)
    out = out[order_of(net.tail[out], linked, by_cadre)]
    slots = np.repeat(out, flow[out])
    start = np.searchsorted(net.tail[slots], np.arange(net.nodes + 1))
    while True:
        inside = np.flatnonzero((at >= hubs.first_need) & (at < hubs.first_cadre))
        if not len(inside):
            return who, at - hubs.first_cadre
        ready = inside[_complete(at[inside], start)]
        order = ready[order_of(at[ready], nth[ready], turn[who[ready]])]
        here = at[order]
        position = np.arange(len(order)) - np.searchsorted(here, here)
        at[order] = net.head[slots[start[here] + position]]


def _used(network: Network, flow: Ints, *kinds: Kind) -> Ints:
    """Return the arcs of some kinds that carry flow."""
    arcs = np.concatenate([network.of_kind(kind) for kind in kinds])
    return np.asarray(arcs[flow[arcs] > 0])


def _complete(at: Ints, start: Ints) -> Ints:
    """Return which units stand at a node where all that will come has come."""
    here = np.bincount(at, minlength=len(start) - 1)
    due = np.diff(start)
    return np.flatnonzero(here[at] == due[at])


@lru_cache(maxsize=4)
def people_ranks(seed: str, kind: str, ids: tuple[str, ...]) -> Ints:
    """Return everybody's place in the order of (ticket, id), found once for months of the same people; ids are sorted."""
    values = people_tickets(seed, kind, ids)
    rank = np.empty(len(values), np.int64)
    rank[np.argsort(values, kind="stable")] = np.arange(len(values))
    return rank
