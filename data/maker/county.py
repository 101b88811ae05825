"""A county from month to month: its first tables, and how they change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from maker import cadres, households, roster, welfare
from maker.lots import Array, Frame, Lots, column
from maker.people import as_offices_write
from maker.plan import County, Share
from maker.roster import Pair, Rules

MONTHS = tuple(f"2008-{m:02d}" for m in range(6, 13))
MEMBERS_USED = 60_000  # members' numbers begin here in the county's range of adults
QUOTA = 0.9  # of the households of the seat's second township, in the first month
AVOID, REQUIRE, PINNED = 0.0115, 0.00055, 0.0025  # for each eligible household
SHORT_MEMORY = 2  # households that a cadre had in 2007
Table = dict[str, list[str]]


@dataclass
class State:
    """A county's tables of one month, and what the maker knows of them beyond."""

    share: Share
    houses: Frame
    members: Frame
    units: Frame
    cadres: Frame
    welfare: Frame
    rules: Rules
    avoid: Frame
    roster: Frame
    since: dict[Pair, str]
    pinned: set[Pair]
    require: Frame
    used: tuple[int, int]

    @property
    def county(self) -> County:
        """The county."""
        return self.share.county

    def pairs(self) -> list[Pair]:
        """Return last month's pairs."""
        return list(zip(self.roster["household_id"], self.roster["cadre_id"], strict=True))

    def tables(self) -> dict[str, Table]:
        """Return the month's tables, as the canonical columns' texts."""
        return {
            "households": self.houses.texts(households.COLUMNS),
            "members": self.members.texts(households.MEMBER_COLUMNS),
            "cadres": self.cadres.texts(cadres.COLUMNS),
            "units": self.units.texts(cadres.UNIT_COLUMNS),
            "welfare": self.welfare.texts(welfare.COLUMNS),
            "roster": self.roster.texts(roster.COLUMNS),
            "avoid": self.avoid.texts(roster.AVOID_COLUMNS),
            "require": self.require.texts(roster.REQUIRE_COLUMNS),
        }


def months(share: Share, seed: int) -> Iterator[tuple[str, State]]:
    """Yield a county's months, each grown from the one before."""
    code = int(share.county.code)
    state = first(Lots(seed, code, 0), share)
    yield MONTHS[0], state
    for number, month in enumerate(MONTHS[1:], 1):
        advance(Lots(seed, code, number), state, month, MONTHS[number - 1])
        yield month, state


def first(lots: Lots, share: Share) -> State:
    """Return the first month: its roster is the year before's, of the poorest only."""
    county = share.county
    houses = households.base(lots, county, share.households)
    people = households.members(lots, county, houses, (MEMBERS_USED, 0))
    used = (MEMBERS_USED + int((~people["young"]).sum()), int(people["young"].sum()))
    lists = welfare.make(lots, county, houses, people)
    town = np.array([t for t, _ in county.villages])[houses["place"]]
    demand = np.bincount(town[houses["fate"] == "eligible"], minlength=len(county.townships))
    units, staff = cadres.base(lots, county, share.cadres, demand)
    seat = cadres.Parts.of(county).quota
    quotas = {} if seat is None else {seat: int(demand[seat] * QUOTA) // 5 * 5}
    limits = {i: int(c) for i, c in enumerate(units["capacity"].tolist()) if c}
    rules = Rules(county, quotas, limits)
    poor = np.flatnonzero((houses["fate"] == "eligible") & (houses["money"] <= 1500) & lots.chance(0.5, len(houses)))
    pairs = roster.greedy(roster.Desk(lots, rules, staff, SHORT_MEMORY), houses, [], poor)
    empty = roster.table([], {}, "", set())
    state = State(share, houses, people, units, staff, lists, rules, empty, empty, {}, set(), empty, used)
    _wait(state, pairs, lots.below(14, len(houses)))
    _record(lots, state, pairs, "2007-05")
    return state


def advance(lots: Lots, state: State, month: str, before: str) -> None:
    """Turn a month into the next: its roster is what a clerk might have made of the month before."""
    chosen = np.flatnonzero(state.houses["fate"] == "eligible")
    pairs = roster.greedy(roster.Desk(lots, state.rules, state.cadres), state.houses, state.pairs(), chosen)
    _wait(state, pairs, state.houses["waiting"] + 1)
    people_change(lots, state, month)
    staff_change(lots, state)
    _record(lots, state, pairs, before)


def _wait(state: State, pairs: list[Pair], months_waited: Array) -> None:
    """Count the months without a cadre of those whom the roster leaves out."""
    served = np.isin(state.houses["household_id"].astype(str), [house for house, _ in pairs])
    waits = ~served & (state.houses["fate"] == "eligible")
    state.houses["waiting"] = np.where(waits, months_waited, 0)


def _record(lots: Lots, state: State, pairs: list[Pair], month: str) -> None:
    """Write the roster, with the old pins that hold and a few new ones, and the wishes about single pairs."""
    eligible = int((state.houses["fate"] == "eligible").sum())
    state.since = {p: state.since.get(p, month) for p in pairs}
    kept = state.pinned.intersection(pairs)
    free = sorted(set(pairs) - kept)
    fresh = lots.some(np.arange(len(free)), max(1, round(eligible * PINNED) - len(kept)))
    state.pinned = kept | {free[i] for i in fresh.tolist()}
    new = roster.avoid(lots, state.rules, state.houses, state.cadres, pairs, _avoids(state, eligible))
    known = set(zip(new["household_id"], new["cadre_id"], strict=True)) - state.rules.avoid - state.pinned
    state.rules.avoid |= known
    keep = np.array([p in known for p in zip(new["household_id"], new["cadre_id"], strict=True)], dtype=bool)
    state.avoid = state.avoid.plus(new.take(keep)) if len(state.avoid) else new.take(keep)
    state.roster = roster.table(pairs, state.since, month, state.pinned)
    busy = {name for pair in state.pinned for name in pair}
    state.require = roster.require(lots, state.rules, state.houses, state.cadres, state.welfare, busy,
                                   max(1, round(eligible * REQUIRE)))


def _avoids(state: State, eligible: int) -> int:
    """Return how many pairs to avoid are new this month: all at first, later a few."""
    return max(1, round(eligible * AVOID * (0.1 if len(state.avoid) else 1)))


def people_change(lots: Lots, state: State, month: str) -> None:
    """Change the households: rows go, people move, earn more or come on a welfare list, and new households appear."""
    houses, county = state.houses, state.county
    plain = lots.some(np.flatnonzero((houses["fate"] == "eligible") & (houses["plain_id"] != "")), len(houses))
    counts = [round(len(houses) * share) for share in (0.005, 0.015, 0.0035, 0.002, 0.0012)]
    moved, risen, newly, needs, gone = np.split(plain[: sum(counts)], np.cumsum(counts)[:-1])
    houses["place"][moved] = households.place_of(lots, county, len(moved))
    houses["hamlet"][moved] = households.hamlets(lots, houses["place"][moved])
    households.settle(houses, county)
    houses["money"][risen] = np.maximum(houses["money"][risen] * 3 // 2, households.LINE + 1 + lots.below(900, len(risen)))
    houses["income"][risen] = column([str(m) for m in houses["money"][risen].tolist()])
    houses["fate"][risen] = "above_threshold"
    found = lots.some(np.flatnonzero(houses["fate"] == "missing_income"), len(houses) // 600)
    houses["income"][found] = column([str(m) for m in houses["money"][found].tolist()])
    houses["fate"][found] = "eligible"
    houses["needs"][needs] = lots.several(households.NEEDS, [0, 40, 40, 20], len(needs))
    state.welfare = welfare.change(lots, houses, state.welfare, month, newly, households.LINE)
    _arrive_and_go(lots, state, gone)


def _arrive_and_go(lots: Lots, state: State, gone: Array) -> None:
    """Add new households with their members, and take away those who left, except where a welfare row points below."""
    houses, county = state.houses, state.county
    start, count = int(max(houses["household_id"])[5:]), max(1, len(houses) // 140)
    fates = np.where(lots.chance(0.9, count), "eligible", "above_threshold").astype(object)
    new = households.make(lots, county, start, np.sort(households.place_of(lots, county, count)), fates)
    new["id_number"] = as_offices_write(lots, new["plain_id"], 0.15)
    new["waiting"] = np.zeros(count, dtype=np.int64)
    people = households.members(lots, county, new, state.used)
    state.used = (state.used[0] + int((~people["young"]).sum()), state.used[1] + int(people["young"].sum()))
    state.members = state.members.plus(people)
    left = np.isin(np.arange(len(houses)), gone)
    row = np.cumsum(~left) - 1
    meant = state.welfare["house"]
    state.welfare["house"] = np.where((meant < 0) | left[meant], -1, row[meant])
    names = houses["household_id"][left].astype(str)
    state.members = state.members.take(~np.isin(state.members["household_id"].astype(str), names))
    state.avoid = state.avoid.take(~np.isin(state.avoid["household_id"].astype(str), names))
    state.houses = houses.take(~left).plus(new)


def staff_change(lots: Lots, state: State) -> None:
    """Change the cadres: some leave their post (a pin or two with them) or the table, change units, get a limit, are new."""
    staff, county = state.cadres, state.county
    counts = [max(1, round(len(staff) * share)) for share in (0.014, 0.01, 0.004, 0.003, 0.007)]
    away, moved, limited, lent, gone = np.split(lots.order(len(staff))[: sum(counts)], np.cumsum(counts)[:-1])
    pinned = [cadre for _, cadre in sorted(state.pinned)[::15]]
    staff["available"][away] = "否"
    staff["available"][np.isin(staff["cadre_id"].astype(str), pinned)] = "否"
    staff["tags"][lent] = "借调"
    staff["capacity"][limited] = lots.words({"0": 1, "2": 3, "3": 2, "5": 2}, len(limited))
    town = np.array([t for t, _ in county.villages])[state.houses["place"]]
    demand = np.bincount(town[state.houses["fate"] == "eligible"], minlength=len(county.townships))
    homes = staff["unit_row"].copy()
    homes[moved] = homes[lots.below(len(staff), len(moved))]
    new = homes[lots.below(len(staff), max(1, len(staff) // 200))]
    placed = cadres.make(lots, county, 0, state.units, homes[moved], demand)
    for name in ("unit_row", "unit", "where", "townships"):
        staff[name][moved] = placed[name]
    cadres.weigh(state.units, staff)
    start = int(max(staff["cadre_id"])[5:])
    left = np.isin(np.arange(len(staff)), gone)
    state.cadres = staff.take(~left).plus(cadres.make(lots, county, start, state.units, new, demand))
    left_ids = staff["cadre_id"][left].astype(str)
    state.avoid = state.avoid.take(~np.isin(state.avoid["cadre_id"].astype(str), left_ids))
