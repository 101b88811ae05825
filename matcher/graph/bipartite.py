"""Permitted pairs written out, whole or around given people, as columns or as a networkx graph."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from matcher.domain import Instance, Ints, Lists
from matcher.people.permission import Permission

if TYPE_CHECKING:
    import networkx


@dataclass(frozen=True)
class PairGraph:
    """The bipartite graph of eligible households and cadres who take part."""

    instance: Instance
    permission: Permission
    paired: frozenset[tuple[str, str]] = frozenset()

    def columns(self) -> tuple[Ints, Ints]:
        """Return all permitted pairs as (household, cadre) numbers, sorted; a county has millions."""
        instance, size = self.instance, len(self.instance.parents)
        by_village = _lists(instance.households.village, np.arange(len(instance.households)), size)
        by_place = _lists(instance.cadres.places.values, instance.cadres.places.owners(), size)
        keys = []
        for village in np.unique(instance.households.village).tolist():
            around = dict.fromkeys(self.permission.chains[village].tolist())
            cadres = np.unique(np.concatenate([by_place.of(p) for p in around]))
            keys.append((by_village.of(village)[:, None] * len(instance.cadres) + cadres).ravel())
        every = np.sort(np.concatenate(keys)) if keys else np.zeros(0, np.int64)
        avoid = instance.avoid.household * len(instance.cadres) + instance.avoid.cadre
        every = every[~np.isin(every, avoid)]
        return every // max(len(instance.cadres), 1), every % max(len(instance.cadres), 1)

    def to_networkx(self, around: Iterable[str] | None = None) -> networkx.Graph:
        """Return the graph, or the part next to some households or cadres, as networkx.

        Parameters
        ----------
        around : iterable of str, optional
            Ids of eligible households and of cadres who take part; the graph then holds them and their permitted partners.

        Raises
        ------
        KeyError
            Somebody is neither.

        Returns
        -------
        networkx.Graph
            Nodes ``("household", id)`` and ``("cadre", id)`` with the attribute ``bipartite`` (0 and 1); edges with the
            attribute ``paired``.
        """
        import networkx

        ids = self.instance.households.ids, self.instance.cadres.ids
        household, cadre = self.columns()
        if around is not None:
            wanted = set(around)
            unknown = sorted(wanted.difference(*ids))
            if unknown:
                raise KeyError(unknown[0])
            keep = np.array([i in wanted for i in ids[0]], np.bool_)[household] | np.array([i in wanted for i in ids[1]], np.bool_)[cadre]
            household, cadre = household[keep], cadre[keep]
        graph = networkx.Graph()
        shown = (range(len(ids[0])), range(len(ids[1]))) if around is None else (
            sorted({*household.tolist(), *(k for k, i in enumerate(ids[0]) if i in wanted)}),
            sorted({*cadre.tolist(), *(k for k, i in enumerate(ids[1]) if i in wanted)}),
        )
        graph.add_nodes_from((("household", ids[0][h]) for h in shown[0]), bipartite=0)
        graph.add_nodes_from((("cadre", ids[1][c]) for c in shown[1]), bipartite=1)
        graph.add_edges_from(
            (("household", ids[0][h]), ("cadre", ids[1][c]), {"paired": (ids[0][h], ids[1][c]) in self.paired})
            for h, c in zip(household.tolist(), cadre.tolist(), strict=True)
        )
        return graph


def _lists(key: Ints, value: Ints, size: int) -> Lists:
    order = np.argsort(key, kind="stable")
    return Lists(np.concatenate([[0], np.cumsum(np.bincount(key, minlength=size))]), value[order])
