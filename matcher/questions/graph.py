"""The bottlenecks as a graph that is small enough to look at: villages, units and townships, not single people."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from matcher.errors import UsageError, reason_of
from matcher.explain.bottlenecks import Bottleneck
from matcher.export.folder import check_parent
from matcher.messages import N_, message
from matcher.questions.ask import Asker
from matcher.questions.known import Known

if TYPE_CHECKING:
    import networkx


def bottleneck_graph(known: Known) -> networkx.Graph:
    """Return the bottlenecks as a networkx graph; a village or a unit stands once for each bottleneck that it is in.

    Nodes have the attributes ``bottleneck``, ``kind`` and ``name``; a ``village`` also ``households`` and ``lacking`` (cadres), a
    ``unit`` also ``cadres`` and ``places``, a ``township`` whose quota binds also ``places``. An edge joins a village with a unit
    whose cadres may serve it (``cadres``: how many of the bottleneck's; ``pairs``: how many pairs there are), and with the township
    whose quota it shares.
    """
    import networkx

    graph, asker = networkx.Graph(), Asker(known)
    for number, found in enumerate(known.why.bottlenecks, 1):
        _Drawn(graph, asker, number, found).draw()
    return graph


class _Drawn:
    """Draws one bottleneck."""

    def __init__(self, graph: networkx.Graph, asker: Asker, number: int, found: Bottleneck) -> None:
        self._graph, self._asker, self._number, self._found = graph, asker, number, found
        self._known = asker.known
        self._instance = asker.known.judgement.instance
        self._village, self._unit = self._instance.households.village, self._instance.cadres.unit

    def draw(self) -> None:
        """Add the nodes and the edges."""
        found, instance = self._found, self._instance
        got = np.bincount(self._known.household, minlength=len(instance.households))
        lacking = instance.households.partners - got
        for village, many in sorted(Counter(self._village[found.households].tolist()).items()):
            here = found.households[self._village[found.households] == village]
            self._add("village", instance.place_names[village], households=many, lacking=int(lacking[here].sum()))
        for unit, many in sorted(Counter(self._unit[found.cadres].tolist()).items()):
            here = found.cadres[self._unit[found.cadres] == unit]
            self._add("unit", instance.unit_names[unit], cadres=many, places=int(instance.cadres.capacity[here].sum()))
        if found.quota >= 0:
            self._add("township", instance.place_names[found.quota], places=found.places)
        self._join()

    def _key(self, kind: str, path: str) -> str:
        return f"{self._number} {kind} {self._asker.short(path)}"

    def _add(self, kind: str, path: str, **attributes: int) -> None:
        self._graph.add_node(self._key(kind, path), bottleneck=self._number, kind=kind, name=self._asker.short(path), **attributes)

    def _join(self) -> None:
        found, instance = self._found, self._instance
        inside = np.isin(self._known.household, found.households) & np.isin(self._known.cadre, found.cadres)
        villages, units = self._village[self._known.household[inside]], self._unit[self._known.cadre[inside]]
        paired = Counter(zip(villages.tolist(), units.tolist(), strict=True))
        for village in np.unique(self._village[found.households]).tolist():
            here = self._key("village", instance.place_names[village])
            if found.quota >= 0:
                self._graph.add_edge(here, self._key("township", instance.place_names[found.quota]))
            for unit, many in sorted(Counter(self._unit[self._serving(village)].tolist()).items()):
                there = self._key("unit", instance.unit_names[unit])
                self._graph.add_edge(here, there, cadres=many, pairs=paired[village, unit])

    def _serving(self, village: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Return the bottleneck's cadres who may serve a village (pairs to avoid aside)."""
        places = self._instance.cadres.places
        around = np.unique(self._known.judgement.permission.chains[village])
        return np.intersect1d(places.owners()[np.isin(places.values, around)], self._found.cadres)


def write_graph(known: Known, file: Path) -> int:
    """Write the bottlenecks as GraphML to a new file, all of it or nothing, and return the number of nodes.

    Raises
    ------
    UsageError
        The file exists or cannot be written.
    """
    import networkx

    check_parent(file)
    if file.exists():
        raise UsageError(message(N_("{file} exists already and stays as it is."), file=str(file)))
    graph = bottleneck_graph(known)
    work = file.with_name(f".{file.name}.part")
    try:
        networkx.write_graphml_xml(graph, str(work), encoding="utf-8", prettyprint=True)
        work.replace(file)
    except OSError as error:
        raise UsageError(message(N_("{file} cannot be written: {reason}."), file=str(file), reason=reason_of(error))) from error
    finally:
        work.unlink(missing_ok=True)
    return len(graph)
