"""Units, cadres, and the places that each cadre may serve.

The townships of a county play parts, so that every reason to stay unserved occurs: in the two towns (the county seat)
there are more places than households, but the second has a quota; two poor townships are served by their own cadres
only, and by some who share the second town; in the last township cadres list single villages, and one village nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maker.lots import Array, Frame, Lots, column
from maker.people import names
from maker.plan import County

COLUMNS = ("cadre_id", "name", "unit", "county", "rank", "capacity", "duty", "townships", "skills", "available", "tags")
UNIT_COLUMNS = ("unit", "county", "kind", "villages", "capacity")
BUREAUS = "县委办公室 县人大办公室 县政府办公室 县政协办公室 县纪委 县委组织部 县委宣传部 县委统战部 县农业局 县林业局"
BUREAUS += " 县水利局 县财政局 县民政局 县教育局 县卫生局 县交通局 县建设局 县国土资源局 县公安局 县司法局"
BUREAUS += " 县人事劳动局 县审计局 县统计局 县科技局 县民宗局 县旅游局 县供销社 县农办"
FIRMS = "县农村信用联社 县电力公司 县烟草公司 县粮食公司 县自来水公司 县农业银行 县新华书店 县邮政局"
SCHOOLS = "县第一中学 县民族中学 县职业高中 县实验小学 县民族小学 县第二实验小学 县教师进修学校 县幼儿园"
HOSPITALS = "县人民医院 县中医院 县妇幼保健院"
KINDS = {"县直": (BUREAUS, 53), "企业": (FIRMS, 40), "学校": (SCHOOLS, 38), "医院": (HOSPITALS, 40)}
RANKS = {"正处级": 7, "副处级": 15, "正科级": 80, "副科级": 150, "一般干部": 735, "试用期人员": 13}
PLACES = {"正处级": 8, "副处级": 7, "正科级": 6, "副科级": 5, "一般干部": 3}
PLACES_ELSE = 3
PLACES_PER_CADRE = 3.5  # about, those who take no part counted
GOVERNMENTS = 0.45  # the share of cadres who work in a township's government
OWN_PLACES = {"": 864, "0": 10, "1": 12, "2": 16, "4": 36, "5": 32, "6": 20, "8": 10}
DUTIES = {"": 90, "1": 4, "2": 5, "3": 1}
SKILLS = {"资金": 8, "物资": 8, "生产技术": 9, "生产项目": 8, "就业培训": 8, "农技": 2, "培训": 1}
AVAILABLE = {"是": 950, "": 20, "否": 30}
TAGS = {"": 875, "党员": 80, "驻村": 25, "借调": 15, "借调;党员": 5}
SEATS_OF = {"道": "办事处", "镇": "人民政府", "乡": "人民政府"}
NOT_KINDS = ("学校", "医院")
SEAT, TIGHT, REMOTE, MIDDLE = 1.18, 0.66, 0.95, 0.965  # places per eligible household

Keys = tuple[tuple[str, int], ...]  # ("t", township) and ("v", village)


@dataclass(frozen=True)
class Parts:
    """Which townships play which part, by index; a small county has fewer parts."""

    seat: tuple[int, ...]
    quota: int | None
    tight: tuple[int, ...]
    remote: int | None
    middle: tuple[int, ...]

    @classmethod
    def of(cls, county: County) -> Parts:
        """Return the parts of a county's townships."""
        count = len(county.townships)
        seat = (0, 1) if count >= 4 else ()
        tight = (count - 3, count - 2) if count >= 7 else (count - 2,) if count >= 5 else ()
        remote = count - 1 if count >= 6 else None
        taken = {*seat, *tight, remote}
        return cls(seat, 1 if seat else None, tight, remote, tuple(t for t in range(count) if t not in taken))

    def supply(self, demand: Array) -> Array:
        """Return the places that each township should have."""
        factor = np.full(len(demand), MIDDLE)
        factor[list(self.seat)] = SEAT
        factor[list(self.tight)] = TIGHT
        if self.remote is not None:
            factor[self.remote] = REMOTE
        wanted: Array = demand * factor
        return wanted


def units(lots: Lots, county: County, cadres: int) -> Frame:
    """Return the units: a government in every township, and bureaus, firms, schools and hospitals by the county's size."""
    rows = [(t + SEATS_OF.get(t[-1], "管理委员会"), "乡镇", i) for i, t in enumerate(county.townships)]
    level = county.name[-1] if county.name[-1] in "市区" else "县"
    for kind, (listed, _) in KINDS.items():
        all_names = listed.split()
        wanted = min(len(all_names), max(1, round(len(all_names) * cadres / 4000)))
        rows += [(level + n.removeprefix("县"), kind, -1) for n in all_names[:wanted]]
    unit, kind_of, home = zip(*rows, strict=True)
    frame = Frame({"unit": column(unit), "kind": column(kind_of), "home": np.array(home)})
    frame["county"] = column([county.name] * len(rows))
    frame["linked"] = column([_links(lots, county, h, k) for h, k in zip(home, kind_of, strict=True)])
    frame["villages"] = column([";".join(place(county, v) for v in linked) for linked in frame["linked"]])
    frame["capacity"] = column([""] * len(rows))
    able = np.flatnonzero(np.isin(frame["kind"], ["县直", "企业"]))
    frame["limited"] = np.isin(np.arange(len(rows)), lots.some(able, len(able) // 9))
    return frame


def place(county: County, village: int) -> str:
    """Return a village as tables write it."""
    township, name = county.villages[village]
    return f"{county.townships[township]}/{name}"


def _links(lots: Lots, county: County, home: int, kind: str) -> tuple[int, ...]:
    """Return the villages a unit is linked with: a government's are its own, a school or a hospital may have none."""
    near = np.array([i for i, (t, _) in enumerate(county.villages) if home in (-1, t)])
    most = {"乡镇": [0, 1, 1], "县直": [0, 1, 3, 3], "企业": [0, 2, 1]}.get(kind, [3, 1])
    return tuple(sorted(lots.some(near, int(lots.pick(most, 1)[0])).tolist()))


def make(lots: Lots, county: County, start: int, unit_frame: Frame, homes: Array, demand: Array) -> Frame:
    """Return cadres of the given units (by row), numbered from ``start`` + 1."""
    count = len(homes)
    frame = Frame({"unit_row": homes, "name": names(lots, count), "unit": unit_frame["unit"][homes]})
    frame["cadre_id"] = column([f"C{county.code[2:]}{start + i + 1:05d}" for i in range(count)])
    frame["county"] = column([county.name] * count)
    rank = lots.words(RANKS, count)
    high = np.isin(rank, ["正处级", "副处级"]) & (unit_frame["kind"][homes] != "县直")
    frame["rank"] = np.where(high, "正科级", rank)
    frame["capacity"], frame["duty"] = lots.words(OWN_PLACES, count), lots.words(DUTIES, count)
    frame["skills"] = lots.several(SKILLS, [8, 34, 38, 20], count)
    frame["available"], frame["tags"] = lots.words(AVAILABLE, count), lots.words(TAGS, count)
    serve(lots, county, unit_frame, frame, demand)
    weigh(unit_frame, frame)
    return frame


def weigh(unit_frame: Frame, frame: Frame) -> None:
    """Work out who takes part (``works``) and with how many places (``places``)."""
    by_rank = column([PLACES.get(rank, PLACES_ELSE) for rank in frame["rank"].tolist()]).astype(np.int64)
    own = column([int(c or -1) for c in frame["capacity"].tolist()]).astype(np.int64)
    frame["places"] = np.where(own >= 0, own, by_rank)
    out = (frame["available"] == "否") | np.isin(unit_frame["kind"][frame["unit_row"]], NOT_KINDS)
    out |= (frame["rank"] == "试用期人员") | column(["借调" in t for t in frame["tags"].tolist()]).astype(bool)
    frame["works"] = ~out & (frame["places"] > 0)


def serve(lots: Lots, county: County, unit_frame: Frame, frame: Frame, demand: Array) -> None:
    """List the places of every cadre: ``where`` holds ("t", township) and ("v", village) keys, ``townships`` their names."""
    parts, count = Parts.of(county), len(frame)
    weights = np.maximum(1, parts.supply(demand)).astype(np.int64)
    weights[[*parts.tight, *([] if parts.remote is None else [parts.remote])]] = 0
    first = lots.pick(weights, count).tolist()
    draws, more = lots.uniform(count).tolist(), lots.pick([38, 26, 18, 11, 7], count).tolist()
    middle = np.array(parts.middle)
    keys = lots.uniform(count * len(middle)).reshape(count, len(middle))
    shuffled = middle[np.argsort(keys, axis=1, kind="stable")[:, :8]].tolist()
    where: list[Keys] = []
    for i in range(count):
        home, limited = (int(unit_frame[c][frame["unit_row"][i]]) for c in ("home", "limited"))
        others = shuffled[i]
        if limited and first[i] in parts.seat:  # else the limit would tie the towns to the rest
            first[i] = others[-1]
        if home < 0 and frame["rank"][i] == "正处级":
            where.append(tuple(("t", t) for t in others[:6]))
        elif home < 0 and draws[i] < 0.008:
            where.append(())
        else:
            where.append(_where(lots, county, parts, home if home >= 0 else first[i], home >= 0, draws[i], others[: more[i]]))
    frame["where"] = column(where)
    frame["townships"] = column([_listed(county, keys) for keys in where])
    frame["townships"][lots.some(np.flatnonzero(frame["townships"] != ""), count // 1200)] += ";外舍乡"


def _where(lots: Lots, county: County, parts: Parts, first: int, own: bool, draw: float, others: list[int]) -> Keys:
    """Return the places of a cadre whose main township is ``first``; ``own`` if it is that township's government's."""
    if first == parts.remote:
        villages = np.array([i for i, (t, _) in enumerate(county.villages) if t == first][:-1] or [-1])
        return tuple(("v", v) for v in sorted(lots.some(villages, 2 + int(draw * 3)).tolist()))
    if first in parts.seat:
        if not own and parts.tight and draw > 0.84:
            return (("t", parts.seat[1]), ("t", parts.tight[0]))
        return tuple(("t", t) for t in (parts.seat if draw < 0.55 else (first,)))
    extra = [t for t in (others[:1] if own else others) if t != first] if first in parts.middle else []
    return (("t", first), *(("t", t) for t in extra))


def _listed(county: County, keys: Keys) -> str:
    return ";".join(county.townships[i] if kind == "t" else place(county, i) for kind, i in keys)


def base(lots: Lots, county: County, count: int, demand: Array) -> tuple[Frame, Frame]:
    """Return a county's units and its first cadres, spread so that every township has the places meant for it."""
    unit_frame = units(lots, county, count)
    home = unit_frame["home"]
    sizes = column([KINDS.get(kind, ("", 0))[1] for kind in unit_frame["kind"].tolist()]).astype(float)
    sizes *= count * (1 - GOVERNMENTS) / sizes.sum()
    sizes = np.where(home >= 0, _governments(county, count, demand)[home], sizes)
    weights = np.maximum(1, sizes * 16).astype(np.int64)
    edges = np.cumsum(weights)
    homes = np.searchsorted(edges, (np.arange(count) * edges[-1] + edges[-1] // 2) // count, side="right")
    frame = make(lots, county, 0, unit_frame, homes, demand)
    _limit(unit_frame, frame)
    return unit_frame, frame


def _governments(county: County, count: int, demand: Array) -> Array:
    """Return how many cadres each township's government has: all that a poor township needs, a share of it elsewhere."""
    parts = Parts.of(county)
    need = parts.supply(demand) / PLACES_PER_CADRE
    alone = np.isin(np.arange(len(demand)), [*parts.tight, -1 if parts.remote is None else parts.remote])
    rest = max(0.1 * count, GOVERNMENTS * count - need[alone].sum())
    return np.where(alone, need, need * rest / need[~alone].sum())


def _limit(unit_frame: Frame, frame: Frame) -> None:
    """Give the limited units a limit a little below the places of their cadres."""
    places = np.zeros(len(unit_frame), dtype=np.int64)
    np.add.at(places, frame["unit_row"], frame["places"] * frame["works"])
    for row in np.flatnonzero(unit_frame["limited"]).tolist():
        unit_frame["capacity"][row] = str(places[row] * 9 // 10)
