"""What stands beside the ids for people to read: that it is what the tables say of these ids, cell by cell.

A notice bears names and places, not ids: a roster right by its ids and wrong by its names would send a cadre to another family.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matcher.messages import mask_numbers
from matcher.people.identity import mask_id
from matcher.people.judge import Judgement
from matcher.verify.files import Columns, as_columns

Pair = tuple[str, str]
_PLACE = ("county", "township", "village")


class Readable:
    """Tells the readable columns of a judged month."""

    def __init__(self, judgement: Judgement) -> None:
        self._judgement = judgement
        rows, cadres = judgement.households, judgement.cadres
        paths = [(*rows.places.path(p), "", "", "")[:3] for p in range(len(rows.places.names))]
        home = {name: [paths[p][k] for p in rows.place.tolist()] for k, name in enumerate(_PLACE)} | {
            "hamlet": rows.hamlets, "head_name": rows.names, "id_number": rows.id_keys.map(mask_id), "members": rows.members,
            "income": rows.income_text.map(mask_numbers), "needs": rows.needs.map("、".join), "partners": rows.partners.tolist(),
        }
        self._home: dict[str, Sequence[object]] = {name: c if isinstance(c, list) else c.tolist() for name, c in home.items()}
        self._cadre: dict[str, Sequence[object]] = {
            "name": cadres.names, "unit": [unit for _, unit in cadres.units], "rank": cadres.ranks,
            "skills": ["、".join(skills) for skills in cadres.skills], "county": [county for county, _ in cadres.units],
            "townships": cadres.townships,
        }

    def decisions(self) -> dict[str, Columns]:
        """Return what decisions.csv and cadres.csv must say."""
        return {"decisions": {name: self._home[name] for name in (*_PLACE, "head_name", "income")},
                "cadres": {name: self._cadre[name] for name in ("name", "unit", "rank", "county", "townships")}}

    def review(self, language: str) -> dict[str, Columns]:
        """Return what review.csv must say: the welfare rows that may mean a household, with the answers so far."""
        found = self._judgement.reviews
        answers = [(_yes(r.answer.yes), r.answer.who, r.answer.when) if r.answer else ("", "", "") for r in found]
        rows = [(
            r.household, r.person.name, mask_id(r.person.id_key), r.person.county, r.person.township, r.person.village, *answer,
            "" if r.points is None else r.points, r.evidence.render(language), "、".join(r.person.categories),
        ) for r, answer in zip(found, answers, strict=True)]
        told = as_columns("household_id name id_number county township village answer who when points evidence category", rows)
        homes = self._homes([r.household for r in found], ("head_name", "township", "village"))
        return {"review": {**told, "head_name": homes["head_name"], **{f"household_{name}": homes[name] for name in _PLACE[1:]}}}

    def roster(self, pairs: Sequence[Pair], month: str) -> dict[str, Columns]:
        """Return what roster.csv must say; new pairs are since the policy's month."""
        of_cadres = {"unit": "unit", "cadre_name": "name", "rank": "rank", "skills": "skills"}
        homes = self._homes([h for h, _ in pairs], (*_PLACE, "hamlet", "head_name", "id_number", "members", "income", "needs"))
        return {"roster": {**homes, **self._cadres([c for _, c in pairs], of_cadres), **self._of_pairs(pairs, month)}}

    def changes(self, changed: Columns) -> dict[str, Columns]:
        """Return what changes.csv must say, given its ids."""
        homes = self._homes(changed["household_id"], ("township", "village", "head_name"))
        names = (self._cadres(changed[f"{which}_cadre"], {f"{which}_name": "name"}) for which in ("from", "to"))
        return {"changes": {**homes, **next(names), **next(names)}}

    def unmatched(self, households: Sequence[object]) -> dict[str, Columns]:
        """Return what unmatched.csv must say, given its ids."""
        return {"unmatched": self._homes(households, (*_PLACE, "head_name", "income", "partners"))}

    def _homes(self, ids: Sequence[object], names: Sequence[str]) -> Columns:
        return _taken(self._judgement.households.index, ids, {name: self._home[name] for name in names})

    def _cadres(self, ids: Sequence[object], headers: Mapping[str, str]) -> Columns:
        return _taken(self._judgement.cadres.index, ids, {header: self._cadre[name] for header, name in headers.items()})

    def _of_pairs(self, pairs: Sequence[Pair], month: str) -> Columns:
        """Return what the roster says of pairs: needs met, a link, since when, whether pinned."""
        rows, cadres, last = self._judgement.households, self._judgement.cadres, self._judgement.relations.roster
        notes, pinned = dict(zip(zip(last.households, last.cadres, strict=True), last.notes, strict=True)), last.said()
        at = [(rows.index[h], cadres.index[c]) for h, c in pairs]
        return {
            "village_link": [_yes(int(rows.place[h]) in cadres.links[c]) for h, c in at],
            "needs_met": [len({*rows.needs[h]} & {*cadres.skills[c]}) for h, c in at],
            "since": [notes.get(pair, month) for pair in pairs], "pinned": [_yes(bool(pinned.get(pair))) for pair in pairs],
        }


def _taken(index: Mapping[str, int], ids: Sequence[Any], columns: Columns) -> Columns:
    """Return the cells of somebody's columns by ids; empty where there is nobody."""
    at = [index.get(key) for key in ids]
    return {header: ["" if row is None else column[row] for row in at] for header, column in columns.items()}


def _yes(true: bool) -> str:
    return "yes" if true else "no"
