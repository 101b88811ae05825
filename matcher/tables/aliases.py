"""Which header means which column, and which file or sheet name means which table."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Column:
    """A column of a table: its canonical name, the headers that mean it (the first is the one we write), required or not."""

    name: str
    headers: tuple[str, ...]
    required: bool = False


def _column(name: str, headers: str, required: bool = False) -> Column:
    return Column(name, tuple(headers.split()), required)


_COUNTY = _column("county", "县（区） 县(市、区、旗) 区（县） 区县 县区 县")
_TOWNSHIP = "乡镇 乡(镇) 镇名称 镇(乡) 乡镇(管理区) 街道 乡镇街道"
_VILLAGE = "行政村 村名称 村组（社区） 村名 村别 建制村 村"
_ID = "身份证号 身份证号码 证件号码 公民身份号码 身份证 居民身份证号"
_HOUSEHOLD = _column("household_id", "户编号 贫困户编号 户号 户码 卡号 编号", required=True)
_CADRE = _column("cadre_id", "干部编号 工号 人员编号", required=True)
_REASON = _column("reason", "原因 理由 备注")
_TAGS = _column("tags", "标签 标记")

TABLES: dict[str, tuple[Column, ...]] = {
    "households": (
        _HOUSEHOLD,
        _column("head_name", "户主姓名 户名 户主 贫困户姓名 农户姓名", required=True),
        _column("id_number", _ID + " 户主身份证 户主身份证号 户主证件号码"),
        _COUNTY,
        _column("township", _TOWNSHIP, required=True),
        _column("village", _VILLAGE, required=True),
        _column("hamlet", "自然村 自然屯 所在组 村民小组 组别"),
        _column("members", "人数 家庭成员人数 家庭人口 人口数 家庭人口数"),
        _column("income", "人均纯收入 年人均纯收入 人均收入 人均可支配收入", required=True),
        _column("needs", "帮扶需求 需求 帮扶类型 帮扶措施"),
        _column("partners", "需帮扶人数 应配干部数"),
        _column("waiting", "等待月数 未结对月数"),
        _TAGS,
    ),
    "members": (
        _HOUSEHOLD,
        _column("name", "姓名 成员姓名", required=True),
        _column("id_number", _ID, required=True),
    ),
    "cadres": (
        _column("cadre_id", "干部编号 工号 人员编号 编号", required=True),
        _column(
            "name",
            "姓名 干部姓名 帮扶责任人 结对帮扶责任人 帮扶人姓名 帮扶干部姓名 帮扶联系人 帮扶干部 结对干部 帮扶人 责任人",
            required=True,
        ),
        _column("unit", "单位 帮扶单位 帮扶单位名称 帮扶干部单位 所属单位 责任单位 派出单位", required=True),
        _COUNTY,
        _column("rank", "职务级别 职务 职级"),
        _column("capacity", "帮扶户数上限 可结对户数 上限 最多户数"),
        _column("duty", "应帮扶户数 下限 最少户数 任务户数"),
        _column("townships", "可结对乡镇 联系乡镇 包片乡镇 服务乡镇 挂钩乡镇"),
        _column("skills", "帮扶能力 特长 专长 技能"),
        _column("available", "是否在岗 在岗 可参加 是否参加"),
        _TAGS,
    ),
    "units": (
        _column("unit", "单位 单位名称 帮扶单位 帮扶单位名称", required=True),
        _COUNTY,
        _column("kind", "单位性质 单位类别"),
        _column("villages", "联系村 结对村 联村 帮扶村 包村"),
        _column("capacity", "帮扶户数上限 可结对户数 上限 最多户数"),
    ),
    "welfare": (
        _column("name", "姓名 保障对象 户主姓名 户主", required=True),
        _column("id_number", _ID),
        _COUNTY,
        _column("township", _TOWNSHIP),
        _column("village", _VILLAGE),
        _column("category", "保障类别 户类型 类别 贫困户属性 识别标准", required=True),
        _column("members", "人数 家庭人口 家庭人口数 家庭人数 人口数"),
        _column("valid_from", "起始保障年月 享受起始 开始日期"),
        _column("valid_to", "截止年月 停保日期 结束日期"),
    ),
    "roster": (
        _HOUSEHOLD,
        _CADRE,
        _column("since", "结对时间 帮扶开始时间"),
        _column("pinned", "不作调整 固定 锁定"),
    ),
    "avoid": (_HOUSEHOLD, _CADRE, _REASON),
    "require": (_HOUSEHOLD, _CADRE, _REASON),
    "affinity": (_HOUSEHOLD, _CADRE, _column("score", "分值 匹配分 意向分", required=True)),
    "review": (
        _HOUSEHOLD,
        _column("name", "名单姓名 姓名 保障对象", required=True),
        _column("id_number", "名单身份证号 " + _ID),
        _COUNTY,
        _column("township", "名单乡镇 " + _TOWNSHIP),
        _column("village", "名单行政村 " + _VILLAGE),
        _column("answer", "核实结果 核查结果 是否在册 是否同一户", required=True),
        _column("who", "核实人 核查人 经办人"),
        _column("when", "核实时间 核实日期 核查时间"),
    ),
}

PERSONS = "persons"
"""The households' table as the national system exports it: a row for every person, who says how he stands to the head (与户主关系)."""
LAYOUTS: dict[str, tuple[Column, ...]] = TABLES | {
    PERSONS: (
        _HOUSEHOLD,
        _column("relation", "与户主关系 与户主的关系 和户主关系 家庭关系", required=True),
        _column("name", "姓名 成员姓名 人姓名 家庭成员姓名", required=True),
        *(Column(c.name, c.headers, c.required and c.name != "head_name") for c in TABLES["households"][1:]),
    )
}
"""The columns of every table, and of the households' table by persons."""

_TABLE_NAMES = {
    "households": "低收入农户 农户 贫困户 建档立卡户 户",
    "members": "家庭成员",
    "cadres": "干部 帮扶干部 干部名单",
    "units": "单位 联村单位",
    "welfare": "低保五保 低保 五保 低保名单 五保名单",
    "roster": "花名册 结对花名册 上月结对",
    "avoid": "回避",
    "require": "指定",
    "affinity": "意向 匹配分",
    "review": "待核 核实 核实结果",
}
OWN_COLUMNS = {
    "roster": {
        "township", "village", "unit", "status", "reason", "county", "hamlet", "head_name", "id_number", "members", "income",
        "needs", "cadre_name", "rank", "skills", "village_link", "needs_met", "drawn",
    },
    "review": {"category", "head_name", "household_township", "household_village", "points", "evidence"},
}
"""Columns that our own files add for people to read: no office's mistake when the file comes back."""
INSTRUCTION_SHEETS = frozenset({"填表说明", "Instructions", "How to fill in"})
"""Sheets of our own blank workbooks that are no table."""

_UNIT_IN_HEADER = re.compile(r"\((?:单位:)?(万元|元|人|户|个|月|个月|元/人|元/年|元/人年)\)")
_YEAR = re.compile(r"^\d{4}年度?|\d{4}年度?(?=人均)")
_SUFFIX = re.compile(r"[-_—－\s(（].*$")
_DATE = re.compile(r"\d[\d年月日.]*$")


def normal_header(header: str) -> tuple[str, str]:
    """Return a header without white space, units and years, and the unit that stood in it (``元``, ``万元`` or nothing)."""
    if header.isascii():
        return "".join(header.split()).lower(), ""
    text = "".join(unicodedata.normalize("NFKC", header).split())
    units = _UNIT_IN_HEADER.findall(text)
    unit = "万元" if "万元" in units else "元" if any(u.startswith("元") for u in units) else ""
    return _YEAR.sub("", _UNIT_IN_HEADER.sub("", text)).lower(), unit


_UNIT_ABOVE = re.compile(r"(?:单\s?位\s?:\s?(?:人民币|[户人个亩口]\s?[、,/和]\s?)*|\()(万元|元)(?![\u4e00-\u9fff])")


def units_said(text: str) -> frozenset[str]:
    """Return the units of money that a title or header says (``单位：万元``, ``(元)``); nothing else is taken for one."""
    if "元" not in text:
        return frozenset()
    return frozenset(_UNIT_ABOVE.findall(" ".join(unicodedata.normalize("NFKC", text).split())))


@cache
def headers_of(table: str) -> dict[str, str]:
    """Return normal header -> canonical column of a table, or of the layout by persons."""
    found: dict[str, str] = {}
    for column in LAYOUTS[table]:
        for header in (column.name, *column.headers):
            found.setdefault(normal_header(header)[0], column.name)
    return found


def layout_of(headers: Iterable[str], table: str) -> str:
    """Return ``persons`` for headers of households that name a person and how he stands to the head, else the table itself."""
    if table != "households":
        return table
    known = headers_of(PERSONS)
    return PERSONS if {"relation", "name"} <= {known.get(normal_header(text)[0]) for text in headers} else table


@cache
def _tables_by_name() -> dict[str, str]:
    names = {alias: table for table, aliases in _TABLE_NAMES.items() for alias in aliases.split()}
    return names | {table: table for table in TABLES}


def table_named(name: str) -> str | None:
    """Return the table that a file stem or sheet name means (a suffix such as ``-01`` or ``-鹤溪`` adds to it), or None."""
    text = unicodedata.normalize("NFKC", name).strip().lower()
    known = _tables_by_name()
    return known.get(text) or known.get(_DATE.sub("", _SUFFIX.sub("", text)))


def table_in(language: str, table: str) -> str:
    """Return what a table is called in a language; what is no table as it stands."""
    return chinese_table_name(table) if language == "zh" and table in TABLES else table


def chinese_table_name(table: str) -> str:
    """Return the Chinese name under which a table is usually known."""
    return _TABLE_NAMES[table].split()[0]
