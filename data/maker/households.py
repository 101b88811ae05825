"""Household rows, each meant for one decision, and the members of households."""

from __future__ import annotations

import numpy as np

from maker.lots import Array, Frame, Lots, column
from maker.people import OLD, YOUNG, as_offices_write, id_numbers, names, surnames_of
from maker.plan import County

COLUMNS: tuple[str, ...] = ("household_id", "head_name", "id_number", "county", "township", "village", "hamlet", "members")
COLUMNS += ("income", "needs", "partners", "waiting", "tags")
MEMBER_COLUMNS: tuple[str, ...] = ("household_id", "name", "id_number")
LINE = 2500
FATES = {"on_welfare_list": 0.114, "missing_income": 0.0055, "review_income": 0.0035, "above_threshold": 0.105}
FATES |= {"review_welfare": 0.0045}
DUPLICATES = 0.0035
ROWS_PER_ELIGIBLE = 1.309
NEEDS = {"资金": 9, "物资": 7, "生产技术": 8, "生产项目": 8, "就业培训": 7, "农技": 1, "贷款": 1}
HAMLETS = ("上垟", "下垟", "岭头", "坑底", "水口", "外洋", "里洋", "山后", "寮基", "后山", "桥头", "半岭", "塘边", "石壁")
TAGS = {"": 900, "移民户": 40, "军属": 15, "独生子女户": 30, "党员户": 15}
BLANK = {"": 8, "无": 1, "—": 1}
UNREADABLE = {"约2000": 4, "#DIV/0!": 3, "二千": 2, "-5": 2, "待核实": 2, "1800-2200": 1, "#VALUE!": 1, "inf": 1}


def place_of(lots: Lots, county: County, count: int) -> Array:
    """Return village indexes: a village holds four to seven times as many poor households as a town's neighbourhood."""
    sizes = 4 + lots.below(4, len(county.villages))
    town = np.array([name.endswith("社区") for _, name in county.villages])
    return lots.pick(np.where(town, 1, sizes), count)


def make(lots: Lots, county: County, start: int, places: Array, fates: Array) -> Frame:
    """Return households numbered from ``start`` + 1, without IDs' bad spelling and what rosters decide (waiting)."""
    count = len(places)
    money = np.interp(lots.uniform(count), [0, 0.05, 0.36, 1], [260, 700, 1500, LINE + 1]).astype(np.int64)
    rich = np.interp(lots.uniform(count), [0, 0.5, 1], [LINE + 1, 3400, 7800]).astype(np.int64)
    listed = np.interp(lots.uniform(count), [0, 0.9, 1], [200, 1500, 3600]).astype(np.int64)
    money = np.select([fates == "above_threshold", fates == "on_welfare_list"], [rich, listed], money)
    money = np.where(lots.chance(0.12, count), (money + 99) // 100 * 100, money)
    frame = Frame({"place": places, "money": money, "fate": fates})
    frame["household_id"] = column([f"H{county.code[2:]}{start + i + 1:05d}" for i in range(count)])
    frame["head_name"] = names(lots, count)
    frame["id_number"] = id_numbers(lots, county.index, start, count, OLD)
    frame["county"] = column([county.name] * count)
    frame["hamlet"] = hamlets(lots, places)
    frame["members"] = lots.pick([0, 9, 20, 26, 24, 14, 7], count)
    frame["income"] = incomes(lots, money, fates)
    frame["needs"] = lots.several(NEEDS, [4, 30, 40, 26], count)
    frame["partners"] = np.where(lots.chance(0.01, count), 2, 1)
    frame["waiting"] = np.zeros(count, dtype=np.int64)
    frame["tags"] = lots.words(TAGS, count)
    frame["plain_id"] = frame["id_number"]
    frame["alone"] = np.zeros(count, dtype=bool)
    frame["doubt"] = column([""] * count)
    settle(frame, county)
    return frame


def settle(frame: Frame, county: County) -> None:
    """Write the names of the places."""
    towns, villages = zip(*((county.townships[t], name) for t, name in county.villages), strict=True)
    frame["township"] = column(towns)[frame["place"]]
    frame["village"] = column(villages)[frame["place"]]


def hamlets(lots: Lots, places: Array) -> Array:
    """Return hamlets: four of the usual names in every village, one household in ten without."""
    which = (places * 5 + lots.below(4, len(places)) * 3) % len(HAMLETS)
    return np.where(lots.chance(0.1, len(places)), "", column(HAMLETS)[which])


def incomes(lots: Lots, money: Array, fates: Array) -> Array:
    """Return income cells: most plain, some as offices write them, blank or unreadable where the fate says so."""
    style = lots.pick([960, 8, 8, 8, 8], len(money)).tolist()
    out = column([_income(m, s) for m, s in zip(money.tolist(), style, strict=True)])
    out = np.where(fates == "missing_income", lots.words(BLANK, len(money)), out)
    return np.where(fates == "review_income", lots.words(UNREADABLE, len(money)), out)


def _income(money: int, style: int) -> str:
    wide = str(money).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    return (str(money), f"{money - 1}.5", f"{money:,}", f"{money}元", wide)[style]


def base(lots: Lots, county: County, eligible: int) -> Frame:
    """Return a county's first households: the wanted number eligible, the others in proportion, duplicates last."""
    rows = max(round(eligible * ROWS_PER_ELIGIBLE), eligible)
    copies = round(rows * DUPLICATES)
    counts = {fate: round(rows * share) for fate, share in FATES.items()}
    counts["eligible"] = rows - copies - sum(counts.values())
    fates = np.repeat(column(list(counts)), list(counts.values()))[lots.order(rows - copies)]
    frame = make(lots, county, 0, np.sort(place_of(lots, county, len(fates))), fates)
    _elderly(lots, frame)
    _namesakes(lots, frame)
    duplicates = _duplicates(lots, county, frame, copies)
    blank = lots.chance(0.012, len(frame)) & np.isin(frame["fate"], ["eligible", "above_threshold"])
    blank &= ~np.isin(frame["plain_id"].astype(str), duplicates["plain_id"].astype(str))
    frame["plain_id"] = np.where(blank, "", frame["plain_id"])
    frame["id_number"] = np.where(blank, "", as_offices_write(lots, frame["id_number"], 0.15))
    duplicates["id_number"] = as_offices_write(lots, duplicates["id_number"])
    return frame.plus(duplicates)


def _duplicates(lots: Lots, county: County, frame: Frame, count: int) -> Frame:
    """Return later rows of households that are there already, some of them in another village."""
    again = frame.take(np.sort(lots.some(np.flatnonzero(frame["fate"] == "eligible"), count)))
    again["household_id"] = column([f"H{county.code[2:]}{len(frame) + i + 1:05d}" for i in range(len(again))])
    again["fate"] = column(["duplicate"] * len(again))
    again["place"] = np.where(lots.chance(0.4, len(again)), place_of(lots, county, len(again)), again["place"])
    settle(again, county)
    return again


def _elderly(lots: Lots, frame: Frame) -> None:
    """Mark one listed household in five, its head old, as living alone: the 五保 households."""
    born = column([int(number[6:10]) for number in frame["id_number"].tolist()]).astype(np.int64)
    old = np.flatnonzero((frame["fate"] == "on_welfare_list") & (born < 1945))
    frame["alone"][lots.some(old, round((frame["fate"] == "on_welfare_list").sum() * 0.2))] = True
    frame["members"] = np.where(frame["alone"], 1, frame["members"])


def _namesakes(lots: Lots, frame: Frame) -> None:
    """Give the doubtful households their kind of doubt; a namesake's neighbour is renamed after it and doubtful too."""
    rows = lots.some(np.flatnonzero(frame["fate"] == "review_welfare"), len(frame))
    frame["doubt"][rows] = column([("stranger", "namesake", "category")[i % 3] for i in range(len(rows))])
    for row in np.flatnonzero(frame["doubt"] == "namesake").tolist():
        near = row + 1
        if near < len(frame) and frame["place"][near] == frame["place"][row] and frame["fate"][near] == "eligible":
            frame["head_name"][near] = frame["head_name"][row]
            frame["fate"][near], frame["doubt"][near] = "review_welfare", "renamed"
        else:
            frame["doubt"][row] = "category"


def members(lots: Lots, county: County, houses: Frame, used: tuple[int, int]) -> Frame:
    """Return the listed members, heads apart, of three households in five: wife or husband first, then mostly children.

    Parameters
    ----------
    used
        Numbers already given away in the county's ranges of adults and of children.
    """
    told = np.flatnonzero(lots.chance(0.58, len(houses)) & (houses["members"] > 1))
    sizes = houses["members"][told] - 1
    house = np.repeat(told, sizes)
    spouse = np.diff(house, prepend=-1) != 0
    young = ~spouse & lots.chance(0.65, len(house))
    family = np.where(spouse, surnames_of(names(lots, len(house))), surnames_of(houses["head_name"])[house])
    ids = column([""] * len(house))
    ids[~young] = id_numbers(lots, county.index, used[0], int((~young).sum()), OLD)
    ids[young] = id_numbers(lots, county.index, used[1], int(young.sum()), YOUNG)
    frame = Frame({"household_id": houses["household_id"][house], "name": names(lots, len(house), family)})
    frame["plain_id"], frame["young"] = ids, young
    frame["id_number"] = as_offices_write(lots, ids, 0.05)
    return frame
