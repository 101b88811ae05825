"""Invented people: names, and ID numbers that nobody can have."""

from __future__ import annotations

from datetime import date

import numpy as np

from maker.lots import Array, Lots, column

SURNAMES = {"蓝": 9, "雷": 9, "钟": 6, "吴": 6, "陈": 8, "林": 6, "叶": 6, "刘": 5, "毛": 4, "潘": 4, "任": 3, "梅": 3, "夏": 2}
SURNAMES |= {"柳": 3, "徐": 5, "王": 6, "张": 6, "李": 6, "季": 3, "严": 3, "胡": 3, "周": 4, "沈": 2, "朱": 3, "郑": 3}
SURNAMES |= {"汤": 2, "练": 2, "鲍": 1, "金": 2, "洪": 2, "杨": 4, "黄": 4, "项": 1, "留": 1, "欧阳": 1}
SURNAMES |= {"何": 3, "诸葛": 1}
GIVEN = "国建华明秀英金玉兰根水土木火生发福寿康宁德仁义礼智信忠孝荣富贵春夏秋冬梅菊香云月美丽芳莲仙花凤珠宝银铁石山林森海江河"
GIVEN += "永长庆祥瑞平安定邦立志成文武斌伟强勇刚毅光亮星辉俊杰军民新东南西北中正大小友朋松柏岩岳昌盛茂达进先"
REGION = "000000"  # never assigned to any place
ORDERS = 999
STEP = 7_368_787  # a prime larger than any factor of the two ranges: numbers in a row lie far apart and never meet
OLD = (date(1923, 1, 1), date(1986, 12, 31))
YOUNG = (date(1987, 1, 1), date(2008, 5, 31))
COUNTY_BLOCK = {OLD: 250_000, YOUNG: 85_000}
WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


def names(lots: Lots, count: int, surnames: Array | None = None) -> Array:
    """Return names; one in seven has a single given character."""
    first = lots.words(SURNAMES, count) if surnames is None else surnames
    one, two = lots.below(len(GIVEN), count).tolist(), lots.below(len(GIVEN), count).tolist()
    single = lots.chance(0.14, count).tolist()
    return column(
        [s + GIVEN[a] + ("" if alone else GIVEN[b]) for s, a, b, alone in zip(first.tolist(), one, two, single, strict=True)]
    )


def surnames_of(full: Array) -> Array:
    """Return the surnames of names."""
    return column([name[:2] if name[:2] in SURNAMES else name[0] for name in full.tolist()])


def id_numbers(lots: Lots, county: int, used: int, count: int, born: tuple[date, date]) -> Array:
    """Return ID numbers of 18 digits, no two alike in the whole province.

    Parameters
    ----------
    county, used
        The county's index in its province, and how many numbers of this range it has used already.
    born
        First and last birthday, ``OLD`` or ``YOUNG``.
    """
    block, days = COUNTY_BLOCK[born], (born[1] - born[0]).days + 1
    if used + count > block:
        raise ValueError("too many people for one county")
    serial = county * block + used + lots.order(count)
    day, order = np.divmod(serial * STEP % (days * ORDERS), ORDERS)
    dates = (np.datetime64(born[0]) + day).astype(str)
    bodies = [f"{REGION}{d[:4]}{d[5:7]}{d[8:]}{n + 1:03d}" for d, n in zip(dates.tolist(), order.tolist(), strict=True)]
    digits = np.array(bodies, dtype="S17").view(np.uint8).reshape(count, 17).astype(np.int64) - 48
    checks = (digits @ WEIGHTS % 11).tolist()
    return column([body + "10X98765432"[check] for body, check in zip(bodies, checks, strict=True)])


def as_offices_write(lots: Lots, ids: Array, often: float = 1.0) -> Array:
    """Return ID numbers as lists hold them: some of 15 digits, full-width, with a small x, as a disability certificate."""
    chance = lots.uniform(len(ids)).tolist()
    return column([_variant(number, draw / often) for number, draw in zip(ids.tolist(), chance, strict=True)])


def _variant(number: str, draw: float) -> str:
    if draw < 0.05 and number[6:8] == "19":
        return number[:6] + number[8:17]
    if draw < 0.065:
        return number.translate(FULL_WIDTH)
    if draw < 0.069:
        return number + "43"
    return number.lower() if draw < 0.4 else number
