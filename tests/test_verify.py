"""The independent checker accepts what is right, and refuses and names what is not."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from matcher.api import match, read_month
from matcher.pipeline import load_month, run_month
from matcher.publish import write_run
from matcher.verify import Verdict
from matcher.verify.run import verify

from .months import CANARY, cadre, command, csv_rows, household, households, write_month
from .oracle.months import random_month
from .oracle.months import write_month as write_plain

POSITIONS = ("last", "coverage", "fit")


def failed(verdict: Verdict) -> dict[str, str]:
    """Return the checks that were not passed, with what they say in English."""
    return {c.name: c.message.render("en") for c in verdict.checks if not c.valid}


def made(folder: Path, run: Path, guess: bool = True) -> Path:
    """Run a month and write its folder."""
    write_run(run_month(load_month(folder), guess=guess), run, workbook=False)
    return run


# --- what is right


@pytest.mark.parametrize("seed", range(200, 230))
@pytest.mark.parametrize("size", ["small", "medium"])
def test_every_right_run_is_accepted(tmp_path: Path, seed: int, size: str) -> None:
    """Random months with quotas, pins, pairs to avoid, partners, income order, leximax, several counties, any place of the draw."""
    tables, policy = random_month(seed, size)
    order = policy.get("objectives", {}).get("order", ["coverage"])
    policy["ties"] = {"seed": "摇号", "position": order[seed % len(order)] if order and seed % 2 else "last"}
    folder = write_plain(tmp_path / "m", tables, policy)
    assert failed(verify(made(folder, tmp_path / "run", guess=seed % 3 > 0))) == {}


def test_from_python(tmp_path: Path) -> None:
    """`run.verify()` gives the same verdict as the command."""
    run = match(read_month(write_month(tmp_path / "m", households=households(9), cadres=[cadre(), cadre(cadre_id="C2", unit="林业局")])))
    verdict = run.verify()
    assert verdict.valid
    assert {c.name for c in verdict.checks} >= {"hashes", "inputs", "decisions", "feasible", "optimal", "draw", "reasons", "counts"}


@pytest.mark.parametrize(
    "tables",
    [
        {"households": households(3, income="9000")},
        {"cadres": [cadre(available="否")]},
        {"households": households(2, income="9000"), "cadres": [cadre(available="否")]},
        {"cadres": [cadre(townships="无人镇")]},
        {"units": [{"unit": "农业局", "capacity": "0"}]},
        {"roster": [{"household_id": "H1", "cadre_id": "C1", "pinned": "是"}]},
    ],
    ids=["nobody eligible", "no cadre", "neither", "nobody permitted", "no room", "all fixed"],
)
@pytest.mark.parametrize("balance", ["squares", "leximax"])
def test_little_to_prove(tmp_path: Path, tables: dict[str, Any], balance: str) -> None:
    """Months in which there is nothing to decide are right as well."""
    folder = write_month(tmp_path / "m", {"objectives": {"balance": balance}}, **tables)
    assert failed(verify(made(folder, tmp_path / "run"), independent=True)) == {}


# --- the command


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a month with something in every table of the run."""
    rows = [
        *households(12, needs="资金"),
        household(household_id="H20", head_name="甲", township="渤海镇", village="西村", partners="2"),
        household(household_id="H21", head_name="乙", income="2600"),
        household(household_id="H22", head_name="丙", income="2000", village="西村", id_number=CANARY),
        household(household_id="H23", head_name="王大山", township="渤海镇", village="北村"),
    ]
    alike = {"name": "王大珊", "township": "渤海镇", "village": "北村"}
    people = [
        cadre(skills="资金", townships="鹤溪镇", capacity="4"),
        cadre(cadre_id="C2", unit="林业局", townships="鹤溪镇", duty="1"),
        cadre(cadre_id="C3", unit="林业局", townships="渤海镇", capacity="2"),
        cadre(cadre_id="C4", available="否"),
    ]
    last = [{"household_id": "H1", "cadre_id": "C1", "pinned": "是"}, {"household_id": "H2", "cadre_id": "C4"}]
    folder = tmp_path_factory.mktemp("verify") / "m"
    return write_month(folder, {"objectives": {"order": ["coverage", "continuity", "fit", "balance"]}}, households=rows, cadres=people,
                       roster=last, avoid=[{"household_id": "H3", "cadre_id": "C1"}], welfare=[{**alike, "category": "低保"}],
                       review=[{**alike, "household_id": "H23", "answer": "是", "who": "张三", "when": "2008-07-15"}])


@pytest.fixture(scope="module")
def original(month: Path) -> Path:
    """Return the month's run, with the workbook."""
    run = month.parent / "run"
    write_run(run_month(load_month(month)), run)
    return run


@pytest.fixture
def run(original: Path, tmp_path: Path) -> Path:
    """Return a copy of the run to spoil."""
    return Path(shutil.copytree(original, tmp_path / "run"))


def test_command(original: Path) -> None:
    """`verify` prints every check; `--json` the contract's keys; exit code 0."""
    plain, told = command("verify", original), command("verify", original, "--json")
    assert (plain.code, told.code) == (0, 0)
    found = json.loads(told.out)
    assert found["valid"] is True
    assert all(set(c) == {"name", "valid", "message"} and c["valid"] for c in found["checks"])
    assert len(plain.out.splitlines()) == len(found["checks"]) + 1


def test_month_elsewhere(run: Path, month: Path, tmp_path: Path) -> None:
    """A month that is gone is exit code 3 and "not checked"; `--month` says where it is now."""
    record = json.loads((run / "run.json").read_text("utf-8"))
    moved = Path(shutil.copytree(month, tmp_path / "moved"))
    record["month_folder"] = str(tmp_path / "gone")
    rewrite_record(run, record)
    lost = command("verify", run)
    assert lost.code == 3
    assert "not checked" in lost.err
    assert command("verify", run, "--month", moved).code == 0
    assert command("verify", tmp_path / "nothing").code == 3


def rewrite_record(run: Path, record: dict[str, Any]) -> None:
    """Write run.json as the program would, its own hash included, with the hashes of the files as they are now."""
    from matcher.verify.files import record_hash, sha256_of

    record["outputs_sha256"] = {p.name: sha256_of(p.read_bytes()) for p in sorted(run.iterdir()) if p.name != "run.json"}
    record["record_sha256"] = record_hash(record)
    (run / "run.json").write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", "utf-8")


def covered(run: Path) -> None:
    """Let run.json know the spoilt files, as somebody would who covers the tracks."""
    rewrite_record(run, json.loads((run / "run.json").read_text("utf-8")))


# --- tampering with files


def names(original: Path) -> list[str]:
    """Return the run's files."""
    return sorted(p.name for p in original.iterdir())


def test_any_tampered_file_is_named(original: Path, month: Path, tmp_path: Path) -> None:
    """A changed byte, a missing file and one too many are named, whichever file it is; the exit code is 5."""
    assert len(names(original)) == 12
    for name in names(original):
        for number, spoil in enumerate((flip, Path.unlink)):
            run = Path(shutil.copytree(original, tmp_path / f"{name}{number}"))
            spoil(run / name)
            found = command("verify", run, "--month", month)
            assert found.code == 5, name
            assert name in found.out.splitlines()[0], name
    shutil.copy(original / "roster.csv", tmp_path / "run.json0" / "roster-2.csv")
    found = command("verify", tmp_path / "run.json0", "--month", month)
    assert found.code == 5


def flip(path: Path) -> None:
    """Change one byte in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def edit_csv(path: Path, change: Callable[[list[dict[str, str]]], object]) -> None:
    """Change the rows of a table."""
    rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    fields = list(rows[0])
    change(rows)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fields, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text("\ufeff" + out.getvalue(), "utf-8")


COLUMNS = {
    "roster": [
        "household_id", "cadre_id", "township", "village", "unit", "status", "reason", "county", "hamlet", "head_name", "id_number",
        "members", "income", "needs", "cadre_name", "rank", "skills", "village_link", "needs_met", "since", "pinned", "drawn",
    ],
    "decisions": ["household_id", "decision", "evidence", "county", "township", "village", "head_name", "income"],
    "cadres": [
        "cadre_id", "unit", "takes_part", "why_not", "load", "capacity", "duty", "unmet_duty", "name", "rank", "county", "townships",
    ],
    "changes": [
        "household_id", "from_cadre", "to_cadre", "kind", "reason", "township", "village", "head_name", "from_name", "to_name",
    ],
    "unmatched": ["household_id", "reason", "bottleneck", "county", "township", "village", "head_name", "income", "partners", "lacking",
                  "drawn"],
    "review": [
        "household_id", "name", "id_number", "county", "township", "village", "answer", "who", "when", "points", "evidence", "category",
        "head_name", "household_township", "household_village",
    ],
    "bottlenecks": ["bottleneck", "townships", "households", "cadres", "places", "shortfall", "needed", "quota"],
}
"""All columns but smallest_fix."""


def test_every_column_is_counted_again(original: Path) -> None:
    """The tables have no column of which nobody would notice that it lies, but for the smallest fix and what was noticed."""
    told = {path.stem: list(csv_rows(path)[0]) for path in original.glob("*.csv") if path.stem != "findings"}
    assert {name: sorted({*columns} - {"smallest_fix"}) for name, columns in told.items()} == {t: sorted(c) for t, c in COLUMNS.items()}


@pytest.mark.parametrize(("table", "column"), [(t, c) for t, columns in COLUMNS.items() for c in columns])
def test_a_changed_cell_is_found_though_the_hashes_fit(run: Path, table: str, column: str) -> None:
    """Who changes a cell and covers it in run.json is found by counting again; the file is named."""
    edit_csv(run / f"{table}.csv", lambda rows: rows[0].update({column: "7" if rows[0][column] != "7" else "8"}))
    covered(run)
    found = failed(verify(run))
    assert "hashes" not in found
    assert any(f"{table}.csv" in text for text in found.values()), found


@pytest.mark.parametrize("key", ["month", "programme", "source", "seed", "inputs_sha256", "policy_sha256", "roster_sha256"])
def test_summary(run: Path, key: str) -> None:
    """Every entry of summary.json is counted again."""
    told = json.loads((run / "summary.json").read_text("utf-8"))
    told[key] = "other"
    (run / "summary.json").write_text(json.dumps(told), "utf-8")
    covered(run)
    assert failed(verify(run))


def test_summary_figures(run: Path) -> None:
    """Every figure of summary.json is counted again."""
    text = (run / "summary.json").read_text("utf-8")
    told = json.loads(text)
    for key in told["counts"]:
        other = json.loads(text)
        other["counts"][key] += 1
        (run / "summary.json").write_text(json.dumps(other), "utf-8")
        covered(run)
        assert "counts" in failed(verify(run)), key
    for k in range(len(told["objectives"])):
        for entry in ("name", "value", "optimal", "bound"):
            other = json.loads(text)
            other["objectives"][k][entry] = 77
            (run / "summary.json").write_text(json.dumps(other), "utf-8")
            covered(run)
            assert "counts" in failed(verify(run)), (k, entry)


# --- other tables


def test_swapped_table(original: Path, month: Path, tmp_path: Path) -> None:
    """Another table or policy than the run's is named; saved anew with the same content it is the same."""
    other = Path(shutil.copytree(month, tmp_path / "m"))
    text = (other / "households.csv").read_text("utf-8")
    (other / "households.csv").write_text(text.replace(",1000,", ",1001,", 1), "utf-8")
    found = failed(verify(original, other))
    assert "households.csv" in found["inputs"]
    (other / "households.csv").write_text("\ufeff" + text, "utf-8")
    assert failed(verify(original, other)) == {}
    policy = (other / "policy.toml").read_text("utf-8")
    (other / "policy.toml").write_text(policy.replace("2500", "2400"), "utf-8")
    assert "policy.toml" in failed(verify(original, other))["inputs"]


def test_tables_that_contradict_themselves(original: Path, month: Path, tmp_path: Path) -> None:
    """Tables that cannot be judged any more are a failed check, not an error."""
    other = Path(shutil.copytree(month, tmp_path / "m"))
    (other / "require.csv").write_text("household_id,cadre_id\nH3,C1\n", "utf-8")
    found = failed(verify(original, other))
    assert set(found) >= {"inputs", "decisions"}
    assert CANARY not in str(found)


# --- the certificate


def certificate(run: Path) -> dict[str, Any]:
    """Return the certificate."""
    return json.loads(gzip.decompress((run / "certificate.json.gz").read_bytes()))  # type: ignore[no-any-return]


def write_certificate(run: Path, tree: object) -> None:
    """Write a certificate and cover it."""
    (run / "certificate.json.gz").write_bytes(gzip.compress(json.dumps(tree, ensure_ascii=False).encode("utf-8", "surrogatepass")))
    covered(run)


def change(tree: dict[str, Any], path: tuple[Any, ...], value: object) -> None:
    """Set a value in a tree."""
    *way, last = path
    for key in way:
        tree = tree[key]
    tree[last] = value


HOSTILE: list[tuple[tuple[Any, ...], object]] = [
    (("certificate",), "other"), (("rules",), 1), (("rules",), True), (("rules",), 1.0), (("parts",), {}), (("parts",), []),
    (("parts", 0), 3), (("parts", 0, "levels"), []), (("parts", 0, "levels", 0), "coverage"), (("parts", 0, "levels", 0), [1.5]),
    (("parts", 0, "levels", 0), []),
    (("parts", 0, "nodes"), []), (("parts", 0, "nodes", 0), 5), (("parts", 0, "nodes", 1), "sink"), (("parts", 0, "nodes", 2), "\ud800"),
    (("parts", 0, "potentials"), []), (("parts", 0, "potentials", 0), [1]), (("parts", 0, "potentials", 0, 4), 0.5),
    (("parts", 0, "vector"), []), (("parts", 0, "vector", 1), -1), (("parts", 0, "vector", 1), 10**9), (("parts", 0, "vector", 1), 0.5),
    (("parts", 0, "vector", 1), True), (("parts", 0, "vector", 1), 10**30),
    (("parts", 0, "potentials", 0, 4), True), (("parts", 0, "potentials", 0, 4), float("nan")), (("parts", 0, "potentials", 0, 4), 10**30),
    (("parts", 0, "potentials", 0, 4), -(2**63)), (("parts", 0, "potentials", 0, 4), "0x1"), (("parts", 0, "potentials", 0, 4), None),
    (("parts", 0, "twice"), [["H1", "C1"]]), (("parts", 0, "twice"), [["H1"]]), (("parts", 0, "twice"), [["H20", "C3"], ["H20", "C3"]]),
    (("parts", 0, "twice"), [["H999", "C3"]]), (("parts", 0, "households", 0), "H999"), (("parts", 0, "households"), []),
    (("parts", 0, "cadres", 0), 1), (("seed",), "other"), (("roster_sha256",), 5), (("objectives", 0, "value"), 1),
]


@pytest.mark.parametrize(("path", "value"), HOSTILE)
def test_hostile_certificate(run: Path, path: tuple[Any, ...], value: object) -> None:
    """Whatever a certificate holds, the end is a failed check and never a traceback."""
    tree = certificate(run)
    change(tree, path, value)
    write_certificate(run, tree)
    assert failed(verify(run))


def test_missing_and_unknown_keys(run: Path) -> None:
    """Every key is needed, and none besides."""
    whole = certificate(run)
    for tree, key in [(t, k) for t in (whole, whole["parts"][0]) for k in (*t, "more")]:
        kept = tree.pop(key, None)
        if kept is None:
            tree[key] = 1
        write_certificate(run, whole)
        assert "certificate" in failed(verify(run)), key
        if kept is None:
            del tree[key]
        else:
            tree[key] = kept
    write_certificate(run, whole)
    assert failed(verify(run)) == {}


@pytest.mark.parametrize(
    "data",
    [
        b"", b"no gzip", gzip.compress(b""), gzip.compress(b"{"), gzip.compress(b"[" * 100_000), gzip.compress(b"\xff"),
        gzip.compress(b'{"a":1,"a":1}'), gzip.compress(b"{}")[:-4], gzip.compress(b"{}") + b"x",
        gzip.compress(b'{"parts":' + b"9" * 5000 + b"}"),
        gzip.compress(bytes(200_000_000)),
    ],
    ids=["empty", "plain", "nothing", "cut", "deep", "not UTF-8", "twice", "short", "tail", "digits", "bomb"],
)
def test_unreadable_certificate(run: Path, data: bytes) -> None:
    """Damage of the file itself is a failed check."""
    (run / "certificate.json.gz").write_bytes(data)
    covered(run)
    assert "certificate" in failed(verify(run))
