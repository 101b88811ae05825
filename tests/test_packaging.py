"""What the distribution holds: every package of the tree, every file that the program opens."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_every_package_is_listed() -> None:
    """The list of packages is written by hand (the sample lives elsewhere): a new sub-package must not be forgotten."""
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"])
    present = {".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "matcher").rglob("__init__.py")}
    assert listed == present | {"matcher.sample"}


def test_pins_have_no_address() -> None:
    """The constraints pin every runtime and test dependency and name no index."""
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert "://" not in pins
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [d for group in (project["dependencies"], *project["optional-dependencies"].values()) for d in group]
    names = {line.partition("==")[0].lower() for line in pins.splitlines()}
    assert {w.partition(">")[0].lower() for w in wanted} <= names
