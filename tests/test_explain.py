"""jiedui explain: what it answers, in which shape, in both languages, and what it refuses."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import networkx
import pytest

from matcher import match, read_month

from .months import CANARY, cadre, command, csv_rows, household, households, write_month
from .oracle import months

HOUSEHOLD = {"id", "kind", "decision", "evidence", "cadres", "drawn", "alternatives", "unmatched"}
CADRE = {"id", "kind", "takes_part", "why_not", "households", "load", "capacity", "duty", "more", "fewer"}


def made(folder: Path, policy: dict[str, Any] | None = None, **tables: Any) -> Path:
    """Write a month and its run, and return the run."""
    write_month(folder / "month", policy, **tables)
    said = command("match", folder / "month", "--out", folder / "run", "--no-workbook")
    assert said.code == 0, said.err
    return folder / "run"


def kept(folder: Path) -> Path:
    """Return a run in which H1 keeps C1, who also meets its need, and C2 would do neither."""
    return made(
        folder, households=[household(needs="资金;物资", id_number=CANARY)], roster=[{"household_id": "H1", "cadre_id": "C1"}],
        cadres=[cadre(skills="资金"), cadre(cadre_id="C2", name="王芳")],
    )


@pytest.mark.parametrize("seed", range(12))
def test_answers_have_the_shape_of_the_contract(seed: int, tmp_path: Path) -> None:
    """All keys are there, alternatives are all other permitted cadres, the cheapest first; the same from Python and from the folder."""
    month = months.write_month(tmp_path / "month", *months.random_month(seed, "medium"))
    run = match(read_month(month))
    run.write(tmp_path / "run", workbook=False)
    permitted = {(h, c) for (_, h), (_, c) in (sorted(edge, reverse=True) for edge in run.graph.to_networkx().edges)}
    drawn = {r["household_id"] for r in csv_rows(tmp_path / "run" / "roster.csv") if r["drawn"] == "yes"}
    objectives = [o["name"] for o in run.summary["objectives"]]
    lengths = {o["name"]: len(o["value"]) for o in run.summary["objectives"] if isinstance(o["value"], list) and o["name"] == "coverage"}
    for key in [*run.outcome.judgement.instance.households.ids[:4], *run.unmatched["household_id"][:1]]:
        said = run.explain(key, "household").record()
        assert set(said) >= HOUSEHOLD
        assert said["cadres"] == sorted(c for h, c in run.pairs if h == key)
        assert sorted(a["cadre_id"] for a in said["alternatives"]) == sorted(c for h, c in permitted - set(run.pairs) if h == key)
        assert said["drawn"] is (key in drawn) or not said["cadres"]
        assert (said["unmatched"] is not None) == (key in set(run.unmatched["household_id"]))
        prices = [a["price"] for a in said["alternatives"] if a["price"] is not None]
        decided = [a["price"] for a in said["alternatives"] if a["price"] is not None and not a["passes_over"]]
        assert run.outcome.source.policy.priority.by == "income" or decided == prices
        assert all(list(p) == objectives and len(p["coverage"] if lengths else [1]) == lengths.get("coverage", 1) for p in prices)
        first = [next((n for v in p.values() for n in (v if isinstance(v, list) else [v]) if n), 1) for p in decided]
        assert min(first, default=1) > 0
        assert command("explain", tmp_path / "run", key, "--as", "household", "--json").json() == json.loads(json.dumps(said))
    for key in run.outcome.judgement.cadres.ids[:4]:
        said = run.explain(key, "cadre").record()
        assert set(said) >= CADRE
        assert said["households"] == sorted(h for h, c in run.pairs if c == key)
        assert said["load"] == len(said["households"])


def test_a_kept_pair_is_told_with_its_price(tmp_path: Path) -> None:
    """What spoke for the pair, and what another cadre would cost, in Chinese and in English; no ID number."""
    run = kept(tmp_path)
    said = command("explain", run, "H1", "--lang", "zh")
    assert "上月续结" in said.out
    assert "2 项需求能满足 1 项：资金" in said.out
    assert "C2 王芳 (农业局): 少保留上月结对 1 对；少满足需求 1 项" in said.out
    english = command("explain", run, "H1", "--lang", "en")
    assert "pairs kept from last month: 1 fewer; needs met: 1 fewer" in english.out
    found = command("explain", run, "H1", "--json").json()["alternatives"]
    assert [(a["cadre_id"], a["price"]["continuity"], a["price"]["fit"], a["price"]["coverage"]) for a in found] == [("C2", 1, 1, [0, 0])]
    assert CANARY not in said.both + english.both + command("explain", run, "H1", "--json").both


def test_a_cadre_is_told_why_not_more(tmp_path: Path) -> None:
    """At the upper limit: what one more place would bring, and what one household fewer would cost."""
    run = made(tmp_path, households=households(2), cadres=[cadre(capacity=1)])
    found = command("explain", run, "C1", "--json").json()
    assert (found["takes_part"], found["load"], found["more"]["reason"], found["fewer"]["reason"]) == ("yes", 1, "capacity", "price")
    assert found["more"]["gain"]["coverage"] == found["fewer"]["price"]["coverage"] == [1, 0]
    assert "已到上限" in command("explain", run, "C1", "--lang", "zh").out


def test_one_who_takes_no_part(tmp_path: Path) -> None:
    """A cadre who is not in post: the code, no households, and a sentence."""
    run = made(tmp_path, cadres=[cadre(), cadre(cadre_id="C2", available="否")])
    found = command("explain", run, "C2", "--json").json()
    assert (found["takes_part"], found["why_not"], found["households"], found["load"]) == ("no", "unavailable", [], 0)
    assert "Takes no part: not in post." in command("explain", run, "C2").out


def test_an_excluded_household_is_told_the_row_and_the_rule(tmp_path: Path) -> None:
    """On the welfare list: category, name and masked ID of the row, and the policy's rule; no alternatives."""
    welfare = [{"name": "王大山", "id_number": CANARY, "township": "鹤溪镇", "village": "东村", "category": "低保"}]
    rows = [household(id_number=CANARY), household(household_id="H2", head_name="乙")]
    run = made(tmp_path, households=rows, welfare=welfare)
    found = command("explain", run, "H1", "--json").json()
    assert (found["decision"], found["cadres"], found["alternatives"], found["unmatched"]) == ("on_welfare_list", [], [], None)
    told = command("explain", run, "H1", "--lang", "zh")
    assert "低保" in told.out
    assert "eligibility.welfare_categories" in told.out
    assert CANARY not in told.both + json.dumps(found)
    assert csv_rows(run / "decisions.csv")[0]["evidence"] == found["evidence"]


def test_an_unserved_household_is_told_what_would_serve_it(tmp_path: Path) -> None:
    """The bottleneck in countable words, and the smallest change, which serves it."""
    run = made(tmp_path, households=households(3), cadres=[cadre(capacity=1), cadre(cadre_id="C2", name="乙", capacity=1)])
    lost = csv_rows(run / "unmatched.csv")[0]["household_id"]
    found = command("explain", run, lost, "--json").json()["unmatched"]
    assert {k: found["bottleneck"][k] for k in ("households", "cadres", "places", "shortfall")} == {
        "households": 3, "cadres": 2, "places": 2, "shortfall": 1,
    }
    assert (found["reason"], found["smallest_fix"], found["fix_serves"]) == ("bottleneck", "cadre C1 +1", [lost])
    assert "这 3 户只能由这 2 名干部负责，需要 3 个名额，他们只有 2 个，差 1 个" in command("explain", run, lost, "--lang", "zh").out


def test_a_quota_is_the_bottleneck(tmp_path: Path) -> None:
    """A township's quota of one for three households: a bottleneck of its own, in the file too; one more place serves one more."""
    run = made(tmp_path, {"townships": {"capacity": {"鹤溪镇": 1}}}, households=households(3), cadres=[cadre(capacity=9)])
    row = csv_rows(run / "bottlenecks.csv")[0]
    assert [row[k] for k in ("bottleneck", "townships", "households", "cadres", "places", "shortfall", "needed", "quota")] == [
        "1", "鹤溪镇", "3", "0", "1", "2", "3", "鹤溪镇",
    ]
    lacking = csv_rows(run / "unmatched.csv")
    assert [(r["reason"], r["bottleneck"], r["smallest_fix"]) for r in lacking] == [("township_capacity", "1", "township 鹤溪镇 +1")] * 2
    found = [command("explain", run, r["household_id"], "--json").json()["unmatched"] for r in lacking]
    first, second = sorted(found, key=lambda f: len(f["smallest_fix"]))
    assert first["smallest_fix"] == "township 鹤溪镇 +1"
    assert second["smallest_fix"].startswith("township 鹤溪镇 +1; require H")


def test_fixed_pairs_leave_no_price(tmp_path: Path) -> None:
    """Where the household's only pair is fixed another cadre cannot be: no price, and a sentence instead."""
    run = made(tmp_path, cadres=[cadre(), cadre(cadre_id="C2")], require=[{"household_id": "H1", "cadre_id": "C1"}])
    found = command("explain", run, "H1", "--json").json()
    assert [(a["cadre_id"], a["price"], a["possible"]) for a in found["alternatives"]] == [("C2", None, False)]
    assert "the limits and fixed pairs leave no room" in command("explain", run, "H1").out


def test_the_lot_between_equals(tmp_path: Path) -> None:
    """Of two equal cadres one was drawn: the other costs nothing, and the answer says that the lot decided."""
    run = made(tmp_path, cadres=[cadre(), cadre(cadre_id="C2")])
    found = command("explain", run, "H1", "--json").json()
    assert [a["equal"] for a in found["alternatives"]] == [True]
    assert not found["drawn"]  # the lot chose its cadre, not whether it has one
    assert "一样好，由抽签决定" in command("explain", run, "H1", "--lang", "zh").out


def test_places_are_ranked(tmp_path: Path) -> None:
    """Every cadre, unit and township and every skill by township, the best first, and the same from Python."""
    write_month(tmp_path / "month", households=households(3, needs="资金"), cadres=[cadre(capacity=1)])
    run = match(read_month(tmp_path / "month"))
    run.write(tmp_path / "run", workbook=False)
    found = command("explain", tmp_path / "run", "--places", "--json").json()
    assert [(r["kind"], r["name"]) for r in found] == [
        ("skill", "鹤溪镇/资金"), ("cadre", "C1"), ("township", "鹤溪镇"), ("unit", "农业局"),
    ]
    assert [r["gain"]["coverage"] for r in found] == [[1, 0], [1, 0], [0, 0], [0, 0]]
    assert [r.record() for r in run.places()] == found
    assert "有干部的户（收入 1500 元及以下）多 1 户" in command("explain", tmp_path / "run", "--places", "--lang", "zh").out


def test_a_place_in_a_full_unit(tmp_path: Path) -> None:
    """Where the unit's limit binds, one more place of a cadre serves nobody more: a better pair is all it can bring."""
    cadres = [cadre(capacity=1, skills="资金"), cadre(cadre_id="C2", name="乙", capacity=1)]
    run = made(tmp_path, households=households(3, needs="资金"), cadres=cadres, units=[{"unit": "农业局", "capacity": 2}])
    found = {(r["kind"], r["name"]): r["gain"] for r in command("explain", run, "--places", "--json").json()}
    assert (found["cadre", "C1"]["coverage"], found["cadre", "C1"]["fit"]) == ([0, 0], 1)
    assert (found["unit", "农业局"]["coverage"], found["unit", "农业局"]["fit"]) == ([0, 0], 0)


def test_the_smallest_fix_needs_the_fewest_places(tmp_path: Path) -> None:
    """One cadre needs one place more; with another, whose unit is full, it would be two: the first is named, and only for it."""
    rows = [household(household_id=f"H{k}", head_name=f"户{k}") for k in range(4)]
    cadres = [cadre(capacity=1), cadre(cadre_id="B", name="乙", unit="水利局", capacity=1)]
    run = made(tmp_path, households=rows, cadres=cadres, units=[{"unit": "水利局", "capacity": 1}])
    lost = [r["household_id"] for r in csv_rows(run / "unmatched.csv")]
    fixes = sorted(command("explain", run, h, "--json").json()["unmatched"]["smallest_fix"] for h in lost)
    assert fixes[0] == "cadre C1 +1"
    assert fixes[1] in {f"cadre C1 +1; require {h}=C1" for h in lost}


def test_several_counties(tmp_path: Path) -> None:
    """Each county is a problem of its own; names carry the county, vectors are those of the whole."""
    rows = [household(household_id=f"H{k}", head_name=f"户{k}", county=f"县{k % 2}", partners=1 + (k == 0)) for k in range(6)]
    cadres = [cadre(cadre_id=f"C{k}", county=f"县{k}", capacity=1) for k in range(2)]
    run = made(tmp_path, households=rows, cadres=cadres)
    assert {r["county"] for r in csv_rows(run / "roster.csv")} == {"县0", "县1"}
    names = {(r["kind"], r["name"]) for r in command("explain", run, "--places", "--json").json()}
    assert {("township", "县0/鹤溪镇"), ("unit", "县1/农业局"), ("cadre", "C1")} <= names
    found = command("explain", run, "H1", "--json").json()
    assert all(len(a["price"]["coverage"]) == 4 for a in found["alternatives"])
    assert {r["bottleneck"] for r in csv_rows(run / "unmatched.csv")} == {"1", "2"}
    lost = next(r for r in csv_rows(run / "unmatched.csv") if r["bottleneck"] == "2")["household_id"]
    assert command("explain", run, lost, "--json").json()["unmatched"]["bottleneck"]["number"] == 2


def test_a_run_as_a_whole(tmp_path: Path) -> None:
    """Fairness and bottlenecks together; the graph is GraphML that networkx reads, and an existing file stays."""
    run = made(tmp_path, households=households(3), cadres=[cadre(capacity=1)])
    found = command("explain", run, "--json").json()
    summary = json.loads((run / "summary.json").read_text("utf-8"))
    assert [f["holds"] for f in found["fairness"]] == [True] * 4
    assert found["fairness"] == summary["fairness"]
    assert [g["shortfall"] for g in found["bottlenecks"]] == [2]
    assert "瓶颈 1" in command("explain", run, "--lang", "zh").out
    assert command("explain", run, "--bottlenecks-graph", tmp_path / "b.graphml").code == 0
    graph = networkx.read_graphml(tmp_path / "b.graphml")
    assert [(u, v, d) for u, v, d in graph.edges(data=True)] == [("1 village 鹤溪镇/东村", "1 unit 农业局", {"cadres": 1, "pairs": 1})]
    before = (tmp_path / "b.graphml").read_bytes()
    assert command("explain", run, "--bottlenecks-graph", tmp_path / "b.graphml").code == 2
    assert (tmp_path / "b.graphml").read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b.graphml", "month", "run"]


def test_ids_that_are_not_there(tmp_path: Path) -> None:
    """An unknown id is a usage error that names ids like it; no run is one too; two questions at once too."""
    run = kept(tmp_path)
    said = command("explain", run, "H")
    assert said.code == 2
    assert "H1" in said.err
    assert command("explain", tmp_path, "H1").code == 2
    assert command("explain", tmp_path / "none", "H1").code == 2
    assert command("explain", run, "H1", "--places").code == 2
    assert command("explain", run, "Ｈ1").code == 0  # folded as everywhere


def test_an_id_of_both_kinds(tmp_path: Path) -> None:
    """Where a household and a cadre share an id one has to say which is meant."""
    run = made(tmp_path, households=[household(household_id="1")], cadres=[cadre(cadre_id="1")])
    assert command("explain", run, "1").code == 2
    assert command("explain", run, "1", "--as", "cadre", "--json").json()["kind"] == "cadre"
    assert command("explain", run, "1", "--as", "household", "--json").json()["kind"] == "household"


def test_the_month_must_be_the_runs(tmp_path: Path) -> None:
    """A table or the policy that changed is named and refused; other row orders and other places are none."""
    run = made(tmp_path, households=households(2))
    table = tmp_path / "month" / "households.csv"
    head, *rows = table.read_text("utf-8").splitlines()
    table.write_text("\n".join([head, *reversed(rows), ""]), "utf-8")
    assert command("explain", run, "H1").code == 0
    table.write_text(table.read_text("utf-8").replace("1000", "1001", 1), "utf-8")
    said = command("explain", run, "H1")
    assert said.code == 3
    assert "households.csv" in said.err
    table.write_text(table.read_text("utf-8").replace("1001", "1000", 1), "utf-8")
    shutil.move(tmp_path / "month", tmp_path / "elsewhere")
    assert command("explain", run, "H1").code == 3
    assert command("explain", run, "H1", "--month", tmp_path / "elsewhere").code == 0
    policy = tmp_path / "elsewhere" / "policy.toml"
    policy.write_text(policy.read_text("utf-8").replace("2500", "2600"), "utf-8")
    said = command("explain", run, "H1", "--month", tmp_path / "elsewhere")
    assert (said.code, "policy.toml" in said.err) == (3, True)


def test_a_roster_that_was_changed(tmp_path: Path) -> None:
    """A roster that is not the run's any more is refused, whatever was changed in it."""
    run = made(tmp_path, households=households(2), cadres=[cadre(), cadre(cadre_id="C2")])
    roster = run / "roster.csv"
    whole = roster.read_text("utf-8")
    for changed in (whole.replace("C1", "C2"), whole.replace("C1", "C9"), "\n".join(whole.splitlines()[:-1]), "\ufeffx\n1\n"):
        roster.write_text(changed, "utf-8")
        assert command("explain", run, "H1").code in ((0,) if changed == whole else (3,))


def test_a_lot_that_was_not_kept(tmp_path: Path) -> None:
    """A roster with the loser of the lot in the winner's place, hashes and all: the run as a whole is not vouched for."""
    run = made(tmp_path, households=households(2), cadres=[cadre(capacity=1)])
    won, lost = (csv_rows(run / f"{name}.csv")[0]["household_id"] for name in ("roster", "unmatched"))
    for name in ("roster", "unmatched"):
        path = run / f"{name}.csv"
        path.write_text(path.read_text("utf-8").replace(won, "?").replace(lost, won).replace("?", lost), "utf-8")
    summary = json.loads((run / "summary.json").read_text("utf-8"))
    summary["roster_sha256"] = hashlib.sha256(f"{lost}\tC1\n".encode()).hexdigest()
    (run / "summary.json").write_text(json.dumps(summary), "utf-8")
    assert command("explain", run).code == 5


def test_ids_that_a_spreadsheet_would_run(tmp_path: Path) -> None:
    """Ids that CSV files write with a mark before them are found again."""
    run = made(tmp_path, households=[household(household_id="-1")], cadres=[cadre(cadre_id="@2")])
    assert command("explain", run, "@2", "--json").json()["households"] == ["-1"]
