"""The command `whatif`: what it prints, how its words are understood, what it refuses; scenario files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from matcher import match, read_month, what_if
from matcher.scenario.literal import literal

from .months import CANARY, cadre, csv_rows, csv_text, household, households, write_month
from .whatif_month import LINE, three_townships, tree, whatif


@pytest.fixture
def month(tmp_path: Path) -> Path:
    """Return a month of three townships."""
    return three_townships(tmp_path)


# --- what it prints


def test_json_has_the_contracts_shape(month: Path) -> None:
    """`--json` holds base and scenarios with the keys of the contract; objectives and counts are those of summary.json."""
    told = whatif(month, "--set", f"{LINE}=3000", "--json").json()
    assert list(told) == ["base", "scenarios"]
    assert list(told["base"]) == ["objectives", "counts"]
    (scenario,) = told["scenarios"]
    names = ["name", "objectives", "counts", "newly_served", "no_longer_served", "changed"]
    assert list(scenario)[:6] == names
    assert scenario["name"] == f"{LINE}=3000"
    assert all(list(c) == ["household_id", "from", "to"] for c in scenario["changed"])
    base = json.loads(json.dumps(match(read_month(month)).summary))
    assert told["base"] == {"objectives": base["objectives"], "counts": base["counts"]}


def test_the_same_from_python(month: Path) -> None:
    """`what_if` gives what the command prints, and its tables as frames."""
    found = what_if(read_month(month), {"a": [("set", f"{LINE}=3000")], "b": [("remove-unit", "林业局")]})
    told = whatif(month, "--set", f"{LINE}=3000", "--name", "a", "--json").json()
    record = json.loads(json.dumps(found.record()))
    assert (record["base"], record["scenarios"][0]) == (told["base"], told["scenarios"][0])
    assert list(found.frame("comparison")["scenario"]) == ["base", "a", "b"]
    assert len(found.frame("coverage")) == sum(len(s["coverage"]) for s in record["scenarios"])


def test_reasons_say_why(month: Path) -> None:
    """Who loses a cadre because the cadre is gone, who because the line fell, who has another for which reason."""
    gone = whatif(month, "--remove-unit", "林业局", "--set", "townships.rule=any", "--json").json()["scenarios"][0]
    left = [c for c in gone["changed"] if int(c["from"][1:]) % 2 == 0]
    assert left
    assert {gone["reasons"][c["household_id"]] for c in left} == {"left_post"}
    moved = whatif(month, "--cadre", "C00:townships=东坑镇", "--json").json()["scenarios"][0]
    assert {moved["reasons"][c["household_id"]] for c in moved["changed"] if c["from"] == "C00"} <= {"moved"}
    assert set(moved["no_longer_served"]) | {c["household_id"] for c in moved["changed"] if c["from"] == "C00"}
    lower = whatif(month, "--set", f"{LINE}=1200", "--json").json()["scenarios"][0]
    run = match(read_month(month))
    decided = dict(zip(run.decisions["household_id"], run.decisions["income"], strict=True))
    assert lower["no_longer_served"]
    for h in lower["no_longer_served"]:
        assert (lower["reasons"][h] == "above_threshold") == (float(decided[h]) > 1200)


def test_text_in_both_languages(month: Path) -> None:
    """A clerk reads the figures, who gains and loses, and that nothing is in force; no id is needed for that."""
    english, chinese = (whatif(month, "--set", f"{LINE}=3000", lang=lang).out for lang in ("en", "zh"))
    assert "Nothing is in force" in english
    assert "没有生效" in chinese
    assert "新结对" in chinese
    assert "{" not in english + chinese


def test_no_change_is_told_as_none(month: Path) -> None:
    """The same threshold once more changes nothing, and says so."""
    said = whatif(month, "--set", f"{LINE}=2500")
    assert "nothing changes" in said.out
    record = whatif(month, "--set", f"{LINE}=2500", "--json").json()
    assert record["scenarios"][0]["objectives"] == record["base"]["objectives"]
    assert record["scenarios"][0]["changed"] == []


def test_nothing_is_written(month: Path) -> None:
    """Without --out neither the month nor its surroundings change."""
    before = tree(month.parent)
    assert whatif(month, "--set", f"{LINE}=3000", "--sweep", "capacity.default=1:3:1").code == 0
    assert tree(month.parent) == before


# --- what is meant


@pytest.mark.parametrize(
    ("words", "row"),
    [
        (["--set", "capacity.default=5"], {"capacity": "5", "takes_part": "yes"}),
        (["--set", "capacity.by_rank={\"科员\" = 2}"], {"capacity": "2"}),
        (["--set", "cadres.exclude_ranks=科员"], {"takes_part": "no", "why_not": "excluded_rank"}),
        (["--set", "cadres.exclude_ranks=[科员, 副科级]", "--cadre", "C00:rank=局长"], {"takes_part": "no"}),
        (["--set", "cadres.exclude_kinds=[\"县直\"]", "--unit", "农业局:kind=乡镇"], {"takes_part": "yes"}),
        (["--cadre", "C01:上限=1"], {"capacity": "1"}),
        (["--cadre", "Ｃ０１：capacity＝1"], {"capacity": "1"}),
    ],
)
def test_words_are_understood(month: Path, tmp_path: Path, words: list[str], row: dict[str, str]) -> None:
    """Bare words are texts and lists where the key wants them; columns may be Chinese, signs full-width."""
    assert whatif(month, *words, "--out", tmp_path / "out", "--no-workbook").code == 0
    (run,) = [p for p in (tmp_path / "out").iterdir() if p.is_dir()]
    found = next(r for r in csv_rows(run / "cadres.csv") if r["cadre_id"] == "C01")
    assert {k: found[k] for k in row} == row


def test_an_empty_value_is_the_default(month: Path) -> None:
    """`KEY=` takes the key out of the policy, so that its default holds; a required key cannot be taken out."""
    ranks = whatif(month, "--set", "capacity.by_rank.副科级=", "--json").json()
    default = whatif(month, "--set", "capacity.by_rank.副科级=3", "--json").json()
    assert ranks["scenarios"][0]["objectives"] == default["scenarios"][0]["objectives"]
    assert ranks["base"] != {k: ranks["scenarios"][0][k] for k in ("objectives", "counts")}
    assert whatif(month, "--set", f"{LINE}=").code == 3


def test_the_month_is_completed_again(tmp_path: Path) -> None:
    """Name, month and seed come from the folder where the policy does not say them, as in a run of the changed policy."""
    folder = write_month(tmp_path / "2008-09", {}, households=households(3))
    text = (folder / "policy.toml").read_text("utf-8").replace('"month" = "2008-07"', "").replace('"name" = "试"', "")
    (folder / "policy.toml").write_text(text, "utf-8")
    assert whatif(folder, "--set", "programme.month=2008-10", "--out", tmp_path / "out").code == 0
    (run,) = [p for p in (tmp_path / "out").iterdir() if p.is_dir()]
    told = json.loads((run / "summary.json").read_text("utf-8"))
    assert (told["month"], told["seed"], told["programme"]) == ("2008-10", "2008-10", "2008-09")


def test_close_township(month: Path) -> None:
    """Nobody of a closed township is paired, whatever key the policy had for its quota; its households stay eligible."""
    told = whatif(month, "--close-township", "鹤溪镇", "--json").json()["scenarios"][0]
    rows = [c for c in told["coverage"] if c["township"] == "鹤溪镇"]
    assert sum(c["served"] for c in rows) == 0
    assert sum(c["eligible"] for c in rows) == sum(c["base_eligible"] for c in rows) > 0


def test_quota_of_a_township_has_one_key(tmp_path: Path) -> None:
    """A quota that the policy writes with its county is replaced, not doubled, by one written without."""
    policy = {"townships": {"capacity": {"甲县/鹤溪镇": 1}}}
    month = write_month(tmp_path / "m", policy, households=households(4, county="甲县"), cadres=[cadre(capacity="9")])
    for words, served in ((["--set", "townships.capacity.鹤溪镇=3"], 3), (["--close-township", "鹤溪镇"], 0),
                          (["--set", "townships.capacity.鹤溪镇="], 4), (["--set", "townships.capacity.甲县/鹤溪镇=2"], 2)):
        assert whatif(month, *words, "--json").json()["scenarios"][0]["counts"]["pairs"] == served


def test_require_avoid_release(tmp_path: Path) -> None:
    """A required pair stands, an avoided one does not, a pinned or required one can be let go."""
    people = [cadre(cadre_id="C1", capacity="1"), cadre(cadre_id="C2", capacity="1")]
    month = write_month(
        tmp_path / "m", {}, households=households(2), cadres=people, require=[{"household_id": "H1", "cadre_id": "C1"}],
        roster=[{"household_id": "H2", "cadre_id": "C2", "since": "2007-01", "pinned": "是"}],
    )
    told = whatif(month, "--release", "H1=C1", "--release", "H2=C2", "--require", "H1=C2", "--json").json()["scenarios"][0]
    assert told["changed"] == [{"household_id": "H1", "from": "C1", "to": "C2"}, {"household_id": "H2", "from": "C2", "to": "C1"}]
    assert told["reasons"]["H1"] == "required"
    assert whatif(month, "--avoid", "H1=C1").code == 4
    assert whatif(month, "--avoid", "H1=C1", "--release", "H1=C1").code == 0
    assert whatif(month, "--release", "H1=C2").code == 3


# --- what is refused


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "Say what"),
        (["--set", "income"], 2, "KEY=VALUE"),
        (["--require", "H01"], 2, "HOUSEHOLD=CADRE"),
        (["--require", "H01="], 2, "HOUSEHOLD=CADRE"),
        (["--cadre", "C01=5"], 2, "ID:COLUMN=VALUE"),
        (["--cadre", "C01:capacty=5"], 2, "Did you mean capacity"),
        (["--add", "cadre=x.csv"], 2, "There is no table"),
        (["--remove-cadre", " "], 2, "wants a name"),
        (["--household", "H01:id_number=1"], 2, "a file"),
        (["--sweep", f"{LINE}=1:2"], 2, "FROM:TO:STEP"),
        (["--sweep", f"{LINE}=3:2:1"], 2, "FROM:TO:STEP"),
        (["--sweep", f"{LINE}=1:2:0"], 2, "FROM:TO:STEP"),
        (["--sweep", f"{LINE}=1:nan:1"], 2, "FROM:TO:STEP"),
        (["--sweep", f"{LINE}=0:9999:1"], 2, "more than 1000"),
        (["--sweep", f"{LINE}=1:2:1", "--sweep", f"{LINE}=1:3:1"], 2, "two of different keys"),
        (["--sweep", "objectives.balance=1:2:1"], 3, "wants no number"),
        (["--sweep", "eligibility.threshold_inclusive=0:1:1"], 3, "wants no number"),
        (["--scenario", "nowhere.toml"], 2, "There is no scenario file"),
        (["--scenario", "nowhere.toml", "--name", "x"], 2, "neither with"),
        (["--set", "income_threshold=3000"], 3, f"Did you mean {LINE}"),
        (["--set", "eligibility.income_treshold=3000"], 3, f"Did you mean {LINE}"),
        (["--set", f"{LINE}=viel"], 3, LINE),
        (["--set", f"{LINE}=nan"], 3, LINE),
        (["--set", f"{LINE}=-1"], 3, LINE),
        (["--set", "capacity.by_rank.副科=3"], 3, "Did you mean 副科级"),
        (["--set", "townships.capacity.鹤溪=3"], 3, "Did you mean 鹤溪镇"),
        (["--remove-cadre", "C99"], 3, "There is no cadre C99"),
        (["--remove-unit", "林业"], 3, "Did you mean 林业局"),
        (["--close-township", "鹤溪"], 3, "Did you mean 鹤溪镇"),
        (["--require", "H99=C01"], 3, "There is no household H99"),
        (["--avoid", "H01=C99"], 3, "There is no cadre C99"),
        (["--household", "H99:income=1"], 3, "There is no household H99"),
        (["--add", "cadres=nowhere.csv"], 3, "There is no file "),
        (["--add", f"cadres={__file__}"], 3, "no file with a table"),
        (["--cadre", "C01:capacity=viele"], 3, "viele"),
        (["--require", "H01=C01", "--avoid", "H01=C01"], 4, "cannot be both"),
        (["--require", "H01=C01", "--remove-cadre", "C01"], 4, "is removed"),
        (["--require", "H01=C01", "--remove-unit", "农业局"], 4, "is removed"),
        (["--cadre", "C01:capacity=5", "--remove-cadre", "C01"], 4, "is removed"),
        (["--set", f"{LINE}=1", "--set", f"{LINE}=2"], 4, "two values"),
        (["--cadre", "C01:capacity=5", "--cadre", "C01:上限=6"], 4, "two values"),
        (["--close-township", "鹤溪镇", "--set", "townships.capacity.鹤溪镇=3"], 4, "is closed"),
        (["--close-township", "鹤溪镇", "--require", "H00=C00"], 4, "is closed"),
        (["--require", "H01=C00"], 4, "may not be paired"),
    ],
)
def test_refusals(month: Path, words: list[str], code: int, said: str) -> None:
    """What cannot be meant is refused with its exit code, what was meant and no traceback; nothing is printed as an answer."""
    found = whatif(month, *words)
    assert (found.code, found.out) == (code, "")
    assert said in found.err


def test_all_of_a_units_cadres(month: Path) -> None:
    """A removed unit takes its cadres and its row with it; nobody left is no month."""
    told = whatif(month, "--remove-unit", "林业局", "--json").json()
    base, found = told["base"]["counts"], told["scenarios"][0]["counts"]
    assert (base["cadre_rows"], found["cadre_rows"]) == (9, 4)
    assert whatif(month, "--remove-unit", "林业局", "--remove-unit", "农业局").code == 3


def test_units_of_one_name(tmp_path: Path) -> None:
    """Where several counties have a unit or a township of one name, the county must be said."""
    homes = [household(household_id=f"H{k}", county=c) for k, c in enumerate(("甲县", "乙县"))]
    people = [cadre(cadre_id=f"C{k}", county=c) for k, c in enumerate(("甲县", "乙县"))]
    month = write_month(tmp_path / "m", {}, households=homes, cadres=people)
    assert "Several counties" in whatif(month, "--remove-unit", "农业局").err
    assert "Several counties" in whatif(month, "--close-township", "鹤溪镇").err
    assert whatif(month, "--remove-unit", "甲县/农业局", "--json").json()["scenarios"][0]["no_longer_served"] == ["H0"]
    assert whatif(month, "--close-township", "乙县/鹤溪镇", "--json").json()["scenarios"][0]["no_longer_served"] == ["H1"]


def test_no_id_number_is_told(tmp_path: Path) -> None:
    """Whatever a change says, no ID number is shown in a refusal."""
    month = write_month(tmp_path / "m", {}, households=[household(id_number=CANARY)])
    for words in (["--remove-cadre", CANARY], ["--household", f"H1:waiting={CANARY}"], ["--set", f"{LINE}={CANARY}x"],
                  ["--remove-unit", CANARY], ["--require", CANARY], ["--set", f"{CANARY}=1"]):
        said = whatif(month, *words)
        assert said.code != 0
        assert CANARY not in said.both


# --- scenario files


def test_scenario_file(month: Path, tmp_path: Path) -> None:
    """Named scenarios, each of its own changes; what the command line says comes to each."""
    (tmp_path / "more.csv").write_text(csv_text([cadre(cadre_id="X1", unit="农业局", capacity="4")]), "utf-8")
    (tmp_path / "s.toml").write_text(
        '[[scenario]]\nname = "线提到3000元"\nset."eligibility.income_threshold" = 3000\n'
        '[[scenario]]\nname = "林业局退出"\nremove_units = ["林业局"]\nclose_townships = ["东坑镇"]\n'
        '[[scenario]]\nname = "增派"\nadd = { cadres = "more.csv" }\ncadres.C01.capacity = 5\navoid = ["H01=C01"]\n'
        '[scenario.set.capacity.by_rank]\n"副科级" = 6\n', "utf-8")
    told = whatif(month, "--scenario", tmp_path / "s.toml", "--json").json()["scenarios"]
    assert [s["name"] for s in told] == ["线提到3000元", "林业局退出", "增派"]
    alone = [
        whatif(month, *words, "--json").json()["scenarios"][0] for words in (
            ["--set", f"{LINE}=3000"], ["--remove-unit", "林业局", "--close-township", "东坑镇"],
            ["--add", f"cadres={tmp_path / 'more.csv'}", "--cadre", "C01:capacity=5", "--avoid", "H01=C01",
             "--set", "capacity.by_rank.副科级=6"],
        )
    ]
    assert [{**s, "name": ""} for s in told] == [{**s, "name": ""} for s in alone]
    both = whatif(month, "--scenario", tmp_path / "s.toml", "--set", "capacity.default=1", "--json").json()["scenarios"]
    one = whatif(month, "--set", f"{LINE}=3000", "--set", "capacity.default=1", "--json").json()["scenarios"][0]
    assert {**both[0], "name": ""} == {**one, "name": ""}
    assert whatif(month, "--scenario", tmp_path / "s.toml", "--set", f"{LINE}=1").code == 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = ", "TOML"), ("", "[[scenario]]"), ("[[scenario]]\n", "name"), ("[[scenario]]\nname='a'\n[[scenario]]\nname='a'\n", "twice"),
        ("[[scenario]]\nname='a'\nremove_cadre=['C1']\n", "remove_cadres"), ("[[scenario]]\nname='a'\nremove_cadres='C1'\n", "list"),
        ("[[scenario]]\nname='a'\nset=3\n", "table"), ("[[scenario]]\nname='a'\nrequire=['C1']\n", "HOUSEHOLD=CADRE"),
        ("[scenario]\nname='a'\n", "[[scenario]]"), ("[[scenario]]\nname='a'\n[policy]\n", "[[scenario]]"),
        ("[[scenario]]\nname='a'\ncadres.C1=3\n", "table"), ("x = " + "[" * 5000, "TOML"),
    ],
)
def test_bad_scenario_files(month: Path, tmp_path: Path, text: str, said: str) -> None:
    """A file that cannot be used is refused with the key."""
    (tmp_path / "s.toml").write_text(text, "utf-8")
    found = whatif(month, "--scenario", tmp_path / "s.toml")
    assert found.code == 3
    assert said in found.err


def test_a_failing_scenario_is_named(month: Path, tmp_path: Path) -> None:
    """One scenario without a roster refuses the whole question and says which it is."""
    text = "[[scenario]]\nname = 'good'\nset.'capacity.default' = 1\n[[scenario]]\nname = 'bad'\nrequire = ['H01=C00']\n"
    (tmp_path / "s.toml").write_text(text, "utf-8")
    found = whatif(month, "--scenario", tmp_path / "s.toml", "--out", tmp_path / "out")
    assert (found.code, found.out) == (4, "")
    assert "Scenario bad" in found.err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["2008-07", "s.toml"]


@pytest.mark.parametrize("value", [True, 3, "a\"b\\c\n鹤", [1, "x"], {"k 1": [1]}, []])
def test_literals_are_toml(value: Any) -> None:
    """A value written in one line is the value again."""
    import tomllib

    assert tomllib.loads(f"v = {literal(value)}")["v"] == value
