"""Which pairs are permitted: by place, less the pairs to avoid."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from matcher.domain import Instance, Ints
from matcher.integers import among, unique


class Permission:
    """Answers whether pairs of an instance are permitted, and counts them, without writing them out.

    A cadre may serve a household if one of the cadre's places is the household's village or lies around it.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        owners = instance.cadres.places.owners()
        self._serves = unique(owners * len(instance.parents) + instance.cadres.places.values)
        self._avoid = instance.avoid.household * len(instance.cadres) + instance.avoid.cadre  # sorted, as the pairs are
        self.chains = chains(instance.parents)

    def of_pairs(self, household: Ints, cadre: Ints) -> npt.NDArray[np.bool_]:
        """Return, for columns of household and cadre numbers, whether each pair is permitted."""
        return self._by_place(household, cadre) & ~among(household * len(self._instance.cadres) + cadre, self._avoid)

    def _by_place(self, household: Ints, cadre: Ints) -> npt.NDArray[np.bool_]:
        """Return whether the places alone permit each pair."""
        allowed = np.zeros(len(household), np.bool_)
        village = self._instance.households.village[household]
        left = np.arange(len(household))
        for step in range(self.chains.shape[1]):
            allowed[left] = among(cadre[left] * len(self._instance.parents) + self.chains[village[left], step], self._serves)
            left = left[~allowed[left]]
        return allowed

    def counts(self) -> tuple[Ints, Ints]:
        """Return how many permitted pairs every household and every cadre has."""
        instance = self._instance
        size = len(instance.parents)
        at_place = np.bincount(instance.cadres.places.values, minlength=size)
        living = np.bincount(instance.households.village, minlength=size)
        around = np.zeros(size, np.int64)
        for step in range(self.chains.shape[1]):
            first = np.ones(size, np.bool_) if step == 0 else self.chains[:, step] != self.chains[:, step - 1]
            np.add.at(around, self.chains[first, step], living[first])
        of_village = np.zeros(size, np.int64)
        for step in range(self.chains.shape[1]):
            first = np.ones(size, np.bool_) if step == 0 else self.chains[:, step] != self.chains[:, step - 1]
            of_village += np.where(first, at_place[self.chains[:, step]], 0)
        of_household = of_village[instance.households.village]
        of_cadre = np.zeros(len(instance.cadres), np.int64)
        np.add.at(of_cadre, instance.cadres.places.owners(), around[instance.cadres.places.values])
        avoided = self._by_place(instance.avoid.household, instance.avoid.cadre)
        np.subtract.at(of_household, instance.avoid.household[avoided], 1)
        np.subtract.at(of_cadre, instance.avoid.cadre[avoided], 1)
        return of_household, of_cadre


def chains(parents: Ints) -> Ints:
    """Return for every place itself and the places around it, out to everywhere: (places, 4); short chains repeat the root."""
    steps = [np.arange(len(parents))]
    for _ in range(3):
        steps.append(parents[steps[-1]])
    return np.stack(steps, axis=1)
