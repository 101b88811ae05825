"""Section 4 of the contract: one decision for every household row, who takes part, which pairs are permitted."""

from __future__ import annotations

import io
import random
import tempfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.api import Month, match
from matcher.errors import JieduiError
from matcher.findings import Finding
from matcher.people.income import incomes, read_amounts
from matcher.policy import Policy
from matcher.tables.coded import coded
from matcher.tables.table import Part, RawTable

from .months import POLICY, Solved, accounted, cadre, csv_rows, examples, household, households, judged, write_month
from .oracle.model import with_check_digit

PERSON = with_check_digit("00000019681123037")
OTHER = with_check_digit("00000019700101001")
X_PERSON = next(n for n in (with_check_digit(f"00000019800101{k:03}") for k in range(100)) if n.endswith("X"))
OLD_PERSON = PERSON[:6] + PERSON[8:17]
WIDE = str.maketrans("0123456789Xx", "０１２３４５６７８９Ｘｘ")


def listed(**cells: object) -> dict[str, object]:
    """Return a welfare row without an ID number that fits the household of `household()`."""
    return {"name": "王大山", "id_number": "", "township": "鹤溪镇", "village": "东村", "category": "低保", **cells}


# --- the welfare list, by ID number


@pytest.mark.parametrize(
    ("told", "on_list"),
    [
        (PERSON, PERSON),
        (PERSON, PERSON.translate(WIDE)),
        (PERSON.translate(WIDE), PERSON),
        (PERSON, f"  {PERSON[:6]} {PERSON[6:14]}\u3000{PERSON[14:]}\t"),
        (PERSON, PERSON + "43"),
        (PERSON + "11", PERSON),
        (X_PERSON, X_PERSON.lower()),
        (X_PERSON.lower(), X_PERSON),
        (X_PERSON, X_PERSON.lower().translate(WIDE)),
        (X_PERSON, X_PERSON.lower() + "62"),
        (PERSON, OLD_PERSON),
        (OLD_PERSON, PERSON),
        (OLD_PERSON.translate(WIDE), PERSON + "51"),
    ],
)
@pytest.mark.parametrize("whose", ["head", "member"])
def test_on_welfare_list_by_id(tmp_path: Path, told: str, on_list: str, whose: str) -> None:
    """A head's or a member's ID number links, however both sides write it; name and place on the list do not matter."""
    row = household(id_number=told) if whose == "head" else household()
    members = [{"household_id": "H1", "name": "王小山", "id_number": told}] * (whose == "member")
    found = judged(tmp_path / "m", households=[row], members=members, welfare=[listed(id_number=on_list, name="他人", village="别村")])
    assert found.decisions == {"H1": "on_welfare_list"}
    assert PERSON not in found.evidence["H1"]
    assert X_PERSON not in found.evidence["H1"]
    assert "低保" in found.evidence["H1"]


def test_certificate_is_a_finding(tmp_path: Path) -> None:
    """A 20-digit disability certificate is used and told."""
    found = judged(tmp_path / "m", households=[household(id_number=PERSON + "43")])
    assert found.codes == ["disability_certificate"]


def test_evidence_names_rule_category_and_masked_id(tmp_path: Path) -> None:
    """The evidence cites the welfare row by category, name and masked ID, and no row number."""
    found = judged(tmp_path / "m", households=[household(id_number=PERSON)], welfare=[listed(id_number=PERSON, category="五保")])
    assert found.evidence["H1"].startswith(f"五保: 王大山, {PERSON[:6]}********{PERSON[-4:]} (")
    by_place = judged(tmp_path / "n", welfare=[listed()])
    assert by_place.evidence["H1"].startswith("低保: 王大山, - (")


def test_id_that_fits_counts_for_no_other(tmp_path: Path) -> None:
    """A row whose ID fits a household says nothing of the namesake in the place that it names."""
    rows = [household(), household(household_id="H2", head_name="赵六", village="西村", id_number=PERSON)]
    found = judged(tmp_path / "m", households=rows, welfare=[listed(id_number=PERSON)])
    assert found.decisions == {"H1": "eligible", "H2": "on_welfare_list"}


def test_id_of_a_member_of_two_households(tmp_path: Path) -> None:
    """A person who is a member of two households keeps both out."""
    members = [{"household_id": h, "name": "王小山", "id_number": PERSON} for h in ("H1", "H2")]
    found = judged(tmp_path / "m", households=households(3), members=members, welfare=[listed(id_number=PERSON)])
    assert found.decisions == {"H1": "on_welfare_list", "H2": "on_welfare_list", "H3": "eligible"}


@pytest.mark.parametrize("broken", ["12345", PERSON[:14], PERSON[:17], PERSON + "1", "三三一一二七"])
def test_what_is_no_id_links_to_nobody(tmp_path: Path, broken: str) -> None:
    """Two rows with the same unreadable ID number are not thereby the same person, nor duplicates."""
    rows = [household(id_number=broken), household(household_id="H2", head_name="赵六", id_number=broken)]
    found = judged(tmp_path / "m", households=rows, welfare=[listed(id_number=broken, name="外人", village="别村")])
    assert found.decisions == {"H1": "eligible", "H2": "eligible"}
    assert found.codes.count("id_malformed") == 3


def test_digits_of_another_script_are_no_failure(tmp_path: Path) -> None:
    """Digits that are neither ASCII nor full-width are no ID number, no income and no count; they stop nothing unexpectedly."""
    arabic = PERSON.replace("X", "0").translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    found = judged(tmp_path / "m", households=[household(id_number=arabic)])
    assert found.decisions == {"H1": "eligible"}
    assert found.codes == ["id_malformed"]


def test_wrong_check_digit_still_links(tmp_path: Path) -> None:
    """A wrong check digit is a finding; the text is kept and compared as given."""
    wrong = PERSON[:17] + ("0" if PERSON[17] != "0" else "1")
    found = judged(tmp_path / "m", households=[household(id_number=wrong)], welfare=[listed(id_number=wrong)])
    assert found.decisions == {"H1": "on_welfare_list"}
    assert found.codes == ["id_checksum", "id_checksum", "nobody_eligible"]


# --- the welfare list, by name and place


@pytest.mark.parametrize("name", ["王大山", "王 大 山", " 王大山\u3000"])
def test_on_welfare_list_by_name_and_place(tmp_path: Path, name: str) -> None:
    """Where the row has no ID, name, township and village of exactly one household link it."""
    found = judged(tmp_path / "m", welfare=[listed(name=name)])
    assert found.decisions == {"H1": "on_welfare_list"}


def test_dots_in_names_are_one(tmp_path: Path) -> None:
    """The dots of minority names compare alike."""
    found = judged(tmp_path / "m", households=[household(head_name="阿依·古丽")], welfare=[listed(name="阿依•古丽")])
    assert found.decisions == {"H1": "on_welfare_list"}


@pytest.mark.parametrize("blank", ["", "无", "/", "-", "—"])
def test_blank_id_is_no_id(tmp_path: Path, blank: str) -> None:
    """The words for nothing are no ID number."""
    found = judged(tmp_path / "m", welfare=[listed(id_number=blank)])
    assert found.decisions == {"H1": "on_welfare_list"}


@pytest.mark.parametrize("over", [{"village": "西村"}, {"township": "渤海镇"}, {"village": "西村", "township": "渤海镇"}])
def test_name_alone_is_a_finding_no_more(tmp_path: Path, over: Mapping[str, str]) -> None:
    """A name without its place decides nothing and is told."""
    found = judged(tmp_path / "m", welfare=[listed(**over)])
    assert found.decisions == {"H1": "eligible"}
    assert found.codes == ["welfare_name_only"]


def test_name_alone_without_place(tmp_path: Path) -> None:
    """A row with a name and nothing else is name alone."""
    found = judged(tmp_path / "m", welfare=[listed(township="", village="")])
    assert found.decisions == {"H1": "eligible"}
    assert found.codes == ["welfare_name_only"]


def test_stranger_is_no_finding(tmp_path: Path) -> None:
    """A welfare row of somebody whom no household knows is nothing to tell."""
    found = judged(tmp_path / "m", welfare=[listed(name="外人", id_number=PERSON)])
    assert found.decisions == {"H1": "eligible"}
    assert found.codes == []


def test_namesakes_are_held_back(tmp_path: Path) -> None:
    """Several households with the name there: all of them are held back."""
    rows = [household(), household(household_id="H2"), household(household_id="H3", village="西村")]
    found = judged(tmp_path / "m", households=rows, welfare=[listed()])
    assert found.decisions == {"H1": "review_welfare", "H2": "review_welfare", "H3": "eligible"}


def test_duplicates_are_no_namesakes(tmp_path: Path) -> None:
    """Duplicates do not count among those who have the name there."""
    rows = [household(id_number=PERSON), household(household_id="H2", id_number=PERSON)]
    found = judged(tmp_path / "m", households=rows, welfare=[listed()])
    assert found.decisions == {"H1": "on_welfare_list", "H2": "duplicate"}


def test_id_that_fits_nobody(tmp_path: Path) -> None:
    """Name and place agree, the row's ID fits nobody: held back; whether the household has an ID does not matter."""
    rows = [household(), household(household_id="H2", village="西村", id_number=PERSON)]
    lists = [listed(id_number=OTHER), listed(id_number=OTHER, village="西村")]
    found = judged(tmp_path / "m", households=rows, welfare=lists)
    assert found.decisions == {"H1": "review_welfare", "H2": "review_welfare"}


def test_malformed_id_is_not_no_id(tmp_path: Path) -> None:
    """A row with an ID number that cannot be read is not certain by name and place."""
    found = judged(tmp_path / "m", welfare=[listed(id_number="12345")])
    assert found.decisions == {"H1": "review_welfare"}


# --- categories, validity, rows alike


def test_other_category_is_held_back(tmp_path: Path) -> None:
    """A certain link of a category that the policy does not list is to be reviewed."""
    rows = [household(id_number=PERSON), household(household_id="H2", head_name="赵六")]
    lists = [listed(id_number=PERSON, category="特困补助"), listed(name="赵六", category="残疾补贴")]
    found = judged(tmp_path / "m", households=rows, welfare=lists)
    assert found.decisions == {"H1": "review_welfare", "H2": "review_welfare"}


def test_policy_says_which_categories(tmp_path: Path) -> None:
    """The categories are the policy's; several in a cell are understood, and the vocabulary's words."""
    rows = households(4)
    lists = [
        listed(name="户主1", category="特困"),
        listed(name="户主2", category="低保"),
        listed(name="户主3", category="低保、特困"),
        listed(name="户主4", category="特困人员供养"),
    ]
    policy = {"eligibility": {"welfare_categories": ["特困"]}, "vocabulary": {"特困": ["特困人员供养"]}}
    found = judged(tmp_path / "m", policy, households=rows, welfare=lists)
    assert found.decisions == {"H1": "on_welfare_list", "H2": "review_welfare", "H3": "on_welfare_list", "H4": "on_welfare_list"}


def test_category_in_the_policy_may_be_a_synonym(tmp_path: Path) -> None:
    """A category that the policy lists stays listed if the vocabulary knows it as a word for another."""
    policy = {"eligibility": {"welfare_categories": ["最低生活保障"]}, "vocabulary": {"低保": ["最低生活保障"]}}
    found = judged(tmp_path / "m", policy, welfare=[listed(category="最低生活保障")])
    assert found.decisions == {"H1": "on_welfare_list"}


@pytest.mark.parametrize(
    ("start", "end", "decision"),
    [
        ("2008-07", "", "on_welfare_list"),
        ("2008-08", "", "eligible"),
        ("", "2008-07", "on_welfare_list"),
        ("", "2008-06", "eligible"),
        ("2008-07", "2008-07", "on_welfare_list"),
        ("2008.7", "2008年7月", "on_welfare_list"),
        ("200808", "", "eligible"),
        ("2007/12", "2009/1", "on_welfare_list"),
        ("2008-07-31", "2008-07-01", "on_welfare_list"),
        ("2009-01", "2007-01", "eligible"),
        ("", "", "on_welfare_list"),
        ("无", "—", "on_welfare_list"),
    ],
)
def test_validity_with_both_ends(tmp_path: Path, start: str, end: str, decision: str) -> None:
    """A row is valid if its months, both ends included, hold the month."""
    found = judged(tmp_path / "m", welfare=[listed(valid_from=start, valid_to=end)])
    assert found.decisions == {"H1": decision}


@pytest.mark.parametrize("end", ["长期", "2008-13", "有效"])
def test_unreadable_months_never_let_pair(tmp_path: Path, end: str) -> None:
    """Months that cannot be read leave the row uncertain: the household is held back."""
    found = judged(tmp_path / "m", welfare=[listed(valid_to=end)])
    assert found.decisions == {"H1": "review_welfare"}
    assert found.codes == ["month_unreadable", "nobody_eligible"]


def workbook(rows: list[list[object]], sheet: str = "Sheet1") -> bytes:
    """Return an xlsx workbook with one sheet."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_number_cell_of_october_is_not_january(tmp_path: Path) -> None:
    """Excel keeps 2008.10 in a number cell as 2008.1: an end in such a cell may be January or October, and nobody is paired on it."""
    folder = write_month(tmp_path / "m")
    rows = [["name", "township", "village", "category", "valid_to"], ["王大山", "鹤溪镇", "东村", "低保", 2008.10]]
    (folder / "welfare.xlsx").write_bytes(workbook(rows))
    assert Solved(folder).pairs == []


def test_rows_alike_are_one(tmp_path: Path) -> None:
    """Rows alike but for category or validity are one: an expired row and another category do not take the listed one back."""
    lists = [listed(category="残疾补贴"), listed(), listed(valid_to="2007-01"), listed(category="五保", valid_from="2009-01")]
    found = judged(tmp_path / "m", welfare=lists)
    assert found.decisions == {"H1": "on_welfare_list"}
    assert "低保" in found.evidence["H1"]
    assert judged(tmp_path / "n", welfare=lists[::-1]).evidence == found.evidence


def test_only_expired_rows_alike(tmp_path: Path) -> None:
    """Where the listed row has expired, only the other category is left: to be reviewed."""
    found = judged(tmp_path / "m", welfare=[listed(valid_to="2007-01"), listed(category="残疾补贴")])
    assert found.decisions == {"H1": "review_welfare"}


@pytest.mark.parametrize(
    ("rule", "decision", "codes"),
    [("review", "review_welfare", ["nobody_eligible"]), ("exclude", "on_welfare_list", ["nobody_eligible"]),
     ("match", "eligible", ["welfare_uncertain_matched"])],
)
def test_uncertain_welfare(tmp_path: Path, rule: str, decision: str, codes: list[str]) -> None:
    """What may mean the household is held back, excluded as listed, or paired with a finding, as the policy says."""
    found = judged(tmp_path / "m", {"eligibility": {"uncertain_welfare": rule}}, welfare=[listed(id_number=OTHER)])
    assert found.decisions == {"H1": decision}
    assert found.codes == codes


@pytest.mark.parametrize("rule", ["review", "exclude", "match"])
def test_certain_is_certain_under_every_rule(tmp_path: Path, rule: str) -> None:
    """A certain link is not subject to `uncertain_welfare`, and a certain one beats an uncertain one."""
    lists = [listed(id_number=OTHER), listed()]
    found = judged(tmp_path / "m", {"eligibility": {"uncertain_welfare": rule}}, welfare=lists)
    assert found.decisions == {"H1": "on_welfare_list"}


# --- duplicates


def test_smallest_id_is_judged(tmp_path: Path) -> None:
    """Of several rows with one ID number the smallest household_id by code point is judged, whatever the order and the spelling."""
    rows = [household(household_id=k, id_number=n) for k, n in (("b", PERSON), ("H9", OLD_PERSON), ("H10", PERSON + "41"), ("a", ""))]
    found = judged(tmp_path / "m", households=rows)
    assert found.decisions == {"H10": "eligible", "H9": "duplicate", "b": "duplicate", "a": "eligible"}
    assert "H10" in found.evidence["H9"]


def test_evidence_cites_long_household_ids(tmp_path: Path) -> None:
    """A household_id of 18 digits is an id, not an ID number: the evidence of its duplicate names it whole, as the row itself does."""
    ids = ("331127001001000012", "331127002001000012")
    found = judged(tmp_path / "m", households=[household(household_id=k, id_number=PERSON) for k in ids])
    assert ids[0] in found.evidence[ids[1]]
    assert PERSON not in found.evidence[ids[1]]


def test_members_of_a_duplicate_count_for_the_judged(tmp_path: Path) -> None:
    """A member told of the duplicate keeps the judged household out."""
    rows = [household(id_number=PERSON), household(household_id="H2", id_number=PERSON)]
    members = [{"household_id": "H2", "name": "王小山", "id_number": OTHER}]
    found = judged(tmp_path / "m", households=rows, members=members, welfare=[listed(id_number=OTHER, name="王小山")])
    assert found.decisions == {"H1": "on_welfare_list", "H2": "duplicate"}


def test_avoid_of_a_duplicate_counts_for_the_judged(tmp_path: Path) -> None:
    """A pair to avoid told of the duplicate forbids the pair of the judged household."""
    rows = [household(id_number=PERSON), household(household_id="H2", id_number=PERSON)]
    found = judged(tmp_path / "m", households=rows, avoid=[{"household_id": "H2", "cadre_id": "C1"}])
    assert found.permitted == set()


def test_other_rows_of_a_duplicate_end_with_a_finding(tmp_path: Path) -> None:
    """Last month's pair and a score that name a duplicate end with a finding and count for nobody."""
    rows = [household(id_number=PERSON), household(household_id="H2", id_number=PERSON)]
    folder = write_month(
        tmp_path / "m",
        {"objectives": {"order": ["coverage", "continuity", "affinity"]}},
        households=rows,
        roster=[{"household_id": "H2", "cadre_id": "C1"}],
        affinity=[{"household_id": "H2", "cadre_id": "C1", "score": 5}],
    )
    outcome = Solved(folder)
    assert outcome.objectives == {"coverage": [1, 0], "continuity": 0, "affinity": 0}
    assert outcome.codes == ["names_duplicate", "names_duplicate"]
    assert [(c["household_id"], c["from_cadre"], c["kind"]) for c in outcome.changes] == [("H1", "", "new"), ("H2", "C1", "ended")]


# --- incomes


@pytest.mark.parametrize(
    "said", ["2499.5", "2,499.5", "２３００", "2300元", "２，３００．５元", "2500", "0", "2500.0", "１,０００元", " 2300 "]
)
def test_incomes_accepted(tmp_path: Path, said: str) -> None:
    """Every form that the contract lists is an amount."""
    assert judged(tmp_path / "m", households=[household(income=said), *households(3)[1:]]).decisions["H1"] == "eligible"


@pytest.mark.parametrize(
    "said",
    [
        "约2300",
        "2300左右",
        "-100",
        "－100",
        "inf",
        "nan",
        "NaN",
        "1e3",
        "1e400",
        "12_2.5",
        "2,49",
        "2 300",
        "1/2",
        "2300元元",
        "#DIV/0!",
        "#N/A",
        "不详",
        "True",
        "0x10",
        "2300.5.1",
        "三千",
        "+100",
        "∞",
        "١٠٠٠",
    ],
)
def test_incomes_held_back(tmp_path: Path, said: str) -> None:
    """What is no amount holds back its household and not the month, with a finding that cites the cell."""
    found = judged(tmp_path / "m", households=[household(income=said), *households(3)[1:]])
    assert found.decisions == {"H1": "review_income", "H2": "eligible", "H3": "eligible"}
    finding = next(f for f in found.findings if f["code"] == "income_unusable")
    assert (finding["table"], finding["row"], finding["column"]) == ("households", 2, "income")


@pytest.mark.parametrize("said", ["", "无", "/", "-", "—", " \u3000"])
@pytest.mark.parametrize("rule", ["review", "exclude"])
def test_missing_income(tmp_path: Path, said: str, rule: str) -> None:
    """A blank income, or a word for nothing, is missing; the policy's key says only which sheet lists it."""
    found = judged(tmp_path / "m", {"eligibility": {"missing_income": rule}}, households=[household(income=said)])
    assert found.decisions == {"H1": "missing_income"}


def test_incomes_of_number_cells(tmp_path: Path) -> None:
    """Number cells count with the digits that a spreadsheet shows; true, dates and errors are no amounts."""
    header = ["household_id", "head_name", "township", "village", "income"]
    cells: list[object] = [2500, 2499.5, 0.1 + 0.2, True, -1, 2500.01, None]
    rows = [[f"H{k}", f"户主{k}", "鹤溪镇", "东村", cell] for k, cell in enumerate(cells)]
    folder = write_month(tmp_path / "m", households=[])
    (folder / "households.xlsx").write_bytes(workbook([header, *rows]))
    outcome = Solved(folder)
    assert list(outcome.decisions.values()) == [
        "eligible",
        "eligible",
        "eligible",
        "review_income",
        "review_income",
        "above_threshold",
        "missing_income",
    ]


@pytest.mark.parametrize("error", ["#DIV/0!", "#VALUE!", "#REF!", "#N/A"])
def test_error_cell_is_to_be_reviewed(tmp_path: Path, error: str) -> None:
    """An error cell of a workbook is no blank: the income is to be reviewed, not missing."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["household_id", "head_name", "township", "village", "income"])
    page.append(["H1", "王大山", "鹤溪镇", "东村", None])
    page.append(["H2", "李四", "鹤溪镇", "东村", 1000])
    page["E2"].value = error
    assert page["E2"].data_type == "e"
    folder = write_month(tmp_path / "m", households=[])
    book.save(folder / "households.xlsx")
    outcome = Solved(folder)
    assert list(outcome.decisions.values()) == ["review_income", "eligible"]


def test_error_cell_is_not_the_default(tmp_path: Path) -> None:
    """An error cell where a count is wanted is unreadable, not blank."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["cadre_id", "name", "unit", "capacity"])
    page.append(["C1", "李明", "农业局", "#DIV/0!"])
    folder = write_month(tmp_path / "m", cadres=[])
    book.save(folder / "cadres.xlsx")
    with pytest.raises(JieduiError) as refused:
        Solved(folder)
    assert refused.value.exit_status == 3


def test_frames_hold_back_what_is_no_amount() -> None:
    """From Python: infinite and negative amounts are held back, NaN is blank."""
    import pandas as pd

    rows = households(6)
    frame = pd.DataFrame(rows)
    frame["income"] = [1000.0, float("inf"), float("-inf"), float("nan"), -0.5, 2500.0]
    month = Month.from_frames(policy=Policy.model_validate(POLICY), households=frame, cadres=pd.DataFrame([cadre()]))
    assert match(month).decisions["decision"].tolist() == [
        "eligible",
        "review_income",
        "review_income",
        "missing_income",
        "review_income",
        "eligible",
    ]


@pytest.mark.parametrize(
    ("said", "held"),
    [
        (["0.24", "0.2", "0.15"], True),
        (["124.9"] * 3, True),
        (["125"] * 3, False),
        (["50000"] * 3, False),
        (["50000.1"] * 3, True),
        (["2000", "0.2", "0.2"], True),
        (["2000", "2000", "0.2"], False),
        (["100", "150", "", "x"], False),
        (["100", "149", "", "x"], True),
    ],
)
def test_median_alarm(tmp_path: Path, said: list[str], held: bool) -> None:
    """Below a twentieth or above twenty times the threshold a file's median holds back every income; its ends do not."""
    rows = [household(household_id=f"H{k}", head_name=f"户主{k}", income=cell) for k, cell in enumerate(said)]
    found = judged(tmp_path / "m", households=rows)
    assert ("income_suspect" in found.codes) is held
    amounts = [d for d, cell in zip(found.decisions.values(), said, strict=True) if cell not in ("", "x")]
    assert set(amounts) == {"review_income"} if held else "review_income" not in amounts


def test_median_alarm_is_of_a_file_with_all_its_sheets() -> None:
    """A suspect file's amounts are held back in all its sheets, and what is no amount there, and other files' incomes, stay as they are."""
    said = [("a.xlsx › 1", ["0.2", "x", "2000"]), ("b.csv", ["2000", "0.2", "1999"]), ("a.xlsx › 2", ["0.2", "", "0.3"])]
    table = RawTable("households", tuple(Part(label, {"income": coded(cells)}, range(2, 5)) for label, cells in said))
    amounts = read_amounts(table, "元", [])
    for threshold in (Decimal(2500), Decimal(3), Decimal(2500)):
        findings: list[Finding] = []
        found = incomes(table, amounts, threshold, findings).tolist()
        low = ["suspect", "unusable", "suspect", "suspect", "missing", "suspect"]
        high = [Decimal("0.2"), "unusable", Decimal(2000), Decimal("0.2"), "missing", Decimal("0.3")]
        own = [Decimal(2000), Decimal("0.2"), Decimal(1999)]
        wanted = [*low[:3], *own, *low[3:]] if threshold > 3 else [*high[:3], *["suspect"] * 3, *high[3:]]
        assert found == wanted
        assert [f.sheet for f in findings] == (["a.xlsx"] if threshold > 3 else ["b.csv"])



def test_median_alarm_is_by_file(tmp_path: Path) -> None:
    """One township's file in 万元 is held back; the others go on."""
    folder = write_month(tmp_path / "m", households=[])
    for name, income in (("households-01", "0.2"), ("households-02", "2000")):
        rows = [household(household_id=f"{name}{k}", head_name=f"户主{k}", income=income) for k in range(2)]
        write_month(folder, households=[], **{name: rows})
    outcome = Solved(folder)
    assert {k[:13]: v for k, v in outcome.decisions.items()} == {"households-01": "review_income", "households-02": "eligible"}


@pytest.mark.parametrize(
    ("inclusive", "income", "decision"),
    [(True, "2500", "eligible"), (True, "2500.01", "above_threshold"), (False, "2500", "above_threshold"), (False, "2499.99", "eligible")],
)
def test_threshold(tmp_path: Path, inclusive: bool, income: str, decision: str) -> None:
    """The figure itself belongs or does not, as the policy says; cents are exact."""
    found = judged(tmp_path / "m", {"eligibility": {"threshold_inclusive": inclusive}}, households=[household(income=income)])
    assert found.decisions == {"H1": decision}


def test_threshold_is_exact(tmp_path: Path) -> None:
    """A threshold with a fraction is compared in decimals, not in floats."""
    rows = [household(household_id=k, head_name=k, income=k) for k in ("1100.29", "1100.30", "1100.31")]
    found = judged(tmp_path / "m", {"eligibility": {"income_threshold": 1100.30}}, households=rows)
    assert found.decisions == {"1100.29": "eligible", "1100.30": "eligible", "1100.31": "above_threshold"}


@pytest.mark.parametrize("header", ["人均纯收入（万元）", "2007年人均纯收入(万元)", "年人均 纯收入\n（万元）", "income（万元）"])
def test_wan_yuan_in_the_header(tmp_path: Path, header: str) -> None:
    """万元 in the header multiplies by ten thousand, exactly; 元 in a cell of such a column is not guessed."""
    folder = write_month(tmp_path / "m", households=[])
    rows = [{**household(household_id=k, head_name=k), header: v} for k, v in (("a", "0.25"), ("b", "0.2501"), ("c", "0.2元"))]
    for row in rows:
        row.pop("income")
    write_month(folder, households=rows)
    outcome = Solved(folder)
    assert list(outcome.decisions.values()) == ["eligible", "above_threshold", "review_income"]


def test_wan_yuan_in_the_policy(tmp_path: Path) -> None:
    """Where the header does not say, the policy does; where it does, the header holds."""
    policy = {"tables": {"income_unit": "万元"}}
    assert judged(tmp_path / "m", policy, households=[household(income="0.2")]).decisions == {"H1": "eligible"}
    row = household()
    row["人均纯收入（元）"] = row.pop("income")
    assert judged(tmp_path / "n", policy, households=[row]).decisions == {"H1": "eligible"}


def test_bands_hold_their_figure(tmp_path: Path) -> None:
    """A band includes its figure."""
    rows = [household(household_id=k, head_name=k, income=k) for k in ("1000", "1000.01", "1500", "1500.01")]
    found = judged(tmp_path / "m", {"priority": {"bands": [1000, 1500]}}, households=rows)
    assert found.objectives["coverage"] == [1, 2, 0]
    wide = judged(tmp_path / "n", {"priority": {"bands": [1000, 1500]}}, households=rows, cadres=[cadre(capacity=9)])
    assert wide.objectives["coverage"] == [1, 2, 1]


# --- the order of the decisions


ORDER = ["duplicate", "on_welfare_list", "missing_income", "above_threshold", "review_welfare", "eligible"]


@pytest.mark.parametrize("duplicate", [False, True])
@pytest.mark.parametrize("welfare", ["none", "sure", "unsure"])
@pytest.mark.parametrize(
    ("income", "alone"), [("", "missing_income"), ("x", "review_income"), ("9999", "above_threshold"), ("1", "eligible")]
)
def test_first_that_applies(tmp_path: Path, duplicate: bool, welfare: str, income: str, alone: str) -> None:
    """Of all that applies to a row the first of the contract's list decides."""
    row = household(household_id="H5", id_number=PERSON, income=income)
    rows = [row, *households(3, village="西村")]
    if duplicate:
        rows.append(household(household_id="H0", id_number=PERSON, village="南村", head_name="赵六"))
    lists = {"none": [], "sure": [listed(id_number=PERSON)], "unsure": [listed(id_number=OTHER)]}[welfare]
    found = judged(tmp_path / "m", households=rows, welfare=lists)
    expected = (
        "duplicate"
        if duplicate
        else "on_welfare_list"
        if welfare == "sure"
        else "review_welfare"
        if welfare == "unsure" and alone == "eligible"
        else alone
    )
    assert found.decisions["H5"] == expected


@pytest.mark.parametrize("rule", ["exclude", "match"])
def test_uncertain_does_not_overtake(tmp_path: Path, rule: str) -> None:
    """Under every rule an uncertain link comes after the incomes."""
    rows = [household(income="9999"), household(household_id="H2", income="", village="西村"), *households(5, village="南村")[2:]]
    lists = [listed(id_number=OTHER), listed(id_number=OTHER, village="西村")]
    found = judged(tmp_path / "m", {"eligibility": {"uncertain_welfare": rule}}, households=rows, welfare=lists)
    assert (found.decisions["H1"], found.decisions["H2"]) == ("above_threshold", "missing_income")


# --- who takes part


def test_why_not_in_its_order(tmp_path: Path) -> None:
    """The reasons why a cadre takes no part, the first that applies."""
    every = {"available": "否", "unit": "一中", "rank": "副科级", "tags": "借调;驻外", "capacity": 0}
    fine = {"available": "是", "unit": "农业局", "rank": "科员", "tags": "", "capacity": 1}
    keys = list(every)
    rows = [
        cadre(cadre_id=f"C{k}", **{key: (every if at >= k else fine)[key] for at, key in enumerate(keys)}) for k in range(len(keys) + 1)
    ]
    policy = {"cadres": {"exclude_kinds": ["学校"], "exclude_ranks": ["副科级"], "exclude_tags": ["借调"]}}
    found = judged(tmp_path / "m", policy, cadres=rows, units=[{"unit": "一中", "kind": "学校"}])
    assert found.why_not == {
        "C0": "unavailable",
        "C1": "excluded_kind",
        "C2": "excluded_rank",
        "C3": "excluded_tag",
        "C4": "capacity_0",
        "C5": "",
    }
    assert found.permitted == {("H1", "C5")}


@pytest.mark.parametrize(
    ("said", "takes"),
    [(w, True) for w in ("是", "yes", "TRUE", "1", "√", "", "无", "１", "Yes")] + [(w, False) for w in ("否", "no", "False", "0", "×")],
)
def test_available(tmp_path: Path, said: str, takes: bool) -> None:
    """Every word for yes and no; blank is yes."""
    assert judged(tmp_path / "m", cadres=[cadre(available=said)]).why_not == {"C1": "" if takes else "unavailable"}


def test_capacity_and_duty_by_column_rank_default(tmp_path: Path) -> None:
    """The cadre's own column, else the rank's figure, else the default; a duty above the capacity counts as the capacity."""
    rows = [
        cadre(cadre_id="C1", rank="正处级", capacity="5", duty="1"),
        cadre(cadre_id="C2", rank="正处级"),
        cadre(cadre_id="C3", rank="科员"),
        cadre(cadre_id="C4", rank="", capacity="1", duty="9"),
        cadre(cadre_id="C5", capacity="0"),
        cadre(cadre_id="C6", rank=" 正处级 ", capacity="无"),
    ]
    policy = {"capacity": {"default": 4, "by_rank": {"正处级": 8}}, "duty": {"default": 2, "by_rank": {"正处级": 7}}}
    found = judged(tmp_path / "m", policy, cadres=rows)
    assert [(row["capacity"], row["duty"]) for row in found.cadres.values()] == [
        (5, 1),
        (8, 7),
        (4, 2),
        (1, 1),
        (0, 0),
        (8, 7),
    ]
    default = judged(tmp_path / "n")
    assert [(row["capacity"], row["duty"]) for row in default.cadres.values()] == [(3, 0)]


def test_unit_and_township_of_capacity_0(tmp_path: Path) -> None:
    """A unit or township of capacity 0 leaves its pairs permitted, without places."""
    for name, policy, units in (("u", {}, [{"unit": "农业局", "capacity": "0"}]), ("t", {"townships": {"capacity": {"鹤溪镇": 0}}}, [])):
        folder = write_month(tmp_path / name, policy, units=units)
        outcome = Solved(folder)
        assert outcome.why_not == {"C1": ""}
        assert len(outcome.permitted) == 1
        assert (outcome.pairs, outcome.counts["unmatched"]) == ([], 1)


# --- places


VILLAGES = [household(household_id=f"{t}{v}", head_name=f"{t}{v}", township=t, village=v) for t in "甲乙" for v in "12"]
UNITS = [{"unit": "农业局", "villages": "甲/1；乙/2"}, {"unit": "水利局", "villages": ""}]


@pytest.mark.parametrize(
    ("rule", "cells", "served"),
    [
        ("listed", {"townships": "甲"}, {"甲1", "甲2"}),
        ("listed", {"townships": "甲/2"}, {"甲2"}),
        ("listed", {"townships": "甲、乙/1"}, {"甲1", "甲2", "乙1"}),
        ("listed", {"townships": "甲/2，甲"}, {"甲1", "甲2"}),
        ("listed", {"townships": "丙"}, set()),
        ("listed", {"townships": ""}, None),
        ("listed", {"townships": "无"}, None),
        ("units", {"townships": "丙"}, {"甲1", "甲2", "乙1", "乙2"}),
        ("units", {"unit": "水利局"}, None),
        ("units", {"unit": "无此单位"}, None),
        ("villages", {}, {"甲1", "乙2"}),
        ("villages", {"unit": "水利局", "townships": "甲"}, None),
        ("any", {"townships": "甲"}, {"甲1", "甲2", "乙1", "乙2"}),
    ],
)
@pytest.mark.parametrize("empty_means", ["any", "none"])
@pytest.mark.parametrize("leader", [False, True])
def test_township_rules(
    tmp_path: Path, rule: str, cells: Mapping[str, str], served: set[str] | None, empty_means: str, leader: bool
) -> None:
    """Whom a cadre may serve under each rule; None: nothing listed, so `empty_means` decides; leaders serve the whole county."""
    policy = {"townships": {"rule": rule, "empty_means": empty_means, "any_ranks": ["县领导"]}}
    row = cadre(**{**cells, "rank": "县领导" if leader else "科员"})
    found = judged(tmp_path / "m", policy, households=VILLAGES, cadres=[row], units=UNITS)
    everybody = {str(v["household_id"]) for v in VILLAGES}
    expected = everybody if leader or (served is None and empty_means == "any") else (served or set())
    assert {h for h, _ in found.permitted} == expected


def test_unknown_place_is_a_finding(tmp_path: Path) -> None:
    """A township or village that no household has is told, in the cadres', the units' and the policy's."""
    found = judged(
        tmp_path / "m",
        {"townships": {"capacity": {"丙": 1}}},
        households=VILLAGES,
        cadres=[cadre(townships="甲;丙;甲/9")],
        units=[{"unit": "农业局", "villages": "乙/8"}],
    )
    assert found.codes == ["nobody_may_serve", *["unknown_place"] * 4]


# --- avoid, require, pins


def test_avoid_forbids_one_pair(tmp_path: Path) -> None:
    """A pair to avoid is not permitted, all others are."""
    found = judged(
        tmp_path / "m",
        households=households(2),
        cadres=[cadre(), cadre(cadre_id="C2")],
        avoid=[{"household_id": "H1", "cadre_id": "C2", "reason": "亲属"}],
    )
    assert found.permitted == {("H1", "C1"), ("H2", "C1"), ("H2", "C2")}


def test_pinned_pair_that_is_not_permitted_ends(tmp_path: Path) -> None:
    """A pinned pair stands while it is permitted; where it no longer is, it ends with a reason and a finding."""
    rows = [*households(2), household(household_id="H3", head_name="赵六", income="9999")]
    roster = [{"household_id": f"H{k}", "cadre_id": c, "pinned": "是"} for k, c in ((1, "C2"), (2, "C1"), (3, "C1"))]
    folder = write_month(tmp_path / "m", households=rows, cadres=[cadre(capacity=1), cadre(cadre_id="C2", available="否")], roster=roster)
    outcome = Solved(folder)
    assert outcome.pairs == [("H2", "C1")]
    assert outcome.codes == ["pin_not_permitted", "pin_not_permitted"]
    assert {(c["household_id"], c["kind"], c["reason"]) for c in outcome.changes} == {
        ("H1", "ended", "left_post"),
        ("H3", "ended", "income_rose"),
    }


def test_roster_rows_of_people_who_left_end(tmp_path: Path) -> None:
    """A row of last month's roster that names someone absent ends with a reason and a finding; in avoid and affinity a finding."""
    gone = [{"household_id": "H1", "cadre_id": "C9"}, {"household_id": "H9", "cadre_id": "C1"}]
    folder = write_month(tmp_path / "m", roster=gone, avoid=gone, affinity=[r | {"score": 3} for r in gone])
    outcome = Solved(folder)
    assert outcome.codes == ["absent"] * 6
    assert all(c["reason"] for c in outcome.changes)
    assert {(c["household_id"], c["from_cadre"]) for c in outcome.changes} == {("H1", "C9"), ("H9", "C1")}
    outcome.run.write(tmp_path / "run", workbook=False)
    told = accounted(tmp_path / "run")
    assert {n: told[n] for n in ("roster", "avoid", "affinity")} == {
        "roster": {"read": 2, "judged": 2, "refused": 0},
        "avoid": {"read": 2, "judged": 0, "refused": 2},
        "affinity": {"read": 2, "judged": 0, "refused": 2},
    }


@pytest.mark.parametrize("table", ["roster", "avoid", "require", "affinity", "members"])
def test_rows_given_twice_alike_are_one(tmp_path: Path, table: str) -> None:
    """A row given twice alike counts once, with a finding."""
    row = {"household_id": "H1", "cadre_id": "C1", "score": 2, "name": "王小山", "id_number": PERSON, "pinned": "是", "since": "2007-05"}
    columns = {"roster": ["cadre_id", "pinned", "since"], "affinity": ["cadre_id", "score"], "members": ["name", "id_number"]}
    kept = {k: row[k] for k in ("household_id", *columns.get(table, ["cadre_id"]))}
    found = judged(tmp_path / "m", **{table: [kept, kept]})
    assert found.codes == ["repeated_row"]


# --- several counties


def county_month(folder: Path, cadres: list[dict[str, object]], **more: Any) -> Any:
    """Return the judgement of a month of two counties with a township of the same name."""
    rows = [
        household(household_id=f"{c}{t}", head_name=f"{c}{t}", county=c, township=t) for c in ("东县", "西县") for t in ("一镇", "二镇")
    ]
    return judged(folder, more.pop("policy", None), households=rows, cadres=cadres, **more)


@pytest.mark.parametrize(
    ("cells", "served"),
    [
        ({"county": "东县"}, {"东县一镇", "东县二镇"}),
        ({"county": "东县", "townships": "一镇"}, {"东县一镇"}),
        ({"county": "东县", "townships": "西县/一镇"}, {"西县一镇"}),
        ({"county": "东县", "townships": "一镇;西县/二镇/东村"}, {"东县一镇", "西县二镇"}),
        ({"county": "", "townships": "西县/一镇;东县/二镇"}, {"西县一镇", "东县二镇"}),
        ({"county": "", "townships": "一镇"}, set()),
        ({"county": ""}, {"东县一镇", "东县二镇", "西县一镇", "西县二镇"}),
        ({"county": "南县"}, set()),
    ],
)
def test_counties(tmp_path: Path, cells: Mapping[str, str], served: set[str]) -> None:
    """A township is known by county and name; a cadre's are those of the own county unless written; without a county: all."""
    found = county_month(tmp_path / "m", [cadre(**cells)])
    assert {h for h, _ in found.permitted} == served


def test_units_by_county(tmp_path: Path) -> None:
    """A unit is known by county and name."""
    units = [
        {"unit": "农业局", "county": "东县", "kind": "学校", "villages": ""},
        {"unit": "农业局", "county": "西县", "villages": "一镇/东村"},
    ]
    people = [cadre(cadre_id="C1", county="东县"), cadre(cadre_id="C2", county="西县"), cadre(cadre_id="C3", county="")]
    policy = {"cadres": {"exclude_kinds": ["学校"]}, "townships": {"rule": "villages"}}
    found = county_month(tmp_path / "m", people, units=units, policy=policy)
    assert found.why_not == {"C1": "excluded_kind", "C2": "", "C3": ""}
    assert {p for p in found.permitted if p[1] == "C2"} == {("西县一镇", "C2")}


def test_quota_by_county(tmp_path: Path) -> None:
    """The policy's townships are written `county/township` where there are several counties."""
    rows = [household(household_id=f"{c}{k}", head_name=f"{c}{k}", county=c) for c in ("东县", "西县") for k in range(3)]
    people = [cadre(cadre_id=c, county=c) for c in ("东县", "西县")]
    folder = write_month(tmp_path / "m", {"townships": {"capacity": {"西县/鹤溪镇": 1}}}, households=rows, cadres=people)
    assert [h[:2] for h, _ in Solved(folder).pairs] == ["东县"] * 3 + ["西县"]


def test_single_county_takes_in_all_without_one(tmp_path: Path) -> None:
    """Where the households name a single county, everyone without a county belongs to it."""
    rows = [household(county="东县"), household(household_id="H2", head_name="赵六", county="", village="西村")]
    units = [{"unit": "农业局", "county": "东县", "villages": "鹤溪镇/西村"}]
    policy = {"townships": {"rule": "villages", "capacity": {"鹤溪镇": 1}}}
    found = judged(tmp_path / "m", policy, households=rows, cadres=[cadre(county="")], units=units)
    assert found.permitted == {("H2", "C1")}
    assert found.codes == ["nobody_may_serve"]


def test_welfare_by_name_within_the_county(tmp_path: Path) -> None:
    """A welfare row that names a county means nobody of the same name and village in another."""
    rows = [household(household_id=c, county=c) for c in ("东县", "西县")]
    found = judged(tmp_path / "m", households=rows, welfare=[listed(county="东县")])
    assert found.decisions == {"东县": "on_welfare_list", "西县": "eligible"}
    unsaid = judged(tmp_path / "n", households=rows, welfare=[listed()])
    assert unsaid.decisions == {"东县": "review_welfare", "西县": "review_welfare"}


# --- vocabulary


def test_vocabulary(tmp_path: Path) -> None:
    """Words of the tables stand for one need or skill; a need met by two words of one meaning counts once."""
    policy = {"vocabulary": {"生产技术": ["技术", "农技", "technology"]}, "objectives": {"order": ["coverage", "fit"]}}
    folder = write_month(
        tmp_path / "m", policy, households=[household(needs="农技、生产技术、资金")], cadres=[cadre(skills="technology/技术,资金")]
    )
    assert Solved(folder).objectives["fit"] == 2


def test_spaces_do_not_separate(tmp_path: Path) -> None:
    """Several values are separated by signs, never by spaces."""
    policy = {"objectives": {"order": ["coverage", "fit"]}}
    folder = write_month(tmp_path / "m", policy, households=[household(needs="资金 物资")], cadres=[cadre(skills="资金;物资")])
    assert Solved(folder).objectives["fit"] == 0


# --- properties


def dressed(number: str, rng: random.Random) -> str:
    """Return an ID number in some way of writing it."""
    if number[6:8] == "19" and rng.random() < 0.3:
        number = number[:6] + number[8:17]
    elif rng.random() < 0.3:
        number += f"{rng.randint(1, 7)}{rng.randint(1, 4)}"
    text = "".join(rng.choice((c, c, c.translate(WIDE), c.lower(), c.lower().translate(WIDE))) for c in number)
    spaces = (" ", "\u3000", "\u00a0", "\t", "\u2003", "  ")
    return "".join(c + (rng.choice(spaces) if rng.random() < 0.1 else "") for c in f" {text}")


@examples(60)
@given(rng=st.randoms(use_true_random=True), rule=st.sampled_from(["review", "exclude", "match"]), named=st.booleans())
def test_nobody_on_a_welfare_list_is_ever_paired(rng: random.Random, rule: str, named: bool) -> None:
    """However both sides write the ID number of a head or a member, and whatever name and place stand beside it."""
    rows, members, welfare, out = [], [], [], set()
    for k in range(6):
        numbers = [
            with_check_digit(f"000000{rng.randint(1930, 1999)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}{k}{m}{rng.randint(0, 9)}")
            for m in range(3)
        ]
        key = f"H{k}"
        rows.append(household(household_id=key, head_name=f"户主{k}", id_number=dressed(numbers[0], rng)))
        members += [{"household_id": key, "name": f"家人{m}", "id_number": dressed(numbers[m], rng)} for m in (1, 2)]
        if rng.random() < 0.5:
            out.add(key)
            who = rng.randrange(3)
            name = f"户主{rng.randrange(6)}" if named else "外人"
            welfare.append(
                listed(
                    name=name,
                    id_number=dressed(numbers[who], rng),
                    category=rng.choice(["低保", "五保"]),
                    valid_from=rng.choice(["", "2008-07"]),
                    valid_to=rng.choice(["", "2008-07"]),
                )
            )
    with tempfile.TemporaryDirectory() as folder:
        policy = {"eligibility": {"uncertain_welfare": rule}}
        found = judged(Path(folder, "m"), policy, households=rows, members=members, welfare=welfare, cadres=[cadre(capacity=9)])
    assert {h for h, _ in found.pairs} == {str(r["household_id"]) for r in rows} - out
    assert {h for h, decision in found.decisions.items() if decision == "on_welfare_list"} == out


def noise(rng: random.Random) -> dict[str, list[dict[str, object]]]:
    """Return tables of a small month in which much is odd but nothing unusable."""
    homes, people = [f"H{k}" for k in range(8)], [f"C{k}" for k in range(3)]
    numbers = [with_check_digit(f"0000001960010100{k}") for k in range(5)]

    def one(*options: object) -> object:
        return rng.choice(options)

    tables: dict[str, list[dict[str, object]]] = {
        "households": [
            household(
                household_id=h,
                head_name=one("王大山", "李四", h),
                village=one("东村", "西村"),
                id_number=one("", "12345", *numbers),
                income=one("1000", "2500", "9999", "", "x", "-1", "2,400"),
                partners=one("", 1, 2),
                needs=one("", "资金;物资"),
            )
            for h in homes
        ],
        "cadres": [
            cadre(cadre_id=c, capacity=one("", 0, 1, 2), available=one("", "否"), townships=one("", "鹤溪镇", "无人镇")) for c in people
        ],
        "units": [{"unit": "农业局", "capacity": one("", 1), "villages": one("", "鹤溪镇/东村", "无人镇/村")}],
        "members": [],
        "welfare": [],
        "roster": [],
        "avoid": [],
        "affinity": [],
    }
    for _ in range(rng.randint(0, 6)):
        tables["members"].append({"household_id": one(*homes, "H99"), "name": "家人", "id_number": one("", "123", *numbers)})
        tables["welfare"].append(
            listed(
                name=one("王大山", "李四", "外人"),
                id_number=one("", "9", *numbers),
                village=one("东村", "西村", ""),
                category=one("低保", "别的", ""),
                valid_to=one("", "2008-06", "长期"),
            )
        )
        pair = {"household_id": one(*homes, "H99"), "cadre_id": one(*people, "C99")}
        for name in ("roster", "avoid", "affinity"):
            tables[name] += [{**pair, **({"score": 1} if name == "affinity" else {})}] * rng.choice((0, 1, 2))
    return tables


@examples(60)
@given(rng=st.randoms(use_true_random=True))
def test_every_row_is_accounted_for(rng: random.Random) -> None:
    """Rows in = rows judged + rows refused for every table; every household row has exactly one decision; nobody listed is paired."""
    tables = noise(rng)
    with tempfile.TemporaryDirectory() as folder:
        found = judged(Path(folder, "m"), **tables)
        found.run.write(Path(folder, "r"), workbook=False)
        decided = csv_rows(Path(folder, "r", "decisions.csv"))
        told = accounted(Path(folder, "r"))
    for name, rows in tables.items():
        assert told[name]["read"] == len(rows)
        assert told[name]["read"] == told[name]["judged"] + told[name]["refused"]
        assert min(told[name].values()) >= 0
    for name, many in judged_pairs(tables).items():
        assert told[name]["judged"] == many
    assert sorted(r["household_id"] for r in decided) == sorted(str(r["household_id"]) for r in tables["households"])
    assert all(r["evidence"] for r in decided)
    eligible = {r["household_id"] for r in decided if r["decision"] == "eligible"}
    assert {h for h, _ in found.pairs} <= eligible
    assert found.counts["household_rows"] == len(decided) == sum(found.counts[d] for d in [*ORDER, "review_income"])


def judged_pairs(tables: Mapping[str, list[dict[str, object]]]) -> dict[str, int]:
    """Return how many rows of the tables of pairs are to be judged: each pair once, of people who are there."""
    first: dict[str, str] = {}
    same = {}
    for row in sorted(tables["households"], key=lambda r: str(r["household_id"])):
        number = str(row["id_number"])
        same[row["household_id"]] = first.setdefault(number, str(row["household_id"])) if len(number) == 18 else row["household_id"]
    people = {row["cadre_id"] for row in tables["cadres"]}
    pairs = {n: {(r["household_id"], r["cadre_id"]) for r in tables[n]} for n in ("roster", "avoid", "affinity")}
    known = {n: {(h, c) for h, c in found if h in same and c in people} for n, found in pairs.items()}
    return {
        "roster": len(pairs["roster"]),
        "avoid": len({(same[h], c) for h, c in known["avoid"]}),
        "affinity": len({(h, c) for h, c in known["affinity"] if same[h] == h}),
    }
