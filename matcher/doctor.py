"""`jiedui doctor`: what a run needs of this machine, and whether it is there."""

from __future__ import annotations

import locale
import platform
import shutil
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from matcher.messages import LOCALE_FOLDER, N_, message, translator

_LIBRARIES = ("click", "networkx", "numpy", "ortools", "pandas", "pydantic", "python-calamine", "rich", "xlsxwriter")
_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts", "/System/Library/Fonts",
                 "/Library/Fonts", "C:/Windows/Fonts")
_CJK = ("cjk", "sourcehan", "simsun", "simhei", "msyh", "pingfang", "songti", "stsong", "wqy", "kaiti", "fangsong", "deng")
_ENOUGH_BYTES = 500_000_000
Record = dict[str, object]


def examine() -> list[Record]:
    """Return one record for each thing looked at: name, good, said."""
    return [_python(), *map(_library, _LIBRARIES), _solver(), _sample(), _catalogue(), _encoding(), _fonts(), _folder(), _disk()]


def _record(name: str, good: bool, said: object) -> Record:
    return {"name": name, "good": good, "said": str(said)}


def _python() -> Record:
    return _record("python", sys.version_info >= (3, 11), platform.python_version())


def _library(name: str) -> Record:
    try:
        return _record(name, True, version(name))
    except PackageNotFoundError:
        return _record(name, False, "-")


def _solver() -> Record:
    """Solve a network of two arcs: the compiled library is there and works."""
    try:
        import numpy as np

        from matcher.formulation.network import Network
        from matcher.solve.flow import min_cost_flow

        ones = np.ones(2, np.int64)
        network = Network(2, 0 * ones, ones, ones, ones, ones, ones, np.array([1, -1]), lambda _: ("a", "b"))
        flow = min_cost_flow(network, ones.astype(bool), 0 * ones, np.array([2, 1]))
        return _record("solver", flow.tolist() == [0, 1], "ok")
    except Exception as error:  # noqa: BLE001 - a library that cannot be loaded may fail in any way
        return _record("solver", False, type(error).__name__)


def _sample() -> Record:
    from matcher.workspace import sample_folder

    return _record("sample", sample_folder().is_dir(), sample_folder().is_dir())


def _catalogue() -> Record:
    path = LOCALE_FOLDER / "zh" / "LC_MESSAGES" / "jiedui.mo"
    return _record("messages", path.is_file(), "zh, en" if path.is_file() else "en")


def _encoding() -> Record:
    return _record("encoding", True, f"{locale.getpreferredencoding(False)}, {sys.stdout.encoding}")


def _fonts() -> Record:
    """Look for a Chinese font: workbooks need one to be printed, not to be written; so none is no failure."""
    for folder in map(Path, _FONT_FOLDERS):
        found = (p.name for p in folder.expanduser().rglob("*") if p.suffix.lower() in (".ttc", ".ttf", ".otf"))
        name = next((n for n in found if any(word in n.lower().replace("-", "") for word in _CJK)), "")
        if name:
            return _record("font", True, name)
    return _record("font", True, "-")


def _folder() -> Record:
    """Write, rename and remove a folder here, as a run does."""
    try:
        with tempfile.TemporaryDirectory(dir=".") as work:
            Path(work, "a").mkdir()
            Path(work, "a").rename(Path(work, "b"))
        return _record("folder", True, "ok")
    except OSError as error:
        return _record("folder", False, error.strerror)


def _disk() -> Record:
    free = shutil.disk_usage(".").free
    return _record("disk", free > _ENOUGH_BYTES, f"{free // 1_000_000} MB")


_MEANING = {
    "python": N_("Python 3.11 or later"),
    "solver": N_("OR-Tools solves a small network"),
    "sample": N_("the sample county is installed"),
    "messages": N_("languages of messages"),
    "encoding": N_("encoding of this terminal"),
    "font": N_("a Chinese font to print with (not needed to write)"),
    "folder": N_("files can be written and renamed in this folder"),
    "disk": N_("free space in this folder"),
}


def table(found: list[Record], language: str) -> str:
    """Return the records as lines for a person."""
    lines = []
    for record in found:
        name = str(record["name"])
        meaning = translator(language)(_MEANING[name]) if name in _MEANING else message(N_("library {name}"), name=name).render(language)
        lines.append(f"{'✓' if record['good'] else '✗'} {meaning}: {record['said']}")
    return "\n".join(lines)
