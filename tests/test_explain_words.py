"""What explain says of those without a cadre, and of prices that are gains: in words that are true."""

from __future__ import annotations

import json
from pathlib import Path

from .months import cadre, command, csv_rows, household, households
from .test_explain import made


def test_the_listed_remedy_is_for_whose_turn_it_is(tmp_path: Path) -> None:
    """Of two without a cadre the bottleneck's one place more goes to the poorer; the other is told so, and what serves it itself."""
    rows = [household(household_id=f"H{k}", head_name=f"户{k}", income=str(1600 + k)) for k in range(3)]
    run = made(tmp_path, {"priority": {"by": "income"}}, households=rows, cadres=[cadre(capacity=1)])
    listed = {r["household_id"]: r["smallest_fix"] for r in csv_rows(run / "unmatched.csv")}
    assert listed == {"H1": "cadre C1 +1", "H2": "cadre C1 +1"}
    first, second = (command("explain", run, key, "--json").json()["unmatched"] for key in ("H1", "H2"))
    assert (first["smallest_fix"], first["listed_fix"], first["listed_fix_serves"]) == ("cadre C1 +1", "cadre C1 +1", ["H1"])
    assert (second["smallest_fix"], second["fix_serves"]) == ("cadre C1 +1; require H2=C1", ["H2"])
    assert (second["listed_fix"], second["listed_fix_serves"]) == ("cadre C1 +1", ["H1"])
    assert "whichever's turn it is" not in command("explain", run, "H1").out
    assert "(cadre C1: 1 more) is for one household, whichever's turn it is: now H1, not this one." in command("explain", run, "H2").out
    assert "只够一户，轮到哪户给哪户：现在轮到的是 H1，不是这一户。" in command("explain", run, "H2", "--lang", "zh").out


def test_what_others_lose_is_told(tmp_path: Path) -> None:
    """Two alike and one place: whoever has none is told that the other would lose the cadre, which no price shows."""
    run = made(tmp_path, households=households(2), cadres=[cadre(capacity=1)])
    lost = csv_rows(run / "unmatched.csv")[0]["household_id"]
    (option,) = command("explain", run, lost, "--json").json()["alternatives"]
    assert (option["price"]["coverage"], option["others_lose"]) == ([0, 0], 1)
    told = command("explain", run, lost, "--lang", "zh").out
    assert "若指定给下列干部（可结对的共 1 名；其他户可能因此失去干部）" in told
    assert "其他户的干部合计减少 1 名" in told
    assert "改由其他干部负责" not in told
    served = next(k for k in ("H1", "H2") if k != lost)
    assert "others_lose" not in json.dumps(command("explain", run, served, "--json").json())


def test_gains_are_told_as_gains(tmp_path: Path) -> None:
    """A cadre with two households and one with none: one fewer costs a kept pair and a met need, and brings more even loads."""
    rows = households(2, needs="资金")
    run = made(tmp_path, households=rows, cadres=[cadre(skills="资金"), cadre(cadre_id="C2", name="乙")],
               roster=[{"household_id": "H1", "cadre_id": "C1"}, {"household_id": "H2", "cadre_id": "C1"}])
    said = command("explain", run, "C1").out
    assert ("Why not fewer: one household fewer would cost: pairs kept from last month: 1 fewer; needs met: 1 fewer; in return loads: "
            "more even (sum of squares 2 less).") in said
    assert "换来的好处：户数较均匀（平方和少 2）" in command("explain", run, "C1", "--lang", "zh").out
    other = command("explain", run, "C2").out
    assert "would cost: pairs kept from last month: 1 fewer; needs met: 1 fewer; in return loads: more even" in other


def test_a_place_that_nobody_serves_is_named(tmp_path: Path) -> None:
    """Whoever may be paired with nobody is told which place stands in no list, and that its name may be written otherwise."""
    run = made(tmp_path, households=[household(township="东坑")], cadres=[cadre(townships="东坑镇")])
    assert "nobody else may serve 东坑/东村" in command("explain", run, "H1").out
    assert "没有（别）人可到东坑/东村结对" in command("explain", run, "H1", "--lang", "zh").out
