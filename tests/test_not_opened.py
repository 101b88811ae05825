"""What the system does not let us read or write is told by its name, in words a clerk knows, with the exit code of its kind."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from matcher.errors import UsageError, reason_of
from matcher.export.folder import check_absent

from .months import command, write_month


def _locked(monkeypatch: pytest.MonkeyPatch, name: str, code: int = errno.EACCES) -> None:
    """Let files of a name be refused by the system, as Windows does with one that is open in Excel."""
    plain = Path.read_bytes

    def refused(path: Path) -> bytes:
        if path.name == name:
            raise OSError(code, os.strerror(code), str(path))
        return plain(path)

    monkeypatch.setattr(Path, "read_bytes", refused)


@pytest.mark.parametrize("name", ["cadres.csv", "policy.toml", "households.csv"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_file_that_is_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, lang: str) -> None:
    """Exit code 3, the file and the remedy, in match, check and verify."""
    folder = write_month(tmp_path / "m")
    run = tmp_path / "run"
    assert command("match", folder, "--out", run, "--no-workbook").code == 0
    _locked(monkeypatch, name)
    for said in (command("match", folder, "--out", tmp_path / "other", "--lang", lang), command("check", folder, "--lang", lang),
                 command("verify", run, "--lang", lang), command("explain", run, "H1", "--lang", lang)):
        assert said.code == 3
        assert name in said.both
        assert "Excel" in said.both
        assert "WPS" in said.both
        assert "Error" not in said.both
        assert "denied" not in said.both


def test_all_files_that_are_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several are one refusal."""
    folder = write_month(tmp_path / "m")
    policy = (folder / "policy.toml").read_bytes()
    monkeypatch.setattr(Path, "read_bytes", lambda path: policy if path.suffix == ".toml" else _fail(path))
    said = command("check", folder, "--json")
    assert said.code == 3
    assert {f["sheet"] for f in said.json()["findings"] if f["code"] == "not_opened"} == {"cadres.csv", "households.csv"}


def _fail(path: Path) -> bytes:
    raise PermissionError(errno.EACCES, "Permission denied", str(path))


def test_a_folder_that_may_not_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The month's folder is named."""
    folder = write_month(tmp_path / "m")
    plain = Path.iterdir
    monkeypatch.setattr(Path, "iterdir", lambda path: _fail(path) if path == folder else plain(path))
    said = command("match", folder, "--out", tmp_path / "run", "--lang", "en")
    assert said.code == 3
    assert "m cannot be opened" in said.err


@pytest.mark.parametrize(("code", "word"), [(errno.EACCES, "您可能无权"), (errno.ENOSPC, "磁盘已满"), (errno.EROFS, "写保护")])
def test_where_nothing_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, word: str) -> None:
    """`init`, `template` and the list to mend: exit code 2, in Chinese without a foreign word, nothing left behind."""
    folder = write_month(tmp_path / "m")

    def refused(*_args: object, **_named: object) -> None:
        raise OSError(code, os.strerror(code), "here")

    for name in ("mkdir", "open"):
        monkeypatch.setattr(Path, name, refused)
    monkeypatch.setattr(os, "open", refused)
    for words in (("init", tmp_path / "w"), ("init", tmp_path / "w", "--sample"), ("template", tmp_path / "t")):
        said = command(*words, "--lang", "zh")
        assert said.code == 2, said.both
        assert word in said.err
        assert os.strerror(code) not in said.err
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_init_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full after a few files: they are taken away again."""
    plain, calls = Path.open, []

    def filling(path: Path, mode: str = "r", **named: object) -> object:
        if mode == "xb":
            calls.append(path)
            if len(calls) > 3:
                raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return plain(path, mode, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", filling)
    said = command("init", tmp_path / "w", "--lang", "en")
    assert said.code == 2
    assert "the disk is full" in said.err
    assert list((tmp_path / "w").iterdir()) == []


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    """`--out F/x` and the list to mend in F, where F is a file: it is said that F is one."""
    folder = write_month(tmp_path / "m")
    file = tmp_path / "F"
    file.write_text("mine", "utf-8")
    for path in (file / "x", file / "y" / "x"):
        with pytest.raises(UsageError, match="F is a file and no folder"):
            check_absent(path)
    for words in (("match", folder, "--out", file / "x"), ("check", folder, "--fix-list", file / "x.xlsx"), ("init", file)):
        said = command(*words, "--lang", "en")
        assert said.code == 2
        assert f"{file} is a file and no folder." in said.err


def test_reasons_that_are_not_known() -> None:
    """What the system says is told as its words."""
    assert reason_of(OSError(errno.ELOOP, "Odd")).render("en") == "the system says: Odd"
    assert reason_of(OSError("odd")).render("en") == "the system says: OSError"
