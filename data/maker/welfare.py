"""The civil affairs bureau's lists: rows that keep a household out, rows that raise a doubt, and rows that do neither."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np

from maker.lots import Array, Frame, Lots, column
from maker.people import OLD, as_offices_write, id_numbers, names
from maker.plan import County

COLUMNS = ("name", "id_number", "township", "village", "category", "valid_from", "valid_to")
MINIMUM = {"低保": 92, "农村低保": 5, "最低生活保障": 3}
ALONE = {"五保": 94, "五保供养": 6}
OTHER = {"特困补助": 3, "优抚": 2}
SINCE = {"2007-01": 40, "2006-07": 20, "2007.10": 10, "2005年1月": 10, "200801": 10, "": 30}
UNTIL = {"": 85, "2008-12": 10, "2009年6月": 5}
STRANGERS_USED = 190_000  # strangers' numbers begin here in the county's range
EXPIRED, FUTURE, STRANGERS, NAME_ONLY, TWICE = 0.009, 0.0012, 0.018, 0.0015, 0.0015  # rows for each household row


def make(lots: Lots, county: County, houses: Frame, members: Frame) -> Frame:
    """Return the lists of the first month; ``house`` is the row of the household that a row is meant for, else -1."""
    place_names = _places(houses)
    listed = _listed(lots, houses, members)
    plain = np.flatnonzero((houses["fate"] == "eligible") & (houses["plain_id"] != ""))
    count, some = len(houses), lots.some(plain, len(plain))
    expired, future, elsewhere = (round(count * share) for share in (EXPIRED, FUTURE, NAME_ONLY))
    over = rows_for(lots, houses, some[:expired], MINIMUM)
    over["valid_to"] = lots.words({"2008-03": 2, "2007-12": 2, "2008.4": 1, "2008年5月": 1}, expired)
    soon = rows_for(lots, houses, some[expired : expired + future], MINIMUM)
    soon["valid_from"], soon["valid_to"] = column(["2009-01"] * len(soon)), column([""] * len(soon))
    twice = listed.take(lots.some(np.flatnonzero((listed["house"] >= 0) & (listed["id_number"] != "")), round(count * TWICE)))
    twice["category"] = np.where(np.isin(twice["category"], list(ALONE)), "低保", "优抚")
    frame = listed.plus(_doubtful(lots, county, houses)).plus(over).plus(soon).plus(twice)
    named = rows_for(lots, houses, some[expired + future :][:elsewhere], MINIMUM)
    named["id_number"] = column([""] * len(named))
    for field in ("township", "village"):
        named[field] = houses[field][(some[expired + future :][:elsewhere] + count // 2) % count]
    frame = frame.plus(_apart(named, place_names)).plus(_apart(_strangers(lots, county, houses), place_names))
    keys = list(zip(frame["township"], frame["village"], frame["name"], frame["id_number"], strict=True))
    return frame.take(np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64))


def rows_for(lots: Lots, houses: Frame, rows: Array, words: dict[str, int]) -> Frame:
    """Return rows that name heads by their ID numbers."""
    frame = Frame({"house": rows, "name": houses["head_name"][rows]})
    frame["id_number"] = as_offices_write(lots, houses["plain_id"][rows])
    frame["township"], frame["village"] = houses["township"][rows], houses["village"][rows]
    frame["category"] = lots.words(words, len(rows))
    frame["valid_from"], frame["valid_to"] = lots.words(SINCE, len(rows)), lots.words(UNTIL, len(rows))
    return frame


def _places(houses: Frame) -> Counter[tuple[str, str, str]]:
    """Return how many households, duplicates not counted, have a head name, township and village."""
    kept = houses.take(houses["fate"] != "duplicate")
    return Counter(zip(kept["head_name"], kept["township"], kept["village"], strict=True))


def _listed(lots: Lots, houses: Frame, members: Frame) -> Frame:
    """Return the rows that keep households out: by the head's ID, by a member's, by name and village without an ID."""
    rows = np.flatnonzero(houses["fate"] == "on_welfare_list")
    draws = lots.uniform(len(rows))
    frame = rows_for(lots, houses, rows, MINIMUM)
    frame["category"] = np.where(houses["alone"][rows], lots.words(ALONE, len(rows)), frame["category"])
    known = _places(houses)
    one = [known[key] == 1 for key in zip(frame["name"], frame["township"], frame["village"], strict=True)]
    frame["id_number"] = np.where((draws < 0.1) & np.array(one, dtype=bool), "", frame["id_number"])
    last = {h: i for i, h in enumerate(members["household_id"].tolist())}
    member = np.array([last.get(h, -1) for h in houses["household_id"][rows].tolist()], dtype=np.int64)
    by_member = (draws > 0.75) & (member >= 0)
    frame["name"] = np.where(by_member, members["name"][member], frame["name"])
    frame["id_number"] = np.where(by_member, as_offices_write(lots, members["plain_id"][member]), frame["id_number"])
    return frame


def _doubtful(lots: Lots, county: County, houses: Frame) -> Frame:
    """Return the rows that may mean a household, not surely."""
    rows = np.flatnonzero(np.isin(houses["doubt"], ["stranger", "namesake", "category"]))
    doubt = houses["doubt"][rows]
    frame = rows_for(lots, houses, rows, MINIMUM)
    others = id_numbers(lots, county.index, STRANGERS_USED, len(rows), OLD)
    frame["id_number"] = np.select([doubt == "stranger", doubt == "namesake"], [others, ""], frame["id_number"])
    frame["category"] = np.where(doubt == "category", lots.words(OTHER, len(rows)), frame["category"])
    return frame


def _strangers(lots: Lots, county: County, houses: Frame) -> Frame:
    """Return rows of people whom no household has, one in eight without an ID number."""
    count = round(len(houses) * STRANGERS)
    rows = lots.below(len(houses), count)
    frame = rows_for(lots, houses, rows, MINIMUM | ALONE | OTHER)
    frame["house"], frame["name"] = np.full(count, -1), names(lots, count)
    ids = as_offices_write(lots, id_numbers(lots, county.index, STRANGERS_USED + 10_000, count, OLD))
    frame["id_number"] = np.where(lots.chance(0.125, count), "", ids)
    return frame


def _apart(frame: Frame, taken: Iterable[tuple[str, str, str]]) -> Frame:
    """Return the rows whose name, township and village no household has."""
    known = set(taken)
    keys = zip(frame["name"], frame["township"], frame["village"], strict=True)
    apart = frame.take(np.array([key not in known for key in keys], dtype=bool))
    apart["house"] = np.full(len(apart), -1)
    return apart


def change(lots: Lots, houses: Frame, frame: Frame, month: str, newly: Array, line: int) -> Frame:
    """Return the lists of a later month: some households newly on them, some whose support ends the month before.

    Changes the fates of the households accordingly.
    """
    before = f"{month[:5]}{int(month[5:]) - 1:02d}"
    rows_of = Counter(frame["house"].tolist())
    single = np.array([h >= 0 and rows_of[h] == 1 for h in frame["house"].tolist()], dtype=bool)
    listed = single & (frame["id_number"] != "") & (frame["valid_to"] == "")
    listed[listed] = houses["fate"][frame["house"][listed].astype(np.int64)] == "on_welfare_list"
    ending = lots.some(np.flatnonzero(listed), round(listed.sum() * 0.015))
    frame["valid_to"][ending] = before
    freed = frame["house"][ending].astype(np.int64)
    houses["fate"][freed] = np.where(houses["money"][freed] <= line, "eligible", "above_threshold")
    added = rows_for(lots, houses, newly, MINIMUM)
    added["valid_from"], added["valid_to"] = column([month] * len(newly)), column([""] * len(newly))
    houses["fate"][newly] = "on_welfare_list"
    return frame.plus(added)
