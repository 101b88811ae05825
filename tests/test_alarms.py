"""What is odd about a month as a whole is told loudly: a forgotten list or township, a misspelt place, last month's policy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from matcher.findings import Finding
from matcher.people import alarms
from matcher.people.judge import judge
from matcher.pipeline import load_month

from .months import cadre, command, household, households, write_month
from .test_judgement import judged, listed

LOUD = "花名册发出之前，请先看："
MONTH = "本月的表也请看一看，以上答案按这些表原样算出："


def last_month(ids: list[str]) -> list[dict[str, str]]:
    """Return last month's pairs of households with one cadre."""
    return [{"household_id": key, "cadre_id": "C1"} for key in ids]


def found(folder: Path, code: str) -> list[Finding]:
    """Return a month's findings of a code."""
    month = load_month(folder)
    return [f for f in judge(month.tables, month.policy).findings if f.code == code]


def test_a_missing_welfare_list(tmp_path: Path) -> None:
    """Where the policy names categories and nobody is listed, check says it first, match last; one row, or no category, is enough."""
    many = households(alarms._ENOUGH_TO_WONDER)
    folder = write_month(tmp_path / "m", households=many)
    said = command("check", folder, lang="zh")
    assert (said.code, said.out.splitlines()[0]) == (0, "没有低保、五保名单：谁也没有因此排除。（1 处；no_welfare_list）")
    run = command("match", folder, "--out", tmp_path / "run", lang="zh")
    assert run.code == 0
    assert run.err.splitlines() == [LOUD, run.err.splitlines()[-1]]
    assert "低保、五保" in run.err.splitlines()[-1]
    as_json = command("match", folder, "--out", tmp_path / "json", "--json", lang="zh")
    assert (json.loads(as_json.out)["counts"]["eligible"], as_json.err) == (len(many), run.err)
    old = [listed(name="别人", village="别村", valid_to="2008-06"), listed(name="别人", village="别村", category="残疾")]
    assert [f.message.values["count"] for f in found(write_month(tmp_path / "old", households=many, welfare=old), "no_welfare_list")] == [2]
    assert judged(tmp_path / "one", households=many, welfare=[listed(name="别人", village="别村")]).codes == []
    assert judged(tmp_path / "none", {"eligibility": {"welfare_categories": []}}, households=many).codes == []
    assert judged(tmp_path / "few", households=many[1:]).codes == []


@pytest.mark.parametrize(("gone", "there", "told"), [(20, 179, True), (20, 180, False), (19, 5, False)])
def test_a_forgotten_township(tmp_path: Path, gone: int, there: int, told: bool) -> None:
    """More than a tenth of last month's households in no row, and at least 20, are told with their number."""
    rows = households(there)
    pairs = last_month([row["household_id"] for row in rows] + [f"X{k}" for k in range(gone)])
    folder = write_month(tmp_path / "m", households=rows, roster=pairs, welfare=[listed(name="别人", village="别村")])
    assert [f.affected for f in found(folder, "many_absent")] == [gone] * told


def test_a_place_that_nobody_may_serve(tmp_path: Path) -> None:
    """A township that no cadre lists is told once, with its eligible households and what may be meant; of others the single villages."""
    rows = [household(household_id=f"H{k}", head_name=f"户{k}", id_number="", township=t, village=v, income=i)
            for k, (t, v, i) in enumerate([("东坑", "一村", "900"), ("东坑", "二村", "900"), ("东坑", "二村", "9000"),
                                           ("西镇", "三合村", "900"), ("西镇", "三和村", "900"),
                                           ("西镇", "三台村", "900"), ("渤海真", "四村", "900")])]
    cadres = [cadre(townships="东坑镇;渤海镇;西镇/三合村"), cadre(cadre_id="C2", available="否", townships="东坑;西镇")]
    told = found(write_month(tmp_path / "m", households=rows, cadres=cadres), "nobody_may_serve")
    assert [(f.message.values["place"], f.message.values["near"], f.affected, f.column) for f in told] == [
        ("东坑", "东坑镇", 2, "township"), ("渤海真", "渤海镇", 1, "township"),
        ("西镇/三台村", "", 1, "village"), ("西镇/三和村", "三合村", 1, "village"),
    ]


def test_nobody_eligible(tmp_path: Path) -> None:
    """A month without anybody to pair is told, and so is why: a whole file that is suspect comes before single cells."""
    rows = [household(household_id=f"H{k}", head_name=f"户{k}", id_number="", income="0.1" if k else "约2000") for k in range(9)]
    said = command("check", write_month(tmp_path / "m", households=rows), lang="zh").out
    codes = [line.rpartition("；")[2].rstrip("）") for line in said.splitlines() if line.endswith("）") and not line.startswith(" ")]
    assert codes == ["income_suspect", "income_unusable", "nobody_eligible"]


def test_last_months_policy(tmp_path: Path) -> None:
    """A folder of another month than the policy's is told, and a seed that is another month; any other name or seed is not."""
    def codes(name: str, month: str, seed: str) -> list[str]:
        policy = {"programme": {"month": month}, "ties": {"seed": seed}}
        return [f.code for f in load_month(write_month(tmp_path / f"{month}{seed}" / name, policy)).tables.findings]

    assert codes("2008-08", "2008-07", "2008-07") == ["month_not_folder"]
    assert codes("2008-08", "2008-08", "2008-07") == ["seed_not_month"]
    assert codes("2008-07", "2008-07", "lot 7") == []
    assert codes("july", "2008-07", "2008-07") == []


def test_what_was_noticed_is_told_with_a_contradiction(tmp_path: Path) -> None:
    """Required pairs that may not be stop the month; the cause, a file in the wrong unit, is told beside them."""
    rows = [household(household_id=f"H{k}", head_name=f"户{k}", id_number="", income="0.1") for k in range(3)]
    said = command("check", write_month(tmp_path / "m", households=rows, require=[{"household_id": "H1", "cadre_id": "C1"}]), lang="zh")
    assert said.code == 4
    assert "income_suspect" in said.err
    refused = command("match", tmp_path / "m", "--out", tmp_path / "run", lang="zh")
    assert (refused.code, (tmp_path / "run").exists()) == (4, False)
    assert "万元" in refused.err.rpartition("又发现")[2]


def test_a_required_pair_of_somebody_absent(tmp_path: Path) -> None:
    """It has a remedy of its own: nothing is said of nothing to be done."""
    said = command("check", write_month(tmp_path / "m", require=[{"household_id": "H1", "cadre_id": "C9"}]), lang="zh")
    assert said.code == 3
    assert "required_absent" in said.err
    assert "不必处理" not in said.err


def test_an_empty_file(tmp_path: Path) -> None:
    """A file of no bytes that bears a table's name is told; one with headers alone, as the templates are, is not."""
    folder = write_month(tmp_path / "m", households=households(2))
    (folder / "welfare.csv").write_bytes(b"")
    (folder / "avoid.csv").write_text("household_id,cadre_id\n", "utf-8")
    assert [(f.sheet, f.code) for f in load_month(folder).tables.findings] == [("welfare.csv", "empty_file")]
    said = command("match", folder, "--out", tmp_path / "run", lang="zh")
    assert (said.code, "welfare.csv" in said.err.rpartition(LOUD)[2]) == (0, True)


@pytest.mark.parametrize("asked", [
    ("--set", "eligibility.income_threshold=1000"), ("--sweep", "eligibility.income_threshold=900:1000:100"),
    ("--reach", "coverage=100%", "--by", "cadres"), ("--budget-changes", "0"), ("--continuity-curve",),
])
def test_what_if_tells_it_beside_its_answer(tmp_path: Path, asked: tuple[str, ...]) -> None:
    """An answer that stands on a month without its welfare list says so, apart from the data."""
    folder = write_month(tmp_path / "m", households=households(alarms._ENOUGH_TO_WONDER))
    for words in (asked, (*asked, "--json")):
        said = command("whatif", folder, *words, lang="zh")
        assert said.code == 0
        assert "低保、五保" in said.err.partition(MONTH)[2]
        assert MONTH not in said.out
    assert json.loads(said.out)


def test_what_is_odd_about_a_scenario_alone(tmp_path: Path) -> None:
    """Who is the only one to serve a township and leaves; what the month itself has is not told again."""
    rows = [household(household_id="H1", head_name="甲", id_number="", township="东坑", income="900"),
            household(household_id="H2", head_name="乙", id_number="", township="西镇", income="900")]
    folder = write_month(tmp_path / "m", households=rows, cadres=[cadre(townships="西镇"), cadre(cadre_id="C2", townships="东坑")])
    said = command("whatif", folder, "--remove-cadre", "C2", "--name", "没有二号", lang="zh")
    assert (said.code, MONTH in said.err) == (0, False)
    assert [("没有二号" in line, "东坑" in line) for line in said.err.splitlines()] == [(True, False), (False, True)]
    (folder / "welfare.csv").write_bytes(b"")
    both = command("whatif", folder, "--remove-cadre", "C2", "--name", "没有二号", lang="zh").err.splitlines()
    assert [("没有二号" in line, "welfare.csv" in line, "东坑" in line) for line in both] == [
        (False, False, False), (False, True, False), (True, False, False), (False, False, True)]
