"""Files that would harm: refused by name with exit code 3; no crash, no traceback, nothing written, whatever bytes come."""

from __future__ import annotations

import builtins
import importlib.util
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import lxml.html  # loaded before anything forks, or every child would load it again
import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import InputError
from matcher.pipeline import load_month, run_month
from matcher.tables import grid, month, package, parquet_file
from matcher.tables.limited import LARGEST, GaveUpError, Limit, limited
from matcher.tables.month import read_tables

from .corpus.kinds import KINDS
from .corpus.page import HEADER, Page
from .months import CANARY, command, write_month

assert lxml.html
assert python_calamine


def refusal(folder: Path) -> str:
    """Return the code under which a month is refused, with exit code 3, in both languages, and nothing written."""
    for lang in ("zh", "en"):
        out = folder.parent / "out"
        out.mkdir(exist_ok=True)
        said = command("match", folder, "--out", out / "run", "--lang", lang)
        assert said.code == 3, said.both
        assert "Traceback" not in said.both
        assert CANARY not in said.both
        assert list(out.iterdir()) == []
    with pytest.raises(InputError) as refused:
        run_month(load_month(folder))
    return refused.value.findings[0].code if refused.value.findings else ""


def repacked(data: bytes, change: Callable[[str, bytes], bytes], **more: bytes) -> bytes:
    """Return a workbook with its parts changed, and more of them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            new.writestr(item.filename, change(item.filename, old.read(item)))
        for name, content in more.items():
            new.writestr(name.replace("__", "/").replace("_DOT_", "."), content)
    return out.getvalue()


def in_sheet(old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    """Return a change of the sheet's part."""

    def change(name: str, content: bytes) -> bytes:
        if not name.startswith("xl/worksheets/sheet"):
            return content
        assert old in content
        return content.replace(old, new, 1)

    return change


def same(_name: str, content: bytes) -> bytes:
    """Change nothing."""
    return content


XLSX, XLS = KINDS["xlsx"].write(Page()), KINDS["xls"].write(Page())
FAR = b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData>'
OTHER_FAR = b"<row><x:c  s='1'  r = 'xfd1048576'><v>1</v></x:c></row></sheetData>"
MERGED = b"</sheetData><mergeCells>" + b'<mergeCell ref="A1:B1"/>' * 200_001 + b"</mergeCells>"
XML = b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Table/></Workbook>'
DTD = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>'


def entry(name: str) -> bytes:
    """Return an OLE container's directory entry, somewhere behind a workbook."""
    field = name.encode("utf-16-le").ljust(64, b"\0") + (len(name) * 2 + 2).to_bytes(2, "little")
    return XLS + bytes(-len(XLS) % 128) + field.ljust(128, b"\0")


HOSTILE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "far cell": ("xlsx", lambda: repacked(XLSX, in_sheet(b"</sheetData>", FAR)), "far_cell"),
    "far cell, other quotes and prefix": (
        "xlsx", lambda: repacked(XLSX, in_sheet(b"</sheetData>", OTHER_FAR)), "far_cell"
    ),
    "beyond the last column": ("xlsx", lambda: repacked(XLSX, in_sheet(b'r="A2"', b'r="XFE2"')), "far_cell"),
    "beyond the last row": ("xlsx", lambda: repacked(XLSX, in_sheet(b'r="A2"', b'r="A99999999999"')), "far_cell"),
    "many merged cells": (
        "xlsx", lambda: repacked(XLSX, in_sheet(b"</sheetData>", MERGED)), "far_cell"
    ),
    "macros": ("xlsm", lambda: repacked(XLSX, same, xl__vbaProject_DOT_bin=b"x"), "macros"),
    "macros in xls": ("xls", lambda: entry("_VBA_PROJECT_CUR"), "macros"),
    "password": ("xlsx", lambda: entry("EncryptedPackage"), "encrypted"),
    "entities": ("xlsx", lambda: repacked(XLSX, lambda n, c: DTD + c.partition(b"?>")[2] if n == "xl/workbook.xml" else c), "damaged"),
    "UTF-16 within": (
        "xlsx", lambda: repacked(XLSX, lambda n, c: c.decode().encode("utf-16") if n.startswith("xl/worksheets/") else c), "damaged"
    ),
    "unpacked far larger": ("xlsx", lambda: repacked(XLSX, same, xl__media_DOT_bin=bytes(2**27)), "too_large"),
    "many parts": ("xlsx", lambda: repacked(XLSX, same, **{f"xl__p{k}": b"" for k in range(10_001)}), "too_large"),
    "a part twice": ("xlsx", lambda: repacked(XLSX, same, XL__workbook_DOT_XML=b"<x/>"), "damaged"),
    "SpreadsheetML": ("xls", lambda: XML, "format"),
    "web archive": ("xls", lambda: b"MIME-Version: 1.0\r\n<html><table>", "format"),
    "HTML without a table": ("xls", lambda: b"<html><body>x</body></html>", "format"),
    "HTML without end": ("xls", lambda: b"<html><table><tr><td>" * 3000, ""),
    "HTML of a huge cell": ("xls", lambda: b"<table><tr><td rowspan=99999999 colspan=99999999>x</table>", "too_large"),
    "a million columns": ("csv", (",".join(HEADER) + ",x" * 1_000_000).encode, "too_large"),
    "a field of a megabyte": ("csv", (",".join(HEADER) + "\n" + "x" * 2**20).encode, "csv"),
    "a long cell of a workbook": (
        "xlsx", lambda: repacked(XLSX, lambda _, c: c.replace("王大山".encode(), b"x" * 40_000)), "too_large"
    ),
    "Parquet cut short": ("parquet", lambda: b"PAR1" + bytes(50), "damaged" if importlib.util.find_spec("pyarrow") else "format"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files(tmp_path: Path, case: str) -> None:
    """Each is refused under its own code."""
    ending, make, code = HOSTILE[case]
    folder = write_month(tmp_path / "m", households=[])
    (folder / f"households.{ending}").write_bytes(make())
    assert refusal(folder) == code


@pytest.mark.parametrize("case", ["blank far cell", "macro in a text"])
def test_harmless_files(tmp_path: Path, case: str) -> None:
    """What only looks like it is read: a formatted cell without a value far out, a text that names a macro."""
    folder = write_month(tmp_path / "m", households=[])
    if case == "blank far cell":
        far = b'<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>'
        (folder / "households.xlsx").write_bytes(repacked(XLSX, in_sheet(b"</sheetData>", far)))
    else:
        page = Page()
        page.body[0][7] = "_VBA_PROJECT_CUR"
        (folder / "households.xls").write_bytes(KINDS["xls"].write(page))
    assert len(read_tables(folder)["households"]) == 9


def test_a_far_cell_unseen_ends_only_its_own_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the look beforehand fails, the parser's abort is a refusal all the same."""
    monkeypatch.setattr(month, "sheets", lambda data, *_: [python_calamine.load_workbook(io.BytesIO(data)).get_sheet_by_index(0)])
    folder = write_month(tmp_path / "m", households=[])
    (folder / "households.xlsx").write_bytes(repacked(XLSX, in_sheet(b"</sheetData>", FAR)))
    with pytest.raises(InputError) as refused:
        read_tables(folder)
    assert [f.code for f in refused.value.findings] == ["damaged"]


def read_or_refused(folder: Path) -> object:
    """Return the tables with what was noticed, or why they are refused."""
    try:
        return read_tables(folder)
    except InputError as error:
        return [(f.code, f.sheet, f.row, f.message.render("zh")) for f in error.findings]


def children() -> str:
    """Return the processes that this one has begun and that are not over."""
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii")


ODD = b'<row r="11" hidden="1"><c r="A11" t="e"><v>#N/A</v></c></row></sheetData><mergeCells><mergeCell ref="C2:C3"/></mergeCells>'
FINE = {
    "plain": XLSX, "linked": repacked(XLSX, same, xl__externalLinks__externalLink1_DOT_xml=b"<externalLink/>"),
    "odd": repacked(XLSX, in_sheet(b"</sheetData>", ODD)), "cut": XLSX[:-300], "flipped": XLSX[:900] + b"\xff" + XLSX[901:],
}


@pytest.mark.skipif(sys.platform != "linux", reason="there the look is always first")
@pytest.mark.parametrize("case", [*FINE, *(c for c in HOSTILE if HOSTILE[c][0] in {"xlsx", "xlsm"})])
def test_a_look_beside_the_parser_changes_nothing(tmp_path: Path, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbook that is looked into while it is parsed is read as one that is looked into before, or refused alike; nobody goes on."""
    ending, data = ("xlsx", FINE[case]) if case in FINE else (HOSTILE[case][0], HOSTILE[case][1]())
    folder = write_month(tmp_path / "m", households=[])
    (folder / f"households.{ending}").write_bytes(data)
    before, running = repr(read_or_refused(folder)), children()
    asked = []
    beside = month.begun_beside
    monkeypatch.setattr(month, "begun_beside", lambda *job: asked.append(job) or beside(*job))  # type: ignore[func-returns-value]
    monkeypatch.setattr(month, "_WORTH_A_LOOK_BESIDE", 0)
    assert repr(read_or_refused(folder)) == before
    assert children() == running
    assert bool(asked) == data.startswith(b"PK")


def test_linked_workbooks_are_told(tmp_path: Path) -> None:
    """Values from other workbooks are read as they were saved, and told."""
    folder = write_month(tmp_path / "m", households=[])
    data = repacked(XLSX, same, xl__externalLinks__externalLink1_DOT_xml=b"<externalLink/>")
    (folder / "households.xlsx").write_bytes(data)
    assert [f.code for f in read_tables(folder).findings] == ["linked_workbook"]


def test_large_files_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beyond the limit is refused by its size, before it is opened."""
    folder = write_month(tmp_path / "m")
    monkeypatch.setattr(month, "MOST_BYTES", 10)
    assert refusal(folder) == "too_large"


def test_what_a_process_answers() -> None:
    """Results and errors come back; a process that dies, asks for too much memory or answers nothing has given up."""

    def wrong() -> int:
        raise InputError(month.message("x"))

    assert limited(lambda: {"a": 1}) == {"a": 1}
    with pytest.raises(InputError):
        limited(wrong)
    for bad in (lambda: bytearray(2**33), os.abort, lambda: os._exit(0)):
        with pytest.raises(GaveUpError):
            limited(bad)


# --- Parquet


def parquet_of(columns: dict[str, Any], **more: Any) -> bytes:
    """Return a Parquet file, made in a process of its own: pyarrow starts threads, and what has threads should not fork."""
    if importlib.util.find_spec("pyarrow") is None:
        pytest.skip("the extra jiedui[parquet] is not installed")

    def made() -> bytes:
        from pyarrow import parquet, table

        out = io.BytesIO()
        parquet.write_table(table(columns), out, write_page_checksum=True, **more)
        return out.getvalue()

    return limited(made)


def page_columns() -> dict[str, Any]:
    """Return the clean page by columns."""
    return dict(zip(HEADER, map(list, zip(*Page().body, strict=True)), strict=True))


def test_parquet(tmp_path: Path) -> None:
    """A Parquet file says what the CSV file says; numbers stay numbers, so an ID number in one is refused."""
    folder = write_month(tmp_path / "m", households=[])
    path = folder / "households.parquet"
    path.write_bytes(parquet_of(page_columns()))
    (tmp_path / "c").mkdir()
    plain = write_month(tmp_path / "c" / "m", households=[])
    (plain / "households.csv").write_bytes(KINDS["csv"].write(Page()))
    one, other = read_tables(folder)["households"], read_tables(plain)["households"]
    for column in ("household_id", "head_name", "income", "id_number"):
        assert one.column(column).tolist() == other.column(column).tolist()
    path.write_bytes(parquet_of({**page_columns(), "身份证号": [10**17 + k for k in range(9)]}))
    assert refusal(folder) == "id_in_number_cell"
    path.write_bytes(parquet_of({**page_columns(), "帮扶需求": [["资金"]] * 9}))
    assert refusal(folder) == "format"


def test_parquet_without_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the file is refused, and the message says how to install it."""
    usual = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "pyarrow":
            raise ImportError(name)
        return usual(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError) as refused:
        parquet_file.read_parquet(b"PAR1", "households", "households.parquet")
    assert "jiedui[parquet]" in refused.value.findings[0].message.render("zh")


# --- HTML


def test_numbers_behind_html(tmp_path: Path) -> None:
    """A number that a spreadsheet wrote behind its short form counts: an ID number in one was damaged, and is refused."""
    folder = write_month(tmp_path / "m", households=[])
    text = KINDS["html UTF-8"].write(Page()).decode()
    (folder / "households.xls").write_text(text, "utf-8")
    assert len(read_tables(folder)["households"]) == 9
    spoilt = re.sub(r"<td[^>]*>0000\d{13}.</td>", '<td x:num="1.1010119681123E17">1.10101E+17</td>', text, count=1)
    assert spoilt != text
    (folder / "households.xls").write_text(spoilt, "utf-8")
    assert refusal(folder) == "id_in_number_cell"


# --- any bytes

ROOT = Path(__file__).parents[1]
MUTATIONS = int(os.environ.get("JIEDUI_MUTATED_FILES", "40"))
MUTATED = {"csv": "csv GB18030", "xlsx": "xlsx", "xls": "xls", "html": "html", "parquet": ""}


@pytest.mark.parametrize("kind", MUTATED)
def test_mutated_bytes(tmp_path: Path, kind: str) -> None:
    """Flipped, cut, doubled or zeroed bytes: read, or refused with places and texts; never anything else."""
    data = KINDS[MUTATED[kind]].write(Page()) if MUTATED[kind] else parquet_of(page_columns())
    folder = write_month(tmp_path / "m", households=[])
    path = folder / f"households.{KINDS[MUTATED[kind]].ending if MUTATED[kind] else 'parquet'}"
    words = [sys.executable, "-m", "tests.mutated", str(folder), path.name, kind, str(MUTATIONS)]
    path.write_bytes(data)
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)  # noqa: S603 - ourselves
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["made"] == MUTATIONS
    assert said["refused"] > 3
    assert said["unsaid"] == []
    assert sorted(p.name for p in folder.iterdir()) == sorted(["cadres.csv", path.name, "policy.toml"])


def test_limits_are_as_written() -> None:
    """The limits that messages and documents name."""
    assert (grid.MOST_BYTES, grid.MOST_COLUMNS, grid.LONGEST_CELL, package.MOST_CELLS) == (10**9, 1000, 32767, 2**24)


def test_limits_of_a_parser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """512 MB and 30 s for a file of 100,000 rows, more for larger ones up to a bound; what is over its limit has given up."""
    mib = 2**20
    assert Limit.of(0) == Limit.of(7 * mib) == Limit(512 * mib, 30)
    assert Limit.of(20 * mib) == Limit(1280 * mib, 80)
    assert Limit.of(10**9) == LARGEST == Limit(3072 * mib, 300)
    assert limited(lambda: len(bytearray(300 * mib)), Limit.of(0)) == 300 * mib
    with pytest.raises(GaveUpError):
        limited(lambda: len(bytearray(700 * mib)), Limit.of(0))
    with pytest.raises(GaveUpError):
        limited(lambda: sum(range(10**12)), Limit(512 * mib, 1))
    taken = []
    monkeypatch.setattr(month, "begun", lambda job, limit: taken.append(limit) or nullcontext(job))
    folder = write_month(tmp_path, households=[])
    (folder / "households.xlsx").write_bytes(XLSX)
    read_tables(folder)
    assert taken == [Limit(512 * mib, 30)]


def sheet_of(cells: list[str]) -> bytes:
    """Return a sheet's part of some cells."""
    return f"<worksheet><cols><col min='1' max='2'/></cols><sheetData><row r='1'>{''.join(cells)}</row></sheetData></worksheet>".encode()


REFERENCES = st.one_of(
    st.builds("{}{}".format, st.sampled_from(["A", "Z", "AA", "XFD", "XFE", "ZZZZ", "a", "", "B1", "Ä"]),
              st.sampled_from(["1", "99", "1048576", "1048577", "99999999999", "0", "", "1A"])),
    st.builds("{}{}".format, st.sampled_from(["A", "H", "AB"]), st.integers(1, 3000)),
)
FORMS = [
    '<c r="{}"><v>1</v></c>', '<c r="{}" s="3" t="s"><v>1</v></c>', '<c r="{}"/>', '<c r="{}" s="1"/>', "<c r='{}'><v>1</v></c>",
    '<c s="1" r="{}"><v>1</v></c>', '<x:c r="{}"><v>1</v></x:c>', '<c\nr="{}"><v>1</v></c>', '<c  r="{}"><v>1</v></c>',
    "<c><v>{}</v></c>", '<c r="{}" t="e"><v>#N/A</v></c>', "<c r=\"{}\" t = 'e'><v>#N/A</v></c>", '<c r = "{}"><v>2</v></c>',
    '<c r="{}"><f>hidden</f></c>', '<row r="{}" hidden="1"></row>', '<row r="{}" hidden="false"></row>', '<c r="{}"',
]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.builds(lambda form, where: form.format(where), st.sampled_from(FORMS), REFERENCES), max_size=6))
def test_the_quick_look_lets_nothing_pass(cells: list[str]) -> None:
    """What the quick look takes for plain, the closer one finds within the limits and hiding nothing; no error is overlooked."""
    content = sheet_of(cells)
    if package.is_plain(content):
        quick = package._Seen.of(content, "x")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(package, "is_plain", lambda _: False)
            closer = package._Seen.of(content, "x")
        assert closer.hidden == quick.hidden == []
        assert quick.has_errors or not closer.has_errors


def test_the_quick_look_is_enough_for_plain_files() -> None:
    """Workbooks as XlsxWriter and openpyxl write them need no closer look; a cell too far out and a hidden row do."""
    for kind in ("xlsx", "xlsx by openpyxl"):
        with zipfile.ZipFile(io.BytesIO(KINDS[kind].write(Page()))) as book:
            assert package.is_plain(book.read("xl/worksheets/sheet1.xml"))
    good = sheet_of(['<c r="A1"><v>1</v></c>', '<c r="XFD1" s="1"/>'])
    assert package.is_plain(good)
    assert package.is_plain(good.replace(b"<row r='1'>", b'<row r="1" hidden="false">'))
    assert not package._Seen.of(good, "x").has_errors
    assert package._Seen.of(good.replace(b'r="A1"', b'r="A1" t="e"'), "x").has_errors
    for bad in (good.replace(b"XFD1", b"XFE1"), good.replace(b"XFD1", b"XFD2000"), good.replace(b"<row ", b'<row hidden="1" '),
                good.replace(b"<c r", b"<x:c r"), good[:40] + b'<c r="A', b"", b"<c"):
        assert not package.is_plain(bad)


@pytest.mark.parametrize("kind", ["xlsx", "xlsx by openpyxl"])
def test_error_cells_are_found_as_openpyxl_finds_them(kind: str) -> None:
    """Errors typed and computed, by sheet; a cell without a reference is left to openpyxl."""
    data = KINDS[kind].write(Page(others=(Page(name="另"),)))

    def spoilt(name: str, content: bytes) -> bytes:
        if name != "xl/worksheets/sheet2.xml":
            return content
        content = re.sub(rb'<c r="B2"[^>]*>.*?</c>', b'<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', content, count=1)
        content = re.sub(rb'<c r="C3"[^>]*>.*?</c>', b"<c s='0' t='e' r='C3'><v>#N/A</v></c>", content, count=1)
        return re.sub(rb'<c r="D4"[^>]*>.*?</c>', b'<c r="D4" t="e"/>', content, count=1)

    made = repacked(data, spoilt)
    found = package.error_cells(made)
    assert found == {"另": {(1, 1): "#DIV/0!", (2, 2): "#N/A"}}
    slow = package._errors_by_openpyxl(made)
    assert {name: {at: text for at, text in cells.items() if text != "None"} for name, cells in slow.items() if cells} == found
    loose = repacked(made, lambda _, content: content.replace(b"r='C3'", b""))
    assert package.error_cells(loose)["另"][1, 1] == "#DIV/0!"
